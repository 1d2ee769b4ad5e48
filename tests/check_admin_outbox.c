/* check_admin_outbox.c - what hangs between us and the till, and who ends it (C8, G75) */
#include "lib/base/clock.h"
#include "lib/shop/outbox.h"
#include "tests/desk.h"
#include "tests/suite.h"

START_TEST(shows_trouble_first_and_each_branch_its_own)
{
	static const struct { const char *who, *ids; } cases[] = {
		{ "boss", "3,1,2" }, { "ivan", "3,1,2" }, { "olha", "1,2" }, { "petro", "3" },
		{ "nina", "" },
	};
	const struct rig_reply *a;
	char ids[64], pointer[32];

	desk_begin();
	desk_order(1);
	desk_order(1);
	desk_order(2);
	desk_set("outbox", 2, DESK_ON_THE_WIRE);
	desk_set("outbox", 3, DESK_UNCERTAIN);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = 0;

		rig_login(cases[i].who);
		rig_ok(a = rig_call("GET", "/admin/outbox", NULL), 200);
		*ids = '\0';
		for (int k = 0; k < rig_count(a, "/outbox"); k++) {
			snprintf(pointer, sizeof pointer, "/outbox/%d/id", k);
			n += (size_t)snprintf(ids + n, sizeof ids - n, "%s%lld", k > 0 ? "," : "",
			    (long long)rig_int(a, pointer));
		}
		ck_assert_str_eq(ids, cases[i].ids);
		ck_assert_int_eq(rig_int(a, "/total"), rig_count(a, "/outbox"));
		ck_assert_int_eq(rig_count(a, "/lanes"), 4);
	}
	rig_end();
}
END_TEST

START_TEST(a_row_says_what_is_known)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_UNCERTAIN);
	rig_login("olha");
	rig_ok(a = rig_call("GET", "/admin/outbox/1", NULL), 200);
	ck_assert_str_eq(rig_text(a, "/outbox/state"), "uncertain");
	ck_assert_str_eq(rig_text(a, "/outbox/last_outcome"), "unknown");
	ck_assert_str_eq(rig_text(a, "/outbox/last_error"), "no response");
	ck_assert_str_eq(rig_text(a, "/outbox/may_have_since"), "1970-01-01T00:00:01Z");
	ck_assert_int_eq(rig_int(a, "/outbox/attempts"), 9);
	ck_assert_int_eq(rig_int(a, "/outbox/order/number"), 1);
	ck_assert_str_eq(rig_text(a, "/outbox/order/branch_name"), "Центр");
	ck_assert(rig_true(a, "/outbox/can_resolve") && rig_true(a, "/outbox/can_retry"));
	ck_assert(!rig_has(a, "/outbox/next_try_at") && !rig_has(a, "/outbox/claimed_until"));
	desk_set("outbox", 1, "state = 'due', sent_at = NULL, next_ms = 1779444030000");
	rig_ok(a = rig_call("GET", "/admin/outbox/1", NULL), 200);
	ck_assert_str_eq(rig_text(a, "/outbox/next_try_at"), "2026-05-22T10:00:30Z");
	ck_assert(!rig_true(a, "/outbox/can_resolve"));
	desk_set("outbox", 1, DESK_ON_THE_WIRE);
	rig_ok(a = rig_call("GET", "/admin/outbox/1", NULL), 200);
	ck_assert_str_eq(rig_text(a, "/outbox/claimed_until"), "2026-05-22T10:01:00Z");
	ck_assert(!rig_true(a, "/outbox/can_retry"));
	rig_end();
}
END_TEST

