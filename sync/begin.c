/*
 * begin.c - one row begins: what is to be done with it, and its bytes; see begin.h
 *
 * A row that may have reached the till before (sent_at set) is judged by the
 * profile's retry rule first: resent under its key, looked for, or left to a
 * person. Each kind of row is a line of the table at the end.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/grant.h"
#include "lib/shop/cancel.h"
#include "lib/shop/deadline.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/outbox_then.h"
#include "sync/begin.h"
#include "sync/clients.h"
#include "sync/load.h"
#include "sync/then.h"

enum {
	LOOK_ARENA = 8 << 20,
	LOOKS = 2,			/* that must find nothing before a new try */
	MS = 1000, REQUEST_MAX = 1 << 20, WINDOW_S = 600,
	LEAVE_MS = 30 * MS,		/* the clock's rules run more often than that */
	WAIT_MS = 5 * MS		/* for the till's word on a cancelling */
};

enum plan { SEND, LOOK, ASK_PERSON, DROP, LEAVE };

/*
 * Nobody wants it cooked any more, or staff have taken it on. At a till that
 * gets an order when staff have accepted it, it is wanted just then.
 */
static int
is_unwanted(const struct try *t)
{
	if (pos_send_on(till_pos(t->j->till)) == POS_SEND_ACCEPTED)
		return t->order.cancel_asked || t->order.status == ORDER_CANCELLED ||
		    t->order.status == ORDER_FAILED;
	return t->order.status != ORDER_PENDING || t->order.cancel_asked;
}

/* Has come what this till waits for? (Nothing is paid before it is received.) */
static int
may_go(const struct try *t)
{
	switch (pos_send_on(till_pos(t->j->till))) {
	case POS_SEND_PLACED:
		return 1;
	case POS_SEND_ACCEPTED:
		return t->order.status != ORDER_PENDING;
	default:
		return t->order.pos.paid;
	}
}

/* A byte may have left: how to find out. Too old or not wanted is not sent again. */
static enum plan
plan_again(const struct try *t, int can_look, int too_late)
{
	switch (pos_retry(till_pos(t->j->till))) {
	case POS_RETRY_FIND:
		return can_look ? LOOK : ASK_PERSON;
	case POS_RETRY_NEVER:
		return ASK_PERSON;
	default:
		return (too_late || is_unwanted(t)) && can_look ? LOOK : SEND;
	}
}

static enum plan
plan_of(const struct try *t, int too_late)
{
	struct pos *pos = till_pos(t->j->till);
	int can_look = pos_has(pos, POS_ORDER_FIND);

	if (t->step != POS_ORDER_CREATE)
		return SEND;
	if (is_unwanted(t) && t->row.sent_at == DB_NULL)
		return DROP;
	if (!may_go(t) && t->row.sent_at == DB_NULL)
		return LEAVE;
	if (strcmp(t->row.mode, "find") == 0)
		return can_look ? LOOK : pos_retry(pos) == POS_RETRY_NEVER ? ASK_PERSON : SEND;
	if (t->row.sent_at == DB_NULL)
		return too_late ? LEAVE : SEND;
	return plan_again(t, can_look, too_late);
}

/* ---- looking for what may be there */

static void
settle_look(struct try *t)
{
	struct outbox_end end = { .row = &t->row, .state = "due", .mode = "find",
		.found_nothing = 1, .outcome = "not_found", .next_ms = try_look_ms(t) };

	if (t->row.finds + 1 >= LOOKS) {
		end.surely_absent = 1;
		end.mode = "send";
		end.next_ms = clock_ms();
	}
	try_end(t, &end);
	t->tally->later++;
}

void
try_forget_look(struct try *t)
{
	pos_find_close(t->finding);
	arena_free(t->found);
	t->finding = NULL;
	t->found = NULL;
}

static void
end_look(struct try *t)
{
	t->looked = 1;
	if (t->is_client) {
		client_looked(t);
	} else if (t->answer.outcome == POS_DONE && t->answer.id == NULL) {
		settle_look(t);
	} else {
		if (t->answer.outcome == POS_DONE)
			log_info("adopted", "order=%lld pos_order=%s", (long long)t->row.order_id,
			    t->answer.id);
		try_settle(t);
	}
	try_forget_look(t);
}

/* The next page, or it is over. */
static void
look_on(struct try *t)
{
	if (pos_find_ask(t->finding, &t->request) == 1)
		t->at = READY;
	else
		end_look(t);
}

