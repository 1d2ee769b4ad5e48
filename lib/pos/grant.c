/*
 * grant.c - tokens that expire: OAuth2; see grant.h
 *
 * The call that renews carries no credential but its own, and its reply is
 * judged like any other; that a till answers a dead refresh token with 400 makes
 * it a refused credential all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/engine.h"
#include "lib/pos/grant.h"

enum {
	REPLY_ARENA = 1 << 20,
	MARGIN_S = 60,			/* before its end a token is renewed; less of a short one */
	MARGIN_PART = 10,
	LIFE_MAX_S = 400 * 86400,
	MS_YEAR = 1000000000		/* seconds beyond are milliseconds */
};

int
pos_has_grant(const struct pos *pos)
{
	return pos->profile->refresh.there;
}

int64_t
pos_token_number(const struct pos *pos)
{
	return pos->token_number;
}

int
grant_is_fresh(const struct pos_grant *g, int64_t now)
{
	int64_t margin = (g->expires_at - g->granted_at) / MARGIN_PART;

	if (g->token[0] == '\0')
		return 0;
	if (margin > MARGIN_S)
		margin = MARGIN_S;
	return g->expires_at == 0 || now < g->expires_at - margin;
}

static const char *
secret_named(const struct pos_setup *s, const char *name)
{
	for (size_t i = 0; i < s->secret_count; i++)
		if (strcmp(s->secrets[i].name, name) == 0)
			return s->secrets[i].value;
	return NULL;
}

const char *
pos_first(const struct pos *pos)
{
	const struct pos_setup *s = &pos->setup;
	const char *first = secret_named(s, "refresh_token");

	if (s->token != NULL && *s->token != '\0')
		return s->token;
	return first != NULL ? first : s->secret_count > 0 ? s->secrets[0].value : "";
}

/* {secret.x} without a value would silently be left out of the request. */
static int
check_text(const struct pos *pos, const char *text, char *fault)
{
	const int has_token = pos->setup.token != NULL && *pos->setup.token != '\0';
	char name[64];

	while (template_next_setting(&text, "secret.", name, sizeof name)) {
		if (secret_named(&pos->setup, name) != NULL ||
		    (has_token && strcmp(name, "refresh_token") == 0))
			continue;
		snprintf(fault, POS_FAULT, "this secret of the till is missing: %s%s", name,
		    strcmp(name, "refresh_token") == 0 ? " (POS_TOKEN_FILE)" :
		    " (POS_SECRETS_FILE)");
		return -1;
	}
	return 0;
}

static int
check_node(const struct pos *pos, const struct json *j, char *fault)
{
	if (json_type(j) == JSON_TEXT)
		return check_text(pos, json_text(j), fault);
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m))
		if (check_node(pos, m, fault) == -1)
			return -1;
	return 0;
}

int
grant_check(const struct pos *pos, char *fault)
{
	const struct call *c = &pos->profile->refresh.call;
	const struct json *parts[] = { c->query, c->json, c->form, c->headers };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i] != NULL && check_node(pos, parts[i], fault) == -1)
			return -1;
	return 0;
}

/* Nothing left; the status says to judge_reply() what that means. */
void
grant_failed(struct http_reply *r, enum pos_outcome o, const char *message)
{
	*r = (struct http_reply){ .result = HTTP_UNSENT,
		.status = o == POS_AUTH ? 401 : o == POS_LIMITED ? 429 : 0 };
	snprintf(r->fault, sizeof r->fault, "%s", message);
}

/* The secrets of the setup, with this refresh token before all. */
static struct pos_setup
with_secret(const struct pos *pos, const char *refresh_token, struct pos_pair *pairs)
{
	struct pos_setup s = pos->setup;
	size_t n = 0;

	if (refresh_token == NULL && secret_named(&s, "refresh_token") == NULL)
		refresh_token = s.token;
	if (refresh_token != NULL)
		pairs[n++] = (struct pos_pair){ "refresh_token", refresh_token };
	for (size_t i = 0; i < s.secret_count && n < SECRETS_MAX; i++)
		pairs[n++] = s.secrets[i];
	s.secrets = pairs;
	s.secret_count = n;
	return s;
}

/* A text of the reply into out; 0, or -1 when it is missing or too long. */
static int
take(struct arena *a, const struct json *body, const struct pointers *p, char *out)
{
	const struct spot at = { .row = body };
	const struct json *j = p->count == 0 ? NULL : rows_at(&at, p);
	const char *s = j == NULL ? NULL : rows_scalar(a, j);

	if (s == NULL || strlen(s) >= GRANT_TEXT)
		return -1;
	memcpy(out, s, strlen(s) + 1);
	return 0;
}

/* When it ends: seconds from now, or a moment as RFC 3339 or in unix time. */
static int64_t
take_end(struct arena *a, const struct json *body, const struct refresh *r, int64_t now)
{
	char text[GRANT_TEXT], *end;
	int64_t n;

	if (take(a, body, r->expires_in.count > 0 ? &r->expires_in : &r->expires_at, text) == -1)
		return 0;
	n = strtoll(text, &end, 10);
	if (*end != '\0' && *end != '.')
		n = clock_parse_rfc3339(text);
	else if (r->expires_in.count > 0)
		n += n < LIFE_MAX_S ? now : 0;
	else if (n > MS_YEAR * INT64_C(100))
		n /= 1000;
	return n <= now || n > now + LIFE_MAX_S ? 0 : n;
}

