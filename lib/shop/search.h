/*
 * search.h - a person's words and what the search index understands
 *
 * Texts and queries go through the same mill: folded, apostrophes left out
 * (м'ясо = мясо), everything else that is no letter or digit a blank. So a
 * query needs no escaping: nothing of the index's own language is left in it.
 * A word of three letters or more is found inside words, a shorter one only
 * where a word begins; all words must be there.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>

#include "lib/base/buf.h"

enum {
	SEARCH_WORDS = 16,	/* more are left out: a name pasted whole has fewer */
	SEARCH_TERMS = 24,	/* trigrams asked for; the rest is checked afterwards */
	SEARCH_QUERY = 400	/* bytes of a query that are looked at */
};

enum search_index { SEARCH_NOTHING, SEARCH_TRIGRAM, SEARCH_PREFIX };

struct search {
	enum search_index index;
	char match[SEARCH_TERMS * 20];	/* for MATCH */
	size_t terms, count;
	struct { const char *text; int is_short; } words[SEARCH_WORDS];
	char text[SEARCH_QUERY + 1];
};

/* Append the milled text, a blank before it when something stands there. */
void search_mill(struct buf *, const char *, size_t n);

/*
 * Make a query ready. within (may be NULL) is text that every result holds,
 * such as its category: it only narrows. SEARCH_NOTHING: no letter in it.
 */
enum search_index search_read(struct search *, const char *query, const char *within);

/* 1 when a milled text holds every word: the index alone only gives candidates. */
int search_fits(const struct search *, const char *text);

#endif
