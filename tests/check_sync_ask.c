/* check_sync_ask.c - "sync now" is asked once and taken once (G61) */
#include "lib/shop/sync_ask.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;
static int64_t id;

static int
ask(enum sync_feed feed, int full)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = sync_ask(db, feed, full, 1, &id);
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

START_TEST(who_asks_twice_has_asked_once)
{
	db = seed_begin();
	ck_assert_int_eq(ask(SYNC_PRODUCTS, 0), 1);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(ask(SYNC_PRODUCTS, 0), 0);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(ask(SYNC_BRANCHES, 0), 1);
	ck_assert_int_eq(ask(SYNC_PRODUCTS, 1), 1);
	ck_assert_int_eq(ask(SYNC_PRODUCTS, 0), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_request"), 3);
	shop_end();
}
END_TEST

START_TEST(what_waits_is_taken_at_once_and_only_once)
{
	int feeds[SYNC_FEED_COUNT];
	int64_t before;

	db = seed_begin();
	before = db_total_changes(db);
	ck_assert_int_eq(sync_take(db, feeds), 0);
	ck_assert_int_eq(db_total_changes(db), before);
	ask(SYNC_STOCK, 0);
	ask(SYNC_PRODUCTS, 0);
	ask(SYNC_PRODUCTS, 1);
	ask(SYNC_ORDERS, 0);
	ck_assert_int_eq(sync_take(db, feeds), 1);
	ck_assert(feeds[SYNC_STOCK] == 1 && feeds[SYNC_PRODUCTS] == 2 && feeds[SYNC_ORDERS] == 1);
	ck_assert(feeds[SYNC_ALL] == 0 && feeds[SYNC_BRANCHES] == 0);
	ck_assert_int_eq(sync_take(db, feeds), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_request WHERE taken_at = 1779444000"), 4);
	ck_assert_int_eq(ask(SYNC_PRODUCTS, 0), 1);	/* what came later is asked anew */
	shop_end();
}
END_TEST

START_TEST(a_run_serves_who_asked_for_no_more)
{
	int feeds[SYNC_FEED_COUNT];

	db = seed_begin();
	ck_assert_int_eq(sync_take_feed(db, SYNC_PRODUCTS, 1), 0);
	ask(SYNC_PRODUCTS, 0);
	ask(SYNC_PRODUCTS, 1);
	ask(SYNC_BRANCHES, 0);
	ck_assert_int_eq(sync_take_feed(db, SYNC_PRODUCTS, 0), 1);
	ck_assert_int_eq(sync_take_feed(db, SYNC_PRODUCTS, 0), 0);
	ck_assert_int_eq(sync_take(db, feeds), 1);
	ck_assert(feeds[SYNC_PRODUCTS] == 2 && feeds[SYNC_BRANCHES] == 1);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("sync_ask", who_asks_twice_has_asked_once,
	    what_waits_is_taken_at_once_and_only_once, a_run_serves_who_asked_for_no_more);
}
