/* check_lists.c - orders, pages, cursors and categories of the catalogue (G11, G18, G88, C27) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "tests/menu.h"
#include "tests/suite.h"

/* G88 */
START_TEST(pages_follow_each_other_by_number_and_by_cursor)
{
	const struct rig_reply *a;
	char path[300];

	menu_begin();
	a = menu_get("/products?limit=4");
	ck_assert_str_eq(menu_ids(a), "1 5 4 6");
	snprintf(path, sizeof path, "/products?limit=4&cursor=%s", rig_text(a, "/next_cursor"));
	ck_assert_str_eq(menu_ids(menu_get(path)), "7 8 9 10");
	ck_assert_str_eq(menu_ids(menu_get("/products?limit=4&page=2")), "7 8 9 10");
	a = menu_get("/products?limit=4&page=3");
	ck_assert_str_eq(menu_ids(a), "2 3");
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	ck_assert(!rig_has(a, "/next_cursor"));
	ck_assert_str_eq(menu_ids(menu_get("/products?limit=4&page=4")), "");
	ck_assert_str_eq(menu_ids(menu_get("/products?limit=100&page=1000000")), "");
	ck_assert_str_eq(menu_ids(menu_get("/products?limit=5&page=2")), "8 9 10 2 3");
	ck_assert(!rig_has(menu_get("/products?limit=5&page=2"), "/next_cursor"));
	ck_assert_str_eq(menu_ids(menu_get("/products?branch_id=2&limit=2&page=3")), "2 3");
	a = menu_get("/products?branch_id=2&limit=3");
	snprintf(path, sizeof path, "/products?branch_id=2&limit=2&cursor=%s",
	    rig_text(a, "/next_cursor"));
	ck_assert_str_eq(menu_ids(menu_get(path)), "6 2");
	ck_assert_str_eq(menu_ids(menu_get("/products?category=1&limit=1&page=2")), "4");
	ck_assert_str_eq(menu_ids(menu_get("/products?branch_id=2&category=1&limit=1&page=3")), "6");
	rig_end();
}
END_TEST

/* G11 G18: by price, 10 (150.00 by override) stands between 6 and 7 */
START_TEST(lists_come_in_the_order_asked_for)
{
	static const struct { const char *query, *found; } cases[] = {
		{ "sort=name", "1 5 4 6 7 8 9 10 2 3" },
		{ "sort=price", "1 2 3 4 5 6 10 7 8 9" },
		{ "sort=-price", "9 8 7 10 6 5 4 3 2 1" },
		{ "sort=newest", "10 9 8 7 6 5 4 3 2 1" },
		{ "sort=price&branch_id=2", "1 2 3 4 5 6" },
		{ "sort=-price&branch_id=1&category=2", "9 8 7 10" },
		{ "sort=newest&category=Супи&limit=2", "3 2" },
		{ "sort=newest&category=Супи&limit=2&page=2", "1" },
		{ "sort=-price&available=true", "8 7 10 6 5 4 3 2 1" },
		{ "sort=price&available=true&branch_id=1&category=2&limit=2&page=2", "8" },
		{ "available=true", "1 5 4 6 7 8 10 2 3" },
		{ "available=false", "1 5 4 6 7 8 9 10 2 3" },
	};
	char path[200];

	menu_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(path, sizeof path, "/products?%s", cases[i].query);
		ck_assert_msg(strcmp(menu_ids(menu_get(path)), cases[i].found) == 0, "%s: %s", path,
		    menu_ids(menu_get(path)));
	}
	ck_assert_int_eq(rig_int(menu_get("/products?available=true"), "/total"), 9);
	ck_assert_int_eq(rig_int(menu_get("/products?available=true&category=2&branch_id=1"), "/total"), 3);
	rig_end();
}
END_TEST

