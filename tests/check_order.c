/* check_order.c - the way of an order: only forward, told once (G49, G50, G53, G55, C23, C31) */
#include <string.h>

#include "lib/shop/order.h"
#include "lib/shop/stock.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;

static void
begin(const char *type)
{
	db = seed_begin();
	seed_order(1, type);
	seed_item(1, 1, 4);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve(db, 1, 1, 1, 4), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static int
move(enum order_status to, enum order_by by)
{
	struct order_news n = { .order_id = 1, .to = to, .by = by, .reason = "why",
		.run_id = DB_NULL };
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_move(db, &n);
	ck_assert_int_eq(db_end(db, rc == 1), DB_OK);
	return rc;
}

static int
accept_as(enum order_status to)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_accepted(db, 1, "T-77", to);
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

static int
is(const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM orders WHERE %s", condition);
	return shop_int(text) == 1;
}

static int64_t
told(const char *template)
{
	char text[256];

	snprintf(text, sizeof text, "SELECT count(*) FROM notification WHERE template = '%s'",
	    template);
	return shop_int(text);
}

static int64_t
reserved(void)
{
	return shop_int("SELECT reserved_quantity FROM product_branch WHERE product_id = 1 "
	    "AND branch_id = 1");
}

START_TEST(names_the_eight_statuses)
{
	static const char *const all[] = { "pending", "sent_to_pos", "processing",
		"ready_for_pickup", "out_for_delivery", "delivered", "cancelled", "failed" };

	ck_assert_int_eq(ORDER_STATUSES, 8);
	for (int s = 0; s < ORDER_STATUSES; s++) {
		ck_assert_str_eq(order_status_name((enum order_status)s), all[s]);
		ck_assert_int_eq(order_status_parse(all[s]), s);
	}
	ck_assert_int_eq(order_status_parse("queued_for_pos"), ORDER_STATUSES);
	ck_assert_int_eq(order_status_parse(NULL), ORDER_STATUSES);
}
END_TEST

/* The rules in words, against the table: every pair, type and mover. */
static int
may(int from, int to, int is_delivery, int by)
{
	if (from == to || from == ORDER_DELIVERED || from == ORDER_CANCELLED)
		return 0;
	if (from == ORDER_FAILED)
		return by == BY_STAFF && to != ORDER_CANCELLED;
	if (by == BY_CUSTOMER)
		return from == ORDER_PENDING && to == ORDER_CANCELLED;
	if (by == BY_CLOCK)
		return from == ORDER_PENDING && to == ORDER_FAILED;
	if (to < from)
		return 0;
	if (by == BY_TILL && to == ORDER_READY_FOR_PICKUP && is_delivery)
		return 0;
	return by == BY_STAFF || to != ORDER_OUT_FOR_DELIVERY || is_delivery;
}

START_TEST(allows_exactly_what_the_rules_say)
{
	for (int from = 0; from < ORDER_STATUSES; from++)
		for (int to = 0; to < ORDER_STATUSES; to++)
			for (int type = 0; type < 2; type++)
				for (int by = 0; by < ORDER_BYS; by++) {
					int got = order_may_move((enum order_status)from,
					    (enum order_status)to, type, (enum order_by)by);

					ck_assert_msg((got == MOVE_YES) == may(from, to, type, by),
					    "from %d to %d delivery %d by %d: %d", from, to, type, by, got);
				}
	ck_assert_int_eq(order_may_move(ORDER_PROCESSING, ORDER_SENT_TO_POS, 1, BY_TILL), MOVE_NOTHING);
	ck_assert_int_eq(order_may_move(ORDER_PROCESSING, ORDER_SENT_TO_POS, 1, BY_STAFF), MOVE_NO);
	ck_assert_int_eq(order_may_move(ORDER_PENDING, ORDER_OUT_FOR_DELIVERY, 0, BY_TILL), MOVE_NO);
}
END_TEST

START_TEST(a_move_writes_everything_once)
{
	begin("delivery");
	clock_advance(60);
	ck_assert_int_eq(accept_as(ORDER_SENT_TO_POS), 1);
	ck_assert(is("status = 'sent_to_pos' AND pos_order_id = 'T-77' AND submission = 'sent' "
	    "AND pos_sent_at = created_at + 60 AND poll_at = pos_sent_at"));
	clock_advance(60);
	for (int twice = 0; twice < 2; twice++) {
		ck_assert_int_eq(accept_as(ORDER_SENT_TO_POS), 0);
		ck_assert_int_eq(move(ORDER_PROCESSING, BY_TILL), twice == 0);
		ck_assert_int_eq(move(ORDER_SENT_TO_POS, BY_TILL), 0);
	}
	ck_assert(is("status = 'processing' AND pos_last_status_update_at = created_at + 120 "
	    "AND pos_sent_at = created_at + 60 AND moved_by_hand = 0"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM order_move"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM order_move WHERE by = 'till' "
	    "AND status = 'processing' AND at = 1779444120"), 1);
	ck_assert_int_eq(told("sent_to_pos"), 1);
	ck_assert_int_eq(told("processing"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'order.status' "
	    "AND user_id = 1 AND branch_id = 1"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'notification' "
	    "AND user_id = 1 AND branch_id IS NULL"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE payload LIKE "
	    "'{\"order_id\":1,\"number\":1,\"branch_id\":1,\"status\":\"processing\",%'"), 1);
	shop_end();
}
END_TEST

START_TEST(no_news_writes_no_row)
{
	int64_t before;

	begin("pickup");
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_TILL), 1);
	before = db_total_changes(db);
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_TILL), 0);
	ck_assert_int_eq(move(ORDER_SENT_TO_POS, BY_TILL), 0);
	ck_assert_int_eq(move(ORDER_OUT_FOR_DELIVERY, BY_TILL), 0);
	ck_assert_int_eq(db_total_changes(db), before);
	shop_end();
}
END_TEST

