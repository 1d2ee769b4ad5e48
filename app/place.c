/*
 * place.c - placing an order
 *
 * A table of steps, in the order in which a shopper wants to hear of them:
 * first what he has, then where and when, then what it costs. The steps that
 * write come last. The dispatcher commits all of it or nothing; a process
 * that dies on the way leaves nothing.
 */
#include <math.h>
#include <string.h>

#include "app/cart_store.h"
#include "app/field.h"
#include "app/place.h"
#include "app/suggest.h"
#include "lib/base/clock.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/routing.h"
#include "lib/shop/stock.h"
#include "lib/shop/user.h"

enum {
	JUST_PLACED_S = 60, KM_DIGITS = 2,
	ANY_OPEN = 1000		/* an ORDER_MAX_OPEN of so many means: do not count */
};

/* No RETURNING here: it costs a temporary table each time. */
enum { LAST_ORDER, OPEN_OF_USER, OPEN_OF_PHONE, COUNT_DAY, NUMBER, ORDER, EPOCH, REF, ITEM,
	CART_DONE };
static struct stmt sql[] = {
	[LAST_ORDER] = { .sql = "SELECT id FROM orders WHERE user_id = ?1 AND created_at > ?2 "
	    "ORDER BY id DESC LIMIT 1" },
	[OPEN_OF_USER] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM orders WHERE user_id = ?1 "
	    "AND status NOT IN ('delivered', 'cancelled', 'failed') LIMIT ?2)" },
	[OPEN_OF_PHONE] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM orders "
	    "WHERE contact_phone = ?1 AND status NOT IN ('delivered', 'cancelled', 'failed') "
	    "LIMIT ?2)" },
	[COUNT_DAY] = { .sql = "INSERT INTO order_number (day, last) VALUES (?1, 1) "
	    "ON CONFLICT (day) DO UPDATE SET last = last + 1" },
	[NUMBER] = { .sql = "SELECT last FROM order_number WHERE day = ?1" },
	[ORDER] = { .sql = "INSERT INTO orders (ref, day, number, user_id, branch_id, order_type, "
	    "subtotal, delivery_fee, total_amount, currency, contact_name, contact_phone, "
	    "delivery_address, delivery_latitude, delivery_longitude, delivery_distance_m, "
	    "branch_name, branch_address, branch_phone, notes, created_at, updated_at) VALUES "
	    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7 + ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
	    "?18, ?19, ?20, ?20)" },
	[EPOCH] = { .sql = "SELECT value FROM meta WHERE key = 'epoch'" },
	[REF] = { .sql = "UPDATE orders SET ref = ?2 WHERE id = ?1" },
	[ITEM] = { .sql = "INSERT INTO order_item (order_id, product_id, pos_product_id, name, "
	    "quantity, unit_price, total_price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5 * ?6)" },
	[CART_DONE] = { .sql = "UPDATE cart SET version = version + 1, updated_at = ?2 "
	    "WHERE id = ?1" },
};
DB_STATEMENTS(sql);

struct placing {
	struct request *r;
	const struct place_wish *wish;
	struct db *db;
	const struct settings *conf;
	int64_t now;
	struct cart cart;		/* at the order's branch */
	struct branch branch;
	struct user user;
	const char *contact_name, *contact_phone;
	const char *address;		/* of a delivery */
	double latitude, longitude;
	int64_t distance_m, fee;	/* DB_NULL until known */
	int64_t id;
	const char *key;		/* under which the till hears of it */
};

/* ---- refusing: each says what the client shows next */

static void
show(struct placing *p)
{
	struct buf *b = p->r->out;

	buf_reset(b);
	cart_json(b, "cart", &p->cart);
	if (p->fee != DB_NULL) {
		json_put_money(b, "subtotal", p->cart.subtotal);
		json_put_money(b, "delivery_fee", p->fee);
		json_put_money(b, "total_amount", p->cart.subtotal + p->fee);
	}
}

static enum problem
refuse(struct placing *p, enum problem problem)
{
	show(p);
	return fail_showing(p->r, problem);
}

static enum problem
refuse_branch(struct placing *p, enum problem problem, int64_t opens_at)
{
	struct buf *b = p->r->out;

	show(p);
	json_put_int(b, "branch_id", p->branch.id);
	json_put_text(b, "branch_phone", p->branch.phone);
	json_put_time(b, "opens_at", opens_at);
	json_put_time(b, "closes_at", p->branch.now.closes_at);
	json_put_time(b, "paused_until", p->branch.paused_until);
	return fail_showing(p->r, problem);
}

