/* check_products.c - GET /products, GET /products/{id} (G11, G12, G15–G18, C15, C27) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "tests/menu.h"
#include "tests/suite.h"

/* With the two that a read transaction takes. */
enum { STATEMENTS_MOST = 9 };

/* G11 G15: the guide's members, and C15's row without branch */
START_TEST(a_list_without_branch_shows_each_dish_once)
{
	static const char *const members[] = { "id", "pos_product_id", "pos_branch_id", "name",
		"description", "category", "image_url", "price", "base_price", "stock_quantity",
		"is_available", "updated_at" };
	enum { MEMBERS = sizeof members / sizeof *members };
	const struct rig_reply *a;

	menu_begin();
	a = menu_get("/products");
	/* by name: Борщ, Вареники з вишнею, з картоплею, з сиром, Голубці, Деруни … */
	ck_assert_str_eq(menu_ids(a), "1 5 4 6 7 8 9 10 2 3");
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	ck_assert(!rig_true(a, "/total_capped"));
	ck_assert(!rig_has(a, "/next_cursor"));
	ck_assert_uint_eq(json_count(json_pointer(a->json, "/products/0")), MEMBERS);
	for (size_t i = 0; i < MEMBERS; i++)
		ck_assert_msg(json_member(json_pointer(a->json, "/products/0"), members[i]) != NULL,
		    "%s", members[i]);
	ck_assert(!rig_has(a, "/products/0/pos_branch_id"));
	ck_assert_str_eq(rig_digits(a, "/products/0/price"), "100.00");
	ck_assert_str_eq(rig_text(a, "/products/0/name"), "Борщ український");
	ck_assert_str_eq(rig_text(a, "/products/0/category"), "Супи");
	ck_assert_str_eq(rig_text(a, "/products/0/updated_at"), "2026-05-22T10:00:00Z");
	rig_end();
}
END_TEST

/* G18 C15 */
START_TEST(a_branch_has_its_own_dishes_prices_and_stock)
{
	const struct rig_reply *a;

	menu_begin();
	rig_sql("UPDATE product_branch SET stock_quantity = 4, reserved_quantity = 1"
	    " WHERE product_id = 1 AND branch_id = 2");
	menu_touch(1);
	a = menu_get("/products?branch_id=2");
	ck_assert_str_eq(menu_ids(a), "1 5 4 6 2 3");
	ck_assert_int_eq(rig_int(a, "/total"), 6);
	ck_assert_str_eq(rig_text(a, "/products/0/pos_branch_id"), "b2");
	ck_assert_str_eq(rig_digits(a, "/products/0/price"), "110.00");
	ck_assert_int_eq(rig_int(a, "/products/0/stock_quantity"), 3);
	ck_assert_int_eq(rig_int(menu_get("/products"), "/products/0/stock_quantity"), 10);
	rig_refused(menu_get("/products?branch_id=99"), 404, "not_found");
	rig_sql("UPDATE branch SET is_active = 0 WHERE id = 2");
	rig_refused(menu_get("/products?branch_id=2"), 404, "not_found");
	rig_end();
}
END_TEST

/* G16: override if there is one, also of nothing; G18: zero stock is shown as such */
START_TEST(the_price_is_todays_and_zero_stock_is_told)
{
	const struct rig_reply *a;

	menu_begin();
	a = menu_get("/products/10");
	ck_assert_str_eq(rig_digits(a, "/product/price"), "150.00");
	ck_assert_str_eq(rig_digits(a, "/product/base_price"), "190.00");
	rig_sql("UPDATE product_branch SET override_price = 0 WHERE product_id = 10");
	menu_touch(10);
	ck_assert_str_eq(rig_digits(menu_get("/products/10"), "/product/price"), "0.00");
	ck_assert_str_eq(rig_digits(menu_get("/products/10?branch_id=1"), "/product/price"), "0.00");
	a = menu_get("/products/9");
	ck_assert_int_eq(rig_int(a, "/product/stock_quantity"), 0);
	ck_assert(!rig_true(a, "/product/is_available"));
	a = menu_get("/products/8");
	ck_assert(!rig_has(a, "/product/stock_quantity"));
	ck_assert(rig_true(a, "/product/is_available"));
	rig_end();
}
END_TEST

