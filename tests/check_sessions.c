/* check_sessions.c - refresh, logout, and who steals what (G6–G8, G74, C11) */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/keyfile.h"
#include "tests/rig.h"
#include "tests/suite.h"

enum { DAY = 86400 };

/* ---- asking */

static const char *
format(const char *fmt, const char *text)
{
	static char kept[8][1024];
	static int next;
	char *s = kept[next++ % 8];

	snprintf(s, 1024, fmt, text);
	return s;
}

/* Registered, and the first refresh token. */
static const char *
begin_with_token(void)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("POST", "/auth/register", "{\"email\":\"anna@example.com\","
	    "\"password\":\"correct horse\",\"name\":\"Анна\"}");
	rig_ok(a, 201);
	return rig_text(a, "/refresh_token");
}

static const struct rig_reply *
refresh(const char *token)
{
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/refresh",
		.body = format("{\"refresh_token\":\"%s\"}", token) });
}

static const struct rig_reply *
me(const char *access)
{
	return rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me", .token = access });
}

/* ---- by body */

/* G7: the access token is short, the refresh token long, and one gives the other. */
START_TEST(a_refresh_token_gives_a_new_access_token_of_the_same_session)
{
	const char *first = begin_with_token();
	const struct rig_reply *a;

	clock_advance(901);
	a = refresh(first);
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/token_type"), "Bearer");
	ck_assert_int_eq(rig_int(a, "/expires_in"), 900);
	ck_assert_str_eq(rig_text(a, "/user/email"), "anna@example.com");
	ck_assert_str_ne(rig_text(a, "/refresh_token"), first);
	rig_ok(me(rig_text(a, "/token")), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session WHERE ended_at IS NULL"), 1);
	clock_advance(901);
	rig_refused(me(rig_text(a, "/token")), 401, "unauthorized");
	rig_ok(refresh(rig_text(a, "/refresh_token")), 200);
	ck_assert_ptr_null(strstr(rig_log(), first));
	rig_end();
}
END_TEST

/* A lost answer, or the other tab: the same token again, for 15 seconds. */
START_TEST(within_the_grace_the_same_successor_comes_again)
{
	const char *first = begin_with_token(), *second;
	const struct rig_reply *a = refresh(first);

	rig_ok(a, 200);
	second = rig_text(a, "/refresh_token");
	clock_advance(15);
	a = refresh(first);
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/refresh_token"), second);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM refresh_token"), 2);
	rig_ok(refresh(second), 200);
	rig_end();
}
END_TEST

/* The other tab was quick twice: an old token would end both when it is used. */
START_TEST(who_comes_late_gets_the_newest_of_the_family)
{
	const char *first = begin_with_token(), *newest;
	const struct rig_reply *a = refresh(first);

	newest = rig_text(refresh(rig_text(a, "/refresh_token")), "/refresh_token");
	a = refresh(first);
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/refresh_token"), newest);
	clock_advance(900);
	rig_ok(refresh(newest), 200);
	rig_end();
}
END_TEST

/* The family dies for thief and owner alike, at once. */
START_TEST(a_stolen_token_after_the_grace_ends_the_family)
{
	const char *stolen = begin_with_token(), *newest, *access;
	const struct rig_reply *a = refresh(stolen);

	rig_ok(a, 200);
	newest = rig_text(a, "/refresh_token");
	access = rig_text(a, "/token");
	clock_advance(16);
	rig_ok(me(access), 200);
	rig_refused(refresh(stolen), 401, "unauthorized");
	rig_refused(me(access), 401, "unauthorized");
	rig_refused(refresh(newest), 401, "unauthorized");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'session.ended'"
	    " AND user_id = 1 AND payload = '{\"session_id\":1}'"), 1);
	ck_assert_ptr_nonnull(strstr(rig_log(), "refresh_token_reused"));
	rig_end();
}
END_TEST

START_TEST(a_theft_hurts_no_other_session)
{
	const char *stolen = begin_with_token();
	const struct rig_reply *other = rig_call("POST", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"correct horse\"}");

	rig_ok(other, 200);
	rig_ok(refresh(stolen), 200);
	clock_advance(60);
	rig_refused(refresh(stolen), 401, "unauthorized");
	rig_ok(me(rig_text(other, "/token")), 200);
	rig_ok(refresh(rig_text(other, "/refresh_token")), 200);
	rig_end();
}
END_TEST

