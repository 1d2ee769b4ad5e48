/*
 * check_feed.c - a list of the till, page by page: what feed.h promises
 *
 * C16, G63: what is complete, and may take dishes out of the shop, and what
 * is not. G65: changes only, by the till's own mark.
 */
#include "lib/base/clock.h"
#include "tests/posrig_feed.h"

/* G65: the mark is where the next run begins, and is asked with an overlap. */
START_TEST(asks_for_changes_since_the_till_s_own_mark)
{
	static const struct {
		const char *more, *headers, *body, *mark, *since, *asks;
		int post;
	} cases[] = {
		{ ",'since':{'put':'query:since','as':'rfc3339'}",
		    "Date: Fri, 22 May 2026 10:00:00 GMT\r\n", ROWS(A), "2026-05-22T10:00:00Z",
		    "2026-05-22T10:00:00Z", "GET /p?since=2026-05-22T09%3A55%3A00Z ", 0 },
		{ ",'since':{'put':'query:since','as':'unix_ms'}", "", ROWS(A), "",
		    "2026-05-22T10:00:00Z", "GET /p?since=1779443700000 ", 0 },
		{ ",'since':{'put':'query:since','as':'str'},'mark':'/m'",
		    "Date: Fri, 22 May 2026 10:00:00 GMT\r\n", "{\"m\":71,\"r\":[" A "]}", "71", "71",
		    "GET /p?since=71 ", 0 },
		{ ",'since':{'put':'json:since','as':'rfc3339'},'mark':'/m'", "",
		    "{\"m\":\"2026-05-22T10:00:00Z\",\"r\":[" A "]}", "2026-05-22T10:00:00Z",
		    "2026-05-22T10:00:00Z", "\"since\":\"2026-05-22T09:55:00Z\"", 1 },
		{ ",'query':{'all':'{since?}','begin':'{since|rfc3339}'},'mark':'/m'", "",
		    ROWS(A), "", "2026-05-22T10:00:00Z",
		    "GET /p?all=1&begin=2026-05-22T09%3A55%3A00Z ", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct feed_ask ask = { .what = FEED_PRODUCTS };
		const struct feed_end *end;
		char keys[50], parts[700];

		temp_make();
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(rig_json(200, cases[i].headers,
		    cases[i].body)), OK("")));
		snprintf(parts, sizeof parts, "'products':{'call':'%s /p','rows':'/r','key':'/id',"
		    "%s'set':{'name':'/n','price':{'at':'/p','as':'major'}}%s}",
		    cases[i].post ? "POST" : "GET", cases[i].post ? "'json':{}," : "", cases[i].more);
		rig_open(parts);
		ck_assert_int_eq(feed_can_since(pos, FEED_PRODUCTS), 1);
		end = run(&ask, keys, sizeof keys);
		ck_assert_int_eq(end->complete, 1);
		ck_assert_str_eq(end->mark, cases[i].mark);
		ask.since = cases[i].since;
		end = run(&ask, keys, sizeof keys);
		/* a delta may be empty, and never says who is gone */
		ck_assert_int_eq(end->outcome, POS_DONE);
		ck_assert_int_eq(end->complete, 0);
		ck_assert_msg(strstr(peer_request(1), cases[i].asks) != NULL, "case %zu: %s", i,
		    peer_request(1));
		rig_close();
	}
}
END_TEST

START_TEST(a_mark_that_is_no_time_cannot_become_one)
{
	const struct feed_end *end;
	char keys[50];

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(OK(A)));
	rig_open(PRODUCTS(",'since':{'put':'query:s','as':'unix_ms'}"));
	end = run(&(struct feed_ask){ .what = FEED_PRODUCTS, .since = "rev-7" }, keys, sizeof keys);
	ck_assert_int_eq(end->outcome, POS_REFUSED);
	ck_assert_ptr_nonnull(strstr(end->message, "is not a time"));
	ck_assert_int_eq(peer_requests(), 0);
	rig_close();
}
END_TEST

