/*
 * order.h - an order's life: the allowed moves, and what goes with each
 *
 * A move writes status, timeline, notification and event in the caller's
 * transaction, once; frees or keeps the reservation; never goes backwards
 * (C23). Who places orders: app/place. Who moves them: sender, sync, staff.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdint.h>

#include "lib/base/db.h"

enum order_status {
	ORDER_PENDING, ORDER_SENT_TO_POS, ORDER_PROCESSING, ORDER_READY_FOR_PICKUP,
	ORDER_OUT_FOR_DELIVERY, ORDER_DELIVERED, ORDER_CANCELLED, ORDER_FAILED,
	ORDER_STATUSES
};
enum order_by { BY_CUSTOMER, BY_TILL, BY_STAFF, BY_CLOCK, ORDER_BYS };

const char *order_status_name(enum order_status);
enum order_status order_status_parse(const char *);	/* ORDER_STATUSES = unknown, or NULL */
int order_is_over(enum order_status);	/* delivered, cancelled or failed */

/* MOVE_NOTHING: late or repeated news; MOVE_NO: not for this one, never. */
enum order_allowed { MOVE_NO, MOVE_NOTHING, MOVE_YES };
/* What a move from one status to another is by the table, for this type. */
enum order_allowed order_may_move(enum order_status from, enum order_status to, int is_delivery,
    enum order_by);

/* Whether a status is meant for this type at all. */
int order_fits(enum order_status, int is_delivery);
/* What usually comes next for people to say; ORDER_STATUSES: nothing. */
enum order_status order_next(enum order_status, int is_delivery);

/* An order was placed: its first step, the customer's notification, and an
 * "order.placed" event for the branch. The caller's transaction. 0 or a db_status. */
int order_placed(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/*
 * Move. 1 moved, 0 nothing to do (late, repeated, not allowed or no such
 * order), ORDER_NO_STOCK when staff reopen to pending what can no longer be
 * reserved, else a db_status.
 * reason may be NULL: the reason_code of failed or cancelled. run_id: the
 * sync_run that saw it, DB_NULL outside one; stock_moved: the till has taken
 * the goods by this state (also honoured when there is nothing to move).
 * Reopened to pending, an order needs a new outbox row: outbox_owe_order().
 * Cancelled by staff, the till is told, where it may have the order and can be
 * (lib/shop/cancel.h).
 */
enum { ORDER_NO_STOCK = 2 };
struct order_news {
	int64_t order_id;
	enum order_status to;
	enum order_by by;
	const char *reason;
	int64_t run_id;
	int stock_moved;
};
int order_move(struct db *, const struct order_news *) __attribute__((warn_unused_result));

/*
 * The till has it: id, sent_at, submission "sent", due for polling, and the
 * move. As order_move; this also reopens a failed order, because the till has
 * it and somebody is cooking (it holds its portions again, whatever is left).
 * One that was cancelled meanwhile stays so, and the cancelling is owed; a till
 * that cannot be told so calls people.
 * Where the till takes the goods on creating: stock_taken(db, id, DB_NULL).
 */
int order_accepted(struct db *, int64_t order_id, const char *pos_order_id,
    enum order_status to) __attribute__((warn_unused_result));
/* The same where a person brought it there, or says that it is there. Without a
 * number (NULL) the till cannot be asked about it, so people move it on. */
int order_entered(struct db *, int64_t order_id, const char *pos_order_id)
    __attribute__((warn_unused_result));

/*
 * Call people to it: "not_accepted", "uncertain", "stuck",
 * "cancel_unanswered", "total_differs", "incomplete"; NULL = seen to. Tells
 * browsers when it changes. A move ends all but the last three, which only a
 * final one ends. 1 changed, 0 as it was, else a db_status.
 */
int order_attention(struct db *, int64_t order_id, const char *what)
    __attribute__((warn_unused_result));
/* Ends it where it is this one. */
int order_attention_end(struct db *, int64_t order_id, const char *what)
    __attribute__((warn_unused_result));

/* Something else that people see of it has changed: tell browsers. 0 or a db_status. */
int order_changed(struct db *, int64_t order_id) __attribute__((warn_unused_result));

#endif
