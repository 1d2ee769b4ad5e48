/*
 * json_scan.h - the strict look at JSON text, for json*.c only
 *
 * Every function moves p on and gives -1 with the first fault kept in what
 * and at. Without an arena keys are not compared; without out nothing is
 * copied.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"

struct buf;
struct key;

/* Stands before a number's digits in the copy: no valid text holds it. */
enum { JSON_MARK = 0xFF };

struct scan {
	const char *text, *p, *end;
	const char *copied;	/* the text before it stands in out */
	char *out;		/* NULL = look only */
	struct arena *arena;	/* for keys with escapes */
	struct key *keys;	/* of all objects that are open */
	size_t key_count, key_room;
	int depth;
	const char *what, *at;	/* the first fault */
};

/*
 * The text with its numbers marked, n bytes; caller frees. NULL with the
 * fault filled.
 */
char *json_vet(struct arena *, const char *text, size_t *n, struct json_fault *);

char scan_peek(const struct scan *);	/* the next byte, NUL at the end */
void scan_white(struct scan *);
int scan_value(struct scan *);
/* From the opening quote: the bounds within, 1 when there are escapes. */
int scan_string(struct scan *, const char **from, size_t *len);
/* The bytes that such bounds mean. */
void scan_decode(struct buf *, const char *, size_t);

int scan_line(const char *text, const char *at);	/* from 1 */

#endif
