/* branch.h - a branch as rules see it: is it open, does it deliver there */
#ifndef BRANCH_H
#define BRANCH_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/shop/hours.h"

struct branch {
	int64_t id, is_active, supports_delivery, supports_pickup, delivery_radius_m;
	int64_t paused_until;		/* DB_NULL = not paused now */
	int64_t eta_pickup_min, eta_delivery_min;
	double latitude, longitude;	/* NaN = unknown */
	const char *pos_branch_id, *name, *address, *phone, *timezone, *operating_hours;
	const char *pause_reason;	/* for staff; NULL = none was given, or not paused now */
	int64_t at;			/* the moment that was asked for */
	struct hours_now now;		/* at that moment */
	int hours_are_wrong;		/* unreadable: counts as closed */
};

/* 1 found (look at is_active), 0 not, else a db_status. Texts in arena. */
int branch_find(struct db *, struct arena *, int64_t id, int64_t at, struct branch *)
    __attribute__((warn_unused_result));
/* The till's key of an active branch, in arena. 1, 0 there is none, else a db_status. */
int branch_key(struct db *, struct arena *, int64_t id, const char **key)
    __attribute__((warn_unused_result));
/* All active branches by name, in Ukrainian order; the number, or a db_status.
 * *list in arena. */
int branch_list(struct db *, struct arena *, int64_t at, struct branch **list)
    __attribute__((warn_unused_result));

/*
 * A page of a list, as ids: who wants the branches loads those. What an order
 * is of leaves out branches that never take such (for a delivery also those
 * whose place is not known).
 */
enum order_kind { ANY_KIND, DELIVERY_KIND, PICKUP_KIND };
struct branch_ids { int64_t *list; size_t count; };
struct branch_cut {
	int64_t skip, most;
	int unplaced;			/* only those without a place */
	int64_t staff_id;		/* only those that this person works for; 0 = all */
};
/* By name; after the first `skip`. 0 or a db_status; in arena. */
int branch_page(struct db *, struct arena *, enum order_kind, const struct branch_cut *,
    struct branch_ids *) __attribute__((warn_unused_result));
/* How many there are in all, counted up to `most`; or a db_status. */
int64_t branch_count(struct db *, enum order_kind, int64_t most)
    __attribute__((warn_unused_result));
/* How many this person works for (0 = all there are), or a db_status. */
int64_t branch_count_of(struct db *, int64_t staff_id) __attribute__((warn_unused_result));
/* Those of some ids, in their order; an id of nothing is left out. The number, or a db_status. */
int branch_load(struct db *, struct arena *, const struct branch_ids *, int64_t at,
    struct branch **list) __attribute__((warn_unused_result));

/* When it is open at `from` or opens after it; DB_NULL = not known. */
int64_t branch_opens_at(const struct branch *, int64_t from);

/* The API's members; distance_m DB_NULL = not asked, -1 = not known. */
void branch_json(struct buf *, const char *key, const struct branch *, int64_t distance_m);
/* The same, and the object stays open for more. */
void branch_json_open(struct buf *, const char *key, const struct branch *, int64_t distance_m);

/* What the till tells of a branch; fills only what is NULL, except name, address.
 * NULL and NaN = not told; hours are checked already. */
struct branch_news {
	const char *key, *name, *address, *phone, *hours, *timezone;
	double latitude, longitude;
};
/* BRANCH_BACK: it was closed. Or a db_status (< 0). *id: ours. */
enum branch_news_kind { BRANCH_UNCHANGED, BRANCH_CHANGED, BRANCH_ADDED, BRANCH_BACK };
int branch_put(struct db *, const struct branch_news *, int64_t now, int64_t *id)
    __attribute__((warn_unused_result));
/* How many branches are open, and how many of these are not in seen (sorted ids).
 * 0 or a db_status. */
int branch_missing(struct db *, const int64_t *seen, size_t count, int *open, int *missing)
    __attribute__((warn_unused_result));
/* Take branches off that a complete feed no longer names: those not in seen
 * (sorted ids). The number, or a db_status. */
int branch_retire(struct db *, const int64_t *seen, size_t count, int64_t now)
    __attribute__((warn_unused_result));

#endif
