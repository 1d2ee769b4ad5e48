/* check_delivery_fee.c - POST /delivery-fee (G30–G35, C1, C2, C19, C20) */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#undef fail

static void
begin(void)
{
	rig_begin();
	rig_seed();
}

static const struct rig_reply *
ask(const char *body)
{
	return rig_call("POST", "/delivery-fee", body);
}

/* Straight north of branch 1, so many metres. */
static const struct rig_reply *
ask_metres(double metres)
{
	char body[200];

	snprintf(body, sizeof body, "{\"branch_id\":1,\"delivery_address\":"
	    "{\"latitude\":%.9f,\"longitude\":30.5234}}", 50.4501 + metres / 111195.0802);
	return ask(body);
}

/* G31 G32 G33 and the guide's worked examples */
START_TEST(fees_are_the_guides)
{
	static const struct { double metres; const char *fee, *km; } cases[] = {
		{ 1500, "99.00", "1.50" }, { 2000, "99.00", "2.00" }, { 2001, "99.00", "2.00" },
		{ 2500, "99.00", "2.50" }, { 3000, "99.00", "3.00" }, { 3001, "129.00", "3.00" },
		{ 3100, "129.00", "3.10" }, { 4000, "129.00", "4.00" },
		{ 4000.0001, "129.00", "4.00" }, { 4500, "159.00", "4.50" },
		{ 5000, "159.00", "5.00" }, { 10000, "309.00", "10.00" },
	};
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = ask_metres(cases[i].metres);
		rig_ok(a, 200);
		ck_assert_str_eq(rig_digits(a, "/estimated_fee"), cases[i].fee);
		ck_assert_str_eq(rig_digits(a, "/distance_km"), cases[i].km);
		ck_assert_str_eq(rig_text(a, "/currency"), "UAH");
	}
	rig_end();
}
END_TEST

/* G35 */
START_TEST(the_guides_vector_is_1_20_km)
{
	const struct rig_reply *a;

	begin();
	a = ask("{\"branch_id\":1,\"delivery_address\":{\"latitude\":50.46,\"longitude\":30.53}}");
	ck_assert_str_eq(rig_digits(a, "/distance_km"), "1.20");
	rig_set("DELIVERY_ROUNDING", "exact");
	ck_assert_str_eq(rig_digits(ask_metres(3100), "/estimated_fee"), "102.00");
	rig_end();
}
END_TEST

/* G34 C20 */
START_TEST(pickup_costs_nothing_and_needs_no_place)
{
	const struct rig_reply *a;

	begin();
	a = ask("{\"branch_id\":1,\"order_type\":\"pickup\"}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_digits(a, "/estimated_fee"), "0.00");
	ck_assert(!rig_has(a, "/distance_km"));
	rig_ok(ask("{\"branch_id\":1,\"order_type\":\"pickup\",\"delivery_address\":"
	    "{\"latitude\":50.4}}"), 200);
	rig_sql("UPDATE branch SET supports_pickup = 0");
	rig_refused(ask("{\"branch_id\":1,\"order_type\":\"pickup\"}"), 409, "branch_order_type");
	rig_end();
}
END_TEST

START_TEST(too_far_is_told_with_both_distances)
{
	const struct rig_reply *a;

	begin();
	a = ask_metres(10001);
	rig_refused(a, 422, "out_of_area");
	ck_assert_str_eq(rig_digits(a, "/distance_km"), "10.00");
	ck_assert_str_eq(rig_digits(a, "/max_km"), "10.00");
	rig_sql("UPDATE branch SET delivery_radius_m = 2500");
	rig_ok(ask_metres(2500), 200);
	a = ask_metres(3000);
	rig_refused(a, 422, "out_of_area");
	ck_assert_str_eq(rig_digits(a, "/max_km"), "2.50");
	rig_end();
}
END_TEST

START_TEST(an_unknown_branch_is_404)
{
	static const char body[] =
	    "{\"branch_id\":2,\"delivery_address\":{\"latitude\":50.46,\"longitude\":30.53}}";

	begin();
	rig_ok(ask(body), 200);
	rig_sql("UPDATE branch SET is_active = 0 WHERE id = 2");
	rig_refused(ask(body), 404, "not_found");
	rig_refused(ask("{\"branch_id\":77,\"order_type\":\"pickup\"}"), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(a_branch_that_does_not_deliver_says_so)
{
	begin();
	rig_sql("UPDATE branch SET supports_delivery = 0 WHERE id = 1");
	rig_refused(ask_metres(100), 409, "branch_order_type");
	rig_sql("UPDATE branch SET supports_delivery = 1, latitude = NULL, longitude = NULL");
	rig_refused(ask_metres(100), 409, "branch_order_type");
	rig_end();
}
END_TEST

/* C19 G76 */
START_TEST(what_is_missing_or_wrong_is_named)
{
	static const struct { const char *body, *code, *field; } cases[] = {
		{ "{\"branch_id\":1}", "coordinates_required", "delivery_address.latitude" },
		{ "{\"branch_id\":1,\"delivery_address\":{}}", "coordinates_required",
		    "delivery_address.longitude" },
		{ "{\"branch_id\":1,\"delivery_address\":null}", "coordinates_required",
		    "delivery_address.latitude" },
		{ "{\"branch_id\":1,\"delivery_address\":{\"latitude\":50}}", "invalid_field",
		    "delivery_address.longitude" },
		{ "{\"branch_id\":1,\"delivery_address\":{\"latitude\":91,\"longitude\":1}}",
		    "invalid_field", "delivery_address.latitude" },
		{ "{\"branch_id\":1,\"delivery_address\":{\"latitude\":\"50\",\"longitude\":1}}",
		    "invalid_field", "delivery_address.latitude" },
		{ "{\"branch_id\":1,\"delivery_address\":\"Київ\"}", "invalid_field",
		    "delivery_address" },
		{ "{\"delivery_address\":{\"latitude\":50,\"longitude\":30}}", "invalid_field",
		    "branch_id" },
		{ "{\"branch_id\":\"1\",\"order_type\":\"pickup\"}", "invalid_field", "branch_id" },
		{ "{\"branch_id\":0,\"order_type\":\"pickup\"}", "invalid_field", "branch_id" },
		{ "{\"branch_id\":1,\"order_type\":\"drone\"}", "invalid_field", "order_type" },
	};
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = ask(cases[i].body);
		rig_refused(a, 422, cases[i].code);
		ck_assert_msg(json_member(json_member(a->json, "fields"), cases[i].field) != NULL,
		    "%s: %s", cases[i].body, a->text);
	}
	rig_refused(ask("{"), 400, "bad_json");
	rig_refused(ask("[]"), 400, "bad_json");
	rig_refused(ask(NULL), 400, "bad_json");
	rig_refused(rig_call("GET", "/delivery-fee", NULL), 405, "method_not_allowed");
	rig_end();
}
END_TEST

/* C19: nobody has to log in for it */
START_TEST(it_is_public_and_writes_nothing)
{
	int64_t before;

	begin();
	rig_logout();
	before = db_total_changes(rig_app()->db);
	rig_ok(ask_metres(100), 200);
	ck_assert_int_eq(db_total_changes(rig_app()->db), before);
	rig_memory(64);
	rig_refused(ask_metres(100), 500, "internal");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("delivery_fee", fees_are_the_guides, the_guides_vector_is_1_20_km,
	    pickup_costs_nothing_and_needs_no_place, too_far_is_told_with_both_distances,
	    an_unknown_branch_is_404, a_branch_that_does_not_deliver_says_so,
	    what_is_missing_or_wrong_is_named, it_is_public_and_writes_nothing);
}
