/*
 * catalog.c - GET /products, /products/{id}, /categories (G11, G12, G15–G18)
 *
 * Only our own tables are read: the till may be down (G17). Whoever has the
 * answer already is told so before a dish is looked at; the number of
 * statements does not depend on the number of dishes (G83).
 */
#include "app/etag.h"
#include "app/field.h"
#include "app/handlers.h"
#include "lib/base/clock.h"
#include "lib/shop/branch.h"
#include "lib/shop/catalog_read.h"

enum { SEARCH_MAX = 100, CATEGORY_MAX = 200 };	/* code points */

#define ID_MAX ((INT64_C(1) << 53) - 1)

/* As enum catalog_sort. */
#define SORTS "name|price|-price|newest"

struct wanted {
	struct catalog_query query;
	const char *category;
	const char *list;		/* what its cursors are bound to */
	struct cursor after;
};

/* The list as it was asked for: a cursor goes on in this one alone. */
static void
take_cursor(struct request *r, struct wanted *w)
{
	const struct catalog_query *q = &w->query;
	const char *text = query_text(r, "cursor", CURSOR_TEXT);

	w->list = arena_printf(r->arena, "products %lld %d %d %s\n%s",
	    (long long)q->view.branch_id, (int)q->sort, q->only_available,
	    w->category != NULL ? w->category : "", q->search != NULL ? q->search : "");
	if (text == NULL || w->list == NULL)
		return;
	if (cursor_read(&w->after, w->list, text) == 0)
		w->query.after = &w->after;
	else
		field_rule(r, "cursor", RULE_CURSOR);
}

enum problem
products_list_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);
	struct page page;
	int sort;

	if (w == NULL)
		return fail(r, INTERNAL);
	query_page(r, &page);
	w->query.view.branch_id = query_int(r, "branch_id", 1, ID_MAX, 0);
	w->query.search = query_text(r, "search", SEARCH_MAX);
	w->query.only_available = query_choice(r, "available", "true|false") == 0;
	sort = query_choice(r, "sort", SORTS);
	w->query.sort = sort < 0 ? CATALOG_BY_NAME : (enum catalog_sort)sort;
	w->query.offset = page.offset;
	w->query.limit = page.limit;
	w->category = query_text(r, "category", CATEGORY_MAX);
	take_cursor(r, w);
	if (w->list == NULL)
		return fail(r, INTERNAL);
	r->work = w;
	return fields_end(r);
}

/* 304 when the client has what stands in the catalogue now: r->status says it. */
static enum problem
compare_version(struct request *r, char etag[CATALOG_ETAG])
{
	int rc = catalog_etag(r->app->db, etag);

	if (rc != 0)
		return fail_db(r, rc);
	etag_is_known(r, etag);
	return OK;
}

/* The view's other members; a branch that is not there is 404. */
static enum problem
open_view(struct request *r, struct catalog_view *v)
{
	int rc;

	v->now = clock_now();
	if (v->branch_id == 0)
		return OK;
	rc = branch_key(r->app->db, r->arena, v->branch_id, &v->pos_branch_id);
	if (rc == 0)
		return fail(r, NOT_FOUND);
	return rc == 1 ? OK : fail_db(r, rc);
}

/* A category that nobody has is a list of nothing, not an error. */
static enum problem
find_category(struct request *r, struct wanted *w)
{
	int rc = w->category == NULL ? 0 :
	    catalog_category(r->app->db, r->arena, w->category, &w->query);

	return rc < 0 ? fail_db(r, rc) : OK;
}

enum problem
products_list_apply(struct request *r)
{
	struct wanted *w = r->work;
	struct catalog_page page;
	char etag[CATALOG_ETAG], next[CURSOR_TEXT];
	enum problem p = compare_version(r, etag);
	int rc;

	if (p != OK || r->status == 304)
		return p;
	if ((p = open_view(r, &w->query.view)) != OK || (p = find_category(r, w)) != OK)
		return p;
	w->query.etag = etag;
	json_open(r->out, NULL, '{');
	json_open(r->out, "products", '[');
	if ((rc = catalog_list(r->app->db, &w->query, r->out, &page)) != 0)
		return fail_db(r, rc);
	json_close(r->out, ']');
	json_put_int(r->out, "total", page.total);
	json_put_bool(r->out, "total_capped", page.is_capped);
	if (page.has_next)
		cursor_write(&page.next, w->list, next);
	json_put_text(r->out, "next_cursor", page.has_next ? next : NULL);
	json_close(r->out, '}');
	return OK;
}

/* What GET /products/{id} and GET /categories are told: through whose eyes. */
enum problem
catalog_view_prepare(struct request *r)
{
	struct catalog_view *v = arena_get(r->arena, sizeof *v);

	if (v == NULL)
		return fail(r, INTERNAL);
	v->branch_id = query_int(r, "branch_id", 1, ID_MAX, 0);
	r->work = v;
	return fields_end(r);
}

enum problem
product_show_apply(struct request *r)
{
	struct catalog_view *v = r->work;
	char etag[CATALOG_ETAG];
	enum problem p = compare_version(r, etag);
	int rc;

	if (p != OK || r->status == 304 || (p = open_view(r, v)) != OK)
		return p;
	json_open(r->out, NULL, '{');
	if ((rc = catalog_show(r->app->db, v, r->param[0], r->out, "product")) != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	json_close(r->out, '}');
	return OK;
}

/* All of them at once: a shop has tens. */
enum problem
categories_list_apply(struct request *r)
{
	struct catalog_view *v = r->work;
	char etag[CATALOG_ETAG];
	enum problem p = compare_version(r, etag);
	int count;

	if (p != OK || r->status == 304 || (p = open_view(r, v)) != OK)
		return p;
	json_open(r->out, NULL, '{');
	json_open(r->out, "categories", '[');
	if ((count = catalog_categories(r->app->db, v->branch_id, r->out)) < 0)
		return fail_db(r, count);
	json_close(r->out, ']');
	json_put_int(r->out, "total", count);
	json_close(r->out, '}');
	return OK;
}
