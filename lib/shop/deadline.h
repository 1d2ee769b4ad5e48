/*
 * deadline.h - nobody waits for ever: what the clock does to open orders
 *
 * Run each minute by pos-sender or pos-sync, by both without harm. An order
 * that was never sent fails in time; one that hangs elsewhere calls people.
 * What the till may have is never failed here.
 */
#ifndef DEADLINE_H
#define DEADLINE_H

#include "lib/base/db.h"
#include "lib/shop/settings.h"

enum deadline {
	IN_TIME,
	UNSENT_TOO_LONG,	/* ORDER_SEND_WITHIN_MIN, or 15 min after closing: failed */
	NOT_ACCEPTED,		/* ORDER_ACCEPT_WITHIN_MIN with the till, nobody took it */
	STUCK,			/* processing, ready or on its way for 12 h */
	UNCERTAIN,		/* nobody knows for 3 min whether the till has it */
	CANCEL_UNANSWERED,	/* asked 5 min ago */
	CALLED_BACK,		/* asked while it was on its way, and it surely did not
				   arrive: cancelled, though nothing is sent just now */
	DEADLINES
};

/*
 * Look at every open order, act on those whose time has come. Transactions of
 * its own, each within DB_HOLD_MS. counts (DEADLINES long): how many were
 * acted on now. 0 or a db_status: the rest waits for the next run.
 */
int deadline_run(struct db *, const struct settings *, int64_t *counts)
    __attribute__((warn_unused_result));

/*
 * The same some orders at a time, for who has other things to do between: begin a
 * round with zeros. counts are added to. 1 there is more, 0 the round is over, else
 * a db_status.
 */
struct deadline_round {
	int status, is_within;
	int64_t created_at, id;
};
int deadline_step(struct db *, const struct settings *, struct deadline_round *,
    int64_t *counts) __attribute__((warn_unused_result));

/* Has the time passed in which this order may be sent? 1 yes, 0 no, else a
 * db_status. What the till may have is not judged here. */
int deadline_passed(struct db *, const struct settings *, int64_t order_id)
    __attribute__((warn_unused_result));

/* What is logged and counted: "unsent_too_long", … */
const char *deadline_name(enum deadline);

#endif
