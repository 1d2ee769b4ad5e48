/*
 * cart_store.h - a cart in the database, and how it looks from outside
 *
 * One rule gives the price of a line, here and when the order is placed:
 * price_at_add for PRICE_HOLD_HOURS, then today's (REPRICE may say
 * otherwise). Nothing here begins a transaction.
 */
#ifndef CART_STORE_H
#define CART_STORE_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/shop/settings.h"

enum { CART_LINES_MAX = 200, QUANTITY_MAX = 99 };	/* the range of CART_MAX_LINES; schema.sql */

struct cart_line {
	int64_t id, product_id, quantity, price_at_add, priced_at;
	int64_t price;			/* what counts */
	int64_t current_price;		/* today's; DB_NULL = not sold there */
	int64_t available;		/* portions to be had; DB_NULL = not tracked */
	int is_available;		/* all of quantity can be had now */
	int price_changed;		/* today's is not price_at_add */
	const char *pos_product_id, *name, *image_url;
};

struct cart {
	int64_t id;			/* 0: nothing was ever put in */
	int64_t own_branch_id;		/* chosen; DB_NULL = not yet */
	int64_t branch_id;		/* whose prices these are */
	int64_t version;		/* 0 with id 0 */
	int64_t subtotal, item_count;
	struct cart_line *lines;	/* by id */
	int count;
};

/*
 * The user's cart, as it stands (branch_id 0), or as it would be in another
 * branch than its own: at today's prices there. 0 or a db_status; in arena.
 */
int cart_load(struct db *, struct arena *, const struct settings *, int64_t user_id,
    int64_t branch_id, struct cart *) __attribute__((warn_unused_result));

/* What was loaded, at today's prices; nothing is written. */
void cart_price_today(struct cart *);
/* The line of a dish, or NULL. */
const struct cart_line *cart_line_of(const struct cart *, int64_t product_id);

/* The lines that cannot be had; NULL-ended walk: cart_missing(c, NULL), … */
const struct cart_line *cart_missing(const struct cart *, const struct cart_line *after);

void cart_json(struct buf *, const char *key, const struct cart *);
/* What is asked for and what there is: product_id name requested available. */
void cart_missing_json(struct buf *, const struct cart_line *);

/* What a line costs now, and did before: product_id name old_price price. */
void cart_price_json(struct buf *, const struct cart_line *, int64_t old_price);

/* A change begins here: makes the loaded cart grow its version, or makes it (c->id). */
int cart_change(struct db *, int64_t user_id, int64_t now, struct cart *)
    __attribute__((warn_unused_result));
int cart_set_branch(struct db *, int64_t cart_id, int64_t branch_id)
    __attribute__((warn_unused_result));
/* Every line at today's price of the branch (DB_NULL: none). */
int cart_reprice(struct db *, int64_t cart_id, int64_t branch_id, int64_t now)
    __attribute__((warn_unused_result));
/* Adds to the line there is, at today's price. 1, 0 no such product, else a db_status. */
int cart_put(struct db *, int64_t cart_id, int64_t branch_id, int64_t product_id, int64_t quantity,
    int64_t now) __attribute__((warn_unused_result));
int cart_set_quantity(struct db *, int64_t line_id, int64_t quantity, int64_t now)
    __attribute__((warn_unused_result));
int cart_drop(struct db *, int64_t line_id) __attribute__((warn_unused_result));
int cart_empty(struct db *, int64_t cart_id) __attribute__((warn_unused_result));

/* 1 when a branch of this id takes orders at all, 0 not, else a db_status. */
int cart_branch_exists(struct db *, int64_t branch_id) __attribute__((warn_unused_result));

#endif
