/*
 * stock.h - what can still be sold: the till's count less what open orders hold
 *
 * A reservation is a conditional UPDATE inside the placing transaction: it
 * happens for all lines or the order does not. All of it stands in the
 * caller's transaction. C17.
 */
#ifndef STOCK_H
#define STOCK_H

#include <stdint.h>

#include "lib/base/db.h"

/* What can be had of a row of product_branch: portions, 0 none, DB_NULL as many as
 * one likes. A row that is not there has is_active DB_NULL. */
struct stock_row { int64_t is_active, stopped_until, quantity, reserved; };
int64_t stock_left(const struct stock_row *, int64_t now);

/* 1 reserved, 0 not enough (or not for sale), else a db_status. */
int stock_reserve(struct db *, int64_t order_id, int64_t product_id, int64_t branch_id,
    int64_t quantity) __attribute__((warn_unused_result));

/*
 * A failed order lives again: hold its lines anew. 1 all held, 0 not all can
 * be (then none is), else a db_status. forced: the till has the order, so its
 * portions are gone whatever we count.
 */
int stock_reserve_again(struct db *, int64_t order_id, int forced)
    __attribute__((warn_unused_result));

/* The order failed or was cancelled: give back what it holds. 0 or a db_status. */
int stock_release(struct db *, int64_t order_id) __attribute__((warn_unused_result));

/*
 * This run saw the order at the state at which the till takes the goods.
 * DB_NULL: it was not a run that saw it, but it is so now: every run that has
 * begun by now counts as too early. 0 or a db_status.
 */
int stock_taken(struct db *, int64_t order_id, int64_t run_id) __attribute__((warn_unused_result));

/* A dish of which a run before run_id saw portions taken. */
struct stock_waiting {
	int64_t product_id, offer_id;
	int64_t quantity;		/* the count as it stands; DB_NULL = not tracked */
};
/* Those of a branch, by product id, behind after: at most `most`. The number, or a
 * db_status. */
int stock_waiting(struct db *, int64_t branch_id, int64_t after, int64_t run_id,
    struct stock_waiting *, int most) __attribute__((warn_unused_result));

/*
 * A stock snapshot that began as run_id tells a branch's counts (product_id
 * DB_NULL: all of the branch, else this one): what an earlier run saw taken
 * is in them already and ends. At most `most` reservations; the number ended
 * (less than most: no more stand), or a db_status.
 */
int stock_settle(struct db *, int64_t branch_id, int64_t product_id, int64_t run_id, int most)
    __attribute__((warn_unused_result));

#endif