/* What was read already is not thrown away for one page that failed. */
START_TEST(asks_a_page_again_behind_the_first)
{
	static const struct {
		struct peer_step step[4];
		int waits, least_ms;
		const char *keys;
		enum pos_outcome outcome;
	} cases[] = {
		{ { SAYS("1"), SAYS("500"), SAYS("2"), SAYS("") }, 1, 1000, "a b ", POS_DONE },
		{ { SAYS("1"), SAYS("429"), SAYS("2"), SAYS("") }, 1, 7000, "a b ", POS_DONE },
		{ { SAYS("1"), SAYS("500"), SAYS("500"), SAYS("2") }, 2, 3000, "a b ", POS_UNKNOWN },
		{ { SAYS("1"), SAYS("500"), SAYS("500"), SAYS("500") }, 2, 3000, "a ", POS_UNKNOWN },
		{ { SAYS("1"), SAYS("3600"), SAYS("2"), SAYS("") }, 0, 0, "a ", POS_LIMITED },
		{ { SAYS("1"), SAYS("401"), SAYS("2"), SAYS("") }, 0, 0, "a ", POS_AUTH },
		/* before the first page nothing is lost by trying later */
		{ { { PEER_LOSE, NULL, 0 }, SAYS("1"), SAYS(""), SAYS("") }, 0, 0, "", POS_UNKNOWN },
		{ { SAYS("429"), SAYS("1"), SAYS(""), SAYS("") }, 0, 0, "", POS_LIMITED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct peer_step steps[4];
		const struct feed_end *end;
		char keys[50];

		for (int k = 0; k < 4; k++) {
			const char *t = cases[i].step[k].text;
			int status = t == NULL ? 0 : (int)strtol(t, NULL, 10);

			steps[k] = cases[i].step[k];
			steps[k].text = status == 3600 ? rig_json(429, "Retry-After: 3600\r\n", "{}") :
			    status == 429 ? rig_json(429, "Retry-After: 7\r\n", "{}") :
			    status > 2 ? rig_json(status, "", "{}") :
			    rig_json(200, "", status == 1 ? ROWS(A) : status == 2 ? ROWS(B) : ROWS(""));
		}
		temp_make();
		peer_start(PEER_PLAIN, NULL, steps, 4);
		rig_open(PRODUCTS(BY_PAGE));
		end = run(&(struct feed_ask){ .what = FEED_PRODUCTS }, keys, sizeof keys);
		ck_assert_msg(end->outcome == cases[i].outcome && strcmp(keys, cases[i].keys) == 0 &&
		    rig_waits == cases[i].waits && rig_waited_ms >= cases[i].least_ms,
		    "case %zu: %s %s, %d waits of %d ms: %s", i, keys, pos_outcome_name(end->outcome),
		    rig_waits, rig_waited_ms, end->message);
		ck_assert_int_eq(end->complete, cases[i].outcome == POS_DONE);
		rig_close();
	}
}
END_TEST

START_TEST(leaves_when_it_is_asked_to)
{
	const struct feed_end *end;
	char keys[50];

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(OK(A), SAYS(rig_json(500, "", "{}"))));
	rig_open(PRODUCTS(BY_PAGE));
	rig_gives_up = 1;
	end = run(&(struct feed_ask){ .what = FEED_PRODUCTS }, keys, sizeof keys);
	ck_assert_int_eq(end->outcome, POS_UNKNOWN);
	ck_assert_int_eq(peer_requests(), 2);
	rig_close();
}
END_TEST

#define BAD "{\"id\":\"x\",\"n\":\"X\",\"p\":12.345}"

