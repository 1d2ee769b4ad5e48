/*
 * rig_seed.c - the shop that tests of the API begin with
 *
 * Branch 1 "Центр" has every dish, 2 "Поділ" has 1 to 6, a little dearer; both
 * are always open and do everything. Dish 8 is not tracked, 9 is sold out, 10
 * has an override of 150.00. Prices in branch 1: dish n costs n * 10 + 90.00.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "tests/rig.h"

enum { DISHES = 10, IN_BOTH = 6, SEED_TEXT = 4096 };

static const struct dish {
	const char *name, *category;
	int stock;		/* in branch 1; -1 = not tracked */
} dishes[DISHES] = {
	{ "Борщ український", "Супи", 10 },
	{ "Солянка м'ясна", "Супи", 10 },
	{ "Юшка рибна", "Супи", 10 },
	{ "Вареники з картоплею", "Вареники", 20 },
	{ "Вареники з вишнею", "Вареники", 20 },
	{ "Вареники з сиром", "Вареники", 20 },
	{ "Голубці", "Гарячі страви", 5 },
	{ "Деруни зі сметаною", "Гарячі страви", -1 },
	{ "Котлета по-київськи", "Гарячі страви", 0 },
	{ "Печеня по-домашньому", "Гарячі страви", 3 },
};

static const char *const before[] = {
	"INSERT INTO branch (id, pos_branch_id, name, address, latitude, longitude, phone, "
	"eta_pickup_min, eta_delivery_min, created_at, updated_at) VALUES "
	"(1, 'b1', 'Центр', 'вул. Хрещатик, 1', 50.4501, 30.5234, '+380441112233', 20, 60, 1, 1), "
	"(2, 'b2', 'Поділ', 'вул. Сагайдачного, 10', 50.4600, 30.5180, NULL, 15, 45, 1, 1)",
	"INSERT INTO category (id, name, sort_key) VALUES (1, 'Вареники', x'01'), "
	"(2, 'Гарячі страви', x'02'), (3, 'Супи', x'03')",
};

static const char *const after[] = {
	"UPDATE product_branch SET override_price = 15000 WHERE product_id = 10",
	"UPDATE product SET min_price = 15000 WHERE id = 10",
	"INSERT INTO product_trigram (rowid, search_text) SELECT id, search_text FROM product",
	"INSERT INTO product_word (rowid, search_text) SELECT id, search_text FROM product",
	"INSERT INTO catalog_count (branch_id, category_id, products) "
	"SELECT 0, 0, count(*) FROM product UNION ALL "
	"SELECT 0, category_id, count(*) FROM product GROUP BY category_id UNION ALL "
	"SELECT branch_id, 0, count(*) FROM product_branch GROUP BY branch_id UNION ALL "
	"SELECT branch_id, category_id, count(*) FROM product_branch GROUP BY branch_id, category_id",
};

static struct stmt add_product = { .sql =
    "INSERT INTO product (id, pos_product_id, name, description, category_id, sort_key, "
    "search_text, is_active, min_price, base_price, best_stock, is_available, created_at, "
    "updated_at) SELECT ?1, 'p' || ?1, ?2, 'Порція', id, ?3, ?4, 1, ?5, ?5, ?6, ?6 IS NOT 0, 1, 1 "
    "FROM category WHERE name = ?7" };
static struct stmt add_offer = { .sql =
    "INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, category_id, "
    "sort_key, pos_last_synced_at, created_at, updated_at) "
    "SELECT id, ?2, ?3, ?4, category_id, sort_key, 1, 1, 1 FROM product WHERE id = ?1" };

static void
add_dish(int64_t id, const struct dish *d)
{
	struct db *db = rig_app()->db;
	struct buf key = BUF_INIT(SEED_TEXT), folded = BUF_INIT(SEED_TEXT);
	int64_t price = (id * 10 + 90) * 100, stock = d->stock < 0 ? DB_NULL : d->stock;

	utf8_fold(&folded, d->name, strlen(d->name));
	utf8_sort_key(&key, d->name, strlen(d->name));
	ck_assert_int_eq(db_run(db, &add_product, "isbsiis", id, d->name, key.s, key.len, folded.s,
	    price, stock, d->category), 0);
	ck_assert_int_eq(db_run(db, &add_offer, "iiii", id, INT64_C(1), price, stock), 0);
	if (id <= IN_BOTH)
		ck_assert_int_eq(db_run(db, &add_offer, "iiii", id, INT64_C(2), price + 1000, stock), 0);
	buf_free(&key);
	buf_free(&folded);
}

void
rig_seed(void)
{
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		rig_sql(before[i]);
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (int i = 0; i < DISHES; i++)
		add_dish(i + 1, &dishes[i]);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	for (size_t i = 0; i < sizeof after / sizeof *after; i++)
		rig_sql(after[i]);
}
