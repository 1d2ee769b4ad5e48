/* check_auth.c - register, log in, who am I (G1, G2, G5–G9, G78) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/keyring.h"
#include "tests/rig.h"
#include "tests/suite.h"

static const char anna[] = "{\"email\":\"Anna@Example.com\",\"password\":\"correct horse\","
    "\"name\":\"Анна\",\"phone\":\"067 123-45-67\",\"locale\":\"en\"}";
static const char anna_in[] = "{\"email\":\"anna@example.com\",\"password\":\"correct horse\"}";

/* G1, G10: what a new customer gets, and that it is good. */
START_TEST(registers_a_customer_who_can_log_in)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("POST", "/auth/register", anna);
	rig_ok(a, 201);
	ck_assert_str_eq(rig_text(a, "/token_type"), "Bearer");
	ck_assert_int_eq(rig_int(a, "/expires_in"), 900);
	ck_assert_str_eq(rig_text(a, "/user/email"), "anna@example.com");
	ck_assert_str_eq(rig_text(a, "/user/name"), "Анна");
	ck_assert_str_eq(rig_text(a, "/user/phone"), "+380671234567");
	ck_assert_str_eq(rig_text(a, "/user/locale"), "en");
	ck_assert_str_eq(rig_text(a, "/user/role"), "customer");
	ck_assert_ptr_null(strstr(a->text, "password"));
	ck_assert_ptr_null(strstr(a->text, "$2b$"));
	ck_assert_uint_eq(strlen(rig_text(a, "/refresh_token")), 43);
	a = rig_call("POST", "/auth/login", anna_in);
	rig_ok(a, 200);
	a = rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = rig_text(a, "/token") });
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/email"), "anna@example.com");
	rig_end();
}
END_TEST

/* G9: bcrypt with a salt of its own for each. */
START_TEST(stores_a_salted_bcrypt_hash)
{
	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", anna), 201);
	rig_ok(rig_call("POST", "/auth/register", "{\"email\":\"b@example.com\","
	    "\"password\":\"correct horse\",\"name\":\"B\"}"), 201);
	ck_assert_int_eq(rig_sql_int("SELECT count(DISTINCT password_hash) FROM users"
	    " WHERE password_hash LIKE '$2b$04$%'"), 2);
	ck_assert_ptr_null(strstr(rig_log(), "correct horse"));
	rig_end();
}
END_TEST

/* G2: also in capitals, also at once. */
START_TEST(an_email_registers_once)
{
	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", anna), 201);
	rig_refused(rig_call("POST", "/auth/register", anna), 409, "email_taken");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), 1);
	rig_end();
}
END_TEST

START_TEST(a_registration_whose_answer_was_lost_is_answered_again)
{
	const struct rig_reply *first, *second;

	rig_begin();
	first = rig_call_key("POST", "/auth/register", anna, "k1");
	rig_ok(first, 201);
	second = rig_call_key("POST", "/auth/register", anna, "k1");
	rig_ok(second, 201);
	ck_assert_str_eq(rig_header(second, "Idempotency-Replayed"), "true");
	ck_assert_int_eq(rig_int(second, "/user/id"), rig_int(first, "/user/id"));
	ck_assert_str_ne(rig_text(second, "/refresh_token"), rig_text(first, "/refresh_token"));
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session"), 2);
	ck_assert_str_eq(rig_sql_text("SELECT response FROM idempotency"), "{\"id\":1}");
	rig_refused(rig_call_key("POST", "/auth/register", anna, "k2"), 409, "email_taken");
	rig_refused(rig_call_key("POST", "/auth/register", "{\"email\":\"anna@example.com\","
	    "\"password\":\"correct horse\",\"name\":\"B\"}", "k1"), 422,
	    "idempotency_key_reused");
	rig_end();
}
END_TEST

START_TEST(nobody_gets_in_by_a_key_without_the_password)
{
	static const char guess[] = "{\"email\":\"e@example.com\",\"name\":\"E\","
	    "\"password\":\"wrong horse\"}";
	const struct rig_reply *a;

	rig_begin();
	rig_ok(rig_call_key("POST", "/auth/register", "{\"email\":\"e@example.com\","
	    "\"name\":\"E\",\"password\":\"correct horse\"}", "k1"), 201);
	a = rig_call_key("POST", "/auth/register", guess, "k1");
	rig_refused(a, 409, "email_taken");
	ck_assert_ptr_null(rig_header(a, "Idempotency-Replayed"));
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session"), 1);
	rig_end();
}
END_TEST

START_TEST(a_password_of_the_wrong_type_is_not_a_missing_one)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("POST", "/auth/register", "{\"password\":[]}");
	ck_assert_str_eq(rig_text(a, "/fields/password"), "must be text");
	a = rig_call("POST", "/auth/register", "{\"password\":null}");
	ck_assert_str_eq(rig_text(a, "/fields/password"), "is required");
	rig_end();
}
END_TEST

