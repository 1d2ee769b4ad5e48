/* check_lock.c - one holder at a time, with real processes */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/lock.h"
#include "tests/child.h"
#include "tests/suite.h"
#include "tests/temp.h"

enum { LONG_MS = 20000 };	/* more than any test takes */

static const char *
name(void)
{
	return temp_path("shop.db.orders.lock");
}

static void
hold(void)
{
	if (lock_take(name(), 0, NULL) == NULL)
		child_fail();
}

static void
ask(void)
{
	if (lock_ask(name()) == -1)
		child_fail();
}

START_TEST(refuses_a_second_holder_and_names_the_first)
{
	struct lock *l;
	struct child c;
	int holder = -1;

	temp_make();
	c = child_done(hold);
	ck_assert_ptr_null(lock_take(name(), 0, &holder));
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert_int_eq(holder, c.pid);
	ck_assert_ptr_null(lock_take(name(), 0, NULL));
	l = lock_take(temp_path("shop.db.catalog.lock"), 0, &holder);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(holder, 0);
	lock_free(l);
	child_end(&c, SIGKILL);
	temp_remove();
}
END_TEST

START_TEST(is_freed_when_its_holder_is_killed)
{
	struct lock *l;
	struct child c;

	temp_make();
	c = child_done(hold);
	child_end(&c, SIGKILL);
	l = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(l);
	lock_free(l);
	lock_free(NULL);
	l = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(l);
	lock_free(l);
	temp_remove();
}
END_TEST

/* Children are forked before their parent takes a lock: an open file that is
 * inherited would keep it. */
