/*
 * profile_promise.c - what a profile promises, held against what it sends
 *
 * `retry` says that an order is not doubled; that can hold only when the till gets
 * by what to know it again. Other words that mean nothing without each other are
 * told here, too.
 */
#include <stdio.h>
#include <string.h>

#include "lib/pos/rules.h"

/* By what a till can know an order again. */
static const char *const names[] = { "order.key", "order.ref", NULL };

/* Does a template name it? */
static int
text_says(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = text; s != NULL && (s = strchr(s, '{')) != NULL; s++)
		if (strncmp(s + 1, name, n) == 0 && s[n + 1] != '\0' &&
		    strchr("}|", s[n + 1]) != NULL)
			return 1;
	return 0;
}

static int
json_says(const struct json *j, const char *name)
{
	if (json_type(j) == JSON_TEXT)
		return text_says(json_text(j), name);
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m))
		if (json_says(m, name))
			return 1;
	return 0;
}

static int
call_says(const struct call *c, const char *name)
{
	return text_says(c->path, name) || json_says(c->query, name) || json_says(c->json, name) ||
	    json_says(c->form, name) || json_says(c->headers, name);
}

static int
call_says_any(const struct call *c)
{
	return call_says(c, names[0]) || call_says(c, names[1]);
}

static void
check_thens(struct check *c, const struct profile *p)
{
	size_t list = check_enter(c, "then"), mark;

	for (size_t i = 0; i < p->thens; i++) {
		const struct step *s = &p->then[i];
		int again = s->retry == STEP_KEY ||
		    (s->retry == STEP_AS_ORDER && p->retry == POS_RETRY_KEY);

		if (!again || call_says(&s->call, names[0]))
			continue;
		mark = check_enter_nth(c, i);
		check_fault(c, "is sent again when no answer came, so it must send {order.key}; "
		    "or say \"retry\": \"never\"");
		check_leave(c, mark);
	}
	check_leave(c, list);
}

/* What is looked for must have been sent. */
static void
check_find(struct check *c, const struct profile *p)
{
	const struct match *m = &p->order_find.match;
	size_t mark;

	if (!p->order_find.there || m->text == NULL)
		return;
	for (int i = 0; names[i] != NULL; i++)
		if (text_says(m->text, names[i]) && call_says(&p->create.call, names[i]))
			return;
	mark = check_enter(c, "find");
	check_fault(c, "\"match\" must look for {order.ref} or {order.key}, which \"create\" sends");
	check_leave(c, mark);
}

void
check_promises(struct check *c)
{
	const struct profile *p = c->p;
	size_t mark;

	if (p->create.call.path == NULL)
		return;
	if (p->retry == POS_RETRY_KEY && !call_says_any(&p->create.call)) {
		mark = check_enter(c, "create");
		check_fault(c, "\"retry\": \"key\" needs {order.key} (or {order.ref}) in what is sent: "
		    "by it the till knows a request again");
		check_leave(c, mark);
	}
	if (p->retry == POS_RETRY_FIND || p->retry == POS_RETRY_UNIQUE)
		check_find(c, p);
	check_thens(c, p);
}

/* A token that is renewed must be used. */
void
check_credentials(struct check *c)
{
	const struct profile *p = c->p;

	if (p->refresh.there && p->auth_value != NULL && !text_says(p->auth_value, "token"))
		check_fault(c, "\"refresh\" renews {token}, so \"value\" must hold it");
}

static int
lists(const struct json *list, const char *code)
{
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m))
		if (json_text(m) != NULL && strcmp(json_text(m), code) == 0)
			return 1;
	return 0;
}

/* A code with two meanings. */
void
check_codes(struct check *c)
{
	const struct profile *p = c->p;
	const struct { const char *name; const struct json *list; } all[] = {
		{ "auth", p->error.auth }, { "gone", p->error.gone },
		{ "duplicate", p->error.duplicate }, { "retry", p->error.retry },
	};

	for (size_t i = 0; i < 4; i++)
		for (const struct json *m = json_first(all[i].list); m != NULL; m = json_next(m))
			for (size_t k = i + 1; json_text(m) != NULL && k < 4; k++)
				if (lists(all[k].list, json_text(m)))
					check_fault(c, "\"%.60s\" is in \"%s\" and in \"%s\": "
					    "a code has one meaning", json_text(m), all[i].name, all[k].name);
}
