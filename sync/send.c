/*
 * send.c - from the outbox to the till; see send.h
 *
 * Several rows are under way at once and none waits for another: who has been
 * answered makes room for the next. A row that may have reached the till
 * before (sent_at set) is judged by the profile's retry rule first: resent
 * under its key, looked for, or left to a person. The network is used between
 * transactions only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/cancel.h"
#include "lib/shop/deadline.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "sync/load.h"
#include "sync/send.h"
#include "sync/settle.h"

enum {
	ROOM = 8,			/* rows under way at once */
	LOOKS = 2,			/* that must find nothing before a new try */
	GRACE_MS = 1500,		/* for answers after a signal; then rows stay claimed,
					 * as after a kill, and the next sender finds out */
	HEAR_MS = 250,
	MS = 1000, REQUEST_MAX = 1 << 20, WINDOW_S = 600,
	LEAVE_MS = 30 * MS		/* the clock's rules run more often than that */
};

struct sending {
	struct job *j;
	struct tally *tally;
	struct arena *replies;		/* what one answer needs; rows live in the job's */
	int64_t failed_ms;		/* when the lane last heard of a failure */
	struct try tries[ROOM];
};

enum plan { SEND, LOOK, ASK_PERSON, DROP, LEAVE };

/* Nobody wants it cooked any more. */
static int
is_unwanted(const struct try *t)
{
	return t->order.status != ORDER_PENDING || t->order.cancel_asked;
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

/* 0 when the till did not say. */
static int
look(struct try *t)
{
	struct pos_about about = { .order = &t->order.pos,
		.window_from = t->order.created_at - WINDOW_S,
		.window_to = clock_now() + WINDOW_S };

	arena_reset(t->replies);
	pos_find(till_pos(t->j->till), POS_ORDER_FIND, &about, t->replies, &t->answer);
	t->looked = 1;
	if (t->answer.outcome == POS_DONE && t->answer.id == NULL) {
		settle_look(t);
		return 1;
	}
	if (t->answer.outcome == POS_DONE)
		log_info("adopted", "order=%lld pos_order=%s", (long long)t->row.order_id,
		    t->answer.id);
	try_settle(t);
	return t->answer.outcome == POS_DONE;
}

static void
ask_person(struct try *t)
{
	try_end(t, &(struct outbox_end){ .row = &t->row, .state = "uncertain", .mode = "find",
		.outcome = "unknown", .error = "the till may have it and cannot be asked" });
	t->tally->uncertain++;
}

/* It ended otherwise before a byte left: nothing is owed any more. */
static void
drop(struct try *t)
{
	int rc;

	if (db_begin(t->j->db) != DB_OK)
		return;
	rc = cancel_unsent(t->j->db, t->row.order_id);
	if (rc == 0)
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
	try_settle(t);
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

/* Whether the clock's rules say that it may not be sent any more. */
static int
is_too_late(const struct try *t)
{
	return t->step == POS_ORDER_CREATE &&
	    deadline_passed(t->j->db, &t->j->conf, t->row.order_id) == 1;
}

static void
start_sending(struct try *t)
{
	if (!freeze(t, t->j->arena))
		return;
	t->began_ms = clock_mono_ms();
	if (pos_start(till_pos(t->j->till), &t->request, t) == 0)
		t->at = UNDER_WAY;
	else
		try_put_off(t, try_again_ms(t), "out of memory");
}

static void
start(struct try *t)
{
	int rc;

	t->step = strcmp(t->row.kind, "cancel") == 0 ? POS_ORDER_CANCEL : POS_ORDER_CREATE;
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
		start_sending(t);
		break;
	case LOOK:
		t->at = TO_LOOK;
		break;
	case ASK_PERSON:
		ask_person(t);
		break;
	case DROP:
		drop(t);
		break;
	case LEAVE:
		try_put_off(t, clock_ms() + LEAVE_MS, "too late to be sent");
		break;
	}
}

/* ---- many at once */

static struct try *
find_try(struct sending *s, int at)
{
	for (int i = 0; i < ROOM; i++)
		if ((int)s->tries[i].at == at)
			return &s->tries[i];
	return NULL;
}

static int
count(const struct sending *s, int at)
{
	int n = 0;

	for (int i = 0; i < ROOM; i++)
		n += (int)s->tries[i].at == at;
	return n;
}

/* As many due rows as there is room for: the number taken, or a db_status. */
static int
take(struct sending *s)
{
	struct outbox_row rows[ROOM];
	struct job *j = s->j;
	struct try *t;
	int room = count(s, FREE), n;

	if (room == ROOM)
		arena_reset(j->arena);
	else if (room == 0 || arena_used(j->arena) > JOB_ARENA / 2)
		return 0;
	n = outbox_claim(j->db, j->arena, "pos", j->conf.outbox_lease_s * MS, rows, room);
	for (int i = 0; i < n; i++) {
		t = find_try(s, FREE);
		*t = (struct try){ .j = j, .tally = s->tally, .failed_ms = &s->failed_ms,
			.replies = s->replies, .row = rows[i] };
		log_request(t->row.request_id);
		if (strcmp(rows[i].kind, "order") == 0 || strcmp(rows[i].kind, "cancel") == 0)
			start(t);
	}
	log_request(NULL);
	s->tally->taken += n > 0 ? n : 0;
	return n;
}

/* A look waits for its answer, so it comes when nothing else is under way. One
 * that fails speaks for all that wait: the till does not answer. */
static void
look_at_one(struct sending *s)
{
	struct try *t = find_try(s, TO_LOOK);
	int answered;

	if (t == NULL || count(s, UNDER_WAY) > 0)
		return;
	t->began_ms = clock_mono_ms();
	log_request(t->row.request_id);
	answered = look(t);
	log_request(NULL);
	t->at = FREE;
	while (!answered && (t = find_try(s, TO_LOOK)) != NULL) {
		try_put_off(t, try_again_ms(t), "the till did not answer another look");
		t->at = FREE;
	}
}

/* Settle what is answered within ms. */
static void
hear(struct sending *s, int ms)
{
	struct pos *pos = till_pos(s->j->till);
	struct http_reply reply;
	struct try *t;
	void *about;

	while (pos_under_way(pos) > 0 && pos_wait(pos, ms, &about, &reply) == 1) {
		t = about;
		log_request(t->row.request_id);
		arena_reset(s->replies);
		pos_judge(pos, t->step, &reply, s->replies, &t->answer);
		http_reply_free(&reply);
		try_settle(t);
		log_request(NULL);
		t->at = FREE;
		ms = 0;
	}
}

struct sending *
sending_new(struct job *j, struct tally *tally)
{
	struct sending *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->j = j;
	s->tally = tally;
	s->failed_ms = -1;
	if ((s->replies = arena_new(JOB_ARENA)) != NULL)
		return s;
	free(s);
	return NULL;
}

void
sending_free(struct sending *s)
{
	if (s == NULL)
		return;
	arena_free(s->replies);
	free(s);
}

int
sending_step(struct sending *s, int ms)
{
	int taken = find_try(s, TO_LOOK) == NULL ? take(s) : 0;

	hear(s, ms);
	look_at_one(s);
	return taken < 0 ? taken : taken + ROOM - count(s, FREE);
}

void
sending_finish(struct sending *s)
{
	int may_leave = pos_retry(till_pos(s->j->till)) != POS_RETRY_NEVER;
	int64_t until = 0;

	while (count(s, FREE) < ROOM) {
		if (may_leave && job_signalled() && until == 0)
			until = clock_mono_ms() + GRACE_MS;
		if (until != 0 && clock_mono_ms() >= until)
			return;
		hear(s, HEAR_MS);
		look_at_one(s);
	}
}
