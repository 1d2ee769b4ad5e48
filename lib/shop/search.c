/* search.c - a person's words and what the search index understands; see search.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/shop/search.h"

enum { GRAM = 3 };

/* Letters and digits of any script; signs, arrows, pictures are not. */
static int
is_word(uint32_t p)
{
	if (p < 0x80)
		return (p >= '0' && p <= '9') || (p >= 'a' && p <= 'z');
	return p >= 0xC0 && p != 0xD7 && p != 0xF7 && !(p >= 0x2000 && p < 0x2C00) &&
	    !(p >= 0x3000 && p < 0x3040) && !(p >= 0xD800 && p < 0xF900) &&
	    !(p >= 0xFE00 && p < 0xFE10) && !(p >= 0xFF00 && p < 0xFF10) && p < 0x1F000;
}

void
search_mill(struct buf *b, const char *s, size_t n)
{
	struct buf folded = BUF_INIT(n * 3);
	const char *at, *end;
	int blank = b->len > 0;
	uint32_t p;

	utf8_fold(&folded, s, n);
	at = folded.len > 0 ? folded.s : "";
	end = at + folded.len;
	while (at < end) {
		p = utf8_next(&at, end);
		if (p == '\'')
			continue;
		if (!is_word(p)) {
			blank = b->len > 0;
			continue;
		}
		if (blank)
			buf_char(b, ' ');
		utf8_put(b, p);
		blank = 0;
	}
	b->failed |= folded.failed;
	buf_free(&folded);
}

static void
add_term(struct search *s, const char *term, size_t n, const char *behind)
{
	size_t used = strlen(s->match);

	snprintf(s->match + used, sizeof s->match - used, "%s\"%.*s\"%s", used > 0 ? " " : "",
	    (int)n, term, behind);
	s->terms++;
}

/*
 * Trigrams that cover a word, the last one with its end; none when it is
 * shorter. Those between would be read for nothing: search_fits() looks at
 * the whole word.
 */
static void
add_trigrams(struct search *s, const char *word)
{
	size_t left = utf8_length(word, strlen(word)), step;

	while (left >= GRAM && s->terms < SEARCH_TERMS) {
		add_term(s, word, utf8_prefix(word, strlen(word), GRAM), "");
		step = left >= 2 * GRAM ? GRAM : left > GRAM ? left - GRAM : GRAM;
		word += utf8_prefix(word, strlen(word), step);
		left -= step;
	}
}

static void
add_words(struct search *s, char *text)
{
	char *save = NULL;

	for (char *w = strtok_r(text, " ", &save); w != NULL && s->count < SEARCH_WORDS;
	    w = strtok_r(NULL, " ", &save)) {
		s->words[s->count].is_short = utf8_length(w, strlen(w)) < GRAM;
		s->words[s->count++].text = w;
	}
}

/* What must be there besides: as trigrams, whole words only. */
static void
add_within(struct search *s, const char *within)
{
	struct buf b = BUF_INIT(SEARCH_QUERY);
	char *save = NULL;

	search_mill(&b, within, utf8_prefix(within, strlen(within), SEARCH_QUERY / 4));
	if (!b.failed && b.len > 0)
		for (char *w = strtok_r(b.s, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
			add_trigrams(s, w);
	buf_free(&b);
}

enum search_index
search_read(struct search *s, const char *query, const char *within)
{
	struct buf b = BUF_INIT(SEARCH_QUERY);

	memset(s, 0, sizeof *s);
	search_mill(&b, query, utf8_prefix(query, strlen(query), SEARCH_QUERY / 4));
	if (!b.failed && b.len > 0)
		memcpy(s->text, b.s, b.len);
	buf_free(&b);
	add_words(s, s->text);
	for (size_t i = 0; i < s->count; i++)
		add_trigrams(s, s->words[i].text);
	if (s->terms > 0) {
		if (within != NULL)
			add_within(s, within);
		return s->index = SEARCH_TRIGRAM;
	}
	for (size_t i = 0; i < s->count; i++)
		add_term(s, s->words[i].text, strlen(s->words[i].text), "*");
	return s->index = s->count > 0 ? SEARCH_PREFIX : SEARCH_NOTHING;
}

/* Where a word of the text begins with it. */
static int
begins_word(const char *text, const char *word)
{
	const char *at = text;

	while ((at = strstr(at, word)) != NULL) {
		if (at == text || at[-1] == ' ')
			return 1;
		at++;
	}
	return 0;
}

int
search_fits(const struct search *s, const char *text)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->words[i].is_short ? !begins_word(text, s->words[i].text) :
		    strstr(text, s->words[i].text) == NULL)
			return 0;
	return s->count > 0;
}
