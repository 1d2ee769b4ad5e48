/*
 * check_sync_stock.c - a till's stock list of its own (sync/stock.c; G17, G65, G66)
 *
 * By store, by branch and all at once; what is absent, negative, broken or not
 * counted; and the mark of what changed.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tests/suite.h"
#include "tests/syncrig.h"

#define DEPOTS "'branches':{'call':'GET /b','rows':'','key':'/id','set':{'name':'/n'}," \
	"'depots':{'rows':'/d','key':''}},"
#define BRANCHES "'branches':{'call':'GET /b','rows':'','key':'/id','set':{'name':'/n'}},"
#define PRODUCTS(more) "'products':{'call':'GET /p','rows':'','key':'/id','set':{'name':'/n'," \
	"'price':{'at':'/p','as':'major'}" more "}},"
#define STOCK(more) "'stock':{'call':'GET /s','rows':'/r','key':'/id'," \
	"'set':{'stock':{'at':'/s','as':'qty'}" more
#define OK(text) SAYS(rig_json(200, "", text))

static void
run(int (*feed)(struct job *, int), int is_full, int wanted)
{
	ck_assert_msg(feed(&job, is_full) == wanted, "%s: %s", last_run(),
	    shop_text("SELECT message FROM sync_run ORDER BY id DESC LIMIT 1"));
}

/* Poster's way: b1 has two stores, b2 and b3 share one, b4 has none. */
START_TEST(stores_of_a_branch_are_added_up)
{
	syncrig_begin(DEPOTS PRODUCTS(",'stock_key':{'at':'/i','map':{'0':null}}")
	    STOCK("},'per':'depot','query':{'d':'{depot}'},'keep':[{'at':'/t','in':['2']}]}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\",\"d\":[\"1\",\"2\"]},{\"id\":\"b2\",\"n\":\"B\",\"d\":[\"3\"]},"
	    "{\"id\":\"b3\",\"n\":\"C\",\"d\":[\"3\"]},{\"id\":\"b4\",\"n\":\"D\"}]"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1,\"i\":\"71\"},{\"id\":2,\"n\":\"Узвар\",\"p\":1,\"i\":72},"
	    "{\"id\":73,\"n\":\"Чай\",\"p\":1,\"i\":\"0\"},{\"id\":4,\"n\":\"Юшка\",\"p\":1,\"i\":\"71\"}]"),
	    /* 1, 2, 3 */
	    OK("{\"r\":[{\"id\":\"71\",\"t\":\"2\",\"s\":\"5.90000\"},{\"id\":\"72\",\"t\":\"2\",\"s\":\"9\"},"
	    "{\"id\":\"73\",\"t\":\"2\",\"s\":\"4\"},{\"id\":\"71\",\"t\":\"1\",\"s\":\"100\"}]}"),
	    OK("{\"r\":[{\"id\":\"71\",\"t\":\"2\",\"s\":\"2\"},{\"id\":\"72\",\"t\":\"2\",\"s\":\"-908.0\"},"
	    "{\"id\":\"71\",\"t\":\"2\",\"s\":\"3\"}]}"),
	    OK("{\"r\":[{\"id\":\"71\",\"t\":\"2\",\"s\":\"-0.5\"},{\"id\":\"72\",\"t\":\"2\",\"s\":\"6\"}]}"),
	    /* again: 1 as it was, then 2 fails */
	    OK("{\"r\":[{\"id\":\"71\",\"t\":\"2\",\"s\":\"1\"}]}"), OK("nonsense"),
	    /* and again: what is absent keeps its count */
	    OK("{\"r\":[{\"id\":\"71\",\"t\":\"2\",\"s\":\"1\"}]}"), OK("{\"r\":[]}"), OK("{\"r\":[]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=0 b2=0 b3=0 b4=0");	/* not before it is known */
	ck_assert_str_eq(counts("73"), "b1=- b2=- b3=- b4=-");
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=8 b2=0 b3=0 b4=-");	/* 5 + the later of 2 and 3 */
	ck_assert_str_eq(counts("4"), "b1=8 b2=0 b3=0 b4=-");	/* of the same store */
	ck_assert_str_eq(counts("2"), "b1=0 b2=6 b3=6 b4=-");
	ck_assert_str_eq(counts("73"), "b1=- b2=- b3=- b4=-");	/* "0" is no key, 73 no dish's */
	ck_assert_ptr_nonnull(strstr(peer_request(4), "GET /s?d=3 "));
	run(feed_stock, 0, EX_UNAVAILABLE);
	ck_assert_int_eq(peer_requests(), 7);
	ck_assert_str_eq(counts("1"), "b1=8 b2=0 b3=0 b4=-");	/* half a branch is not shown */
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=1 b2=0 b3=0 b4=-");
	ck_assert_str_eq(counts("2"), "b1=0 b2=6 b3=6 b4=-");
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_run WHERE feed = 'stock'"), 3);
	syncrig_end();
}
END_TEST

START_TEST(without_a_store_nothing_is_said_of_any_dish)
{
	syncrig_begin(DEPOTS PRODUCTS("") STOCK("},'per':'depot','query':{'d':'{depot}'}}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"), OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1}]"),
	    OK("[{\"id\":\"b1\",\"n\":\"A\",\"d\":[7]}]"), OK("{\"r\":[{\"id\":1,\"s\":3}]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 1, EX_PROTOCOL);
	ck_assert_int_eq(peer_requests(), 2);
	ck_assert_str_eq(counts("1"), "b1=0");
	run(feed_branches, 0, EX_OK);
	ck_assert_str_eq(last_run(), "branches ok 1 seen 1 changed 0 unchanged 0 gone 0 bad");
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=3");
	syncrig_end();
}
END_TEST

/* Square's and Loyverse's way: rows that name their branch. */
START_TEST(rows_may_name_their_branch)
{
	int64_t before;

	syncrig_begin(BRANCHES PRODUCTS(",'tracked':{'at':'/k','as':'bool'}")
	    STOCK(",'tracked':{'at':'/t','as':'bool'}},'branch':'/b'}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"},{\"id\":\"b2\",\"n\":\"B\"}]"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1},{\"id\":2,\"n\":\"Чай\",\"p\":1,\"k\":false},"
	    "{\"id\":3,\"n\":\"Сік\",\"p\":1}]"),
	    OK("{\"r\":[{\"id\":1,\"b\":\"b1\",\"s\":\"3.99999\"},{\"id\":1,\"b\":\"b2\",\"s\":-4},"
	    "{\"id\":2,\"b\":\"b1\",\"s\":7},{\"id\":9,\"b\":\"b1\",\"s\":7},{\"id\":3,\"b\":\"b2\",\"s\":2},"
	    "{\"id\":1,\"b\":\"b9\",\"s\":7},{\"id\":3,\"b\":\"b1\",\"t\":false},{\"id\":3,\"b\":\"b1\"},"
	    "{\"id\":3,\"b\":\"b2\",\"s\":\"багато\"}]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(last_run(), "stock ok 9 seen 4 changed 4 unchanged 0 gone 1 bad");
	ck_assert_str_eq(counts("1"), "b1=3 b2=0");
	ck_assert_str_eq(counts("2"), "b1=- b2=-");	/* the till does not count it */
	ck_assert_str_eq(counts("3"), "b1=- b2=2");
	before = shop_int("SELECT total(updated_at) FROM product_branch");
	clock_set(SYNCRIG_NOW + 100);
	run(feed_stock, 1, EX_OK);
	ck_assert_str_eq(last_run(), "stock ok 9 seen 0 changed 8 unchanged 0 gone 1 bad");
	ck_assert_int_eq(shop_int("SELECT total(updated_at) FROM product_branch"), before);
	syncrig_end();
}
END_TEST

START_TEST(a_branch_may_be_asked_at_a_time)
{
	syncrig_begin(BRANCHES PRODUCTS("") STOCK("},'per':'branch','query':{'b':'{depot}'}}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"},{\"id\":\"b2\",\"n\":\"B\"}]"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1}]"),
	    OK("{\"r\":[{\"id\":1,\"s\":3}]}"), OK("{\"r\":[{\"id\":1,\"s\":4}]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=3 b2=4");
	ck_assert_ptr_nonnull(strstr(peer_request(2), "GET /s?b=b1 "));
	ck_assert_ptr_nonnull(strstr(peer_request(3), "GET /s?b=b2 "));
	syncrig_end();
}
END_TEST

/* G65: the mark is that of page 1, asked 5 minutes earlier, kept when all went well. */
START_TEST(what_changed_is_asked_from_the_mark_on)
{
	syncrig_begin(BRANCHES PRODUCTS("")
	    STOCK("},'since':{'put':'query:since','as':'rfc3339'},'mark':'/at'}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"), OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1}]"),
	    OK("{\"at\":\"2026-05-22T10:00:00Z\",\"r\":[{\"id\":1,\"s\":3}]}"),
	    OK("{\"at\":\"2026-05-22T11:00:00Z\",\"r\":\"?\"}"),
	    OK("{\"at\":\"2026-05-22T12:00:00Z\",\"r\":[{\"id\":1,\"s\":2}]}"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1},{\"id\":2,\"n\":\"Чай\",\"p\":1}]"),
	    OK("{\"at\":\"2026-05-22T13:00:00Z\",\"r\":[{\"id\":1,\"s\":2},{\"id\":2,\"s\":5}]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	ck_assert_ptr_null(strstr(peer_request(2), "since"));
	run(feed_stock, 0, EX_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(peer_request(3), "since=2026-05-22T09%3A55%3A00Z"));
	run(feed_stock, 0, EX_OK);
	ck_assert_ptr_nonnull(strstr(peer_request(4), "since=2026-05-22T09%3A55%3A00Z"));
	ck_assert_str_eq(shop_text("SELECT mark FROM sync_mark WHERE feed = 'stock'"),
	    "2026-05-22T12:00:00Z");
	ck_assert_str_eq(counts("1"), "b1=2");
	/* a dish that is new: its count may be older than the mark */
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(counts("2"), "b1=0");
	run(feed_stock, 0, EX_OK);
	ck_assert_ptr_null(strstr(peer_request(6), "since"));
	ck_assert_str_eq(counts("2"), "b1=5");
	syncrig_end();
}
END_TEST

#define ROW(id, s) "{\"id\":" id ",\"s\":" s "}"
#define CURSOR(rows, next) OK("{\"r\":[" rows "],\"c\":\"" next "\"}")
#define BAD ROW("1", "\"?\"")

/* pos.md 2.4: whatever is wrong with a list, counts that were not told stay. */
START_TEST(a_list_that_talks_nonsense_changes_no_count_of_its_own)
{
	syncrig_begin(BRANCHES PRODUCTS("")
	    STOCK("},'page':{'by':'cursor','from':'/c','put':'query:c'},'mark':'/at'}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1},{\"id\":2,\"n\":\"Чай\",\"p\":1}]"),
	    OK("{\"r\":[" ROW("1", "3") "," ROW("2", "4") "]}"),
	    /* the cursor goes round */
	    CURSOR(ROW("1", "3"), "x"), CURSOR(ROW("1", "3"), "x"),
	    /* half of it is no count */
	    OK("{\"r\":[" ROW("2", "4") "," BAD "," BAD "," BAD "," BAD "]}"),
	    /* nothing at all, and half a list: absent is not 0 */
	    OK("{\"r\":[]}"), OK("{\"r\":[" ROW("2", "4") "]}"),
	    /* no JSON, cut, no list, of another kind */
	    OK("<html>"), OK("{\"r\":[" ROW("1", "0")), OK("{\"x\":1}"), OK("{\"r\":{\"id\":1}}"),
	    OK("{\"r\":[1,null,\"x\"," ROW("2", "4") "]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	run(feed_stock, 0, EX_UNAVAILABLE);
	ck_assert_str_eq(shop_text("SELECT message FROM sync_run ORDER BY id DESC LIMIT 1"),
	    "the list does not end: a page leads back to one before");
	run(feed_stock, 0, EX_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(shop_text("SELECT message FROM sync_run ORDER BY id DESC LIMIT 1"),
	    "4 of 5 rows are bad"));
	run(feed_stock, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(last_run(), "stock ok 1 seen 0 changed 1 unchanged 0 gone 0 bad");
	for (int i = 0; i < 2; i++)
		run(feed_stock, 0, EX_UNAVAILABLE);
	/* (by cursor, a page without its list is an empty one) */
	run(feed_stock, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	run(feed_stock, 0, EX_OK);
	ck_assert_str_eq(last_run(), "stock ok 4 seen 0 changed 1 unchanged 0 gone 3 bad");
	ck_assert_str_eq(counts("1"), "b1=3");
	ck_assert_str_eq(counts("2"), "b1=4");
	syncrig_end();
}
END_TEST

/* More rows are bad than are told one by one: among them may be any dish. */
START_TEST(who_is_set_aside_among_many_stays_awaited)
{
	enum { FINE = 1100, BROKEN = 101 };
	static char list[64 * 1024];
	size_t n = (size_t)snprintf(list, sizeof list, "{\"r\":[");

	for (int i = 0; i < FINE + BROKEN; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "{\"id\":\"x%d\",\"s\":\"%s\"},", i,
		    i < FINE ? "1" : "?");
	snprintf(list + n, sizeof list - n, "{\"id\":1,\"s\":\"?\"}]}");
	syncrig_begin(BRANCHES PRODUCTS("") STOCK("}}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"), OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1}]"),
	    SAYS(peer_json(200, "", list))));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_stock, 1, EX_OK);
	ck_assert_str_eq(counts("1"), "b1=0");
	syncrig_end();
}
END_TEST

/* Between two lists, or before the first: what was not asked has not been read. */
START_TEST(who_is_told_to_go_has_not_read_the_rest)
{
	struct job other = { .name = "pos-sync", .quiet = 1, .offline = 1 };
	static int (*const feeds[])(struct job *, int) = { feed_branches, feed_products, feed_stock };

	syncrig_begin(BRANCHES PRODUCTS("") STOCK("},'per':'branch','query':{'b':'{depot}'}}"), STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"), OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":1}]"),
	    OK("{\"r\":[]}")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 1, EX_OK);
	other.profile = temp_path("p.json");
	job_open_till(&other);	/* from here on signals are noted */
	raise(SIGTERM);
	for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++) {
		run(feeds[i], 1, EX_TEMPFAIL);
		ck_assert_str_eq(shop_text("SELECT outcome FROM sync_run ORDER BY id DESC LIMIT 1"),
		    "yielded");
	}
	ck_assert_str_eq(counts("1"), "b1=0");	/* not told yet, and not "uncounted" */
	ck_assert_int_eq(peer_requests(), 2);
	till_close(other.till);
	arena_free(other.arena);
	syncrig_end();
}
END_TEST

int
main(void)
{
	return SUITE("sync_stock", stores_of_a_branch_are_added_up,
	    without_a_store_nothing_is_said_of_any_dish, rows_may_name_their_branch,
	    a_branch_may_be_asked_at_a_time,
	    a_list_that_talks_nonsense_changes_no_count_of_its_own, what_changed_is_asked_from_the_mark_on,
	    who_is_set_aside_among_many_stays_awaited, who_is_told_to_go_has_not_read_the_rest);
}
