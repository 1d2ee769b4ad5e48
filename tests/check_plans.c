/*
 * check_plans.c - no statement of any program walks through a table that
 * grows, or sorts by itself (G81)
 *
 * Every statement table of the shop, the API and the cron programs (the
 * Makefile links them whole) is explained on a shop with 100,000 offers and a year of orders, before and
 * after ANALYZE: a plan must not depend on somebody having run it.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/shop.h"
#include "tests/suite.h"

#define ROWS(n) "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < " #n ") "

static const char *const seeds[] = {
	"INSERT INTO branch (pos_branch_id, name, created_at, updated_at) "
	ROWS(20) "SELECT 'b' || i, 'Заклад ' || i, 0, 0 FROM r",
	"INSERT INTO category (name, sort_key) " ROWS(20) "SELECT 'c' || i, x'00' FROM r",
	"INSERT INTO product (pos_product_id, name, category_id, sort_key, search_text, is_active, "
	"created_at, updated_at) " ROWS(20000)
	"SELECT 'p' || i, 'Страва ' || i, 1 + i % 20, CAST('k' || i AS BLOB), 's' || i, 1, 0, 0 FROM r",
	"INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, category_id, "
	"sort_key, pos_last_synced_at, created_at, updated_at) SELECT p.id, b.id, 100, 10, "
	"p.category_id, p.sort_key, 0, 0, 0 FROM product p JOIN branch b ON b.id <= 5",
	"INSERT INTO users (email, password_hash, name, phone, created_at, updated_at) "
	ROWS(5000) "SELECT 'u' || i || '@example.com', '', 'u', '+38067' || i, 0, 0 FROM r",
	"INSERT INTO session (user_id, created_at, ended_at) " ROWS(10000)
	"SELECT 1 + i % 5000, i, CASE WHEN i % 2 THEN i END FROM r",
	"INSERT INTO refresh_token (hash, session_id, issued_at, expires_at) " ROWS(10000)
	"SELECT CAST('h' || i AS BLOB), i, 0, i FROM r",
	"INSERT INTO cart (user_id, created_at, updated_at) " ROWS(5000) "SELECT i, 0, 0 FROM r",
	"INSERT INTO cart_item (cart_id, product_id, quantity, price_at_add, priced_at, created_at, "
	"updated_at) " ROWS(15000) "SELECT 1 + i % 5000, 1 + i % 20000, 1, 100, 0, 0, 0 FROM r",
	"INSERT INTO orders (ref, day, number, user_id, branch_id, order_type, status, subtotal, "
	"delivery_fee, total_amount, contact_name, contact_phone, branch_name, branch_address, "
	"created_at, updated_at, pos_order_id, poll_at) " ROWS(20000) "SELECT i, i, i, 1 + i % 5000, "
	"1 + i % 20, 'pickup', CASE WHEN i > 19900 THEN 'processing' ELSE 'delivered' END, 0, 0, 0, "
	"'', '+38067' || (i % 5000), '', '', i, i, i, CASE WHEN i > 19900 THEN i END FROM r",
	"INSERT INTO order_item (order_id, product_id, pos_product_id, name, quantity, unit_price, "
	"total_price) " ROWS(60000) "SELECT 1 + i % 20000, 1 + i % 20000, 'p', 'n', 1, 1, 1 FROM r",
	"INSERT INTO order_move (order_id, status, by, at) " ROWS(60000)
	"SELECT 1 + i % 20000, 'pending', 'till', i FROM r",
	"INSERT INTO reservation (order_id, product_id, branch_id, quantity, seen_run) " ROWS(300)
	"SELECT 19900 + i % 100, 1 + i % 20000, 1 + i % 5, 1, CASE WHEN i % 2 THEN i END FROM r",
	"INSERT INTO notification (user_id, type, template, order_id, read_status, created_at) "
	ROWS(40000) "SELECT 1 + i % 5000, 'order_status', 'delivered', 1 + i % 20000, i % 2, i FROM r",
	"INSERT INTO event (user_id, branch_id, type, payload, created_ms) " ROWS(40000)
	"SELECT 1 + i % 5000, 1 + i % 20, 'x', '{}', i FROM r",
	"INSERT INTO outbox (lane, kind, order_id, idempotency_key, state, next_ms, created_at, "
	"updated_at) " ROWS(20000) "SELECT 'pos', 'order', i, 'k' || i, "
	"CASE WHEN i > 19990 THEN 'due' ELSE 'sent' END, i, i, i FROM r",
	"INSERT INTO inbox (event_id, body, received_at, done_at) " ROWS(10000)
	"SELECT 'e' || i, x'00', i, i FROM r",
	"INSERT INTO sync_run (feed, is_full, started_ms, finished_ms, outcome) " ROWS(20000)
	"SELECT 'stock', 1, i, i, 'ok' FROM r",
	"INSERT INTO sync_request (feed, requested_at, taken_at) " ROWS(1000) "SELECT 'stock', i, i FROM r",
	"INSERT INTO idempotency (user_id, route, key, body_hmac, status, response, created_at) "
	ROWS(10000) "SELECT i, 'POST /orders', 'k', x'00', 201, '{}', i FROM r",
	"INSERT INTO audit (user_id, action, object, at) " ROWS(5000) "SELECT 1, 'a', 'o' || i, i FROM r",
};

/* Tables that stay small, by the names and aliases under which they are read; of a
 * subquery, the lines before tell where its rows come from. */
