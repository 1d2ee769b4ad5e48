/* check_driver.c - who brings an order: told once for each person (G59) */
#include <string.h>

#include "lib/shop/driver.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;

static int
assign(const char *name, const char *phone)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = driver_assign(db, 1, name, phone);
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

static int
is(const char *what)
{
	char query[256];

	snprintf(query, sizeof query, "SELECT %s FROM orders WHERE id = 1", what);
	return (int)shop_int(query);
}

static int
told(void)
{
	return (int)shop_int("SELECT count(*) FROM notification WHERE template = 'driver_assigned'");
}

START_TEST(an_assignment_is_told_once)
{
	db = seed_begin();
	seed_order(1, "delivery");
	ck_assert_int_eq(assign("Олег", NULL), 1);
	ck_assert_int_eq(is("driver_name = 'Олег' AND driver_phone IS NULL"), 1);
	ck_assert_int_eq(assign("Олег", NULL), 0);
	ck_assert_int_eq(told(), 1);
	ck_assert_int_eq(shop_int("SELECT params LIKE '%\"driver\":\"Олег\"%' FROM notification"), 1);
	/* browsers: the customer's notification and his order */
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE user_id = 1 AND type = 'notification' "
	    "AND payload LIKE '%Замовлення № 1 привезе Олег.%'"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'order.status'"), 1);
	shop_end();
}
END_TEST

START_TEST(a_phone_that_comes_later_is_no_other_person)
{
	db = seed_begin();
	seed_order(1, "delivery");
	ck_assert_int_eq(assign("Олег", NULL), 1);
	ck_assert_int_eq(assign("Олег", "+380501112233"), 1);
	ck_assert_int_eq(is("driver_phone = '+380501112233'"), 1);
	ck_assert_int_eq(assign("Олег", NULL), 0);
	ck_assert_int_eq(is("driver_phone = '+380501112233'"), 1);
	ck_assert_int_eq(told(), 1);
	ck_assert_int_eq(assign("Ігор", NULL), 1);
	ck_assert_int_eq(is("driver_name = 'Ігор' AND driver_phone IS NULL"), 1);
	ck_assert_int_eq(told(), 2);
	ck_assert_int_eq(assign("Олег", "1"), 1);
	ck_assert_int_eq(told(), 3);
	shop_end();
}
END_TEST

START_TEST(nobody_takes_nobody_away)
{
	db = seed_begin();
	seed_order(1, "delivery");
	ck_assert_int_eq(assign("Олег", "1"), 1);
	ck_assert_int_eq(assign(NULL, NULL), 0);
	ck_assert_int_eq(assign(NULL, "2"), 0);
	ck_assert_int_eq(is("driver_name = 'Олег' AND driver_phone = '1'"), 1);
	shop_end();
}
END_TEST

START_TEST(only_an_open_delivery_is_brought)
{
	static const char *const over[] = { "delivered", "cancelled", "failed" };
	char text[128];

	for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
		db = seed_begin();
		seed_order(1, "delivery");
		snprintf(text, sizeof text, "UPDATE orders SET status = '%s'", over[i]);
		shop_run(text);
		ck_assert_int_eq(assign("Олег", NULL), 0);
		ck_assert_int_eq(told(), 0);
		shop_end();
	}
	db = seed_begin();
	ck_assert_int_eq(assign("Олег", NULL), 0);	/* no such order */
	seed_order(1, "pickup");
	ck_assert_int_eq(assign("Олег", NULL), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("driver", an_assignment_is_told_once,
	    a_phone_that_comes_later_is_no_other_person, nobody_takes_nobody_away,
	    only_an_open_delivery_is_brought);
}
