/*
 * catalog_manage.c - dishes for staff; see catalog_manage.h
 *
 * First the ids of a page are found, by an index or by search; then one
 * statement reads these dishes with their branches, whatever their number.
 */
#include <string.h>

#include "lib/shop/catalog_hand.h"
#include "lib/shop/catalog_manage.h"
#include "lib/shop/picture.h"
#include "lib/shop/search.h"
#include "lib/shop/staff.h"

enum {
	VISIT_MAX = 20000,		/* candidates of a search */
	IDS_TEXT = MANAGE_LIMIT * 24		/* the page's ids as JSON */
};

enum {
	LIST, LIST_CATEGORY, LIST_CHANGED, COUNT, COUNT_CATEGORY, COUNT_CHANGED,
	TRIGRAM, PREFIX, LAST_BRANCH, OFFERS, STOPPED, COUNT_STOPPED, STATEMENTS
};

/* ?1 ?2 the branches, from and to; ?3 whose; ?4 ?5 limit and offset; ?6 category */
#define STANDS(also) \
	"EXISTS (SELECT 1 FROM product_branch pb WHERE pb.product_id = p.id" also \
	" AND pb.branch_id BETWEEN ?1 AND ?2 AND " STAFF_SEES("pb.branch_id", "?3") ")"
#define STANDS_THERE STANDS("")
#define STANDS_CHANGED STANDS(" AND (?6 = 0 OR pb.override_price IS NOT NULL OR pb.is_hidden = 1)")
#define ALL " FROM product p WHERE p.sort_key >= x'' AND " STANDS_THERE
#define OF_CATEGORY " FROM product p WHERE p.category_id = ?6 AND " STANDS_THERE
#define CHANGED \
	" FROM product_branch pb CROSS JOIN product p ON p.id = pb.product_id" \
	" WHERE (pb.override_price IS NOT NULL OR pb.is_hidden = 1) AND pb.product_id > 0" \
	" AND pb.branch_id BETWEEN ?1 AND ?2 AND (?6 = 0 OR p.category_id = ?6)" \
	" AND " STAFF_SEES("pb.branch_id", "?3") " GROUP BY pb.product_id"
#define BY_NAME " ORDER BY p.sort_key, p.id LIMIT ?4 OFFSET ?5"
#define COUNTED(from) "SELECT count(*) FROM (SELECT 1" from " LIMIT ?4 OFFSET ?5)"
#define CANDIDATES(index) \
	"SELECT f.rowid, p.search_text, p.category_id FROM " index " f" \
	" CROSS JOIN product p ON p.id = f.rowid" \
	" WHERE f." index " MATCH ?4 AND " STANDS_CHANGED " ORDER BY f.rowid LIMIT ?5"
#define STOPPED_ROWS \
	" FROM product_branch pb WHERE pb.stopped_until > ?4 AND pb.branch_id BETWEEN ?1 AND ?2" \
	" AND " STAFF_SEES("pb.branch_id", "?3")

static struct stmt sql[STATEMENTS] = {
	[LIST] = { .sql = "SELECT p.id" ALL BY_NAME },
	[LIST_CATEGORY] = { .sql = "SELECT p.id" OF_CATEGORY BY_NAME },
	[LIST_CHANGED] = { .sql =
	    "SELECT pb.product_id" CHANGED " ORDER BY pb.product_id LIMIT ?4 OFFSET ?5" },
	[COUNT] = { .sql = COUNTED(ALL) },
	[COUNT_CATEGORY] = { .sql = COUNTED(OF_CATEGORY) },
	[COUNT_CHANGED] = { .sql = COUNTED(CHANGED) },
	[TRIGRAM] = { .sql = CANDIDATES("product_trigram") },
	[PREFIX] = { .sql = CANDIDATES("product_word") },
	[LAST_BRANCH] = { .sql =
	    "SELECT max(id), count(*) FROM (SELECT b.id FROM branch b WHERE "
	    STAFF_SEES("b.id", "?1") " ORDER BY b.id LIMIT ?2)" },
	/* CROSS JOIN: dish by dish in the order of the ids, branches by id */
	[OFFERS] = { .sql =
	    "SELECT p.id, p.pos_product_id, p.name, c.name, p.image_url, pb.branch_id, b.name,"
	    " pb.base_price, pb.override_price, pb.current_price, pb.stock_quantity,"
	    " pb.reserved_quantity, pb.in_feed, pb.is_hidden, pb.is_active, pb.stopped_until,"
	    " pb.stop_reason, pb.pos_last_synced_at, b.is_active"
	    " FROM json_each(?4) CROSS JOIN product p ON p.id = json_each.value"
	    " LEFT JOIN category c ON c.id = p.category_id"
	    " CROSS JOIN product_branch pb ON pb.product_id = p.id"
	    " CROSS JOIN branch b ON b.id = pb.branch_id"
	    " WHERE pb.branch_id BETWEEN ?1 AND ?2 AND " STAFF_SEES("pb.branch_id", "?3") },
	[STOPPED] = { .sql =
	    "SELECT pb.product_id, (SELECT p.name FROM product p WHERE p.id = pb.product_id),"
	    " pb.branch_id, (SELECT b.name FROM branch b WHERE b.id = pb.branch_id),"
	    " pb.stopped_until, pb.stop_reason" STOPPED_ROWS
	    " ORDER BY pb.stopped_until, pb.id LIMIT ?5 OFFSET ?6" },
	[COUNT_STOPPED] = { .sql = "SELECT count(*)" STOPPED_ROWS },
};
DB_STATEMENTS(sql);