static enum problem
refuse_missing(struct placing *p)
{
	struct buf *b = p->r->out;

	show(p);
	json_open(b, "items", '[');
	for (const struct cart_line *l = cart_missing(&p->cart, NULL); l != NULL;
	    l = cart_missing(&p->cart, l))
		cart_missing_json(b, l);
	json_close(b, ']');
	return fail_showing(p->r, ITEM_UNAVAILABLE);
}

/* The other tab may have placed it a moment ago. */
static enum problem
refuse_empty(struct placing *p)
{
	int64_t last = DB_NULL;
	int rc = db_find(p->db, &sql[LAST_ORDER], "ii", p->r->user_id, p->now - JUST_PLACED_S);

	if (rc < 0)
		return fail_db(p->r, rc);
	if (rc == 1)
		last = db_int(&sql[LAST_ORDER], 0);
	db_done(&sql[LAST_ORDER]);
	show(p);
	json_put_int(p->r->out, "last_order_id", last);
	return fail_showing(p->r, CART_EMPTY);
}

/* ---- looking */

/* What cannot be had there is told first, by look_at_items(). */
static int
is_dearer_here(const struct cart *c)
{
	int dearer = 0;

	for (const struct cart_line *l = c->lines; l < c->lines + c->count; l++) {
		if (!l->is_available)
			return 0;
		dearer |= l->current_price > l->price;
	}
	return dearer;
}

/*
 * A cart without branch shows each dish's lowest price of the chain. Where the
 * branch of the order is dearer, nobody shall pay what he did not see, nor the
 * branch sell below its price: the cart goes to that branch, is shown at its
 * prices, and the next order goes through. This refusal is committed.
 */
static enum problem
settle_on_branch(struct placing *p, int64_t branch_id)
{
	int64_t user_id = p->r->user_id, now = clock_now();
	int rc;

	if (!is_dearer_here(&p->cart))
		return OK;
	if ((rc = cart_change(p->db, user_id, now, &p->cart)) != 0 ||
	    (rc = cart_set_branch(p->db, p->cart.id, branch_id)) != 0 ||
	    (rc = cart_reprice(p->db, p->cart.id, branch_id, now)) != 0 ||
	    (rc = cart_load(p->db, p->r->arena, p->conf, user_id, 0, &p->cart)) != 0)
		return fail_db(p->r, rc);
	p->r->commit_refusal = 1;
	return refuse(p, CART_CHANGED);
}

static enum problem
look_at_cart(struct placing *p)
{
	int64_t branch_id = p->wish->branch_id;
	int rc = cart_load(p->db, p->r->arena, p->conf, p->r->user_id, branch_id, &p->cart);

	if (rc != 0)
		return fail_db(p->r, rc);
	if (p->cart.count == 0)
		return refuse_empty(p);
	if (p->cart.branch_id == DB_NULL && !p->conf->routing_auto) {
		field_rule(p->r, "branch_id", RULE_REQUIRED);
		return fields_end(p->r);
	}
	if (p->wish->cart_version != DB_NULL && p->wish->cart_version != p->cart.version)
		return refuse(p, CART_CHANGED);
	if (p->cart.own_branch_id == p->cart.branch_id)
		return OK;
	if ((rc = cart_branch_exists(p->db, branch_id)) < 0)
		return fail_db(p->r, rc);
	if (rc == 0)
		return OK;	/* look_at_branch() says why not */
	return p->cart.own_branch_id == DB_NULL ? settle_on_branch(p, branch_id) :
	    refuse(p, CART_CHANGED);
}

static enum problem
look_at_branch(struct placing *p)
{
	enum problem problem;
	int64_t opens_at;
	int rc = branch_find(p->db, p->r->arena, p->cart.branch_id, p->now, &p->branch);

	if (rc < 0)
		return fail_db(p->r, rc);
	if (rc == 0) {
		field_rule(p->r, "branch_id", RULE_UNKNOWN);
		return fields_end(p->r);
	}
	problem = routing_takes(p->conf, &p->branch, p->wish->is_delivery, &opens_at);
	return problem == OK ? OK : refuse_branch(p, problem, opens_at);
}

static enum problem
look_at_contact(struct placing *p)
{
	int rc = user_find(p->db, p->r->arena, p->r->user_id, &p->user);

	if (rc != 1)
		return fail_db(p->r, rc < 0 ? rc : DB_ERROR);
	p->contact_name = p->wish->contact_name != NULL ? p->wish->contact_name : p->user.name;
	p->contact_phone = p->wish->contact_phone != NULL ? p->wish->contact_phone : p->user.phone;
	return p->contact_phone != NULL ? OK : fail(p->r, PHONE_REQUIRED);
}

