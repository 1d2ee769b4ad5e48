/*
 * catalog_sums.c - sums, counters and version of the catalogue
 *
 * Sums are always reckoned anew from the branch rows: none is carried along,
 * so none can drift. Columns that stand in indexes are written by statements
 * of their own, because the engine rewrites an index whenever a column of it
 * is named.
 */
#include <string.h>

#include "lib/shop/catalog.h"
#include "lib/shop/catalog_sums.h"

struct sums {
	int64_t is_active, min_price, base_price, best_stock, is_available, face;
};

enum {
	GET_SUMS, OFFERS_OF, SET_OFFER_AVAILABLE, SET_SUMS, SET_LOWEST, SET_AVAILABLE, SHOW_PRODUCT,
	COUNT_UP, COUNT_DOWN, ENDED_STOPS, END_STOP, BUMP, VERSION, STATEMENTS
};

static struct stmt sql[STATEMENTS] = {
	[GET_SUMS] = { .sql =
	    "SELECT is_active, min_price, base_price, best_stock, is_available, face, category_id"
	    " FROM product WHERE id = ?1" },
	[OFFERS_OF] = { .sql =
	    "SELECT branch_id, current_price, base_price, stock_quantity, reserved_quantity,"
	    " stopped_until, id, is_available, created_at FROM product_branch"
	    " WHERE product_id = ?1 AND is_active = 1 ORDER BY branch_id" },
	[SET_OFFER_AVAILABLE] = { .sql =
	    "UPDATE product_branch SET is_available = ?2 WHERE id = ?1" },
	[SET_SUMS] = { .sql =
	    "UPDATE product SET base_price = ?2, best_stock = ?3, face = ?4, updated_at = ?5"
	    " WHERE id = ?1" },
	[SET_LOWEST] = { .sql = "UPDATE product SET min_price = ?2 WHERE id = ?1" },
	[SET_AVAILABLE] = { .sql = "UPDATE product SET is_available = ?2 WHERE id = ?1" },
	[SHOW_PRODUCT] = { .sql = "UPDATE product SET is_active = ?2 WHERE id = ?1" },
	[COUNT_UP] = { .sql =
	    "INSERT INTO catalog_count (branch_id, category_id, products, available)"
	    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (branch_id, category_id)"
	    " DO UPDATE SET products = products + ?3, available = available + ?4" },
	[COUNT_DOWN] = { .sql =
	    "UPDATE catalog_count SET products = products + ?3, available = available + ?4"
	    " WHERE branch_id = ?1 AND category_id = ?2" },
	[ENDED_STOPS] = { .sql =
	    "SELECT id, product_id, branch_id FROM product_branch WHERE stopped_until <= ?1"
	    " LIMIT 1" },
	[END_STOP] = { .sql =
	    "UPDATE product_branch SET stopped_until = NULL, stop_reason = NULL WHERE id = ?1" },
	[BUMP] = { .sql = "UPDATE catalog_state SET version = version + 1 WHERE id = 1" },
	[VERSION] = { .sql = "SELECT version FROM catalog_state WHERE id = 1" },
};
DB_STATEMENTS(sql);

int
catalog_is_shown(const struct catalog_rules *rules, int64_t in_feed, int64_t is_hidden,
    int64_t stock)
{
	return in_feed && !is_hidden && !(rules->hide_zero_stock && stock == 0);
}

/* ---- counters */

static int
count(struct db *db, int64_t branch_id, int64_t category_id, struct catalog_tally t)
{
	return db_run(db, &sql[t.products < 0 || t.available < 0 ? COUNT_DOWN : COUNT_UP], "iiii",
	    branch_id, category_id, t.products, t.available);
}

int
catalog_count_dish(struct db *db, int64_t branch_id, int64_t category_id, struct catalog_tally t)
{
	int rc = count(db, branch_id, 0, t);

	return rc != 0 || category_id == DB_NULL ? rc : count(db, branch_id, category_id, t);
}

int
catalog_count_category(struct db *db, int64_t branch_id, int64_t from, int64_t to,
    int64_t is_available)
{
	int rc = 0;

	if (from != DB_NULL)
		rc = count(db, branch_id, from, (struct catalog_tally){ -1, -is_available });
	if (rc == 0 && to != DB_NULL)
		rc = count(db, branch_id, to, (struct catalog_tally){ 1, is_available });
	return rc;
}

/* ---- sums */

