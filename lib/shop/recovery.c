/* recovery.c - the token that lets a person choose a new password; see recovery.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/crypt.h"
#include "lib/shop/recovery.h"

enum { TOKEN_LEN = 32, TEXT_MAX = 128 };

enum { STORE, OLD, FIND, END, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[STORE] = { .sql = "INSERT INTO password_reset (hash, user_id, expires_at)"
	    " VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at" },
	[OLD] = { .sql = "DELETE FROM password_reset WHERE expires_at <= ?1" },
	[FIND] = { .sql = "SELECT user_id FROM password_reset"
	    " WHERE hash = ?1 AND expires_at > ?2" },
	[END] = { .sql = "DELETE FROM password_reset WHERE user_id = ?1" },
};
DB_STATEMENTS(sql);

/* 0, or -1 when it is no token at all. */
static int
hash_of(const char *token, uint8_t hash[SHA256_LEN])
{
	uint8_t bytes[TOKEN_LEN];

	if (crypt_unbase64url(token, strlen(token), bytes, sizeof bytes) != TOKEN_LEN)
		return -1;
	crypt_sha256(bytes, sizeof bytes, hash);
	return 0;
}

int
recovery_token(struct keyring *keys, const char *key, int64_t user_id, char out[RECOVERY_TEXT])
{
	uint8_t mac[TOKEN_LEN];
	char text[TEXT_MAX];
	int n = snprintf(text, sizeof text, "%s %lld", key, (long long)user_id);

	if (n >= TEXT_MAX || keyring_mac(keys, "recovery", text, (size_t)n, mac) == -1)
		return -1;
	crypt_base64url(mac, sizeof mac, out, RECOVERY_TEXT);
	return 0;
}

int
recovery_store(struct db *db, int64_t user_id, const char *token, int64_t now)
{
	uint8_t hash[SHA256_LEN];
	int rc;

	if (hash_of(token, hash) == -1)
		return DB_ERROR;
	if ((rc = db_run(db, &sql[OLD], "i", now)) != DB_OK)
		return rc;
	return db_run(db, &sql[STORE], "bii", (const void *)hash, sizeof hash, user_id,
	    now + RECOVERY_S);
}

int
recovery_find(struct db *db, const char *token, int64_t now, int64_t *user_id)
{
	uint8_t hash[SHA256_LEN];
	int rc;

	if (hash_of(token, hash) == -1)
		return 0;
	if ((rc = db_find(db, &sql[FIND], "bi", (const void *)hash, sizeof hash, now)) != 1)
		return rc;
	*user_id = db_int(&sql[FIND], 0);
	db_done(&sql[FIND]);
	return 1;
}

int
recovery_end(struct db *db, int64_t user_id)
{
	return db_run(db, &sql[END], "i", user_id);
}
