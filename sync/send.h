/*
 * send.h - one batch of what we owe the till
 *
 * Claim, build, freeze, send several at a time, judge, settle. Which outcome
 * means what stands in one table in send.c; the till has an order once,
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

/* The number of rows taken, or a db_status. */
int send_batch(struct job *, struct tally *) __attribute__((warn_unused_result));

#endif
