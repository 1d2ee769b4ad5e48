/*
 * orders.c - the till takes orders
 *
 * POST /api/pos/orders              201 {pos_order_id, status, total_amount, …}
 * GET  /api/pos/orders              ?our_order_id=; else the newest (?page&limit)
 * GET  /api/pos/orders/ID           one of them
 * POST /api/pos/orders/ID/cancel    200; 409 too_late once it is being made
 *
 * A till is strict about what it books: an unknown branch, client or dish, a
 * dish this branch does not sell or has too little of is 422. The shop's price
 * of a line is charged and the till's own stored beside it; the total is
 * always counted anew. Every order taken is a sale: nobody but
 * Idempotency-Key keeps a shop from ordering twice.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/web.h"

enum { ITEMS_MOST = 100, QUANTITY_MOST = 999, PAGE_MOST = 100 };

struct line {
	int64_t product, quantity, price, price_here;
	const char *name;
};

struct draft {
	const char *our_id, *type, *notes, *address;
	int64_t branch, client, fee, total_sent, total;
	struct line *lines;
	size_t count;
};

enum { BRANCH, CLIENT, SOLD, INSERT, INSERT_ITEM, BY_OUR_ID, NEWEST, STATUS, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[BRANCH] = { "SELECT seq FROM branch WHERE id = ?1", NULL },
	[CLIENT] = { "SELECT seq FROM client WHERE 'C' || seq = ?1", NULL },
	[SOLD] = { "SELECT p.seq, pb.price, pb.stock, p.name FROM product AS p"
	    " LEFT JOIN product_branch AS pb ON pb.product = p.seq AND pb.branch = ?2"
	    " WHERE p.id = ?1 AND p.deleted = 0", NULL },
	[INSERT] = { "INSERT INTO sale (our_order_id, branch, client, order_type, address,"
	    " delivery_fee, total_sent, total, notes, status, idempotency_key, created_ms,"
	    " moved_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'accepted', ?10, ?11, ?11)",
	    NULL },
	[INSERT_ITEM] = { "INSERT INTO sale_item (sale, line, product, name, quantity, price,"
	    " price_here) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", NULL },
	[BY_OUR_ID] = { "SELECT seq FROM sale WHERE our_order_id = ?1 ORDER BY seq", NULL },
	[NEWEST] = { "SELECT seq FROM sale ORDER BY seq DESC LIMIT ?1 OFFSET ?2", NULL },
	[STATUS] = { "SELECT status FROM sale WHERE seq = ?1", NULL },
};

/* The row's number by its id; 0 when there is none. */
static int64_t
seq_of(struct request *r, struct query *q, const char *id)
{
	int64_t seq = store_find(r->store, q, "s", id) ? store_int(q, 0) : 0;

	store_done(q);
	return seq;
}

static void
read_branch_and_client(struct request *r, struct draft *d)
{
	const char *branch = api_text(r, r->json, "branch_pos_id", 64, 1);
	const char *client = api_failed(r) ? NULL : api_text(r, r->json, "client_pos_id", 64, 0);

	d->client = STORE_NULL;
	if (api_failed(r))
		return;
	if ((d->branch = seq_of(r, &sql[BRANCH], branch)) == 0)
		api_fail(r, 422, "unknown_branch", "branch_pos_id", "no branch %s", branch);
	else if (client != NULL && (d->client = seq_of(r, &sql[CLIENT], client)) == 0)
		api_fail(r, 422, "unknown_client", "client_pos_id", "no client %s", client);
}

