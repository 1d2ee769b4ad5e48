/*
 * profile_rules.c - the profile format as tables: calls, steps, the whole
 *
 * Below the tables stand the rules between keys that a table cannot say.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/pos/rules.h"
#include "lib/pos/template.h"

static const char *const retry_words[] = { "key", "unique", "find", "never", NULL };
static const char *const then_retries[] = { "order", "key", "never", NULL };
static const char *const send_words[] = { "placed", "accepted", "paid", NULL };
static const char *const moves_words[] = { "created", "accepted", "done", "never", NULL };
static const char *const state_words[] = { "sent_to_pos", "processing", "ready_for_pickup",
	"out_for_delivery", "delivered", "cancelled", "failed", NULL };

static const unsigned in_query_header = 1u << WHERE_QUERY | 1u << WHERE_HEADER;
static const int64_t pace_range[] = { 0, 60000 };
static const int64_t version_range[] = { 1, 1 };

/* ---- steps */

static const struct rule step_rules[] = {
	CALL_RULES(step),
	{ "id",		take_value,	F(step, id), NULL, REQUIRED },
	{ "status",	take_value,	F(step, status), NULL, OPTIONAL },
	{ "total",	take_value,	F(step, total), NULL, OPTIONAL },
};

static const struct rule then_rules[] = {
	CALL_RULES(step),
	{ "if",		take_name,	F(step, needs), NULL, OPTIONAL },
	{ "id",		take_value,	F(step, id), NULL, OPTIONAL },
	{ "retry",	take_choice,	F(step, retry), then_retries, OPTIONAL },
};

static const struct rule cancel_rules[] = { CALL_RULES(step) };

static void
take_create(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct step *s = into;

	(void)arg;
	s->there = 1;
	c->above = 0;
	CHECK_OBJECT(c, j, step_rules, s);
	check_call(c, &s->call);
	if (s->total.kind == VALUE_AT && s->total.as != AS_MINOR && s->total.as != AS_MAJOR)
		check_fault(c, "\"total\" takes as \"as\": minor (kopecks) or major (99.00)");
	else if (s->total.kind != VALUE_AT && s->total.kind != VALUE_NONE)
		check_fault(c, "\"total\" must have \"at\" and \"as\"");
}

static void
take_cancel(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct step *s = into;

	(void)arg;
	s->there = 1;
	CHECK_OBJECT(c, j, cancel_rules, s);
	check_call(c, &s->call);
}

static void
take_thens(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct profile *p = into;
	size_t mark;

	(void)arg;
	if (json_type(j) != JSON_ARRAY || json_count(j) > THENS_MAX) {
		check_fault(c, "must be an array of at most %d calls", THENS_MAX);
		return;
	}
	c->above = 0;
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter_nth(c, p->thens);
		CHECK_OBJECT(c, m, then_rules, &p->then[p->thens]);
		check_call(c, &p->then[p->thens].call);
		p->then[p->thens++].there = 1;
		check_leave(c, mark);
	}
}

static void
take_states(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t mark;
	int state;

	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter(c, json_name(m));
		if (json_type(m) != JSON_NULL)
			take_choice(c, m, &state, state_words);
		check_leave(c, mark);
	}
	(void)arg;
	*(const struct json **)into = j;
}

static void
take_state(struct check *c, const struct json *j, void *into, const void *arg)
{
	int state;

	(void)arg;
	take_choice(c, j, &state, state_words);
	*(const char **)into = json_text(j);
}

static take_fn take_next;

#define LOOK_RULES \
	CALL_RULES(look), \
	{ "value",	take_value,	F(look, value), NULL, REQUIRED }, \
	{ "map",	take_states,	F(look, map), NULL, REQUIRED }, \
	{ "next",	take_next,	0, NULL, OPTIONAL }

static const struct rule driver_rules[] = {
	{ "name",	take_value,	F(look, driver_name), NULL, REQUIRED },
	{ "phone",	take_value,	F(look, driver_phone), NULL, OPTIONAL },
};

static void
take_driver(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	CHECK_OBJECT(c, j, driver_rules, into);
}

static const struct rule status_rules[] = {
	LOOK_RULES,
	{ "driver",	take_driver,	0, NULL, OPTIONAL },
};
static const struct rule next_rules[] = {
	LOOK_RULES,
	{ "when",	take_state,	F(look, when), NULL, OPTIONAL },
	{ "need",	take_pointers,	F(look, need), NULL, OPTIONAL },
};

