/*
 * values.c - what the names of templates stand for, and what filters make of it
 *
 * A missing value is no error here: whoever renders decides what is left
 * out. An error is a value that cannot be what its filter asks for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/base/utf8.h"
#include "lib/pos/names.h"
#include "lib/pos/template.h"

enum {
	OVERLAP_S = 300		/* asked again, for clocks and late commits at the till */
};

int
scope_fail(struct scope *c, const char *name, const char *what)
{
	snprintf(c->fault, sizeof c->fault, "{%s} %s", name, what);
	return -1;
}

static struct held
text_of(const char *s)
{
	return (struct held){ .there = s != NULL && *s != '\0', .kind = KIND_TEXT, .text = s };
}

static struct held
number_of(int there, enum name_kind kind, int64_t n)
{
	return (struct held){ .there = there, .kind = kind, .number = n };
}

static const char *
pair(const struct pos_pair *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	return NULL;
}

int
key_part(const char *key, int split, size_t nth, char *out, size_t size)
{
	size_t n;

	for (; split && nth > 0; nth--)
		if ((key = strchr(key, ':')) == NULL)
			return -1;
		else
			key++;
	if (nth > 0)
		return -1;
	for (n = 0; *key != '\0' && (!split || *key != ':'); key++) {
		if (n + 1 >= size)
			return -1;
		out[n++] = *key;
		if (split && strncmp(key, "%3A", 3) == 0)
			out[n - 1] = ':', key += 2;
		else if (split && strncmp(key, "%25", 3) == 0)
			key += 2;
	}
	out[n] = '\0';
	return n > 0 ? 0 : -1;
}

static struct held
item_part(struct scope *c, const char *nth)
{
	char part[POS_KEY_MAX + 1];

	if (c->item == NULL || c->item->key == NULL ||
	    key_part(c->item->key, c->split_keys, (size_t)(nth[0] - '0'), part, sizeof part) == -1)
		return text_of(NULL);
	return text_of(arena_str(c->arena, part));
}

/* A field of a plain struct, by the row of the table of names. */
static struct held
field_of(const void *base, const struct name *name)
{
	const char *at = base;

	if (base == NULL)
		return (struct held){ .kind = name->kind };
	at += name->at;
	switch (name->kind) {
	case KIND_MONEY:
	case KIND_NUMBER:
		return number_of(1, name->kind, *(const int64_t *)(const void *)at);
	case KIND_BOOL:
		return number_of(1, KIND_BOOL, *(const int *)(const void *)at);
	default: {
		struct held h = text_of(*(const char *const *)(const void *)at);

		h.kind = name->kind;
		return h;
	}
	}
}

static const char *
setting_of(const struct pos_setup *s, const char *name)
{
	const char *value = s == NULL ? NULL : pair(s->settings, s->setting_count, name);

	return value == NULL && strcmp(name, "currency") == 0 ? "UAH" : value;
}

static struct held
secret_of(struct scope *c, const struct name *name, const char *rest)
{
	const struct pos_setup *s = c->setup;

	if (c->masked)
		return text_of(arena_printf(c->arena, "{%s%s}", name->text, rest));
	if (s == NULL)
		return text_of(NULL);
	return text_of(name->of == OF_TOKEN ? s->token : pair(s->secrets, s->secret_count, rest));
}

struct held
name_value(struct scope *c, const struct name *name, const char *rest)
{
	const struct pos_setup *s = c->setup;
	const void *customer = c->customer;
	struct held h;

	switch (name->of) {
	case OF_TOKEN:
	case OF_SECRET:
		return secret_of(c, name, rest);
	case OF_SET:
		return text_of(setting_of(s, rest));
	case OF_SINCE:
		h = text_of(c->since);
		h.kind = KIND_MARK;
		return h;
	case OF_DEPOT:
		return text_of(c->depot);
	case OF_PREV:
		return text_of(c->prev);
	case OF_NOW:
		return number_of(1, KIND_TIME, clock_now());
	case OF_WINDOW_FROM:
		return number_of(c->window_from != 0, KIND_TIME, c->window_from);
	case OF_WINDOW_TO:
		return number_of(c->window_to != 0, KIND_TIME, c->window_to);
	case OF_ORDER:
		return field_of(c->order, name);
	case OF_SUMMARY:
		if (c->order == NULL || c->order->summary != NULL)
			return text_of(c->order == NULL ? NULL : c->order->summary);
		return text_of(order_summary(c->arena, c->order));
	case OF_CUSTOMER:
		if (customer == NULL && c->order != NULL)
			customer = &c->order->customer;
		return field_of(customer, name);
	case OF_ITEM:
		return field_of(c->item, name);
	case OF_KEY_PART:
		return item_part(c, rest);
	}
	return text_of(NULL);
}