/* One bad row never stops the others; too many of them mean something else. */
START_TEST(sets_bad_rows_aside)
{
	static const struct {
		const char *body;
		const char *keys, *aside, *why;
		int complete;
		enum pos_outcome outcome;
	} cases[] = {
		{ ROWS(A "," BAD "," B), "a b ", "x", "\"12.345\" is no sum", 1, POS_DONE },
		/* who has no key may be anybody: nobody is gone then */
		{ ROWS(A ",{\"n\":\"?\",\"p\":1}," B), "a b ", NULL, "a row without key", 0, POS_DONE },
		{ ROWS(A ",7," B), "a b ", NULL, "a row is no object", 0, POS_DONE },
		{ ROWS(A ",{\"id\":\"y\",\"p\":1}"), "a ", "y", "name is missing", 1, POS_DONE },
		{ ROWS(A "," BAD "," BAD "," BAD "," BAD), "a ", "x", "is no sum", 0, POS_UNKNOWN },
	};
	const struct feed_aside *aside;
	const struct pos_row *row;
	struct feed *f;
	char keys[50];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(rig_json(200, "", cases[i].body))));
		rig_open(PRODUCTS(""));
		f = feed_open(pos, &(struct feed_ask){ .what = FEED_PRODUCTS });
		ck_assert_int_eq(feed_page(f), 1);
		for (keys[0] = '\0'; (row = feed_row(f)) != NULL;)
			snprintf(keys + strlen(keys), 10, "%s ", row->key);
		ck_assert_str_eq(keys, cases[i].keys);
		aside = feed_aside(f);
		ck_assert_pstr_eq(aside->key, cases[i].aside);
		ck_assert_msg(strstr(aside->why, cases[i].why) != NULL, "%s", aside->why);
		while (feed_aside(f) != NULL)
			continue;
		ck_assert_int_eq(feed_page(f), cases[i].outcome == POS_DONE ? 0 : -1);
		ck_assert_int_eq(feed_end(f)->complete, cases[i].complete);
		ck_assert_int_eq(feed_end(f)->outcome, cases[i].outcome);
		if (cases[i].outcome != POS_DONE)
			ck_assert_ptr_nonnull(strstr(feed_end(f)->message, "4 of 5 rows are bad"));
		feed_close(f);
		rig_close();
	}
}
END_TEST

START_TEST(asks_stock_by_depot)
{
	const struct pos_row *row;
	struct feed *f;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(
	    SAYS(rig_json(200, "", "[{\"id\":1,\"n\":\"Центр\",\"d\":[{\"k\":5},{\"k\":6}]}]")),
	    SAYS(rig_json(200, "", "{\"r\":[{\"id\":9,\"s\":\"-3.5\"}]}"))));
	rig_open("'branches':{'call':'GET /b','rows':'','key':'/id','set':{'name':'/n'},"
	    "'depots':{'rows':'/d','key':'/k'}},'stock':{'call':'GET /s','per':'depot',"
	    "'query':{'d':'{depot}'},'rows':'/r','key':'/id',"
	    "'set':{'stock':{'at':'/s','as':'qty'}}}");
	ck_assert_int_eq(feed_has(pos, FEED_PRODUCTS), 0);
	ck_assert_ptr_null(feed_open(pos, &(struct feed_ask){ .what = FEED_PRODUCTS }));
	ck_assert_int_eq(feed_per(pos, FEED_STOCK), FEED_PER_DEPOT);
	ck_assert_int_eq(feed_per(pos, FEED_BRANCHES), FEED_ONCE);
	ck_assert_int_eq(feed_can_since(pos, FEED_BRANCHES), 0);
	f = feed_open(pos, &(struct feed_ask){ .what = FEED_BRANCHES });
	ck_assert_int_eq(feed_page(f), 1);
	row = feed_row(f);
	ck_assert_uint_eq(row->depot_count, 2);
	ck_assert_str_eq(row->depots[1].key, "6");
	feed_close(f);
	f = feed_open(pos, &(struct feed_ask){ .what = FEED_STOCK, .depot = "6" });
	ck_assert_int_eq(feed_page(f), 1);
	row = feed_row(f);
	ck_assert_str_eq(row->key, "9");
	ck_assert_ptr_null(row->branch);
	ck_assert_int_eq(row->f[POS_STOCK].number, 0);
	ck_assert_int_eq(row->f[POS_STOCK].below, 4);
	ck_assert_ptr_nonnull(strstr(peer_request(1), "GET /s?d=6 "));
	feed_close(f);
	rig_close();
}
END_TEST

