/* check_till_note.c - what pos-sender noted of the profile is read elsewhere */
#include "lib/shop/till_note.h"
#include "tests/shop.h"
#include "tests/suite.h"

START_TEST(is_unknown_until_noted_and_then_the_last_word)
{
	struct db *db = shop_begin();

	ck_assert_int_eq(till_note_is(db, TILL_WAITS, "no"), 0);
	ck_assert_int_eq(till_note_is(db, TILL_WAITS, "yes"), 0);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(till_note_set(db, TILL_WAITS, "yes"), 0);
	ck_assert_int_eq(till_note_set(db, TILL_CLIENTS, "phone"), 0);
	ck_assert_int_eq(till_note_set(db, TILL_CLIENTS, "no"), 0);
	ck_assert_int_eq(till_note_set(db, TILL_THENS, "3"), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(till_note_number(db, TILL_THENS), 3);
	ck_assert_int_eq(till_note_is(db, TILL_WAITS, "yes"), 1);
	ck_assert_int_eq(till_note_is(db, TILL_CLIENTS, "phone"), 0);
	ck_assert_int_eq(till_note_is(db, TILL_CLIENTS, "no"), 1);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("till_note", is_unknown_until_noted_and_then_the_last_word);
}
