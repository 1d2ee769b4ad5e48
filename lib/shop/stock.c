/*
 * stock.c - what can still be sold
 *
 * stock_quantity is the till's word and sync's alone; reserved_quantity is
 * the sum of a dish's reservation rows in a branch and changes only here,
 * together with them. What a shopper can order is the difference, never
 * below 0: a till that sells over its counter what we hold for an order makes
 * the difference negative, and nothing can be ordered until it is not.
 */
#include <stddef.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "lib/shop/stock.h"

enum {
	LINES_MAX = 200,	/* of an order: the range of CART_MAX_LINES */
	SETTLE_BATCH = 64	/* read before the first of them is written */
};

enum { TAKE, FORCE, HOLD, LINES_OF, HELD_BY, GIVE_BACK, FORGET_ORDER, MARK, WAITING, SEEN_BRANCH,
	SEEN_PRODUCT, FORGET };
static struct stmt sql[] = {
	[TAKE] = { .sql = "UPDATE product_branch SET reserved_quantity = reserved_quantity + ?3 "
	    "WHERE product_id = ?1 AND branch_id = ?2 AND is_active = 1 "
	    "AND (stopped_until IS NULL OR stopped_until <= ?4) "
	    "AND (stock_quantity IS NULL OR stock_quantity - reserved_quantity >= ?3)" },
	[FORCE] = { .sql = "UPDATE product_branch SET reserved_quantity = reserved_quantity + ?3 "
	    "WHERE product_id = ?1 AND branch_id = ?2" },
	[HOLD] = { .sql = "INSERT INTO reservation (order_id, product_id, branch_id, quantity) "
	    "VALUES (?1, ?2, ?3, ?4)" },
	[LINES_OF] = { .sql = "SELECT i.product_id, o.branch_id, i.quantity FROM orders o "
	    "JOIN order_item i ON i.order_id = o.id WHERE o.id = ?1 LIMIT 200" },
	[HELD_BY] = { .sql = "SELECT id, product_id, branch_id, quantity FROM reservation "
	    "WHERE order_id = ?1 LIMIT 200" },
	[GIVE_BACK] = { .sql = "UPDATE product_branch SET reserved_quantity = "
	    "reserved_quantity - ?3 WHERE product_id = ?1 AND branch_id = ?2" },
	[FORGET_ORDER] = { .sql = "DELETE FROM reservation WHERE order_id = ?1" },
	[MARK] = { .sql = "UPDATE reservation SET seen_run = coalesce(?2, "
	    "(SELECT max(id) FROM sync_run), 0) WHERE order_id = ?1 AND seen_run IS NULL" },
	[WAITING] = { .sql = "SELECT r.product_id, p.id, p.stock_quantity FROM reservation r "
	    "CROSS JOIN product_branch p ON p.product_id = r.product_id AND p.branch_id = ?1 "
	    "WHERE r.branch_id = ?1 AND r.product_id > ?2 AND r.seen_run < ?3 "
	    "GROUP BY r.product_id ORDER BY r.product_id LIMIT ?4" },
	[SEEN_BRANCH] = { .sql = "SELECT id, product_id, branch_id, quantity FROM reservation "
	    "WHERE branch_id = ?1 AND seen_run < ?2 LIMIT ?3" },
	[SEEN_PRODUCT] = { .sql = "SELECT id, product_id, branch_id, quantity FROM reservation "
	    "WHERE branch_id = ?1 AND product_id = ?4 AND seen_run < ?2 LIMIT ?3" },
	[FORGET] = { .sql = "DELETE FROM reservation WHERE id = ?1" },
};
DB_STATEMENTS(sql);

struct held {
	int64_t id, product_id, branch_id, quantity;
};

/* Count and rows of an open statement whose columns are those of a held. */
static int
read_held(struct db *db, struct stmt *st, struct held *list, int most)
{
	int n = 0, rc;

	while ((rc = db_row(db, st)) == 1) {
		list[n] = (struct held){ db_int(st, 0), db_int(st, 1), db_int(st, 2),
			db_int(st, 3) };
		if (++n == most) {
			db_done(st);
			return n;
		}
	}
	return rc == 0 ? n : rc;
}

static int
give_back(struct db *db, const struct held *h)
{
	int rc = db_run(db, &sql[GIVE_BACK], "iii", h->product_id, h->branch_id, h->quantity);

	return rc != 0 ? rc : catalog_touch(db, h->product_id, clock_now());
}

