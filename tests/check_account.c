/* check_account.c - a person's own data and password (G6, G9, G10, G74, G76) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/rig.h"
#include "tests/suite.h"

static const struct rig_reply *
patch(const char *body)
{
	return rig_call("PATCH", "/auth/me", body);
}

/* ---- PATCH /auth/me */

START_TEST(what_is_told_changes_and_the_rest_stays)
{
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	a = patch("{\"name\":\" Анна Коваль \",\"phone\":\"050 111 22 33\",\"locale\":\"en\"}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/name"), "Анна Коваль");
	ck_assert_str_eq(rig_text(a, "/user/phone"), "+380501112233");
	ck_assert_str_eq(rig_text(a, "/user/locale"), "en");
	clock_advance(60);
	a = patch("{\"address\":{\"text\":\"Хрещатик, 1\",\"floor\":\"3\",\"latitude\":50.45,"
	    "\"longitude\":30.52}}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/name"), "Анна Коваль");
	ck_assert_str_eq(rig_text(a, "/user/address/text"), "Хрещатик, 1");
	ck_assert_str_eq(rig_text(a, "/user/address/floor"), "3");
	ck_assert_str_eq(rig_digits(a, "/user/latitude"), "50.450000");
	ck_assert_str_ne(rig_text(a, "/user/updated_at"), rig_text(a, "/user/created_at"));
	ck_assert_str_eq(rig_call("GET", "/auth/me", NULL)->text, a->text);
	rig_end();
}
END_TEST

START_TEST(null_removes_and_absence_leaves_alone)
{
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	rig_ok(patch("{\"address\":{\"text\":\"Тут\",\"latitude\":50.45,\"longitude\":30.52}}"), 200);
	a = patch("{}");
	rig_ok(a, 200);
	ck_assert(rig_has(a, "/user/phone"));
	ck_assert(rig_has(a, "/user/address"));
	/* an address without coordinates clears the old ones */
	a = patch("{\"address\":{\"text\":\"Там\"}}");
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/user/latitude") && !rig_has(a, "/user/longitude"));
	a = patch("{\"phone\":null,\"address\":null}");
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/user/phone") && !rig_has(a, "/user/address"));
	rig_end();
}
END_TEST

START_TEST(names_each_wrong_field_and_changes_nothing)
{
	static const struct { const char *body, *field; } rows[] = {
		{ "{\"name\":null}", "name" }, { "{\"name\":\"\"}", "name" },
		{ "{\"name\":7}", "name" }, { "{\"phone\":\"12\"}", "phone" },
		{ "{\"locale\":null}", "locale" }, { "{\"locale\":\"de\"}", "locale" },
		{ "{\"address\":\"here\"}", "address" }, { "{\"address\":{}}", "address.text" },
		{ "{\"address\":{\"text\":\"\"}}", "address.text" },
		{ "{\"address\":{\"text\":\"x\",\"latitude\":50}}", "address.longitude" },
		{ "{\"address\":{\"text\":\"x\",\"latitude\":91,\"longitude\":0}}", "address.latitude" },
	};
	const struct rig_reply *a, *before;

	rig_begin();
	rig_login("anna");
	before = rig_call("GET", "/auth/me", NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		a = patch(rows[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(strstr(a->text, rows[i].field) != NULL, "%s: %s", rows[i].body,
		    a->text);
	}
	ck_assert_str_eq(rig_call("GET", "/auth/me", NULL)->text, before->text);
	rig_end();
}
END_TEST

/* G76: mass assignment. */
START_TEST(what_is_not_ours_to_change_has_no_effect)
{
	rig_begin();
	rig_login("boris");
	rig_login("anna");
	rig_sql("UPDATE users SET pos_client_id = 'c1' WHERE id = 2");
	rig_ok(patch("{\"id\":1,\"user_id\":1,\"email\":\"x@example.com\",\"role\":\"admin\","
	    "\"is_blocked\":true,\"pos_client_id\":\"c9\",\"password_hash\":\"x\","
	    "\"password\":\"another horse\",\"latitude\":1,\"longitude\":1,\"created_at\":1,"
	    "\"name\":\"Анна\"}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE id = 2 AND name = 'Анна'"
	    " AND email = 'anna@example.com' AND role = 'customer' AND is_blocked = 0"
	    " AND pos_client_id = 'c1' AND password_hash LIKE '$2b$%' AND latitude IS NULL"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE id = 1 AND name = 'boris'"), 1);
	rig_end();
}
END_TEST

/* G74: an order without address goes to what stands here. */
START_TEST(an_order_uses_the_default_address)
{
	const struct rig_reply *a;

	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_ok(patch("{\"address\":{\"text\":\"Хрещатик, 7\",\"latitude\":50.4501,"
	    "\"longitude\":30.5234}}"), 200);
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1,\"branch_id\":1}"), 200);
	a = rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"delivery\"}");
	rig_ok(a, 201);
	ck_assert_str_eq(rig_text(a, "/order/delivery_address/text"), "Хрещатик, 7");
	rig_end();
}
END_TEST

/* ---- POST /auth/password */

static const char change[] = "{\"old_password\":\"" RIG_PASSWORD "\","
    "\"new_password\":\"battery staple\"}";

static const struct rig_reply *
login(const char *password)
{
	static char body[256];

	snprintf(body, sizeof body, "{\"email\":\"anna@example.com\",\"password\":\"%s\"}", password);
	return rig_call("POST", "/auth/login", body);
}

static const struct rig_reply *
refresh(const char *token)
{
	static char body[256];

	snprintf(body, sizeof body, "{\"refresh_token\":\"%s\"}", token);
	return rig_call("POST", "/auth/refresh", body);
}

START_TEST(a_new_password_ends_all_other_sessions)
{
	const char *other, *old_refresh;
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	other = rig_text(login(RIG_PASSWORD), "/token");
	a = login(RIG_PASSWORD);
	old_refresh = rig_text(a, "/refresh_token");
	a = rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/password",
		.body = change, .token = rig_text(a, "/token") });
	rig_ok(a, 200);
	/* this session goes on, with a refresh token that nobody else can have */
	rig_ok(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = rig_text(a, "/token") }), 200);
	rig_refused(refresh(old_refresh), 401, "unauthorized");
	rig_ok(refresh(rig_text(a, "/refresh_token")), 200);
	/* the others do not */
	rig_refused(rig_call("GET", "/auth/me", NULL), 401, "unauthorized");
	rig_refused(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = other }), 401, "unauthorized");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'session.ended'"), 2);
	rig_refused(login(RIG_PASSWORD), 401, "wrong_credentials");
	rig_ok(login("battery staple"), 200);
	ck_assert_ptr_null(strstr(rig_log(), "staple"));
	rig_end();
}
END_TEST

