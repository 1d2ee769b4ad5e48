/*
 * catalog_list.c - all dishes, of a category or not, in one of four orders
 *
 * A list has a place to start from: the beginning, the row behind which to go
 * on, or the last one of the pages before, which is looked up in the index
 * alone. Then it is the same statement for all three. Each order has an index
 * that begins with is_available: what can be had is one stretch of it, all
 * dishes are two, which the engine merges as it goes.
 */
#include <string.h>

#include "lib/shop/catalog_row.h"

/*
 * ?1 ?2 the place to start behind, ?3 limit, ?4 category, ?5 branch, ?6 now.
 * a: is_available, c: AND the category.
 */
#define ROWS(key, a, c, behind) \
	CATALOG_COLUMNS ", " key " FROM product p" CATALOG_CATEGORY \
	" WHERE p.is_active = 1 AND p.is_available = " a c " AND " behind
#define ROWS_WITH(key, a, c, behind) \
	CATALOG_COLUMNS_WITH("?6") ", " key " FROM product_branch pb" \
	" CROSS JOIN product p ON p.id = pb.product_id" CATALOG_CATEGORY \
	" WHERE pb.branch_id = ?5 AND pb.is_active = 1 AND pb.is_available = " a c " AND " behind

#define BY_NAME(a, c) ROWS("p.sort_key", a, c, "(p.sort_key, p.id) > (?1, ?2)")
#define BY_NAME_WITH(a, c) \
	ROWS_WITH("pb.sort_key", a, c, "(pb.sort_key, pb.product_id) > (?1, ?2)")
#define BY_PRICE(a, c) ROWS("p.min_price", a, c, "(p.min_price, p.id) > (?1, ?2)")
#define BY_PRICE_WITH(a, c) \
	ROWS_WITH("pb.current_price", a, c, "(pb.current_price, pb.product_id) > (?1, ?2)")
#define BY_PRICE_DOWN(a, c) ROWS("p.min_price", a, c, "(p.min_price, p.id) < (?1, ?2)")
#define BY_PRICE_DOWN_WITH(a, c) \
	ROWS_WITH("pb.current_price", a, c, "(pb.current_price, pb.product_id) < (?1, ?2)")
#define NEWEST(a, c) ROWS("p.id", a, c, "p.id < ?2")
#define NEWEST_WITH(a, c) ROWS_WITH("pb.product_id", a, c, "pb.product_id < ?2")

/* The place of row ?1 of a list, counted from 0. ?2 category, ?3 branch. */
#define SEEK(key, a, c) \
	"SELECT p." key ", p.id FROM product p WHERE p.is_active = 1 AND p.is_available = " a c
#define SEEK_WITH(key, a, c) \
	"SELECT pb." key ", pb.product_id FROM product_branch pb WHERE pb.branch_id = ?3" \
	" AND pb.is_active = 1 AND pb.is_available = " a c
#define SEEK_NAME(a, c) SEEK("sort_key", a, c)
#define SEEK_NAME_WITH(a, c) SEEK_WITH("sort_key", a, c)
#define SEEK_PRICE(a, c) SEEK("min_price", a, c)
#define SEEK_PRICE_WITH(a, c) SEEK_WITH("current_price", a, c)
#define SEEK_ID(a, c) SEEK("id", a, c)
#define SEEK_ID_WITH(a, c) SEEK_WITH("product_id", a, c)

#define BOTH(rows, c, end) rows("0", c) " UNION ALL " rows("1", c) end
#define CAN(rows, c, end) rows("1", c) end

/* The eight lists of an order: with a category or not, for a branch or not, and
 * of what can be had or of all. place() tells which is which. */
#define EIGHT(at, rows, rows_with, n, end) \
	[at] = { .sql = BOTH(rows, "", end) }, \
	[(at) + 1] = { .sql = BOTH(rows_with, "", end) }, \
	[(at) + 2] = { .sql = BOTH(rows, " AND p.category_id = ?" n, end) }, \
	[(at) + 3] = { .sql = BOTH(rows_with, " AND pb.category_id = ?" n, end) }, \
	[(at) + 4] = { .sql = CAN(rows, "", end) }, \
	[(at) + 5] = { .sql = CAN(rows_with, "", end) }, \
	[(at) + 6] = { .sql = CAN(rows, " AND p.category_id = ?" n, end) }, \
	[(at) + 7] = { .sql = CAN(rows_with, " AND pb.category_id = ?" n, end) }
