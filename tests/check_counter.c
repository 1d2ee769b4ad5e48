/* check_counter.c - numbers that all workers add to: what counter.h promises */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/counter.h"
#include "tests/suite.h"
#include "tests/temp.h"

enum { PROCESSES = 4, TIMES = 20000, COUNT = 10 };

static struct counters *
open_them(uint64_t layout, size_t count)
{
	struct counters *c = counters_open(temp_path("counters"), layout, count);

	ck_assert_ptr_nonnull(c);
	return c;
}

START_TEST(no_addition_is_lost_when_all_add_at_once)
{
	struct counters *c;
	int status;

	temp_make();
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		c = open_them(8, COUNT);
		for (int k = 0; k < TIMES; k++)
			counters_add(c, 3, 2);
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_ne(wait(&status), -1);
		ck_assert_int_eq(status, 0);
	}
	c = open_them(8, COUNT);
	ck_assert_uint_eq(counters_get(c, 3), (uint64_t)PROCESSES * TIMES * 2);
	ck_assert_uint_eq(counters_get(c, 2) + counters_get(c, 4), 0);
	counters_close(c);
	temp_remove();
}
END_TEST

START_TEST(what_a_killed_worker_counted_stays)
{
	struct counters *c;
	pid_t pid;

	temp_make();
	if ((pid = fork()) == 0) {
		c = open_them(8, COUNT);
		counters_add(c, 0, 7);
		kill(getpid(), SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	c = open_them(8, COUNT);
	ck_assert_uint_eq(counters_get(c, 0), 7);
	counters_close(c);
	temp_remove();
}
END_TEST

START_TEST(another_layout_begins_anew)
{
	struct counters *old, *new;

	temp_make();
	clock_set(1000);
	old = open_them(8, COUNT);
	counters_add(old, 1, 5);
	ck_assert_int_eq(counters_since(old), 1000);
	clock_set(2000);
	new = open_them(16, COUNT);
	ck_assert_uint_eq(counters_get(new, 1), 0);
	ck_assert_int_eq(counters_since(new), 2000);
	counters_add(old, 1, 1);	/* an old worker goes on by itself */
	ck_assert_uint_eq(counters_get(old, 1), 6);
	ck_assert_uint_eq(counters_get(new, 1), 0);
	counters_close(new);
	new = open_them(16, COUNT + 1);
	ck_assert_uint_eq(counters_get(new, 1), 0);
	counters_close(new);
	counters_close(old);
	clock_set(0);
	temp_remove();
}
END_TEST

START_TEST(what_lies_outside_is_nobodys)
{
	struct counters *c;
	struct stat sb;

	temp_make();
	errno = 0;
	ck_assert_ptr_null(counters_open(temp_path("counters"), 8, 0));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(counters_open(temp_path("counters"), 8, 1 << 20));
	ck_assert_ptr_null(counters_open(temp_path("no/such/folder"), 8, COUNT));
	c = open_them(8, COUNT);
	counters_add(c, COUNT, 1);
	ck_assert_uint_eq(counters_get(c, COUNT), 0);
	ck_assert_int_eq(stat(temp_path("counters"), &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	counters_close(c);
	counters_close(NULL);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("counter", no_addition_is_lost_when_all_add_at_once,
	    what_a_killed_worker_counted_stays, another_layout_begins_anew,
	    what_lies_outside_is_nobodys);
}
