/*
 * template.c - templates of a profile, filled in
 *
 * One walk over the parsed JSON writes JSON; a form or a query is that JSON
 * laid flat. Nothing is decided here about what is allowed: the profile was
 * checked when it was loaded.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/pos/names.h"
#include "lib/pos/template.h"

enum {
	TEXT_MAX = 64 * 1024,	/* of one string of a template */
	UNITS_MAX = 1000	/* of one item, for loops over units */
};

/* The text of a template; whole tells that it was one placeholder (in *h). */
static const char *
expand(struct scope *c, const char *s, int *whole, struct held *h)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	struct piece p;
	const char *out = NULL;

	*whole = piece_whole(s, &p);
	if (*whole)
		return piece_value(c, &p, h) == -1 ? NULL : h->there ? h->text : "";
	for (;;) {
		if (piece_next(&s, &p, c->fault) == -1)
			goto out;
		if (p.kind == PIECE_END)
			break;
		if (p.kind == PIECE_TEXT) {
			buf_add(&b, p.text, p.len);
			continue;
		}
		if (piece_value(c, &p, h) == -1)
			goto out;
		if (h->there)
			buf_str(&b, h->text);
	}
	if (b.failed || (out = arena_dup(c->arena, b.len > 0 ? b.s : "", b.len)) == NULL)
		scope_fail(c, "…", "makes a text that is too long");
out:
	buf_free(&b);
	return out;
}

const char *
template_text(struct scope *c, const char *s, int *missing)
{
	struct held h = { 0 };
	int whole;
	const char *out = expand(c, s, &whole, &h);

	if (missing != NULL)
		*missing = whole && !h.there;
	return out;
}

int
template_path(struct scope *c, const char *s, struct buf *out)
{
	struct held h;
	struct piece p;

	for (;;) {
		if (piece_next(&s, &p, c->fault) == -1)
			return -1;
		if (p.kind == PIECE_END)
			return 0;
		if (p.kind == PIECE_TEXT) {
			buf_add(out, p.text, p.len);
			continue;
		}
		if (piece_value(c, &p, &h) == -1)
			return -1;
		if (!h.there)
			return scope_fail(c, p.name->text, "is missing");
		buf_urlencode(out, h.text, strlen(h.text));
	}
}

int
template_true(struct scope *c, const char *s)
{
	char rest[NAME_MAX_TEXT];
	const struct name *name = name_find(s, strlen(s), rest);
	struct held h;

	if (name == NULL)
		return 0;
	h = name_value(c, name, rest);
	if (!h.there)
		return 0;
	return h.kind == KIND_TEXT || h.kind == KIND_JSON || h.kind == KIND_MARK || h.number != 0;
}

int
template_is_loop(const char *s)
{
	return strcmp(s, "items") == 0 || strcmp(s, "units") == 0;
}

static int write_node(struct scope *, const char *key, const struct json *, struct buf *);

static int
write_string(struct scope *c, const char *key, const char *s, struct buf *out)
{
	struct held h = { 0 };
	struct json_fault fault;
	const struct json *object;
	const char *text;
	int whole;

	if ((text = expand(c, s, &whole, &h)) == NULL)
		return -1;
	if (!whole) {
		json_put_text(out, key, text);
	} else if (!h.there) {
		return 0;
	} else if (h.kind == KIND_NUMBER || h.kind == KIND_BOOL) {
		json_put_raw(out, key, text);
	} else if (h.kind == KIND_JSON) {
		if ((object = json_parse(c->arena, text, strlen(text), &fault)) == NULL)
			return scope_fail(c, "order.address", "is not JSON");
		json_write(out, key, object);
	} else {
		json_put_text(out, key, text);
	}
	return 0;
}

/* Whether `$if` (a name, or names that must all hold) and `$unless` let it stand. */
static int
stands(struct scope *c, const struct json *node)
{
	const struct json *when = json_member(node, "$if"), *not = json_member(node, "$unless");

	if (not != NULL && template_true(c, json_text(not)))
		return 0;
	if (json_type(when) != JSON_ARRAY)
		return when == NULL || template_true(c, json_text(when));
	for (const struct json *m = json_first(when); m != NULL; m = json_next(m))
		if (!template_true(c, json_text(m)))
			return 0;
	return 1;
}

/* {"$each":"items","$do":…}; over units each piece comes by itself. What stands
 * in "$also" comes behind them. */