START_TEST(each_way_ends_as_it_must)
{
	static const struct {
		enum order_status way[4];
		enum order_by by;
		const char *end;
		int64_t held;
	} cases[] = {
		{ { ORDER_CANCELLED }, BY_CUSTOMER, "status = 'cancelled' AND reason_code = 'why' "
		    "AND poll_at IS NULL AND submission = 'stopped'", 0 },
		{ { ORDER_FAILED }, BY_CLOCK, "status = 'failed' AND reason_code = 'why' "
		    "AND submission = 'stopped'", 0 },
		{ { ORDER_PROCESSING, ORDER_CANCELLED }, BY_TILL, "status = 'cancelled'", 0 },
		{ { ORDER_PROCESSING, ORDER_DELIVERED }, BY_TILL, "status = 'delivered' "
		    "AND reason_code IS NULL", 4 },
		{ { ORDER_OUT_FOR_DELIVERY, ORDER_DELIVERED }, BY_STAFF,
		    "status = 'delivered' AND moved_by_hand = 1", 4 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin("pickup");
		shop_run("UPDATE orders SET poll_at = 5");
		for (int j = 0; j < 4 && cases[i].way[j] != ORDER_PENDING; j++)
			ck_assert_int_eq(move(cases[i].way[j], cases[i].by), 1);
		ck_assert_msg(is(cases[i].end), "%s", cases[i].end);
		ck_assert_int_eq(reserved(), cases[i].held);
		shop_end();
	}
}
END_TEST

START_TEST(what_is_delivered_waits_for_the_next_snapshot)
{
	begin("pickup");
	shop_run("INSERT INTO sync_run (id, feed, is_full, started_ms) VALUES (7, 'stock', 1, 0)");
	ck_assert_int_eq(move(ORDER_DELIVERED, BY_STAFF), 1);
	ck_assert_int_eq(shop_int("SELECT seen_run FROM reservation"), 7);
	shop_end();
}
END_TEST

START_TEST(hears_that_the_goods_are_taken_without_a_move)
{
	struct order_news n = { .order_id = 1, .to = ORDER_PROCESSING, .by = BY_TILL, .run_id = 12,
		.stock_moved = 1 };

	begin("pickup");
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_STAFF), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM reservation WHERE seen_run IS NULL"), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_move(db, &n), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT seen_run FROM reservation"), 12);
	shop_end();
}
END_TEST

START_TEST(a_hand_move_forward_stays)
{
	begin("delivery");
	ck_assert_int_eq(move(ORDER_READY_FOR_PICKUP, BY_STAFF), 1);
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_TILL), 0);
	ck_assert(is("status = 'ready_for_pickup' AND moved_by_hand = 1"));
	ck_assert_int_eq(move(ORDER_OUT_FOR_DELIVERY, BY_TILL), 1);
	shop_end();
}
END_TEST

