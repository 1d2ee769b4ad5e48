/* check_outbox.c - what we owe the till: nothing lost, nothing doubled (G46, G49, C5, C8) */
#include <string.h>

#include "lib/base/log.h"
#include "lib/shop/client.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "tests/seed.h"
#include "tests/suite.h"

enum { LEASE = 60000, MOST = 8 };

static struct db *db;
static struct arena *arena;
static struct outbox_row rows[MOST];

static void
owe(int order, const char *kind, const char *key)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_order(db, order, kind, key), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static void
begin(void)
{
	db = seed_begin();
	arena = arena_new(1 << 20);
	seed_order(1, "pickup");
	seed_order(2, "pickup");
	owe(1, "order", "k1");
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static int
claim(int most)
{
	return outbox_claim(db, arena, "pos", LEASE, rows, most);
}

static int
freeze(const struct outbox_row *row, const char *bytes)
{
	return outbox_freeze(db, row, bytes, strlen(bytes));
}

static int
settle(struct outbox_end e)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = outbox_settle(db, &e);
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

static int
row_is(const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM outbox WHERE id = 1 AND %s", condition);
	return shop_int(text) == 1;
}

static int
submission_is(const char *word)
{
	char text[256];

	snprintf(text, sizeof text, "SELECT count(*) FROM orders WHERE id = 1 AND submission = '%s'",
	    word);
	return shop_int(text) == 1;
}

START_TEST(goes_from_due_to_sent)
{
	begin();
	ck_assert(submission_is("queued"));
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_str_eq(rows[0].kind, "order");
	ck_assert_str_eq(rows[0].key, "k1");
	ck_assert_str_eq(rows[0].mode, "send");
	ck_assert_str_eq(rows[0].payload, "{}");
	ck_assert_int_eq(rows[0].order_id, 1);
	ck_assert(rows[0].user_id == DB_NULL && rows[0].sent_at == DB_NULL);
	ck_assert_ptr_null(rows[0].request);
	ck_assert(submission_is("sending"));
	ck_assert(row_is("state = 'claimed' AND sent_at IS NULL"));
	ck_assert_int_eq(claim(MOST), 0);
	ck_assert_int_eq(freeze(&rows[0], "POST /x"), 1);
	ck_assert(row_is("sent_at = 1779444000 AND request = x'504F5354202F78'"));
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "sent", .counts = 1,
	    .outcome = "done" }), 1);
	ck_assert(row_is("state = 'sent' AND lease_ms IS NULL AND attempts = 1"));
	ck_assert(submission_is("sent"));
	clock_advance(3600);
	ck_assert_int_eq(claim(MOST), 0);
	end();
}
END_TEST

START_TEST(knows_which_request_owed_it)
{
	begin();
	log_request("browser-7");
	owe(2, "order", "k2");
	log_request(NULL);
	ck_assert_int_eq(claim(MOST), 2);
	ck_assert_ptr_null(rows[0].request_id);
	ck_assert_str_eq(rows[1].request_id, "browser-7");
	end();
}
END_TEST

START_TEST(a_look_takes_nothing)
{
	begin();
	owe(2, "order", "k2");
	ck_assert_int_eq(outbox_peek(db, arena, "pos", rows, MOST), 2);
	ck_assert_str_eq(rows[1].key, "k2");
	ck_assert_int_eq(outbox_peek(db, arena, "mail", rows, MOST), 0);
	ck_assert_int_eq(claim(MOST), 2);
	ck_assert_int_eq(outbox_peek(db, arena, "pos", rows, MOST), 0);
	end();
}
END_TEST

