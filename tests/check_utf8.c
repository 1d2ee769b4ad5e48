/* check_utf8.c - validity, length, folding and order of texts */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "tests/suite.h"

START_TEST(accepts_every_code_point)
{
	struct buf b = BUF_INIT(16);
	const char *s;

	for (uint32_t p = 0; p <= 0x10FFFF; p++) {
		if (p == 0xD800)
			p = 0xE000;
		buf_reset(&b);
		utf8_put(&b, p);
		ck_assert(utf8_valid(b.s, b.len));
		ck_assert_uint_eq(utf8_length(b.s, b.len), 1);
		s = b.s;
		ck_assert_uint_eq(utf8_next(&s, b.s + b.len), p);
		ck_assert_ptr_eq(s, b.s + b.len);
		for (size_t cut = 1; cut < b.len; cut++)
			ck_assert(!utf8_valid(b.s, cut));
	}
	buf_reset(&b);
	utf8_put(&b, 0xD800);
	utf8_put(&b, 0x110000);
	ck_assert_str_eq(b.s, "\uFFFD\uFFFD");
	buf_free(&b);
}
END_TEST

START_TEST(refuses_bad_bytes)
{
	static const char *const cases[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x20",
		"\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
		"\xE1\x80", "\xE1\x80\xC0", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF1\x80\x80", "\xFE", "\xFF",
		"12345678\xFF", "abcdefghщ\xD1",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(!utf8_valid(cases[i], strlen(cases[i])), "%zu", i);
		ck_assert(!utf8_printable(cases[i], strlen(cases[i]), 1));
	}
	ck_assert(utf8_valid("", 0));
	ck_assert(utf8_valid("a\0b", 3));
}
END_TEST

START_TEST(steps_over_bad_bytes_one_by_one)
{
	static const char text[] = "a\xFFщ\xD1";
	const char *s = text, *end = text + sizeof text - 1;

	ck_assert_uint_eq(utf8_next(&s, end), 'a');
	ck_assert_uint_eq(utf8_next(&s, end), 0xFFFD);
	ck_assert_uint_eq(utf8_next(&s, end), 0x449);
	ck_assert_uint_eq(utf8_next(&s, end), 0xFFFD);
	ck_assert_ptr_eq(s, end);
	ck_assert_uint_eq(utf8_next(&s, end), 0xFFFD);
	ck_assert_ptr_eq(s, end);
	ck_assert_uint_eq(utf8_length(text, sizeof text - 1), 4);
}
END_TEST

START_TEST(knows_what_may_be_printed)
{
	ck_assert(utf8_printable("Борщ №1 😀", strlen("Борщ №1 😀"), 0));
	ck_assert(utf8_printable("a\nb\tc", 5, 1));
	ck_assert(!utf8_printable("a\nb", 3, 0));
	ck_assert(!utf8_printable("a\rb", 3, 1));
	ck_assert(!utf8_printable("a\0b", 3, 1));
	ck_assert(!utf8_printable("\x7F", 1, 1));
	ck_assert(!utf8_printable("\xc2\x85", 2, 1));
	ck_assert(!utf8_printable("\u202E", 3, 1));
	ck_assert(!utf8_printable("\u2028", 3, 1));
}
END_TEST

START_TEST(cuts_between_code_points)
{
	ck_assert_uint_eq(utf8_prefix("борщ", 8, 2), 4);
	ck_assert_uint_eq(utf8_prefix("борщ", 8, 9), 8);
	ck_assert_uint_eq(utf8_prefix("борщ", 8, 0), 0);
	ck_assert_uint_eq(utf8_prefix("", 0, 3), 0);
	ck_assert_uint_eq(utf8_length("борщ", 8), 4);
}
END_TEST

int
main(void)
{
	return SUITE("utf8", accepts_every_code_point, refuses_bad_bytes,
	    steps_over_bad_bytes_one_by_one, knows_what_may_be_printed,
	    cuts_between_code_points);
}
