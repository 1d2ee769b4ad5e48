/* check_buf.c - a growing text with a maximum, and the JSON written into it */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "tests/suite.h"

START_TEST(appends_all_kinds)
{
	struct buf b = BUF_INIT(1000);

	ck_assert_ptr_null(b.s);
	buf_add(&b, "abc", 2);
	buf_str(&b, "-");
	buf_str(&b, NULL);
	buf_char(&b, 'x');
	buf_int(&b, INT64_MIN);
	buf_int(&b, 0);
	buf_int(&b, INT64_MAX);
	buf_printf(&b, "[%s %d]", "борщ", 7);
	buf_lit(&b, "!");
	ck_assert_str_eq(b.s,
	    "ab-x-922337203685477580809223372036854775807[борщ 7]!");
	ck_assert_uint_eq(b.len, strlen(b.s));
	ck_assert(!b.failed);
	buf_free(&b);
	ck_assert_ptr_null(b.s);
	ck_assert_uint_eq(b.limit, 1000);
}
END_TEST

START_TEST(takes_exactly_its_limit)
{
	struct buf b = BUF_INIT(10);

	buf_add(&b, "0123456789", 10);
	ck_assert(!b.failed);
	buf_char(&b, 'x');
	ck_assert(b.failed);
	ck_assert_str_eq(b.s, "0123456789");
	buf_free(&b);
}
END_TEST

START_TEST(failure_sticks_until_reset)
{
	struct buf b = BUF_INIT(10);

	buf_str(&b, "01234567890123");
	ck_assert(b.failed);
	buf_str(&b, "x");
	buf_printf(&b, "%d", 1);
	json_put_int(&b, "k", 1);
	json_put_text(&b, "k", "x\n");
	buf_urlencode(&b, "я", 2);
	ck_assert(b.failed);
	ck_assert_uint_eq(b.len, 0);
	buf_reset(&b);
	ck_assert(!b.failed);
	buf_str(&b, "ok");
	ck_assert_str_eq(b.s, "ok");
	buf_printf(&b, "%20d", 1);
	ck_assert(b.failed);
	ck_assert_str_eq(b.s, "ok");
	buf_reset(&b);
	ck_assert_str_eq(b.s, "");
	buf_free(&b);
}
END_TEST

START_TEST(no_length_overflows)
{
	struct buf b = BUF_INIT(SIZE_MAX);

	buf_str(&b, "x");
	buf_add(&b, "", SIZE_MAX - 1);
	ck_assert(b.failed);
	ck_assert_str_eq(b.s, "x");
	buf_free(&b);
}
END_TEST

START_TEST(grows_over_many_appends)
{
	struct buf b = BUF_INIT(1 << 20);

	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "%c", 'a' + i % 26);
	ck_assert_uint_eq(b.len, 100000);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(b.s[i], 'a' + i % 26);
	buf_free(&b);
}
END_TEST

START_TEST(encodes_urls_as_rfc_3986_says)
{
	struct buf b = BUF_INIT(1000);

	buf_urlencode(&b, "aZ09-._~ /?&=+%щ\0x", 19);
	ck_assert_str_eq(b.s, "aZ09-._~%20%2F%3F%26%3D%2B%25%D1%89%00x");
	buf_free(&b);
}
END_TEST

START_TEST(puts_commas_by_itself)
{
	struct buf b = BUF_INIT(1000);

	json_open(&b, NULL, '{');
	json_put_int(&b, "id", 7);
	json_put_text(&b, "name", "Борщ");
	json_open(&b, "tags", '[');
	json_put_text(&b, NULL, "a");
	json_put_text(&b, NULL, "b{");
	json_open(&b, NULL, '{');
	json_close(&b, '}');
	json_open(&b, NULL, '[');
	json_close(&b, ']');
	json_put_bool(&b, NULL, 1);
	json_close(&b, ']');
	json_put_money(&b, "price", 9900);
	json_put_money(&b, "fee", -5);
	json_put_bool(&b, "open", 0);
	json_put_null(&b, "none");
	json_put_real(&b, "lat", 50.4501, 6);
	json_put_time(&b, "at", 1779444000);
	json_put_raw(&b, "raw", "{\"a\":[1, 2]} \n");
	json_put_textn(&b, "cut", "abcdef", 3);
	json_close(&b, '}');
	ck_assert_str_eq(b.s, "{\"id\":7,\"name\":\"Борщ\",\"tags\":[\"a\",\"b{\",{},[],true],"
	    "\"price\":99.00,\"fee\":-0.05,\"open\":false,\"none\":null,\"lat\":50.450100,"
	    "\"at\":\"2026-05-22T10:00:00Z\",\"raw\":{\"a\":[1, 2]},\"cut\":\"abc\"}");
	buf_free(&b);
}
END_TEST

