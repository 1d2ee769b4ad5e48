/*
 * profile_lists.c - the profile format as tables: lists, and how they page
 *
 * Below the tables stand the rules between keys that a table cannot say.
 */
#include <stdio.h>
#include <string.h>

#include "lib/pos/rules.h"
#include "lib/pos/template.h"

#define BIT(x) (1u << (x))

static const char *const page_by[] = { "none", "cursor", "page", "offset", "link", NULL };
static const char *const page_stop[] = { "default", "absent", "empty", "short", NULL };
static const char *const per_words[] = { "once", "depot", "branch", NULL };

static const unsigned in_query_json = BIT(WHERE_QUERY) | BIT(WHERE_JSON);
static const int64_t page_range[] = { 1, 10000 };

/* ---- lists */

static void
take_size(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct page *page = into;
	size_t mark;

	if (json_type(j) != JSON_ARRAY || json_count(j) != 2) {
		check_fault(c, "must be like [\"query:limit\", 200]");
		return;
	}
	mark = check_enter_nth(c, 0);
	take_where(c, json_first(j), &page->size_put, &in_query_json);
	check_leave(c, mark);
	mark = check_enter_nth(c, 1);
	take_number(c, json_next(json_first(j)), &page->size, page_range);
	check_leave(c, mark);
	(void)arg;
}

static void
take_from(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct page *page = into;
	const char *s = json_text(j);

	if (s != NULL && strcmp(s, "header:Link") == 0)
		page->from_header = 1;
	else
		take_pointers(c, j, &page->from, arg);
}

static const struct rule page_rules[] = {
	{ "by",		take_choice,	F(page, by), page_by, REQUIRED },
	{ "from",	take_from,	0, NULL, OPTIONAL },
	{ "put",	take_where,	F(page, put), &in_query_json, OPTIONAL },
	{ "size",	take_size,	0, NULL, OPTIONAL },
	{ "stop",	take_choice,	F(page, stop), page_stop, OPTIONAL },
	{ "max",	take_number,	F(page, max), page_range, OPTIONAL },
};

static void
take_page(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct page *p = into;
	int has_from;

	(void)arg;
	CHECK_OBJECT(c, j, page_rules, p);
	has_from = p->from.count > 0 || p->from_header;
	if ((p->by == PAGE_CURSOR || p->by == PAGE_LINK) && !has_from)
		check_fault(c, "by %s needs \"from\"", page_by[p->by]);
	if ((p->by == PAGE_PAGE || p->by == PAGE_OFFSET) && has_from)
		check_fault(c, "\"from\" goes with by cursor or link");
	if (p->from_header && p->by != PAGE_LINK)
		check_fault(c, "\"header:Link\" goes with by link");
	if ((p->by == PAGE_CURSOR || p->by == PAGE_PAGE || p->by == PAGE_OFFSET) &&
	    p->put.in == WHERE_NONE)
		check_fault(c, "by %s needs \"put\"", page_by[p->by]);
	if (p->stop == STOP_SHORT && p->size == 0)
		check_fault(c, "\"stop\": \"short\" needs \"size\"");
	if (p->stop == STOP_ABSENT && p->by != PAGE_CURSOR && p->by != PAGE_LINK)
		check_fault(c, "\"stop\": \"absent\" goes with by cursor or link");
}

static void
take_filter(struct check *c, const struct json *j, void *into, const void *arg)
{
	take_text(c, j, into, arg);
	if (json_text(j) != NULL && strcmp(json_text(j), "str") != 0 &&
	    !template_is_time_filter(json_text(j)))
		check_fault(c, "\"%.40s\" is not one of rfc3339, local, unix_ms, str", json_text(j));
}

static const struct rule since_rules[] = {
	{ "put",	take_where,	F(list, since_put), &in_query_json, REQUIRED },
	{ "as",		take_filter,	F(list, since_as), NULL, REQUIRED },
};

static void
take_since(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	CHECK_OBJECT(c, j, since_rules, into);
}

static const struct rule keep_rules[] = {
	{ "at",		take_pointers,	F(keep, at), NULL, REQUIRED },
	{ "in",		take_texts,	F(keep, in), NULL, REQUIRED },
};

static void
take_keep(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct list *list = into;
	int above = c->above;
	size_t mark;

	(void)arg;
	if (json_type(j) != JSON_ARRAY || json_count(j) > KEEPS_MAX) {
		check_fault(c, "must be an array of at most %d like {\"at\":…,\"in\":[…]}",
		    KEEPS_MAX);
		return;
	}
	c->above = 0;
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter_nth(c, list->keeps);
		CHECK_OBJECT(c, m, keep_rules, &list->keep[list->keeps++]);
		check_leave(c, mark);
	}
	c->above = above;
}

static const struct rule sub_rules[] = {
	{ "rows",	take_pointers,	F(sub, rows), NULL, REQUIRED },
	{ "key",	take_key,	F(sub, key), NULL, REQUIRED },
	{ "set",	take_set,	F(sub, set), NULL, OPTIONAL },
};

