/* check_route.c - the table of routes: what it promises for each row (G73) */
#include <string.h>

#include "tests/rig.h"
#include "tests/roles.h"
#include "tests/suite.h"

/* A path of the pattern: every {id} is 999999, which is nobody's. */
static const char *
some_path(const char *pattern)
{
	static char path[256];
	char *to = path;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '{') {
			*to++ = *pattern;
			continue;
		}
		memcpy(to, "999999", 6);
		to += 6;
		pattern += strcspn(pattern, "}");
	}
	*to = '\0';
	return path;
}

START_TEST(finds_each_route)
{
	char allow[ALLOW_TEXT];
	int64_t param[PARAMS];
	int status;

	for (size_t i = 0; i < route_count; i++) {
		ck_assert_ptr_eq(route_find(routes[i].method, some_path(routes[i].pattern), param,
		    &status, allow), &routes[i]);
		if (strchr(routes[i].pattern, '{') != NULL)
			ck_assert_int_eq(param[0], 999999);
	}
}
END_TEST

START_TEST(each_route_says_who_gets_what)
{
	for (size_t i = 0; i < route_count; i++)
		ck_assert_msg(role_row_of(&routes[i]) != NULL, "%s %s: who gets what? Add a row to "
		    "tests/roles.h", routes[i].method, routes[i].pattern);
	ck_assert_uint_eq(route_count, ROLE_ROWS);
}
END_TEST

