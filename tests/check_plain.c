/* check_plain.c - texts of a till made fit for a shop: what plain.h promises */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/plain.h"
#include "tests/suite.h"

START_TEST(markup_becomes_plain_text)
{
	static const struct {
		const char *html, *text;
	} cases[] = {
		{ "Борщ", "Борщ" }, { "", "" },
		{ "<b>Борщ</b> з <i>пампушками</i>", "Борщ з пампушками" },
		{ "a<br>b<br/>c<p>d</p>", "a\nb\nc\nd\n" },
		{ "Сіль &amp; перець &lt;3 &#1041;&#x43e;рщ &laquo;X&raquo;", "Сіль & перець <3 Борщ «X»" },
		{ "5 < 6 і 7 > 2", "5 < 6 і 7 > 2" }, { "a & b &nope; &", "a & b &nope; &" },
		{ "<!-- x -->y", "y" }, { "<script>x", "x" }, { "a <b", "a <b" },
		{ "&#0;&#xd800;&#99999999;x", "x" },
	};
	struct arena *a = arena_new(1 << 16);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(plain_text(a, cases[i].html), cases[i].text);
	arena_free(a);
	a = arena_new(0);
	ck_assert_ptr_null(plain_text(a, "x"));
	arena_free(a);
}
END_TEST

START_TEST(texts_are_cut_between_letters)
{
	struct arena *a = arena_new(1 << 16);

	ck_assert_str_eq(plain_clean(a, "  Вареники  ", 100, 0), "Вареники");
	ck_assert_str_eq(plain_clean(a, "Вареники", 3, 0), "Вар");
	ck_assert_str_eq(plain_clean(a, "a\nb\tc\x7f", 100, 0), "a b c");
	ck_assert_str_eq(plain_clean(a, "a\nb\tc", 100, 1), "a\nb c");
	ck_assert_str_eq(plain_clean(a, "\n \t", 100, 1), "");
	arena_free(a);
}
END_TEST

START_TEST(knows_an_address)
{
	static const char *const good[] = { "https://x/1.png", "http://x", "HTTPS://x/a?b=c&d" };
	static const char *const wrong[] = { "", "x", "//x/y", "https://", "https:///y",
		"javascript:alert(1)", "data:text/html,x", "https://x/a b", "https://x/\"y",
		"https://x/<y>", "https://x/\ny", "ftp://x/y", " https://x" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(plain_is_address(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(!plain_is_address(wrong[i]), "%s", wrong[i]);
}
END_TEST

/* G69: nothing that a till says back brings a secret or a phone into a log. */
START_TEST(messages_hold_no_secret)
{
	static const char *const secrets[] = { "s3cret-token", NULL, "abc", "Bearer s3cret-token" };
	static const struct {
		const char *said, *becomes;
	} cases[] = {
		{ "token s3cret-token is old", "token *** is old" },
		{ "s3cret-tokens3cret-token", "******" },
		{ "Bearer s3cret-token", "***" },
		{ "abc is too short to hide", "abc is too short to hide" },
		{ "call +380671234567 or 0671234567", "call +*** or ***" },
		{ "order 123456789 is fine", "order 123456789 is fine" },
		{ "GET https://x.example/a?token=zzz failed", "GET https://x.example/a?… failed" },
		{ "why? because", "why? because" }, { "a\nb\x01", "a b " },
	};
	char out[64];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		plain_scrub(cases[i].said, secrets, 4, out, sizeof out);
		ck_assert_str_eq(out, cases[i].becomes);
	}
	plain_scrub("Замовлення", NULL, 0, out, 6);
	ck_assert_str_eq(out, "За");
}
END_TEST

START_TEST(phones_are_the_same_in_any_spelling)
{
	static const struct {
		const char *a, *b;
		int same;
	} cases[] = {
		{ "+380671234567", "0671234567", 1 }, { "380 67 123-45-67", "+380671234567", 1 },
		{ "(067) 123 45 67", "380671234567", 1 }, { "+380671234567", "+380671234568", 0 },
		{ "1234567", "380671234567", 0 }, { "", "", 0 }, { "", "+380671234567", 0 },
		{ "+48671234567", "+380671234567", 0 }, { "x", "y", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(plain_same_phone(cases[i].a, cases[i].b), cases[i].same);
		ck_assert_int_eq(plain_same_phone(cases[i].b, cases[i].a), cases[i].same);
	}
}
END_TEST

int
main(void)
{
	return SUITE("plain", markup_becomes_plain_text, texts_are_cut_between_letters,
	    knows_an_address, messages_hold_no_secret, phones_are_the_same_in_any_spelling);
}
