/* check_load.c - an order as the till's profile names it (G51, G52) */
#include <string.h>

#include "lib/base/arena.h"
#include "sync/load.h"
#include "tests/shop.h"
#include "tests/suite.h"

static struct arena *arena;

static void
begin(const char *address)
{
	char sql[1024];

	shop_begin();
	arena = arena_new(1 << 20);
	shop_run("INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " VALUES (3, 'kyiv-1', 'Поділ', 1, 1)");
	shop_run("INSERT INTO users (id, email, password_hash, name, pos_client_id, created_at,"
	    " updated_at) VALUES (9, 'anna@example.com', '-', 'Анна', NULL, 1, 1)");
	shop_run("INSERT INTO product (id, pos_product_id, name, sort_key, search_text, created_at,"
	    " updated_at) VALUES (1, 'D001', 'Борщ', x'01', 'борщ', 1, 1)");
	snprintf(sql, sizeof sql, "INSERT INTO orders (id, ref, day, number, user_id, branch_id,"
	    " order_type, subtotal, delivery_fee, total_amount, contact_name, contact_phone,"
	    " delivery_address, delivery_latitude, delivery_longitude, branch_name,"
	    " branch_address, notes, created_at, updated_at) VALUES (5, '1-5', 20261122, 12, 9, 3,"
	    " 'delivery', 27000, 12900, 39900, 'Анна К.', '+380671234567', '%s', 50.1, 30.1,"
	    " 'Поділ', '', 'без цибулі', 77, 77)", address);
	shop_run(sql);
	shop_run("INSERT INTO order_item (order_id, product_id, pos_product_id, name, quantity,"
	    " unit_price, total_price) VALUES (5, 1, 'D001', 'Борщ', 2, 13500, 27000)");
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

START_TEST(every_name_of_the_profile_is_filled)
{
	struct loaded_order l;

	begin("{\"text\":\"вул. Хрещатик, 1\"}");
	ck_assert_int_eq(load_order(shop_db, arena, 5, "key-1", &l), 1);
	ck_assert_str_eq(l.pos.key, "key-1");
	ck_assert_str_eq(l.pos.ref, "1-5");
	ck_assert_str_eq(l.pos.number, "12");
	ck_assert_str_eq(l.pos.type, "delivery");
	ck_assert_str_eq(l.pos.branch, "kyiv-1");
	ck_assert_str_eq(l.pos.comment, "без цибулі");
	ck_assert_int_eq(l.pos.fee, 12900);
	ck_assert_int_eq(l.pos.total, 39900);
	ck_assert_int_eq(l.pos.paid, 0);
	ck_assert_ptr_null(l.pos.pos_id);
	ck_assert_str_eq(l.pos.customer.name, "Анна К.");
	ck_assert_str_eq(l.pos.customer.phone, "+380671234567");
	ck_assert_str_eq(l.pos.customer.email, "anna@example.com");
	ck_assert_str_eq(l.pos.customer.ref, "9");
	ck_assert_ptr_null(l.pos.customer.id);	/* C29: left out of the payload */
	ck_assert_uint_eq(l.pos.item_count, 1);
	ck_assert_str_eq(l.pos.items[0].key, "D001");
	ck_assert_int_eq(l.pos.items[0].qty, 2);
	ck_assert_int_eq(l.pos.items[0].price, 13500);
	ck_assert_int_eq(l.created_at, 77);
	ck_assert_int_eq(l.status, ORDER_PENDING);
	end();
}
END_TEST

START_TEST(address_is_one_line_for_the_courier)
{
	static const struct { const char *json, *line; } rows[] = {
		{ "{\"text\":\"вул. Хрещатик, 1\"}", "вул. Хрещатик, 1" },
		{ "{\"text\":\"А\",\"apartment\":\"5\",\"floor\":\"2\",\"comment\":\"не дзвонити\"}",
		    "А, кв. 5, поверх 2, не дзвонити" },
		{ "{\"text\":\"А\",\"apartment\":null,\"entrance\":\"\",\"intercom\":\"12К\"}",
		    "А, домофон 12К" },
	};
	struct loaded_order l;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(rows[i].json);
		ck_assert_int_eq(load_order(shop_db, arena, 5, "k", &l), 1);
		ck_assert_str_eq(l.pos.address_text, rows[i].line);
		ck_assert_str_eq(l.pos.address, rows[i].json);
		end();
	}
}
END_TEST

START_TEST(unknown_order_is_told)
{
	struct loaded_order l;

	begin("{\"text\":\"А\"}");
	ck_assert_int_eq(load_order(shop_db, arena, 6, "k", &l), 0);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("load", every_name_of_the_profile_is_filled,
	    address_is_one_line_for_the_courier, unknown_order_is_told);
}
