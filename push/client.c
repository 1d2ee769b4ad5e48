/*
 * client.c - one connection: bytes in, bytes out, its end
 *
 * Its place in the hub it keeps until it is freed, because the hub must not
 * change while it tells; what is not LISTENING is told nothing.
 * What a socket does not take waits in a buffer that exists only as long as
 * something waits. Nobody is freed while others are being told: who ends is
 * GONE and swept away when the round is over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "push/server.h"

enum { READ_BYTES = 4096 };

static void
leave_queue(struct server *s, struct client *c)
{
	struct queue *q = &s->queue[c->state];

	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		q->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		q->last = c->prev;
	c->next = c->prev = NULL;
}

static void
enter_queue(struct server *s, struct client *c)
{
	struct queue *q = &s->queue[c->state];

	c->prev = q->last;
	if (q->last != NULL)
		q->last->next = c;
	else
		q->first = c;
	q->last = c;
}

/* All of a state wait equally long, so the queue is in the order of time. */
void
client_set(struct server *s, struct client *c, enum client_state state, int64_t due_ms)
{
	leave_queue(s, c);
	c->state = (uint8_t)state;
	c->due_ms = due_ms;
	enter_queue(s, c);
}

static void
wait_for(struct server *s, struct client *c, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = c };

	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->fd, &e) == -1)
		client_drop(s, c);
}

struct client *
client_new(struct server *s, int fd)
{
	struct client *c = calloc(1, sizeof *c);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };

	if (c == NULL || epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &e) == -1) {
		free(c);
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->out.limit = QUEUE_MAX * 3;	/* sent, unsent, and the one too much */
	c->asked.limit = HTTP_MAX + 1;
	c->state = ASKING;
	c->due_ms = clock_mono_ms() + ASK_MS;
	enter_queue(s, c);
	s->count++;
	return c;
}

void
client_drop(struct server *s, struct client *c)
{
	if (c->state != GONE)
		client_set(s, c, GONE, 0);
}

static void
free_client(struct server *s, struct client *c)
{
	if (c->in_hub) {
		hub_remove(s->hub, &c->listener);
		s->watched_version = DB_NULL;	/* places have changed: look at all again */
	}
	close(c->fd);
	buf_free(&c->out);
	buf_free(&c->asked);
	ws_input_free(&c->in);
	free(c->listener.branches);
	free(c->mark);
	free(c);
	s->count--;
}

/* Who stands in the list of the past goes when that has been gone through. */
void
client_sweep(struct server *s)
{
	struct client *c, *next;

	for (c = s->queue[GONE].first; c != NULL; c = next) {
		next = c->next;
		if (c->past == PAST_LISTED)
			continue;
		leave_queue(s, c);
		free_client(s, c);
	}
}

/* ---- out */

size_t
client_unsent(const struct client *c)
{
	return c->out.len - c->sent;
}

/* How many bytes went; all of them are gone when the other end is. */
static size_t
push(struct server *s, struct client *c, const void *bytes, size_t n)
{
	ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent >= 0)
		return (size_t)sent;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS)
		return 0;
	client_drop(s, c);
	return n;
}

static void
keep(struct server *s, struct client *c, const char *bytes, size_t n)
{
	if (c->sent > client_unsent(c)) {	/* so that it costs no more than the sending */
		memmove(c->out.s, c->out.s + c->sent, client_unsent(c));
		c->out.len -= c->sent;
		c->sent = 0;
	}
	buf_add(&c->out, bytes, n);
	if (c->out.failed) {
		client_drop(s, c);
		return;
	}
	if (!c->waits_out) {
		c->waits_out = 1;
		wait_for(s, c, EPOLLIN | EPOLLOUT);
	}
}

void
client_send(struct server *s, struct client *c, const void *bytes, size_t n)
{
	size_t sent = 0;

	if (c->state == GONE)
		return;
	if (c->out.len == 0)
		sent = push(s, c, bytes, n);
	if (sent < n)
		keep(s, c, (const char *)bytes + sent, n - sent);
	if (c->state == LISTENING && client_unsent(c) > QUEUE_MAX) {
		s->slow++;
		client_close(s, c, WS_SLOW);
	}
}

void
client_flush(struct server *s, struct client *c)
{
	if (c->state == GONE || c->out.len == 0)
		return;
	c->sent += push(s, c, c->out.s + c->sent, client_unsent(c));
	if (c->past == PAST_WAITS && client_unsent(c) <= REPLAY_ROOM)
		tell_past_to(s, c);
	if (c->state == GONE || client_unsent(c) > 0)
		return;
	buf_free(&c->out);
	c->sent = 0;
	c->waits_out = 0;
	wait_for(s, c, EPOLLIN);
	if (c->state == CLOSING && c->kind != KIND_WS)
		client_drop(s, c);
}

/* ---- the end */

void
client_close(struct server *s, struct client *c, int code)
{
	if (c->state == CLOSING || c->state == GONE)
		return;
	client_set(s, c, CLOSING, clock_mono_ms() + CLOSE_MS);
	tell_end(s, c, code);
	if (c->state == CLOSING && c->kind != KIND_WS && client_unsent(c) == 0)
		client_drop(s, c);
}

/* ---- in */

struct hearing {
	struct server *server;
	struct client *client;
};

static void
hear(void *arg, enum ws_word word, const void *data, size_t n)
{
	struct hearing *h = arg;
	struct client *c = h->client;
	struct buf out = BUF_INIT(1024);

	if (c->state != LISTENING) {
		if (word == WS_CLOSED)
			client_drop(h->server, c);
		return;
	}
	if (word == WS_SAID_PING)
		ws_text(&out, "pong", 4);
	else if (word == WS_PINGED)
		ws_pong(&out, data, n);
	if (out.len > 0)
		client_send(h->server, c, out.s, out.len);
	buf_free(&out);
	if (word == WS_CLOSED) {
		client_close(h->server, c, n >= 2
		    ? ((const uint8_t *)data)[0] << 8 | ((const uint8_t *)data)[1] : 1000);
		client_drop(h->server, c);
	}
}

void
client_frames(struct server *s, struct client *c, const void *bytes, size_t n)
{
	struct hearing h = { s, c };
	int code;

	c->unanswered = 0;
	if (c->kind != KIND_WS)
		return;
	code = ws_read(&c->in, bytes, n, hear, &h);
	if (code != 0)
		client_close(s, c, code);
}

static void
take_request(struct server *s, struct client *c, const char *bytes, size_t n)
{
	buf_add(&c->asked, bytes, n);
	if (c->asked.failed)
		client_drop(s, c);
	else
		greet(s, c);
}

void
client_readable(struct server *s, struct client *c)
{
	char bytes[READ_BYTES];
	size_t most = sizeof bytes;
	ssize_t n;

	if (c->state == ASKING && most > HTTP_MAX - c->asked.len)
		most = HTTP_MAX - c->asked.len;
	n = recv(c->fd, bytes, most, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0)
		client_drop(s, c);
	else if (c->state == ASKING)
		take_request(s, c, bytes, (size_t)n);
	else if (c->state != GONE)
		client_frames(s, c, bytes, (size_t)n);
}
