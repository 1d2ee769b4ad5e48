/*
 * order.h - orders and customers as profiles name them: {order.total} …
 *
 * Plain values: who sends an order fills them from the database. Texts are
 * UTF-8, money is kopecks. NULL = not known: the profile's key is left out.
 */
#ifndef POS_ORDER_H
#define POS_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct pos_item {
	const char *key;	/* pos_product_id; {item.key}, its parts {item.key.0} … */
	const char *name;
	int64_t qty;
	int64_t price;		/* of one */
};

struct pos_customer {
	const char *id;		/* the till's own id of this client */
	const char *ref;	/* ours: any text that stays the same for this user */
	const char *key;	/* idempotency key of making him, the same for every try */
	const char *name, *phone, *email;	/* phone in E.164 */
};

struct pos_order {
	const char *key;	/* idempotency key, the same for every try */
	const char *ref;	/* our reference, by which the till can find it again */
	const char *number;	/* the short one people say aloud */
	const char *type;	/* "delivery" or "pickup" */
	const char *branch;	/* pos_branch_id */
	const char *comment;	/* what the shopper wrote */
	const char *summary;	/* one line for the cashier; NULL = order_summary() */
	const char *address;	/* JSON object: {order.address} */
	const char *address_text;	/* {order.address.text} */
	int64_t fee, total;
	int paid;
	const char *pos_id;	/* once the till gave it */
	struct pos_customer customer;
	const struct pos_item *items;
	size_t item_count;
};

/*
 * "ДОСТАВКА 129 грн · разом 548 · оплата при отриманні", or NULL when
 * the arena is full.
 */
const char *order_summary(struct arena *, const struct pos_order *);

#endif
