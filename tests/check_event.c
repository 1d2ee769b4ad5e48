/* check_event.c - what browsers should hear (G60) */
#include "lib/shop/event.h"
#include "tests/seed.h"
#include "tests/suite.h"

START_TEST(stands_with_its_transaction_only)
{
	struct db *db = seed_begin();

	for (int ok = 0; ok < 2; ok++) {
		ck_assert_int_eq(db_begin(db), DB_OK);
		ck_assert_int_eq(event_add(db, 1, DB_NULL, "order.status", "{}"), 0);
		ck_assert_int_eq(db_end(db, ok), DB_OK);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM event"), ok);
	}
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE user_id = 1 "
	    "AND branch_id IS NULL AND created_ms = 1779444000000"), 1);
	ck_assert_int_lt(event_add(db, 1, 2, "stock", "{}"), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("event", stands_with_its_transaction_only);
}
