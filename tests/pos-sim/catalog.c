/*
 * catalog.c - what the till tells about branches and dishes
 *
 * GET /api/pos/branches      all of them
 * GET /api/pos/products      ?page&limit (≤ 500); with ?updated_since only
 *                            what changed since then, removed ones included
 * GET /img/ID.svg            a drawn picture of a dish, for everybody
 *
 * Rows keep their places while others change, so a change between two pages
 * repeats a row rather than losing one.
 * A branch that is missing in a product's branches[] does not sell it.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "tests/pos-sim/web.h"

enum { PAGE_MOST = 500, WRONG_ROWS = 3 };

enum { BRANCHES, COUNT, PAGE, COUNT_SINCE, PAGE_SINCE, SOLD, PICTURE, STATEMENTS };

#define COLUMNS "SELECT seq, id, name, description, category, picture, price, deleted," \
	" updated_ms FROM product "

static struct query sql[STATEMENTS] = {
	[BRANCHES] = { "SELECT id, name, address, latitude, longitude, phone, hours"
	    " FROM branch ORDER BY seq", NULL },
	[COUNT] = { "SELECT count(*) FROM product WHERE deleted = 0", NULL },
	[PAGE] = { COLUMNS "WHERE deleted = 0 ORDER BY seq LIMIT ?1 OFFSET ?2", NULL },
	[COUNT_SINCE] = { "SELECT count(*) FROM product WHERE updated_ms >= ?1", NULL },
	[PAGE_SINCE] = { COLUMNS "WHERE updated_ms >= ?3 ORDER BY seq"
	    " LIMIT ?1 OFFSET ?2", NULL },
	[SOLD] = { "SELECT b.id, pb.price, pb.stock FROM product_branch AS pb"
	    " JOIN branch AS b ON b.seq = pb.branch WHERE pb.product = ?1 ORDER BY pb.branch", NULL },
	[PICTURE] = { "SELECT name, category FROM product WHERE id = ?1 AND picture = 1", NULL },
};

static int
is_first(const struct request *r, enum shape fault, int nth)
{
	return (r->shape & fault) != 0 && nth == 0;
}

void
branches_list(struct request *r)
{
	struct query *q = &sql[BRANCHES];
	struct buf *b = &r->answer->body;

	json_open(b, NULL, '{');
	json_open(b, "branches", '[');
	store_query(r->store, q, "");
	for (int i = 0; store_row(r->store, q); i++) {
		if ((r->shape & SHAPE_HALF) && i % 2 != 0)
			continue;
		json_open(b, NULL, '{');
		json_put_text(b, "id", store_text(q, 0));
		json_put_text(b, "name", is_first(r, SHAPE_NO_NAME, i) ? NULL : store_text(q, 1));
		json_put_text(b, "address", store_text(q, 2));
		if (is_first(r, SHAPE_BAD_ROW, i))
			json_put_text(b, "latitude", "північ");
		else
			json_put_real(b, "latitude", store_real(q, 3), 6);
		json_put_real(b, "longitude", store_real(q, 4), 6);
		json_put_text(b, "phone", store_text(q, 5));
		json_put_raw(b, "operating_hours", store_text(q, 6));
		json_close(b, '}');
	}
	json_close(b, ']');
	json_close(b, '}');
}

static void
put_branches(struct request *r, int64_t product)
{
	struct query *q = &sql[SOLD];
	struct buf *b = &r->answer->body;

	json_open(b, "branches", '[');
	store_query(r->store, q, "i", product);
	while (store_row(r->store, q)) {
		json_open(b, NULL, '{');
		json_put_text(b, "branch_id", store_text(q, 0));
		json_put_money(b, "price", store_int(q, 1));
		json_put_int(b, "stock_quantity", store_int(q, 2));
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void
put_picture(struct request *r, int drawn, const char *id)
{
	struct buf *b = &r->answer->body;
	const char *url;

	url = drawn && r->host != NULL ?
	    arena_printf(r->arena, "https://%s/img/%s.svg", r->host, id) : NULL;
	json_put_text(b, "image_url", url);
}

static void
put_product(struct request *r, const struct query *q, int nth)
{
	struct buf *b = &r->answer->body;
	int deleted = store_int(q, 7) != 0;

	json_open(b, NULL, '{');
	json_put_text(b, "pos_product_id", store_text(q, 1));
	json_put_text(b, "name", is_first(r, SHAPE_NO_NAME, nth) ? NULL : store_text(q, 2));
	json_put_text(b, "description", store_text(q, 3));
	json_put_text(b, "category", store_text(q, 4));
	put_picture(r, store_int(q, 5) != 0, store_text(q, 1));
	if (is_first(r, SHAPE_BAD_ROW, nth))
		json_put_text(b, "price", "дорого");
	else
		json_put_money(b, "price", store_int(q, 6));
	json_put_bool(b, "active", !deleted);
	json_put_bool(b, "deleted", deleted);
	json_put_time(b, "updated_at", store_int(q, 8) / 1000);
	put_branches(r, store_int(q, 0));
	json_close(b, '}');
}

/* The first rows of a page, each wrong in its own way. */
static void
put_wrong_product(struct request *r, const struct query *q, int which)
{
	struct buf *b = &r->answer->body;

	json_open(b, NULL, '{');
	if (which == 0)
		json_put_null(b, "pos_product_id");
	else
		json_put_text(b, "pos_product_id", store_text(q, 1));
	if (which == 1)
		json_put_int(b, "name", 42);
	else
		json_put_text(b, "name", store_text(q, 2));
	json_put_text(b, "price", which == 2 ? "дорого" : "1.00");
	json_put_text(b, "branches", "усі");
	json_close(b, '}');
}

