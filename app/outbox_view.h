/*
 * outbox_view.h - rows of the outbox as staff sees them
 *
 * Neither bytes nor payload are shown: a mail may hold what opens an account.
 */
#ifndef OUTBOX_VIEW_H
#define OUTBOX_VIEW_H

#include <stdint.h>

#include "app/request.h"

/* What is asked for; texts NULL = not told. */
struct outbox_wanted {
	const char *state;		/* NULL: what waits, trouble first */
	int64_t staff_id;		/* of STAFF_SEES */
	struct page page;
};

/* Array `key`. 0 or a db_status. */
int outbox_json_list(struct db *, struct buf *, const char *key, const struct outbox_wanted *)
    __attribute__((warn_unused_result));
/* How many there are, or a db_status. */
int64_t outbox_count(struct db *, const struct outbox_wanted *) __attribute__((warn_unused_result));

/* One row as member `key`: 1 written, 0 there is none that this person sees, else a db_status. */
int outbox_json(struct db *, struct buf *, const char *key, int64_t id, int64_t staff_id)
    __attribute__((warn_unused_result));

/* All of an order, the oldest first, as array `key`. 0 or a db_status. */
int outbox_json_of_order(struct db *, struct buf *, const char *key, int64_t order_id)
    __attribute__((warn_unused_result));

/* The lanes with their breakers, as array `key`. 0 or a db_status. */
int outbox_json_lanes(struct db *, struct buf *, const char *key) __attribute__((warn_unused_result));

#endif
