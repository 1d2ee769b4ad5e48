/*
 * feed.c - a list of the till, read page by page
 *
 * What makes a feed complete is decided here and nowhere else, because on
 * it hangs whether dishes disappear from the shop: every page came, was
 * understood, and the list ended by its own rule. A till that repeats
 * itself, never ends or sends nonsense fails the feed instead.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/pos/engine.h"
#include "lib/pos/pages.h"
#include "lib/pos/plain.h"

enum {
	PAGE_ARENA = 36 * 1024 * 1024,	/* with a body of 8 MB: 64 MB in all at the most */
	ROW_ARENA = 8 * 1024 * 1024,
	ROWS_MAX = 5 * 1000 * 1000,
	ASIDES_MAX = 100,		/* kept per page */
	BAD_PERCENT = 10,
	BAD_FEW = 3,			/* so many bad rows fail no feed */
	TRIES = 3,			/* of one page, behind the first */
	WAIT_MOST_S = 60
};

struct feed {
	struct pos *pos;
	const struct list *list;
	struct scope scope;
	struct pages pages;
	struct arena *page, *row;	/* live until the next page, the next row */
	char *since, *depot;		/* the feed's own copies */
	struct http_reply reply;
	const char *sample;		/* instead of the network */
	size_t sample_len;
	const struct json *root, *next_row, *next_child;
	const struct json *above;	/* of next_child */
	struct pos_row out;
	struct feed_aside asides[ASIDES_MAX];
	size_t aside_count, aside_next;
	size_t seen;			/* rows that came, kept or not */
	char first_fault[ROWS_FAULT];
	int blind;			/* some row's key could not be read */
	int bad_percent;
	int over;			/* 1 ended by rule, -1 failed */
	struct feed_end end;
};

int
feed_has(const struct pos *pos, enum feed_what what)
{
	return pos->profile->feeds[what].there;
}

int
feed_can_since(const struct pos *pos, enum feed_what what)
{
	const struct list *l = &pos->profile->feeds[what];

	return l->since_put.in != WHERE_NONE || l->asks_since;
}

enum feed_per
feed_per(const struct pos *pos, enum feed_what what)
{
	return pos->profile->feeds[what].per;
}

int
feed_sets(const struct pos *pos, enum feed_what what, enum pos_field f)
{
	return pos->profile->feeds[what].set.field[f] != NULL;
}

struct feed *
feed_begin(struct pos *pos, const struct list *l, const struct scope *c)
{
	struct feed *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->pos = pos;
	f->list = l;
	f->scope = *c;
	f->bad_percent = BAD_PERCENT;
	f->page = arena_new(PAGE_ARENA);
	f->row = arena_new(ROW_ARENA);
	f->end.retry_after = -1;
	pages_begin(&f->pages, &l->page);
	if (f->page == NULL || f->row == NULL) {
		feed_close(f);
		return NULL;
	}
	return f;
}

struct feed *
feed_open(struct pos *pos, const struct feed_ask *ask)
{
	struct scope c = pos_scope(pos, NULL);
	struct feed *f;

	if (!feed_has(pos, ask->what) ||
	    (f = feed_begin(pos, &pos->profile->feeds[ask->what], &c)) == NULL)
		return NULL;
	f->since = ask->since == NULL ? NULL : strdup(ask->since);
	f->depot = ask->depot == NULL ? NULL : strdup(ask->depot);
	if ((ask->since != NULL && f->since == NULL) ||
	    (ask->depot != NULL && f->depot == NULL)) {
		feed_close(f);
		return NULL;
	}
	f->scope.since = f->since;
	f->scope.depot = f->depot;
	if (ask->bad_percent > 0)
		f->bad_percent = ask->bad_percent;
	return f;
}

struct feed *
feed_sample(struct pos *pos, enum feed_what what, const char *body, size_t len)
{
	struct feed *f = feed_open(pos, &(struct feed_ask){ .what = what });

	if (f != NULL) {
		f->sample = body;
		f->sample_len = len;
	}
	return f;
}