#define FIELD(f) ((uint32_t)1 << (f))

static const uint32_t branch_row_fields = FIELD(POS_PRICE) | FIELD(POS_STOCK) | FIELD(POS_SALE) |
    FIELD(POS_TRACKED) | FIELD(POS_IS_GONE) | FIELD(POS_CURRENCY);
static const uint32_t depot_fields = FIELD(POS_NAME);

/* Rows within a row: here ^ is the row they stand in. */
static void
take_sub(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct sub *sub = into;
	uint32_t fields = c->fields;
	int above = c->above;

	c->fields = *(const uint32_t *)arg;
	c->above = 1;
	sub->there = 1;
	CHECK_OBJECT(c, j, sub_rules, sub);
	c->fields = fields;
	c->above = above;
}

static const struct rule match_rules[] = {
	{ "at",		take_pointers,	F(match, at), NULL, REQUIRED },
	{ "is",		take_phrase,	F(match, text), NULL, OPTIONAL },
	{ "starts",	take_phrase,	F(match, text), NULL, OPTIONAL },
	{ "phone",	take_phrase,	F(match, text), NULL, OPTIONAL },
};

static void
take_match(struct check *c, const struct json *j, void *into, const void *arg)
{
	static const char *const words[] = { NULL, "is", "starts", "phone" };
	struct match *m = into;
	int found = 0;

	(void)arg;
	CHECK_OBJECT(c, j, match_rules, m);
	for (int how = MATCH_IS; how <= MATCH_PHONE; how++)
		if (json_member(j, words[how]) != NULL) {
			m->how = (enum match_how)how;
			found++;
		}
	if (found != 1)
		check_fault(c, "needs exactly one of is, starts, phone");
}

#define LIST_RULES \
	CALL_RULES(list), \
	{ "rows",	take_pointers,	F(list, rows), NULL, REQUIRED }, \
	{ "keep",	take_keep,	0, NULL, OPTIONAL }, \
	{ "key",	take_key,	F(list, key), NULL, REQUIRED }, \
	{ "page",	take_page,	F(list, page), NULL, OPTIONAL }

static const struct rule list_rules[] = {
	LIST_RULES,
	{ "each",	take_pointer,	F(list, each), NULL, OPTIONAL },
	{ "one",	take_flag,	F(list, one), NULL, OPTIONAL },
	{ "or_self",	take_flag,	F(list, or_self), NULL, OPTIONAL },
	{ "since",	take_since,	0, NULL, OPTIONAL },
	{ "mark",	take_pointer,	F(list, mark), NULL, OPTIONAL },
	{ "per",	take_choice,	F(list, per), per_words, OPTIONAL },
	{ "branch",	take_pointers,	F(list, branch), NULL, OPTIONAL },
	{ "set",	take_set,	F(list, set), NULL, REQUIRED },
	{ "branches",	take_sub,	F(list, branches), &branch_row_fields, OPTIONAL },
	{ "depots",	take_sub,	F(list, depots), &depot_fields, OPTIONAL },
	{ "empty_is_error", take_flag,	F(list, empty_is_error), NULL, OPTIONAL },
};

static const struct rule find_rules[] = {
	LIST_RULES,
	{ "match",	take_match,	F(list, match), NULL, REQUIRED },
};

void
check_call(struct check *c, const struct call *call)
{
	if (call->json != NULL && call->form != NULL)
		check_fault(c, "\"json\" and \"form\" do not go together");
	if (call->method != NULL && strcmp(call->method, "GET") == 0 &&
	    (call->json != NULL || call->form != NULL))
		check_fault(c, "GET has no body: say \"query\"");
}

static void
check_list(struct check *c, const struct list *l)
{
	check_call(c, &l->call);
	if (l->call.json == NULL && (l->page.put.in == WHERE_JSON ||
	    l->page.size_put.in == WHERE_JSON || l->since_put.in == WHERE_JSON))
		check_fault(c, "\"json:…\" needs \"json\" in the call");
	if (l->one && l->page.by != PAGE_NONE)
		check_fault(c, "\"one\" object has no pages");
	if (l->or_self && l->each == NULL)
		check_fault(c, "\"or_self\" goes with \"each\"");
	if (l->page.by == PAGE_LINK && l->call.method != NULL &&
	    strcmp(l->call.method, "GET") != 0)
		check_fault(c, "by link goes with GET");
}

