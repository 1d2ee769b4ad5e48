/*
 * admin_products.c - dishes and the stop list, for staff (G16, G64, G75)
 *
 * Staff see and change what their branches sell, an admin every branch at
 * once. What is set here stands beside the till's news: no sync undoes it.
 */
#include "app/field.h"
#include "app/handlers.h"
#include "app/staff.h"
#include "app/until.h"
#include "lib/base/clock.h"
#include "lib/shop/catalog_hand.h"
#include "lib/shop/catalog_manage.h"
#include "lib/shop/catalog_read.h"

enum { CATEGORY_MAX = 200, SEARCH_MAX = 100, REASON_POINTS = 200 };
#define ID_MAX (INT64_C(1) << 53)

struct wanted {
	struct manage_query query;
	const char *category;
};

static struct wanted *
read_query(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);
	struct page page;

	if (w == NULL)
		return NULL;
	query_page(r, &page);
	w->query.branch_id = query_int(r, "branch_id", 1, ID_MAX, 0);
	w->query.limit = page.limit;
	w->query.offset = page.offset;
	r->work = w;
	return w;
}

/* What depends on who asks and when. */
static enum problem
settle_query(struct request *r, struct manage_query *q)
{
	q->staff_id = staff_id(r);
	q->now = clock_now();
	return q->branch_id == 0 ? OK : staff_check_branch(r, q->branch_id);
}

/* ---- GET /admin/products */

enum problem
admin_products_list_prepare(struct request *r)
{
	struct wanted *w = read_query(r);

	if (w == NULL)
		return fail(r, TOO_LARGE);
	w->category = query_text(r, "category", CATEGORY_MAX);
	w->query.search = query_text(r, "search", SEARCH_MAX);
	w->query.is_changed = query_choice(r, "show", "all|changed") == 1;
	return fields_end(r);
}

static enum problem
find_category(struct request *r, struct wanted *w)
{
	struct catalog_query found = { 0 };
	int rc = w->category == NULL ? 0 :
	    catalog_category(r->app->db, r->arena, w->category, &found);

	w->query.category_id = found.category_id;
	w->query.category = found.category;
	return rc < 0 ? fail_db(r, rc) : OK;
}

enum problem
admin_products_list_apply(struct request *r)
{
	struct wanted *w = r->work;
	struct manage_page page;
	enum problem p;
	int rc;

	if ((p = settle_query(r, &w->query)) != OK || (p = find_category(r, w)) != OK)
		return p;
	json_open(r->out, NULL, '{');
	json_open(r->out, "products", '[');
	if ((rc = manage_list(r->app->db, r->arena, &w->query, r->out, &page)) != 0)
		return fail_db(r, rc);
	json_close(r->out, ']');
	json_put_int(r->out, "total", page.total);
	json_put_bool(r->out, "total_capped", page.is_capped);
	json_put_bool(r->out, "branches_left_out", page.branches_left_out);
	json_close(r->out, '}');
	return OK;
}

/* ---- PATCH /admin/products/{id}, POST /admin/stop, DELETE /admin/stop/{id} */

struct change {
	int64_t product_id, branch_id;
	int sets_price, hidden;		/* hidden -1 = stays */
	int64_t price;
	struct until until;
	const char *reason;
};

static struct change *
new_change(struct request *r)
{
	struct change *c = arena_get(r->arena, sizeof *c);

	if (c != NULL)
		*c = (struct change){ .product_id = r->param[0], .hidden = -1, .price = DB_NULL,
			.until = { .at = DB_NULL } };
	r->work = c;
	return c;
}

static struct catalog_hand
hand_of(const struct request *r, const struct change *c)
{
	return (struct catalog_hand){ .user_id = r->user_id, .product_id = c->product_id,
		.branch_id = c->branch_id, .rules = { .now = clock_now(),
		.hide_zero_stock = (int)r->app->conf.hide_zero_stock } };
}

/* The dish as it stands now in the branches that were meant; none: 404. */
static enum problem
answer(struct request *r, const struct change *c)
{
	struct manage_query q = { .branch_id = c->branch_id, .staff_id = staff_id(r),
		.now = clock_now(), .limit = 1 };
	int rc;

	json_open(r->out, NULL, '{');
	rc = manage_show(r->app->db, &q, c->product_id, r->out, "product");
	json_close(r->out, '}');
	if (rc < 0)
		return fail_db(r, rc);
	return rc == 0 ? fail(r, NOT_FOUND) : OK;
}

