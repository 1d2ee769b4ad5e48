/*
 * status.c - what became of the orders at the till (G53, G55)
 *
 * No change, no write: when an order is looked at again is kept in memory, by
 * its age. What the till has taken counts as seen by the newest run that has
 * begun by then, of whatever feed: only a stock snapshot that begins after
 * what we saw can hold it. One order that the till cannot tell us about holds
 * up no other; a till that does not answer at all is left alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/driver.h"
#include "lib/shop/order.h"
#include "sync/feeds.h"

enum {
	LOOK_MAX = 200,			/* orders of one look; the others come next */
	MEMORY = 4096,			/* orders whose next look is remembered */
	FAILURES_MAX = 3,		/* in a row, then it is the till and not the orders */
	YOUNG_S = 1800, MS = 1000,
	NOT_YET_S = 60,			/* some tills show an order only a while after they took it */
	GONE_AGAIN_S = 300
};
enum { OPEN, GONE, BACK, BY_HAND, LEAVE, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[OPEN] = { .sql =
	    "SELECT id, pos_order_id, ref, order_type, created_at, gone_at, poll_at, status,"
	    " driver_name, driver_phone, pos_sent_at FROM orders"
	    " WHERE poll_at IS NOT NULL AND (poll_at, id) > (?1, ?2)"
	    " AND poll_at <= ?3 ORDER BY poll_at, id LIMIT 200" },
	[GONE] = { .sql = "UPDATE orders SET gone_at = ?2 WHERE id = ?1 AND gone_at IS NULL" },
	[BACK] = { .sql = "UPDATE orders SET gone_at = NULL WHERE id = ?1" },
	[BY_HAND] = { .sql = "SELECT 1 FROM outbox WHERE order_id = ?1 AND kind = 'order'"
	    " AND last_outcome = 'by_hand' LIMIT 1" },
	[LEAVE] = { .sql = "UPDATE orders SET gone_at = NULL, poll_at = NULL WHERE id = ?1" },
};
DB_STATEMENTS(sql);

struct open_order {
	int64_t id, created_at, sent_at, gone_at, poll_at;
	const char *pos_id, *ref, *type, *driver_name, *driver_phone;
	enum order_status status;
};

/* A small table by order id: when to look again. A lost entry costs one look. */
struct poller {
	int asked, failing;		/* whether the last run failed was asked; it did */
	struct { int64_t id, next_ms; } at[MEMORY];
};

struct poller *
poller_new(void)
{
	return calloc(1, sizeof(struct poller));
}

void
poller_free(struct poller *p)
{
	free(p);
}

void
poller_forget(struct poller *p)
{
	memset(p->at, 0, sizeof p->at);
}

void
poller_wake(struct poller *p, int64_t id)
{
	if (p->at[id % MEMORY].id == id)
		p->at[id % MEMORY].next_ms = 0;
}

static int
is_due(const struct poller *p, int64_t id, int64_t now_ms)
{
	return p->at[id % MEMORY].id != id || p->at[id % MEMORY].next_ms <= now_ms;
}

/* One that failed waits longer, so that the others get their turn. */
static void
look_again(struct job *j, struct poller *p, const struct open_order *o, int failed)
{
	int64_t age = clock_now() - o->created_at;
	int64_t wait = age < YOUNG_S && !failed ? j->conf.poll_young_s : j->conf.poll_old_s;

	p->at[o->id % MEMORY].id = o->id;
	p->at[o->id % MEMORY].next_ms = clock_mono_ms() + wait * MS;
}

/* Up to LOOK_MAX open orders behind (poll_at, id); the number, or a db_status. */
static int
list_open(struct job *j, int64_t poll_at, int64_t id, struct open_order *list)
{
	struct stmt *s = &sql[OPEN];
	int n = 0, rc = db_query(j->db, s, "iii", poll_at, id, clock_now());

	while (rc == DB_OK && (rc = db_row(j->db, s)) == 1) {
		list[n++] = (struct open_order){
			.id = db_int(s, 0),
			.pos_id = arena_str(j->arena, db_text(s, 1)),
			.ref = arena_str(j->arena, db_text(s, 2)),
			.type = arena_str(j->arena, db_text(s, 3)),
			.created_at = db_int(s, 4),
			.gone_at = db_int(s, 5),
			.poll_at = db_int(s, 6),
			.status = order_status_parse(db_text(s, 7)),
			.driver_name = arena_str(j->arena, db_text(s, 8)),
			.driver_phone = arena_str(j->arena, db_text(s, 9)),
			.sent_at = db_int(s, 10),
		};
		rc = DB_OK;
	}
	return rc == DB_OK ? n : rc;
}

