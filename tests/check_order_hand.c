/* check_order_hand.c - what staff does to an order by hand (C23, G50) */
#include <string.h>

#include "lib/shop/order_hand.h"
#include "lib/shop/outbox.h"
#include "lib/shop/stock.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;

static void
set(const char *table, const char *assignments)
{
	char text[512];

	if (*assignments == '\0')
		return;
	snprintf(text, sizeof text, "UPDATE %s SET %s", table, assignments);
	shop_run(text);
}

/* Order 1 with four portions of dish 1, and its row. */
static void
begin(const char *row, const char *order)
{
	db = seed_begin();
	seed_order(1, "pickup");
	seed_item(1, 1, 4);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve(db, 1, 1, 1, 4), 1);
	ck_assert_int_eq(outbox_owe_order(db, 1, "order", "k1"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	set("outbox", row);
	set("orders", order);
}

static int
move(enum order_status to)
{
	struct hand_move m = { .order_id = 1, .user_id = 2, .to = to, .chance = "abc",
		.reason = to == ORDER_CANCELLED || to == ORDER_FAILED ? "other" : NULL };
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_hand_move(db, &m);
	ck_assert_int_eq(db_end(db, rc == HAND_DONE), DB_OK);
	return rc;
}

static int
enter(const char *number)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_hand_enter(db, 1, number, 2);
	ck_assert_int_eq(db_end(db, rc == HAND_DONE), DB_OK);
	return rc;
}

static int
seen(void)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = order_hand_seen(db, 1, 2);
	ck_assert_int_eq(db_end(db, rc == HAND_DONE), DB_OK);
	return rc;
}

static int
is(const char *table, const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM %s WHERE %s", table, condition);
	return shop_int(text) == 1;
}

#define SENT "state = 'sent', sent_at = 1, last_outcome = 'done'"
#define AT_TILL "status = 'sent_to_pos', submission = 'sent', pos_order_id = 'T-1'"
#define ON_THE_WIRE "state = 'claimed', sent_at = 1, lease_ms = 1779444060000"

static const struct {
	const char *row, *order;
	enum order_status to;
	int wanted;
	const char *row_then;		/* of the row k1; NULL = as it was */
} cases[] = {
	/* on its way */
	{ SENT, AT_TILL, ORDER_PROCESSING, HAND_DONE, NULL },
	{ SENT, AT_TILL, ORDER_SENT_TO_POS, HAND_IS_SO, NULL },
	{ SENT, "status = 'ready_for_pickup'", ORDER_PROCESSING, HAND_OVER, NULL },
	{ SENT, "status = 'delivered'", ORDER_CANCELLED, HAND_OVER, NULL },
	{ SENT, "status = 'cancelled'", ORDER_PENDING, HAND_OVER, NULL },
	/* staff has it in hand: what was not sent is not sent */
	{ "", "", ORDER_PROCESSING, HAND_DONE, "state = 'parked' AND last_outcome = 'by_hand'" },
	{ "state = 'claimed', lease_ms = 1779444060000", "", ORDER_PROCESSING, HAND_DONE,
	    "state = 'parked'" },
	{ ON_THE_WIRE, "", ORDER_PROCESSING, HAND_DONE, NULL },
	{ "sent_at = 1, mode = 'find'", "", ORDER_DELIVERED, HAND_DONE, NULL },
	/* the end, but not beside what the till may have */
	{ "", "", ORDER_CANCELLED, HAND_DONE, "state = 'parked'" },
	{ "", "", ORDER_FAILED, HAND_DONE, "state = 'parked'" },
	{ "state = 'claimed', lease_ms = 1779444060000", "", ORDER_CANCELLED, HAND_DONE,
	    "state = 'parked'" },
	{ ON_THE_WIRE, "", ORDER_CANCELLED, HAND_DONE, "state = 'claimed'" },
	{ ON_THE_WIRE, "", ORDER_FAILED, HAND_BUSY, NULL },
	{ "sent_at = 1, mode = 'find'", "", ORDER_CANCELLED, HAND_DONE, "state = 'due'" },
	{ "sent_at = 1, mode = 'find'", "", ORDER_FAILED, HAND_UNKNOWN, NULL },
	{ "sent_at = 1, state = 'uncertain'", "", ORDER_FAILED, HAND_UNKNOWN, NULL },
	{ SENT, AT_TILL, ORDER_CANCELLED, HAND_DONE, NULL },
	{ SENT, AT_TILL, ORDER_FAILED, HAND_DONE, NULL },
	/* once more */
	{ "state = 'parked'", "status = 'failed', submission = 'stopped'", ORDER_PENDING, HAND_DONE,
	    NULL },
	{ "state = 'refused'", "status = 'failed'", ORDER_PENDING, HAND_DONE, NULL },
	{ SENT, "status = 'failed'", ORDER_PENDING, HAND_AT_TILL, NULL },
	{ "sent_at = 1, state = 'uncertain'", "status = 'failed'", ORDER_PENDING, HAND_UNKNOWN, NULL },
	{ SENT, "status = 'failed'", ORDER_PROCESSING, HAND_DONE, NULL },
};

