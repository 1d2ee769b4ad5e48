/*
 * check_reorder.c - POST /orders/{id}/reorder: the same again at today's prices,
 * as much of it as there is (C3, C12, C13, G74)
 */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#define REORDER "/orders/1/reorder"

/* Anna ordered dishes 1 (two), 2 and 7 in branch 1, and nothing is in her cart. */
static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_set("ORDER_MAX_OPEN", "1000");
	rig_login("anna");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":[{\"product_id\":1,\"quantity\":2},"
	    "{\"product_id\":2,\"quantity\":1},{\"product_id\":7,\"quantity\":1}]}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
}

static const struct rig_reply *
reorder(void)
{
	return rig_call("POST", REORDER, NULL);
}

START_TEST(puts_the_same_into_the_cart)
{
	const struct rig_reply *a;

	begin();
	a = reorder();
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 1);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 3);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "470.00");
	ck_assert_int_eq(rig_int(a, "/cart/version"), 3);
	ck_assert_int_eq(rig_count(a, "/changed"), 0);
	ck_assert_int_eq(rig_count(a, "/missing"), 0);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\",\"expected_total\":470,"
	    "\"cart_version\":3}"), 201);
	rig_end();
}
END_TEST

START_TEST(names_what_costs_another_price)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE product_branch SET base_price = 12000 WHERE product_id = 1");
	a = reorder();
	rig_ok(a, 200);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "120.00");
	ck_assert_int_eq(rig_count(a, "/changed"), 1);
	ck_assert_int_eq(rig_int(a, "/changed/0/product_id"), 1);
	ck_assert_str_eq(rig_digits(a, "/changed/0/old_price"), "100.00");
	ck_assert_str_eq(rig_digits(a, "/changed/0/price"), "120.00");
	rig_end();
}
END_TEST

/* What the shop becomes before; what is in the cart after, and what is told of the first
 * dish that is missing. */
static const struct {
	const char *change;
	int lines, portions, missing;
	const char *reason;
	int requested, added, available;
} cases[] = {
	{ "UPDATE product_branch SET stock_quantity = 3 WHERE product_id = 1", 3, 3, 1,
	    "sold_out", 2, 1, 1 },
	{ "UPDATE product_branch SET stock_quantity = 2 WHERE product_id = 1", 2, 2, 1,
	    "sold_out", 2, 0, 0 },
	{ "UPDATE product_branch SET stopped_until = 1779447600 WHERE product_id = 2", 2, 3, 1,
	    "sold_out", 1, 0, 0 },
	{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 7", 2, 3, 1,
	    "not_sold", 1, 0, 0 },
	{ "DELETE FROM product_branch WHERE product_id = 7", 2, 3, 1, "not_sold", 1, 0, 0 },
	{ "UPDATE product_branch SET stock_quantity = 2, is_active = product_id <> 2", 1, 1, 2,
	    "sold_out", 2, 0, 0 },
};

START_TEST(puts_in_what_can_be_had_and_no_more)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		begin();
		rig_sql(cases[i].change);
		a = reorder();
		rig_ok(a, 200);
		ck_assert_msg(rig_count(a, "/cart/items") == cases[i].lines &&
		    rig_int(a, "/cart/item_count") == cases[i].portions &&
		    rig_count(a, "/missing") == cases[i].missing, "%zu: %s", i, a->text);
		ck_assert_str_eq(rig_text(a, "/missing/0/reason"), cases[i].reason);
		ck_assert_int_eq(rig_int(a, "/missing/0/requested"), cases[i].requested);
		ck_assert_int_eq(rig_int(a, "/missing/0/added"), cases[i].added);
		ck_assert_int_eq(rig_int(a, "/missing/0/available"), cases[i].available);
		ck_assert(rig_has(a, "/missing/0/name"));
		rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
		rig_end();
	}
}
END_TEST

START_TEST(a_full_cart_keeps_its_branch_and_its_lines)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":2,\"items\":[{\"product_id\":1,\"quantity\":3},"
	    "{\"product_id\":5,\"quantity\":1}]}"), 200);
	a = reorder();
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 3);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 5);
	ck_assert_int_eq(rig_count(a, "/missing"), 1);
	ck_assert_str_eq(rig_text(a, "/missing/0/name"), "Голубці");
	ck_assert_int_eq(rig_count(a, "/changed"), 2);
	rig_end();
}
END_TEST

START_TEST(an_empty_cart_goes_where_the_order_was)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":2,\"items\":[]}"), 200);
	ck_assert_int_eq(rig_int(reorder(), "/cart/branch_id"), 1);
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":2,\"items\":[]}"), 200);
	rig_sql("UPDATE branch SET is_active = 0 WHERE id = 1");
	a = reorder();
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	rig_end();
}
END_TEST

START_TEST(keeps_to_the_bounds_of_a_cart)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE product_branch SET stock_quantity = NULL");
	rig_set("CART_MAX_LINES", "2");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":98}]}"), 200);
	a = reorder();
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/items/0/quantity"), 99);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	ck_assert_int_eq(rig_count(a, "/missing"), 2);
	ck_assert_str_eq(rig_text(a, "/missing/0/reason"), "too_many");
	ck_assert_int_eq(rig_int(a, "/missing/0/added"), 1);
	ck_assert_str_eq(rig_text(a, "/missing/1/reason"), "cart_full");
	rig_end();
}
END_TEST

START_TEST(nothing_to_be_had_changes_nothing)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":4,\"quantity\":1}]}"), 200);
	rig_sql("UPDATE product_branch SET is_active = 0 WHERE product_id IN (1, 2, 7)");
	a = reorder();
	rig_refused(a, 409, "item_unavailable");
	ck_assert_int_eq(rig_count(a, "/items"), 3);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 1);
	a = rig_call("GET", "/cart", NULL);
	ck_assert_int_eq(rig_int(a, "/cart/version"), 3);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 1);
	rig_end();
}
END_TEST

START_TEST(a_double_tap_with_a_key_adds_once)
{
	const struct rig_reply *a;

	begin();
	for (int twice = 0; twice < 2; twice++) {
		a = rig_call_key("POST", REORDER, NULL, "again-1");
		rig_ok(a, 200);
		ck_assert_int_eq(rig_int(a, "/cart/item_count"), 4);
	}
	ck_assert_str_eq(rig_header(a, "Idempotency-Replayed"), "true");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/item_count"), 4);
	rig_ok(reorder(), 200);
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/item_count"), 8);
	rig_end();
}
END_TEST

START_TEST(anothers_order_is_not_there)
{
	begin();
	rig_login("borys");
	rig_refused(reorder(), 404, "not_found");
	rig_refused(rig_call("POST", "/orders/9/reorder", NULL), 404, "not_found");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/item_count"), 0);
	rig_logout();
	rig_refused(reorder(), 401, "unauthorized");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("reorder", puts_the_same_into_the_cart, names_what_costs_another_price,
	    puts_in_what_can_be_had_and_no_more, a_full_cart_keeps_its_branch_and_its_lines,
	    an_empty_cart_goes_where_the_order_was, keeps_to_the_bounds_of_a_cart,
	    nothing_to_be_had_changes_nothing, a_double_tap_with_a_key_adds_once,
	    anothers_order_is_not_there);
}
