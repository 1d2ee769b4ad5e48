/*
 * check_place.c - placing an order: what is placed is whole, every refusal
 * leaves nothing behind (G36–G46, C3, C7, C13, C14, C20)
 */
#include "tests/place.h"
#include "tests/suite.h"

START_TEST(places_a_delivery_with_everything)
{
	const struct rig_reply *a;

	begin();
	a = place("{\"branch_id\":1,\"order_type\":\"delivery\",\"notes\":\" Без цибулі\\nДякую \","
	    "\"contact_name\":\"Олена\",\"contact_phone\":\"067 123-45-67\",\"delivery_address\":"
	    "{\"text\":\"вул. Січових Стрільців, 5\",\"apartment\":\"12\",\"comment\":\"код 5\","
	    "\"extra\":1," PLACE "},\"user_id\":99,\"status\":\"delivered\",\"total_amount\":1}");
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/order/id"), 1);
	ck_assert_int_eq(rig_int(a, "/order/number"), 1);
	ck_assert_str_eq(rig_text(a, "/order/status"), "pending");
	ck_assert_str_eq(rig_text(a, "/order/submission"), "queued");
	ck_assert(!rig_has(a, "/order/attention") && !rig_has(a, "/order/reason_code"));
	ck_assert_str_eq(rig_text(a, "/order/order_type"), "delivery");
	ck_assert_str_eq(rig_text(a, "/order/branch/name"), "Центр");
	ck_assert_str_eq(rig_text(a, "/order/branch/address"), "вул. Хрещатик, 1");
	ck_assert_str_eq(rig_text(a, "/order/branch/phone"), "+380441112233");
	ck_assert_int_eq(rig_int(a, "/order/branch_id"), 1);
	ck_assert_str_eq(rig_text(a, "/order/contact_name"), "Олена");
	ck_assert_str_eq(rig_text(a, "/order/contact_phone"), "+380671234567");
	ck_assert_str_eq(rig_text(a, "/order/payment"), "on_receipt");
	ck_assert_str_eq(rig_digits(a, "/order/subtotal"), "310.00");
	ck_assert_str_eq(rig_digits(a, "/order/delivery_fee"), "99.00");
	ck_assert_str_eq(rig_digits(a, "/order/total_amount"), "409.00");
	ck_assert_int_eq(rig_int(a, "/order/delivery_distance_m"), 1196);
	ck_assert_str_eq(rig_text(a, "/order/currency"), "UAH");
	ck_assert_str_eq(rig_text(a, "/order/delivery_address/apartment"), "12");
	ck_assert(!rig_has(a, "/order/delivery_address/floor"));
	ck_assert(!rig_has(a, "/order/delivery_address/extra"));
	ck_assert_str_eq(rig_digits(a, "/order/delivery_address/latitude"), "50.460000");
	ck_assert_str_eq(rig_digits(a, "/order/delivery_longitude"), "30.530000");
	ck_assert_str_eq(rig_text(a, "/order/notes"), "Без цибулі\nДякую");
	ck_assert(!rig_has(a, "/order/pos_order_id") && !rig_has(a, "/order/pos_sent_at"));
	ck_assert_str_eq(rig_text(a, "/order/created_at"), "2026-05-22T10:00:00Z");
	ck_assert_int_eq(rig_count(a, "/order/items"), 2);
	ck_assert_str_eq(rig_text(a, "/order/items/0/name"), "Борщ український");
	ck_assert_str_eq(rig_text(a, "/order/items/0/pos_product_id"), "p1");
	ck_assert_int_eq(rig_int(a, "/order/items/0/quantity"), 2);
	ck_assert_str_eq(rig_digits(a, "/order/items/0/unit_price"), "100.00");
	ck_assert_str_eq(rig_digits(a, "/order/items/0/total_price"), "200.00");
	ck_assert_int_eq(rig_count(a, "/order/timeline"), 1);
	ck_assert_str_eq(rig_text(a, "/order/timeline/0/status"), "pending");
	ck_assert_int_eq(rig_sql_int("SELECT user_id FROM orders"), 1);
	rig_end();
}
END_TEST

