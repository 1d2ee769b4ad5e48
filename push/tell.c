/*
 * tell.c - events as messages
 *
 * A message is made once and sent to all who may hear it. Who comes back is
 * told the past a batch at a time, as fast as it reads, and hears the present
 * only when it has caught up: so every id comes once and in order.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/notification.h"
#include "push/server.h"
#include "push/sse.h"

enum { PAST_AT_ONCE = 16 };	/* clients that are told some of it in one round */

enum { EPOCH };
static struct stmt sql[] = {
	[EPOCH] = { .sql = "SELECT value FROM meta WHERE key = 'epoch'" },
};
DB_STATEMENTS(sql);

/* ---- one message */

/* What stands in s->text, framed for this client. */
static void
send_text(struct server *s, struct client *c, int64_t id)
{
	struct buf *b = c->kind == KIND_WS ? &s->frame : &s->line;

	buf_reset(b);
	if (c->kind == KIND_WS)
		ws_text(b, s->text.s, s->text.len);
	else
		sse_message(b, id, c->mark, s->text.s, s->text.len);
	if (s->text.failed || b->failed)
		client_drop(s, c);	/* it comes back by its last id */
	else
		client_send(s, c, b->s, b->len);
}

static void
make_event(struct server *s, const struct follow_event *e)
{
	struct buf *b = &s->text;

	buf_reset(b);
	json_open(b, NULL, '{');
	json_put_int(b, "id", e->id);
	json_put_text(b, "type", e->type);
	json_put_raw(b, "data", e->payload);
	json_put_time(b, "at", e->at_ms / 1000);
	json_close(b, '}');
}

/* ---- the present */

struct telling {
	struct server *server;
	int64_t id;
	int framed;		/* s->frame holds it for a WebSocket */
};

static void
tell_one(void *arg, struct listener *l)
{
	struct telling *t = arg;
	struct server *s = t->server;
	struct client *c = (struct client *)l;

	if (c->state != LISTENING || c->past != PAST_NONE)
		return;
	s->told++;
	if (c->kind == KIND_WS && t->framed) {
		client_send(s, c, s->frame.s, s->frame.len);
		return;
	}
	send_text(s, c, t->id);
	t->framed |= c->kind == KIND_WS && !s->frame.failed;
}

struct ending {
	struct server *server;
	int64_t session_id;
};

static void
end_one(void *arg, struct listener *l)
{
	struct ending *e = arg;
	struct client *c = (struct client *)l;

	if (c->session_id == e->session_id)
		client_close(e->server, c, WS_DENIED);
}

/* {"session_id":812}: written by us, with this one member. */
static int64_t
session_of(const char *payload)
{
	static const char member[] = "\"session_id\":";
	const char *at = strstr(payload, member);
	int64_t id = 0;

	if (at == NULL)
		return 0;
	for (at += sizeof member - 1; *at >= '0' && *at <= '9' && id < INT64_MAX / 100; at++)
		id = id * 10 + (*at - '0');
	return id;
}

void
tell_event(void *arg, const struct follow_event *e)
{
	struct server *s = arg;
	struct telling t = { .server = s, .id = e->id };
	struct hub_event about = { e->user_id, e->branch_id, e->type };
	struct ending ending = { s, 0 };

	if (strcmp(e->type, "session.ended") == 0) {
		ending.session_id = session_of(e->payload);
		hub_of_user(s->hub, e->user_id, end_one, &ending);
		return;
	}
	make_event(s, e);
	hub_tell(s->hub, &about, tell_one, &t);
}

/* ---- the past */

struct catching_up {
	struct server *server;
	struct client *client;
};

static void
tell_missed(void *arg, const struct follow_event *e)
{
	struct catching_up *u = arg;

	if (u->client->replayed >= REPLAY_MAX) {
		u->client->replayed = REPLAY_MAX + 1;
		return;
	}
	u->client->replayed++;
	make_event(u->server, e);
	send_text(u->server, u->client, e->id);
}