START_TEST(finds_them_under_api_too)
{
	rig_begin();
	rig_ok(rig_call("GET", "/api/healthz", NULL), 200);
	rig_refused(rig_call("GET", "/api/api/healthz", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/apihealthz", NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(refuses_what_is_no_route)
{
	static const char *const paths[] = {
		"/", "//", "/api", "/api/", "/api/api/healthz", "/healthz/", "/healthzz",
		"/healthz/1", "/HEALTHZ", "/orders/0", "/orders/-1", "/orders/01", "/orders/1x",
		"/orders/1/", "/orders/+1", "/orders/99999999999999999999", "/orders/", "/nothing",
	};

	rig_begin();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		rig_refused(rig_call("GET", paths[i], NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(every_protected_route_wants_a_token)
{
	static const char *const tokens[] = { NULL, "", "x", "a.b.c" };
	const struct rig_reply *a;

	rig_begin();
	for (size_t i = 0; i < route_count; i++) {
		if (routes[i].who == ANYONE)
			continue;
		for (size_t t = 0; t < sizeof tokens / sizeof *tokens; t++) {
			if (routes[i].who == GUEST && tokens[t] == NULL)
				continue;
			a = rig_send(&(struct rig_ask){ .method = routes[i].method,
			    .path = some_path(routes[i].pattern), .token = tokens[t] });
			rig_refused(a, 401, "unauthorized");
			ck_assert_str_eq(rig_header(a, "WWW-Authenticate"), "Bearer");
		}
	}
	rig_end();
}
END_TEST

START_TEST(an_ended_session_opens_nothing)
{
	rig_begin();
	rig_login("anna");
	rig_sql("UPDATE session SET ended_at = 1");
	rig_refused(rig_call("GET", "/auth/me", NULL), 401, "unauthorized");
	rig_end();
}
END_TEST

/* G8: a guest is nobody, but who shows a token must have a good one. */
START_TEST(a_token_is_optional_to_a_guest)
{
	const struct rig_reply *a;
	int guests = 0;

	rig_begin();
	rig_login("anna");
	rig_sql("UPDATE session SET ended_at = 1");
	for (size_t i = 0; i < route_count; i++) {
		struct rig_ask ask = { .method = routes[i].method,
			.path = some_path(routes[i].pattern), .body = "{}" };

		if (routes[i].who != GUEST)
			continue;
		guests++;
		a = rig_send(&ask);
		ck_assert_msg(a->status != 401, "%s", a->text);
		ask.token = rig_token();
		a = rig_send(&ask);
		ck_assert_msg(a->status == 401 || a->status == 422, "%s", a->text);
	}
	ck_assert_int_gt(guests, 0);
	rig_end();
}
END_TEST

START_TEST(staff_routes_are_unknown_to_customers)
{
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	for (size_t i = 0; i < route_count; i++) {
		if (routes[i].who < STAFF)
			continue;
		a = rig_call(routes[i].method, some_path(routes[i].pattern), "{}");
		rig_refused(a, 404, "not_found");
	}
	rig_end();
}
END_TEST

START_TEST(another_method_is_405_and_names_the_right_ones)
{
	const struct rig_reply *a;

	rig_begin();
	for (size_t i = 0; i < route_count; i++) {
		a = rig_call("TRACE", some_path(routes[i].pattern), NULL);
		rig_refused(a, 405, "method_not_allowed");
		ck_assert_ptr_nonnull(strstr(rig_header(a, "Allow"), routes[i].method));
		ck_assert_ptr_nonnull(strstr(rig_header(a, "Allow"), "OPTIONS"));
	}
	a = rig_call("DELETE", "/healthz", NULL);
	ck_assert_str_eq(rig_header(a, "Allow"), "GET, HEAD, OPTIONS");
	rig_end();
}
END_TEST

START_TEST(a_body_is_demanded_where_one_is_expected)
{
	const struct rig_reply *a;

	rig_begin();
	rig_login_as("boss", "admin");
	for (size_t i = 0; i < route_count; i++) {
		if (!(routes[i].flags & HAS_BODY))
			continue;
		a = rig_call(routes[i].method, some_path(routes[i].pattern), NULL);
		rig_refused(a, 400, "bad_json");
		a = rig_send(&(struct rig_ask){ .method = routes[i].method,
		    .path = some_path(routes[i].pattern), .body = "a=1",
		    .type = "application/x-www-form-urlencoded", .token = rig_token() });
		rig_refused(a, 415, "wrong_media_type");
	}
	rig_end();
}
END_TEST

START_TEST(head_is_get_without_body)
{
	const struct rig_reply *a, *get;

	rig_begin();
	get = rig_call("GET", "/healthz", NULL);
	ck_assert_str_eq(get->text, "{\"ok\":true}");
	a = rig_call("HEAD", "/healthz", NULL);
	rig_ok(a, 200);
	ck_assert_str_eq(a->text, "");
	ck_assert_str_eq(a->head, get->head);
	rig_end();
}
END_TEST

START_TEST(a_pool_serves_its_own_routes_only)
{
	rig_begin();
	rig_app()->pool = POOL_WRITE;
	rig_refused(rig_call("GET", "/healthz", NULL), 404, "not_found");
	rig_app()->pool = POOL_READ;
	rig_ok(rig_call("GET", "/healthz", NULL), 200);
	rig_end();
}
END_TEST

START_TEST(no_pattern_hides_another)
{
	for (size_t i = 0; i < route_count; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(strcmp(routes[i].method, routes[k].method) != 0 ||
			    strcmp(routes[i].pattern, routes[k].pattern) != 0,
			    "%s %s stands twice", routes[i].method, routes[i].pattern);
}
END_TEST

START_TEST(flags_fit_each_other)
{
	for (size_t i = 0; i < route_count; i++) {
		const struct route *t = &routes[i];
		int gets = strcmp(t->method, "GET") == 0;

		ck_assert_msg(!gets || !(t->flags & (WRITES | IDEMPOTENT | HAS_BODY)), "%s", t->pattern);
		ck_assert_msg(!(t->flags & CACHED) || (gets && t->who == ANYONE), "%s", t->pattern);
		ck_assert_msg(!(t->flags & IDEMPOTENT) || (t->flags & WRITES), "%s", t->pattern);
		ck_assert_msg((t->flags & WRITES) ? t->pool != POOL_READ : t->pool == POOL_READ,
		    "%s is in the wrong pool", t->pattern);
		ck_assert_msg(t->prepare != NULL || t->apply != NULL, "%s", t->pattern);
		ck_assert_msg(!(t->flags & WRITES) || t->apply != NULL, "%s", t->pattern);
	}
}
END_TEST

int
main(void)
{
	return SUITE("route", finds_each_route, each_route_says_who_gets_what,
	    finds_them_under_api_too, refuses_what_is_no_route,
	    every_protected_route_wants_a_token, an_ended_session_opens_nothing,
	    a_token_is_optional_to_a_guest, staff_routes_are_unknown_to_customers,
	    another_method_is_405_and_names_the_right_ones,
	    a_body_is_demanded_where_one_is_expected, head_is_get_without_body,
	    a_pool_serves_its_own_routes_only, no_pattern_hides_another, flags_fit_each_other);
}
