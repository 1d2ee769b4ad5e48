/* check_admin_order.c - one order behind the counter: moved, entered, looked at (C23, G75) */
#include "lib/base/clock.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "tests/desk.h"
#include "tests/suite.h"

static const struct rig_reply *
move(const char *status)
{
	char body[128];

	snprintf(body, sizeof body, "{\"status\":\"%s\"%s}", status, strcmp(status, "cancelled") == 0 ||
	    strcmp(status, "failed") == 0 ? ",\"reason_code\":\"out_of_stock\"" : "");
	return rig_call("POST", "/admin/orders/1/move", body);
}

/* Order 1 of branch 1, at the till unless it is said otherwise; olha is there. */
static void
begin(const char *row, const char *order)
{
	desk_begin();
	desk_order(1);
	if (row != NULL)
		desk_set("outbox", 1, row);
	if (order != NULL)
		desk_set("orders", 1, order);
	rig_login("olha");
}

#define SENT "state = 'sent', sent_at = 1, last_outcome = 'done'"
#define AT_TILL "status = 'sent_to_pos', submission = 'sent', pos_order_id = 'T-1'"

START_TEST(shows_all_of_it)
{
	const struct rig_reply *a;

	begin(DESK_UNCERTAIN, "attention = 'uncertain', submission = 'stopped'");
	clock_advance(90);
	rig_ok(a = rig_call("GET", "/admin/orders/1", NULL), 200);
	ck_assert_int_eq(rig_int(a, "/order/age_s"), 90);
	ck_assert_str_eq(rig_text(a, "/order/attention"), "uncertain");
	ck_assert_int_eq(rig_count(a, "/outbox"), 1);
	ck_assert_str_eq(rig_text(a, "/outbox/0/last_error"), "no response");
	ck_assert_int_eq(rig_int(a, "/outbox/0/attempts"), 9);
	ck_assert(rig_true(a, "/outbox/0/can_resolve"));
	rig_end();
}
END_TEST

START_TEST(goes_its_way_tap_by_tap)
{
	static const char *const way[] = { "processing", "ready_for_pickup", "delivered" };
	const struct rig_reply *a = NULL;
	char next[32] = "";

	begin(SENT, AT_TILL);
	for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
		if (a != NULL)
			ck_assert_str_eq(next, way[i]);
		rig_ok(a = move(way[i]), 200);
		ck_assert(rig_true(a, "/changed"));
		ck_assert_str_eq(rig_text(a, "/order/status"), way[i]);
		if (rig_has(a, "/order/next_status"))
			snprintf(next, sizeof next, "%s", rig_text(a, "/order/next_status"));
		rig_ok(a = move(way[i]), 200);
		ck_assert(!rig_true(a, "/changed"));
	}
	ck_assert(!rig_has(a, "/order/next_status"));
	ck_assert_int_eq(rig_count(a, "/order/next_allowed"), 0);
	ck_assert_str_eq(rig_text(a, "/order/timeline/3/by"), "staff");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 1 "
	    "AND action = 'order.move' AND object = 'order 1'"), 3);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM event WHERE type = 'order.status' "
	    "AND branch_id = 1 AND user_id = 6"), 3);
	rig_login("anna");
	ck_assert_int_eq(rig_int(rig_call("GET", "/notifications", NULL), "/total"), 4);
	rig_end();
}
END_TEST

