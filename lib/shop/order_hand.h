/*
 * order_hand.h - what staff does to an order by hand (C23)
 *
 * Beside the move itself: what the till may have of it, what is still owed to
 * it, and the audit, all in the caller's transaction. The till's later news
 * of a lower rank change nothing of it (order.h).
 */
#ifndef ORDER_HAND_H
#define ORDER_HAND_H

#include "lib/shop/order.h"
#include "lib/shop/outbox_hand.h"

/*
 * Move. What was not sent yet is not sent any more: staff has it in hand. One
 * that the till may have is not failed before a person has said whether it is
 * there (HAND_UNKNOWN); it may be cancelled, and the till is told (cancel.h). A
 * failed one goes back to pending only when the till has it not
 * (HAND_AT_TILL), under a new key. An enum hand.
 */
struct hand_move {
	int64_t order_id, user_id;
	enum order_status to;
	const char *reason;		/* of failed and cancelled; else NULL */
	const char *chance;		/* random text: the new key ends in it */
};
int order_hand_move(struct db *, const struct hand_move *) __attribute__((warn_unused_result));

/*
 * Entered at the till by hand, under this number (NULL: not told). Nothing of
 * it is sent again. Also of an order that has failed. An enum hand.
 */
int order_hand_enter(struct db *, int64_t order_id, const char *pos_order_id, int64_t user_id)
    __attribute__((warn_unused_result));

/* Somebody has looked at what the till said otherwise (total_differs,
 * incomplete, or cancel_unanswered of an order that is over). Other calls end with their
 * cause: HAND_OVER. */
int order_hand_seen(struct db *, int64_t order_id, int64_t user_id)
    __attribute__((warn_unused_result));

#endif
