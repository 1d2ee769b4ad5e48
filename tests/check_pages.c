/*
 * check_pages.c - from one page of a list to the next, and when to stop
 *
 * C16, G63: what is complete, and may take dishes out of the shop, and what
 * is not.
 */
#include "tests/posrig_feed.h"

struct story {
	const char *products;
	const char *replies[5];		/* bodies; NULL = the one before for ever */
	const char *keys;
	int complete;
	enum pos_outcome outcome;
	const char *says;
	const char *asked[4];		/* in the nth request */
};

static void
check_stories(const struct story *stories, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct story *s = &stories[i];
		struct peer_step steps[5];
		const struct feed_end *end;
		char keys[200];
		size_t n = 0;

		for (; n < 5 && s->replies[n] != NULL; n++)
			steps[n] = (struct peer_step)SAYS(rig_json(200, "", s->replies[n]));
		temp_make();
		peer_start(PEER_PLAIN, NULL, steps, n);
		rig_open(s->products);
		end = run(&(struct feed_ask){ .what = FEED_PRODUCTS }, keys, sizeof keys);
		ck_assert_msg(strcmp(keys, s->keys) == 0 && end->complete == s->complete &&
		    end->outcome == s->outcome && strstr(end->message, s->says) != NULL,
		    "story %zu: %s complete %d %s: %s", i, keys, end->complete,
		    pos_outcome_name(end->outcome), end->message);
		for (int k = 0; k < 4 && s->asked[k] != NULL; k++)
			ck_assert_msg(strstr(peer_request(k), s->asked[k]) != NULL, "story %zu: %s", i,
			    peer_request(k));
		rig_close();
	}
}

#define CHECK(stories) check_stories(stories, sizeof stories / sizeof *stories)

#define CHECK(stories) check_stories(stories, sizeof stories / sizeof *stories)

START_TEST(reads_lists_in_one_piece)
{
	static const struct story stories[] = {
		{ PRODUCTS(""), { ROWS(A "," B) }, "a b ", 1, POS_DONE, "", { "GET /p HTTP" } },
		{ PRODUCTS(""), { ROWS("") }, "", 0, POS_UNKNOWN, "the list is empty", { NULL } },
		{ PRODUCTS(""), { "{}" }, "", 0, POS_UNKNOWN, "no list at \"/r\"", { NULL } },
		{ PRODUCTS(""), { "{\"r\":null}" }, "", 0, POS_UNKNOWN, "no list", { NULL } },
		{ PRODUCTS(""), { "<html>" }, "", 0, POS_UNKNOWN, "is not JSON", { NULL } },
		{ PRODUCTS(""), { "{\"r\":[" A }, "", 0, POS_UNKNOWN, "is not JSON", { NULL } },
		{ PRODUCTS(",'keep':[{'at':'/id','in':['b']}]"), { ROWS(A "," B) }, "b ", 1, POS_DONE, "",
		    { NULL } },
		{ PRODUCTS(",'keep':[{'at':'/id','in':['z']}]"), { ROWS(A "," B) }, "", 1, POS_DONE, "",
		    { NULL } },
	};

	CHECK(stories);
}
END_TEST

START_TEST(reads_lists_by_page_and_offset)
{
	static const struct story stories[] = {
		/* only an empty page is the end: a short one may be a till that gives less */
		{ PRODUCTS(BY_PAGE), { ROWS(A), ROWS(B), ROWS("") }, "a b ", 1, POS_DONE, "",
		    { "limit=2&page=1 ", "limit=2&page=2 ", "page=3 " } },
		{ PRODUCTS(",'page':{'by':'page','put':'query:page','size':['query:limit',2],"
		    "'stop':'short'}"), { ROWS(A "," B), ROWS(C) }, "a b c ", 1, POS_DONE, "",
		    { "page=1 ", "page=2 " } },
		{ PRODUCTS(",'page':{'by':'offset','put':'query:o'}"), { ROWS(A "," B), ROWS(C), ROWS("") },
		    "a b c ", 1, POS_DONE, "", { "o=0 ", "o=2 ", "o=3 " } },
		{ SEARCH(",'page':{'by':'offset','put':'json:o','size':['json:n',2]}"), { ROWS(A), ROWS("") },
		    "a ", 1, POS_DONE, "", { "{\"types\":[\"ITEM\"],\"n\":2,\"o\":0}",
		    "{\"types\":[\"ITEM\"],\"n\":2,\"o\":1}" } },
		/* a till that does not page at all repeats itself */
		{ PRODUCTS(BY_PAGE), { ROWS(A "," B) }, "a b ", 0, POS_UNKNOWN, "a page came twice",
		    { NULL } },
		{ PRODUCTS(BY_PAGE), { ROWS(A), ROWS(B), ROWS(A) }, "a b ", 0, POS_UNKNOWN,
		    "a page came twice", { NULL } },
		{ PRODUCTS(",'page':{'by':'page','put':'query:page','max':2}"), { ROWS(A), ROWS(B), ROWS(C) },
		    "a ", 0, POS_UNKNOWN, "more pages than \"max\"", { NULL } },
		/* half a feed is no feed */
		{ PRODUCTS(BY_PAGE), { ROWS(A), "<html>" }, "a ", 0, POS_UNKNOWN, "is not JSON", { NULL } },
		{ PRODUCTS(BY_PAGE), { ROWS(A), "{}" }, "a ", 0, POS_UNKNOWN, "no list", { NULL } },
		{ PRODUCTS(BY_PAGE), { ROWS("") }, "", 0, POS_UNKNOWN, "the list is empty", { NULL } },
	};

	CHECK(stories);
}
END_TEST

