/*
 * greet.c - the request of a new connection: let in, or refused
 *
 * /ws takes a ticket and upgrades; a browser sees no status of a refused
 * upgrade, so who shows no good ticket is upgraded too, and closed at once
 * with 4401. /events takes a ticket or a Bearer token and streams.
 */
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/origin.h"
#include "lib/shop/problem.h"
#include "push/server.h"
#include "push/sse.h"

enum { WS_TRY_LATER = 1013, SINCE_TEXT = 20 };

/* ---- refusals */

static const struct {
	int status;
	const char *line, *extra;
	enum problem problem;
} refusals[] = {
	{ 400, "400 Bad Request", "", BAD_REQUEST },
	{ 401, "401 Unauthorized", "WWW-Authenticate: Bearer\r\n", UNAUTHORIZED },
	{ 403, "403 Forbidden", "", CROSS_SITE },
	{ 404, "404 Not Found", "", NOT_FOUND },
	{ 405, "405 Method Not Allowed", "Allow: GET, OPTIONS\r\n", METHOD_NOT_ALLOWED },
	{ 426, "426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
	    BAD_REQUEST },
	{ 431, "431 Request Header Fields Too Large", "", BAD_REQUEST },
	{ 503, "503 Service Unavailable", "Retry-After: 1\r\n", BUSY },
};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

/* As nginx names requests; anything else was not from it. */
static const char *
request_id(const struct http_request *r)
{
	const char *id = r->header[HTTP_REQUEST_ID];
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return id != NULL && strlen(id) <= 64 && id[strspn(id, allowed)] == '\0' ? id : "";
}

/* An origin that may read the answer: NULL for our own pages, which need no word. */
static const char *
other_origin(const struct server *s, const struct http_request *r)
{
	const char *origin = r->header[HTTP_ORIGIN];

	return origin_is_listed(s->conf.cors_origins, origin) ? origin : NULL;
}

static void
refusal(const struct server *s, const struct http_request *r, int i, struct buf *out)
{
	enum language language = (enum language)s->conf.default_language;
	struct buf body = BUF_INIT(1024);

	json_open(&body, NULL, '{');
	json_put_text(&body, "error", problem_text(refusals[i].problem, language));
	json_put_text(&body, "code", problem_code(refusals[i].problem));
	json_put_raw(&body, "fields", "{}");
	json_put_text(&body, "request_id", request_id(r));
	json_close(&body, '}');
	buf_printf(out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
	    "Cache-Control: no-store\r\nConnection: close\r\nContent-Length: %zu\r\n%s",
	    refusals[i].line, body.len, refusals[i].extra);
	if (other_origin(s, r) != NULL)
		buf_printf(out, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n",
		    other_origin(s, r));
	buf_str(out, "\r\n");
	buf_add(out, body.s, body.len);
	buf_free(&body);
}

static void
refuse(struct server *s, struct client *c, const struct http_request *r, int status)
{
	struct buf out = BUF_INIT(4096);
	int i = 0;

	while (i < REFUSALS - 1 && refusals[i].status != status)
		i++;
	refusal(s, r, i, &out);
	s->refused++;
	log_debug("refused", "status=%d request=%s", refusals[i].status, request_id(r));
	client_send(s, c, out.s, out.len);
	client_close(s, c, 0);
	buf_free(&out);
}

/* ---- who, and from where on */

static int
is_allowed_origin(const struct server *s, const struct http_request *r)
{
	const char *origin = r->header[HTTP_ORIGIN];

	return origin == NULL ||
	    origin_is_own(s->conf.public_url, r->header[HTTP_HOST], origin) ||
	    origin_is_listed(s->conf.cors_origins, origin);
}

static void
count_one(void *count, struct listener *l)
{
	if (((const struct client *)l)->state == LISTENING)
		++*(int *)count;
}

/* One account must not take the room of all others. */
static int
enter(struct server *s, struct client *c, const struct pass *p, struct ticket *t)
{
	int count = 0, rc = access_enter(&s->access, p, t, &c->session_id, &c->listener);

	if (rc < 0)
		log_error("access", "fault=%s", db_error(s->db));
	if (rc == 1)
		hub_of_user(s->hub, c->listener.user_id, count_one, &count);
	return count >= USER_MAX ? DB_BUSY : rc;
}

/* Where a client says it stands. */
struct place {
	char text[SINCE_TEXT];
	int is_back;		/* it says so */
	int64_t since;		/* -1: what it says is no place of ours */
	const char *mark;
};

static void
read_place(const struct http_request *r, struct place *p)
{
	const char *from = r->header[HTTP_LAST_EVENT_ID];

	*p = (struct place){ .since = -1 };
	if (from == NULL || *from == '\0')
		from = http_value(r->query, "since", p->text, sizeof p->text) ? p->text : NULL;
	p->is_back = from != NULL;
	if (p->is_back && sse_last_id(from, &p->since, &p->mark) == -1)
		p->since = -1;
}