static void
put_rows(struct request *r, struct query *q)
{
	for (int i = 0; store_row(r->store, q); i++) {
		if ((r->shape & SHAPE_WRONG_TYPES) && i < WRONG_ROWS)
			put_wrong_product(r, q, i);
		else
			put_product(r, q, i);
		if (r->shape & SHAPE_DUPLICATES)
			put_product(r, q, i);
	}
}

void
products_list(struct request *r)
{
	struct buf *b = &r->answer->body;
	int64_t since = api_since(r), page, limit, offset, total, rows;
	struct query *count = &sql[since > 0 ? COUNT_SINCE : COUNT];
	struct query *list = &sql[since > 0 ? PAGE_SINCE : PAGE];

	if (since < 0 || api_paging(r, PAGE_MOST, &page, &limit) != 0)
		return;
	store_find(r->store, count, since > 0 ? "i" : "", since);
	total = store_int(count, 0);
	store_done(count);
	if (r->shape & (SHAPE_HALF | SHAPE_EMPTY))
		total = r->shape & SHAPE_HALF ? total / 2 : 0;
	offset = r->shape & SHAPE_REPEAT ? 0 : (page - 1) * limit;
	rows = total - offset < limit ? total - offset : limit;
	json_open(b, NULL, '{');
	json_open(b, "products", '[');
	if (rows > 0) {
		store_query(r->store, list, since > 0 ? "iii" : "ii", rows, offset, since);
		put_rows(r, list);
	}
	json_close(b, ']');
	json_put_int(b, "page", page);
	json_put_int(b, "limit", limit);
	json_put_int(b, "total", total);
	json_close(b, '}');
}

/* A colour of its own for each category, and the dish's first letter. */
void
product_picture(struct request *r)
{
	struct query *q = &sql[PICTURE];
	struct answer *a = r->answer;
	const char *name, *c;
	unsigned hue = 0;

	r->id[strcspn(r->id, ".")] = '\0';
	if (!store_find(r->store, q, "s", r->id)) {
		api_fail(r, 404, "not_found", NULL, "no picture of %s", r->id);
		return;
	}
	name = store_text(q, 0);
	for (c = store_text(q, 1); *c != '\0'; c++)
		hue = (hue * 31 + (unsigned char)*c) % 360;
	a->type = "image/svg+xml";
	buf_printf(&a->body, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 300\">"
	    "<rect width=\"400\" height=\"300\" fill=\"hsl(%u,45%%,85%%)\"/>"
	    "<circle cx=\"200\" cy=\"150\" r=\"110\" fill=\"hsl(%u,30%%,97%%)\"/>"
	    "<text x=\"200\" y=\"195\" font-size=\"130\" font-family=\"serif\""
	    " text-anchor=\"middle\" fill=\"hsl(%u,45%%,35%%)\">%.*s</text></svg>\n", hue, hue, hue,
	    (int)utf8_prefix(name, strlen(name), 1), name);
	store_done(q);
}
