/*
 * send.c - from the outbox to the till, and what the answer means; see send.h
 *
 * A row that may have reached the till before (sent_at set) is judged by the
 * profile's retry rule first: resent under its key, looked for, or left to a
 * person. The network is used between transactions only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/stock.h"
#include "sync/load.h"
#include "sync/send.h"

enum {
	BATCH = 8, MS = 1000, LOOKS = 2,	/* looks that must find nothing before a new try */
	REQUEST_MAX = 1 << 20, WINDOW_S = 600, BREAKER_MAX_S = 60
};

/* One row under way. */
struct try {
	struct job *j;
	struct tally *tally;
	struct outbox_row row;
	struct loaded_order order;
	enum pos_step step;
	struct pos_request request;
	struct pos_answer answer;
};

enum plan { SEND, LOOK, ASK_PERSON, DROP };

static enum plan
plan_of(const struct try *t)
{
	struct pos *pos = till_pos(t->j->till);
	int can_look = pos_has(pos, POS_ORDER_FIND);

	if (t->order.status != ORDER_PENDING && t->row.sent_at == DB_NULL &&
	    t->step == POS_ORDER_CREATE)
		return DROP;
	if (strcmp(t->row.mode, "find") == 0 && t->step == POS_ORDER_CREATE)
		return can_look ? LOOK : pos_retry(pos) == POS_RETRY_NEVER ? ASK_PERSON : SEND;
	if (t->row.sent_at == DB_NULL || t->step != POS_ORDER_CREATE)
		return SEND;
	switch (pos_retry(pos)) {
	case POS_RETRY_FIND:
		return can_look ? LOOK : ASK_PERSON;
	case POS_RETRY_NEVER:
		return ASK_PERSON;
	default:
		return SEND;
	}
}

/* ---- what an outcome does to the row */

static const struct effect {
	const char *state, *mode;	/* of the row */
	int counts, no_effect;
	int failed, pauses;		/* of the lane */
} effects[POS_OUTCOMES] = {
	[POS_UNSENT] = { "due", "send", 1, 1, 1, 0 },
	[POS_LIMITED] = { "due", "send", 0, 1, 0, 0 },
	[POS_AUTH] = { "due", "send", 0, 1, 0, 1 },
	[POS_REFUSED] = { "refused", "send", 1, 0, 0, 0 },
	[POS_GONE] = { "refused", "send", 1, 0, 0, 0 },
	[POS_UNKNOWN] = { "due", "send", 1, 0, 1, 0 },
	[POS_DUPLICATE] = { "due", "find", 1, 0, 0, 0 },
};

static int64_t
next_try(const struct try *t)
{
	const struct settings *c = &t->j->conf;
	uint32_t chance;

	if (t->answer.outcome == POS_LIMITED && t->answer.retry_after >= 0)
		return clock_ms() + (int64_t)t->answer.retry_after * MS;
	crypt_random(&chance, sizeof chance);
	return clock_ms() + outbox_backoff_ms(t->row.attempts, c->outbox_backoff_s,
	    c->outbox_backoff_max_s, chance);
}

/* After an unknown outcome: resend, look, or leave it to a person. */
static void
settle_unknown(const struct try *t, struct outbox_end *end)
{
	struct pos *pos = till_pos(t->j->till);

	if (t->step != POS_ORDER_CREATE)
		return;
	if (pos_retry(pos) == POS_RETRY_NEVER || t->row.attempts + 1 >=
	    t->j->conf.outbox_max_attempts) {
		end->state = "uncertain";
	} else if (pos_retry(pos) == POS_RETRY_FIND) {
		end->mode = "find";
		/* twice the time-out: what was sent has arrived by then, or never will */
		end->next_ms = clock_ms() + 2 * t->j->conf.pos_timeout_s * MS;
	}
}

/* What the lane learns. 0 or a db_status. */
static int
tell_lane(const struct try *t, const struct effect *e)
{
	char why[POS_TEXT + 64];

	if (e->pauses) {
		snprintf(why, sizeof why, "the till refused our token: %.200s", t->answer.message);
		return lane_pause(t->j->db, "pos", why);
	}
	if (e->failed)
		return lane_failed(t->j->db, "pos", t->j->conf.outbox_backoff_s, BREAKER_MAX_S);
	return lane_ok(t->j->db, "pos");
}

