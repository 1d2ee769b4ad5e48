/* settle.c - what the till's answer does to row, order and lane; see settle.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/cancel.h"
#include "lib/shop/client.h"
#include "lib/shop/order.h"
#include "lib/shop/stock.h"
#include "sync/clients.h"
#include "sync/settle.h"
#include "sync/then.h"

enum { MS = 1000, BREAKER_MAX_S = 60 };

static const struct effect {
	const char *state, *mode;	/* of the row */
	int counts, no_effect;
	int failed, pauses;		/* of the lane */
} effects[POS_OUTCOMES] = {
	[POS_UNSENT] = { "due", "send", 1, 1, 1, 0 },
	[POS_LIMITED] = { "due", "send", 0, 1, 0, 0 },
	[POS_AUTH] = { "due", "send", 0, 1, 0, 1 },
	[POS_REFUSED] = { "refused", "send", 1, 1, 0, 0 },
	[POS_GONE] = { "refused", "send", 1, 1, 0, 0 },
	[POS_UNKNOWN] = { "due", "send", 1, 0, 1, 0 },
	[POS_DUPLICATE] = { "due", "find", 1, 0, 0, 0 },
};

/* The till says for how long, which counts for all that we would send. No time at
 * all, or a moment that is past by our clock, says nothing. */
static int
asks_for_patience(const struct try *t)
{
	return t->answer.outcome == POS_LIMITED && t->answer.retry_after > 0;
}

int64_t
try_again_ms(const struct try *t)
{
	const struct settings *c = &t->j->conf;
	uint32_t chance;

	if (t->answer.outcome == POS_AUTH || asks_for_patience(t))
		return clock_ms();	/* the lane holds it, and all others */
	crypt_random(&chance, sizeof chance);
	return clock_ms() + outbox_backoff_ms(t->row.attempts, c->outbox_backoff_s,
	    c->outbox_backoff_max_s, chance);
}

int64_t
try_look_ms(const struct try *t)
{
	return clock_ms() + 2 * t->j->conf.pos_timeout_s * MS;
}

/* After an unknown outcome: resend, look, or leave it to a person. */
static void
settle_unknown(const struct try *t, struct outbox_end *end)
{
	struct pos *pos = till_pos(t->j->till);

	if (pos_retry(pos) == POS_RETRY_NEVER || t->row.attempts + 1 >=
	    t->j->conf.outbox_max_attempts) {
		end->state = "uncertain";
	} else if (pos_retry(pos) == POS_RETRY_FIND) {
		end->mode = "find";
		end->next_ms = try_look_ms(t);
	}
}

/* Refused now, but an earlier try may have been taken: that one counts. */
static void
settle_refused(const struct try *t, struct outbox_end *end)
{
	struct pos *pos = till_pos(t->j->till);

	if (t->row.sent_at == DB_NULL)
		return;
	if (pos_has(pos, POS_ORDER_FIND)) {
		end->state = "due";
		end->mode = "find";
		end->next_ms = try_look_ms(t);
	} else if (pos_retry(pos) != POS_RETRY_KEY) {
		end->state = "uncertain";
	}
}

/* The till will not cancel it: an answer like any other, unless it is cancelled here. */
static int
said_no(const struct try *t)
{
	return t->step == POS_ORDER_CANCEL && t->order.status != ORDER_CANCELLED &&
	    (t->answer.outcome == POS_REFUSED || t->answer.outcome == POS_DUPLICATE);
}

static void
settle_cancel(const struct try *t, struct outbox_end *end)
{
	if (said_no(t))
		end->state = "parked";
	else if (t->answer.outcome == POS_DUPLICATE)
		end->state = "refused";
	else if (t->answer.outcome == POS_UNKNOWN &&
	    t->row.attempts + 1 >= t->j->conf.outbox_max_attempts)
		end->state = "uncertain";
}

/* What the table of effects cannot know. */
static void
settle_by_rule(const struct try *t, struct outbox_end *end)
{
	if (t->looked) {
		/* a look changes nothing at the till, and a failed one tells nothing */
		end->state = "due";
		end->mode = "find";
		end->counts = 0;
		end->no_effect = 1;
	} else if (t->step == POS_ORDER_CANCEL) {
		settle_cancel(t, end);
	} else if (then_is(t)) {
		if (t->answer.outcome == POS_UNKNOWN)
			then_unknown(t, end);
	} else if (t->answer.outcome == POS_UNKNOWN) {
		settle_unknown(t, end);
	} else if (t->answer.outcome == POS_REFUSED || t->answer.outcome == POS_GONE) {
		settle_refused(t, end);
	} else if (t->answer.outcome == POS_DUPLICATE &&
	    !pos_has(till_pos(t->j->till), POS_ORDER_FIND)) {
		end->state = "uncertain";
	}
}