START_TEST(a_stopped_dish_cannot_be_had_until_its_time)
{
	const struct rig_reply *a;

	menu_begin();
	rig_sql("UPDATE product_branch SET stopped_until = 1779447600 WHERE product_id = 8");
	menu_touch(8);
	a = menu_get("/products/8?branch_id=1");
	ck_assert_int_eq(rig_int(a, "/product/stock_quantity"), 0);
	ck_assert(!rig_true(a, "/product/is_available"));
	ck_assert(!rig_true(menu_get("/products/8"), "/product/is_available"));
	clock_set(1779447600);
	ck_assert(rig_true(menu_get("/products/8?branch_id=1"), "/product/is_available"));
	rig_end();
}
END_TEST

/* G12 */
START_TEST(one_dish_by_its_id)
{
	const struct rig_reply *a;

	menu_begin();
	a = menu_get("/products/7");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/product/id"), 7);
	ck_assert_str_eq(rig_text(a, "/product/name"), "Голубці");
	rig_ok(menu_get("/products/7?branch_id=1"), 200);
	rig_refused(menu_get("/products/7?branch_id=2"), 404, "not_found");
	rig_refused(menu_get("/products/7?branch_id=3"), 404, "not_found");
	rig_refused(menu_get("/products/11"), 404, "not_found");
	ck_assert_ptr_null(rig_header(menu_get("/products/11"), "ETag"));
	rig_refused(menu_get("/products/0"), 404, "not_found");
	rig_refused(menu_get("/products/abc"), 404, "not_found");
	rig_refused(menu_get("/products/7?branch_id=x"), 422, "invalid_field");
	rig_end();
}
END_TEST

START_TEST(what_is_off_sale_is_hidden)
{
	struct db *db;
	const struct catalog_rules rules = { .now = RIG_NOW };

	menu_begin();
	db = rig_app()->db;
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(catalog_retire(db, rig_sql_int("SELECT id FROM product_branch"
	    " WHERE product_id = 7"), &rules), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	rig_refused(menu_get("/products/7"), 404, "not_found");
	ck_assert_str_eq(menu_ids(menu_get("/products")), "1 5 4 6 8 9 10 2 3");
	ck_assert_int_eq(rig_int(menu_get("/products"), "/total"), 9);
	ck_assert_str_eq(menu_ids(menu_get("/products?search=голубці")), "");
	rig_end();
}
END_TEST

/* G11: and what is no letter of a search's has no meaning (G76) */
START_TEST(search_finds_what_people_type)
{
	static const struct { const char *query, *found; } cases[] = {
		{ "борщ", "1" }, { "БОРЩ", "1" }, { "раїнс", "1" }, { "український борщ", "1" },
		{ "вареники", "4 5 6" }, { "вареники з", "4 5 6" }, { "вареники ви", "5" },
		{ "в", "4 5 6" }, { "ва", "4 5 6" }, { "аре", "4 5 6" }, { "ар", "" },
		{ "м'ясна", "2" }, { "мясна", "2" }, { "м’ясна", "2" }, { "мʼясна", "2" },
		{ "по-київськи", "9" }, { "київськи по", "9" }, { "супи", "1 2 3" },
		{ "порція супи", "1 2 3" }, { "піца", "" }, { "борщ піца", "" },
		{ "\"", "" }, { "борщ\"", "1" }, { "борщ*", "1" }, { "борщ OR піца", "" },
		{ "борщ)", "1" }, { "-борщ", "1" }, { "name:борщ", "" }, { "'; DROP TABLE product", "" },
		{ "\"борщ", "1" }, { "борщ AND", "" }, { "NOT борщ", "" }, { "NEAR(борщ піца)", "" },
		{ "{борщ}: ^борщ + борщ", "1" }, { "search_text : борщ", "" }, { "борщ\\", "1" },
		{ "  борщ   ", "1" }, { "%", "" }, { "_", "" }, { "🍲", "" },
	};
	char path[400];
	struct buf b = BUF_INIT(300);

	menu_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_reset(&b);
		buf_urlencode(&b, cases[i].query, strlen(cases[i].query));
		snprintf(path, sizeof path, "/products?search=%s", b.s);
		ck_assert_msg(strcmp(menu_ids(menu_get(path)), cases[i].found) == 0, "%s: %s",
		    cases[i].query, menu_ids(menu_get(path)));
	}
	buf_free(&b);
	rig_end();
}
END_TEST