static int64_t
last_branch(const struct manage_query *q)
{
	return q->branch_id != 0 ? q->branch_id : INT64_MAX;
}

/* ---- a dish with its branches, from the rows of OFFERS */

/* Why nobody can order it there; an empty list when somebody can. */
static void
put_reasons(struct buf *b, struct stmt *s, int is_stopped, int64_t available)
{
	json_open(b, "not_for_sale_because", '[');
	if (!db_int(s, 18))
		json_put_text(b, NULL, "branch_gone");
	if (!db_int(s, 12))
		json_put_text(b, NULL, "not_in_feed");
	if (db_int(s, 13))
		json_put_text(b, NULL, "hidden");
	if (is_stopped)
		json_put_text(b, NULL, "stopped");
	if (available == 0)
		json_put_text(b, NULL, "sold_out");
	json_close(b, ']');
}

static void
put_money_or_null(struct buf *b, const char *key, int64_t kopecks)
{
	if (kopecks == DB_NULL)
		json_put_null(b, key);
	else
		json_put_money(b, key, kopecks);
}

static void
put_offer(struct buf *b, struct stmt *s, int64_t now)
{
	int64_t stock = db_int(s, 10), reserved = db_int(s, 11), until = db_int(s, 15);
	int64_t available = stock == DB_NULL ? DB_NULL : stock > reserved ? stock - reserved : 0;
	int is_stopped = until != DB_NULL && until > now;

	json_open(b, NULL, '{');
	json_put_int(b, "branch_id", db_int(s, 5));
	json_put_text(b, "branch_name", db_text(s, 6));
	json_put_money(b, "base_price", db_int(s, 7));
	put_money_or_null(b, "override_price", db_int(s, 8));
	json_put_money(b, "current_price", db_int(s, 9));
	json_put_int(b, "stock_quantity", stock);
	json_put_int(b, "reserved_quantity", reserved);
	json_put_int(b, "available_quantity", available);
	json_put_bool(b, "in_feed", db_int(s, 12) != 0);
	json_put_bool(b, "is_hidden", db_int(s, 13) != 0);
	json_put_bool(b, "is_stopped", is_stopped);
	json_put_time(b, "stopped_until",
	    is_stopped && until != CATALOG_STOP_FOR_GOOD ? until : DB_NULL);
	json_put_text(b, "stop_reason", is_stopped ? db_text(s, 16) : NULL);
	json_put_bool(b, "is_for_sale",
	    db_int(s, 14) && db_int(s, 18) && !is_stopped && available != 0);
	put_reasons(b, s, is_stopped, available);
	json_put_time(b, "pos_last_synced_at", db_int(s, 17));
	json_close(b, '}');
}

static void
open_product(struct buf *b, const char *key, struct stmt *s)
{
	json_open(b, key, '{');
	json_put_int(b, "id", db_int(s, 0));
	json_put_text(b, "pos_product_id", db_text(s, 1));
	json_put_text(b, "name", db_text(s, 2));
	json_put_text(b, "category", db_text(s, 3));
	picture_put(b, "image_url", db_int(s, 0), db_text(s, 4));
	json_open(b, "offers", '[');
}

/* The dishes of a JSON list of ids. How many were put, or a db_status. */
static int
put_products(struct db *db, const struct manage_query *q, int64_t to, const char *ids,
    struct buf *out, const char *key)
{
	struct stmt *s = &sql[OFFERS];
	int64_t open = 0;
	int rc = db_query(db, s, "iiis", q->branch_id, to, q->staff_id, ids), n = 0;

	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1) {
		if (db_int(s, 0) != open) {
			if (open != 0) {
				json_close(out, ']');
				json_close(out, '}');
			}
			open = db_int(s, 0);
			open_product(out, key, s);
			n++;
		}
		put_offer(out, s, q->now);
	}
	if (open != 0) {
		json_close(out, ']');
		json_close(out, '}');
	}
	return rc < 0 ? rc : n;
}

/* ---- which dishes */

struct ids {
	struct buf *text;	/* "[1,2" */
	int64_t count;
};

static void
add_id(struct ids *ids, int64_t id)
{
	buf_char(ids->text, ids->count++ == 0 ? '[' : ',');
	buf_int(ids->text, id);
}

