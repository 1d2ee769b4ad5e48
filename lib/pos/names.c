/*
 * names.c - the names and filters of templates, as two tables
 *
 * Used twice: when a profile is loaded, to refuse what does not exist or
 * does not fit, and when a template is rendered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/pos/names.h"
#include "lib/pos/template.h"

#define ORDER(field) OF_ORDER, offsetof(struct pos_order, field)
#define CUSTOMER(field) OF_CUSTOMER, offsetof(struct pos_customer, field)
#define ITEM(field) OF_ITEM, offsetof(struct pos_item, field)

static const struct name names[] = {
	{ "token",		NAMES_SECRET,	KIND_TEXT,	OF_TOKEN, 0 },
	{ "secret.",		NAMES_SECRET,	KIND_TEXT,	OF_SECRET, 0 },
	{ "set.",		0,		KIND_TEXT,	OF_SET, 0 },
	{ "now",		0,		KIND_TIME,	OF_NOW, 0 },
	{ "since",		NAMES_LIST,	KIND_MARK,	OF_SINCE, 0 },
	{ "depot",		NAMES_LIST,	KIND_TEXT,	OF_DEPOT, 0 },
	{ "prev",		NAMES_PREV,	KIND_TEXT,	OF_PREV, 0 },
	{ "window.from",	NAMES_WINDOW,	KIND_TIME,	OF_WINDOW_FROM, 0 },
	{ "window.to",		NAMES_WINDOW,	KIND_TIME,	OF_WINDOW_TO, 0 },
	{ "order.key",		NAMES_ORDER,	KIND_TEXT,	ORDER(key) },
	{ "order.ref",		NAMES_ORDER,	KIND_TEXT,	ORDER(ref) },
	{ "order.number",	NAMES_ORDER,	KIND_TEXT,	ORDER(number) },
	{ "order.type",		NAMES_ORDER,	KIND_TEXT,	ORDER(type) },
	{ "order.branch",	NAMES_ORDER,	KIND_TEXT,	ORDER(branch) },
	{ "order.comment",	NAMES_ORDER,	KIND_TEXT,	ORDER(comment) },
	{ "order.summary",	NAMES_ORDER,	KIND_TEXT,	OF_SUMMARY, 0 },
	{ "order.address",	NAMES_ORDER,	KIND_JSON,	ORDER(address) },
	{ "order.address.text",	NAMES_ORDER,	KIND_TEXT,	ORDER(address_text) },
	{ "order.fee",		NAMES_ORDER,	KIND_MONEY,	ORDER(fee) },
	{ "order.total",	NAMES_ORDER,	KIND_MONEY,	ORDER(total) },
	{ "order.paid",		NAMES_ORDER,	KIND_BOOL,	ORDER(paid) },
	{ "order.pos_id",	NAMES_ORDER,	KIND_TEXT,	ORDER(pos_id) },
	{ "customer.id",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(id) },
	{ "customer.ref",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(ref) },
	{ "customer.key",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(key) },
	{ "customer.name",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(name) },
	{ "customer.phone",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(phone) },
	{ "customer.email",	NAMES_CUSTOMER,	KIND_TEXT,	CUSTOMER(email) },
	{ "item.key",		NAMES_ITEM,	KIND_TEXT,	ITEM(key) },
	{ "item.key.",		NAMES_ITEM,	KIND_TEXT,	OF_KEY_PART, 0 },
	{ "item.name",		NAMES_ITEM,	KIND_TEXT,	ITEM(name) },
	{ "item.qty",		NAMES_ITEM,	KIND_NUMBER,	ITEM(qty) },
	{ "item.price",		NAMES_ITEM,	KIND_MONEY,	ITEM(price) },
};

#define BIT(kind) (1u << (kind))

static const struct filter filters[] = {
	{ "minor",	BIT(KIND_MONEY),			KIND_NUMBER,	0 },
	{ "major",	BIT(KIND_MONEY),			KIND_NUMBER,	0 },
	{ "num",	BIT(KIND_TEXT) | BIT(KIND_NUMBER),	KIND_NUMBER,	0 },
	{ "str",	BIT(KIND_TEXT) | BIT(KIND_NUMBER) | BIT(KIND_BOOL) | BIT(KIND_MARK),
							KIND_TEXT,	0 },
	{ "max",	BIT(KIND_TEXT),				KIND_TEXT,	1 },
	{ "digits",	BIT(KIND_TEXT),				KIND_TEXT,	0 },
	{ "rfc3339",	BIT(KIND_TIME) | BIT(KIND_MARK),	KIND_TEXT,	0 },
	{ "local",	BIT(KIND_TIME) | BIT(KIND_MARK),	KIND_TEXT,	0 },
	{ "unix_ms",	BIT(KIND_TIME) | BIT(KIND_MARK),	KIND_NUMBER,	0 },
};

enum {
	NAMES = sizeof names / sizeof *names,
	FILTERS = sizeof filters / sizeof *filters
};

static const char *const kind_names[NAME_KINDS] = {
	"text", "a number", "money", "a time", "a mark", "yes/no", "an object"
};

static int
rest_fits(const struct name *name, const char *rest)
{
	size_t n = strlen(rest);

	if (name->of == OF_KEY_PART)
		return n == 1 && rest[0] >= '0' && rest[0] <= '9';
	return n > 0 && strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

const struct name *
name_find(const char *s, size_t n, char *rest)
{
	size_t len;

	if (n >= NAME_MAX_TEXT)
		return NULL;
	for (size_t i = 0; i < NAMES; i++) {
		len = strlen(names[i].text);
		if (len > n || memcmp(names[i].text, s, len) != 0)
			continue;
		memcpy(rest, s + len, n - len);
		rest[n - len] = '\0';
		if (names[i].text[len - 1] == '.' ? rest_fits(&names[i], rest) : len == n)
			return &names[i];
	}
	return NULL;
}

static const struct filter *
filter_find(const char *s, size_t n)
{
	for (size_t i = 0; i < FILTERS; i++)
		if (strlen(filters[i].text) == n && memcmp(filters[i].text, s, n) == 0)
			return &filters[i];
	return NULL;
}

static void
list_filters(char *out, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < FILTERS && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s%s", i == 0 ? "" : ", ",
		    filters[i].text, filters[i].has_arg ? ":N" : "");
}

/* What is known of the same family: "order." for order.totall. */
static void
list_names(const char *like, size_t n, char *out, size_t size)
{
	const char *dot = memchr(like, '.', n);
	size_t family = dot != NULL ? (size_t)(dot - like) + 1 : 0, at = 0;
	int any = 0;

	for (int pass = 0; pass < 2 && !any; pass++, family = 0)
		for (size_t i = 0; i < NAMES && at < size; i++) {
			if (family != 0 ? strncmp(names[i].text, like, family) != 0 :
			    strchr(names[i].text, '.') != NULL &&
			    names[i].text[strlen(names[i].text) - 1] != '.')
				continue;
			at += (size_t)snprintf(out + at, size - at, "%s%s%s", any ? ", " : "",
			    names[i].text,
			    names[i].text[strlen(names[i].text) - 1] == '.' ? "x" : "");
			any = 1;
		}
}

