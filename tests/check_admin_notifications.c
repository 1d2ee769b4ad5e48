/* check_admin_notifications.c - messages from behind the counter (G58, G74, G75) */
#include "lib/shop/broadcast.h"
#include "tests/desk.h"
#include "tests/suite.h"

#define WORDS "\"type\":\"promo\",\"title\":\"Знижка\",\"message\":\"-20 % на борщ\""

static const struct rig_reply *
post(const char *to)
{
	char body[512];

	snprintf(body, sizeof body, "{%s%s" WORDS "}", to, *to == '\0' ? "" : ",");
	return rig_call("POST", "/admin/notifications", body);
}

/* What this person finds in his list. */
static int64_t
told(const char *who)
{
	rig_login(who);
	return rig_int(rig_call("GET", "/notifications?read_status=false", NULL), "/total");
}

START_TEST(one_customer_is_told_at_once)
{
	const struct rig_reply *a;

	desk_begin();
	rig_login("anna");
	rig_login("boss");
	rig_ok(a = post("\"user_id\":6"), 201);
	ck_assert_str_eq(rig_text(a, "/notification/audience"), "users");
	ck_assert(rig_int(a, "/notification/sent") == 1 && rig_int(a, "/notification/read") == 0);
	ck_assert(rig_true(a, "/notification/is_done"));
	ck_assert_str_eq(rig_text(a, "/notification/created_by_name"), "boss");
	ck_assert_int_eq(told("anna"), 1);
	a = rig_call("GET", "/notifications", NULL);
	ck_assert_str_eq(rig_text(a, "/notifications/0/title"), "Знижка");
	ck_assert_str_eq(rig_text(a, "/notifications/0/message"), "-20 % на борщ");
	ck_assert_str_eq(rig_text(a, "/notifications/0/type"), "promo");
	ck_assert(!rig_has(a, "/notifications/0/order_id"));
	a = desk_call("PUT", NULL, "/notifications/%lld/read", rig_int(a, "/notifications/0/id"));
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/notification/title"), "Знижка");
	ck_assert_int_eq(told("olha"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'notification' "
	    "AND user_id = 6 AND json_extract(payload, '$.title') = 'Знижка'"), 1);
	rig_login("boss");
	a = rig_call("GET", "/admin/notifications", NULL);
	ck_assert_int_eq(rig_int(a, "/notifications/0/read"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 5 "
	    "AND action = 'notification.send' AND object = 'broadcast 1' "
	    "AND json_extract(detail, '$.user_id') = 6"), 1);
	rig_end();
}
END_TEST

START_TEST(several_are_told_once_each)
{
	const struct rig_reply *a;

	desk_begin();
	rig_login("anna");
	rig_login("borys");
	rig_login("boss");
	rig_ok(a = post("\"user_ids\":[6,7,6]"), 201);
	ck_assert_int_eq(rig_int(a, "/notification/sent"), 2);
	ck_assert(told("anna") == 1 && told("borys") == 1 && told("boss") == 0);
	rig_end();
}
END_TEST

START_TEST(all_are_told_by_and_by)
{
	const struct rig_reply *a;

	desk_begin();
	rig_login("anna");
	rig_login("boss");
	rig_ok(a = post("\"all\":true"), 201);
	ck_assert_int_eq(rig_int(a, "/notification/sent"), 0);
	ck_assert(!rig_true(a, "/notification/is_done"));
	ck_assert_int_eq(told("anna"), 0);
	while (broadcast_step(rig_app()->db) == 1)
		;
	ck_assert_int_eq(told("anna"), 1);
	rig_login("boss");
	a = rig_call("GET", "/admin/notifications", NULL);
	ck_assert_int_eq(rig_int(a, "/notifications/0/sent"), 6);
	ck_assert(rig_true(a, "/notifications/0/is_done"));
	rig_end();
}
END_TEST

START_TEST(a_branchs_customers_are_told)
{
	desk_begin();
	desk_order(1);
	rig_login("borys");
	rig_login("boss");
	rig_ok(post("\"branch_id\":1"), 201);
	rig_ok(post("\"branch_id\":2"), 201);
	while (broadcast_step(rig_app()->db) == 1)
		;
	ck_assert_int_eq(told("anna"), 2);	/* and of her order */
	ck_assert_int_eq(told("borys"), 0);
	rig_end();
}
END_TEST

