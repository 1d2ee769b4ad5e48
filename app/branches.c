/*
 * branches.c - GET /branches (G13, G26, G28, G87)
 *
 * Branches that the till still has, by name; with coordinates, by distance
 * from there. With an order type, only those that take such orders, and for a
 * delivery to those coordinates only those that deliver there. A page without
 * coordinates is long enough for all of a chain, unless it is a very large one.
 */
#include <math.h>

#include "app/etag.h"
#include "app/field.h"
#include "app/handlers.h"
#include "lib/base/clock.h"
#include "lib/shop/near.h"

enum {
	LIMIT_MAX = 500,	/* of them fit in REPLY_MAX with years of exceptions */
	LIMIT_NEAR = 20,	/* with coordinates, unless told */
	PAGE_MAX = 1000000,
	NEAR_MAX = 1000		/* as far down a list by distance goes, and its total */
};

struct wanted {
	double latitude, longitude;	/* NaN = not told */
	enum order_kind kind;
	int64_t limit, skip;
};

/* The page as it stands. */
struct chosen {
	struct branch_ids ids;
	int64_t *distances;		/* of each; NULL = nobody asked */
	int64_t total;
	int is_capped;			/* there are more than total */
};

enum problem
branches_list_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);
	int64_t page;

	if (w == NULL)
		return fail(r, INTERNAL);
	r->work = w;
	w->latitude = query_real(r, "latitude", -90, 90);
	w->longitude = query_real(r, "longitude", -180, 180);
	if (isnan(w->latitude) != isnan(w->longitude) && r->fault_count == 0)
		field_rule(r, isnan(w->latitude) ? "latitude" : "longitude", RULE_TOGETHER,
		    isnan(w->latitude) ? "longitude" : "latitude");
	w->kind = (enum order_kind)(query_choice(r, "order_type", "delivery|pickup") + 1);
	page = query_int(r, "page", 1, PAGE_MAX, 1);
	w->limit = query_int(r, "limit", 1, LIMIT_MAX,
	    isnan(w->latitude) ? LIMIT_MAX : LIMIT_NEAR);
	w->skip = (page - 1) * w->limit;
	return fields_end(r);
}

static int
choose_by_name(struct request *r, const struct wanted *w, struct chosen *c)
{
	struct branch_cut cut = { .skip = w->skip, .most = w->limit };

	c->total = branch_count(r->app->db, w->kind, INT64_MAX);
	return c->total < 0 ? (int)c->total
	    : branch_page(r->app->db, r->arena, w->kind, &cut, &c->ids);
}

/* One more of the list. */
static void
add(struct chosen *c, int64_t id, int64_t distance_m)
{
	c->ids.list[c->ids.count] = id;
	c->distances[c->ids.count++] = distance_m;
}

/* Where is not known comes last: it may be anywhere, so nobody delivers from there. */
static int
add_unplaced(struct request *r, const struct wanted *w, int64_t placed, struct chosen *c)
{
	struct branch_cut cut = { .skip = w->skip > placed ? w->skip - placed : 0,
		.most = w->limit - (int64_t)c->ids.count, .unplaced = 1 };
	struct branch_ids ids;
	int rc = branch_page(r->app->db, r->arena, w->kind, &cut, &ids);

	for (size_t i = 0; rc == 0 && i < ids.count; i++)
		add(c, ids.list[i], -1);
	return rc;
}

/* Of deliveries those that were found are counted: who delivers to a place is
 * known only by looking there. One more than is shown is looked for. */
static int
count_near(struct request *r, const struct wanted *w, const struct near_found *f,
    struct chosen *c)
{
	if (w->kind == DELIVERY_KIND) {
		c->total = (int64_t)f->count;
		c->is_capped = !f->is_all;
		return 0;
	}
	c->total = branch_count(r->app->db, w->kind, NEAR_MAX + 1);
	c->is_capped = c->total > NEAR_MAX;
	c->total -= c->is_capped;
	return c->total < 0 ? (int)c->total : 0;
}

static int
choose_near(struct request *r, const struct wanted *w, struct chosen *c)
{
	struct near_wish wish = { .latitude = w->latitude, .longitude = w->longitude,
		.kind = w->kind, .most = NEAR_MAX };
	size_t room = (size_t)w->limit * sizeof(int64_t);
	struct near_found f;
	int rc;

	if (w->skip + w->limit < NEAR_MAX)
		wish.most = (size_t)(w->skip + w->limit) + 1;
	if ((c->ids.list = arena_get(r->arena, room)) == NULL ||
	    (c->distances = arena_get(r->arena, room)) == NULL)
		return DB_ERROR;
	if ((rc = near_find(r->app->db, r->arena, &r->app->conf, &wish, &f)) != 0 ||
	    (rc = count_near(r, w, &f, c)) != 0)
		return rc;
	for (size_t i = (size_t)w->skip; i < f.count && c->ids.count < (size_t)w->limit; i++)
		add(c, f.list[i].id, f.list[i].distance_m);
	return f.is_all ? add_unplaced(r, w, (int64_t)f.count, c) : 0;
}

/* The members of one after the other; those of ids that are gone were never loaded. */
static void
write_list(struct request *r, const struct chosen *c, const struct branch *list, size_t n)
{
	size_t at = 0;

	json_open(r->out, NULL, '{');
	json_open(r->out, "branches", '[');
	for (size_t i = 0; i < n; i++) {
		while (c->ids.list[at] != list[i].id)
			at++;
		branch_json(r->out, NULL, &list[i],
		    c->distances == NULL ? DB_NULL : c->distances[at]);
	}
	json_close(r->out, ']');
	json_put_int(r->out, "total", c->total);
	json_put_bool(r->out, "total_capped", c->is_capped);
	json_close(r->out, '}');
}

enum problem
branches_list_apply(struct request *r)
{
	const struct wanted *w = r->work;
	struct chosen c = { .total = 0 };
	char etag[ETAG_TEXT];
	struct branch *list;
	int rc = isnan(w->latitude) ? choose_by_name(r, w, &c) : choose_near(r, w, &c);

	if (rc != 0 || (rc = branch_load(r->app->db, r->arena, &c.ids, clock_now(), &list)) < 0)
		return fail_db(r, rc);
	write_list(r, &c, list, (size_t)rc);
	/* By content: open and paused change with the clock alone. */
	etag_of(r->out, etag);
	if (!r->out->failed)
		etag_is_known(r, etag);
	return OK;
}