static void
try_case(size_t i)
{
	const char *to = order_status_name(cases[i].to);
	int wanted = cases[i].wanted, got;
	char text[256];
	int64_t before;

	begin(cases[i].row, cases[i].order);
	before = db_total_changes(db);
	got = move(cases[i].to);
	ck_assert_msg(got == wanted, "case %zu: %d", i, got);
	if (wanted != HAND_DONE) {
		ck_assert_msg(db_total_changes(db) == before, "case %zu", i);
		shop_end();
		return;
	}
	snprintf(text, sizeof text, "status = '%s' AND moved_by_hand = 1", to);
	ck_assert_msg(is("orders", text), "case %zu", i);
	if (cases[i].row_then != NULL) {
		snprintf(text, sizeof text, "idempotency_key = 'k1' AND %s", cases[i].row_then);
		ck_assert_msg(is("outbox", text), "case %zu", i);
	}
	snprintf(text, sizeof text, "user_id = 2 AND action = 'order.move' AND object = 'order 1' "
	    "AND json_extract(detail, '$.to') = '%s'", to);
	ck_assert_msg(is("audit", text), "case %zu", i);
	snprintf(text, sizeof text, "template = '%s'", to);
	ck_assert_msg(is("notification", text), "case %zu", i);
	ck_assert_msg(is("event", "type = 'order.status'"), "case %zu", i);
	ck_assert_msg(is("order_move", "by = 'staff'"), "case %zu", i);
	shop_end();
}

START_TEST(moves_by_the_table_and_by_what_the_till_has)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		try_case(i);
}
END_TEST

START_TEST(a_second_tap_changes_nothing)
{
	int64_t before;

	begin("", "");
	ck_assert_int_eq(move(ORDER_PROCESSING), HAND_DONE);
	before = db_total_changes(db);
	ck_assert_int_eq(move(ORDER_PROCESSING), HAND_IS_SO);
	ck_assert_int_eq(db_total_changes(db), before);
	shop_end();
}
END_TEST

