/* check_suggest.c - POST /branches/suggest, and orders that name no branch (G27, G28, G29, G83) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/branch.h"
#include "tests/rig.h"
#include "tests/suite.h"

#undef fail

/* Branch 2 "Поділ" is 0.85 km away, 1 "Центр" 1.20; only 1 has dishes 7 and up. */
#define HERE "\"latitude\":50.46,\"longitude\":30.53"
#define THERE "\"delivery_address\":{\"text\":\"Поділ, 1\"," HERE "}"

static void
begin(void)
{
	rig_begin();
	rig_seed();
}

static const struct rig_reply *
suggest(const char *body)
{
	return rig_call("POST", "/branches/suggest", body);
}

static const struct rig_reply *
order(const char *body)
{
	return rig_call("POST", "/orders", body);
}

static void
add(const char *body)
{
	rig_ok(rig_call("POST", "/cart/add", body), 200);
}

/* G27 */
START_TEST(the_nearest_that_has_all_is_suggested)
{
	const struct rig_reply *a;

	begin();
	a = suggest("{\"order_type\":\"delivery\"," HERE ",\"items\":["
	    "{\"product_id\":1,\"quantity\":2},{\"product_id\":2,\"quantity\":1}]}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 2);
	ck_assert_str_eq(rig_digits(a, "/suggestion/branch/distance_km"), "0.85");
	ck_assert_str_eq(rig_digits(a, "/suggestion/distance_km"), "0.85");
	ck_assert_int_eq(rig_int(a, "/suggestion/eta_min"), 45);
	ck_assert_str_eq(rig_digits(a, "/suggestion/subtotal"), "340.00");
	ck_assert_str_eq(rig_digits(a, "/suggestion/delivery_fee"), "99.00");
	ck_assert_str_eq(rig_digits(a, "/suggestion/total_amount"), "439.00");
	ck_assert_int_eq(rig_count(a, "/passed_over"), 0);
	ck_assert_int_eq(rig_int(a, "/looked_at"), 1);
	a = suggest("{\"order_type\":\"pickup\"," HERE ",\"items\":["
	    "{\"product_id\":1,\"quantity\":2},{\"product_id\":8,\"quantity\":99}]}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 1);
	ck_assert_int_eq(rig_int(a, "/suggestion/eta_min"), 20);
	ck_assert_str_eq(rig_digits(a, "/suggestion/delivery_fee"), "0.00");
	ck_assert_str_eq(rig_text(a, "/passed_over/0/code"), "item_unavailable");
	ck_assert_int_eq(rig_count(a, "/passed_over/0/items"), 1);
	ck_assert_int_eq(rig_int(a, "/passed_over/0/items/0/product_id"), 8);
	ck_assert_int_eq(rig_int(a, "/passed_over/0/items/0/requested"), 99);
	ck_assert_int_eq(rig_int(a, "/passed_over/0/items/0/available"), 0);
	ck_assert_str_eq(rig_text(a, "/passed_over/0/items/0/name"), "Деруни зі сметаною");
	rig_end();
}
END_TEST

/* G29: with what the client shows of each */
START_TEST(each_one_passed_over_says_why)
{
	static const struct { const char *change, *code, *shown; } cases[] = {
		{ "UPDATE branch SET operating_hours = '{\"sat\":[[\"10:00\",\"11:00\"]]}' WHERE id = 2",
		    "branch_closed", "/passed_over/0/opens_at" },
		{ "UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"13:14\"],[\"20:00\","
		    "\"21:00\"]]}' WHERE id = 2", "branch_closed", "/passed_over/0/opens_at" },
		{ "UPDATE branch SET paused_until = 1779444001 WHERE id = 2", "branch_paused",
		    "/passed_over/0/paused_until" },
		{ "UPDATE branch SET supports_delivery = 0 WHERE id = 2", "branch_order_type", NULL },
		{ "UPDATE branch SET delivery_radius_m = 848 WHERE id = 2", "out_of_area",
		    "/passed_over/0/max_km" },
		{ "UPDATE product_branch SET stock_quantity = 1 WHERE branch_id = 2",
		    "item_unavailable", "/passed_over/0/items/0/name" },
		{ "UPDATE product_branch SET reserved_quantity = 9 WHERE branch_id = 2",
		    "item_unavailable", "/passed_over/0/items/0/available" },
		{ "UPDATE product_branch SET stopped_until = 1779444001 WHERE branch_id = 2",
		    "item_unavailable", "/passed_over/0/items/0/name" },
		{ "UPDATE product_branch SET is_active = 0 WHERE branch_id = 2",
		    "item_unavailable", "/passed_over/0/items/0/name" },
	};
	const struct rig_reply *a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		rig_sql(cases[i].change);
		a = suggest("{\"order_type\":\"delivery\"," THERE
		    ",\"items\":[{\"product_id\":1,\"quantity\":2}]}");
		rig_ok(a, 200);
		ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 1);
		ck_assert_int_eq(rig_count(a, "/passed_over"), 1);
		ck_assert_int_eq(rig_int(a, "/passed_over/0/branch_id"), 2);
		ck_assert_str_eq(rig_text(a, "/passed_over/0/code"), cases[i].code);
		ck_assert(rig_has(a, "/passed_over/0/error"));
		ck_assert_str_eq(rig_digits(a, "/passed_over/0/distance_km"), "0.85");
		ck_assert_msg(cases[i].shown == NULL || rig_has(a, cases[i].shown), "%s", a->text);
		rig_end();
	}
}
END_TEST

