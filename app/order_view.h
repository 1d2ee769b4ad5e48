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

/* The newest first, as array `key`; status NULL = all. 0 or a db_status. */
int order_json_list(struct db *, struct buf *, const char *key, int64_t user_id,
    const char *status, const struct page *) __attribute__((warn_unused_result));

/* How many such orders there are, or a db_status. */
int64_t order_count(struct db *, int64_t user_id, const char *status)
    __attribute__((warn_unused_result));

#endif
