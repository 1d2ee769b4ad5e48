/*
 * health.c - GET /healthz, /readyz and /metrics: for who watches the shop
 *
 * /healthz is for everybody and tells nothing but that a worker answers. The
 * other two are for this machine (nginx/inside.conf). A till that is down
 * makes no shop unready: orders are taken and wait.
 */
#include "config.h"

#include "app/handlers.h"
#include "app/metrics.h"
#include "lib/base/clock.h"

enum {
	MB = 1024 * 1024,
	FREE_LEAST_MB = 64,		/* a log that grows to its bound, and some more */
	COUNT_MAX = 10000,		/* rows looked at: more is bad enough */
	MS = 1000
};

enum { DUE, CLAIMED, UNCERTAIN, OPEN, ATTENTION, GOOD_RUN, LANE, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[DUE] = { .sql = "SELECT count(*), min(created_at) FROM (SELECT created_at FROM outbox "
	    "WHERE lane = ?1 AND state = 'due' LIMIT ?2)" },
	[CLAIMED] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'claimed' "
	    "AND lease_ms > 0 AND lane = ?1 LIMIT ?2)" },
	[UNCERTAIN] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM outbox "
	    "WHERE state = 'uncertain' AND state IN ('uncertain', 'refused', 'parked') "
	    "AND lane = ?1 LIMIT ?2)" },
	[OPEN] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM orders WHERE status = ?1 "
	    "AND status NOT IN ('delivered', 'cancelled', 'failed') LIMIT ?2)" },
	[ATTENTION] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM orders "
	    "WHERE status IN ('pending', 'sent_to_pos', 'processing', 'ready_for_pickup', "
	    "'out_for_delivery') AND status NOT IN ('delivered', 'cancelled', 'failed') "
	    "AND attention = ?1 LIMIT ?2)" },
	[GOOD_RUN] = { .sql = "SELECT finished_ms FROM sync_run WHERE feed = ?1 AND outcome = 'ok' "
	    "ORDER BY id DESC LIMIT 1" },
	[LANE] = { .sql = "SELECT failures, open_until, paused_why IS NOT NULL FROM lane "
	    "WHERE name = ?1" },
};
DB_STATEMENTS(sql);

enum problem
health_prepare(struct request *r)
{
	json_open(r->out, NULL, '{');
	json_put_bool(r->out, "ok", 1);
	json_close(r->out, '}');
	return OK;
}

/* The first reason why orders could not be taken; NULL = they can. */
static const char *
why_not_ready(const struct db_health *h)
{
	if (!h->schema_right)
		return "the database is of another version";
	if (h->stopped)
		return "writing is stopped after a failed sync";
	if (h->free_bytes < (int64_t)FREE_LEAST_MB * MB)
		return "the disk is full";
	return NULL;
}

enum problem
ready_apply(struct request *r)
{
	struct db_health h;
	const char *why;
	int rc = db_health(r->app->db, &h);

	if (rc != DB_OK)
		return fail_db(r, rc);
	if ((why = why_not_ready(&h)) != NULL)
		return fail_with(r, NOT_READY, arena_printf(r->arena, "\"reason\":\"%s\"", why));
	json_open(r->out, NULL, '{');
	json_put_bool(r->out, "ready", 1);
	json_close(r->out, '}');
	return OK;
}

/* ---- /metrics: a metric that is read from the database is a row */

static void
head(struct buf *b, const char *name, const char *help)
{
	buf_printf(b, "# HELP tillbridge_%s %s\n# TYPE tillbridge_%s gauge\n", name, help, name);
}

static void
put(struct buf *b, const char *name, const char *label, const char *value, int64_t n)
{
	buf_printf(b, "tillbridge_%s{%s=\"%s\"} %lld\n", name, label, value, (long long)n);
}

static const char *const lanes[] = { "pos", "client", "mail", "push" };
static const char *const states[] = { "pending", "sent_to_pos", "processing", "ready_for_pickup",
    "out_for_delivery" };
static const char *const attentions[] = { "not_accepted", "uncertain", "stuck",
    "cancel_unanswered", "total_differs", "incomplete" };
static const char *const feeds[] = { "branches", "products", "stock", "clients", "orders" };