static int
find_listed(struct db *db, const struct manage_query *q, struct ids *ids, struct manage_page *page)
{
	int by = q->is_changed ? 2 : q->category_id != 0, rc;
	struct stmt *s = &sql[LIST + by];
	/* ?6 is not in every one of them */
	const char *types = by == 0 ? "iiiii" : "iiiiii";

	rc = db_query(db, s, types, q->branch_id, last_branch(q), q->staff_id, q->limit, q->offset,
	    q->category_id);
	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1)
		add_id(ids, db_int(s, 0));
	if (rc < 0)
		return rc;
	s = &sql[COUNT + by];
	rc = db_find(db, s, types, q->branch_id, last_branch(q), q->staff_id,
	    (int64_t)MANAGE_TOTAL + 1, (int64_t)0, q->category_id);
	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	page->total = db_int(s, 0);
	db_done(s);
	return 0;
}

static int
find_named(struct db *db, const struct manage_query *q, struct ids *ids, struct manage_page *page)
{
	struct search search;
	struct stmt *s;
	int rc;

	if (search_read(&search, q->search, q->category) == SEARCH_NOTHING)
		return 0;
	s = &sql[search.index == SEARCH_TRIGRAM ? TRIGRAM : PREFIX];
	rc = db_query(db, s, "iiisii", q->branch_id, last_branch(q), q->staff_id, search.match,
	    (int64_t)VISIT_MAX, (int64_t)q->is_changed);
	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1) {
		if (!search_fits(&search, db_text(s, 1)) ||
		    (q->category_id != 0 && db_int(s, 2) != q->category_id))
			continue;
		if (page->total >= q->offset && ids->count < q->limit)
			add_id(ids, db_int(s, 0));
		page->total++;
	}
	return rc;
}

/* The last branch that a page of so many dishes can show. */
static int
find_last_branch(struct db *db, const struct manage_query *q, int64_t *to,
    struct manage_page *page)
{
	int64_t most = MANAGE_OFFERS / (q->limit > 0 ? q->limit : 1);
	struct stmt *s = &sql[LAST_BRANCH];
	int rc;

	*to = last_branch(q);
	if (q->branch_id != 0)
		return 0;
	if ((rc = db_find(db, s, "ii", q->staff_id, most + 1)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	page->branches_left_out = db_int(s, 1) > most;
	db_done(s);
	if (!page->branches_left_out)
		return 0;
	if ((rc = db_find(db, s, "ii", q->staff_id, most)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	*to = db_int(s, 0);
	db_done(s);
	return 0;
}

int
manage_list(struct db *db, struct arena *a, const struct manage_query *q, struct buf *out,
    struct manage_page *page)
{
	struct buf text = BUF_INIT(IDS_TEXT);
	struct ids ids = { .text = &text };
	const char *list;
	int64_t to;
	int rc;

	*page = (struct manage_page){ 0 };
	if (q->category_id == DB_NULL || q->offset >= MANAGE_TOTAL)
		return 0;
	rc = q->search != NULL ? find_named(db, q, &ids, page) : find_listed(db, q, &ids, page);
	page->is_capped = page->total > MANAGE_TOTAL;
	if (page->is_capped)
		page->total = MANAGE_TOTAL;
	buf_char(&text, ']');
	list = text.failed || ids.count == 0 ? NULL : arena_dup(a, text.s, text.len);
	if (rc == 0 && ids.count > 0 && list == NULL)
		rc = DB_ERROR;
	buf_free(&text);
	if (rc != 0 || ids.count == 0)
		return rc;
	if ((rc = find_last_branch(db, q, &to, page)) != 0)
		return rc;
	rc = put_products(db, q, to, list, out, NULL);
	return rc < 0 ? rc : 0;
}

int
manage_show(struct db *db, const struct manage_query *q, int64_t product_id, struct buf *out,
    const char *key)
{
	struct buf text = BUF_INIT(IDS_TEXT);
	struct manage_page page;
	int64_t to;
	int rc = find_last_branch(db, q, &to, &page);

	buf_printf(&text, "[%lld]", (long long)product_id);
	if (rc == 0)
		rc = text.failed ? DB_ERROR : put_products(db, q, to, text.s, out, key);
	buf_free(&text);
	return rc;
}

int
manage_stopped(struct db *db, const struct manage_query *q, struct buf *out, int64_t *total)
{
	struct stmt *s = &sql[COUNT_STOPPED];
	int64_t until;
	int rc = db_find(db, s, "iiii", q->branch_id, last_branch(q), q->staff_id, q->now);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	*total = db_int(s, 0);
	db_done(s);
	s = &sql[STOPPED];
	rc = db_query(db, s, "iiiiii", q->branch_id, last_branch(q), q->staff_id, q->now, q->limit,
	    q->offset);
	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1) {
		until = db_int(s, 4);
		json_open(out, NULL, '{');
		json_put_int(out, "product_id", db_int(s, 0));
		json_put_text(out, "product_name", db_text(s, 1));
		json_put_int(out, "branch_id", db_int(s, 2));
		json_put_text(out, "branch_name", db_text(s, 3));
		json_put_time(out, "stopped_until", until != CATALOG_STOP_FOR_GOOD ? until : DB_NULL);
		json_put_text(out, "reason", db_text(s, 5));
		json_close(out, '}');
	}
	return rc;
}
