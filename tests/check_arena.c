/* check_arena.c - memory that dies all at once: what arena.h promises */
#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/suite.h"

START_TEST(gives_zeroed_aligned_memory)
{
	struct arena *a = arena_new(1 << 20);
	char *p;

	memset(arena_get(a, 40), 0xff, 40);
	arena_reset(a);
	p = arena_get(a, 40);
	for (int i = 0; i < 40; i++)
		ck_assert_int_eq(p[i], 0);
	for (size_t n = 0; n < 50; n++)
		ck_assert_uint_eq((uintptr_t)arena_get(a, n) % 16, 0);
	arena_free(a);
}
END_TEST

START_TEST(refuses_more_than_its_limit)
{
	struct arena *a = arena_new(1000);

	ck_assert_ptr_null(arena_get(a, 1001));
	ck_assert_ptr_null(arena_get(a, SIZE_MAX));
	ck_assert_ptr_nonnull(arena_get(a, 900));
	ck_assert_ptr_null(arena_get(a, 200));
	arena_reset(a);
	ck_assert_ptr_nonnull(arena_get(a, 900));
	arena_free(a);
}
END_TEST

START_TEST(holds_blocks_of_any_size)
{
	struct arena *a = arena_new(1 << 24);
	char *big;

	for (int round = 0; round < 3; round++) {
		big = arena_get(a, 100000);
		big[99999] = 'x';
		for (int i = 0; i < 1000; i++)
			ck_assert_ptr_nonnull(arena_get(a, 100));
		ck_assert_uint_ge(arena_used(a), 200000);
		arena_reset(a);
		ck_assert_uint_eq(arena_used(a), 0);
	}
	arena_free(a);
}
END_TEST

START_TEST(copies_texts)
{
	struct arena *a = arena_new(4096);

	ck_assert_str_eq(arena_str(a, "борщ"), "борщ");
	ck_assert_str_eq(arena_dup(a, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_printf(a, "№ %d", 812), "№ 812");
	ck_assert_ptr_null(arena_str(a, NULL));
	ck_assert_ptr_null(arena_printf(a, "%5000d", 1));
	arena_free(a);
	arena_free(NULL);
}
END_TEST

int
main(void)
{
	return SUITE("arena", gives_zeroed_aligned_memory,
	    refuses_more_than_its_limit, holds_blocks_of_any_size,
	    copies_texts);
}