/* Letters count as they are typed; apostrophes, capitals and marks do not. */
START_TEST(letters_are_told_apart_and_signs_are_not)
{
	static const char *const names[] = { "Їжачки", "Єврейський салат", "Піца П’ять сирів",
		"Ёжики", "Ґречаники", "English Breakfast", "Кава з йогуртом" };
	static const struct { const char *query, *found; } cases[] = {
		{ "їжачки", "11" }, { "ЇЖАЧКИ", "11" }, { "іжачки", "" }, { "ї", "11" }, { "і", "" },
		{ "єврейський", "12" }, { "еврейський", "" }, { "ЄВРЕЙ", "12" },
		{ "п'ять", "13" }, { "п’ять", "13" }, { "пʼять", "13" }, { "пять", "13" },
		{ "П`ЯТЬ", "13" }, { "'ять", "13" },
		{ "ёжики", "14" }, { "Ё", "14" }, { "ежики", "" }, { "е\xCC\x88жики", "14" },
		{ "ґречаники", "15" }, { "гречаники", "" },
		{ "english", "16" }, { "BREAK", "16" }, { "eng break", "16" }, { "e b", "16" },
		{ "glish", "16" }, { "gl", "" }, { "йогурт", "17" }, { "и\xCC\x86огурт", "17" },
		{ "иогурт", "" }, { "сирів піца", "13" },
	};
	const struct catalog_rules rules = { .now = RIG_NOW };
	const struct catalog_offer offer = { .branch_id = 1, .price = 100, .stock = 5,
		.stock_known = 1, .on_sale = 1 };
	struct catalog_product p = { 0 };
	struct buf b = BUF_INIT(300);
	char path[400], key[8];

	menu_begin();
	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(key, sizeof key, "q%zu", i);
		p.key = key;
		p.name = names[i];
		ck_assert_int_ge(catalog_put(rig_app()->db, &p, &offer, 1, &rules, NULL), 0);
	}
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_reset(&b);
		buf_urlencode(&b, cases[i].query, strlen(cases[i].query));
		snprintf(path, sizeof path, "/products?search=%s", b.s);
		ck_assert_msg(strcmp(menu_ids(menu_get(path)), cases[i].found) == 0, "%s: %s",
		    cases[i].query, menu_ids(menu_get(path)));
	}
	buf_free(&b);
	rig_end();
}
END_TEST

START_TEST(search_keeps_to_branch_category_and_page)
{
	const struct rig_reply *a;
	char path[300];

	menu_begin();
	ck_assert_str_eq(menu_ids(menu_get("/products?search=порція&branch_id=2")), "1 2 3 4 5 6");
	ck_assert_str_eq(menu_ids(menu_get("/products?search=по&branch_id=2")), "1 2 3 4 5 6");
	ck_assert_str_eq(rig_digits(menu_get("/products?search=борщ&branch_id=2"), "/products/0/price"),
	    "110.00");
	ck_assert_str_eq(menu_ids(menu_get("/products?search=порція&category=3")), "1 2 3");
	ck_assert_str_eq(menu_ids(menu_get("/products?search=по&category=2")), "7 8 9 10");
	a = menu_get("/products?search=порція&limit=3&page=2");
	ck_assert_str_eq(menu_ids(a), "4 5 6");
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	snprintf(path, sizeof path, "/products?search=порція&limit=3&cursor=%s",
	    rig_text(a, "/next_cursor"));
	a = menu_get(path);
	ck_assert_str_eq(menu_ids(a), "7 8 9");
	snprintf(path, sizeof path, "/products?search=порція&limit=3&cursor=%s",
	    rig_text(a, "/next_cursor"));
	a = menu_get(path);
	ck_assert_str_eq(menu_ids(a), "10");
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	ck_assert(!rig_has(a, "/next_cursor"));
	ck_assert_str_eq(menu_ids(menu_get("/products?search=порція&limit=3&page=5")), "");
	/* what can be had: 9 is sold out */
	ck_assert_str_eq(menu_ids(menu_get("/products?search=по&category=2&available=true")), "7 8 10");
	/* a search has an order of its own */
	ck_assert_str_eq(menu_ids(menu_get("/products?search=вареники&sort=-price")), "4 5 6");
	/* an empty search is none */
	ck_assert_int_eq(rig_int(menu_get("/products?search="), "/total"), 10);
	rig_end();
}
END_TEST

