/* check_admin_orders.c - the orders of a branch as staff finds them (G75, G83, G88) */
#include "lib/base/clock.h"
#include "tests/desk.h"
#include "tests/suite.h"

/* The ids of a list, "3,1". */
static const char *
ids(const struct rig_reply *a)
{
	static char text[1024];
	char pointer[32];
	size_t n = 0;

	rig_ok(a, 200);
	*text = '\0';
	for (int i = 0; i < rig_count(a, "/orders"); i++) {
		snprintf(pointer, sizeof pointer, "/orders/%d/id", i);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld", i > 0 ? "," : "",
		    (long long)rig_int(a, pointer));
	}
	return text;
}

static const struct rig_reply *
list(const char *query)
{
	char path[256];

	snprintf(path, sizeof path, "/admin/orders%s", query);
	return rig_call("GET", path, NULL);
}

/* Six orders, the odd ones in branch 1; a minute between them. */
static void
begin(void)
{
	desk_begin();
	for (int i = 1; i <= 6; i++) {
		desk_order(2 - i % 2);
		clock_advance(60);
	}
}

START_TEST(each_branch_has_its_own)
{
	static const struct { const char *who, *query, *ids; } cases[] = {
		{ "boss", "", "6,5,4,3,2,1" }, { "ivan", "", "6,5,4,3,2,1" },
		{ "olha", "", "5,3,1" }, { "petro", "", "6,4,2" }, { "nina", "", "" },
		{ "boss", "?branch_id=1", "5,3,1" }, { "ivan", "?branch_id=2", "6,4,2" },
		{ "olha", "?branch_id=1", "5,3,1" }, { "olha", "?open=true", "1,3,5" },
		{ "boss", "?open=true&branch_id=2", "2,4,6" }, { "nina", "?open=true", "" },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;

		rig_login(cases[i].who);
		a = list(cases[i].query);
		ck_assert_str_eq(ids(a), cases[i].ids);
		ck_assert_int_eq(rig_int(a, "/total"), rig_count(a, "/orders"));
		ck_assert(!rig_true(a, "/total_capped") && !rig_has(a, "/next_cursor"));
	}
	rig_login("olha");
	rig_refused(list("?branch_id=2"), 404, "not_found");
	rig_login("nina");
	rig_refused(list("?branch_id=1"), 404, "not_found");
	rig_login("anna");
	rig_refused(list(""), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(open_ones_come_by_urgency)
{
	begin();
	desk_set("orders", 4, "attention = 'not_accepted'");
	desk_set("orders", 2, "status = 'delivered'");
	desk_set("orders", 6, "attention = 'uncertain'");
	rig_login("boss");
	ck_assert_str_eq(ids(list("?open=true")), "4,6,1,3,5");
	ck_assert_str_eq(ids(list("?open=true&limit=2&page=2")), "1,3");
	ck_assert_str_eq(ids(list("?open=true&attention=any")), "4,6");
	ck_assert_str_eq(ids(list("?open=false")), "2");
	rig_end();
}
END_TEST

START_TEST(finds_by_what_is_known)
{
	static const struct { const char *query, *ids; } cases[] = {
		{ "?status=processing", "3" }, { "?status=delivered", "" },
		{ "?submission=sent", "3" }, { "?submission=queued", "6,5,4,2,1" },
		{ "?attention=stuck", "3" }, { "?attention=any", "3" }, { "?attention=uncertain", "" },
		{ "?open=true&status=processing", "3" },
		{ "?since=2026-05-22T10:03:00Z", "6,5,4" },
		{ "?since=2026-05-22T13:03:00%2B03:00", "6,5,4" },
		{ "?open=true&since=2026-05-22T10:03:00Z", "4,5,6" },
		{ "?q=3", "3" }, { "?q=T-3", "3" }, { "?q=0670000001", "" },
		{ "?q=067+111+22+33", "2" }, { "?q=%2B380671112233&open=true", "2" }, { "?q=99", "" },
		{ "?q=t-3", "" }, { "?branch_id=1&q=2", "" }, { "?branch_id=2&q=2", "2" },
	};

	begin();
	desk_set("orders", 3, "status = 'processing', submission = 'sent', attention = 'stuck', "
	    "pos_order_id = 'T-3'");
	desk_set("orders", 2, "contact_phone = '+380671112233'");
	rig_login("boss");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(strcmp(ids(list(cases[i].query)), cases[i].ids) == 0, "%s: %s",
		    cases[i].query, ids(list(cases[i].query)));
	rig_end();
}
END_TEST

START_TEST(goes_on_by_page_or_by_cursor)
{
	const struct rig_reply *a;

	begin();
	rig_login("boss");
	ck_assert_str_eq(ids(list("?limit=4")), "6,5,4,3");
	ck_assert_str_eq(ids(list("?limit=4&page=2")), "2,1");
	a = list("?limit=4");
	ck_assert_str_eq(rig_text(a, "/next_cursor"), "3");
	a = list("?limit=4&cursor=3");
	ck_assert_str_eq(ids(a), "2,1");
	ck_assert(!rig_has(a, "/next_cursor"));
	rig_end();
}
END_TEST

/* As many orders as several looks go over, made quickly. */
START_TEST(a_look_has_an_end_and_the_cursor_goes_on)
{
	const struct rig_reply *a;

	desk_begin();
	desk_order(1);
	desk_set("orders", 1, "attention = 'stuck'");
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 12001) "
	    "INSERT INTO orders (ref, day, number, user_id, branch_id, order_type, status, subtotal, "
	    "delivery_fee, total_amount, contact_name, contact_phone, branch_name, branch_address, "
	    "created_at, updated_at) SELECT 'r' || i, 20200101, i, 6, 1 + (i % 100 = 0), 'pickup', "
	    "'delivered', 1, 0, 1, 'a', '+380670000001', 'b', '', 1, 1 FROM n");
	rig_login("boss");
	a = list("?attention=stuck");
	ck_assert_str_eq(ids(a), "");
	ck_assert(rig_true(a, "/total_capped"));
	ck_assert_str_eq(rig_text(a, "/next_cursor"), "2002");
	a = list("?attention=stuck&cursor=2002");
	ck_assert_str_eq(ids(a), "1");
	ck_assert(!rig_true(a, "/total_capped") && !rig_has(a, "/next_cursor"));
	a = list("?attention=stuck&branch_id=1");
	ck_assert_str_eq(ids(a), "");
	a = desk_call("GET", NULL, "/admin/orders?attention=stuck&branch_id=1&cursor=%lld",
	    strtoll(rig_text(a, "/next_cursor"), NULL, 10));
	ck_assert_str_eq(ids(a), "1");
	a = list("?branch_id=2&limit=2");
	ck_assert_int_eq(rig_int(a, "/total"), 120);
	ck_assert(!rig_true(a, "/total_capped"));
	rig_end();
}
END_TEST

