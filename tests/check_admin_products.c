/* check_admin_products.c - prices, hiding and the stop list by hand (G16, G64, G75) */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "lib/shop/catalog_hand.h"
#include "tests/desk.h"
#include "tests/suite.h"

static const struct rig_reply *
patch(const char *path, const char *body)
{
	return rig_call("PATCH", path, body);
}

/* What a shopper pays for dish 1 in branch 1. */
static const char *
shown_price(void)
{
	return rig_digits(rig_call("GET", "/products/1?branch_id=1", NULL), "/product/price");
}

static int64_t
version(void)
{
	return catalog_version(rig_app()->db);
}

/* The till's word again, at a price of its own. */
static void
till_says(int64_t price, int64_t stock)
{
	const struct catalog_rules rules = { .now = clock_now() };
	const struct catalog_product p = { .key = "p1", .name = "Борщ український",
		.description = "Порція", .category = "Супи" };
	const struct catalog_offer o = { .branch_id = 1, .price = price, .stock = stock,
		.stock_known = 1, .on_sale = 1 };

	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	ck_assert_int_ge(catalog_put(rig_app()->db, &p, &o, 1, &rules, NULL), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
}

START_TEST(an_override_is_what_shoppers_pay)
{
	int64_t before;

	desk_people();
	before = version();
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"override_price\":77.5}"), 200);
	ck_assert_str_eq(shown_price(), "77.50");
	ck_assert_int_gt(version(), before);
	ck_assert_str_eq(rig_digits(rig_call("GET", "/products/1?branch_id=2", NULL),
	    "/product/price"), "110.00");
	ck_assert_str_eq(rig_digits(rig_call("GET", "/products/1", NULL), "/product/price"), "77.50");
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"override_price\":0}"), 200);
	ck_assert_str_eq(shown_price(), "0.00");
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"override_price\":null}"), 200);
	ck_assert_str_eq(shown_price(), "100.00");
	ck_assert_str_eq(rig_sql_text("SELECT group_concat(detail, ' ') FROM audit "
	    "WHERE user_id = 5 AND action = 'product.price' AND object = 'product 1'"),
	    "{\"branch_id\":1,\"override_price\":{\"old\":null,\"new\":77.50}} "
	    "{\"branch_id\":1,\"override_price\":{\"old\":77.50,\"new\":0.00}} "
	    "{\"branch_id\":1,\"override_price\":{\"old\":0.00,\"new\":null}}");
	rig_end();
}
END_TEST

START_TEST(no_sync_undoes_it)
{
	const struct rig_reply *a;

	desk_people();
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"override_price\":50}"), 200);
	rig_ok(rig_call("POST", "/admin/stop", "{\"product_id\":1,\"branch_id\":1}"), 200);
	till_says(20000, 7);
	a = rig_call("GET", "/admin/products?search=борщ&branch_id=1", NULL);
	ck_assert_str_eq(rig_digits(a, "/products/0/offers/0/base_price"), "200.00");
	ck_assert_str_eq(rig_digits(a, "/products/0/offers/0/override_price"), "50.00");
	ck_assert_str_eq(rig_digits(a, "/products/0/offers/0/current_price"), "50.00");
	ck_assert_int_eq(rig_int(a, "/products/0/offers/0/stock_quantity"), 7);
	ck_assert(rig_true(a, "/products/0/offers/0/is_stopped"));
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"is_hidden\":true}"), 200);
	till_says(20000, 8);
	rig_refused(rig_call("GET", "/products/1?branch_id=1", NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(hidden_here_is_gone_here_and_comes_back)
{
	desk_people();
	rig_ok(patch("/admin/products/1", "{\"branch_id\":1,\"is_hidden\":true}"), 200);
	rig_refused(rig_call("GET", "/products/1?branch_id=1", NULL), 404, "not_found");
	rig_ok(rig_call("GET", "/products/1?branch_id=2", NULL), 200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products?branch_id=1", NULL), "/total"), 9);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products", NULL), "/total"), 10);
	rig_ok(patch("/admin/products/1", "{\"is_hidden\":true}"), 200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products", NULL), "/total"), 9);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products?category=Супи&branch_id=2", NULL),
	    "/total"), 2);
	rig_ok(patch("/admin/products/1", "{\"is_hidden\":false}"), 200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products", NULL), "/total"), 10);
	ck_assert_int_eq(rig_int(rig_call("GET", "/products?branch_id=1", NULL), "/total"), 10);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE action = 'product.hide'"), 4);
	rig_end();
}
END_TEST

