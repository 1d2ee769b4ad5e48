/*
 * deadline.c - nobody waits for ever
 *
 * Open orders are read in pages without a lock, oldest first, status by
 * status. What looks overdue is read and judged again under the lock, because
 * a sender may have been quicker, and only then touched.
 */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/cancel.h"
#include "lib/shop/deadline.h"
#include "lib/shop/hours.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"

enum {
	PAGE = 50,			/* orders read at a time */
	HOLD_MS = DB_HOLD_MS / 2,	/* then let others in */
	CLOSED_S = 15 * 60,
	STUCK_S = 12 * 60 * 60,
	UNCERTAIN_S = 3 * 60,
	CANCEL_S = 5 * 60,
	ARENA_BYTES = 256 * 1024	/* opening hours of one order at a time */
};

#define FIELDS "o.id, o.created_at, o.updated_at, o.pos_sent_at, o.cancel_requested_at, " \
	"o.attention, o.status, b.operating_hours, b.timezone, x.created_at, x.sent_at " \
	"FROM orders o JOIN branch b ON b.id = o.branch_id LEFT JOIN outbox x ON x.id = " \
	"(SELECT max(y.id) FROM outbox y WHERE y.order_id = o.id AND y.kind = 'order') "

enum { OPEN, ONE };
static struct stmt sql[] = {
	[OPEN] = { .sql = "SELECT " FIELDS "WHERE o.status = ?1 "
	    "AND o.status NOT IN ('delivered', 'cancelled', 'failed') "
	    "AND (o.created_at, o.id) > (?2, ?3) ORDER BY o.created_at, o.id LIMIT ?4" },
	[ONE] = { .sql = "SELECT " FIELDS "WHERE o.id = ?1" },
};
DB_STATEMENTS(sql);

static const struct {
	const char *name, *attention;
} rows[DEADLINES] = {
	[IN_TIME] = { "in_time", NULL },
	[UNSENT_TOO_LONG] = { "unsent_too_long", NULL },
	[NOT_ACCEPTED] = { "not_accepted", "not_accepted" },
	[STUCK] = { "stuck", "stuck" },
	[UNCERTAIN] = { "uncertain", "uncertain" },
	[CANCEL_UNANSWERED] = { "cancel_unanswered", "cancel_unanswered" },
	[CALLED_BACK] = { "called_back", NULL },
};

struct watch {
	struct db *db;
	const struct settings *conf;
	struct arena *arena;
	int64_t now, *counts;
};

const char *
deadline_name(enum deadline d)
{
	return rows[d].name;
}

/* Columns of FIELDS, read where they stand. */
enum { ID, CREATED, UPDATED, POS_SENT, ASKED_AT, ATTENTION, STATUS, HOURS, ZONE, OWED, MAY_HAVE };

static int
is_past(int64_t when, int64_t seconds, int64_t now)
{
	return when != DB_NULL && now - when >= seconds;
}

/* 15 minutes after the closing that followed its placing; DB_NULL: none near. */
static int64_t
closing_limit(const struct watch *w, struct stmt *st)
{
	struct hours_now then;

	arena_reset(w->arena);
	if (hours_at(w->arena, db_text(st, HOURS), db_text(st, ZONE), db_int(st, OWED), &then) == -1 ||
	    !then.is_open || then.closes_at == DB_NULL)
		return DB_NULL;
	return then.closes_at + CLOSED_S;
}

/* ORDER_SEND_WITHIN_MIN, or soon after closing: nobody would cook it any more. */
static int
is_too_late(const struct watch *w, struct stmt *st)
{
	return is_past(db_int(st, OWED), w->conf->order_send_within_min * 60, w->now) ||
	    is_past(closing_limit(w, st), 0, w->now);
}

static enum deadline
judge_pending(const struct watch *w, struct stmt *st)
{
	if (db_is_null(st, OWED))
		return IN_TIME;
	if (!db_is_null(st, MAY_HAVE))
		return is_past(db_int(st, MAY_HAVE), UNCERTAIN_S, w->now) ? UNCERTAIN : IN_TIME;
	if (!db_is_null(st, ASKED_AT))
		return CALLED_BACK;
	return is_too_late(w, st) ? UNSENT_TOO_LONG : IN_TIME;
}

static enum deadline
judge_sent(const struct watch *w, struct stmt *st)
{
	return is_past(db_int(st, POS_SENT), w->conf->order_accept_within_min * 60, w->now)
	    ? NOT_ACCEPTED : IN_TIME;
}

static enum deadline
judge_cooking(const struct watch *w, struct stmt *st)
{
	return is_past(db_int(st, UPDATED), STUCK_S, w->now) ? STUCK : IN_TIME;
}

static enum deadline (*const judges[ORDER_STATUSES])(const struct watch *, struct stmt *) = {
	[ORDER_PENDING] = judge_pending,
	[ORDER_SENT_TO_POS] = judge_sent,
	[ORDER_PROCESSING] = judge_cooking,
	[ORDER_READY_FOR_PICKUP] = judge_cooking,
	[ORDER_OUT_FOR_DELIVERY] = judge_cooking,
};