START_TEST(none_is_an_answer_with_reasons)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE branch SET paused_until = 1779444001 WHERE id = 1");
	a = suggest("{\"order_type\":\"delivery\"," HERE
	    ",\"items\":[{\"product_id\":7,\"quantity\":1}]}");
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/suggestion"));
	ck_assert_int_eq(rig_count(a, "/passed_over"), 2);
	ck_assert_str_eq(rig_text(a, "/passed_over/0/code"), "item_unavailable");
	ck_assert_str_eq(rig_text(a, "/passed_over/1/code"), "branch_paused");
	ck_assert_int_eq(rig_count(a, "/passed_over/1/items"), 0);
	clock_advance(1);
	ck_assert_int_eq(rig_int(suggest("{\"order_type\":\"delivery\"," HERE
	    ",\"items\":[{\"product_id\":7,\"quantity\":1}]}"), "/suggestion/branch/id"), 1);
	rig_sql("UPDATE branch SET is_active = 0");
	a = suggest("{\"order_type\":\"pickup\"}");
	ck_assert(!rig_has(a, "/suggestion"));
	ck_assert_int_eq(rig_int(a, "/looked_at"), 0);
	rig_end();
}
END_TEST

/* What is sent goes before what is kept; a guest has only what he sends. */
START_TEST(the_cart_and_the_address_of_the_account_count)
{
	const struct rig_reply *a;

	begin();
	rig_refused(suggest("{\"order_type\":\"delivery\"}"), 422, "coordinates_required");
	rig_login("anna");
	rig_refused(suggest("{\"order_type\":\"delivery\"}"), 422, "coordinates_required");
	rig_sql("UPDATE users SET latitude = 50.46, longitude = 30.53");
	add("{\"product_id\":10,\"quantity\":1}");
	a = suggest("{\"order_type\":\"delivery\"}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 1);
	ck_assert_str_eq(rig_digits(a, "/suggestion/subtotal"), "150.00");	/* G16 */
	ck_assert_str_eq(rig_digits(a, "/suggestion/distance_km"), "1.20");
	a = suggest("{\"order_type\":\"delivery\",\"items\":[]}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 2);
	ck_assert_str_eq(rig_digits(a, "/suggestion/subtotal"), "0.00");
	a = suggest("{\"order_type\":\"delivery\",\"latitude\":50.45,\"longitude\":30.52,"
	    "\"items\":[{\"product_id\":1,\"quantity\":1}]}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 1);
	rig_logout();
	/* by name where nobody knows where he is, and a place that is not known is no hindrance */
	a = suggest("{\"order_type\":\"pickup\"}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 2);
	ck_assert(!rig_has(a, "/suggestion/distance_km"));
	rig_sql("UPDATE branch SET latitude = NULL, longitude = NULL");
	a = suggest("{\"order_type\":\"pickup\"," HERE "}");
	ck_assert_int_eq(rig_int(a, "/suggestion/branch/id"), 2);
	ck_assert(!rig_has(a, "/suggestion/branch/distance_km"));
	rig_end();
}
END_TEST

/* G8 */
START_TEST(a_bad_token_is_refused_and_none_is_not)
{
	const char *body = "{\"order_type\":\"pickup\"}";
	struct rig_ask ask = { .method = "POST", .path = "/branches/suggest", .body = body,
		.type = "application/json" };

	begin();
	rig_ok(rig_send(&ask), 200);
	ask.token = "a.b.c";
	rig_refused(rig_send(&ask), 401, "unauthorized");
	ask.token = "";
	rig_refused(rig_send(&ask), 401, "unauthorized");
	rig_login("anna");
	ask.token = rig_token();
	rig_ok(rig_send(&ask), 200);
	rig_sql("UPDATE users SET is_blocked = 1");
	rig_refused(rig_send(&ask), 403, "account_blocked");
	rig_sql("UPDATE users SET is_blocked = 0");
	rig_sql("UPDATE session SET ended_at = 1");
	rig_refused(rig_send(&ask), 401, "unauthorized");
	clock_advance(86400);
	rig_refused(rig_send(&ask), 401, "unauthorized");
	rig_end();
}
END_TEST

/* G76 */
START_TEST(wrong_bodies_are_named)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{}", "/fields/order_type" },
		{ "{\"order_type\":\"drone\"}", "/fields/order_type" },
		{ "{\"order_type\":\"pickup\",\"latitude\":50}", "/fields/longitude" },
		{ "{\"order_type\":\"pickup\",\"latitude\":91,\"longitude\":0}", "/fields/latitude" },
		{ "{\"order_type\":\"delivery\",\"delivery_address\":[]}", "/fields/delivery_address" },
		{ "{\"order_type\":\"delivery\",\"delivery_address\":{\"latitude\":\"x\","
		    "\"longitude\":1}}", "/fields/delivery_address.latitude" },
		{ "{\"order_type\":\"pickup\",\"items\":{}}", "/fields/items" },
		{ "{\"order_type\":\"pickup\",\"items\":[1]}", "/fields/items[0].product_id" },
		{ "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1}]}",
		    "/fields/items[0].quantity" },
		{ "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1,\"quantity\":100}]}",
		    "/fields/items[0].quantity" },
		{ "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1,\"quantity\":1},"
		    "{\"product_id\":1,\"quantity\":1}]}", "/fields/items[1].product_id" },
		{ "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1,\"quantity\":1},"
		    "{\"product_id\":999,\"quantity\":1}]}", "/fields/items[1].product_id" },
	};
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = suggest(cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].body, a->text);
	}
	rig_end();
}
END_TEST

