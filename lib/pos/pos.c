/*
 * pos.c - one till, opened: its address, credentials, connections and pace
 *
 * The credential meets a request here, at the last moment, and never leaves
 * by another way: whatever is said about a till passes through pos_say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/engine.h"
#include "lib/pos/grant.h"

enum { OPEN_ARENA = 64 * 1024, URL_MAX_BYTES = 16 * 1024 };

struct scope
pos_scope(const struct pos *pos, struct arena *a)
{
	return (struct scope){
		.setup = &pos->setup, .zone = pos->profile->zone, .arena = a,
		.split_keys = pos->profile->feeds[FEED_PRODUCTS].key.count > 1,
	};
}

static int
refuse(char *fault, const char *what, const char *why)
{
	snprintf(fault, POS_FAULT, "%s%s", what, why);
	return -1;
}

static const char *
setting(const struct pos_setup *s, const char *name)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (strcmp(s->settings[i].name, name) == 0 && *s->settings[i].value != '\0')
			return s->settings[i].value;
	return NULL;
}

/* Each setting that the profile asks for is given; nothing else is. */
static int
check_settings(const struct pos *pos, char *fault)
{
	const struct pos_setup *s = &pos->setup;
	const char *name, *help;

	for (size_t i = 0; (name = profile_setting(pos->profile, i, &help)) != NULL; i++)
		if (setting(s, name) == NULL && strncmp(help, "optional", 8) != 0) {
			snprintf(fault, POS_FAULT, "profile %s needs the setting %s: %s",
			    pos->profile->name, name, help);
			return -1;
		}
	for (size_t i = 0; i < s->setting_count; i++) {
		name = s->settings[i].name;
		if (strcmp(name, "base_url") != 0 && strcmp(name, "currency") != 0 &&
		    json_member(pos->profile->settings, name) == NULL) {
			snprintf(fault, POS_FAULT, "profile %s knows no setting %s",
			    pos->profile->name, name);
			return -1;
		}
	}
	return 0;
}