static enum pos_outcome
judge(struct pos *pos, const struct http_reply *r, struct arena *a, struct pos_grant *g,
    char *message)
{
	const struct refresh *refresh = &pos->profile->refresh;
	struct pos_answer answer;

	judge_reply(pos, r, a, &answer);
	snprintf(message, POS_TEXT, "%s", answer.message);
	if (answer.outcome == POS_UNSENT || answer.outcome == POS_LIMITED ||
	    answer.outcome == POS_UNKNOWN)
		return answer.outcome == POS_UNKNOWN ? POS_UNSENT : answer.outcome;
	if (answer.outcome != POS_DONE)
		return POS_AUTH;
	*g = (struct pos_grant){ .granted_at = clock_now() };
	if (take(a, answer.body, &refresh->token, g->token) == -1 || g->token[0] == '\0') {
		snprintf(message, POS_TEXT, "the reply names no token");
		return POS_AUTH;
	}
	if (take(a, answer.body, &refresh->refresh_token, g->refresh_token) == -1)
		g->refresh_token[0] = '\0';
	g->expires_at = take_end(a, answer.body, refresh, g->granted_at);
	return POS_DONE;
}

/* Build and ask, without the credential that is to be renewed. */
static enum pos_outcome
ask(struct pos *pos, const struct pos_setup *setup, struct arena *a, struct pos_grant *g,
    char *message)
{
	struct scope c = pos_scope(pos, a);
	struct pos_request q;
	struct http_reply r;
	enum pos_outcome o;

	c.setup = setup;
	if (call_build(pos->profile, &c, &pos->profile->refresh.call, NULL, &q) == -1) {
		snprintf(message, POS_TEXT, "auth.refresh: %.150s", c.fault);
		return POS_AUTH;
	}
	pos_ask_bare(pos, &q, a, &r);
	o = judge(pos, &r, a, g, message);
	http_reply_free(&r);
	return o;
}

enum pos_outcome
pos_renew(struct pos *pos, const char *refresh_token, struct pos_grant *g, char *message)
{
	struct pos_pair pairs[SECRETS_MAX];
	struct pos_setup setup = with_secret(pos, refresh_token, pairs);
	struct arena *a = arena_new(REPLY_ARENA);
	enum pos_outcome o;

	if (a == NULL) {
		snprintf(message, POS_TEXT, "out of memory");
		return POS_UNSENT;
	}
	if (refresh_token != NULL)
		log_hide(refresh_token);
	pos->secrets[SECRETS_OWN - 1] = refresh_token;
	o = ask(pos, &setup, a, g, message);
	pos->secrets[SECRETS_OWN - 1] = NULL;
	if (o == POS_DONE) {
		log_hide(g->token);
		log_hide(g->refresh_token);
	}
	arena_free(a);
	return o;
}

int
pos_use_token(struct pos *pos, const char *token)
{
	struct pos_setup setup = pos->setup;
	struct arena *a = arena_new(REPLY_ARENA);
	struct scope c = pos_scope(pos, a);
	char *copy = strdup(token), *auth = NULL;
	const char *text;

	setup.token = copy;
	c.setup = &setup;
	if (a != NULL && copy != NULL &&
	    (text = template_text(&c, pos->profile->auth_value, NULL)) != NULL &&
	    strpbrk(text, "\r\n") == NULL)
		auth = strdup(text);
	arena_free(a);
	if (auth == NULL) {
		free(copy);
		return -1;
	}
	log_hide(token);
	pos_take_auth(pos, auth, copy);
	return 0;
}

enum pos_outcome
pos_ready(struct pos *pos, char *message)
{
	message[0] = '\0';
	if (!pos_has_grant(pos))
		return POS_DONE;
	if (pos->setup.grant != NULL)
		return pos->setup.grant(pos->setup.grant_arg, pos, 0, message);
	if (pos->auth != NULL)
		return POS_DONE;
	snprintf(message, POS_TEXT, "there is no token yet: pos-sync or pos-sender gets one");
	return POS_UNSENT;
}

int
pos_ready_again(struct pos *pos, const struct http_reply *r, int64_t number)
{
	struct pos_answer answer;
	char message[POS_TEXT];
	struct arena *a;

	if (!pos_has_grant(pos) || pos->setup.grant == NULL || r->result != HTTP_ANSWERED ||
	    (a = arena_new(REPLY_ARENA)) == NULL)
		return 0;
	judge_reply(pos, r, a, &answer);
	arena_free(a);
	if (answer.outcome != POS_AUTH)
		return 0;
	if (pos->token_number != number)
		return 1;
	return pos->setup.grant(pos->setup.grant_arg, pos, 1, message) == POS_DONE &&
	    pos->token_number != number;
}
