/* check_shared.c - buckets that all processes see: what shared.h promises */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/shared.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const int64_t NOON = INT64_C(1779451200000);

static struct shared *
fresh(void)
{
	struct shared *s;

	temp_make();
	s = shared_open(temp_path("shared"));
	ck_assert_ptr_nonnull(s);
	return s;
}

static void
finish(struct shared *s)
{
	shared_close(s);
	temp_remove();
}

START_TEST(admits_a_burst_then_the_rate)
{
	struct shared *s = fresh();
	uint64_t key = shared_key("login", "olena@example.com");
	int64_t left, now = NOON;

	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(shared_take(s, key, 5, 60, now, &left), 0);
		ck_assert_int_eq(left, 4 - i);
	}
	ck_assert_int_eq(shared_take(s, key, 5, 60, now, &left), 60000);
	ck_assert_int_eq(left, 0);
	ck_assert_int_eq(shared_take(s, key, 5, 60, now + 20000, NULL), 40000);
	ck_assert_int_eq(shared_take(s, key, 5, 60, now + 59999, NULL), 1);
	ck_assert_int_eq(shared_take(s, key, 5, 60, now + 60000, NULL), 0);
	ck_assert_int_eq(shared_take(s, key, 5, 60, now + 60000, NULL), 60000);
	/* long after, it is full and not more than full */
	now += 24 * 3600 * 1000;
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(shared_take(s, key, 5, 60, now, NULL), 0);
	ck_assert_int_eq(shared_take(s, key, 5, 60, now, NULL), 60000);
	finish(s);
}
END_TEST

/*
 * A word tells a key by 32 bits under a random salt, so that one pair among
 * 5,000 keys shares a bucket in every 340th file, three pairs in none.
 */
START_TEST(keeps_keys_apart)
{
	struct shared *s = fresh();
	char who[32];
	int apart = 0;

	for (int i = 0; i < 5000; i++) {
		snprintf(who, sizeof who, "%d", i);
		apart += shared_take(s, shared_key("order", who), 1, 10,
		    NOON, NULL) == 0;
	}
	ck_assert_int_ge(apart, 4998);
	for (int i = 0; i < 5000; i++) {
		snprintf(who, sizeof who, "%d", i);
		ck_assert_int_gt(shared_take(s, shared_key("order", who), 1, 10,
		    NOON, NULL), 0);
	}
	ck_assert_int_eq(shared_take(s, shared_key("login", "1"), 1, 10, NOON,
	    NULL), 0);
	finish(s);
}
END_TEST

/* More keys than there is room for: the worst offender is remembered. */
START_TEST(forgets_who_is_nearest_to_full)
{
	struct shared *s = fresh();
	uint64_t bad = shared_key("login", "attacked");
	char who[32];

	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(shared_take(s, bad, 20, 10, NOON, NULL), 0);
	for (int i = 0; i < 300000; i++) {
		snprintf(who, sizeof who, "%d", i);
		ck_assert_int_eq(shared_take(s, shared_key("other", who), 20, 10,
		    NOON, NULL), 0);
	}
	ck_assert_int_gt(shared_take(s, bad, 20, 10, NOON, NULL), 0);
	finish(s);
}
END_TEST

START_TEST(takes_a_token_back)
{
	struct shared *s = fresh();
	uint64_t key = shared_key("order", "7");
	int64_t left;

	shared_give(s, key, 10);	/* nothing was taken: nothing happens */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(shared_take(s, key, 3, 10, NOON, NULL), 0);
	ck_assert_int_gt(shared_take(s, key, 3, 10, NOON, NULL), 0);
	shared_give(s, key, 10);
	ck_assert_int_eq(shared_take(s, key, 3, 10, NOON, &left), 0);
	ck_assert_int_eq(left, 0);
	for (int i = 0; i < 9; i++)
		shared_give(s, key, 10);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(shared_take(s, key, 3, 10, NOON, NULL), 0);
	ck_assert_int_gt(shared_take(s, key, 3, 10, NOON, NULL), 0);
	finish(s);
}
END_TEST

