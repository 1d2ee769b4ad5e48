/*
 * keyring.c - signing keys and access tokens; see keyring.h
 *
 * A verified token went through exactly these steps: its header is one of the
 * headers we would write, its signature fits that key, its claims are ours
 * and in time. Nothing of an unverified payload is ever parsed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/keyring.h"

#define ISSUER "tillbridge"
#define AUDIENCE "shop"

enum {
	HEADER_MAX = 96, LOOK_AGAIN_MS = 1000,
	AHEAD_S = 60,			/* a clock that was set back a little */
	KNOWN = 128, KNOWN_TEXT = 320	/* 40 KB of tokens that were verified lately */
};

struct key {
	char kid[KID_MAX + 1];
	uint8_t bytes[KEY_LEN];
	char header[HEADER_MAX];	/* base64url of the JWT header, with its dot */
	size_t header_len;
};

/* A token that went through all steps under the keys of now. */
struct known {
	size_t len;			/* 0 = none */
	char text[KNOWN_TEXT];
	struct token token;
};

struct keyring {
	char *path;
	struct key key[KEYRING_MAX];
	struct known known[KNOWN];	/* by the token's last bytes, which are its MAC */
	size_t count;
	struct stat seen;
	int64_t looked_ms;
};

static int
make_header(struct key *k)
{
	char json[HEADER_MAX];
	int n = snprintf(json, sizeof json, "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
	    k->kid);

	k->header_len = crypt_base64url(json, (size_t)n, k->header, sizeof k->header - 1);
	if (k->header_len == 0)
		return -1;
	k->header[k->header_len++] = '.';
	k->header[k->header_len] = '\0';
	return 0;
}

static int
load(struct keyring *k, char *fault)
{
	struct key list[KEYRING_MAX] = { 0 };
	struct keyfile f;
	int rc = keyfile_read(k->path, &f, fault);

	for (size_t i = 0; i < f.count && rc == 0; i++) {
		memcpy(list[i].kid, f.key[i].kid, sizeof list[i].kid);
		memcpy(list[i].bytes, f.key[i].bytes, KEY_LEN);
		if ((rc = make_header(&list[i])) == -1)
			snprintf(fault, KEYRING_FAULT, "a key's name is too long");
	}
	if (rc == 0) {
		memcpy(k->key, list, sizeof list);
		explicit_bzero(k->known, sizeof k->known);
		k->count = f.count;
		k->seen = f.seen;
	}
	explicit_bzero(list, sizeof list);
	explicit_bzero(&f, sizeof f);
	return rc;
}

/* Has the file been replaced? A bad new one is not taken. */
static void
look_again(struct keyring *k)
{
	char fault[KEYRING_FAULT];
	struct stat st;

	k->looked_ms = clock_mono_ms();
	if (stat(k->path, &st) == 0 && st.st_ino == k->seen.st_ino &&
	    st.st_size == k->seen.st_size && st.st_mtim.tv_sec == k->seen.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == k->seen.st_mtim.tv_nsec)
		return;
	if (load(k, fault) == -1)
		log_error("keys_unreadable", "why=%s", fault);
}

/* Once a second at most. */
static void
refresh(struct keyring *k)
{
	if (clock_mono_ms() - k->looked_ms >= LOOK_AGAIN_MS)
		look_again(k);
}

static int
mac(const struct key *k, const void *p, size_t n, uint8_t out[SHA256_LEN])
{
	return crypt_hmac_sha256(k->bytes, sizeof k->bytes, p, n, out);
}

/* The key whose header the token has, or NULL. */
static const struct key *
key_of(const struct keyring *k, const char *text)
{
	for (size_t i = 0; i < k->count; i++)
		if (strncmp(text, k->key[i].header, k->key[i].header_len) == 0)
			return &k->key[i];
	return NULL;
}

static int
text_is(const struct json *claims, const char *name, const char *want)
{
	const char *s = json_text(json_member(claims, name));

	return s != NULL && strcmp(s, want) == 0;
}

/* A claim that names a moment which must not lie ahead; absent is as good. */
static int
is_ahead(const struct json *j, const char *name, int64_t now)
{
	const struct json *claim = json_member(j, name);
	int64_t at;

	return claim != NULL && (json_int(claim, &at) == -1 || at > now + AHEAD_S);
}

static int
claims(const struct json *j, int64_t now, struct token *t)
{
	if (is_ahead(j, "iat", now) || is_ahead(j, "nbf", now))
		return -1;
	if (j == NULL || !text_is(j, "iss", ISSUER) || !text_is(j, "aud", AUDIENCE))
		return -1;
	if (json_int(json_member(j, "sub"), &t->user_id) == -1 ||
	    json_int(json_member(j, "sid"), &t->session_id) == -1 ||
	    json_int(json_member(j, "iat"), &t->issued_at) == -1 ||
	    json_int(json_member(j, "exp"), &t->expires_at) == -1)
		return -1;
	return t->user_id > 0 && t->session_id > 0 && now < t->expires_at ? 0 : -1;
}

