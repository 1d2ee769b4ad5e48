/* check_news.c - what browsers hear of stock, branches and sync: each change once */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "lib/shop/stock.h"
#include "sync/run.h"
#include "tests/rig.h"
#include "tests/suite.h"

enum { MANY = 3 };	/* portions that are left of dish 1 in branch 1 */

static struct catalog_rules rules;
static int64_t seen;

static void
begin(void)
{
	rig_begin();
	rig_seed();
	clock_advance(60);
	rules = (struct catalog_rules){ .now = clock_now() };
	rig_sql("UPDATE product_branch SET stock_quantity = 3 WHERE product_id = 1");
	seen = rig_sql_int("SELECT coalesce(max(id), 0) FROM event");
}

/* The news since the last look: "TYPE PAYLOAD;…", oldest first. */
static const char *
news(void)
{
	char query[256];

	snprintf(query, sizeof query, "SELECT coalesce(group_concat(type || ' ' || payload, ';'), '')"
	    " FROM (SELECT type, payload FROM event WHERE id > %lld ORDER BY id)", (long long)seen);
	seen = rig_sql_int("SELECT coalesce(max(id), 0) FROM event");
	return rig_sql_text(query);
}

static void
put(int64_t stock, int on_sale)
{
	const struct catalog_product dish = { .key = rig_sql_text(
	    "SELECT pos_product_id FROM product WHERE id = 1"), .name = rig_sql_text(
	    "SELECT name FROM product WHERE id = 1"), .category = "Супи" };
	const struct catalog_offer offer = { .branch_id = 1, .price = 10000, .stock = stock,
		.stock_known = 1, .on_sale = on_sale };

	ck_assert_int_eq(db_begin(rig_app()->db), DB_OK);
	ck_assert_int_ge(catalog_put(rig_app()->db, &dish, &offer, 1, &rules, NULL), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), DB_OK);
}

#define STOCK(is) "stock {\"product_id\":1,\"branch_id\":1,\"is_available\":" is "}"

START_TEST(stock_is_told_when_it_ends_and_when_it_is_back)
{
	begin();
	put(2, 1);
	ck_assert_str_eq(news(), "");
	put(0, 1);
	ck_assert_str_eq(news(), STOCK("false"));
	put(0, 1);
	ck_assert_str_eq(news(), "");
	put(7, 1);
	ck_assert_str_eq(news(), STOCK("true"));
	put(7, 0);			/* off sale */
	ck_assert_str_eq(news(), STOCK("false"));
	put(7, 1);
	ck_assert_str_eq(news(), STOCK("true"));
	rig_end();
}
END_TEST

START_TEST(a_dish_that_is_new_is_no_news_of_stock)
{
	const struct catalog_product dish = { .key = "new", .name = "Новинка" };
	const struct catalog_offer offer = { .branch_id = 1, .price = 10000, .stock = 5,
		.stock_known = 1, .on_sale = 1 };

	begin();
	ck_assert_int_eq(db_begin(rig_app()->db), DB_OK);
	ck_assert_int_eq(catalog_put(rig_app()->db, &dish, &offer, 1, &rules, NULL), CATALOG_ADDED);
	ck_assert_int_eq(db_end(rig_app()->db, 1), DB_OK);
	ck_assert_str_eq(news(), "");
	rig_end();
}
END_TEST

START_TEST(the_last_portion_is_told_and_its_return)
{
	struct db *db;
	int64_t order;

	begin();
	db = rig_app()->db;
	rig_login("anna");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":[{\"product_id\":2,\"quantity\":1}]}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}"), 201);
	order = rig_sql_int("SELECT max(id) FROM orders");
	news();
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve(db, order, 1, 1, MANY - 1), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_str_eq(news(), "");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve(db, order, 1, 1, 1), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_str_eq(news(), STOCK("false"));
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_ge(stock_release(db, order), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_str_eq(news(), STOCK("true"));
	rig_end();
}
END_TEST

START_TEST(a_branch_that_changed_is_told_once)
{
	begin();
	rig_login_as("oksana", "admin");
	seen = rig_sql_int("SELECT coalesce(max(id), 0) FROM event");
	rig_ok(rig_call("PATCH", "/admin/branches/1", "{\"eta_pickup_min\":25}"), 200);
	ck_assert_str_eq(news(), "branch {\"branch_id\":1}");
	rig_ok(rig_call("PATCH", "/admin/branches/1", "{\"eta_pickup_min\":25}"), 200);
	ck_assert_str_eq(news(), "");
	rig_end();
}
END_TEST

static void
run(const char *outcome, const char *wanted)
{
	struct job j = { .name = "pos-sync", .quiet = 1 };
	struct run r;

	j.db = rig_app()->db;
	ck_assert_int_eq(run_begin(&j, &r, "products", 0), DB_OK);
	ck_assert_int_eq(run_end(&j, &r, outcome), DB_OK);
	ck_assert_str_eq(news(), wanted);
}

START_TEST(a_sync_that_fails_is_told_and_that_it_is_well_again)
{
	begin();
	run("ok", "");
	run("failed", "sync {\"feed\":\"products\",\"run_id\":2,\"outcome\":\"failed\"}");
	run("failed", "");
	run("yielded", "");
	run("failed", "sync {\"feed\":\"products\",\"run_id\":5,\"outcome\":\"failed\"}");
	run("ok", "sync {\"feed\":\"products\",\"run_id\":6,\"outcome\":\"ok\"}");
	run("ok", "");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("news", stock_is_told_when_it_ends_and_when_it_is_back,
	    a_dish_that_is_new_is_no_news_of_stock, the_last_portion_is_told_and_its_return,
	    a_branch_that_changed_is_told_once,
	    a_sync_that_fails_is_told_and_that_it_is_well_again);
}
