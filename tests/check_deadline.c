/* check_deadline.c - nobody waits for ever, and nobody is failed for nothing (G49, C5, C8) */
#include <string.h>

#include "lib/shop/deadline.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;
static struct arena *arena;
static struct settings conf;
static int64_t counts[DEADLINES];

static void
owe(int order, const char *key)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_order(db, order, "order", key), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static void
begin(void)
{
	char fault[CONF_FAULT];

	db = seed_begin();
	arena = arena_new(1 << 20);
	ck_assert_int_eq(settings_load(&conf, NULL, fault), 0);
	seed_order(1, "delivery");
	owe(1, "k1");
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static int64_t
run(enum deadline what)
{
	int64_t sum = 0;

	ck_assert_int_eq(deadline_run(db, &conf, counts), 0);
	for (int i = 0; i < DEADLINES; i++)
		sum += counts[i];
	ck_assert_int_eq(sum, counts[what]);
	return counts[what];
}

static int
is(const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM orders WHERE id = 1 AND %s", condition);
	return shop_int(text) == 1;
}

START_TEST(fails_once_what_was_never_sent)
{
	begin();
	clock_advance(20 * 60 - 1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 0);
	clock_advance(1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	ck_assert(is("status = 'failed' AND reason_code = 'not_sent_in_time' "
	    "AND submission = 'stopped'"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification WHERE template = 'failed'"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM order_move WHERE by = 'clock'"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE state = 'parked'"), 1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification"), 1);
	end();
}
END_TEST

START_TEST(frees_its_portions)
{
	begin();
	seed_item(1, 1, 4);
	shop_run("INSERT INTO reservation (order_id, product_id, branch_id, quantity) "
	    "VALUES (1, 1, 1, 4)");
	shop_run("UPDATE product_branch SET reserved_quantity = 4 WHERE product_id = 1 "
	    "AND branch_id = 1");
	clock_advance(20 * 60);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	ck_assert_int_eq(shop_int("SELECT sum(reserved_quantity) FROM product_branch"), 0);
	end();
}
END_TEST

START_TEST(what_a_sender_just_claimed_is_taken_from_it)
{
	struct outbox_row row;

	begin();
	clock_advance(20 * 60);
	ck_assert_int_eq(outbox_claim(db, arena, "pos", 60000, &row, 1), 1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	ck_assert_int_eq(outbox_freeze(db, &row, "x", 1), 0);
	end();
}
END_TEST

START_TEST(never_fails_what_the_till_may_have)
{
	struct outbox_row row;

	begin();
	ck_assert_int_eq(outbox_claim(db, arena, "pos", 60000, &row, 1), 1);
	ck_assert_int_eq(outbox_freeze(db, &row, "x", 1), 1);
	clock_advance(3 * 60 - 1);
	ck_assert_int_eq(run(UNCERTAIN), 0);
	clock_advance(1);
	ck_assert_int_eq(run(UNCERTAIN), 1);
	ck_assert(is("status = 'pending' AND attention = 'uncertain'"));
	clock_advance(24 * 3600);
	ck_assert_int_eq(run(UNCERTAIN), 0);
	ck_assert(is("status = 'pending'"));
	end();
}
END_TEST

/* 10:00 in UTC is 13:00 in Kyiv. */
START_TEST(fails_15_minutes_after_closing_if_sooner)
{
	static const struct { const char *hours; int minutes; } cases[] = {
		{ "{\"fri\":[[\"10:00\",\"13:03\"]]}", 18 },
		{ "{\"fri\":[[\"10:00\",\"13:30\"]]}", 20 },
		{ "{\"fri\":[[\"14:00\",\"15:00\"]]}", 20 },	/* staff sent it again after hours */
		{ "not json", 20 },
	};
	char text[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		snprintf(text, sizeof text, "UPDATE branch SET operating_hours = '%s'", cases[i].hours);
		shop_run(text);
		clock_advance(cases[i].minutes * 60 - 1);
		ck_assert_msg(run(UNSENT_TOO_LONG) == 0, "%s", cases[i].hours);
		clock_advance(1);
		ck_assert_msg(run(UNSENT_TOO_LONG) == 1, "%s", cases[i].hours);
		end();
	}
}
END_TEST

START_TEST(a_reopened_order_has_its_time_again)
{
	struct order_news again = { .order_id = 1, .to = ORDER_PENDING, .by = BY_STAFF,
		.run_id = DB_NULL };

	begin();
	clock_advance(20 * 60);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_move(db, &again), 1);
	ck_assert_int_eq(outbox_owe_order(db, 1, "order", "k2"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	clock_advance(20 * 60 - 1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 0);
	clock_advance(1);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	end();
}
END_TEST

/* The rest of the table: who calls people, and when. */
START_TEST(calls_people_in_time)
{
	static const struct { const char *state; int seconds; enum deadline what; } cases[] = {
		{ "status = 'sent_to_pos', pos_sent_at = 1779444000", 10 * 60, NOT_ACCEPTED },
		{ "status = 'processing'", 12 * 3600, STUCK },
		{ "status = 'ready_for_pickup'", 12 * 3600, STUCK },
		{ "status = 'out_for_delivery'", 12 * 3600, STUCK },
		{ "status = 'processing', cancel_requested_at = 1779444000", 5 * 60,
		    CANCEL_UNANSWERED },
		{ "status = 'processing', attention = 'total_differs', "
		    "cancel_requested_at = 1779444000", 5 * 60, CANCEL_UNANSWERED },
	};
	char text[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		snprintf(text, sizeof text, "UPDATE orders SET %s", cases[i].state);
		shop_run(text);
		clock_advance(cases[i].seconds - 1);
		ck_assert_msg(run(cases[i].what) == 0, "%s", cases[i].state);
		clock_advance(1);
		ck_assert_msg(run(cases[i].what) == 1, "%s", cases[i].state);
		snprintf(text, sizeof text, "attention = '%s'", deadline_name(cases[i].what));
		ck_assert_msg(is(text), "%s", cases[i].state);
		ck_assert_int_eq(run(cases[i].what), 0);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'order.status'"), 1);
		end();
	}
}
END_TEST

/* A person said that it is not at the till while nothing is being sent. */
START_TEST(cancels_what_was_called_back_and_never_arrived)
{
	begin();
	shop_run("UPDATE orders SET cancel_requested_at = 1779444000");
	shop_run("UPDATE outbox SET sent_at = 1779444000");
	ck_assert_int_eq(run(CALLED_BACK), 0);
	ck_assert(is("status = 'pending'"));
	shop_run("UPDATE outbox SET sent_at = NULL");
	shop_run("UPDATE lane SET paused_why = 'test'");
	ck_assert_int_eq(run(CALLED_BACK), 1);
	ck_assert(is("status = 'cancelled' AND reason_code = 'customer'"));
	ck_assert_int_eq(run(CALLED_BACK), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE state = 'parked'"), 1);
	end();
}
END_TEST

START_TEST(leaves_alone_what_is_over_or_called_already)
{
	static const char *const states[] = {
		"status = 'delivered'", "status = 'cancelled'", "status = 'failed'",
		"status = 'processing', attention = 'total_differs'",
		"status = 'sent_to_pos', pos_sent_at = 1, attention = 'not_accepted'",
	};
	char text[256];

	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		begin();
		snprintf(text, sizeof text, "UPDATE orders SET cancel_requested_at = NULL, %s", states[i]);
		shop_run(text);
		clock_advance(100 * 3600);
		ck_assert_int_eq(run(IN_TIME), 0);
		end();
	}
}
END_TEST

START_TEST(takes_many_in_short_holds)
{
	char key[16];

	begin();
	for (int i = 2; i <= 230; i++) {
		seed_order(i, "pickup");
		snprintf(key, sizeof key, "k%d", i);
		owe(i, key);
	}
	clock_advance(20 * 60);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 230);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM orders WHERE status = 'failed'"), 230);
	end();
}
END_TEST

START_TEST(goes_round_in_steps)
{
	struct deadline_round r = { 0 };
	char key[16];
	int rc, steps = 0;

	begin();
	for (int i = 2; i <= 120; i++) {
		seed_order(i, "pickup");
		snprintf(key, sizeof key, "k%d", i);
		owe(i, key);
	}
	clock_advance(20 * 60);
	memset(counts, 0, sizeof counts);
	while ((rc = deadline_step(db, &conf, &r, counts)) == 1)
		ck_assert_int_lt(steps++, 20);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_ge(steps, 3);
	ck_assert_int_eq(counts[UNSENT_TOO_LONG], 120);
	ck_assert_int_eq(deadline_step(db, &conf, &r, counts), 0);
	end();
}
END_TEST

START_TEST(says_when_it_cannot_write)
{
	struct db *reader;
	char fault[DB_FAULT];

	begin();
	clock_advance(20 * 60);
	reader = db_open(temp_path("shop.db"), DB_READER, 100, fault);
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_lt(deadline_run(reader, &conf, counts), 0);
	db_close(reader);
	ck_assert_int_eq(run(UNSENT_TOO_LONG), 1);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("deadline", fails_once_what_was_never_sent, frees_its_portions,
	    what_a_sender_just_claimed_is_taken_from_it, never_fails_what_the_till_may_have,
	    fails_15_minutes_after_closing_if_sooner, a_reopened_order_has_its_time_again,
	    calls_people_in_time, cancels_what_was_called_back_and_never_arrived,
	    leaves_alone_what_is_over_or_called_already,
	    takes_many_in_short_holds, goes_round_in_steps, says_when_it_cannot_write);
}