/* RFC 8259's numbers, so that a text may stand unquoted in JSON. */
static int
is_number(const char *s)
{
	const char *digits = "0123456789";
	size_t n;

	if (*s == '-')
		s++;
	n = strspn(s, digits);
	if (n == 0 || (s[0] == '0' && n > 1))
		return 0;
	s += n;
	if (*s == '.') {
		n = strspn(++s, digits);
		if (n == 0)
			return 0;
		s += n;
	}
	return *s == '\0';
}

/* A mark or a time as unix seconds, asked again with an overlap; -1 = no time. */
static int64_t
seconds_of(const struct held *h)
{
	int64_t t;

	if (h->kind == KIND_TIME)
		return h->number;
	if ((t = clock_parse_rfc3339(h->text)) == -1)
		return -1;
	return t > OVERLAP_S ? t - OVERLAP_S : 0;
}

static int
filter_time(struct scope *c, const char *filter, struct held *h)
{
	int64_t t = seconds_of(h);
	char text[CLOCK_TEXT];
	struct tm tm;

	if (t == -1) {		/* the till's own mark: a revision, a cursor */
		h->kind = KIND_TEXT;
		return strcmp(filter, "rfc3339") == 0 ? 0 :
		    scope_fail(c, "since", "is not a time, it can only be given as it came");
	}
	if (strcmp(filter, "unix_ms") == 0) {
		h->kind = KIND_NUMBER;
		h->text = arena_printf(c->arena, "%" PRId64, t * 1000);
	} else if (strcmp(filter, "rfc3339") == 0) {
		clock_rfc3339(t, text);
		*h = text_of(arena_str(c->arena, text));
	} else {
		if (clock_local(c->zone != NULL ? c->zone : "UTC", t, &tm) == -1)
			return scope_fail(c, "zone", "is not known on this machine");
		*h = text_of(arena_printf(c->arena, "%04d-%02d-%02d %02d:%02d:%02d",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		    tm.tm_sec));
	}
	return h->text == NULL ? scope_fail(c, filter, "out of memory") : 0;
}

static const char *
digits_of(struct arena *a, const char *s)
{
	char *out = arena_get(a, strlen(s) + 1), *to = out;

	if (out == NULL)
		return NULL;
	for (; *s != '\0'; s++)
		if (*s >= '0' && *s <= '9')
			*to++ = *s;
	return out;
}

/* Numbers and yes/no get their text, for whoever needs one. */
static void
spell(struct scope *c, struct held *h)
{
	if (h->text != NULL)
		return;
	if (h->kind == KIND_BOOL)
		h->text = h->number ? "true" : "false";
	else
		h->text = arena_printf(c->arena, "%" PRId64, h->number);
}

static int
apply_filter(struct scope *c, const struct piece *p, size_t i, struct held *h)
{
	const char *f = p->filter[i]->text;
	char money[MONEY_TEXT];

	if (h->kind == KIND_TIME || strcmp(f, "local") == 0 || strcmp(f, "rfc3339") == 0 ||
	    strcmp(f, "unix_ms") == 0)
		return filter_time(c, f, h);
	if (strcmp(f, "major") == 0) {
		money_format(h->number, money);
		h->text = arena_str(c->arena, money);
	}
	spell(c, h);
	if (h->text == NULL)
		return scope_fail(c, p->name->text, "out of memory");
	if (strcmp(f, "max") == 0)
		h->text = arena_dup(c->arena, h->text,
		    utf8_prefix(h->text, strlen(h->text), (size_t)p->arg[i]));
	else if (strcmp(f, "digits") == 0)
		h->text = digits_of(c->arena, h->text);
	else if (strcmp(f, "num") == 0 && !is_number(h->text))
		return scope_fail(c, p->name->text, "is not a number");
	h->kind = p->filter[i]->gives;
	if (h->kind == KIND_TEXT)
		h->there = h->text != NULL && *h->text != '\0';
	return h->text == NULL ? scope_fail(c, p->name->text, "out of memory") : 0;
}

int
piece_value(struct scope *c, const struct piece *p, struct held *h)
{
	*h = name_value(c, p->name, p->rest);
	if (p->asks)
		*h = number_of(1, KIND_BOOL, h->there);
	for (size_t i = 0; i < p->count && h->there; i++)
		if (apply_filter(c, p, i, h) == -1)
			return -1;
	if (h->there)
		spell(c, h);
	return h->there && h->text == NULL ? scope_fail(c, p->name->text, "out of memory") : 0;
}
