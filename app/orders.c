/*
 * orders.c - placing an order, looking at one's own, calling one back
 * (G36–G45, C20, C30)
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
#include "lib/shop/cancel.h"
#include "lib/shop/order.h"

enum {
	NAME_POINTS = 100, NOTES_POINTS = 1000
};

enum { PHONE };
static struct stmt sql[] = {
	[PHONE] = { .sql = "SELECT coalesce(b.phone, o.branch_phone) FROM orders o "
	    "JOIN branch b ON b.id = o.branch_id WHERE o.id = ?1" },
};
DB_STATEMENTS(sql);

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
	struct order_filter filter;
	struct page page;
};

void
order_filter_read(struct request *r, struct order_filter *f)
{
	static const char *const submissions[] = { "queued", "sending", "sent", "checking",
		"stopped" };
	static const char *const attentions[] = { "any", "not_accepted", "uncertain", "stuck",
		"cancel_unanswered", "total_differs", "incomplete" };
	int n;

	n = query_choice(r, "status", "pending|sent_to_pos|processing|ready_for_pickup|"
	    "out_for_delivery|delivered|cancelled|failed");
	f->status = n == -1 ? NULL : order_status_name((enum order_status)n);
	n = query_choice(r, "submission", "queued|sending|sent|checking|stopped");
	f->submission = n == -1 ? NULL : submissions[n];
	n = query_choice(r, "attention", "any|not_accepted|uncertain|stuck|cancel_unanswered|"
	    "total_differs|incomplete");
	f->attention = n == -1 ? NULL : attentions[n];
	n = query_choice(r, "open", "false|true|0|1");
	f->is_open = n == -1 ? DB_NULL : n % 2;
}

enum problem
orders_list_prepare(struct request *r)
{
	struct asked *a = arena_get(r->arena, sizeof *a);

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	order_filter_read(r, &a->filter);
	query_page_before(r, &a->page);
	return fields_end(r);
}

enum problem
orders_list_apply(struct request *r)
{
	const struct asked *a = r->work;
	int rc;

	json_open(r->out, NULL, '{');
	rc = order_json_list(r->app->db, r->out, r->user_id, &a->filter, &a->page);
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

/* ---- POST /orders/{id}/cancel */

/* The order, and whom to call about it. */
static enum problem
refuse_with_order(struct request *r, enum problem p)
{
	struct stmt *st = &sql[PHONE];
	int rc = db_find(r->app->db, st, "i", r->param[0]);

	if (rc == 1) {
		json_put_text(r->out, "branch_phone", db_text(st, 0));
		db_done(st);
		rc = order_json(r->app->db, r->out, "order", r->user_id, r->param[0]);
	}
	if (rc != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	return fail_showing(r, p);
}

enum problem
order_cancel_apply(struct request *r)
{
	int rc = cancel_ask(r->app->db, r->user_id, r->param[0]);

	switch (rc) {
	case CANCEL_NO_ORDER:
		return fail(r, NOT_FOUND);
	case CANCEL_CALL_BRANCH:
		return refuse_with_order(r, CALL_BRANCH);
	case CANCEL_OVER:
		return refuse_with_order(r, ORDER_FINAL);
	case CANCEL_ASKED:
		r->status = 202;
		return order_show_apply(r);
	case CANCEL_DONE:
		return order_show_apply(r);
	default:
		return fail_db(r, rc);
	}
}
