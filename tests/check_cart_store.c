/*
 * check_cart_store.c - what a line of a cart costs and whether it can be had: the
 * one rule, at its edges (G19, G24, G39, C13, C14)
 */
#include "app/cart_store.h"
#include "lib/shop/stock.h"
#include "tests/seed.h"
#include "tests/suite.h"

enum { HOLD_H = 24, HELD = 9000 };

static struct arena *arena;
static struct settings conf;

/* User 1's cart, chosen for branch 1: two portions of dish 1, put in at 90.00. */
static void
begin(void)
{
	seed_begin();
	arena = arena_new(1 << 20);
	conf = (struct settings){ .price_hold_hours = HOLD_H, .reprice = REPRICE_AT_ADD };
	shop_run("INSERT INTO cart (id, user_id, branch_id, version, created_at, updated_at) "
	    "VALUES (1, 1, 1, 5, 0, 0)");
	shop_run("INSERT INTO cart_item (id, cart_id, product_id, quantity, price_at_add, priced_at, "
	    "created_at, updated_at) VALUES (1, 1, 1, 2, 9000, 1779444000, 0, 0)");
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static struct cart
load(int64_t branch_id)
{
	struct cart c;

	ck_assert_int_eq(cart_load(shop_db, arena, &conf, 1, branch_id, &c), 0);
	return c;
}

START_TEST(a_price_is_held_to_the_second)
{
	begin();
	clock_set(SEED_NOW + HOLD_H * 3600 - 1);
	ck_assert_int_eq(load(0).lines[0].price, HELD);
	clock_set(SEED_NOW + HOLD_H * 3600);
	ck_assert_int_eq(load(0).lines[0].price, 10000);
	conf.price_hold_hours = 0;
	clock_set(SEED_NOW);
	ck_assert_int_eq(load(0).lines[0].price, 10000);
	end();
}
END_TEST

/* What stands in the rows, and what the line says; prices and portions of dish 1. */
START_TEST(a_line_says_what_is_true_now)
{
	static const struct {
		const char *change;
		int64_t branch_id;	/* it is looked at from there; 0 = its own */
		int64_t price, current, available;
		int is_changed, can_be_had;
	} cases[] = {
		{ NULL, 0, HELD, 10000, 10, 1, 1 },
		{ NULL, 2, 12000, 12000, 10, 1, 1 },	/* elsewhere nothing is held */
		{ "UPDATE product_branch SET override_price = 9000 WHERE product_id = 1", 0, HELD, HELD,
		    10, 0, 1 },
		{ "UPDATE product_branch SET override_price = 0 WHERE product_id = 1", 0, HELD, 0, 10, 1, 1 },
		{ "UPDATE product_branch SET reserved_quantity = 8 WHERE product_id = 1", 0, HELD, 10000,
		    2, 1, 1 },
		{ "UPDATE product_branch SET reserved_quantity = 9 WHERE product_id = 1", 0, HELD, 10000,
		    1, 1, 0 },
		{ "UPDATE product_branch SET reserved_quantity = 11 WHERE product_id = 1", 0, HELD, 10000,
		    0, 1, 0 },
		{ "UPDATE product_branch SET stock_quantity = NULL WHERE product_id = 1", 0, HELD, 10000,
		    DB_NULL, 1, 1 },
		{ "UPDATE product_branch SET stopped_until = 1779444001 WHERE product_id = 1", 0, HELD,
		    10000, 0, 1, 0 },
		{ "UPDATE product_branch SET stopped_until = 1779444000 WHERE product_id = 1", 0, HELD,
		    10000, 10, 1, 1 },
		{ "UPDATE product_branch SET is_active = 0 WHERE product_id = 1", 0, HELD, DB_NULL, 0, 0, 0 },
		{ "DELETE FROM product_branch WHERE product_id = 1 AND branch_id = 1", 0, HELD, DB_NULL, 0,
		    0, 0 },
		{ "UPDATE cart SET branch_id = NULL", 0, HELD, 10000, 10, 1, 1 },
		{ "UPDATE cart SET branch_id = NULL", 2, HELD, 12000, 10, 1, 1 },
		{ "UPDATE product SET is_active = 0 WHERE id = 1", 0, HELD, 10000, 10, 1, 1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cart_line *l;
		struct cart c;

		begin();
		if (cases[i].change != NULL)
			shop_run(cases[i].change);
		c = load(cases[i].branch_id);
		ck_assert_int_eq(c.count, 1);
		l = &c.lines[0];
		ck_assert_msg(l->price == cases[i].price && l->current_price == cases[i].current &&
		    l->available == cases[i].available && l->price_changed == cases[i].is_changed &&
		    l->is_available == cases[i].can_be_had, "case %zu: price %lld, today %lld, "
		    "available %lld, changed %d, can %d", i, (long long)l->price,
		    (long long)l->current_price, (long long)l->available, l->price_changed,
		    l->is_available);
		ck_assert_int_eq(c.subtotal, 2 * l->price);
		ck_assert_int_eq(c.item_count, 2);
		end();
	}
}
END_TEST

START_TEST(reprice_current_holds_nothing)
{
	begin();
	conf.reprice = REPRICE_CURRENT;
	ck_assert_int_eq(load(0).lines[0].price, 10000);
	/* what is not sold has no price of today */
	shop_run("UPDATE product_branch SET is_active = 0");
	ck_assert_int_eq(load(0).lines[0].price, HELD);
	end();
}
END_TEST

START_TEST(todays_prices_make_another_sum)
{
	struct cart c;

	begin();
	shop_run("INSERT INTO cart_item (id, cart_id, product_id, quantity, price_at_add, priced_at, "
	    "created_at, updated_at) VALUES (2, 1, 2, 1, 4000, 1779444000, 0, 0)");
	shop_run("UPDATE product_branch SET is_active = 0 WHERE product_id = 2");
	c = load(0);
	ck_assert_int_eq(c.subtotal, 2 * HELD + 4000);
	cart_price_today(&c);
	ck_assert_int_eq(c.subtotal, 2 * 10000 + 4000);	/* dish 2 has none */
	ck_assert_ptr_eq(cart_missing(&c, NULL), &c.lines[1]);
	ck_assert_ptr_null(cart_missing(&c, &c.lines[1]));
	ck_assert_ptr_eq(cart_line_of(&c, 2), &c.lines[1]);
	ck_assert_ptr_null(cart_line_of(&c, 3));
	end();
}
END_TEST

/* Nobody's cart is an empty one, and the fullest one is read whole. */
START_TEST(none_and_the_fullest)
{
	struct cart c;

	begin();
	ck_assert_int_eq(cart_load(shop_db, arena, &conf, 2, 0, &c), 0);
	ck_assert(c.id == 0 && c.version == 0 && c.count == 0 && c.branch_id == DB_NULL);
	shop_run("WITH RECURSIVE n (i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 202) "
	    "INSERT INTO product (id, pos_product_id, name, sort_key, search_text, created_at, "
	    "updated_at) SELECT i, 'q' || i, 'Страва', x'04', 'страва', 0, 0 FROM n");
	shop_run("INSERT INTO cart_item (cart_id, product_id, quantity, price_at_add, priced_at, "
	    "created_at, updated_at) SELECT 1, id, 99, 999999999, 0, 0, 0 FROM product WHERE id > 3");
	c = load(0);
	ck_assert_int_eq(c.count, CART_LINES_MAX);
	ck_assert_int_eq(c.subtotal, INT64_C(199) * 99 * 999999999 + 2 * HELD);
	for (int i = 1; i < c.count; i++)
		ck_assert_int_gt(c.lines[i].id, c.lines[i - 1].id);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("cart_store", a_price_is_held_to_the_second, a_line_says_what_is_true_now,
	    reprice_current_holds_nothing, todays_prices_make_another_sum, none_and_the_fullest);
}
