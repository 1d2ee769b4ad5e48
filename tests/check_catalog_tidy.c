/* check_catalog_tidy.c - many small changes leave one search index, and nothing is lost */
#include <stdio.h>

#include "lib/shop/catalog_tidy.h"
#include "lib/shop/prune.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { LONG = 60000 };

static const char trigram_pieces[] = "SELECT count(DISTINCT segid) FROM product_trigram_idx";
static const char word_pieces[] = "SELECT count(DISTINCT segid) FROM product_word_idx";
static const char found[] =
    "SELECT count(*) FROM product_trigram WHERE product_trigram MATCH '\"бор\" \"орщ\"'";
static const char found_word[] =
    "SELECT count(*) FROM product_word WHERE product_word MATCH '\"б\"*'";

/* So many dishes, each written by itself, as a busy day does. */
static void
add_dishes(int count)
{
	char text[300];

	for (int i = 1; i <= count; i++) {
		snprintf(text, sizeof text, "INSERT INTO product (id, pos_product_id, name, sort_key,"
		    " search_text, created_at, updated_at) VALUES (%d, 'p%d', 'Борщ', x'00',"
		    " 'борщ %d', 1, 1)", i, i, i * 7919 % 997);
		shop_run(text);
		snprintf(text, sizeof text, "INSERT INTO product_trigram (rowid, search_text)"
		    " SELECT id, search_text FROM product WHERE id = %d", i);
		shop_run(text);
		snprintf(text, sizeof text, "INSERT INTO product_word (rowid, search_text)"
		    " SELECT id, search_text FROM product WHERE id = %d", i);
		shop_run(text);
	}
}

START_TEST(pieces_become_one)
{
	shop_begin();
	add_dishes(23);
	ck_assert_int_gt(shop_int(trigram_pieces), 1);
	ck_assert_int_gt(shop_int(word_pieces), 1);
	ck_assert_int_gt(catalog_tidy(shop_db, LONG), 0);
	ck_assert_int_eq(shop_int(trigram_pieces), 1);
	ck_assert_int_eq(shop_int(word_pieces), 1);
	ck_assert_int_eq(shop_int(found), 23);
	ck_assert_int_eq(shop_int(found_word), 23);
	ck_assert_int_eq(catalog_tidy(shop_db, LONG), 0);
	shop_end();
}
END_TEST

START_TEST(an_empty_index_is_in_one_piece)
{
	shop_begin();
	ck_assert_int_eq(catalog_tidy(shop_db, LONG), 0);
	shop_end();
}
END_TEST

START_TEST(the_daily_run_does_it)
{
	shop_begin();
	add_dishes(23);
	ck_assert_int_eq(prune_run(shop_db, LONG), 0);	/* no row went */
	ck_assert_int_eq(shop_int(trigram_pieces), 1);
	shop_end();
}
END_TEST

START_TEST(time_that_is_up_ends_it_and_another_call_goes_on)
{
	shop_begin();
	add_dishes(23);
	for (int i = 0; i < 1000 && catalog_tidy(shop_db, 0) > 0; i++)
		;
	ck_assert_int_eq(shop_int(trigram_pieces), 1);
	ck_assert_int_eq(shop_int(word_pieces), 1);
	shop_end();
}
END_TEST

START_TEST(a_broken_index_is_told)
{
	shop_begin();
	add_dishes(3);
	shop_run("DROP TABLE product_word");
	ck_assert_int_eq(catalog_tidy(shop_db, LONG), DB_ERROR);
	ck_assert_int_eq(prune_run(shop_db, LONG), DB_ERROR);
	ck_assert_int_eq(db_in_transaction(shop_db), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("catalog_tidy", pieces_become_one, an_empty_index_is_in_one_piece,
	    the_daily_run_does_it, time_that_is_up_ends_it_and_another_call_goes_on,
	    a_broken_index_is_told);
}