/* Where to: what was sent, or else the user's own address. Never half of each. */
static enum problem
look_at_address(struct placing *p)
{
	const struct place_wish *w = p->wish;

	if (!w->is_delivery)
		return OK;
	p->address = w->address;
	p->latitude = w->latitude;
	p->longitude = w->longitude;
	if (w->address == NULL) {
		p->address = p->user.address;
		p->latitude = p->user.latitude;
		p->longitude = p->user.longitude;
	} else if (!w->has_text)
		return fail(p->r, ADDRESS_REQUIRED);
	if (p->address == NULL)
		return fail(p->r, ADDRESS_REQUIRED);
	if (isnan(p->latitude) || isnan(p->longitude))
		return fail(p->r, COORDINATES_REQUIRED);
	return OK;
}

/* A customer who picks up says where he is by his own address alone. */
static enum problem
place_of_customer(struct placing *p, struct suggest_place *place)
{
	enum problem problem = look_at_contact(p);

	if (problem == OK)
		problem = look_at_address(p);
	if (problem != OK)
		return problem;
	*place = p->wish->is_delivery
	    ? (struct suggest_place){ 1, p->latitude, p->longitude }
	    : (struct suggest_place){ 0, p->user.latitude, p->user.longitude };
	if (!isnan(place->latitude))
		return OK;
	field_rule(p->r, "branch_id", RULE_REQUIRED);
	return fields_end(p->r);
}

/*
 * Nobody has chosen a branch: the nearest that can take it all does, at its
 * prices. expected_total says that they were seen; without it a cart that
 * would cost more than it shows is shown first, as settle_on_branch() does.
 */
static enum problem
look_for_branch(struct placing *p)
{
	struct suggest_place place;
	enum problem problem;

	if (p->cart.branch_id != DB_NULL)
		return OK;
	if ((problem = place_of_customer(p, &place)) != OK ||
	    (problem = suggest_for_cart(p->r, &place, &p->cart)) != OK)
		return problem;
	if (p->wish->expected_total == DB_NULL || p->conf->reprice == REPRICE_REJECT)
		problem = settle_on_branch(p, p->cart.branch_id);
	cart_price_today(&p->cart);
	return problem;
}

static enum problem
look_at_distance(struct placing *p)
{
	struct buf *b = p->r->out;
	struct reach reach;

	if (!p->wish->is_delivery) {
		p->fee = 0;
		return OK;
	}
	/* look_at_branch() has seen that it delivers at all. */
	if (routing_reaches(p->conf, &p->branch, p->latitude, p->longitude, &reach) == OK) {
		p->distance_m = reach.distance_m;
		p->fee = reach.fee;
		return OK;
	}
	buf_reset(b);
	json_put_real(b, "distance_km", (double)reach.distance_m / 1000, KM_DIGITS);
	json_put_real(b, "max_km", (double)reach.most_m / 1000, KM_DIGITS);
	return fail_showing(p->r, OUT_OF_AREA);
}

static enum problem
look_at_items(struct placing *p)
{
	if (cart_missing(&p->cart, NULL) != NULL)
		return refuse_missing(p);
	for (int i = 0; i < p->cart.count && p->conf->reprice == REPRICE_REJECT; i++)
		if (p->cart.lines[i].price_changed)
			return refuse(p, PRICE_CHANGED);
	return OK;
}

static enum problem
look_at_total(struct placing *p)
{
	struct buf *b = p->r->out;

	if (p->wish->is_delivery && p->cart.subtotal < p->conf->delivery_min_subtotal) {
		show(p);
		json_put_money(b, "minimum", p->conf->delivery_min_subtotal);
		return fail_showing(p->r, BELOW_MINIMUM);
	}
	if (p->wish->expected_total != DB_NULL &&
	    p->wish->expected_total != p->cart.subtotal + p->fee)
		return refuse(p, TOTAL_CHANGED);
	return OK;
}

static enum problem
look_at_open_orders(struct placing *p)
{
	int64_t open = 0, most = p->conf->order_max_open;
	int rc;

	if (most >= ANY_OPEN)
		return OK;
	rc = db_find(p->db, &sql[OPEN_OF_USER], "ii", p->r->user_id, most);
	if (rc == 1) {
		open = db_int(&sql[OPEN_OF_USER], 0);
		rc = db_find(p->db, &sql[OPEN_OF_PHONE], "si", p->contact_phone, most);
	}
	if (rc != 1)
		return fail_db(p->r, rc < 0 ? rc : DB_ERROR);
	if (db_int(&sql[OPEN_OF_PHONE], 0) > open)
		open = db_int(&sql[OPEN_OF_PHONE], 0);
	db_done(&sql[OPEN_OF_USER]);
	db_done(&sql[OPEN_OF_PHONE]);
	if (open < most)
		return OK;
	show(p);
	json_put_int(p->r->out, "open_orders", open);
	json_put_int(p->r->out, "max_open_orders", most);
	return fail_showing(p->r, TOO_MANY_OPEN_ORDERS);
}

