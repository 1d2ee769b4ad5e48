/*
 * branch_depot.h - the till's stores by which a branch is stocked
 *
 * Only where a till's stock list goes by store, not by branch (pos.md: Poster).
 */
#ifndef BRANCH_DEPOT_H
#define BRANCH_DEPOT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"

/* In the caller's transaction: these are its stores, and no others. 1 changed,
 * 0 it was so, else a db_status. */
int branch_set_depots(struct db *, int64_t branch_id, const char *const *depots, size_t count)
    __attribute__((warn_unused_result));

struct branch_depot {
	int64_t branch_id;
	const char *depot;
};

/* Those of all open branches, by branch and name, in arena. The number, or a db_status. */
int branch_depots(struct db *, struct arena *, struct branch_depot **list)
    __attribute__((warn_unused_result));

#endif
