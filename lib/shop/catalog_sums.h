/*
 * catalog_sums.h - what is kept beside the branch rows, for catalog*.c alone
 *
 * Who changes a row calls these in the same transaction.
 */
#ifndef CATALOG_SUMS_H
#define CATALOG_SUMS_H

#include "lib/base/db.h"

struct catalog_rules;

/* Do lists show it: the till sells it here, the shop does not hide it. */
int catalog_is_shown(const struct catalog_rules *, int64_t in_feed, int64_t is_hidden,
    int64_t stock);

/* So many dishes more (or less) in a list: shown, and of these to be had. */
struct catalog_tally { int64_t products, available; };

/* In the lists of a branch (0 = without branch): of all, and of a category
 * unless that is DB_NULL. */
int catalog_count_dish(struct db *, int64_t branch_id, int64_t category_id, struct catalog_tally)
    __attribute__((warn_unused_result));

/* A shown dish moves from one category's list to another's; DB_NULL = none. */
int catalog_count_category(struct db *, int64_t branch_id, int64_t from, int64_t to,
    int64_t is_available) __attribute__((warn_unused_result));

/*
 * Reckon anew from its branch rows whether a product can be had in each, and
 * its sums, and write what differs. 1 when what lists show of it (but for
 * portions) changed, 0 when not, else a db_status.
 */
int catalog_refresh(struct db *, int64_t product_id, int64_t now)
    __attribute__((warn_unused_result));

/* Catalogue answers differ from here on. */
int catalog_bump(struct db *) __attribute__((warn_unused_result));

/*
 * catalog_tell.c. Tell browsers that a dish has changed; branch_id DB_NULL = in
 * several. Of very many in one second it is told later, of all of them at once.
 */
int catalog_tell(struct db *, int64_t product_id, int64_t branch_id)
    __attribute__((warn_unused_result));

/* Tell browsers that it can be had in this branch again, or no longer; likewise. */
int catalog_tell_stock(struct db *, int64_t product_id, int64_t branch_id, int64_t is_available)
    __attribute__((warn_unused_result));

#endif