/* ---- writing */

/* YYYYMMDD in the shop's zone. */
static int64_t
day_of(const struct placing *p)
{
	struct tm t;

	if (clock_local(p->conf->default_timezone, p->now, &t) == -1)
		return -1;
	return (t.tm_year + INT64_C(1900)) * 10000 + (t.tm_mon + 1) * 100 + t.tm_mday;
}

/* The day's next number, or a db_status. */
static int64_t
next_number(struct placing *p, int64_t day)
{
	struct stmt *st = &sql[NUMBER];
	int rc = db_run(p->db, &sql[COUNT_DAY], "i", day);
	int64_t number;

	if (rc != 0 || (rc = db_find(p->db, st, "i", day)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	number = db_int(st, 0);
	db_done(st);
	return number;
}

/* The reference needs the id, so chance stands in its place for a moment. */
static enum problem
write_order(struct placing *p)
{
	const struct branch *b = &p->branch;
	int64_t day = day_of(p), number = day == -1 ? DB_ERROR : next_number(p, day);
	int rc;

	if (number < 0)
		return fail_db(p->r, (int)number);
	rc = db_run(p->db, &sql[ORDER], "siiiisiissssrrissssi", p->wish->chance, day, number,
	    p->r->user_id, b->id, p->wish->is_delivery ? "delivery" : "pickup", p->cart.subtotal,
	    p->fee, p->conf->currency, p->contact_name, p->contact_phone, p->address, p->latitude,
	    p->longitude, p->distance_m, b->name, b->address, b->phone, p->wish->notes, p->now);
	if (rc != 0)
		return fail_db(p->r, rc);
	p->id = db_last_id(p->db);
	return OK;
}

/* What the till knows us by; its key is that and chance, so that nobody guesses it. */
static enum problem
write_reference(struct placing *p)
{
	struct stmt *st = &sql[EPOCH];
	const char *ref;
	int rc = db_find(p->db, st, "");

	if (rc != 1)
		return fail_db(p->r, rc < 0 ? rc : DB_ERROR);
	ref = arena_printf(p->r->arena, "%s-%lld", db_text(st, 0), (long long)p->id);
	db_done(st);
	p->key = arena_printf(p->r->arena, "%s-%s", ref, p->wish->chance);
	if (ref == NULL || p->key == NULL)
		return fail(p->r, TOO_LARGE);
	rc = db_run(p->db, &sql[REF], "is", p->id, ref);
	return rc == 0 ? OK : fail_db(p->r, rc);
}

/* Snapshots, and the portions: each line's, or the order is not. */
static enum problem
write_items(struct placing *p)
{
	int rc, short_of = 0;

	for (int i = 0; i < p->cart.count; i++) {
		struct cart_line *l = &p->cart.lines[i];

		rc = db_run(p->db, &sql[ITEM], "iissii", p->id, l->product_id, l->pos_product_id,
		    l->name, l->quantity, l->price);
		if (rc == 0)
			rc = stock_reserve(p->db, p->id, l->product_id, p->branch.id, l->quantity);
		if (rc < 0)
			return fail_db(p->r, rc);
		l->is_available = rc;
		short_of += rc == 0;
	}
	return short_of == 0 ? OK : refuse_missing(p);
}

static enum problem
write_rest(struct placing *p)
{
	int rc = cart_empty(p->db, p->cart.id);

	if (rc == 0)
		rc = db_run(p->db, &sql[CART_DONE], "ii", p->cart.id, p->now);
	if (rc == 0)
		rc = outbox_owe_order(p->db, p->id, "order", p->key);
	if (rc == 0)
		rc = order_placed(p->db, p->id);
	return rc == 0 ? OK : fail_db(p->r, rc);
}

static enum problem (*const steps[])(struct placing *) = {
	look_at_cart, look_for_branch, look_at_branch, look_at_contact, look_at_address,
	look_at_distance, look_at_items, look_at_total, look_at_open_orders,
	write_order, write_reference, write_items, write_rest,
};

enum problem
place_order(struct request *r, const struct place_wish *wish, int64_t *order_id)
{
	struct placing p = { .r = r, .wish = wish, .db = r->app->db, .conf = &r->app->conf,
		.now = clock_now(), .latitude = (double)NAN, .longitude = (double)NAN,
		.distance_m = DB_NULL, .fee = DB_NULL };
	enum problem problem = OK;

	for (size_t i = 0; i < sizeof steps / sizeof *steps && problem == OK; i++)
		problem = steps[i](&p);
	*order_id = p.id;
	return problem;
}
