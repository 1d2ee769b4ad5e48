/*
 * orders.c - placing an order and looking at one's own (G36–G45, C20)
 *
 * prepare() checks the form of what was sent; whether it can be done is judged
 * in place.c, inside the transaction.
 */
#include <math.h>
#include <string.h>

#include "app/address.h"
#include "app/field.h"
#include "app/handlers.h"
#include "app/order_view.h"
#include "app/place.h"
#include "lib/base/crypt.h"
#include "lib/shop/order.h"

enum {
	NAME_POINTS = 100, NOTES_POINTS = 1000
};

/* ---- POST /orders */

static void
read_address(struct request *r, struct place_wish *w)
{
	struct address a;

	address_read(r, "delivery_address", FIELD_OPTIONAL, &a);
	w->address = a.json;
	w->has_text = a.has_text;
	w->latitude = a.latitude;
	w->longitude = a.longitude;
}

enum problem
order_place_prepare(struct request *r)
{
	struct place_wish *w = arena_get(r->arena, sizeof *w);
	uint8_t chance[CHANCE_BYTES];
	int type = 0;

	if (w == NULL)
		return fail(r, TOO_LARGE);
	r->work = w;
	*w = (struct place_wish){ .latitude = (double)NAN, .longitude = (double)NAN,
		.cart_version = DB_NULL, .expected_total = DB_NULL };
	field_int(r, r->body, "branch_id", FIELD_OPTIONAL, 1, INT64_MAX, &w->branch_id);
	field_choice(r, r->body, "order_type", FIELD_REQUIRED, "pickup|delivery", &type);
	w->is_delivery = type;
	if (w->is_delivery)
		read_address(r, w);
	field_text(r, r->body, "contact_name", FIELD_OPTIONAL, 1, NAME_POINTS, &w->contact_name);
	field_phone(r, r->body, "contact_phone", FIELD_OPTIONAL, &w->contact_phone);
	field_words(r, r->body, "notes", FIELD_OPTIONAL, NOTES_POINTS, &w->notes);
	field_int(r, r->body, "cart_version", FIELD_OPTIONAL, 0, INT64_MAX, &w->cart_version);
	field_money(r, r->body, "expected_total", FIELD_OPTIONAL, &w->expected_total);
	crypt_random(chance, sizeof chance);
	crypt_hex(chance, sizeof chance, w->chance);
	return fields_end(r);
}

enum problem
order_place_apply(struct request *r)
{
	int64_t id = 0;
	enum problem p = place_order(r, r->work, &id);
	int rc;

	if (p != OK)
		return p;
	buf_reset(r->out);
	json_open(r->out, NULL, '{');
	rc = order_json(r->app->db, r->out, "order", r->user_id, id);
	json_close(r->out, '}');
	if (rc != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	r->status = 201;
	return OK;
}

/* ---- GET /orders, GET /orders/{id} */

struct asked {
	struct page page;
	const char *status;
};

enum problem
orders_list_prepare(struct request *r)
{
	struct asked *a = arena_get(r->arena, sizeof *a);
	int status;

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	status = query_choice(r, "status", "pending|sent_to_pos|processing|ready_for_pickup|"
	    "out_for_delivery|delivered|cancelled|failed");
	if (status != -1)
		a->status = order_status_name((enum order_status)status);
	query_page(r, &a->page);
	return fields_end(r);
}

enum problem
orders_list_apply(struct request *r)
{
	const struct asked *a = r->work;
	int64_t total = order_count(r->app->db, r->user_id, a->status);
	int rc;

	if (total < 0)
		return fail_db(r, (int)total);
	json_open(r->out, NULL, '{');
	rc = order_json_list(r->app->db, r->out, "orders", r->user_id, a->status, &a->page);
	json_put_int(r->out, "total", total);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}

enum problem
order_show_apply(struct request *r)
{
	int rc;

	json_open(r->out, NULL, '{');
	rc = order_json(r->app->db, r->out, "order", r->user_id, r->param[0]);
	json_close(r->out, '}');
	if (rc < 0)
		return fail_db(r, rc);
	return rc == 1 ? OK : fail(r, NOT_FOUND);
}
