/*
 * check_cancel.c - calling an order back: at once while nothing can have left,
 * else by the till's word; and the till is always told (C30, C23)
 */
#include <string.h>

#include "lib/shop/cancel.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/stock.h"
#include "tests/seed.h"
#include "tests/suite.h"

enum { LEASE = 60000, ANNA = 1, BORYS = 2 };

static struct db *db;
static struct arena *arena;
static struct outbox_row row;

/* Anna's order of 4 portions, owed to the till. */
static void
begin(void)
{
	db = seed_begin();
	arena = arena_new(1 << 20);
	seed_order(1, "pickup");
	seed_item(1, 1, 4);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve(db, 1, 1, 1, 4), 1);
	ck_assert_int_eq(outbox_owe_order(db, 1, "order", "k1"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static void
enter(void)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
}

/* A call for the branch takes all of it back. */
static int
leave(int rc)
{
	ck_assert_int_eq(db_end(db, rc >= 0 && rc != CANCEL_CALL_BRANCH), DB_OK);
	return rc;
}

/* One step in a transaction of its own. */
#define IN_TRANSACTION(call) (enter(), leave(call))

static int
ask(int64_t user_id)
{
	return IN_TRANSACTION(cancel_ask(db, user_id, 1));
}

static int
move(enum order_status to, enum order_by by)
{
	struct order_news n = { .order_id = 1, .to = to, .by = by, .reason = "why",
		.run_id = DB_NULL };

	return IN_TRANSACTION(order_move(db, &n));
}

static int
accepted(enum order_status to)
{
	return IN_TRANSACTION(order_accepted(db, 1, "T-1", to));
}

/* A sender takes a row; 1 when there was one. */
static int
claim(void)
{
	return outbox_claim(db, arena, "pos", LEASE, &row, 1);
}

static int
freeze(void)
{
	return outbox_freeze(db, &row, "x", 1);
}

static int
settle(const char *state, int no_effect)
{
	return IN_TRANSACTION(outbox_settle(db, &(struct outbox_end){ .row = &row, .state = state,
		.next_ms = clock_ms(), .no_effect = no_effect, .outcome = "test" }));
}

/* It is on its way; and the till has it. */
static void
send(void)
{
	ck_assert_int_eq(claim(), 1);
	ck_assert_int_eq(freeze(), 1);
}

static void
arrive(void)
{
	send();
	ck_assert_int_eq(settle("sent", 0), 1);
	ck_assert_int_eq(accepted(ORDER_SENT_TO_POS), 1);
}

static int
is(const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM orders WHERE %s", condition);
	return shop_int(text) == 1;
}

static int64_t
cancels(const char *state)
{
	char text[256];

	snprintf(text, sizeof text, "SELECT count(*) FROM outbox WHERE kind = 'cancel' "
	    "AND state LIKE '%s'", state);
	return shop_int(text);
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

START_TEST(what_has_not_left_is_cancelled_at_once)
{
	begin();
	for (int twice = 0; twice < 2; twice++)
		ck_assert_int_eq(ask(ANNA), CANCEL_DONE);
	ck_assert(is("status = 'cancelled' AND reason_code = 'customer' AND submission = 'stopped' "
	    "AND cancel_requested_at IS NULL"));
	ck_assert_int_eq(reserved(), 0);
	ck_assert_int_eq(told("cancelled"), 1);
	ck_assert_int_eq(cancels("%"), 0);
	ck_assert_int_eq(claim(), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM order_move WHERE by = 'customer'"), 1);
	end();
}
END_TEST

/* Each try was unsent, or the row is claimed and no byte was let go. */
START_TEST(a_try_that_left_nothing_is_no_hindrance)
{
	begin();
	send();
	ck_assert_int_eq(settle("due", 1), 1);
	ck_assert_int_eq(claim(), 1);
	ck_assert_int_eq(ask(ANNA), CANCEL_DONE);
	ck_assert_int_eq(freeze(), 0);
	ck_assert_int_eq(settle("due", 1), 0);
	ck_assert_int_eq(claim(), 0);
	end();
}
END_TEST

START_TEST(what_the_till_may_have_is_the_tills_to_cancel)
{
	begin();
	send();
	for (int twice = 0; twice < 2; twice++) {
		ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
		ck_assert(is("status = 'pending' AND cancel_requested_at = 1779444000"));
		ck_assert_int_eq(cancels("due"), 1);
		clock_advance(1);
	}
	ck_assert_int_eq(claim(), 0);	/* it waits behind the order */
	ck_assert_int_eq(settle("sent", 0), 1);
	ck_assert_int_eq(accepted(ORDER_SENT_TO_POS), 1);
	ck_assert_int_eq(claim(), 1);
	ck_assert_str_eq(row.kind, "cancel");
	ck_assert_str_eq(row.key, "k1-cancel-1");
	ck_assert_int_eq(freeze(), 1);
	ck_assert_int_eq(settle("sent", 0), 1);
	ck_assert_int_eq(reserved(), 4);
	ck_assert_int_eq(IN_TRANSACTION(cancel_agreed(db, 1)), 0);
	ck_assert(is("status = 'cancelled' AND reason_code = 'customer'"));
	ck_assert_int_eq(reserved(), 0);
	ck_assert_int_eq(told("cancelled"), 1);
	ck_assert_int_eq(ask(ANNA), CANCEL_DONE);
	ck_assert_int_eq(IN_TRANSACTION(cancel_agreed(db, 1)), 0);
	ck_assert_int_eq(told("cancelled"), 1);
	end();
}
END_TEST

START_TEST(a_no_of_the_till_is_told_and_kept)
{
	begin();
	arrive();
	ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
	ck_assert_int_eq(IN_TRANSACTION(order_attention(db, 1, "cancel_unanswered")), 1);
	send();
	ck_assert_int_eq(settle("parked", 0), 1);
	ck_assert_int_eq(IN_TRANSACTION(cancel_refused(db, 1)), 0);
	ck_assert(is("status = 'sent_to_pos' AND cancel_requested_at IS NULL "
	    "AND cancel_refused_at = 1779444000 AND attention IS NULL"));
	ck_assert_int_eq(told("cancel_refused"), 1);
	ck_assert_int_eq(reserved(), 4);
	ck_assert_int_eq(ask(ANNA), CANCEL_CALL_BRANCH);
	ck_assert_int_eq(cancels("due"), 0);
	end();
}
END_TEST

/* While it was on its way he asked, and it came back surely unsent. */
START_TEST(what_came_back_unsent_is_cancelled_then)
{
	begin();
	send();
	ck_assert_int_eq(IN_TRANSACTION(cancel_unsent(db, 1)), 0);
	ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
	ck_assert_int_eq(IN_TRANSACTION(cancel_unsent(db, 1)), 0);
	ck_assert_int_eq(settle("due", 1), 1);
	ck_assert_int_eq(IN_TRANSACTION(cancel_unsent(db, 1)), 1);
	ck_assert(is("status = 'cancelled' AND reason_code = 'customer'"));
	ck_assert_int_eq(cancels("parked"), 1);
	ck_assert_int_eq(claim(), 0);
	end();
}
END_TEST

START_TEST(a_till_that_cannot_cancel_is_called)
{
	begin();
	ck_assert_int_eq(cancel_possible(db), 1);
	ck_assert_int_eq(IN_TRANSACTION(cancel_note_possible(db, 0)), 0);
	ck_assert_int_eq(cancel_possible(db), 0);
	arrive();
	ck_assert_int_eq(ask(ANNA), CANCEL_CALL_BRANCH);
	ck_assert(is("cancel_requested_at IS NULL"));
	ck_assert_int_eq(cancels("%"), 0);
	ck_assert_int_eq(IN_TRANSACTION(cancel_note_possible(db, 1)), 0);
	ck_assert_int_eq(cancel_possible(db), 1);
	ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
	end();
}
END_TEST

START_TEST(what_has_ended_stays_as_it_is)
{
	static const enum order_status ends[] = { ORDER_DELIVERED, ORDER_CANCELLED, ORDER_FAILED };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		begin();
		arrive();
		ck_assert_int_eq(move(ends[i], BY_TILL), 1);
		ck_assert_int_eq(ask(ANNA), CANCEL_OVER);
		ck_assert_int_eq(cancels("%"), 0);
		end();
	}
	begin();
	ck_assert_int_eq(ask(BORYS), CANCEL_NO_ORDER);
	ck_assert_int_eq(IN_TRANSACTION(cancel_ask(db, ANNA, 99)), CANCEL_NO_ORDER);
	ck_assert(is("status = 'pending'"));
	end();
}
END_TEST

/* What never left may be on the stove: staff took it up by hand. */
START_TEST(what_staff_took_up_is_called_for)
{
	begin();
	ck_assert_int_eq(move(ORDER_PROCESSING, BY_STAFF), 1);
	ck_assert_int_eq(ask(ANNA), CANCEL_CALL_BRANCH);
	ck_assert(is("status = 'processing'"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE state = 'due'"), 1);
	end();
}
END_TEST

START_TEST(an_end_by_itself_needs_no_cancelling)
{
	static const struct { enum order_status to; enum order_by by; } ends[] = {
		{ ORDER_DELIVERED, BY_TILL }, { ORDER_DELIVERED, BY_STAFF },
		{ ORDER_CANCELLED, BY_TILL }, { ORDER_FAILED, BY_TILL },
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		begin();
		arrive();
		ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
		ck_assert_int_eq(move(ends[i].to, ends[i].by), 1);
		ck_assert_int_eq(cancels("parked"), 1);
		ck_assert_int_eq(claim(), 0);
		end();
	}
}
END_TEST

START_TEST(the_till_hears_what_staff_cancel)
{
	begin();
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_STAFF), 1);
	ck_assert_int_eq(cancels("%"), 0);
	ck_assert_int_eq(claim(), 0);
	end();
	begin();
	arrive();
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_STAFF), 1);
	ck_assert_int_eq(cancels("due"), 1);
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_STAFF), 0);
	ck_assert_int_eq(cancels("%"), 1);
	send();
	ck_assert_int_eq(settle("refused", 0), 1);
	ck_assert(is("status = 'cancelled' AND attention = 'cancel_unanswered'"));
	ck_assert_int_eq(IN_TRANSACTION(cancel_refused(db, 1)), 0);
	ck_assert_int_eq(told("cancel_refused"), 0);
	ck_assert_int_eq(IN_TRANSACTION(cancel_agreed(db, 1)), 0);
	ck_assert(is("attention IS NULL"));
	end();
}
END_TEST

