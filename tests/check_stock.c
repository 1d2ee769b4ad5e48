/* check_stock.c - nobody buys what is not there (G38, C17) */
#include <string.h>

#include "lib/shop/stock.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;

static int
reserve(int64_t order, int64_t product, int64_t quantity)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = stock_reserve(db, order, product, 1, quantity);
	ck_assert_int_eq(db_end(db, rc == 1), DB_OK);
	return rc;
}

static int64_t
reserved(void)
{
	return shop_int("SELECT reserved_quantity FROM product_branch WHERE product_id = 1 "
	    "AND branch_id = 1");
}

static void
begin(void)
{
	db = seed_begin();
	seed_order(1, "pickup");
	seed_order(2, "pickup");
}

START_TEST(reserves_until_nothing_is_left)
{
	begin();
	ck_assert_int_eq(reserve(1, 1, 7), 1);
	ck_assert_int_eq(reserve(2, 1, 4), 0);
	ck_assert_int_eq(reserve(2, 1, 3), 1);
	ck_assert_int_eq(reserve(2, 1, 1), 0);
	ck_assert_int_eq(reserved(), 10);
	ck_assert_int_eq(shop_int("SELECT best_stock FROM product WHERE id = 1"), 10);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM reservation"), 2);
	shop_end();
}
END_TEST