START_TEST(what_its_sender_lost_comes_back_as_it_was_left)
{
	begin();
	ck_assert_int_eq(claim(MOST), 1);
	clock_advance(LEASE / 1000);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert(rows[0].sent_at == DB_NULL);
	ck_assert(submission_is("sending"));
	ck_assert_int_eq(freeze(&rows[0], "first"), 1);
	clock_advance(LEASE / 1000);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(rows[0].sent_at, SEED_NOW + LEASE / 1000);
	ck_assert_uint_eq(rows[0].request_len, 5);
	ck_assert_mem_eq(rows[0].request, "first", 5);
	ck_assert(submission_is("checking"));
	ck_assert_int_eq(freeze(&rows[0], "other"), 1);
	ck_assert(row_is("request = x'6669727374'"));
	end();
}
END_TEST

START_TEST(an_outlived_sender_changes_nothing_but_brings_good_news)
{
	struct outbox_row old, new;

	begin();
	ck_assert_int_eq(claim(MOST), 1);
	old = rows[0];
	clock_advance(LEASE / 1000);
	ck_assert_int_eq(claim(MOST), 1);
	new = rows[0];
	ck_assert_int_eq(freeze(&old, "x"), 0);
	ck_assert(row_is("sent_at IS NULL AND request IS NULL"));
	ck_assert_int_eq(settle((struct outbox_end){ .row = &old, .state = "due",
	    .outcome = "unsent" }), 0);
	ck_assert(row_is("state = 'claimed'"));
	ck_assert_int_eq(settle((struct outbox_end){ .row = &old, .state = "sent",
	    .outcome = "done" }), 1);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &new, .state = "sent",
	    .outcome = "done" }), 0);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &new, .state = "due",
	    .outcome = "unknown" }), 0);
	ck_assert(row_is("state = 'sent'"));
	end();
}
END_TEST

/* sent_at is empty exactly while the till surely has nothing. */
START_TEST(knows_whether_the_till_may_have_it)
{
	static const struct { const char *outcome; int no_effect, surely_absent; } tries[] = {
		{ "unsent", 1, 0 }, { "limited", 1, 0 }, { "unknown", 0, 0 }, { "unsent", 1, 0 },
		{ "done", 0, 1 }, { "unsent", 1, 0 },
	};
	static const char *const expected[] = {
		"sent_at IS NULL", "sent_at IS NULL", "sent_at IS NOT NULL", "sent_at IS NOT NULL",
		"sent_at IS NULL", "sent_at IS NULL",
	};

	begin();
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		ck_assert_int_eq(claim(MOST), 1);
		ck_assert_int_eq(freeze(&rows[0], "x"), 1);
		ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "due",
		    .next_ms = clock_ms(), .outcome = tries[i].outcome, .counts = i == 2,
		    .no_effect = tries[i].no_effect, .surely_absent = tries[i].surely_absent,
		    .found_nothing = tries[i].surely_absent }), 1);
		ck_assert_msg(row_is(expected[i]), "try %zu", i);
		ck_assert(submission_is(strstr(expected[i], "NOT") ? "checking" : "queued"));
	}
	/* the look before the last try says nothing about that one */
	ck_assert(row_is("attempts = 1 AND finds = 0 AND last_outcome = 'unsent'"));
	end();
}
END_TEST

START_TEST(waits_until_it_is_due)
{
	begin();
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "due",
	    .mode = "find", .next_ms = clock_ms() + 5000, .outcome = "unknown" }), 1);
	clock_advance(4);
	ck_assert_int_eq(claim(MOST), 0);
	clock_advance(1);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_str_eq(rows[0].mode, "find");
	end();
}
END_TEST

START_TEST(an_orders_rows_go_in_order)
{
	begin();
	owe(1, "cancel", "k2");
	owe(2, "order", "k3");
	ck_assert_int_eq(claim(MOST), 2);
	ck_assert_int_eq(rows[0].order_id, 1);
	ck_assert_str_eq(rows[0].kind, "order");
	ck_assert_int_eq(rows[1].order_id, 2);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "uncertain",
	    .outcome = "unknown" }), 1);
	ck_assert_int_eq(claim(MOST), 0);
	shop_run("UPDATE outbox SET state = 'sent' WHERE id = 1");
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_str_eq(rows[0].kind, "cancel");
	ck_assert(submission_is("stopped"));
	end();
}
END_TEST

