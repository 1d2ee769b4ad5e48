/*
 * notification.h - what a customer is told; the words are made when read
 *
 * Stored: a template's name and its parameters. The table of templates (uk,
 * en) stands in notification.c. G53–G59.
 */
#ifndef NOTIFICATION_H
#define NOTIFICATION_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/shop/problem.h"

/*
 * About an order, unless it is what was told of it last; writes its event too. template:
 * "order_received", "cancel_refused" or the name of a status. 0 or a db_status.
 */
int notification_order(struct db *, int64_t user_id, int64_t order_id, const char *template)
    __attribute__((warn_unused_result));

/* Who brings it, by the order's driver_name: each time it is called. */
int notification_driver(struct db *, int64_t user_id, int64_t order_id)
    __attribute__((warn_unused_result));

/* How many a user has not read. 0 or a db_status. */
int notification_unread(struct db *, int64_t user_id, int64_t *count)
    __attribute__((warn_unused_result));

struct notification {
	int64_t id, user_id, order_id, read_status, created_at;
	const char *type, *template, *params, *title, *message;
};

/*
 * The guide's members: id type title message order_id read_status created_at.
 * The arena holds what reading params needs. A template that no longer
 * exists shows its name.
 */
void notification_json(struct arena *, struct buf *, const char *key,
    const struct notification *, enum language);

/* One of a broadcast, for this user: type, title and message of words. Writes its
 * event too. 0 or a db_status. */
int notification_broadcast(struct db *, int64_t user_id, int64_t broadcast_id,
    const struct notification *words) __attribute__((warn_unused_result));

#endif