void
feed_close(struct feed *f)
{
	if (f == NULL)
		return;
	http_reply_free(&f->reply);
	pages_end(&f->pages);
	arena_free(f->page);
	arena_free(f->row);
	free(f->since);
	free(f->depot);
	free(f);
}

const struct feed_end *
feed_end(const struct feed *f)
{
	return &f->end;
}

static int
fail(struct feed *f, enum pos_outcome o, const char *message)
{
	f->over = -1;
	f->end.outcome = o;
	f->end.complete = 0;
	plain_scrub(message, f->pos->secrets, f->pos->secret_count, f->end.message,
	    sizeof f->end.message);
	return -1;
}

static int
build(struct feed *f, struct pos_request *q)
{
	struct extras e = { 0 };
	struct extra since = { .name = f->list->since_put.name };

	f->scope.arena = f->page;
	pages_put(&f->pages, f->page, &e);
	if (f->since != NULL && f->list->since_put.in != WHERE_NONE) {
		char text[32];

		snprintf(text, sizeof text, "{since|%s}", f->list->since_as);
		if ((since.value = template_text(&f->scope, text, NULL)) == NULL)
			return -1;
		if (f->list->since_put.in == WHERE_QUERY)
			e.query[e.queries++] = since;
		else
			e.json[e.jsons++] = since;
	}
	if (call_build(f->pos->profile, &f->scope, &f->list->call, &e, q) == -1)
		return -1;
	if (f->pages.path != NULL)
		q->path = f->pages.path;
	return 0;
}

/*
 * Behind the first page something would be lost by giving up at once: a
 * page that failed is asked again, a limit is waited for.
 */
static int
worth_waiting(struct feed *f, const struct pos_answer *a, int tries)
{
	int s = a->retry_after >= 0 ? a->retry_after : 1 << tries;

	if (f->end.pages == 0 || tries + 1 >= TRIES || s > WAIT_MOST_S)
		return 0;
	if (a->outcome != POS_LIMITED && a->outcome != POS_UNSENT && a->outcome != POS_UNKNOWN)
		return 0;
	return pos_rest(f->pos, s * 1000 + (int)(clock_mono_ms() % 300)) == 0;
}

/* A page that could not be parsed for want of memory. */
static int
is_full(const struct feed *f)
{
	return arena_used(f->page) > PAGE_ARENA - PAGE_ARENA / 8;
}

static int
fail_full(struct feed *f)
{
	return fail(f, POS_UNKNOWN,
	    "a page is too large to be held: ask for fewer rows at a time (page.size)");
}

/* 0, or -1 failed: what came for this page. */
static int
hear(struct feed *f, const struct pos_answer *a)
{
	f->end.retry_after = a->retry_after;
	f->root = a->body;
	if (a->outcome == POS_UNKNOWN && is_full(f))
		return fail_full(f);
	return a->outcome == POS_DONE ? 0 : fail(f, a->outcome, a->message);
}

static int
fetch(struct feed *f)
{
	struct pos_answer a;
	struct pos_request q;

	if (build(f, &q) == -1)
		return fail(f, POS_REFUSED, f->scope.fault);
	for (int tries = 0;; tries++) {
		pos_ask(f->pos, &q, f->page, &f->reply);
		judge_reply(f->pos, &f->reply, f->page, &a);
		if (a.outcome == POS_DONE || !worth_waiting(f, &a, tries))
			break;
		http_reply_free(&f->reply);
	}
	return hear(f, &a);
}

static int
take_sample(struct feed *f)
{
	struct json_fault fault;
	char text[80];

	if ((f->root = json_parse(f->page, f->sample, f->sample_len, &fault)) != NULL)
		return 0;
	if (is_full(f))
		return fail_full(f);
	snprintf(text, sizeof text, "reply is not JSON: line %d: %s", fault.line, fault.what);
	return fail(f, POS_UNKNOWN, text);
}

