/*
 * catalog.h - dishes and what they cost where; the one writer of product*
 *
 * Reading for people is in catalog_read.h, what staff sets in catalog_hand.h.
 *
 * Keeps, in the transaction that changes a branch row: the product's sums, the
 * counters, the FTS tables and the catalogue version. Unchanged news writes
 * nothing (G66). Overrides and stops survive every sync (G64).
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/db.h"

struct catalog_product {	/* the till's news of a dish */
	const char *key, *name, *description, *category, *image_url;
	const char *stock_key;	/* what the till's stock list calls it; NULL = nothing */
};
struct catalog_offer {		/* the till's news of it in a branch */
	int64_t branch_id;
	int64_t price;		/* kopecks */
	int64_t stock;		/* whole portions ≥ 0; DB_NULL = not tracked */
	int stock_known;	/* 0: keep the stored count */
	int is_untracked;	/* the till does not count it, whatever its stock list says */
	int is_awaited;		/* a stock list is to tell: none can be had of a new one until then */
	int on_sale;
};
struct catalog_rules { int hide_zero_stock; int64_t now; };

/* WIDENED: an offer came, or is counted from now on, whose count is not told yet. */
enum catalog_change { CATALOG_UNCHANGED, CATALOG_CHANGED, CATALOG_WIDENED, CATALOG_ADDED };

/*
 * Put one dish with its offers; branches not named keep what they have, and
 * of a branch named twice the later offer counts. Empty texts are absent ones.
 * *ids (offer_count long, may be NULL) gets the product_branch ids, for the
 * vanish rule. A catalog_change, or a db_status (< 0).
 */
int catalog_put(struct db *, const struct catalog_product *, const struct catalog_offer *,
    size_t offer_count, const struct catalog_rules *, int64_t *ids)
    __attribute__((warn_unused_result));

/*
 * The till's stock list tells a count: whole portions ≥ 0, DB_NULL = not counted.
 * *id: of the product_branch; 0 = it is not offered there, and nothing is done.
 * CATALOG_UNCHANGED or CATALOG_CHANGED, or a db_status (< 0).
 */
int catalog_set_stock(struct db *, int64_t product_id, int64_t branch_id, int64_t stock,
    const struct catalog_rules *, int64_t *id) __attribute__((warn_unused_result));

/*
 * Offers whose count the stock list was to tell and has not, by id, behind after:
 * up to `most`. The number, or a db_status.
 */
struct catalog_awaited { int64_t id, product_id, branch_id; };
int catalog_awaited(struct db *, int64_t after, struct catalog_awaited *, int most)
    __attribute__((warn_unused_result));

/* Take offers off sale that a complete feed did not name. 0 or a db_status. */
int catalog_retire(struct db *, int64_t product_branch_id, const struct catalog_rules *)
    __attribute__((warn_unused_result));
/* Offers that are in the feed, keyset paged: up to `most` ids > after, and (unless
 * NULL) whether the branch of each is open. The number, or a db_status. */
int catalog_offers(struct db *, int64_t after, int64_t *ids, int *open, int most)
    __attribute__((warn_unused_result));
/* Those that lists still show of branches that are closed: up to `most` ids. The
 * number, or a db_status. */
int catalog_offers_of_closed(struct db *, int64_t *ids, int most)
    __attribute__((warn_unused_result));
/* In the feed now; < 0 a db_status. Looks at each: once per full run, outside a write. */
int64_t catalog_offer_count(struct db *);

/*
 * A rule changed since the catalogue was written: go through all of it, in
 * transactions of its own, and show or hide what the rule is about. How many
 * offers changed, 0 when it stands so already (one row is read), or a
 * db_status. pos-sync asks before each run.
 */
int64_t catalog_obey(struct db *, const struct catalog_rules *) __attribute__((warn_unused_result));

/*
 * After reserved_quantity, override_price or stopped_until of a branch row
 * changed: the sums, and the version when a price or an availability flipped
 * in any branch. 0 or a db_status.
 */
int catalog_touch(struct db *, int64_t product_id, int64_t now) __attribute__((warn_unused_result));

/* Forget stops whose time is over, at most `most`; the number, or a db_status.
 * Lists judge stops by the clock; the sums without branch wait for this. When none
 * is left, browsers are told what they were not yet told of dishes. */
int catalog_end_stops(struct db *, int64_t now, int most) __attribute__((warn_unused_result));
/* Is there anything of that to do? 1, 0 or a db_status: a look that needs no lock. */
int catalog_stops_over(struct db *, int64_t now) __attribute__((warn_unused_result));

/*
 * Of very many dishes that change in one second browsers are told singly of the
 * first, and of the rest that the catalogue is to be asked anew. When a sync is
 * over it tells what is left: 0 or a db_status.
 */
int catalog_tell_rest(struct db *) __attribute__((warn_unused_result));
/* Is there any? 1, 0 or a db_status: a look that needs no lock. */
int catalog_is_untold(struct db *) __attribute__((warn_unused_result));

int64_t catalog_version(struct db *);		/* < 0 a db_status */

#endif