/* 1 held, 0 not enough. */
static int
take(struct db *db, int64_t order_id, const struct held *line, int forced)
{
	int rc = forced ? db_run(db, &sql[FORCE], "iii", line->product_id, line->branch_id,
	    line->quantity)
	    : db_run(db, &sql[TAKE], "iiii", line->product_id, line->branch_id, line->quantity,
	    clock_now());

	if (rc != 0)
		return rc;
	if (db_changes(db) == 0)
		return 0;
	rc = db_run(db, &sql[HOLD], "iiii", order_id, line->product_id, line->branch_id,
	    line->quantity);
	if (rc == 0)
		rc = catalog_touch(db, line->product_id, clock_now());
	return rc == 0 ? 1 : rc;
}

int64_t
stock_left(const struct stock_row *row, int64_t now)
{
	if (row->is_active != 1 || (row->stopped_until != DB_NULL && row->stopped_until > now))
		return 0;
	if (row->quantity == DB_NULL)
		return DB_NULL;
	return row->quantity > row->reserved ? row->quantity - row->reserved : 0;
}

int
stock_reserve(struct db *db, int64_t order_id, int64_t product_id, int64_t branch_id,
    int64_t quantity)
{
	struct held line = { 0, product_id, branch_id, quantity };

	return take(db, order_id, &line, 0);
}

int
stock_reserve_again(struct db *db, int64_t order_id, int forced)
{
	struct held line[LINES_MAX];
	struct stmt *st = &sql[LINES_OF];
	int n = 0, rc;

	if ((rc = db_query(db, st, "i", order_id)) != 0)
		return rc;
	while (n < LINES_MAX && (rc = db_row(db, st)) == 1) {
		line[n++] = (struct held){ 0, db_int(st, 0), db_int(st, 1), db_int(st, 2) };
	}
	db_done(st);
	if (rc < 0)
		return rc;
	for (int i = 0; i < n; i++) {
		if ((rc = take(db, order_id, &line[i], forced)) < 0)
			return rc;
		if (rc == 0 && !forced)
			return (rc = stock_release(db, order_id)) < 0 ? rc : 0;
	}
	return 1;
}

int
stock_release(struct db *db, int64_t order_id)
{
	struct held held[LINES_MAX];
	int n, rc;

	if ((rc = db_query(db, &sql[HELD_BY], "i", order_id)) != 0)
		return rc;
	if ((n = read_held(db, &sql[HELD_BY], held, LINES_MAX)) <= 0)
		return n;
	for (int i = 0; i < n; i++)
		if ((rc = give_back(db, &held[i])) != 0)
			return rc;
	return db_run(db, &sql[FORGET_ORDER], "i", order_id);
}

int
stock_taken(struct db *db, int64_t order_id, int64_t run_id)
{
	return db_run(db, &sql[MARK], "ii", order_id, run_id);
}

int
stock_waiting(struct db *db, int64_t branch_id, int64_t after, int64_t run_id,
    struct stock_waiting *list, int most)
{
	struct stmt *st = &sql[WAITING];
	int n = 0, rc = db_query(db, st, "iiii", branch_id, after, run_id, (int64_t)most);

	while (rc == 0 && n < most && (rc = db_row(db, st)) == 1) {
		list[n++] = (struct stock_waiting){ db_int(st, 0), db_int(st, 1), db_int(st, 2) };
		rc = 0;
	}
	db_done(st);
	return rc < 0 ? rc : n;
}

/* Up to SETTLE_BATCH of them. */
static int
settle_some(struct db *db, int64_t branch_id, int64_t product_id, int64_t run_id, int most)
{
	struct stmt *st = &sql[product_id == DB_NULL ? SEEN_BRANCH : SEEN_PRODUCT];
	struct held held[SETTLE_BATCH];
	int n, rc;

	rc = product_id == DB_NULL ? db_query(db, st, "iii", branch_id, run_id, (int64_t)most)
	    : db_query(db, st, "iiii", branch_id, run_id, (int64_t)most, product_id);
	if (rc != 0)
		return rc;
	if ((n = read_held(db, st, held, most)) <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		if ((rc = give_back(db, &held[i])) != 0)
			return rc;
		if ((rc = db_run(db, &sql[FORGET], "i", held[i].id)) != 0)
			return rc;
	}
	return n;
}

int
stock_settle(struct db *db, int64_t branch_id, int64_t product_id, int64_t run_id, int most)
{
	int done = 0, n, batch;

	while (done < most) {
		batch = most - done < SETTLE_BATCH ? most - done : SETTLE_BATCH;
		if ((n = settle_some(db, branch_id, product_id, run_id, batch)) < 0)
			return n;
		done += n;
		if (n < batch)
			break;
	}
	return done;
}
