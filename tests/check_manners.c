/*
 * check_manners.c - what every route does alike: pages of other origins, HEAD,
 * OPTIONS, languages, the name of a request
 */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/route.h"

#define PWA "https://pwa.example"

/* A path of the pattern: every {id} is 1. */
static const char *
some_path(const char *pattern)
{
	static char path[256];
	char *to = path;

	for (; *pattern != '\0'; pattern++) {
		*to++ = *pattern == '{' ? '1' : *pattern;
		if (*pattern == '{')
			pattern += strcspn(pattern, "}");
	}
	*to = '\0';
	return path;
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_set("CORS_ORIGINS", PWA);
	rig_login_as("boss", "admin");
}

START_TEST(a_browser_may_ask_first_for_every_method)
{
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < route_count; i++) {
		a = rig_send(&(struct rig_ask){ .method = "OPTIONS",
		    .path = some_path(routes[i].pattern), .origin = PWA,
		    .preflight = routes[i].method });
		rig_ok(a, 204);
		ck_assert_str_eq(a->text, "");
		ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Origin"), PWA);
		ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Credentials"), "true");
		ck_assert_str_eq(rig_header(a, "Vary"), "Origin");
		ck_assert_ptr_nonnull(strstr(rig_header(a, "Access-Control-Allow-Methods"),
		    routes[i].method));
		ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Headers"), "Authorization, "
		    "Content-Type, Idempotency-Key, If-None-Match, X-Request-Id");
		ck_assert_ptr_nonnull(strstr(rig_header(a, "Allow"), routes[i].method));
	}
	rig_end();
}
END_TEST

START_TEST(only_a_named_origin_may_send_cookies)
{
	static const struct { const char *list, *origin, *allow; int credentials; } cases[] = {
		{ PWA, PWA, PWA, 1 }, { PWA, "https://evil.example", NULL, 0 },
		{ PWA, NULL, NULL, 0 }, { PWA, "null", NULL, 0 }, { "", PWA, NULL, 0 },
		{ "loopback", "http://localhost:5173", "http://localhost:5173", 1 },
	};
	struct rig_ask ask = { .method = "GET", .path = "/auth/me" };
	const char *allow, *credentials;
	const struct rig_reply *a;

	begin();
	ask.token = rig_token();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rig_set("CORS_ORIGINS", cases[i].list);
		ask.origin = cases[i].origin;
		a = rig_send(&ask);
		rig_ok(a, 200);
		allow = rig_header(a, "Access-Control-Allow-Origin");
		credentials = rig_header(a, "Access-Control-Allow-Credentials");
		ck_assert_msg((allow == NULL) == (cases[i].allow == NULL) &&
		    (allow == NULL || strcmp(allow, cases[i].allow) == 0), "case %zu", i);
		ck_assert_msg((credentials != NULL) == cases[i].credentials, "case %zu", i);
	}
	rig_end();
}
END_TEST

START_TEST(a_page_may_read_what_it_has_to_know)
{
	static const char *const names[] = { "ETag", "Idempotency-Replayed", "RateLimit,",
	    "RateLimit-Policy", "Retry-After", "X-Request-Id" };
	const struct rig_reply *a;

	begin();
	a = rig_send(&(struct rig_ask){ .method = "GET", .path = "/cart", .origin = PWA });
	rig_refused(a, 401, "unauthorized");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_ptr_nonnull(strstr(rig_header(a, "Access-Control-Expose-Headers"), names[i]));
	a = rig_send(&(struct rig_ask){ .method = "GET", .path = "/products", .origin = PWA });
	ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Origin"), "*");
	ck_assert_ptr_null(rig_header(a, "Access-Control-Allow-Credentials"));
	/* (the name of the request is the web server's to add) */
	ck_assert_str_eq(rig_header(a, "Access-Control-Expose-Headers"), "ETag, X-Request-Id");
	rig_end();
}
END_TEST

/* The head of an answer without its request's own lines. */
static void
same_head(const struct rig_reply *get, const struct rig_reply *head, const char *path)
{
	ck_assert_msg(strcmp(get->head, head->head) == 0, "%s:\n%s\n%s", path, get->head, head->head);
	ck_assert_msg(*head->text == '\0', "%s has a body", path);
	ck_assert_msg(get->status == head->status, "%s", path);
}

START_TEST(head_is_every_get_without_its_body)
{
	begin();
	for (size_t i = 0; i < route_count; i++) {
		const char *path = some_path(routes[i].pattern);
		const struct rig_reply *get;

		if (strcmp(routes[i].method, "GET") != 0 || strcmp(path, "/metrics") == 0)
			continue;	/* which counts itself */
		get = rig_call("GET", path, NULL);
		same_head(get, rig_call("HEAD", path, NULL), path);
	}
	rig_end();
}
END_TEST

START_TEST(a_refusal_names_its_request)
{
	begin();
	ck_assert_str_eq(rig_text(rig_call("GET", "/nothing", NULL), "/request_id"), "rig");
	ck_assert_str_eq(rig_text(rig_call("POST", "/orders", "{"), "/request_id"), "rig");
	ck_assert_str_eq(rig_text(rig_call("GET", "/a%0db", NULL), "/request_id"), "rig");
	rig_end();
}
END_TEST

START_TEST(what_an_order_owes_the_till_knows_its_request)
{
	begin();
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":1}]}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}"), 201);
	ck_assert_str_eq(rig_sql_text("SELECT request_id FROM outbox"), "rig");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("manners", a_browser_may_ask_first_for_every_method,
	    only_a_named_origin_may_send_cookies, a_page_may_read_what_it_has_to_know,
	    head_is_every_get_without_its_body, a_refusal_names_its_request,
	    what_an_order_owes_the_till_knows_its_request);
}