/* Has the till taken the goods at this state? */
static int
has_moved(struct job *j, enum order_status s)
{
	static const enum order_status from[] = {
		[POS_MOVES_CREATED] = ORDER_SENT_TO_POS, [POS_MOVES_ACCEPTED] = ORDER_PROCESSING,
		[POS_MOVES_DONE] = ORDER_DELIVERED, [POS_MOVES_NEVER] = ORDER_DELIVERED,
	};

	return s >= from[pos_stock_moves(till_pos(j->till))] && s <= ORDER_DELIVERED;
}

/*
 * The till does not know it: only the second time, minutes later, counts. A
 * number that a person typed may be the cashier's and not the till's, so such
 * an order is not asked about any more, and people move it on.
 */
static int
note_gone(struct job *j, const struct open_order *o)
{
	struct order_news news = { .order_id = o->id, .to = ORDER_CANCELLED, .by = BY_TILL,
		.reason = "gone_at_till", .run_id = DB_NULL };
	int rc;

	if (o->gone_at == DB_NULL)
		return db_run(j->db, &sql[GONE], "ii", o->id, clock_now());
	rc = db_find(j->db, &sql[BY_HAND], "i", o->id);
	db_done(&sql[BY_HAND]);
	if (rc != 0)
		return rc < 0 ? rc : db_run(j->db, &sql[LEAVE], "i", o->id);
	log_warn("order_gone", "order=%lld", (long long)o->id);
	return order_move(j->db, &news);
}

static int
is_driver_news(const struct open_order *o, const struct pos_answer *a)
{
	return strcmp(o->type, "delivery") == 0 &&
	    driver_is_news(o->driver_name, o->driver_phone, a->driver_name, a->driver_phone);
}

/* has_changed: the order did already. 1 it has, 0 it has not, or a db_status. */
static int
note_driver(struct db *db, int64_t id, const struct pos_answer *a, int has_changed)
{
	int rc = driver_assign(db, id, a->driver_name, a->driver_phone);

	return rc < 0 ? rc : rc | has_changed;
}

/* In one transaction: what the answer changes. 0 or a db_status. */
static int
note(struct job *j, struct run *r, const struct open_order *o, const struct pos_answer *a)
{
	enum order_status to = a->state != NULL ? order_status_parse(a->state) : ORDER_STATUSES;
	struct order_news news = { .order_id = o->id, .to = to, .by = BY_TILL,
		.run_id = DB_NULL, .stock_moved = to != ORDER_STATUSES && has_moved(j, to) };
	int rc;

	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	if (a->outcome == POS_GONE) {
		rc = note_gone(j, o);
	} else {
		if (o->gone_at != DB_NULL)
			rc = db_run(j->db, &sql[BACK], "i", o->id);
		if (rc == DB_OK && to != ORDER_STATUSES)
			rc = order_move(j->db, &news);
		if (rc >= 0 && is_driver_news(o, a))
			rc = note_driver(j->db, o->id, a, rc);
	}
	r->changed += rc == 1;
	if (db_end(j->db, rc >= 0) != DB_OK)
		return DB_ERROR;
	return rc < 0 ? rc : DB_OK;
}

/* Would the answer write anything? Asked first, so that no change is no write. */
static int
is_news(const struct open_order *o, const struct pos_answer *a)
{
	enum order_status to = a->state != NULL ? order_status_parse(a->state) : ORDER_STATUSES;

	if (a->outcome == POS_GONE && o->sent_at != DB_NULL && clock_now() - o->sent_at < NOT_YET_S)
		return 0;
	if (a->outcome == POS_GONE)
		return o->gone_at == DB_NULL || clock_now() - o->gone_at >= GONE_AGAIN_S;
	if (o->gone_at != DB_NULL || is_driver_news(o, a))
		return 1;
	if (a->state == NULL && a->raw != NULL)
		log_debug("status_unknown", "order=%lld raw=%s", (long long)o->id, a->raw);
	return to != ORDER_STATUSES && order_may_move(o->status, to,
	    strcmp(o->type, "delivery") == 0, BY_TILL) == MOVE_YES;
}

