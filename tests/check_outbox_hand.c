/* check_outbox_hand.c - what a person says about a row that hangs (C8, C23) */
#include <string.h>

#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/outbox_hand.h"
#include "tests/seed.h"
#include "tests/suite.h"

enum { LEASE = 60000 };
enum said { RETRY, FOUND, ABSENT };

static struct db *db;

/* Order 1 and its row, as the assignments say. */
static void
begin(const char *row, const char *order)
{
	char text[512];

	db = seed_begin();
	seed_order(1, "pickup");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_owe_order(db, 1, "order", "k1"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	if (*row != '\0') {
		snprintf(text, sizeof text, "UPDATE outbox SET %s", row);
		shop_run(text);
	}
	if (*order != '\0') {
		snprintf(text, sizeof text, "UPDATE orders SET %s", order);
		shop_run(text);
	}
}

static int
say(enum said what)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = what == RETRY ? outbox_hand_retry(db, 1, 2)
	    : what == FOUND ? outbox_hand_found(db, 1, "T-9", 2) : outbox_hand_absent(db, 1, 2);
	ck_assert_int_eq(db_end(db, rc == HAND_DONE), DB_OK);
	return rc;
}

static int
is(const char *table, const char *condition)
{
	char text[512];

	snprintf(text, sizeof text, "SELECT count(*) FROM %s WHERE id = 1 AND (%s)", table, condition);
	return shop_int(text) == 1;
}

#define UNCERTAIN "state = 'uncertain', sent_at = 1, request = x'41', attempts = 9, finds = 1"
#define ON_THE_WIRE "state = 'claimed', sent_at = 1, lease_ms = 1779444060000"
#define CLAIMED "state = 'claimed', lease_ms = 1779444060000"
#define LOST "state = 'claimed', sent_at = 1, lease_ms = 1779443940000"

static const struct {
	const char *row, *order;
	enum said said;
	int wanted;
	const char *then, *order_then;	/* NULL = all as it was */
} cases[] = {
	/* it tries again, at once and by the rules */
	{ UNCERTAIN, "attention = 'uncertain', submission = 'stopped'", RETRY, HAND_DONE,
	    "state = 'due' AND mode = 'find' AND sent_at = 1 AND request = x'41' AND attempts = 0 "
	    "AND finds = 0 AND next_ms = 1779444000000",
	    "submission = 'checking' AND attention IS NULL" },
	{ "state = 'uncertain'", "submission = 'stopped'", RETRY, HAND_DONE,
	    "state = 'due' AND mode = 'send' AND sent_at IS NULL", "submission = 'queued'" },
	{ "next_ms = 1779444060000, attempts = 4", "", RETRY, HAND_DONE,
	    "next_ms = 1779444000000 AND attempts = 4", NULL },
	{ "", "", RETRY, HAND_IS_SO, NULL, NULL },
	{ CLAIMED, "", RETRY, HAND_BUSY, NULL, NULL },
	{ LOST, "", RETRY, HAND_IS_SO, NULL, NULL },
	{ "state = 'refused'", "status = 'failed'", RETRY, HAND_OVER, NULL, NULL },
	{ "state = 'refused', kind = 'cancel'", "", RETRY, HAND_DONE, "state = 'due'", NULL },
	{ "state = 'sent', sent_at = 1", "", RETRY, HAND_OVER, NULL, NULL },
	{ "state = 'parked'", "", RETRY, HAND_OVER, NULL, NULL },
	/* it is there */
	{ UNCERTAIN, "attention = 'uncertain', submission = 'stopped'", FOUND, HAND_DONE,
	    "state = 'sent' AND sent_at = 1 AND last_outcome = 'by_hand'",
	    "status = 'sent_to_pos' AND pos_order_id = 'T-9' AND submission = 'sent' AND "
	    "attention IS NULL AND moved_by_hand = 1 AND poll_at IS NOT NULL" },
	{ "state = 'due', sent_at = 1, mode = 'find'", "", FOUND, HAND_DONE,
	    "state = 'sent'", "status = 'sent_to_pos'" },
	{ CLAIMED, "", FOUND, HAND_DONE, "state = 'sent' AND lease_ms IS NULL",
	    "status = 'sent_to_pos'" },
	{ ON_THE_WIRE, "", FOUND, HAND_BUSY, NULL, NULL },
	{ LOST, "", FOUND, HAND_DONE, "state = 'sent'", "status = 'sent_to_pos'" },
	{ "state = 'refused'", "status = 'failed'", FOUND, HAND_DONE, "state = 'sent'",
	    "status = 'sent_to_pos' AND pos_order_id = 'T-9'" },
	{ UNCERTAIN, "status = 'processing'", FOUND, HAND_DONE, "state = 'sent'",
	    "status = 'processing' AND pos_order_id = 'T-9'" },
	{ UNCERTAIN, "status = 'cancelled'", FOUND, HAND_DONE, "state = 'sent'",
	    "status = 'cancelled' AND pos_order_id = 'T-9'" },
	{ "", "status = 'cancelled'", FOUND, HAND_OVER, NULL, NULL },
	{ "state = 'sent', sent_at = 1", "status = 'cancelled'", FOUND, HAND_OVER, NULL, NULL },
	{ UNCERTAIN, "status = 'delivered'", FOUND, HAND_OVER, NULL, NULL },
	{ "state = 'sent', last_outcome = 'done'", "status = 'sent_to_pos', pos_order_id = 'T-9'",
	    FOUND, HAND_IS_SO, NULL, NULL },
	{ "state = 'sent', last_outcome = 'done'", "status = 'sent_to_pos', pos_order_id = 'T-1'",
	    FOUND, HAND_AT_TILL, NULL, NULL },
	{ "state = 'sent', last_outcome = 'by_hand'", "status = 'sent_to_pos', pos_order_id = 'T-1'",
	    FOUND, HAND_DONE, "state = 'sent'", "pos_order_id = 'T-9'" },
	{ "kind = 'cancel', state = 'uncertain'", "", FOUND, HAND_OVER, NULL, NULL },
	/* it is not there: the same bytes again */
	{ UNCERTAIN, "attention = 'uncertain', submission = 'stopped'", ABSENT, HAND_DONE,
	    "state = 'due' AND mode = 'send' AND sent_at IS NULL AND request = x'41' "
	    "AND idempotency_key = 'k1' AND created_at = 1779444000",
	    "submission = 'queued' AND attention IS NULL AND status = 'pending'" },
	{ LOST, "", ABSENT, HAND_DONE, "state = 'due' AND sent_at IS NULL", NULL },
	{ ON_THE_WIRE, "", ABSENT, HAND_BUSY, NULL, NULL },
	{ "", "", ABSENT, HAND_IS_SO, NULL, NULL },
	{ CLAIMED, "", ABSENT, HAND_IS_SO, NULL, NULL },
	{ "state = 'sent', sent_at = 1", "", ABSENT, HAND_AT_TILL, NULL, NULL },
	{ "state = 'refused'", "", ABSENT, HAND_OVER, NULL, NULL },
	{ "state = 'parked', sent_at = 1", "", ABSENT, HAND_OVER, NULL, NULL },
	{ "kind = 'cancel', sent_at = 1", "", ABSENT, HAND_OVER, NULL, NULL },
};