/* RFC 6750. */
static const char *
bearer(const struct http_request *r)
{
	const char *h = r->header[HTTP_AUTHORIZATION];

	if (h == NULL || strncasecmp(h, "Bearer ", 7) != 0)
		return NULL;
	return h + 7 + strspn(h + 7, " ");
}

/* In the hub from here on, and told so. */
static void
let_in(struct server *s, struct client *c, const struct http_request *r)
{
	struct place p;

	read_place(r, &p);
	if (hub_add(s->hub, &c->listener) == -1) {
		client_drop(s, c);
		return;
	}
	c->in_hub = 1;
	s->let_in++;
	client_set(s, c, LISTENING, clock_mono_ms() + PING_MS);
	tell_hello(s, c, p.since, p.is_back);
}

/* ---- WebSocket */

static void
greet_ws(struct server *s, struct client *c, const struct http_request *r)
{
	char text[TICKET_TEXT];
	struct pass pass = { 0 };
	struct buf out = BUF_INIT(512);
	struct ticket t;
	int rc = ws_wanted(r);

	if (rc != 101 || !is_allowed_origin(s, r)) {
		refuse(s, c, r, rc != 101 ? rc : 403);
		return;
	}
	c->kind = KIND_WS;
	if (ws_accept(r, &out) == -1)
		client_drop(s, c);
	else
		client_send(s, c, out.s, out.len);
	buf_free(&out);
	if (http_value(r->query, "ticket", text, sizeof text))
		pass.ticket = text;
	rc = enter(s, c, &pass, &t);
	if (rc == 1) {
		let_in(s, c, r);
		return;
	}
	s->refused++;
	client_close(s, c, rc == 0 ? WS_DENIED : WS_TRY_LATER);
}

/* ---- server-sent events */

static void
stream(struct server *s, struct client *c, const struct http_request *r, const char *mark)
{
	struct buf out = BUF_INIT(1024);

	c->kind = KIND_SSE;
	if (mark != NULL && (c->mark = strdup(mark)) == NULL) {
		client_drop(s, c);
		return;
	}
	sse_head(&out, other_origin(s, r));
	client_send(s, c, out.s, out.len);
	buf_free(&out);
	let_in(s, c, r);
}

/* What a browser asks before it sends Authorization from another origin. */
static void
answer_options(struct server *s, struct client *c, const struct http_request *r)
{
	struct buf out = BUF_INIT(1024);

	buf_str(&out, "HTTP/1.1 204 No Content\r\nConnection: close\r\nAllow: GET, OPTIONS\r\n");
	if (other_origin(s, r) != NULL)
		buf_printf(&out, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n"
		    "Access-Control-Allow-Methods: GET\r\n"
		    "Access-Control-Allow-Headers: Authorization, Last-Event-ID\r\n"
		    "Access-Control-Max-Age: 7200\r\n", other_origin(s, r));
	buf_str(&out, "\r\n");
	client_send(s, c, out.s, out.len);
	client_close(s, c, 0);
	buf_free(&out);
}

static void
greet_events(struct server *s, struct client *c, const struct http_request *r)
{
	char text[TICKET_TEXT], mark[TICKET_MARK];
	struct pass pass = { .token = bearer(r) };
	struct place p;
	struct ticket t;
	int rc;

	if (strcmp(r->method, "OPTIONS") == 0) {
		answer_options(s, c, r);
		return;
	}
	if (!is_allowed_origin(s, r)) {
		refuse(s, c, r, 403);
		return;
	}
	read_place(r, &p);
	pass.mark = p.mark;
	if (pass.token == NULL && http_value(r->query, "ticket", text, sizeof text))
		pass.ticket = text;
	rc = enter(s, c, &pass, &t);
	if (rc == 1 && pass.ticket != NULL && ticket_mark(s->access.keys, &t, mark) == -1)
		rc = DB_ERROR;
	if (rc == 1)
		stream(s, c, r, pass.ticket != NULL ? mark : NULL);
	else
		refuse(s, c, r, rc == 0 ? 401 : 503);
}

/* ---- */

static void
answer(struct server *s, struct client *c, const struct http_request *r)
{
	if (strcmp(r->path, "/ws") == 0)
		greet_ws(s, c, r);
	else if (strcmp(r->path, "/events") == 0)
		greet_events(s, c, r);
	else
		refuse(s, c, r, 404);
}

/* Frames may stand behind the request already. */
void
greet(struct server *s, struct client *c)
{
	struct http_request r = { 0 };
	int rc = http_read(c->asked.s, c->asked.len, &r);

	if (rc == 0)
		return;
	if (rc == HTTP_OK)
		answer(s, c, &r);
	else
		refuse(s, c, &(struct http_request){ 0 }, rc);
	if (rc == HTTP_OK && r.size < c->asked.len && c->state != GONE)
		client_frames(s, c, c->asked.s + r.size, c->asked.len - r.size);
	buf_free(&c->asked);
}
