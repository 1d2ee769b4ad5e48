/* fault.c - see fault.h. What every fault is: the table below. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "tests/pos-sim/fault.h"

#define ALL "/"
#define ORDER "POST /api/pos/orders$"
#define FEED "GET /api/pos/products"

const struct fault_kind fault_kinds[] = {
	{ "slow", FAULT_SLOW, 0, 0, 5000, ALL, "answers S seconds later, also if nobody waits" },
	{ "hang", FAULT_HANG, 0, 0, 600000, ALL, "does nothing and never answers" },
	{ "hang-after", FAULT_HANG_AFTER, 0, 0, 600000, ORDER, "does it and never answers" },
	{ "close", FAULT_CUT, 0, 0, 0, ORDER, "cuts the line before doing anything" },
	{ "lost-reply", FAULT_CUT_AFTER, 0, 0, 0, ORDER, "does it, then cuts the line" },
	{ "401", FAULT_STATUS, 401, 0, 0, ALL, "says the token is wrong" },
	{ "404", FAULT_STATUS, 404, 0, 0, "GET /api/pos/orders/", "knows no such order" },
	{ "429", FAULT_STATUS, 429, 0, 2000, ALL, "too many requests; Retry-After: S" },
	{ "429-date", FAULT_STATUS, 429, 0, 2000, ALL, "the same; Retry-After is a date" },
	{ "500", FAULT_STATUS, 500, 0, 0, ALL, "says it broke" },
	{ "503", FAULT_STATUS, 503, 0, 0, ALL, "says it is busy; Retry-After: S if given" },
	{ "refuse", FAULT_STATUS, 422, 0, 0, ORDER, "refuses the order" },
	{ "garbage", FAULT_BODY, 200, 0, 0, ALL, "200 and bytes that are no JSON" },
	{ "html200", FAULT_BODY, 200, 0, 0, ALL, "200 and a web page" },
	{ "redirect", FAULT_BODY, 302, 0, 0, ALL, "302 to /elsewhere on the same host" },
	{ "huge", FAULT_HUGE, 200, 0, 0, ALL, "200 and 64 MB" },
	{ "truncate", FAULT_TRUNCATE, 0, 0, 0, ALL, "does it, sends half of the answer" },
	{ "wrong-types", FAULT_SHAPE, 0, SHAPE_WRONG_TYPES, 0, FEED,
	    "three rows of each page have members of wrong types" },
	{ "bad-row", FAULT_SHAPE, 0, SHAPE_BAD_ROW, 0, FEED,
	    "the first row has its key, and a price (a latitude) in words" },
	{ "no-name", FAULT_SHAPE, 0, SHAPE_NO_NAME, 0, FEED, "the first row has no name" },
	{ "duplicate-rows", FAULT_SHAPE, 0, SHAPE_DUPLICATES, 0, FEED, "every row twice" },
	{ "empty-feed", FAULT_SHAPE, 0, SHAPE_EMPTY, 0, FEED, "no products at all" },
	{ "half-feed", FAULT_SHAPE, 0, SHAPE_HALF, 0, FEED, "ends well after half of them" },
	{ "repeating-page", FAULT_SHAPE, 0, SHAPE_REPEAT, 0, FEED, "page 1 for every page" },
	{ "repeating-cursor", FAULT_SHAPE, 0, SHAPE_REPEAT, 0, FEED, "the same" },
	{ "no-id", FAULT_SHAPE, 0, SHAPE_NO_ID, 0, ORDER, "takes the order, tells no id" },
	{ "wrong-total", FAULT_SHAPE, 0, SHAPE_WRONG_TOTAL, 0, ORDER, "counts 1.00 more" },
	{ NULL, FAULT_NONE, 0, 0, 0, NULL, NULL }
};

enum { ANY, ACTIVE, HIT, SKIPPED, ADD, CLEAR, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[ANY] = { "SELECT 1 FROM fault WHERE times IS NULL OR times > 0 LIMIT 1", NULL },
	[ACTIVE] = { "SELECT seq, name, path, skip, wait_ms FROM fault"
	    " WHERE times IS NULL OR times > 0 ORDER BY seq", NULL },
	[HIT] = { "UPDATE fault SET times = times - 1, hits = hits + 1 WHERE seq = ?1", NULL },
	[SKIPPED] = { "UPDATE fault SET skip = skip - 1 WHERE seq = ?1", NULL },
	[ADD] = { "INSERT INTO fault (name, path, times, skip, wait_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", NULL },
	[CLEAR] = { "DELETE FROM fault", NULL },
};

const struct fault_kind *
fault_find(const char *name)
{
	for (const struct fault_kind *k = fault_kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

void
fault_add(struct store *s, const struct fault_kind *k, const char *path, int64_t times,
    int64_t skip, int64_t wait_ms)
{
	store_run(s, &sql[ADD], "ssiii", k->name, path, times, skip, wait_ms);
}

void
fault_clear(struct store *s)
{
	store_run(s, &sql[CLEAR], "");
}

/* "[METHOD ]/prefix", or "[METHOD ]/path$" for just this path. */
static int
fits(const char *path, const char *method, const char *uri)
{
	size_t n = strcspn(path, " "), len;

	if (path[n] == ' ') {
		if (strncmp(path, method, n) != 0 || method[n] != '\0')
			return 0;
		path += n + 1;
	}
	len = strlen(path);
	if (len > 0 && path[len - 1] == '$')
		return strncmp(path, uri, len - 1) == 0 && strcspn(uri, "?") == len - 1;
	return strncmp(path, uri, len) == 0;
}

