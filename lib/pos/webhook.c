/*
 * webhook.c - is it the till that knocks, and what about? See webhook.h
 *
 * Standard Webhooks 1.0 signs "id.timestamp.body" with HMAC-SHA-256; a vendor's
 * own way is `alg` over the profile's `parts`. Either way what should stand
 * there is computed and compared as a text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/base/secret.h"
#include "lib/pos/parts.h"
#include "lib/pos/rows.h"
#include "lib/pos/webhook.h"

enum {
	SECRET_MAX = 512,
	MEMORY_MAX = 64 * 1024,		/* path, secret, reply */
	SIGNED_MAX = 256 * 1024,	/* a body of 64 KB, and parts of it again */
	KEYS = 2,
	STAMP_DIGITS = 12
};

#define HEADER "header:"
#define PREFIX "whsec_"

struct secret_key {
	uint8_t bytes[SECRET_MAX];
	size_t len;
};

struct webhook {
	struct profile *profile;
	const struct hook *hook;
	struct arena *arena;
	const char *secret, *url, *reply;
	struct secret_key keys[KEYS];	/* of Standard Webhooks */
	size_t key_count;
};

/* ---- open */

/*
 * A secret is base64, which the standard has behind "whsec_"; where that is
 * missing, tills take it as it stands too, so both are tried.
 */
static void
read_keys(struct webhook *w)
{
	const char *text = w->secret;
	size_t n = strlen(text);
	int is_marked = strncmp(text, PREFIX, strlen(PREFIX)) == 0;
	struct secret_key *k = w->keys;
	long got;

	if (is_marked) {
		text += strlen(PREFIX);
		n -= strlen(PREFIX);
	}
	if ((got = crypt_unbase64(text, n, k->bytes, sizeof k->bytes)) > 0)
		(k++)->len = (size_t)got;
	if (!is_marked) {
		memcpy(k->bytes, text, n);
		(k++)->len = n;
	}
	w->key_count = (size_t)(k - w->keys);
}

static const char *
write_reply(struct arena *a, const struct json *reply)
{
	struct buf b = BUF_INIT(PROFILE_MAX);
	const char *text;

	json_write(&b, NULL, reply);
	text = b.failed ? NULL : arena_dup(a, b.s, b.len);
	buf_free(&b);
	return text;
}

struct webhook *
webhook_new(struct profile *p, const char *secret, const char *url)
{
	struct webhook *w = calloc(1, sizeof *w);

	if (w == NULL || (w->arena = arena_new(MEMORY_MAX + PROFILE_MAX)) == NULL) {
		free(w);
		return NULL;
	}
	w->hook = &p->webhook;
	w->secret = arena_str(w->arena, secret);
	w->url = arena_str(w->arena, url);
	if (p->webhook.reply != NULL)
		w->reply = write_reply(w->arena, p->webhook.reply);
	if (w->secret == NULL || w->url == NULL || strlen(secret) > SECRET_MAX ||
	    (p->webhook.reply != NULL && w->reply == NULL)) {
		webhook_close(w);
		return NULL;
	}
	w->profile = p;
	read_keys(w);
	return w;
}

void
webhook_close(struct webhook *w)
{
	if (w == NULL)
		return;
	profile_free(w->profile);
	arena_free(w->arena);
	explicit_bzero(w->keys, sizeof w->keys);
	free(w);
}

static int
wrong(char *fault, const char *what, const char *why)
{
	snprintf(fault, WEBHOOK_FAULT, "%s: %s", what, why);
	return -1;
}

/* NULL with a fault. */
static struct profile *
load(const struct webhook_conf *c, char *fault)
{
	struct arena *a = arena_new(MEMORY_MAX);
	struct profile_faults faults;
	struct profile *p = NULL;
	const char *file;

	if (a == NULL)
		wrong(fault, "webhook", "out of memory");
	else if ((file = profile_find(a, c->profile, c->profile_dir, fault, WEBHOOK_FAULT)) != NULL &&
	    (p = profile_load(file, &faults)) == NULL)
		profile_fault_text(file, &faults.list[0], fault, WEBHOOK_FAULT);
	arena_free(a);
	return p;
}

/* 0 into secret, which is empty where none is set; -1 with a fault. */
static int
read_secret(const struct webhook_conf *c, char secret[SECRET_MAX], char *fault)
{
	const char *why = NULL;

	*secret = '\0';
	if (*c->secret_file != '\0')
		why = secret_read(c->secret_file, secret, SECRET_MAX);
	else if (strlen(c->secret) >= SECRET_MAX)
		why = "it is too long";
	else
		memcpy(secret, c->secret, strlen(c->secret) + 1);
	if (why == NULL && *secret != '\0' && strlen(secret) < WEBHOOK_SECRET_MIN)
		why = "it is too short to be a secret";
	return why == NULL ? 0 : wrong(fault,
	    *c->secret_file != '\0' ? c->secret_file : "WEBHOOK_SECRET", why);
}