START_TEST(what_stands_so_writes_nothing)
{
	int64_t before;

	desk_people();
	rig_ok(patch("/admin/products/1", "{\"override_price\":50,\"is_hidden\":false}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 2);	/* both branches */
	before = version();
	rig_ok(patch("/admin/products/1", "{\"override_price\":50,\"is_hidden\":false}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 2);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'catalog'"), 1);
	ck_assert_str_eq(rig_sql_text("SELECT payload FROM event WHERE type = 'catalog'"),
	    "{\"product_id\":1,\"branch_id\":null}");
	ck_assert_int_eq(version(), before);
	rig_end();
}
END_TEST

START_TEST(a_stop_ends_at_its_time)
{
	const struct rig_reply *a;

	desk_people();
	rig_login("anna");
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1,\"branch_id\":1}"), 200);
	rig_login_as("olha", "staff");
	a = rig_call("POST", "/admin/stop", "{\"product_id\":1,\"minutes\":30,\"reason\":\"Згоріло\"}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/product/offers/0/stopped_until"), "2026-05-22T10:30:00Z");
	ck_assert_str_eq(rig_text(a, "/product/offers/0/stop_reason"), "Згоріло");
	ck_assert_str_eq(rig_text(a, "/product/offers/0/not_for_sale_because/0"), "stopped");
	ck_assert(!rig_true(rig_call("GET", "/products/1?branch_id=1", NULL), "/product/is_available"));
	ck_assert(rig_true(rig_call("GET", "/products/1", NULL), "/product/is_available"));
	a = rig_call("GET", "/admin/stop", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 1);
	ck_assert_str_eq(rig_text(a, "/stopped/0/product_name"), "Борщ український");
	ck_assert_str_eq(rig_text(a, "/stopped/0/branch_name"), "Центр");
	ck_assert_str_eq(rig_text(a, "/stopped/0/reason"), "Згоріло");
	clock_advance(1800);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/stop", NULL), "/total"), 0);
	ck_assert(rig_true(rig_call("GET", "/products/1?branch_id=1", NULL), "/product/is_available"));
	rig_end();
}
END_TEST

START_TEST(a_stop_everywhere_ends_without_branch_too)
{
	struct db *db;

	desk_people();
	db = rig_app()->db;
	rig_ok(rig_call("POST", "/admin/stop",
	    "{\"product_id\":1,\"until\":\"2026-05-22T14:00:00+03:00\"}"), 200);
	ck_assert(!rig_true(rig_call("GET", "/products/1", NULL), "/product/is_available"));
	ck_assert_int_eq(catalog_stops_over(db, clock_now()), 0);
	clock_advance(3600);
	ck_assert_int_eq(catalog_stops_over(db, clock_now()), 1);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(catalog_end_stops(db, clock_now(), 10), 2);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(catalog_stops_over(db, clock_now()), 0);
	ck_assert(rig_true(rig_call("GET", "/products/1", NULL), "/product/is_available"));
	/* browsers hear of it: once when it was stopped, once a branch at its end */
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'catalog'"), 3);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM product_branch WHERE stop_reason NOTNULL"), 0);
	rig_end();
}
END_TEST

