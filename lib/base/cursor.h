/*
 * cursor.h - the place in a list behind which its next page begins, as a text
 *
 * A cursor holds the key of the last row shown, not its number: rows that come
 * and go before it move nothing. It is told to everybody and hides nothing;
 * its check only tells a cursor of this list from one of another.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stddef.h>
#include <stdint.h>

enum { CURSOR_KEY = 96, CURSOR_TEXT = 164 };

struct cursor {
	int64_t id, number;		/* of the row; the number that the list is sorted by */
	size_t len;
	unsigned char key[CURSOR_KEY];	/* the bytes that it is sorted by */
};

/* `about` names the list: filters and order. */
void cursor_write(const struct cursor *, const char *about, char out[CURSOR_TEXT]);
/* 0, or -1: no cursor at all, or one of another list. */
int cursor_read(struct cursor *, const char *about, const char *text)
    __attribute__((warn_unused_result));

#endif
