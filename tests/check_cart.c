/* check_cart.c - the cart's routes (G19–G25, G74, C12–C14) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "tests/rig.h"
#include "tests/suite.h"

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
}

static const struct rig_reply *
add(int product, int quantity)
{
	char body[128];

	snprintf(body, sizeof body, "{\"product_id\":%d,\"quantity\":%d}", product, quantity);
	return rig_call("POST", "/cart/add", body);
}

static const struct rig_reply *
put(const char *body)
{
	return rig_call("PUT", "/cart", body);
}

/* Change where dishes 1 and 7 are sold, by the till's hand. */
static void
sold(const char *change)
{
	struct db *db = rig_app()->db;

	rig_sql(change);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(catalog_touch(db, 1, RIG_NOW), 0);
	ck_assert_int_eq(catalog_touch(db, 7, RIG_NOW), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
}

START_TEST(an_untouched_cart_is_empty)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/cart", NULL);
	rig_ok(a, 200);
	ck_assert_str_eq(a->text, "{\"cart\":{\"branch_id\":null,\"version\":0,\"items\":[],"
	    "\"subtotal\":0.00,\"item_count\":0}}");
	rig_end();
}
END_TEST

START_TEST(adds_shows_and_sums)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 2), 200);
	a = add(2, 1);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/version"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/product_id"), 1);
	ck_assert_str_eq(rig_text(a, "/cart/items/0/name"), "Борщ український");
	ck_assert(!rig_has(a, "/cart/items/0/image_url"));
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "100.00");
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/line_total"), "200.00");
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/current_price"), "100.00");
	ck_assert(!rig_true(a, "/cart/items/0/price_changed"));
	ck_assert(rig_true(a, "/cart/items/0/is_available"));
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "310.00");
	ck_assert_int_eq(rig_int(a, "/cart/item_count"), 3);
	ck_assert_str_eq(rig_call("GET", "/cart", NULL)->text, a->text);
	rig_end();
}
END_TEST

START_TEST(adding_again_adds_and_takes_todays_price)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 2), 200);
	rig_sql("UPDATE product SET min_price = 11000 WHERE id = 1");
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "100.00");
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/current_price"), "110.00");
	ck_assert(rig_true(a, "/cart/items/0/price_changed"));
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "200.00");
	a = add(1, 3);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 1);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 5);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert(!rig_true(a, "/cart/items/0/price_changed"));
	rig_end();
}
END_TEST

START_TEST(a_price_is_kept_for_a_day)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 1), 200);
	rig_sql("UPDATE product SET min_price = 11000 WHERE id = 1");
	clock_set(RIG_NOW + 24 * 3600 - 1);
	rig_login("anna");
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "100.00");
	clock_set(RIG_NOW + 24 * 3600);
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert(rig_true(a, "/cart/items/0/price_changed"));
	rig_end();
}
END_TEST

START_TEST(reprice_current_takes_todays_at_once)
{
	const struct rig_reply *a;

	begin();
	rig_set("REPRICE", "current");
	rig_ok(add(1, 1), 200);
	rig_sql("UPDATE product SET min_price = 11000 WHERE id = 1");
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "110.00");
	ck_assert(rig_true(a, "/cart/items/0/price_changed"));
	rig_end();
}
END_TEST

START_TEST(an_override_of_nothing_is_a_price)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE product_branch SET override_price = 0 WHERE product_id = 1");
	rig_ok(put("{\"branch_id\":1}"), 200);
	a = add(1, 1);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "0.00");
	rig_end();
}
END_TEST