START_TEST(staff_writes_to_its_own_customers_only)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	rig_login("borys");
	rig_login("olha");
	rig_ok(post("\"user_id\":6"), 201);
	a = post("\"user_id\":7");
	rig_refused(a, 422, "invalid_field");
	ck_assert(rig_has(a, "/fields/user_id"));
	a = post("\"user_ids\":[6,7]");
	rig_refused(a, 422, "invalid_field");
	ck_assert(rig_has(a, "/fields/user_ids[1]"));
	rig_refused(post("\"all\":true"), 404, "not_found");
	rig_refused(post("\"branch_id\":1"), 404, "not_found");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/notifications", NULL), "/total"), 1);
	rig_login("petro");
	rig_refused(post("\"user_id\":6"), 422, "invalid_field");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/notifications", NULL), "/total"), 0);
	rig_login("boss");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/notifications", NULL), "/total"), 1);
	rig_login("anna");
	rig_refused(post("\"user_id\":6"), 404, "not_found");
	rig_refused(rig_call("GET", "/admin/notifications", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM broadcast"), 1);
	rig_end();
}
END_TEST

START_TEST(a_double_tap_is_one_message)
{
	static const char body[] = "{\"user_id\":6," WORDS "}";
	const struct rig_reply *a;

	desk_begin();
	rig_login("anna");
	rig_login("boss");
	rig_ok(rig_call_key("POST", "/admin/notifications", body, "k"), 201);
	rig_ok(a = rig_call_key("POST", "/admin/notifications", body, "k"), 201);
	ck_assert_str_eq(rig_header(a, "Idempotency-Replayed"), "true");
	ck_assert_int_eq(told("anna"), 1);
	rig_end();
}
END_TEST

START_TEST(what_was_written_is_looked_at)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{" WORDS "}", "/fields/user_id" },
		{ "{\"user_id\":6,\"all\":true," WORDS "}", "/fields/user_id" },
		{ "{\"user_id\":6,\"user_ids\":[6]," WORDS "}", "/fields/user_id" },
		{ "{\"all\":false," WORDS "}", "/fields/user_id" },
		{ "{\"user_id\":99," WORDS "}", "/fields/user_id" },
		{ "{\"user_id\":\"6\"," WORDS "}", "/fields/user_id" },
		{ "{\"user_ids\":[]," WORDS "}", "/fields/user_ids" },
		{ "{\"user_ids\":[6,99]," WORDS "}", "/fields/user_ids[1]" },
		{ "{\"user_ids\":[\"6\"]," WORDS "}", "/fields/user_ids[0]" },
		{ "{\"branch_id\":9," WORDS "}", "/fields/branch_id" },
		{ "{\"user_id\":6,\"type\":\"order_status\",\"title\":\"a\",\"message\":\"b\"}",
		    "/fields/type" },
		{ "{\"user_id\":6,\"title\":\"a\",\"message\":\"b\"}", "/fields/type" },
		{ "{\"user_id\":6,\"type\":\"promo\",\"message\":\"b\"}", "/fields/title" },
		{ "{\"user_id\":6,\"type\":\"promo\",\"title\":\" \",\"message\":\"b\"}",
		    "/fields/title" },
		{ "{\"user_id\":6,\"type\":\"promo\",\"title\":\"a\"}", "/fields/message" },
		{ "{\"user_id\":6,\"type\":\"promo\",\"title\":\"a\",\"message\":\"\"}",
		    "/fields/message" },
	};
	char body[2048];
	const struct rig_reply *a;

	desk_begin();
	rig_login("anna");
	rig_login("boss");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = rig_call("POST", "/admin/notifications", cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].body, a->text);
	}
	snprintf(body, sizeof body, "{\"all\":true,\"type\":\"promo\",\"title\":\"%0101d\","
	    "\"message\":\"%01001d\"}", 1, 1);
	a = rig_call("POST", "/admin/notifications", body);
	rig_refused(a, 422, "invalid_field");
	ck_assert(rig_has(a, "/fields/title") && rig_has(a, "/fields/message"));
	rig_refused(rig_call("GET", "/admin/notifications?limit=0", NULL), 422, "invalid_field");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM broadcast"), 0);
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_number)
{
	int one, many;

	desk_begin();
	rig_login("anna");
	rig_login("boss");
	rig_ok(post("\"user_id\":6"), 201);
	one = rig_call("GET", "/admin/notifications", NULL)->statements;
	for (int i = 0; i < 30; i++)
		rig_ok(post("\"user_id\":6"), 201);
	many = rig_call("GET", "/admin/notifications?limit=100", NULL)->statements;
	ck_assert_int_eq(one, many);
	rig_login("anna");
	ck_assert_int_le(rig_call("GET", "/notifications?limit=100", NULL)->statements, 8);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_notifications", one_customer_is_told_at_once, several_are_told_once_each,
	    all_are_told_by_and_by, a_branchs_customers_are_told,
	    staff_writes_to_its_own_customers_only, a_double_tap_is_one_message,
	    what_was_written_is_looked_at, costs_the_same_statements_for_any_number);
}