START_TEST(a_wrong_old_password_changes_nothing)
{
	static const struct { const char *body, *field; } rows[] = {
		{ "{\"old_password\":\"wrong horse\",\"new_password\":\"battery staple\"}", "old_password" },
		{ "{\"old_password\":\"x\",\"new_password\":\"battery staple\"}", "old_password" },
		{ "{\"new_password\":\"battery staple\"}", "old_password" },
		{ "{\"old_password\":\"" RIG_PASSWORD "\"}", "new_password" },
		{ "{\"old_password\":\"" RIG_PASSWORD "\",\"new_password\":\"short\"}", "new_password" },
		{ "{\"old_password\":\"" RIG_PASSWORD "\",\"new_password\":12345678}", "new_password" },
	};
	const struct rig_reply *a;
	const char *other;

	rig_begin();
	rig_login("anna");
	other = rig_text(login(RIG_PASSWORD), "/token");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		a = rig_call("POST", "/auth/password", rows[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(strstr(a->text, rows[i].field) != NULL, "%s", a->text);
	}
	rig_ok(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = other }), 200);
	rig_ok(login(RIG_PASSWORD), 200);
	rig_end();
}
END_TEST

/* A token outlives its session by minutes: it must not tell which password is right. */
START_TEST(who_was_logged_out_learns_nothing_of_the_password)
{
	rig_begin();
	rig_login("anna");
	rig_sql("UPDATE session SET ended_at = 1");
	rig_refused(rig_call("POST", "/auth/password", change), 401, "unauthorized");
	rig_refused(rig_call("POST", "/auth/password",
	    "{\"old_password\":\"wrong horse\",\"new_password\":\"battery staple\"}"), 401,
	    "unauthorized");
	rig_end();
}
END_TEST

START_TEST(the_new_refresh_token_may_go_into_a_cookie)
{
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	a = rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/password",
		.token = rig_token(), .origin = "http://127.0.0.1:8080",
		.body = "{\"old_password\":\"" RIG_PASSWORD "\",\"new_password\":\"battery staple\","
		"\"refresh_in\":\"cookie\"}" });
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/refresh_token"));
	ck_assert_ptr_nonnull(strstr(a->head, "Set-Cookie: tillbridge_refresh="));
	rig_end();
}
END_TEST

START_TEST(a_found_phone_does_not_guess_for_long)
{
	const struct rig_reply *a = NULL;

	rig_begin();
	rig_set("LIMITS", "yes");
	rig_login("anna");
	for (int i = 0; i < 10; i++)
		rig_ok(rig_call("POST", "/auth/password", "{\"old_password\":\"wrong horse\","
		    "\"new_password\":\"battery staple\"}"), 422);
	a = rig_call("POST", "/auth/password", change);
	rig_refused(a, 429, "too_many_requests");
	ck_assert_ptr_nonnull(rig_header(a, "Retry-After"));
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("account", what_is_told_changes_and_the_rest_stays,
	    null_removes_and_absence_leaves_alone, names_each_wrong_field_and_changes_nothing,
	    what_is_not_ours_to_change_has_no_effect, an_order_uses_the_default_address,
	    a_new_password_ends_all_other_sessions, a_wrong_old_password_changes_nothing,
	    who_was_logged_out_learns_nothing_of_the_password,
	    the_new_refresh_token_may_go_into_a_cookie, a_found_phone_does_not_guess_for_long);
}