START_TEST(refuses_what_cannot_be_added)
{
	static const struct { const char *body; int status; const char *code, *field; } cases[] = {
		{ "{}", 422, "invalid_field", "/fields/product_id" },
		{ "{\"product_id\":1}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":\"1\",\"quantity\":1}", 422, "invalid_field", "/fields/product_id" },
		{ "{\"product_id\":1,\"quantity\":0}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":1,\"quantity\":-1}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":1,\"quantity\":100}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":1,\"quantity\":1.5}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":1,\"quantity\":1e99}", 422, "invalid_field", "/fields/quantity" },
		{ "{\"product_id\":77,\"quantity\":1}", 422, "invalid_field", "/fields/product_id" },
		{ "{\"product_id\":1,\"quantity\":1,\"branch_id\":9}", 422, "invalid_field",
		    "/fields/branch_id" },
		{ "{\"product_id\":7,\"quantity\":1,\"branch_id\":2}", 409, "item_unavailable",
		    "/items/0/name" },
		{ "[1]", 400, "bad_json", NULL },
		{ "{\"product_id\":1,\"quantity\":1", 400, "bad_json", NULL },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = rig_call("POST", "/cart/add", cases[i].body);

		rig_refused(a, cases[i].status, cases[i].code);
		if (cases[i].field != NULL)
			ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].body, a->text);
	}
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM cart_item"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM cart"), 0);
	rig_end();
}
END_TEST

START_TEST(keeps_to_its_bounds)
{
	const struct rig_reply *a;

	begin();
	rig_set("CART_MAX_LINES", "2");
	rig_ok(add(1, 98), 200);
	rig_ok(add(1, 1), 200);
	a = add(1, 1);
	rig_refused(a, 422, "invalid_field");
	ck_assert(rig_has(a, "/fields/quantity"));
	rig_ok(add(2, 1), 200);
	a = add(3, 1);
	rig_refused(a, 409, "cart_full");
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	ck_assert_int_eq(rig_sql_int("SELECT version FROM cart"), 3);
	rig_end();
}
END_TEST

START_TEST(sets_and_removes_by_line)
{
	const struct rig_reply *a;
	char path[64];
	int64_t id;

	begin();
	id = rig_int(add(1, 2), "/cart/items/0/id");
	rig_ok(add(2, 1), 200);
	snprintf(path, sizeof path, "/cart/update/%lld", (long long)id);
	a = rig_call("PUT", path, "{\"quantity\":7}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 7);
	ck_assert_int_eq(rig_int(a, "/cart/version"), 3);
	rig_refused(rig_call("PUT", path, "{\"quantity\":100}"), 422, "invalid_field");
	rig_refused(rig_call("PUT", path, "{\"quantity\":-1}"), 422, "invalid_field");
	rig_refused(rig_call("PUT", path, "{}"), 422, "invalid_field");
	rig_refused(rig_call("PUT", "/cart/update/9999", "{\"quantity\":1}"), 404, "not_found");
	a = rig_call("PUT", path, "{\"quantity\":0}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 1);
	rig_refused(rig_call("PUT", path, "{\"quantity\":1}"), 404, "not_found");
	snprintf(path, sizeof path, "/cart/remove/%lld", (long long)rig_int(a, "/cart/items/0/id"));
	a = rig_call("DELETE", path, NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 0);
	rig_refused(rig_call("DELETE", path, NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(nobody_touches_anothers_cart)
{
	char path[64];
	int64_t id;

	begin();
	id = rig_int(add(1, 2), "/cart/items/0/id");
	rig_login("borys");
	ck_assert_int_eq(rig_count(rig_call("GET", "/cart", NULL), "/cart/items"), 0);
	rig_ok(add(2, 1), 200);
	snprintf(path, sizeof path, "/cart/update/%lld", (long long)id);
	rig_refused(rig_call("PUT", path, "{\"quantity\":1}"), 404, "not_found");
	snprintf(path, sizeof path, "/cart/remove/%lld", (long long)id);
	rig_refused(rig_call("DELETE", path, NULL), 404, "not_found");
	rig_ok(put("{\"items\":[],\"user_id\":1}"), 200);
	rig_login("anna");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/items/0/quantity"), 2);
	rig_logout();
	rig_refused(rig_call("GET", "/cart", NULL), 401, "unauthorized");
	rig_refused(add(1, 1), 401, "unauthorized");
	rig_end();
}
END_TEST

START_TEST(a_cart_belongs_to_one_branch)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 1), 200);
	a = rig_call("POST", "/cart/add", "{\"product_id\":2,\"quantity\":1,\"branch_id\":2}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert_str_eq(rig_digits(a, "/cart/items/1/price"), "120.00");
	a = rig_call("POST", "/cart/add", "{\"product_id\":2,\"quantity\":1,\"branch_id\":1}");
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_int_eq(rig_int(a, "/cart/item_count"), 2);
	rig_end();
}
END_TEST

START_TEST(put_switches_the_branch_and_names_what_changed)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 1), 200);
	rig_ok(add(7, 2), 200);
	rig_ok(put("{\"branch_id\":1}"), 200);
	a = put("{\"branch_id\":2}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	ck_assert(!rig_true(a, "/cart/items/1/is_available"));
	ck_assert(!rig_has(a, "/cart/items/1/current_price"));
	ck_assert_int_eq(rig_count(a, "/changed"), 1);
	ck_assert_int_eq(rig_int(a, "/changed/0/product_id"), 1);
	ck_assert_str_eq(rig_digits(a, "/changed/0/old_price"), "100.00");
	ck_assert_str_eq(rig_digits(a, "/changed/0/price"), "110.00");
	ck_assert_int_eq(rig_count(a, "/missing"), 1);
	ck_assert_str_eq(rig_text(a, "/missing/0/name"), "Голубці");
	ck_assert_int_eq(rig_int(a, "/missing/0/requested"), 2);
	ck_assert_int_eq(rig_int(a, "/missing/0/available"), 0);
	rig_end();
}
END_TEST

START_TEST(put_brings_in_a_cart_kept_elsewhere)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(3, 1), 200);
	a = put("{\"branch_id\":1,\"items\":[{\"product_id\":2,\"quantity\":3,\"price\":0.01},"
	    "{\"product_id\":77,\"quantity\":4},{\"product_id\":7,\"quantity\":6}]}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert_int_eq(rig_count(a, "/missing"), 2);
	ck_assert_int_eq(rig_int(a, "/missing/0/product_id"), 7);
	ck_assert_int_eq(rig_int(a, "/missing/0/available"), 5);
	ck_assert_int_eq(rig_int(a, "/missing/1/product_id"), 77);
	ck_assert(!rig_has(a, "/missing/1/name"));
	a = put("{\"items\":[]}");
	ck_assert_int_eq(rig_count(a, "/cart/items"), 0);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 1);
	rig_end();
}
END_TEST

