/*
 * branches.c - GET /branches (G13, G26, G28)
 *
 * Every branch that the till still has, by name; with coordinates, by
 * distance from there. With an order type, only those that take such orders,
 * and for a delivery to those coordinates only those that deliver there.
 */
#include <math.h>
#include <stdlib.h>

#include "app/etag.h"
#include "app/field.h"
#include "app/handlers.h"
#include "lib/base/clock.h"
#include "lib/shop/branch.h"
#include "lib/shop/delivery.h"

#define ORDER_TYPES "delivery|pickup"

enum { DELIVERY, PICKUP };

struct wanted {
	double latitude, longitude;	/* NaN = not told */
	int order_type;			/* -1 = not told */
};

/* A branch's place in the answer. */
struct seen {
	const struct branch *branch;
	int64_t distance_m;		/* DB_NULL = nobody asked, -1 = not known */
};

enum problem
branches_list_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);

	if (w == NULL)
		return fail(r, INTERNAL);
	w->latitude = query_real(r, "latitude", -90, 90);
	w->longitude = query_real(r, "longitude", -180, 180);
	if (isnan(w->latitude) != isnan(w->longitude) && r->fault_count == 0)
		field_rule(r, isnan(w->latitude) ? "latitude" : "longitude", RULE_TOGETHER,
		    isnan(w->latitude) ? "longitude" : "latitude");
	w->order_type = query_choice(r, "order_type", ORDER_TYPES);
	r->work = w;
	return fields_end(r);
}

static int64_t
distance(const struct wanted *w, const struct branch *b)
{
	int64_t m;

	if (isnan(w->latitude))
		return DB_NULL;
	m = delivery_distance_m(b->latitude, b->longitude, w->latitude, w->longitude);
	return m == DB_NULL ? -1 : m;
}

static int
is_wanted(const struct request *r, const struct wanted *w, const struct seen *s)
{
	const struct branch *b = s->branch;

	if (w->order_type == PICKUP)
		return b->supports_pickup != 0;
	if (w->order_type != DELIVERY)
		return 1;
	return b->supports_delivery && !isnan(b->latitude) && (s->distance_m == DB_NULL ||
	    s->distance_m <= delivery_limit_m(&r->app->conf, b->delivery_radius_m));
}

/* Where is not known comes last; equals stay in the order of their names. */
static int
by_distance(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	uint64_t far_x = (uint64_t)x->distance_m, far_y = (uint64_t)y->distance_m;

	if (far_x != far_y)
		return far_x < far_y ? -1 : 1;
	return (x->branch > y->branch) - (x->branch < y->branch);
}

/* The wanted ones of n, in order; their number. */
static size_t
choose(const struct request *r, const struct branch *list, size_t n, struct seen *out)
{
	const struct wanted *w = r->work;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		out[count] = (struct seen){ &list[i], distance(w, &list[i]) };
		count += (size_t)is_wanted(r, w, &out[count]);
	}
	qsort(out, count, sizeof *out, by_distance);
	return count;
}

enum problem
branches_list_apply(struct request *r)
{
	char etag[ETAG_TEXT];
	struct branch *list;
	struct seen *seen;
	size_t count;
	int n = branch_list(r->app->db, r->arena, clock_now(), &list);

	if (n < 0)
		return fail_db(r, n);
	if ((seen = arena_get(r->arena, ((size_t)n + 1) * sizeof *seen)) == NULL)
		return fail(r, INTERNAL);
	count = choose(r, list, (size_t)n, seen);
	json_open(r->out, NULL, '{');
	json_open(r->out, "branches", '[');
	for (size_t i = 0; i < count; i++)
		branch_json(r->out, NULL, seen[i].branch, seen[i].distance_m);
	json_close(r->out, ']');
	json_put_int(r->out, "total", (int64_t)count);
	json_close(r->out, '}');
	/* By content: open and paused change with the clock alone. */
	etag_of(r->out, etag);
	if (!r->out->failed)
		etag_is_known(r, etag);
	return OK;
}
