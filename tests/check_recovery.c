/* check_recovery.c - a forgotten password (G76, G78, G86, no enumeration) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/recovery.h"
#include "tests/rig.h"
#include "tests/suite.h"

static void
begin(void)
{
	rig_begin();
	rig_set("SMTP_URL", "smtp://127.0.0.1:25");
	rig_set("MAIL_FROM", "shop@example.com");
	rig_login("anna");
}

static const struct rig_reply *
forgot(const char *email)
{
	static char body[256];

	snprintf(body, sizeof body, "{\"email\":\"%s\"}", email);
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/password/forgot",
		.body = body });
}

static const struct rig_reply *
reset(const char *token, const char *password)
{
	static char body[512];

	snprintf(body, sizeof body, "{\"token\":\"%s\",\"new_password\":\"%s\"}", token, password);
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/password/reset",
		.body = body });
}

static const struct rig_reply *
login(const char *password)
{
	static char body[256];

	snprintf(body, sizeof body, "{\"email\":\"anna@example.com\",\"password\":\"%s\"}", password);
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/login", .body = body });
}

/* What the mail of a row would hold. */
static const char *
token_of(const char *key, int64_t user_id)
{
	static char token[RECOVERY_TEXT];

	ck_assert_int_eq(recovery_token(rig_app()->keys, key, user_id, token), 0);
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	ck_assert_int_eq(recovery_store(rig_app()->db, user_id, token, clock_now()), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	return token;
}

/* No enumeration: one row each, whoever it is; the same words and the same work. */
START_TEST(asking_does_the_same_for_everybody)
{
	const struct rig_reply *known, *unknown;
	int64_t before, written;

	begin();
	forgot("warm@example.com");
	before = db_total_changes(rig_app()->db);
	known = forgot("anna@example.com");
	written = db_total_changes(rig_app()->db) - before;
	unknown = forgot("nobody@example.com");
	rig_ok(known, 202);
	ck_assert_int_eq(rig_int(known, "/expires_in"), 1800);
	ck_assert_str_eq(known->text, unknown->text);
	ck_assert_str_eq(known->head, unknown->head);
	ck_assert_int_eq(known->statements, unknown->statements);
	ck_assert_int_eq(db_total_changes(rig_app()->db) - before, 2 * written);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE lane = 'mail'"
	    " AND kind = 'mail' AND state = 'due'"), 3);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM password_reset"), 0);
	rig_end();
}
END_TEST

START_TEST(without_a_mail_server_it_answers_as_ever)
{
	begin();
	rig_set("SMTP_URL", "");
	rig_ok(forgot("anna@example.com"), 202);
	rig_ok(forgot("anna@example.com"), 202);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox"), 0);
	ck_assert_ptr_nonnull(strstr(rig_log(), "mail_not_configured"));
	ck_assert_ptr_null(strstr(strstr(rig_log(), "mail_not_configured") + 1,
	    "mail_not_configured"));
	rig_end();
}
END_TEST

START_TEST(one_address_is_asked_for_three_times_an_hour)
{
	begin();
	rig_set("LIMITS", "yes");
	for (int i = 0; i < 3; i++)
		rig_ok(forgot("anna@example.com"), 202);
	rig_refused(forgot("Anna@example.com"), 429, "too_many_requests");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox"), 3);
	rig_ok(forgot("boris@example.com"), 202);
	clock_advance(3600);
	rig_ok(forgot("anna@example.com"), 202);
	rig_end();
}
END_TEST

START_TEST(what_is_no_address_is_named)
{
	begin();
	rig_refused(forgot("no"), 422, "invalid_field");
	rig_refused(rig_call("POST", "/auth/password/forgot", "{}"), 422, "invalid_field");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox"), 0);
	rig_end();
}
END_TEST

