/*
 * catalog_hand.h - what people change by hand about a dish: price, hidden, stopped
 *
 * Stands beside the till's news and is never overwritten by them (G64). Each
 * change is audited and told to browsers in the caller's transaction; what
 * stands so already writes nothing.
 */
#ifndef CATALOG_HAND_H
#define CATALOG_HAND_H

#include "lib/shop/catalog.h"

/* Who changes which dish where. */
struct catalog_hand {
	int64_t user_id;	/* DB_NULL = the operator's shell */
	int64_t product_id;
	int64_t branch_id;	/* 0 = every branch that has it */
	struct catalog_rules rules;
};

/* Each: how many branches it changed, or a db_status. A dish that is not there
 * is none. */

/* price in kopecks, 0 is one; DB_NULL = the till's price counts again (G16). */
int catalog_override(struct db *, const struct catalog_hand *, int64_t price)
    __attribute__((warn_unused_result));
int catalog_hide(struct db *, const struct catalog_hand *, int hidden)
    __attribute__((warn_unused_result));
/* until: unix seconds, CATALOG_STOP_FOR_GOOD, or DB_NULL = lifted. reason for
 * staff, or NULL. */
#define CATALOG_STOP_FOR_GOOD INT64_C(253402300799)	/* the end of 9999 */
int catalog_stop(struct db *, const struct catalog_hand *, int64_t until, const char *reason)
    __attribute__((warn_unused_result));

#endif
