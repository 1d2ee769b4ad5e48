/*
 * send.c - from the outbox to the till; see send.h
 *
 * Several rows are under way at once and none waits for another: who has been
 * answered makes room for the next. The network is used between transactions
 * only. How a row begins stands in begin.c, how it ends in settle.c.
 */
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/grant.h"
#include "lib/shop/outbox.h"
#include "sync/begin.h"
#include "sync/clients.h"
#include "sync/send.h"

enum {
	ROOM = HTTP_MOST,		/* SEND_PARALLEL is at most this */
	GRACE_MS = 1500,		/* for answers after a signal; then rows stay claimed,
					 * as after a kill, and the next sender finds out */
	HEAR_MS = 250, MS = 1000,
	QUICK_MS = 200			/* a till that is well has answered by then */
};

struct sending {
	struct job *j;
	struct tally *tally;
	struct arena *replies;		/* what one answer needs; rows live in the job's */
	int64_t failed_ms;		/* when the lane last heard of a failure */
	struct try tries[ROOM];
};

static void
nap(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

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

/* Is a client among them? One at a time: they hold up no order. */
static int
has_client(const struct sending *s)
{
	for (int i = 0; i < ROOM; i++)
		if (s->tries[i].at != FREE && s->tries[i].is_client)
			return 1;
	return 0;
}

/* How many more may set out now: as many as the settings say, and a till that
 * wants its pace kept gets one at a time. */
static int
room_left(struct sending *s)
{
	const struct pos *pos = till_pos(s->j->till);
	int busy = ROOM - count(s, FREE);
	int room = (int)s->j->conf.send_parallel - busy + has_client(s);

	if (room > ROOM - busy)
		room = ROOM - busy;
	if (busy == 0)
		arena_reset(s->j->arena);
	else if (arena_used(s->j->arena) > JOB_ARENA / 2)
		return 0;
	if (pos_pace_ms(pos) == 0 || room <= 0)
		return room;
	if (busy == 0)
		job_sleep(s->j, pos_rest_ms(pos));
	return pos_rest_ms(pos) == 0;
}

/* One that is under way for longer than its lease comes again: it is still ours,
 * by the new claim, and must not set out twice. */
static int
renews(struct sending *s, const struct outbox_row *row)
{
	for (int i = 0; i < ROOM; i++)
		if (s->tries[i].at != FREE && s->tries[i].row.id == row->id) {
			s->tries[i].row.lease_ms = row->lease_ms;
			return 1;
		}
	return 0;
}

/* As many due rows as there is room for: the number taken, or a db_status. */
static int
take(struct sending *s)
{
	struct outbox_row rows[ROOM];
	struct job *j = s->j;
	struct try *t;
	int room = room_left(s), n, clients;

	if (room <= 0)
		return 0;
	n = outbox_claim(j->db, j->arena, "pos", j->conf.outbox_lease_s * MS, rows, room);
	if (n >= 0 && n < room && !has_client(s)) {
		clients = clients_claim(j, rows + n);
		n = clients < 0 ? clients : n + clients;
	}
	for (int i = 0; i < n; i++) {
		if (renews(s, &rows[i]))
			continue;
		t = find_try(s, FREE);
		*t = (struct try){ .j = j, .tally = s->tally, .failed_ms = &s->failed_ms,
			.replies = s->replies, .row = rows[i] };
		log_request(t->row.request_id);
		try_begin(t);
	}
	log_request(NULL);
	s->tally->taken += n > 0 ? n : 0;
	return n;
}

/* Those that are ready, at the till's pace. */
static void
set_out(struct sending *s)
{
	struct pos *pos = till_pos(s->j->till);
	struct try *t;

	while (pos_rest_ms(pos) == 0 && (t = find_try(s, READY)) != NULL) {
		log_request(t->row.request_id);
		t->began_ms = clock_mono_ms();
		t->at = UNDER_WAY;
		t->token_number = pos_token_number(pos);
		if (pos_start(pos, &t->request, t) == -1) {
			t->at = FREE;
			try_forget_look(t);
			try_put_off(t, try_again_ms(t), "out of memory");
		}
		log_request(NULL);
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

	set_out(s);
	if (pos_under_way(pos) == 0 && find_try(s, READY) != NULL) {
		nap(pos_rest_ms(pos) < ms ? pos_rest_ms(pos) : ms);
		set_out(s);
	}
	while (pos_under_way(pos) > 0 && pos_wait(pos, ms, &about, &reply) == 1) {
		t = about;
		log_request(t->row.request_id);
		t->at = FREE;
		try_hear(t, &reply);	/* may set out again */
		log_request(NULL);
		set_out(s);
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
	for (int i = 0; i < ROOM; i++)
		try_forget_look(&s->tries[i]);
	arena_free(s->replies);
	free(s);
}

int
sending_step(struct sending *s, int ms)
{
	int taken = take(s), busy = ROOM - count(s, FREE);

	hear(s, ms);
	/* who has just been heard made room, or may be due again */
	return taken < 0 ? taken : taken + busy;
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
	}
}

/* Is something under way for so long that it may hang? */
static int
hangs(const struct sending *s)
{
	int64_t since = clock_mono_ms() - QUICK_MS;

	for (int i = 0; i < ROOM; i++)
		if (s->tries[i].at == UNDER_WAY && s->tries[i].began_ms < since)
			return 1;
	return 0;
}

void
sending_hand_over(struct sending *s)
{
	int64_t until = clock_mono_ms() + 2 * s->j->conf.pos_timeout_s * MS;
	int n = 0;

	while (n >= 0 && count(s, FREE) < ROOM && !job_signalled() && clock_mono_ms() < until) {
		if (hangs(s))
			n = sending_step(s, QUICK_MS / 2);
		else
			hear(s, QUICK_MS / 2);
	}
	sending_finish(s);
}
