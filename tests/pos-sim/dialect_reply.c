/*
 * dialect_reply.c - the vendor's example, with what this request changes
 *
 * `put` names places of the example by pointer and says what stands there
 * instead; a member that the example has not is added. `cut` leaves out.
 * With `list` the example's first row is written once for each order, and
 * pointers begin at the row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "tests/pos-sim/dialect.h"

enum { PATH_MOST = 512, NAME_MOST = 128, TEXT_MOST = 1 << 16 };

struct writing {
	struct said *said;
	struct buf *out;
	const struct json *put, *cut;	/* NULL outside of the rows of a list */
	const char *rows;		/* of the list, or NULL */
	const struct taken *list;
	size_t count;
};

/* ---- what a template says */

static const char *
text_of(const struct said *s, const struct json *v)
{
	struct buf b = BUF_INIT(TEXT_MOST);
	const char *out;

	if (json_type(v) == JSON_TEXT)
		return json_text(v);
	if (json_type(v) == JSON_NULL)
		return NULL;
	json_write(&b, NULL, v);
	out = arena_str(s->r->arena, b.s);
	buf_free(&b);
	return out;
}

static const char *
local_text(const struct said *s, int64_t ms)
{
	const char *zone = json_text(json_member(s->dialect, "zone"));
	struct tm tm;

	if (clock_local(zone != NULL ? zone : "UTC", ms / 1000, &tm) == -1)
		return NULL;
	return arena_printf(s->r->arena, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* In minor units; STORE_NULL when it is no number. */
static int64_t
amount(const struct json *v, int minor)
{
	const char *s = json_digits(v) != NULL ? json_digits(v) : json_text(v);
	int64_t n;

	if (s == NULL || (minor ? decimal_parse(s, 0, &n) : money_parse(s, &n)) != 0)
		return STORE_NULL;
	return n;
}

/* What the lines and the charge of an order come to, as `total` says where they are. */
static int64_t
total(const struct said *s)
{
	const struct json *how = json_member(s->call, "total"), *body = s->taken->body;
	const struct json *rows = json_pointer(body, json_text(json_member(how, "rows")));
	int minor = json_true(json_member(how, "minor"));
	int64_t sum = 0, price, qty;
	const char *plus = json_text(json_member(how, "plus"));

	for (const struct json *m = json_first(rows); m != NULL; m = json_next(m)) {
		price = amount(json_pointer(m, json_text(json_member(how, "price"))), minor);
		qty = amount(json_pointer(m, json_text(json_member(how, "qty"))), 1);
		sum += price != STORE_NULL && qty != STORE_NULL ? price * qty : 0;
	}
	price = plus != NULL ? amount(json_pointer(body, plus), minor) : STORE_NULL;
	return sum + (price != STORE_NULL ? price : 0);
}

static const char *
total_text(const struct said *s)
{
	char text[MONEY_TEXT];

	if (json_true(json_pointer(s->call, "/total/minor")))
		return arena_printf(s->r->arena, "%lld", (long long)total(s));
	money_format(total(s), text);
	return arena_str(s->r->arena, text);
}

/* The JSON behind "query/x" and "asked/x" (of this request), "body/x" (of what the
 * reply tells of) and "mark/x"; NULL when it is none of these. */
static const struct json *
value_of(const struct said *s, const char *name)
{
	if (strncmp(name, "query/", 6) == 0)
		return json_pointer(s->query, name + 5);
	if (strncmp(name, "body/", 5) == 0)
		return json_pointer(s->taken != NULL ? s->taken->body : s->body, name + 4);
	if (strncmp(name, "asked/", 6) == 0)
		return json_pointer(s->body, name + 5);
	if (strncmp(name, "mark/", 5) == 0 && s->taken != NULL)
		return json_pointer(s->taken->marks, name + 4);
	return NULL;
}

static const char *
name_text(const struct said *s, const char *name)
{
	char rfc[32];
	int64_t ms = s->taken != NULL ? s->taken->created_ms : clock_ms();

	if (strcmp(name, "code") == 0)
		return s->code;
	if (strcmp(name, "why") == 0)
		return s->why;
	if (strcmp(name, "token") == 0)
		return s->token;
	if (strcmp(name, "now") == 0) {
		clock_rfc3339(ms / 1000, rfc);
		return arena_str(s->r->arena, rfc);
	}
	if (strcmp(name, "local") == 0)
		return local_text(s, ms);
	if (s->taken != NULL && strcmp(name, "n") == 0)
		return arena_printf(s->r->arena, "%lld", (long long)s->taken->seq);
	if (s->taken != NULL && strcmp(name, "id") == 0)
		return s->taken->id;
	if (s->taken != NULL && strcmp(name, "total") == 0)
		return total_text(s);
	return text_of(s, value_of(s, name));
}

/* The name of a text that is one placeholder, or NULL. */
static const char *
whole_name(const struct said *s, const char *text)
{
	size_t n = strlen(text);

	if (text[0] != '{' || strchr(text, '}') != text + n - 1)
		return NULL;
	return arena_dup(s->r->arena, text + 1, n - 2);
}

const char *
reply_text(const struct said *s, const char *text)
{
	struct buf b = BUF_INIT(TEXT_MOST);
	char name[NAME_MOST];
	const char *value, *out;
	size_t n;

	if ((value = whole_name(s, text)) != NULL)
		return name_text(s, value);
	for (; *text != '\0'; text += n) {
		if (*text != '{') {
			n = strcspn(text, "{");
			buf_add(&b, text, n);
			continue;
		}
		n = strcspn(text, "}") + 1;
		snprintf(name, sizeof name, "%.*s", (int)n - 2, text + 1);
		if ((value = name_text(s, name)) != NULL)
			buf_str(&b, value);
	}
	out = arena_str(s->r->arena, b.s != NULL ? b.s : "");
	buf_free(&b);
	return out;
}

/* Poster's codes are numbers, those of others are words. */
static int
is_number(const char *name, const char *text)
{
	return strcmp(name, "n") == 0 || strcmp(name, "total") == 0 ||
	    (strcmp(name, "code") == 0 && strspn(text, "0123456789") == strlen(text));
}

static void
write_put(struct writing *w, const char *key, const struct json *v)
{
	const struct said *s = w->said;
	const char *name, *text;

	if (json_type(v) == JSON_ARRAY || json_type(v) == JSON_OBJECT) {
		json_open(w->out, key, json_type(v) == JSON_ARRAY ? '[' : '{');
		for (const struct json *m = json_first(v); m != NULL; m = json_next(m))
			write_put(w, json_type(v) == JSON_ARRAY ? NULL : json_name(m), m);
		json_close(w->out, json_type(v) == JSON_ARRAY ? ']' : '}');
		return;
	}
	if (json_type(v) != JSON_TEXT) {
		json_write(w->out, key, v);
		return;
	}
	name = whole_name(s, json_text(v));
	if (name != NULL && value_of(s, name) != NULL)
		json_write(w->out, key, value_of(s, name));
	else if ((text = reply_text(s, json_text(v))) == NULL)
		json_put_null(w->out, key);
	else if (name != NULL && is_number(name, text))
		json_put_raw(w->out, key, text);
	else
		json_put_text(w->out, key, text);
}

/* ---- the walk over the example */

static int
is_cut(const struct writing *w, const char *path)
{
	for (const struct json *m = json_first(w->cut); m != NULL; m = json_next(m))
		if (strcmp(json_text(m), path) == 0)
			return 1;
	return 0;
}

static void write_node(struct writing *, const char *key, const struct json *, const char *path);

static void
write_list(struct writing *w, const char *key, const struct json *node)
{
	struct said *s = w->said;
	struct taken *outer = s->taken;
	const char *rows = w->rows;
	struct taken one;

	w->rows = NULL;
	w->put = json_member(s->call, "put");
	w->cut = json_member(s->call, "cut");
	json_open(w->out, key, '[');
	for (size_t i = 0; i < w->count; i++) {
		one = w->list[i];
		s->taken = &one;
		write_node(w, NULL, json_first(node), "");
	}
	json_close(w->out, ']');
	s->taken = outer;
	w->rows = rows;
	w->put = w->cut = NULL;
}

/* Members that are put into an object which has them not. */
static void
write_new(struct writing *w, const struct json *node, const char *path)
{
	size_t len = strlen(path);
	const char *at;

	for (const struct json *m = json_first(w->put); m != NULL; m = json_next(m)) {
		at = json_name(m);
		if (strncmp(at, path, len) == 0 && at[len] == '/' && strchr(at + len + 1, '/') == NULL &&
		    json_member(node, at + len + 1) == NULL)
			write_put(w, at + len + 1, m);
	}
}

static void
write_node(struct writing *w, const char *key, const struct json *node, const char *path)
{
	const struct json *put = json_member(w->put, path);
	int array = json_type(node) == JSON_ARRAY;
	char deeper[PATH_MOST];
	size_t nth = 0;

	if (w->rows != NULL && strcmp(path, w->rows) == 0) {
		write_list(w, key, node);
		return;
	}
	if (put != NULL) {
		write_put(w, key, put);
		return;
	}
	if (!array && json_type(node) != JSON_OBJECT) {
		json_write(w->out, key, node);
		return;
	}
	json_open(w->out, key, array ? '[' : '{');
	for (const struct json *m = json_first(node); m != NULL; m = json_next(m)) {
		if (array)
			snprintf(deeper, sizeof deeper, "%s/%zu", path, nth++);
		else
			snprintf(deeper, sizeof deeper, "%s/%s", path, json_name(m));
		if (!is_cut(w, deeper))
			write_node(w, array ? NULL : json_name(m), m, deeper);
	}
	if (!array)
		write_new(w, node, path);
	json_close(w->out, array ? ']' : '}');
}

void
reply_write(struct said *s, const char *file, const struct taken *list, size_t count)
{
	const struct json *example = dialect_file(s->r->arena, s->folder, file);
	struct writing w = { .said = s, .out = &s->r->answer->body, .list = list, .count = count };

	if (list != NULL) {
		w.rows = json_text(json_pointer(s->call, "/list/rows"));
	} else {
		w.put = json_member(s->call, "put");
		w.cut = json_member(s->call, "cut");
	}
	write_node(&w, NULL, example, "");
}
