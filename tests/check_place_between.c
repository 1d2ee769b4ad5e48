/*
 * check_place_between.c - what happens between the look and the order: another
 * tab, another tap, another person, the clock, the till. Whoever is refused is
 * shown what leads to an order (G24, G29, G37, G38, C3, C13, C14)
 */
#include "tests/place.h"
#include "tests/suite.h"

/* Two tabs: what the other one has put in is not swept away unseen. */
START_TEST(put_changes_only_the_cart_that_was_shown)
{
	const struct rig_reply *a;

	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_refused(rig_call("PUT", "/cart", "{\"version\":1,\"items\":[]}"), 409, "cart_changed");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"version\":0,\"items\":"
	    "[{\"product_id\":1,\"quantity\":1}]}"), 200);
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":2,\"quantity\":1}"), 200);
	a = rig_call("PUT", "/cart", "{\"version\":1,\"items\":[]}");
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/version"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	rig_refused(rig_call("PUT", "/cart", "{\"version\":-1}"), 422, "invalid_field");
	rig_refused(rig_call("PUT", "/cart", "{\"version\":\"2\"}"), 422, "invalid_field");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/version"), 2);
	a = rig_call("PUT", "/cart", "{\"version\":2,\"branch_id\":2}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	rig_end();
}
END_TEST

START_TEST(the_other_tab_put_something_in)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":3,\"quantity\":1}"), 200);
	a = place("{\"order_type\":\"pickup\",\"cart_version\":1,\"expected_total\":310}");
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/version"), 2);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 3);
	rig_ok(place("{\"order_type\":\"pickup\",\"cart_version\":2,\"expected_total\":430}"), 201);
	rig_end();
}
END_TEST

/* ---- two at the same moment */

static struct rig_ask asks[2];		/* what each of two processes asks */

/* Each leaves its answer where the other cannot overwrite it. */
static void
ask_and_tell(int who)
{
	const struct rig_reply *a = rig_send(&asks[who]);
	char text[128];

	snprintf(text, sizeof text, "INSERT INTO meta (key, value) VALUES ('answer %d', '%d %s')",
	    who, a->status, a->status == 201 ? "ok" : rig_text(a, "/code"));
	rig_sql(text);
	if (a->status == 409 && strcmp(rig_text(a, "/code"), "cart_empty") == 0)
		ck_assert_int_eq(rig_int(a, "/last_order_id"), 1);
	if (a->status == 409 && strcmp(rig_text(a, "/code"), "item_unavailable") == 0)
		ck_assert_int_eq(rig_int(a, "/items/0/available"), 0);
}

/* The two answers, the lower one first. */
static const char *
answers(void)
{
	return rig_sql_text("SELECT group_concat(value, ', ') FROM (SELECT value FROM meta "
	    "WHERE key LIKE 'answer %' ORDER BY value)");
}

static void
ask_twice(const char *first_token, const char *second_token, const char *key)
{
	rig_set("BUSY_TIMEOUT_MS", "30000");
	for (int i = 0; i < 2; i++)
		asks[i] = (struct rig_ask){ .method = "POST", .path = "/orders", .body = PICKUP,
			.token = i == 0 ? first_token : second_token, .key = key };
	rig_parallel(2, ask_and_tell);
}

START_TEST(a_double_tap_places_one_order)
{
	begin();
	ask_twice(rig_token(), rig_token(), NULL);
	ck_assert_str_eq(answers(), "201 ok, 409 cart_empty");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 1);
	rig_end();
	begin();
	ask_twice(rig_token(), rig_token(), "one-tap");
	ck_assert_str_eq(answers(), "201 ok, 201 ok");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 1);
	rig_end();
}
END_TEST

START_TEST(two_people_and_one_portion)
{
	const char *anna;

	begin();
	anna = rig_token();
	rig_sql("UPDATE product_branch SET stock_quantity = 2 WHERE product_id = 1");
	rig_login("borys");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":2}]}"), 200);
	ask_twice(anna, rig_token(), NULL);
	ck_assert_str_eq(answers(), "201 ok, 409 item_unavailable");
	ck_assert_int_eq(rig_sql_int("SELECT reserved_quantity FROM product_branch "
	    "WHERE product_id = 1 AND branch_id = 1"), 2);
	rig_end();
}
END_TEST

/* ---- a price */

START_TEST(a_price_that_moves_is_held_and_then_shown)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE product_branch SET base_price = 11000 WHERE product_id = 1");
	clock_advance(24 * 3600 - 1);
	rig_login("anna");
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "310.00");
	ck_assert(rig_true(a, "/cart/items/0/price_changed"));
	clock_advance(1);
	a = place("{\"order_type\":\"pickup\",\"expected_total\":310}");
	rig_refused(a, 409, "total_changed");
	ck_assert_str_eq(rig_digits(a, "/total_amount"), "330.00");
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	nothing_is_left("total changed");
	rig_ok(place("{\"order_type\":\"pickup\",\"expected_total\":330}"), 201);
	rig_end();
}
END_TEST