/* A price in another money is no price: the row is set aside, with both names. */
START_TEST(a_row_may_name_its_branch_and_its_money)
{
	const struct feed_aside *aside;
	const struct pos_row *row;
	struct feed *f;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(
	    SAYS(rig_json(200, "", "{\"r\":[{\"id\":1,\"n\":\"A\",\"p\":1,\"b\":\"b7\",\"c\":\"uah\"},"
	    "{\"id\":2,\"n\":\"B\",\"p\":1,\"b\":\"b8\",\"c\":\"USD\"},"
	    "{\"id\":3,\"n\":\"C\",\"p\":1},{\"id\":4,\"n\":\"D\",\"p\":1,\"b\":\"b7\"}]}"))));
	rig_open(PRODUCTS(",'branch':'/b'"));
	f = feed_open(pos, &(struct feed_ask){ .what = FEED_PRODUCTS });
	ck_assert_int_eq(feed_page(f), 1);
	row = feed_row(f);
	ck_assert_str_eq(row->branch, "b7");
	ck_assert_str_eq(feed_row(f)->key, "2");	/* it does not read /c */
	ck_assert_str_eq(feed_row(f)->key, "4");
	ck_assert_ptr_null(feed_row(f));
	ck_assert_str_eq(feed_aside(f)->key, "3");
	feed_close(f);
	rig_close();

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(
	    SAYS(rig_json(200, "", "{\"r\":[{\"id\":1,\"n\":\"A\",\"p\":1,\"c\":\"uah\"},"
	    "{\"id\":2,\"n\":\"B\",\"p\":1,\"c\":\"USD\"},"
	    "{\"id\":3,\"n\":\"C\",\"s\":[{\"k\":1,\"p\":2,\"c\":\"EUR\"}]}]}"))));
	rig_open("'products':{'call':'GET /p','rows':'/r','key':'/id','set':{'name':'/n',"
	    "'price':{'at':'/p','as':'major'},'currency':'/c'},'branches':{'rows':'/s',"
	    "'key':'/k','set':{'price':{'at':'/p','as':'major'},'currency':'/c'}}}");
	f = feed_open(pos, &(struct feed_ask){ .what = FEED_PRODUCTS });
	ck_assert_int_eq(feed_page(f), 1);
	ck_assert_str_eq(feed_row(f)->key, "1");
	ck_assert_ptr_null(feed_row(f));
	aside = feed_aside(f);
	ck_assert_str_eq(aside->key, "2");
	ck_assert_str_eq(aside->why, "currency is USD, not UAH");
	ck_assert_str_eq(feed_aside(f)->why, "currency is EUR, not UAH");
	feed_close(f);
	rig_close();
}
END_TEST

/* What no dish can be read of may be one: it is not gone. */
START_TEST(a_row_of_another_shape_is_set_aside)
{
	const char *body = "{\"r\":[{\"n\":\"A\",\"v\":[{\"m\":1,\"p\":1}]},{\"n\":\"B\",\"v\":\"x\"},7,"
	    "{\"n\":\"C\",\"v\":null},{\"n\":\"D\"}]}";
	struct feed *f;

	temp_make();
	peer_start(PEER_PLAIN, NULL, NULL, 0);
	rig_open("'products':{'call':'GET /p','rows':'/r','each':'/v','key':'/m',"
	    "'set':{'name':'^/n','price':{'at':'/p','as':'major'}}}");
	f = feed_sample(pos, FEED_PRODUCTS, body, strlen(body));
	ck_assert_int_eq(feed_page(f), 1);
	ck_assert_str_eq(feed_row(f)->key, "1");
	ck_assert_ptr_null(feed_row(f));
	ck_assert_int_eq(feed_page(f), 0);
	ck_assert_uint_eq(feed_end(f)->aside, 2);
	ck_assert(!feed_end(f)->complete);
	feed_close(f);
	rig_close();
}
END_TEST

