/* check_catalog_tell.c - browsers hear of each dish that changes, of very many at once */
#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "lib/shop/catalog_sums.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = 1779444000, BRANCHES = 2, DISHES = 30, SINGLY = 20 };

static struct catalog_rules rules;

static int64_t
told(const char *type)
{
	char query[96];

	snprintf(query, sizeof query, "SELECT count(*) FROM event WHERE type = '%s'", type);
	return shop_int(query);
}

/* "Look anew" of this branch; 0 = of several. */
static int64_t
anew(int64_t branch_id)
{
	char query[192];

	snprintf(query, sizeof query, "SELECT count(*) FROM event WHERE type = 'catalog' AND"
	    " json_extract(payload, '$.product_id') IS NULL AND ifnull(branch_id, 0) = %lld AND"
	    " ifnull(json_extract(payload, '$.branch_id'), 0) = %lld", (long long)branch_id,
	    (long long)branch_id);
	return shop_int(query);
}

/* So many of the dish, at this price, in branches from .. to. */
static void
put(int dish, int64_t price, int64_t stock, int to)
{
	struct catalog_offer o[BRANCHES];
	char key[16];
	const struct catalog_product p = { .key = key, .name = "Борщ" };

	snprintf(key, sizeof key, "p%d", dish);
	for (int i = 0; i < to; i++)
		o[i] = (struct catalog_offer){ .branch_id = i + 1, .price = price, .stock = stock,
			.stock_known = 1, .on_sale = 1 };
	ck_assert_int_ge(catalog_put(shop_db, &p, o, (size_t)to, &rules, NULL), 0);
}

static void
put_all(int64_t stock, int to)
{
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	for (int i = 0; i < DISHES; i++)
		put(i, 100, stock, to);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static void
tell_rest(void)
{
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_tell_rest(shop_db), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static void
at(int64_t now)
{
	clock_set(now);
	rules.now = now;
}

static void
begin(void)
{
	shop_begin();
	at(NOW);
	shop_run("INSERT INTO branch (pos_branch_id, name, created_at, updated_at) VALUES"
	    " ('b1', 'Поділ', 1, 1), ('b2', 'Оболонь', 1, 1)");
	put_all(5, BRANCHES);
	at(NOW + 10);
}

START_TEST(a_first_sync_tells_nothing)
{
	begin();
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event"), 0);
	ck_assert_int_eq(catalog_is_untold(shop_db), 0);
	shop_end();
}
END_TEST

START_TEST(tells_few_singly)
{
	begin();
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	put(1, 100, 0, 1);
	put(2, 120, 5, 1);
	put(3, 100, 4, 1);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(told("stock"), 1);
	ck_assert_int_eq(shop_int("SELECT json_extract(payload, '$.is_available') FROM event"
	    " WHERE type = 'stock' AND branch_id = 1"), 0);
	ck_assert_int_eq(told("catalog"), 1);
	ck_assert_int_eq(shop_int("SELECT json_extract(payload, '$.product_id') FROM event"
	    " WHERE type = 'catalog'"), 3);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	put(1, 100, 2, 1);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT json_extract(payload, '$.is_available') FROM event"
	    " WHERE type = 'stock' ORDER BY id DESC LIMIT 1"), 1);
	ck_assert_int_eq(catalog_is_untold(shop_db), 0);
	shop_end();
}
END_TEST

START_TEST(of_very_many_it_says_look_anew)
{
	begin();
	put_all(0, BRANCHES);
	ck_assert_int_eq(told("stock"), SINGLY);
	ck_assert_int_eq(told("catalog"), 0);
	ck_assert_int_eq(catalog_is_untold(shop_db), 1);
	tell_rest();
	ck_assert_int_eq(anew(0), 1);
	ck_assert_int_eq(catalog_is_untold(shop_db), 0);
	tell_rest();
	ck_assert_int_eq(told("catalog"), 1);
	shop_end();
}
END_TEST

START_TEST(and_names_the_branch_if_it_is_one)
{
	begin();
	put_all(0, 1);
	tell_rest();
	ck_assert_int_eq(anew(1), 1);
	ck_assert_int_eq(told("catalog"), 1);
	shop_end();
}
END_TEST

/* Who should have told it has died: the next one does, before its own. */
START_TEST(what_is_left_is_told_in_a_later_second)
{
	begin();
	put_all(0, 1);
	at(NOW + 11);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	put(1, 100, 1, 1);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(anew(1), 1);
	ck_assert_int_eq(told("stock"), SINGLY + 1);
	ck_assert_int_eq(catalog_is_untold(shop_db), 0);
	ck_assert_int_eq(shop_int("SELECT (SELECT id FROM event WHERE type = 'catalog') <"
	    " (SELECT max(id) FROM event)"), 1);
	shop_end();
}
END_TEST

/* A resident pos-sync looks each second. */
START_TEST(what_is_left_is_told_by_who_looks_for_stops)
{
	begin();
	put_all(0, 1);
	ck_assert_int_eq(catalog_stops_over(shop_db, NOW), 1);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_end_stops(shop_db, NOW, 1), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(anew(1), 1);
	ck_assert_int_eq(catalog_stops_over(shop_db, NOW), 0);
	shop_end();
}
END_TEST

START_TEST(stands_with_its_transaction)
{
	begin();
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	for (int i = 0; i < DISHES; i++)
		put(i, 100, 0, 1);
	ck_assert_int_eq(db_end(shop_db, 0), DB_OK);
	ck_assert_int_eq(catalog_is_untold(shop_db), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event"), 0);
	ck_assert_int_lt(catalog_tell(shop_db, 1, 1), 0);	/* outside of one */
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("catalog_tell", a_first_sync_tells_nothing, tells_few_singly,
	    of_very_many_it_says_look_anew, and_names_the_branch_if_it_is_one,
	    what_is_left_is_told_in_a_later_second,
	    what_is_left_is_told_by_who_looks_for_stops, stands_with_its_transaction);
}