START_TEST(one_transaction_writes_all_that_belongs_to_it)
{
	const struct rig_reply *a;

	begin();
	rig_ok(place(PICKUP), 201);
	ck_assert_str_eq(rig_sql_text("SELECT ref FROM orders"), "1-1");
	ck_assert_int_eq(rig_sql_int("SELECT day FROM orders"), 20260522);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE state = 'due' "
	    "AND lane = 'pos' AND kind = 'order' AND order_id = 1 AND length(idempotency_key) = 28 "
	    "AND idempotency_key LIKE '1-1-%' "
	    "AND sent_at IS NULL"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM notification WHERE user_id = 1 "
	    "AND template = 'order_received' AND order_id = 1"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE user_id = 1 "
	    "AND type = 'notification'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE user_id IS NULL "
	    "AND branch_id = 1 AND type = 'order.placed'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM order_move WHERE status = 'pending' "
	    "AND by = 'customer'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT reserved_quantity FROM product_branch "
	    "WHERE product_id = 1 AND branch_id = 1"), 2);
	ck_assert_int_eq(rig_sql_int("SELECT sum(quantity) FROM reservation"), 3);
	a = rig_call("GET", "/cart", NULL);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 0);
	ck_assert_int_eq(rig_int(a, "/cart/version"), 2);
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 1);
	rig_end();
}
END_TEST

START_TEST(later_changes_do_not_reach_a_placed_order)
{
	const struct rig_reply *a;

	begin();
	rig_ok(place(DELIVERY), 201);
	rig_sql("UPDATE product SET name = 'X', pos_product_id = 'X' || id");
	rig_sql("UPDATE product_branch SET base_price = 1");
	rig_sql("UPDATE branch SET name = 'X', address = 'X', phone = 'X'");
	rig_sql("UPDATE users SET name = 'X', phone = 'X', address = 'X'");
	a = rig_call("GET", "/orders/1", NULL);
	ck_assert_ptr_null(strstr(a->text, "\"X"));
	ck_assert_str_eq(rig_digits(a, "/order/total_amount"), "409.00");
	rig_end();
}
END_TEST

START_TEST(pickup_costs_no_delivery_and_needs_no_address)
{
	const struct rig_reply *a;

	begin();
	a = place("{\"branch_id\":1,\"order_type\":\"pickup\",\"delivery_address\":"
	    "{\"text\":\"x\",\"latitude\":1}}");
	rig_ok(a, 201);
	ck_assert_str_eq(rig_digits(a, "/order/delivery_fee"), "0.00");
	ck_assert_str_eq(rig_digits(a, "/order/total_amount"), "310.00");
	ck_assert(!rig_has(a, "/order/delivery_address") && !rig_has(a, "/order/delivery_latitude"));
	ck_assert(!rig_has(a, "/order/delivery_distance_m"));
	rig_end();
}
END_TEST

