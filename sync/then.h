/*
 * then.h - the calls that follow an order to the till (profile: order.then)
 *
 * Rows of their own behind the order's, see lib/shop/outbox_then.h; begin.c and
 * settle.c ask here where such a row differs from an order's.
 */
#ifndef THEN_H
#define THEN_H

#include "sync/settle.h"

static inline int
then_is(const struct try *t)
{
	return t->step >= POS_ORDER_THEN && t->step < POS_STEPS;
}

/* The till has taken an order: owe the calls that this one needs. The caller's
 * transaction. 0 or a db_status. */
int then_owe(const struct try *) __attribute__((warn_unused_result));

/* What is to be done with a row; *why for people when it is not sent now. */
enum then_plan { THEN_SEND, THEN_ASK_PERSON, THEN_WAIT, THEN_DROP };
enum then_plan then_plan(const struct try *, const char **why);

/* After no usable answer: again with the same bytes, or a person decides. */
void then_unknown(const struct try *, struct outbox_end *);

/* What the end of such a row means for its order, in the caller's transaction. 0
 * or a db_status. */
int then_end(const struct try *, const struct outbox_end *) __attribute__((warn_unused_result));

#endif