static void
try_case(size_t i)
{
	static const char *const actions[] = { "outbox.retry", "outbox.found", "outbox.absent" };
	int wanted = cases[i].wanted, got;
	char text[256];
	int64_t before;

	begin(cases[i].row, cases[i].order);
	before = db_total_changes(db);
	got = say(cases[i].said);
	ck_assert_msg(got == wanted, "case %zu: %d", i, got);
	ck_assert_msg(wanted == HAND_DONE || db_total_changes(db) == before, "case %zu", i);
	ck_assert_msg(cases[i].then == NULL || is("outbox", cases[i].then), "case %zu", i);
	ck_assert_msg(cases[i].order_then == NULL || is("orders", cases[i].order_then),
	    "case %zu", i);
	snprintf(text, sizeof text, "SELECT count(*) FROM audit WHERE user_id = 2 AND "
	    "object = 'outbox 1' AND action = '%s' AND json_extract(detail, '$.order_id') = 1",
	    actions[cases[i].said]);
	ck_assert_msg(shop_int(text) == (wanted == HAND_DONE), "case %zu", i);
	shop_end();
}

START_TEST(says_what_no_rule_can_find_out)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		try_case(i);
}
END_TEST

START_TEST(said_twice_is_said_once)
{
	for (int s = RETRY; s <= ABSENT; s++) {
		begin(UNCERTAIN, "");
		ck_assert_int_eq(say((enum said)s), HAND_DONE);
		ck_assert_int_eq(say((enum said)s), HAND_IS_SO);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM audit"), 1);
		shop_end();
	}
}
END_TEST

/* The bytes are frozen only for whoever has the row still. */
START_TEST(a_sender_that_was_overtaken_sends_nothing)
{
	struct arena *a = arena_new(1 << 20);
	struct outbox_row row;

	begin("", "");
	ck_assert_int_eq(outbox_claim(db, a, "pos", LEASE, &row, 1), 1);
	ck_assert_int_eq(say(FOUND), HAND_DONE);
	ck_assert_int_eq(outbox_freeze(db, &row, "POST /x", 7), 0);
	ck_assert(is("outbox", "state = 'sent' AND request IS NULL"));
	arena_free(a);
	shop_end();
}
END_TEST

START_TEST(what_is_not_there_is_not_there)
{
	begin("", "");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_hand_retry(db, 9, 2), HAND_NONE);
	ck_assert_int_eq(outbox_hand_found(db, 9, "T", 2), HAND_NONE);
	ck_assert_int_eq(outbox_hand_absent(db, 9, 2), HAND_NONE);
	ck_assert_int_eq(db_end(db, 0), DB_OK);
	shop_end();
}
END_TEST

START_TEST(a_lane_is_resumed_once)
{
	begin("", "");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(outbox_hand_resume(db, "pos", DB_NULL), HAND_IS_SO);
	ck_assert_int_eq(lane_pause(db, "pos", "401"), 0);
	ck_assert_int_eq(outbox_hand_resume(db, "pos", DB_NULL), HAND_DONE);
	for (int i = 0; i < LANE_TRIP; i++)
		ck_assert_int_eq(lane_failed(db, "pos", 30, 60), 0);
	ck_assert_int_eq(lane_paused(db, "pos"), 1);
	ck_assert_int_eq(outbox_hand_resume(db, "pos", DB_NULL), HAND_DONE);
	ck_assert_int_eq(lane_paused(db, "pos"), 0);
	ck_assert_int_eq(outbox_hand_resume(db, "nothing", DB_NULL), HAND_IS_SO);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM audit WHERE action = 'lane.resume' "
	    "AND object = 'lane pos' AND user_id IS NULL"), 2);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("outbox_hand", says_what_no_rule_can_find_out, said_twice_is_said_once,
	    a_sender_that_was_overtaken_sends_nothing, what_is_not_there_is_not_there,
	    a_lane_is_resumed_once);
}
