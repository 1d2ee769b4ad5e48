/*
 * hands.c - what came of something that staff did by hand; see hands.h
 *
 * A second tap is no mistake: it hears how things are, with "changed": false.
 */
#include "app/hands.h"
#include "lib/shop/outbox_hand.h"

enum { BUSY_S = 5 };	/* a try is mostly over by then */

static const enum problem refusals[] = {
	[HAND_DONE] = OK, [HAND_IS_SO] = OK, [HAND_NONE] = NOT_FOUND, [HAND_BUSY] = BEING_SENT,
	[HAND_UNKNOWN] = ORDER_UNRESOLVED, [HAND_AT_TILL] = AT_THE_TILL,
	[HAND_OVER] = MOVE_NOT_ALLOWED, [HAND_NO_STOCK] = NO_STOCK_LEFT,
};

enum problem
hands_answer(struct request *r, int hand, enum problem (*put)(struct request *))
{
	enum problem p;

	if (hand < 0)
		return fail_db(r, hand);
	if (refusals[hand] != OK) {
		if (refusals[hand] == NOT_FOUND)
			return fail(r, NOT_FOUND);
		if ((p = put(r)) != OK)
			return p;
		if (hand == HAND_BUSY)
			r->retry_after = BUSY_S;
		return fail_showing(r, refusals[hand]);
	}
	json_open(r->out, NULL, '{');
	if ((p = put(r)) != OK)
		return p;
	json_put_bool(r->out, "changed", hand == HAND_DONE);
	json_close(r->out, '}');
	return OK;
}
