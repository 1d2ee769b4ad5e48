/*
 * cart.c - the cart's routes (G19–G25, C12–C14)
 *
 * Every answer is the whole cart, so a client never adds up by itself. Stock
 * is shown here and judged when the order is placed: a cart holds nothing
 * back. What cannot be sold at all is not put in.
 */
#include "app/cart_store.h"
#include "app/field.h"
#include "app/handlers.h"
#include "app/items.h"
#include "lib/base/clock.h"

struct cart_change {
	int64_t branch_id;		/* 0 = not told */
	struct wish one;
	struct items items;		/* of PUT /cart */
	int64_t version;		/* DB_NULL = not told */
};

static int
load(struct request *r, struct cart *c)
{
	return cart_load(r->app->db, r->arena, &r->app->conf, r->user_id, 0, c);
}

/* The answer of every route here. */
static enum problem
answer(struct request *r)
{
	struct cart c;
	int rc = load(r, &c);

	if (rc != 0)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	cart_json(r->out, "cart", &c);
	json_close(r->out, '}');
	return OK;
}

static enum problem
refuse_with_cart(struct request *r, enum problem p, const struct cart *c)
{
	buf_reset(r->out);
	cart_json(r->out, "cart", c);
	return fail_showing(r, p);
}

enum problem
cart_show_apply(struct request *r)
{
	return answer(r);
}

static struct cart_change *
change_new(struct request *r)
{
	return r->work = arena_get(r->arena, sizeof(struct cart_change));
}

static void
read_branch(struct request *r, struct cart_change *ch)
{
	field_int(r, r->body, "branch_id", FIELD_OPTIONAL, 1, INT64_MAX, &ch->branch_id);
}

/* OK when none was told or it takes orders. */
static enum problem
check_branch(struct request *r, int64_t branch_id)
{
	int rc = branch_id == 0 ? 1 : cart_branch_exists(r->app->db, branch_id);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0)
		field_rule(r, "branch_id", RULE_UNKNOWN);
	return fields_end(r);
}

/* ---- POST /cart/add */

enum problem
cart_add_prepare(struct request *r)
{
	struct cart_change *ch = change_new(r);

	if (ch == NULL)
		return fail(r, TOO_LARGE);
	read_branch(r, ch);
	field_int(r, r->body, "product_id", FIELD_REQUIRED, 1, INT64_MAX, &ch->one.product_id);
	field_int(r, r->body, "quantity", FIELD_REQUIRED, 1, QUANTITY_MAX, &ch->one.quantity);
	return fields_end(r);
}

/* Whether the cart has room for it, before anything is written. */
static enum problem
check_room(struct request *r, const struct cart *c, const struct wish *w)
{
	const struct cart_line *l = cart_line_of(c, w->product_id);

	if (l == NULL && c->count >= r->app->conf.cart_max_lines)
		return refuse_with_cart(r, CART_FULL, c);
	if (l != NULL && l->quantity + w->quantity > QUANTITY_MAX)
		field_rule(r, "quantity", RULE_RANGE, INT64_C(0),
		    (int64_t)QUANTITY_MAX - l->quantity);
	return fields_end(r);
}

/* A cart belongs to one branch; another one is chosen by PUT /cart. */
static enum problem
choose_branch(struct request *r, const struct cart *c, int64_t branch_id)
{
	struct db *db = r->app->db;
	int rc;

	if (branch_id == 0 || branch_id == c->own_branch_id)
		return OK;
	if (c->own_branch_id != DB_NULL && c->count > 0)
		return refuse_with_cart(r, CART_CHANGED, c);
	rc = cart_set_branch(db, c->id, branch_id);
	if (rc == 0)
		rc = cart_reprice(db, c->id, branch_id, clock_now());
	return rc == 0 ? OK : fail_db(r, rc);
}

/* What stands in the cart now is sold there, or all is taken back. */
static enum problem
check_sold(struct request *r, int64_t product_id)
{
	const struct cart_line *l;
	struct cart c;
	int rc = load(r, &c);

	if (rc != 0)
		return fail_db(r, rc);
	l = cart_line_of(&c, product_id);
	if (l != NULL && l->current_price != DB_NULL)
		return OK;
	buf_reset(r->out);
	json_open(r->out, "items", '[');
	if (l != NULL)
		cart_missing_json(r->out, l);
	json_close(r->out, ']');
	return fail_showing(r, ITEM_UNAVAILABLE);
}

enum problem
cart_add_apply(struct request *r)
{
	const struct cart_change *ch = r->work;
	struct db *db = r->app->db;
	enum problem p;
	struct cart c;
	int rc = load(r, &c);

	if (rc != 0)
		return fail_db(r, rc);
	if ((p = check_branch(r, ch->branch_id)) != OK || (p = check_room(r, &c, &ch->one)) != OK)
		return p;
	if ((rc = cart_change(db, r->user_id, clock_now(), &c)) != 0)
		return fail_db(r, rc);
	if ((p = choose_branch(r, &c, ch->branch_id)) != OK)
		return p;
	rc = cart_put(db, c.id, ch->branch_id == 0 ? c.own_branch_id : ch->branch_id,
	    ch->one.product_id, ch->one.quantity, clock_now());
	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0) {
		field_rule(r, "product_id", RULE_UNKNOWN);
		return fields_end(r);
	}
	p = check_sold(r, ch->one.product_id);
	return p != OK ? p : answer(r);
}