/* An object with its text, or plain text; a pickup needs none. */
static void
read_address(struct request *r, struct draft *d)
{
	const struct json *j = json_member(r->json, "delivery_address");
	const char *text = json_type(j) == JSON_OBJECT ? json_text(json_member(j, "text")) :
	    json_text(j);
	struct buf copy = BUF_INIT(16384);

	if (strcmp(d->type, "delivery") == 0 && (text == NULL || *text == '\0')) {
		api_fail(r, 422, "address_required", "delivery_address",
		    "a delivery needs an address");
		return;
	}
	if (json_type(j) == JSON_NULL)
		return;
	json_write(&copy, NULL, j);
	d->address = copy.failed ? NULL : arena_str(r->arena, copy.s);
	if (d->address == NULL)
		api_fail(r, 422, "invalid_field", "delivery_address", "the address is too long");
	buf_free(&copy);
}

static void
read_head(struct request *r, struct draft *d)
{
	if ((d->our_id = api_text(r, r->json, "our_order_id", 64, 1)) == NULL)
		return;
	read_branch_and_client(r, d);
	if (api_failed(r) || (d->type = api_text(r, r->json, "order_type", 16, 1)) == NULL)
		return;
	if (strcmp(d->type, "delivery") != 0 && strcmp(d->type, "pickup") != 0) {
		api_fail(r, 422, "invalid_field", "order_type",
		    "order_type must be delivery or pickup");
		return;
	}
	read_address(r, d);
	if (api_failed(r) || api_money(r, r->json, "delivery_fee", &d->fee) != 0 ||
	    api_money(r, r->json, "total_amount", &d->total_sent) != 0)
		return;
	if (d->fee == STORE_NULL)
		d->fee = 0;
	d->notes = api_text(r, r->json, "notes", 2000, 0);
}

/* How much of it stands in the lines before this one. */
static int64_t
already(const struct draft *d, int64_t product)
{
	int64_t sum = 0;

	for (size_t i = 0; i < d->count; i++)
		if (d->lines[i].product == product)
			sum += d->lines[i].quantity;
	return sum;
}

/* The dish in this branch: its price, and enough of it. */
static void
read_dish(struct request *r, struct draft *d, struct line *l, const char *id)
{
	struct query *q = &sql[SOLD];
	int64_t stock;

	if (!store_find(r->store, q, "si", id, d->branch)) {
		api_fail(r, 422, "unknown_product", "pos_product_id", "no product %s", id);
		return;
	}
	l->product = store_int(q, 0);
	l->price_here = store_int(q, 1);
	stock = store_int(q, 2);
	if (l->name == NULL)
		l->name = arena_str(r->arena, store_text(q, 3));
	store_done(q);
	if (l->price_here == STORE_NULL)
		api_fail(r, 422, "not_sold_here", "pos_product_id",
		    "this branch does not sell %s", id);
	else if (stock != STORE_NULL && stock < l->quantity + already(d, l->product))
		api_fail(r, 422, "out_of_stock", "pos_product_id", "%lld of %s left",
		    (long long)stock, id);
}

static void
read_line(struct request *r, struct draft *d, const struct json *item)
{
	struct line *l = &d->lines[d->count];
	const char *id = api_text(r, item, "pos_product_id", 64, 1);

	if (id == NULL || api_money(r, item, "price", &l->price) != 0)
		return;
	l->name = api_text(r, item, "name", 300, 0);
	if (api_failed(r))
		return;
	if (json_int(json_member(item, "quantity"), &l->quantity) != 0 || l->quantity < 1 ||
	    l->quantity > QUANTITY_MOST) {
		api_fail(r, 422, "invalid_field", "quantity", "quantity must be 1 to %d",
		    QUANTITY_MOST);
		return;
	}
	read_dish(r, d, l, id);
	if (l->price == STORE_NULL)
		l->price = l->price_here;
	d->count++;
}