START_TEST(of_a_mail_neither_bytes_nor_payload_are_shown)
{
	const struct rig_reply *a;

	desk_begin();
	rig_sql("INSERT INTO outbox (lane, kind, user_id, idempotency_key, payload, request, next_ms, "
	    "created_at, updated_at) VALUES ('mail', 'mail', 1, 'm', '{\"code\":\"secret\"}', "
	    "CAST('secret' AS BLOB), 1, 1, 1)");
	rig_ok(a = rig_call("GET", "/admin/outbox", NULL), 200);
	ck_assert_int_eq(rig_int(a, "/total"), 1);
	ck_assert_ptr_null(strstr(a->text, "secret"));
	ck_assert(!rig_has(a, "/outbox/0/order"));
	rig_login("ivan");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/outbox", NULL), "/total"), 0);
	rig_refused(rig_call("GET", "/admin/outbox/1", NULL), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/outbox/1/retry", NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(finds_by_state)
{
	static const char *const states[] = { "uncertain", "due", "claimed", "refused", "parked" };
	const struct rig_reply *a;
	char text[64];

	desk_begin();
	for (int i = 1; i <= 10; i++) {
		desk_order(1);
		snprintf(text, sizeof text, "state = '%s'", states[i % 5]);
		desk_set("outbox", i, text);
	}
	rig_login("olha");
	for (size_t i = 0; i < 5; i++) {
		a = desk_call("GET", NULL, i == 0 ? "/admin/outbox?state=uncertain"
		    : i == 1 ? "/admin/outbox?state=due" : i == 2 ? "/admin/outbox?state=claimed"
		    : i == 3 ? "/admin/outbox?state=refused" : "/admin/outbox?state=parked", 0);
		rig_ok(a, 200);
		ck_assert_int_eq(rig_int(a, "/total"), 2);
		ck_assert_str_eq(rig_text(a, "/outbox/0/state"), states[i]);
		ck_assert_int_gt(rig_int(a, "/outbox/0/id"), rig_int(a, "/outbox/1/id"));
	}
	a = rig_call("GET", "/admin/outbox?limit=2&page=2", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 6);
	ck_assert_int_eq(rig_count(a, "/outbox"), 2);
	rig_end();
}
END_TEST

START_TEST(tells_how_the_lanes_are)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	rig_sql("UPDATE lane SET paused_why = 'the till refused our token', failures = 1 "
	    "WHERE name = 'pos'");
	rig_sql("UPDATE lane SET open_until = 1779444030, failures = 3 WHERE name = 'mail'");
	rig_login("boss");
	rig_ok(a = rig_call("GET", "/admin/outbox", NULL), 200);
	ck_assert_str_eq(rig_text(a, "/lanes/0/name"), "client");
	ck_assert_str_eq(rig_text(a, "/lanes/1/name"), "mail");
	ck_assert_str_eq(rig_text(a, "/lanes/1/state"), "resting");
	ck_assert_str_eq(rig_text(a, "/lanes/1/rests_until"), "2026-05-22T10:00:30Z");
	ck_assert_str_eq(rig_text(a, "/lanes/2/state"), "paused");
	ck_assert_str_eq(rig_text(a, "/lanes/2/paused_because"), "the till refused our token");
	ck_assert_int_eq(rig_int(a, "/lanes/2/waiting"), 1);
	ck_assert_str_eq(rig_text(a, "/lanes/2/oldest_since"), "2026-05-22T10:00:00Z");
	ck_assert_str_eq(rig_text(a, "/lanes/3/state"), "running");
	rig_end();
}
END_TEST

START_TEST(an_admin_resumes_a_lane)
{
	const struct rig_reply *a;

	desk_begin();
	rig_sql("UPDATE lane SET paused_why = 'x' WHERE name = 'pos'");
	rig_ok(a = rig_call("POST", "/admin/outbox/lanes/pos/resume", NULL), 200);
	ck_assert(rig_true(a, "/changed"));
	ck_assert_str_eq(rig_text(a, "/lanes/2/state"), "running");
	rig_ok(a = rig_call("POST", "/admin/outbox/lanes/pos/resume", NULL), 200);
	ck_assert(!rig_true(a, "/changed"));
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 5 "
	    "AND action = 'lane.resume' AND object = 'lane pos'"), 1);
	rig_sql("UPDATE lane SET paused_why = 'x' WHERE name = 'client'");
	rig_ok(a = rig_call("POST", "/admin/outbox/lanes/client/resume", NULL), 200);
	ck_assert(rig_true(a, "/changed"));
	rig_ok(rig_call("POST", "/admin/outbox/lanes/mail/resume", NULL), 200);
	rig_ok(rig_call("POST", "/admin/outbox/lanes/push/resume", NULL), 200);
	rig_refused(rig_call("POST", "/admin/outbox/lanes/none/resume", NULL), 404, "not_found");
	rig_login("ivan");
	rig_refused(rig_call("POST", "/admin/outbox/lanes/pos/resume", NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(it_is_there_and_the_order_is_taken)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_UNCERTAIN);
	desk_set("orders", 1, "attention = 'uncertain', submission = 'stopped'");
	rig_login("olha");
	a = rig_call("POST", "/admin/outbox/1/resolve", "{\"found\":true,\"pos_order_id\":\" T-7 \"}");
	rig_ok(a, 200);
	ck_assert(rig_true(a, "/changed"));
	ck_assert_str_eq(rig_text(a, "/outbox/state"), "sent");
	ck_assert_str_eq(rig_text(a, "/outbox/order/status"), "sent_to_pos");
	ck_assert_str_eq(rig_text(a, "/outbox/order/pos_order_id"), "T-7");
	a = rig_call("POST", "/admin/outbox/1/resolve", "{\"found\":true,\"pos_order_id\":\"T-7\"}");
	rig_ok(a, 200);
	ck_assert(!rig_true(a, "/changed"));
	a = rig_call("POST", "/admin/outbox/1/resolve", "{\"found\":false}");
	rig_refused(a, 409, "at_the_till");
	ck_assert_str_eq(rig_text(a, "/outbox/state"), "sent");
	a = rig_call("POST", "/admin/outbox/1/retry", NULL);
	rig_refused(a, 409, "move_not_allowed");
	rig_login("anna");
	a = rig_call("GET", "/orders/1", NULL);
	ck_assert_str_eq(rig_text(a, "/order/status"), "sent_to_pos");
	ck_assert(!rig_has(a, "/order/attention"));
	rig_end();
}
END_TEST

