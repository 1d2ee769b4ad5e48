/*
 * cancel.h - calling an order back (C30)
 *
 * What surely has not left is cancelled at once, in the transaction that
 * closes its outbox row. What the till may have is the till's to cancel: a row
 * of kind "cancel" waits behind the order's own, and the till's answer
 * decides. Who asks: the customer, by app; staff cancel by order_move().
 * Everything here stands in the caller's transaction.
 */
#ifndef CANCEL_H
#define CANCEL_H

#include <stdint.h>

#include "lib/base/db.h"

enum cancel {
	CANCEL_NO_ORDER,	/* none of this customer */
	CANCEL_DONE,		/* cancelled: now, or by his earlier word */
	CANCEL_ASKED,		/* the till is asked: now, or since an earlier word */
	CANCEL_CALL_BRANCH,	/* the till cannot be asked, or has said no: roll back */
	CANCEL_OVER		/* the order has ended otherwise */
};

/* The customer wants it back. One of enum cancel, or a db_status. */
int cancel_ask(struct db *, int64_t user_id, int64_t order_id)
    __attribute__((warn_unused_result));

/*
 * It is cancelled here: what has not left is not sent any more, of what the
 * till may have the cancelling is owed, once. cancel_call_back(): the till has
 * it. 1 done; 0 this till cannot be told; else a db_status.
 */
int cancel_owe(struct db *, int64_t order_id) __attribute__((warn_unused_result));
int cancel_call_back(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/*
 * A try has ended and surely left nothing at the till: what the customer asked
 * for meanwhile happens now. 1 cancelled, 0 he did not ask, or the till may
 * have it; else a db_status.
 */
int cancel_unsent(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/* What the till answered to the cancelling; 0 or a db_status. A no leaves the
 * order as it is and tells the customer; of one that is cancelled here it
 * calls people. */
int cancel_agreed(struct db *, int64_t order_id) __attribute__((warn_unused_result));
int cancel_refused(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/* The order ended by itself: the till needs no telling any more. 0 or a db_status. */
int cancel_forget(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/*
 * Whether the till's profile has order.cancel: programs without a profile read
 * what pos-sender notes when it starts. 1 yes, or nobody has noted it yet; 0
 * no; else a db_status.
 */
int cancel_possible(struct db *) __attribute__((warn_unused_result));
int cancel_note_possible(struct db *, int possible) __attribute__((warn_unused_result));

#endif
