/*
 * crypt.c - the few cryptographic things a shop needs
 *
 * Algorithms are fetched from OpenSSL once and their contexts kept, because
 * looking them up costs more than hashing a token. A keyed MAC is kept for
 * each of the few keys a process uses, so that checking a token need not
 * schedule its key again. Failures leave nothing in OpenSSL's error queue.
 */
#include <crypt.h>
#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/crypt.h"
#include "lib/base/log.h"

enum {
	KEYS = 4,	/* tokens, refresh, idempotency, tickets */
	KEY_MAX = 64,	/* a block of SHA-256; longer keys are not kept */
	NONCE = 12,
	TAG = 16
};

void
crypt_random(void *out, size_t n)
{
	uint8_t *p = out;
	ssize_t got;

	while (n > 0) {
		got = getrandom(p, n, 0);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			panic("the kernel gives no random bytes: %s",
			    strerror(errno));
		p += got;
		n -= (size_t)got;
	}
}

void
crypt_sha256(const void *data, size_t n, uint8_t out[SHA256_LEN])
{
	static EVP_MD *algorithm;
	static EVP_MD_CTX *ctx;

	if (algorithm == NULL) {
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
		ctx = EVP_MD_CTX_new();
	}
	if (algorithm == NULL || ctx == NULL ||
	    EVP_DigestInit_ex2(ctx, algorithm, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, data, n) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		panic("OpenSSL has no SHA-256");
}

/* SHA-1 proves here that somebody has read the key, no more. */
int
crypt_websocket_accept(const char *key, char out[WEBSOCKET_ACCEPT])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, key, strlen(key)) == 1 &&
	    EVP_DigestUpdate(ctx, guid, sizeof guid - 1) == 1 &&
	    EVP_DigestFinal_ex(ctx, sum, NULL) == 1) {
		EVP_EncodeBlock((unsigned char *)out, sum, 20);
		rc = 0;
	}
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

/* ---- HMAC-SHA-256 */

struct keyed {
	EVP_MAC_CTX *ctx;
	size_t len;
	uint8_t key[KEY_MAX];
	int ready;
};

static EVP_MAC_CTX *
new_mac(void)
{
	static EVP_MAC *algorithm;
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC_CTX *ctx;

	if (algorithm == NULL)
		algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	ctx = algorithm == NULL ? NULL : EVP_MAC_CTX_new(algorithm);
	if (ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

/* The slot that has this key, or the next one to be used for it. */
static struct keyed *
find_keyed(const void *key, size_t len)
{
	static struct keyed slots[KEYS];
	static unsigned turn;
	struct keyed *k;

	for (k = slots; k < slots + KEYS; k++)
		if (k->ready && k->len == len && memcmp(k->key, key, len) == 0)
			return k;
	k = &slots[turn++ % KEYS];
	k->ready = 0;
	return k;
}

/* Ready to take text; a NULL key means "as before" to OpenSSL. */
static int
start_mac(struct keyed *k, const void *key, size_t len)
{
	if (k->ready)
		return EVP_MAC_init(k->ctx, NULL, 0, NULL) == 1 ? 0 : -1;
	if (k->ctx == NULL && (k->ctx = new_mac()) == NULL)
		return -1;
	if (EVP_MAC_init(k->ctx, key, len, NULL) != 1)
		return -1;
	if (len <= KEY_MAX) {
		memcpy(k->key, key, len);
		k->len = len;
		k->ready = 1;
	}
	return 0;
}

int
crypt_hmac_sha256(const void *key, size_t keylen, const void *data, size_t n,
    uint8_t out[SHA256_LEN])
{
	struct keyed *k;
	size_t got;

	if (key == NULL)
		return -1;
	k = find_keyed(key, keylen);
	if (start_mac(k, key, keylen) == 0 &&
	    EVP_MAC_update(k->ctx, data, n) == 1 &&
	    EVP_MAC_final(k->ctx, out, &got, SHA256_LEN) == 1)
		return 0;
	k->ready = 0;
	ERR_clear_error();
	return -1;
}

/* ---- what others sign with: by name, nothing is kept */

static const char *const digest_names[DIGESTS] = {
	[DIGEST_MD5] = "MD5", [DIGEST_SHA1] = "SHA1", [DIGEST_SHA256] = "SHA256",
};

size_t
crypt_digest(enum digest d, const void *data, size_t n, uint8_t out[DIGEST_MAX])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (EVP_Q_digest(NULL, digest_names[d], NULL, data, n, sum, &len) != 1 ||
	    len > DIGEST_MAX)
		len = 0;
	memcpy(out, sum, len);
	ERR_clear_error();
	return len;
}

size_t
crypt_hmac(enum digest d, const void *key, size_t keylen, const void *data, size_t n,
    uint8_t out[DIGEST_MAX])
{
	size_t len = 0;

	if (key == NULL || EVP_Q_mac(NULL, "HMAC", NULL, digest_names[d], NULL, key, keylen,
	    data, n, out, DIGEST_MAX, &len) == NULL)
		len = 0;
	ERR_clear_error();
	return len;
}

int
crypt_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

/* ---- texts */

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
crypt_base64url(const void *data, size_t n, char *out, size_t size)
{
	const uint8_t *p = data;
	uint32_t bits = 0;
	size_t len = 0;
	int have = 0;

	if (size == 0)
		return 0;
	out[0] = '\0';
	if (n > SIZE_MAX / 2 || n / 3 * 4 + n % 3 + (n % 3 != 0) >= size)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 6; have -= 6)
			out[len++] = alphabet[bits >> (have - 6) & 63];
	}
	if (have > 0)
		out[len++] = alphabet[bits << (6 - have) & 63];
	out[len] = '\0';
	return len;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Two texts for the same bytes would be two names for one token: spare bits
 * must be zero, padding is refused. */
