/* utf8.h - what we need of Unicode: validity, length, folding, order */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

struct buf;

int utf8_valid(const char *, size_t n);		/* RFC 3629: no surrogates, no overlong forms */
size_t utf8_length(const char *, size_t n);	/* code points */
/* 1 when it is valid and holds no control bytes (newline and tab allowed if multiline). */
int utf8_printable(const char *, size_t n, int multiline);
/* Bytes of the longest prefix with at most `points` code points. */
size_t utf8_prefix(const char *, size_t n, size_t points);

/* The next code point (U+FFFD for a bad byte); moves *s on, never past end. */
uint32_t utf8_next(const char **s, const char *end);
void utf8_put(struct buf *, uint32_t);

/* For searching: lower case (Latin, Cyrillic), ' ’ ʼ ` become one sign, runs
 * of white space one blank, ends trimmed. */
void utf8_fold(struct buf *, const char *, size_t n);

/* For ordering names: bytes that compare in Ukrainian alphabetical order
 * (а б в г ґ д е є ж з и і ї й …), case ignored, digits before letters. */
void utf8_sort_key(struct buf *, const char *, size_t n);

#endif
