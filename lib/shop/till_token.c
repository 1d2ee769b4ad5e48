/* till_token.c - a token that the till granted, kept sealed; see till_token.h */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/till_token.h"

enum { SEALED_MAX = sizeof(struct till_token) + SHA256_LEN + SEAL_EXTRA, ABOUT = 256 };

enum { READ, KEEP };
static struct stmt sql[] = {
	[READ] = { .sql = "SELECT sealed FROM pos_token WHERE name = ?1" },
	[KEEP] = { .sql = "INSERT INTO pos_token (name, sealed, expires_at) VALUES (?1, ?2, ?3) "
	    "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, "
	    "expires_at = excluded.expires_at" },
};
DB_STATEMENTS(sql);

/* What is sealed: which credential it descends from, and the token. */
struct kept {
	uint8_t first[SHA256_LEN];
	struct till_token token;
};

static int
key_of(const struct key_entry *key, uint8_t out[32])
{
	static const char purpose[] = "a till's token";

	return crypt_hmac_sha256(key->bytes, sizeof key->bytes, purpose, strlen(purpose), out);
}

/* 1 opened, under whichever key it was sealed. */
static int
unseal(const struct keyfile *keys, const char *about, const uint8_t *sealed, size_t n,
    struct kept *k)
{
	uint8_t key[32];
	int opened = 0;

	if (n != sizeof *k + SEAL_EXTRA)
		return 0;
	for (size_t i = 0; i < keys->count && !opened; i++) {
		if (key_of(&keys->key[i], key) == -1)
			continue;
		opened = crypt_open(key, about, sealed, n, (uint8_t *)k) == (long)sizeof *k;
		k->token.is_old_key = i > 0;
	}
	explicit_bzero(key, sizeof key);
	return opened;
}

static void
describe(const char *profile, char *about)
{
	snprintf(about, ABOUT, "pos_token %s", profile);
}

int
till_token_read(struct db *db, const char *key_file, const char *profile, const char *first,
    struct till_token *t)
{
	uint8_t sealed[SEALED_MAX], sum[SHA256_LEN];
	char fault[KEYFILE_FAULT], about[ABOUT];
	struct keyfile keys = { 0 };
	struct kept k = { 0 };
	const void *blob;
	size_t n = 0;
	int rc = db_find(db, &sql[READ], "s", profile);

	if (rc != 1)
		return rc;
	blob = db_blob(&sql[READ], 0, &n);
	if (n <= sizeof sealed)
		memcpy(sealed, blob, n);
	db_done(&sql[READ]);
	describe(profile, about);
	crypt_sha256(first, strlen(first), sum);
	if (n > sizeof sealed)
		rc = 0;
	else if (keyfile_read(key_file, &keys, fault) == -1) {
		log_warn("till_token", "why=\"%s\"", fault);
		rc = 0;
	} else
		rc = unseal(&keys, about, sealed, n, &k) &&
		    crypt_equal(sum, k.first, sizeof sum);
	if (rc == 1) {
		*t = k.token;
		t->token[sizeof t->token - 1] = t->refresh_token[sizeof t->refresh_token - 1] = '\0';
	}
	explicit_bzero(&keys, sizeof keys);
	explicit_bzero(&k, sizeof k);
	return rc;
}

int
till_token_keep(struct db *db, const char *key_file, const char *profile, const char *first,
    const struct till_token *t)
{
	uint8_t sealed[SEALED_MAX], key[32];
	char fault[KEYFILE_FAULT], about[ABOUT];
	struct keyfile keys = { 0 };
	struct kept k;
	int rc = DB_ERROR;

	memset(&k, 0, sizeof k);
	k.token = *t;
	crypt_sha256(first, strlen(first), k.first);
	describe(profile, about);
	if (keyfile_read(key_file, &keys, fault) == -1)
		log_warn("till_token", "why=\"%s\"", fault);
	else if (key_of(&keys.key[0], key) == 0)
		rc = crypt_seal(key, about, &k, sizeof k, sealed) == 0 ? DB_OK : DB_ERROR;
	explicit_bzero(&keys, sizeof keys);
	explicit_bzero(&k, sizeof k);
	explicit_bzero(key, sizeof key);
	if (rc != DB_OK || (rc = db_begin(db)) != DB_OK)
		return rc;
	rc = db_run(db, &sql[KEEP], "sbi", profile, sealed, sizeof k + SEAL_EXTRA, t->expires_at);
	if (db_end(db, rc == DB_OK) != DB_OK && rc == DB_OK)
		rc = DB_ERROR;
	return rc;
}