START_TEST(a_stop_until_it_is_lifted_is_lifted)
{
	const struct rig_reply *a;

	desk_people();
	a = rig_call("POST", "/admin/stop", "{\"product_id\":7,\"until\":null}");
	rig_ok(a, 200);
	ck_assert(rig_true(a, "/product/offers/0/is_stopped"));
	ck_assert(!rig_has(a, "/product/offers/0/stopped_until"));
	clock_advance(20 * 86400);
	a = rig_call("GET", "/admin/stop?branch_id=1", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 1);
	ck_assert(!rig_has(a, "/stopped/0/stopped_until"));
	rig_ok(rig_call("DELETE", "/admin/stop/7?branch_id=1", NULL), 200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/stop", NULL), "/total"), 0);
	rig_ok(rig_call("DELETE", "/admin/stop/7", NULL), 200);	/* twice is as good as once */
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE action = 'product.stop'"), 2);
	rig_end();
}
END_TEST

START_TEST(a_stop_until_it_opens_knows_the_hours)
{
	const struct rig_reply *a;

	desk_people();
	rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"22:00\"]],"
	    "\"sat\":[[\"11:00\",\"22:00\"]]}' WHERE id = 1");
	a = rig_call("POST", "/admin/stop", "{\"product_id\":1,\"branch_id\":1,\"until_open\":true}");
	ck_assert_str_eq(rig_text(a, "/product/offers/0/stopped_until"), "2026-05-23T08:00:00Z");
	/* never closes: its day begins at midnight */
	a = rig_call("POST", "/admin/stop", "{\"product_id\":1,\"branch_id\":2,\"until_open\":true}");
	ck_assert_str_eq(rig_text(a, "/product/offers/0/stopped_until"), "2026-05-22T21:00:00Z");
	rig_refused(rig_call("POST", "/admin/stop", "{\"product_id\":1,\"until_open\":true}"), 422,
	    "invalid_field");
	rig_sql("UPDATE branch SET operating_hours = '{}' WHERE id = 1");
	rig_refused(rig_call("POST", "/admin/stop",
	    "{\"product_id\":1,\"branch_id\":1,\"until_open\":true}"), 422, "invalid_field");
	rig_end();
}
END_TEST

START_TEST(says_why_it_is_not_for_sale)
{
	static const struct { const char *change, *why; } cases[] = {
		{ "UPDATE product_branch SET stock_quantity = 0 WHERE id = 1", "sold_out" },
		{ "UPDATE product_branch SET stock_quantity = 3, reserved_quantity = 3 WHERE id = 1", "sold_out" },
		{ "UPDATE product_branch SET in_feed = 0, is_active = 0 WHERE id = 1", "not_in_feed" },
		{ "UPDATE product_branch SET is_hidden = 1, is_active = 0 WHERE id = 1", "hidden" },
		{ "UPDATE branch SET is_active = 0 WHERE id = 1", "branch_gone" },
	};
	const struct rig_reply *a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		desk_people();
		a = rig_call("GET", "/admin/products?search=борщ", NULL);
		ck_assert(rig_true(a, "/products/0/offers/0/is_for_sale"));
		ck_assert_int_eq(rig_count(a, "/products/0/offers/0/not_for_sale_because"), 0);
		rig_sql(cases[i].change);
		a = rig_call("GET", "/admin/products?search=борщ", NULL);
		ck_assert(!rig_true(a, "/products/0/offers/0/is_for_sale"));
		ck_assert_str_eq(rig_text(a, "/products/0/offers/0/not_for_sale_because/0"), cases[i].why);
		rig_end();
	}
}
END_TEST

