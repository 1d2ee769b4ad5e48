/*
 * dialect_rules.c - a request against the fields that the vendor documents
 *
 * The rules are an object like the request: "name!" must be there, a text says
 * what its value is (`text`, `text:45` for at most so many signs, `int`,
 * `number`, `bool`, `time`, `local`, `any`, or the words themselves as
 * `=PICKUP|SHIPMENT`), an object or [one rule] leads inwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/base/utf8.h"
#include "tests/pos-sim/dialect.h"

enum { NAME_MOST = 256 };

struct place {
	char name[NAME_MOST];
	char *why;
	size_t size;
};

static enum wrong check(struct place *, const struct json *rule, const struct json *given,
    int loose);

static enum wrong
is_wrong(struct place *p, enum wrong w, const char *says)
{
	snprintf(p->why, p->size, "%s %s", p->name, says);
	return w;
}

static int
is_decimal(const char *s)
{
	int64_t n;

	return s != NULL && decimal_parse(s, 5, &n) == 0;
}

static int
is_whole(const char *s)
{
	int64_t n;

	return s != NULL && decimal_parse(s, 0, &n) == 0;
}

/* "2026-05-22 10:00:00" */
static int
is_local(const char *s)
{
	static const char like[] = "0000-00-00 00:00:00";

	for (size_t i = 0; i < sizeof like; i++)
		if (like[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != like[i])
			return 0;
	return 1;
}

static int
is_word(const char *words, const char *s)
{
	size_t len = strlen(s), n;

	for (;; words += n + 1) {
		n = strcspn(words, "|");
		if (n == len && memcmp(words, s, n) == 0)
			return 1;
		if (words[n] == '\0')
			return 0;
	}
}

static int
fits(const char *rule, const struct json *given, int loose)
{
	const char *text = json_text(given);
	const char *digits = loose ? text : json_digits(given);

	if (strcmp(rule, "any") == 0)
		return 1;
	if (strcmp(rule, "int") == 0)
		return is_whole(digits);
	if (strcmp(rule, "number") == 0)
		return is_decimal(digits);
	if (strcmp(rule, "bool") == 0)
		return json_type(given) == JSON_BOOL;
	if (text == NULL)
		return 0;
	if (strcmp(rule, "time") == 0)
		return clock_parse_rfc3339(text) >= 0;
	if (strcmp(rule, "local") == 0)
		return is_local(text);
	if (rule[0] == '=')
		return is_word(rule + 1, text);
	return strcmp(rule, "text") == 0 || (strncmp(rule, "text:", 5) == 0 &&
	    utf8_length(text, strlen(text)) <= strtoul(rule + 5, NULL, 10));
}

static const struct json *
rule_for(const struct json *rules, const char *name)
{
	size_t len = strlen(name);

	for (const struct json *m = json_first(rules); m != NULL; m = json_next(m))
		if (strncmp(json_name(m), name, len) == 0 &&
		    strspn(json_name(m) + len, "!") == strlen(json_name(m) + len))
			return m;
	return NULL;
}

static enum wrong
check_inside(struct place *p, const char *name, const struct json *rule, const struct json *given,
    int loose)
{
	size_t len = strlen(p->name);
	enum wrong w;

	snprintf(p->name + len, sizeof p->name - len, "%s%s", len > 0 ? "." : "", name);
	w = rule == NULL ? is_wrong(p, WRONG_UNKNOWN, "is no field of this call") :
	    check(p, rule, given, loose);
	p->name[len] = '\0';
	return w;
}

static enum wrong
check_object(struct place *p, const struct json *rules, const struct json *given, int loose)
{
	enum wrong w = WRONG_NOT;
	char name[NAME_MOST];
	size_t len;

	if (json_type(given) != JSON_OBJECT)
		return is_wrong(p, WRONG_TYPE, "must be an object");
	for (const struct json *m = json_first(given); m != NULL && w == WRONG_NOT; m = json_next(m))
		w = check_inside(p, json_name(m), rule_for(rules, json_name(m)), m, loose);
	for (const struct json *m = json_first(rules); m != NULL && w == WRONG_NOT; m = json_next(m)) {
		len = strlen(json_name(m));
		if (len == 0 || json_name(m)[len - 1] != '!')
			continue;
		snprintf(name, sizeof name, "%.*s", (int)len - 1, json_name(m));
		if (json_member(given, name) == NULL) {
			snprintf(p->why, p->size, "%s%s%s is missing", p->name,
			    *p->name != '\0' ? "." : "", name);
			w = WRONG_MISSING;
		}
	}
	return w;
}

static enum wrong
check(struct place *p, const struct json *rule, const struct json *given, int loose)
{
	enum wrong w = WRONG_NOT;

	if (json_type(rule) == JSON_OBJECT)
		return check_object(p, rule, given, loose);
	if (json_type(rule) == JSON_ARRAY) {
		if (json_type(given) != JSON_ARRAY)
			return is_wrong(p, WRONG_TYPE, "must be an array");
		for (const struct json *m = json_first(given); m != NULL && w == WRONG_NOT;
		    m = json_next(m))
			w = check_inside(p, "*", json_first(rule), m, loose);
		return w;
	}
	if (!fits(json_text(rule), given, loose)) {
		char says[NAME_MOST];

		snprintf(says, sizeof says, "must be %.200s", json_text(rule));
		return is_wrong(p, WRONG_TYPE, says);
	}
	return WRONG_NOT;
}

enum wrong
rules_check(const struct json *rules, const struct json *given, int loose, char *why, size_t size)
{
	struct place p = { .why = why, .size = size };

	return check_object(&p, rules, given, loose);
}
