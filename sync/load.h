/*
 * load.h - an order from the database as the till's profile names it
 */
#ifndef LOAD_H
#define LOAD_H

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/pos/order.h"
#include "lib/shop/order.h"

struct loaded_order {
	struct pos_order pos;
	int64_t id, created_at;
	enum order_status status;
	int cancel_asked;		/* by the customer */
	int by_hand;			/* a person brought it to the till, and typed its number */
};

/* 1 found, 0 no such order (G52), else a db_status. Texts in arena. */
int load_order(struct db *, struct arena *, int64_t id, const char *key, struct loaded_order *)
    __attribute__((warn_unused_result));

#endif