/* What the lane learns: of an outage that meets many at once, one failure. 0 or
 * a db_status. */
static int
tell_lane(const struct try *t, const struct effect *e)
{
	const char *lane = t->is_client ? CLIENT_LANE : "pos";
	int busy = t->answer.outcome == POS_LIMITED;
	char why[POS_TEXT + 64];

	if (e->pauses) {
		snprintf(why, sizeof why, "the till refused our token: %.200s", t->answer.message);
		return lane_pause(t->j->db, "pos", why);
	}
	if (asks_for_patience(t))
		return lane_hold(t->j->db, "pos", t->answer.retry_after);
	if (!e->failed && !busy)
		return lane_ok(t->j->db, lane);
	if (t->began_ms <= *t->failed_ms)
		return DB_OK;
	*t->failed_ms = clock_mono_ms();
	return lane_failed(t->j->db, lane, t->j->conf.outbox_backoff_s, BREAKER_MAX_S);
}

/* What the customer's order becomes when the till said no. 0 or a db_status. */
static int
fail_order(const struct try *t)
{
	struct order_news news = { .order_id = t->row.order_id, .to = ORDER_FAILED, .by = BY_TILL,
		.reason = "refused_by_till", .run_id = DB_NULL };
	int rc;

	rc = order_move(t->j->db, &news);
	return rc < 0 ? rc : DB_OK;
}

/* What the end of a row means for its order. 0 or a db_status. */
static int
end_order(const struct try *t, const struct outbox_end *end)
{
	int over = strcmp(end->state, "refused") == 0 || strcmp(end->state, "parked") == 0;
	int rc;

	if (then_is(t))
		return then_end(t, end);
	if (over)
		return t->step == POS_ORDER_CANCEL ? cancel_refused(t->j->db, t->row.order_id)
		    : fail_order(t);
	if (t->step == POS_ORDER_CANCEL || !(end->no_effect || end->surely_absent))
		return DB_OK;
	rc = cancel_unsent(t->j->db, t->row.order_id);
	return rc < 0 ? rc : DB_OK;
}

void
try_default_end(const struct try *t, struct outbox_end *end)
{
	const struct effect *e = &effects[t->answer.outcome];

	*end = (struct outbox_end){ .row = &t->row, .state = e->state, .mode = e->mode,
		.next_ms = try_again_ms(t), .counts = e->counts, .no_effect = e->no_effect,
		.outcome = pos_outcome_name(t->answer.outcome), .error = t->answer.message };
}

/* Not done: by the table of effects, in the caller's transaction. */
static int
settle_undone(struct try *t)
{
	const struct effect *e = &effects[t->answer.outcome];
	struct outbox_end end;
	int rc;

	try_default_end(t, &end);
	settle_by_rule(t, &end);
	if ((rc = outbox_settle(t->j->db, &end)) != 1)
		return rc;
	if ((rc = end_order(t, &end)) != DB_OK)
		return rc;
	t->tally->refused += strcmp(end.state, "refused") == 0;
	t->tally->uncertain += strcmp(end.state, "uncertain") == 0;
	t->tally->later += strcmp(end.state, "due") == 0;
	return tell_lane(t, e);
}

/* The till's total against ours: told to people, never silently taken. */
static int
compare_total(const struct try *t)
{
	if (!t->answer.total_known || t->answer.total == t->order.pos.total)
		return DB_OK;
	log_warn("total_differs", "order=%lld ours=%lld till=%lld", (long long)t->row.order_id,
	    (long long)t->order.pos.total, (long long)t->answer.total);
	return order_attention(t->j->db, t->row.order_id, "total_differs") < 0 ? DB_ERROR : DB_OK;
}

