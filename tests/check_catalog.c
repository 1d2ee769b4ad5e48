/* check_catalog.c - what a till's news does to the catalogue, and what it never does */
#include <string.h>

#include "lib/shop/catalog.h"
#include "tests/kept.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = KEPT_NOW };

static struct catalog_rules rules = { .now = NOW };
static const struct catalog_product borsch = {
	.key = "p1", .name = "Борщ", .description = "З пампушками", .category = "Супи",
	.image_url = "https://till.example/borsch.jpg",
};

static void
begin(void)
{
	shop_begin();
	rules = (struct catalog_rules){ .now = NOW };
	shop_run("INSERT INTO branch (pos_branch_id, name, created_at, updated_at) VALUES"
	    " ('b1', 'Поділ', 1, 1), ('b2', 'Оболонь', 1, 1), ('b3', 'Троєщина', 1, 1)");
}

static struct catalog_offer
offer(int64_t branch, int64_t price, int64_t stock)
{
	return (struct catalog_offer){ .branch_id = branch, .price = price, .stock = stock,
		.stock_known = 1, .on_sale = 1 };
}

static int
put(const struct catalog_product *p, const struct catalog_offer *o, size_t n, int64_t *ids)
{
	int rc, ended;

	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	rc = catalog_put(shop_db, p, o, n, &rules, ids);
	ended = db_end(shop_db, rc >= 0);
	ck_assert_int_eq(ended, DB_OK);
	return rc;
}

static int
put_one(const struct catalog_product *p, struct catalog_offer o)
{
	return put(p, &o, 1, NULL);
}

