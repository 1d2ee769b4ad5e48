/* check_admin_users.c - who may what, by those who say it: /admin/users (G75) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/rig.h"
#include "tests/suite.h"

/* 1 admin "boss", 2 staff "olha" of branch 1, 3 customer "anna"; asked as boss. */
static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login_as("boss", "admin");
	rig_login_as("olha", "staff");
	rig_login("anna");
	rig_sql("INSERT INTO staff_branch (user_id, branch_id) VALUES (2, 1)");
	rig_sql("UPDATE users SET name = 'Ольга Коваль', phone = '+380671234567' WHERE id = 2");
	rig_login_as("boss", "admin");
}

static const struct rig_reply *
patch(int id, const char *body)
{
	char path[64];

	snprintf(path, sizeof path, "/admin/users/%d", id);
	return rig_call("PATCH", path, body);
}

static int64_t
found(const char *query)
{
	char path[256];
	const struct rig_reply *a;

	snprintf(path, sizeof path, "/admin/users?%s", query);
	a = rig_call("GET", path, NULL);
	rig_ok(a, 200);
	return rig_int(a, "/total");
}

START_TEST(finds_people_by_what_one_knows_of_them)
{
	static const struct { const char *query; int count; } cases[] = {
		{ "", 3 }, { "role=admin", 1 }, { "role=customer", 1 }, { "branch_id=1", 1 },
		{ "branch_id=2", 0 }, { "is_blocked=true", 0 }, { "is_blocked=false", 3 },
		{ "search=olha@example.com", 1 }, { "search=OLHA@", 1 }, { "search=lha@", 0 },
		{ "search=067+123", 1 }, { "search=%2B380671234567", 1 }, { "search=38067123", 1 },
		{ "search=0991", 0 }, { "search=коваль", 1 }, { "search=оль", 1 }, { "search=вал", 1 },
		{ "search=example", 3 }, { "search=коваль&role=customer", 0 },
		{ "search=коваль&branch_id=1&role=staff", 1 }, { "search=!!!", 0 },
		{ "search=olha@&is_blocked=true", 0 },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(found(cases[i].query) == cases[i].count, "%s", cases[i].query);
	rig_end();
}
END_TEST

START_TEST(shows_a_person_without_secrets)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/admin/users/2", NULL);
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/user/email"), "olha@example.com");
	ck_assert_str_eq(rig_text(a, "/user/role"), "staff");
	ck_assert_int_eq(rig_int(a, "/user/branch_ids/0"), 1);
	ck_assert(!rig_true(a, "/user/is_blocked"));
	ck_assert_ptr_null(strstr(a->text, "$2b$"));
	ck_assert_ptr_null(strstr(a->text, "password"));
	rig_refused(rig_call("GET", "/admin/users/99", NULL), 404, "not_found");
	a = rig_call("GET", "/admin/users?limit=2&page=2", NULL);
	ck_assert_int_eq(rig_count(a, "/users"), 1);
	ck_assert_int_eq(rig_int(a, "/users/0/id"), 1);
	rig_end();
}
END_TEST

START_TEST(a_blocked_person_is_out_at_once)
{
	const char *token;
	struct rig_ask ask = { .method = "GET", .path = "/auth/me" };

	begin();
	rig_login("anna");
	ask.token = token = rig_token();
	rig_login("anna");		/* a second device */
	rig_login_as("boss", "admin");
	rig_ok(rig_send(&ask), 200);
	rig_ok(patch(3, "{\"is_blocked\":true}"), 200);
	rig_refused(rig_send(&ask), 401, "unauthorized");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session WHERE user_id = 3 "
	    "AND ended_at IS NULL"), 0);
	ck_assert_int_ge(rig_sql_int("SELECT count(*) FROM event WHERE type = 'session.ended' "
	    "AND user_id = 3"), 2);
	ck_assert_int_eq(found("is_blocked=true"), 1);
	rig_ok(patch(3, "{\"is_blocked\":false}"), 200);
	rig_refused(rig_send(&ask), 401, "unauthorized");	/* he logs in again */
	ck_assert_str_eq(rig_sql_text("SELECT group_concat(detail, ' ') FROM audit "
	    "WHERE user_id = 1 AND action = 'user.set' AND object = 'user 3'"),
	    "{\"is_blocked\":{\"old\":false,\"new\":true}} {\"is_blocked\":{\"old\":true,\"new\":false}}");
	rig_end();
}
END_TEST