static int
unknown_name(const char *s, size_t n, char *fault)
{
	char known[TEMPLATE_FAULT] = "";

	list_names(s, n, known, sizeof known);
	snprintf(fault, TEMPLATE_FAULT, "unknown name {%.*s}: there are %.200s",
	    n > 60 ? 60 : (int)n, s, known);
	return -1;
}

/* "|max:40" at s, up to the next '|' or '}'; the kind so far goes in and out. */
static int
take_filter(const char *s, size_t n, struct piece *p, enum name_kind *kind, char *fault)
{
	const char *colon = memchr(s, ':', n);
	size_t len = colon != NULL ? (size_t)(colon - s) : n;
	const struct filter *f = filter_find(s, len);
	char known[160], *end;

	if (f == NULL) {
		list_filters(known, sizeof known);
		snprintf(fault, TEMPLATE_FAULT, "unknown filter |%.*s: there are %s",
		    len > 40 ? 40 : (int)len, s, known);
		return -1;
	}
	if (p->count == FILTERS_MAX) {
		snprintf(fault, TEMPLATE_FAULT, "more than %d filters", FILTERS_MAX);
		return -1;
	}
	if ((f->takes & BIT(*kind)) == 0) {
		snprintf(fault, TEMPLATE_FAULT, "|%s does not fit: {%s%s} is %s here", f->text,
		    p->name->text, p->rest, kind_names[*kind]);
		return -1;
	}
	if (f->has_arg != (colon != NULL)) {
		snprintf(fault, TEMPLATE_FAULT, f->has_arg ? "|%s needs a number: |%s:N" :
		    "|%s takes nothing behind it", f->text, f->text);
		return -1;
	}
	if (colon != NULL) {
		p->arg[p->count] = strtol(colon + 1, &end, 10);
		if (colon[1] < '1' || colon[1] > '9' || end != s + n ||
		    p->arg[p->count] > FILTER_ARG_MAX) {
			snprintf(fault, TEMPLATE_FAULT, "|%s needs a number from 1 to %d",
			    f->text, FILTER_ARG_MAX);
			return -1;
		}
	}
	p->filter[p->count++] = f;
	*kind = f->gives;
	return 0;
}

