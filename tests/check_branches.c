/* check_branches.c - GET /branches (G13, G26, G28, G87) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/branch.h"
#include "tests/rig.h"
#include "tests/suite.h"

#undef fail

static void
begin(void)
{
	rig_begin();
	rig_seed();
}

static const struct rig_reply *
get(const char *path)
{
	return rig_call("GET", path, NULL);
}

/* G13: all of them, without anybody logged in */
START_TEST(all_branches_by_name)
{
	const struct rig_reply *a;

	begin();
	a = get("/branches");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/branches"), 2);
	ck_assert_int_eq(rig_int(a, "/total"), 2);
	ck_assert_str_eq(rig_text(a, "/branches/0/name"), "Поділ");
	ck_assert_str_eq(rig_text(a, "/branches/1/name"), "Центр");
	ck_assert_str_eq(rig_text(a, "/branches/1/address"), "вул. Хрещатик, 1");
	ck_assert_str_eq(rig_digits(a, "/branches/1/latitude"), "50.450100");
	ck_assert(rig_true(a, "/branches/1/is_open"));
	ck_assert(!rig_has(a, "/branches/1/distance_km"));
	rig_sql("UPDATE branch SET is_active = 0 WHERE id = 2");
	ck_assert_int_eq(rig_count(get("/branches"), "/branches"), 1);
	rig_end();
}
END_TEST

/* G26 G28; G35's vector */
START_TEST(nearest_first_when_a_place_is_told)
{
	const struct rig_reply *a;

	begin();
	rig_sql("INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " VALUES (3, 'b3', 'Без адреси', 1, 1)");
	a = get("/branches?latitude=50.46&longitude=30.53");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 2);
	ck_assert_str_eq(rig_digits(a, "/branches/0/distance_km"), "0.85");
	ck_assert_int_eq(rig_int(a, "/branches/1/id"), 1);
	ck_assert_str_eq(rig_digits(a, "/branches/1/distance_km"), "1.20");
	ck_assert_int_eq(rig_int(a, "/branches/2/id"), 3);
	ck_assert(!rig_has(a, "/branches/2/distance_km"));
	a = get("/branches?latitude=50.4501&longitude=30.5234");
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 1);
	ck_assert_str_eq(rig_digits(a, "/branches/0/distance_km"), "0.00");
	rig_end();
}
END_TEST

/* G28 G29 C18 */
START_TEST(only_those_that_take_such_orders)
{
	begin();
	rig_sql("INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " VALUES (3, 'b3', 'Без адреси', 1, 1)");
	rig_sql("UPDATE branch SET supports_pickup = 0 WHERE id = 1");
	ck_assert_int_eq(rig_count(get("/branches?order_type=pickup"), "/branches"), 2);
	ck_assert_int_eq(rig_count(get("/branches?order_type=delivery"), "/branches"), 2);
	rig_sql("UPDATE branch SET delivery_radius_m = 1000 WHERE id = 1");
	ck_assert_int_eq(rig_count(get("/branches?order_type=delivery&latitude=50.46&longitude=30.53"),
	    "/branches"), 1);
	ck_assert_int_eq(rig_count(get("/branches?order_type=delivery&latitude=49.8&longitude=24"),
	    "/branches"), 0);
	ck_assert_int_eq(rig_count(get("/branches?order_type=pickup&latitude=49.8&longitude=24"),
	    "/branches"), 2);
	rig_sql("UPDATE branch SET supports_delivery = 0");
	ck_assert_int_eq(rig_count(get("/branches?order_type=delivery"), "/branches"), 0);
	rig_end();
}
END_TEST

START_TEST(wrong_parameters_are_named)
{
	static const struct { const char *path, *field; } cases[] = {
		{ "/branches?latitude=50", "/fields/longitude" },
		{ "/branches?longitude=30", "/fields/latitude" },
		{ "/branches?latitude=91&longitude=30", "/fields/latitude" },
		{ "/branches?latitude=50&longitude=-181", "/fields/longitude" },
		{ "/branches?latitude=x&longitude=30", "/fields/latitude" },
		{ "/branches?latitude=nan&longitude=30", "/fields/latitude" },
		{ "/branches?order_type=teleport", "/fields/order_type" },
		{ "/branches?page=0", "/fields/page" },
		{ "/branches?limit=0", "/fields/limit" },
		{ "/branches?limit=501", "/fields/limit" },
		{ "/branches?limit=ten", "/fields/limit" },
	};
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = get(cases[i].path);
		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].path, a->text);
	}
	rig_end();
}
END_TEST

START_TEST(an_answer_that_the_client_has_is_304_until_the_clock_changes_it)
{
	struct rig_ask ask = { .method = "GET", .path = "/branches" };
	const struct rig_reply *a;

	begin();
	rig_sql("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"22:00\"]]}'");
	ask.etag = rig_header(rig_send(&ask), "ETag");
	clock_advance(3600);
	a = rig_send(&ask);
	rig_ok(a, 304);
	ck_assert_uint_eq(a->len, 0);
	ck_assert_int_eq(a->statements, 5);	/* G83: count, page, rows, and the transaction's two */
	clock_advance(9 * 3600);
	a = rig_send(&ask);
	rig_ok(a, 200);
	ck_assert(!rig_true(a, "/branches/0/is_open"));
	ask.etag = rig_header(a, "ETag");
	rig_sql("UPDATE branch SET paused_until = 1779999999 WHERE id = 1");
	rig_ok(rig_send(&ask), 200);
	ask.etag = "*";
	rig_ok(rig_send(&ask), 304);
	rig_end();
}
END_TEST

