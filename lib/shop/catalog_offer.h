/*
 * catalog_offer.h - a dish's rows by branch while it is put, for catalog*.c alone
 */
#ifndef CATALOG_OFFER_H
#define CATALOG_OFFER_H

#include "lib/base/buf.h"
#include "lib/shop/catalog.h"

enum { CATALOG_CHUNK = 64 };	/* offers looked up at a time */

/* A branch row as it stands. */
struct catalog_stored {
	int64_t id, branch_id, price, stock, in_feed, is_hidden, is_active, is_available;
	int64_t is_tracked;
};

struct catalog_put {
	struct db *db;
	const struct catalog_rules *rules;
	int64_t product_id, category_id;	/* category DB_NULL = none */
	enum catalog_change change;
	const struct catalog_product *news;
	struct buf key;				/* of its name; empty until needed */
	struct catalog_stored stored[CATALOG_CHUNK];
	size_t stored_count, next;
	int is_repriced;			/* what shoppers see has another price */
};

/* The sort key of its name, made once; 0 or DB_ERROR. */
int catalog_make_key(struct catalog_put *) __attribute__((warn_unused_result));

/* Write what differs of CATALOG_CHUNK offers at the most. 0 or a db_status. */
int catalog_put_offers(struct catalog_put *, const struct catalog_offer *, size_t count,
    int64_t *ids) __attribute__((warn_unused_result));

#endif