/* ---- PUT /cart/update/{id}, DELETE /cart/remove/{id} */

enum problem
cart_update_prepare(struct request *r)
{
	struct cart_change *ch = change_new(r);

	if (ch == NULL)
		return fail(r, TOO_LARGE);
	field_int(r, r->body, "quantity", FIELD_REQUIRED, 0, QUANTITY_MAX, &ch->one.quantity);
	return fields_end(r);
}

/* quantity 0 takes the line out. */
static enum problem
set_line(struct request *r, int64_t line_id, int64_t quantity)
{
	struct db *db = r->app->db;
	struct cart c;
	int i = 0, rc = load(r, &c);

	if (rc != 0)
		return fail_db(r, rc);
	while (i < c.count && c.lines[i].id != line_id)
		i++;
	if (i == c.count)
		return fail(r, NOT_FOUND);
	if ((rc = cart_change(db, r->user_id, clock_now(), &c)) == 0)
		rc = quantity == 0 ? cart_drop(db, line_id)
		    : cart_set_quantity(db, line_id, quantity, clock_now());
	return rc == 0 ? answer(r) : fail_db(r, rc);
}

enum problem
cart_update_apply(struct request *r)
{
	const struct cart_change *ch = r->work;

	return set_line(r, r->param[0], ch->one.quantity);
}

enum problem
cart_remove_apply(struct request *r)
{
	return set_line(r, r->param[0], 0);
}

/* ---- PUT /cart */

enum problem
cart_put_prepare(struct request *r)
{
	struct cart_change *ch = change_new(r);

	if (ch == NULL)
		return fail(r, TOO_LARGE);
	read_branch(r, ch);
	items_read(r, (size_t)r->app->conf.cart_max_lines, &ch->items);
	ch->version = DB_NULL;
	field_int(r, r->body, "version", FIELD_OPTIONAL, 0, INT64_MAX, &ch->version);
	return fields_end(r);
}

/* The lines anew; what nobody knows any more is left with product_id 0. */
static int
replace_lines(struct db *db, int64_t cart_id, int64_t branch_id, struct cart_change *ch,
    struct wish *unknown, size_t *unknown_count)
{
	int rc = cart_empty(db, cart_id);

	for (size_t i = 0; i < ch->items.count && rc == 0; i++) {
		rc = cart_put(db, cart_id, branch_id, ch->items.list[i].product_id,
		    ch->items.list[i].quantity, clock_now());
		if (rc == 0)
			unknown[(*unknown_count)++] = ch->items.list[i];
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static void
put_changed(struct buf *b, const struct cart *before, const struct cart *now)
{
	const struct cart_line *old;

	json_open(b, "changed", '[');
	for (int i = 0; i < now->count; i++) {
		const struct cart_line *l = &now->lines[i];

		old = cart_line_of(before, l->product_id);
		if (old == NULL || old->price == l->price)
			continue;
		cart_price_json(b, l, old->price);
	}
	json_close(b, ']');
}

static void
put_missing(struct buf *b, const struct cart *c, const struct wish *unknown, size_t count)
{
	struct cart_line nobody = { 0 };

	json_open(b, "missing", '[');
	for (const struct cart_line *l = cart_missing(c, NULL); l != NULL; l = cart_missing(c, l))
		cart_missing_json(b, l);
	for (size_t i = 0; i < count; i++) {
		nobody.product_id = unknown[i].product_id;
		nobody.quantity = unknown[i].quantity;
		cart_missing_json(b, &nobody);
	}
	json_close(b, ']');
}

/* Switch the branch, replace or reprice the lines. */
static int
put(struct request *r, struct cart *before, struct wish *unknown, size_t *unknown_count)
{
	struct cart_change *ch = r->work;
	struct db *db = r->app->db;
	int64_t branch_id = ch->branch_id == 0 ? before->own_branch_id : ch->branch_id;
	int rc = cart_change(db, r->user_id, clock_now(), before);

	if (rc == 0 && ch->branch_id != 0)
		rc = cart_set_branch(db, before->id, branch_id);
	if (rc != 0)
		return rc;
	return ch->items.is_told
	    ? replace_lines(db, before->id, branch_id, ch, unknown, unknown_count)
	    : cart_reprice(db, before->id, branch_id, clock_now());
}

enum problem
cart_put_apply(struct request *r)
{
	struct cart_change *ch = r->work;
	struct wish *unknown = arena_get(r->arena, (ch->items.count + 1) * sizeof *unknown);
	size_t unknown_count = 0;
	struct cart before, c;
	enum problem p;
	int rc;

	if (unknown == NULL)
		return fail(r, TOO_LARGE);
	if ((p = check_branch(r, ch->branch_id)) != OK)
		return p;
	if ((rc = load(r, &before)) != 0)
		return fail_db(r, rc);
	if (ch->version != DB_NULL && ch->version != before.version)
		return refuse_with_cart(r, CART_CHANGED, &before);
	if ((rc = put(r, &before, unknown, &unknown_count)) != 0 || (rc = load(r, &c)) != 0)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	cart_json(r->out, "cart", &c);
	put_changed(r->out, &before, &c);
	put_missing(r->out, &c, unknown, unknown_count);
	json_close(r->out, '}');
	return OK;
}
