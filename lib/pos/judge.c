/*
 * judge.c - what a reply means, by the same rules for every till
 *
 * The order of the rules matters: what limits or locks us out is said by
 * the status alone; then speak the till's own codes; then the rest of the
 * status; and only then is a 2xx believed, if it is what it should be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/pos/engine.h"
#include "lib/pos/plain.h"

enum {
	RETRY_AFTER_MAX = 24 * 3600,
	NAME_POINTS = 80, PHONE_POINTS = 32	/* of a driver: what a page shows */
};

static const char *const outcome_names[POS_OUTCOMES] = {
	[POS_DONE] = "done", [POS_UNSENT] = "unsent", [POS_LIMITED] = "limited",
	[POS_AUTH] = "auth", [POS_REFUSED] = "refused", [POS_UNKNOWN] = "unknown",
	[POS_GONE] = "gone", [POS_DUPLICATE] = "duplicate",
};

const char *
pos_outcome_name(enum pos_outcome o)
{
	return (unsigned)o < POS_OUTCOMES ? outcome_names[o] : "?";
}

void
pos_say(const struct pos *pos, struct pos_answer *a, enum pos_outcome o, const char *message)
{
	a->outcome = o;
	plain_scrub(message, pos->secrets, pos->secret_count, a->message, sizeof a->message);
}

/* Seconds, or a date; -1 = not said or not understood. */
static int
retry_after(const char *s)
{
	char *end;
	long long n;

	if (*s == '\0')
		return -1;
	n = strtoll(s, &end, 10);
	if (end == s || *end != '\0') {
		if ((n = clock_parse_http(s)) == -1)
			return -1;
		n -= clock_now();
	}
	return n < 0 ? 0 : n > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)n;
}

static int
is_listed(const struct json *list, const char *code)
{
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m))
		if (strcmp(json_text(m), code) == 0)
			return 1;
	return 0;
}

static const char *
scalar_at(struct arena *arena, const struct json *body, const struct pointers *p)
{
	const struct spot at = { .row = body };
	const struct json *j;
	const char *s;

	for (size_t i = 0; i < p->count; i++) {
		const struct pointers one = { .count = 1, .list = { p->list[i] } };

		if ((j = rows_at(&at, &one)) != NULL && (s = rows_scalar(arena, j)) != NULL)
			return s;
	}
	return NULL;
}

/* error.when: an object, a filled list, or anything but no and 0. */
static int
says_error(struct arena *arena, const struct profile *p, const struct json *body)
{
	const struct spot at = { .row = body };
	const struct pointers one = { .count = 1, .list = { p->error.when } };
	const struct json *j;
	const char *s;

	if (p->error.when == NULL || (j = rows_at(&at, &one)) == NULL)
		return 0;
	if (json_type(j) == JSON_ARRAY)
		return json_count(j) > 0;
	s = rows_scalar(arena, j);
	return s == NULL || rows_truth(s) != 0;
}

/* What the till's own code says; POS_OUTCOMES = nothing. */
static enum pos_outcome
by_code(const struct profile *p, const char *code, int status)
{
	if (is_listed(p->error.auth, code))
		return POS_AUTH;
	if (is_listed(p->error.gone, code))
		return POS_GONE;
	if (is_listed(p->error.duplicate, code))
		return POS_DUPLICATE;
	if (is_listed(p->error.retry, code))
		return status == 429 ? POS_LIMITED : POS_UNKNOWN;
	return POS_OUTCOMES;
}

static enum pos_outcome
by_status(int status)
{
	if (status == 429 || status == 503)
		return POS_LIMITED;
	if (status == 401 || status == 403 || status == 407)
		return POS_AUTH;
	if (status == 404 || status == 410)
		return POS_GONE;
	if (status >= 200 && status < 300)
		return POS_DONE;
	/* A request that timed out there, and a redirect: it may have been taken. */
	if (status < 400 || status == 408 || status >= 500)
		return POS_UNKNOWN;
	return POS_REFUSED;
}

static void
judge_answer(const struct pos *pos, const struct http_reply *r, struct arena *arena,
    struct pos_answer *a, const char *not_json)
{
	const struct profile *p = pos->profile;
	enum pos_outcome told = POS_OUTCOMES, o = by_status(r->status);
	const char *message = scalar_at(arena, a->body, &p->error.message), *code = NULL;
	int error = o != POS_DONE || says_error(arena, p, a->body);
	char text[64];

