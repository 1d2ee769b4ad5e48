/*
 * outbox_view.c - rows of the outbox as staff sees them
 *
 * What waits comes first by how much it needs a person: uncertain, due,
 * claimed. What is over (refused, parked) is shown where it is asked for.
 */
#include <string.h>

#include "app/outbox_view.h"
#include "lib/base/clock.h"
#include "lib/shop/staff.h"

enum { MS = 1000 };

#define ROWS "FROM outbox x LEFT JOIN orders o ON o.id = x.order_id "
#define COLUMNS "SELECT x.id, x.lane, x.kind, x.state, x.mode, x.attempts, x.idempotency_key, " \
	"x.user_id, x.sent_at, x.next_ms, x.lease_ms, x.last_outcome, x.last_error, x.created_at, " \
	"x.updated_at, o.id, o.number, o.status, o.branch_id, o.branch_name, o.pos_order_id " ROWS
/* (state > '' lets the index be walked from its end) */
#define WAITING "WHERE x.state IN ('uncertain', 'due', 'claimed') AND x.state > '' AND " \
	STAFF_SEES("o.branch_id", "?1") " "
#define LIVE "WHERE x.state = ?2 AND x.state IN ('uncertain', 'due', 'claimed') AND " \
	STAFF_SEES("o.branch_id", "?1") " "
#define OVER "WHERE x.state = ?2 AND x.state IN ('uncertain', 'refused', 'parked') AND " \
	STAFF_SEES("o.branch_id", "?1") " "
#define NEWEST "ORDER BY x.id DESC LIMIT ?3 OFFSET ?4"

enum { LIST, COUNT, LIST_LIVE, COUNT_LIVE, LIST_OVER, COUNT_OVER, ONE, OF_ORDER, LANES };
static struct stmt sql[] = {
	[LIST] = { .sql = COLUMNS WAITING "ORDER BY x.state DESC, x.id LIMIT ?2 OFFSET ?3" },
	[COUNT] = { .sql = "SELECT count(*) " ROWS WAITING },
	[LIST_LIVE] = { .sql = COLUMNS LIVE NEWEST },
	[COUNT_LIVE] = { .sql = "SELECT count(*) " ROWS LIVE },
	[LIST_OVER] = { .sql = COLUMNS OVER NEWEST },
	[COUNT_OVER] = { .sql = "SELECT count(*) " ROWS OVER },
	[ONE] = { .sql = COLUMNS "WHERE x.id = ?2 AND " STAFF_SEES("o.branch_id", "?1") },
	[OF_ORDER] = { .sql = COLUMNS "WHERE x.order_id = ?1 ORDER BY x.id LIMIT 100" },
	[LANES] = { .sql = "SELECT l.name, l.failures, l.open_until, l.paused_why, "
	    "(SELECT count(*) FROM outbox x WHERE x.lane = l.name AND x.state = 'due'), "
	    "(SELECT min(x.created_at) FROM outbox x WHERE x.lane = l.name AND x.state = 'due') "
	    "FROM lane l" },
};
DB_STATEMENTS(sql);

enum { ID, LANE, KIND, STATE, MODE, ATTEMPTS, KEY, USER_ID, SENT, NEXT_MS, LEASE_MS, OUTCOME, ERROR,
	CREATED, UPDATED, ORDER_ID, NUMBER, STATUS, BRANCH_ID, BRANCH_NAME, POS_ORDER_ID };

static int
is(struct stmt *st, int column, const char *word)
{
	return strcmp(db_text(st, column), word) == 0;
}

/* What a person can do about it now; judged again when he does. */
static void
put_what_helps(struct buf *b, struct stmt *st)
{
	int is_order = is(st, KIND, "order"), can_ask = is_order || is(st, KIND, "then");

	json_put_bool(b, "can_retry", is(st, STATE, "uncertain") || is(st, STATE, "due") ||
	    (is(st, STATE, "refused") && !is_order));
	json_put_bool(b, "can_resolve", can_ask && (is(st, STATE, "uncertain") ||
	    (is(st, STATE, "due") && !db_is_null(st, SENT))));
}

static void
put_order(struct buf *b, struct stmt *st)
{
	if (db_is_null(st, ORDER_ID)) {
		json_put_null(b, "order");
		return;
	}
	json_open(b, "order", '{');
	json_put_int(b, "id", db_int(st, ORDER_ID));
	json_put_int(b, "number", db_int(st, NUMBER));
	json_put_text(b, "status", db_text(st, STATUS));
	json_put_int(b, "branch_id", db_int(st, BRANCH_ID));
	json_put_text(b, "branch_name", db_text(st, BRANCH_NAME));
	json_put_text(b, "pos_order_id", db_text(st, POS_ORDER_ID));
	json_close(b, '}');
}

