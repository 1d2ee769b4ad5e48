/* then.c - the calls that follow an order to the till; see then.h */
#include <string.h>

#include "lib/shop/outbox_then.h"
#include "sync/then.h"

int
then_owe(const struct try *t)
{
	const struct pos *pos = till_pos(t->j->till);
	struct pos_order order = t->order.pos;
	int rc = DB_OK;

	order.pos_id = t->answer.id;
	for (size_t i = 0; rc == DB_OK && i < pos_then_count(pos); i++)
		if (pos_then_due(pos, i, &order))
			rc = outbox_owe_then(t->j->db, &t->row, i);
	return rc;
}

/* May a request be sent again that the till may have taken? */
static int
may_repeat(const struct try *t)
{
	return pos_then_retry(till_pos(t->j->till), (size_t)(t->step - POS_ORDER_THEN)) ==
	    POS_RETRY_KEY;
}

enum then_plan
then_plan(const struct try *t, const char **why)
{
	if (!pos_then_due(till_pos(t->j->till), (size_t)(t->step - POS_ORDER_THEN),
	    &t->order.pos)) {
		*why = "this order does not need it (if)";
		return THEN_DROP;
	}
	if (t->order.status == ORDER_CANCELLED || t->order.status == ORDER_FAILED) {
		*why = "the order has ended";
		return THEN_DROP;
	}
	if (t->order.cancel_asked) {
		*why = "the till is asked to cancel the order";
		return THEN_WAIT;
	}
	/* mode "find": a person said so */
	if (t->row.sent_at == DB_NULL || strcmp(t->row.mode, "find") == 0 || may_repeat(t))
		return THEN_SEND;
	*why = "the till may have taken it, and cannot be asked";
	return THEN_ASK_PERSON;
}

void
then_unknown(const struct try *t, struct outbox_end *end)
{
	if (!may_repeat(t) || t->row.attempts + 1 >= t->j->conf.outbox_max_attempts)
		end->state = "uncertain";
}

int
then_end(const struct try *t, const struct outbox_end *end)
{
	if (strcmp(end->state, "uncertain") == 0 || strcmp(end->state, "refused") == 0)
		return outbox_then_stopped(t->j->db, t->row.order_id);
	return strcmp(end->state, "sent") == 0 ? outbox_then_done(t->j->db, t->row.order_id)
	    : DB_OK;
}
