/* check_utf8.c - validity, length, folding and order of texts */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "tests/suite.h"

START_TEST(sees_every_control_byte_wherever_it_stands)
{
	char text[24];

	for (size_t at = 0; at < sizeof text; at++)
		for (int byte = 0; byte < 256; byte++) {
			memset(text, '~', sizeof text);
			text[at] = (char)byte;
			ck_assert_int_eq(utf8_printable(text, sizeof text, 0), byte >= 0x20 && byte < 0x7F);
		}
}
END_TEST

/* One point there and back, and no shorter. Without ck_assert, which writes to
 * a pipe each time: there are a million. */
static int
survives(struct buf *b, uint32_t p)
{
	const char *s;

	buf_reset(b);
	utf8_put(b, p);
	s = b->s;
	if (!utf8_valid(b->s, b->len) || utf8_length(b->s, b->len) != 1 ||
	    utf8_next(&s, b->s + b->len) != p || s != b->s + b->len)
		return 0;
	for (size_t cut = 1; cut < b->len; cut++)
		if (utf8_valid(b->s, cut))
			return 0;
	return 1;
}

START_TEST(accepts_every_code_point)
{
	struct buf b = BUF_INIT(16);

	for (uint32_t p = 0; p <= 0x10FFFF; p++) {
		if (p == 0xD800)
			p = 0xE000;
		if (!survives(&b, p))
			ck_abort_msg("U+%04X", (unsigned)p);
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

static const char *
folded(struct buf *b, const char *s)
{
	buf_reset(b);
	utf8_fold(b, s, strlen(s));
	return b->s == NULL ? "" : b->s;
}

START_TEST(folds_for_searching)
{
	static const struct { const char *from, *to; } cases[] = {
		{ "БОРЩ Український", "борщ український" },
		{ "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя" },
		{ "ЁЪЫЭЎ", "ёъыэў" },
		{ "ABCXYZ[@`", "abcxyz[@'" },
		{ "ÀÖØÞ×ß÷ÿŸ", "àöøþ×ß÷ÿÿ" },
		{ "ČŁŻŹĦİŊ", "čłżźħiŋ" },
		{ "čłżźħŋ", "čłżźħŋ" },
		{ "м'ята м’ята мʼята м`ята м‘ята", "м'ята м'ята м'ята м'ята м'ята" },
		{ "  два \t\r\n  слова\u00A0 ", "два слова" },
		{ "", "" }, { " \t", "" },
		{ "Кисі\u0308ль и\u0306 Е\u0308", "кисїль й ё" },
		{ "за\u0301мок soft\u00ADhyphen\uFEFF", "замок softhyphen" },
		{ "Суші 寿司 😀", "суші 寿司 😀" },
		{ "\xFF\xD0", "\uFFFD\uFFFD" },
		{ "\u200B \u200B x \u200B ", "x" },
	};
	struct buf b = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(folded(&b, cases[i].from), cases[i].to);
	buf_free(&b);
}
END_TEST

START_TEST(folding_twice_changes_nothing)
{
	struct buf once = BUF_INIT(64), twice = BUF_INIT(64), s = BUF_INIT(64);

	for (uint32_t p = 1; p < 0x3000; p++) {
		buf_reset(&s);
		buf_reset(&once);
		buf_reset(&twice);
		buf_char(&s, 'x');
		utf8_put(&s, p);
		buf_char(&s, 'x');
		utf8_fold(&once, s.s, s.len);
		utf8_fold(&twice, once.s, once.len);
		ck_assert_str_eq(once.s, twice.s);
	}
	buf_free(&once);
	buf_free(&twice);
	buf_free(&s);
}
END_TEST

START_TEST(fold_adds_behind_what_is_there)
{
	struct buf b = BUF_INIT(100);

	buf_str(&b, "a");
	utf8_fold(&b, " Б ", strlen(" Б "));
	ck_assert_str_eq(b.s, "aб");
	buf_free(&b);
}
END_TEST

START_TEST(orders_names_as_ukrainians_do)
{
	static const char *const sorted[] = {
		"& Co", "7up", "Cola", "Éclair", "Pepsi", "\"Авокадо\"", "Борщ",
		"Борщ з грибами", "Борщик", "вареники", "Гречка", "Ґанок", "Деруни",
		"Еклер", "Ёлка", "Єва", "Жульєн", "Засмажка", "Икавка", "Індик",
		"Їжак", "Йогурт", "Картопля", "Лагман", "М’ята", "М'ятний чай",
		"Налисники", "Окрошка", "«Паска»", "Рулет", "Суп", "Тісто", "Узвар",
		"🔥 Філе", "Халва", "Цукор", "Чай", "Шинка", "Щука", "ыы", "ь", "Эклер",
		"Юшка", "Яблуко", "Ωmega", "寿司",
	};
	struct buf a = BUF_INIT(1000), b = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
		for (size_t j = 0; j < i; j++) {
			buf_reset(&a);
			buf_reset(&b);
			utf8_sort_key(&a, sorted[j], strlen(sorted[j]));
			utf8_sort_key(&b, sorted[i], strlen(sorted[i]));
			ck_assert_msg(strcmp(a.s, b.s) < 0, "%s %s", sorted[j], sorted[i]);
			ck_assert(utf8_printable(a.s, a.len, 0));
		}
	buf_free(&a);
	buf_free(&b);
}
END_TEST

START_TEST(orders_every_letter_of_the_alphabet)
{
	static const char letters[] = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя";
	static const char capitals[] = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ";
	struct buf last = BUF_INIT(10), b = BUF_INIT(10), c = BUF_INIT(10);

	utf8_sort_key(&last, "z", 1);
	for (size_t i = 0; i < sizeof letters - 1; i += 2) {
		buf_reset(&b);
		buf_reset(&c);
		utf8_sort_key(&b, letters + i, 2);
		utf8_sort_key(&c, capitals + i, 2);
		ck_assert_str_eq(b.s, c.s);
		ck_assert_uint_eq(b.len, 1);
		ck_assert_int_lt(strcmp(last.s, b.s), 0);
		buf_reset(&last);
		buf_str(&last, b.s);
	}
	buf_free(&last);
	buf_free(&b);
	buf_free(&c);
}
END_TEST

int
main(void)
{
	return SUITE("utf8", folds_for_searching, folding_twice_changes_nothing,
	    fold_adds_behind_what_is_there, orders_names_as_ukrainians_do,
	    orders_every_letter_of_the_alphabet, accepts_every_code_point, refuses_bad_bytes,
	    steps_over_bad_bytes_one_by_one, knows_what_may_be_printed,
	    sees_every_control_byte_wherever_it_stands, cuts_between_code_points);
}