static void
retire(int64_t id)
{
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_retire(shop_db, id, &rules), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static void
touch(int64_t product_id)
{
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_touch(shop_db, product_id, rules.now), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static int64_t
found(const char *match)
{
	struct stmt s = { .sql = "SELECT count(*) FROM product_trigram WHERE product_trigram MATCH ?1" };
	int64_t n;

	ck_assert_int_eq(db_find(shop_db, &s, "s", match), 1);
	n = db_int(&s, 0);
	db_done(&s);
	return n;
}

/* ---- single behaviours */

START_TEST(a_new_dish_is_added_with_all_that_hangs_on_it)
{
	const struct catalog_offer o[] = { offer(1, 15900, 10), offer(2, 14900, 3) };
	int64_t ids[2];

	begin();
	ck_assert_int_eq(put(&borsch, o, 2, ids), CATALOG_ADDED);
	ck_assert_int_eq(ids[0], 1);
	ck_assert_int_eq(ids[1], 2);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 14900);
	ck_assert_int_eq(shop_int("SELECT best_stock FROM product"), 10);	/* C15 */
	ck_assert_int_eq(shop_int("SELECT products FROM catalog_count WHERE branch_id = 0"
	    " AND category_id = 1"), 1);
	ck_assert_int_eq(found("\"пам\""), 1);
	ck_assert_int_eq(shop_int("SELECT pos_last_synced_at FROM product_branch"), NOW);
	expect_kept();
	shop_end();
}
END_TEST

/* G66 */
START_TEST(unchanged_news_writes_nothing)
{
	const struct catalog_offer o[] = { offer(2, 14900, 3), offer(1, 15900, DB_NULL) };
	const struct catalog_product bare = { .key = "p2", .name = "Хліб" };
	const struct catalog_product empty = { .key = "p2", .name = "Хліб", .description = "",
		.category = "", .image_url = "" };
	int64_t before, version, ids[2] = { 0 };

	begin();
	ck_assert_int_eq(put(&borsch, o, 2, NULL), CATALOG_ADDED);
	ck_assert_int_eq(put(&bare, o, 2, NULL), CATALOG_ADDED);
	before = db_total_changes(shop_db);
	version = catalog_version(shop_db);
	rules.now += 300;
	ck_assert_int_eq(put(&borsch, o, 2, ids), CATALOG_UNCHANGED);
	ck_assert_int_eq(put(&borsch, o + 1, 1, NULL), CATALOG_UNCHANGED);
	ck_assert_int_eq(put(&borsch, NULL, 0, NULL), CATALOG_UNCHANGED);
	ck_assert_int_eq(put(&empty, o, 2, NULL), CATALOG_UNCHANGED);
	ck_assert_int_eq(db_total_changes(shop_db), before);
	ck_assert_int_eq(catalog_version(shop_db), version);
	ck_assert_int_eq(ids[0], 1);
	ck_assert_int_eq(ids[1], 2);
	shop_end();
}
END_TEST

START_TEST(every_change_of_text_is_taken_over)
{
	static const struct catalog_product news[] = {
		{ "p1", "Борщ зелений", "З пампушками", "Супи", NULL, NULL },
		{ "p1", "Борщ зелений", NULL, "Супи", NULL, NULL },
		{ "p1", "Борщ зелений", NULL, "Перші страви", NULL, NULL },
		{ "p1", "Борщ зелений", NULL, NULL, NULL, NULL },
		{ "p1", "Борщ зелений", NULL, NULL, "https://till.example/1.jpg", NULL },
		{ "p1", "борщ зелений", NULL, NULL, "https://till.example/1.jpg", NULL },
		{ "p1", "борщ зелений", NULL, NULL, "https://till.example/1.jpg", "i7" },
	};
	int64_t version;

	begin();
	ck_assert_int_eq(put_one(&borsch, offer(1, 15900, 10)), CATALOG_ADDED);
	for (size_t i = 0; i < sizeof news / sizeof *news; i++) {
		version = catalog_version(shop_db);
		ck_assert_int_eq(put_one(&news[i], offer(1, 15900, 10)), CATALOG_CHANGED);
		ck_assert_int_gt(catalog_version(shop_db), version);
		ck_assert_int_eq(put_one(&news[i], offer(1, 15900, 10)), CATALOG_UNCHANGED);
		expect_kept();
	}
	ck_assert_int_eq(found("\"пам\""), 0);
	ck_assert_int_eq(found("\"зел\""), 1);
	ck_assert_int_eq(shop_int("SELECT products FROM catalog_count WHERE branch_id = 1"
	    " AND category_id = 1"), 0);
	shop_end();
}
END_TEST

/* G16 G64: also an override of nothing */
START_TEST(an_override_survives_the_sync_that_moves_its_base)
{
	begin();
	put_one(&borsch, offer(1, 15900, 10));
	shop_run("UPDATE product_branch SET override_price = 0");
	touch(1);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 0);
	ck_assert_int_eq(put_one(&borsch, offer(1, 17900, 7)), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 0);
	ck_assert_int_eq(shop_int("SELECT base_price FROM product"), 17900);
	ck_assert_int_eq(shop_int("SELECT current_price FROM product_branch"), 0);
	ck_assert_int_eq(shop_int("SELECT best_stock FROM product"), 7);
	shop_run("UPDATE product_branch SET override_price = NULL");
	touch(1);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 17900);
	expect_kept();
	shop_end();
}
END_TEST