START_TEST(what_is_no_token_is_refused_alike)
{
	static const char *const bodies[] = {
		"{}", "{\"refresh_token\":null}", "{\"refresh_token\":\"x\"}",
		"{\"refresh_token\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"refresh_token\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"refresh_token\":\"' OR 1=1 --\"}",
	};

	begin_with_token();
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		rig_refused(rig_call("POST", "/auth/refresh", bodies[i]), 401, "unauthorized");
	rig_refused(rig_call("POST", "/auth/refresh", "{\"refresh_token\":7}"), 422,
	    "invalid_field");
	rig_refused(rig_call("POST", "/auth/refresh", "{\"refresh_in\":\"pocket\","
	    "\"refresh_token\":\"x\"}"), 422, "invalid_field");
	rig_refused(rig_call("POST", "/auth/refresh", NULL), 400, "bad_json");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM refresh_token"), 1);
	rig_end();
}
END_TEST

START_TEST(a_token_expires_with_its_session)
{
	const char *first = begin_with_token();

	clock_advance(30 * DAY);
	rig_refused(refresh(first), 401, "unauthorized");
	rig_ok(rig_call("POST", "/auth/login", "{\"email\":\"anna@example.com\","
	    "\"password\":\"correct horse\"}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM refresh_token"), 1);
	rig_end();
}
END_TEST

START_TEST(a_blocked_user_gets_no_token)
{
	const char *first = begin_with_token();

	rig_sql("UPDATE users SET is_blocked = 1");
	rig_refused(refresh(first), 403, "account_blocked");
	rig_sql("UPDATE users SET is_blocked = 0");
	rig_ok(refresh(first), 200);
	rig_end();
}
END_TEST

/* G74: a refresh token opens its own account, whoever's access token is beside it. */
START_TEST(the_token_says_whose_session_it_is)
{
	const char *first = begin_with_token();
	const struct rig_reply *a;

	rig_login("boris");
	a = rig_call("POST", "/auth/refresh", format("{\"refresh_token\":\"%s\",\"user_id\":2}",
	    first));
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/email"), "anna@example.com");
	rig_end();
}
END_TEST

static const char *shared_token;

static void
refresh_shared(int worker)
{
	const struct rig_reply *a = refresh(shared_token);

	(void)worker;
	rig_ok(a, 200);
	rig_ok(me(rig_text(a, "/token")), 200);
	rig_ok(refresh(rig_text(a, "/refresh_token")), 200);
}

START_TEST(tabs_that_refresh_at_once_all_go_on)
{
	shared_token = begin_with_token();
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(8, refresh_shared);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session WHERE ended_at IS NULL"), 1);
	rig_end();
}
END_TEST

static void
die_in_refresh(int statement)
{
	pid_t pid;
	int status;

	rig_close();
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		rig_open();
		rig_die_at(statement);
		refresh(shared_token);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	rig_open();
	shared_token = WIFEXITED(status) ? NULL : shared_token;
}

/* Wherever the worker dies, behind the commit too: who asks again gets it. */
START_TEST(a_worker_that_dies_logs_nobody_out)
{
	const char *first = begin_with_token();
	int statement = 0;

	shared_token = first;
	while (shared_token != NULL && statement < 64) {
		die_in_refresh(++statement);
		rig_ok(refresh(first), 200);
	}
	ck_assert_int_gt(statement, 3);
	ck_assert_int_lt(statement, 64);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM refresh_token"), 2);
	rig_end();
}
END_TEST

/* A new signing key between two requests: old access token, old successor, all good. */
START_TEST(a_new_signing_key_logs_nobody_out)
{
	const char *first = begin_with_token(), *second;
	char fault[KEYFILE_FAULT], kid[KID_MAX + 1];
	const struct rig_reply *a = refresh(first), *b;

	rig_ok(a, 200);
	second = rig_text(a, "/refresh_token");
	ck_assert_int_eq(keyfile_rotate(rig_app()->conf.key_file, kid, fault), 0);
	rig_close();
	rig_open();
	b = refresh(first);
	rig_ok(b, 200);
	ck_assert_str_eq(rig_text(b, "/refresh_token"), second);
	rig_ok(me(rig_text(a, "/token")), 200);
	rig_ok(me(rig_text(b, "/token")), 200);
	b = refresh(second);
	rig_ok(b, 200);
	ck_assert_str_ne(rig_text(b, "/refresh_token"), second);
	rig_end();
}
END_TEST