/* What is to be done about the order of a row; IN_TIME: nothing, or it is done. */
static enum deadline
judge(const struct watch *w, struct stmt *st)
{
	enum order_status status = order_status_parse(db_text(st, STATUS));
	const char *attention = db_text(st, ATTENTION);
	enum deadline d;

	if (status >= ORDER_STATUSES || judges[status] == NULL)
		return IN_TIME;
	if (is_past(db_int(st, ASKED_AT), CANCEL_S, w->now) && status != ORDER_PENDING)
		d = CANCEL_UNANSWERED;
	else
		d = judges[status](w, st);
	if (rows[d].attention == NULL || attention == NULL)
		return d;
	/* one place for one word: only an unanswered cancel outweighs another */
	if (d != CANCEL_UNANSWERED || strcmp(attention, rows[d].attention) == 0)
		return IN_TIME;
	return d;
}

/* Under the lock. 1 acted on, 0 not any more. */
static int
act(const struct watch *w, int64_t id, enum deadline *d)
{
	struct order_news fail = { .order_id = id, .to = ORDER_FAILED, .by = BY_CLOCK,
		.reason = "not_sent_in_time", .run_id = DB_NULL };
	int rc = db_find(w->db, &sql[ONE], "i", id);

	if (rc != 1)
		return rc;
	*d = judge(w, &sql[ONE]);
	db_done(&sql[ONE]);
	if (*d == IN_TIME)
		return 0;
	if (*d == CALLED_BACK)
		return cancel_unsent(w->db, id);
	if (*d != UNSENT_TOO_LONG)
		return order_attention(w->db, id, rows[*d].attention);
	if ((rc = outbox_close(w->db, id, "expired")) != 1)
		return rc;
	return order_move(w->db, &fail);
}

/* Some of the list in one transaction; how many were looked at. */
static int
act_some(const struct watch *w, const int64_t *ids, int count)
{
	enum deadline done[PAGE] = { IN_TIME }, d = IN_TIME;
	int n = 0, rc = db_begin(w->db), ended;

	if (rc != 0)
		return rc;
	while (rc >= 0 && n < count && (n == 0 || db_hold_ms(w->db) < HOLD_MS)) {
		if ((rc = act(w, ids[n], &d)) == 1)
			done[n] = d;
		n++;
	}
	ended = db_end(w->db, rc >= 0);
	if (rc < 0 || ended != 0)
		return rc < 0 ? rc : ended;
	for (int i = 0; i < n; i++) {
		if (done[i] == IN_TIME)
			continue;
		w->counts[done[i]]++;
		log_warn("deadline", "order=%lld what=%s", (long long)ids[i], rows[done[i]].name);
	}
	return n;
}

struct place { int64_t created_at, id; };

/* One page of a status: the overdue ones into ids. Rows read, or a db_status. */
static int
read_page(const struct watch *w, enum order_status s, struct place *at, int64_t *ids, int *overdue)
{
	struct stmt *st = &sql[OPEN];
	int n = 0, rc = db_query(w->db, st, "siii", order_status_name(s), at->created_at, at->id,
	    (int64_t)PAGE);

	if (rc != 0)
		return rc;
	*overdue = 0;
	while ((rc = db_row(w->db, st)) == 1) {
		*at = (struct place){ db_int(st, CREATED), db_int(st, ID) };
		if (judge(w, st) != IN_TIME)
			ids[(*overdue)++] = at->id;
		n++;
	}
	return rc == 0 ? n : rc;
}

/* One page, and what is to be done about it. Rows read, or a db_status. */
static int
watch_page(const struct watch *w, enum order_status s, struct place *at)
{
	int64_t ids[PAGE];
	int overdue, n, done;

	if ((n = read_page(w, s, at, ids, &overdue)) < 0)
		return n;
	for (int i = 0; i < overdue; i += done)
		if ((done = act_some(w, ids + i, overdue - i)) < 0)
			return done;
	return n;
}

int
deadline_step(struct db *db, const struct settings *conf, struct deadline_round *r,
    int64_t *counts)
{
	struct watch w = { db, conf, arena_new(ARENA_BYTES), clock_now(), counts };
	struct place at = { INT64_MIN + 1, 0 };
	int n;

	if (w.arena == NULL)
		return DB_ERROR;
	while (r->status < ORDER_STATUSES && judges[r->status] == NULL)
		r->status++;
	if (r->status == ORDER_STATUSES) {
		arena_free(w.arena);
		return 0;
	}
	if (r->is_within)
		at = (struct place){ r->created_at, r->id };
	n = watch_page(&w, (enum order_status)r->status, &at);
	arena_free(w.arena);
	if (n < 0)
		return n;
	*r = (struct deadline_round){ .status = r->status + (n < PAGE), .is_within = n == PAGE,
		.created_at = at.created_at, .id = at.id };
	return 1;
}

int
deadline_run(struct db *db, const struct settings *conf, int64_t *counts)
{
	struct deadline_round r = { 0 };
	int rc;

	memset(counts, 0, DEADLINES * sizeof *counts);
	while ((rc = deadline_step(db, conf, &r, counts)) == 1)
		;
	return rc;
}

int
deadline_passed(struct db *db, const struct settings *conf, int64_t order_id)
{
	struct watch w = { db, conf, arena_new(ARENA_BYTES), clock_now(), NULL };
	int rc;

	if (w.arena == NULL)
		return DB_ERROR;
	if ((rc = db_find(db, &sql[ONE], "i", order_id)) == 1)
		rc = is_too_late(&w, &sql[ONE]);
	db_done(&sql[ONE]);
	arena_free(w.arena);
	return rc;
}