START_TEST(the_tills_late_news_do_not_overwrite_it)
{
	struct order_news late = { .order_id = 1, .to = ORDER_PROCESSING, .by = BY_TILL,
		.run_id = DB_NULL };

	begin(SENT, AT_TILL);
	rig_ok(move("ready_for_pickup"), 200);
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	ck_assert_int_eq(order_move(rig_app()->db, &late), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	ck_assert_str_eq(rig_text(rig_call("GET", "/admin/orders/1", NULL), "/order/status"),
	    "ready_for_pickup");
	rig_end();
}
END_TEST

START_TEST(who_was_slower_sees_how_it_stands)
{
	const struct rig_reply *a;

	begin(SENT, "status = 'delivered'");
	a = move("ready_for_pickup");
	rig_refused(a, 409, "move_not_allowed");
	ck_assert_str_eq(rig_text(a, "/order/status"), "delivered");
	ck_assert_int_eq(rig_count(a, "/outbox"), 1);
	rig_refused(move("cancelled"), 409, "move_not_allowed");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

START_TEST(cancelled_with_a_reason_and_the_till_is_told)
{
	const struct rig_reply *a;

	begin(SENT, AT_TILL);
	rig_ok(a = move("cancelled"), 200);
	ck_assert_str_eq(rig_text(a, "/order/reason_code"), "out_of_stock");
	ck_assert_int_eq(rig_count(a, "/outbox"), 2);
	ck_assert_str_eq(rig_text(a, "/outbox/1/kind"), "cancel");
	rig_end();
	begin(NULL, NULL);
	rig_ok(a = move("cancelled"), 200);
	ck_assert_int_eq(rig_count(a, "/outbox"), 1);
	ck_assert_str_eq(rig_text(a, "/outbox/0/state"), "parked");
	rig_end();
}
END_TEST

START_TEST(what_the_till_may_have_is_not_failed_blindly)
{
	const struct rig_reply *a;

	begin(DESK_UNCERTAIN, NULL);
	a = move("failed");
	rig_refused(a, 409, "order_unresolved");
	ck_assert(rig_true(a, "/outbox/0/can_resolve"));
	rig_end();
	begin(DESK_ON_THE_WIRE, NULL);
	a = move("failed");
	rig_refused(a, 409, "being_sent");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "5");
	rig_end();
}
END_TEST

START_TEST(a_failed_one_is_sent_once_more)
{
	const struct rig_reply *a;

	begin("state = 'refused', last_outcome = 'refused'",
	    "status = 'failed', submission = 'stopped', reason_code = 'refused_by_till'");
	rig_ok(a = move("pending"), 200);
	ck_assert_str_eq(rig_text(a, "/order/status"), "pending");
	ck_assert_str_eq(rig_text(a, "/order/submission"), "queued");
	ck_assert_int_eq(rig_count(a, "/outbox"), 2);
	ck_assert_str_eq(rig_text(a, "/outbox/1/state"), "due");
	ck_assert(strcmp(rig_text(a, "/outbox/0/idempotency_key"),
	    rig_text(a, "/outbox/1/idempotency_key")) != 0);
	rig_end();
	begin(SENT, "status = 'failed', pos_order_id = 'T-1'");
	a = move("pending");
	rig_refused(a, 409, "at_the_till");
	ck_assert_str_eq(rig_text(a, "/order/pos_order_id"), "T-1");
	rig_end();
}
END_TEST

START_TEST(what_was_sold_meanwhile_is_not_promised_again)
{
	begin("state = 'parked'", NULL);
	rig_ok(move("failed"), 200);
	rig_sql("UPDATE product_branch SET stock_quantity = 1");
	rig_refused(move("pending"), 409, "no_stock_left");
	ck_assert_str_eq(rig_sql_text("SELECT status FROM orders"), "failed");
	rig_end();
}
END_TEST

START_TEST(entered_by_hand_it_is_not_sent_again)
{
	struct arena *arena = arena_new(1 << 20);
	const struct rig_reply *a;
	struct outbox_row row;

	begin(NULL, NULL);
	/* a sender has it, but no byte has left */
	ck_assert_int_eq(outbox_claim(rig_app()->db, arena, "pos", 60000, &row, 1), 1);
	a = rig_call("POST", "/admin/orders/1/entered", "{\"pos_order_id\":\"57\"}");
	rig_ok(a, 200);
	ck_assert_str_eq(rig_text(a, "/order/status"), "sent_to_pos");
	ck_assert_str_eq(rig_text(a, "/order/pos_order_id"), "57");
	ck_assert_str_eq(rig_text(a, "/outbox/0/last_outcome"), "by_hand");
	ck_assert_int_eq(outbox_freeze(rig_app()->db, &row, "x", 1), 0);
	ck_assert_int_eq(outbox_claim(rig_app()->db, arena, "pos", 60000, &row, 1), 0);
	a = rig_call("POST", "/admin/orders/1/entered", "{\"pos_order_id\":\"57\"}");
	rig_ok(a, 200);
	ck_assert(!rig_true(a, "/changed"));
	ck_assert(!rig_true(rig_call("POST", "/admin/orders/1/entered", "{}"), "/changed"));
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 1 "
	    "AND action = 'order.entered'"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM notification "
	    "WHERE template = 'sent_to_pos'"), 1);
	arena_free(arena);
	rig_end();
}
END_TEST

