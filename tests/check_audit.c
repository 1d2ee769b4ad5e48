/* check_audit.c - who changed what by hand (G75) */
#include "lib/shop/audit.h"
#include "tests/seed.h"
#include "tests/suite.h"

START_TEST(stands_with_its_transaction_only)
{
	struct db *db = seed_begin();
	char object[AUDIT_OBJECT];

	for (int ok = 0; ok < 2; ok++) {
		ck_assert_int_eq(db_begin(db), DB_OK);
		ck_assert_int_eq(audit_add(db, 2, "branch.pause", audit_object(object, "branch", 1),
		    "{\"minutes\":30}"), 0);
		ck_assert_int_eq(db_end(db, ok), DB_OK);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM audit"), ok);
	}
	ck_assert_int_eq(shop_int("SELECT count(*) FROM audit WHERE user_id = 2 AND action = "
	    "'branch.pause' AND object = 'branch 1' AND detail = '{\"minutes\":30}' "
	    "AND at = 1779444000"), 1);
	shop_end();
}
END_TEST

START_TEST(the_shell_has_no_name_and_need_not_say_more)
{
	struct db *db = seed_begin();

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(audit_add(db, DB_NULL, "lane.resume", "lane pos", NULL), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM audit WHERE user_id IS NULL "
	    "AND detail = '{}'"), 1);
	shop_end();
}
END_TEST

START_TEST(names_whom_there_is)
{
	struct db *db = seed_begin();

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_lt(audit_add(db, 99, "branch.pause", "branch 1", NULL), 0);
	ck_assert_int_eq(db_end(db, 0), DB_OK);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("audit", stands_with_its_transaction_only,
	    the_shell_has_no_name_and_need_not_say_more, names_whom_there_is);
}