enum problem
admin_product_prepare(struct request *r)
{
	struct change *c = new_change(r);

	if (c == NULL)
		return fail(r, TOO_LARGE);
	field_int(r, r->body, "branch_id", FIELD_OPTIONAL, 1, ID_MAX, &c->branch_id);
	c->sets_price = json_member(r->body, "override_price") != NULL;
	field_money(r, r->body, "override_price", FIELD_OPTIONAL, &c->price);
	field_bool(r, r->body, "is_hidden", FIELD_OPTIONAL, &c->hidden);
	if (!c->sets_price && json_member(r->body, "is_hidden") == NULL)
		field_rule(r, "override_price", RULE_REQUIRED);
	return fields_end(r);
}

enum problem
admin_product_apply(struct request *r)
{
	struct change *c = r->work;
	struct catalog_hand hand;
	enum problem p = staff_choose_branch(r, &c->branch_id);
	int rc = 0;

	if (p != OK)
		return p;
	hand = hand_of(r, c);
	if (c->sets_price)
		rc = catalog_override(r->app->db, &hand, c->price);
	if (rc >= 0 && c->hidden != -1)
		rc = catalog_hide(r->app->db, &hand, c->hidden);
	return rc < 0 ? fail_db(r, rc) : answer(r, c);
}

enum problem
admin_stop_prepare(struct request *r)
{
	struct change *c = new_change(r);

	if (c == NULL)
		return fail(r, TOO_LARGE);
	field_int(r, r->body, "product_id", FIELD_REQUIRED, 1, ID_MAX, &c->product_id);
	field_int(r, r->body, "branch_id", FIELD_OPTIONAL, 1, ID_MAX, &c->branch_id);
	field_text(r, r->body, "reason", FIELD_OPTIONAL, 1, REASON_POINTS, &c->reason);
	field_until(r, &c->until);
	return fields_end(r);
}

/* Until when; branches open at times of their own, so "until it opens" is for one. */
static enum problem
stop_end(struct request *r, const struct change *c, int64_t *until)
{
	struct branch b;
	int rc;

	*until = c->until.at != DB_NULL ? c->until.at : CATALOG_STOP_FOR_GOOD;
	if (!c->until.is_open)
		return OK;
	if (c->branch_id == 0) {
		field_rule(r, "branch_id", RULE_REQUIRED);
		return fields_end(r);
	}
	if ((rc = branch_find(r->app->db, r->arena, c->branch_id, clock_now(), &b)) != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	return until_moment(r, &c->until, &b, until);
}

enum problem
admin_stop_apply(struct request *r)
{
	struct change *c = r->work;
	struct catalog_hand hand;
	int64_t until;
	enum problem p = staff_choose_branch(r, &c->branch_id);
	int rc;

	if (p != OK || (p = stop_end(r, c, &until)) != OK)
		return p;
	hand = hand_of(r, c);
	rc = catalog_stop(r->app->db, &hand, until, c->reason);
	return rc < 0 ? fail_db(r, rc) : answer(r, c);
}

enum problem
admin_unstop_prepare(struct request *r)
{
	struct change *c = new_change(r);

	if (c == NULL)
		return fail(r, TOO_LARGE);
	c->branch_id = query_int(r, "branch_id", 1, ID_MAX, 0);
	return fields_end(r);
}

enum problem
admin_unstop_apply(struct request *r)
{
	struct change *c = r->work;
	struct catalog_hand hand;
	enum problem p = staff_choose_branch(r, &c->branch_id);
	int rc;

	if (p != OK)
		return p;
	hand = hand_of(r, c);
	rc = catalog_stop(r->app->db, &hand, DB_NULL, NULL);
	return rc < 0 ? fail_db(r, rc) : answer(r, c);
}

/* ---- GET /admin/stop */

enum problem
admin_stop_list_prepare(struct request *r)
{
	return read_query(r) == NULL ? fail(r, TOO_LARGE) : fields_end(r);
}

enum problem
admin_stop_list_apply(struct request *r)
{
	struct wanted *w = r->work;
	enum problem p = settle_query(r, &w->query);
	int64_t total = 0;
	int rc;

	if (p != OK)
		return p;
	json_open(r->out, NULL, '{');
	json_open(r->out, "stopped", '[');
	if ((rc = manage_stopped(r->app->db, &w->query, r->out, &total)) != 0)
		return fail_db(r, rc);
	json_close(r->out, ']');
	json_put_int(r->out, "total", total);
	json_close(r->out, '}');
	return OK;
}