long
crypt_unbase64url(const char *text, size_t n, void *out, size_t size)
{
	uint8_t *p = out;
	uint32_t bits = 0;
	size_t len = 0;
	int have = 0, v;

	if (n % 4 == 1 || n > LONG_MAX)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if ((v = value_of(text[i])) == -1)
			return -1;
		bits = bits << 6 | (uint32_t)v;
		if ((have += 6) < 8)
			continue;
		have -= 8;
		if (len == size)
			return -1;
		p[len++] = (uint8_t)(bits >> have);
	}
	return (bits & ((1u << have) - 1)) == 0 ? (long)len : -1;
}

/* The two letters in which the alphabets differ, from one to the other. */
static void
swap_letters(char *s, size_t n, const char *from, const char *to)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			if (s[i] == from[k]) {
				s[i] = to[k];
				break;
			}
}

size_t
crypt_base64(const void *data, size_t n, char *out, size_t size)
{
	size_t len = crypt_base64url(data, n, out, size);

	if (len == 0 || (len + 3) / 4 * 4 >= size) {
		if (size > 0)
			out[0] = '\0';
		return 0;
	}
	swap_letters(out, len, "-_", "+/");
	while (len % 4 != 0)
		out[len++] = '=';
	out[len] = '\0';
	return len;
}

long
crypt_unbase64(const char *text, size_t n, void *out, size_t size)
{
	char url[BASE64_MAX];
	int padded = n > 0 && n % 4 == 0 && text[n - 1] == '=';
	long len;

	if (n > sizeof url || memchr(text, '-', n) != NULL || memchr(text, '_', n) != NULL)
		return -1;
	if (padded)
		n -= text[n - 2] == '=' ? 2 : 1;
	memcpy(url, text, n);
	swap_letters(url, n, "+/", "-_");
	len = crypt_unbase64url(url, n, out, size);
	explicit_bzero(url, n);		/* secrets are read so */
	return len;
}