/* Change the shop, place, be refused; and the answer shows this. */
static const struct {
	const char *change, *body;
	int status;
	const char *code, *shows;
} refusals[] = {
	{ NULL, "{}", 422, "invalid_field", "/fields/order_type" },
	{ NULL, "{\"order_type\":\"drone\"}", 422, "invalid_field", "/fields/order_type" },
	{ NULL, "{\"branch_id\":\"1\",\"order_type\":\"pickup\"}", 422, "invalid_field",
	    "/fields/branch_id" },
	{ NULL, "{\"branch_id\":9,\"order_type\":\"pickup\"}", 422, "invalid_field",
	    "/fields/branch_id" },
	{ NULL, "{\"order_type\":\"pickup\",\"notes\":5}", 422, "invalid_field", "/fields/notes" },
	{ NULL, "{\"order_type\":\"pickup\",\"contact_phone\":\"12\"}", 422, "invalid_field",
	    "/fields/contact_phone" },
	{ NULL, "{\"order_type\":\"pickup\",\"expected_total\":-1}", 422, "invalid_field",
	    "/fields/expected_total" },
	{ NULL, "{\"order_type\":\"delivery\",\"delivery_address\":\"Київ\"}", 422,
	    "invalid_field", "/fields/delivery_address" },
	{ NULL, "{\"order_type\":\"delivery\",\"delivery_address\":{\"text\":\"x\","
	    "\"latitude\":91,\"longitude\":30}}", 422, "invalid_field",
	    "/fields/delivery_address.latitude" },
	{ NULL, "{\"order_type\":\"delivery\",\"delivery_address\":{\"text\":\"x\","
	    "\"latitude\":50}}", 422, "invalid_field", "/fields/delivery_address.longitude" },
	{ NULL, "{\"branch_id\":1,\"order_type\":\"delivery\"}", 422, "address_required", NULL },
	{ NULL, "{\"branch_id\":1,\"order_type\":\"delivery\",\"delivery_address\":{" PLACE "}}",
	    422, "address_required", NULL },
	{ NULL, "{\"branch_id\":1,\"order_type\":\"delivery\",\"delivery_address\":"
	    "{\"text\":\"вул. Січових Стрільців, 5\"}}", 422, "coordinates_required", NULL },
	{ "UPDATE users SET address = '{\"text\":\"дім\"}'",
	    "{\"branch_id\":1,\"order_type\":\"delivery\"}", 422, "coordinates_required", NULL },
	{ "UPDATE users SET phone = NULL", PICKUP, 422, "phone_required", NULL },
	{ "UPDATE branch SET delivery_radius_m = 1195", DELIVERY, 422, "out_of_area", "/max_km" },
	{ "UPDATE branch SET latitude = 50.8", DELIVERY, 422, "out_of_area", "/distance_km" },
	{ "UPDATE branch SET is_active = 0", PICKUP, 409, "branch_closed", "/cart/items/0" },
	{ "UPDATE branch SET paused_until = 1779444001", PICKUP, 409, "branch_paused",
	    "/paused_until" },
	{ "UPDATE branch SET supports_pickup = 0", PICKUP, 409, "branch_order_type",
	    "/branch_phone" },
	{ "UPDATE branch SET supports_delivery = 0", DELIVERY, 409, "branch_order_type",
	    "/branch_id" },
	{ "UPDATE branch SET latitude = NULL, longitude = NULL", DELIVERY, 409,
	    "branch_order_type", "/cart" },
	{ "UPDATE branch SET operating_hours = '{\"fri\":[[\"14:00\",\"15:00\"]]}'", PICKUP, 409,
	    "branch_closed", "/opens_at" },
	{ "UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"13:14\"]],"
	    "\"sat\":[[\"09:00\",\"10:00\"]]}'", PICKUP, 409, "branch_closed", "/opens_at" },
	{ "UPDATE branch SET operating_hours = 'broken'", PICKUP, 409, "branch_closed", "/cart" },
	{ "UPDATE product_branch SET stock_quantity = 1 WHERE product_id = 1", PICKUP, 409,
	    "item_unavailable", "/items/0/available" },
	{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 2", PICKUP, 409,
	    "item_unavailable", "/items/0/name" },
	{ "UPDATE product_branch SET stopped_until = 1779444001", PICKUP, 409,
	    "item_unavailable", "/items/1/name" },
	{ NULL, "{\"order_type\":\"pickup\",\"expected_total\":309.99}", 409, "total_changed",
	    "/total_amount" },
	{ NULL, "{\"order_type\":\"pickup\",\"cart_version\":7}", 409, "cart_changed",
	    "/cart/items/1" },
	{ NULL, "{\"branch_id\":2,\"order_type\":\"pickup\"}", 409, "cart_changed",
	    "/cart/items/1" },
};