START_TEST(not_entered_beside_a_sender_nor_twice)
{
	begin(DESK_ON_THE_WIRE, NULL);
	rig_refused(rig_call("POST", "/admin/orders/1/entered", "{}"), 409, "being_sent");
	rig_end();
	begin(SENT, AT_TILL);
	rig_refused(rig_call("POST", "/admin/orders/1/entered", "{\"pos_order_id\":\"57\"}"), 409,
	    "at_the_till");
	rig_end();
	begin(NULL, "status = 'cancelled'");
	rig_refused(rig_call("POST", "/admin/orders/1/entered", "{}"), 409, "move_not_allowed");
	rig_end();
}
END_TEST

START_TEST(what_was_looked_at_calls_no_more)
{
	const struct rig_reply *a;

	begin(SENT, "status = 'processing', attention = 'total_differs'");
	rig_ok(a = rig_call("POST", "/admin/orders/1/seen", NULL), 200);
	ck_assert(!rig_has(a, "/order/attention") && rig_true(a, "/changed"));
	ck_assert(!rig_true(rig_call("POST", "/admin/orders/1/seen", NULL), "/changed"));
	desk_set("orders", 1, "attention = 'stuck'");
	rig_refused(rig_call("POST", "/admin/orders/1/seen", NULL), 409, "move_not_allowed");
	rig_end();
}
END_TEST

START_TEST(what_was_said_is_looked_at)
{
	static const struct { const char *path, *body, *field; } cases[] = {
		{ "/admin/orders/1/move", "{}", "/fields/status" },
		{ "/admin/orders/1/move", "{\"status\":\"lost\"}", "/fields/status" },
		{ "/admin/orders/1/move", "{\"status\":1}", "/fields/status" },
		{ "/admin/orders/1/move", "{\"status\":\"cancelled\"}", "/fields/reason_code" },
		{ "/admin/orders/1/move", "{\"status\":\"failed\"}", "/fields/reason_code" },
		{ "/admin/orders/1/move", "{\"status\":\"cancelled\",\"reason_code\":\"bored\"}",
		    "/fields/reason_code" },
		{ "/admin/orders/1/entered", "{\"pos_order_id\":57}", "/fields/pos_order_id" },
		{ "/admin/orders/1/entered", "{\"pos_order_id\":\"\"}", "/fields/pos_order_id" },
	};

	begin(NULL, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = rig_call("POST", cases[i].path, cases[i].body);

		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s", a->text);
	}
	ck_assert_str_eq(rig_sql_text("SELECT status FROM orders"), "pending");
	rig_end();
}
END_TEST

START_TEST(others_orders_are_not_there)
{
	static const char *const nobody[] = { "petro", "nina", "anna" };

	begin(NULL, NULL);
	for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
		rig_login(nobody[i]);
		rig_refused(rig_call("GET", "/admin/orders/1", NULL), 404, "not_found");
		rig_refused(move("processing"), 404, "not_found");
		rig_refused(rig_call("POST", "/admin/orders/1/entered", "{}"), 404, "not_found");
		rig_refused(rig_call("POST", "/admin/orders/1/seen", NULL), 404, "not_found");
	}
	rig_login("boss");
	rig_refused(rig_call("GET", "/admin/orders/9", NULL), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/orders/9/seen", NULL), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 0);
	rig_end();
}
END_TEST

/* Many thumbs at once: one move, one notification, one row in the audit. */
static void
tap(int worker)
{
	(void)worker;
	rig_ok(move("processing"), 200);
}

START_TEST(many_taps_at_once_are_one)
{
	begin(SENT, AT_TILL);
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(8, tap);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit"), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM order_move WHERE status = 'processing'"), 1);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_order", shows_all_of_it, goes_its_way_tap_by_tap,
	    the_tills_late_news_do_not_overwrite_it, who_was_slower_sees_how_it_stands,
	    cancelled_with_a_reason_and_the_till_is_told,
	    what_the_till_may_have_is_not_failed_blindly, a_failed_one_is_sent_once_more,
	    what_was_sold_meanwhile_is_not_promised_again, entered_by_hand_it_is_not_sent_again,
	    not_entered_beside_a_sender_nor_twice, what_was_looked_at_calls_no_more,
	    what_was_said_is_looked_at, others_orders_are_not_there, many_taps_at_once_are_one);
}
