/*
 * routing.h - can this branch take such an order (G26, G29)
 *
 * One judgment for everybody who asks: the list of branches, the fee, the
 * suggestion, and the order itself. The verdict is a row of problem.h, so that
 * a branch passed over has the code with which an order there is refused.
 */
#ifndef ROUTING_H
#define ROUTING_H

#include <stdint.h>

#include "lib/shop/branch.h"
#include "lib/shop/problem.h"
#include "lib/shop/settings.h"

/* Does it do this at all: deliver (then its place must be known), or hand over? */
int routing_serves(const struct branch *, int is_delivery);

/*
 * At the moment for which the branch was loaded: OK, BRANCH_ORDER_TYPE,
 * BRANCH_PAUSED, or BRANCH_CLOSED also in the last LAST_ORDER_MIN minutes.
 * *opens_at: when a closed one takes orders again; DB_NULL = not known.
 */
enum problem routing_takes(const struct settings *, const struct branch *, int is_delivery,
    int64_t *opens_at) __attribute__((warn_unused_result));

struct reach {
	int64_t distance_m;	/* DB_NULL: not known */
	int64_t most_m;		/* as far as it delivers */
	int64_t fee;		/* kopecks; DB_NULL unless OK */
};
/* Does it deliver there: OK, BRANCH_ORDER_TYPE or OUT_OF_AREA. */
enum problem routing_reaches(const struct settings *, const struct branch *, double latitude,
    double longitude, struct reach *) __attribute__((warn_unused_result));

#endif