static void
take_status(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct look *look = into;

	(void)arg;
	look->there = 1;
	c->above = 0;
	CHECK_OBJECT(c, j, status_rules, look);
	check_call(c, &look->call);
}

static void
take_next(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct look *look = into;
	unsigned names = c->names;

	(void)arg;
	if ((names & NAMES_PREV) != 0) {
		check_fault(c, "one \"next\" is the most");
		return;
	}
	if ((look->next = arena_get(c->p->arena, sizeof *look)) == NULL) {
		check_fault(c, "out of memory");
		return;
	}
	c->names |= NAMES_PREV;
	look->next->there = 1;
	CHECK_OBJECT(c, j, next_rules, look->next);
	check_call(c, &look->next->call);
	c->names = names;
}

static const struct rule order_rules[] = {
	{ "retry",	take_choice,	F(profile, retry), retry_words, REQUIRED },
	{ "send_on",	take_choice,	F(profile, send_on), send_words, OPTIONAL },
	{ "stock_moves", take_choice,	F(profile, stock_moves), moves_words, OPTIONAL },
	{ "create",	take_create,	F(profile, create), NULL, REQUIRED },
	{ "then",	take_thens,	0, NULL, OPTIONAL },
	{ "find",	take_find,	F(profile, order_find), NULL, OPTIONAL },
	{ "cancel",	take_cancel,	F(profile, cancel), NULL, OPTIONAL },
	{ "status",	take_status,	F(profile, status), NULL, OPTIONAL },
};

static void
take_order(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct profile *p = into;

	(void)arg;
	c->names = NAMES_ORDER | NAMES_CUSTOMER;
	CHECK_OBJECT(c, j, order_rules, p);
	c->names = 0;
	if ((p->retry == POS_RETRY_FIND || p->retry == POS_RETRY_UNIQUE) && !p->order_find.there)
		check_fault(c, "\"retry\": \"%s\" needs \"find\"", retry_words[p->retry]);
	check_promises(c);
}

static const struct rule make_rules[] = {
	CALL_RULES(step),
	{ "id",		take_value,	F(step, id), NULL, REQUIRED },
};

static void
take_make(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct step *s = into;

	(void)arg;
	s->there = 1;
	c->above = 0;
	CHECK_OBJECT(c, j, make_rules, s);
	check_call(c, &s->call);
}

static const struct rule customer_rules[] = {
	{ "find",	take_find,	F(profile, customer_find), NULL, OPTIONAL },
	{ "create",	take_make,	F(profile, customer_create), NULL, OPTIONAL },
};

static void
take_customer(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	c->names = NAMES_CUSTOMER;
	CHECK_OBJECT(c, j, customer_rules, into);
	if (json_type(j) == JSON_OBJECT && json_count(j) == 0)
		check_fault(c, "needs \"find\", \"create\" or both");
	c->names = 0;
}

/* ---- credentials and errors */

static const struct rule refresh_rules[] = {
	CALL_RULES(refresh),
	{ "token",	take_pointers,	F(refresh, token), NULL, REQUIRED },
	{ "refresh_token", take_pointers, F(refresh, refresh_token), NULL, OPTIONAL },
	{ "expires_in",	take_pointers,	F(refresh, expires_in), NULL, OPTIONAL },
	{ "expires_at",	take_pointers,	F(refresh, expires_at), NULL, OPTIONAL },
};

static void
take_refresh(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct refresh *r = into;

	(void)arg;
	r->there = 1;
	c->above = 0;
	CHECK_OBJECT(c, j, refresh_rules, r);
	check_call(c, &r->call);
	if ((r->expires_in.count > 0) == (r->expires_at.count > 0))
		check_fault(c, "needs either \"expires_in\" or \"expires_at\"");
}

static const struct rule auth_rules[] = {
	{ "put",	take_where,	F(profile, auth_put), &in_query_header, REQUIRED },
	{ "value",	take_phrase,	F(profile, auth_value), NULL, REQUIRED },
	{ "refresh",	take_refresh,	F(profile, refresh), NULL, OPTIONAL },
};

static void
take_auth(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	c->names = NAMES_SECRET;
	CHECK_OBJECT(c, j, auth_rules, into);
	check_credentials(c);
	c->names = 0;
}

