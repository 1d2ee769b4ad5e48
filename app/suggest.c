/*
 * suggest.c - POST /branches/suggest, and the branch of an order that names
 * none (G27, G28)
 *
 * The rules are those of lib/shop/choose.c. Without a token a client sends the
 * lines that it keeps; with one, the cart counts unless lines are sent. Nobody
 * fitting is an answer too, with the reasons: it is 200 here, and a refusal of
 * the order.
 */
#include <math.h>

#include "app/field.h"
#include "app/handlers.h"
#include "app/items.h"
#include "app/suggest.h"
#include "lib/shop/choose.h"
#include "lib/shop/user.h"

enum {
	REASONS = 20,		/* branches passed over that are shown, the nearest */
	IDS_TEXT = 8192		/* CART_LINES_MAX ids */
};

enum { NAMES };
static struct stmt sql[] = {
	[NAMES] = { .sql = "SELECT json_each.key, product.name FROM json_each(?1) CROSS JOIN product "
	    "ON product.id = json_each.value LIMIT ?2" },
};
DB_STATEMENTS(sql);

struct asked {
	struct suggest_place place;
	struct items items;
};

/* Where the customer is: the delivery's address, or else what stands beside it. */
static void
read_place(struct request *r, struct suggest_place *p)
{
	const struct json *address;

	p->latitude = p->longitude = (double)NAN;
	field_coordinates(r, r->body, &p->latitude, &p->longitude);
	if (!p->is_delivery)
		return;
	address = field_object(r, r->body, "delivery_address", FIELD_OPTIONAL);
	r->field_at = "delivery_address.";
	if (address != NULL)
		field_coordinates(r, address, &p->latitude, &p->longitude);
	r->field_at = NULL;
}

enum problem
branches_suggest_prepare(struct request *r)
{
	struct asked *a = arena_get(r->arena, sizeof *a);

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	field_choice(r, r->body, "order_type", FIELD_REQUIRED, "pickup|delivery",
	    &a->place.is_delivery);
	read_place(r, &a->place);
	items_read(r, (size_t)r->app->conf.cart_max_lines, &a->items);
	if (r->fault_count == 0 && a->place.is_delivery && isnan(a->place.latitude) &&
	    r->user_id == 0)
		return fail(r, COORDINATES_REQUIRED);
	return fields_end(r);
}

/* ---- why not */

static void
put_lacking(struct buf *b, const struct choose_wish *w, const struct choose_branch *c)
{
	json_open(b, "items", '[');
	for (size_t i = 0; i < w->line_count; i++) {
		struct cart_line line = { .product_id = w->lines[i].product_id,
			.name = w->lines[i].name, .quantity = w->lines[i].quantity };

		if (!choose_lacks(w, c, i))
			continue;
		line.available = c->available[i];
		cart_missing_json(b, &line);
	}
	json_close(b, ']');
}

static void
put_distance(struct buf *b, const char *key, int64_t m)
{
	json_put_real(b, key, m == DB_NULL ? (double)NAN : (double)m / 1000, 2);
}

static void
put_passed(struct request *r, const struct choose_wish *w, const struct choose_branch *c)
{
	struct buf *b = r->out;

	json_open(b, NULL, '{');
	json_put_int(b, "branch_id", c->branch->id);
	json_put_text(b, "name", c->branch->name);
	json_put_text(b, "address", c->branch->address);
	json_put_text(b, "phone", c->branch->phone);
	put_distance(b, "distance_km", c->distance_m);
	json_put_text(b, "code", problem_code(c->why));
	json_put_text(b, "error", problem_text(c->why, r->language));
	json_put_time(b, "opens_at", c->opens_at);
	json_put_time(b, "paused_until", c->branch->paused_until);
	put_distance(b, "max_km", c->most_m);
	put_lacking(b, w, c);
	json_close(b, '}');
}

static void
put_all_passed(struct request *r, const struct choose_wish *w, const struct choice *c)
{
	size_t passed = c->count - (c->fit != NULL);

	json_open(r->out, "passed_over", '[');
	for (size_t i = 0; i < passed && i < REASONS; i++)
		put_passed(r, w, &c->list[i]);
	json_close(r->out, ']');
	json_put_int(r->out, "looked_at", (int64_t)c->count);
}

/* ---- POST /branches/suggest */

static void
put_suggestion(struct request *r, const struct choose_wish *w, const struct choose_branch *c)
{
	struct buf *b = r->out;

	if (c == NULL) {
		json_put_null(b, "suggestion");
		return;
	}
	json_open(b, "suggestion", '{');
	branch_json(b, "branch", c->branch,
	    isnan(w->latitude) ? DB_NULL : c->distance_m == DB_NULL ? -1 : c->distance_m);
	put_distance(b, "distance_km", c->distance_m);
	json_put_int(b, "eta_min", w->is_delivery ? c->branch->eta_delivery_min
	    : c->branch->eta_pickup_min);
	json_put_money(b, "subtotal", c->subtotal);
	json_put_money(b, "delivery_fee", c->fee);
	json_put_money(b, "total_amount", c->subtotal + c->fee);
	json_put_text(b, "currency", r->app->conf.currency);
	json_close(b, '}');
}

