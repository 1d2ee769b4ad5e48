/* check_till_token.c - a granted token: sealed, found again, and nobody else's */
#include <string.h>

#include "lib/shop/keyfile.h"
#include "lib/shop/till_token.h"
#include "tests/shop.h"
#include "tests/suite.h"

static const char secret[] = "access-very-secret", refresh[] = "refresh-very-secret";

static struct db *db;
static char keys[PATH_MAX];
static struct till_token t;

static void
begin(void)
{
	char fault[KEYFILE_FAULT];

	db = shop_begin();
	snprintf(keys, sizeof keys, "%s", temp_path("keys"));
	ck_assert_int_eq(keyfile_create(keys, fault), 0);
	t = (struct till_token){ .granted_at = 100, .expires_at = 200 };
	memcpy(t.token, secret, sizeof secret);
	memcpy(t.refresh_token, refresh, sizeof refresh);
	ck_assert_int_eq(till_token_keep(db, keys, "square", "first", &t), 0);
}

START_TEST(comes_back_as_it_was_kept)
{
	struct till_token got = { 0 };

	begin();
	ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 1);
	ck_assert_str_eq(got.token, secret);
	ck_assert_str_eq(got.refresh_token, refresh);
	ck_assert(got.granted_at == 100 && got.expires_at == 200 && !got.is_old_key);
	memcpy(t.token, "another", sizeof "another");
	ck_assert_int_eq(till_token_keep(db, keys, "square", "first", &t), 0);
	ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 1);
	ck_assert_str_eq(got.token, "another");
	ck_assert_int_eq(shop_int("SELECT count(*) FROM pos_token"), 1);
	shop_end();
}
END_TEST

START_TEST(is_not_in_clear)
{
	begin();
	ck_assert_int_eq(shop_int("SELECT instr(sealed, CAST('very-secret' AS BLOB)) FROM pos_token"), 0);
	shop_end();
}
END_TEST

START_TEST(is_of_one_profile_and_one_first_credential)
{
	struct till_token got;

	begin();
	ck_assert_int_eq(till_token_read(db, keys, "poster", "first", &got), 0);
	ck_assert_int_eq(till_token_read(db, keys, "square", "second", &got), 0);
	/* a row that was copied under another name does not open */
	shop_run("UPDATE pos_token SET name = 'poster'");
	ck_assert_int_eq(till_token_read(db, keys, "poster", "first", &got), 0);
	shop_end();
}
END_TEST

START_TEST(outlives_a_new_key)
{
	char kid[KID_MAX + 1], fault[KEYFILE_FAULT];
	struct till_token got;

	begin();
	ck_assert_int_eq(keyfile_rotate(keys, kid, fault), 0);
	ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 1);
	ck_assert(got.is_old_key);
	ck_assert_int_eq(till_token_keep(db, keys, "square", "first", &got), 0);
	ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 1);
	ck_assert(!got.is_old_key);
	shop_end();
}
END_TEST

START_TEST(what_cannot_be_opened_is_none)
{
	static const char *const changes[] = { "x'00'", "zeroblob(20000)", "substr(sealed, 2)",
		"CAST(substr(sealed, 1, 100) || x'ff' || substr(sealed, 102) AS BLOB)" };
	char text[256];
	struct till_token got;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		begin();
		snprintf(text, sizeof text, "UPDATE pos_token SET sealed = %s", changes[i]);
		shop_run(text);
		ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 0);
		shop_end();
	}
	begin();
	unlink(keys);
	ck_assert_int_eq(till_token_read(db, keys, "square", "first", &got), 0);
	ck_assert_int_ne(till_token_keep(db, keys, "square", "first", &t), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("till_token", comes_back_as_it_was_kept, is_not_in_clear,
	    is_of_one_profile_and_one_first_credential, outlives_a_new_key,
	    what_cannot_be_opened_is_none);
}
