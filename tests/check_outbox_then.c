/* check_outbox_then.c - the calls that follow an order: in turn, once, and who waits for whom */
#include <string.h>

#include "lib/shop/order.h"
#include "lib/shop/outbox_hand.h"
#include "lib/shop/outbox_then.h"
#include "lib/shop/till_note.h"
#include "tests/seed.h"
#include "tests/suite.h"

enum { LEASE = 60000, MOST = 8 };

static struct db *db;
static struct arena *arena;
static struct outbox_row rows[MOST], order;

static void
owe_then(size_t nth)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_then(db, &order, nth), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static void
owe(const char *kind, const char *key)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_order(db, 1, kind, key), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static int
claim(void)
{
	return outbox_claim(db, arena, "pos", LEASE, rows, MOST);
}

static void
settle(const struct outbox_row *row, const char *state)
{
	struct outbox_end end = { .row = row, .state = state, .mode = "send", .outcome = "x" };

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_settle(db, &end), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

/* An order that the till has taken, with two calls behind it. */
static void
begin(void)
{
	db = seed_begin();
	arena = arena_new(1 << 20);
	seed_order(1, "pickup");
	owe("order", "k1");
	ck_assert_int_eq(claim(), 1);
	order = rows[0];
	settle(&order, "sent");
	owe_then(0);
	owe_then(2);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

START_TEST(goes_one_after_the_other)
{
	begin();
	ck_assert_int_eq(claim(), 1);
	ck_assert_str_eq(rows[0].kind, "then");
	ck_assert_str_eq(rows[0].key, "k1-then-1");
	ck_assert_int_eq(outbox_then_nth(&rows[0]), 0);
	ck_assert_int_eq(claim(), 0);
	settle(&rows[0], "sent");
	ck_assert_int_eq(claim(), 1);
	ck_assert_int_eq(outbox_then_nth(&rows[0]), 2);
	end();
}
END_TEST

START_TEST(is_owed_once)
{
	begin();
	owe_then(0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE kind = 'then'"), 2);
	end();
}
END_TEST

START_TEST(what_an_earlier_sending_owed_is_forgotten)
{
	begin();
	order.key = "k2";
	owe_then(0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE kind = 'then'"
	    " AND state = 'parked'"), 2);
	ck_assert_int_eq(claim(), 1);
	ck_assert_str_eq(rows[0].key, "k2-then-1");
	end();
}
END_TEST

START_TEST(a_refused_one_holds_those_behind_it)
{
	begin();
	ck_assert_int_eq(claim(), 1);
	settle(&rows[0], "refused");
	ck_assert_int_eq(claim(), 0);
	end();
}
END_TEST

START_TEST(a_cancelling_waits_for_the_one_on_the_wire_alone)
{
	begin();
	owe("cancel", "c1");
	ck_assert_int_eq(claim(), 2);	/* the first call and the cancelling were both free */
	ck_assert_str_eq(rows[0].kind, "then");
	ck_assert_str_eq(rows[1].kind, "cancel");
	end();
	begin();
	ck_assert_int_eq(claim(), 1);
	owe("cancel", "c1");
	ck_assert_int_eq(claim(), 0);
	settle(&rows[0], "refused");
	ck_assert_int_eq(claim(), 1);
	ck_assert_str_eq(rows[0].kind, "cancel");
	end();
}
END_TEST

START_TEST(calls_people_until_it_is_made)
{
	begin();
	ck_assert_int_eq(claim(), 1);
	settle(&rows[0], "uncertain");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_then_stopped(db, 1), 0);
	ck_assert_int_eq(outbox_then_done(db, 1), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT attention = 'incomplete' FROM orders WHERE id = 1"), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_hand_found(db, rows[0].id, "P1", DB_NULL), HAND_DONE);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT attention IS NULL FROM orders WHERE id = 1"), 1);
	ck_assert_int_eq(claim(), 1);
	ck_assert_int_eq(outbox_then_nth(&rows[0]), 2);
	end();
}
END_TEST

START_TEST(a_person_can_say_that_it_was_not_made)
{
	int64_t row;

	begin();
	ck_assert_int_eq(claim(), 1);
	row = rows[0].id;
	ck_assert_int_eq(outbox_freeze(db, &rows[0], "x", 1), 1);
	settle(&rows[0], "uncertain");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_hand_absent(db, row, DB_NULL), HAND_DONE);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(claim(), 1);
	ck_assert_int_eq(rows[0].id, row);
	ck_assert_int_eq(rows[0].sent_at, DB_NULL);
	end();
}
END_TEST

START_TEST(one_that_a_person_found_owes_them_all)
{
	begin();
	shop_run("DELETE FROM outbox WHERE kind = 'then'");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_thens(db, order.id), 0);	/* nothing is noted: nothing follows */
	ck_assert_int_eq(till_note_set(db, TILL_THENS, "2"), 0);
	ck_assert_int_eq(outbox_owe_thens(db, order.id), 0);
	ck_assert_int_eq(outbox_owe_thens(db, order.id), 0);
	ck_assert_int_eq(outbox_owe_thens(db, 999), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE kind = 'then'"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE idempotency_key = 'k1-then-2'"), 1);
	end();
}
END_TEST

START_TEST(an_unreadable_payload_names_none)
{
	static const char *const payloads[] = { "{}", "{\"then\":}", "{\"then\":x}",
		"{\"then\":-1}", "{\"then\":100}", "{\"then\":1,", "" };

	for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
		ck_assert_int_eq(outbox_then_nth(&(struct outbox_row){ .payload = payloads[i] }), -1);
}
END_TEST

START_TEST(what_waited_for_staff_is_due)
{
	begin();
	shop_run("UPDATE outbox SET state = 'due', next_ms = 9000000000000 WHERE kind = 'order'");
	ck_assert_int_eq(claim(), 0);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_move(db, &(struct order_news){ .order_id = 1, .to = ORDER_PROCESSING,
		.by = BY_STAFF, .run_id = DB_NULL }), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(claim(), 1);
	ck_assert_str_eq(rows[0].kind, "order");
	end();
}
END_TEST

int
main(void)
{
	return SUITE("outbox_then", goes_one_after_the_other, is_owed_once,
	    what_an_earlier_sending_owed_is_forgotten, a_refused_one_holds_those_behind_it,
	    a_cancelling_waits_for_the_one_on_the_wire_alone, calls_people_until_it_is_made,
	    a_person_can_say_that_it_was_not_made, one_that_a_person_found_owes_them_all, an_unreadable_payload_names_none,
	    what_waited_for_staff_is_due);
}