/* G76 */
START_TEST(wrong_parameters_are_named)
{
	static const char *const cases[][2] = {
		{ "page=0", "page" }, { "page=x", "page" }, { "limit=0", "limit" },
		{ "limit=101", "limit" }, { "branch_id=0", "branch_id" }, { "branch_id=-1", "branch_id" },
		{ "branch_id=1.5", "branch_id" }, { "branch_id=9007199254740992", "branch_id" },
		{ "cursor=x", "cursor" }, { "cursor=6", "cursor" }, { "sort=popular", "sort" },
		{ "sort=+price", "sort" }, { "available=yes", "available" }, { "page=1&page=2", "page" },
	};
	const struct rig_reply *a;
	char path[400], pointer[64];

	menu_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(path, sizeof path, "/products?%s", cases[i][0]);
		a = menu_get(path);
		rig_refused(a, 422, "invalid_field");
		snprintf(pointer, sizeof pointer, "/fields/%s", cases[i][1]);
		ck_assert_msg(rig_has(a, pointer), "%s: %s", path, a->text);
	}
	snprintf(path, sizeof path, "/products?search=%0101d", 0);
	rig_refused(menu_get(path), 422, "invalid_field");
	snprintf(path, sizeof path, "/products?category=%0201d", 0);
	rig_refused(menu_get(path), 422, "invalid_field");
	rig_end();
}
END_TEST

/* C27 G85: no answer outlives the change of what it shows */
START_TEST(an_unchanged_catalogue_answers_304_from_its_version_alone)
{
	struct rig_ask ask = { .method = "GET", .path = "/products?limit=100" };
	const struct rig_reply *a;

	menu_begin();
	a = rig_send(&ask);
	rig_ok(a, 200);
	ask.etag = rig_header(a, "ETag");
	ck_assert_ptr_nonnull(ask.etag);
	a = rig_send(&ask);
	rig_ok(a, 304);
	ck_assert_uint_eq(a->len, 0);
	ck_assert_int_eq(a->statements, MENU_VERSION_ONLY);
	ck_assert_str_eq(rig_header(a, "ETag"), ask.etag);
	rig_sql("UPDATE product_branch SET reserved_quantity = 1 WHERE product_id = 1");
	menu_touch(1);
	rig_ok(rig_send(&ask), 304);
	rig_sql("UPDATE product_branch SET reserved_quantity = 10 WHERE product_id = 1"
	    " AND branch_id = 2");
	menu_touch(1);
	rig_ok(rig_send(&ask), 200);
	ask.path = "/products/1";
	rig_ok(rig_send(&ask), 200);
	ask.etag = rig_header(rig_send(&ask), "ETag");
	rig_ok(rig_send(&ask), 304);
	ask.etag = "W/\"1-0\", \"x\"";
	rig_ok(rig_send(&ask), 200);
	/* a restored shop counts its versions again */
	ask.etag = rig_header(rig_send(&ask), "ETag");
	rig_sql("UPDATE meta SET value = '2' WHERE key = 'epoch'");
	rig_ok(rig_send(&ask), 200);
	rig_end();
}
END_TEST

/* G83 */
START_TEST(statements_do_not_grow_with_dishes)
{
	/* The search index runs statements of its own, which count here too. */
	static const struct { const char *path; int most; } cases[] = {
		{ "/products?branch_id=1&category=3&page=2&limit=", STATEMENTS_MOST },
		{ "/products?branch_id=1&sort=-price&available=true&page=2&limit=", STATEMENTS_MOST },
		{ "/products?branch_id=1&search=порція&limit=", 2 * STATEMENTS_MOST },
	};
	char path[200];
	int few;

	menu_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(path, sizeof path, "%s1", cases[i].path);
		few = menu_get(path)->statements;
		snprintf(path, sizeof path, "%s100", cases[i].path);
		ck_assert_int_le(menu_get(path)->statements, few);
		ck_assert_int_le(few, cases[i].most);
	}
	rig_end();
}
END_TEST

START_TEST(out_of_memory_is_an_error_and_no_half_answer)
{
	menu_begin();
	rig_memory(64);
	rig_refused(menu_get("/products"), 500, "internal");
	rig_memory(16);
	rig_refused(menu_get("/products/1"), 500, "internal");
	rig_memory(0);
	rig_ok(menu_get("/products"), 200);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("products", a_list_without_branch_shows_each_dish_once,
	    a_branch_has_its_own_dishes_prices_and_stock,
	    the_price_is_todays_and_zero_stock_is_told,
	    a_stopped_dish_cannot_be_had_until_its_time, one_dish_by_its_id,
	    what_is_off_sale_is_hidden, search_finds_what_people_type,
	    letters_are_told_apart_and_signs_are_not,
	    search_keeps_to_branch_category_and_page, wrong_parameters_are_named,
	    an_unchanged_catalogue_answers_304_from_its_version_alone,
	    statements_do_not_grow_with_dishes, out_of_memory_is_an_error_and_no_half_answer);
}
