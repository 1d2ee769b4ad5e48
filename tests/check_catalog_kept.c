/* check_catalog_kept.c - whatever happens, sums, counters, indexes and version are right */
#include <string.h>

#include "lib/shop/catalog.h"
#include "tests/kept.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = KEPT_NOW, DISHES = 12, BRANCHES = 3, STEPS = 1500 };

static struct catalog_rules rules = { .now = NOW };

static uint64_t seed;

static int
any(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)n);
}

static int
random_put(void)
{
	static const char *const names[] = { "Борщ", "Вареники з м’ясом", "Ґанок", "Суп", "7-up" };
	static const char *const categories[] = { NULL, "Супи", "Напої", "Каші", "" };
	static const char *const words[] = { NULL, "смачний", "гарячий і свіжий", "" };
	char key[16];
	struct catalog_offer o[BRANCHES];
	struct catalog_product p = { key, names[any(5)], words[any(4)], categories[any(5)], words[any(2)],
		NULL };
	size_t n = (size_t)any(BRANCHES + 1);

	snprintf(key, sizeof key, "p%d", any(DISHES));
	for (size_t i = 0; i < n; i++)
		o[i] = (struct catalog_offer){ .branch_id = any(BRANCHES) + 1, .price = 100 * any(4),
			.stock = any(3) == 0 ? DB_NULL : any(4), .stock_known = any(5) > 0,
			.is_untracked = any(6) == 0, .is_awaited = any(4) == 0, .on_sale = any(6) > 0 };
	rules.hide_zero_stock = any(4) == 0;
	return catalog_put(shop_db, &p, o, n, &rules, NULL);
}

static int
random_hand(void)
{
	static struct stmt hands[] = {
		{ .sql = "UPDATE product_branch SET reserved_quantity = ?2 % 5 WHERE product_id = ?1 AND branch_id = ?2 % 3 + 1" },
		{ .sql = "UPDATE product_branch SET override_price = nullif(?2 % 5, 4) * 100 WHERE product_id = ?1 AND branch_id = ?2 % 3 + 1" },
		{ .sql = "UPDATE product_branch SET stopped_until = nullif(?2 % 3, 0) + 1779440399 WHERE product_id = ?1" },
	};
	int64_t id = any(DISHES) + 1;
	int rc = db_run(shop_db, &hands[any(3)], "ii", id, (int64_t)any(1000));

	if (rc == 0 && db_changes(shop_db) > 0)
		rc = catalog_touch(shop_db, id, NOW);
	return rc;
}

static int
random_step(void)
{
	switch (any(8)) {
	case 0:
		return catalog_retire(shop_db, any(DISHES * BRANCHES) + 1, &rules);
	case 1:
	case 2:
	case 3:
		return random_hand();
	case 4:
		return catalog_end_stops(shop_db, NOW, 2);
	default:
		return random_put();
	}
}

/* All that answers show, but for portions. */
static int64_t
answers(void)
{
	static struct stmt s = { .sql =
	    "SELECT p.id, p.name, p.description, p.category_id, p.image_url, pb.branch_id,"
	    " pb.current_price, pb.base_price, pb.is_active, ifnull(pb.stopped_until, 0) > 1779440400"
	    " OR pb.stock_quantity <= pb.reserved_quantity FROM product p"
	    " JOIN product_branch pb ON pb.product_id = p.id WHERE pb.is_active ORDER BY pb.id" };
	uint64_t h = 1;
	const char *text;

	ck_assert_int_eq(db_query(shop_db, &s, ""), 0);
	while (db_row(shop_db, &s) == 1)
		for (int col = 0; col < 10; col++)
			for (text = db_text(&s, col); text != NULL; text = *text ? text + 1 : NULL)
				h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (int64_t)h;
}

START_TEST(whatever_happens_all_that_is_kept_is_right)
{
	int64_t before, version, changes;
	int rc;

	shop_begin();
	shop_run("INSERT INTO branch (pos_branch_id, name, created_at, updated_at) VALUES"
	    " ('b1', 'Поділ', 1, 1), ('b2', 'Оболонь', 1, 1), ('b3', 'Троєщина', 1, 1)");
	seed = UINT64_C(88172645463325252);
	for (int i = 0; i < STEPS; i++) {
		before = answers();
		version = catalog_version(shop_db);
		changes = db_total_changes(shop_db);
		ck_assert_int_eq(db_begin(shop_db), DB_OK);
		rc = random_step();
		ck_assert_msg(rc >= 0, "step %d: %s", i, db_error(shop_db));
		ck_assert_int_eq(db_end(shop_db, any(20) > 0), DB_OK);
		if (answers() != before)
			ck_assert_msg(catalog_version(shop_db) != version, "step %d", i);
		if (db_total_changes(shop_db) == changes)
			ck_assert_int_eq(answers(), before);
		if (i % 10 == 0)
			expect_kept();
	}
	expect_kept();
	ck_assert_int_gt(shop_int("SELECT count(*) FROM product WHERE is_active"), 0);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("catalog_kept", whatever_happens_all_that_is_kept_is_right);
}
