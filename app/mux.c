/*
 * mux.c - many kept FastCGI connections in one process
 *
 * libfcgi's own loop holds one connection and blocks on it, so idle kept
 * connections would pin every worker. Here an epoll watches the listening
 * socket (EPOLLEXCLUSIVE: one worker wakes) and each connection; a request is
 * read by libfcgi once its first bytes are there: three system calls for a
 * small one.
 *
 * A worker never closes a kept connection, because nginx may just be sending
 * a request on it. Told to leave, it stops accepting and serves on; nginx
 * closes by its keepalive_time. DRAIN_MS is for a web server that does not.
 *
 * Signals are read from the epoll like everything else: interrupting the wait
 * would never happen to a worker that always has something to read.
 *
 * With keeps = 0 (slow handlers) a connection is taken only when nothing is
 * under way, so that no request waits behind a busy process while another
 * one is free.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/mux.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	EVENTS = 16,
	CONNECTIONS_MAX = 1024,	/* more wait in the backlog */
	STALL_S = 10,		/* a web server that stops in the middle of a request */
	DRAIN_MS = 30 * 1000,
	HOLD_MS = 10		/* a reply waits no longer for what else is ready */
};

struct served {
	FCGX_Request *connection;
	int closes;			/* nobody will send another request on it */
};

struct loop {
	const struct mux *mux;
	int epoll, signals, listening;
	int connections, most;		/* most: as many as there is room for */
	struct served served[EVENTS];	/* their replies wait to be settled */
	int served_count;
	int64_t first_ms;		/* since when the first of them waits */
	int64_t requests, leave_by;	/* leave_by 0: not leaving */
};

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
}

int
mux_hold_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t ours;

	our_signals(&ours);
	sigemptyset(&ignore.sa_mask);
	if (sigaction(SIGPIPE, &ignore, NULL) == -1)
		return -1;
	return sigprocmask(SIG_BLOCK, &ours, NULL);
}

/* Watch the listening socket exactly when a connection may be taken. */
static int
set_listening(struct loop *l)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int want = l->leave_by == 0 && l->connections < l->most;

	if (want == l->listening)
		return 0;
	l->listening = want;
	return epoll_ctl(l->epoll, want ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, l->mux->listen_fd, &ev);
}

static void
start_leaving(struct loop *l, const char *why)
{
	if (l->leave_by != 0)
		return;
	l->leave_by = clock_mono_ms() + DRAIN_MS;
	log_info("leaving", "why=%s requests=%lld connections=%d", why, (long long)l->requests,
	    l->connections);
}

static void
forget(struct loop *l, FCGX_Request *c)
{
	l->connections--;
	l->most = CONNECTIONS_MAX;
	free(c);
}

/* Send the reply. libfcgi would linger up to two seconds over a close. */
static void
finish(struct loop *l, const struct served *s)
{
	FCGX_Request *c = s->connection;

	FCGX_Finish_r(c);
	if (s->closes && c->ipcFd >= 0) {
		close(c->ipcFd);
		c->ipcFd = -1;
	}
	if (c->ipcFd < 0)
		forget(l, c);
}

/* Let the replies go; or, when what they acknowledge is not safe, none of them:
 * nginx answers 502, and nobody was told what may not be true. */
static void
settle(struct loop *l)
{
	int safe = l->served_count == 0 || l->mux->settle(l->mux->arg) == 0;

	for (int i = 0; i < l->served_count; i++) {
		if (safe) {
			finish(l, &l->served[i]);
		} else {
			FCGX_Free(l->served[i].connection, 1);
			forget(l, l->served[i].connection);
		}
	}
	l->served_count = 0;
}

/* Its reply waits for others to share a sync with, but not for slow ones. */
static void
hold(struct loop *l, const struct served *s)
{
	int64_t now = clock_mono_ms();

	if (l->served_count == 0)
		l->first_ms = now;
	l->served[l->served_count++] = *s;
	if (now - l->first_ms >= HOLD_MS)
		settle(l);
}

/* The connection has something to read: a request, or its end. */
static void
serve(struct loop *l, FCGX_Request *c)
{
	struct served s = { .connection = c };

	if (FCGX_Accept_r(c) < 0) {
		forget(l, c);
		return;
	}
	s.closes = !l->mux->keeps || !c->keepConnection;
	c->keepConnection = 1;
	l->mux->serve(l->mux->arg, c);
	if (++l->requests == l->mux->max_requests)
		start_leaving(l, "max_requests");
	if (l->mux->settle == NULL)
		finish(l, &s);
	else
		hold(l, &s);
}

static void
bound_waits(int fd)
{
	struct timeval t = { .tv_sec = STALL_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

/* Nobody was there, or the system has no room: what waits in the backlog is
 * for another worker, or for this one when a connection has ended. */
static int
take_none(struct loop *l)
{
	if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
		return 0;
	if (l->connections == 0 || (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
	    errno != ENOMEM))
		return -1;
	log_warn("no_room", "connections=%d fault=%s", l->connections, strerror(errno));
	l->most = l->connections;
	return 0;
}

/* One at a time: the others are for workers that wait. */
static int
take_connection(struct loop *l)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = accept4(l->mux->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	FCGX_Request *c;

	if (fd == -1)
		return take_none(l);
	bound_waits(fd);
	if ((c = calloc(1, sizeof *c)) == NULL || FCGX_InitRequest(c, -1, 0) != 0) {
		free(c);
		close(fd);
		return 0;
	}
	c->ipcFd = fd;
	c->keepConnection = 1;
	l->connections++;
	if (!l->mux->keeps) {
		serve(l, c);
		return 0;
	}
	ev.data.ptr = c;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int
wait_ms(const struct loop *l)
{
	int64_t left;

	if (l->leave_by == 0)
		return -1;
	left = l->leave_by - clock_mono_ms();
	return left > 0 ? (int)left : 0;
}

static int
turn(struct loop *l)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(l->epoll, events, EVENTS, wait_ms(l));

	if (n == -1 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == &l->signals)
			start_leaving(l, "signal");
		else if (events[i].data.ptr != NULL)
			serve(l, events[i].data.ptr);
		else if (l->leave_by == 0 && take_connection(l) == -1)
			return -1;
	}
	settle(l);
	return set_listening(l);
}

static int
watch_signals(struct loop *l)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT, .data.ptr = &l->signals };
	sigset_t ours;

	our_signals(&ours);
	l->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signals == -1 ? -1 : epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->signals, &ev);
}

static int
prepare(struct loop *l)
{
	int flags = fcntl(l->mux->listen_fd, F_GETFL);

	if (flags == -1 || fcntl(l->mux->listen_fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    (l->epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 || watch_signals(l) == -1)
		return -1;
	return set_listening(l);
}

int
mux_run(const struct mux *m)
{
	struct loop l = { .mux = m, .most = CONNECTIONS_MAX };

	if (FCGX_Init() != 0 || mux_hold_signals() == -1 || prepare(&l) == -1)
		return -1;
	while (l.leave_by == 0 || l.connections > 0) {
		if (turn(&l) == -1)
			return -1;
		if (l.leave_by != 0 && l.connections > 0 && wait_ms(&l) == 0) {
			log_warn("connections_left_open", "connections=%d", l.connections);
			break;
		}
	}
	close(l.signals);
	close(l.epoll);
	return 0;
}
