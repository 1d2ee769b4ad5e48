/*
 * keyring.h - the shop's signing keys, and the access tokens they sign
 *
 * They lie in a file (lib/shop/keyfile.h). The newest signs, all verify: so a
 * key is replaced without logging anybody out. The file is read again when it
 * changes: within a second, or at once for a token of an unknown key. Access tokens are JWTs with a
 * fixed HS256 (RFC 7519, RFC 8725): a header that is not exactly ours is
 * refused before anything in it is looked at.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct keyring;

enum { KEYRING_FAULT = 256, TOKEN_TEXT = 512, KEYRING_MAX = 8 };

/* NULL with fault: missing, too open (mode), not a key file. Caller frees. */
struct keyring *keyring_open(const char *path, char *fault);
void keyring_free(struct keyring *);

struct token {
	int64_t user_id, session_id, issued_at, expires_at;
};

/* The signed token into out (TOKEN_TEXT bytes). 0 or -1. */
int keyring_sign(struct keyring *, const struct token *, char *out)
    __attribute__((warn_unused_result));

/* 0 with *t filled when it is ours, unchanged, and good at `now`; else -1. */
int keyring_verify(struct keyring *, struct arena *, const char *text, int64_t now,
    struct token *t) __attribute__((warn_unused_result));

/* HMAC-SHA256 under the newest key, for what only this shop checks. 0 or -1. */
int keyring_mac(struct keyring *, const char *purpose, const void *, size_t, uint8_t out[32])
    __attribute__((warn_unused_result));
/*
 * The same under every key, newest first: what was made before a key was
 * replaced is found again. How many; 0 = failure.
 */
size_t keyring_macs(struct keyring *, const char *purpose, const void *, size_t,
    uint8_t out[KEYRING_MAX][32]) __attribute__((warn_unused_result));
/* 1 when that MAC is one of them. */
int keyring_mac_is(struct keyring *, const char *purpose, const void *, size_t,
    const uint8_t known[32]) __attribute__((warn_unused_result));

#endif
