/* check_limits.c - what an account may do how often, and what answers tell of it (G78) */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "lib/base/clock.h"

enum { WORKERS = 4, TRIES = 20, ORDERS = 10, WRITES_AT_ONCE = 120 };

#define PICKUP "{\"branch_id\":1,\"order_type\":\"pickup\"}"

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_set("LIMITS", "yes");
	rig_login("anna");
}

/* An empty cart is refused too, and counts. */
static const struct rig_reply *
try_order(void)
{
	return rig_call("POST", "/orders", PICKUP);
}

START_TEST(answers_tell_what_is_left)
{
	const struct rig_reply *a;
	char text[64];

	begin();
	for (int left = ORDERS - 1; left >= 0; left--) {
		a = try_order();
		rig_refused(a, 409, "cart_empty");
		ck_assert_str_eq(rig_header(a, "RateLimit-Policy"), "\"order\";q=10;w=600");
		snprintf(text, sizeof text, "\"order\";r=%d;t=60", left);
		ck_assert_str_eq(rig_header(a, "RateLimit"), text);
		ck_assert_ptr_null(rig_header(a, "Retry-After"));
	}
	a = try_order();
	rig_refused(a, 429, "too_many_requests");
	ck_assert_str_eq(rig_header(a, "RateLimit"), "\"order\";r=0;t=60");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "60");
	clock_advance(45);
	a = try_order();
	rig_refused(a, 429, "too_many_requests");
	ck_assert_str_eq(rig_header(a, "RateLimit"), "\"order\";r=0;t=15");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "15");
	clock_advance(15);
	rig_refused(try_order(), 409, "cart_empty");
	rig_refused(try_order(), 429, "too_many_requests");
	rig_end();
}
END_TEST

START_TEST(an_account_is_limited_by_action_and_alone)
{
	begin();
	for (int i = 0; i < ORDERS; i++)
		rig_refused(try_order(), 409, "cart_empty");
	rig_refused(try_order(), 429, "too_many_requests");
	rig_ok(rig_call("GET", "/cart", NULL), 200);
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1}"), 200);
	rig_login("borys");
	rig_refused(try_order(), 409, "cart_empty");
	rig_end();
}
END_TEST

START_TEST(writes_have_a_limit_of_their_own)
{
	const struct rig_reply *a;

	begin();
	for (int i = 0; i < WRITES_AT_ONCE; i++)
		rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1}"), 200);
	a = rig_call("PUT", "/cart", "{\"branch_id\":1}");
	rig_refused(a, 429, "too_many_requests");
	ck_assert_str_eq(rig_header(a, "RateLimit-Policy"), "\"write\";q=120;w=60");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "1");
	a = rig_call("GET", "/cart", NULL);
	ck_assert_str_eq(rig_header(a, "RateLimit"), "\"read\";r=599;t=1");
	rig_end();
}
END_TEST

START_TEST(a_login_is_counted_by_address_and_by_account)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("POST", "/auth/login", "{\"email\":\"x@example.com\",\"password\":\"1\"}");
	rig_refused(a, 401, "wrong_credentials");
	ck_assert_str_eq(rig_header(a, "RateLimit-Policy"),
	    "\"login-address\";q=100;w=120, \"login-account\";q=10;w=600");
	ck_assert_str_eq(rig_header(a, "RateLimit"),
	    "\"login-address\";r=99;t=2, \"login-account\";r=9;t=60");
	rig_end();
}
END_TEST

/* A bad line is no haste: what is sent again is the same order. */
START_TEST(an_order_that_is_sent_again_counts_once)
{
	const struct rig_reply *a;
	const char *first = NULL;

	begin();
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1}"), 200);
	for (int i = 0; i < 50; i++) {
		rig_ok(a = rig_call_key("POST", "/orders", PICKUP, "k1"), 201);
		ck_assert_str_eq(a->text, first == NULL ? a->text : first);
		first = a->text;
	}
	for (int i = 2; i <= ORDERS; i++) {
		char key[16];

		snprintf(key, sizeof key, "k%d", i);
		rig_refused(rig_call_key("POST", "/orders", PICKUP, key), 409, "cart_empty");
	}
	/* a key that was refused is not one that was sent before */
	for (int i = 0; i < 2; i++)
		rig_refused(rig_call_key("POST", "/orders", PICKUP, "k11"), 429, "too_many_requests");
	rig_refused(try_order(), 429, "too_many_requests");
	rig_ok(rig_call_key("POST", "/orders", PICKUP, "k1"), 201);
	rig_end();
}
END_TEST

/* Half of an IPv6 address is the host's own choice: it is no other visitor. */
START_TEST(a_host_of_many_addresses_is_one)
{
	struct rig_ask ask = { .method = "POST", .path = "/auth/login",
		.body = "{\"email\":\"nobody@example.com\",\"password\":\"wrong horse\"}" };
	const struct rig_reply *a;
	char remote[64], left[64];

	begin();
	for (int i = 1; i <= 10; i++) {
		snprintf(remote, sizeof remote, "2001:db8:1:2:%x::%x", i, 7 * i);
		ask.remote = remote;
		rig_ok(a = rig_send(&ask), 401);
		snprintf(left, sizeof left, "\"login-address\";r=%d;t=2, \"login-account\";r=%d;t=60",
		    100 - i, 10 - i);
		ck_assert_str_eq(rig_header(a, "RateLimit"), left);
	}
	ask.remote = "2001:db8:1:3::1";
	ask.body = "{\"email\":\"nobody.else@example.com\",\"password\":\"wrong horse\"}";
	a = rig_send(&ask);
	rig_ok(a, 401);
	ck_assert_ptr_nonnull(strstr(a->head, "\"login-address\";r=99"));
	rig_end();
}
END_TEST

START_TEST(what_is_the_same_for_all_tells_nothing_of_one)
{
	static const char *const paths[] = { "/products", "/products/1", "/branches", "/healthz" };
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		a = rig_call("GET", paths[i], NULL);
		rig_ok(a, 200);
		ck_assert_ptr_null(strstr(a->head, "RateLimit"));
	}
	rig_set("LIMITS", "no");
	ck_assert_ptr_null(strstr(rig_call("GET", "/cart", NULL)->head, "RateLimit"));
	rig_end();
}
END_TEST

static void
order_often(int worker)
{
	(void)worker;
	for (int i = 0; i < TRIES; i++)
		if (try_order()->status != 429)
			rig_sql("INSERT INTO audit (action, object, at) VALUES ('admitted', 'x', 1)");
}

START_TEST(four_workers_admit_what_one_would)
{
	begin();
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(WORKERS, order_often);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE action = 'admitted'"), ORDERS);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("limits", answers_tell_what_is_left, an_account_is_limited_by_action_and_alone,
	    writes_have_a_limit_of_their_own, a_login_is_counted_by_address_and_by_account,
	    an_order_that_is_sent_again_counts_once, a_host_of_many_addresses_is_one,
	    what_is_the_same_for_all_tells_nothing_of_one, four_workers_admit_what_one_would);
}