/* A till with one branch tells of its account, say. */
START_TEST(one_object_may_be_the_only_row)
{
	const char *body = "{\"r\":{\"id\":7,\"n\":\"A\",\"p\":1},\"s\":{\"id\":8}}";
	const char *wrong[] = { "{\"r\":[{\"id\":7,\"n\":\"A\",\"p\":1}]}", "{}", "{\"r\":null}" };
	struct feed *f;

	temp_make();
	peer_start(PEER_PLAIN, NULL, NULL, 0);
	rig_open(PRODUCTS(",'one':true"));
	f = feed_sample(pos, FEED_PRODUCTS, body, strlen(body));
	ck_assert_int_eq(feed_page(f), 1);
	ck_assert_str_eq(feed_row(f)->key, "7");
	ck_assert_ptr_null(feed_row(f));
	ck_assert_int_eq(feed_page(f), 0);
	ck_assert(feed_end(f)->complete);
	feed_close(f);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		f = feed_sample(pos, FEED_PRODUCTS, wrong[i], strlen(wrong[i]));
		ck_assert_int_eq(feed_page(f), -1);
		ck_assert_str_eq(feed_end(f)->message, "the reply has no object at \"/r\"");
		feed_close(f);
	}
	rig_close();
}
END_TEST

START_TEST(runs_a_saved_reply_through_a_list)
{
	const char *body = ROWS(A "," B);
	const struct pos_row *row;
	struct feed *f;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS("")));
	rig_open(PRODUCTS(BY_PAGE));
	f = feed_sample(pos, FEED_PRODUCTS, body, strlen(body));
	ck_assert_int_eq(feed_page(f), 1);
	ck_assert_str_eq((row = feed_row(f))->key, "a");
	ck_assert_int_eq(row->f[POS_PRICE].number, 100);
	ck_assert_str_eq(feed_row(f)->key, "b");
	ck_assert_ptr_null(feed_row(f));
	ck_assert_int_eq(feed_page(f), 0);
	feed_close(f);
	f = feed_sample(pos, FEED_PRODUCTS, "{\n\"r\":[}", 8);
	ck_assert_int_eq(feed_page(f), -1);
	ck_assert_ptr_nonnull(strstr(feed_end(f)->message, "line 2"));
	feed_close(f);
	ck_assert_int_eq(peer_requests(), 0);
	feed_close(NULL);
	rig_close();
}
END_TEST

/* However a page is made, no more than 36 MB are taken for it. */
START_TEST(a_page_has_a_bound)
{
	enum { SIZE = 6 << 20 };
	char *body = malloc(SIZE + 16);
	size_t n = 6;
	struct feed *f;

	memcpy(body, "{\"r\":[", 6);
	for (; n < SIZE; n += 3)
		memcpy(body + n, "{},", 3);
	memcpy(body + n, "{}]}", 4);
	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS("")));
	rig_open(PRODUCTS(""));
	f = feed_sample(pos, FEED_PRODUCTS, body, n + 4);
	ck_assert_int_eq(feed_page(f), -1);
	ck_assert_msg(strstr(feed_end(f)->message, "too large to be held") != NULL, "%s",
	    feed_end(f)->message);
	feed_close(f);
	free(body);
	rig_close();
}
END_TEST

int
main(void)
{
	return SUITE("feed", asks_for_changes_since_the_till_s_own_mark,
	    a_mark_that_is_no_time_cannot_become_one, asks_a_page_again_behind_the_first,
	    leaves_when_it_is_asked_to, sets_bad_rows_aside, asks_stock_by_depot, a_row_may_name_its_branch_and_its_money,
	    a_row_of_another_shape_is_set_aside, one_object_may_be_the_only_row, runs_a_saved_reply_through_a_list,
	    a_page_has_a_bound);
}
