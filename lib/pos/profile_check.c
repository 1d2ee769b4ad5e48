/*
 * profile_check.c - the machinery of checking, and the plain kinds of values
 *
 * A table of rules reads an object; whatever is wrong is noted with its
 * line and pointer, and the next key is looked at, so that a writer of a
 * profile sees all his mistakes at once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/rules.h"
#include "lib/pos/template.h"

enum { TEMPLATE_DEPTH = 24, HEADERS_MOST = 8 };

void
check_fault(struct check *c, const char *fmt, ...)
{
	struct profile_faults *all = c->faults;
	struct profile_fault *f;
	va_list ap;

	if (all->count == PROFILE_FAULTS) {
		all->more++;
		return;
	}
	f = &all->list[all->count++];
	f->line = json_line(c->p->text, c->p->len, c->pointer);
	memcpy(f->pointer, c->pointer, sizeof f->pointer);
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

/* RFC 6901: ~ is ~0, / is ~1. A pointer that grows too long stays cut. */
size_t
check_enter(struct check *c, const char *name)
{
	size_t mark = c->len, n = c->len;
	const size_t last = sizeof c->pointer - 3;

	if (n < last)
		c->pointer[n++] = '/';
	for (; *name != '\0' && n < last; name++) {
		if (*name != '~' && *name != '/') {
			c->pointer[n++] = *name;
			continue;
		}
		c->pointer[n++] = '~';
		c->pointer[n++] = *name == '~' ? '0' : '1';
	}
	c->pointer[n] = '\0';
	c->len = n;
	return mark;
}

size_t
check_enter_nth(struct check *c, size_t nth)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", nth);
	return check_enter(c, text);
}

void
check_leave(struct check *c, size_t mark)
{
	c->pointer[c->len = mark] = '\0';
}

static void
list_keys(const struct rule *rules, size_t count, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i == 0 ? "" : ", ",
		    rules[i].key);
}

void
check_words(const char *const *words, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] != NULL && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s", i == 0 ? "" : ", ", words[i]);
}

static void
check_member(struct check *c, const struct json *m, const struct rule *rules, size_t count,
    void *into)
{
	const struct rule *r = rules;
	size_t mark = check_enter(c, json_name(m));
	char known[240];

	while (r < rules + count && strcmp(r->key, json_name(m)) != 0)
		r++;
	if (r < rules + count) {
		r->take(c, m, (char *)into + r->at, r->arg);
	} else {
		list_keys(rules, count, known, sizeof known);
		check_fault(c, "unknown key: there are %s", known);
	}
	check_leave(c, mark);
}

void
check_object(struct check *c, const struct json *j, const struct rule *rules, size_t count,
    void *into)
{
	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m))
		check_member(c, m, rules, count, into);
	for (size_t i = 0; i < count; i++)
		if (rules[i].required && json_member(j, rules[i].key) == NULL)
			check_fault(c, "needs \"%s\"", rules[i].key);
}

static int
is_text(struct check *c, const struct json *j)
{
	if (json_type(j) == JSON_TEXT)
		return 1;
	check_fault(c, "must be text, is %s", json_type_name(json_type(j)));
	return 0;
}

void
take_text(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	if (!is_text(c, j))
		return;
	if (*json_text(j) == '\0')
		check_fault(c, "must not be empty");
	*(const char **)into = json_text(j);
}

void
take_flag(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	if (json_type(j) != JSON_BOOL)
		check_fault(c, "must be true or false, is %s", json_type_name(json_type(j)));
	else
		*(int *)into = json_true(j);
}

void
take_number(struct check *c, const struct json *j, void *into, const void *arg)
{
	const int64_t *range = arg;
	int64_t n;

	if (json_int(j, &n) == -1 || n < range[0] || n > range[1])
		check_fault(c, "must be a whole number from %lld to %lld", (long long)range[0],
		    (long long)range[1]);
	else
		*(int64_t *)into = n;
}

