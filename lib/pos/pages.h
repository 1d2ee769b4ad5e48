/* pages.h - from one page of a list to the next, and when to stop */
#ifndef POS_PAGES_H
#define POS_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/pos/engine.h"

struct pages {
	const struct page *rule;
	int last;		/* there is no page behind this one */
	const char *path;	/* by link: the next page whole; NULL = the call's own */
	char *next;		/* cursor or path */
	uint64_t *seen;		/* digests of cursors or pages, so that none comes twice */
	size_t count, size;
	size_t pages, rows;
};

/* What came: the reply, its rows, its text and headers. */
struct page_came {
	const struct json *root, *list;	/* list: the array of rows */
	size_t rows;
	const char *link;	/* the Link header, "" = none, NULL = too long to be kept */
	const char *base;	/* of the till */
};

void pages_begin(struct pages *, const struct page *);
void pages_end(struct pages *);
/* What the next request must say. */
void pages_put(struct pages *, struct arena *, struct extras *);
/* Looks at a page: NULL, or why the list cannot be trusted. */
const char *pages_turn(struct pages *, const struct page_came *);

#endif
