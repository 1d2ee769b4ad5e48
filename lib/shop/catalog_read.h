/*
 * catalog_read.h - dishes for people: lists, search, one dish
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
#include "lib/base/db.h"

enum {
	CATALOG_SEARCH_TOTAL = 1000,	/* a search counts no further, and no page reaches beyond */
	CATALOG_ETAG = 64
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
	const char *search;		/* as typed; NULL = all dishes, by name */
	int64_t after;			/* go on behind this id; 0 = from offset on */
	int64_t offset, limit;
	const char *etag;		/* catalog_etag() of this snapshot: totals of searches are
					 * remembered under it; NULL = count anew */
};

struct catalog_page {
	int64_t total;
	int is_capped;			/* there are more than total */
	int64_t next;			/* `after` of the next page; DB_NULL = this is the last */
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

/* The ETag of every answer from the catalogue as it stands: one row is read. */
int catalog_etag(struct db *, char out[CATALOG_ETAG]) __attribute__((warn_unused_result));

#endif