static void
register_anna(int worker)
{
	const struct rig_reply *a = rig_call("POST", "/auth/register", anna);

	(void)worker;
	ck_assert_int_eq(a->status == 201 || a->status == 409, 1);
}

START_TEST(eight_at_once_register_one)
{
	rig_begin();
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(8, register_anna);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session"), 1);
	rig_end();
}
END_TEST

START_TEST(names_each_wrong_field)
{
	static const struct { const char *body, *field; } rows[] = {
		{ "{\"password\":\"12345678\",\"name\":\"A\"}", "email" },
		{ "{\"email\":\"no\",\"password\":\"12345678\",\"name\":\"A\"}", "email" },
		{ "{\"email\":7,\"password\":\"12345678\",\"name\":\"A\"}", "email" },
		{ "{\"email\":\"a@b.co\",\"name\":\"A\"}", "password" },
		{ "{\"email\":\"a@b.co\",\"password\":\"1234567\",\"name\":\"A\"}", "password" },
		{ "{\"email\":\"a@b.co\",\"password\":12345678,\"name\":\"A\"}", "password" },
		{ "{\"email\":\"a@b.co\",\"password\":\"1234567890123456789012345678901234567890"
		    "123456789012345678901234567890123\",\"name\":\"A\"}", "password" },
		{ "{\"email\":\"a@b.co\",\"password\":\"12345678\"}", "name" },
		{ "{\"email\":\"a@b.co\",\"password\":\"12345678\",\"name\":\"  \"}", "name" },
		{ "{\"email\":\"a@b.co\",\"password\":\"12345678\",\"name\":\"A\",\"phone\":\"1\"}", "phone" },
		{ "{\"email\":\"a@b.co\",\"password\":\"12345678\",\"name\":\"A\",\"locale\":\"de\"}", "locale" },
	};
	char pointer[64];

	rig_begin();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct rig_reply *a = rig_call("POST", "/auth/register", rows[i].body);

		rig_refused(a, 422, "invalid_field");
		snprintf(pointer, sizeof pointer, "/fields/%s", rows[i].field);
		ck_assert_msg(rig_has(a, pointer), "%s: %s", rows[i].body, a->text);
	}
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), 0);
	rig_end();
}
END_TEST

/* G76: a role, an id or a link to the till cannot be posted. */
START_TEST(members_that_are_not_asked_for_have_no_effect)
{
	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", "{\"email\":\"a@b.co\",\"password\":\"12345678\","
	    "\"name\":\"A\",\"role\":\"admin\",\"id\":77,\"pos_client_id\":\"9\",\"is_blocked\":1}"), 201);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE role = 'customer' AND id <> 77"
	    " AND pos_client_id IS NULL AND is_blocked = 0"), 1);
	rig_end();
}
END_TEST

/* G5: one answer for a wrong password and for nobody. */
START_TEST(refuses_wrong_credentials_alike)
{
	const struct rig_reply *wrong, *nobody;

	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", anna), 201);
	wrong = rig_call("POST", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"wrong horse\"}");
	nobody = rig_call("POST", "/auth/login",
	    "{\"email\":\"nobody@example.com\",\"password\":\"wrong horse\"}");
	rig_refused(wrong, 401, "wrong_credentials");
	rig_refused(nobody, 401, "wrong_credentials");
	ck_assert_str_eq(rig_text(wrong, "/error"), rig_text(nobody, "/error"));
	rig_refused(rig_call("POST", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"x\"}"), 401, "wrong_credentials");
	rig_ok(rig_call("POST", "/auth/login", anna_in), 200);
	rig_end();
}
END_TEST

static void
log_in(int worker)
{
	(void)worker;
	rig_ok(rig_call("POST", "/auth/login", anna_in), 200);
}

/* BCRYPT_COST was raised (or lowered): the next login takes the hash along, but
 * the account is not changed by it, and logins beside it stay right. */