/* G88 G76 */
START_TEST(a_cursor_goes_on_in_its_own_list_alone)
{
	static const char *const same = "/products?limit=2&sort=price&branch_id=1&cursor=%s";
	static const char *const others[] = {
		"/products?limit=2&sort=price&cursor=%s", "/products?sort=-price&branch_id=1&cursor=%s",
		"/products?sort=price&branch_id=2&cursor=%s", "/products?branch_id=1&cursor=%s",
		"/products?sort=price&branch_id=1&category=3&cursor=%s",
		"/products?sort=price&branch_id=1&search=а&cursor=%s",
		"/products?sort=price&branch_id=1&available=true&cursor=%s",
		"/products?sort=price&branch_id=1&cursor=%sA",
	};
	const struct rig_reply *a;
	const char *cursor;
	char path[400];

	menu_begin();
	cursor = rig_text(menu_get("/products?limit=3&sort=price&branch_id=1"), "/next_cursor");
	snprintf(path, sizeof path, same, cursor);
	ck_assert_str_eq(menu_ids(menu_get(path)), "4 5");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(path, sizeof path, others[i], cursor);
		a = menu_get(path);
		rig_refused(a, 422, "invalid_field");
		ck_assert_str_eq(rig_text(a, "/fields/cursor"), "is no next_cursor of this list");
	}
	rig_end();
}
END_TEST

/* Only those with something to show; Ukrainian order is the table's own */
START_TEST(categories_tell_how_many_dishes_they_have)
{
	struct rig_ask ask = { .method = "GET", .path = "/categories" };
	const struct rig_reply *a;

	menu_begin();
	rig_sql("INSERT INTO category (id, name, sort_key) VALUES (4, 'Напої', x'0180')");
	a = menu_get("/categories");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/categories"), 3);
	ck_assert_int_eq(rig_int(a, "/total"), 3);
	ck_assert_int_eq(rig_int(a, "/categories/0/id"), 1);
	ck_assert_str_eq(rig_text(a, "/categories/1/name"), "Гарячі страви");
	ck_assert_int_eq(rig_int(a, "/categories/1/count"), 4);
	ck_assert_int_eq(rig_int(a, "/categories/1/available_count"), 3);
	a = menu_get("/categories?branch_id=2");
	ck_assert_int_eq(rig_count(a, "/categories"), 2);
	ck_assert_str_eq(rig_text(a, "/categories/1/name"), "Супи");
	rig_refused(menu_get("/categories?branch_id=99"), 404, "not_found");
	rig_refused(menu_get("/categories?branch_id=x"), 422, "invalid_field");
	/* C27 */
	ask.etag = rig_header(rig_send(&ask), "ETag");
	a = rig_send(&ask);
	rig_ok(a, 304);
	ck_assert_int_eq(a->statements, MENU_VERSION_ONLY);
	rig_sql("UPDATE product_branch SET reserved_quantity = 10 WHERE product_id = 3");
	menu_touch(3);
	a = rig_send(&ask);
	ck_assert_int_eq(rig_int(a, "/categories/2/count"), 3);
	ck_assert_int_eq(rig_int(a, "/categories/2/available_count"), 2);
	rig_end();
}
END_TEST

START_TEST(a_category_by_name_or_id)
{
	const struct rig_reply *a;

	menu_begin();
	a = menu_get("/products?category=%D0%A1%D1%83%D0%BF%D0%B8");
	ck_assert_str_eq(menu_ids(a), "1 2 3");
	ck_assert_int_eq(rig_int(a, "/total"), 3);
	ck_assert_str_eq(menu_ids(menu_get("/products?category=3")), "1 2 3");
	ck_assert_str_eq(menu_ids(menu_get("/products?category=3&branch_id=2")), "1 2 3");
	ck_assert_str_eq(menu_ids(menu_get("/products?category=2&branch_id=2")), "");
	a = menu_get("/products?category=Паста");
	ck_assert_str_eq(menu_ids(a), "");
	ck_assert_int_eq(rig_int(a, "/total"), 0);
	ck_assert_str_eq(menu_ids(menu_get("/products?category=999")), "");
	ck_assert_str_eq(menu_ids(menu_get("/products?category=99999999999999999999")), "");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("lists", a_category_by_name_or_id,
	    pages_follow_each_other_by_number_and_by_cursor, lists_come_in_the_order_asked_for,
	    a_cursor_goes_on_in_its_own_list_alone, categories_tell_how_many_dishes_they_have);
}