START_TEST(put_without_members_takes_todays_prices)
{
	const struct rig_reply *a;

	begin();
	rig_ok(add(1, 1), 200);
	rig_sql("UPDATE product SET min_price = 11000 WHERE id = 1");
	a = put("{}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert(!rig_true(a, "/cart/items/0/price_changed"));
	ck_assert_str_eq(rig_digits(a, "/changed/0/old_price"), "100.00");
	rig_end();
}
END_TEST

START_TEST(put_refuses_what_is_wrong)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{\"branch_id\":9}", "/fields/branch_id" },
		{ "{\"branch_id\":\"1\"}", "/fields/branch_id" },
		{ "{\"items\":{}}", "/fields/items" },
		{ "{\"items\":[1]}", "/fields/items[0].product_id" },
		{ "{\"items\":[{\"product_id\":1}]}", "/fields/items[0].quantity" },
		{ "{\"items\":[{\"product_id\":1,\"quantity\":1},{\"product_id\":1,\"quantity\":1}]}",
		    "/fields/items[1].product_id" },
		{ "{\"items\":[{\"product_id\":1,\"quantity\":0}]}", "/fields/items[0].quantity" },
		{ "{\"items\":[{},{},{}]}", "/fields/items" },
	};

	begin();
	rig_set("CART_MAX_LINES", "2");
	rig_ok(add(1, 1), 200);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = put(cases[i].body);

		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].body, a->text);
	}
	ck_assert_int_eq(rig_sql_int("SELECT version FROM cart"), 1);
	rig_end();
}
END_TEST

START_TEST(shows_what_is_left_in_the_branch)
{
	const struct rig_reply *a;

	begin();
	rig_ok(put("{\"branch_id\":1,\"items\":[{\"product_id\":1,\"quantity\":4},"
	    "{\"product_id\":8,\"quantity\":50},{\"product_id\":2,\"quantity\":1}]}"), 200);
	rig_sql("UPDATE product_branch SET reserved_quantity = 7 WHERE product_id = 1");
	rig_sql("UPDATE product_branch SET stopped_until = 1779444001 WHERE product_id = 2");
	a = rig_call("GET", "/cart", NULL);
	ck_assert(!rig_true(a, "/cart/items/0/is_available"));
	ck_assert_int_eq(rig_int(a, "/cart/items/0/available"), 3);
	ck_assert(rig_true(a, "/cart/items/1/is_available"));
	ck_assert(!rig_has(a, "/cart/items/1/available"));
	ck_assert(!rig_true(a, "/cart/items/2/is_available"));
	rig_sql("UPDATE product_branch SET reserved_quantity = 17 WHERE product_id = 1");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/items/0/available"), 0);
	rig_end();
}
END_TEST

