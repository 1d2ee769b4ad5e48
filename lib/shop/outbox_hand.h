/*
 * outbox_hand.h - what a person says about a row of the outbox
 *
 * For the board (/admin/outbox) and for pos-admin alike. A person may know
 * what no rule can find out: that the till has an order, or has not. What is
 * said is written with its audit in the caller's transaction, and never
 * beside a sender from whom a byte may be leaving at that moment.
 */
#ifndef OUTBOX_HAND_H
#define OUTBOX_HAND_H

#include <stdint.h>

#include "lib/base/db.h"

/* How it ended; what is below 0 is a db_status. Only HAND_DONE has written. */
enum hand {
	HAND_DONE = 1,
	HAND_IS_SO,		/* it was so already */
	HAND_NONE,		/* no such row, or no such order */
	HAND_BUSY,		/* it is being sent now: ask again in a moment */
	HAND_UNKNOWN,		/* the till may have it: that must be said first */
	HAND_AT_TILL,		/* the till has it, by another number or surely: not again */
	HAND_OVER,		/* it has ended, or cannot go there */
	HAND_NO_STOCK		/* its portions are sold */
};

/* user_id: who says it; DB_NULL = the operator's shell. */

/*
 * Try again now: an uncertain row is looked for or sent by the sender's rules,
 * a due one does not wait for its time. What was refused by the till is over,
 * unless it is about no order: then it is tried anew.
 */
int outbox_hand_retry(struct db *, int64_t row_id, int64_t user_id)
    __attribute__((warn_unused_result));

/* It is at the till, under this number: the row is over, the order is taken, the
 * calls that follow it are owed. Of a
 * call that follows an order: it was made (the number is for the audit). */
int outbox_hand_found(struct db *, int64_t row_id, const char *pos_order_id, int64_t user_id)
    __attribute__((warn_unused_result));

/* It is not at the till: the same bytes are sent again, with a whole
 * ORDER_SEND_WITHIN_MIN before them. */
int outbox_hand_absent(struct db *, int64_t row_id, int64_t user_id)
    __attribute__((warn_unused_result));

/* Use the lane again: ends a pause and an open breaker. HAND_IS_SO: it runs. */
int outbox_hand_resume(struct db *, const char *lane, int64_t user_id)
    __attribute__((warn_unused_result));

/* Where a row stands, for order_hand.c. */
enum outbox_state {
	OUTBOX_DUE, OUTBOX_CLAIMED, OUTBOX_SENT, OUTBOX_UNCERTAIN, OUTBOX_REFUSED, OUTBOX_PARKED,
	OUTBOX_STATES
};
struct hand_row {
	int64_t id, order_id;		/* order_id DB_NULL: about no order */
	enum outbox_state state;
	int64_t sent_at, next_ms;	/* as in outbox.h */
	int is_order;			/* owes an order, not its cancelling, a client or a mail */
	int is_then;			/* owes a call that follows an order */
	int is_leased;			/* claimed, and the sender's time is not over */
	int by_hand;			/* sent because a person said so */
};
/* The newest that owes this order. 1 found, 0 none, else a db_status. */
int outbox_hand_row(struct db *, int64_t order_id, struct hand_row *)
    __attribute__((warn_unused_result));

/*
 * The till has the order, whoever brought it there: ends its row (0 = id: it
 * has none) and takes the order, without an audit. pos_order_id NULL: the
 * number is not known. An enum hand.
 */
int outbox_hand_take(struct db *, const struct hand_row *, const char *pos_order_id)
    __attribute__((warn_unused_result));

#endif