/* What stands between the braces. */
static int
take_placeholder(const char *s, const char *end, struct piece *p, char *fault)
{
	size_t n = 0;
	enum name_kind kind;

	while (s + n < end && s[n] != '|' && s[n] != '?')
		n++;
	if ((p->name = name_find(s, n, p->rest)) == NULL)
		return unknown_name(s, n, fault);
	kind = p->name->kind;
	s += n;
	if (s < end && *s == '?') {
		p->asks = 1;
		kind = KIND_BOOL;
		s++;
	}
	while (s < end) {
		if (*s++ != '|') {
			snprintf(fault, TEMPLATE_FAULT, "%.*s behind {%s?",
			    end - s > 40 ? 40 : (int)(end - s) + 1, s - 1, p->name->text);
			return -1;
		}
		for (n = 0; s + n < end && s[n] != '|'; n++)
			continue;
		if (take_filter(s, n, p, &kind, fault) == -1)
			return -1;
		s += n;
	}
	return 0;
}

int
piece_next(const char **at, struct piece *p, char *fault)
{
	const char *s = *at, *end;

	memset(p, 0, sizeof *p);
	if (*s == '\0')
		return 0;
	if (*s == '{' && s[1] == '{') {		/* a brace for itself */
		p->kind = PIECE_TEXT;
		p->text = s;
		p->len = 1;
		*at = s + 2;
		return 0;
	}
	if (*s != '{') {
		p->kind = PIECE_TEXT;
		p->text = s;
		p->len = strcspn(s, "{");
		*at = s + p->len;
		return 0;
	}
	if ((end = strchr(s, '}')) == NULL) {
		snprintf(fault, TEMPLATE_FAULT, "{ without its }: a brace for itself is {{");
		return -1;
	}
	p->kind = PIECE_NAME;
	*at = end + 1;
	return take_placeholder(s + 1, end, p, fault);
}

int
piece_whole(const char *s, struct piece *p)
{
	char fault[TEMPLATE_FAULT];

	return *s == '{' && piece_next(&s, p, fault) == 0 && p->kind == PIECE_NAME && *s == '\0';
}

enum name_kind
piece_gives(const struct piece *p)
{
	if (p->count > 0)
		return p->filter[p->count - 1]->gives;
	return p->asks ? KIND_BOOL : p->name->kind;
}

static const struct {
	unsigned bit;
	const char *place;
} places[] = {
	{ NAMES_SECRET, "auth" },
	{ NAMES_LIST, "the feeds" },
	{ NAMES_WINDOW, "order.find and customer.find" },
	{ NAMES_PREV, "order.status.next" },
	{ NAMES_ORDER, "order" },
	{ NAMES_CUSTOMER, "order and customer" },
	{ NAMES_ITEM, "\"$each\"" },
};

static int
check_place(const struct name *name, unsigned allowed, char *fault)
{
	if (name->where == 0 || (name->where & allowed) != 0)
		return 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (places[i].bit == name->where)
			snprintf(fault, TEMPLATE_FAULT, "{%s%s} stands in %s only", name->text,
			    name->text[strlen(name->text) - 1] == '.' ? "x" : "", places[i].place);
	return -1;
}

static int
check_piece(const struct piece *p, int whole, unsigned allowed, char *fault)
{
	if (check_place(p->name, allowed, fault) == -1)
		return -1;
	switch (piece_gives(p)) {
	case KIND_MONEY:
		snprintf(fault, TEMPLATE_FAULT, "{%s} is money: say |minor (kopecks) or |major",
		    p->name->text);
		return -1;
	case KIND_TIME:
		snprintf(fault, TEMPLATE_FAULT,
		    "{%s} is a time: say |rfc3339, |local or |unix_ms", p->name->text);
		return -1;
	case KIND_JSON:
		if (whole)
			return 0;
		snprintf(fault, TEMPLATE_FAULT,
		    "{%s} is an object: it stands alone, or say {%s.text}", p->name->text,
		    p->name->text);
		return -1;
	default:
		return 0;
	}
}

int
template_check_text(const char *s, unsigned allowed, unsigned *used, char *fault)
{
	struct piece p;
	int whole = piece_whole(s, &p);

	for (;;) {
		if (piece_next(&s, &p, fault) == -1)
			return -1;
		if (p.kind == PIECE_END)
			return 0;
		if (p.kind != PIECE_NAME)
			continue;
		if (check_piece(&p, whole, allowed, fault) == -1)
			return -1;
		if (used != NULL)
			*used |= p.name->where;
	}
}

int
template_check_name(const char *s, unsigned allowed, char *fault)
{
	char rest[NAME_MAX_TEXT];
	const struct name *name = name_find(s, strlen(s), rest);

	if (name == NULL)
		return unknown_name(s, strlen(s), fault);
	return check_place(name, allowed, fault);
}

int
template_is_time_filter(const char *s)
{
	const struct filter *f = filter_find(s, strlen(s));

	return f != NULL && (f->takes & BIT(KIND_MARK)) != 0;
}

int
template_next_setting(const char **s, const char *prefix, char *out, size_t size)
{
	struct piece p;
	char fault[TEMPLATE_FAULT];

	while (piece_next(s, &p, fault) == 0 && p.kind != PIECE_END)
		if (p.kind == PIECE_NAME && strcmp(p.name->text, prefix) == 0) {
			snprintf(out, size, "%s", p.rest);
			return 1;
		}
	return 0;
}
