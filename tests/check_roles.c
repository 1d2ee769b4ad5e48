/*
 * check_roles.c - every route by everybody who may ask (G73, G74, G75)
 *
 * The table is roles.h. Then the other way round: whoever is refused leaves
 * no trace, and a role counts as the database has it now.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/rig.h"
#include "tests/roles.h"
#include "tests/suite.h"

static const char *const names[WHO] = { "nobody", "customer", "staff here", "staff there", "admin" };

/* Anna has ordered dish 1 in branch 1 (order 1, notification 1; nobody knows
 * whether the till has it) and has dish 2 in her cart, which is line 1. */
static void
seed(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_login_as("olha", "staff");
	rig_login_as("petro", "staff");
	rig_login_as("boss", "admin");
	rig_sql("INSERT INTO staff_branch (user_id, branch_id) VALUES (2, 1), (3, 2)");
	rig_login("anna");
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1,\"branch_id\":1}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":2,\"quantity\":1}"), 200);
	rig_sql("UPDATE cart_item SET id = 1");
	rig_sql("UPDATE outbox SET state = 'uncertain', sent_at = 1, request = x'00'");
	ck_assert_int_eq(rig_sql_int("SELECT id FROM orders"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT id FROM outbox"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT id FROM notification"), 1);
}

static void
become(enum who who)
{
	switch (who) {
	case NOBODY: rig_logout(); break;
	case CUSTOMER: rig_login("anna"); break;
	case STAFF_HERE: rig_login_as("olha", "staff"); break;
	case STAFF_THERE: rig_login_as("petro", "staff"); break;
	default: rig_login_as("boss", "admin");
	}
}

/* The row says the same as the route: a slip in either is found. */
START_TEST(rows_and_routes_agree)
{
	static const int least[] = { [ANYONE] = NOBODY, [GUEST] = NOBODY, [USER] = CUSTOMER, [STAFF] = STAFF_HERE,
		[ADMIN] = BOSS };

	for (size_t i = 0; i < route_count; i++) {
		const struct role_row *row = role_row_of(&routes[i]);

		for (int who = 0; row != NULL && who < WHO; who++) {
			int may = who >= least[routes[i].who];
			int wanted = who == NOBODY ? 401 : 404;

			ck_assert_msg(may || row->status[who] == wanted, "%s %s for %s",
			    row->method, row->pattern, names[who]);
			ck_assert_msg(!may || routes[i].who == ANYONE || row->status[who] != 401, "%s %s for %s",
			    row->method, row->pattern, names[who]);
		}
	}
}
END_TEST

static int
ask(const struct role_row *row, enum who who)
{
	const struct rig_reply *a;

	become(who);
	a = rig_call(row->method, row->path, row->body);
	ck_assert_msg(a->status == row->status[who], "%s %s for %s: %d, not %d: %s", row->method,
	    row->path, names[who], a->status, row->status[who], a->text);
	return a->status;
}

/* A shop anew after each change. */
static void
ask_all(int of_staff)
{
	seed();
	for (size_t i = 0; i < ROLE_ROWS; i++)
		for (int who = 0; who < WHO; who++) {
			int is_staffs = strncmp(role_rows[i].path, "/admin/", strlen("/admin/")) == 0;

			if (is_staffs != of_staff)
				continue;
			if (ask(&role_rows[i], (enum who)who) < 300 && strcmp(role_rows[i].method, "GET") != 0) {
				rig_end();
				seed();
			}
		}
	rig_end();
}

START_TEST(everybody_gets_what_is_theirs)
{
	ask_all(0);
}
END_TEST

START_TEST(staff_gets_what_its_branches_have)
{
	ask_all(1);
}
END_TEST

/* Whoever is refused leaves no trace: counted over all that could change. */
START_TEST(who_is_refused_changes_nothing)
{
	static const char changes[] = "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM "
	    "event) + (SELECT sum(version) FROM cart) + (SELECT count(*) FROM cart_item) + "
	    "(SELECT count(*) FROM orders) + (SELECT sum(read_status) FROM notification) + "
	    "(SELECT sum(updated_at) FROM branch) + (SELECT sum(updated_at) FROM product_branch) + "
	    "(SELECT sum(updated_at) FROM users) + (SELECT count(*) FROM staff_branch)";
	int64_t before;

	seed();
	clock_advance(60);
	before = rig_sql_int(changes);
	for (size_t i = 0; i < ROLE_ROWS; i++)
		for (int who = 0; who < WHO; who++)
			if (role_rows[i].status[who] == 401 || role_rows[i].status[who] == 404) {
				ask(&role_rows[i], (enum who)who);
				ck_assert_msg(rig_sql_int(changes) == before, "%s %s for %s",
				    role_rows[i].method, role_rows[i].path, names[who]);
			}
	rig_end();
}
END_TEST

/* A role is what the database says now, not what it said at login. */
START_TEST(a_role_that_was_taken_away_is_gone_at_once)
{
	seed();
	become(BOSS);
	rig_ok(rig_call("GET", "/admin/audit", NULL), 200);
	rig_sql("UPDATE users SET role = 'staff' WHERE id = 4");
	rig_refused(rig_call("GET", "/admin/audit", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/admin/branches/1", NULL), 404, "not_found");
	rig_sql("INSERT INTO staff_branch (user_id, branch_id) VALUES (4, 1)");
	rig_ok(rig_call("GET", "/admin/branches/1", NULL), 200);
	rig_sql("DELETE FROM staff_branch WHERE user_id = 4");
	rig_refused(rig_call("GET", "/admin/branches/1", NULL), 404, "not_found");
	rig_sql("UPDATE users SET is_blocked = 1 WHERE id = 4");
	rig_refused(rig_call("GET", "/admin/branches", NULL), 403, "account_blocked");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("roles", rows_and_routes_agree,
	    everybody_gets_what_is_theirs, staff_gets_what_its_branches_have,
	    who_is_refused_changes_nothing, a_role_that_was_taken_away_is_gone_at_once);
}