START_TEST(it_is_not_and_is_sent_again)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_UNCERTAIN);
	clock_advance(3600);
	rig_login("olha");
	a = rig_call("POST", "/admin/outbox/1/resolve", "{\"found\":false}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/outbox/state"), "due");
	ck_assert_str_eq(rig_text(a, "/outbox/mode"), "send");
	ck_assert(!rig_has(a, "/outbox/may_have_since"));
	ck_assert_str_eq(rig_text(a, "/outbox/created_at"), "2026-05-22T11:00:00Z");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 1 "
	    "AND action = 'outbox.absent' AND object = 'outbox 1'"), 1);
	rig_end();
}
END_TEST

START_TEST(nobody_touches_what_is_on_the_wire)
{
	static const char *const bodies[] = { NULL, "{\"found\":false}",
		"{\"found\":true,\"pos_order_id\":\"T-7\"}" };

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_ON_THE_WIRE);
	rig_login("olha");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		const struct rig_reply *a = rig_call("POST", bodies[i] == NULL
		    ? "/admin/outbox/1/retry" : "/admin/outbox/1/resolve", bodies[i]);

		rig_refused(a, 409, "being_sent");
		ck_assert_str_eq(rig_header(a, "Retry-After"), "5");
		ck_assert_str_eq(rig_text(a, "/outbox/state"), "claimed");
	}
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

START_TEST(a_row_that_waits_is_tried_now)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, "next_ms = 1779447600000, attempts = 5");
	rig_login("olha");
	rig_ok(a = rig_call("POST", "/admin/outbox/1/retry", NULL), 200);
	ck_assert_str_eq(rig_text(a, "/outbox/next_try_at"), "2026-05-22T10:00:00Z");
	ck_assert(rig_true(a, "/changed"));
	ck_assert(!rig_true(rig_call("POST", "/admin/outbox/1/retry", NULL), "/changed"));
	rig_end();
}
END_TEST

START_TEST(what_was_said_is_looked_at)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{}", "/fields/found" },
		{ "{\"found\":1}", "/fields/found" },
		{ "{\"found\":null}", "/fields/found" },
		{ "{\"found\":true}", "/fields/pos_order_id" },
		{ "{\"found\":true,\"pos_order_id\":\"\"}", "/fields/pos_order_id" },
		{ "{\"found\":true,\"pos_order_id\":\"  \"}", "/fields/pos_order_id" },
		{ "{\"found\":true,\"pos_order_id\":7}", "/fields/pos_order_id" },
		{ "{\"found\":true,\"pos_order_id\":\"a\\u0007b\"}", "/fields/pos_order_id" },
	};
	char body[256];
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_UNCERTAIN);
	rig_login("olha");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = rig_call("POST", "/admin/outbox/1/resolve", cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s", a->text);
	}
	snprintf(body, sizeof body, "{\"found\":true,\"pos_order_id\":\"%0101d\"}", 7);
	rig_refused(rig_call("POST", "/admin/outbox/1/resolve", body), 422, "invalid_field");
	rig_refused(rig_call("GET", "/admin/outbox?state=sent", NULL), 422, "invalid_field");
	rig_refused(rig_call("GET", "/admin/outbox?limit=101", NULL), 422, "invalid_field");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE state = 'uncertain'"), 1);
	rig_end();
}
END_TEST

START_TEST(others_rows_are_not_there)
{
	static const char *const nobody[] = { "petro", "nina", "anna" };

	desk_begin();
	desk_order(1);
	desk_set("outbox", 1, DESK_UNCERTAIN);
	for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
		rig_login(nobody[i]);
		rig_refused(rig_call("GET", "/admin/outbox/1", NULL), 404, "not_found");
		rig_refused(rig_call("POST", "/admin/outbox/1/retry", NULL), 404, "not_found");
		rig_refused(rig_call("POST", "/admin/outbox/1/resolve", "{\"found\":false}"), 404,
		    "not_found");
	}
	rig_refused(rig_call("GET", "/admin/outbox", NULL), 404, "not_found");
	rig_login("boss");
	rig_refused(rig_call("GET", "/admin/outbox/9", NULL), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/outbox/9/retry", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_number)
{
	int one, many;

	desk_begin();
	desk_order(1);
	rig_login("ivan");
	one = rig_call("GET", "/admin/outbox", NULL)->statements;
	for (int i = 0; i < 12; i++)
		desk_order(1 + i % 2);
	rig_login("ivan");
	many = rig_call("GET", "/admin/outbox?limit=100", NULL)->statements;
	ck_assert_int_eq(one, many);
	ck_assert_int_le(many, 10);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_outbox", shows_trouble_first_and_each_branch_its_own,
	    a_row_says_what_is_known, of_a_mail_neither_bytes_nor_payload_are_shown, finds_by_state,
	    tells_how_the_lanes_are, an_admin_resumes_a_lane, it_is_there_and_the_order_is_taken,
	    it_is_not_and_is_sent_again, nobody_touches_what_is_on_the_wire,
	    a_row_that_waits_is_tried_now, what_was_said_is_looked_at, others_rows_are_not_there,
	    costs_the_same_statements_for_any_number);
}