START_TEST(a_card_says_what_the_desk_needs)
{
	const struct rig_reply *a;

	begin();
	desk_set("orders", 5, "status = 'processing'");
	rig_login("olha");
	a = list("");
	ck_assert_str_eq(rig_text(a, "/orders/0/contact_name"), "anna");
	ck_assert_ptr_nonnull(strstr(rig_text(a, "/orders/0/contact_phone"), "+38067"));
	ck_assert_str_eq(rig_text(a, "/orders/0/notes"), "без цибулі");
	ck_assert_int_eq(rig_int(a, "/orders/0/age_s"), 120);
	ck_assert_int_eq(rig_int(a, "/orders/0/user_id"), 6);
	ck_assert_int_eq(rig_int(a, "/orders/0/items/0/quantity"), 2);
	ck_assert_str_eq(rig_text(a, "/orders/0/timeline/0/by"), "customer");
	ck_assert_str_eq(rig_text(a, "/orders/0/next_status"), "ready_for_pickup");
	ck_assert_int_eq(rig_count(a, "/orders/0/next_allowed"), 4);
	ck_assert_str_eq(rig_text(a, "/orders/0/next_allowed/1"), "delivered");
	ck_assert(!rig_has(a, "/orders/1/next_status"));
	ck_assert_int_eq(rig_int(a, "/orders/2/items/0/quantity"), 2);
	rig_end();
}
END_TEST

START_TEST(refuses_a_query_that_is_wrong)
{
	static const struct { const char *query, *field; } cases[] = {
		{ "?status=lost", "/fields/status" }, { "?submission=x", "/fields/submission" },
		{ "?attention=x", "/fields/attention" }, { "?open=maybe", "/fields/open" },
		{ "?since=yesterday", "/fields/since" }, { "?since=1", "/fields/since" },
		{ "?branch_id=0", "/fields/branch_id" }, { "?branch_id=x", "/fields/branch_id" },
		{ "?cursor=0", "/fields/cursor" }, { "?limit=101", "/fields/limit" },
		{ "?page=0", "/fields/page" }, { "?q=1&q=2", "/fields/q" },
	};

	begin();
	rig_login("boss");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = list(cases[i].query);

		rig_refused(a, 422, "invalid_field");
		ck_assert_msg(rig_has(a, cases[i].field), "%s: %s", cases[i].query, a->text);
	}
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_number)
{
	int one, many;

	desk_begin();
	desk_order(1);
	rig_login("ivan");
	one = list("?branch_id=1")->statements;
	for (int i = 0; i < 12; i++)
		desk_order(1);
	rig_login("ivan");
	many = list("?branch_id=1&limit=100")->statements;
	ck_assert_int_eq(one, many);
	ck_assert_int_le(many, 14);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_orders", each_branch_has_its_own, open_ones_come_by_urgency,
	    finds_by_what_is_known, goes_on_by_page_or_by_cursor,
	    a_look_has_an_end_and_the_cursor_goes_on, a_card_says_what_the_desk_needs,
	    refuses_a_query_that_is_wrong, costs_the_same_statements_for_any_number);
}
