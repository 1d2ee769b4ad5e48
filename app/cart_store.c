/*
 * cart_store.c - a cart in the database, and how it looks from outside
 *
 * Two SELECTs whatever its size. Prices and stock are looked up at every
 * reading, so a cart that lay for a week shows what is true now.
 */
#include <stdlib.h>

#include "app/cart_store.h"
#include "lib/base/clock.h"
#include "lib/shop/stock.h"
#include "lib/shop/picture.h"

/* Today's price in a branch, without branch the lowest; NULL where it is not sold. */
#define PRICE_TODAY(product, branch) \
	"CASE WHEN " branch " IS NULL THEN (SELECT p.min_price FROM product p WHERE p.id = " \
	product " AND p.is_active = 1) ELSE (SELECT b.current_price FROM product_branch b " \
	"WHERE b.product_id = " product " AND b.branch_id = " branch " AND b.is_active = 1) END"

enum { CART, LINES, MAKE, GROW, BRANCH, REPRICE, PUT, QUANTITY, DROP, EMPTY, EXISTS };
static struct stmt sql[] = {
	[CART] = { .sql = "SELECT id, branch_id, version FROM cart WHERE user_id = ?1" },
	[LINES] = { .sql = "SELECT i.id, i.product_id, i.quantity, i.price_at_add, i.priced_at, "
	    "p.pos_product_id, p.name, p.image_url, p.is_active, p.min_price, p.best_stock, "
	    "b.is_active, b.current_price, b.stock_quantity, b.reserved_quantity, b.stopped_until "
	    "FROM cart_item i JOIN product p ON p.id = i.product_id LEFT JOIN product_branch b "
	    "ON b.product_id = i.product_id AND b.branch_id = ?2 WHERE i.cart_id = ?1 LIMIT 200" },
	[MAKE] = { .sql = "INSERT INTO cart (user_id, created_at, updated_at) VALUES (?1, ?2, ?2)" },
	[GROW] = { .sql = "UPDATE cart SET version = version + 1, updated_at = ?2 WHERE id = ?1" },
	[BRANCH] = { .sql = "UPDATE cart SET branch_id = ?2 WHERE id = ?1" },
	/* What is not sold has no price to be held: its time was over long ago. */
	[REPRICE] = { .sql = "UPDATE cart_item SET (price_at_add, priced_at, updated_at) = "
	    "(SELECT coalesce(today, price_at_add), CASE WHEN today IS NULL THEN 0 ELSE ?3 END, ?3 "
	    "FROM (SELECT " PRICE_TODAY("cart_item.product_id", "?2") " AS today)) "
	    "WHERE cart_id = ?1" },
	[PUT] = { .sql = "INSERT INTO cart_item (cart_id, product_id, quantity, price_at_add, "
	    "priced_at, created_at, updated_at) SELECT ?1, id, ?4, coalesce(today, min_price), "
	    "CASE WHEN today IS NULL THEN 0 ELSE ?5 END, ?5, ?5 FROM (SELECT d.id, d.min_price, "
	    PRICE_TODAY("d.id", "?3") " AS today FROM product d WHERE d.id = ?2) WHERE true "
	    "ON CONFLICT (cart_id, product_id, options) DO UPDATE SET "
	    "quantity = quantity + excluded.quantity, price_at_add = excluded.price_at_add, "
	    "priced_at = excluded.priced_at, updated_at = excluded.updated_at" },
	[QUANTITY] = { .sql = "UPDATE cart_item SET quantity = ?2, updated_at = ?3 WHERE id = ?1" },
	[DROP] = { .sql = "DELETE FROM cart_item WHERE id = ?1" },
	[EMPTY] = { .sql = "DELETE FROM cart_item WHERE cart_id = ?1" },
	[EXISTS] = { .sql = "SELECT 1 FROM branch WHERE id = ?1 AND is_active = 1" },
};
DB_STATEMENTS(sql);

/* Columns of LINES. */
enum { ID, PRODUCT, AMOUNT, AT_ADD, PRICED_AT, POS_PRODUCT, NAME, IMAGE, SOLD, MIN_PRICE,
	BEST_STOCK, HERE_SOLD, HERE_PRICE, HERE_STOCK, HERE_RESERVED, HERE_STOPPED };

/* ---- reading */

