/* check_search.c - a person's words: milled, asked for, checked */
#include <string.h>

#include "lib/shop/search.h"
#include "tests/suite.h"

static struct search search;

static void
expect_milled(const char *text, const char *milled)
{
	struct buf b = BUF_INIT(1000);

	search_mill(&b, text, strlen(text));
	ck_assert_str_eq(b.len > 0 ? b.s : "", milled);
	ck_assert(!b.failed);
	buf_free(&b);
}

START_TEST(text_is_milled_to_words)
{
	expect_milled("Борщ «Український», з часником!", "борщ український з часником");
	expect_milled("М’ЯСО м'ясо мʼясо м`ясо", "мясо мясо мясо мясо");
	expect_milled("Кока-Кола 0.5 л", "кока кола 0 5 л");
	expect_milled("  \t🍕 Піца №1 — 100% ", "піца 1 100");
	expect_milled("Crème brûlée", "crème brûlée");
	expect_milled("\"'*()^:-+{}", "");
	expect_milled("", "");
}
END_TEST

START_TEST(a_text_goes_behind_what_stands_there)
{
	struct buf b = BUF_INIT(100);

	search_mill(&b, "Борщ", strlen("Борщ"));
	search_mill(&b, "!", 1);
	search_mill(&b, "Супи", strlen("Супи"));
	ck_assert_str_eq(b.s, "борщ супи");
	buf_free(&b);
}
END_TEST

START_TEST(three_letters_ask_for_trigrams_fewer_for_beginnings)
{
	static const struct { const char *query; enum search_index index; const char *match; } cases[] = {
		{ "борщ", SEARCH_TRIGRAM, "\"бор\" \"орщ\"" },
		{ "Бор", SEARCH_TRIGRAM, "\"бор\"" },
		{ "салат", SEARCH_TRIGRAM, "\"сал\" \"лат\"" },
		{ "деруни", SEARCH_TRIGRAM, "\"дер\" \"уни\"" },
		{ "борщів бо", SEARCH_TRIGRAM, "\"бор\" \"щів\"" },
		{ "голубці", SEARCH_TRIGRAM, "\"гол\" \"убц\" \"бці\"" },
		{ "бо", SEARCH_PREFIX, "\"бо\"*" },
		{ "б", SEARCH_PREFIX, "\"б\"*" },
		{ "з м", SEARCH_PREFIX, "\"з\"* \"м\"*" },
		{ "суп з", SEARCH_TRIGRAM, "\"суп\"" },
		{ "а\" OR \"б", SEARCH_PREFIX, "\"а\"* \"or\"* \"б\"*" },
		{ "суп* NEAR(", SEARCH_TRIGRAM, "\"суп\" \"nea\" \"ear\"" },
		{ "!?", SEARCH_NOTHING, "" }, { "", SEARCH_NOTHING, "" }, { "🍕", SEARCH_NOTHING, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(search_read(&search, cases[i].query, NULL), cases[i].index);
		ck_assert_str_eq(search.match, cases[i].match);
	}
}
END_TEST

START_TEST(a_category_narrows_what_trigrams_find)
{
	ck_assert_int_eq(search_read(&search, "борщ", "Супи і м'ясо"), SEARCH_TRIGRAM);
	ck_assert_str_eq(search.match, "\"бор\" \"орщ\" \"суп\" \"упи\" \"мяс\" \"ясо\"");
	ck_assert_uint_eq(search.count, 1);
	ck_assert_int_eq(search_read(&search, "бо", "Супи"), SEARCH_PREFIX);
	ck_assert_str_eq(search.match, "\"бо\"*");
}
END_TEST

START_TEST(every_word_must_be_there)
{
	static const struct { const char *query, *text; int fits; } cases[] = {
		{ "борщ", "борщ український", 1 }, { "раїн", "борщ український", 1 },
		{ "борщ", "бор орщ", 0 }, { "український борщ", "борщ український", 1 },
		{ "борщ з", "борщ з часником", 1 }, { "борщ з", "борщ без мяса", 0 },
		{ "бо", "борщ", 1 }, { "ор", "борщ", 0 }, { "ор", "суп орзо", 1 },
		{ "ас", "масло асорті", 1 }, { "щ у", "борщ український", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_ne(search_read(&search, cases[i].query, NULL), SEARCH_NOTHING);
		ck_assert_msg(search_fits(&search, cases[i].text) == cases[i].fits, "%s in %s",
		    cases[i].query, cases[i].text);
	}
	search_read(&search, "", NULL);
	ck_assert(!search_fits(&search, "борщ"));
}
END_TEST

START_TEST(a_long_query_stays_within_its_bounds)
{
	struct buf query = BUF_INIT(4000);
	size_t terms = 0;

	for (int i = 0; i < 300; i++)
		buf_str(&query, i % 2 == 0 ? "щедрий" : " ю");
	ck_assert_int_eq(search_read(&search, query.s, query.s), SEARCH_TRIGRAM);
	for (const char *s = search.match; (s = strchr(s, '"')) != NULL; s++)
		terms++;
	ck_assert_uint_eq(terms, SEARCH_TERMS * 2);
	ck_assert_uint_le(search.count, SEARCH_WORDS);
	buf_reset(&query);
	for (int i = 0; i < 100; i++)
		buf_str(&query, "𝒜𝒜 ");	/* four bytes each, and no picture: beyond U+1D400 */
	ck_assert_int_ne(search_read(&search, query.s, NULL), SEARCH_NOTHING);
	ck_assert_uint_eq(search.count, SEARCH_WORDS);
	ck_assert_int_eq(search.match[strlen(search.match) - 1], '*');
	buf_free(&query);
}
END_TEST

int
main(void)
{
	return SUITE("search", text_is_milled_to_words, a_text_goes_behind_what_stands_there,
	    three_letters_ask_for_trigrams_fewer_for_beginnings,
	    a_category_narrows_what_trigrams_find, every_word_must_be_there,
	    a_long_query_stays_within_its_bounds);
}
