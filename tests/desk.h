/*
 * desk.h - people behind the counter, for tests of what they do
 *
 * Staff "olha" works for branch 1, "petro" for 2, "ivan" for both, "nina" for
 * none; "boss" is an admin and "anna" a customer. Nobody is logged in last but
 * the boss.
 */
#ifndef DESK_H
#define DESK_H

#include <stdio.h>
#include <string.h>

#include "tests/rig.h"

/* The shop of rig_seed(), with these people. */
static inline void
desk_people(void)
{
	static const char *const staff[] = { "olha", "petro", "ivan", "nina" };

	rig_begin();
	rig_seed();
	for (size_t i = 0; i < sizeof staff / sizeof *staff; i++)
		rig_login_as(staff[i], "staff");
	rig_sql("INSERT INTO staff_branch (user_id, branch_id) VALUES (1, 1), (2, 2), (3, 1), (3, 2)");
	rig_login_as("boss", "admin");
}

/* And as many dishes and orders as a test wants. */
static inline void
desk_begin(void)
{
	desk_people();
	rig_set("ORDER_MAX_OPEN", "1000");
	rig_sql("UPDATE product_branch SET stock_quantity = NULL");
}

/* A pickup of dish 1 at a branch by anna, who is logged in afterwards; its id. */
static inline int64_t
desk_order(int branch)
{
	const struct rig_reply *a;
	char body[128];

	rig_login("anna");
	snprintf(body, sizeof body, "{\"branch_id\":%d,\"items\":[{\"product_id\":1,\"quantity\":2}]}",
	    branch);
	rig_ok(rig_call("PUT", "/cart", body), 200);
	a = rig_call("POST", "/orders", "{\"order_type\":\"pickup\",\"notes\":\"без цибулі\"}");
	rig_ok(a, 201);
	return rig_int(a, "/order/id");
}

/* "UPDATE table SET assignments WHERE id = id" */
static inline void
desk_set(const char *table, int64_t id, const char *assignments)
{
	char text[1024];

	snprintf(text, sizeof text, "UPDATE %s SET %s WHERE id = %lld", table, assignments,
	    (long long)id);
	rig_sql(text);
}

static inline const struct rig_reply *
desk_call(const char *method, const char *body, const char *format, int64_t id)
{
	char path[256];

	snprintf(path, sizeof path, format, (long long)id);
	return rig_call(method, path, body);
}

#define DESK_UNCERTAIN "state = 'uncertain', sent_at = 1, request = x'41', attempts = 9, " \
	"last_outcome = 'unknown', last_error = 'no response'"
#define DESK_ON_THE_WIRE "state = 'claimed', sent_at = 1, lease_ms = 1779444060000"

#endif