static int
write_loop(struct scope *c, const char *key, const struct json *node, struct buf *out)
{
	const struct json *body = json_member(node, "$do");
	int units = strcmp(json_text(json_member(node, "$each")), "units") == 0;
	const struct pos_item *outer = c->item;
	struct pos_item one;
	int64_t times;

	json_open(out, key, '[');
	for (size_t i = 0; c->order != NULL && i < c->order->item_count; i++) {
		one = c->order->items[i];
		times = 1;
		if (units) {
			times = one.qty < UNITS_MAX ? one.qty : UNITS_MAX;
			one.qty = 1;
		}
		c->item = &one;
		while (times-- > 0 && !out->failed)
			if (write_node(c, NULL, body, out) == -1)
				return -1;
	}
	c->item = outer;
	for (const struct json *m = json_first(json_member(node, "$also")); m != NULL;
	    m = json_next(m))
		if (write_node(c, NULL, m, out) == -1)
			return -1;
	json_close(out, ']');
	return 0;
}

static int
write_extras(const struct extra *extra, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		if (extra[i].number)
			json_put_raw(out, extra[i].name, extra[i].value);
		else
			json_put_text(out, extra[i].name, extra[i].value);
	return 0;
}

static int
is_extra(const char *name, const struct extra *extra, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(extra[i].name, name) == 0)
			return 1;
	return 0;
}

static int
write_object(struct scope *c, const char *key, const struct json *node,
    const struct extra *extra, size_t count, struct buf *out)
{
	const char *name;

	if (!stands(c, node))
		return 0;
	json_open(out, key, '{');
	for (const struct json *m = json_first(node); m != NULL; m = json_next(m)) {
		name = json_name(m);
		if (name[0] == '$' || is_extra(name, extra, count))
			continue;
		if (write_node(c, name, m, out) == -1)
			return -1;
	}
	write_extras(extra, count, out);
	json_close(out, '}');
	return 0;
}

static int
write_node(struct scope *c, const char *key, const struct json *node, struct buf *out)
{
	switch (json_type(node)) {
	case JSON_TEXT:
		return write_string(c, key, json_text(node), out);
	case JSON_ARRAY:
		json_open(out, key, '[');
		for (const struct json *m = json_first(node); m != NULL; m = json_next(m))
			if (write_node(c, NULL, m, out) == -1)
				return -1;
		json_close(out, ']');
		return 0;
	case JSON_OBJECT:
		if (json_member(node, "$each") != NULL)
			return write_loop(c, key, node, out);
		return write_object(c, key, node, NULL, 0, out);
	default:
		json_write(out, key, node);
		return 0;
	}
}

int
template_json(struct scope *c, const struct json *node, const struct extra *extra, size_t count,
    struct buf *out)
{
	if (node != NULL && (json_type(node) != JSON_OBJECT || json_member(node, "$each") != NULL))
		return write_node(c, NULL, node, out);
	return write_object(c, NULL, node, extra, count, out);
}

/* One leaf as name=value; as PHP does: yes = 1, no = 0, null left out. */
static void
flat_leaf(const char *name, const struct json *v, struct buf *out)
{
	const char *text = json_type(v) == JSON_NUMBER ? json_digits(v) : json_text(v);

	if (json_type(v) == JSON_BOOL)
		text = json_true(v) ? "1" : "0";
	if (text == NULL)
		return;
	if (out->len > 0)
		buf_char(out, '&');
	buf_urlencode(out, name, strlen(name));
	buf_char(out, '=');
	buf_urlencode(out, text, strlen(text));
}

static int
flat_node(struct arena *a, const char *name, const struct json *node, struct buf *out)
{
	size_t nth = 0;
	char *deeper;

	if (json_type(node) != JSON_ARRAY && json_type(node) != JSON_OBJECT) {
		flat_leaf(name, node, out);
		return 0;
	}
	for (const struct json *m = json_first(node); m != NULL; m = json_next(m), nth++) {
		if (json_type(node) == JSON_ARRAY)
			deeper = arena_printf(a, "%s[%zu]", name, nth);
		else if (name[0] == '\0')
			deeper = arena_str(a, json_name(m));
		else
			deeper = arena_printf(a, "%s[%s]", name, json_name(m));
		if (deeper == NULL || flat_node(a, deeper, m, out) == -1)
			return -1;
	}
	return 0;
}

int
template_form(struct scope *c, const struct json *node, const struct extra *extra, size_t count,
    struct buf *out)
{
	struct buf b = { .limit = out->limit };
	struct json_fault fault;
	const struct json *filled;
	int rc = -1;

	if (template_json(c, node, extra, count, &b) == -1)
		goto out;
	if (b.failed || (filled = json_parse(c->arena, b.s, b.len, &fault)) == NULL ||
	    flat_node(c->arena, "", filled, out) == -1)
		scope_fail(c, "…", "makes a request that is too long");
	else
		rc = 0;
out:
	buf_free(&b);
	return rc;
}
