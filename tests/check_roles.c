/*
 * check_roles.c - every route × everybody who may ask (G73, G74, G75)
 *
 * One table: what nobody, a customer, staff of branch 1, staff of branch 2
 * and an admin get from a request that is right and is about a customer's own
 * things or about branch 1. A route without a row fails. Then the other way
 * round: what is somebody else's, by its id, on each route that takes one.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/rig.h"
#include "tests/suite.h"

#include "app/route.h"

enum who { NOBODY, CUSTOMER, STAFF_HERE, STAFF_THERE, BOSS, WHO };
static const char *const names[WHO] = { "nobody", "customer", "staff here", "staff there", "admin" };

/* Statuses: of whom the route is for, 2xx; of others 401 or 404. */
#define EVERYBODY { 200, 200, 200, 200, 200 }
#define ACCOUNTS { 401, 200, 200, 200, 200 }
#define OWNER { 401, 200, 404, 404, 404 }
#define ALL_STAFF { 401, 404, 200, 200, 200 }
#define BRANCH_STAFF { 401, 404, 200, 404, 200 }
#define ADMINS { 401, 404, 404, 404, 200 }

static const struct row {
	const char *method, *pattern, *path, *body;
	int status[WHO];
} rows[] = {
	{ "POST", "/auth/register", "/auth/register",
	    "{\"email\":\"new@example.com\",\"password\":\"correct horse\",\"name\":\"N\"}",
	    { 201, 201, 201, 201, 201 } },
	{ "POST", "/auth/login", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"correct horse\"}", EVERYBODY },
	{ "POST", "/auth/refresh", "/auth/refresh", "{\"refresh_token\":\"x\"}",
	    { 401, 401, 401, 401, 401 } },	/* of a token that nobody has */
	{ "POST", "/auth/logout", "/auth/logout", NULL,
	    { 401, 204, 204, 204, 204 } },
	{ "GET", "/auth/me", "/auth/me", NULL, ACCOUNTS },
	{ "PATCH", "/auth/me", "/auth/me", "{\"name\":\"A\"}", ACCOUNTS },
	{ "POST", "/auth/password", "/auth/password",
	    "{\"old_password\":\"correct horse\",\"new_password\":\"battery staple\"}", ACCOUNTS },
	{ "GET", "/products", "/products", NULL, EVERYBODY },
	{ "GET", "/products/{id}", "/products/1", NULL, EVERYBODY },
	{ "GET", "/categories", "/categories", NULL, EVERYBODY },
	{ "GET", "/branches", "/branches", NULL, EVERYBODY },
	{ "POST", "/branches/suggest", "/branches/suggest",
	    "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1,\"quantity\":1}]}", EVERYBODY },
	{ "POST", "/delivery-fee", "/delivery-fee",
	    "{\"branch_id\":1,\"delivery_address\":{\"latitude\":50.45,\"longitude\":30.52}}", EVERYBODY },
	{ "GET", "/cart", "/cart", NULL, ACCOUNTS },
	{ "PUT", "/cart", "/cart", "{\"branch_id\":1}", ACCOUNTS },
	{ "POST", "/cart/add", "/cart/add", "{\"product_id\":2,\"quantity\":1}", ACCOUNTS },
	{ "PUT", "/cart/update/{id}", "/cart/update/1", "{\"quantity\":2}", OWNER },
	{ "DELETE", "/cart/remove/{id}", "/cart/remove/1", NULL, OWNER },
	{ "POST", "/orders", "/orders", "{\"order_type\":\"pickup\",\"branch_id\":1}",
	    { 401, 201, 409, 409, 409 } },	/* the others' carts are empty */
	{ "GET", "/orders", "/orders", NULL, ACCOUNTS },
	{ "GET", "/orders/{id}", "/orders/1", NULL, OWNER },
	{ "POST", "/orders/{id}/cancel", "/orders/1/cancel", NULL, { 401, 202, 404, 404, 404 } },
	{ "GET", "/notifications", "/notifications", NULL, ACCOUNTS },
	{ "PUT", "/notifications/{id}/read", "/notifications/1/read", NULL, OWNER },
	{ "GET", "/admin/products", "/admin/products?branch_id=1", NULL, BRANCH_STAFF },
	{ "PATCH", "/admin/products/{id}", "/admin/products/1",
	    "{\"branch_id\":1,\"override_price\":5}", BRANCH_STAFF },
	{ "GET", "/admin/stop", "/admin/stop?branch_id=1", NULL, BRANCH_STAFF },
	{ "POST", "/admin/stop", "/admin/stop", "{\"product_id\":1,\"branch_id\":1}", BRANCH_STAFF },
	{ "DELETE", "/admin/stop/{id}", "/admin/stop/1?branch_id=1", NULL, BRANCH_STAFF },
	{ "GET", "/admin/branches", "/admin/branches", NULL, ALL_STAFF },
	{ "GET", "/admin/branches/{id}", "/admin/branches/1", NULL, BRANCH_STAFF },
	{ "PATCH", "/admin/branches/{id}", "/admin/branches/1", "{\"eta_pickup_min\":5}", ADMINS },
	{ "POST", "/admin/branches/{id}/pause", "/admin/branches/1/pause", "{\"minutes\":5}",
	    BRANCH_STAFF },
	{ "POST", "/admin/branches/{id}/resume", "/admin/branches/1/resume", NULL, BRANCH_STAFF },
	{ "GET", "/admin/outbox", "/admin/outbox", NULL, ALL_STAFF },
	{ "GET", "/admin/outbox/{id}", "/admin/outbox/1", NULL, BRANCH_STAFF },
	{ "POST", "/admin/outbox/{id}/retry", "/admin/outbox/1/retry", NULL, BRANCH_STAFF },
	{ "POST", "/admin/outbox/{id}/resolve", "/admin/outbox/1/resolve",
	    "{\"found\":true,\"pos_order_id\":\"t1\"}", BRANCH_STAFF },
	{ "POST", "/admin/outbox/lanes/pos/resume", "/admin/outbox/lanes/pos/resume", NULL, ADMINS },
	{ "POST", "/admin/outbox/lanes/mail/resume", "/admin/outbox/lanes/mail/resume", NULL, ADMINS },
	{ "POST", "/admin/outbox/lanes/push/resume", "/admin/outbox/lanes/push/resume", NULL, ADMINS },
	{ "GET", "/admin/sync", "/admin/sync", NULL, ALL_STAFF },
	{ "POST", "/admin/sync", "/admin/sync", "{\"feed\":\"products\"}", { 401, 404, 404, 404, 202 } },
	{ "GET", "/admin/users", "/admin/users", NULL, ADMINS },
	{ "POST", "/admin/users", "/admin/users",
	    "{\"email\":\"kasa@example.com\",\"password\":\"correct horse\",\"name\":\"K\"}",
	    { 401, 404, 404, 404, 201 } },
	{ "GET", "/admin/users/{id}", "/admin/users/1", NULL, ADMINS },
	{ "PATCH", "/admin/users/{id}", "/admin/users/1", "{\"is_blocked\":true}", ADMINS },
	{ "GET", "/admin/audit", "/admin/audit", NULL, ADMINS },
	{ "GET", "/healthz", "/healthz", NULL, EVERYBODY },
};
enum { ROWS = sizeof rows / sizeof *rows };

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