START_TEST(a_role_comes_with_its_branches_and_goes_with_them)
{
	const struct rig_reply *a;
	struct rig_ask ask = { .method = "GET", .path = "/admin/branches/2" };

	begin();
	rig_login("anna");
	ask.token = rig_token();
	rig_login_as("boss", "admin");
	a = patch(3, "{\"role\":\"staff\",\"branch_ids\":[2,1]}");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/user/branch_ids"), 2);
	rig_ok(rig_send(&ask), 200);		/* more rights end no session */
	ck_assert_int_eq(found("branch_id=1"), 2);
	a = patch(3, "{\"branch_ids\":[1]}");
	ck_assert_int_eq(rig_count(a, "/user/branch_ids"), 1);
	rig_refused(rig_send(&ask), 401, "unauthorized");
	rig_ok(patch(3, "{\"role\":\"customer\"}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM staff_branch WHERE user_id = 3"), 0);
	ck_assert_str_eq(rig_sql_text("SELECT detail FROM audit ORDER BY id DESC LIMIT 1"),
	    "{\"role\":{\"old\":\"staff\",\"new\":\"customer\"},"
	    "\"branch_ids\":{\"old\":[1],\"new\":[]}}");
	rig_ok(patch(3, "{\"role\":\"customer\"}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 3);
	rig_end();
}
END_TEST

START_TEST(there_is_always_an_admin)
{
	begin();
	rig_refused(patch(1, "{\"is_blocked\":true}"), 409, "own_account");
	rig_refused(patch(1, "{\"role\":\"staff\"}"), 409, "own_account");
	rig_ok(patch(1, "{\"role\":\"admin\",\"is_blocked\":false}"), 200);
	rig_ok(patch(2, "{\"role\":\"admin\"}"), 200);
	rig_login_as("olha", "admin");
	rig_ok(patch(1, "{\"role\":\"customer\"}"), 200);
	rig_refused(patch(2, "{\"role\":\"customer\"}"), 409, "own_account");
	rig_login_as("boss", "customer");
	rig_refused(patch(2, "{\"role\":\"customer\"}"), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE role = 'admin'"), 1);
	rig_end();
}
END_TEST

#define CASHIER "{\"email\":\"Kasa@Example.com\",\"password\":\"correct horse\",\"name\":\"Каса\"," \
	"\"phone\":\"050 111 22 33\",\"branch_ids\":[2]}"

START_TEST(adds_staff_who_can_log_in)
{
	const struct rig_reply *a;

	begin();
	a = rig_call_key("POST", "/admin/users", CASHIER, "k1");
	rig_ok(a, 201);
	ck_assert_str_eq(rig_text(a, "/user/role"), "staff");
	ck_assert_str_eq(rig_text(a, "/user/phone"), "+380501112233");
	ck_assert_int_eq(rig_int(a, "/user/branch_ids/0"), 2);
	ck_assert_str_eq(rig_call_key("POST", "/admin/users", CASHIER, "k1")->text, a->text);
	rig_refused(rig_call("POST", "/admin/users", CASHIER), 409, "email_taken");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE action = 'user.add' "
	    "AND user_id = 1 AND object = 'user 4'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM idempotency "
	    "WHERE response LIKE '%horse%' OR response LIKE '%$2b$%'"), 0);
	rig_logout();
	rig_ok(rig_call("POST", "/auth/login",
	    "{\"email\":\"kasa@example.com\",\"password\":\"correct horse\"}"), 200);
	rig_end();
}
END_TEST

START_TEST(refuses_what_cannot_be)
{
	static const struct { const char *method, *path, *body, *field; } cases[] = {
		{ "PATCH", "/admin/users/3", "{}", "role" },
		{ "PATCH", "/admin/users/3", "{\"email\":\"x@example.com\"}", "role" },
		{ "PATCH", "/admin/users/3", "{\"role\":\"king\"}", "role" },
		{ "PATCH", "/admin/users/3", "{\"is_blocked\":\"yes\"}", "is_blocked" },
		{ "PATCH", "/admin/users/3", "{\"branch_ids\":1}", "branch_ids" },
		{ "PATCH", "/admin/users/3", "{\"branch_ids\":[\"1\"]}", "branch_ids" },
		{ "PATCH", "/admin/users/3", "{\"branch_ids\":[0]}", "branch_ids" },
		{ "PATCH", "/admin/users/2", "{\"branch_ids\":[1,9]}", "branch_ids" },
		{ "POST", "/admin/users", "{\"email\":\"x\",\"password\":\"correct horse\",\"name\":\"X\"}",
		    "email" },
		{ "POST", "/admin/users", "{\"email\":\"x@y.co\",\"password\":\"short\",\"name\":\"X\"}",
		    "password" },
		{ "POST", "/admin/users", "{\"email\":\"x@y.co\",\"password\":\"correct horse\"}", "name" },
		{ "POST", "/admin/users", "{\"email\":\"x@y.co\",\"password\":\"correct horse\","
		    "\"name\":\"X\",\"branch_ids\":[9]}", "branch_ids" },
		{ "GET", "/admin/users?role=king", NULL, "role" },
		{ "GET", "/admin/users?is_blocked=2", NULL, "is_blocked" },
	};
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = rig_call(cases[i].method, cases[i].path, cases[i].body);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(json_member(json_member(a->json, "fields"), cases[i].field) != NULL, "%s",
		    a->text);
	}
	rig_refused(patch(99, "{\"is_blocked\":true}"), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users"), 3);
	rig_login_as("olha", "staff");
	rig_refused(rig_call("POST", "/admin/users", CASHIER), 404, "not_found");
	rig_refused(patch(2, "{\"role\":\"admin\"}"), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(many_people_are_counted_up_to_a_bound)
{
	const struct rig_reply *a;

	begin();
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 10100) "
	    "INSERT INTO users (id, email, password_hash, name, created_at, updated_at) "
	    "SELECT i, 'u' || i || '@example.com', 'x', 'Гість', 1, 1 FROM n");
	a = rig_call("GET", "/admin/users?limit=100", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 10000);
	ck_assert(rig_true(a, "/total_capped"));
	ck_assert_int_eq(rig_count(a, "/users"), 100);
	ck_assert_int_eq(a->statements, rig_call("GET", "/admin/users?limit=1", NULL)->statements);
	ck_assert_int_eq(found("search=коваль"), 1);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_users", finds_people_by_what_one_knows_of_them,
	    shows_a_person_without_secrets, a_blocked_person_is_out_at_once,
	    a_role_comes_with_its_branches_and_goes_with_them, there_is_always_an_admin,
	    adds_staff_who_can_log_in, refuses_what_cannot_be,
	    many_people_are_counted_up_to_a_bound);
}
