/* check_cursor.c - a place in a list goes out and comes back, or is refused (G88) */
#include <stdio.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "tests/suite.h"

#define LIST "products sort=name"

static struct cursor
place(int64_t id, int64_t number, const char *key, size_t len)
{
	struct cursor c = { .id = id, .number = number, .len = len };

	memcpy(c.key, key, len);
	return c;
}

START_TEST(a_place_comes_back_as_it_was)
{
	static const char longest[CURSOR_KEY] = "\x01\0\xff";
	const struct cursor cases[] = {
		place(1, 0, "", 0), place(INT64_MAX, INT64_MIN, "\0\0", 2),
		place(7, 9900, "\x10\x20", 2), place(-1, -2, longest, CURSOR_KEY),
	};
	struct cursor got;
	char text[CURSOR_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cursor_write(&cases[i], LIST, text);
		ck_assert_uint_eq(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789-_"), strlen(text));
		ck_assert_uint_gt(strlen(text), 0);
		ck_assert_int_eq(cursor_read(&got, LIST, text), 0);
		ck_assert(got.id == cases[i].id && got.number == cases[i].number);
		ck_assert_uint_eq(got.len, cases[i].len);
		ck_assert_mem_eq(got.key, cases[i].key, got.len);
	}
}
END_TEST

START_TEST(another_lists_cursor_is_refused)
{
	const struct cursor c = place(7, 0, "abc", 3);
	struct cursor got;
	char text[CURSOR_TEXT];

	cursor_write(&c, LIST, text);
	ck_assert_int_eq(cursor_read(&got, "products sort=price", text), -1);
	ck_assert_int_eq(cursor_read(&got, "", text), -1);
}
END_TEST

START_TEST(what_was_changed_or_never_was_one_is_refused)
{
	static const char *const cases[] = { "", "6", "x", "AAAA", "%", "null",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	const struct cursor c = place(7, 9900, "abc", 3);
	struct cursor got;
	char text[CURSOR_TEXT] = "", wrong[3 * CURSOR_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(cursor_read(&got, LIST, cases[i]) == -1, "%s", cases[i]);
	cursor_write(&c, LIST, text);
	for (size_t i = 0; i < strlen(text); i++) {
		memcpy(wrong, text, sizeof text);
		wrong[i] = wrong[i] == 'B' ? 'C' : 'B';
		ck_assert_msg(cursor_read(&got, LIST, wrong) == -1, "byte %zu", i);
	}
	snprintf(wrong, sizeof wrong, "%s%s", text, text);
	ck_assert_int_eq(cursor_read(&got, LIST, wrong), -1);
	text[strlen(text) - 4] = '\0';
	ck_assert_int_eq(cursor_read(&got, LIST, text), -1);
}
END_TEST

int
main(void)
{
	return SUITE("cursor", a_place_comes_back_as_it_was, another_lists_cursor_is_refused,
	    what_was_changed_or_never_was_one_is_refused);
}