/* A stored answer is found though its HMAC is of the key before. */
START_TEST(an_idempotency_key_outlives_a_signing_key)
{
	static const char body[] = "{\"product_id\":1,\"quantity\":1}";
	char fault[KEYFILE_FAULT], kid[KID_MAX + 1];

	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_ok(rig_call_key("POST", "/cart/add", body, "k"), 200);
	ck_assert_int_eq(keyfile_rotate(rig_app()->conf.key_file, kid, fault), 0);
	rig_close();
	rig_open();
	ck_assert_str_eq(rig_header(rig_call_key("POST", "/cart/add", body, "k"),
	    "Idempotency-Replayed"), "true");
	rig_refused(rig_call_key("POST", "/cart/add", "{\"product_id\":2,\"quantity\":1}", "k"),
	    422, "idempotency_key_reused");
	rig_end();
}
END_TEST

/* G78: one session in a hurry runs dry; that of another does not. */
START_TEST(refreshing_is_limited_by_session)
{
	const char *first = begin_with_token(), *token = first;
	const struct rig_reply *other, *a = NULL;

	rig_set("LIMITS", "yes");
	other = rig_call("POST", "/auth/login", "{\"email\":\"anna@example.com\","
	    "\"password\":\"correct horse\"}");
	for (int i = 0; i < 30; i++) {
		a = refresh(token);
		rig_ok(a, 200);
		token = rig_text(a, "/refresh_token");
	}
	a = refresh(token);
	rig_refused(a, 429, "too_many_requests");
	ck_assert_ptr_nonnull(rig_header(a, "Retry-After"));
	rig_ok(refresh(rig_text(other, "/refresh_token")), 200);
	rig_end();
}
END_TEST

/* ---- the end */

START_TEST(logout_ends_the_session_at_once_and_takes_the_cookie_back)
{
	const char *access, *first = begin_with_token();
	const struct rig_reply *a = refresh(first);

	access = rig_text(a, "/token");
	first = rig_text(a, "/refresh_token");
	a = rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/logout",
		.token = access });
	rig_ok(a, 204);
	ck_assert_str_eq(a->text, "");
	ck_assert_ptr_nonnull(strstr(a->head,
	    "Set-Cookie: tillbridge_refresh=; Path=/auth; Max-Age=0;"));
	ck_assert_ptr_nonnull(strstr(a->head,
	    "Set-Cookie: tillbridge_refresh=; Path=/api/auth; Max-Age=0;"));
	rig_refused(me(access), 401, "unauthorized");
	rig_refused(refresh(first), 401, "unauthorized");
	rig_refused(rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/logout",
		.token = access }), 401, "unauthorized");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'session.ended'"), 1);
	rig_end();
}
END_TEST

START_TEST(logout_ends_no_other_session)
{
	const char *first = begin_with_token();
	const struct rig_reply *a;

	rig_login("anna");
	rig_ok(rig_call("POST", "/auth/logout", NULL), 204);
	a = refresh(first);
	rig_ok(a, 200);
	rig_login("boris");
	rig_ok(rig_call("POST", "/auth/logout", NULL), 204);
	rig_ok(me(rig_text(a, "/token")), 200);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("sessions", a_refresh_token_gives_a_new_access_token_of_the_same_session,
	    within_the_grace_the_same_successor_comes_again,
	    who_comes_late_gets_the_newest_of_the_family,
	    a_stolen_token_after_the_grace_ends_the_family, a_theft_hurts_no_other_session,
	    what_is_no_token_is_refused_alike, a_token_expires_with_its_session,
	    a_blocked_user_gets_no_token, the_token_says_whose_session_it_is,
	    tabs_that_refresh_at_once_all_go_on, a_worker_that_dies_logs_nobody_out,
	    a_new_signing_key_logs_nobody_out, an_idempotency_key_outlives_a_signing_key,
	    refreshing_is_limited_by_session, logout_ends_the_session_at_once_and_takes_the_cookie_back,
	    logout_ends_no_other_session);
}