START_TEST(a_price_within_its_time_is_what_is_paid)
{
	begin();
	rig_sql("UPDATE product_branch SET base_price = 99000 WHERE product_id = 1");
	clock_advance(600);
	rig_ok(place("{\"order_type\":\"pickup\",\"expected_total\":310}"), 201);
	rig_end();
}
END_TEST

/* ---- a branch */

/* Open until 20:00 in Kyiv, where it is 13:00 now; LAST_ORDER_MIN is 15. */
START_TEST(a_branch_closes_while_the_customer_looks)
{
	static const struct { int after_s; int status; } cases[] = {
		{ 0, 201 }, { 6 * 3600 + 45 * 60, 201 }, { 6 * 3600 + 45 * 60 + 1, 409 },
		{ 7 * 3600, 409 }, { 8 * 3600, 409 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		begin();
		rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"20:00\"]],"
		    "\"sat\":[[\"10:00\",\"20:00\"]]}'");
		clock_advance(cases[i].after_s);
		rig_login("anna");
		a = place(PICKUP);
		rig_ok(a, cases[i].status);
		if (cases[i].status == 409) {
			ck_assert_str_eq(rig_text(a, "/code"), "branch_closed");
			ck_assert_str_eq(rig_text(a, "/opens_at"), "2026-05-23T07:00:00Z");
			nothing_is_left("closed");
		}
		rig_end();
	}
}
END_TEST

/* ---- an account */

START_TEST(a_blocked_customer_buys_nothing)
{
	static const struct { const char *method, *path, *body; } asked[] = {
		{ "POST", "/orders", PICKUP }, { "GET", "/cart", NULL },
		{ "POST", "/cart/add", "{\"product_id\":1,\"quantity\":1}" },
		{ "PUT", "/cart", "{\"items\":[]}" }, { "POST", "/orders/1/cancel", NULL },
	};

	begin();
	rig_sql("UPDATE users SET is_blocked = 1");
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		rig_refused(rig_call(asked[i].method, asked[i].path, asked[i].body), 403,
		    "account_blocked");
	nothing_is_left("blocked");
	rig_sql("UPDATE users SET is_blocked = 0");
	rig_ok(place(PICKUP), 201);
	rig_end();
}
END_TEST

/* ---- every refusal leads on */

#define CART(items) "{\"branch_id\":1,\"items\":[" items "]}"
#define NEAR "{\"text\":\"вул. Січових Стрільців, 5\"," PLACE "}"

/* Something changes, the order is refused and shows what is next; the customer or the
 * time does it (a PUT /cart, a change, so many seconds), and the order goes through. */