/* A chain of n branches in a row to the north, a name and a number each. */
static void
add_chain(int n)
{
	struct branch_news news = { .longitude = 30.5 };
	char key[16], name[32];
	int64_t id;

	ck_assert_int_eq(db_begin(rig_app()->db), 0);
	for (int i = 1; i <= n; i++) {
		snprintf(key, sizeof key, "k%d", i);
		snprintf(name, sizeof name, "Кав'ярня %04d", n - i + 1);
		news.key = key;
		news.name = name;
		news.latitude = 50 + i / 1000.0;
		ck_assert_int_eq(branch_put(rig_app()->db, &news, 1, &id), 2);
	}
	ck_assert_int_eq(db_end(rig_app()->db, 1), 0);
}

/* G13 G88: the guide's list is whole for every real chain, and says when it is not */
START_TEST(a_long_list_has_pages)
{
	const struct rig_reply *a;

	rig_begin();
	add_chain(503);
	a = get("/branches");
	ck_assert_int_eq(rig_count(a, "/branches"), 500);
	ck_assert_int_eq(rig_int(a, "/total"), 503);
	ck_assert(!rig_true(a, "/total_capped"));
	ck_assert_str_eq(rig_text(a, "/branches/0/name"), "Кав'ярня 0001");
	a = get("/branches?page=2");
	ck_assert_int_eq(rig_count(a, "/branches"), 3);
	ck_assert_str_eq(rig_text(a, "/branches/0/name"), "Кав'ярня 0501");
	ck_assert_int_eq(rig_count(get("/branches?page=3"), "/branches"), 0);
	a = get("/branches?limit=2&page=3");
	ck_assert_int_eq(rig_count(a, "/branches"), 2);
	ck_assert_str_eq(rig_text(a, "/branches/1/name"), "Кав'ярня 0006");
	rig_end();
}
END_TEST

/* G28 G87 */
START_TEST(pages_by_distance_follow_each_other)
{
	const struct rig_reply *a;

	rig_begin();
	add_chain(120);
	rig_sql("INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " VALUES (900, 'b3', 'Без адреси', 1, 1), (901, 'b4', 'І ще', 1, 1)");
	a = get("/branches?latitude=50&longitude=30.5");
	ck_assert_int_eq(rig_count(a, "/branches"), 20);
	ck_assert_int_eq(rig_int(a, "/total"), 122);
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 1);
	ck_assert_int_eq(rig_int(a, "/branches/19/id"), 20);
	a = get("/branches?latitude=50&longitude=30.5&limit=50&page=2");
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 51);
	a = get("/branches?latitude=50&longitude=30.5&limit=50&page=3");
	ck_assert_int_eq(rig_count(a, "/branches"), 22);
	ck_assert_int_eq(rig_int(a, "/branches/19/id"), 120);
	ck_assert_int_eq(rig_int(a, "/branches/21/id"), 901);
	a = get("/branches?latitude=50&longitude=30.5&limit=121&page=2");
	ck_assert_int_eq(rig_count(a, "/branches"), 1);
	ck_assert_int_eq(rig_int(a, "/branches/0/id"), 901);
	ck_assert_int_eq(rig_count(get("/branches?latitude=50&longitude=30.5&page=99999"),
	    "/branches"), 0);
	rig_end();
}
END_TEST

/* Who delivers somewhere is counted as far as the page needs it. */
START_TEST(a_total_that_is_not_whole_says_so)
{
	const struct rig_reply *a;

	rig_begin();
	add_chain(1002);
	a = get("/branches?latitude=50.5&longitude=30.5&order_type=delivery");
	ck_assert_int_eq(rig_count(a, "/branches"), 20);
	ck_assert_int_eq(rig_int(a, "/total"), 21);
	ck_assert(rig_true(a, "/total_capped"));
	a = get("/branches?latitude=50.5&longitude=30.5&order_type=delivery&limit=500");
	ck_assert_int_eq(rig_int(a, "/total"), 179);	/* 10 km to both sides */
	ck_assert(!rig_true(a, "/total_capped"));
	a = get("/branches?latitude=50.5&longitude=30.5");
	ck_assert_int_eq(rig_int(a, "/total"), 1000);
	ck_assert(rig_true(a, "/total_capped"));
	rig_end();
}
END_TEST

/* G83: nor do the branches of the page or the chain matter */
START_TEST(statements_do_not_grow_with_branches)
{
	int few, many;

	begin();
	few = get("/branches?latitude=50&longitude=30.5")->statements;
	add_chain(150);
	many = get("/branches?latitude=50&longitude=30.5&limit=200")->statements;
	ck_assert_int_eq(few, many);
	rig_end();
}
END_TEST

START_TEST(an_empty_shop_has_no_branches)
{
	const struct rig_reply *a;

	rig_begin();
	a = get("/branches?latitude=50&longitude=30");
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/branches"), 0);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("branches", all_branches_by_name, nearest_first_when_a_place_is_told,
	    only_those_that_take_such_orders, wrong_parameters_are_named,
	    an_answer_that_the_client_has_is_304_until_the_clock_changes_it,
	    a_long_list_has_pages, pages_by_distance_follow_each_other,
	    a_total_that_is_not_whole_says_so, statements_do_not_grow_with_branches,
	    an_empty_shop_has_no_branches);
}