/* What a request is about. */
static struct pos_about
about(const struct try *t)
{
	struct pos_about a = { .order = &t->order.pos,
		.window_from = t->order.created_at - WINDOW_S,
		.window_to = clock_now() + WINDOW_S };

	return t->is_client ? (struct pos_about){ .customer = &t->customer } : a;
}

/* -1: it cannot be asked. */
static int
open_look(struct try *t)
{
	struct pos_about what = about(t);

	if ((t->found = arena_new(LOOK_ARENA)) == NULL)
		return -1;
	t->finding = pos_find_open(till_pos(t->j->till),
	    t->is_client ? POS_CUSTOMER_FIND : POS_ORDER_FIND, &what, t->found, &t->answer);
	return t->finding == NULL ? -1 : 0;
}

void
try_start_looking(struct try *t)
{
	if (open_look(t) == 0)
		look_on(t);
	else if (t->found == NULL)
		try_put_off(t, try_again_ms(t), "out of memory");
	else
		end_look(t);
}

static void
ask_person(struct try *t)
{
	try_end(t, &(struct outbox_end){ .row = &t->row, .state = "uncertain", .mode = "find",
		.outcome = "unknown", .error = "the till may have it and cannot be asked" });
	t->tally->uncertain++;
}

/*
 * It ended otherwise before a byte left: nothing is owed any more. Of an order that an
 * earlier row may have brought to the till, this row alone ends.
 */
static void
drop(struct try *t)
{
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = cancel_unsent(t->j->db, t->row.order_id);
	if (rc == 0)
		rc = outbox_close(t->j->db, t->row.order_id, "the order is not pending any more");
	if (rc == 0)
		rc = outbox_settle(t->j->db, &(struct outbox_end){ .row = &t->row, .state = "parked",
			.no_effect = 1, .outcome = "the order is not pending any more" });
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
	try_settle(t);
}

/* The bytes: those frozen at the first try, else built and frozen now.
 * 1 send; 0 not (settled, or not ours any more). */