START_TEST(refuses_what_is_not_for_sale)
{
	static const struct { const char *change; int expected; } cases[] = {
		{ "UPDATE product_branch SET stock_quantity = NULL", 1 },
		{ "UPDATE product_branch SET stock_quantity = 0", 0 },
		{ "UPDATE product_branch SET is_active = 0", 0 },
		{ "UPDATE product_branch SET stopped_until = 1779444001", 0 },
		{ "UPDATE product_branch SET stopped_until = 1779444000", 1 },
		{ "UPDATE product_branch SET branch_id = 3 - branch_id WHERE product_id = 2", 1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		shop_run(cases[i].change);
		ck_assert_msg(reserve(1, 1, 1) == cases[i].expected, "%s", cases[i].change);
		shop_end();
	}
	begin();
	ck_assert_int_eq(reserve(1, 99, 1), 0);
	shop_end();
}
END_TEST

START_TEST(gives_back_what_an_order_held)
{
	begin();
	ck_assert_int_eq(reserve(1, 1, 7), 1);
	ck_assert_int_eq(reserve(1, 3, 2), 1);
	ck_assert_int_eq(reserve(2, 1, 1), 1);
	for (int twice = 0; twice < 2; twice++) {
		ck_assert_int_eq(db_begin(db), DB_OK);
		ck_assert_int_eq(stock_release(db, 1), 0);
		ck_assert_int_eq(db_end(db, 1), DB_OK);
		ck_assert_int_eq(reserved(), 1);
		ck_assert_int_eq(shop_int("SELECT sum(reserved_quantity) FROM product_branch"), 1);
	}
	shop_end();
}
END_TEST

static int
settle(int64_t product, int64_t run, int most)
{
	int n;

	ck_assert_int_eq(db_begin(db), DB_OK);
	n = stock_settle(db, 1, product, run, most);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return n;
}

static void
taken(int64_t order, int64_t run)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_taken(db, order, run), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

START_TEST(ends_only_with_a_snapshot_that_began_later)
{
	begin();
	ck_assert_int_eq(reserve(1, 1, 7), 1);
	ck_assert_int_eq(reserve(2, 1, 1), 1);
	ck_assert_int_eq(settle(DB_NULL, 100, 10), 0);
	taken(1, 5);
	taken(1, 9);	/* seen again later: the first time counts */
	ck_assert_int_eq(settle(DB_NULL, 5, 10), 0);
	ck_assert_int_eq(settle(2, 6, 10), 0);
	ck_assert_int_eq(settle(1, 6, 10), 1);
	ck_assert_int_eq(reserved(), 1);
	ck_assert_int_eq(settle(DB_NULL, 100, 10), 0);
	shop_end();
}
END_TEST

START_TEST(without_a_run_all_that_have_begun_are_too_early)
{
	begin();
	ck_assert_int_eq(reserve(1, 1, 7), 1);
	shop_run("INSERT INTO sync_run (id, feed, is_full, started_ms) VALUES (41, 'stock', 1, 0)");
	taken(1, DB_NULL);
	ck_assert_int_eq(settle(DB_NULL, 41, 10), 0);
	ck_assert_int_eq(settle(DB_NULL, 42, 10), 1);
	shop_end();
}
END_TEST

START_TEST(settles_at_most_as_many_as_asked)
{
	begin();
	shop_run("UPDATE product_branch SET stock_quantity = 1000 WHERE product_id = 1");
	for (int i = 0; i < 150; i++)
		ck_assert_int_eq(reserve(1, 1, 1), 1);
	taken(1, 1);
	ck_assert_int_eq(settle(DB_NULL, 2, 100), 100);
	ck_assert_int_eq(reserved(), 50);
	ck_assert_int_eq(settle(DB_NULL, 2, 100), 50);
	ck_assert_int_eq(settle(DB_NULL, 2, 100), 0);
	ck_assert_int_eq(reserved(), 0);
	shop_end();
}
END_TEST

START_TEST(holds_again_all_or_nothing)
{
	begin();
	seed_item(1, 1, 4);
	seed_item(1, 2, 5);
	ck_assert_int_eq(reserve(2, 2, 1), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve_again(db, 1, 0), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(reserved(), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM reservation"), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(stock_reserve_again(db, 1, 1), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(reserved(), 4);
	ck_assert_int_eq(shop_int("SELECT reserved_quantity FROM product_branch "
	    "WHERE product_id = 2"), 6);
	ck_assert_int_eq(reserve(2, 2, 1), 0);
	shop_end();
}
END_TEST

/*
 * The property: whatever the interleaving of orders, the till's taking them,
 * sales over its counter, cancellations and snapshots that are read long
 * before they are written, we never offer more than the till has beyond what
 * is promised; save for counter sales that no snapshot could tell yet.
 */
enum { ORDERS = 40, STEPS = 20000, PER_TRANSACTION = 100 };

static struct {
	int stock;		/* the till's shelf */
	int sold_since[2];	/* over the counter since the snapshot written, and since that read */
	int state[ORDERS];	/* 0 free, 1 placed, 2 taken by the till */
	int quantity[ORDERS];
	int64_t id[ORDERS], last_id;
	int snapshot, reading;	/* a snapshot read, not written */
	int64_t run, snapshot_run;
} till;

static uint32_t
chance(uint32_t n)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 33) % n;
}

enum { S_ORDER, S_STOCK, S_LEFT, S_HELD };
static struct stmt sql[] = {
	[S_ORDER] = { .sql = "INSERT INTO orders (id, ref, day, number, user_id, branch_id, "
	    "order_type, subtotal, delivery_fee, total_amount, contact_name, contact_phone, "
	    "branch_name, branch_address, created_at, updated_at) VALUES "
	    "(?1, ?1, 0, ?1, 1, 1, 'pickup', 0, 0, 0, '', '', '', '', 0, 0)" },
	[S_STOCK] = { .sql = "UPDATE product_branch SET stock_quantity = ?1 WHERE product_id = 1 "
	    "AND branch_id = 1" },
	[S_LEFT] = { .sql = "SELECT stock_quantity - reserved_quantity, reserved_quantity "
	    "FROM product_branch WHERE product_id = 1 AND branch_id = 1" },
	[S_HELD] = { .sql = "SELECT coalesce(sum(quantity), 0) FROM reservation" },
};

static void
one_order(int n)
{
	int rc;

	switch (till.state[n]) {
	case 0:
		till.quantity[n] = 1 + (int)chance(5);
		till.id[n] = ++till.last_id;
		ck_assert_int_eq(db_run(db, &sql[S_ORDER], "i", till.id[n]), 0);
		rc = stock_reserve(db, till.id[n], 1, 1, till.quantity[n]);
		ck_assert_int_ge(rc, 0);
		till.state[n] = rc;
		break;
	case 1:
		if (chance(3) == 0) {
			ck_assert_int_eq(stock_release(db, till.id[n]), 0);
			till.state[n] = 0;
		} else if (till.stock >= till.quantity[n]) {
			till.stock -= till.quantity[n];
			till.state[n] = 2;
		}
		break;
	default:	/* seen by a run; then delivered, or cancelled and put back */
		ck_assert_int_eq(stock_taken(db, till.id[n], ++till.run), 0);
		if (chance(4) == 0) {
			till.stock += till.quantity[n];
			ck_assert_int_eq(stock_release(db, till.id[n]), 0);
		}
		till.state[n] = 0;
	}
}

static void
counter(void)
{
	int n = 1 + (int)chance(3);

	if (chance(4) == 0)
		till.stock += 10;	/* the cook is quick */
	else if (till.stock >= n) {
		till.stock -= n;
		till.sold_since[0] += n;
		till.sold_since[1] += n;
	}
}

static void
snapshot(void)
{
	if (!till.reading) {
		till.reading = 1;
		till.snapshot_run = ++till.run;
		till.snapshot = till.stock;
		till.sold_since[1] = 0;
		return;
	}
	till.reading = 0;
	ck_assert_int_eq(db_run(db, &sql[S_STOCK], "i", (int64_t)till.snapshot), 0);
	ck_assert_int_ge(stock_settle(db, 1, DB_NULL, till.snapshot_run, 1000), 0);
	till.sold_since[0] = till.sold_since[1];
}

/* Orders delivered but not yet settled are no promise any more. */
static void
check_property(int stepno)
{
	int promised = 0;
	int64_t left, held;

	for (int i = 0; i < ORDERS; i++)
		promised += till.state[i] == 1 ? till.quantity[i] : 0;
	ck_assert_int_eq(db_find(db, &sql[S_LEFT], ""), 1);
	left = db_int(&sql[S_LEFT], 0);
	held = db_int(&sql[S_LEFT], 1);
	db_done(&sql[S_LEFT]);
	ck_assert_int_eq(db_find(db, &sql[S_HELD], ""), 1);
	ck_assert_int_eq(held, db_int(&sql[S_HELD], 0));
	db_done(&sql[S_HELD]);
	ck_assert_msg(left <= till.stock + till.sold_since[0] - promised,
	    "step %d: offers %lld, till has %d, sold since %d, promised %d", stepno,
	    (long long)left, till.stock, till.sold_since[0], promised);
}

START_TEST(never_offers_more_than_the_till_has)
{
	db = seed_begin();
	till.stock = 10;
	for (int i = 0; i < STEPS; i++) {
		if (i % PER_TRANSACTION == 0)
			ck_assert_int_eq(db_begin(db), DB_OK);
		switch (chance(8)) {
		case 0:
			counter();
			break;
		case 1:
			snapshot();
			break;
		default:
			one_order((int)chance(ORDERS));
		}
		check_property(i);
		if (i % PER_TRANSACTION == PER_TRANSACTION - 1)
			ck_assert_int_eq(db_end(db, 1), DB_OK);
	}
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("stock", reserves_until_nothing_is_left, refuses_what_is_not_for_sale,
	    gives_back_what_an_order_held, ends_only_with_a_snapshot_that_began_later,
	    without_a_run_all_that_have_begun_are_too_early, settles_at_most_as_many_as_asked,
	    holds_again_all_or_nothing, never_offers_more_than_the_till_has);
}
