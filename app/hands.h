/* hands.h - what came of something that staff did by hand, as an answer */
#ifndef HANDS_H
#define HANDS_H

#include "app/request.h"

enum { POS_ORDER_ID_POINTS = 100 };	/* of a number at the till */

/*
 * hand: an enum hand (lib/shop/outbox_hand.h), or a db_status. put writes the
 * thing as it stands, as members: it is the answer beside "changed", and what
 * a refusal shows.
 */
enum problem hands_answer(struct request *, int hand, enum problem (*put)(struct request *));

#endif
