/*
 * outbox_then.h - the calls that follow an order to the till (profile: order.then)
 *
 * Each is a row of its own, written in the transaction in which the till has
 * taken the order, so a sender that dies between two of them leaves rows that
 * say what is left to do. They go one after the other; one that was refused
 * holds those behind it until a person sends it again (lib/shop/outbox_hand.h).
 * A cancelling of the order waits for none but the one that is under way.
 */
#ifndef OUTBOX_THEN_H
#define OUTBOX_THEN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/shop/outbox.h"

/*
 * Owe the nth call (from 0) after the order of this row. Those owed after an
 * earlier sending of the same order are forgotten. Twice is once. The caller's
 * transaction. 0 or a db_status.
 */
int outbox_owe_then(struct db *, const struct outbox_row *order, size_t nth)
    __attribute__((warn_unused_result));

/* All that may follow it, of an order that a person found at the till: which of them
 * it needs the sender sees. As above. */
int outbox_owe_thens(struct db *, int64_t order_row) __attribute__((warn_unused_result));

/* Which one a row of kind "then" owes; -1 = cannot be read. */
int outbox_then_nth(const struct outbox_row *);

/* People have to look at the order for the sake of such a row, or not any more:
 * attention "incomplete". The caller's transaction. 0 or a db_status. */
int outbox_then_stopped(struct db *, int64_t order_id) __attribute__((warn_unused_result));
int outbox_then_done(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/* A row of this order that waits for its time is due now: what it waited for has
 * happened. The caller's transaction. 0 or a db_status. */
int outbox_order_ready(struct db *, int64_t order_id) __attribute__((warn_unused_result));

#endif
