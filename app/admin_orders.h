/* admin_orders.h - one order as staff sees it, for those who change it */
#ifndef ADMIN_ORDERS_H
#define ADMIN_ORDERS_H

#include "app/request.h"

/* Whether this person works where the order of the path is; else NOT_FOUND. */
enum problem admin_order_look(struct request *) __attribute__((warn_unused_result));
/* Members "order" and "outbox" into r->out. */
enum problem admin_order_put(struct request *) __attribute__((warn_unused_result));

#endif