/* The till's own mark, or its clock: both as they were before page 1 was made. */
static void
take_mark(struct feed *f)
{
	const struct spot at = { .row = f->root };
	const struct pointers p = { .count = 1, .list = { f->list->mark } };
	const char *s = f->list->mark == NULL ? NULL : rows_scalar(f->page, rows_at(&at, &p));
	char text[CLOCK_TEXT];
	int64_t t;

	if (s == NULL && f->list->mark == NULL && f->reply.date[0] != '\0' &&
	    (t = clock_parse_http(f->reply.date)) != -1) {
		clock_rfc3339(t, text);
		s = text;
	}
	if (s != NULL && strlen(s) < sizeof f->end.mark)
		snprintf(f->end.mark, sizeof f->end.mark, "%s", s);
}

static int
too_many_bad(const struct feed *f)
{
	size_t all = f->end.rows + f->end.aside;

	return f->end.aside > BAD_FEW && f->end.aside * 100 > all * (size_t)f->bad_percent;
}

static int
fail_bad(struct feed *f)
{
	char text[POS_FAULT];

	snprintf(text, sizeof text, "%zu of %zu rows are bad (at most %d%%), the first: %s",
	    f->end.aside, f->end.rows + f->end.aside, f->bad_percent, f->first_fault);
	return fail(f, POS_UNKNOWN, text);
}

/* The list ended by its rule: is that all there is? */
static int
finish(struct feed *f)
{
	const int must = f->list->empty_is_error || (f->list->match.how == MATCH_NONE &&
	    (f->list->what == FEED_BRANCHES || f->list->what == FEED_PRODUCTS));

	f->over = 1;
	if (f->since == NULL && f->seen == 0 && must)
		return fail(f, POS_UNKNOWN, "the list is empty");
	f->end.complete = f->since == NULL && f->seen > 0 && !f->blind;
	return 0;
}

/* The first row of a reply; NULL = there is none, *count too. */
static const struct json *
first_row(const struct feed *f, const struct json **rows, size_t *count)
{
	const struct spot at = { .row = f->root };

	*rows = f->list->one ? rows_at(&at, &f->list->rows) : rows_list(&at, &f->list->rows);
	if (f->list->one && json_type(*rows) != JSON_OBJECT)
		*rows = NULL;
	*count = f->list->one ? *rows != NULL : json_count(*rows);
	return f->list->one ? *rows : json_first(*rows);
}

static int
take_page(struct feed *f)
{
	const struct json *rows, *first;
	size_t count;
	const char *why;
	char text[POS_FAULT];

	first = first_row(f, &rows, &count);
	/* where a cursor leads on, some leave an empty list out; an empty reply is no list */
	if (rows == NULL &&
	    (f->list->page.by != PAGE_CURSOR || json_type(f->root) != JSON_OBJECT)) {
		snprintf(text, sizeof text, "the reply has no %s at \"%s\"",
		    f->list->one ? "object" : "list", f->list->rows.list[0]);
		return fail(f, POS_UNKNOWN, text);
	}
	if (f->end.pages == 0)
		take_mark(f);
	f->end.pages++;
	f->seen += count;
	f->next_row = first;
	if (f->seen > ROWS_MAX)
		return fail(f, POS_UNKNOWN, "the list does not end: more than 5,000,000 rows");
	why = pages_turn(&f->pages, &(struct page_came){ .root = f->root, .list = rows,
	    .rows = count, .base = f->pos->base,
	    .link = f->reply.link_lost ? NULL : f->reply.link });
	return why == NULL ? 0 : fail(f, POS_UNKNOWN, why);
}