static struct known *
known_place(struct keyring *k, const char *text, size_t n)
{
	unsigned h = 0;

	for (size_t i = n < 4 ? 0 : n - 4; i < n; i++)
		h = h * 31 + (unsigned char)text[i];
	return &k->known[h % KNOWN];
}

/* 1 when exactly this text was verified under the keys of now. Time depends on
 * its length only, so that nobody learns a MAC byte by byte. */
static int
is_known(const struct known *known, const char *text, size_t n)
{
	return n == known->len && crypt_equal(known->text, text, n);
}

static void
remember(struct known *known, const char *text, size_t n, const struct token *t)
{
	if (n == 0 || n > sizeof known->text)
		return;
	memcpy(known->text, text, n);
	known->len = n;
	known->token = *t;
}

/* All steps. 0 or -1. */
static int
verify(const struct keyring *k, struct arena *arena, const char *text, int64_t now,
    struct token *t)
{
	uint8_t want[SHA256_LEN], got[SHA256_LEN + 1];
	const struct key *key = key_of(k, text);
	const char *payload, *dot;
	struct json_fault fault;
	char json[TOKEN_TEXT];
	long n;

	if (key == NULL)
		return -1;
	payload = text + key->header_len;
	if ((dot = strchr(payload, '.')) == NULL)
		return -1;
	if (crypt_unbase64url(dot + 1, strlen(dot + 1), got, sizeof got) != SHA256_LEN)
		return -1;
	if (mac(key, text, (size_t)(dot - text), want) == -1 ||
	    !crypt_equal(want, got, SHA256_LEN))
		return -1;
	n = crypt_unbase64url(payload, (size_t)(dot - payload), json, sizeof json);
	if (n <= 0)
		return -1;
	return claims(json_parse(arena, json, (size_t)n, &fault), now, t);
}

struct keyring *
keyring_open(const char *path, char *fault)
{
	struct keyring *k = calloc(1, sizeof *k);

	if (k == NULL || (k->path = strdup(path)) == NULL) {
		snprintf(fault, KEYRING_FAULT, "out of memory");
		free(k);
		return NULL;
	}
	if (load(k, fault) == -1) {
		keyring_free(k);
		return NULL;
	}
	k->looked_ms = clock_mono_ms();
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	free(k->path);
	explicit_bzero(k, sizeof *k);
	free(k);
}

int
keyring_sign(struct keyring *k, const struct token *t, char *out)
{
	const struct key *key = &k->key[0];
	uint8_t sum[SHA256_LEN];
	char json[256];
	size_t len = key->header_len;
	int n;

	refresh(k);
	n = snprintf(json, sizeof json, "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\","
	    "\"sub\":%lld,\"sid\":%lld,\"iat\":%lld,\"exp\":%lld}", (long long)t->user_id,
	    (long long)t->session_id, (long long)t->issued_at, (long long)t->expires_at);
	if (n < 0 || (size_t)n >= sizeof json)
		return -1;
	len = key->header_len;
	memcpy(out, key->header, len);
	len += crypt_base64url(json, (size_t)n, out + len, TOKEN_TEXT - len);
	if (mac(key, out, len, sum) == -1)
		return -1;
	out[len++] = '.';
	crypt_base64url(sum, sizeof sum, out + len, TOKEN_TEXT - len);
	return 0;
}

int
keyring_verify(struct keyring *k, struct arena *arena, const char *text, int64_t now,
    struct token *t)
{
	size_t n = strnlen(text, TOKEN_TEXT);
	struct known *known = known_place(k, text, n);

	refresh(k);
	if (n == TOKEN_TEXT)
		return -1;
	if (is_known(known, text, n)) {
		*t = known->token;
		return now < t->expires_at ? 0 : -1;
	}
	/* a key of this moment, with which another worker signs already */
	if (key_of(k, text) == NULL)
		look_again(k);
	if (verify(k, arena, text, now, t) == -1)
		return -1;
	remember(known, text, n, t);
	return 0;
}

/* A key of its own for each purpose, so that no MAC stands for another. */
static int
mac_for(const struct key *k, const char *purpose, const void *p, size_t n, uint8_t out[32])
{
	uint8_t own[SHA256_LEN];

	if (mac(k, purpose, strlen(purpose), own) == -1)
		return -1;
	return crypt_hmac_sha256(own, sizeof own, p, n, out);
}

int
keyring_mac(struct keyring *k, const char *purpose, const void *p, size_t n, uint8_t out[32])
{
	refresh(k);
	return mac_for(&k->key[0], purpose, p, n, out);
}

size_t
keyring_macs(struct keyring *k, const char *purpose, const void *p, size_t n,
    uint8_t out[KEYRING_MAX][32])
{
	refresh(k);
	for (size_t i = 0; i < k->count; i++)
		if (mac_for(&k->key[i], purpose, p, n, out[i]) == -1)
			return 0;
	return k->count;
}

int
keyring_mac_is(struct keyring *k, const char *purpose, const void *p, size_t n,
    const uint8_t known[32])
{
	uint8_t macs[KEYRING_MAX][32];
	size_t count = keyring_macs(k, purpose, p, n, macs);

	for (size_t i = 0; i < count; i++)
		if (crypt_equal(macs[i], known, sizeof macs[i]))
			return 1;
	return 0;
}
