/*
 * near.h - the branches nearest to a place, without looking at all (G26, G28, G87)
 *
 * A circle is drawn, and a larger one while it holds too few: so the work is
 * that of the branches around, however many the chain has elsewhere.
 */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/shop/branch.h"
#include "lib/shop/settings.h"

enum { NEAR_MAX = 1000 };	/* as far down a list by distance as a page reaches */

struct near_wish {
	double latitude, longitude;
	enum order_kind kind;	/* DELIVERY_KIND: only those that deliver there */
	size_t most;		/* how many, 1 or more */
	int64_t skip;		/* near_page() alone: the page begins after so many */
};

struct near_branch { int64_t id, distance_m; };

struct near_found {
	struct near_branch *list;	/* nearest first; in the arena */
	size_t count;
	int is_all;			/* there are no others */
	size_t looked;			/* rows that were read for it */
};

/* Active branches with a known place. 0 or a db_status. */
int near_find(struct db *, struct arena *, const struct settings *, const struct near_wish *,
    struct near_found *) __attribute__((warn_unused_result));

/*
 * A page of the chain: nearest first, those without a known place last; or, where
 * no place is told (NaN), by name. 0 or a db_status; all in arena.
 */
struct near_page {
	struct branch_ids ids;
	int64_t *distances;	/* of each, in metres; -1 = not known, DB_NULL = nobody asked */
	size_t found;		/* placed ones that were found for it */
	int is_all;		/* there are no other placed ones */
};
int near_page(struct db *, struct arena *, const struct settings *, const struct near_wish *,
    struct near_page *) __attribute__((warn_unused_result));

#endif