	if (error && (code = scalar_at(arena, a->body, &p->error.code)) != NULL) {
		plain_scrub(code, pos->secrets, pos->secret_count, a->code, sizeof a->code);
		told = by_code(p, code, r->status);
	}
	if (o != POS_LIMITED && o != POS_AUTH && told != POS_OUTCOMES)
		o = told;
	else if (o == POS_GONE && a->body == NULL && r->len > 0)
		o = POS_UNKNOWN;	/* a web page: something before the till said it */
	else if (o == POS_DONE && error)
		o = POS_REFUSED;
	snprintf(text, sizeof text, "HTTP %d", r->status);
	if (o == POS_DONE && not_json != NULL) {
		snprintf(text, sizeof text, "reply is not JSON: %s", not_json);
		o = POS_UNKNOWN;
		message = NULL;
	} else if (r->status >= 300 && r->status < 400) {
		snprintf(text, sizeof text, "HTTP %d: redirects are not followed", r->status);
		message = NULL;
	}
	pos_say(pos, a, o, o == POS_DONE ? "" : message != NULL ? message : text);
}

void
judge_reply(const struct pos *pos, const struct http_reply *r, struct arena *arena,
    struct pos_answer *a)
{
	struct json_fault fault = { 0 };

	*a = (struct pos_answer){ .status = r->status, .retry_after = retry_after(r->retry_after) };
	if (r->result == HTTP_UNSENT && r->status != 0) {	/* see grant_failed() */
		pos_say(pos, a, by_status(r->status), r->fault);
		return;
	}
	if (r->result != HTTP_ANSWERED) {
		pos_say(pos, a, r->result == HTTP_UNSENT ? POS_UNSENT : POS_UNKNOWN, r->fault);
		return;
	}
	if (r->len > 0)
		a->body = json_parse(arena, r->body, r->len, &fault);
	judge_answer(pos, r, arena, a, r->len > 0 && a->body == NULL ? fault.what : NULL);
}

void
judge_state(const struct json *map, const char *word, struct pos_answer *a)
{
	const struct json *state = word == NULL ? NULL : json_member(map, word);

	a->raw = word;
	a->state = json_text(state);
	if (state != NULL && a->state == NULL)
		a->raw = NULL;		/* null: this word says nothing */
}

/* A value of the reply; a bad one counts as missing, and says so. */
static const char *
answer_text(struct arena *arena, const struct value *v, struct pos_answer *a)
{
	struct reader r = { .arena = arena };
	const struct spot at = { .row = a->body };
	const char *s;

	if (v->kind == VALUE_NONE || a->body == NULL)
		return NULL;
	return rows_text(&r, v, &at, &s) == -1 ? NULL : s;
}

static void
answer_total(struct arena *arena, const struct value *v, struct pos_answer *a)
{
	struct reader r = { .arena = arena };
	const struct spot at = { .row = a->body };
	struct got got;

	if (v->kind == VALUE_NONE || rows_value(&r, v, &at, &got) == -1 ||
	    got.kind != GOT_NUMBER)
		return;
	a->total_known = 1;
	a->total = got.number;
}

static void
judge_step(const struct pos *pos, const struct step *s, struct arena *arena, struct pos_answer *a)
{
	a->id = answer_text(arena, &s->id, a);
	if (a->id != NULL && strlen(a->id) > POS_KEY_MAX)
		a->id = NULL;
	judge_state(pos->profile->status.map, answer_text(arena, &s->status, a), a);
	answer_total(arena, &s->total, a);
	if (s->id.kind != VALUE_NONE && a->id == NULL)
		pos_say(pos, a, POS_UNKNOWN, "the reply names no id");
}

/* Fit to be shown; NULL when there is nothing. */
static const char *
answer_words(struct arena *arena, const struct value *v, size_t most, struct pos_answer *a)
{
	const char *s = answer_text(arena, v, a);
	const char *clean = s == NULL ? NULL : plain_clean(arena, s, most, 0);

	return clean == NULL || *clean == '\0' ? NULL : clean;
}

static void
judge_status(const struct look *look, struct arena *arena, struct pos_answer *a)
{
	judge_state(look->map, answer_text(arena, &look->value, a), a);
	a->driver_name = answer_words(arena, &look->driver_name, NAME_POINTS, a);
	a->driver_phone = answer_words(arena, &look->driver_phone, PHONE_POINTS, a);
}

void
pos_judge(const struct pos *pos, enum pos_step step, const struct http_reply *r,
    struct arena *arena, struct pos_answer *a)
{
	const struct step *s = profile_step(pos->profile, step);

	judge_reply(pos, r, arena, a);
	if (a->outcome == POS_GONE && (step == POS_ORDER_CREATE || step == POS_CUSTOMER_CREATE))
		a->outcome = POS_REFUSED;	/* what is being made cannot be gone */
	if (a->outcome == POS_DUPLICATE && s != NULL)
		a->id = answer_text(arena, &s->id, a);	/* some tills name the one they have */
	if (a->outcome != POS_DONE)
		return;
	if (s != NULL)
		judge_step(pos, s, arena, a);
	else if (step == POS_ORDER_STATUS)
		judge_status(&pos->profile->status, arena, a);
}