static const struct fault_kind *
choose(struct store *s, const char *method, const char *uri, int64_t *wait_ms)
{
	struct query *q = &sql[ACTIVE];
	const struct fault_kind *k = NULL;
	int64_t seq = 0;

	store_query(s, q, "");
	while (k == NULL && store_row(s, q)) {
		if (!fits(store_text(q, 2), method, uri))
			continue;
		seq = store_int(q, 0);
		if (store_int(q, 3) > 0) {
			store_run(s, &sql[SKIPPED], "i", seq);
			continue;
		}
		k = fault_find(store_text(q, 1));
		*wait_ms = store_int(q, 4);
	}
	store_done(q);
	if (k != NULL)
		store_run(s, &sql[HIT], "i", seq);
	return k;
}

const struct fault_kind *
fault_claim(struct store *s, const char *method, const char *uri, int64_t *wait_ms)
{
	const struct fault_kind *k;
	int any = store_find(s, &sql[ANY], "");

	store_done(&sql[ANY]);
	if (!any)
		return NULL;
	store_begin(s);
	k = choose(s, method, uri, wait_ms);
	store_commit(s);
	return k;
}

static void
put_retry_after(const struct fault_kind *k, int64_t wait_ms, struct answer *a)
{
	time_t then = (time_t)(clock_now() + (wait_ms + 999) / 1000);
	char text[64];
	struct tm tm;

	if (wait_ms <= 0 && strcmp(k->name, "429-date") != 0)
		return;
	gmtime_r(&then, &tm);
	if (strcmp(k->name, "429-date") == 0)
		strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	else
		snprintf(text, sizeof text, "%lld", (long long)(wait_ms + 999) / 1000);
	snprintf(a->headers, sizeof a->headers, "Retry-After: %s\r\n", text);
}

void
fault_answer(const struct fault_kind *k, int64_t wait_ms, struct request *r)
{
	static const char garbage[] = "{\"products\":[{\"id\":\xff\xfe\x01 nan,,}\x1b[2J";
	struct answer *a = r->answer;

	if (k->act == FAULT_STATUS) {
		api_fail(r, k->status, strcmp(k->name, "refuse") == 0 ? "refused" : "trouble", NULL,
		    strcmp(k->name, "refuse") == 0 ? "заклад не приймає цього замовлення" :
		    "the till was told to answer %s", k->name);
		put_retry_after(k, wait_ms, a);
		return;
	}
	a->status = k->status;
	if (strcmp(k->name, "garbage") == 0) {
		buf_lit(&a->body, garbage);
	} else if (strcmp(k->name, "html200") == 0) {
		a->type = "text/html; charset=utf-8";
		buf_str(&a->body, "<!doctype html><title>Вхід</title><p>Увійдіть, будь ласка.</p>\n");
	} else {
		snprintf(a->headers, sizeof a->headers, "Location: https://%.180s/elsewhere\r\n",
		    r->host != NULL ? r->host : "localhost");
	}
}

void
fault_spoil(struct request *r)
{
	struct buf *b = &r->answer->body;

	if (api_failed(r) || !(r->shape & (SHAPE_NO_ID | SHAPE_WRONG_TYPES)))
		return;
	buf_reset(b);
	if (r->shape & SHAPE_NO_ID)
		buf_str(b, "{\"status\":\"accepted\"}");
	else
		buf_str(b, "{\"id\":[],\"pos_order_id\":{\"is\":7},\"status\":5,"
		    "\"total_amount\":\"багато\",\"orders\":7,\"clients\":\"усі\",\"branches\":{}}");
}
