/*
 * admin_sync.c - what was brought from the till, and "now, please" (G61, G75)
 *
 * Nothing is synced here: a request is a row, which a resident pos-sync takes
 * within a second, or the next run by cron.
 */
#include "app/field.h"
#include "app/handlers.h"
#include "lib/shop/audit.h"
#include "lib/shop/sync_ask.h"

enum { TOTAL_MAX = 1000, MS = 1000, DETAIL_MAX = 256 };

#define RUN "r.id, r.feed, r.is_full, r.started_ms, r.finished_ms, r.outcome, r.seen, r.added, " \
	"r.changed, r.unchanged, r.gone, r.bad, r.message "
#define REQUEST "SELECT q.id, q.feed, q.is_full, q.requested_at, q.requested_by, u.name " \
	"FROM sync_request q LEFT JOIN users u ON u.id = q.requested_by "

enum { NEWEST, OF_FEED, OF_FEED_COUNT, ALL, ALL_COUNT, WAITING, ONE };
static struct stmt sql[] = {
	[NEWEST] = { .sql = "SELECT " RUN ", json_each.value, (SELECT k.finished_ms FROM sync_run k "
	    "WHERE k.feed = json_each.value AND k.outcome = 'ok' ORDER BY k.id DESC LIMIT 1) "
	    "FROM json_each('[\"branches\",\"products\",\"stock\",\"clients\",\"orders\"]') "
	    "LEFT JOIN sync_run r ON r.id = (SELECT max(m.id) FROM sync_run m "
	    "WHERE m.feed = json_each.value)" },
	[OF_FEED] = { .sql = "SELECT " RUN "FROM sync_run r WHERE r.feed = ?1 "
	    "ORDER BY r.id DESC LIMIT ?2 OFFSET ?3" },
	[OF_FEED_COUNT] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM sync_run WHERE feed = ?1 "
	    "LIMIT ?2)" },
	[ALL] = { .sql = "SELECT " RUN "FROM sync_run r WHERE r.id > 0 "
	    "ORDER BY r.id DESC LIMIT ?1 OFFSET ?2" },
	[ALL_COUNT] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM sync_run WHERE id > 0 LIMIT ?1)" },
	[WAITING] = { .sql = REQUEST "WHERE q.taken_at IS NULL AND q.feed > '' LIMIT 100" },
	[ONE] = { .sql = REQUEST "WHERE q.id = ?1" },
};
DB_STATEMENTS(sql);

enum { ID, FEED, FULL, STARTED, FINISHED, OUTCOME, SEEN, ADDED, CHANGED, UNCHANGED, GONE, BAD,
	MESSAGE, ASKED_FEED, LAST_OK };

static int64_t
seconds(int64_t ms)
{
	return ms == DB_NULL ? DB_NULL : ms / MS;
}

static void
put_run(struct buf *b, const char *key, struct stmt *st)
{
	static const struct { const char *key; int column; } counts[] = {
		{ "seen", SEEN }, { "added", ADDED }, { "changed", CHANGED },
		{ "unchanged", UNCHANGED }, { "gone", GONE }, { "bad", BAD },
	};

	if (db_is_null(st, ID)) {
		json_put_null(b, key);
		return;
	}
	json_open(b, key, '{');
	json_put_int(b, "id", db_int(st, ID));
	json_put_text(b, "feed", db_text(st, FEED));
	json_put_bool(b, "full", db_int(st, FULL) == 1);
	json_put_time(b, "started_at", seconds(db_int(st, STARTED)));
	json_put_time(b, "finished_at", seconds(db_int(st, FINISHED)));
	json_put_int(b, "duration_ms", db_is_null(st, FINISHED) ? DB_NULL
	    : db_int(st, FINISHED) - db_int(st, STARTED));
	json_put_text(b, "outcome", db_text(st, OUTCOME));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		json_put_int(b, counts[i].key, db_int(st, counts[i].column));
	json_put_text(b, "message", db_text(st, MESSAGE));
	json_close(b, '}');
}

static void
put_feed(struct buf *b, const char *key, struct stmt *st)
{
	json_open(b, key, '{');
	json_put_text(b, "feed", db_text(st, ASKED_FEED));
	json_put_time(b, "last_ok_at", seconds(db_int(st, LAST_OK)));
	put_run(b, "last_run", st);
	json_close(b, '}');
}

static void
put_request(struct buf *b, const char *key, struct stmt *st)
{
	json_open(b, key, '{');
	json_put_int(b, "id", db_int(st, 0));
	json_put_text(b, "feed", db_text(st, 1));
	json_put_bool(b, "full", db_int(st, 2) == 1);
	json_put_time(b, "requested_at", db_int(st, 3));
	json_put_int(b, "requested_by", db_int(st, 4));
	json_put_text(b, "requested_by_name", db_text(st, 5));
	json_close(b, '}');
}