START_TEST(a_login_renews_a_hash_of_another_cost)
{
	int64_t changed;

	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", anna), 201);
	changed = rig_sql_int("SELECT updated_at FROM users");
	clock_advance(60);
	rig_set("BCRYPT_COST", "6");
	rig_refused(rig_call("POST", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"wrong horse\"}"), 401, "wrong_credentials");
	ck_assert_int_eq(rig_sql_int("SELECT password_hash LIKE '$2b$04$%' FROM users"), 1);
	rig_parallel(8, log_in);
	ck_assert_int_eq(rig_sql_int("SELECT password_hash LIKE '$2b$06$%' FROM users"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session"), 9);
	rig_ok(rig_call("POST", "/auth/login", anna_in), 200);
	rig_set("BCRYPT_COST", "5");
	rig_ok(rig_call("POST", "/auth/login", anna_in), 200);
	ck_assert_int_eq(rig_sql_int("SELECT password_hash LIKE '$2b$05$%' FROM users"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT updated_at FROM users"), changed);
	rig_end();
}
END_TEST

START_TEST(blocked_account_gets_nowhere)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("POST", "/auth/register", anna);
	rig_sql("UPDATE users SET is_blocked = 1");
	rig_refused(rig_call("POST", "/auth/login", anna_in), 403, "account_blocked");
	rig_refused(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = rig_text(a, "/token") }), 403, "account_blocked");
	rig_end();
}
END_TEST

/* G6, G7, G8: only a living session's own token, and not for ever. */
START_TEST(token_is_good_while_its_session_lives)
{
	struct rig_ask me = { .method = "GET", .path = "/auth/me" };

	rig_begin();
	me.token = rig_text(rig_call("POST", "/auth/register", anna), "/token");
	clock_advance(15 * 60 - 1);
	rig_ok(rig_send(&me), 200);
	clock_advance(1);
	rig_refused(rig_send(&me), 401, "unauthorized");
	rig_login("boris");
	rig_ok(rig_call("GET", "/auth/me", NULL), 200);
	rig_sql("UPDATE session SET ended_at = 1");
	rig_refused(rig_call("GET", "/auth/me", NULL), 401, "unauthorized");
	rig_logout();
	rig_refused(rig_call("GET", "/auth/me", NULL), 401, "unauthorized");
	ck_assert_str_eq(rig_text(rig_call("GET", "/auth/me", NULL), "/error"), "Unauthorized");
	rig_end();
}
END_TEST

START_TEST(forged_tokens_are_refused)
{
	static const char *const forged[] = {
		"", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.e30.AAAA",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0..",
	};
	struct token t = { .user_id = 1, .session_id = 999, .issued_at = RIG_NOW,
		.expires_at = RIG_NOW + 900 };
	char text[TOKEN_TEXT];

	rig_begin();
	rig_login("anna");
	for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
		rig_refused(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
			.token = forged[i] }), 401, "unauthorized");
	/* signed by us, but of a session that never was */
	ck_assert_int_eq(keyring_sign(rig_app()->keys, &t, text), 0);
	rig_refused(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
		.token = text }), 401, "unauthorized");
	rig_end();
}
END_TEST

/* G78: guesses at one account from one place run dry; others are not hurt. */
START_TEST(guessing_is_limited)
{
	static const char wrong[] = "{\"email\":\"anna@example.com\",\"password\":\"wrong horse\"}";
	const struct rig_reply *a;
	int refused = 0;

	rig_begin();
	rig_set("LIMITS", "yes");
	rig_ok(rig_call("POST", "/auth/register", anna), 201);
	for (int i = 0; i < 15; i++) {
		a = rig_call("POST", "/auth/login", wrong);
		refused += a->status == 429;
	}
	ck_assert_int_eq(refused, 5);
	a = rig_call("POST", "/auth/login", wrong);
	rig_refused(a, 429, "too_many_requests");
	ck_assert_ptr_nonnull(rig_header(a, "Retry-After"));
	rig_refused(rig_call("POST", "/auth/login",
	    "{\"email\":\"other@example.com\",\"password\":\"wrong horse\"}"), 401,
	    "wrong_credentials");
	clock_advance(3600);
	rig_refused(rig_call("POST", "/auth/login", wrong), 401, "wrong_credentials");
	rig_end();
}
END_TEST

/* Every size of memory gives an answer, and half of it no half an account. */
START_TEST(too_little_memory_changes_nothing)
{
	const struct rig_reply *a;
	size_t memory = 64;

	rig_begin();
	do {
		rig_memory(memory += 64);
		a = rig_call("POST", "/auth/register", anna);
		ck_assert_msg(a->status == 201 || a->status == 413 || a->status >= 500 ||
		    a->status == 400, "%d", a->status);
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), a->status == 201);
	} while (a->status != 201 && memory < 1 << 20);
	rig_ok(a, 201);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("auth", registers_a_customer_who_can_log_in, stores_a_salted_bcrypt_hash,
	    an_email_registers_once, eight_at_once_register_one, names_each_wrong_field,
	    members_that_are_not_asked_for_have_no_effect, refuses_wrong_credentials_alike,
	    blocked_account_gets_nowhere, token_is_good_while_its_session_lives,
	    forged_tokens_are_refused, guessing_is_limited, too_little_memory_changes_nothing,
	    a_registration_whose_answer_was_lost_is_answered_again,
	    nobody_gets_in_by_a_key_without_the_password,
	    a_password_of_the_wrong_type_is_not_a_missing_one,
	    a_login_renews_a_hash_of_another_cost);
}
