/*
 * child.h - a child process that a test talks with
 *
 * It works, tells so by a byte, and stays until it is killed or our end of
 * its pipe closes, which a failing test does too: no child outlives its test.
 * Fork children before their parent takes a lock or opens a database.
 */
#ifndef CHILD_H
#define CHILD_H

#include <check.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	pid_t pid;
	int said, stay;
};

/* How a child ends itself when it cannot do its work. */
#define child_fail() _exit(1)

static inline struct child
child_start(void (*work)(void))
{
	int said[2], stay[2];
	struct child c;
	char byte = 'x';

	ck_assert_int_eq(pipe(said), 0);
	ck_assert_int_eq(pipe(stay), 0);
	c.pid = fork();
	ck_assert_int_ge(c.pid, 0);
	if (c.pid == 0) {
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

static inline void
child_wait(const struct child *c)
{
	char byte;

	ck_assert_int_eq(read(c->said, &byte, 1), 1);
}

/* Work done, and it stays. */
static inline struct child
child_done(void (*work)(void))
{
	struct child c = child_start(work);

	child_wait(&c);
	return c;
}

/* It leaves, some time from now. (The other end of the pipe may stand open in
 * its younger siblings, so closing ours would not do.) */
static inline void
child_leave(const struct child *c)
{
	ck_assert_int_eq(write(c->stay, "x", 1), 1);
}

/* signo 0: it was told to leave, and did its work. */
static inline void
child_end(struct child *c, int signo)
{
	int status;

	if (signo != 0)
		kill(c->pid, signo);
	close(c->stay);
	close(c->said);
	ck_assert_int_eq(waitpid(c->pid, &status, 0), c->pid);
	if (signo == 0) {
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	}
}

#endif
