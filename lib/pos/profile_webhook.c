/* profile_webhook.c - checking what a profile says of the till's webhook */
#include <string.h>

#include "lib/pos/rules.h"

static const char *const hook_algs[] = { "md5", "hmac-sha1", "hmac-sha256", "equal", NULL };
static const char *const hook_outs[] = { "hex", "base64", NULL };
static const char *const hook_means[] = { "order", "products", "stock", "categories", NULL };

static void
take_parts(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t nth = 0, mark;
	const char *s;

	take_texts(c, j, into, arg);
	if (json_type(j) == JSON_ARRAY && json_count(j) == 0)
		check_fault(c, "nothing would be signed: name its parts");
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter_nth(c, nth++);
		s = json_text(m);
		if (s != NULL && s[0] != '/' && strcmp(s, "$url") != 0 &&
		    strcmp(s, "$body") != 0 && strcmp(s, "$secret") != 0)
			check_fault(c, "\"%.60s\" is not $url, $body, $secret or a pointer", s);
		check_leave(c, mark);
	}
}

static void
take_signature(struct check *c, const struct json *j, void *into, const void *arg)
{
	const char *s = json_text(j);

	take_text(c, j, into, arg);
	if (s != NULL && strncmp(s, "header:", 7) != 0 && s[0] != '/')
		check_fault(c, "\"%.60s\" is not like \"header:NAME\" or a pointer", s);
}

static const struct rule standard_rules[] = {
	{ "standard_webhooks", take_flag, F(hook, standard), NULL, REQUIRED },
};

static const struct rule verify_rules[] = {
	{ "alg",	take_choice,	F(hook, alg), hook_algs, REQUIRED },
	{ "parts",	take_parts,	F(hook, parts), NULL, REQUIRED },
	{ "sep",	take_text,	F(hook, sep), NULL, OPTIONAL },
	{ "out",	take_choice,	F(hook, out), hook_outs, OPTIONAL },
	{ "in",		take_signature,	F(hook, in), NULL, REQUIRED },
};

static int
has_secret(const struct json *parts)
{
	for (const struct json *m = json_first(parts); m != NULL; m = json_next(m))
		if (json_text(m) != NULL && strcmp(json_text(m), "$secret") == 0)
			return 1;
	return 0;
}

static void
take_verify(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct hook *hook = into;

	(void)arg;
	if (json_member(j, "standard_webhooks") != NULL) {
		CHECK_OBJECT(c, j, standard_rules, into);
		if (json_type(json_member(j, "standard_webhooks")) == JSON_BOOL && !hook->standard)
			check_fault(c, "standard_webhooks must be true, or \"alg\" stand here");
		return;
	}
	CHECK_OBJECT(c, j, verify_rules, into);
	if (hook->parts != NULL && !has_secret(hook->parts) &&
	    (hook->alg == HOOK_MD5 || hook->alg == HOOK_EQUAL))
		check_fault(c, "anybody could make that: $secret must be one of the parts");
}

static void
take_meanings(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t mark;
	int means;

	(void)arg;
	if (json_type(j) != JSON_OBJECT)
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
	else
		for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
			mark = check_enter(c, json_name(m));
			take_choice(c, m, &means, hook_means);
			check_leave(c, mark);
		}
	*(const struct json **)into = j;
}

static const struct rule webhook_rules[] = {
	{ "verify",	take_verify,	0, NULL, REQUIRED },
	{ "type",	take_pointer,	F(hook, type), NULL, REQUIRED },
	{ "map",	take_meanings,	F(hook, map), NULL, REQUIRED },
	{ "order_id",	take_pointer,	F(hook, order_id), NULL, OPTIONAL },
	{ "event_id",	take_pointer,	F(hook, event_id), NULL, OPTIONAL },
	{ "reply",	take_any,	F(hook, reply), NULL, OPTIONAL },
};

void
take_webhook(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct hook *hook = into;

	(void)arg;
	c->above = 0;
	hook->there = 1;
	CHECK_OBJECT(c, j, webhook_rules, hook);
}