/* Branches 101 and on, to the north of all, each with the dishes of branch 1. */
static void
add_branches(int n)
{
	struct branch_news news = { .name = "Філія", .longitude = 30.53 };
	char key[16], text[512];
	int64_t id;

	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (int i = 0; i < n; i++) {
		snprintf(key, sizeof key, "n%d", i);
		news.key = key;
		news.latitude = 50.461 + i / 10000.0;
		ck_assert_int_eq(branch_put(rig_app()->db, &news, 1, &id), 2);
	}
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	snprintf(text, sizeof text, "INSERT INTO product_branch (product_id, branch_id, base_price, "
	    "stock_quantity, sort_key, pos_last_synced_at, created_at, updated_at) "
	    "SELECT p.product_id, b.id, 10000, 5, p.sort_key, 1, 1, 1 FROM product_branch p, branch b "
	    "WHERE p.branch_id = 1 AND b.id > 2");
	rig_sql(text);
}

/* G83, and the bounds of the answer */
START_TEST(the_work_is_bounded)
{
	const char *one = "{\"order_type\":\"delivery\"," HERE
	    ",\"items\":[{\"product_id\":1,\"quantity\":50}]}";
	const char *more = "{\"order_type\":\"delivery\"," HERE
	    ",\"items\":[{\"product_id\":1,\"quantity\":50},{\"product_id\":2,\"quantity\":50},"
	    "{\"product_id\":3,\"quantity\":50},{\"product_id\":4,\"quantity\":50}]}";
	const struct rig_reply *a;
	int statements;

	begin();
	statements = suggest(one)->statements;
	ck_assert_int_eq(suggest(more)->statements, statements);
	add_branches(80);
	a = suggest(more);
	ck_assert(!rig_has(a, "/suggestion"));
	ck_assert_int_eq(rig_int(a, "/looked_at"), 50);
	ck_assert_int_eq(rig_count(a, "/passed_over"), 20);
	ck_assert_int_eq(rig_count(a, "/passed_over/19/items"), 4);
	ck_assert_int_eq(rig_int(a, "/passed_over/19/items/3/available"), 5);
	ck_assert_int_le(a->statements, statements);
	rig_end();
}
END_TEST