static const struct rule error_rules[] = {
	{ "when",	take_pointer,	F(profile, error.when), NULL, OPTIONAL },
	{ "code",	take_pointers,	F(profile, error.code), NULL, OPTIONAL },
	{ "message",	take_pointers,	F(profile, error.message), NULL, OPTIONAL },
	{ "auth",	take_texts,	F(profile, error.auth), NULL, OPTIONAL },
	{ "retry",	take_texts,	F(profile, error.retry), NULL, OPTIONAL },
	{ "gone",	take_texts,	F(profile, error.gone), NULL, OPTIONAL },
	{ "duplicate",	take_texts,	F(profile, error.duplicate), NULL, OPTIONAL },
};

static void
take_error(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct profile *p = into;

	(void)arg;
	c->above = 0;
	CHECK_OBJECT(c, j, error_rules, p);
	if (p->error.code.count == 0 && (p->error.auth != NULL || p->error.retry != NULL ||
	    p->error.gone != NULL || p->error.duplicate != NULL))
		check_fault(c, "auth, retry, gone and duplicate need \"code\"");
	check_codes(c);
}

/* ---- the whole */

static void
take_base(struct check *c, const struct json *j, void *into, const void *arg)
{
	const char *s = json_text(j);

	take_phrase(c, j, into, arg);
	if (s != NULL && strncmp(s, "https://", 8) != 0 && strncmp(s, "{set.", 5) != 0)
		check_fault(c, "must begin with https:// or be {set.base_url}");
}

static void
take_zone(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct tm tm;

	take_text(c, j, into, arg);
	if (json_text(j) != NULL && clock_local(json_text(j), 0, &tm) == -1)
		check_fault(c, "\"%.60s\" is not a zone like \"Europe/Kyiv\"", json_text(j));
}

static void
take_settings(struct check *c, const struct json *j, void *into, const void *arg)
{
	const char *name, *help;
	size_t mark, n;

	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		name = json_name(m);
		mark = check_enter(c, name);
		n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (n == 0 || name[n] != '\0')
			check_fault(c, "a setting's name is of a-z, 0-9 and _");
		take_text(c, m, &help, arg);
		check_leave(c, mark);
	}
	*(const struct json **)into = j;
}

static const enum feed_what branches = FEED_BRANCHES, categories = FEED_CATEGORIES,
    images = FEED_IMAGES, products = FEED_PRODUCTS, stock = FEED_STOCK;

static const struct rule profile_rules[] = {
	{ "profile",	take_number,	F(profile, version), version_range, REQUIRED },
	{ "name",	take_text,	F(profile, name), NULL, REQUIRED },
	{ "title",	take_text,	F(profile, title), NULL, OPTIONAL },
	{ "base",	take_base,	F(profile, base), NULL, REQUIRED },
	{ "zone",	take_zone,	F(profile, zone), NULL, OPTIONAL },
	{ "headers",	take_headers,	F(profile, headers), NULL, OPTIONAL },
	{ "pace_ms",	take_number,	F(profile, pace_ms), pace_range, OPTIONAL },
	{ "settings",	take_settings,	F(profile, settings), NULL, OPTIONAL },
	{ "auth",	take_auth,	0, NULL, OPTIONAL },
	{ "error",	take_error,	0, NULL, OPTIONAL },
	{ "branches",	take_feed,	F(profile, feeds[FEED_BRANCHES]), &branches, OPTIONAL },
	{ "categories",	take_feed,	F(profile, feeds[FEED_CATEGORIES]), &categories, OPTIONAL },
	{ "images",	take_feed,	F(profile, feeds[FEED_IMAGES]), &images, OPTIONAL },
	{ "products",	take_feed,	F(profile, feeds[FEED_PRODUCTS]), &products, OPTIONAL },
	{ "stock",	take_feed,	F(profile, feeds[FEED_STOCK]), &stock, OPTIONAL },
	{ "customer",	take_customer,	0, NULL, OPTIONAL },
	{ "order",	take_order,	0, NULL, OPTIONAL },
	{ "webhook",	take_webhook,	F(profile, webhook), NULL, OPTIONAL },
};

void
check_profile(struct check *c, const struct json *j)
{
	c->p->stock_moves = POS_MOVES_ACCEPTED;
	c->p->settings = json_member(j, "settings");
	CHECK_OBJECT(c, j, profile_rules, c->p);
	check_feeds(c);
}
