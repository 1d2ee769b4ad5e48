/*
 * loop.c - what happens next: sockets, the table of events, time
 *
 * Every round does a little of everything, so that neither ten thousand pings
 * nor ten thousand who come back hold up a message. Idle, it wakes once a
 * second.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* accept4 */
#endif
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "push/server.h"

enum {
	EVENTS = 256, ACCEPTS = 64, DUE = 256,	/* in one round */
	WATCHED = 256,				/* sessions looked at in one bite */
	WATCH_MS = 50,				/* between two bites */
	ROUND_MS = 1000,			/* from one look at all sessions to the next */
	NO_ROOM_MS = 1000,			/* without descriptors, until it is tried again */
	FULL_MS = 60000,			/* from one word about that to the next */
	LEAVE_MS = 3000				/* after SIGTERM, for the last bytes */
};

struct loop {
	struct server *server;
	int signal_fd;
	int feed_waited;	/* the feed's descriptor is waited for */
	int64_t leave_ms;	/* 0 = not leaving */
	int64_t accept_ms;	/* not before */
	int64_t full_ms;	/* when to say again that there is no room */
	struct stat file;	/* the database, as it was opened */
	int is_replaced;
	int feed_failed;	/* and it was said */
};

/* ---- waiting for */

static int
add(struct loop *l, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(l->server->epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

static void
set_waited(struct loop *l, int fd, void *what, int *waited, int want)
{
	struct epoll_event e = { .events = want ? EPOLLIN : 0, .data.ptr = what };

	if (*waited != want && epoll_ctl(l->server->epoll_fd, EPOLL_CTL_MOD, fd, &e) == 0)
		*waited = want;
}

static int
open_loop(struct loop *l)
{
	struct server *s = l->server;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) == -1 ||
	    (s->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    stat(db_path(s->db), &l->file) == -1)
		return -1;
	s->accepting = l->feed_waited = 1;
	if (add(l, l->signal_fd, &l->signal_fd) == -1 || add(l, s->listen_fd, &s->listen_fd) == -1)
		return -1;
	return follow_fd(s->follow) == -1 ? 0 : add(l, follow_fd(s->follow), s->follow);
}

/* ---- new connections */

static void
say_full(struct loop *l, const char *why, int64_t now_ms)
{
	if (now_ms < l->full_ms)
		return;
	log_warn("full", "why=%s clients=%zu most=%zu", why, l->server->count, l->server->most);
	l->full_ms = now_ms + FULL_MS;
}

/* Others of this machine may hold the descriptors for a moment. */
static void
accept_some(struct loop *l, int64_t now_ms)
{
	struct server *s = l->server;
	int fd;

	for (int n = 0; n < ACCEPTS && s->count < s->most; n++) {
		fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)) {
			say_full(l, "descriptors", now_ms);
			l->accept_ms = now_ms + NO_ROOM_MS;
		}
		if (fd == -1)
			return;
		client_new(s, fd);
	}
	if (s->count >= s->most)
		say_full(l, "most", now_ms);
}

/* ---- time */

static void
due(struct server *s, struct client *c, int64_t now_ms)
{
	if (c->state != LISTENING || c->unanswered >= 2) {
		client_drop(s, c);
		return;
	}
	if (c->kind == KIND_WS)
		c->unanswered++;
	client_set(s, c, LISTENING, now_ms + PING_MS);
	tell_ping(s, c);
}

/* When to come back for who is due next. */
static int64_t
keep_time(struct server *s, int64_t now_ms)
{
	int64_t next = now_ms + ROUND_MS;
	struct client *c;
	int n = 0;

	for (int state = ASKING; state < GONE; state++) {
		while ((c = s->queue[state].first) != NULL && c->due_ms <= now_ms && n++ < DUE)
			due(s, c, now_ms);
		if (c != NULL && c->due_ms < next)
			next = c->due_ms;
	}
	return next;
}

/* ---- sessions that end without a word */

static void
watch_one(struct server *s, struct client *c)
{
	int rc = c->state != LISTENING ? 1 : access_still(&s->access, c->session_id, &c->listener);

	if (rc < 0)
		log_error("access", "fault=%s", db_error(s->db));
	if (rc == 0)
		client_close(s, c, WS_DENIED);
}

static void
look_at_file(struct loop *l)
{
	struct stat now;

	if (stat(db_path(l->server->db), &now) == -1 || now.st_ino == l->file.st_ino)
		return;
	log_error("database_replaced", "file=%s", db_path(l->server->db));
	l->is_replaced = 1;
}