/* ---- orders that name no branch */

#define AUTO "{\"order_type\":\"delivery\"," THERE "}"

START_TEST(without_the_setting_a_branch_must_be_named)
{
	begin();
	rig_login("anna");
	add("{\"product_id\":1,\"quantity\":1}");
	ck_assert(rig_has(order(AUTO), "/fields/branch_id"));
	rig_end();
}
END_TEST

/* G27: by ROUTING_AUTO */
START_TEST(an_order_goes_to_the_nearest_that_can)
{
	const struct rig_reply *a;

	begin();
	rig_set("ROUTING_AUTO", "yes");
	rig_login("anna");
	add("{\"product_id\":8,\"quantity\":1}");
	a = order(AUTO);
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/order/branch_id"), 1);	/* 2 has no such dish */
	ck_assert_str_eq(rig_digits(a, "/order/total_amount"), "269.00");
	/* a branch that was chosen is kept, whatever is nearer */
	add("{\"product_id\":1,\"quantity\":1,\"branch_id\":1}");
	a = order(AUTO);
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/order/branch_id"), 1);
	rig_end();
}
END_TEST

/* Nobody pays what he did not see: 10.00 more at the nearest. */
START_TEST(its_prices_are_shown_before_they_are_paid)
{
	const struct rig_reply *a;

	begin();
	rig_set("ROUTING_AUTO", "yes");
	rig_login("anna");
	add("{\"product_id\":1,\"quantity\":1}");
	a = order("{\"order_type\":\"delivery\"," THERE ",\"expected_total\":199.00}");
	rig_refused(a, 409, "total_changed");
	ck_assert_str_eq(rig_digits(a, "/total_amount"), "209.00");
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM cart WHERE branch_id IS NOT NULL"), 0);
	a = order("{\"order_type\":\"delivery\"," THERE ",\"expected_total\":209.00}");
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/order/branch_id"), 2);
	ck_assert_str_eq(rig_digits(a, "/order/items/0/unit_price"), "110.00");
	add("{\"product_id\":1,\"quantity\":1}");
	rig_sql("UPDATE cart SET branch_id = NULL");
	rig_sql("UPDATE cart_item SET price_at_add = 10000");
	a = order(AUTO);
	rig_refused(a, 409, "cart_changed");
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "110.00");
	rig_ok(order(AUTO), 201);
	rig_end();
}
END_TEST