/* Today's price and what is left, in the branch or (DB_NULL) in the best one. */
static void
read_today(struct stmt *st, int64_t branch_id, int64_t now, struct cart_line *l)
{
	const struct stock_row here = { .is_active = db_int(st, HERE_SOLD),
		.stopped_until = db_int(st, HERE_STOPPED), .quantity = db_int(st, HERE_STOCK),
		.reserved = db_int(st, HERE_RESERVED) };

	l->current_price = DB_NULL;
	l->available = 0;
	if (branch_id == DB_NULL) {
		if (db_int(st, SOLD) == 1) {
			l->current_price = db_int(st, MIN_PRICE);
			l->available = db_int(st, BEST_STOCK);
		}
		return;
	}
	if (here.is_active == 1)		/* NULL: not a dish of this branch */
		l->current_price = db_int(st, HERE_PRICE);
	l->available = stock_left(&here, now);
}

/* The one rule for what a line costs. */
static int64_t
price_of(const struct cart_line *l, const struct settings *conf, int elsewhere, int64_t now)
{
	if (l->current_price == DB_NULL)
		return l->price_at_add;
	if (elsewhere || conf->reprice == REPRICE_CURRENT ||
	    now - l->priced_at >= conf->price_hold_hours * 3600)
		return l->current_price;
	return l->price_at_add;
}

/* -1 when the arena is full. */
static int
read_line(struct stmt *st, struct arena *a, const struct cart *c, const struct settings *conf,
    struct cart_line *l)
{
	int64_t now = clock_now();
	int lost = 0;

	*l = (struct cart_line){ .id = db_int(st, ID), .product_id = db_int(st, PRODUCT),
		.quantity = db_int(st, AMOUNT), .price_at_add = db_int(st, AT_ADD),
		.priced_at = db_int(st, PRICED_AT), .name = db_keep(st, NAME, a, &lost),
		.pos_product_id = db_keep(st, POS_PRODUCT, a, &lost),
		.image_url = db_keep(st, IMAGE, a, &lost) };
	read_today(st, c->branch_id, now, l);
	l->price = price_of(l, conf, c->own_branch_id != DB_NULL &&
	    c->branch_id != c->own_branch_id, now);
	l->price_changed = l->current_price != DB_NULL && l->current_price != l->price_at_add;
	l->is_available = l->current_price != DB_NULL &&
	    (l->available == DB_NULL || l->available >= l->quantity);
	return lost == 0 ? 0 : -1;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct cart_line *)a)->id, y = ((const struct cart_line *)b)->id;

	return (x > y) - (x < y);
}

/* Sums stay far below 2^63: 200 lines of 99 at MONEY_MAX. */
static int
read_lines(struct db *db, struct arena *a, const struct settings *conf, struct cart *c)
{
	struct cart_line lines[CART_LINES_MAX];
	struct stmt *st = &sql[LINES];
	int rc = db_query(db, st, "ii", c->id, c->branch_id);

	if (rc != 0)
		return rc;
	while ((rc = db_row(db, st)) == 1) {
		struct cart_line *l = &lines[c->count];

		if (c->count == CART_LINES_MAX || read_line(st, a, c, conf, l) == -1) {
			db_done(st);
			return DB_ERROR;
		}
		c->subtotal += l->price * l->quantity;
		c->item_count += l->quantity;
		c->count++;
	}
	if (rc != 0 || c->count == 0)
		return rc;
	qsort(lines, (size_t)c->count, sizeof *lines, by_id);
	c->lines = (struct cart_line *)(void *)arena_dup(a, (const char *)lines,
	    (size_t)c->count * sizeof *lines);
	return c->lines == NULL ? DB_ERROR : 0;
}

int
cart_load(struct db *db, struct arena *a, const struct settings *conf, int64_t user_id,
    int64_t branch_id, struct cart *c)
{
	struct stmt *st = &sql[CART];
	int rc = db_find(db, st, "i", user_id);

	*c = (struct cart){ .own_branch_id = DB_NULL, .branch_id = DB_NULL };
	if (rc != 1)
		return rc;
	c->id = db_int(st, 0);
	c->own_branch_id = db_int(st, 1);
	c->branch_id = branch_id == 0 ? c->own_branch_id : branch_id;
	c->version = db_int(st, 2);
	db_done(st);
	return read_lines(db, a, conf, c);
}