/* Sync writes the till's count, never what orders hold, never a stop. */
START_TEST(reservations_and_stops_survive_the_sync)
{
	begin();
	put_one(&borsch, offer(1, 15900, 10));
	shop_run("UPDATE product_branch SET reserved_quantity = 4, stopped_until = 1779444000");
	touch(1);
	ck_assert_int_eq(shop_int("SELECT is_available FROM product"), 0);
	put_one(&borsch, offer(1, 16900, 20));
	ck_assert_int_eq(shop_int("SELECT reserved_quantity FROM product_branch"), 4);
	ck_assert_int_eq(shop_int("SELECT stopped_until FROM product_branch"), 1779444000);
	ck_assert_int_eq(shop_int("SELECT is_available FROM product"), 0);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(a_stop_that_is_over_is_forgotten)
{
	int64_t version;

	begin();
	put_one(&borsch, offer(1, 15900, 10));
	shop_run("UPDATE product_branch SET stopped_until = 1779444000");
	touch(1);
	version = catalog_version(shop_db);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_end_stops(shop_db, 1779443999, 10), 0);
	ck_assert_int_eq(catalog_end_stops(shop_db, 1779444000, 0), 0);
	ck_assert_int_eq(catalog_end_stops(shop_db, 1779444000, 10), 1);
	ck_assert_int_eq(catalog_end_stops(shop_db, 1779444000, 10), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT is_available FROM product"), 1);
	ck_assert_int_gt(catalog_version(shop_db), version);
	shop_end();
}
END_TEST

/* G63 C16 */
START_TEST(zero_stock_is_hidden_only_where_the_shop_says_so)
{
	begin();
	put_one(&borsch, offer(1, 15900, 0));
	ck_assert_int_eq(shop_int("SELECT is_active * 10 + is_available FROM product"), 10);
	rules.hide_zero_stock = 1;
	ck_assert_int_eq(put_one(&borsch, offer(1, 15900, 0)), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 0);
	ck_assert_int_eq(put_one(&borsch, offer(1, 15900, 0)), CATALOG_UNCHANGED);
	ck_assert_int_eq(put_one(&borsch, offer(1, 15900, 1)), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 1);
	expect_kept();
	shop_end();
}
END_TEST

/* G18 C16: also where the till tells only what is new */
START_TEST(a_changed_rule_reaches_every_dish)
{
	const struct catalog_product other = { .key = "p2", .name = "Узвар", .category = "Напої" };
	const struct catalog_offer o[] = { offer(1, 15900, 0), offer(2, 14900, 3), offer(3, 100, 0) };
	int64_t version;

	begin();
	put(&borsch, o, 3, NULL);
	put_one(&other, offer(2, 3000, 0));
	ck_assert_int_eq(catalog_obey(shop_db, &rules), 0);
	version = catalog_version(shop_db);
	rules.hide_zero_stock = 1;
	ck_assert_int_eq(catalog_obey(shop_db, &rules), 3);
	ck_assert_int_gt(catalog_version(shop_db), version);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch WHERE is_active"), 1);
	ck_assert_int_eq(shop_int("SELECT group_concat(is_active, '') FROM product"), 10);
	expect_kept();
	version = db_total_changes(shop_db);
	ck_assert_int_eq(catalog_obey(shop_db, &rules), 0);
	ck_assert_int_eq(db_total_changes(shop_db), version);
	rules.hide_zero_stock = 0;
	ck_assert_int_eq(catalog_obey(shop_db, &rules), 3);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch WHERE is_active"), 4);
	expect_kept();
	shop_end();
}
END_TEST

/* G63 C16: never deleted, and back on return */
START_TEST(a_retired_offer_leaves_the_lists_and_may_return)
{
	const struct catalog_offer o[] = { offer(1, 15900, 10), offer(2, 14900, 3) };
	int64_t ids[2], left[4];

	begin();
	put(&borsch, o, 2, ids);
	retire(ids[1]);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 15900);
	retire(ids[1]);
	retire(4711);
	ck_assert_int_eq(catalog_offers(shop_db, 0, left, NULL, 4), 1);
	ck_assert_int_eq(left[0], ids[0]);
	retire(ids[0]);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch"), 2);
	ck_assert_int_eq(catalog_offer_count(shop_db), 0);
	expect_kept();
	ck_assert_int_eq(put(&borsch, o, 2, NULL), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 1);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(what_the_till_does_not_sell_is_kept_but_not_shown)
{
	struct catalog_offer o = offer(1, 15900, 10);

	begin();
	o.on_sale = 0;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_ADDED);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 0);
	ck_assert_int_eq(catalog_offer_count(shop_db), 0);
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_UNCHANGED);
	shop_run("UPDATE product_branch SET is_hidden = 1");
	ck_assert_int_eq(put_one(&borsch, offer(1, 15900, 10)), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 0);
	ck_assert_int_eq(catalog_offer_count(shop_db), 1);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(an_unknown_count_keeps_the_stored_one)
{
	struct catalog_offer o = offer(1, 15900, 10);

	begin();
	put_one(&borsch, o);
	o.stock_known = 0;
	o.stock = 0;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_UNCHANGED);
	o.price = 16000;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT stock_quantity FROM product_branch"), 10);
	o.branch_id = 2;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_WIDENED);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch WHERE stock_quantity IS NULL"), 1);
	ck_assert_int_eq(shop_int("SELECT best_stock IS NULL FROM product"), 1);
	shop_end();
}
END_TEST