/* Too much for messages: all is asked anew. */
static void
tell_resync(struct server *s, struct client *c)
{
	buf_reset(&s->text);
	json_open(&s->text, NULL, '{');
	json_put_text(&s->text, "type", "resync");
	json_put_int(&s->text, "last_id", follow_last(s->follow));
	json_close(&s->text, '}');
	send_text(s, c, follow_last(s->follow));
}

/* A batch of it: PAST_NONE when all is told. */
static enum client_past
catch_up(struct server *s, struct client *c)
{
	struct catching_up u = { s, c };
	int n;

	if (c->state != LISTENING)
		return PAST_NONE;
	n = follow_replay(s->follow, &c->listener, &c->position, tell_missed, &u);
	if (n == FOLLOW_PRUNED) {
		tell_resync(s, c);
		return PAST_NONE;
	}
	if (n < 0) {
		log_error("replay", "fault=%s", db_error(s->db));
		client_close(s, c, WS_GOING_AWAY);
		return PAST_NONE;
	}
	c->looked += (uint32_t)n;
	if (c->replayed > REPLAY_MAX ||
	    (c->looked >= REPLAY_ROWS && c->position < follow_last(s->follow))) {
		tell_resync(s, c);
		return PAST_NONE;
	}
	if (c->position >= follow_last(s->follow))
		return PAST_NONE;
	return client_unsent(c) > REPLAY_ROOM ? PAST_WAITS : PAST_LISTED;
}

void
tell_past_to(struct server *s, struct client *c)
{
	c->past = PAST_LISTED;
	c->next_past = NULL;
	if (s->past.first == NULL)
		s->past.first = c;
	else
		s->past.last->next_past = c;
	s->past.last = c;
}

int
tell_past(struct server *s)
{
	struct client *c, *last = s->past.last;

	for (int n = 0; n < PAST_AT_ONCE && (c = s->past.first) != NULL; n++) {
		s->past.first = c->next_past;
		c->past = (uint8_t)catch_up(s, c);
		if (c->past == PAST_LISTED)
			tell_past_to(s, c);
		if (c == last)
			break;
	}
	return s->past.first != NULL;
}

/* ---- the beginning, and the end */

static int64_t
epoch(struct server *s)
{
	int64_t n = db_find(s->db, &sql[EPOCH], "") == 1 ? db_int(&sql[EPOCH], 0) : DB_NULL;

	db_done(&sql[EPOCH]);
	return n;
}

static void
enter_past(struct server *s, struct client *c, int64_t since)
{
	c->position = since;
	if (since != follow_last(s->follow))
		tell_past_to(s, c);
}

void
tell_hello(struct server *s, struct client *c, int64_t since, int is_back)
{
	int64_t last = follow_last(s->follow), unread = 0;
	int within = is_back && since >= 0 && since <= last;

	if (notification_unread(s->db, c->listener.user_id, &unread) != DB_OK)
		unread = DB_NULL;
	buf_reset(&s->text);
	json_open(&s->text, NULL, '{');
	json_put_text(&s->text, "type", "hello");
	json_put_int(&s->text, "last_id", last);
	json_put_int(&s->text, "epoch", epoch(s));
	json_put_int(&s->text, "unread", unread);
	json_close(&s->text, '}');
	send_text(s, c, within ? since : last);
	if (within)
		enter_past(s, c, since);
	else if (is_back)
		tell_resync(s, c);
}

void
tell_ping(struct server *s, struct client *c)
{
	struct buf b = BUF_INIT(64);

	if (c->kind == KIND_WS)
		ws_ping(&b);
	else
		sse_ping(&b);
	if (!b.failed)
		client_send(s, c, b.s, b.len);
	buf_free(&b);
}

/* Not in s->frame: what stands there may be on its way to others. */
void
tell_end(struct server *s, struct client *c, int code)
{
	struct buf b = BUF_INIT(128);

	if (c->kind == KIND_WS)
		ws_close(&b, code);
	else if (c->kind == KIND_SSE)
		sse_end(&b, code);
	if (b.len > 0 && !b.failed)
		client_send(s, c, b.s, b.len);
	buf_free(&b);
}
