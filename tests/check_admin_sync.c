/* check_admin_sync.c - runs of the sync, and "now, please" (G61, G75) */
#include "tests/desk.h"
#include "tests/suite.h"

static void
add_run(const char *feed, int64_t began, const char *rest)
{
	char text[512];

	snprintf(text, sizeof text, "INSERT INTO sync_run (feed, is_full, started_ms, finished_ms, "
	    "outcome, seen, added, changed, unchanged, gone, bad, message) VALUES ('%s', 0, %lld, %s)",
	    feed, (long long)began, rest);
	rig_sql(text);
}

START_TEST(shows_the_newest_run_of_each_feed)
{
	const struct rig_reply *a;

	desk_begin();
	add_run("products", 1000, "4500, 'ok', 10, 1, 2, 7, 3, 0, NULL");
	add_run("products", 61000, "62000, 'failed', 0, 0, 0, 0, 0, 0, 'the till does not answer'");
	add_run("branches", 2000, "NULL, NULL, 0, 0, 0, 0, 0, 0, NULL");
	rig_login("olha");
	rig_ok(a = rig_call("GET", "/admin/sync", NULL), 200);
	ck_assert_int_eq(rig_count(a, "/feeds"), 5);
	ck_assert_str_eq(rig_text(a, "/feeds/0/feed"), "branches");
	ck_assert(!rig_has(a, "/feeds/0/last_ok_at"));
	ck_assert(!rig_has(a, "/feeds/0/last_run/finished_at"));
	ck_assert(!rig_has(a, "/feeds/0/last_run/outcome"));
	ck_assert_str_eq(rig_text(a, "/feeds/1/feed"), "products");
	ck_assert_str_eq(rig_text(a, "/feeds/1/last_ok_at"), "1970-01-01T00:00:04Z");
	ck_assert_str_eq(rig_text(a, "/feeds/1/last_run/outcome"), "failed");
	ck_assert_str_eq(rig_text(a, "/feeds/1/last_run/message"), "the till does not answer");
	ck_assert(!rig_has(a, "/feeds/2/last_run"));
	rig_end();
}
END_TEST

START_TEST(shows_what_happened_the_newest_first)
{
	const struct rig_reply *a;

	desk_begin();
	for (int i = 1; i <= 30; i++)
		add_run(i % 3 == 0 ? "branches" : "products", i * 1000,
		    "99000, 'ok', 10, 1, 2, 7, 3, 4, NULL");
	rig_ok(a = rig_call("GET", "/admin/sync", NULL), 200);
	ck_assert_int_eq(rig_int(a, "/total"), 30);
	ck_assert(!rig_true(a, "/total_capped"));
	ck_assert_int_eq(rig_count(a, "/runs"), 20);
	ck_assert_int_eq(rig_int(a, "/runs/0/id"), 30);
	ck_assert_int_eq(rig_int(a, "/runs/0/duration_ms"), 69000);
	ck_assert_int_eq(rig_int(a, "/runs/0/seen"), 10);
	ck_assert_int_eq(rig_int(a, "/runs/0/gone"), 3);
	ck_assert_int_eq(rig_int(a, "/runs/0/bad"), 4);
	a = rig_call("GET", "/admin/sync?feed=branches&limit=4&page=3", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 10);
	ck_assert_int_eq(rig_count(a, "/runs"), 2);
	ck_assert_int_eq(rig_int(a, "/runs/1/id"), 3);
	rig_sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
	    "INSERT INTO sync_run (feed, is_full, started_ms) SELECT 'stock', 0, i FROM n");
	a = rig_call("GET", "/admin/sync", NULL);
	ck_assert_int_eq(rig_int(a, "/total"), 1000);
	ck_assert(rig_true(a, "/total_capped"));
	a = rig_call("GET", "/admin/sync?feed=stock", NULL);
	ck_assert(rig_int(a, "/total") == 1000 && !rig_true(a, "/total_capped"));
	rig_end();
}
END_TEST

START_TEST(an_admin_asks_and_two_taps_are_one)
{
	const struct rig_reply *a;

	desk_begin();
	rig_ok(a = rig_call("POST", "/admin/sync", "{}"), 202);
	ck_assert_str_eq(rig_text(a, "/request/feed"), "all");
	ck_assert(!rig_true(a, "/request/full") && rig_true(a, "/changed"));
	ck_assert_int_eq(rig_int(a, "/request/requested_by"), 5);
	rig_ok(a = rig_call("POST", "/admin/sync", "{\"feed\":\"all\",\"full\":false}"), 202);
	ck_assert(!rig_true(a, "/changed"));
	ck_assert_int_eq(rig_int(a, "/request/id"), 1);
	rig_ok(rig_call("POST", "/admin/sync", "{\"feed\":\"products\",\"full\":true}"), 202);
	a = rig_call("GET", "/admin/sync", NULL);
	ck_assert_int_eq(rig_count(a, "/requests"), 2);
	ck_assert_str_eq(rig_text(a, "/requests/0/requested_by_name"), "boss");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE user_id = 5 "
	    "AND action = 'sync.ask' AND object IN ('sync all', 'sync products')"), 2);
	rig_sql("UPDATE sync_request SET taken_at = 1");
	ck_assert_int_eq(rig_count(rig_call("GET", "/admin/sync", NULL), "/requests"), 0);
	rig_end();
}
END_TEST

START_TEST(asks_for_what_there_is)
{
	static const struct { const char *body, *field; } cases[] = {
		{ "{\"feed\":\"pictures\"}", "/fields/feed" }, { "{\"feed\":1}", "/fields/feed" },
		{ "{\"full\":\"yes\"}", "/fields/full" },
	};

	desk_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a = rig_call("POST", "/admin/sync", cases[i].body);

		rig_refused(a, 422, "invalid_field");
		ck_assert(rig_has(a, cases[i].field));
	}
	rig_refused(rig_call("GET", "/admin/sync?feed=all", NULL), 422, "invalid_field");
	rig_refused(rig_call("GET", "/admin/sync?page=0", NULL), 422, "invalid_field");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM sync_request"), 0);
	rig_end();
}
END_TEST

START_TEST(only_an_admin_asks)
{
	desk_begin();
	rig_login("ivan");
	rig_ok(rig_call("GET", "/admin/sync", NULL), 200);
	rig_refused(rig_call("POST", "/admin/sync", "{}"), 404, "not_found");
	rig_login("anna");
	rig_refused(rig_call("GET", "/admin/sync", NULL), 404, "not_found");
	rig_refused(rig_call("POST", "/admin/sync", "{}"), 404, "not_found");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM sync_request"), 0);
	rig_end();
}
END_TEST

START_TEST(costs_the_same_statements_for_any_number)
{
	int one, many;

	desk_begin();
	one = rig_call("GET", "/admin/sync", NULL)->statements;
	for (int i = 1; i <= 30; i++)
		add_run("products", i * 1000, "99000, 'ok', 10, 1, 2, 7, 3, 4, NULL");
	many = rig_call("GET", "/admin/sync?limit=100", NULL)->statements;
	ck_assert_int_eq(one, many);
	ck_assert_int_le(many, 10);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("admin_sync", shows_the_newest_run_of_each_feed,
	    shows_what_happened_the_newest_first, an_admin_asks_and_two_taps_are_one,
	    asks_for_what_there_is, only_an_admin_asks, costs_the_same_statements_for_any_number);
}
