/*
 * catalog_read.c - one dish, the categories, the ETag; see catalog_read.h
 *
 * Lists stand in catalog_list.c, searches in catalog_search.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/shop/catalog_row.h"
#include "lib/shop/picture.h"

/* SHOW is followed by its like for one branch. */
enum { SHOW, SHOW_WITH, CATEGORY_NAMED, CATEGORY, CATEGORIES, STATE, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[SHOW] = { .sql =
	    CATALOG_COLUMNS " FROM product p" CATALOG_CATEGORY
	    " WHERE p.id = ?1 AND p.is_active = 1" },
	[SHOW_WITH] = { .sql =
	    CATALOG_COLUMNS_WITH("?3") " FROM product p CROSS JOIN product_branch pb"
	    " ON pb.product_id = p.id AND pb.branch_id = ?2" CATALOG_CATEGORY
	    " WHERE p.id = ?1 AND pb.is_active = 1" },
	[CATEGORY_NAMED] = { .sql = "SELECT id, name FROM category WHERE name = ?1" },
	[CATEGORY] = { .sql = "SELECT id, name FROM category WHERE id = ?1" },
	/* CROSS: in the order of names, each looked up in the counters */
	[CATEGORIES] = { .sql =
	    "SELECT c.id, c.name, n.products, n.available FROM category c CROSS JOIN catalog_count n"
	    " ON n.branch_id = ?1 AND n.category_id = c.id WHERE n.products > 0"
	    " ORDER BY c.sort_key, c.id LIMIT ?2" },
	[STATE] = { .sql =
	    "SELECT m.value, s.version FROM meta m CROSS JOIN catalog_state s"
	    " WHERE m.key = 'epoch' AND s.id = 1" },
};
DB_STATEMENTS(sql);

void
catalog_put_row(struct buf *b, const char *key, struct stmt *s, const struct catalog_view *v)
{
	int64_t stock = db_int(s, 8);

	json_open(b, key, '{');
	json_put_int(b, "id", db_int(s, 0));
	json_put_text(b, "pos_product_id", db_text(s, 1));
	json_put_text(b, "pos_branch_id", v->pos_branch_id);
	json_put_text(b, "name", db_text(s, 2));
	json_put_text(b, "description", db_text(s, 3));
	json_put_text(b, "category", db_text(s, 4));
	picture_put(b, "image_url", db_int(s, 0), db_text(s, 5));
	json_put_money(b, "price", db_int(s, 6));
	json_put_money(b, "base_price", db_int(s, 7));
	json_put_int(b, "stock_quantity", stock);
	json_put_bool(b, "is_available", stock != 0);
	json_put_time(b, "updated_at", db_int(s, 9));
	json_close(b, '}');
}

int
catalog_list(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	*page = (struct catalog_page){ 0 };
	if (q->category_id == DB_NULL)
		return 0;
	return q->search != NULL ? catalog_list_found(db, q, out, page) :
	    catalog_list_sorted(db, q, out, page);
}

int
catalog_show(struct db *db, const struct catalog_view *v, int64_t product_id, struct buf *out,
    const char *key)
{
	struct stmt *s = &sql[v->branch_id != 0 ? SHOW_WITH : SHOW];
	int rc = db_find(db, s, v->branch_id != 0 ? "iii" : "i", product_id, v->branch_id, v->now);

	if (rc == 1) {
		catalog_put_row(out, key, s, v);
		db_done(s);
	}
	return rc;
}

static int
take_category(int rc, struct stmt *s, struct arena *a, struct catalog_query *q)
{
	if (rc != 1)
		return rc;
	q->category_id = db_int(s, 0);
	q->category = arena_str(a, db_text(s, 1));
	db_done(s);
	return q->category != NULL ? 1 : DB_ERROR;
}

int
catalog_category(struct db *db, struct arena *a, const char *text, struct catalog_query *q)
{
	struct stmt *s = &sql[CATEGORY_NAMED];
	int rc = take_category(db_find(db, s, "s", text), s, a, q);
	size_t digits = strspn(text, "0123456789");

	if (rc == 0 && digits > 0 && digits <= 15 && text[digits] == '\0')
		rc = take_category(db_find(db, &sql[CATEGORY], "i", (int64_t)strtoll(text, NULL, 10)),
		    &sql[CATEGORY], a, q);
	if (rc == 0)
		q->category_id = DB_NULL;
	return rc;
}

int
catalog_categories(struct db *db, int64_t branch_id, struct buf *out)
{
	struct stmt *s = &sql[CATEGORIES];
	int rc = db_query(db, s, "ii", branch_id, (int64_t)CATALOG_CATEGORIES), n = 0;

	if (rc != 0)
		return rc;
	for (; (rc = db_row(db, s)) == 1; n++) {
		json_open(out, NULL, '{');
		json_put_int(out, "id", db_int(s, 0));
		json_put_text(out, "name", db_text(s, 1));
		json_put_int(out, "count", db_int(s, 2));
		json_put_int(out, "available_count", db_int(s, 3));
		json_close(out, '}');
	}
	return rc < 0 ? rc : n;
}

int
catalog_etag(struct db *db, char out[CATALOG_ETAG])
{
	struct stmt *s = &sql[STATE];
	int rc = db_find(db, s, "");

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	/* Weak: what can still be ordered may lag. The epoch, because a restored
	 * database counts its versions again. */
	snprintf(out, CATALOG_ETAG, "W/\"%.20s-%lld\"", db_text(s, 0), (long long)db_int(s, 1));
	db_done(s);
	return 0;
}