static void
read_items(struct request *r, struct draft *d)
{
	const struct json *items = json_member(r->json, "items"), *item;
	int64_t sum;

	if (json_type(items) != JSON_ARRAY || json_count(items) < 1 ||
	    json_count(items) > ITEMS_MOST) {
		api_fail(r, 422, "invalid_field", "items", "items must be a list of 1 to %d",
		    ITEMS_MOST);
		return;
	}
	d->lines = arena_get(r->arena, json_count(items) * sizeof *d->lines);
	if (d->lines == NULL) {
		api_fail(r, 413, "too_large", "items", "the order is too large");
		return;
	}
	d->total = d->fee;
	for (item = json_first(items); item != NULL; item = json_next(item)) {
		read_line(r, d, item);
		if (api_failed(r))
			return;
		if (money_times(d->lines[d->count - 1].price, d->lines[d->count - 1].quantity,
		    &sum) != 0 || money_add(d->total, sum, &d->total) != 0) {
			api_fail(r, 422, "too_large", "items", "the order costs too much");
			return;
		}
	}
}

static int64_t
book(struct request *r, const struct draft *d)
{
	int64_t now = clock_ms(), sale;
	const struct line *l;

	store_run(r->store, &sql[INSERT], "siissiiissi", d->our_id, d->branch, d->client, d->type,
	    d->address, d->fee, d->total_sent, d->total, d->notes, r->key, now);
	sale = store_last_id(r->store);
	for (size_t i = 0; i < d->count; i++) {
		l = &d->lines[i];
		store_run(r->store, &sql[INSERT_ITEM], "iiisiii", sale, (int64_t)i + 1, l->product,
		    l->name, l->quantity, l->price, l->price_here);
	}
	sale_take_stock(r->store, sale, now);
	return sale;
}

void
order_create(struct request *r)
{
	struct draft d = { .total_sent = STORE_NULL };

	read_head(r, &d);
	if (!api_failed(r))
		read_items(r, &d);
	if (api_failed(r))
		return;
	if (r->shape & SHAPE_WRONG_TOTAL)
		d.total += 100;
	r->answer->status = 201;
	sale_put(&r->answer->body, NULL, r->store, book(r, &d));
}

void
orders_list(struct request *r)
{
	const char *our_id = api_param(r, "our_order_id");
	struct query *q = &sql[our_id != NULL ? BY_OUR_ID : NEWEST];
	struct buf *b = &r->answer->body;
	int64_t page, limit;

	if (api_paging(r, PAGE_MOST, &page, &limit) != 0)
		return;
	if (our_id != NULL)
		store_query(r->store, q, "s", our_id);
	else
		store_query(r->store, q, "ii", limit, (page - 1) * limit);
	json_open(b, NULL, '{');
	json_open(b, "orders", '[');
	while (store_row(r->store, q))
		sale_put(b, NULL, r->store, store_int(q, 0));
	json_close(b, ']');
	json_close(b, '}');
}

/* The order of the path by its till's id only; 0 having failed. */
static int64_t
order_of_path(struct request *r)
{
	int64_t sale = sale_find(r->store, r->id);
	char id[SALE_ID_TEXT];

	sale_id(sale, id);
	if (sale != 0 && strcmp(id, r->id) == 0)
		return sale;
	api_fail(r, 404, "not_found", NULL, "no order %s", r->id);
	return 0;
}

void
order_show(struct request *r)
{
	int64_t sale = order_of_path(r);

	if (sale != 0)
		sale_put(&r->answer->body, NULL, r->store, sale);
}

void
order_cancel(struct request *r)
{
	int64_t sale = order_of_path(r);
	int accepted, cancelled;

	if (sale == 0 || !store_find(r->store, &sql[STATUS], "i", sale))
		return;
	accepted = strcmp(store_text(&sql[STATUS], 0), "accepted") == 0;
	cancelled = strcmp(store_text(&sql[STATUS], 0), "cancelled") == 0;
	store_done(&sql[STATUS]);
	if (!accepted && !cancelled) {
		api_fail(r, 409, "too_late", NULL, "order %s is being made already", r->id);
		return;
	}
	if (accepted)
		sale_move(r->store, sale, "cancelled", clock_ms());
	sale_put(&r->answer->body, NULL, r->store, sale);
}
