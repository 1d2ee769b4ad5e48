/*
 * crypt.h - the few cryptographic things a shop needs, all from OpenSSL
 * (EVP only) and libxcrypt
 */
#ifndef CRYPT_BASE_H
#define CRYPT_BASE_H

#include <stddef.h>
#include <stdint.h>

enum {
	SHA256_LEN = 32,
	PASSWORD_MIN = 8, PASSWORD_MAX = 72,	/* bcrypt reads no more: longer is refused, not cut */
	BCRYPT_TEXT = 64,			/* "$2b$12$…" and its NUL */
	SEAL_EXTRA = 12 + 16			/* nonce and tag of AES-256-GCM */
};

void crypt_random(void *, size_t);	/* panics when the kernel gives none */
void crypt_sha256(const void *, size_t, uint8_t out[SHA256_LEN]);

/* 0, -1 on failure inside OpenSSL or without a key. */
int crypt_hmac_sha256(const void *key, size_t keylen, const void *, size_t,
    uint8_t out[SHA256_LEN]) __attribute__((warn_unused_result));

/*
 * What others sign their messages with. How many bytes stand in out, 0 on
 * failure inside OpenSSL (one that is without MD5) or without a key.
 */
enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGESTS };
enum { DIGEST_MAX = SHA256_LEN };
size_t crypt_digest(enum digest, const void *, size_t, uint8_t out[DIGEST_MAX])
    __attribute__((warn_unused_result));
size_t crypt_hmac(enum digest, const void *key, size_t keylen, const void *, size_t,
    uint8_t out[DIGEST_MAX]) __attribute__((warn_unused_result));

/* 1 when equal; time depends on n only. */
int crypt_equal(const void *, const void *, size_t n);

/* NUL-terminated text into out; returns its length, 0 and an empty text when
 * it does not fit. No padding (RFC 4648 §5). */
size_t crypt_base64url(const void *, size_t, char *out, size_t size);
/* Bytes written, or -1 for anything that is not canonical base64url. */
long crypt_unbase64url(const char *, size_t, void *out, size_t size);
/* The same with padding (RFC 4648 §4); texts to be read have at most
 * BASE64_MAX bytes, and their padding may be missing. */
enum { BASE64_MAX = 4096 };
size_t crypt_base64(const void *, size_t, char *out, size_t size);
long crypt_unbase64(const char *, size_t, void *out, size_t size);
/* What a WebSocket server answers to a key (RFC 6455 4.2.2): no secret. 0 or -1. */
enum { WEBSOCKET_ACCEPT = 29 };
int crypt_websocket_accept(const char *key, char out[WEBSOCKET_ACCEPT])
    __attribute__((warn_unused_result));
void crypt_hex(const void *, size_t, char *out);	/* 2n + 1 bytes */

/*
 * bcrypt ($2b$). Slow on purpose: never under a lock, never in the read or
 * write pool. Passwords are PASSWORD_MIN to PASSWORD_MAX bytes without NUL;
 * -1 for others, and for a cost outside 4 to 31.
 */
int crypt_password_hash(const char *password, int cost, char out[BCRYPT_TEXT])
    __attribute__((warn_unused_result));
/* 1 right, 0 wrong (at once when the length is), -1 the stored hash is not one. */
int crypt_password_check(const char *password, const char *hash)
    __attribute__((warn_unused_result));
/* The cost that a hash was made with; -1: it is none. */
int crypt_password_cost(const char *hash);

/*
 * AES-256-GCM with a random nonce: out gets nonce, text, tag (n + SEAL_EXTRA).
 * Opening returns the bytes written, -1 when it was not sealed with this key
 * and this `about` (associated data).
 */
int crypt_seal(const uint8_t key[32], const char *about, const void *, size_t n,
    uint8_t *out) __attribute__((warn_unused_result));
long crypt_open(const uint8_t key[32], const char *about, const void *, size_t n,
    uint8_t *out) __attribute__((warn_unused_result));

#endif
