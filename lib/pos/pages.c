/*
 * pages.c - from one page of a list to the next, and when to stop
 *
 * By page and offset only an empty page is the end (or a short one, if the
 * profile says so): a till that gives fewer rows than were asked for must
 * not look like one that has no more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/pos/pages.h"

enum { PAGES_MAX = 2000, CURSOR_MAX = 2048, PAGE_ENDS = 16 << 20 };

void
pages_begin(struct pages *p, const struct page *rule)
{
	*p = (struct pages){ .rule = rule };
}

void
pages_end(struct pages *p)
{
	free(p->next);
	free(p->seen);
	*p = (struct pages){ 0 };
}

static void
put(struct extras *e, const struct where *w, const char *value, int number)
{
	const struct extra x = { .name = w->name, .value = value, .number = number };

	if (w->in == WHERE_QUERY)
		e->query[e->queries++] = x;
	else if (w->in == WHERE_JSON)
		e->json[e->jsons++] = x;
}

void
pages_put(struct pages *p, struct arena *a, struct extras *e)
{
	const struct page *rule = p->rule;

	p->path = NULL;
	if (rule->size > 0)
		put(e, &rule->size_put, arena_printf(a, "%" PRId64, rule->size), 1);
	if (rule->by == PAGE_PAGE)
		put(e, &rule->put, arena_printf(a, "%zu", p->pages + 1), 1);
	else if (rule->by == PAGE_OFFSET)
		put(e, &rule->put, arena_printf(a, "%zu", p->rows), 1);
	else if (rule->by == PAGE_CURSOR && p->next != NULL)
		put(e, &rule->put, p->next, 0);
	else if (rule->by == PAGE_LINK)
		p->path = p->next;
}

/* FNV-1a: to tell pages apart, against nobody's will. */
static uint64_t
digest(const char *s, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return h;
}

/* 1 new, 0 seen before, -1 out of memory. */
static int
is_new(struct pages *p, const char *s, size_t n)
{
	uint64_t h = digest(s, n), *more;

	for (size_t i = 0; i < p->count; i++)
		if (p->seen[i] == h)
			return 0;
	if (p->count == p->size) {
		more = realloc(p->seen, (p->size + 64) * sizeof *more);
		if (more == NULL)
			return -1;
		p->seen = more;
		p->size += 64;
	}
	p->seen[p->count++] = h;
	return 1;
}

/* rel="next" of a Link header (RFC 8288) into out; 0 = there is none, -1 too long. */
static int
link_next(const char *s, char *out, size_t size)
{
	const char *end, *params, *stop;

	while ((s = strchr(s, '<')) != NULL && (end = strchr(s, '>')) != NULL) {
		stop = strchr(end, '<');
		params = strstr(end, "rel=\"next\"");
		if (params == NULL)
			params = strstr(end, "rel=next");
		if (params != NULL && (stop == NULL || params < stop)) {
			if ((size_t)(end - s) > size)
				return -1;
			memcpy(out, s + 1, (size_t)(end - s) - 1);
			out[end - s - 1] = '\0';
			return 1;
		}
		s = end;
	}
	return 0;
}

/* What leads on from here into out, "" = nothing. */
static const char *
read_next(const struct pages *p, const struct page_came *came, char *out)
{
	const struct spot at = { .row = came->root };
	const struct json *j = rows_at(&at, &p->rule->from);
	const char *s = json_type(j) == JSON_NUMBER ? json_digits(j) : json_text(j);

	out[0] = '\0';
	if (p->rule->from_header)
		return came->link == NULL || link_next(came->link, out, CURSOR_MAX) == -1 ?
		    "the Link header is too long" : NULL;
	if (j != NULL && s == NULL && json_type(j) == JSON_BOOL && !json_true(j))
		return NULL;
	if (j != NULL && s == NULL)
		return "what leads to the next page is neither text nor a number";
	if (s != NULL && strlen(s) >= CURSOR_MAX)
		return "what leads to the next page is too long";
	if (s != NULL)
		snprintf(out, CURSOR_MAX, "%s", s);
	return NULL;
}

/* A link as a path of this till; NULL when it leads elsewhere. */
static const char *
own_path(const char *link, const char *base)
{
	const char *host = strstr(base, "://"), *path;
	size_t n = strlen(base);

	if (strncmp(link, base, n) == 0 && link[n] == '/')
		return link + n;
	if (link[0] != '/' || link[1] == '/' || host == NULL)
		return NULL;
	path = strchr(host + 3, '/');
	n = path == NULL ? 0 : strlen(path);
	if (n > 0 && (strncmp(link, path, n) != 0 || link[n] != '/'))
		return NULL;
	return link + n;
}

static const char *
turn_cursor(struct pages *p, const struct page_came *came)
{
	char text[CURSOR_MAX];
	const char *why = read_next(p, came, text), *next = text;
	int fresh;

	if (why != NULL)
		return why;
	if (text[0] == '\0' || (p->rule->stop == STOP_EMPTY && came->rows == 0)) {
		p->last = 1;
		return NULL;
	}
	if ((fresh = is_new(p, text, strlen(text))) != 1)
		return fresh == 0 ? "the list does not end: a page leads back to one before" :
		    "out of memory";
	if (p->rule->by == PAGE_LINK && (next = own_path(text, came->base)) == NULL)
		return "the link to the next page leads to another host";
	for (const char *s = next; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			if (p->rule->by == PAGE_LINK || *s != ' ')
				return "what leads to the next page holds control bytes";
	free(p->next);
	return (p->next = strdup(next)) == NULL ? "out of memory" : NULL;
}

/*
 * Is it the page that came before? Its first and its last row tell: what stands
 * around the rows, such as the page's number, may differ. -1 = out of memory.
 */
static int
is_new_page(struct pages *p, const struct page_came *came)
{
	const struct json *row = json_first(came->list), *last = row;
	struct buf b = BUF_INIT(PAGE_ENDS);
	int fresh = -1;

	for (; row != NULL; row = json_next(row))
		last = row;
	json_write(&b, NULL, json_first(came->list));
	json_write(&b, NULL, last);
	buf_printf(&b, "%zu", came->rows);
	if (!b.failed)
		fresh = is_new(p, b.s, b.len);
	buf_free(&b);
	return fresh;
}

static const char *
turn_number(struct pages *p, const struct page_came *came)
{
	int fresh;

	p->last = came->rows == 0 || (p->rule->stop == STOP_SHORT &&
	    came->rows < (size_t)p->rule->size);
	if (p->last)
		return NULL;
	if ((fresh = is_new_page(p, came)) != 1)
		return fresh == 0 ? "a page came twice: does this till page at all?" :
		    "out of memory";
	return NULL;
}

const char *
pages_turn(struct pages *p, const struct page_came *came)
{
	const size_t most = p->rule->max > 0 ? (size_t)p->rule->max : PAGES_MAX;
	const char *why;

	p->pages++;
	p->rows += came->rows;
	if (p->rule->by == PAGE_NONE) {
		p->last = 1;
		return NULL;
	}
	if (p->rule->by == PAGE_CURSOR || p->rule->by == PAGE_LINK)
		why = turn_cursor(p, came);
	else
		why = turn_number(p, came);
	if (why == NULL && !p->last && p->pages >= most)
		why = "the list does not end: more pages than \"max\" allows";
	return why;
}
