/* check_client.c - an account and its client at the till: owed, linked once (G3, G4, C28) */
#include <string.h>

#include "lib/shop/client.h"
#include "lib/shop/till_note.h"
#include "lib/shop/user.h"
#include "tests/shop.h"
#include "tests/suite.h"

static struct db *db;
static int64_t anna, ivan;

static int64_t
add(const char *email, const char *phone)
{
	struct user_new u = { .email = email, .password_hash = "x", .name = "N", .phone = phone,
		.role = "customer", .locale = "uk" };
	int64_t id;

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(user_add(db, &u, 1, &id), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return id;
}

static void
begin(void)
{
	db = shop_begin();
	anna = add("anna@example.com", "+380671111111");
	ivan = add("ivan@example.com", "+380671111111");
}

static void
note(const char *by)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(till_note_set(db, TILL_CLIENTS, by), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

static int
change(int (*what)(struct db *, int64_t), int64_t user)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = what(db, user);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return rc;
}

static int
link_to(int64_t user, const char *id, int made)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = client_link(db, user, id, made);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return rc;
}

static int64_t
owed(void)
{
	return shop_int("SELECT count(*) FROM outbox WHERE lane = 'client' AND kind = 'client'"
	    " AND state = 'due'");
}

START_TEST(a_new_account_owes_a_client_where_the_till_has_some)
{
	begin();
	ck_assert_int_eq(change(client_owe, anna), 0);
	ck_assert_int_eq(owed(), 1);
	note("phone");
	ck_assert_int_eq(change(client_owe, ivan), 0);
	ck_assert_int_eq(owed(), 2);
	note("no");
	ck_assert_int_eq(change(client_owe, ivan), 0);
	ck_assert_int_eq(owed(), 2);
	shop_end();
}
END_TEST

START_TEST(is_linked_once_and_to_one_account)
{
	begin();
	ck_assert_int_eq(link_to(anna, "C1", 0), 1);
	ck_assert_int_eq(link_to(anna, "C1", 0), 1);
	ck_assert_int_eq(link_to(anna, "C2", 0), 0);
	ck_assert_int_eq(link_to(ivan, "C1", 0), 0);
	ck_assert_int_eq(link_to(ivan, "C2", 1), 1);
	ck_assert_int_eq(link_to(999, "C3", 1), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM users WHERE (id = 1 AND"
	    " pos_client_id = 'C1' AND pos_client_made = 0) OR (id = 2 AND"
	    " pos_client_id = 'C2' AND pos_client_made = 1)"), 2);
	shop_end();
}
END_TEST

START_TEST(one_found_by_the_old_phone_is_looked_for_again)
{
	begin();
	note("phone");
	ck_assert_int_eq(link_to(anna, "C1", 0), 1);
	ck_assert_int_eq(change(client_phone_changed, anna), 0);
	ck_assert_int_eq(shop_int("SELECT pos_client_id IS NULL FROM users WHERE id = 1"), 1);
	ck_assert_int_eq(owed(), 1);
	ck_assert_int_eq(change(client_phone_changed, anna), 0);	/* waits already */
	ck_assert_int_eq(owed(), 1);
	shop_end();
}
END_TEST

START_TEST(one_that_we_made_stays_his)
{
	begin();
	note("phone");
	ck_assert_int_eq(link_to(anna, "C1", 1), 1);
	ck_assert_int_eq(change(client_phone_changed, anna), 0);
	ck_assert_int_eq(shop_int("SELECT pos_client_id = 'C1' FROM users WHERE id = 1"), 1);
	ck_assert_int_eq(owed(), 0);
	shop_end();
}
END_TEST

START_TEST(a_phone_means_nothing_to_a_till_that_asks_for_mails_or_has_none)
{
	static const char *const by[] = { "email", "no" };

	for (size_t i = 0; i < 2; i++) {
		begin();
		note(by[i]);
		ck_assert_int_eq(link_to(anna, "C1", 0), 1);
		ck_assert_int_eq(change(client_phone_changed, anna), 0);
		ck_assert_int_eq(change(client_phone_changed, ivan), 0);
		ck_assert_int_eq(shop_int("SELECT pos_client_id = 'C1' FROM users WHERE id = 1"), 1);
		ck_assert_int_eq(owed(), 0);
		shop_end();
	}
}
END_TEST

START_TEST(accounts_without_a_link_are_found_in_batches)
{
	int64_t last = 0;

	begin();
	add("olha@example.com", NULL);
	ck_assert_int_eq(link_to(ivan, "C2", 1), 1);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(client_owe_missing(db, 0, 1, &last), 1);
	ck_assert_int_eq(last, anna);
	ck_assert_int_eq(client_owe_missing(db, last, 1, &last), 1);
	ck_assert_int_eq(last, 3);
	ck_assert_int_eq(client_owe_missing(db, last, 1, &last), 0);
	ck_assert_int_eq(client_owe_missing(db, 0, 100, &last), 0);	/* they owe one */
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(owed(), 2);
	shop_end();
}
END_TEST

START_TEST(tells_what_the_till_may_be_told)
{
	struct arena *a = arena_new(4096);
	struct client c;

	begin();
	ck_assert_int_eq(client_find(db, a, anna, &c), 1);
	ck_assert_str_eq(c.phone, "+380671111111");
	ck_assert_str_eq(c.email, "anna@example.com");
	ck_assert_ptr_null(c.pos_id);
	ck_assert_int_eq(client_find(db, a, 999, &c), 0);
	arena_free(a);
	shop_end();
}
END_TEST

START_TEST(knows_whose_phone_it_is)
{
	begin();
	ck_assert_int_eq(client_has_phone(db, anna, "+380671111111"), 1);
	ck_assert_int_eq(client_has_phone(db, anna, "+380671111112"), 0);
	ck_assert_int_eq(client_has_phone(db, anna, NULL), 0);
	ck_assert_int_eq(client_has_phone(db, 999, "+380671111111"), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("client", a_new_account_owes_a_client_where_the_till_has_some,
	    is_linked_once_and_to_one_account, one_found_by_the_old_phone_is_looked_for_again,
	    one_that_we_made_stays_his,
	    a_phone_means_nothing_to_a_till_that_asks_for_mails_or_has_none,
	    accounts_without_a_link_are_found_in_batches, tells_what_the_till_may_be_told,
	    knows_whose_phone_it_is);
}