/* What the customer's order becomes when the till said no. 0 or a db_status. */
static int
fail_order(const struct try *t)
{
	struct order_news news = { .order_id = t->row.order_id, .to = ORDER_FAILED, .by = BY_TILL,
		.reason = "refused_by_till", .run_id = DB_NULL };
	int rc;

	if (t->step == POS_ORDER_CANCEL)
		return order_attention(t->j->db, t->row.order_id, "cancel_unanswered") < 0 ?
		    DB_ERROR : DB_OK;
	rc = order_move(t->j->db, &news);
	return rc < 0 ? rc : DB_OK;
}

/* Not done: by the table of effects, in the caller's transaction. */
static int
settle_undone(struct try *t)
{
	const struct effect *e = &effects[t->answer.outcome];
	struct outbox_end end = { .row = &t->row, .state = e->state, .mode = e->mode,
		.next_ms = next_try(t), .counts = e->counts, .no_effect = e->no_effect,
		.outcome = pos_outcome_name(t->answer.outcome), .error = t->answer.message };
	int rc;

	if (t->answer.outcome == POS_UNKNOWN)
		settle_unknown(t, &end);
	if ((rc = outbox_settle(t->j->db, &end)) != 1)
		return rc;
	if (strcmp(end.state, "refused") == 0 && (rc = fail_order(t)) != DB_OK)
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
	return rc < 0 ? rc : compare_total(t);
}

static int
settle_cancelled(const struct try *t)
{
	struct order_news news = { .order_id = t->row.order_id, .to = ORDER_CANCELLED,
		.by = BY_CUSTOMER, .reason = "customer", .run_id = DB_NULL };
	int rc = order_move(t->j->db, &news);

	return rc < 0 ? rc : DB_OK;
}

static int
settle_done(struct try *t)
{
	struct outbox_end end = { .row = &t->row, .state = "sent", .mode = "send", .counts = 1,
		.outcome = pos_outcome_name(POS_DONE) };
	int rc = outbox_settle(t->j->db, &end);

	if (rc < 0)
		return rc;
	rc = t->step == POS_ORDER_CANCEL ? settle_cancelled(t) : settle_created(t);
	t->tally->sent += rc == DB_OK;
	return rc != DB_OK ? rc : lane_ok(t->j->db, "pos");
}

