/* check_orders.c - looking at one's own orders (G44, G45, G74, G83, G88) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/order.h"
#include "tests/rig.h"
#include "tests/suite.h"

/* An order of dishes 1 to `lines` by whoever is logged in; its id. */
static int64_t
order_of(int lines)
{
	const struct rig_reply *a;
	char body[1024] = "{\"branch_id\":1,\"items\":[";
	size_t n = strlen(body);

	for (int i = 1; i <= lines; i++)
		n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"product_id\":%d,\"quantity\":1}",
		    i > 1 ? "," : "", i);
	snprintf(body + n, sizeof body - n, "]}");
	rig_ok(rig_call("PUT", "/cart", body), 200);
	a = rig_call("POST", "/orders", "{\"order_type\":\"pickup\"}");
	rig_ok(a, 201);
	return rig_int(a, "/order/id");
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_set("ORDER_MAX_OPEN", "1000");
	rig_sql("UPDATE product_branch SET stock_quantity = NULL");
	rig_login("anna");
}

static void
move(int64_t id, enum order_status to)
{
	struct order_news n = { .order_id = id, .to = to, .by = BY_TILL, .run_id = DB_NULL };
	struct db *db = rig_app()->db;

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(order_move(db, &n), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

START_TEST(lists_the_newest_first)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/orders", NULL);
	ck_assert_str_eq(a->text, "{\"orders\":[],\"total\":0,\"next_cursor\":null}");
	for (int i = 1; i <= 3; i++)
		order_of(i);
	a = rig_call("GET", "/orders", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_int(a, "/total"), 3);
	ck_assert_int_eq(rig_count(a, "/orders"), 3);
	for (int i = 0; i < 3; i++) {
		char pointer[64];

		snprintf(pointer, sizeof pointer, "/orders/%d/id", i);
		ck_assert_int_eq(rig_int(a, pointer), 3 - i);
		snprintf(pointer, sizeof pointer, "/orders/%d/items", i);
		ck_assert_int_eq(rig_count(a, pointer), 3 - i);
		snprintf(pointer, sizeof pointer, "/orders/%d/timeline", i);
		ck_assert_int_eq(rig_count(a, pointer), 1);
	}
	rig_end();
}
END_TEST

/* The object of {"order":{…}} stands in the list, byte for byte. */
static int
holds(const struct rig_reply *list, const struct rig_reply *one)
{
	static const char before[] = "{\"order\":";
	char order[16384];

	snprintf(order, sizeof order, "%.*s", (int)(one->len - sizeof before),
	    one->text + sizeof before - 1);
	return strstr(list->text, order) != NULL;
}

START_TEST(shows_in_the_list_what_it_shows_alone)
{
	const struct rig_reply *list, *one;
	char path[64];

	begin();
	for (int i = 1; i <= 4; i++)
		move(order_of(i), i % 2 ? ORDER_PROCESSING : ORDER_SENT_TO_POS);
	for (int filtered = 0; filtered < 2; filtered++) {
		list = rig_call("GET", filtered ? "/orders?status=processing" : "/orders", NULL);
		ck_assert_int_eq(rig_count(list, "/orders"), filtered ? 2 : 4);
		for (int i = 4; i >= 1; i--) {
			snprintf(path, sizeof path, "/orders/%d", i);
			one = rig_call("GET", path, NULL);
			rig_ok(one, 200);
			ck_assert_int_eq(rig_count(one, "/order/timeline"), 2);
			if (filtered && i % 2 == 0)
				continue;
			ck_assert(holds(list, one));
		}
	}
	rig_end();
}
END_TEST

START_TEST(pages_and_filters)
{
	static const struct { const char *query; int count, total, first; } cases[] = {
		{ "", 20, 25, 25 }, { "?limit=10", 10, 25, 25 }, { "?limit=10&page=3", 5, 25, 5 },
		{ "?page=9", 0, 25, 0 }, { "?status=processing", 5, 5, 25 },
		{ "?status=processing&limit=2&page=2", 2, 2 + 3, 15 }, { "?status=delivered", 0, 0, 0 },
		{ "?limit=100", 25, 25, 25 }, { "?cursor=6", 5, 25, 5 },
		{ "?status=processing&cursor=20", 3, 5, 15 },
		{ "?attention=stuck", 2, 2, 20 }, { "?attention=any", 3, 3, 20 },
		{ "?attention=any&status=processing&limit=1", 1, 2, 20 },
		{ "?submission=sent", 4, 4, 7 }, { "?submission=sent&open=true", 3, 3, 7 },
		{ "?open=0&limit=5", 1, 1, 4 }, { "?open=1&limit=1&page=2", 1, 24, 24 },
	};

	begin();
	for (int i = 1; i <= 25; i++) {
		int64_t id = order_of(1);

		if (i % 5 == 0)
			move(id, ORDER_PROCESSING);
	}
	rig_sql("UPDATE orders SET attention = 'stuck' WHERE id IN (10, 20)");
	rig_sql("UPDATE orders SET attention = 'uncertain' WHERE id = 3");
	rig_sql("UPDATE orders SET submission = 'sent' WHERE id IN (1, 2, 4, 7)");
	rig_sql("UPDATE orders SET status = 'failed' WHERE id = 4");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[64];
		const struct rig_reply *a;

		snprintf(path, sizeof path, "/orders%s", cases[i].query);
		a = rig_call("GET", path, NULL);
		rig_ok(a, 200);
		ck_assert_msg(rig_count(a, "/orders") == cases[i].count &&
		    rig_int(a, "/total") == cases[i].total, "%s", path);
		if (cases[i].first > 0)
			ck_assert_int_eq(rig_int(a, "/orders/0/id"), cases[i].first);
	}
	rig_end();
}
END_TEST

