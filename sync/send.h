/*
 * send.h - what we owe the till, on its way
 *
 * Claim, build, freeze, send several at a time, judge, settle. Which outcome
 * means what stands in one table in settle.c; the till has an order once,
 * whatever dies in between (design: never lost, never doubled).
 */
#ifndef SEND_H
#define SEND_H

#include "sync/job.h"

struct tally {
	int64_t taken, sent, later, refused, uncertain;
	enum pos_outcome worst;		/* for the exit code */
	char message[POS_FAULT];	/* of the last failure */
};

struct sending;

/* NULL: out of memory. Job and tally must outlive it. */
struct sending *sending_new(struct job *, struct tally *);
void sending_free(struct sending *);

/*
 * Take what is due as far as there is room, and settle what is answered within
 * ms. The rows taken now and those that were under way, 0 = there is nothing to
 * do (what was just settled may be due again), or a db_status.
 */
int sending_step(struct sending *, int ms) __attribute__((warn_unused_result));

/* Take nothing more; return when all is answered, or soon after a signal: what is
 * not answered then stays claimed. */
void sending_finish(struct sending *);

/*
 * The same when our time is over and a successor may wait: while one hangs, the
 * others go on, so that nothing placed meanwhile waits for it. At most three
 * times POS_TIMEOUT_S.
 */
void sending_hand_over(struct sending *);

#endif
