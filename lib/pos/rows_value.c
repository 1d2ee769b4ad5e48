/*
 * rows_value.c - one VALUE of a profile, taken from one row
 *
 * Nothing is guessed: what is missing is nothing, what is there but not of
 * the kind that the profile says is a fault. Numbers are read from their own
 * digits, so 19.99 is 1999 kopecks whatever a double would make of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/pos/plain.h"
#include "lib/pos/rows.h"

enum {
	QTY_MAX = 1000 * 1000 * 1000,	/* of a dish, so that the stores of a branch add up */
	SHOWN = 40,			/* bytes of a bad value in a fault */
	JOINED_MAX = 16 * 1024,
	MS_DIGITS = 12			/* a unix time this long counts milliseconds */
};

static int
bad(struct reader *r, const struct value *v, const char *text, const char *what)
{
	snprintf(r->fault, sizeof r->fault, "%s: \"%.*s\" %s",
	    v->at.count > 0 ? v->at.list[0] : "value", SHOWN, text == NULL ? "" : text, what);
	return -1;
}

static int
out_of_memory(struct reader *r)
{
	snprintf(r->fault, sizeof r->fault, "out of memory");
	return -1;
}

const struct json *
rows_point(const struct spot *at, const char *pointer)
{
	if (*pointer == '^')
		return at->above == NULL ? NULL : json_pointer(at->above, pointer + 1);
	return json_pointer(at->row, pointer);
}

static int
is_empty(const struct json *j)
{
	const char *s = json_text(j);

	return json_type(j) == JSON_NULL || (s != NULL && *s == '\0');
}

const struct json *
rows_at(const struct spot *at, const struct pointers *p)
{
	const struct json *j;

	for (size_t i = 0; i < p->count; i++)
		if ((j = rows_point(at, p->list[i])) != NULL && !is_empty(j))
			return j;
	return NULL;
}

const char *
rows_scalar(struct arena *a, const struct json *j)
{
	switch (json_type(j)) {
	case JSON_TEXT:
		return arena_str(a, json_text(j));
	case JSON_NUMBER:
		return arena_str(a, json_digits(j));
	case JSON_BOOL:
		return json_true(j) ? "true" : "false";
	default:
		return NULL;
	}
}

int
rows_truth(const char *s)
{
	static const char *const yes[] = { "true", "yes", "y", "on" };
	static const char *const no[] = { "false", "no", "n", "off" };
	int64_t n;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (strcmp(s, yes[i]) == 0)
			return 1;
		else if (strcmp(s, no[i]) == 0)
			return 0;
	if (decimal_parse(s, 6, &n) == -1)
		return -1;
	return n != 0;
}

/* Whole units of a decimal text, rounded down; less than nothing is nothing,
 * and told apart: several depots of a branch make up for each other. */
static int
quantity(const char *s, struct got *out)
{
	char whole[24];
	size_t n = strspn(s, "-0123456789"), digits = strspn(s + (*s == '-'), "0123456789");
	int64_t units;

	if (n >= sizeof whole || digits == 0 || (s[n] != '\0' && s[n] != '.'))
		return -1;
	if (s[n] == '.' && (s[n + 1] == '\0' || s[n + 1 + strspn(s + n + 1, "0123456789")] != '\0'))
		return -1;
	memcpy(whole, s, n);
	whole[n] = '\0';
	if (decimal_parse(whole, 0, &units) == -1)
		return -1;
	/* some tills say "without end" by a number that no store holds */
	units = units > QTY_MAX ? QTY_MAX : units < -QTY_MAX ? -QTY_MAX : units;
	if (*s == '-' && s[n] == '.' && strspn(s + n + 1, "0") != strlen(s + n + 1))
		units--;
	out->kind = GOT_NUMBER;
	out->number = units > 0 ? units : 0;
	out->below = units < 0 ? -units : 0;
	return 0;
}