START_TEST(an_idempotent_add_adds_once)
{
	begin();
	for (int i = 0; i < 2; i++)
		rig_ok(rig_call_key("POST", "/cart/add", "{\"product_id\":1,\"quantity\":2}", "key-1"),
		    200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/item_count"), 2);
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_size)
{
	int one, many;

	begin();
	rig_ok(add(1, 1), 200);
	one = rig_call("GET", "/cart", NULL)->statements;
	for (int i = 2; i <= 8; i++)
		rig_ok(add(i, 1), 200);
	many = rig_call("GET", "/cart", NULL)->statements;
	ck_assert_int_eq(one, many);
	rig_end();
}
END_TEST

/* What is not sold where the cart is has no price that could be held (G24). */
START_TEST(what_is_not_sold_yet_costs_what_it_will)
{
	static const struct { const char *before, *body, *after, *price; } cases[] = {
		/* nowhere: it never had a price */
		{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 7",
		    "{\"branch_id\":1,\"items\":[{\"product_id\":7,\"quantity\":1}]}",
		    "UPDATE product_branch SET is_active = 1 WHERE product_id = 7", "160.00" },
		{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 7",
		    "{\"items\":[{\"product_id\":7,\"quantity\":1}]}",
		    "UPDATE product_branch SET is_active = 1 WHERE product_id = 7", "160.00" },
		/* elsewhere, for another price */
		{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 1 AND branch_id = 2",
		    "{\"branch_id\":2,\"items\":[{\"product_id\":1,\"quantity\":1}]}",
		    "UPDATE product_branch SET is_active = 1 WHERE product_id = 1", "110.00" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		begin();
		sold(cases[i].before);
		a = put(cases[i].body);
		rig_ok(a, 200);
		ck_assert_int_eq(rig_count(a, "/missing"), 1);
		sold(cases[i].after);
		a = rig_call("GET", "/cart", NULL);
		ck_assert_msg(strcmp(rig_digits(a, "/cart/subtotal"), cases[i].price) == 0,
		    "%zu: %s", i, a->text);
		rig_end();
	}
}
END_TEST

START_TEST(a_dish_that_the_new_branch_lacks_brings_no_price_along)
{
	begin();
	rig_ok(put("{\"branch_id\":1,\"items\":[{\"product_id\":1,\"quantity\":1}]}"), 200);
	sold("UPDATE product_branch SET is_active = 0 WHERE product_id = 1 AND branch_id = 2");
	ck_assert_int_eq(rig_count(put("{\"branch_id\":2}"), "/missing"), 1);
	sold("UPDATE product_branch SET is_active = 1 WHERE product_id = 1");
	ck_assert_str_eq(rig_digits(rig_call("GET", "/cart", NULL), "/cart/subtotal"), "110.00");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("cart", an_untouched_cart_is_empty, adds_shows_and_sums,
	    adding_again_adds_and_takes_todays_price, a_price_is_kept_for_a_day,
	    reprice_current_takes_todays_at_once, an_override_of_nothing_is_a_price,
	    refuses_what_cannot_be_added, keeps_to_its_bounds, sets_and_removes_by_line,
	    nobody_touches_anothers_cart, a_cart_belongs_to_one_branch,
	    put_switches_the_branch_and_names_what_changed, put_brings_in_a_cart_kept_elsewhere,
	    put_without_members_takes_todays_prices, put_refuses_what_is_wrong,
	    shows_what_is_left_in_the_branch, an_idempotent_add_adds_once,
	    costs_the_same_statements_for_any_size, what_is_not_sold_yet_costs_what_it_will,
	    a_dish_that_the_new_branch_lacks_brings_no_price_along);
}