START_TEST(a_stop_calls_people)
{
	begin();
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "uncertain",
	    .outcome = "unknown", .error = "no answer" }), 1);
	ck_assert(submission_is("stopped"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM orders WHERE attention = 'uncertain'"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'outbox' "
	    "AND branch_id = 1 AND user_id IS NULL"), 1);
	ck_assert(row_is("last_error = 'no answer'"));
	end();
}
END_TEST

START_TEST(bounds_what_a_till_says)
{
	char error[2000];

	memset(error, 'e', sizeof error - 1);
	error[sizeof error - 1] = '\0';
	begin();
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "refused",
	    .outcome = "refused", .error = error }), 1);
	ck_assert(row_is("length(last_error) = 300"));
	end();
}
END_TEST

static int
shut(void)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = outbox_close(db, 1, "expired");
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return rc;
}

START_TEST(closes_only_what_the_till_surely_has_not)
{
	begin();
	owe(1, "cancel", "k2");
	ck_assert_int_eq(claim(1), 1);
	ck_assert_int_eq(shut(), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE state = 'parked' "
	    "AND last_outcome = 'expired'"), 2);
	ck_assert_int_eq(freeze(&rows[0], "x"), 0);
	ck_assert_int_eq(claim(MOST), 0);
	end();

	begin();
	ck_assert_int_eq(claim(1), 1);
	ck_assert_int_eq(freeze(&rows[0], "x"), 1);
	ck_assert_int_eq(shut(), 0);
	ck_assert(row_is("state = 'claimed'"));
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "sent",
	    .outcome = "done" }), 1);
	ck_assert_int_eq(shut(), 0);
	end();
}
END_TEST

static void
lane(int failed, int times)
{
	for (int i = 0; i < times; i++) {
		ck_assert_int_eq(db_begin(db), DB_OK);
		ck_assert_int_eq(failed ? lane_failed(db, "pos", 1, 30) : lane_ok(db, "pos"), 0);
		ck_assert_int_eq(db_end(db, 1), DB_OK);
	}
}

START_TEST(the_breaker_opens_and_feels_with_one)
{
	begin();
	owe(2, "order", "k2");
	lane(1, LANE_TRIP - 1);
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	lane(1, 1);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	ck_assert_int_eq(claim(MOST), 0);
	clock_advance(1);
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE state = 'due'"), 1);
	ck_assert_int_eq(claim(MOST), 0);	/* that one tells, and one at a time */
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "due",
	    .next_ms = clock_ms() + 60000, .no_effect = 1, .outcome = "unsent" }), 1);
	lane(1, 40);
	ck_assert_int_eq(shop_int("SELECT open_until FROM lane WHERE name = 'pos'"),
	    clock_now() + 30);
	lane(0, 1);
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	ck_assert_int_eq(claim(MOST), 1);
	end();
}
END_TEST

START_TEST(a_clock_set_back_keeps_no_lane_shut)
{
	begin();
	clock_advance(2 * 3600);
	lane(1, LANE_TRIP);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	clock_advance(-2 * 3600);
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	ck_assert_int_eq(claim(MOST), 1);
	end();
}
END_TEST

