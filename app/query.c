/*
 * query.c - the query string, read strictly
 *
 * Decoded once, when the request is opened. Names and values are valid UTF-8
 * without control bytes from then on; what is wrong with a value is a fault
 * of its field, like in a body.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/field.h"
#include "lib/base/utf8.h"

enum { PAGE_MAX = 1000000, LIMIT_DEFAULT = 20, LIMIT_MAX = 100, NUMBER_TEXT = 32,
	ID_DIGITS = 18 };

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoded in the arena, "" for nothing; NULL for wrong bytes. */
static const char *
decode(struct request *r, const char *s, size_t n)
{
	char *text = arena_get(r->arena, n + 1), *to = text;
	int high, low;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (s[i] != '%') {
			*to++ = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (n - i < 3 || (high = hex_digit(s[i + 1])) == -1 ||
		    (low = hex_digit(s[i + 2])) == -1)
			return NULL;
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	return utf8_printable(text, (size_t)(to - text), 0) ? text : NULL;
}

int
query_open(struct request *r)
{
	const char *s = r->query, *equals;
	struct arg *a;
	size_t n, name;

	while (s != NULL && *s != '\0') {
		n = strcspn(s, "&");
		if (n > 0) {
			if (r->arg_count == ARGS_MAX)
				return -1;
			a = &r->args[r->arg_count++];
			equals = memchr(s, '=', n);
			name = equals == NULL ? n : (size_t)(equals - s);
			a->name = decode(r, s, name);
			a->value = equals == NULL ? "" : decode(r, equals + 1, n - name - 1);
			if (a->name == NULL || a->value == NULL)
				return -1;
		}
		s += n + (s[n] == '&');
	}
	return 0;
}

/* NULL when absent or empty. */
static const char *
value(struct request *r, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < r->arg_count; i++) {
		if (strcmp(r->args[i].name, name) != 0)
			continue;
		if (found != NULL) {
			field_rule(r, name, RULE_ONCE);
			return NULL;
		}
		found = r->args[i].value;
	}
	return found == NULL || *found == '\0' ? NULL : found;
}

const char *
query_text(struct request *r, const char *name, size_t max)
{
	const char *text = value(r, name);

	if (text != NULL && utf8_length(text, strlen(text)) > max) {
		field_rule(r, name, RULE_LENGTH, (size_t)1, max);
		return NULL;
	}
	return text;
}

int64_t
query_int(struct request *r, const char *name, int64_t min, int64_t max, int64_t dflt)
{
	const char *text = value(r, name), *digit;
	int64_t n = 0;
	int sign = 1;

	if (text == NULL)
		return dflt;
	digit = text;
	if (*digit == '-') {
		sign = -1;
		digit++;
	}
	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, sign * (*digit - '0'), &n))
			break;
	if (*digit != '\0' || digit[-1] == '-' || n < min || n > max) {
		field_rule(r, name, RULE_RANGE, min, max);
		return dflt;
	}
	return n;
}

double
query_real(struct request *r, const char *name, double min, double max)
{
	const char *text = value(r, name);
	char *end;
	double n;

	if (text == NULL)
		return NAN;
	n = strtod(text, &end);
	if (strlen(text) > NUMBER_TEXT || strspn(text, "-.0123456789") != strlen(text) ||
	    *end != '\0' || !(n >= min && n <= max)) {
		field_rule(r, name, RULE_REAL_RANGE, min, max);
		return NAN;
	}
	return n;
}

int
query_choice(struct request *r, const char *name, const char *choices)
{
	const char *text = value(r, name);
	int place = -1;

	if (text != NULL && (place = field_place(choices, text)) == -1)
		field_rule(r, name, RULE_CHOICE, choices);
	return place;
}

void
query_page(struct request *r, struct page *p)
{
	p->page = query_int(r, "page", 1, PAGE_MAX, 1);
	p->limit = query_int(r, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
	p->offset = (p->page - 1) * p->limit;
	p->before = INT64_MAX;
}

void
query_page_before(struct request *r, struct page *p)
{
	const char *text = value(r, "cursor");
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");

	query_page(r, p);
	if (text == NULL)
		return;
	if (digits > ID_DIGITS || text[digits] != '\0' || *text == '0') {
		field_rule(r, "cursor", RULE_CURSOR);
		return;
	}
	p->before = strtoll(text, NULL, 10);
	p->offset = 0;
}

void
query_put_next(struct buf *b, int64_t last)
{
	char text[NUMBER_TEXT];

	snprintf(text, sizeof text, "%lld", (long long)last);
	json_put_text(b, "next_cursor", last == 0 ? NULL : text);
}