#define LISTS(order, rows, end) \
	EIGHT(LIST + 8 * (order), rows, rows ## _WITH, "4", " ORDER BY " end " LIMIT ?3")
#define SEEKS(order, rows, end) \
	EIGHT(FIND + 8 * (order), rows, rows ## _WITH, "2", " ORDER BY " end " LIMIT 1 OFFSET ?1")

enum { LIST, FIND = 8 * CATALOG_SORTS, TOTAL = 2 * FIND, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	LISTS(CATALOG_BY_NAME, BY_NAME, "11, 1"),
	LISTS(CATALOG_BY_PRICE, BY_PRICE, "11, 1"),
	LISTS(CATALOG_BY_PRICE_DOWN, BY_PRICE_DOWN, "11 DESC, 1 DESC"),
	LISTS(CATALOG_NEWEST, NEWEST, "1 DESC"),
	SEEKS(CATALOG_BY_NAME, SEEK_NAME, "1, 2"),
	SEEKS(CATALOG_BY_PRICE, SEEK_PRICE, "1, 2"),
	SEEKS(CATALOG_BY_PRICE_DOWN, SEEK_PRICE, "1 DESC, 2 DESC"),
	SEEKS(CATALOG_NEWEST, SEEK_ID, "2 DESC"),
	[TOTAL] = { .sql =
	    "SELECT products, available FROM catalog_count WHERE branch_id = ?1 AND category_id = ?2" },
};
DB_STATEMENTS(sql);

/* Values by place: a statement takes as many as its highest number. */
static const char *const name_types[] = { "bii", "biiiii", "biii", "biiiii" };
static const char *const number_types[] = { "iii", "iiiiii", "iiii", "iiiiii" };
static const char *const find_types[] = { "i", "iii", "ii", "iii" };

/* Which of an order's eight. */
static int
place(const struct catalog_query *q)
{
	return (q->only_available ? 4 : 0) + (q->category_id != 0 ? 2 : 0) +
	    (q->view.branch_id != 0);
}

/* A row's place, as it stands in two columns. */
static void
take_place(const struct catalog_query *q, struct stmt *s, int key, int id, struct cursor *at)
{
	const void *bytes;
	size_t len;

	*at = (struct cursor){ .id = db_int(s, id) };
	if (q->sort != CATALOG_BY_NAME) {
		at->number = db_int(s, key);
		return;
	}
	bytes = db_blob(s, key, &len);
	at->len = len < CURSOR_KEY ? len : CURSOR_KEY;
	if (at->len > 0)
		memcpy(at->key, bytes, at->len);
}

/* 1 and where to go on from, 0 there are not so many rows, else a db_status. */
static int
find_place(struct db *db, const struct catalog_query *q, struct cursor *at)
{
	struct stmt *s = &sql[FIND + 8 * (int)q->sort + place(q)];
	int rc;

	if (q->after != NULL) {
		*at = *q->after;
		return 1;
	}
	*at = q->sort == CATALOG_BY_NAME || q->sort == CATALOG_BY_PRICE ?
	    (struct cursor){ .number = -1 } :
	    (struct cursor){ .number = INT64_MAX, .id = INT64_MAX };
	if (q->offset == 0)
		return 1;
	rc = db_find(db, s, find_types[place(q) & 3], q->offset - 1, q->category_id,
	    q->view.branch_id);
	if (rc == 1) {
		take_place(q, s, 0, 1, at);
		db_done(s);
	}
	return rc;
}

/* One more than asked for tells whether there is a next page. */
static int
open_list(struct db *db, const struct catalog_query *q, struct stmt *s, const struct cursor *at)
{
	int which = place(q) & 3;

	if (q->sort == CATALOG_BY_NAME)
		return db_query(db, s, name_types[which], at->key, at->len, at->id, q->limit + 1,
		    q->category_id, q->view.branch_id, q->view.now);
	return db_query(db, s, number_types[which], at->number, at->id, q->limit + 1,
	    q->category_id, q->view.branch_id, q->view.now);
}

static int
put_list(struct db *db, const struct catalog_query *q, const struct cursor *at, struct buf *out,
    struct catalog_page *page)
{
	struct stmt *s = &sql[LIST + 8 * (int)q->sort + place(q)];
	int64_t n = 0;
	int rc = open_list(db, q, s, at);

	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1 && n < q->limit) {
		catalog_put_row(out, NULL, s, &q->view);
		if (++n == q->limit)
			take_place(q, s, CATALOG_ROW, 0, &page->next);
	}
	if (rc == 1) {
		page->has_next = 1;
		db_done(s);
	}
	return rc < 0 ? rc : 0;
}

int
catalog_list_sorted(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	struct stmt *s = &sql[TOTAL];
	struct cursor at;
	int rc = db_find(db, s, "ii", q->view.branch_id, q->category_id);

	if (rc == 1) {
		page->total = db_int(s, q->only_available ? 1 : 0);
		db_done(s);
	}
	if (rc < 0 || (q->after == NULL && q->offset >= page->total))
		return rc < 0 ? rc : 0;
	if ((rc = find_place(db, q, &at)) == 1)
		rc = put_list(db, q, &at, out, page);
	return rc;
}