START_TEST(refuses_with_a_code_and_leaves_nothing)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct rig_reply *a;

		begin();
		if (refusals[i].change != NULL)
			rig_sql(refusals[i].change);
		a = place(refusals[i].body);
		ck_assert_msg(a->status == refusals[i].status, "%zu: %s: %d %s", i, refusals[i].body,
		    a->status, a->text);
		ck_assert_str_eq(rig_text(a, "/code"), refusals[i].code);
		if (refusals[i].shows != NULL)
			ck_assert_msg(rig_has(a, refusals[i].shows), "%zu: %s", i, a->text);
		nothing_is_left(refusals[i].body);
		rig_end();
	}
}
END_TEST

START_TEST(says_when_it_opens_again)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"13:14\"]],"
	    "\"sat\":[[\"09:00\",\"10:00\"]]}'");
	a = place(PICKUP);
	rig_refused(a, 409, "branch_closed");
	ck_assert_str_eq(rig_text(a, "/opens_at"), "2026-05-23T06:00:00Z");
	ck_assert_str_eq(rig_text(a, "/closes_at"), "2026-05-22T10:14:00Z");
	rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"13:15\"]]}'");
	rig_ok(place(PICKUP), 201);
	rig_end();
}
END_TEST

START_TEST(names_every_dish_that_is_missing)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE product_branch SET reserved_quantity = 9 WHERE product_id = 1");
	rig_sql("UPDATE product_branch SET is_active = 0 WHERE product_id = 2");
	a = place(PICKUP);
	rig_refused(a, 409, "item_unavailable");
	ck_assert_int_eq(rig_count(a, "/items"), 2);
	ck_assert_int_eq(rig_int(a, "/items/0/product_id"), 1);
	ck_assert_int_eq(rig_int(a, "/items/0/requested"), 2);
	ck_assert_int_eq(rig_int(a, "/items/0/available"), 1);
	ck_assert_int_eq(rig_int(a, "/items/1/available"), 0);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 2);
	rig_end();
}
END_TEST

START_TEST(another_branch_shows_the_cart_at_its_prices)
{
	const struct rig_reply *a;

	begin();
	a = place("{\"branch_id\":2,\"order_type\":\"pickup\"}");
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 2);
	ck_assert_str_eq(rig_digits(a, "/cart/items/0/price"), "110.00");
	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "340.00");
	ck_assert_int_eq(rig_int(rig_call("GET", "/cart", NULL), "/cart/branch_id"), 1);
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":2}"), 200);
	rig_ok(place("{\"branch_id\":2,\"order_type\":\"pickup\",\"expected_total\":340}"), 201);
	rig_end();
}
END_TEST

START_TEST(a_cart_without_branch_goes_to_the_one_chosen)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE cart SET branch_id = NULL");
	rig_refused(place("{\"order_type\":\"pickup\"}"), 422, "invalid_field");
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":7,\"quantity\":1}"), 200);
	a = place("{\"branch_id\":2,\"order_type\":\"pickup\"}");
	rig_refused(a, 409, "item_unavailable");
	ck_assert_int_eq(rig_count(a, "/items"), 1);
	ck_assert_str_eq(rig_text(a, "/items/0/name"), "Голубці");
	a = place(PICKUP);
	rig_ok(a, 201);
	ck_assert_str_eq(rig_digits(a, "/order/subtotal"), "470.00");
	rig_end();
}
END_TEST

/* C14: without a branch a cart shows the chain's lowest prices; a dearer branch
 * shows its own before it takes the order, and never sells below them. */
START_TEST(a_cart_without_branch_is_shown_the_dearer_branch_first)
{
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE cart SET branch_id = NULL");
	rig_sql("UPDATE cart_item SET price_at_add = price_at_add - 1000");
	a = place(PICKUP);
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/branch_id"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 0);
	ck_assert_str_eq(rig_digits(rig_call("GET", "/cart", NULL), "/cart/subtotal"),
	    rig_digits(a, "/cart/subtotal"));
	a = place(PICKUP);
	rig_ok(a, 201);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM order_item i JOIN product_branch b"
	    " ON b.product_id = i.product_id AND b.branch_id = 1"
	    " WHERE i.unit_price <> b.current_price"), 0);
	rig_end();
}
END_TEST