static struct webhook *
open_with(const struct webhook_conf *c, const char *secret, char *fault)
{
	struct profile *p = load(c, fault);
	struct webhook *w = NULL;

	if (p == NULL)
		return NULL;
	log_hide(secret);
	if (!p->webhook.there)
		wrong(fault, "WEBHOOK_SECRET", "the profile says nothing of a webhook");
	else if ((w = webhook_new(p, secret, c->url)) == NULL)
		wrong(fault, "webhook", "out of memory");
	else if (w->hook->standard && w->key_count == 0)
		wrong(fault, "WEBHOOK_SECRET", "what stands behind whsec_ is no base64");
	else
		return w;
	if (w == NULL)
		profile_free(p);
	webhook_close(w);
	return NULL;
}

int
webhook_open(const struct webhook_conf *c, struct webhook **w, char *fault)
{
	char secret[SECRET_MAX];
	int rc = read_secret(c, secret, fault);

	*w = NULL;
	if (rc == 0 && *secret != '\0' && (*w = open_with(c, secret, fault)) == NULL)
		rc = -1;
	explicit_bzero(secret, sizeof secret);
	return rc;
}

const char *
webhook_reply(const struct webhook *w)
{
	return w->reply;
}

/* ---- judging */

/* One letter on its way. */
struct judging {
	const struct webhook *w;
	const struct webhook_letter *l;
	struct arena *arena;
	const struct json *body;	/* NULL = not parsed, or no JSON */
};

static int
is_same(const char *expected, const char *found, size_t n)
{
	return strlen(expected) == n && crypt_equal(expected, found, n);
}

/* Does one of "v1,… v1,… v1a,…" fit? All are looked at. */
static int
is_listed(const char *list, const char *expected)
{
	int found = 0;
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (strncmp(list, "v1,", 3) == 0)
			found |= is_same(expected, list + 3, n - 3);
	}
	return found;
}

/* Seconds, or -1. */
static int64_t
stamp(const char *digits)
{
	size_t n = strspn(digits, "0123456789");
	int64_t s = 0;

	if (n == 0 || n > STAMP_DIGITS || digits[n] != '\0')
		return -1;
	for (size_t i = 0; i < n; i++)
		s = s * 10 + digits[i] - '0';
	return s;
}

static enum webhook_verdict
judge_standard(const struct judging *j)
{
	const struct webhook_letter *l = j->l;
	const char *id = l->header(l->arg, "webhook-id");
	const char *at = l->header(l->arg, "webhook-timestamp");
	const char *list = l->header(l->arg, "webhook-signature");
	struct buf b = BUF_INIT(SIGNED_MAX);
	char expected[2 * DIGEST_MAX];
	uint8_t sum[DIGEST_MAX];
	int found = 0;
	size_t n = 0;

	if (id == NULL || at == NULL || list == NULL || stamp(at) == -1)
		return WEBHOOK_FORGED;
	buf_printf(&b, "%s.%s.", id, at);
	buf_add(&b, l->body, l->len);
	for (size_t k = 0; k < j->w->key_count && !b.failed; k++) {
		n = crypt_hmac(DIGEST_SHA256, j->w->keys[k].bytes, j->w->keys[k].len, b.s, b.len, sum);
		if (crypt_base64(sum, n, expected, sizeof expected) > 0)
			found |= is_listed(list, expected);
	}
	buf_free(&b);
	if (n == 0)
		return WEBHOOK_FAILED;
	if (!found)
		return WEBHOOK_FORGED;
	return llabs(clock_now() - stamp(at)) > WEBHOOK_TOLERANCE_S ? WEBHOOK_STALE : WEBHOOK_GOOD;
}

/* What a pointer leads to as a text, NULL when there is nothing. */
static const char *
scalar(const struct judging *j, const char *pointer)
{
	const struct json *at = pointer == NULL ? NULL : json_pointer(j->body, pointer);

	return at == NULL ? NULL : rows_scalar(j->arena, at);
}

/* The parts that are there, with `sep` between them. */
static void
join_parts(const struct judging *j, struct buf *b)
{
	const struct hook *h = j->w->hook;
	const char *name, *text;
	int n = 0;

	for (const struct json *m = json_first(h->parts); m != NULL; m = json_next(m)) {
		name = json_text(m);
		text = strcmp(name, "$url") == 0 ? j->w->url :
		    strcmp(name, "$secret") == 0 ? j->w->secret :
		    *name == '/' ? scalar(j, name) : j->l->body;
		if (text == NULL)
			continue;
		if (n++ > 0 && h->sep != NULL)
			buf_str(b, h->sep);
		if (*name == '$' && name[1] == 'b')
			buf_add(b, text, j->l->len);
		else
			buf_str(b, text);
	}
}

