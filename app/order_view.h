/*
 * order_view.h - orders as the API shows them
 *
 * Items and timeline of a whole page come from one SELECT each, read beside
 * the orders: the number of statements does not depend on what is shown.
 */
#ifndef ORDER_VIEW_H
#define ORDER_VIEW_H

#include <stdint.h>

#include "app/request.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"

/* One order as member `key`. 1 written, 0 there is none of this user, else a db_status. */
int order_json(struct db *, struct buf *, const char *key, int64_t user_id, int64_t order_id)
    __attribute__((warn_unused_result));

/* NULL, or DB_NULL: all. attention "any": whatever calls people. */
struct order_filter {
	const char *status, *submission, *attention;
	int64_t is_open;		/* 1 open, 0 ended */
};

/* From the query: status, submission, attention, open. */
void order_filter_read(struct request *, struct order_filter *);

/* Members "orders", the newest first, "total" and "next_cursor". 0 or a db_status. */
int order_json_list(struct db *, struct buf *, int64_t user_id, const struct order_filter *,
    const struct page *) __attribute__((warn_unused_result));
/*
 * For staff: the orders of a list of ids (JSON, of this program), in its order,
 * each as member `key` (NULL: elements), with what only staff sees. How many
 * were written, or a db_status.
 */
int order_json_picked(struct db *, struct buf *, const char *key, const char *ids)
    __attribute__((warn_unused_result));

#endif
