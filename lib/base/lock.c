/*
 * lock.c - one holder at a time, by name, freed by the kernel when it dies
 *
 * The lock is flock(2) on the file; the pid in it is for people. Whoever asks
 * for it holds a shared lock on one byte far behind the text, of the kind
 * that belongs to the open file, so that a dead asker asks no more. The file
 * is never removed: two processes could then hold two locks of one name.
 *
 * flock is unfair: who frees it and takes it again at once passes by all who
 * wait. So there is a gate before it, a byte that the next in turn holds while
 * he waits, and whom everybody else stands behind.
 *
 * Waiting ends by a timer's signal. It fires again every few milliseconds,
 * because the first may come just before the wait begins.
 */
#define _GNU_SOURCE	/* locks of the open file */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/lock.h"

enum {
	TICK_MS = 10,
	ASKS = 16,		/* feeds that one program waits for at once */
	ASK_BYTE = 1 << 20,
	GATE_BYTE = ASK_BYTE + 1
};

struct lock {
	int fd;
};

/* What this process asks for, until it takes it. */
static struct ask {
	int fd;			/* 0 = unused: standard input is no lock */
	dev_t dev;
	ino_t ino;
} asks[ASKS];

/* ---- waiting */

static void
wake_up(int signo)
{
	(void)signo;	/* its only work is to end a wait with EINTR */
}

/* A real-time signal, so that alarm() stays free for the programs. */
static int
wake_signal(void)
{
	return SIGRTMIN + 4;
}

/* Timers are not inherited: each process makes its own, once. */
static int
have_timer(timer_t *timer)
{
	static timer_t made;
	static pid_t owner;
	struct sigaction sa = { .sa_handler = wake_up };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL };

	if (owner != getpid()) {
		sigemptyset(&sa.sa_mask);
		ev.sigev_signo = wake_signal();
		if (sigaction(wake_signal(), &sa, NULL) == -1 ||
		    timer_create(CLOCK_MONOTONIC, &ev, &made) == -1)
			return -1;
		owner = getpid();
	}
	*timer = made;
	return 0;
}

static void
set_timer(timer_t timer, int first_ms)
{
	struct itimerspec t = { 0 };

	if (first_ms > 0) {
		t.it_value.tv_sec = first_ms / 1000;
		t.it_value.tv_nsec = first_ms % 1000 * 1000000L;
		t.it_interval.tv_nsec = TICK_MS * 1000000L;
	}
	timer_settime(timer, 0, &t, NULL);
}

static int
set_byte(int fd, int how, short type, off_t byte)
{
	struct flock at = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = byte, .l_len = 1 };

	return fcntl(fd, how, &at);
}

static int
take_gate(int fd)
{
	return set_byte(fd, F_OFD_SETLKW, F_WRLCK, GATE_BYTE);
}

static int
take_file(int fd)
{
	return flock(fd, LOCK_EX);
}

/* Other signals end the wait too: only the time decides. */
static int
wait_until(int (*take)(int), int fd, int64_t until)
{
	int rc;

	while ((rc = take(fd)) == -1 && errno == EINTR)
		if (clock_mono_ms() >= until) {
			errno = EWOULDBLOCK;
			break;
		}
	return rc;
}

static int
wait_in_turn(int fd, int wait_ms, int at_gate)
{
	int64_t until = clock_mono_ms() + wait_ms;
	sigset_t wake, before;
	timer_t timer;
	int rc = 0, why;

	if (have_timer(&timer) == -1)
		return -1;
	sigemptyset(&wake);
	sigaddset(&wake, wake_signal());
	sigprocmask(SIG_UNBLOCK, &wake, &before);
	set_timer(timer, wait_ms);
	if (!at_gate)
		rc = wait_until(take_gate, fd, until);
	if (rc == 0)
		rc = wait_until(take_file, fd, until);
	why = errno;
	set_timer(timer, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return rc;
}

int
lock_wait(int fd, int wait_ms)
{
	int at_gate = set_byte(fd, F_OFD_SETLK, F_WRLCK, GATE_BYTE) == 0;
	int rc = -1, why;

	if (!at_gate)
		errno = errno == EACCES ? EWOULDBLOCK : errno;
	else
		rc = flock(fd, LOCK_EX | LOCK_NB);
	if (rc == -1 && errno == EWOULDBLOCK && wait_ms > 0)
		rc = wait_in_turn(fd, wait_ms, at_gate);
	why = errno;
	set_byte(fd, F_OFD_SETLK, F_UNLCK, GATE_BYTE);
	errno = why;
	return rc;
}

/* ---- asking */

static int
open_lock(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static struct ask *
unused_ask(void)
{
	for (size_t i = 0; i < ASKS; i++)
		if (asks[i].fd == 0)
			return &asks[i];
	errno = EMFILE;
	return NULL;
}

int
lock_ask(const char *path)
{
	struct ask *a = unused_ask();
	struct stat sb;
	int fd;

	if (a == NULL || (fd = open_lock(path)) == -1)
		return -1;
	if (set_byte(fd, F_OFD_SETLK, F_RDLCK, ASK_BYTE) == -1 ||
	    fstat(fd, &sb) == -1) {
		close(fd);
		return -1;
	}
	*a = (struct ask){ .fd = fd, .dev = sb.st_dev, .ino = sb.st_ino };
	return 0;
}

static void
end_asks(int fd)
{
	struct stat sb;

	if (fstat(fd, &sb) == -1)
		return;
	for (struct ask *a = asks; a < asks + ASKS; a++)
		if (a->fd != 0 && a->dev == sb.st_dev && a->ino == sb.st_ino) {
			close(a->fd);
			a->fd = 0;
		}
}

int
lock_wanted(const struct lock *l)
{
	struct flock at = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = ASK_BYTE, .l_len = 1 };

	return fcntl(l->fd, F_OFD_GETLK, &at) == 0 && at.l_type != F_UNLCK;
}

/* ---- taking */

static int
read_pid(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof text - 1, 0) <= 0)
		return 0;
	return (int)strtol(text, NULL, 10);
}

static void
write_pid(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%-10ld\n", (long)getpid());

	/* For people only: a full disk is no reason to refuse. */
	(void)!pwrite(fd, text, (size_t)n, 0);
}

static int
is_removed(int fd)
{
	struct stat sb;

	return fstat(fd, &sb) == -1 || sb.st_nlink == 0;
}

/* An open file that is locked, or -1. A file removed by hand while we waited
 * is nobody's lock any more: the new one counts. */
static int
take(const char *path, int wait_ms, int *holder)
{
	int fd, rc, why;

	for (;;) {
		if ((fd = open_lock(path)) == -1)
			return -1;
		rc = lock_wait(fd, wait_ms);
		why = errno;
		end_asks(fd);
		if (rc == 0 && !is_removed(fd))
			return fd;
		if (rc == -1 && why == EWOULDBLOCK && holder != NULL)
			*holder = read_pid(fd);
		close(fd);
		errno = why;
		if (rc == -1)
			return -1;
	}
}

struct lock *
lock_take(const char *path, int wait_ms, int *holder)
{
	struct lock *l = malloc(sizeof *l);

	if (holder != NULL)
		*holder = 0;
	if (l == NULL)
		return NULL;
	if ((l->fd = take(path, wait_ms, holder)) == -1) {
		free(l);
		return NULL;
	}
	write_pid(l->fd);
	return l;
}

void
lock_free(struct lock *l)
{
	if (l == NULL)
		return;
	close(l->fd);
	free(l);
}