START_TEST(staff_reopen_what_can_still_be_reserved)
{
	begin("pickup");
	shop_run("UPDATE orders SET cancel_refused_at = 5, cancel_requested_at = 4");
	ck_assert_int_eq(move(ORDER_FAILED, BY_CLOCK), 1);
	shop_run("UPDATE product_branch SET stock_quantity = 3 WHERE product_id = 1");
	ck_assert_int_eq(move(ORDER_PENDING, BY_STAFF), ORDER_NO_STOCK);
	ck_assert(is("status = 'failed'"));
	ck_assert_int_eq(reserved(), 0);
	shop_run("UPDATE product_branch SET stock_quantity = 4 WHERE product_id = 1");
	ck_assert_int_eq(move(ORDER_PENDING, BY_TILL), 0);
	ck_assert_int_eq(move(ORDER_PENDING, BY_STAFF), 1);
	ck_assert(is("status = 'pending' AND submission = 'queued' AND reason_code IS NULL"));
	/* it goes to the till anew, so it may be called back anew */
	ck_assert(is("cancel_requested_at IS NULL AND cancel_refused_at IS NULL"));
	ck_assert_int_eq(reserved(), 4);
	ck_assert_int_eq(told("pending"), 1);
	/* that it failed once more is news */
	ck_assert_int_eq(move(ORDER_FAILED, BY_CLOCK), 1);
	ck_assert_int_eq(told("failed"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'notification' "
	    "AND payload LIKE '%не вдалося%'"), 2);
	shop_end();
}
END_TEST

START_TEST(what_the_till_has_lives_whatever_is_left)
{
	begin("pickup");
	ck_assert_int_eq(move(ORDER_FAILED, BY_CLOCK), 1);
	shop_run("UPDATE product_branch SET stock_quantity = 3 WHERE product_id = 1");
	ck_assert_int_eq(move(ORDER_SENT_TO_POS, BY_TILL), 0);
	ck_assert_int_eq(accept_as(ORDER_SENT_TO_POS), 1);
	ck_assert(is("status = 'sent_to_pos' AND submission = 'sent' AND poll_at IS NOT NULL"));
	ck_assert_int_eq(reserved(), 4);
	shop_end();
}
END_TEST

START_TEST(a_final_order_keeps_the_tills_id_but_stays_final)
{
	begin("pickup");
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_CUSTOMER), 1);
	ck_assert_int_eq(accept_as(ORDER_SENT_TO_POS), 0);
	ck_assert(is("status = 'cancelled' AND pos_order_id = 'T-77' AND poll_at IS NULL"));
	ck_assert_int_eq(reserved(), 0);
	shop_end();
}
END_TEST

static int
attention(const char *what)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_attention(db, 1, what);
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

START_TEST(attention_is_told_once_and_ends_with_a_move)
{
	begin("pickup");
	ck_assert_int_eq(accept_as(ORDER_SENT_TO_POS), 1);
	ck_assert_int_eq(attention("not_accepted"), 1);
	ck_assert_int_eq(attention("not_accepted"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE payload LIKE "
	    "'%\"attention\":\"not_accepted\"%'"), 1);
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_TILL), 1);
	ck_assert(is("attention IS NULL"));
	ck_assert_int_eq(attention("total_differs"), 1);
	ck_assert_int_eq(move(ORDER_READY_FOR_PICKUP, BY_TILL), 1);
	ck_assert(is("attention = 'total_differs'"));
	ck_assert_int_eq(attention(NULL), 1);
	ck_assert(is("attention IS NULL"));
	ck_assert_int_eq(attention("cancel_unanswered"), 1);
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_TILL), 1);
	ck_assert(is("attention IS NULL"));
	shop_end();
}
END_TEST

START_TEST(an_unknown_order_is_nothing)
{
	struct order_news n = { .order_id = 99, .to = ORDER_PROCESSING, .by = BY_TILL };

	begin("pickup");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_move(db, &n), 0);
	ck_assert_int_eq(order_accepted(db, 99, "x", ORDER_SENT_TO_POS), 0);
	ck_assert_int_eq(order_attention(db, 99, "stuck"), 0);
	ck_assert_int_eq(db_end(db, 0), DB_OK);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("order", names_the_eight_statuses, allows_exactly_what_the_rules_say,
	    a_move_writes_everything_once, no_news_writes_no_row, each_way_ends_as_it_must,
	    what_is_delivered_waits_for_the_next_snapshot,
	    hears_that_the_goods_are_taken_without_a_move, a_hand_move_forward_stays,
	    staff_reopen_what_can_still_be_reserved, what_the_till_has_lives_whatever_is_left,
	    a_final_order_keeps_the_tills_id_but_stays_final,
	    attention_is_told_once_and_ends_with_a_move, an_unknown_order_is_nothing);
}
