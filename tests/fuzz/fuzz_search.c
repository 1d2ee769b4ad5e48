/*
 * fuzz_search.c - what people type: a text, NUL byte, a query
 *
 * What is handed to the index is words in quotes and nothing else, and every
 * milled text is found by itself.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/shop/search.h"
#include "tests/fuzz/fuzz.h"

enum { TEXT = 4096 };

static void
is_only_words(const struct search *s)
{
	const char *at = s->match;
	size_t terms = 0;

	for (; *at == '"'; terms++) {
		at = strchr(at + 1, '"');
		MUST(at != NULL && at[-1] != '"');
		at += at[1] == '*' ? 2 : 1;
		at += *at == ' ';
	}
	MUST(*at == '\0' && terms == s->terms && (terms > 0) == (s->index != SEARCH_NOTHING));
	MUST(terms <= SEARCH_TERMS && s->count <= SEARCH_WORDS);
}

FUZZ_TARGET(search)(const uint8_t *data, size_t n)
{
	struct buf milled = BUF_INIT(TEXT * 4), again = BUF_INIT(TEXT * 4);
	char text[TEXT];
	const char *query;
	struct search s;

	if (n >= sizeof text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	query = strlen(text) < n ? text + strlen(text) + 1 : text;
	if (utf8_valid(text, strlen(text)) && utf8_valid(query, strlen(query))) {
		search_mill(&milled, text, strlen(text));
		buf_lit(&milled, "");
		search_mill(&again, milled.s, milled.len);
		buf_lit(&again, "");
		MUST(!milled.failed && strcmp(milled.s, again.s) == 0);
		search_read(&s, query, text);
		is_only_words(&s);
		search_fits(&s, milled.s);
		search_read(&s, text, NULL);
		MUST(s.index == SEARCH_NOTHING || search_fits(&s, milled.s));
	}
	buf_free(&milled);
	buf_free(&again);
	return 0;
}
