/*
 * check_order_cancel.c - POST /orders/{id}/cancel: what the customer is
 * answered, and of cancelling and sending at once the till always hears (C30, G74)
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/cancel.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "tests/rig.h"
#include "tests/suite.h"

#define CANCEL "/orders/1/cancel"

/* Anna's order of two portions of dish 1. */
static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":2}]}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}"), 201);
}

static int64_t
reserved(void)
{
	return rig_sql_int("SELECT sum(reserved_quantity) FROM product_branch");
}

/* What the sender and the till do to it. */
static void
claim(struct arena *a, struct outbox_row *row)
{
	ck_assert_int_eq(outbox_claim(rig_app()->db, a, "pos", 60000, row, 1), 1);
}

static void
arrive(enum order_status to)
{
	struct db *db = rig_app()->db;
	struct outbox_row row;
	struct arena *a = arena_new(1 << 20);
	struct outbox_end end = { .row = &row, .state = "sent", .outcome = "done" };

	claim(a, &row);
	ck_assert_int_eq(outbox_freeze(db, &row, "x", 1), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_settle(db, &end), 1);
	ck_assert_int_ge(order_accepted(db, row.order_id, "T-1", to), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	arena_free(a);
}

START_TEST(cancels_at_once_what_was_not_sent)
{
	const struct rig_reply *a;

	begin();
	ck_assert(rig_true(rig_call("GET", "/orders/1", NULL), "/order/can_cancel"));
	for (int twice = 0; twice < 2; twice++) {
		a = rig_call("POST", CANCEL, NULL);
		rig_ok(a, 200);
		ck_assert_str_eq(rig_text(a, "/order/status"), "cancelled");
		ck_assert_str_eq(rig_text(a, "/order/reason_code"), "customer");
		ck_assert_str_eq(rig_text(a, "/order/timeline/1/status"), "cancelled");
		ck_assert_int_eq(rig_count(a, "/order/timeline"), 2);
		ck_assert(!rig_true(a, "/order/can_cancel"));
	}
	ck_assert_int_eq(reserved(), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE state = 'parked'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM notification "
	    "WHERE template = 'cancelled'"), 1);
	rig_end();
}
END_TEST

START_TEST(asks_the_till_what_it_has)
{
	const struct rig_reply *a;

	begin();
	arrive(ORDER_SENT_TO_POS);
	ck_assert(rig_true(rig_call("GET", "/orders/1", NULL), "/order/can_cancel"));
	for (int twice = 0; twice < 2; twice++) {
		a = rig_call("POST", CANCEL, NULL);
		rig_ok(a, 202);
		ck_assert_str_eq(rig_text(a, "/order/status"), "sent_to_pos");
		ck_assert_str_eq(rig_text(a, "/order/cancel_requested_at"),
		    "2026-05-22T10:00:00Z");
		ck_assert(!rig_true(a, "/order/can_cancel"));
		clock_advance(5);
	}
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE kind = 'cancel' "
	    "AND state = 'due'"), 1);
	ck_assert_int_eq(reserved(), 2);
	ck_assert_int_eq(db_begin(rig_app()->db), DB_OK);
	ck_assert_int_eq(cancel_refused(rig_app()->db, 1), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), DB_OK);
	a = rig_call("POST", CANCEL, NULL);
	rig_refused(a, 409, "call_branch");
	ck_assert_str_eq(rig_text(a, "/branch_phone"), "+380441112233");
	ck_assert_str_eq(rig_text(a, "/order/status"), "sent_to_pos");
	ck_assert(rig_has(a, "/order/cancel_refused_at"));
	a = rig_call("GET", "/notifications", NULL);
	ck_assert_str_eq(rig_text(a, "/notifications/0/title"), "Скасувати вже не можна");
	rig_end();
}
END_TEST

START_TEST(calls_the_branch_where_the_till_cannot)
{
	const struct rig_reply *a;

	begin();
	rig_sql("INSERT INTO meta (key, value) VALUES ('till_cancels', 'no')");
	ck_assert(rig_true(rig_call("GET", "/orders/1", NULL), "/order/can_cancel"));
	arrive(ORDER_PROCESSING);
	rig_sql("UPDATE branch SET phone = '+380440000000'");
	a = rig_call("POST", CANCEL, NULL);
	rig_refused(a, 409, "call_branch");
	ck_assert_str_eq(rig_text(a, "/branch_phone"), "+380440000000");
	ck_assert(!rig_true(a, "/order/can_cancel"));
	ck_assert(!rig_has(rig_call("GET", "/orders/1", NULL), "/order/cancel_requested_at"));
	rig_end();
}
END_TEST

START_TEST(shows_how_it_has_ended_otherwise)
{
	static const char *const ends[] = { "delivered", "failed", "cancelled" };
	char text[64];

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const struct rig_reply *a;

		begin();
		snprintf(text, sizeof text, "UPDATE orders SET status = '%s'", ends[i]);
		rig_sql(text);
		a = rig_call("POST", CANCEL, NULL);
		rig_refused(a, 409, "order_final");
		ck_assert_str_eq(rig_text(a, "/order/status"), ends[i]);
		rig_end();
	}
}
END_TEST

START_TEST(anothers_order_is_not_there)
{
	begin();
	rig_login("borys");
	rig_refused(rig_call("POST", CANCEL, NULL), 404, "not_found");
	rig_refused(rig_call("POST", "/orders/9/cancel", NULL), 404, "not_found");
	rig_logout();
	rig_refused(rig_call("POST", CANCEL, NULL), 401, "unauthorized");
	ck_assert_str_eq(rig_sql_text("SELECT status FROM orders"), "pending");
	rig_end();
}
END_TEST

/* ---- a sender and its customer at the same moment */

enum { SENDER, CUSTOMER, TAPS = 3 };

static void
race(int who)
{
	struct arena *a;
	struct outbox_row row;
	const struct rig_reply *answer;

	if (who != SENDER) {
		answer = rig_call("POST", CANCEL, NULL);
		ck_assert_msg(answer->status == 200 || answer->status == 202, "%s", answer->text);
		return;
	}
	a = arena_new(1 << 20);
	if (outbox_claim(rig_app()->db, a, "pos", 60000, &row, 1) == 1)
		ck_assert_int_ge(outbox_freeze(rig_app()->db, &row, "x", 1), 0);
	arena_free(a);
}

/* Either no byte left and it is cancelled, or one may have and the till is told. */
START_TEST(sent_and_cancelled_at_once_never_without_the_till)
{
	for (int round = 0; round < 6; round++) {
		begin();
		rig_set("BUSY_TIMEOUT_MS", "30000");
		rig_parallel(1 + TAPS, race);
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders o WHERE "
		    "(status = 'cancelled') <> (SELECT sent_at IS NULL FROM outbox "
		    "WHERE kind = 'order' AND order_id = o.id)"), 0);
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM outbox WHERE kind = 'cancel'"),
		    rig_sql_int("SELECT count(*) FROM orders WHERE status = 'pending'"));
		ck_assert_int_eq(reserved(), rig_sql_int("SELECT CASE status WHEN 'pending' THEN 2 "
		    "ELSE 0 END FROM orders"));
		rig_end();
	}
}
END_TEST

int
main(void)
{
	return SUITE("order_cancel", cancels_at_once_what_was_not_sent, asks_the_till_what_it_has,
	    calls_the_branch_where_the_till_cannot, shows_how_it_has_ended_otherwise,
	    anothers_order_is_not_there, sent_and_cancelled_at_once_never_without_the_till);
}
