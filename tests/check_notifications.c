/*
 * check_notifications.c - GET /notifications, PUT /notifications/{id}/read, POST
 * /notifications/read-all (G56–G58, G74, C21)
 */
#include <stdio.h>

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

/* While he reads on, he is told more: nothing comes twice, nothing is left out. */
START_TEST(a_cursor_leads_to_the_end_while_new_ones_come)
{
	static const char *const lists[] = { "/notifications?limit=1",
		"/notifications?limit=1&read_status=false" };
	const struct rig_reply *a;
	char path[128];
	int64_t left;

	begin();
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		left = rig_sql_int("SELECT count(*) FROM notification");
		snprintf(path, sizeof path, "%s", lists[i]);
		for (int64_t last = INT64_MAX; ; left--) {
			a = rig_call("GET", path, NULL);
			rig_ok(a, 200);
			ck_assert_int_eq(rig_count(a, "/notifications"), 1);
			ck_assert_int_lt(rig_int(a, "/notifications/0/id"), last);
			last = rig_int(a, "/notifications/0/id");
			if (!rig_has(a, "/next_cursor"))
				break;
			/* a page that is told as well has no effect */
			snprintf(path, sizeof path, "%s&page=2&cursor=%s", lists[i],
			    rig_text(a, "/next_cursor"));
			rig_sql("INSERT INTO notification (user_id, type, title, message, created_at) "
			    "VALUES (1, 'system', 'Ще', 'Ще', 7)");
		}
		ck_assert_int_eq(left, 1);
	}
	rig_end();
}
END_TEST

START_TEST(a_cursor_that_is_none_is_refused)
{
	static const char *const wrong[] = { "0", "-1", "07", "1x", "1e3", "9999999999999999999" };
	static const char *const lists[] = { "/notifications", "/orders", "/admin/orders",
		"/admin/audit" };
	const struct rig_reply *a;
	char path[64];

	rig_begin();
	rig_login_as("petro", "admin");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
			snprintf(path, sizeof path, "%s?cursor=%s", lists[i], wrong[k]);
			a = rig_call("GET", path, NULL);
			rig_refused(a, 422, "invalid_field");
			ck_assert_str_eq(rig_text(a, "/fields/cursor"), "is no next_cursor of this list");
		}
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

START_TEST(filters_by_kind_and_order_and_counts_the_badge)
{
	static const struct { const char *query; int total; } cases[] = {
		{ "", 3 }, { "?type=promo", 1 }, { "?type=order_status", 2 }, { "?type=system", 0 },
		{ "?order_id=1", 2 }, { "?order_id=1&type=promo", 0 }, { "?order_id=9", 0 },
		{ "?order_id=1&read_status=false", 1 }, { "?read_status=true&type=order_status", 1 },
	};
	char path[64];

	begin();
	rig_ok(rig_call("PUT", "/notifications/2/read", NULL), 200);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		snprintf(path, sizeof path, "/notifications%s", cases[i].query);
		a = rig_call("GET", path, NULL);
		rig_ok(a, 200);
		ck_assert_msg(rig_int(a, "/total") == cases[i].total, "%s: %s", path, a->text);
		ck_assert_int_eq(rig_count(a, "/notifications"), cases[i].total);
		ck_assert_int_eq(rig_int(a, "/unread"), 2);
	}
	rig_refused(rig_call("GET", "/notifications?type=spam", NULL), 422, "invalid_field");
	rig_refused(rig_call("GET", "/notifications?order_id=0", NULL), 422, "invalid_field");
	rig_end();
}
END_TEST

START_TEST(reads_all_at_once)
{
	const struct rig_reply *a;

	begin();
	rig_sql("INSERT INTO users (id, email, password_hash, name, created_at, updated_at) "
	    "VALUES (77, 'x@example.com', '', 'X', 1, 1)");
	rig_sql("INSERT INTO notification (user_id, type, title, message, created_at) "
	    "VALUES (77, 'promo', 'x', 'x', 1)");
	rig_ok(rig_call("PUT", "/notifications/1/read", NULL), 200);
	a = rig_call("POST", "/notifications/read-all", NULL);
	rig_ok(a, 200);
	ck_assert_str_eq(a->text, "{\"read\":2,\"unread\":0}");
	a = rig_call("POST", "/notifications/read-all", NULL);
	ck_assert_str_eq(a->text, "{\"read\":0,\"unread\":0}");
	ck_assert_int_eq(rig_int(rig_call("GET", "/notifications", NULL), "/unread"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT read_status FROM notification WHERE user_id = 77"), 0);
	rig_sql("INSERT INTO notification (user_id, type, title, message, created_at) "
	    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500) "
	    "SELECT 1, 'promo', 'x', 'x', 1 FROM n");
	a = rig_call("POST", "/notifications/read-all", NULL);
	ck_assert_str_eq(a->text, "{\"read\":1000,\"unread\":500}");
	rig_logout();
	rig_refused(rig_call("POST", "/notifications/read-all", NULL), 401, "unauthorized");
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
	    a_cursor_leads_to_the_end_while_new_ones_come, a_cursor_that_is_none_is_refused,
	    speaks_the_users_language_not_the_browsers, marks_one_as_read,
	    filters_by_kind_and_order_and_counts_the_badge, reads_all_at_once,
	    anothers_notification_is_not_there);
}
