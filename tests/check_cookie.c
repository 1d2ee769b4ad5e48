/* check_cookie.c - a refresh token that no script can read, and who may use it (G7) */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#define OWN "http://127.0.0.1:8080"

static const char *
format(const char *fmt, const char *text)
{
	static char kept[1024];

	snprintf(kept, sizeof kept, fmt, text);
	return kept;
}

static void
begin(void)
{
	rig_begin();
	rig_ok(rig_call("POST", "/auth/register", "{\"email\":\"anna@example.com\","
	    "\"password\":\"correct horse\",\"name\":\"Анна\"}"), 201);
}

static const struct rig_reply *
me(const char *access)
{
	return rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me", .token = access });
}

static const struct rig_reply *
refresh_by_cookie(const char *path, const char *cookies, const char *origin)
{
	return rig_send(&(struct rig_ask){ .method = "POST", .path = path, .body = "{}",
		.cookies = cookies, .origin = origin, .host = "127.0.0.1:8080" });
}

/* The cookie of an answer as a browser sends it back. */
static const char *
cookie_of(const struct rig_reply *a)
{
	const char *set = rig_header(a, "Set-Cookie");
	static char pair[256];

	ck_assert_ptr_nonnull(set);
	snprintf(pair, sizeof pair, "%.*s", (int)strcspn(set, ";"), set);
	return pair;
}

static const struct rig_reply *
login_for_cookie(const char *path)
{
	return rig_send(&(struct rig_ask){ .method = "POST", .path = path, .origin = OWN,
		.body = "{\"email\":\"anna@example.com\",\"password\":\"correct horse\","
		"\"refresh_in\":\"cookie\"}" });
}

START_TEST(a_browser_may_keep_it_in_a_cookie)
{
	const struct rig_reply *a;
	const char *set;

	begin();
	a = login_for_cookie("/auth/login");
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/refresh_token"));
	ck_assert_ptr_null(strstr(a->text, "refresh_token"));
	set = rig_header(a, "Set-Cookie");
	ck_assert_ptr_nonnull(set);
	ck_assert_ptr_nonnull(strstr(set, "; Path=/auth; Max-Age=2592000; HttpOnly; SameSite=Strict"));
	ck_assert_ptr_null(strstr(set, "Secure"));
	a = refresh_by_cookie("/auth/refresh", cookie_of(a), OWN);
	rig_ok(a, 200);
	ck_assert(!rig_has(a, "/refresh_token"));
	rig_ok(me(rig_text(a, "/token")), 200);
	a = refresh_by_cookie("/auth/refresh", format("theme=dark; x=\"\xff\"; %s; y", cookie_of(a)), OWN);
	rig_ok(a, 200);
	rig_end();
}
END_TEST

START_TEST(with_tls_the_cookie_is_secure)
{
	begin();
	rig_set("PUBLIC_URL", "https://shop.example.com");
	ck_assert_ptr_nonnull(strstr(rig_header(rig_send(&(struct rig_ask){ .method = "POST",
		.path = "/auth/login", .origin = "https://shop.example.com",
		.body = "{\"email\":\"anna@example.com\",\"password\":\"correct horse\","
		"\"refresh_in\":\"cookie\"}" }), "Set-Cookie"), "; Secure"));
	/* and a page that came without TLS is not our own */
	rig_refused(rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/refresh",
		.body = "{}", .cookies = "tillbridge_refresh=x", .host = "shop.example.com",
		.origin = "http://shop.example.com" }), 403, "cross_site");
	rig_end();
}
END_TEST

/* A PWA that asks under /api gets its cookie there. */
START_TEST(the_cookie_belongs_to_the_prefix_that_was_asked)
{
	const struct rig_reply *a;

	begin();
	a = login_for_cookie("/api/auth/login");
	ck_assert_ptr_nonnull(strstr(rig_header(a, "Set-Cookie"), "; Path=/api/auth;"));
	a = refresh_by_cookie("/api/auth/refresh", cookie_of(a), OWN);
	rig_ok(a, 200);
	ck_assert_ptr_nonnull(strstr(rig_header(a, "Set-Cookie"), "; Path=/api/auth;"));
	rig_end();
}
END_TEST

/* What another site can make a browser send: no origin of ours, or no JSON. */
START_TEST(another_site_cannot_use_the_cookie)
{
	static const char *const origins[] = { NULL, "null", "https://evil.example",
		"http://127.0.0.1:8081", "http://127.0.0.1", "http://127.0.0.1:80800",
		"https://127.0.0.1.evil.example:8080", "127.0.0.1:8080" };
	const struct rig_reply *a;
	const char *cookie;

	begin();
	cookie = cookie_of(login_for_cookie("/auth/login"));
	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++)
		rig_refused(refresh_by_cookie("/auth/refresh", cookie, origins[i]), 403,
		    "cross_site");
	a = rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/refresh", .body = "{}",
		.cookies = cookie, .origin = OWN, .type = "text/plain" });
	rig_refused(a, 415, "wrong_media_type");
	/* nor is a cookie given to its page */
	rig_refused(rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/login",
		.origin = "https://evil.example", .body = "{\"email\":\"anna@example.com\","
		"\"password\":\"correct horse\",\"refresh_in\":\"cookie\"}" }), 403, "cross_site");
	rig_refused(rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/register",
		.body = "{\"email\":\"b@example.com\",\"name\":\"B\","
		"\"password\":\"correct horse\",\"refresh_in\":\"cookie\"}" }), 403, "cross_site");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM refresh_token"), 2);
	rig_set("CORS_ORIGINS", "https://app.example https://evil.example");
	rig_ok(refresh_by_cookie("/auth/refresh", cookie, "https://app.example"), 200);
	rig_end();
}
END_TEST

START_TEST(a_cookie_that_is_none_is_passed_over)
{
	static const char *const cookies[] = { "tillbridge_refresh=", "tillbridge_refresh=a b",
		"tillbridge_refresh", "xtillbridge_refresh=AAAA", "=; ;;", "tillbridge_refresh=AA\"" };

	begin();
	for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++)
		rig_refused(refresh_by_cookie("/auth/refresh", cookies[i], OWN), 401,
		    "unauthorized");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("cookie", a_browser_may_keep_it_in_a_cookie,
	    with_tls_the_cookie_is_secure,
	    the_cookie_belongs_to_the_prefix_that_was_asked,
	    another_site_cannot_use_the_cookie,
	    a_cookie_that_is_none_is_passed_over);
}