/* Round after round over all of them, while anybody writes. */
static void
watch(struct loop *l, int64_t now_ms)
{
	struct server *s = l->server;
	size_t end;

	if (now_ms < s->watch_ms)
		return;
	if (s->watched == 0) {
		int64_t version = db_data_version(s->db);

		look_at_file(l);
		s->watch_ms = now_ms + ROUND_MS;
		if (version == s->watched_version)
			return;
		s->watched_version = version;
	}
	end = s->watched + WATCHED;
	for (; s->watched < end && s->watched < hub_count(s->hub); s->watched++)
		watch_one(s, (struct client *)hub_at(s->hub, s->watched));
	if (s->watched >= hub_count(s->hub))
		s->watched = 0;
	s->watch_ms = now_ms + (s->watched == 0 ? ROUND_MS : WATCH_MS);
}

/* ---- a round */

static void
leave(struct loop *l, int64_t now_ms)
{
	struct server *s = l->server;
	struct client *c;

	if (l->leave_ms != 0)
		return;
	log_info("leaving", "clients=%zu let_in=%lld refused=%lld told=%lld slow=%lld", s->count,
	    (long long)s->let_in, (long long)s->refused, (long long)s->told, (long long)s->slow);
	l->leave_ms = now_ms + LEAVE_MS;
	set_waited(l, s->listen_fd, &s->listen_fd, &s->accepting, 0);
	while ((c = s->queue[LISTENING].first) != NULL)
		client_close(s, c, WS_GOING_AWAY);
	while ((c = s->queue[ASKING].first) != NULL)
		client_drop(s, c);
}

static void
look_at_feed(struct loop *l, int64_t now_ms)
{
	struct server *s = l->server;
	int n;

	if (now_ms < follow_due_ms(s->follow))
		return;
	n = follow_look(s->follow, now_ms, tell_event, s);
	if (n < 0 && !l->feed_failed)
		log_error("feed", "fault=%s", db_error(s->db));
	l->feed_failed = n < 0;
}

static void
handle(struct loop *l, const struct epoll_event *e, int64_t now_ms)
{
	struct server *s = l->server;
	struct client *c = e->data.ptr;

	if (e->data.ptr == &l->signal_fd)
		leave(l, now_ms);
	else if (e->data.ptr == &s->listen_fd)
		accept_some(l, now_ms);
	else if (e->data.ptr == s->follow)
		follow_woken(s->follow, now_ms);
	else if (c->state != GONE) {
		if ((e->events & EPOLLOUT) != 0)
			client_flush(s, c);
		if ((e->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && c->state != GONE)
			client_readable(s, c);
	}
}

/* How long to wait: until what is due first. */
static int
wait_ms(struct loop *l, int64_t next_ms, int more)
{
	struct server *s = l->server;
	int64_t now_ms = clock_mono_ms();

	if (more)
		return 0;
	if (follow_due_ms(s->follow) < next_ms)
		next_ms = follow_due_ms(s->follow);
	if (s->watch_ms < next_ms)
		next_ms = s->watch_ms;
	return next_ms <= now_ms ? 0 : (int)(next_ms - now_ms);
}

static int
go_round(struct loop *l, int *wait)
{
	struct server *s = l->server;
	struct epoll_event events[EVENTS];
	int64_t now_ms, next_ms;
	int more, n = epoll_wait(s->epoll_fd, events, EVENTS, *wait);

	if (n == -1 && errno != EINTR)
		return -1;
	now_ms = clock_mono_ms();
	for (int i = 0; i < n; i++)
		handle(l, &events[i], now_ms);
	look_at_feed(l, now_ms);
	more = tell_past(s);
	next_ms = keep_time(s, now_ms);
	watch(l, now_ms);
	client_sweep(s);
	if (follow_fd(s->follow) != -1)
		set_waited(l, follow_fd(s->follow), s->follow, &l->feed_waited, follow_listens(s->follow));
	if (l->leave_ms == 0)
		set_waited(l, s->listen_fd, &s->listen_fd, &s->accepting,
		    s->count < s->most && now_ms >= l->accept_ms);
	*wait = wait_ms(l, next_ms, more);
	return 0;
}

int
server_run(struct server *s)
{
	struct loop l = { .server = s, .signal_fd = -1 };
	int wait = 0, rc;

	if (open_loop(&l) == -1)
		return -1;
	while ((rc = go_round(&l, &wait)) == 0) {
		if (l.is_replaced)
			leave(&l, clock_mono_ms());
		if (l.leave_ms != 0 && (s->count == 0 || clock_mono_ms() >= l.leave_ms))
			break;
	}
	close(l.signal_fd);
	return rc;
}