START_TEST(lists_by_name_by_category_and_what_was_changed)
{
	const struct rig_reply *a;

	desk_people();
	a = rig_call("GET", "/admin/products?limit=4&page=2", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	ck_assert(!rig_true(a, "/total_capped"));
	ck_assert(!rig_true(a, "/branches_left_out"));
	ck_assert_int_eq(rig_count(a, "/products"), 4);
	ck_assert_int_eq(rig_count(rig_call("GET", "/admin/products?page=4", NULL), "/products"), 0);
	a = rig_call("GET", "/admin/products?branch_id=2", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 6);
	ck_assert_int_eq(rig_count(a, "/products/0/offers"), 1);
	ck_assert_int_eq(rig_int(a, "/products/0/offers/0/branch_id"), 2);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?category=Супи", NULL), "/total"), 3);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?category=Немає", NULL), "/total"), 0);
	ck_assert_int_eq(rig_int(rig_call("GET",
	    "/admin/products?search=вареники&category=Вареники", NULL), "/total"), 3);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?search=ва&limit=1&page=2", NULL),
	    "/products/0/id"), 5);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?search=!!!", NULL), "/total"), 0);
	rig_ok(patch("/admin/products/3", "{\"is_hidden\":true}"), 200);
	a = rig_call("GET", "/admin/products?show=changed", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 2);	/* 10 has a price of its own */
	ck_assert_int_eq(rig_int(a, "/products/0/id"), 3);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?show=changed&category=Супи",
	    NULL), "/total"), 1);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?show=changed&search=юшка", NULL),
	    "/total"), 1);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?show=changed&search=борщ", NULL),
	    "/total"), 0);
	ck_assert_int_eq(rig_count(rig_call("GET", "/admin/products?page=501", NULL), "/products"), 0);
	rig_end();
}
END_TEST

START_TEST(costs_the_same_for_any_page)
{
	const struct rig_reply *one, *many;

	desk_people();
	one = rig_call("GET", "/admin/products?limit=1", NULL);
	many = rig_call("GET", "/admin/products?limit=10", NULL);
	ck_assert_int_eq(rig_count(many, "/products"), 10);
	ck_assert_int_eq(one->statements, many->statements);
	rig_end();
}
END_TEST

START_TEST(a_long_chain_is_cut_and_says_so)
{
	const struct rig_reply *a;

	desk_people();
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 60) "
	    "INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at) "
	    "SELECT i, 'b' || i, 'Філія', 1, 1 FROM n");
	rig_sql("INSERT INTO product_branch (product_id, branch_id, base_price, sort_key, "
	    "pos_last_synced_at, created_at, updated_at) SELECT 1, id, 100, x'01', 1, 1, 1 "
	    "FROM branch WHERE id > 2");
	a = rig_call("GET", "/admin/products?search=борщ&limit=100", NULL);
	ck_assert(rig_true(a, "/branches_left_out"));
	ck_assert_int_eq(rig_count(a, "/products/0/offers"), 30);
	a = rig_call("GET", "/admin/products?search=борщ", NULL);
	ck_assert(!rig_true(a, "/branches_left_out"));
	ck_assert_int_eq(rig_count(a, "/products/0/offers"), 60);
	rig_end();
}
END_TEST

