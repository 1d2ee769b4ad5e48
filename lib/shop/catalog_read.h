/*
 * catalog_read.h - dishes for people: lists, search, one dish, categories
 *
 * Costs the same in any shop: lists follow an index from a key on, totals are
 * kept counters, a search looks at a bounded number of candidates. Call it
 * inside one read transaction. Stops are judged at `now`.
 */
#ifndef CATALOG_READ_H
#define CATALOG_READ_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/base/db.h"

enum {
	CATALOG_SEARCH_TOTAL = 1000,	/* a search counts no further, and no page reaches beyond */
	CATALOG_CATEGORIES = 1000,	/* more are not shown: a till has tens */
	CATALOG_ETAG = 64
};

/* Of equal prices the older dish comes first, or last where prices fall. */
enum catalog_sort {
	CATALOG_BY_NAME, CATALOG_BY_PRICE, CATALOG_BY_PRICE_DOWN, CATALOG_NEWEST, CATALOG_SORTS
};

/* Through whose eyes: a branch's, or without branch (C15). */
struct catalog_view {
	int64_t branch_id;		/* 0 = without branch */
	const char *pos_branch_id;	/* NULL without */
	int64_t now;
};

struct catalog_query {
	struct catalog_view view;
	int64_t category_id;		/* 0 = all; DB_NULL = one that does not exist */
	const char *category;		/* its name */
	int only_available;		/* leave out what cannot be ordered */
	enum catalog_sort sort;		/* not of a search: it goes by id */
	const char *search;		/* as typed; NULL = all dishes */
	const struct cursor *after;	/* go on behind it; NULL = from offset on */
	int64_t offset, limit;
	const char *etag;		/* catalog_etag() of this snapshot: totals of searches are
					 * remembered under it; NULL = count anew */
};

struct catalog_page {
	int64_t total;
	int is_capped;			/* there are more than total */
	int has_next;
	struct cursor next;		/* `after` of the next page, when it has one */
};

/* Append the page's dishes to an open array. 0 or a db_status. */
int catalog_list(struct db *, const struct catalog_query *, struct buf *, struct catalog_page *)
    __attribute__((warn_unused_result));

/* Append one dish that is on sale there. 1, 0 when it is not, else a db_status. */
int catalog_show(struct db *, const struct catalog_view *, int64_t product_id, struct buf *,
    const char *key) __attribute__((warn_unused_result));

/* A category by its name, or by its id. 1 and both in the query, 0 none
 * (category_id DB_NULL), else a db_status. */
int catalog_category(struct db *, struct arena *, const char *text, struct catalog_query *)
    __attribute__((warn_unused_result));

/* Append the categories that have something to show there, in Ukrainian order,
 * to an open array. Their number, or a db_status. */
int catalog_categories(struct db *, int64_t branch_id, struct buf *)
    __attribute__((warn_unused_result));

/* The ETag of every answer from the catalogue as it stands: one row is read. */
int catalog_etag(struct db *, char out[CATALOG_ETAG]) __attribute__((warn_unused_result));

#endif