/* Page by page down to the end, while new orders come in above. */
START_TEST(a_cursor_leads_to_the_end)
{
	char path[64] = "/orders?limit=3";
	const struct rig_reply *a;
	int64_t seen = 0, last = 10;

	begin();
	for (int i = 1; i <= 9; i++)
		order_of(1);
	for (int pages = 1; ; pages++) {
		a = rig_call("GET", path, NULL);
		rig_ok(a, 200);
		ck_assert_int_eq(rig_int(a, "/total"), 8 + pages);
		ck_assert_int_eq(rig_int(a, "/orders/0/id"), last - 1);
		ck_assert_int_eq(rig_count(a, "/orders"), 3);
		seen += rig_count(a, "/orders");
		last = rig_int(a, "/orders/2/id");
		if (!rig_has(a, "/next_cursor"))
			break;
		snprintf(path, sizeof path, "/orders?limit=3&cursor=%s", rig_text(a, "/next_cursor"));
		order_of(1);
	}
	ck_assert_int_eq(seen, 9);
	rig_end();
}
END_TEST

/* 100 to a page, CART_MAX_LINES at its most. */
START_TEST(the_largest_page_is_an_answer)
{
	const struct rig_reply *a;

	begin();
	for (int i = 0; i < 100; i++)
		order_of(1);
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
	    "INSERT INTO order_item (order_id, product_id, pos_product_id, name, quantity, unit_price, "
	    "total_price) SELECT o.id, 1, 'p1', replace(hex(zeroblob(10)), '0', 'ї'), 1, 100, 100 "
	    "FROM orders o, n");
	a = rig_call("GET", "/orders?limit=100", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(rig_count(a, "/orders/99/items"), 200);
	rig_end();
}
END_TEST

START_TEST(refuses_a_query_that_is_wrong)
{
	static const struct { const char *path, *field; } cases[] = {
		{ "/orders?status=lost", "/fields/status" }, { "/orders?limit=0", "/fields/limit" },
		{ "/orders?limit=101", "/fields/limit" }, { "/orders?page=0", "/fields/page" },
		{ "/orders?submission=lost", "/fields/submission" },
		{ "/orders?attention=none", "/fields/attention" },
		{ "/orders?open=maybe", "/fields/open" }, { "/orders?cursor=0", "/fields/cursor" },
		{ "/orders?page=x", "/fields/page" }, { "/orders?page=1&page=2", "/fields/page" },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = rig_call("GET", cases[i].path, NULL);

		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s", a->text);
	}
	rig_end();
}
END_TEST

START_TEST(anothers_order_is_not_there)
{
	begin();
	order_of(1);
	rig_login("borys");
	rig_refused(rig_call("GET", "/orders/1", NULL), 404, "not_found");
	ck_assert_int_eq(rig_int(rig_call("GET", "/orders", NULL), "/total"), 0);
	ck_assert_int_eq(rig_int(rig_call("GET", "/orders?status=pending", NULL), "/total"), 0);
	rig_refused(rig_call("GET", "/orders/77", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/orders/x", NULL), 404, "not_found");
	rig_logout();
	rig_refused(rig_call("GET", "/orders/1", NULL), 401, "unauthorized");
	rig_refused(rig_call("GET", "/orders", NULL), 401, "unauthorized");
	rig_refused(rig_call("POST", "/orders", "{}"), 401, "unauthorized");
	rig_end();
}
END_TEST

START_TEST(shows_how_it_goes_on)
{
	const struct rig_reply *a;

	begin();
	order_of(1);
	clock_advance(60);
	ck_assert_int_eq(db_begin(rig_app()->db), DB_OK);
	ck_assert_int_eq(order_accepted(rig_app()->db, 1, "T-1", ORDER_SENT_TO_POS), 1);
	ck_assert_int_eq(order_attention(rig_app()->db, 1, "not_accepted"), 1);
	ck_assert_int_eq(db_end(rig_app()->db, 1), DB_OK);
	a = rig_call("GET", "/orders/1", NULL);
	ck_assert_str_eq(rig_text(a, "/order/status"), "sent_to_pos");
	ck_assert_str_eq(rig_text(a, "/order/submission"), "sent");
	ck_assert_str_eq(rig_text(a, "/order/attention"), "not_accepted");
	ck_assert_str_eq(rig_text(a, "/order/pos_order_id"), "T-1");
	ck_assert_str_eq(rig_text(a, "/order/pos_sent_at"), "2026-05-22T10:01:00Z");
	ck_assert_str_eq(rig_text(a, "/order/timeline/1/status"), "sent_to_pos");
	ck_assert_str_eq(rig_text(a, "/order/timeline/1/at"), "2026-05-22T10:01:00Z");
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_number)
{
	int one, many;

	begin();
	order_of(1);
	one = rig_call("GET", "/orders", NULL)->statements;
	for (int i = 0; i < 9; i++)
		order_of(8);
	many = rig_call("GET", "/orders?limit=100", NULL)->statements;
	ck_assert_int_eq(one, many);
	ck_assert_int_le(many, 8);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("orders", lists_the_newest_first, shows_in_the_list_what_it_shows_alone,
	    pages_and_filters, a_cursor_leads_to_the_end, the_largest_page_is_an_answer,
	    refuses_a_query_that_is_wrong, anothers_order_is_not_there, shows_how_it_goes_on,
	    costs_the_same_statements_for_any_number);
}