/* RFC 3339, "2026-05-22 10:00:00" in the profile's zone, or unix time. */
static int
moment(const char *zone, const char *s, int64_t *out)
{
	struct tm tm = { 0 };
	char sep;
	int n = 0;

	if ((*out = clock_parse_rfc3339(s)) != -1)
		return 0;
	if (strspn(s, "0123456789") == strlen(s) && *s != '\0' && strlen(s) < 16) {
		*out = strtoll(s, NULL, 10);
		if (strlen(s) >= MS_DIGITS)
			*out /= 1000;
		return 0;
	}
	if (sscanf(s, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &sep,
	    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 7 || s[n] != '\0' ||
	    (sep != ' ' && sep != 'T'))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return clock_from_local(zone == NULL ? "UTC" : zone, &tm, out);
}

static int
give_number(struct got *out, enum got_kind kind, int64_t n)
{
	out->kind = kind;
	out->number = n;
	return 0;
}

static int
give_text(struct reader *r, struct got *out, const char *s)
{
	if (s == NULL)
		return out_of_memory(r);
	out->kind = *s == '\0' ? GOT_NOTHING : GOT_TEXT;
	out->text = s;
	return 0;
}

/* An address stands for itself, or behind the base; what is neither is none. */
static int
address(struct reader *r, const struct value *v, const char *s, struct got *out)
{
	const char *base = NULL;

	if (plain_is_address(s))
		return give_text(r, out, s);
	if (v->base == NULL || r->scope == NULL || strstr(s, "://") != NULL)
		return 0;
	if ((base = template_text(r->scope, v->base, NULL)) == NULL) {
		snprintf(r->fault, sizeof r->fault, "base: %.200s", r->scope->fault);
		return -1;
	}
	s = arena_printf(r->arena, "%s%s%s", base, *s == '/' ? "" : "/", s);
	if (s != NULL && !plain_is_address(s))
		return 0;
	return give_text(r, out, s);
}

static int
convert(struct reader *r, const struct value *v, const char *s, struct got *out)
{
	int64_t n;
	int yes;

	switch (v->as) {
	case AS_MINOR:
		return decimal_parse(s, 0, &n) == -1 || n < 0 || n > MONEY_MAX ?
		    bad(r, v, s, "is no sum in kopecks") : give_number(out, GOT_NUMBER, n);
	case AS_MAJOR:
		return money_parse(s, &n) == -1 || n < 0 || n > MONEY_MAX ?
		    bad(r, v, s, "is no sum with at most two decimals") :
		    give_number(out, GOT_NUMBER, n);
	case AS_QTY:
		return quantity(s, out) == -1 ? bad(r, v, s, "is no quantity") : 0;
	case AS_BOOL:
	case AS_NOT:
		if ((yes = rows_truth(s)) == -1)
			return bad(r, v, s, "is neither yes nor no");
		return give_number(out, GOT_BOOL, v->as == AS_BOOL ? yes : !yes);
	case AS_TIME:
		return moment(r->zone, s, &n) == -1 ? bad(r, v, s, "is no time") :
		    give_number(out, GOT_NUMBER, n);
	case AS_TEXT:
		return give_text(r, out, plain_text(r->arena, s));
	case AS_URL:
		return address(r, v, s, out);
	default:
		return give_text(r, out, s);
	}
}

/* What is not text, number or yes/no fits only where nothing is converted. */
static int
take_json(struct reader *r, const struct value *v, const struct json *j, struct got *out)
{
	if (v->as != AS_RAW)
		return bad(r, v, json_type_name(json_type(j)), "stands where one value should");
	out->kind = GOT_JSON;
	out->json = j;
	return 0;
}

/* The default is what comes out, except that a sum is written as it comes. */
static int
take_default(struct reader *r, const struct value *v, struct got *out)
{
	if (v->dflt == NULL)
		return 0;
	if (json_type(v->dflt) == JSON_BOOL)
		return give_number(out, GOT_BOOL, json_true(v->dflt));
	return convert(r, v, rows_scalar(r->arena, v->dflt), out);
}

/* Present is what is there and does not mean nothing by `map`. */
static int
is_present(struct reader *r, const struct value *v, const struct json *j)
{
	const struct json *mapped = NULL;
	const char *s;

	if (j == NULL || v->map == NULL || json_type(j) == JSON_ARRAY || json_type(j) == JSON_OBJECT)
		return j != NULL;
	if ((s = rows_scalar(r->arena, j)) != NULL)
		mapped = json_member(v->map, s);
	return mapped == NULL || json_type(mapped) != JSON_NULL;
}

static int
take_at(struct reader *r, const struct value *v, const struct spot *at, struct got *out)
{
	const struct json *j = rows_at(at, &v->at), *mapped;
	const char *s = v->unless == NULL ? NULL : rows_scalar(r->arena, rows_point(at, v->unless));

	if (s != NULL && rows_truth(s) == 1)
		return 0;
	if (v->as == AS_PRESENT)
		return give_number(out, GOT_BOOL, is_present(r, v, j));
	if (j == NULL)
		return take_default(r, v, out);
	if (json_type(j) == JSON_ARRAY || json_type(j) == JSON_OBJECT)
		return take_json(r, v, j, out);
	if ((s = rows_scalar(r->arena, j)) == NULL)
		return out_of_memory(r);
	if (v->map != NULL && (mapped = json_member(v->map, s)) != NULL) {
		if (json_type(mapped) == JSON_NULL)
			return 0;
		j = mapped;
		if ((s = rows_scalar(r->arena, j)) == NULL)
			return out_of_memory(r);
	}
	if (v->as == AS_RAW && json_type(j) == JSON_BOOL)
		return give_number(out, GOT_BOOL, json_true(j));
	return convert(r, v, s, out);
}

/* all: one no is no; any: one yes is yes; without any answer there is none. */
static int
ask_parts(struct reader *r, const struct value *v, const struct spot *at, struct got *out)
{
	int decides = v->kind == VALUE_ANY, yes;
	struct got one;

	for (size_t i = 0; i < v->count; i++) {
		if (rows_value(r, &v->parts[i], at, &one) == -1)
			return -1;
		if (one.kind == GOT_NOTHING)
			continue;
		yes = one.kind == GOT_TEXT ? rows_truth(one.text) : one.number != 0;
		if (yes == -1 || one.kind == GOT_JSON)
			return bad(r, &v->parts[i], one.text, "is neither yes nor no");
		if (out->kind == GOT_NOTHING || yes == decides)
			give_number(out, GOT_BOOL, yes);
	}
	return 0;
}

/* Of the row itself, or of each element of one of its arrays. */
static int
take_logic(struct reader *r, const struct value *v, const struct spot *at, struct got *out)
{
	const struct json *list;
	struct spot element = { .above = at->row };

	if (v->of == NULL)
		return ask_parts(r, v, at, out);
	list = rows_point(at, v->of);
	if (list == NULL || is_empty(list))
		return 0;
	if (json_type(list) != JSON_ARRAY) {
		snprintf(r->fault, sizeof r->fault, "%s: %s stands where a list should", v->of,
		    json_type_name(json_type(list)));
		return -1;
	}
	for (const struct json *e = json_first(list); e != NULL; e = json_next(e)) {
		element.row = e;
		if (ask_parts(r, v, &element, out) == -1)
			return -1;
	}
	return 0;
}

static int
take_join(struct reader *r, const struct value *v, const struct spot *at, struct got *out)
{
	struct buf b = BUF_INIT(JOINED_MAX);
	const char *s;
	int rc = 0;

	for (size_t i = 0; i < v->count && rc == 0; i++) {
		if ((rc = rows_text(r, &v->parts[i], at, &s)) == -1 || s == NULL)
			continue;
		if (b.len > 0)
			buf_str(&b, v->sep);
		buf_str(&b, s);
	}
	if (rc == 0 && b.failed)
		rc = bad(r, v, NULL, "joined text is too long");
	if (rc == 0 && b.len > 0)
		rc = give_text(r, out, arena_dup(r->arena, b.s, b.len));
	buf_free(&b);
	return rc;
}

int
rows_value(struct reader *r, const struct value *v, const struct spot *at, struct got *out)
{
	*out = (struct got){ 0 };
	switch (v->kind) {
	case VALUE_AT:
		return take_at(r, v, at, out);
	case VALUE_ALL:
	case VALUE_ANY:
		return take_logic(r, v, at, out);
	case VALUE_JOIN:
		return take_join(r, v, at, out);
	case VALUE_CONST:
		if (json_type(v->constant) == JSON_BOOL)
			return give_number(out, GOT_BOOL, json_true(v->constant));
		return give_text(r, out, rows_scalar(r->arena, v->constant));
	default:
		return 0;
	}
}

int
rows_text(struct reader *r, const struct value *v, const struct spot *at, const char **text)
{
	struct got got;

	*text = NULL;
	if (rows_value(r, v, at, &got) == -1)
		return -1;
	if (got.kind == GOT_JSON)
		return bad(r, v, json_type_name(json_type(got.json)), "stands where text should");
	if (got.kind == GOT_TEXT)
		*text = got.text;
	else if (got.kind == GOT_BOOL)
		*text = got.number ? "true" : "false";
	else if (got.kind == GOT_NUMBER &&
	    (*text = arena_printf(r->arena, "%" PRId64, got.number)) == NULL)
		return out_of_memory(r);
	return 0;
}
