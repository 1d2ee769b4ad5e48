/*
 * delivery.c - POST /delivery-fee (G30–G35, C19)
 *
 * What an order to that place would cost, by the function that orders use.
 * It tells the fee of a closed branch too: people plan ahead.
 */
#include <math.h>

#include "app/field.h"
#include "app/handlers.h"
#include "lib/base/clock.h"
#include "lib/shop/routing.h"

#define ORDER_TYPES "delivery|pickup"
#define ID_MAX ((INT64_C(1) << 53) - 1)

enum { DELIVERY, PICKUP };

struct wanted {
	int64_t branch_id;
	double latitude, longitude;
	int order_type;
};

enum problem
delivery_fee_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);
	const struct json *address;

	if (w == NULL)
		return fail(r, INTERNAL);
	*w = (struct wanted){ .order_type = DELIVERY, .latitude = (double)NAN,
		.longitude = (double)NAN };
	r->work = w;
	field_int(r, r->body, "branch_id", FIELD_REQUIRED, 1, ID_MAX, &w->branch_id);
	field_choice(r, r->body, "order_type", FIELD_OPTIONAL, ORDER_TYPES, &w->order_type);
	if (w->order_type == DELIVERY) {
		address = field_object(r, r->body, "delivery_address", FIELD_OPTIONAL);
		r->field_at = "delivery_address.";
		if (address != NULL)
			field_coordinates(r, address, &w->latitude, &w->longitude);
		r->field_at = NULL;
	}
	if (r->fault_count > 0 || w->order_type == PICKUP || !isnan(w->latitude))
		return fields_end(r);
	field_rule(r, "delivery_address.latitude", RULE_REQUIRED);
	field_rule(r, "delivery_address.longitude", RULE_REQUIRED);
	return fail(r, COORDINATES_REQUIRED);
}

/* distance_m DB_NULL = none matters. */
static enum problem
answer(struct request *r, int64_t fee, int64_t distance_m)
{
	json_open(r->out, NULL, '{');
	json_put_money(r->out, "estimated_fee", fee);
	json_put_real(r->out, "distance_km",
	    distance_m == DB_NULL ? (double)NAN : (double)distance_m / 1000, 2);
	json_put_text(r->out, "currency", r->app->conf.currency);
	json_close(r->out, '}');
	return OK;
}

static enum problem
refuse_distance(struct request *r, const struct reach *reach)
{
	json_put_real(r->out, "distance_km", (double)reach->distance_m / 1000, 2);
	json_put_real(r->out, "max_km", (double)reach->most_m / 1000, 2);
	return fail_showing(r, OUT_OF_AREA);
}

static enum problem
answer_delivery(struct request *r, const struct wanted *w, const struct branch *b)
{
	struct reach reach;
	enum problem p = routing_reaches(&r->app->conf, b, w->latitude, w->longitude, &reach);

	if (p == OK)
		return answer(r, reach.fee, reach.distance_m);
	return p == OUT_OF_AREA ? refuse_distance(r, &reach) : fail(r, p);
}

enum problem
delivery_fee_apply(struct request *r)
{
	const struct wanted *w = r->work;
	struct branch b;
	int rc = branch_find(r->app->db, r->arena, w->branch_id, clock_now(), &b);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0 || !b.is_active)
		return fail(r, NOT_FOUND);
	if (w->order_type == DELIVERY)
		return answer_delivery(r, w, &b);
	if (!routing_serves(&b, 0))
		return fail(r, BRANCH_ORDER_TYPE);
	return answer(r, 0, DB_NULL);	/* G34 */
}