static int
freeze(struct try *t, struct arena *a)
{
	struct pos_about what = about(t);
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
	if (pos_build(till_pos(t->j->till), t->step, &what, a, &t->request, fault) == -1) {
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

/* Whether the clock's rules say that it may not be sent any more. */
static int
is_too_late(const struct try *t)
{
	return t->step == POS_ORDER_CREATE &&
	    deadline_passed(t->j->db, &t->j->conf, t->row.order_id) == 1;
}

void
try_start_sending(struct try *t)
{
	if (freeze(t, t->j->arena))
		t->at = READY;
}

static void
begin_order(struct try *t)
{
	int rc;

	rc = load_order(t->j->db, t->j->arena, t->row.order_id, t->row.key, &t->order);
	if (rc < 0) {
		try_put_off(t, try_again_ms(t), "the order cannot be read");
		return;
	}
	if (rc == 0 || !pos_has(till_pos(t->j->till), t->step)) {
		refuse(t, rc == 0 ? "there is no such order" : "the profile has no such call");
		return;
	}
	switch (plan_of(t, is_too_late(t))) {
	case SEND:
		try_start_sending(t);
		break;
	case LOOK:
		try_start_looking(t);
		break;
	case ASK_PERSON:
		ask_person(t);
		break;
	case DROP:
		drop(t);
		break;
	case LEAVE:
		try_put_off(t, clock_ms() + LEAVE_MS, may_go(t) ? "too late to be sent" :
		    "the till gets it when staff have accepted it");
		break;
	}
}

/* Which of the calls that follow an order. */
static void
choose_then(struct try *t)
{
	int nth = outbox_then_nth(&t->row);

	if (nth >= 0 && nth < POS_STEPS - POS_ORDER_THEN)
		t->step = (enum pos_step)(POS_ORDER_THEN + nth);
}

static void
begin_then(struct try *t)
{
	const char *why = NULL;
	int rc = load_order(t->j->db, t->j->arena, t->row.order_id, t->row.key, &t->order);

	if (rc < 0) {
		try_put_off(t, try_again_ms(t), "the order cannot be read");
		return;
	}
	choose_then(t);
	if (rc == 0 || !pos_has(till_pos(t->j->till), t->step)) {
		refuse(t, rc == 0 ? "there is no such order" : "the profile has no such call");
		return;
	}
	switch (then_plan(t, &why)) {
	case THEN_SEND:
		try_start_sending(t);
		break;
	case THEN_ASK_PERSON:
		ask_person(t);
		break;
	case THEN_WAIT:
		try_put_off(t, clock_ms() + WAIT_MS, why);
		break;
	case THEN_DROP:
		try_end(t, &(struct outbox_end){ .row = &t->row, .state = "parked",
			.outcome = "not needed", .error = why });
		break;
	}
}

static const struct kind {
	const char *name;
	enum pos_step step;
	void (*begin)(struct try *);
} kinds[] = {
	{ "order", POS_ORDER_CREATE, begin_order },
	{ "cancel", POS_ORDER_CANCEL, begin_order },
	{ "then", POS_ORDER_THEN, begin_then },
	{ "client", POS_CUSTOMER_CREATE, client_begin },
};

static const struct kind *
kind_of(const struct try *t)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(t->row.kind, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

/* 0 it has ended: without a token nothing goes. */
static int
has_credentials(struct try *t)
{
	char why[POS_TEXT];
	enum pos_outcome o = pos_ready(till_pos(t->j->till), why);

	if (o == POS_DONE)
		return 1;
	t->answer = (struct pos_answer){ .outcome = o, .retry_after = -1 };
	memcpy(t->answer.message, why, sizeof why);
	t->looked = strcmp(t->row.mode, "find") == 0;
	try_settle(t);
	return 0;
}

void
try_begin(struct try *t)
{
	const struct kind *k = kind_of(t);

	if (k == NULL)
		return;
	t->step = k->step;
	t->is_client = strcmp(t->row.kind, "client") == 0;
	if (has_credentials(t))
		k->begin(t);
}

void
try_hear(struct try *t, struct http_reply *r)
{
	if (!t->renewed && pos_ready_again(till_pos(t->j->till), r, t->token_number)) {
		t->renewed = 1;
		http_reply_free(r);
		t->at = READY;
		return;
	}
	if (t->finding != NULL) {
		if (pos_find_hear(t->finding, r))
			look_on(t);
		else
			end_look(t);
		return;
	}
	arena_reset(t->replies);
	pos_judge(till_pos(t->j->till), t->step, r, t->replies, &t->answer);
	http_reply_free(r);
	try_settle(t);
}

/* The bytes as they were sent before, or as they would be built now; a sentence
 * when they cannot be. */
static const char *
foresee_bytes(struct try *t)
{
	struct pos_about what = about(t);
	char fault[POS_FAULT];

	if (t->row.request != NULL)
		return pos_thaw(t->j->arena, t->row.request, t->row.request_len, &t->request) == 0
		    ? NULL : "to be refused: the stored request cannot be read";
	if (pos_build(till_pos(t->j->till), t->step, &what, t->j->arena, &t->request, fault) == 0)
		return NULL;
	t->request.method = NULL;
	return arena_printf(t->j->arena, "to be refused: %s", fault);
}

/* The first request of a look. */
static void
foresee_look(struct try *t)
{
	if (open_look(t) == -1 || pos_find_ask(t->finding, &t->request) != 1)
		t->request.method = NULL;
}

static enum plan
foresee_plan(const struct try *t)
{
	static const enum plan plans[] = { [THEN_SEND] = SEND, [THEN_ASK_PERSON] = ASK_PERSON,
		[THEN_WAIT] = LEAVE, [THEN_DROP] = DROP };
	const char *why;

	return then_is(t) ? plans[then_plan(t, &why)] : plan_of(t, is_too_late(t));
}

const char *
try_foresee(struct try *t)
{
	static const char *const words[] = {
		[SEND] = "to be sent", [LOOK] = "to be looked for at the till first",
		[ASK_PERSON] = "to be left to a person: the till may have it and cannot be asked",
		[DROP] = "not to be sent: nobody waits for it any more",
		[LEAVE] = "not to be sent now",
	};
	const struct kind *k = kind_of(t);
	const char *what = NULL;
	enum plan plan;

	if (k == NULL || t->row.order_id == DB_NULL)
		return "to be sent";
	t->step = k->step;
	if (k->begin == begin_then)
		choose_then(t);
	if (load_order(t->j->db, t->j->arena, t->row.order_id, t->row.key, &t->order) != 1)
		return "to be refused: the order cannot be read";
	if (!pos_has(till_pos(t->j->till), t->step))
		return "to be refused: the profile has no such call";
	plan = foresee_plan(t);
	if (plan == SEND)
		what = foresee_bytes(t);
	else if (plan == LOOK)
		foresee_look(t);
	return what != NULL ? what : words[plan];
}