START_TEST(staff_sees_and_changes_its_own_branches_only)
{
	const struct rig_reply *a;

	desk_people();
	rig_login_as("petro", "staff");
	a = rig_call("GET", "/admin/products?limit=100", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 6);
	ck_assert_int_eq(rig_count(a, "/products/0/offers"), 1);
	ck_assert_int_eq(rig_int(a, "/products/0/offers/0/branch_id"), 2);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?search=голубці", NULL), "/total"), 0);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products?show=changed", NULL), "/total"), 0);
	rig_refused(rig_call("GET", "/admin/products?branch_id=1", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/admin/stop?branch_id=1", NULL), 404, "not_found");
	rig_refused(patch("/admin/products/1", "{\"branch_id\":1,\"override_price\":1}"), 404,
	    "not_found");
	rig_refused(patch("/admin/products/7", "{\"override_price\":1}"), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/stop", "{\"product_id\":1,\"branch_id\":1}"), 404,
	    "not_found");
	rig_refused(rig_call("DELETE", "/admin/stop/1?branch_id=1", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	/* the branch it works for is meant when it names none */
	rig_ok(patch("/admin/products/1", "{\"override_price\":1}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM product_branch WHERE override_price = 100"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT override_price FROM product_branch "
	    "WHERE product_id = 1 AND branch_id = 2"), 100);
	rig_login_as("ivan", "staff");
	rig_refused(patch("/admin/products/1", "{\"override_price\":2}"), 422, "invalid_field");
	rig_ok(patch("/admin/products/1", "{\"override_price\":2,\"branch_id\":1}"), 200);
	rig_login_as("nina", "staff");	/* works nowhere */
	rig_refused(patch("/admin/products/1", "{\"override_price\":2}"), 404, "not_found");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/products", NULL), "/total"), 0);
	rig_end();
}
END_TEST

START_TEST(refuses_what_is_no_change)
{
	static const struct { const char *method, *path, *body, *field; } cases[] = {
		{ "PATCH", "/admin/products/1", "{}", "override_price" },
		{ "PATCH", "/admin/products/1", "{\"price\":5}", "override_price" },
		{ "PATCH", "/admin/products/1", "{\"override_price\":-1}", "override_price" },
		{ "PATCH", "/admin/products/1", "{\"override_price\":1.234}", "override_price" },
		{ "PATCH", "/admin/products/1", "{\"override_price\":\"5\"}", "override_price" },
		{ "PATCH", "/admin/products/1", "{\"is_hidden\":1}", "is_hidden" },
		{ "PATCH", "/admin/products/1", "{\"is_hidden\":true,\"branch_id\":0}", "branch_id" },
		{ "POST", "/admin/stop", "{}", "product_id" },
		{ "POST", "/admin/stop", "{\"product_id\":1,\"until\":\"tomorrow\"}", "until" },
		{ "POST", "/admin/stop", "{\"product_id\":1,\"until\":\"2026-05-22T10:00:00Z\"}", "until" },
		{ "POST", "/admin/stop", "{\"product_id\":1,\"minutes\":0}", "minutes" },
		{ "POST", "/admin/stop", "{\"product_id\":1,\"minutes\":5,\"until_open\":true}", "minutes" },
		{ "POST", "/admin/stop",
		    "{\"product_id\":1,\"until_open\":true,\"until\":\"2027-01-01T00:00:00Z\"}", "until_open" },
		{ "POST", "/admin/stop", "{\"product_id\":1,\"reason\":7}", "reason" },
		{ "DELETE", "/admin/stop/1?branch_id=x", NULL, "branch_id" },
		{ "GET", "/admin/products?show=some", NULL, "show" },
		{ "GET", "/admin/products?limit=101", NULL, "limit" },
		{ "GET", "/admin/stop?page=0", NULL, "page" },
	};
	const struct rig_reply *a;

	desk_people();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = rig_call(cases[i].method, cases[i].path, cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, "/fields") && strstr(a->text, cases[i].field) != NULL, "%s",
		    a->text);
	}
	rig_refused(patch("/admin/products/99", "{\"override_price\":1}"), 404, "not_found");
	rig_refused(patch("/admin/products/7", "{\"override_price\":1,\"branch_id\":2}"), 404,
	    "not_found");
	rig_refused(rig_call("POST", "/admin/stop", "{\"product_id\":99}"), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/stop",
	    "{\"product_id\":1,\"branch_id\":9,\"until_open\":true}"), 404, "not_found");
	rig_refused(rig_call("DELETE", "/admin/stop/99", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_products", an_override_is_what_shoppers_pay, no_sync_undoes_it,
	    hidden_here_is_gone_here_and_comes_back, what_stands_so_writes_nothing,
	    a_stop_ends_at_its_time, a_stop_everywhere_ends_without_branch_too,
	    a_stop_until_it_is_lifted_is_lifted, a_stop_until_it_opens_knows_the_hours,
	    says_why_it_is_not_for_sale, lists_by_name_by_category_and_what_was_changed,
	    costs_the_same_for_any_page, a_long_chain_is_cut_and_says_so,
	    staff_sees_and_changes_its_own_branches_only, refuses_what_is_no_change);
}
