/* place.h - what the tests of placing an order begin with, and what must be left of a refusal */
#ifndef TESTS_PLACE_H
#define TESTS_PLACE_H

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/rig.h"

#define PICKUP "{\"branch_id\":1,\"order_type\":\"pickup\"}"
/* 1.2 km from branch 1 */
#define PLACE "\"latitude\":50.4600,\"longitude\":30.5300"
#define DELIVERY "{\"branch_id\":1,\"order_type\":\"delivery\",\"delivery_address\":" \
	"{\"text\":\"вул. Січових Стрільців, 5\"," PLACE "}}"

/* Anna with two dishes of 100.00 and one of 110.00 in her cart. */
static inline void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":2},{\"product_id\":2,\"quantity\":1}]}"), 200);
}

static inline const struct rig_reply *
place(const char *body)
{
	return rig_call("POST", "/orders", body);
}

/* No order, nothing reserved, and the cart as it was. */
static inline void
nothing_is_left(const char *why)
{
	ck_assert_msg(rig_sql_int("SELECT (SELECT count(*) FROM orders) + "
	    "(SELECT count(*) FROM order_item) + (SELECT count(*) FROM reservation) + "
	    "(SELECT count(*) FROM outbox) + (SELECT count(*) FROM notification) + "
	    "(SELECT count(*) FROM event) + (SELECT count(*) FROM order_move) + "
	    "(SELECT count(*) FROM order_number) + "
	    "(SELECT sum(reserved_quantity) FROM product_branch)") == 0, "%s", why);
	ck_assert_msg(rig_sql_int("SELECT version * 10 + (SELECT count(*) FROM cart_item) FROM cart "
	    "WHERE user_id = 1") == 12, "%s", why);
}

static inline const struct rig_reply *
fill_and_place(const char *body)
{
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":8,\"quantity\":1}]}"), 200);
	return place(body);
}

#endif