/* A time in milliseconds, where the state has one. */
static void
put_ms(struct buf *b, const char *key, struct stmt *st, int column, int counts)
{
	json_put_time(b, key, counts && !db_is_null(st, column) ? db_int(st, column) / MS : DB_NULL);
}

static void
put_row(struct buf *b, const char *key, struct stmt *st)
{
	json_open(b, key, '{');
	json_put_int(b, "id", db_int(st, ID));
	json_put_text(b, "lane", db_text(st, LANE));
	json_put_text(b, "kind", db_text(st, KIND));
	json_put_text(b, "state", db_text(st, STATE));
	json_put_text(b, "mode", db_text(st, MODE));
	json_put_int(b, "attempts", db_int(st, ATTEMPTS));
	put_what_helps(b, st);
	put_order(b, st);
	json_put_int(b, "user_id", db_int(st, USER_ID));
	json_put_text(b, "idempotency_key", db_text(st, KEY));
	json_put_text(b, "last_outcome", db_text(st, OUTCOME));
	json_put_text(b, "last_error", db_text(st, ERROR));
	put_ms(b, "next_try_at", st, NEXT_MS, is(st, STATE, "due"));
	put_ms(b, "claimed_until", st, LEASE_MS, is(st, STATE, "claimed"));
	json_put_time(b, "may_have_since", db_int(st, SENT));
	json_put_time(b, "created_at", db_int(st, CREATED));
	json_put_time(b, "updated_at", db_int(st, UPDATED));
	json_close(b, '}');
}

/* Which list and count it is. */
static int
kind_of(const struct outbox_wanted *w)
{
	if (w->state == NULL)
		return LIST;
	return strcmp(w->state, "due") == 0 || strcmp(w->state, "claimed") == 0 ? LIST_LIVE : LIST_OVER;
}

/* The rows of an open statement. 0 or a db_status. */
static int
put_rows(struct db *db, struct buf *b, const char *key, struct stmt *st)
{
	int rc;

	json_open(b, key, '[');
	while ((rc = db_row(db, st)) == 1)
		put_row(b, NULL, st);
	json_close(b, ']');
	return rc;
}

int
outbox_json_list(struct db *db, struct buf *b, const char *key, const struct outbox_wanted *w)
{
	struct stmt *st = &sql[kind_of(w)];
	int rc = w->state == NULL
	    ? db_query(db, st, "iii", w->staff_id, w->page.limit, w->page.offset)
	    : db_query(db, st, "isii", w->staff_id, w->state, w->page.limit, w->page.offset);

	return rc != 0 ? rc : put_rows(db, b, key, st);
}

int64_t
outbox_count(struct db *db, const struct outbox_wanted *w)
{
	struct stmt *st = &sql[kind_of(w) + 1];
	int64_t n;
	int rc = w->state == NULL ? db_find(db, st, "i", w->staff_id)
	    : db_find(db, st, "is", w->staff_id, w->state);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	n = db_int(st, 0);
	db_done(st);
	return n;
}

int
outbox_json(struct db *db, struct buf *b, const char *key, int64_t id, int64_t staff_id)
{
	int rc = db_find(db, &sql[ONE], "ii", staff_id, id);

	if (rc == 1)
		put_row(b, key, &sql[ONE]);
	db_done(&sql[ONE]);
	return rc;
}

int
outbox_json_of_order(struct db *db, struct buf *b, const char *key, int64_t order_id)
{
	int rc = db_query(db, &sql[OF_ORDER], "i", order_id);

	return rc != 0 ? rc : put_rows(db, b, key, &sql[OF_ORDER]);
}

static void
put_lane(struct buf *b, struct stmt *st)
{
	int paused = !db_is_null(st, 3), rests = db_int(st, 2) > clock_now();

	json_open(b, NULL, '{');
	json_put_text(b, "name", db_text(st, 0));
	json_put_text(b, "state", paused ? "paused" : rests ? "resting" : "running");
	json_put_int(b, "failures", db_int(st, 1));
	json_put_time(b, "rests_until", rests ? db_int(st, 2) : DB_NULL);
	json_put_text(b, "paused_because", db_text(st, 3));
	json_put_int(b, "waiting", db_int(st, 4));
	json_put_time(b, "oldest_since", db_int(st, 5));
	json_close(b, '}');
}

int
outbox_json_lanes(struct db *db, struct buf *b, const char *key)
{
	int rc = db_query(db, &sql[LANES], "");

	if (rc != 0)
		return rc;
	json_open(b, key, '[');
	while ((rc = db_row(db, &sql[LANES])) == 1)
		put_lane(b, &sql[LANES]);
	json_close(b, ']');
	return rc;
}