static const char *const small[] = {
	"meta", "catalog_state", "lane", "CONSTANT ROW", "sync_mark", "pos_token", "branch",
	"category", "staff_branch", "order_number", "sqlite_master", "(subquery",
};

static int
is_small(const char *name)
{
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		if (strncmp(name, small[i], strlen(small[i])) == 0)
			return 1;
	return 0;
}

/* What is wrong with a plan, line by line; NULL: nothing. */
static const char *
fault_of(const char *plan)
{
	static const char *const never[] = { "TEMP B-TREE", "AUTOMATIC" };
	const char *scan = plan;

	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (strstr(plan, never[i]) != NULL)
			return never[i];
	while ((scan = strstr(scan, "SCAN ")) != NULL) {
		scan += strlen("SCAN ");
		if (strncmp(scan + strcspn(scan, " \n"), " VIRTUAL TABLE INDEX", 20) != 0 &&
		    !is_small(scan))
			return "SCAN";
	}
	return NULL;
}

/* Statements of tests are not a shop's. */
static int
is_ours(const char *file)
{
	return strstr(file, "tests/") == NULL;
}

/* What walks and may: the beginning of the statement, and why. */
static const struct {
	const char *sql, *why;
} allowed[] = {
	{ "SELECT sort_key, id FROM product WHERE is_active = 1 ORDER BY sort_key, id LIMIT 1 OFFSET",
	    "the place of a page, in the order of the index; the page is bounded" },
	{ "SELECT m.value, s.version FROM meta m CROSS JOIN catalog_state s", "one row" },
};

static int
is_allowed(const char *text)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (strncmp(text, allowed[i].sql, strlen(allowed[i].sql)) == 0)
			return 1;
	return 0;
}

static int
count_faults(struct db *db, int *statements)
{
	char plan[8192];
	int faults = 0;

	for (struct db_table *t = db_tables(); t != NULL; t = t->next)
		for (size_t i = 0; i < t->count && is_ours(t->file); i++) {
			const char *fault;

			if (db_explain(db, t->list[i].sql, plan, sizeof plan) == -1)
				fault = db_error(db);
			else
				fault = fault_of(plan);
			(*statements)++;
			if (fault == NULL || is_allowed(t->list[i].sql))
				continue;
			faults++;
			fprintf(stderr, "%s: %s\n%s\n%s\n", t->file, fault, t->list[i].sql, plan);
		}
	return faults;
}

START_TEST(no_statement_walks_or_sorts)
{
	struct db *db = shop_begin();
	int statements = 0;

	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
		shop_run(seeds[i]);
	ck_assert_int_eq(count_faults(db, &statements), 0);
	shop_run("ANALYZE");
	ck_assert_int_eq(count_faults(db, &statements), 0);
	ck_assert_int_gt(statements, 2 * 100);
	shop_end();
}
END_TEST

START_TEST(sees_what_it_looks_for)
{
	static const struct { const char *sql; int is_wrong; } cases[] = {
		{ "SELECT id FROM orders WHERE notes = ?1", 1 },
		{ "SELECT count(*) FROM orders", 1 },
		{ "SELECT id FROM orders WHERE user_id = ?1 ORDER BY created_at", 1 },
		{ "SELECT id FROM orders WHERE user_id = ?1 ORDER BY id DESC", 0 },
		{ "SELECT value FROM meta", 0 },
		{ "SELECT max(id) FROM sync_run", 0 },
		{ "SELECT rowid FROM product_word WHERE product_word MATCH ?1", 0 },
	};
	struct db *db = shop_begin();
	char plan[1024];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(db_explain(db, cases[i].sql, plan, sizeof plan), 0);
		ck_assert_msg((fault_of(plan) != NULL) == cases[i].is_wrong, "%s\n%s", cases[i].sql, plan);
	}
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("plans", no_statement_walks_or_sorts, sees_what_it_looks_for);
}