/* Ready for the next page: 1, or how it ended. */
static int
turn(struct feed *f)
{
	if (f->over != 0)
		return f->over == 1 ? 0 : -1;
	if (too_many_bad(f))
		return fail_bad(f);
	if (f->end.pages > 0 && (f->pages.last || f->sample != NULL))
		return finish(f);
	http_reply_free(&f->reply);
	arena_reset(f->page);
	f->next_row = f->next_child = NULL;
	f->aside_count = f->aside_next = 0;
	return 1;
}

int
feed_ask(struct feed *f, struct pos_request *q)
{
	int rc = turn(f);

	if (rc == 1 && build(f, q) == -1)
		return fail(f, POS_REFUSED, f->scope.fault);
	return rc;
}

int
feed_hear(struct feed *f, const struct http_reply *r)
{
	struct pos_answer a;

	f->reply = *r;
	judge_reply(f->pos, &f->reply, f->page, &a);
	return hear(f, &a) == -1 ? -1 : take_page(f);
}

int
feed_page(struct feed *f)
{
	int rc = turn(f);

	if (rc != 1)
		return rc;
	if ((f->sample != NULL ? take_sample(f) : fetch(f)) == -1 || take_page(f) == -1)
		return -1;
	return 1;
}

/* A row that `each` cannot be read of: its key cannot either, so it is set aside. */
static int
is_odd(const struct json *row, const struct json *list)
{
	return json_type(row) != JSON_OBJECT || (list != NULL && json_type(list) != JSON_ARRAY &&
	    json_type(list) != JSON_NULL);
}

int
feed_next(struct feed *f, struct spot *at)
{
	const struct json *row, *list;
	struct reader r = { .arena = f->row };

	while (f->next_child == NULL) {
		if ((row = f->next_row) == NULL)
			return 0;
		f->next_row = f->list->one ? NULL : json_next(row);
		arena_reset(f->row);
		if (json_type(row) == JSON_OBJECT && !rows_kept(&r, f->list, row))
			continue;
		list = f->list->each == NULL ? NULL : json_pointer(row, f->list->each);
		if (json_type(list) == JSON_ARRAY && json_first(list) != NULL) {
			f->above = row;
			f->next_child = json_first(list);
		} else if (f->list->each == NULL || f->list->or_self || is_odd(row, list)) {
			*at = (struct spot){ .row = row };
			return 1;
		}
	}
	*at = (struct spot){ .row = f->next_child, .above = f->above };
	f->next_child = json_next(f->next_child);
	return 1;
}

static void
put_aside(struct feed *f, const char *key, const char *why)
{
	struct feed_aside *a = &f->asides[f->aside_count];

	if (f->end.aside++ == 0)
		snprintf(f->first_fault, sizeof f->first_fault, "%s", why);
	if (key == NULL || f->aside_count == ASIDES_MAX)
		f->blind = 1;
	if (f->aside_count == ASIDES_MAX)
		return;
	a->key = arena_str(f->page, key);
	a->why = arena_str(f->page, why);
	if (a->key == NULL || a->why == NULL)
		f->blind = 1;
	f->aside_count += a->why != NULL;
}

const struct pos_row *
feed_row(struct feed *f)
{
	struct reader r = { .arena = f->row, .scope = &f->scope, .zone = f->scope.zone };
	struct spot at;

	f->scope.arena = f->row;
	for (;;) {
		arena_reset(f->row);
		if (!feed_next(f, &at))
			return NULL;
		f->out = (struct pos_row){ 0 };
		if (json_type(at.row) != JSON_OBJECT) {
			put_aside(f, NULL, "a row is no object");
			continue;
		}
		if ((f->out.key = rows_key(&r, &f->list->key, &at)) != NULL &&
		    rows_read(&r, f->list, &at, &f->out) == 0) {
			f->end.rows++;
			return &f->out;
		}
		put_aside(f, f->out.key, r.fault);
	}
}

const struct feed_aside *
feed_aside(struct feed *f)
{
	return f->aside_next < f->aside_count ? &f->asides[f->aside_next++] : NULL;
}