/* Ask about one order. An exit code; r->message says why, *outcome what it was. */
static int
look(struct job *j, struct run *r, const struct open_order *o, enum pos_outcome *outcome)
{
	struct pos_order order = { .pos_id = o->pos_id, .ref = o->ref, .type = o->type };
	struct arena *a = arena_new(JOB_ARENA);
	struct pos_answer answer;
	int code = EX_OK;

	if (a == NULL)
		return EX_OSERR;
	pos_do(till_pos(j->till), POS_ORDER_STATUS, &(struct pos_about){ .order = &order }, a,
	    &answer);
	*outcome = answer.outcome;
	if (answer.outcome != POS_DONE && answer.outcome != POS_GONE) {
		log_warn("not_told", "order=%lld outcome=%s why=%s", (long long)o->id,
		    pos_outcome_name(answer.outcome), answer.message);
		code = run_fail(r, answer.outcome, answer.message);
	} else if (is_news(o, &answer)) {
		if (r->id == 0 && run_begin(j, r, "orders", 0) != DB_OK)
			code = EX_TEMPFAIL;
		if (code == EX_OK && note(j, r, o, &answer) != DB_OK)
			code = EX_TEMPFAIL;
	}
	arena_free(a);
	return code;
}

/* The first failure of an outage is a row of sync_run, and so is its end. */
static void
end_look(struct job *j, struct poller *p, struct run *r, int code)
{
	struct run begun;

	if (r->id == 0 && code != EX_OK && job_signalled())
		return;
	if (r->id == 0 && (r->seen == 0 || (code != EX_OK) == p->failing))
		return;
	if (r->id == 0) {
		if (run_begin(j, &begun, "orders", 0) != DB_OK)
			return;
		memcpy(begun.message, r->message, sizeof begun.message);
		begun.seen = r->seen;
		begun.bad = r->bad;
		*r = begun;
	}
	p->failing = run_finish(j, r, code) != EX_OK;
}

/* One round over the open orders. */
struct round {
	int code;		/* of the first failure */
	int in_a_row, stopped;	/* failures; the till itself is in trouble */
	int answered;
};

static void
look_in_round(struct job *j, struct poller *p, struct run *r, struct round *round,
    const struct open_order *o)
{
	enum pos_outcome outcome = POS_DONE;
	int code = look(j, r, o, &outcome);

	r->seen++;
	look_again(j, p, o, code != EX_OK);
	if (code == EX_OK) {
		round->answered++;
		round->in_a_row = 0;
		return;
	}
	r->bad++;
	round->code = round->code == EX_OK ? code : round->code;
	round->stopped = (outcome != POS_UNKNOWN && outcome != POS_REFUSED &&
	    outcome != POS_DUPLICATE) || ++round->in_a_row >= FAILURES_MAX;
}

int
feed_orders(struct job *j, struct poller *p, int64_t *next_ms)
{
	struct open_order list[LOOK_MAX];
	int64_t poll_at = -1, id = 0, again;
	struct run r = { .feed = "orders" };
	struct round round = { .code = EX_OK };
	int n = 0;

	if (!p->asked)
		p->failing = run_failing(j, "orders");
	p->asked = 1;
	*next_ms = clock_mono_ms() + j->conf.poll_old_s * MS;
	do {
		arena_reset(j->arena);
		if ((n = list_open(j, poll_at, id, list)) < 0)
			round = (struct round){ .code = EX_TEMPFAIL, .stopped = 1 };
		for (int i = 0; i < n && !round.stopped && !job_signalled(); i++) {
			poll_at = list[i].poll_at;
			id = list[i].id;
			if (is_due(p, id, clock_mono_ms()))
				look_in_round(j, p, &r, &round, &list[i]);
			again = p->at[id % MEMORY].id == id ? p->at[id % MEMORY].next_ms : 0;
			*next_ms = again < *next_ms ? again : *next_ms;
		}
	} while (n == LOOK_MAX && !round.stopped && !job_signalled());
	end_look(j, p, &r, round.stopped || round.answered == 0 ? round.code : EX_OK);
	return round.code;
}