/* What should stand there; 0, or -1. */
static int
sign(const struct judging *j, const struct buf *text, char *out, size_t size)
{
	static const enum digest digests[] = { [HOOK_MD5] = DIGEST_MD5,
		[HOOK_HMAC_SHA1] = DIGEST_SHA1, [HOOK_HMAC_SHA256] = DIGEST_SHA256 };
	const struct hook *h = j->w->hook;
	uint8_t sum[DIGEST_MAX];
	size_t n;

	n = h->alg == HOOK_MD5 ? crypt_digest(DIGEST_MD5, text->s, text->len, sum) :
	    crypt_hmac(digests[h->alg], j->w->secret, strlen(j->w->secret), text->s, text->len, sum);
	if (n == 0)
		return -1;
	if (h->out == HOOK_BASE64)
		return crypt_base64(sum, n, out, size) > 0 ? 0 : -1;
	crypt_hex(sum, n, out);
	return 0;
}

static const char *
lower(struct arena *a, const char *s)
{
	char *text = arena_str(a, s);

	for (char *c = text; c != NULL && *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c | 0x20);
	return text;
}

static enum webhook_verdict
judge_parts(const struct judging *j)
{
	const struct hook *h = j->w->hook;
	const char *found = strncmp(h->in, HEADER, strlen(HEADER)) != 0 ? scalar(j, h->in) :
	    j->l->header(j->l->arg, h->in + strlen(HEADER));
	struct buf b = BUF_INIT(SIGNED_MAX);
	char expected[2 * DIGEST_MAX + 1];
	enum webhook_verdict v = WEBHOOK_FAILED;

	if (found == NULL)
		return WEBHOOK_FORGED;
	if (h->alg != HOOK_EQUAL && h->out == HOOK_HEX)
		found = lower(j->arena, found);
	buf_lit(&b, "");
	join_parts(j, &b);
	if (found != NULL && !b.failed && h->alg == HOOK_EQUAL)
		v = is_same(b.s, found, strlen(found)) ? WEBHOOK_GOOD : WEBHOOK_FORGED;
	else if (found != NULL && !b.failed && sign(j, &b, expected, sizeof expected) == 0)
		v = is_same(expected, found, strlen(found)) ? WEBHOOK_GOOD : WEBHOOK_FORGED;
	buf_free(&b);
	return v;
}

/* The till's own id, or, where it gives none, the hash of all it said. */
static void
name_event(const struct judging *j, char event[WEBHOOK_EVENT])
{
	const struct hook *h = j->w->hook;
	const char *id = h->standard ? j->l->header(j->l->arg, "webhook-id") : scalar(j, h->event_id);
	uint8_t sum[SHA256_LEN];
	size_t n = id == NULL ? 0 : strlen(id);

	if (n > 0 && n < WEBHOOK_EVENT) {
		memcpy(event, id, n + 1);
		return;
	}
	crypt_sha256(n > 0 ? id : j->l->body, n > 0 ? n : j->l->len, sum);
	crypt_hex(sum, sizeof sum, event);
}

/* 0, also when it is no JSON; -1 without memory. */
static int
parse(struct judging *j)
{
	struct json_fault fault = { .what = "" };

	j->body = json_parse(j->arena, j->l->body, j->l->len, &fault);
	return j->body == NULL && strcmp(fault.what, "out of memory") == 0 ? -1 : 0;
}

enum webhook_verdict
webhook_judge(const struct webhook *w, const struct webhook_letter *l, struct arena *a,
    char event[WEBHOOK_EVENT])
{
	struct judging j = { .w = w, .l = l, .arena = a };
	enum webhook_verdict v;

	/* parts may lie in the body; else it is not looked at before it is believed */
	if (!w->hook->standard && parse(&j) == -1)
		return WEBHOOK_FAILED;
	v = w->hook->standard ? judge_standard(&j) : judge_parts(&j);
	if (v != WEBHOOK_GOOD)
		return v;
	if (w->hook->standard && parse(&j) == -1)
		return WEBHOOK_FAILED;
	if (json_type(j.body) != JSON_OBJECT && json_type(j.body) != JSON_ARRAY)
		return WEBHOOK_UNREADABLE;
	name_event(&j, event);
	return WEBHOOK_GOOD;
}

/* ---- what it says */

static enum webhook_means
meaning(const struct hook *h, const char *type)
{
	static const char *const words[WEBHOOK_NOTHING] = {
		[WEBHOOK_ORDER] = "order", [WEBHOOK_PRODUCTS] = "products",
		[WEBHOOK_STOCK] = "stock", [WEBHOOK_CATEGORIES] = "categories",
	};
	const char *word = type == NULL ? NULL : json_text(json_member(h->map, type));
	int i = 0;

	while (i < WEBHOOK_NOTHING && (word == NULL || strcmp(words[i], word) != 0))
		i++;
	return (enum webhook_means)i;
}

enum webhook_means
webhook_read(const struct profile *p, struct arena *a, const char *body, size_t len,
    const char **order_id)
{
	struct json_fault fault;
	struct judging j = { .arena = a, .body = json_parse(a, body, len, &fault) };

	*order_id = NULL;
	if (!p->webhook.there || j.body == NULL)
		return WEBHOOK_NOTHING;
	*order_id = scalar(&j, p->webhook.order_id);
	return meaning(&p->webhook, scalar(&j, p->webhook.type));
}