START_TEST(a_lane_is_held_as_long_as_the_till_asks)
{
	begin();
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(lane_hold(db, "pos", 100), 0);
	ck_assert_int_eq(lane_hold(db, "pos", 10), 0);	/* the longer one counts */
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	lane(1, 1);
	lane(0, 1);			/* what was under way is answered well */
	clock_advance(99);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	ck_assert_int_eq(claim(MOST), 0);
	clock_advance(1);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(lane_hold(db, "pos", 86400), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT open_until FROM lane WHERE name = 'pos'"),
	    clock_now() + 3600);
	clock_advance(-7200);		/* a hold of another clock gives way to a new one */
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(lane_hold(db, "pos", 10), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	end();
}
END_TEST

START_TEST(a_clock_set_back_delays_no_retry_for_ever)
{
	begin();
	owe(2, "order", "k2");
	clock_advance(-10 * 86400);	/* both were owed in ten days from now */
	ck_assert_int_eq(claim(MOST), 0);
	ck_assert_int_eq(outbox_wake_stranded(db, "mail", 60000), 0);
	ck_assert_int_eq(outbox_wake_stranded(db, "pos", 60000), 2);
	ck_assert_int_eq(claim(MOST), 2);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[0], .state = "due",
	    .next_ms = clock_ms() + 60000, .no_effect = 1, .outcome = "unsent" }), 1);
	ck_assert_int_eq(outbox_wake_stranded(db, "pos", 60000), 0);
	end();
}
END_TEST

START_TEST(a_paused_lane_waits_for_a_person)
{
	int64_t before;

	begin();
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(lane_pause(db, "pos", "401 from the till"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	clock_advance(86400);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	ck_assert_int_eq(lane_paused(db, "mail"), 0);
	ck_assert_int_eq(claim(MOST), 0);
	lane(0, 1);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(lane_resume(db, "pos"), 1);
	before = db_total_changes(db);
	ck_assert_int_eq(lane_resume(db, "pos"), 0);
	ck_assert_int_eq(lane_ok(db, "pos"), 0);
	ck_assert_int_eq(db_total_changes(db), before);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(claim(MOST), 1);
	ck_assert_int_eq(lane_paused(db, "none"), DB_ERROR);
	end();
}
END_TEST

START_TEST(backs_off_with_jitter_up_to_the_cap)
{
	static const struct { int64_t attempts, most_ms; } cases[] = {
		{ 0, 1000 }, { 1, 2000 }, { 5, 32000 }, { 6, 60000 }, { 7, 60000 },
		{ 1000000, 60000 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(outbox_backoff_ms(cases[i].attempts, 1, 60, 0), cases[i].most_ms / 2);
		for (uint32_t r = 1; r < UINT32_MAX - 77777777; r += 77777777) {
			int64_t ms = outbox_backoff_ms(cases[i].attempts, 1, 60, r);

			ck_assert(ms >= cases[i].most_ms / 2 && ms <= cases[i].most_ms);
		}
	}
	ck_assert_int_eq(outbox_backoff_ms(20, 3600, 3600, 0), 1800000);
}
END_TEST

START_TEST(owes_a_client_too)
{
	begin();
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(client_owe(db, 2), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(claim(MOST), 1);	/* in a lane of its own: no order waits behind it */
	ck_assert_int_eq(outbox_claim(db, arena, CLIENT_LANE, LEASE, &rows[1], 1), 1);
	ck_assert_str_eq(rows[1].kind, "client");
	ck_assert(rows[1].user_id == 2 && rows[1].order_id == DB_NULL);
	ck_assert_int_eq(settle((struct outbox_end){ .row = &rows[1], .state = "refused",
	    .outcome = "refused" }), 1);
	ck_assert(submission_is("sending"));
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'outbox' "
	    "AND branch_id IS NULL"), 1);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("outbox", goes_from_due_to_sent, knows_which_request_owed_it, a_look_takes_nothing,
	    what_its_sender_lost_comes_back_as_it_was_left,
	    an_outlived_sender_changes_nothing_but_brings_good_news,
	    knows_whether_the_till_may_have_it, waits_until_it_is_due, an_orders_rows_go_in_order,
	    a_stop_calls_people, bounds_what_a_till_says,
	    closes_only_what_the_till_surely_has_not, the_breaker_opens_and_feels_with_one,
	    a_clock_set_back_keeps_no_lane_shut, a_lane_is_held_as_long_as_the_till_asks,
	    a_clock_set_back_delays_no_retry_for_ever, a_paused_lane_waits_for_a_person,
	    backs_off_with_jitter_up_to_the_cap,
	    owes_a_client_too);
}
