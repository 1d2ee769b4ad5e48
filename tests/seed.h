/*
 * seed.h - a shop with two branches, three dishes and two people
 *
 * Branch 1 "Поділ" and 2 "Лівий берег" are always open and deliver; dish 1
 * (100.00, 10 portions), 2 (50.50, 5 portions), 3 (200.00, not tracked) are
 * in branch 1, dish 1 (120.00) and 3 in branch 2. Users 1 Анна and 2 Борис.
 */
#ifndef SEED_H
#define SEED_H

#include "lib/base/clock.h"
#include "tests/shop.h"

#define SEED_NOW INT64_C(1779444000)	/* 2026-05-22T10:00:00Z */

static const char *const seed_rows[] = {
	"INSERT INTO branch (id, pos_branch_id, name, address, latitude, longitude, phone, "
	"created_at, updated_at) VALUES "
	"(1, 'b1', 'Поділ', 'вул. Сагайдачного, 1', 50.4501, 30.5234, '+380441112233', 0, 0), "
	"(2, 'b2', 'Лівий берег', 'вул. Раїси Окіпної, 2', 50.4550, 30.5900, NULL, 0, 0)",
	"INSERT INTO product (id, pos_product_id, name, sort_key, search_text, is_active, "
	"min_price, base_price, best_stock, is_available, created_at, updated_at) VALUES "
	"(1, 'p1', 'Борщ український', x'01', 'борщ', 1, 10000, 10000, 10, 1, 0, 0), "
	"(2, 'p2', 'Вареники', x'02', 'вареники', 1, 5050, 5050, 5, 1, 0, 0), "
	"(3, 'p3', 'Узвар', x'03', 'узвар', 1, 20000, 20000, NULL, 1, 0, 0)",
	"INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, sort_key, "
	"is_available, pos_last_synced_at, created_at, updated_at) VALUES "
	"(1, 1, 10000, 10, x'01', 1, 0, 0, 0), (2, 1, 5050, 5, x'02', 1, 0, 0, 0), "
	"(3, 1, 20000, NULL, x'03', 1, 0, 0, 0), (1, 2, 12000, 10, x'01', 1, 0, 0, 0), "
	"(3, 2, 20000, NULL, x'03', 1, 0, 0, 0)",
	"INSERT INTO catalog_count (branch_id, category_id, products, available) VALUES "
	"(0, 0, 3, 3), (1, 0, 3, 3), (2, 0, 2, 2)",
	"INSERT INTO users (id, email, password_hash, name, phone, locale, created_at, updated_at) "
	"VALUES (1, 'anna@example.com', '$2b$', 'Анна', '+380501112233', 'uk', 0, 0), "
	"(2, 'borys@example.com', '$2b$', 'Борис', NULL, 'en', 0, 0)",
};

static inline struct db *
seed_begin(void)
{
	struct db *db = shop_begin();

	clock_set(SEED_NOW);
	for (size_t i = 0; i < sizeof seed_rows / sizeof *seed_rows; i++)
		shop_run(seed_rows[i]);
	return db;
}

/* Order n of user 1 at branch 1, as placing leaves it but for its items. */
static inline void
seed_order(int n, const char *type)
{
	char text[1024];

	snprintf(text, sizeof text, "INSERT INTO orders (id, ref, day, number, user_id, branch_id, "
	    "order_type, subtotal, delivery_fee, total_amount, contact_name, contact_phone, "
	    "delivery_address, delivery_latitude, delivery_longitude, branch_name, branch_address, "
	    "created_at, updated_at) VALUES (%d, '1-%d', 20260522, %d, 1, 1, '%s', 10000, 0, 10000, "
	    "'Анна', '+380501112233', '{}', 50.4, 30.5, 'Поділ', 'вул. Сагайдачного, 1', %lld, %lld)",
	    n, n, n, type, (long long)clock_now(), (long long)clock_now());
	shop_run(text);
}

static inline void
seed_item(int order, int product, int quantity)
{
	char text[256];

	snprintf(text, sizeof text, "INSERT INTO order_item (order_id, product_id, pos_product_id, "
	    "name, quantity, unit_price, total_price) VALUES (%d, %d, 'p%d', 'Борщ', %d, 100, %d)",
	    order, product, product, quantity, 100 * quantity);
	shop_run(text);
}

#endif