/* The rows of a statement that was opened with rc. 0 or a db_status. */
static int
put_list(struct request *r, const char *key, int rc, struct stmt *st,
    void (*put)(struct buf *, const char *, struct stmt *))
{
	json_open(r->out, key, '[');
	while (rc == 0 && (rc = db_row(r->app->db, st)) == 1) {
		put(r->out, NULL, st);
		rc = 0;
	}
	json_close(r->out, ']');
	return rc;
}

/* ---- GET /admin/sync */

struct wanted {
	const char *feed;		/* NULL = all */
	struct page page;
};

enum problem
admin_sync_list_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);
	int feed;

	if (w == NULL)
		return fail(r, TOO_LARGE);
	r->work = w;
	feed = query_choice(r, "feed", "branches|products|stock|clients|orders");
	w->feed = feed == -1 ? NULL : sync_feed_name((enum sync_feed)(SYNC_BRANCHES + feed));
	query_page(r, &w->page);
	return fields_end(r);
}

static int
put_runs(struct request *r, const struct wanted *w)
{
	struct stmt *st = &sql[w->feed == NULL ? ALL : OF_FEED];
	int rc = w->feed == NULL
	    ? db_query(r->app->db, st, "ii", w->page.limit, w->page.offset)
	    : db_query(r->app->db, st, "sii", w->feed, w->page.limit, w->page.offset);

	return put_list(r, "runs", rc, st, put_run);
}

static int
put_total(struct request *r, const struct wanted *w)
{
	struct stmt *st = &sql[w->feed == NULL ? ALL_COUNT : OF_FEED_COUNT];
	int64_t most = TOTAL_MAX + 1, total;
	int rc = w->feed == NULL ? db_find(r->app->db, st, "i", most)
	    : db_find(r->app->db, st, "si", w->feed, most);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	total = db_int(st, 0);
	db_done(st);
	json_put_int(r->out, "total", total < most ? total : TOTAL_MAX);
	json_put_bool(r->out, "total_capped", total == most);
	return 0;
}

enum problem
admin_sync_list_apply(struct request *r)
{
	struct db *db = r->app->db;
	int rc;

	json_open(r->out, NULL, '{');
	rc = put_list(r, "feeds", db_query(db, &sql[NEWEST], ""), &sql[NEWEST], put_feed);
	if (rc == 0)
		rc = put_list(r, "requests", db_query(db, &sql[WAITING], ""), &sql[WAITING],
		    put_request);
	if (rc == 0)
		rc = put_runs(r, r->work);
	if (rc == 0)
		rc = put_total(r, r->work);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}

/* ---- POST /admin/sync */

struct asked {
	enum sync_feed feed;
	int full;
};

enum problem
admin_sync_ask_prepare(struct request *r)
{
	static const enum sync_feed feeds[] = { SYNC_ALL, SYNC_BRANCHES, SYNC_PRODUCTS, SYNC_STOCK,
		SYNC_ORDERS };
	struct asked *a = arena_get(r->arena, sizeof *a);
	int feed = 0;

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	field_choice(r, r->body, "feed", FIELD_OPTIONAL,
	    "all|branches|products|stock|orders", &feed);
	field_bool(r, r->body, "full", FIELD_OPTIONAL, &a->full);
	a->feed = feeds[feed];
	return fields_end(r);
}

/* Who asked for what. 0 or a db_status. */
static int
note(struct request *r, const struct asked *a)
{
	struct buf b = BUF_INIT(DETAIL_MAX);
	int rc;

	json_open(&b, NULL, '{');
	json_put_bool(&b, "full", a->full);
	json_close(&b, '}');
	rc = b.failed ? DB_ERROR : audit_add(r->app->db, r->user_id, "sync.ask",
	    arena_printf(r->arena, "sync %s", sync_feed_name(a->feed)), b.s);
	buf_free(&b);
	return rc;
}

enum problem
admin_sync_ask_apply(struct request *r)
{
	const struct asked *a = r->work;
	struct db *db = r->app->db;
	int64_t id = 0;
	int asked = sync_ask(db, a->feed, a->full, r->user_id, &id), rc = asked;

	if (rc == 1)
		rc = note(r, a);
	if (rc < 0 || (rc = db_find(db, &sql[ONE], "i", id)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	json_open(r->out, NULL, '{');
	put_request(r->out, "request", &sql[ONE]);
	json_put_bool(r->out, "changed", asked);
	json_close(r->out, '}');
	db_done(&sql[ONE]);
	r->status = 202;
	return OK;
}
