/*
 * settle.h - one try to send a row, and its end
 *
 * Which outcome means what stands in one table in settle.c. Every end is one
 * transaction; where that fails, the row comes back when its lease is over.
 */
#ifndef SETTLE_H
#define SETTLE_H

#include "lib/shop/outbox.h"
#include "sync/load.h"
#include "sync/send.h"

/* One row of ours. */
struct try {
	enum { FREE, READY, UNDER_WAY } at;	/* READY: the request waits for the till's pace */
	struct job *j;
	struct tally *tally;
	struct arena *replies;		/* what one answer needs; the row lives in the job's */
	int64_t *failed_ms;		/* when the lane last heard of a failure */
	int64_t began_ms;
	int64_t token_number;		/* with which it was sent */
	int renewed;			/* that one was refused, and it was sent again */
	int looked;			/* the answer is that of a look */
	struct pos_finding *finding;	/* a look on its way, NULL = none; */
	struct arena *found;		/* and what it needs until it is settled */
	struct outbox_row row;
	struct loaded_order order;
	enum pos_step step;
	int is_client;			/* customer, not order; see clients.h */
	struct pos_customer customer;
	const char *outcome;		/* of a client's row, when it has ended */
	struct pos_request request;
	struct pos_answer answer;
};

/* By the answer of the till. */
void try_settle(struct try *);
/* An end that no answer brought. */
void try_end(struct try *, const struct outbox_end *);
/* What the table of effects says to the answer, for a row that has rules of its own;
 * its end, with what the row's lane learns from the answer; and for the exit code. */
void try_default_end(const struct try *, struct outbox_end *);
void try_end_with_lane(struct try *, const struct outbox_end *);
void try_remember(struct try *);
/* Not now: it is as it was before we took it. */
void try_put_off(struct try *, int64_t next_ms, const char *why);

/* The next try, by the answer or the backoff; unix milliseconds. */
int64_t try_again_ms(const struct try *);
/* When a look makes sense: what was sent has arrived by then, or never will. */
int64_t try_look_ms(const struct try *);

#endif
