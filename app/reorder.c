/*
 * reorder.c - POST /orders/{id}/reorder: the same again, at today's prices (C3)
 *
 * The lines of an old order are added to the cart: in its branch, or, when it
 * is empty, in the order's. What can be had is put in and no more, so that
 * the cart can be ordered as it stands; the answer names what is missing and
 * what costs another price. Nothing at all to be had changes nothing.
 */
#include "app/cart_store.h"
#include "app/handlers.h"
#include "lib/base/clock.h"

enum { ORDER, ITEMS };
static struct stmt sql[] = {
	[ORDER] = { .sql = "SELECT branch_id FROM orders WHERE id = ?2 AND user_id = ?1" },
	[ITEMS] = { .sql = "SELECT product_id, name, quantity, unit_price FROM order_item "
	    "WHERE order_id = ?1 ORDER BY id LIMIT 200" },
};
DB_STATEMENTS(sql);

/* Why there is less of a dish than before. */
enum why { WHY_NOT, NOT_SOLD, SOLD_OUT, TOO_MANY, NO_LINE, WHYS };
static const char *const whys[WHYS] = {
	[NOT_SOLD] = "not_sold", [SOLD_OUT] = "sold_out", [TOO_MANY] = "too_many",
	[NO_LINE] = "cart_full",
};

struct line {
	int64_t product_id, wanted, old_price;
	int64_t had;		/* in the cart before */
	int64_t added;
	int64_t available;	/* as in cart_line */
	const char *name;
	enum why why;
};

struct reorder {
	struct request *r;
	struct line lines[CART_LINES_MAX];
	int count;
	int64_t order_branch_id, branch_id;
	struct cart before, now;
};

/* 1 found. */
static int
read_order(struct reorder *o)
{
	struct stmt *st = &sql[ITEMS];
	struct request *r = o->r;
	int lost = 0, rc = db_find(r->app->db, &sql[ORDER], "ii", r->user_id, r->param[0]);

	if (rc != 1)
		return rc;
	o->order_branch_id = db_int(&sql[ORDER], 0);
	db_done(&sql[ORDER]);
	rc = db_query(r->app->db, st, "i", r->param[0]);
	while (rc == 0 && (rc = db_row(r->app->db, st)) == 1) {
		o->lines[o->count++] = (struct line){ .product_id = db_int(st, 0),
			.name = db_keep(st, 1, r->arena, &lost), .wanted = db_int(st, 2),
			.old_price = db_int(st, 3) };
		rc = 0;
	}
	db_done(st);
	return rc < 0 ? rc : lost > 0 ? DB_ERROR : 1;
}

static int
load(struct reorder *o, struct cart *c)
{
	struct request *r = o->r;

	return cart_load(r->app->db, r->arena, &r->app->conf, r->user_id, 0, c);
}

/* A full cart stays in its branch, an empty one goes to the order's. */
static int
choose_branch(struct reorder *o)
{
	struct db *db = o->r->app->db;
	int rc;

	o->branch_id = o->before.own_branch_id;
	if (o->before.count > 0)
		return 0;
	if ((rc = cart_branch_exists(db, o->order_branch_id)) != 1)
		return rc;
	o->branch_id = o->order_branch_id;
	return cart_set_branch(db, o->before.id, o->branch_id);
}

/* As many as the cart has room for. */
static int
put_line(struct reorder *o, struct line *l, int *cart_lines)
{
	const struct cart_line *old = cart_line_of(&o->before, l->product_id);
	struct request *r = o->r;
	int rc;

	l->had = old == NULL ? 0 : old->quantity;
	l->added = l->wanted < QUANTITY_MAX - l->had ? l->wanted : QUANTITY_MAX - l->had;
	l->why = l->added < l->wanted ? TOO_MANY : WHY_NOT;
	if (old == NULL && *cart_lines >= r->app->conf.cart_max_lines) {
		l->why = NO_LINE;
		l->added = 0;
	}
	if (l->added == 0)
		return 0;
	*cart_lines += old == NULL;
	rc = cart_put(r->app->db, o->before.id, o->branch_id, l->product_id, l->added, clock_now());
	return rc < 0 ? rc : 0;
}

/* No more than there is; what was in the cart before stays. */
static int
trim_line(struct reorder *o, struct line *l)
{
	const struct cart_line *in = cart_line_of(&o->now, l->product_id);
	struct db *db = o->r->app->db;
	int64_t most = l->had;

	l->available = in == NULL || in->current_price == DB_NULL ? 0 : in->available;
	if (l->added == 0)
		return 0;
	if (in == NULL || in->current_price == DB_NULL) {
		l->why = NOT_SOLD;
	} else if (in->available == DB_NULL || in->available >= in->quantity) {
		return 0;
	} else {
		l->why = SOLD_OUT;
		most = in->available > l->had ? in->available : l->had;
	}
	l->added = most - l->had;
	if (in == NULL)
		return 0;
	return most == 0 ? cart_drop(db, in->id)
	    : cart_set_quantity(db, in->id, most, clock_now());
}

static int
fill_cart(struct reorder *o)
{
	int cart_lines = o->before.count;
	int rc = cart_change(o->r->app->db, o->r->user_id, clock_now(), &o->before);

	if (rc == 0)
		rc = choose_branch(o);
	for (int i = 0; rc == 0 && i < o->count; i++)
		rc = put_line(o, &o->lines[i], &cart_lines);
	if (rc == 0)
		rc = load(o, &o->now);
	for (int i = 0; rc == 0 && i < o->count; i++)
		rc = trim_line(o, &o->lines[i]);
	return rc == 0 ? load(o, &o->now) : rc;
}

static void
put_changed(struct buf *b, const struct reorder *o)
{
	const struct cart_line *in;

	json_open(b, "changed", '[');
	for (const struct line *l = o->lines; l < o->lines + o->count; l++) {
		in = cart_line_of(&o->now, l->product_id);
		if (l->added > 0 && in != NULL && in->price != l->old_price)
			cart_price_json(b, in, l->old_price);
	}
	json_close(b, ']');
}

static void
put_missing(struct buf *b, const char *key, const struct reorder *o)
{
	json_open(b, key, '[');
	for (const struct line *l = o->lines; l < o->lines + o->count; l++) {
		if (l->added == l->wanted)
			continue;
		json_open(b, NULL, '{');
		json_put_int(b, "product_id", l->product_id);
		json_put_text(b, "name", l->name);
		json_put_int(b, "requested", l->wanted);
		json_put_int(b, "available", l->available);
		json_put_int(b, "added", l->added);
		json_put_text(b, "reason", whys[l->why]);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static enum problem
answer(struct reorder *o)
{
	struct request *r = o->r;
	int64_t added = 0;

	for (int i = 0; i < o->count; i++)
		added += o->lines[i].added;
	if (added == 0) {
		cart_json(r->out, "cart", &o->before);
		put_missing(r->out, "items", o);
		return fail_showing(r, ITEM_UNAVAILABLE);
	}
	json_open(r->out, NULL, '{');
	cart_json(r->out, "cart", &o->now);
	put_changed(r->out, o);
	put_missing(r->out, "missing", o);
	json_close(r->out, '}');
	return OK;
}

enum problem
order_reorder_apply(struct request *r)
{
	struct reorder *o = arena_get(r->arena, sizeof *o);
	int rc;

	if (o == NULL)
		return fail(r, TOO_LARGE);
	o->r = r;
	if ((rc = read_order(o)) != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	if ((rc = load(o, &o->before)) != 0 || (rc = fill_cart(o)) != 0)
		return fail_db(r, rc);
	return answer(o);
}
