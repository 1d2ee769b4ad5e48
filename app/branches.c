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
	PAGE_MAX = 1000000
};

enum problem
branches_list_prepare(struct request *r)
{
	struct near_wish *w = arena_get(r->arena, sizeof *w);
	int64_t page, limit;

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
	limit = query_int(r, "limit", 1, LIMIT_MAX,
	    isnan(w->latitude) ? LIMIT_MAX : LIMIT_NEAR);
	w->most = (size_t)limit;
	w->skip = (page - 1) * limit;
	return fields_end(r);
}

/*
 * By name all are counted, by distance up to NEAR_MAX. Who delivers to a place
 * is known only by looking there, so of those the ones that were found count.
 */
static int
count(struct request *r, const struct near_page *p, int64_t *total, int *is_capped)
{
	const struct near_wish *w = r->work;
	int64_t most = isnan(w->latitude) ? INT64_MAX - 1 : NEAR_MAX;

	if (!isnan(w->latitude) && w->kind == DELIVERY_KIND) {
		*total = (int64_t)p->found;
		*is_capped = !p->is_all;
		return 0;
	}
	*total = branch_count(r->app->db, w->kind, most + 1);
	*is_capped = *total > most;
	*total -= *is_capped;
	return *total < 0 ? (int)*total : 0;
}

/* Of each branch its place in the page: an id may be gone by now. */
static void
write_branches(struct request *r, const struct near_page *p, const struct branch *list, size_t n)
{
	size_t at = 0;

	json_open(r->out, "branches", '[');
	for (size_t i = 0; i < n; i++) {
		while (p->ids.list[at] != list[i].id)
			at++;
		branch_json(r->out, NULL, &list[i], p->distances[at]);
	}
	json_close(r->out, ']');
}

enum problem
branches_list_apply(struct request *r)
{
	struct db *db = r->app->db;
	char etag[ETAG_TEXT];
	struct near_page page;
	struct branch *list;
	int64_t total;
	int is_capped, rc = near_page(db, r->arena, &r->app->conf, r->work, &page);

	if (rc != 0 || (rc = count(r, &page, &total, &is_capped)) != 0 ||
	    (rc = branch_load(db, r->arena, &page.ids, clock_now(), &list)) < 0)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	write_branches(r, &page, list, (size_t)rc);
	json_put_int(r->out, "total", total);
	json_put_bool(r->out, "total_capped", is_capped);
	json_close(r->out, '}');
	/* By content: open and paused change with the clock alone. */
	etag_of(r->out, etag);
	if (!r->out->failed)
		etag_is_known(r, etag);
	return OK;
}
