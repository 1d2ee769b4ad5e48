/*
 * rig_seed.c - the shop that tests of the API begin with
 *
 * Branch 1 "Центр" has every dish, 2 "Поділ" has 1 to 6, a little dearer; both
 * are always open and do everything. Dish 8 is not tracked, 9 is sold out, 10
 * has an override of 150.00. Prices in branch 1: dish n costs n * 10 + 90.00.
 */
#include <stdio.h>

#include "lib/shop/branch.h"
#include "lib/shop/catalog.h"
#include "tests/rig.h"

enum { DISHES = 10, IN_BOTH = 6, KEY_TEXT = 16 };

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
	"UPDATE branch SET eta_pickup_min = 20, eta_delivery_min = 60 WHERE id = 1",
	"UPDATE branch SET eta_pickup_min = 15, eta_delivery_min = 45 WHERE id = 2",
	"INSERT INTO category (id, name, sort_key) VALUES (1, 'Вареники', x'01'), "
	"(2, 'Гарячі страви', x'02'), (3, 'Супи', x'03')",
};

static const struct branch_news branches[] = {
	{ .key = "b1", .name = "Центр", .address = "вул. Хрещатик, 1", .phone = "+380441112233",
	    .latitude = 50.4501, .longitude = 30.5234 },
	{ .key = "b2", .name = "Поділ", .address = "вул. Сагайдачного, 10",
	    .latitude = 50.4600, .longitude = 30.5180 },
};

/* The catalogue's own writer, so that all it keeps is right. */
static void
add_dish(int64_t id, const struct dish *d)
{
	const struct catalog_rules rules = { .now = RIG_NOW };
	int64_t price = (id * 10 + 90) * 100, stock = d->stock < 0 ? DB_NULL : d->stock;
	const struct catalog_offer offers[] = {
		{ .branch_id = 1, .price = price, .stock = stock, .stock_known = 1, .on_sale = 1 },
		{ .branch_id = 2, .price = price + 1000, .stock = stock, .stock_known = 1,
		    .on_sale = 1 },
	};
	char key[KEY_TEXT];
	const struct catalog_product p = { .key = key, .name = d->name,
		.description = "Порція", .category = d->category };

	snprintf(key, sizeof key, "p%lld", (long long)id);
	ck_assert_int_eq(catalog_put(rig_app()->db, &p, offers, id <= IN_BOTH ? 2 : 1, &rules,
	    NULL), CATALOG_ADDED);
}

static void
override(int64_t product_id, const char *statement)
{
	rig_sql(statement);
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	ck_assert_int_eq(catalog_touch(rig_app()->db, product_id, RIG_NOW), 0);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
}

void
rig_seed(void)
{
	int64_t id;

	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (size_t i = 0; i < sizeof branches / sizeof *branches; i++)
		ck_assert_int_eq(branch_put(rig_app()->db, &branches[i], 1, &id), 2);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		rig_sql(before[i]);
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (int i = 0; i < DISHES; i++)
		add_dish(i + 1, &dishes[i]);
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	override(10, "UPDATE product_branch SET override_price = 15000 WHERE product_id = 10");
}
