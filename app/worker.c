/*
 * worker.c - between libfcgi and the dispatcher
 *
 * The parameters are looked through once. The body is always read to its
 * end: what is left of it would be taken for the next request of a kept
 * connection.
 */
#include <string.h>

#include "app/reply.h"
#include "app/route.h"
#include "app/worker.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	HEAD_MAX = 32 * 1024,		/* nginx's fastcgi_buffer_size */
	STREAM = 8000,			/* libfcgi holds so much of a reply back (8 KB, its header) */
	KEEP_MAX = 256 * 1024,		/* a larger answer's memory is given back */
	SKIP_MAX = 1024 * 1024		/* of a body that is refused; more ends the connection */
};

#define PARAM(name_, field) { name_, sizeof name_ - 1, offsetof(struct envelope, field) }

static const struct param {
	const char *name;
	size_t len, at;
} params[] = {
	PARAM("DOCUMENT_URI", path),
	PARAM("REQUEST_METHOD", method),
	PARAM("QUERY_STRING", query),
	PARAM("CONTENT_TYPE", content_type),
	PARAM("CONTENT_LENGTH", content_length),
	PARAM("REMOTE_ADDR", remote),
	PARAM("REQUEST_ID", id),
	PARAM("HTTP_AUTHORIZATION", authorization),
	PARAM("HTTP_IDEMPOTENCY_KEY", idempotency_key),
	PARAM("HTTP_IF_NONE_MATCH", if_none_match),
	PARAM("HTTP_ACCEPT_LANGUAGE", accept_language),
	PARAM("HTTP_ORIGIN", origin),
	PARAM("HTTP_HOST", host),
	PARAM("HTTP_COOKIE", cookies),
	PARAM("HTTP_ACCESS_CONTROL_REQUEST_METHOD", preflight),
};

/* "NAME=value" into its place. -1 when that is taken: a header came twice. */
static int
take(struct envelope *e, const char *pair)
{
	size_t n = strcspn(pair, "=");
	const char **place;

	for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
		if (params[i].len != n || memcmp(params[i].name, pair, n) != 0)
			continue;
		if (pair[n] == '\0' || pair[n + 1] == '\0')
			return 0;
		place = (const char **)(void *)((char *)e + params[i].at);
		if (*place != NULL)
			return -1;
		*place = pair + n + 1;
		return 0;
	}
	return 0;
}

static void
read_envelope(struct envelope *e, FCGX_ParamArray pairs)
{
	*e = (struct envelope){ .all = (const char *const *)pairs };
	for (; *pairs != NULL; pairs++)
		if (take(e, *pairs) == -1) {
			*e = (struct envelope){ .id = e->id };	/* is refused as 400 */
			return;
		}
}

/* What follows the part that was wanted, down to the end of the stream. */
static void
skip_rest(FCGX_Request *fcgi)
{
	char rest[4096];
	size_t skipped = 0;
	int n;

	while ((n = FCGX_GetStr(rest, sizeof rest, fcgi->in)) > 0)
		if ((skipped += (size_t)n) > SKIP_MAX) {
			fcgi->keepConnection = 0;
			return;
		}
}

static void
read_body(struct request *r, size_t size, FCGX_Request *fcgi)
{
	char *text = NULL;
	size_t n = 0;

	if (size > 0 && (text = arena_get(r->arena, size + 1)) != NULL)
		n = (size_t)FCGX_GetStr(text, (int)size, fcgi->in);
	skip_rest(fcgi);
	if (size > 0)
		request_body(r, text, n);
}

int
worker_init(struct worker *w, struct app *app)
{
	*w = (struct worker){ .app = app, .arena = arena_new(ARENA_MAX),
	    .out = BUF_INIT(REPLY_MAX), .head = BUF_INIT(HEAD_MAX) };
	return w->arena == NULL ? -1 : 0;
}

void
worker_free(struct worker *w)
{
	arena_free(w->arena);
	buf_free(&w->out);
	buf_free(&w->head);
}

/* Their answers leave now; or none of them does, and nginx answers 502. */
static void
count_waiting(struct worker *w, int safe)
{
	for (int i = 0; i < w->waiting_count; i++) {
		if (!safe)
			w->waiting[i].status = 502;
		metrics_add(w->app->counters, &w->waiting[i]);
	}
	w->waiting_count = 0;
}

static void
count(struct worker *w, const struct request *r, int64_t start_us)
{
	struct sample s = metrics_sample(r, start_us);

	if (w->unsafe)		/* what it acknowledges is not on disk: nobody hears it */
		s.status = 502;
	if (w->app->owes_sync && w->waiting_count < WAITING)
		w->waiting[w->waiting_count++] = s;
	else
		metrics_add(w->app->counters, &s);
}

int
worker_settle(struct worker *w)
{
	int rc = w->unsafe ? -1 : 0;

	w->unsafe = 0;
	if (w->app->owes_sync && db_sync(w->app->db) != 0) {
		log_error("sync", "why=%s", db_error(w->app->db));
		rc = -1;
	}
	w->app->owes_sync = 0;
	count_waiting(w, rc == 0);
	return rc;
}

/* libfcgi sends what does not fit into its buffer at once: settle before. */
static void
send_reply(struct worker *w, const struct request *r, FCGX_Request *fcgi)
{
	size_t n = w->head.len + (reply_has_body(r) ? w->out.len : 0);

	if (n > STREAM && w->app->owes_sync && worker_settle(w) == -1) {
		w->unsafe = 1;
		return;
	}
	FCGX_PutStr(w->head.s, (int)w->head.len, fcgi->out);
	if (reply_has_body(r))
		FCGX_PutStr(w->out.s, (int)w->out.len, fcgi->out);
}

void
worker_serve(struct worker *w, FCGX_Request *fcgi)
{
	struct envelope e;
	struct request r;
	int64_t start_us = clock_mono_us();
	size_t body;

	read_envelope(&e, fcgi->envp);
	body = request_open(&r, w->app, w->arena, &w->out, &e);
	read_body(&r, body, fcgi);
	route_serve(&r);
	buf_reset(&w->head);
	reply_head(&r, &w->head);
	send_reply(w, &r, fcgi);
	count(w, &r, start_us);
	log_request(NULL);
	if (w->out.size > KEEP_MAX)
		buf_free(&w->out);
	arena_reset(w->arena);
}