static const struct {
	const char *key, *value, *change, *body;
	int status;
	const char *code, *shows, *cart, *mended;
	int later_s;
	const char *again;
} ways[] = {
	{ NULL, NULL, "DELETE FROM cart_item", PICKUP, 409, "cart_empty", "/cart/version",
	    CART("{\"product_id\":1,\"quantity\":1}"), NULL, 0, PICKUP },
	{ NULL, NULL, "UPDATE cart SET version = 5", "{\"order_type\":\"pickup\",\"cart_version\":1}",
	    409, "cart_changed", "/cart/items/1/price", NULL, NULL, 0,
	    "{\"order_type\":\"pickup\",\"cart_version\":5}" },
	{ NULL, NULL, NULL, "{\"branch_id\":2,\"order_type\":\"pickup\"}", 409, "cart_changed",
	    "/cart/subtotal", "{\"branch_id\":2}", NULL, 0,
	    "{\"branch_id\":2,\"order_type\":\"pickup\",\"expected_total\":340}" },
	{ NULL, NULL, "UPDATE branch SET latitude = 50.4771", "{\"order_type\":\"delivery\","
	    "\"delivery_address\":" NEAR ",\"expected_total\":1}", 409, "total_changed",
	    "/total_amount", NULL, NULL, 0, "{\"order_type\":\"delivery\",\"delivery_address\":"
	    NEAR ",\"expected_total\":409}" },
	{ "REPRICE", "reject", "UPDATE product_branch SET base_price = 11000 WHERE product_id = 1",
	    PICKUP, 409, "price_changed", "/cart/items/0/current_price", "{}", NULL, 0, PICKUP },
	{ NULL, NULL, "UPDATE product_branch SET stock_quantity = 1 WHERE product_id = 1", PICKUP,
	    409, "item_unavailable", "/items/0/available",
	    CART("{\"product_id\":1,\"quantity\":1}"), NULL, 0, PICKUP },
	{ NULL, NULL, "UPDATE branch SET operating_hours = '{\"fri\":[[\"13:10\",\"20:00\"]]}'",
	    PICKUP, 409, "branch_closed", "/opens_at", NULL, NULL, 600, PICKUP },
	{ NULL, NULL, "UPDATE branch SET paused_until = 1779444060", PICKUP, 409, "branch_paused",
	    "/paused_until", NULL, NULL, 60, PICKUP },
	{ NULL, NULL, "UPDATE branch SET supports_delivery = 0", DELIVERY, 409,
	    "branch_order_type", "/branch_phone", NULL, NULL, 0, PICKUP },
	{ NULL, NULL, NULL, "{\"branch_id\":1,\"order_type\":\"delivery\"}", 422,
	    "address_required", NULL, NULL, NULL, 0, DELIVERY },
	{ NULL, NULL, NULL, "{\"branch_id\":1,\"order_type\":\"delivery\",\"delivery_address\":"
	    "{\"text\":\"вул. Січових Стрільців, 5\"}}", 422, "coordinates_required", NULL, NULL,
	    NULL, 0, DELIVERY },
	{ NULL, NULL, "UPDATE users SET phone = NULL", PICKUP, 422, "phone_required", NULL, NULL,
	    NULL, 0, "{\"order_type\":\"pickup\",\"contact_phone\":\"0671234567\"}" },
	{ "DELIVERY_MAX_KM", "1", NULL, DELIVERY, 422, "out_of_area", "/max_km", NULL, NULL, 0,
	    PICKUP },
	{ "DELIVERY_MIN_SUBTOTAL", "320", NULL, DELIVERY, 422, "below_minimum", "/minimum",
	    CART("{\"product_id\":1,\"quantity\":4}"), NULL, 0, DELIVERY },
	{ "ORDER_MAX_OPEN", "1", "INSERT INTO orders (ref, day, number, user_id, branch_id, "
	    "order_type, subtotal, delivery_fee, total_amount, contact_name, contact_phone, "
	    "branch_name, branch_address, created_at, updated_at) VALUES ('x', 1, 1, 1, 1, "
	    "'pickup', 1, 0, 1, 'A', '+380', 'b', 'b', 1, 1)", PICKUP, 409,
	    "too_many_open_orders", "/max_open_orders", NULL,
	    "UPDATE orders SET status = 'delivered'", 0, PICKUP },
};

/* Each third of the table: a test has a minute, and a shop is made for each row. */
static void
walk(size_t third)
{
	for (size_t i = third; i < sizeof ways / sizeof *ways; i += 3) {
		const struct rig_reply *a;

		begin();
		if (ways[i].key != NULL)
			rig_set(ways[i].key, ways[i].value);
		if (ways[i].change != NULL)
			rig_sql(ways[i].change);
		a = place(ways[i].body);
		ck_assert_msg(a->status == ways[i].status &&
		    strcmp(rig_text(a, "/code"), ways[i].code) == 0, "%zu: %s", i, a->text);
		ck_assert_msg(ways[i].shows == NULL || rig_has(a, ways[i].shows), "%zu: %s", i, a->text);
		ck_assert_msg(a->status != 409 || rig_has(a, "/cart/version"), "%zu: %s", i, a->text);
		if (ways[i].cart != NULL)
			rig_ok(rig_call("PUT", "/cart", ways[i].cart), 200);
		if (ways[i].mended != NULL)
			rig_sql(ways[i].mended);
		clock_advance(ways[i].later_s);
		a = place(ways[i].again);
		ck_assert_msg(a->status == 201, "%zu: then %d %s", i, a->status, a->text);
		rig_end();
	}
}

START_TEST(every_refusal_shows_the_way_to_an_order)
{
	walk(0);
}
END_TEST

START_TEST(every_refusal_shows_the_way_to_an_order_too)
{
	walk(1);
}
END_TEST

START_TEST(every_refusal_shows_the_way_to_an_order_as_well)
{
	walk(2);
}
END_TEST

int
main(void)
{
	return SUITE("place_between", put_changes_only_the_cart_that_was_shown,
	    the_other_tab_put_something_in, a_double_tap_places_one_order,
	    two_people_and_one_portion, a_price_that_moves_is_held_and_then_shown,
	    a_price_within_its_time_is_what_is_paid, a_branch_closes_while_the_customer_looks,
	    a_blocked_customer_buys_nothing, every_refusal_shows_the_way_to_an_order,
	    every_refusal_shows_the_way_to_an_order_too,
	    every_refusal_shows_the_way_to_an_order_as_well);
}