static void
write_ids(struct buf *b, const struct items *items)
{
	json_open(b, NULL, '[');
	for (size_t i = 0; i < items->count; i++)
		json_put_int(b, NULL, items->list[i].product_id);
	json_close(b, ']');
}

/* Names of the lines; what nobody knows keeps NULL. 0 or a db_status. */
static int
find_names(struct request *r, const struct items *items, struct choose_line *lines)
{
	struct buf ids = BUF_INIT(IDS_TEXT);
	int lost = 0, rc;

	write_ids(&ids, items);
	rc = ids.failed ? DB_ERROR
	    : db_query(r->app->db, &sql[NAMES], "si", ids.s, (int64_t)items->count);
	while (rc == 0 && (rc = db_row(r->app->db, &sql[NAMES])) == 1) {
		lines[db_int(&sql[NAMES], 0)].name = db_keep(&sql[NAMES], 1, r->arena, &lost);
		rc = 0;
	}
	db_done(&sql[NAMES]);
	buf_free(&ids);
	return lost > 0 ? DB_ERROR : rc;
}

static enum problem
lines_of_items(struct request *r, const struct items *items, struct choose_wish *w)
{
	struct choose_line *lines = arena_get(r->arena, (items->count + 1) * sizeof *lines);
	int rc;

	if (lines == NULL)
		return fail(r, TOO_LARGE);
	for (size_t i = 0; i < items->count; i++)
		lines[i] = (struct choose_line){ .product_id = items->list[i].product_id,
			.quantity = items->list[i].quantity };
	w->lines = lines;
	w->line_count = items->count;
	if (items->count > 0 && (rc = find_names(r, items, lines)) != 0)
		return fail_db(r, rc);
	for (size_t i = 0; i < items->count; i++)
		if (lines[i].name == NULL) {
			r->field_at = arena_printf(r->arena, "items[%zu].", i);
			field_rule(r, "product_id", RULE_UNKNOWN);
		}
	r->field_at = NULL;
	return fields_end(r);
}

static enum problem
lines_of_cart(struct request *r, const struct cart *cart, struct choose_wish *w)
{
	struct choose_line *lines = arena_get(r->arena, ((size_t)cart->count + 1) * sizeof *lines);

	if (lines == NULL)
		return fail(r, TOO_LARGE);
	for (int i = 0; i < cart->count; i++)
		lines[i] = (struct choose_line){ .product_id = cart->lines[i].product_id,
			.quantity = cart->lines[i].quantity, .name = cart->lines[i].name };
	w->lines = lines;
	w->line_count = (size_t)cart->count;
	return OK;
}

/* What was not sent is the user's own: where he lives, and his cart. */
static enum problem
fill_in(struct request *r, const struct asked *a, struct choose_wish *w)
{
	struct user u = { .latitude = (double)NAN };
	struct cart cart;
	int rc = 1;

	if (r->user_id != 0 && isnan(w->latitude))
		rc = user_find(r->app->db, r->arena, r->user_id, &u);
	if (rc != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (isnan(w->latitude) && !isnan(u.latitude)) {
		w->latitude = u.latitude;
		w->longitude = u.longitude;
	}
	if (w->is_delivery && isnan(w->latitude))
		return fail(r, COORDINATES_REQUIRED);
	if (a->items.is_told || r->user_id == 0)
		return lines_of_items(r, &a->items, w);
	if ((rc = cart_load(r->app->db, r->arena, &r->app->conf, r->user_id, 0, &cart)) != 0)
		return fail_db(r, rc);
	return lines_of_cart(r, &cart, w);
}

enum problem
branches_suggest_apply(struct request *r)
{
	const struct asked *a = r->work;
	struct choose_wish w = { .is_delivery = a->place.is_delivery,
		.latitude = a->place.latitude, .longitude = a->place.longitude };
	struct choice c;
	enum problem p;
	int rc;

	if ((p = fill_in(r, a, &w)) != OK)
		return p;
	if ((rc = choose_find(r->app->db, r->arena, &r->app->conf, &w, &c)) != 0)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	put_suggestion(r, &w, c.fit);
	put_all_passed(r, &w, &c);
	json_close(r->out, '}');
	return OK;
}

/* ---- for an order */

static enum problem
refuse(struct request *r, const struct choose_wish *w, const struct choice *c,
    const struct cart *cart)
{
	buf_reset(r->out);
	cart_json(r->out, "cart", cart);
	put_all_passed(r, w, c);
	return fail_showing(r, NO_BRANCH);
}

enum problem
suggest_for_cart(struct request *r, const struct suggest_place *place, struct cart *cart)
{
	struct choose_wish w = { .is_delivery = place->is_delivery, .latitude = place->latitude,
		.longitude = place->longitude };
	struct choice c;
	int rc;

	if (lines_of_cart(r, cart, &w) != OK)
		return r->problem;
	if ((rc = choose_find(r->app->db, r->arena, &r->app->conf, &w, &c)) != 0)
		return fail_db(r, rc);
	if (c.fit == NULL)
		return refuse(r, &w, &c, cart);
	rc = cart_load(r->app->db, r->arena, &r->app->conf, r->user_id, c.fit->branch->id, cart);
	return rc == 0 ? OK : fail_db(r, rc);
}
