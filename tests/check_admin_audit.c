/* check_admin_audit.c - GET /admin/audit: who changed what by hand (G75, G88) */
#include "tests/desk.h"
#include "tests/suite.h"

START_TEST(the_audit_is_read_by_what_one_looks_for)
{
	const struct rig_reply *a;

	desk_people();
	rig_ok(rig_call("PATCH", "/admin/branches/1", "{\"eta_pickup_min\":25}"), 200);
	rig_ok(rig_call("POST", "/admin/branches/1/pause", "{\"minutes\":5}"), 200);
	rig_login_as("petro", "staff");
	rig_ok(rig_call("POST", "/admin/branches/2/pause", "{\"minutes\":5}"), 200);
	rig_login_as("boss", "admin");
	rig_sql("INSERT INTO audit (action, object, at) VALUES ('lane.resume', 'lane pos', 7)");
	a = rig_call("GET", "/admin/audit", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 4);
	ck_assert(!rig_true(a, "/total_capped"));
	ck_assert(!rig_has(a, "/entries/0/user"));
	ck_assert_str_eq(rig_text(a, "/entries/0/at"), "1970-01-01T00:00:07Z");
	ck_assert_str_eq(rig_text(a, "/entries/1/user/email"), "petro@example.com");
	ck_assert_str_eq(rig_text(a, "/entries/1/detail/paused_until/new"), "2026-05-22T10:05:00Z");
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/audit?object=branch%201", NULL), "/total"), 2);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/audit?user_id=5", NULL), "/total"), 2);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/audit?action=branch.pause", NULL), "/total"), 2);
	ck_assert_int_eq(rig_int(rig_call("GET",
	    "/admin/audit?action=branch.pause&user_id=5&object=branch+1", NULL), "/total"), 1);
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/audit?user_id=1", NULL), "/total"), 0);
	a = rig_call("GET", "/admin/audit?limit=3", NULL);
	ck_assert_int_eq(rig_count(a, "/entries"), 3);
	ck_assert_str_eq(rig_text(a, "/next_cursor"), "2");
	a = rig_call("GET", "/admin/audit?limit=3&cursor=2", NULL);
	ck_assert_int_eq(rig_count(a, "/entries"), 1);
	ck_assert_int_eq(rig_int(a, "/entries/0/id"), 1);
	ck_assert(!rig_has(a, "/next_cursor"));
	ck_assert_int_eq(rig_int(rig_call("GET", "/admin/audit?limit=3&page=2", NULL),
	    "/entries/0/id"), 1);
	rig_end();
}
END_TEST


START_TEST(refuses_a_query_that_is_wrong)
{
	static const struct { const char *query, *field; } cases[] = {
		{ "user_id=x", "/fields/user_id" }, { "user_id=0", "/fields/user_id" },
		{ "user_id=9007199254740993", "/fields/user_id" }, { "limit=101", "/fields/limit" },
		{ "page=0", "/fields/page" }, { "action=a&action=b", "/fields/action" },
		{ "cursor=last", "/fields/cursor" },
	};
	const struct rig_reply *a;
	char path[512];

	desk_people();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(path, sizeof path, "/admin/audit?%s", cases[i].query);
		rig_refused(a = rig_call("GET", path, NULL), 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s", a->text);
	}
	snprintf(path, sizeof path, "/admin/audit?object=%0101d", 0);
	ck_assert(rig_has(rig_call("GET", path, NULL), "/fields/object"));
	rig_end();
}
END_TEST

START_TEST(is_an_admins_alone)
{
	desk_people();
	rig_login("olha");
	rig_refused(rig_call("GET", "/admin/audit", NULL), 404, "not_found");
	rig_login("anna");
	rig_refused(rig_call("GET", "/admin/audit", NULL), 404, "not_found");
	rig_logout();
	rig_refused(rig_call("GET", "/admin/audit", NULL), 401, "unauthorized");
	rig_end();
}
END_TEST

/* Counted to a bound, read to the end. */
START_TEST(a_long_one_is_read_behind_what_is_counted)
{
	const struct rig_reply *a;

	desk_people();
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10002) "
	    "INSERT INTO audit (action, object, at) SELECT 'user.set', 'user 1', i FROM n");
	a = rig_call("GET", "/admin/audit?page=101&limit=100", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 10000);
	ck_assert(rig_true(a, "/total_capped"));
	ck_assert_int_eq(rig_count(a, "/entries"), 0);
	a = rig_call("GET", "/admin/audit?page=100&limit=100", NULL);
	ck_assert_str_eq(rig_text(a, "/next_cursor"), "3");
	a = rig_call("GET", "/admin/audit?cursor=3&limit=100", NULL);
	ck_assert_int_eq(rig_count(a, "/entries"), 2);
	ck_assert(!rig_has(a, "/next_cursor"));
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_audit", the_audit_is_read_by_what_one_looks_for,
	    refuses_a_query_that_is_wrong, is_an_admins_alone,
	    a_long_one_is_read_behind_what_is_counted);
}