/* A string may end in any byte: the comma must not be fooled by its content. */
START_TEST(comma_looks_behind_the_quote)
{
	struct buf b = BUF_INIT(1000);

	json_open(&b, NULL, '[');
	for (const char *s = "{[: \n,"; *s != '\0'; s++)
		json_put_textn(&b, NULL, s, 1);
	json_close(&b, ']');
	ck_assert_str_eq(b.s, "[\"{\",\"[\",\":\",\" \",\"\\n\",\",\"]");
	buf_free(&b);
}
END_TEST

START_TEST(writes_absent_values_as_null)
{
	struct buf b = BUF_INIT(1000);

	json_open(&b, NULL, '[');
	json_put_text(&b, NULL, NULL);
	json_put_textn(&b, NULL, NULL, 0);
	json_put_int(&b, NULL, DB_NULL);
	json_put_money(&b, NULL, DB_NULL);
	json_put_time(&b, NULL, DB_NULL);
	json_put_real(&b, NULL, NAN, 2);
	json_put_real(&b, NULL, INFINITY, 2);
	json_put_raw(&b, NULL, NULL);
	json_put_raw(&b, NULL, " ");
	json_put_text(&b, NULL, "");
	json_close(&b, ']');
	ck_assert_str_eq(b.s, "[null,null,null,null,null,null,null,null,null,\"\"]");
	buf_free(&b);
}
END_TEST

static void
expect_escape(struct buf *want, int c)
{
	if (c == '"' || c == '\\')
		buf_printf(want, "\\%c", c);
	else if (c < 0x20 && memchr("\b\f\n\r\t", c, 5) == NULL)
		buf_printf(want, "\\u%04X", (unsigned)c);
	else if (c < 0x20)
		buf_printf(want, "\\%c", "btnvfr"[c - 8]);
	else
		buf_char(want, (char)c);
}

START_TEST(escapes_each_byte_where_it_stands)
{
	struct buf b = BUF_INIT(1000), want = BUF_INIT(1000);
	char text[24];

	for (int c = 0; c < 0x100; c++)
		for (size_t n = 1; n < sizeof text; n++)
			for (size_t at = 0; at < n; at++) {
				memset(text, c < 0x80 ? 'a' : c, sizeof text);
				text[at] = (char)c;
				buf_reset(&b);
				buf_reset(&want);
				json_put_textn(&b, NULL, text, n);
				buf_char(&want, '"');
				buf_add(&want, text, at);
				expect_escape(&want, c);
				buf_add(&want, text + at + 1, n - at - 1);
				buf_char(&want, '"');
				ck_assert_uint_eq(b.len, want.len);
				ck_assert_int_eq(memcmp(b.s, want.s, b.len), 0);
			}
	buf_free(&b);
	buf_free(&want);
}
END_TEST

START_TEST(escapes_keys_and_mixed_text)
{
	struct buf b = BUF_INIT(1000);

	json_open(&b, NULL, '{');
	json_put_text(&b, "a\"b", "\n\n\"щ\\\x01 кінець\t");
	json_close(&b, '}');
	ck_assert_str_eq(b.s, "{\"a\\\"b\":\"\\n\\n\\\"щ\\\\\\u0001 кінець\\t\"}");
	buf_free(&b);
}
END_TEST

int
main(void)
{
	return SUITE("buf", appends_all_kinds, takes_exactly_its_limit,
	    failure_sticks_until_reset, no_length_overflows,
	    grows_over_many_appends, encodes_urls_as_rfc_3986_says,
	    puts_commas_by_itself, comma_looks_behind_the_quote,
	    writes_absent_values_as_null, escapes_each_byte_where_it_stands,
	    escapes_keys_and_mixed_text);
}
