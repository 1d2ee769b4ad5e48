/*
 * broadcast.h - what people behind the counter write to customers (G58)
 *
 * The words stand once, in the broadcast; each customer has a notification of
 * his own that points there, so listing, reading and deleting know no
 * exception. To a few it is written at once. To many it goes in batches that
 * a cron program writes, each well within DB_HOLD_MS.
 */
#ifndef BROADCAST_H
#define BROADCAST_H

#include <stdint.h>

#include "lib/base/db.h"

enum broadcast_to { TO_USERS, TO_BRANCH, TO_ALL };

struct broadcast {
	int64_t by;			/* who writes */
	const char *type;		/* "promo" "system" */
	const char *title, *message;
	enum broadcast_to to;
	int64_t branch_id;		/* TO_BRANCH: who ordered there of late */
};

/* The caller's transaction. To a branch or to all it is under way then: everybody
 * who has an account now gets it, but the blocked. 0 or a db_status. */
int broadcast_add(struct db *, const struct broadcast *, int64_t *id)
    __attribute__((warn_unused_result));

/* To one of TO_USERS, once each. The caller's transaction. 0 or a db_status. */
int broadcast_send(struct db *, int64_t id, const struct broadcast *, int64_t user_id)
    __attribute__((warn_unused_result));

/*
 * One batch of one that is under way (own transaction; none is begun when
 * nothing is). 1 a batch was written, 0 nothing is under way, else a db_status.
 */
int broadcast_step(struct db *) __attribute__((warn_unused_result));

#endif