static uint64_t
mix(uint64_t h, int64_t n)
{
	h = (h ^ (uint64_t)n) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

/* What can still be ordered of the row that stands in OFFERS_OF; DB_NULL: not tracked. */
static int64_t
stock_left(struct stmt *s, int64_t now)
{
	int64_t stock = db_int(s, 3), reserved = db_int(s, 4), stopped = db_int(s, 5);

	if (stopped != DB_NULL && stopped > now)
		return 0;
	if (stock == DB_NULL)
		return DB_NULL;
	return stock > reserved ? stock - reserved : 0;
}

/* Add one active branch row, standing in OFFERS_OF, to the sums. */
static void
add_offer(struct sums *t, struct stmt *s, int64_t stock)
{
	int64_t price = db_int(s, 1), base = db_int(s, 2);
	uint64_t h = mix((uint64_t)t->face, db_int(s, 0));

	if (!t->is_active || price < t->min_price) {
		t->min_price = price;
		t->base_price = base;
	}
	if (!t->is_active || (t->best_stock != DB_NULL && (stock == DB_NULL || stock > t->best_stock)))
		t->best_stock = stock;
	t->is_active = 1;
	t->is_available |= stock != 0;
	t->face = (int64_t)mix(mix(mix(h, price), base), stock != 0);
}

/* What is taken in reckoning one dish. */
struct reckoning {
	struct db *db;
	int64_t product_id, category_id, now;
};

/* Whether the row that stands in OFFERS_OF can be had. The walk does not notice
 * the write: its index does not hold the column. A row of this moment is no
 * news of stock: a first sync tells nothing. */
static int
keep_available(const struct reckoning *r, struct stmt *s, int64_t is_available)
{
	int64_t branch_id = db_int(s, 0), created_at = db_int(s, 8);
	int rc;

	if (db_int(s, 7) == is_available)
		return 0;
	rc = db_run(r->db, &sql[SET_OFFER_AVAILABLE], "ii", db_int(s, 6), is_available);
	if (rc == 0)
		rc = catalog_count_dish(r->db, branch_id, r->category_id,
		    (struct catalog_tally){ 0, is_available ? 1 : -1 });
	if (rc != 0 || created_at == r->now)
		return rc;
	return catalog_tell_stock(r->db, r->product_id, branch_id, is_available);
}

static int
reckon(const struct reckoning *r, struct sums *t)
{
	struct stmt *s = &sql[OFFERS_OF];
	int64_t stock;
	int rc = db_query(r->db, s, "i", r->product_id);

	*t = (struct sums){ 0 };
	if (rc != 0)
		return rc;
	while ((rc = db_row(r->db, s)) == 1) {
		stock = stock_left(s, r->now);
		add_offer(t, s, stock);
		if ((rc = keep_available(r, s, stock != 0)) != 0) {
			db_done(s);
			return rc;
		}
	}
	return rc;
}

static int
write_sums(struct db *db, int64_t product_id, int64_t category_id, const struct sums *old,
    const struct sums *t)
{
	int rc = 0;

	if (old->min_price != t->min_price)
		rc = db_run(db, &sql[SET_LOWEST], "ii", product_id, t->min_price);
	if (rc == 0 && old->is_available != t->is_available)
		rc = db_run(db, &sql[SET_AVAILABLE], "ii", product_id, t->is_available);
	if (rc == 0 && old->is_active != t->is_active)
		rc = db_run(db, &sql[SHOW_PRODUCT], "ii", product_id, t->is_active);
	if (rc != 0 || (old->is_active == t->is_active && old->is_available == t->is_available))
		return rc;
	return catalog_count_dish(db, 0, category_id, (struct catalog_tally){
	    t->is_active - old->is_active, t->is_available - old->is_available });
}

int
catalog_refresh(struct db *db, int64_t product_id, int64_t now)
{
	struct stmt *s = &sql[GET_SUMS];
	struct reckoning r = { db, product_id, DB_NULL, now };
	struct sums old, t;
	int rc = db_find(db, s, "i", product_id);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	old = (struct sums){ db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3), db_int(s, 4),
		db_int(s, 5) };
	r.category_id = db_int(s, 6);
	db_done(s);
	if ((rc = reckon(&r, &t)) != 0)
		return rc;
	if (memcmp(&old, &t, sizeof t) == 0)
		return 0;
	rc = db_run(db, &sql[SET_SUMS], "iiiii", product_id, t.base_price, t.best_stock, t.face, now);
	if (rc == 0)
		rc = write_sums(db, product_id, r.category_id, &old, &t);
	return rc != 0 ? rc : old.face != t.face || old.is_active != t.is_active;
}

int
catalog_bump(struct db *db)
{
	return db_run(db, &sql[BUMP], "");
}

int
catalog_touch(struct db *db, int64_t product_id, int64_t now)
{
	int rc = catalog_refresh(db, product_id, now);

	return rc == 1 ? catalog_bump(db) : rc;
}

int
catalog_stops_over(struct db *db, int64_t now)
{
	int rc = db_find(db, &sql[ENDED_STOPS], "i", now);

	db_done(&sql[ENDED_STOPS]);
	return rc != 0 ? rc : catalog_is_untold(db);
}

int
catalog_end_stops(struct db *db, int64_t now, int most)
{
	struct stmt *s = &sql[ENDED_STOPS];
	int64_t id, product_id, branch_id;
	int rc, n;

	for (n = 0; n < most; n++) {
		if ((rc = db_find(db, s, "i", now)) == 0)
			rc = catalog_tell_rest(db);
		if (rc != 1)
			return rc < 0 ? rc : n;
		id = db_int(s, 0);
		product_id = db_int(s, 1);
		branch_id = db_int(s, 2);
		db_done(s);
		if ((rc = db_run(db, &sql[END_STOP], "i", id)) != 0 ||
		    (rc = catalog_touch(db, product_id, now)) != 0 ||
		    (rc = catalog_tell(db, product_id, branch_id)) != 0)
			return rc;
	}
	return n;
}

int64_t
catalog_version(struct db *db)
{
	struct stmt *s = &sql[VERSION];
	int64_t version;
	int rc = db_find(db, s, "");

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	version = db_int(s, 0);
	db_done(s);
	return version;
}