void
cart_price_today(struct cart *c)
{
	c->subtotal = 0;
	for (struct cart_line *l = c->lines; l < c->lines + c->count; l++) {
		if (l->current_price != DB_NULL)
			l->price = l->current_price;
		c->subtotal += l->price * l->quantity;
	}
}

const struct cart_line *
cart_line_of(const struct cart *c, int64_t product_id)
{
	for (int i = 0; i < c->count; i++)
		if (c->lines[i].product_id == product_id)
			return &c->lines[i];
	return NULL;
}

const struct cart_line *
cart_missing(const struct cart *c, const struct cart_line *after)
{
	for (int i = after == NULL ? 0 : (int)(after - c->lines) + 1; i < c->count; i++)
		if (!c->lines[i].is_available)
			return &c->lines[i];
	return NULL;
}

/* ---- from outside */

static void
line_json(struct buf *b, const struct cart_line *l)
{
	json_open(b, NULL, '{');
	json_put_int(b, "id", l->id);
	json_put_int(b, "product_id", l->product_id);
	json_put_text(b, "name", l->name);
	picture_put(b, "image_url", l->product_id, l->image_url);
	json_put_int(b, "quantity", l->quantity);
	json_put_money(b, "price", l->price);
	json_put_money(b, "line_total", l->price * l->quantity);
	json_put_money(b, "current_price", l->current_price);
	json_put_bool(b, "price_changed", l->price_changed);
	json_put_bool(b, "is_available", l->is_available);
	json_put_int(b, "available", l->available);
	json_close(b, '}');
}

void
cart_json(struct buf *b, const char *key, const struct cart *c)
{
	json_open(b, key, '{');
	json_put_int(b, "branch_id", c->branch_id);
	json_put_int(b, "version", c->version);
	json_open(b, "items", '[');
	for (int i = 0; i < c->count; i++)
		line_json(b, &c->lines[i]);
	json_close(b, ']');
	json_put_money(b, "subtotal", c->subtotal);
	json_put_int(b, "item_count", c->item_count);
	json_close(b, '}');
}

void
cart_missing_json(struct buf *b, const struct cart_line *l)
{
	json_open(b, NULL, '{');
	json_put_int(b, "product_id", l->product_id);
	json_put_text(b, "name", l->name);
	json_put_int(b, "requested", l->quantity);
	json_put_int(b, "available", l->available);
	json_close(b, '}');
}

void
cart_price_json(struct buf *b, const struct cart_line *l, int64_t old_price)
{
	json_open(b, NULL, '{');
	json_put_int(b, "product_id", l->product_id);
	json_put_text(b, "name", l->name);
	json_put_money(b, "old_price", old_price);
	json_put_money(b, "price", l->price);
	json_close(b, '}');
}

/* ---- changing */

int
cart_change(struct db *db, int64_t user_id, int64_t now, struct cart *c)
{
	int rc;

	if (c->id != 0)
		return db_run(db, &sql[GROW], "ii", c->id, now);
	if ((rc = db_run(db, &sql[MAKE], "ii", user_id, now)) == 0)
		c->id = db_last_id(db);
	return rc;
}

int
cart_set_branch(struct db *db, int64_t cart_id, int64_t branch_id)
{
	return db_run(db, &sql[BRANCH], "ii", cart_id, branch_id);
}

int
cart_reprice(struct db *db, int64_t cart_id, int64_t branch_id, int64_t now)
{
	return db_run(db, &sql[REPRICE], "iii", cart_id, branch_id, now);
}

int
cart_put(struct db *db, int64_t cart_id, int64_t branch_id, int64_t product_id, int64_t quantity,
    int64_t now)
{
	int rc = db_run(db, &sql[PUT], "iiiii", cart_id, product_id, branch_id, quantity, now);

	return rc != 0 ? rc : db_changes(db) == 1;
}

int
cart_set_quantity(struct db *db, int64_t line_id, int64_t quantity, int64_t now)
{
	return db_run(db, &sql[QUANTITY], "iii", line_id, quantity, now);
}

int
cart_drop(struct db *db, int64_t line_id)
{
	return db_run(db, &sql[DROP], "i", line_id);
}

int
cart_empty(struct db *db, int64_t cart_id)
{
	return db_run(db, &sql[EMPTY], "i", cart_id);
}

int
cart_branch_exists(struct db *db, int64_t branch_id)
{
	int rc = db_find(db, &sql[EXISTS], "i", branch_id);

	db_done(&sql[EXISTS]);
	return rc;
}
