/*
 * clients_feed.c - pos-sync --only clients: the accounts that are linked to no
 * client of the till yet, as when the profile has customer only now
 *
 * Batch by batch they owe a client, as if they had registered today, and are seen
 * to at once, by the same rules as pos-sender's (clients.c), which may take some
 * of them meanwhile. How far it came is kept with each batch, so a run that was
 * cut short goes on where it stopped; --full begins with the first account again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/log.h"
#include "lib/pos/grant.h"
#include "lib/shop/client.h"
#include "sync/begin.h"
#include "sync/clients.h"
#include "sync/feeds.h"

enum { BATCH = 50, HEAR_MS = 250, MARK = 24 };

struct linking {
	struct job *j;
	struct run *run;
	struct tally tally;
	struct arena *replies;
	int64_t failed_ms;
};

/* The till's answer, or a signal: 1 heard. */
static int
hear(struct pos *pos, struct http_reply *reply)
{
	void *about;

	while (pos_under_way(pos) > 0)
		if (pos_wait(pos, HEAR_MS, &about, reply) == 1)
			return 1;
		else if (job_signalled())
			return 0;	/* the row stays claimed, and is looked for later */
	return 0;
}

/* One row from its beginning to its end. 0, or -1: we were told to go. */
static int
see_to(struct try *t)
{
	struct pos *pos = till_pos(t->j->till);
	struct http_reply reply;

	for (try_begin(t); t->at == READY;) {
		if (pos_rest_ms(pos) > 0)
			job_sleep(t->j, pos_rest_ms(pos));
		t->token_number = pos_token_number(pos);
		if (pos_start(pos, &t->request, t) == -1) {
			t->at = FREE;
			try_forget_look(t);
			try_put_off(t, try_again_ms(t), "out of memory");
		} else if (!hear(pos, &reply)) {
			return -1;
		} else {
			t->at = FREE;
			try_hear(t, &reply);
		}
	}
	return 0;
}

static void
count(struct run *run, const struct try *t)
{
	run->seen++;
	if (t->outcome == NULL)
		run->bad++;			/* later */
	else if (strcmp(t->outcome, "made") == 0)
		run->added++;
	else if (strcmp(t->outcome, "found") == 0)
		run->changed++;
	else if (strcmp(t->outcome, "not needed") == 0 || strcmp(t->outcome, "no phone") == 0)
		run->unchanged++;
	else
		run->bad++;
}

/* What is owed now. An exit code. */
static int
work_off(struct linking *l)
{
	struct job *j = l->j;
	struct outbox_row row;
	struct try t;
	int gone;

	while (!job_signalled()) {
		arena_reset(j->arena);
		if (clients_claim(j, &row) != 1)
			break;
		t = (struct try){ .j = j, .tally = &l->tally, .replies = l->replies,
			.failed_ms = &l->failed_ms, .row = row };
		log_request(row.request_id);
		gone = see_to(&t);
		try_forget_look(&t);
		log_request(NULL);
		if (gone == -1)
			return EX_TEMPFAIL;
		count(l->run, &t);
		run_show(j, l->run);
		if (t.outcome == NULL && t.answer.outcome != POS_UNKNOWN)
			return run_fail(l->run, t.answer.outcome, t.answer.message);
	}
	if (job_signalled())
		return EX_TEMPFAIL;
	if (lane_paused(j->db, "pos") != 0 || lane_paused(j->db, CLIENT_LANE) != 0) {
		snprintf(l->run->message, sizeof l->run->message,
		    "the till rests after failures, or sending is paused: pos-admin doctor");
		return EX_UNAVAILABLE;
	}
	return EX_OK;
}

/* The next batch of accounts, and the mark with it: their number, or a db_status. */
static int
owe(struct job *j, const struct run *run, int64_t *mark)
{
	char text[MARK];
	int n, rc;

	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	n = rc = client_owe_missing(j->db, *mark, BATCH, mark);
	snprintf(text, sizeof text, "%lld", (long long)*mark);
	if (n > 0)
		rc = run_keep_mark(j, run, text);
	if (db_end(j->db, rc >= 0 && n > 0) != DB_OK && n > 0)
		rc = DB_ERROR;
	return rc < 0 ? rc : n;
}

static int
link_all(struct linking *l, int64_t mark)
{
	int code, n;

	do {
		if ((n = owe(l->j, l->run, &mark)) < 0) {
			snprintf(l->run->message, sizeof l->run->message, "%s", db_error(l->j->db));
			return EX_TEMPFAIL;
		}
		code = work_off(l);
	} while (n > 0 && code == EX_OK && job_yield(l->j) == 0);
	return code;
}

int
feed_clients(struct job *j, int is_full)
{
	struct run run;
	struct linking l = { .j = j, .run = &run, .failed_ms = -1 };
	const char *mark;
	int code;

	if (strcmp(clients_known_by(till_pos(j->till)), "no") == 0) {
		job_say(j, "clients: the profile has no customer\n");
		return EX_OK;
	}
	if ((l.replies = arena_new(JOB_ARENA)) == NULL)
		return EX_OSERR;
	if (run_begin(j, &run, "clients", is_full) != DB_OK) {
		arena_free(l.replies);
		return EX_TEMPFAIL;
	}
	mark = is_full ? NULL : run_mark(j, "clients");
	code = link_all(&l, mark == NULL ? 0 : strtoll(mark, NULL, 10));
	arena_free(l.replies);
	return run_finish(j, &run, code);
}