/* The till has it. */
static int
settle_created(struct try *t)
{
	enum order_status to = order_status_parse(t->answer.state);
	enum pos_stock_moves moves = pos_stock_moves(till_pos(t->j->till));
	int rc;

	if (to == ORDER_STATUSES || to == ORDER_PENDING || to == ORDER_FAILED)
		to = ORDER_SENT_TO_POS;
	rc = order_accepted(t->j->db, t->row.order_id, t->answer.id, to);
	if (rc >= 0 && (moves == POS_MOVES_CREATED ||
	    (moves == POS_MOVES_ACCEPTED && to >= ORDER_PROCESSING && to <= ORDER_DELIVERED)))
		rc = stock_taken(t->j->db, t->row.order_id, DB_NULL);
	if (rc >= 0)
		rc = then_owe(t);
	return rc < 0 ? rc : compare_total(t);
}

static int
settle_done(struct try *t)
{
	struct outbox_end end = { .row = &t->row, .state = "sent", .mode = "send", .counts = 1,
		.outcome = pos_outcome_name(POS_DONE) };
	int rc = outbox_settle(t->j->db, &end);

	if (rc < 0)
		return rc;
	if (then_is(t))
		rc = then_end(t, &end);
	else
		rc = t->step == POS_ORDER_CANCEL ? cancel_agreed(t->j->db, t->row.order_id)
		    : settle_created(t);
	t->tally->sent += rc == DB_OK;
	return rc != DB_OK ? rc : lane_ok(t->j->db, "pos");
}

/* For the exit code: what passed by itself is forgotten, not what needs people. */
void
try_remember(struct try *t)
{
	struct tally *y = t->tally;
	const struct pos_answer *a = &t->answer;

	if (said_no(t))
		return;
	if (a->outcome != POS_AUTH && (y->worst == POS_AUTH || y->refused + y->uncertain > 0))
		return;
	y->worst = a->outcome;
	if (a->outcome != POS_DONE)
		snprintf(y->message, sizeof y->message, "%s %lld: %s: %s",
		    t->is_client ? "client" : "order",
		    (long long)(t->is_client ? t->row.user_id : t->row.order_id),
		    pos_outcome_name(a->outcome), a->message);
}

void
try_settle(struct try *t)
{
	const struct pos_answer *a = &t->answer;
	int rc;

	if (t->is_client) {
		client_settle(t);
		return;
	}
	if (a->outcome == POS_DONE && a->id == NULL && t->step == POS_ORDER_CREATE)
		t->answer.outcome = POS_UNKNOWN;
	else if (a->outcome == POS_DUPLICATE && a->id != NULL && t->step == POS_ORDER_CREATE)
		t->answer.outcome = POS_DONE;	/* it names the one that it has */
	else if (a->outcome == POS_DUPLICATE && then_is(t))
		t->answer.outcome = POS_DONE;
	else if (a->outcome == POS_GONE && t->step == POS_ORDER_CANCEL)
		/* nobody cooks what the till does not know, but a typed number may be another's */
		t->answer.outcome = t->order.by_hand ? POS_REFUSED : POS_DONE;
	try_remember(t);
	log_event(a->outcome == POS_DONE ? LEVEL_INFO : LEVEL_WARN, "outbox",
	    "row=%lld order=%lld outcome=%s status=%d attempt=%lld pos_order=%s why=%s",
	    (long long)t->row.id, (long long)t->row.order_id, pos_outcome_name(a->outcome),
	    a->status, (long long)t->row.attempts + 1, a->id != NULL ? a->id : "-", a->message);
	if (db_begin(t->j->db) != DB_OK) {
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
		return;
	}
	rc = a->outcome == POS_DONE ? settle_done(t) : settle_undone(t);
	if (db_end(t->j->db, rc >= 0) != DB_OK || rc < 0)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
}

void
try_end(struct try *t, const struct outbox_end *end)
{
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = outbox_settle(t->j->db, end);
	if (rc == 1 && !t->is_client)
		rc = end_order(t, end);
	if (db_end(t->j->db, rc >= 0) != DB_OK || rc < 0)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
}

void
try_end_with_lane(struct try *t, const struct outbox_end *end)
{
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = outbox_settle(t->j->db, end);
	if (rc >= 0)
		rc = tell_lane(t, &effects[t->answer.outcome]);
	if (db_end(t->j->db, rc >= 0) != DB_OK || rc < 0)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
}

void
try_put_off(struct try *t, int64_t next_ms, const char *why)
{
	try_end(t, &(struct outbox_end){ .row = &t->row, .state = "due", .mode = t->row.mode,
		.no_effect = 1, .next_ms = next_ms, .outcome = "put_off", .error = why });
	t->tally->later++;
}
