/* check_admin_branches.c - branches by hand, and their pause (G29, G75) */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/desk.h"
#include "tests/suite.h"

static const struct rig_reply *
patch(const char *body)
{
	return rig_call("PATCH", "/admin/branches/1", body);
}

static const struct rig_reply *
pause_branch(const char *body)
{
	return rig_call("POST", "/admin/branches/1/pause", body);
}

/* What a shopper is told who orders a dish of branch 1. */
static const struct rig_reply *
order(void)
{
	rig_login("anna");
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1,\"branch_id\":1}"), 200);
	return rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}");
}

START_TEST(shows_what_is_set_and_what_is_missing)
{
	const struct rig_reply *a;

	desk_people();
	a = rig_call("GET", "/admin/branches", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 2);
	ck_assert_str_eq(rig_text(a, "/branches/0/name"), "Поділ");
	ck_assert_str_eq(rig_text(a, "/branches/0/missing/0"), "operating_hours");
	ck_assert_str_eq(rig_text(a, "/branches/0/missing/1"), "phone");
	ck_assert(rig_true(a, "/branches/0/is_active"));
	ck_assert(!rig_has(a, "/branches/0/delivery_radius_km"));
	ck_assert(!rig_has(a, "/branches/0/pause_reason"));
	a = rig_call("GET", "/admin/branches?limit=1&page=2", NULL);
	ck_assert_int_eq(rig_count(a, "/branches"), 1);
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 1);
	rig_sql("UPDATE branch SET latitude = NULL, longitude = NULL, is_active = 0 WHERE id = 1");
	a = rig_call("GET", "/admin/branches/1", NULL);
	ck_assert_str_eq(rig_text(a, "/branch/missing/0"), "coordinates");
	ck_assert(!rig_true(a, "/branch/is_active"));
	rig_refused(rig_call("GET", "/admin/branches/9", NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(sets_what_the_till_does_not_tell)
{
	const struct rig_reply *a;

	desk_people();
	a = patch("{\"latitude\":50.5,\"longitude\":30.6,\"phone\":\"044 123 45 67\","
	    "\"operating_hours\":{\"fri\":[[\"10:00\",\"22:00\"]]},\"delivery_radius_km\":4.5,"
	    "\"supports_pickup\":false,\"timezone\":\"Europe/Warsaw\",\"eta_pickup_min\":25}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_digits(a, "/branch/latitude"), "50.500000");
	ck_assert_str_eq(rig_text(a, "/branch/phone"), "+380441234567");
	ck_assert_str_eq(rig_text(a, "/branch/operating_hours/fri/0/1"), "22:00");
	ck_assert_str_eq(rig_digits(a, "/branch/delivery_radius_km"), "4.500");
	ck_assert(!rig_true(a, "/branch/supports_pickup"));
	ck_assert_str_eq(rig_text(a, "/branch/timezone"), "Europe/Warsaw");
	ck_assert_int_eq(rig_int(a, "/branch/eta_pickup_min"), 25);
	ck_assert_int_eq(rig_int(a, "/branch/eta_delivery_min"), 60);
	ck_assert_int_eq(rig_count(a, "/branch/missing"), 0);
	a = patch("{\"phone\":null,\"operating_hours\":null,\"delivery_radius_km\":null,"
	    "\"eta_pickup_min\":null}");
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/branch/phone"));
	ck_assert(!rig_has(a, "/branch/delivery_radius_km"));
	rig_end();
}
END_TEST

START_TEST(the_audit_has_what_was_there_before)
{
	desk_people();
	rig_ok(patch("{\"eta_pickup_min\":25,\"phone\":\"0441112233\",\"delivery_radius_km\":3}"), 200);
	ck_assert_str_eq(rig_sql_text("SELECT detail FROM audit"),
	    "{\"delivery_radius_km\":{\"old\":null,\"new\":3.000},"
	    "\"eta_pickup_min\":{\"old\":20,\"new\":25}}");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 5 "
	    "AND action = 'branch.set' AND object = 'branch 1'"), 1);
	rig_ok(patch("{\"eta_pickup_min\":25}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 1);
	rig_end();
}
END_TEST

START_TEST(refuses_wrong_values_by_their_names)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{}", "latitude" }, { "{\"name\":\"X\"}", "latitude" },
		{ "{\"latitude\":50}", "longitude" }, { "{\"longitude\":50}", "latitude" },
		{ "{\"latitude\":95,\"longitude\":30}", "latitude" },
		{ "{\"latitude\":\"50\",\"longitude\":30}", "latitude" },
		{ "{\"latitude\":null,\"longitude\":null}", "latitude" },
		{ "{\"phone\":\"12\"}", "phone" }, { "{\"phone\":441234567}", "phone" },
		{ "{\"operating_hours\":{\"someday\":[]}}", "operating_hours" },
		{ "{\"operating_hours\":\"{}\"}", "operating_hours" },
		{ "{\"delivery_radius_km\":0}", "delivery_radius_km" },
		{ "{\"delivery_radius_km\":1.2345}", "delivery_radius_km" },
		{ "{\"supports_delivery\":\"yes\"}", "supports_delivery" },
		{ "{\"supports_delivery\":null}", "supports_delivery" },
		{ "{\"timezone\":\"Mars/Base\"}", "timezone" }, { "{\"timezone\":null}", "timezone" },
		{ "{\"eta_pickup_min\":-1}", "eta_pickup_min" },
		{ "{\"eta_delivery_min\":1.5}", "eta_delivery_min" },
	};
	const struct rig_reply *a;

	desk_people();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = patch(cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(json_member(json_member(a->json, "fields"), cases[i].field) != NULL, "%s: %s",
		    cases[i].body, a->text);
	}
	rig_refused(rig_call("PATCH", "/admin/branches/9", "{\"eta_pickup_min\":1}"), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

START_TEST(a_pause_ends_by_itself)
{
	const struct rig_reply *a;

	desk_people();
	rig_login_as("olha", "staff");
	a = pause_branch("{\"minutes\":30,\"reason\":\"Зламалась піч\"}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/branch/paused_until"), "2026-05-22T10:30:00Z");
	ck_assert_str_eq(rig_text(a, "/branch/pause_reason"), "Зламалась піч");
	a = order();
	rig_refused(a, 409, "branch_paused");
	ck_assert_str_eq(rig_text(a, "/paused_until"), "2026-05-22T10:30:00Z");
	ck_assert_ptr_null(strstr(a->text, "піч"));
	ck_assert_ptr_null(strstr(rig_call("GET", "/branches", NULL)->text, "піч"));
	ck_assert_str_eq(rig_sql_text("SELECT payload FROM event WHERE type = 'branch'"),
	    "{\"branch_id\":1,\"paused_until\":\"2026-05-22T10:30:00Z\"}");
	clock_advance(30 * 60);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
	rig_login_as("olha", "staff");
	a = rig_call("GET", "/admin/branches/1", NULL);
	ck_assert(!rig_has(a, "/branch/paused_until"));
	ck_assert(!rig_has(a, "/branch/pause_reason"));
	rig_end();
}
END_TEST

START_TEST(a_pause_is_ended_by_hand_too)
{
	desk_people();
	rig_ok(pause_branch("{\"until\":\"2026-05-22T15:00:00+03:00\"}"), 200);
	rig_ok(pause_branch("{\"until\":\"2026-05-22T15:00:00+03:00\"}"), 200);	/* stands so */
	ck_assert(!rig_has(rig_call("POST", "/admin/branches/1/resume", NULL), "/branch/paused_until"));
	rig_ok(rig_call("POST", "/admin/branches/1/resume", NULL), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE action = 'branch.pause'"), 1);
	ck_assert_str_eq(rig_sql_text("SELECT detail FROM audit WHERE action = 'branch.resume'"),
	    "{\"paused_until\":{\"old\":\"2026-05-22T12:00:00Z\",\"new\":null}}");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'branch'"), 2);
	rig_ok(order(), 201);
	rig_end();
}
END_TEST

START_TEST(a_pause_until_it_opens_knows_the_hours)
{
	desk_people();
	rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"22:00\"]],"
	    "\"sat\":[[\"11:00\",\"22:00\"]]}' WHERE id = 1");
	ck_assert_str_eq(rig_text(pause_branch("{\"until_open\":true}"), "/branch/paused_until"),
	    "2026-05-23T08:00:00Z");
	rig_sql("UPDATE branch SET operating_hours = '{}' WHERE id = 1");
	rig_refused(pause_branch("{\"until_open\":true}"), 422, "invalid_field");
	rig_refused(pause_branch("{}"), 422, "invalid_field");	/* nobody would remember it */
	rig_refused(pause_branch("{\"until_open\":false}"), 422, "invalid_field");
	rig_refused(pause_branch("{\"minutes\":10081}"), 422, "invalid_field");
	rig_refused(rig_call("POST", "/admin/branches/9/pause", "{\"minutes\":5}"), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/branches/9/resume", NULL), 404, "not_found");
	rig_end();
}
END_TEST

/* Only the page is read: ten thousand with their hours would not fit into a request. */
START_TEST(a_chain_of_ten_thousand_has_pages)
{
	const struct rig_reply *a;

	desk_people();
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
	    "INSERT INTO branch (pos_branch_id, name, sort_key, operating_hours, created_at, updated_at) "
	    "SELECT 'x' || i, 'Філія ' || i, CAST(printf('%05d', i) AS BLOB), '{\"mon\":[[\"08:00\","
	    "\"22:00\"]],\"tue\":[[\"08:00\",\"22:00\"]],\"wed\":[[\"08:00\",\"22:00\"]],"
	    "\"thu\":[[\"08:00\",\"22:00\"]],\"fri\":[[\"08:00\",\"22:00\"]],\"sat\":"
	    "[[\"08:00\",\"12:00\"],[\"13:00\",\"22:00\"]],\"sun\":[[\"08:00\",\"12:00\"],"
	    "[\"13:00\",\"22:00\"]],\"exceptions\":{\"2026-12-31\":[[\"08:00\",\"12:00\"]],"
	    "\"2027-01-01\":[],\"2027-01-07\":[[\"10:00\",\"20:00\"]]}}', 0, 0 FROM n");
	a = rig_call("GET", "/admin/branches", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 10002);
	ck_assert_int_eq(rig_count(a, "/branches"), 20);
	ck_assert_int_le(a->statements, 10);
	a = rig_call("GET", "/admin/branches?limit=100&page=100", NULL);
	ck_assert_int_eq(rig_count(a, "/branches"), 100);
	ck_assert_str_eq(rig_text(a, "/branches/0/name"), "Філія 9901");
	rig_login("ivan");
	a = rig_call("GET", "/admin/branches?limit=1", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 2);
	ck_assert_int_eq(rig_count(a, "/branches"), 1);
	rig_login("nina");
	a = rig_call("GET", "/admin/branches", NULL);
	ck_assert(rig_int(a, "/total") == 0 && rig_count(a, "/branches") == 0);
	rig_end();
}
END_TEST

START_TEST(staff_has_its_own_branches_only)
{
	const struct rig_reply *a;

	desk_people();
	rig_login_as("petro", "staff");
	a = rig_call("GET", "/admin/branches", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 1);
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 2);
	rig_ok(rig_call("GET", "/admin/branches/2", NULL), 200);
	rig_refused(rig_call("GET", "/admin/branches/1", NULL), 404, "not_found");
	rig_refused(pause_branch("{\"minutes\":5}"), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/branches/1/resume", NULL), 404, "not_found");
	rig_refused(rig_call("PATCH", "/admin/branches/2", "{\"eta_pickup_min\":5}"), 404, "not_found");
	rig_refused(rig_call("GET", "/admin/audit", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM branch WHERE paused_until NOTNULL"), 0);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_branches", shows_what_is_set_and_what_is_missing,
	    sets_what_the_till_does_not_tell, the_audit_has_what_was_there_before,
	    refuses_wrong_values_by_their_names, a_pause_ends_by_itself,
	    a_pause_is_ended_by_hand_too, a_pause_until_it_opens_knows_the_hours,
	    staff_has_its_own_branches_only, a_chain_of_ten_thousand_has_pages);
}
