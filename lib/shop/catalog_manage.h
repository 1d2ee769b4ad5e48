/*
 * catalog_manage.h - dishes for staff: what each branch sells, and why not
 *
 * Unlike shoppers' lists it shows what is hidden, stopped and gone from the
 * till. Totals are counted up to MANAGE_TOTAL. Call it inside one read
 * transaction.
 */
#ifndef CATALOG_MANAGE_H
#define CATALOG_MANAGE_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"

enum {
	MANAGE_TOTAL = 10000,	/* no page reaches beyond: narrow it by category or words */
	MANAGE_LIMIT = 100,	/* dishes of a page */
	MANAGE_OFFERS = 3000	/* branches × dishes of a page: some 1.3 MB */
};

struct manage_query {
	int64_t staff_id;	/* whose branches; 0 = all (lib/shop/staff.h) */
	int64_t branch_id;	/* 0 = each that is seen */
	int64_t category_id;	/* 0 = all; DB_NULL = one that does not exist */
	const char *category;	/* its name */
	const char *search;	/* as typed; NULL = all dishes, by name */
	int is_changed;		/* only what has a price of the shop's own, or is hidden */
	int64_t offset, limit, now;
};

struct manage_page {
	int64_t total;
	int is_capped;		/* there are more than total */
	int branches_left_out;	/* there are more branches than a page can show */
};

/* Append the page's dishes to an open array. 0 or a db_status. */
int manage_list(struct db *, struct arena *, const struct manage_query *, struct buf *,
    struct manage_page *) __attribute__((warn_unused_result));

/* Append one dish. 1, 0 when none of these branches has it, else a db_status. */
int manage_show(struct db *, const struct manage_query *, int64_t product_id, struct buf *,
    const char *key) __attribute__((warn_unused_result));

/* The stop list, what ends soonest first, and how long it is. 0 or a db_status. */
int manage_stopped(struct db *, const struct manage_query *, struct buf *, int64_t *total)
    __attribute__((warn_unused_result));

#endif