/* A clock set back must not lock anybody out for longer than a token. */
START_TEST(bears_a_clock_set_back_and_odd_limits)
{
	struct shared *s = fresh();
	uint64_t key = shared_key("order", "8");

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(shared_take(s, key, 3, 60, NOON, NULL), 0);
	ck_assert_int_eq(shared_take(s, key, 3, 60, NOON - 86400000, NULL), 60000);
	ck_assert_int_eq(shared_take(s, key + 1, 0, 0, NOON, NULL), 0);
	ck_assert_int_eq(shared_take(s, key + 1, 0, 0, NOON, NULL), 3600000);
	ck_assert_int_eq(shared_take(s, key + 2, -5, -5, -9, NULL), 0);
	ck_assert_int_eq(shared_take(s, key + 2, -5, -5, -9, NULL), 3600000);
	ck_assert_int_eq(shared_take(s, key + 3, INT64_MAX, INT64_MAX, INT64_MAX,
	    NULL), 0);
	ck_assert_int_eq(shared_take(s, key + 4, INT64_MAX, 1, NOON, NULL), 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(shared_take(s, key + 5, 1000, 1000000, NOON,
		    NULL), 0);
	ck_assert_int_gt(shared_take(s, key + 5, 1000, 1000000, NOON, NULL), 0);
	ck_assert_int_eq(shared_take(s, key + 5, 1000, 1000000, NOON + 4, NULL), 0);
	finish(s);
}
END_TEST

enum { HAMMERS = 4, TRIES = 20000, KEYS = 500, BURST = 7 };

/* Each takes what it can of all keys, and says how many it got of each. */
static void
hammer(int *got, int keys, int tries)
{
	struct shared *s = shared_open(temp_path("shared"));

	for (int i = 0; s != NULL && i < tries; i++) {
		char who[16];

		snprintf(who, sizeof who, "%d", i % keys);
		if (shared_take(s, shared_key("hammer", who), BURST, 60, NOON,
		    NULL) == 0)
			__atomic_fetch_add(&got[i % keys], 1, __ATOMIC_RELAXED);
	}
	_exit(s == NULL);
}

static int *
hammer_together(int keys)
{
	size_t size = (size_t)keys * sizeof(int);
	int *got = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;

	ck_assert_ptr_ne(got, MAP_FAILED);
	for (int i = 0; i < HAMMERS; i++)
		if (fork() == 0)
			hammer(got, keys, TRIES);
	for (int i = 0; i < HAMMERS; i++) {
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	return got;
}

/* The file does not exist yet: creating it is part of the race. */
START_TEST(admits_exactly_the_burst_to_four_processes)
{
	int *got;

	temp_make();
	got = hammer_together(1);
	ck_assert_int_eq(got[0], BURST);
	temp_remove();
	temp_make();
	got = hammer_together(KEYS);
	for (int i = 0; i < KEYS; i++)
		ck_assert_int_eq(got[i], BURST);
	temp_remove();
}
END_TEST

START_TEST(is_private_and_outlives_its_processes)
{
	struct shared *s = fresh(), *again;
	uint64_t key = shared_key("order", "9");
	struct stat sb;

	ck_assert_int_eq(stat(temp_path("shared"), &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	ck_assert_int_eq(shared_take(s, key, 1, 60, NOON, NULL), 0);
	again = shared_open(temp_path("shared"));
	ck_assert_int_gt(shared_take(again, key, 1, 60, NOON, NULL), 0);
	shared_close(s);
	shared_close(again);
	s = shared_open(temp_path("shared"));
	ck_assert_int_gt(shared_take(s, key, 1, 60, NOON, NULL), 0);
	shared_close(NULL);
	finish(s);
}
END_TEST

static void
put_file(size_t size)
{
	int fd = open(temp_path("shared"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/* An older layout, or one whose creator died: replaced, never cut, because
 * somebody may still have it mapped. */
START_TEST(replaces_a_file_that_is_not_its_own)
{
	static const size_t sizes[] = { 0, 10, 524352, 10000000 };
	struct shared *s;

	temp_make();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		put_file(sizes[i]);
		s = shared_open(temp_path("shared"));
		ck_assert_ptr_nonnull(s);
		ck_assert_int_eq(shared_take(s, 1, 1, 1, NOON, NULL), 0);
		shared_close(s);
	}
	ck_assert_ptr_null(shared_open(temp_path("no/folder")));
	ck_assert_int_eq(errno, ENOENT);
	temp_remove();
}
END_TEST

/* The first vectors of the paper's reference code: 00 01 02 … hashed; ours
 * puts a NUL between name and text. */
START_TEST(key_is_siphash)
{
	ck_assert_uint_eq(shared_key("", ""), UINT64_C(0x74f839c593dc67fd));
	ck_assert_uint_eq(shared_key("",
	    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"),
	    UINT64_C(0xa129ca6149be45e5));
	ck_assert_uint_ne(shared_key("ab", "c"), shared_key("a", "bc"));
	ck_assert_uint_ne(shared_key("a", "1"), shared_key("a", "2"));
}
END_TEST

int
main(void)
{
	return SUITE("shared", admits_a_burst_then_the_rate, keeps_keys_apart,
	    forgets_who_is_nearest_to_full, takes_a_token_back,
	    bears_a_clock_set_back_and_odd_limits,
	    admits_exactly_the_burst_to_four_processes,
	    is_private_and_outlives_its_processes,
	    replaces_a_file_that_is_not_its_own, key_is_siphash);
}