START_TEST(no_branch_is_a_refusal_with_reasons)
{
	const struct rig_reply *a;

	begin();
	rig_set("ROUTING_AUTO", "yes");
	rig_login("anna");
	add("{\"product_id\":8,\"quantity\":1}");
	rig_sql("UPDATE branch SET operating_hours = '{\"sat\":[[\"10:00\",\"22:00\"]]}' "
	    "WHERE id = 1");
	a = order(AUTO);
	rig_refused(a, 409, "no_branch");
	ck_assert_int_eq(rig_count(a, "/passed_over"), 2);
	ck_assert_str_eq(rig_text(a, "/passed_over/0/items/0/name"), "Деруни зі сметаною");
	ck_assert_str_eq(rig_text(a, "/passed_over/1/opens_at"), "2026-05-23T07:00:00Z");
	ck_assert_int_eq(rig_count(a, "/cart/items"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 0);
	rig_end();
}
END_TEST

/* Where he picks up nobody can guess. */
START_TEST(a_pickup_is_routed_from_the_accounts_address)
{
	const struct rig_reply *a;

	begin();
	rig_set("ROUTING_AUTO", "yes");
	rig_login("anna");
	add("{\"product_id\":8,\"quantity\":1}");
	a = order("{\"order_type\":\"pickup\"}");
	rig_refused(a, 422, "invalid_field");
	ck_assert(rig_has(a, "/fields/branch_id"));
	rig_sql("UPDATE users SET latitude = 50.46, longitude = 30.53");
	a = order("{\"order_type\":\"pickup\"}");
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/order/branch_id"), 1);
	add("{\"product_id\":8,\"quantity\":1}");
	rig_sql("UPDATE users SET phone = NULL");
	rig_refused(order("{\"order_type\":\"pickup\"}"), 422, "phone_required");
	rig_refused(order("{\"order_type\":\"delivery\"}"), 422, "phone_required");
	rig_sql("UPDATE users SET phone = '+380671234567'");
	rig_refused(order("{\"order_type\":\"delivery\"}"), 422, "address_required");
	rig_end();
}
END_TEST

/* The last portion of the nearest goes once; the others go where there is more. */
enum { GUESTS = 8 };
static const char *tokens[GUESTS];

/* A machine that is slow may answer "busy" for a while. */
static int
order_at(int guest, const char *total)
{
	char body[256];
	struct rig_ask ask = { .method = "POST", .path = "/orders", .body = body,
		.type = "application/json", .token = tokens[guest] };
	int status;

	snprintf(body, sizeof body, "{\"order_type\":\"delivery\"," THERE
	    ",\"expected_total\":%s}", total);
	do
		status = rig_send(&ask)->status;
	while (status == 503);
	return status;
}

static void
place_one(int guest)
{
	ck_assert(order_at(guest, "209.00") == 201 || order_at(guest, "199.00") == 201);
}

START_TEST(eight_at_once_are_spread_over_what_there_is)
{
	char name[16];

	begin();
	rig_set("ROUTING_AUTO", "yes");
	for (int i = 0; i < GUESTS; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		rig_login(name);
		add("{\"product_id\":1,\"quantity\":1}");
		tokens[i] = rig_token();
	}
	rig_sql("UPDATE product_branch SET stock_quantity = 3 WHERE branch_id = 2");
	rig_parallel(GUESTS, place_one);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders WHERE branch_id = 2"), 3);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders WHERE branch_id = 1"), 5);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("suggest", the_nearest_that_has_all_is_suggested,
	    each_one_passed_over_says_why, none_is_an_answer_with_reasons,
	    the_cart_and_the_address_of_the_account_count, a_bad_token_is_refused_and_none_is_not,
	    wrong_bodies_are_named, the_work_is_bounded,
	    without_the_setting_a_branch_must_be_named, an_order_goes_to_the_nearest_that_can,
	    its_prices_are_shown_before_they_are_paid, no_branch_is_a_refusal_with_reasons,
	    a_pickup_is_routed_from_the_accounts_address,
	    eight_at_once_are_spread_over_what_there_is);
}