/* In one transaction. A row that could not be settled comes back with its lease. */
static void
settle(struct try *t)
{
	const struct pos_answer *a = &t->answer;
	int rc;

	if (a->outcome == POS_DONE && a->id == NULL && t->step == POS_ORDER_CREATE)
		t->answer.outcome = POS_UNKNOWN;
	if (a->outcome != POS_DONE) {
		t->tally->worst = a->outcome;
		snprintf(t->tally->message, sizeof t->tally->message, "order %s: %s: %s",
		    t->order.pos.ref, pos_outcome_name(a->outcome), a->message);
	}
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

/* ---- looking for what may be there */

static void
settle_look(struct try *t)
{
	struct outbox_end end = { .row = &t->row, .state = "due", .mode = "find",
		.found_nothing = 1, .outcome = "not_found",
		.next_ms = clock_ms() + 2 * t->j->conf.pos_timeout_s * MS };
	int rc;

	if (t->row.finds + 1 >= LOOKS) {
		end.surely_absent = 1;
		end.mode = "send";
		end.next_ms = clock_ms();
	}
	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = outbox_settle(t->j->db, &end);
	if (db_end(t->j->db, rc >= 0) != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
	t->tally->later++;
}

static void
look(struct try *t, struct arena *a)
{
	struct pos_about about = { .order = &t->order.pos,
		.window_from = t->order.created_at - WINDOW_S,
		.window_to = clock_now() + WINDOW_S };

	pos_find(till_pos(t->j->till), POS_ORDER_FIND, &about, a, &t->answer);
	if (t->answer.outcome == POS_DONE && t->answer.id == NULL) {
		settle_look(t);
		return;
	}
	if (t->answer.outcome == POS_DONE)
		log_info("adopted", "order=%lld pos_order=%s", (long long)t->row.order_id,
		    t->answer.id);
	/* a look changes nothing at the till, so it may be repeated freely */
	if (t->answer.outcome != POS_DONE && t->answer.outcome != POS_AUTH)
		t->answer.outcome = POS_LIMITED;
	settle(t);
}

static void
ask_person(struct try *t)
{
	struct outbox_end end = { .row = &t->row, .state = "uncertain", .mode = "find",
		.outcome = "unknown", .error = "the till may have it and cannot be asked" };
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = outbox_settle(t->j->db, &end);
	if (db_end(t->j->db, rc >= 0) != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
	t->tally->uncertain++;
}

/* It ended otherwise before a byte left: nothing is owed any more. */
static void
drop(struct try *t)
{
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = outbox_close(t->j->db, t->row.order_id, "the order is not pending any more");
	if (db_end(t->j->db, rc >= 0) != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
}

/* ---- sending */

/* A request that can never be built, or an order that is not there (G52). */
static void
refuse(struct try *t, const char *why)
{
	t->answer = (struct pos_answer){ .outcome = POS_REFUSED, .retry_after = -1 };
	snprintf(t->answer.message, sizeof t->answer.message, "%.190s", why);
	settle(t);
}

/* The bytes: those frozen at the first try, else built and frozen now.
 * 1 send; 0 not (settled, or not ours any more). */
static int
freeze(struct try *t, struct arena *a)
{
	struct pos_about about = { .order = &t->order.pos };
	struct buf bytes = BUF_INIT(REQUEST_MAX);
	char fault[POS_FAULT];
	int rc;

	if (t->row.request != NULL) {
		if (pos_thaw(a, t->row.request, t->row.request_len, &t->request) == -1) {
			refuse(t, "the stored request cannot be read");
			return 0;
		}
		return outbox_freeze(t->j->db, &t->row, NULL, 0) == 1;
	}
	if (pos_build(till_pos(t->j->till), t->step, &about, a, &t->request, fault) == -1) {
		refuse(t, fault);
		return 0;
	}
	pos_freeze(&t->request, &bytes);
	rc = bytes.failed ? DB_ERROR : outbox_freeze(t->j->db, &t->row, bytes.s, bytes.len);
	buf_free(&bytes);
	if (rc < 0)
		log_warn("not_frozen", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
	return rc == 1;
}

/* 1 it is on its way, and send_batch waits for the answer. */
static int
start(struct try *t, struct arena *a)
{
	int rc;

	t->step = strcmp(t->row.kind, "cancel") == 0 ? POS_ORDER_CANCEL : POS_ORDER_CREATE;
	rc = load_order(t->j->db, a, t->row.order_id, t->row.key, &t->order);
	if (rc < 0)
		return 0;
	if (rc == 0 || !pos_has(till_pos(t->j->till), t->step)) {
		refuse(t, rc == 0 ? "there is no such order" : "the profile has no such call");
		return 0;
	}
	switch (plan_of(t)) {
	case LOOK:
		look(t, a);
		return 0;
	case ASK_PERSON:
		ask_person(t);
		return 0;
	case DROP:
		drop(t);
		return 0;
	case SEND:
		break;
	}
	return freeze(t, a) && pos_start(till_pos(t->j->till), &t->request, t) == 0;
}

static void
wait_for_answers(struct job *j, struct arena *a)
{
	struct pos *pos = till_pos(j->till);
	struct http_reply reply;
	struct try *t;
	void *about;

	while (pos_under_way(pos) > 0) {
		if (pos_wait(pos, MS, &about, &reply) != 1)
			continue;
		t = about;
		pos_judge(pos, t->step, &reply, a, &t->answer);
		http_reply_free(&reply);
		settle(t);
	}
}

int
send_batch(struct job *j, struct tally *tally)
{
	struct outbox_row rows[BATCH];
	struct try tries[BATCH];
	int n;

	arena_reset(j->arena);
	n = outbox_claim(j->db, j->arena, "pos", j->conf.outbox_lease_s * MS, rows, BATCH);
	for (int i = 0; i < n; i++) {
		tries[i] = (struct try){ .j = j, .tally = tally, .row = rows[i] };
		if (strcmp(rows[i].kind, "order") == 0 || strcmp(rows[i].kind, "cancel") == 0)
			start(&tries[i], j->arena);
	}
	wait_for_answers(j, j->arena);
	tally->taken += n > 0 ? n : 0;
	return n;
}