START_TEST(a_token_sets_a_new_password_once)
{
	const struct rig_reply *a;
	const char *token;

	begin();
	token = token_of("key-1", 1);
	a = reset(token, "battery staple");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/email"), "anna@example.com");
	rig_ok(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = rig_text(a, "/token") }), 200);
	/* every session of before is over */
	rig_refused(rig_call("GET", "/auth/me", NULL), 401, "unauthorized");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'session.ended'"), 1);
	rig_refused(login(RIG_PASSWORD), 401, "wrong_credentials");
	rig_ok(login("battery staple"), 200);
	rig_refused(reset(token, "another staple"), 422, "reset_token_invalid");
	rig_ok(login("battery staple"), 200);
	ck_assert_ptr_null(strstr(rig_log(), token));
	rig_end();
}
END_TEST

/* The other links that were mailed die with the first that is used, and with a
 * change of the password by other means. */
START_TEST(one_use_ends_all_tokens_of_the_person)
{
	char first[RECOVERY_TEXT];

	begin();
	snprintf(first, sizeof first, "%s", token_of("key-1", 1));
	rig_ok(reset(token_of("key-2", 1), "battery staple"), 200);
	rig_refused(reset(first, "another staple"), 422, "reset_token_invalid");
	rig_login("anna");
	snprintf(first, sizeof first, "%s", token_of("key-3", 1));
	rig_ok(rig_call("POST", "/auth/password", "{\"old_password\":\"battery staple\","
	    "\"new_password\":\"third staple\"}"), 200);
	rig_refused(reset(first, "another staple"), 422, "reset_token_invalid");
	rig_end();
}
END_TEST

START_TEST(a_token_is_good_for_half_an_hour)
{
	const char *token;

	begin();
	token = token_of("key-1", 1);
	clock_advance(1799);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM password_reset"), 1);
	rig_refused(reset(token, "short"), 422, "invalid_field");
	clock_advance(1);
	rig_refused(reset(token, "battery staple"), 422, "reset_token_invalid");
	rig_ok(login(RIG_PASSWORD), 200);
	rig_end();
}
END_TEST

START_TEST(other_tokens_are_refused_alike)
{
	static const char *const tokens[] = { "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"' OR 1=1", "..", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB" };

	begin();
	token_of("key-1", 1);
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
		rig_refused(reset(tokens[i], "battery staple"), 422, "reset_token_invalid");
	rig_refused(reset("", "battery staple"), 422, "invalid_field");
	rig_ok(login(RIG_PASSWORD), 200);
	rig_end();
}
END_TEST

START_TEST(a_blocked_person_stays_out)
{
	const char *token;

	begin();
	token = token_of("key-1", 1);
	rig_sql("UPDATE users SET is_blocked = 1");
	rig_refused(reset(token, "battery staple"), 403, "account_blocked");
	rig_sql("UPDATE users SET is_blocked = 0");
	rig_ok(login(RIG_PASSWORD), 200);
	rig_end();
}
END_TEST

/* The way in for an owner whose account strangers guess at, from anywhere. */
START_TEST(a_reset_gets_the_owner_in_while_strangers_guess)
{
	const struct rig_reply *a;
	const char *cookie;
	char pair[256];

	begin();
	rig_set("LIMITS", "yes");
	for (int i = 0; i < 12; i++)
		login("wrong horse");
	rig_refused(login(RIG_PASSWORD), 429, "too_many_requests");
	a = reset(token_of("key-1", 1), "battery staple");
	rig_ok(a, 200);
	cookie = strstr(a->head, "tillbridge_device=");
	ck_assert_ptr_nonnull(cookie);
	snprintf(pair, sizeof pair, "%.*s", (int)strcspn(cookie, ";"), cookie);
	rig_ok(rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/login",
		.cookies = pair, .body = "{\"email\":\"anna@example.com\","
		"\"password\":\"battery staple\"}" }), 200);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("recovery", asking_does_the_same_for_everybody,
	    without_a_mail_server_it_answers_as_ever, one_address_is_asked_for_three_times_an_hour,
	    what_is_no_address_is_named, a_token_sets_a_new_password_once,
	    one_use_ends_all_tokens_of_the_person, a_token_is_good_for_half_an_hour,
	    other_tokens_are_refused_alike, a_blocked_person_stays_out,
	    a_reset_gets_the_owner_in_while_strangers_guess);
}
