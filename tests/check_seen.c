/* check_seen.c - which ids a run has met */
#include "sync/seen.h"
#include "tests/suite.h"

START_TEST(has_exactly_what_was_added)
{
	struct seen s = { 0 };

	ck_assert(!seen_has(&s, 1));
	for (int64_t id = 1; id < 100000; id += 3)
		ck_assert_int_eq(seen_add(&s, id), 0);
	for (int64_t id = -5; id < 100010; id++)
		ck_assert_int_eq(seen_has(&s, id), id > 0 && id < 100000 && id % 3 == 1);
	ck_assert_int_eq(seen_add(&s, 1), 0);
	ck_assert(seen_has(&s, 1));
	seen_free(&s);
	ck_assert(!seen_has(&s, 1));
	seen_free(&s);
}
END_TEST

START_TEST(passes_over_what_is_no_id_and_refuses_the_absurd)
{
	struct seen s = { 0 };

	ck_assert_int_eq(seen_add(&s, 0), 0);
	ck_assert_int_eq(seen_add(&s, -7), 0);
	ck_assert(!seen_has(&s, 0));
	ck_assert_int_eq(seen_add(&s, INT64_MAX), -1);
	ck_assert(!seen_has(&s, INT64_MAX));
	seen_free(&s);
}
END_TEST

int
main(void)
{
	return SUITE("seen", has_exactly_what_was_added,
	    passes_over_what_is_no_id_and_refuses_the_absurd);
}