#define CURSOR(more) ",'page':{'by':'cursor','from':'/c','put':'query:cursor'" more "}"
#define NEXT(rows, c) "{\"r\":[" rows "],\"c\":" c "}"

START_TEST(reads_lists_by_cursor)
{
	static const struct story stories[] = {
		{ PRODUCTS(CURSOR("")), { NEXT(A, "\"x=1\""), NEXT(B, "7"), NEXT(C, "null") }, "a b c ", 1,
		    POS_DONE, "", { "GET /p HTTP", "cursor=x%3D1 ", "cursor=7 " } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "\"\"") }, "a ", 1, POS_DONE, "", { NULL } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "false") }, "a ", 1, POS_DONE, "", { NULL } },
		{ PRODUCTS(CURSOR("")), { ROWS(A) }, "a ", 1, POS_DONE, "", { NULL } },
		/* a page without its list is an empty page here, and only here */
		{ PRODUCTS(CURSOR("")), { NEXT(A, "1"), "{\"c\":2}", NEXT(B, "null") }, "a b ", 1, POS_DONE,
		    "", { NULL } },
		/* nothing at all is no page */
		{ PRODUCTS(CURSOR("")), { NEXT(A, "1"), "" }, "a ", 0, POS_UNKNOWN, "no list at \"/r\"",
		    { NULL } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "1"), "[]" }, "a ", 0, POS_UNKNOWN, "no list at \"/r\"",
		    { NULL } },
		{ PRODUCTS(CURSOR(",'stop':'empty'")), { NEXT(A, "1"), NEXT("", "2") }, "a ", 1, POS_DONE, "",
		    { NULL } },
		{ SEARCH(",'page':{'by':'cursor','from':['/n','/c'],'put':'json:cursor'}"),
		    { NEXT(A, "\"q\""), ROWS(B) }, "a b ", 1, POS_DONE, "",
		    { "{\"types\":[\"ITEM\"]}", "{\"types\":[\"ITEM\"],\"cursor\":\"q\"}" } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "1"), NEXT(B, "2"), NEXT(C, "1") }, "a b ", 0, POS_UNKNOWN,
		    "leads back to one before", { NULL } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "{}") }, "", 0, POS_UNKNOWN, "neither text nor a number",
		    { NULL } },
		{ PRODUCTS(CURSOR("")), { NEXT(A, "\"a\\nb\"") }, "", 0, POS_UNKNOWN, "control bytes",
		    { NULL } },
		{ PRODUCTS(CURSOR(",'max':1")), { NEXT(A, "1") }, "", 0, POS_UNKNOWN, "more pages", { NULL } },
	};

	CHECK(stories);
}
END_TEST

