/* check_money.c - kopecks from text and back, without a float */
#include <string.h>

#include "lib/base/money.h"
#include "tests/suite.h"

/* G82: money is exact. */
START_TEST(reads_decimal_text_exactly)
{
	static const struct { const char *text; int64_t kopecks; } cases[] = {
		{ "0", 0 }, { "99", 9900 }, { "99.5", 9950 }, { "99.50", 9950 },
		{ "-1.25", -125 }, { "-0", 0 }, { "-0.01", -1 }, { "0.01", 1 },
		{ "99.990000", 9999 }, { "007.10", 710 }, { "0.29", 29 },
		{ "1.15", 115 }, { "10000000.00", MONEY_MAX },
		{ "-10000000", -MONEY_MAX },
		{ "1.00000000000000000000000000000000000000", 100 },
	};
	int64_t got;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		got = -7;
		ck_assert_int_eq(money_parse(cases[i].text, &got), 0);
		ck_assert_int_eq(got, cases[i].kopecks);
	}
}
END_TEST

START_TEST(refuses_what_is_no_price)
{
	static const char *const cases[] = {
		"", " ", "-", "+1", ".5", "5.", "1e2", "1,5", " 1", "1 ", "--1",
		"1.2.3", "0x10", "99.995", "99.990000000000001", "NaN", "inf",
		"10000000.01", "-10000000.01", "9223372036854775807",
		"92233720368547758.07", "99999999999999999999999", "١",
	};
	int64_t got = 42;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(money_parse(cases[i], &got) == -1, "%s", cases[i]);
	ck_assert_int_eq(money_parse(NULL, &got), -1);
	ck_assert_int_eq(got, 42);
}
END_TEST

START_TEST(reads_every_amount_it_writes)
{
	char text[MONEY_TEXT];
	int64_t back;

	for (int64_t n = -MONEY_MAX; n <= MONEY_MAX; n += 99991) {
		money_format(n, text);
		ck_assert_int_eq(money_parse(text, &back), 0);
		ck_assert_int_eq(back, n);
	}
}
END_TEST

START_TEST(writes_two_decimals)
{
	static const struct { int64_t kopecks; const char *text; } cases[] = {
		{ 0, "0.00" }, { 5, "0.05" }, { -5, "-0.05" }, { 9900, "99.00" },
		{ 100000, "1000.00" }, { INT64_MAX, "92233720368547758.07" },
		{ INT64_MIN, "-92233720368547758.08" },
	};
	char text[MONEY_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		money_format(cases[i].kopecks, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(refuses_sums_and_products_past_the_most)
{
	int64_t n = 1;

	ck_assert_int_eq(money_add(9900, 100, &n), 0);
	ck_assert_int_eq(n, 10000);
	ck_assert_int_eq(money_add(MONEY_MAX, 1, &n), -1);
	ck_assert_int_eq(money_add(-MONEY_MAX, -1, &n), -1);
	ck_assert_int_eq(money_add(INT64_MAX, INT64_MAX, &n), -1);
	ck_assert_int_eq(n, 10000);
	ck_assert_int_eq(money_times(12550, 3, &n), 0);
	ck_assert_int_eq(n, 37650);
	ck_assert_int_eq(money_times(MONEY_MAX, 2, &n), -1);
	ck_assert_int_eq(money_times(INT64_MAX, INT64_MAX, &n), -1);
	ck_assert_int_eq(n, 37650);
}
END_TEST

START_TEST(reads_other_scales)
{
	int64_t n;

	ck_assert_int_eq(decimal_parse("2.5", 3, &n), 0);
	ck_assert_int_eq(n, 2500);
	ck_assert_int_eq(decimal_parse("7", 0, &n), 0);
	ck_assert_int_eq(n, 7);
	ck_assert_int_eq(decimal_parse("7.0", 0, &n), 0);
	ck_assert_int_eq(n, 7);
	ck_assert_int_eq(decimal_parse("7.5", 0, &n), -1);
	ck_assert_int_eq(decimal_parse("9", 18, &n), 0);
	ck_assert_int_eq(n, INT64_C(9000000000000000000));
	ck_assert_int_eq(decimal_parse("10", 18, &n), -1);
	ck_assert_int_eq(decimal_parse("1", 19, &n), -1);
	ck_assert_int_eq(decimal_parse("1", -1, &n), -1);
}
END_TEST

int
main(void)
{
	return SUITE("money", reads_decimal_text_exactly, refuses_what_is_no_price,
	    reads_every_amount_it_writes, writes_two_decimals,
	    refuses_sums_and_products_past_the_most, reads_other_scales);
}
