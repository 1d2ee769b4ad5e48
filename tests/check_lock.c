/* check_lock.c - one holder at a time, with real processes */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/lock.h"
#include "tests/suite.h"
#include "tests/temp.h"

enum { LONG_MS = 20000 };	/* more than any test takes */

static const char *
name(void)
{
	return temp_path("shop.db.orders.lock");
}

/* A child that does its work, tells so by a byte, and stays until killed or
 * until we close our end (which is what a test that fails does, too). */
struct child {
	pid_t pid;
	int said, stay;
};

static struct child
start(void (*work)(void))
{
	int said[2], stay[2];
	struct child c;
	char byte = 'x';

	ck_assert_int_eq(pipe(said), 0);
	ck_assert_int_eq(pipe(stay), 0);
	if ((c.pid = fork()) == 0) {
		close(said[0]);
		close(stay[1]);
		work();
		if (write(said[1], &byte, 1) == 1)
			(void)!read(stay[0], &byte, 1);
		_exit(0);
	}
	close(said[1]);
	close(stay[0]);
	c.said = said[0];
	c.stay = stay[1];
	return c;
}

static void
wait_for_word(struct child *c)
{
	char byte;

	ck_assert_int_eq(read(c->said, &byte, 1), 1);
}

static void
end(struct child *c, int how)
{
	if (how != 0)
		kill(c->pid, how);
	close(c->stay);
	close(c->said);
	ck_assert_int_eq(waitpid(c->pid, NULL, 0), c->pid);
}

static void
hold(void)
{
	if (lock_take(name(), 0, NULL) == NULL)
		_exit(1);
}

static void
ask(void)
{
	if (lock_ask(name()) == -1)
		_exit(1);
}

START_TEST(refuses_a_second_holder_and_names_the_first)
{
	struct lock *l;
	struct child c;
	int holder = -1;

	temp_make();
	c = start(hold);
	wait_for_word(&c);
	ck_assert_ptr_null(lock_take(name(), 0, &holder));
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert_int_eq(holder, c.pid);
	ck_assert_ptr_null(lock_take(name(), 0, NULL));
	l = lock_take(temp_path("shop.db.catalog.lock"), 0, &holder);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(holder, 0);
	lock_free(l);
	end(&c, SIGKILL);
	temp_remove();
}
END_TEST

START_TEST(is_freed_when_its_holder_is_killed)
{
	struct lock *l;
	struct child c;

	temp_make();
	c = start(hold);
	wait_for_word(&c);
	end(&c, SIGKILL);
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
	c = start(hold);
	wait_for_word(&c);
	close(c.stay);		/* it leaves while we are on our way */
	l = lock_take(name(), LONG_MS, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_lt(clock_mono_ms() - from, LONG_MS / 2);
	lock_free(l);
	ck_assert_int_eq(waitpid(c.pid, NULL, 0), c.pid);
	close(c.said);
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
	c = start(hold);
	wait_for_word(&c);
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
	end(&c, SIGKILL);
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
	c = start(ask);
	wait_for_word(&c);
	ck_assert_int_eq(lock_wanted(l), 1);
	end(&c, SIGKILL);
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

	c = start(hold);
	wait_for_word(&c);
	ck_assert_int_eq(lock_ask(name()), 0);
	ck_assert_ptr_null(lock_take(name(), 1, NULL));
	end(&c, SIGKILL);
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
	c = start(yield_when_asked);
	while (holder != c.pid) {	/* until it holds it */
		l = lock_take(name(), 0, &holder);
		lock_free(l);
	}
	ck_assert_int_eq(lock_ask(name()), 0);
	l = lock_take(name(), LONG_MS, NULL);
	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(lock_wanted(l), 0);
	wait_for_word(&c);
	lock_free(l);
	end(&c, SIGKILL);
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
	    says_why_it_cannot_open_its_file);
}
