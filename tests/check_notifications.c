/* check_notifications.c - GET /notifications, PUT /notifications/{id}/read (G56–G58, G74, C21) */
#include "tests/rig.h"
#include "tests/suite.h"

/* Two about an order, one that staff wrote; the newest is the last. */
static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":1}]}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
	rig_sql("INSERT INTO notification (user_id, type, template, params, order_id, created_at) "
	    "VALUES (1, 'order_status', 'sent_to_pos', '{\"number\":1,\"branch\":\"Центр\"}', 1, 5)");
	rig_sql("INSERT INTO notification (user_id, type, title, message, created_at) "
	    "VALUES (1, 'promo', 'Знижка', '-20 % на борщ', 6)");
}

START_TEST(lists_the_newest_first)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/notifications", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 3);
	ck_assert_int_eq(rig_count(a, "/notifications"), 3);
	ck_assert_str_eq(rig_text(a, "/notifications/0/title"), "Знижка");
	ck_assert_str_eq(rig_text(a, "/notifications/0/type"), "promo");
	ck_assert(!rig_has(a, "/notifications/0/order_id"));
	ck_assert_str_eq(rig_text(a, "/notifications/1/message"),
	    "Замовлення № 1 передано в заклад «Центр».");
	ck_assert_int_eq(rig_int(a, "/notifications/2/order_id"), 1);
	ck_assert(!rig_true(a, "/notifications/2/read_status"));
	ck_assert_str_eq(rig_text(a, "/notifications/2/created_at"), "2026-05-22T10:00:00Z");
	rig_end();
}
END_TEST

START_TEST(speaks_the_users_language_not_the_browsers)
{
	struct rig_ask ask = { .method = "GET", .path = "/notifications", .language = "en" };

	begin();
	ask.token = rig_token();
	ck_assert_str_eq(rig_text(rig_send(&ask), "/notifications/2/title"), "Замовлення отримано");
	rig_sql("UPDATE users SET locale = 'en'");
	ask.language = "uk";
	ck_assert_str_eq(rig_text(rig_send(&ask), "/notifications/2/title"), "Order received");
	rig_end();
}
END_TEST

START_TEST(marks_one_as_read)
{
	const struct rig_reply *a;

	begin();
	for (int twice = 0; twice < 2; twice++) {
		a = rig_call("PUT", "/notifications/2/read", NULL);
		rig_ok(a, 200);
		ck_assert_int_eq(rig_int(a, "/notification/id"), 2);
		ck_assert(rig_true(a, "/notification/read_status"));
		ck_assert_str_eq(rig_text(a, "/notification/title"), "Замовлення передано в заклад");
	}
	ck_assert_int_eq(rig_int(rig_call("GET", "/notifications?read_status=true", NULL), "/total"), 1);
	ck_assert_int_eq(rig_int(rig_call("GET", "/notifications?read_status=1", NULL),
	    "/notifications/0/id"), 2);
	a = rig_call("GET", "/notifications?read_status=false&limit=1&page=2", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 2);
	ck_assert_int_eq(rig_count(a, "/notifications"), 1);
	ck_assert_int_eq(rig_int(a, "/notifications/0/id"), 1);
	rig_refused(rig_call("GET", "/notifications?read_status=maybe", NULL), 422, "invalid_field");
	rig_refused(rig_call("GET", "/notifications?limit=1000", NULL), 422, "invalid_field");
	rig_end();
}
END_TEST

START_TEST(anothers_notification_is_not_there)
{
	begin();
	rig_login("borys");
	ck_assert_int_eq(rig_int(rig_call("GET", "/notifications", NULL), "/total"), 0);
	rig_refused(rig_call("PUT", "/notifications/1/read", NULL), 404, "not_found");
	rig_refused(rig_call("PUT", "/notifications/77/read", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT sum(read_status) FROM notification"), 0);
	rig_logout();
	rig_refused(rig_call("GET", "/notifications", NULL), 401, "unauthorized");
	rig_refused(rig_call("PUT", "/notifications/1/read", NULL), 401, "unauthorized");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("notifications", lists_the_newest_first,
	    speaks_the_users_language_not_the_browsers, marks_one_as_read,
	    anothers_notification_is_not_there);
}