START_TEST(a_cart_with_a_branch_needs_no_other_word)
{
	begin();
	rig_ok(place("{\"order_type\":\"pickup\",\"cart_version\":1,\"expected_total\":310.00}"), 201);
	rig_end();
}
END_TEST

START_TEST(the_other_tab_was_quicker)
{
	const struct rig_reply *a;

	begin();
	rig_ok(place(PICKUP), 201);
	a = place(PICKUP);
	rig_refused(a, 409, "cart_empty");
	ck_assert_int_eq(rig_int(a, "/last_order_id"), 1);
	ck_assert_int_eq(rig_count(a, "/cart/items"), 0);
	clock_advance(60);
	a = place(PICKUP);
	rig_refused(a, 409, "cart_empty");
	ck_assert(!rig_has(a, "/last_order_id"));
	rig_login("borys");
	a = place(PICKUP);
	rig_refused(a, 409, "cart_empty");
	ck_assert(!rig_has(a, "/last_order_id"));
	rig_end();
}
END_TEST

START_TEST(three_open_orders_of_an_account_are_enough)
{
	const struct rig_reply *a;

	begin();
	for (int i = 0; i < 3; i++)
		rig_ok(fill_and_place(PICKUP), 201);
	a = fill_and_place(PICKUP);
	rig_refused(a, 409, "too_many_open_orders");
	ck_assert_int_eq(rig_int(a, "/open_orders"), 3);
	ck_assert_int_eq(rig_int(a, "/max_open_orders"), 3);
	ck_assert_str_eq(rig_digits(a, "/total_amount"), "170.00");
	rig_sql("UPDATE orders SET status = 'delivered' WHERE id = 2");
	rig_ok(fill_and_place(PICKUP), 201);
	rig_end();
}
END_TEST

START_TEST(three_open_orders_of_a_phone_are_enough)
{
	static const char body[] = "{\"order_type\":\"pickup\",\"contact_phone\":\"0501112233\"}";

	begin();
	for (int i = 0; i < 3; i++) {
		rig_login(i == 0 ? "one" : i == 1 ? "two" : "three");
		rig_ok(fill_and_place(body), 201);
	}
	rig_login("four");
	rig_refused(fill_and_place(body), 409, "too_many_open_orders");
	rig_ok(fill_and_place(PICKUP), 201);
	rig_end();
}
END_TEST

START_TEST(a_small_delivery_is_below_the_minimum)
{
	const struct rig_reply *a;

	begin();
	rig_set("DELIVERY_MIN_SUBTOTAL", "310.01");
	a = place(DELIVERY);
	rig_refused(a, 422, "below_minimum");
	ck_assert_str_eq(rig_digits(a, "/minimum"), "310.01");
	ck_assert_str_eq(rig_digits(a, "/subtotal"), "310.00");
	nothing_is_left("below the minimum");
	rig_ok(place(PICKUP), 201);
	rig_end();
}
END_TEST