START_TEST(the_till_is_told_once_that_it_is_cancelled)
{
	begin(SENT, AT_TILL);
	ck_assert_int_eq(move(ORDER_CANCELLED), HAND_DONE);
	ck_assert(is("outbox", "kind = 'cancel' AND order_id = 1 AND idempotency_key LIKE '%-cancel-1' "
	    "AND state = 'due'"));
	ck_assert(is("orders", "reason_code = 'other'"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM reservation"), 0);
	shop_end();
	begin(SENT, AT_TILL);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_order(db, 1, "cancel", "asked"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(move(ORDER_CANCELLED), HAND_DONE);
	ck_assert(is("outbox", "kind = 'cancel'"));
	shop_end();
}
END_TEST

START_TEST(sent_once_more_it_has_a_new_key_and_its_portions)
{
	begin("", "");
	ck_assert_int_eq(move(ORDER_FAILED), HAND_DONE);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM reservation"), 0);
	ck_assert_int_eq(move(ORDER_PENDING), HAND_DONE);
	ck_assert_int_eq(shop_int("SELECT sum(quantity) FROM reservation"), 4);
	ck_assert(is("outbox", "state = 'due' AND idempotency_key = '1-1-abc' AND sent_at IS NULL"));
	ck_assert(is("orders", "status = 'pending' AND submission = 'queued' AND reason_code IS NULL"));
	shop_end();
}
END_TEST

START_TEST(what_was_sold_meanwhile_is_not_promised_again)
{
	begin("", "");
	ck_assert_int_eq(move(ORDER_FAILED), HAND_DONE);
	shop_run("UPDATE product_branch SET stock_quantity = 3 WHERE product_id = 1 AND branch_id = 1");
	ck_assert_int_eq(move(ORDER_PENDING), HAND_NO_STOCK);
	ck_assert(is("orders", "status = 'failed'"));
	ck_assert(!is("outbox", "state = 'due'"));
	/* cooked already, whatever we count */
	ck_assert_int_eq(move(ORDER_PROCESSING), HAND_DONE);
	shop_end();
}
END_TEST

START_TEST(entered_by_hand_it_is_not_sent)
{
	begin("", "");
	ck_assert_int_eq(enter("K-5"), HAND_DONE);
	ck_assert(is("orders", "status = 'sent_to_pos' AND pos_order_id = 'K-5' AND "
	    "submission = 'sent' AND pos_sent_at = 1779444000 AND poll_at IS NOT NULL"));
	ck_assert(is("outbox", "state = 'sent' AND last_outcome = 'by_hand'"));
	ck_assert(is("audit", "action = 'order.entered' AND user_id = 2 "
	    "AND json_extract(detail, '$.pos_order_id') = 'K-5'"));
	ck_assert_int_eq(enter("K-5"), HAND_IS_SO);
	ck_assert_int_eq(enter(NULL), HAND_IS_SO);
	ck_assert_int_eq(enter("K-6"), HAND_DONE);	/* a slip of the finger */
	ck_assert(is("orders", "pos_order_id = 'K-6'"));
	ck_assert(is("notification", "template = 'sent_to_pos'"));
	shop_end();
}
END_TEST

START_TEST(entered_without_a_number_it_is_not_asked_about)
{
	begin("state = 'refused'", "status = 'failed'");
	ck_assert_int_eq(enter(NULL), HAND_DONE);
	ck_assert(is("orders", "status = 'sent_to_pos' AND pos_order_id IS NULL AND poll_at IS NULL"));
	ck_assert_int_eq(enter("K-5"), HAND_DONE);
	ck_assert(is("orders", "pos_order_id = 'K-5' AND poll_at IS NOT NULL"));
	shop_end();
}
END_TEST

START_TEST(not_entered_beside_a_sender_or_what_is_over)
{
	static const struct { const char *row, *order; int wanted; } refused[] = {
		{ ON_THE_WIRE, "", HAND_BUSY }, { "", "status = 'cancelled'", HAND_OVER },
		{ SENT, AT_TILL, HAND_AT_TILL },
	};

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		begin(refused[i].row, refused[i].order);
		ck_assert_int_eq(enter("K-5"), refused[i].wanted);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM audit"), 0);
		shop_end();
	}
}
END_TEST

START_TEST(what_was_looked_at_calls_no_more)
{
	static const struct { const char *order; int wanted; } calls[] = {
		{ "attention = 'total_differs', status = 'processing'", HAND_DONE },
		{ "attention = 'cancel_unanswered', status = 'cancelled'", HAND_DONE },
		{ "attention = 'cancel_unanswered', status = 'processing'", HAND_OVER },
		{ "attention = 'not_accepted', status = 'sent_to_pos'", HAND_OVER },
		{ "status = 'processing'", HAND_IS_SO },
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		begin("", calls[i].order);
		ck_assert_int_eq(seen(), calls[i].wanted);
		ck_assert_int_eq(is("audit", "action = 'order.seen'"), calls[i].wanted == HAND_DONE);
		if (calls[i].wanted == HAND_DONE)
			ck_assert(is("orders", "attention IS NULL"));
		shop_end();
	}
}
END_TEST

START_TEST(an_order_that_is_not_there)
{
	struct hand_move m = { .order_id = 9, .user_id = 2, .to = ORDER_PROCESSING, .chance = "x" };

	begin("", "");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_hand_move(db, &m), HAND_NONE);
	ck_assert_int_eq(order_hand_enter(db, 9, "x", 2), HAND_NONE);
	ck_assert_int_eq(order_hand_seen(db, 9, 2), HAND_NONE);
	ck_assert_int_eq(db_end(db, 0), DB_OK);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("order_hand", moves_by_the_table_and_by_what_the_till_has,
	    a_second_tap_changes_nothing, the_till_is_told_once_that_it_is_cancelled,
	    sent_once_more_it_has_a_new_key_and_its_portions,
	    what_was_sold_meanwhile_is_not_promised_again, entered_by_hand_it_is_not_sent,
	    entered_without_a_number_it_is_not_asked_about,
	    not_entered_beside_a_sender_or_what_is_over, what_was_looked_at_calls_no_more,
	    an_order_that_is_not_there);
}