void
crypt_hex(const void *data, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

/* ---- passwords */

static int
is_password(const char *password)
{
	size_t n = password == NULL ? 0 : strnlen(password, PASSWORD_MAX + 1);

	return n >= PASSWORD_MIN && n <= PASSWORD_MAX;
}

/* "$2b$12$" and 53 letters of bcrypt's own base64. */
static int
is_bcrypt(const char *hash)
{
	static const char letters[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char digits[] = "0123456789";

	return hash != NULL && strnlen(hash, BCRYPT_TEXT) == 60 &&
	    hash[0] == '$' && hash[1] == '2' && strchr("aby", hash[2]) != NULL &&
	    hash[3] == '$' && strspn(hash + 4, digits) == 2 && hash[6] == '$' &&
	    strspn(hash + 7, letters) == 53;
}

/* 0, or -1. The work space held the password: wiped before it is freed. */
static int
bcrypt(const char *password, const char *setting, char out[BCRYPT_TEXT])
{
	struct crypt_data *work = calloc(1, sizeof *work);
	const char *hash;
	int rc = -1;

	if (work == NULL)
		return -1;
	hash = crypt_r(password, setting, work);
	if (is_bcrypt(hash)) {
		memcpy(out, hash, strlen(hash) + 1);
		rc = 0;
	}
	explicit_bzero(work, sizeof *work);
	free(work);
	return rc;
}

int
crypt_password_hash(const char *password, int cost, char out[BCRYPT_TEXT])
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], salt[16];

	if (!is_password(password) || cost < 4 || cost > 31)
		return -1;
	crypt_random(salt, sizeof salt);
	if (crypt_gensalt_rn("$2b$", (unsigned long)cost, salt, sizeof salt,
	    setting, sizeof setting) == NULL)
		return -1;
	return bcrypt(password, setting, out);
}

int
crypt_password_check(const char *password, const char *hash)
{
	char again[BCRYPT_TEXT];

	if (!is_bcrypt(hash))
		return -1;
	if (!is_password(password))
		return 0;
	if (bcrypt(password, hash, again) == -1)
		return -1;
	return crypt_equal(again, hash, strlen(again));
}

int
crypt_password_cost(const char *hash)
{
	return is_bcrypt(hash) ? (hash[4] - '0') * 10 + hash[5] - '0' : -1;
}

/* ---- AES-256-GCM */

/* A context that knows cipher, key, nonce and `about`; NULL on failure. */
static EVP_CIPHER_CTX *
start_gcm(int sealing, const uint8_t key[32], const uint8_t *nonce,
    const char *about)
{
	static EVP_CIPHER *algorithm;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t len = about == NULL ? 0 : strlen(about);
	int n;

	if (algorithm == NULL)
		algorithm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (ctx != NULL && algorithm != NULL && len <= INT_MAX &&
	    EVP_CipherInit_ex2(ctx, algorithm, key, nonce, sealing, NULL) == 1 &&
	    (len == 0 || EVP_CipherUpdate(ctx, NULL, &n,
	    (const unsigned char *)about, (int)len) == 1))
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return NULL;
}

int
crypt_seal(const uint8_t key[32], const char *about, const void *text, size_t n,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx;
	int got, rc = -1;

	if (n > INT_MAX - SEAL_EXTRA)
		return -1;
	crypt_random(out, NONCE);
	if ((ctx = start_gcm(1, key, out, about)) == NULL)
		return -1;
	if ((n == 0 || EVP_CipherUpdate(ctx, out + NONCE, &got, text,
	    (int)n) == 1) &&
	    EVP_CipherFinal_ex(ctx, out + NONCE + n, &got) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG,
	    out + NONCE + n) == 1)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

/* What did not prove to be ours does not stay in out. */
long
crypt_open(const uint8_t key[32], const char *about, const void *sealed,
    size_t n, uint8_t *out)
{
	const uint8_t *p = sealed;
	uint8_t tag[TAG];
	EVP_CIPHER_CTX *ctx;
	size_t len;
	int got, ok;

	if (n < SEAL_EXTRA || n > INT_MAX)
		return -1;
	len = n - SEAL_EXTRA;
	if ((ctx = start_gcm(0, key, p, about)) == NULL)
		return -1;
	memcpy(tag, p + NONCE + len, TAG);
	ok = (len == 0 || EVP_CipherUpdate(ctx, out, &got, p + NONCE,
	    (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + len, &got) == 1;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	if (!ok && len > 0)
		OPENSSL_cleanse(out, len);
	return ok ? (long)len : -1;
}
