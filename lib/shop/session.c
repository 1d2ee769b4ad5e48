/* session.c - sessions and refresh tokens; see session.h */
#include <stdio.h>

#include "lib/base/crypt.h"
#include "lib/shop/session.h"

enum { START, REFRESH, FIND, END, STATEMENTS };
enum { REFRESH_LEN = 32, DAY = 24 * 60 * 60 };

static struct stmt sql[STATEMENTS] = {
	[START] = { .sql =
	    "INSERT INTO session (user_id, created_at) VALUES (?1, ?2)" },
	[REFRESH] = { .sql =
	    "INSERT INTO refresh_token (hash, session_id, issued_at, expires_at)"
	    " VALUES (?1, ?2, ?3, ?4)" },
	[FIND] = { .sql =
	    "SELECT u.id, u.is_blocked, u.role, u.locale FROM session s"
	    " JOIN users u ON u.id = s.user_id WHERE s.id = ?1 AND s.ended_at IS NULL" },
	[END] = { .sql =
	    "UPDATE session SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL" },
};
DB_STATEMENTS(sql);

int
session_start(struct db *db, int64_t user_id, int64_t now, int64_t refresh_days,
    int64_t *session_id, char refresh[REFRESH_TEXT])
{
	uint8_t hash[SHA256_LEN], token[REFRESH_LEN];
	int rc = db_run(db, &sql[START], "ii", user_id, now);

	if (rc != DB_OK)
		return rc;
	*session_id = db_last_id(db);
	crypt_random(token, sizeof token);
	crypt_base64url(token, sizeof token, refresh, REFRESH_TEXT);
	crypt_sha256(token, sizeof token, hash);
	return db_run(db, &sql[REFRESH], "biii", (const void *)hash, sizeof hash, *session_id, now,
	    now + refresh_days * DAY);
}

int
session_find(struct db *db, int64_t session_id, struct session_user *u)
{
	struct stmt *s = &sql[FIND];
	int rc = db_find(db, s, "i", session_id);

	if (rc != 1)
		return rc;
	u->user_id = db_int(s, 0);
	u->is_blocked = db_int(s, 1);
	snprintf(u->role, sizeof u->role, "%s", db_text(s, 2));
	snprintf(u->locale, sizeof u->locale, "%s", db_text(s, 3));
	db_done(s);
	return 1;
}

int
session_end(struct db *db, int64_t session_id, int64_t now)
{
	return db_run(db, &sql[END], "ii", session_id, now);
}