/* Staff cancelled it while nobody knew; then it is found at the till. */
START_TEST(what_is_found_at_the_till_after_all_is_called_back)
{
	for (int possible = 0; possible < 2; possible++) {
		begin();
		ck_assert_int_eq(IN_TRANSACTION(cancel_note_possible(db, possible)), 0);
		send();
		ck_assert_int_eq(settle("uncertain", 0), 1);
		ck_assert_int_eq(move(ORDER_CANCELLED, BY_STAFF), 1);
		ck_assert_int_eq(cancels("%"), possible);
		shop_run("DELETE FROM outbox WHERE kind = 'cancel'");
		for (int twice = 0; twice < 2; twice++)
			ck_assert_int_ge(accepted(ORDER_SENT_TO_POS), 0);
		ck_assert(is("status = 'cancelled' AND pos_order_id = 'T-1'"));
		ck_assert_int_eq(cancels("due"), possible);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM orders WHERE "
		    "attention = 'cancel_unanswered'"), !possible);
		end();
	}
	begin();	/* the till knows it already */
	send();
	ck_assert_int_eq(move(ORDER_CANCELLED, BY_STAFF), 1);
	shop_run("DELETE FROM outbox WHERE kind = 'cancel'");
	ck_assert_int_eq(accepted(ORDER_CANCELLED), 0);
	ck_assert_int_eq(cancels("%"), 0);
	end();
}
END_TEST

START_TEST(a_reopened_order_has_forgotten_the_wish)
{
	begin();
	send();
	ck_assert_int_eq(ask(ANNA), CANCEL_ASKED);
	ck_assert_int_eq(settle("refused", 1), 1);
	ck_assert_int_eq(move(ORDER_FAILED, BY_TILL), 1);
	ck_assert(is("cancel_requested_at IS NOT NULL"));
	ck_assert_int_eq(move(ORDER_PENDING, BY_STAFF), 1);
	ck_assert(is("cancel_requested_at IS NULL"));
	end();
}
END_TEST

int
main(void)
{
	return SUITE("cancel", what_has_not_left_is_cancelled_at_once,
	    a_try_that_left_nothing_is_no_hindrance, what_the_till_may_have_is_the_tills_to_cancel,
	    a_no_of_the_till_is_told_and_kept, what_came_back_unsent_is_cancelled_then,
	    a_till_that_cannot_cancel_is_called, what_has_ended_stays_as_it_is,
	    what_staff_took_up_is_called_for, an_end_by_itself_needs_no_cancelling,
	    the_till_hears_what_staff_cancel, what_is_found_at_the_till_after_all_is_called_back,
	    a_reopened_order_has_forgotten_the_wish);
}