START_TEST(waits_for_the_holder_to_leave)
{
	struct lock *l;
	struct child c;
	int64_t from = clock_mono_ms();

	temp_make();
	c = child_done(hold);
	child_leave(&c);	/* while we are on our way */
	l = lock_take(name(), LONG_MS, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_lt(clock_mono_ms() - from, LONG_MS / 2);
	lock_free(l);
	child_end(&c, 0);
	temp_remove();
}
END_TEST

static void
on_alarm(int signo)
{
	(void)signo;
}

/* Other signals must neither shorten nor prolong it, nor a blocked one. */
START_TEST(waits_no_longer_than_told_and_no_shorter)
{
	struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { 0 };
	struct sigaction sa = { .sa_handler = on_alarm };
	sigset_t all, before;
	struct child c;
	int64_t from;

	temp_make();
	c = child_done(hold);
	sigaction(SIGALRM, &sa, NULL);
	for (int round = 0; round < 2; round++) {
		if (round == 1) {
			sigfillset(&all);
			sigprocmask(SIG_BLOCK, &all, &before);
		}
		setitimer(ITIMER_REAL, round == 0 ? &often : &never, NULL);
		from = clock_mono_ms();
		ck_assert_ptr_null(lock_take(name(), 100, NULL));
		ck_assert_int_eq(errno, EWOULDBLOCK);
		ck_assert_int_ge(clock_mono_ms() - from, 100);
		ck_assert_int_lt(clock_mono_ms() - from, 1000);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	child_end(&c, SIGKILL);
	temp_remove();
}
END_TEST

START_TEST(tells_its_holder_that_somebody_asks)
{
	struct lock *l;
	struct child c;

	temp_make();
	l = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(lock_wanted(l), 0);
	c = child_done(ask);
	ck_assert_int_eq(lock_wanted(l), 1);
	child_end(&c, SIGKILL);
	ck_assert_int_eq(lock_wanted(l), 0);	/* the dead ask no more */
	lock_free(l);
	temp_remove();
}
END_TEST

START_TEST(ends_an_ask_when_the_asker_takes_or_gives_up)
{
	struct lock *l;
	struct child c;

	temp_make();
	ck_assert_int_eq(lock_ask(name()), 0);
	l = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(lock_wanted(l), 0);	/* not by itself */
	lock_free(l);

	c = child_done(hold);
	ck_assert_int_eq(lock_ask(name()), 0);
	ck_assert_ptr_null(lock_take(name(), 1, NULL));
	child_end(&c, SIGKILL);
	l = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(lock_wanted(l), 0);
	lock_free(l);
	temp_remove();
}
END_TEST

static void
yield_when_asked(void)
{
	struct lock *l = lock_take(name(), LONG_MS, NULL);

	while (!lock_wanted(l))
		;
	lock_free(l);
}

/* How a --full gets the feed from the resident copy. */
START_TEST(hands_over_when_the_holder_yields)
{
	struct lock *l = NULL;
	struct child c;
	int holder = 0;

	temp_make();
	c = child_start(yield_when_asked);
	while (holder != c.pid) {	/* until it holds it */
		l = lock_take(name(), 0, &holder);
		lock_free(l);
	}
	ck_assert_int_eq(lock_ask(name()), 0);
	l = lock_take(name(), LONG_MS, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(lock_wanted(l), 0);
	child_wait(&c);
	lock_free(l);
	child_end(&c, SIGKILL);
	temp_remove();
}
END_TEST

START_TEST(counts_the_new_file_when_the_old_was_removed)
{
	struct lock *l, *other;

	temp_make();
	l = lock_take(name(), 0, NULL);
	unlink(name());
	other = lock_take(name(), 0, NULL);
	ck_assert_ptr_nonnull(other);
	ck_assert_ptr_null(lock_take(name(), 0, NULL));
	lock_free(l);
	lock_free(other);
	temp_remove();
}
END_TEST

START_TEST(says_why_it_cannot_open_its_file)
{
	temp_make();
	ck_assert_ptr_null(lock_take(temp_path("no/such.lock"), 0, NULL));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(lock_ask(temp_path("no/such.lock")), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(symlink("elsewhere", name()), 0);
	ck_assert_ptr_null(lock_take(name(), 0, NULL));
	ck_assert_int_eq(errno, ELOOP);
	unlink(name());
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(lock_ask(name()), 0);
	ck_assert_int_eq(lock_ask(name()), -1);
	ck_assert_int_eq(errno, EMFILE);
	lock_free(lock_take(name(), 0, NULL));
	ck_assert_int_eq(lock_ask(name()), 0);
	lock_free(lock_take(name(), 0, NULL));
	temp_remove();
}
END_TEST

/* Frees the lock and takes it again at once, and counts its turns. */
static int *turns;

static void
be_greedy(void)
{
	int fd = open(name(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (;;) {
		int64_t from = clock_mono_ms();

		if (lock_wait(fd, LONG_MS) == -1)
			child_fail();
		__atomic_fetch_add(turns, 1, __ATOMIC_SEQ_CST);
		while (clock_mono_ms() - from < 3)
			;
		flock(fd, LOCK_UN);
	}
}

enum { OURS = 30 };

/* flock alone lets it pass by who waits, hundreds of times. */
START_TEST(nobody_passes_by_who_waits)
{
	struct child c;
	int before, fd, passed = 0;

	temp_make();
	turns = mmap(NULL, sizeof *turns, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(turns, MAP_FAILED);
	c = child_start(be_greedy);
	fd = open(name(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (__atomic_load_n(turns, __ATOMIC_SEQ_CST) == 0)
		;
	for (int i = 0; i < OURS; i++) {
		before = __atomic_load_n(turns, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(turns, __ATOMIC_SEQ_CST) == before)
			;	/* it has just taken it again */
		ck_assert_int_eq(lock_wait(fd, LONG_MS), 0);
		passed += __atomic_load_n(turns, __ATOMIC_SEQ_CST) - before - 1;
		flock(fd, LOCK_UN);
	}
	/* at most one that was at the gate; the rest is for a loaded machine */
	ck_assert_int_le(passed, OURS * 2);
	close(fd);
	child_end(&c, SIGKILL);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("lock", refuses_a_second_holder_and_names_the_first,
	    is_freed_when_its_holder_is_killed, waits_for_the_holder_to_leave,
	    waits_no_longer_than_told_and_no_shorter,
	    tells_its_holder_that_somebody_asks,
	    ends_an_ask_when_the_asker_takes_or_gives_up,
	    hands_over_when_the_holder_yields,
	    counts_the_new_file_when_the_old_was_removed,
	    says_why_it_cannot_open_its_file, nobody_passes_by_who_waits);
}