/* What each feed may set, and must; which rows within rows, and how it may be asked. */
static const struct feed_rule {
	uint32_t may;
	enum pos_field must;
	int branches, depots;
	unsigned per;
	const char *per_words;
} feed_rules[FEEDS] = {
	[FEED_BRANCHES] = { FIELD(POS_NAME) | FIELD(POS_ADDRESS) | FIELD(POS_LATITUDE) |
	    FIELD(POS_LONGITUDE) | FIELD(POS_PHONE) | FIELD(POS_HOURS) | FIELD(POS_CURRENCY) |
	    FIELD(POS_IS_GONE), POS_NAME, 0, 1, BIT(FEED_ONCE), "once" },
	[FEED_CATEGORIES] = { FIELD(POS_NAME) | FIELD(POS_PARENT) | FIELD(POS_HIDDEN) |
	    FIELD(POS_IS_GONE), POS_NAME, 0, 0, BIT(FEED_ONCE), "once" },
	[FEED_IMAGES] = { FIELD(POS_URL) | FIELD(POS_IS_GONE), POS_URL, 0, 0, BIT(FEED_ONCE), "once" },
	[FEED_PRODUCTS] = { FIELD(POS_NAME) | FIELD(POS_DESCRIPTION) | FIELD(POS_CATEGORY) |
	    FIELD(POS_IMAGE) | FIELD(POS_IMAGE_KEY) | FIELD(POS_PRICE) | FIELD(POS_STOCK) |
	    FIELD(POS_STOCK_KEY) | FIELD(POS_SKU) | FIELD(POS_TRACKED) | FIELD(POS_SALE) |
	    FIELD(POS_CHOICE) | FIELD(POS_IS_GONE) | FIELD(POS_ONLY_BRANCHES) | FIELD(POS_NOT_BRANCHES) |
	    FIELD(POS_CURRENCY), POS_NAME, 1, 0, BIT(FEED_ONCE) | BIT(FEED_PER_BRANCH),
	    "once or branch" },
	[FEED_STOCK] = { FIELD(POS_STOCK) | FIELD(POS_TRACKED), POS_STOCK, 0, 0,
	    BIT(FEED_ONCE) | BIT(FEED_PER_DEPOT) | BIT(FEED_PER_BRANCH), "once, depot or branch" },
};

/* Whose a row is comes from one place. */
static void
check_whose(struct check *c, const struct list *l, const struct feed_rule *rule)
{
	if ((rule->per & BIT(l->per)) == 0)
		check_fault(c, "\"per\" is here %s", rule->per_words);
	if (l->branch.count > 0 && l->what != FEED_PRODUCTS && l->what != FEED_STOCK)
		check_fault(c, "\"branch\" goes with products and stock");
	if (l->branch.count > 0 && l->per != FEED_ONCE)
		check_fault(c, "\"branch\" goes with \"per\": \"once\"");
	if (l->branches.there && !rule->branches)
		check_fault(c, "\"branches\" goes with products");
	if (l->branches.there && (l->branch.count > 0 || l->per != FEED_ONCE))
		check_fault(c, "\"branches\" does not go with \"branch\" or \"per\"");
	if (l->depots.there && !rule->depots)
		check_fault(c, "\"depots\" goes with branches");
}

void
take_feed(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct list *l = into;
	const enum feed_what what = *(const enum feed_what *)arg;
	const struct feed_rule *rule = &feed_rules[what];

	l->there = 1;
	l->what = what;
	c->names = NAMES_LIST;
	c->used = 0;
	c->fields = rule->may;
	c->above = json_member(j, "each") != NULL;
	CHECK_OBJECT(c, j, list_rules, l);
	l->asks_since = (c->used & NAMES_LIST) != 0;
	check_list(c, l);
	if (json_member(j, "set") != NULL && l->set.field[rule->must] == NULL)
		check_fault(c, "\"set\" needs \"%s\"", profile_fields[rule->must].name);
	check_whose(c, l, rule);
	if (l->what == FEED_PRODUCTS && l->set.field[POS_PRICE] == NULL &&
	    l->branches.set.field[POS_PRICE] == NULL)
		check_fault(c, "needs a price, in \"set\" or in \"branches\"");
	c->names = 0;
}

/* Notes a mistake at a key of a list. */
static void
fault_at(struct check *c, const char *list, const char *key, const char *text)
{
	size_t mark = check_enter(c, list);

	check_enter(c, key);
	check_fault(c, "%s", text);
	check_leave(c, mark);
}

void
check_feeds(struct check *c)
{
	const struct list *feeds = c->p->feeds, *stock = &feeds[FEED_STOCK];
	const struct list *products = &feeds[FEED_PRODUCTS];

	if (stock->per == FEED_PER_DEPOT && !feeds[FEED_BRANCHES].depots.there)
		fault_at(c, "stock", "per", "\"depot\" needs \"depots\" in branches: which a branch has");
	if (products->set.field[POS_IMAGE_KEY] != NULL && !feeds[FEED_IMAGES].there)
		fault_at(c, "products", "set", "image_key needs the list \"images\"");
}

void
take_find(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct list *l = into;
	unsigned names = c->names;

	(void)arg;
	l->there = 1;
	c->names |= NAMES_WINDOW;
	c->above = 0;
	CHECK_OBJECT(c, j, find_rules, l);
	check_list(c, l);
	c->names = names;
}