/* The till's stock list; what it does not count has no number, whatever that says. */
START_TEST(a_count_may_come_apart_from_the_dish)
{
	struct catalog_offer o = offer(1, 15900, 10);
	struct catalog_awaited awaited;
	int64_t id;

	begin();
	put_one(&borsch, o);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 1, 10, &rules, &id), CATALOG_UNCHANGED);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 1, 3, &rules, &id), CATALOG_CHANGED);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 2, 3, &rules, &id), CATALOG_UNCHANGED);
	ck_assert_int_eq(id, 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT best_stock FROM product"), 3);
	expect_kept();
	o.is_untracked = 1;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_CHANGED);
	ck_assert_int_eq(shop_int("SELECT stock_quantity IS NULL FROM product_branch"), 1);
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_UNCHANGED);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 1, 3, &rules, &id), CATALOG_UNCHANGED);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	o.is_untracked = o.stock_known = 0;
	o.is_awaited = 1;
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_WIDENED);
	ck_assert_int_eq(shop_int("SELECT stock_quantity FROM product_branch"), 0);
	ck_assert_int_eq(put_one(&borsch, o), CATALOG_UNCHANGED);
	ck_assert_int_eq(catalog_awaited(shop_db, 0, &awaited, 1), 1);
	ck_assert_int_eq(awaited.product_id, 1);
	ck_assert_int_eq(catalog_awaited(shop_db, 1, &awaited, 1), 0);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 1, 0, &rules, &id), CATALOG_CHANGED);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(catalog_awaited(shop_db, 0, &awaited, 1), 0);
	rules.hide_zero_stock = 1;
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_set_stock(shop_db, 1, 1, 0, &rules, &id), CATALOG_CHANGED);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT is_active FROM product"), 0);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(of_a_branch_named_twice_the_later_offer_counts)
{
	const struct catalog_offer o[] = { offer(1, 100, 1), offer(2, 300, 1), offer(1, 200, 1) };
	int64_t ids[3];

	begin();
	ck_assert_int_eq(put(&borsch, o, 3, ids), CATALOG_ADDED);
	ck_assert_int_eq(ids[0], ids[2]);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch"), 2);
	ck_assert_int_eq(shop_int("SELECT min_price FROM product"), 200);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(more_branches_than_a_chunk_are_no_matter)
{
	struct catalog_offer o[150];
	int64_t ids[150], before;

	begin();
	shop_run("WITH RECURSIVE n (i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
	    " INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " SELECT i, 'b' || i, 'Філія', 1, 1 FROM n");
	for (int i = 0; i < 150; i++)
		o[i] = offer((i * 7) % 150 + 1, 10000 + i, i);
	ck_assert_int_eq(put(&borsch, o, 150, ids), CATALOG_ADDED);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_branch WHERE is_active"), 150);
	before = db_total_changes(shop_db);
	ck_assert_int_eq(put(&borsch, o, 150, ids), CATALOG_UNCHANGED);
	ck_assert_int_eq(db_total_changes(shop_db), before);
	ck_assert_int_eq(ids[149], 150);
	expect_kept();
	shop_end();
}
END_TEST

/* C27: to zero in one branch moves the version, one portion less does not */
START_TEST(touch_moves_the_version_when_an_answer_flips)
{
	const struct catalog_offer o[] = { offer(1, 15900, 10), offer(2, 14900, 3) };
	int64_t version;

	begin();
	put(&borsch, o, 2, NULL);
	version = catalog_version(shop_db);
	shop_run("UPDATE product_branch SET reserved_quantity = 2");
	touch(1);
	ck_assert_int_eq(catalog_version(shop_db), version);
	ck_assert_int_eq(shop_int("SELECT best_stock FROM product"), 8);
	shop_run("UPDATE product_branch SET reserved_quantity = 3 WHERE branch_id = 2");
	touch(1);
	ck_assert_int_eq(catalog_version(shop_db), version + 1);
	ck_assert_int_eq(shop_int("SELECT is_available FROM product"), 1);
	touch(1);
	ck_assert_int_eq(catalog_version(shop_db), version + 1);
	/* a price that is not the lowest flips an answer too */
	shop_run("UPDATE product_branch SET override_price = 20000 WHERE branch_id = 1");
	touch(1);
	ck_assert_int_eq(catalog_version(shop_db), version + 2);
	expect_kept();
	shop_end();
}
END_TEST

START_TEST(offers_are_paged_by_key)
{
	struct catalog_product p = { .name = "Хліб" };
	char key[16];
	int64_t ids[4];

	begin();
	for (int i = 0; i < 9; i++) {
		snprintf(key, sizeof key, "p%d", i);
		p.key = key;
		put_one(&p, offer(1, 100, 1));
	}
	ck_assert_int_eq(catalog_offers(shop_db, 0, ids, NULL, 4), 4);
	ck_assert_int_eq(catalog_offers(shop_db, ids[3], ids, NULL, 4), 4);
	ck_assert_int_eq(ids[0], 5);
	ck_assert_int_eq(catalog_offers(shop_db, ids[3], ids, NULL, 4), 1);
	ck_assert_int_eq(catalog_offers(shop_db, ids[0], ids, NULL, 4), 0);
	ck_assert_int_eq(catalog_offer_count(shop_db), 9);
	shop_end();
}
END_TEST

START_TEST(a_failed_put_leaves_nothing)
{
	const struct catalog_offer unknown = offer(99, 100, 1), negative = offer(1, -1, 1);

	begin();
	ck_assert_int_lt(put(&borsch, &unknown, 1, NULL), 0);
	ck_assert_int_lt(put(&borsch, &negative, 1, NULL), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM catalog_count"), 0);
	expect_kept();
	ck_assert_int_lt(catalog_put(shop_db, &borsch, NULL, 0, &rules, NULL), 0);	/* no db_begin */
	ck_assert_int_lt(catalog_touch(shop_db, 4711, NOW), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("catalog", a_new_dish_is_added_with_all_that_hangs_on_it,
	    unchanged_news_writes_nothing, every_change_of_text_is_taken_over,
	    an_override_survives_the_sync_that_moves_its_base,
	    reservations_and_stops_survive_the_sync, a_stop_that_is_over_is_forgotten,
	    zero_stock_is_hidden_only_where_the_shop_says_so, a_changed_rule_reaches_every_dish,
	    a_retired_offer_leaves_the_lists_and_may_return,
	    what_the_till_does_not_sell_is_kept_but_not_shown,
	    an_unknown_count_keeps_the_stored_one, a_count_may_come_apart_from_the_dish,
	    of_a_branch_named_twice_the_later_offer_counts,
	    more_branches_than_a_chunk_are_no_matter,
	    touch_moves_the_version_when_an_answer_flips, offers_are_paged_by_key,
	    a_failed_put_leaves_nothing);
}
