/* vanish.h - what a complete full feed did not name goes off sale */
#ifndef VANISH_H
#define VANISH_H

#include "lib/shop/catalog.h"
#include "sync/run.h"
#include "sync/seen.h"

/*
 * Dishes: offers whose ids are not in seen. More than SYNC_MAX_VANISH_PERCENT
 * of those in open branches: 1, nothing is changed and the run's message says
 * so. Else 0, counted as gone, or a db_status. Own transactions.
 */
int vanish_offers(struct job *, struct run *, const struct seen *, const struct catalog_rules *)
    __attribute__((warn_unused_result));

/* What lists still show of closed branches goes at once. 0 or a db_status. */
int vanish_closed(struct job *, const struct catalog_rules *) __attribute__((warn_unused_result));

#endif
