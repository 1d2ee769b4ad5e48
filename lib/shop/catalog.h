/*
 * catalog.h - dishes and what they cost where; the one writer of product*
 *
 * Keeps, in the transaction that changes a branch row: the product's sums, the
 * counters, the FTS tables and the catalogue version. Unchanged news writes
 * nothing (G66). Overrides and stops survive every sync (G64).
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"

struct catalog_product {	/* the till's news of a dish */
	const char *key, *name, *description, *category, *image_url;
};
struct catalog_offer {		/* the till's news of it in a branch */
	int64_t branch_id;
	int64_t price;		/* kopecks */
	int64_t stock;		/* whole portions ≥ 0; DB_NULL = not tracked */
	int stock_known;	/* 0: keep the stored count */
	int on_sale;
};
struct catalog_rules { int hide_zero_stock; int64_t now; };

enum catalog_change { CATALOG_UNCHANGED, CATALOG_CHANGED, CATALOG_ADDED };

/*
 * Put one dish with its offers; branches not named keep what they have.
 * *ids (offer_count long, may be NULL) gets the product_branch ids, for the
 * vanish rule. A catalog_change, or a db_status (< 0).
 */
int catalog_put(struct db *, const struct catalog_product *, const struct catalog_offer *,
    size_t offer_count, const struct catalog_rules *, int64_t *ids)
    __attribute__((warn_unused_result));

/* Take offers off sale that a complete feed did not name. 0 or a db_status. */
int catalog_retire(struct db *, int64_t product_branch_id, const struct catalog_rules *)
    __attribute__((warn_unused_result));
/* Offers that are in the feed, keyset paged: up to `most` ids > after. The number, or a db_status. */
int catalog_offers(struct db *, int64_t after, int64_t *ids, int most)
    __attribute__((warn_unused_result));
int64_t catalog_offer_count(struct db *);	/* in the feed now; < 0 a db_status */

/* After reserved_quantity or the like changed: sums, and the version when availability flipped. */
int catalog_touch(struct db *, int64_t product_id, int64_t now) __attribute__((warn_unused_result));

int64_t catalog_version(struct db *);		/* < 0 a db_status */

#endif