static const struct row *
row_of(const struct route *route)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].method, route->method) == 0 &&
		    strcmp(rows[i].pattern, route->pattern) == 0)
			return &rows[i];
	return NULL;
}

START_TEST(every_route_has_its_row)
{
	for (size_t i = 0; i < route_count; i++)
		ck_assert_msg(row_of(&routes[i]) != NULL, "%s %s: who gets what? Add a row",
		    routes[i].method, routes[i].pattern);
	ck_assert_uint_eq(route_count, ROWS);
}
END_TEST

/* The row says the same as the route: a slip in either is found. */
START_TEST(rows_and_routes_agree)
{
	static const int least[] = { [ANYONE] = NOBODY, [GUEST] = NOBODY, [USER] = CUSTOMER, [STAFF] = STAFF_HERE,
		[ADMIN] = BOSS };

	for (size_t i = 0; i < route_count; i++) {
		const struct row *row = row_of(&routes[i]);

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
ask(const struct row *row, enum who who)
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
	for (size_t i = 0; i < ROWS; i++)
		for (int who = 0; who < WHO; who++) {
			int is_staffs = strncmp(rows[i].path, "/admin/", strlen("/admin/")) == 0;

			if (is_staffs != of_staff)
				continue;
			if (ask(&rows[i], (enum who)who) < 300 && strcmp(rows[i].method, "GET") != 0) {
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
	for (size_t i = 0; i < ROWS; i++)
		for (int who = 0; who < WHO; who++)
			if (rows[i].status[who] == 401 || rows[i].status[who] == 404) {
				ask(&rows[i], (enum who)who);
				ck_assert_msg(rig_sql_int(changes) == before, "%s %s for %s",
				    rows[i].method, rows[i].path, names[who]);
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
	return SUITE("roles", every_route_has_its_row, rows_and_routes_agree,
	    everybody_gets_what_is_theirs, staff_gets_what_its_branches_have,
	    who_is_refused_changes_nothing, a_role_that_was_taken_away_is_gone_at_once);
}