/* A link may lead on within the till, and nowhere else: credentials go with it. */
START_TEST(reads_lists_by_link)
{
	static const struct {
		const char *next;	/* %s = the till's address */
		int header;
		const char *asks, *says;
	} cases[] = {
		{ "%s/p?page=2", 0, "GET /p?page=2 HTTP", "" },
		{ "/p?page=2", 0, "GET /p?page=2 HTTP", "" },
		{ "%s/p?page=2", 1, "GET /p?page=2 HTTP", "" },
		{ "https://evil.example/p?page=2", 0, NULL, "leads to another host" },
		{ "%s.evil.example/p", 0, NULL, "leads to another host" },
		{ "//evil.example/p", 0, NULL, "leads to another host" },
		{ "%s/p?a b", 0, NULL, "control bytes" },
		{ "ftp://x", 1, NULL, "leads to another host" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char link[200], more[300], keys[50];
		struct peer_step steps[2];
		const struct feed_end *end;

		temp_make();
		peer_listen(PEER_PLAIN, NULL);
		snprintf(link, sizeof link, cases[i].next, peer_url());
		snprintf(more, sizeof more, cases[i].header ?
		    "Link: </x>; rel=\"prev\", <%s>; rel=\"next\"\r\n" :
		    "{\"r\":[" A "],\"c\":\"%s\"}", link);
		steps[0] = (struct peer_step)SAYS(cases[i].header ? rig_json(200, more, ROWS(A)) :
		    rig_json(200, "", more));
		steps[1] = (struct peer_step)OK(B);
		peer_serve(steps, 2);
		rig_open(cases[i].header ? PRODUCTS(",'page':{'by':'link','from':'header:Link'}") :
		    PRODUCTS(",'page':{'by':'link','from':'/c'}"));
		end = run(&(struct feed_ask){ .what = FEED_PRODUCTS }, keys, sizeof keys);
		ck_assert_msg(strstr(end->message, cases[i].says) != NULL &&
		    end->complete == (cases[i].asks != NULL), "case %zu: %s", i, end->message);
		if (cases[i].asks != NULL)
			ck_assert_ptr_nonnull(strstr(peer_request(1), cases[i].asks));
		rig_close();
	}
}
END_TEST

#define BY_LINK ",'page':{'by':'link','from':'header:Link'}"

/* A header may come in several lines; one that is too long to be kept may have led on. */
START_TEST(a_link_that_is_lost_is_no_end)
{
	static const int widths[] = { 1, 5000, 2300 };
	char head[6000], keys[50];
	const struct feed_end *end;
	struct peer_step steps[2];

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		temp_make();
		peer_listen(PEER_PLAIN, NULL);
		snprintf(head, sizeof head, "Link: <%s/p?page=%0*d>; rel=\"next\"\r\n"
		    "Link: </style.css>; rel=\"preload\"\r\n", peer_url(), widths[i], 2);
		steps[0] = (struct peer_step)SAYS(peer_json(200, head, ROWS(A)));
		steps[1] = (struct peer_step)OK(B);
		peer_serve(steps, 2);
		rig_open(PRODUCTS(BY_LINK));
		end = run(&(struct feed_ask){ .what = FEED_PRODUCTS }, keys, sizeof keys);
		ck_assert_str_eq(keys, widths[i] == 1 ? "a b " : "");
		ck_assert_int_eq(end->complete, widths[i] == 1);
		ck_assert_str_eq(end->message, widths[i] == 1 ? "" : "the Link header is too long");
		rig_close();
	}
}
END_TEST

START_TEST(takes_dishes_apart_into_what_is_sold)
{
	static const struct story stories[] = {
		{ "'products':{'call':'GET /p','rows':'/r','each':'/v','or_self':true,"
		    "'key':[['^/id','/id'],'/m'],'set':{'name':['^/n','/n'],"
		    "'price':{'at':'/p','as':'major'}}}",
		    { "{\"r\":[{\"id\":1,\"n\":\"Піца\",\"v\":[{\"m\":7,\"p\":1},{\"m\":8,\"p\":2}]},"
		    "{\"id\":2,\"n\":\"Суп\",\"v\":[]},{\"id\":3,\"n\":\"Чай\"}]}" },
		    "1:7 1:8 2 3 ", 1, POS_DONE, "", { NULL } },
		{ "'products':{'call':'GET /p','rows':'/r','each':'/v','key':'/m','set':{'name':'^/n',"
		    "'price':{'at':'/p','as':'major'}}}",
		    { "{\"r\":[{\"id\":1,\"n\":\"Піца\",\"v\":[{\"m\":7,\"p\":1}]},{\"id\":2}]}" },
		    "7 ", 1, POS_DONE, "", { NULL } },
	};

	CHECK(stories);
}
END_TEST

int
main(void)
{
	return SUITE("pages", reads_lists_in_one_piece, reads_lists_by_page_and_offset,
	    reads_lists_by_cursor, reads_lists_by_link, a_link_that_is_lost_is_no_end,
	    takes_dishes_apart_into_what_is_sold);
}