struct metric {
	const char *name, *help, *label;
	const char *const *values;
	size_t count;
	int statement, column;
	int64_t (*of)(int64_t found);	/* NULL: as it is */
};

static int64_t
age(int64_t at)
{
	return clock_now() > at ? clock_now() - at : 0;
}

static int64_t
age_ms(int64_t at)
{
	return age(at / MS);
}

static int64_t
is_open(int64_t until)
{
	return until > clock_now();
}

#define VALUES(list) list, sizeof(list) / sizeof *(list)

static const struct metric metrics[] = {
	{ "outbox_due", "Rows that wait to be sent, up to 10000.", "lane", VALUES(lanes), DUE, 0, NULL },
	{ "outbox_oldest_due_seconds", "Age of the oldest row that waits to be sent.", "lane",
	    VALUES(lanes), DUE, 1, age },
	{ "outbox_claimed", "Rows that are being sent.", "lane", VALUES(lanes), CLAIMED, 0, NULL },
	{ "outbox_uncertain", "Rows of which a person must say whether the till has them.", "lane",
	    VALUES(lanes), UNCERTAIN, 0, NULL },
	{ "lane_paused", "1 while nothing is sent until an operator resumes it.", "lane",
	    VALUES(lanes), LANE, 2, NULL },
	{ "lane_breaker_open", "1 while the other side is left alone after failures.", "lane",
	    VALUES(lanes), LANE, 1, is_open },
	{ "lane_failures", "Failures in a row.", "lane", VALUES(lanes), LANE, 0, NULL },
	{ "orders_open", "Open orders, up to 10000 of each status.", "status", VALUES(states), OPEN, 0,
	    NULL },
	{ "orders_attention", "Open orders that need a person, by why, up to 10000 of each.", "why",
	    VALUES(attentions), ATTENTION, 0, NULL },
	{ "sync_age_seconds", "Since the last good run of a feed ended; absent before the first.",
	    "feed", VALUES(feeds), GOOD_RUN, 0, age_ms },
};

static int
write_value(struct db *db, const struct metric *m, const char *value, struct buf *b)
{
	struct stmt *s = &sql[m->statement];
	int counts = m->statement < GOOD_RUN, rc;
	int64_t n = DB_NULL;

	rc = counts ? db_find(db, s, "si", value, (int64_t)COUNT_MAX) : db_find(db, s, "s", value);
	if (rc == 1)
		n = db_int(s, m->column);
	db_done(s);
	if (n != DB_NULL)
		put(b, m->name, m->label, value, m->of == NULL ? n : m->of(n));
	return rc < 0 ? rc : 0;
}

static void
write_health(const struct app *app, const struct db_health *h, struct buf *b)
{
	head(b, "database_wal_bytes", "Size of the write-ahead log.");
	buf_printf(b, "tillbridge_database_wal_bytes %lld\n", (long long)h->wal_bytes);
	head(b, "database_free_bytes", "What the database's disk has left.");
	buf_printf(b, "tillbridge_database_free_bytes %lld\n", (long long)h->free_bytes);
	head(b, "database_writing_stopped", "1 after a sync to disk failed.");
	buf_printf(b, "tillbridge_database_writing_stopped %d\n", h->stopped);
	head(b, "build_info", "The version that answers.");
	buf_printf(b, "tillbridge_build_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
	head(b, "worker_start_time_seconds", "When the worker that answers began.");
	buf_printf(b, "tillbridge_worker_start_time_seconds %lld\n", (long long)app->started_at);
}

enum problem
metrics_apply(struct request *r)
{
	struct db *db = r->app->db;
	struct db_health h;
	int rc = db_health(db, &h);

	for (size_t i = 0; i < sizeof metrics / sizeof *metrics && rc == DB_OK; i++) {
		head(r->out, metrics[i].name, metrics[i].help);
		for (size_t k = 0; k < metrics[i].count && rc == DB_OK; k++)
			rc = write_value(db, &metrics[i], metrics[i].values[k], r->out);
	}
	if (rc != DB_OK)
		return fail_db(r, rc);
	write_health(r->app, &h, r->out);
	metrics_write(r->app->counters, r->out);
	r->type = "text/plain; version=0.0.4; charset=utf-8";
	return OK;
}