static int
open_base(struct pos *pos, struct scope *c, char *fault)
{
	const char *base = setting(&pos->setup, "base_url");
	char why[HTTP_FAULT];
	size_t n;

	if (base == NULL && (base = template_text(c, pos->profile->base, NULL)) == NULL)
		return refuse(fault, "base: ", c->fault);
	if (http_check_url(base, pos->setup.http.allow_http, why) == -1)
		return refuse(fault, "address of the till: ", why);
	if (strpbrk(base, "?#") != NULL)
		return refuse(fault, "address of the till: ", "holds a ? or #");
	if ((pos->base = strdup(base)) == NULL)
		return refuse(fault, "out of ", "memory");
	for (n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
		pos->base[n - 1] = '\0';
	return 0;
}

/* What "Bearer {token}" becomes; a name without value is a fault. */
static int
open_auth(struct pos *pos, struct scope *c, char *fault)
{
	struct buf b = BUF_INIT(URL_MAX_BYTES);
	const char *text, *at = pos->profile->auth_value;
	char name[64];

	if (at == NULL)
		return 0;
	if (pos->profile->refresh.there)
		return grant_check(pos, fault);
	if (strstr(at, "{token") != NULL && (pos->setup.token == NULL || !*pos->setup.token))
		return refuse(fault, "the till's token is missing", "");
	while (template_next_setting(&at, "secret.", name, sizeof name)) {
		buf_reset(&b);
		for (size_t i = 0; i < pos->setup.secret_count; i++)
			if (strcmp(pos->setup.secrets[i].name, name) == 0)
				buf_str(&b, pos->setup.secrets[i].value);
		if (b.len == 0) {
			buf_free(&b);
			return refuse(fault, "this secret of the till is missing: ", name);
		}
	}
	buf_free(&b);
	if ((text = template_text(c, pos->profile->auth_value, NULL)) == NULL)
		return refuse(fault, "auth: ", c->fault);
	for (const char *s = text; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return refuse(fault, "the till's token holds control bytes", "");
	return (pos->auth = strdup(text)) == NULL ? refuse(fault, "out of ", "memory") : 0;
}

/* To be scrubbed: what changes stands first (SECRETS_OWN of them). */
static void
remember_secrets(struct pos *pos)
{
	const struct pos_setup *s = &pos->setup;

	pos->secrets[0] = s->token;
	pos->secrets[1] = pos->auth;
	pos->secrets[2] = pos->token;
	pos->secret_count = SECRETS_OWN;
	for (size_t i = 0; i < s->secret_count && pos->secret_count < SECRETS_MAX; i++)
		pos->secrets[pos->secret_count++] = s->secrets[i].value;
}

static void
forget(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void
pos_take_auth(struct pos *pos, char *auth, char *token)
{
	forget(pos->auth);
	forget(pos->token);
	pos->auth = auth;
	pos->token = token;
	pos->token_number++;
	remember_secrets(pos);
}

/* The first, and how many there are besides. */
static void
say_faults(const char *file, const struct profile_faults *faults, char *fault)
{
	size_t n;

	profile_fault_text(file, &faults->list[0], fault, POS_FAULT);
	n = strlen(fault);
	if (faults->count > 1)
		snprintf(fault + n, POS_FAULT - n, " (and %zu more)",
		    faults->count - 1 + faults->more);
}

static int
open_all(struct pos *pos, char *fault)
{
	struct profile_faults *faults = calloc(1, sizeof *faults);
	struct arena *a = arena_new(OPEN_ARENA);
	struct scope c;
	int rc = -1;

	if (faults == NULL || a == NULL) {
		refuse(fault, "out of ", "memory");
		goto out;
	}
	if ((pos->profile = profile_load(pos->setup.profile, faults)) == NULL) {
		say_faults(pos->setup.profile, faults, fault);
		goto out;
	}
	c = pos_scope(pos, a);
	if (pos->setup.secret_count > SECRETS_MAX - SECRETS_OWN)
		refuse(fault, "more secrets than ", "any till has");
	else if (check_settings(pos, fault) == 0 && open_base(pos, &c, fault) == 0 &&
	    open_auth(pos, &c, fault) == 0)
		rc = (pos->http = http_new(&pos->setup.http)) == NULL ?
		    refuse(fault, "out of ", "memory") : 0;
out:
	arena_free(a);
	free(faults);
	return rc;
}

struct pos *
pos_open(const struct pos_setup *setup, char *fault)
{
	struct pos *pos = calloc(1, sizeof *pos);

	if (pos == NULL) {
		refuse(fault, "out of ", "memory");
		return NULL;
	}
	pos->setup = *setup;
	if (open_all(pos, fault) == -1) {
		pos_close(pos);
		return NULL;
	}
	remember_secrets(pos);
	return pos;
}

void
pos_close(struct pos *pos)
{
	if (pos == NULL)
		return;
	http_free(pos->http);
	profile_free(pos->profile);
	free(pos->base);
	forget(pos->auth);
	forget(pos->token);
	free(pos);
}

const struct profile *
pos_profile(const struct pos *pos)
{
	return pos->profile;
}

int
pos_has(const struct pos *pos, enum pos_step step)
{
	return profile_call(pos->profile, step) != NULL;
}

int
pos_finds_by_email(const struct pos *pos)
{
	const struct list *l = &pos->profile->customer_find;

	return !l->there || strstr(l->match.text, "{customer.phone") == NULL;
}

enum pos_retry
pos_retry(const struct pos *pos)
{
	return pos->profile->retry;
}

enum pos_stock_moves
pos_stock_moves(const struct pos *pos)
{
	return pos->profile->stock_moves;
}

enum pos_send_on
pos_send_on(const struct pos *pos)
{
	return pos->profile->send_on;
}

size_t
pos_then_count(const struct pos *pos)
{
	return pos->profile->thens;
}

int
pos_then_due(const struct pos *pos, size_t nth, const struct pos_order *order)
{
	struct arena *a;
	struct scope c;
	int due;

	if (nth >= pos->profile->thens)
		return 0;
	if (pos->profile->then[nth].needs == NULL)
		return 1;
	if ((a = arena_new(OPEN_ARENA)) == NULL)
		return 0;
	c = pos_scope(pos, a);
	c.order = order;
	due = template_true(&c, pos->profile->then[nth].needs);
	arena_free(a);
	return due;
}

enum pos_retry
pos_then_retry(const struct pos *pos, size_t nth)
{
	const struct profile *p = pos->profile;

	if (nth >= p->thens || p->then[nth].retry == STEP_NEVER)
		return POS_RETRY_NEVER;
	return p->then[nth].retry == STEP_KEY || p->retry == POS_RETRY_KEY ? POS_RETRY_KEY
	    : POS_RETRY_NEVER;
}

int
pos_pace_ms(const struct pos *pos)
{
	return (int)pos->profile->pace_ms;
}

int
pos_rest_ms(const struct pos *pos)
{
	int64_t left = pos->next_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

int
pos_rest(struct pos *pos, int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (ms <= 0)
		return 0;
	if (pos->setup.wait != NULL)
		return pos->setup.wait(pos->setup.wait_arg, ms);
	return nanosleep(&t, NULL) == -1 && errno == EINTR;
}

/* The request as http.h wants it; headers point into the arena. */
static int
complete(const struct pos *pos, const char *auth, const struct pos_request *q, struct arena *a,
    const char **headers, struct http_request *out)
{
	const struct where *put = &pos->profile->auth_put;
	struct buf url = BUF_INIT(URL_MAX_BYTES);
	char *lines = arena_str(a, q->headers), *end;
	size_t n = 0;

	buf_printf(&url, "%s%s", pos->base, q->path);
	if (auth != NULL && put->in == WHERE_QUERY) {
		buf_printf(&url, "%c%s=", strchr(q->path, '?') == NULL ? '?' : '&', put->name);
		buf_urlencode(&url, auth, strlen(auth));
	}
	if (lines == NULL)
		url.failed = 1;
	for (; lines != NULL && *lines != '\0'; lines = end + 1) {
		if (n + 2 == REQUEST_HEADERS) {
			url.failed = 1;
			break;
		}
		end = lines + strcspn(lines, "\n");
		headers[n++] = lines;
		if (*end == '\0')
			break;
		*end = '\0';
	}
	if (log_request_now() != NULL)	/* the till's log and ours tell of it by one name */
		headers[n++] = arena_printf(a, "X-Request-Id: %s", log_request_now());
	if (auth != NULL && put->in == WHERE_HEADER)
		headers[n++] = arena_printf(a, "%s: %s", put->name, auth);
	*out = (struct http_request){
		.method = q->method, .url = url.failed ? NULL : arena_dup(a, url.s, url.len),
		.headers = headers, .header_count = n, .body = q->body, .body_len = q->body_len,
	};
	buf_free(&url);
	for (size_t i = 0; i < n; i++)
		if (headers[i] == NULL)
			return -1;
	return out->url == NULL ? -1 : 0;
}

static void
fetch(struct pos *pos, const char *auth, const struct pos_request *q, struct arena *a,
    struct http_reply *r)
{
	const char *headers[REQUEST_HEADERS];
	struct http_request whole;
	int64_t now = clock_mono_ms();

	*r = (struct http_reply){ .result = HTTP_UNSENT };
	if (pos->next_ms > now && pos_rest(pos, (int)(pos->next_ms - now)) != 0) {
		snprintf(r->fault, sizeof r->fault, "interrupted");
		return;
	}
	if (complete(pos, auth, q, a, headers, &whole) == -1) {
		snprintf(r->fault, sizeof r->fault, "the request is too long");
		return;
	}
	if (pos->watch != NULL)
		pos->watch(pos->watch_arg, q);
	http_fetch(pos->http, &whole, r);
	pos->next_ms = clock_mono_ms() + pos->profile->pace_ms;
}

void
pos_ask_bare(struct pos *pos, const struct pos_request *q, struct arena *a, struct http_reply *r)
{
	fetch(pos, NULL, q, a, r);
}

void
pos_ask(struct pos *pos, const struct pos_request *q, struct arena *a, struct http_reply *r)
{
	int64_t number;
	char why[POS_TEXT];
	enum pos_outcome o = pos_ready(pos, why);

	if (o != POS_DONE) {
		grant_failed(r, o, why);
		return;
	}
	number = pos->token_number;
	fetch(pos, pos->auth, q, a, r);
	if (!pos_ready_again(pos, r, number))
		return;
	http_reply_free(r);
	fetch(pos, pos->auth, q, a, r);
}

int
pos_start(struct pos *pos, const struct pos_request *q, void *about)
{
	const char *headers[REQUEST_HEADERS];
	struct http_request whole;
	struct arena *a = arena_new(REQUEST_MAX);
	int rc = -1;

	if (a != NULL && complete(pos, pos->auth, q, a, headers, &whole) == 0)
		rc = http_start(pos->http, &whole, about);
	if (rc == 0)
		pos->next_ms = clock_mono_ms() + pos->profile->pace_ms;
	arena_free(a);
	return rc;
}

int
pos_wait(struct pos *pos, int ms, void **about, struct http_reply *r)
{
	return http_wait(pos->http, ms, about, r);
}

int
pos_under_way(const struct pos *pos)
{
	return http_under_way(pos->http);
}

void
pos_watch(struct pos *pos, void (*sees)(void *, const struct pos_request *), void *arg)
{
	pos->watch = sees;
	pos->watch_arg = arg;
}

void
pos_show(const struct pos *pos, const struct pos_request *q, struct buf *out)
{
	const struct where *put = &pos->profile->auth_put;
	const char *value = pos->profile->auth_value;

	buf_printf(out, "%s %s%s", q->method, pos->base, q->path);
	if (put->in == WHERE_QUERY)
		buf_printf(out, "%c%s=%s", strchr(q->path, '?') == NULL ? '?' : '&', put->name,
		    value);
	buf_char(out, '\n');
	if (put->in == WHERE_HEADER)
		buf_printf(out, "%s: %s\n", put->name, value);
	buf_printf(out, "%s\n", q->headers);
	if (q->body != NULL)
		buf_add(out, q->body, q->body_len);
}