void
take_choice(struct check *c, const struct json *j, void *into, const void *arg)
{
	const char *const *words = arg;
	char known[200];

	if (!is_text(c, j))
		return;
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], json_text(j)) == 0) {
			*(int *)into = i;
			return;
		}
	check_words(words, known, sizeof known);
	check_fault(c, "\"%.60s\" is not one of %s", json_text(j), known);
}

void
take_texts(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t nth = 0, mark;

	(void)arg;
	if (json_type(j) != JSON_ARRAY) {
		check_fault(c, "must be an array of texts, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter_nth(c, nth++);
		is_text(c, m);
		check_leave(c, mark);
	}
	*(const struct json **)into = j;
}

void
take_any(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)c, (void)arg;
	*(const struct json **)into = j;
}

/* {set.x} is one of `settings`, or one of the two that every till has. */
static void
check_setting(struct check *c, const char *name)
{
	if (strcmp(name, "base_url") != 0 && strcmp(name, "currency") != 0 &&
	    json_member(c->p->settings, name) == NULL)
		check_fault(c, "{set.%.60s} is not in \"settings\"", name);
}

static void
check_settings(struct check *c, const char *s)
{
	char name[64];

	while (template_next_setting(&s, "set.", name, sizeof name))
		check_setting(c, name);
}

static void
check_phrase(struct check *c, const char *s)
{
	char fault[TEMPLATE_FAULT];

	if (template_check_text(s, c->names, &c->used, fault) == -1)
		check_fault(c, "%s", fault);
	else
		check_settings(c, s);
}

void
take_phrase(struct check *c, const struct json *j, void *into, const void *arg)
{
	take_text(c, j, into, arg);
	if (json_type(j) == JSON_TEXT)
		check_phrase(c, json_text(j));
}

void
take_name(struct check *c, const struct json *j, void *into, const void *arg)
{
	char fault[TEMPLATE_FAULT];

	take_text(c, j, into, arg);
	if (json_type(j) != JSON_TEXT)
		return;
	if (template_check_name(json_text(j), c->names, fault) == -1)
		check_fault(c, "%s", fault);
	else if (strncmp(json_text(j), "set.", 4) == 0)
		check_setting(c, json_text(j) + 4);
}

static void check_node(struct check *, const struct json *, int depth);

static void
check_loop(struct check *c, const struct json *j, int depth)
{
	const struct json *each = json_member(j, "$each"), *body = json_member(j, "$do");
	const struct json *also = json_member(j, "$also");
	unsigned names = c->names;
	size_t mark;

	if (json_type(each) != JSON_TEXT || !template_is_loop(json_text(each)))
		check_fault(c, "\"$each\" is \"items\" or \"units\"");
	else if ((names & NAMES_ORDER) == 0)
		check_fault(c, "\"$each\" stands in order only");
	if (body == NULL || json_count(j) != (also != NULL ? 3 : 2)) {
		check_fault(c, "\"$each\" and \"$do\" stand together and alone, or with \"$also\"");
		return;
	}
	if (also != NULL) {
		mark = check_enter(c, "$also");
		if (json_type(also) != JSON_ARRAY)
			check_fault(c, "must be an array, is %s", json_type_name(json_type(also)));
		check_node(c, also, depth + 1);
		check_leave(c, mark);
	}
	mark = check_enter(c, "$do");
	c->names |= NAMES_ITEM;
	check_node(c, body, depth + 1);
	c->names = names;
	check_leave(c, mark);
}

/* A name, or several that must all hold. */
static void
check_names(struct check *c, const struct json *j)
{
	size_t nth = 0, mark;
	const char *name;

	if (json_type(j) != JSON_ARRAY) {
		take_name(c, j, &name, NULL);
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter_nth(c, nth++);
		take_name(c, m, &name, NULL);
		check_leave(c, mark);
	}
}