START_TEST(charges_what_the_cart_showed)
{
	static const struct { const char *reprice; int hours; const char *subtotal; } cases[] = {
		{ "at_add", 0, "310.00" }, { "at_add", 24, "330.00" }, { "current", 0, "330.00" },
		{ "reject", 0, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		begin();
		rig_set("REPRICE", cases[i].reprice);
		rig_sql("UPDATE product_branch SET base_price = 11000 WHERE product_id = 1");
		clock_advance(cases[i].hours * 3600);
		rig_login("anna");
		a = place(PICKUP);
		if (cases[i].subtotal == NULL) {
			rig_refused(a, 409, "price_changed");
			ck_assert(rig_true(a, "/cart/items/0/price_changed"));
			nothing_is_left("price changed");
			rig_ok(rig_call("PUT", "/cart", "{}"), 200);
			rig_ok(place(PICKUP), 201);
		} else {
			rig_ok(a, 201);
			ck_assert_str_eq(rig_digits(a, "/order/subtotal"), cases[i].subtotal);
		}
		rig_end();
	}
}
END_TEST

START_TEST(delivers_to_the_users_own_address)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call("PATCH", "/auth/me", "{\"address\":{\"text\":\"дім\",\"latitude\":50.46,"
	    "\"longitude\":30.53}}"), 200);
	a = place("{\"order_type\":\"delivery\"}");
	rig_ok(a, 201);
	ck_assert_str_eq(rig_text(a, "/order/delivery_address/text"), "дім");
	ck_assert_int_eq(rig_int(a, "/order/delivery_distance_m"), 1196);
	rig_end();
}
END_TEST

/* POST /delivery-fee is the same function: tests/check_delivery. */
START_TEST(the_fee_follows_the_distance)
{
	static const struct { const char *latitude, *fee; } cases[] = {
		{ "50.4591", "99.00" }, { "50.4770", "99.00" }, { "50.4772", "129.00" },
		{ "50.4860", "129.00" }, { "50.4861", "159.00" },
	};
	char body[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		begin();
		snprintf(body, sizeof body, "{\"order_type\":\"delivery\",\"delivery_address\":{"
		    "\"text\":\"x\",\"latitude\":%s,\"longitude\":30.5234}}", cases[i].latitude);
		a = place(body);
		rig_ok(a, 201);
		ck_assert_str_eq(rig_digits(a, "/order/delivery_fee"), cases[i].fee);
		rig_end();
	}
}
END_TEST

START_TEST(numbers_begin_anew_each_day)
{
	const struct rig_reply *a;

	begin();
	rig_set("ORDER_MAX_OPEN", "10");
	rig_ok(fill_and_place(PICKUP), 201);
	ck_assert_int_eq(rig_int(fill_and_place(PICKUP), "/order/number"), 2);
	clock_set(RIG_NOW + 11 * 3600 - 1);	/* 23:59:59 in Kyiv */
	rig_login("anna");
	ck_assert_int_eq(rig_int(fill_and_place(PICKUP), "/order/number"), 3);
	clock_advance(1);
	a = fill_and_place(PICKUP);
	ck_assert_int_eq(rig_int(a, "/order/number"), 1);
	ck_assert_int_eq(rig_int(a, "/order/id"), 4);
	rig_end();
}
END_TEST

START_TEST(an_idempotency_key_places_once)
{
	const struct rig_reply *a, *b;

	begin();
	a = rig_call_key("POST", "/orders", PICKUP, "key-1");
	rig_ok(a, 201);
	b = rig_call_key("POST", "/orders", PICKUP, "key-1");
	rig_ok(b, 201);
	ck_assert_str_eq(a->text, b->text);
	ck_assert_str_eq(rig_header(b, "Idempotency-Replayed"), "true");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 1);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("place", places_a_delivery_with_everything,
	    one_transaction_writes_all_that_belongs_to_it, later_changes_do_not_reach_a_placed_order,
	    pickup_costs_no_delivery_and_needs_no_address, refuses_with_a_code_and_leaves_nothing,
	    says_when_it_opens_again, names_every_dish_that_is_missing,
	    another_branch_shows_the_cart_at_its_prices, a_cart_without_branch_goes_to_the_one_chosen,
	    a_cart_without_branch_is_shown_the_dearer_branch_first,
	    a_cart_with_a_branch_needs_no_other_word, the_other_tab_was_quicker,
	    three_open_orders_of_an_account_are_enough, three_open_orders_of_a_phone_are_enough,
	    a_small_delivery_is_below_the_minimum, charges_what_the_cart_showed,
	    delivers_to_the_users_own_address, the_fee_follows_the_distance,
	    numbers_begin_anew_each_day, an_idempotency_key_places_once);
}
