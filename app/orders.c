/*
 * orders.c - placing an order and looking at one's own (G36–G45, C20)
 *
 * prepare() checks the form of what was sent; whether it can be done is judged
 * in place.c, inside the transaction.
 */
#include <math.h>
#include <string.h>

#include "app/field.h"
#include "app/handlers.h"
#include "app/order_view.h"
#include "app/place.h"
#include "lib/base/crypt.h"
#include "lib/shop/order.h"

enum {
	NAME_POINTS = 100, NOTES_POINTS = 1000,
	ADDRESS_POINTS = 300, DETAIL_POINTS = 20, COMMENT_POINTS = 500,
	COORDINATE_DIGITS = 6
};

/* ---- POST /orders */

/* The snapshot that the order keeps: known members only, in one order. */
static void
read_address(struct request *r, struct place_wish *w)
{
	static const char *const details[] = { "apartment", "entrance", "floor", "intercom" };
	const struct json *from = field_object(r, r->body, "delivery_address", FIELD_OPTIONAL);
	const char *text = NULL, *detail;
	struct buf *b = r->out;

	if (from == NULL)
		return;
	r->field_at = "delivery_address.";
	json_open(b, NULL, '{');
	field_text(r, from, "text", FIELD_OPTIONAL, 0, ADDRESS_POINTS, &text);
	w->has_text = text != NULL && *text != '\0';
	json_put_text(b, "text", text);
	for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
		detail = NULL;
		field_text(r, from, details[i], FIELD_OPTIONAL, 0, DETAIL_POINTS, &detail);
		json_put_text(b, details[i], detail);
	}
	detail = NULL;
	field_words(r, from, "comment", FIELD_OPTIONAL, COMMENT_POINTS, &detail);
	json_put_text(b, "comment", detail);
	field_coordinates(r, from, &w->latitude, &w->longitude);
	json_put_real(b, "latitude", w->latitude, COORDINATE_DIGITS);
	json_put_real(b, "longitude", w->longitude, COORDINATE_DIGITS);
	json_close(b, '}');
	w->address = b->failed ? NULL : arena_dup(r->arena, b->s, b->len);
	buf_reset(b);
	r->field_at = NULL;
	if (w->address == NULL)
		fail(r, TOO_LARGE);
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