static void
check_member_node(struct check *c, const struct json *m, int depth)
{
	size_t mark = check_enter(c, json_name(m));
	const char *name;

	if (strcmp(json_name(m), "$if") == 0)
		check_names(c, m);
	else if (strcmp(json_name(m), "$unless") == 0)
		take_name(c, m, &name, NULL);
	else if (json_name(m)[0] == '$')
		check_fault(c, "unknown word: there are $each with $do and $also, $if, $unless");
	else
		check_node(c, m, depth + 1);
	check_leave(c, mark);
}

static void
check_node(struct check *c, const struct json *j, int depth)
{
	size_t nth = 0, mark;

	if (depth > TEMPLATE_DEPTH) {
		check_fault(c, "is nested deeper than %d", TEMPLATE_DEPTH);
	} else if (json_type(j) == JSON_TEXT) {
		check_phrase(c, json_text(j));
	} else if (json_type(j) == JSON_ARRAY) {
		for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
			mark = check_enter_nth(c, nth++);
			check_node(c, m, depth + 1);
			check_leave(c, mark);
		}
	} else if (json_type(j) == JSON_OBJECT) {
		if (json_member(j, "$each") != NULL || json_member(j, "$do") != NULL ||
		    json_member(j, "$also") != NULL) {
			check_loop(c, j, depth);
			return;
		}
		for (const struct json *m = json_first(j); m != NULL; m = json_next(m))
			check_member_node(c, m, depth);
	}
}

void
take_template(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	if (json_member(j, "$each") != NULL || json_member(j, "$if") != NULL ||
	    json_member(j, "$unless") != NULL)
		check_fault(c, "$each, $if and $unless stand further inside");
	check_node(c, j, 0);
	*(const struct json **)into = j;
}

static int
is_token(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return n > 0 && s[n] == '\0';
}

void
take_headers(struct check *c, const struct json *j, void *into, const void *arg)
{
	const char *s;
	size_t mark;

	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	if (json_count(j) > HEADERS_MOST)
		check_fault(c, "holds more than %d headers", HEADERS_MOST);
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter(c, json_name(m));
		if (!is_token(json_name(m)))
			check_fault(c, "is not the name of a header");
		take_phrase(c, m, &s, arg);
		check_leave(c, mark);
	}
	*(const struct json **)into = j;
}

void
take_call(struct check *c, const struct json *j, void *into, const void *arg)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };
	struct call *call = into;
	const char *s = json_text(j);
	size_t n;

	(void)arg;
	if (!is_text(c, j))
		return;
	n = strcspn(s, " ");
	for (size_t i = 0; methods[i] != NULL; i++)
		if (strlen(methods[i]) == n && memcmp(methods[i], s, n) == 0)
			call->method = methods[i];
	if (call->method == NULL || s[n] != ' ' || s[n + 1] != '/') {
		check_fault(c, "\"%.60s\" is not like \"GET /path\" (GET, POST, PUT, PATCH, DELETE)",
		    s);
		return;
	}
	call->path = s + n + 1;
	if (strpbrk(call->path, " ?#\r\n\t") != NULL)
		check_fault(c, "a path holds no blank, ? or #: parameters stand in \"query\"");
	check_phrase(c, call->path);
}

void
take_where(struct check *c, const struct json *j, void *into, const void *arg)
{
	static const char *const words[] = { NULL, "query:", "json:", "header:" };
	const unsigned allowed = *(const unsigned *)arg;
	struct where *w = into;
	char known[64] = "";
	size_t at = 0;

	if (!is_text(c, j))
		return;
	for (unsigned i = WHERE_QUERY; i <= WHERE_HEADER; i++) {
		if ((allowed & 1u << i) == 0)
			continue;
		at += (size_t)snprintf(known + at, sizeof known - at, "%s\"%sNAME\"",
		    at == 0 ? "" : " or ", words[i]);
		if (strncmp(json_text(j), words[i], strlen(words[i])) != 0)
			continue;
		w->in = (enum where_in)i;
		w->name = json_text(j) + strlen(words[i]);
	}
	if (w->in == WHERE_NONE || !is_token(w->name))
		check_fault(c, "\"%.60s\" is not like %s", json_text(j), known);
}
