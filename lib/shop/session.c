/*
 * session.c - sessions and refresh tokens; see session.h
 *
 * Expired tokens go with the next login or refresh of anybody, a few at a
 * time, and a session with its last one: so the tables stay as small as what
 * is alive, and nobody has to sweep.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/crypt.h"
#include "lib/shop/event.h"
#include "lib/shop/session.h"

enum { START, LIVING, TOKEN, FIND, OF_TOKEN, ROTATE, VOID, SEEN, PLACE, END, OTHERS, EXPIRED, FORGET,
	FORGET_SESSION, STATEMENTS };
enum {
	TOKEN_LEN = 32, DAY = 24 * 60 * 60,
	PLACE_DAYS = 30,	/* as long as an address is likely the same person's */
	PRUNE = 4,		/* expired tokens per new one */
	STEPS = 32		/* of a family within REFRESH_GRACE_S */
};
#define PURPOSE "refresh"

static struct stmt sql[STATEMENTS] = {
	[START] = { .sql =
	    "INSERT INTO session (user_id, created_at, seen_at) VALUES (?1, ?2, ?2)" },
	[LIVING] = { .sql =
	    "SELECT count(*), min(id) FROM session WHERE user_id = ?1 AND ended_at IS NULL" },
	[TOKEN] = { .sql =
	    "INSERT INTO refresh_token (hash, session_id, issued_at, expires_at)"
	    " VALUES (?1, ?2, ?3, ?4)" },
	[FIND] = { .sql =
	    "SELECT u.id, u.is_blocked, u.role, u.locale FROM session s"
	    " JOIN users u ON u.id = s.user_id WHERE s.id = ?1 AND s.ended_at IS NULL" },
	[OF_TOKEN] = { .sql =
	    "SELECT s.id, s.user_id, t.rotated_at FROM refresh_token t"
	    " JOIN session s ON s.id = t.session_id"
	    " WHERE t.hash = ?1 AND t.expires_at > ?2 AND s.ended_at IS NULL" },
	[ROTATE] = { .sql =
	    "UPDATE refresh_token SET rotated_at = ?2 WHERE hash = ?1" },
	[VOID] = { .sql =
	    "DELETE FROM refresh_token WHERE session_id = ?1" },
	[SEEN] = { .sql =
	    "UPDATE session SET seen_at = ?2, place = ?3 WHERE id = ?1" },
	[PLACE] = { .sql =
	    "SELECT 1 FROM session WHERE user_id = ?1 AND place = ?2 AND seen_at > ?3 LIMIT 1" },
	[END] = { .sql =
	    "UPDATE session SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL"
	    " RETURNING user_id" },
	[OTHERS] = { .sql =
	    "SELECT id FROM session WHERE user_id = ?1 AND ended_at IS NULL AND id <> ?2 LIMIT ?3" },
	[EXPIRED] = { .sql =
	    "SELECT hash, session_id FROM refresh_token WHERE expires_at <= ?1"
	    " ORDER BY expires_at LIMIT ?2" },
	[FORGET] = { .sql =
	    "DELETE FROM refresh_token WHERE hash = ?1" },
	[FORGET_SESSION] = { .sql =
	    "DELETE FROM session WHERE id = ?1"
	    " AND NOT EXISTS (SELECT 1 FROM refresh_token WHERE session_id = ?1)" },
};
DB_STATEMENTS(sql);

struct token_of {
	uint8_t bytes[TOKEN_LEN], hash[SHA256_LEN];
	int64_t session_id, user_id, rotated_at;
};

/* ---- what has expired */

static int
read_expired(struct db *db, int64_t now, uint8_t hash[PRUNE][SHA256_LEN], int64_t *session)
{
	struct stmt *s = &sql[EXPIRED];
	const void *p;
	size_t len;
	int n = 0, rc = db_query(db, s, "ii", now, (int64_t)PRUNE);

	if (rc != DB_OK)
		return rc;
	while ((rc = db_row(db, s)) == 1 && n < PRUNE) {
		p = db_blob(s, 0, &len);
		if (p == NULL || len != SHA256_LEN)
			continue;
		memcpy(hash[n], p, len);
		session[n++] = db_int(s, 1);
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

static int
prune(struct db *db, int64_t now)
{
	uint8_t hash[PRUNE][SHA256_LEN];
	int64_t session[PRUNE];
	int n = read_expired(db, now, hash, session), rc;

	for (int i = 0; i < n; i++)
		if ((rc = db_run(db, &sql[FORGET], "b", (const void *)hash[i],
		    sizeof hash[i])) != DB_OK ||
		    (rc = db_run(db, &sql[FORGET_SESSION], "i", session[i])) != DB_OK)
			return rc;
	return n < 0 ? n : DB_OK;
}

/* ---- tokens */

static int
add_token(struct db *db, const struct refresh *r, const uint8_t bytes[TOKEN_LEN])
{
	uint8_t hash[SHA256_LEN];

	crypt_sha256(bytes, TOKEN_LEN, hash);
	return db_run(db, &sql[TOKEN], "biii", (const void *)hash, sizeof hash, r->session_id,
	    r->now, r->now + r->days * DAY);
}

/* 1 a token of a living session, 0 none, else a db_status. */
static int
find_token(struct db *db, int64_t now, struct token_of *t)
{
	struct stmt *s = &sql[OF_TOKEN];
	int rc;

	crypt_sha256(t->bytes, TOKEN_LEN, t->hash);
	rc = db_find(db, s, "bi", (const void *)t->hash, sizeof t->hash, now);
	if (rc != 1)
		return rc;
	t->session_id = db_int(s, 0);
	t->user_id = db_int(s, 1);
	t->rotated_at = db_int(s, 2);
	db_done(s);
	return 1;
}

static int
find_text(struct db *db, struct refresh *r, struct token_of *t)
{
	int rc;

	if (crypt_unbase64url(r->token, strlen(r->token), t->bytes, TOKEN_LEN) != TOKEN_LEN)
		return 0;
	if ((rc = find_token(db, r->now, t)) == 1) {
		r->session_id = t->session_id;
		r->user_id = t->user_id;
	}
	return rc;
}

static int
give(struct refresh *r, const uint8_t bytes[TOKEN_LEN])
{
	crypt_base64url(bytes, TOKEN_LEN, r->successor, REFRESH_TEXT);
	return REFRESH_GIVEN;
}

/* The newest of its family takes its place. */
static int
rotate(struct db *db, struct keyring *keys, const struct token_of *t, struct refresh *r)
{
	uint8_t next[SHA256_LEN];
	int rc;

	if (keyring_mac(keys, PURPOSE, t->bytes, TOKEN_LEN, next) == -1)
		return DB_ERROR;
	if ((rc = db_run(db, &sql[ROTATE], "bi", (const void *)t->hash, sizeof t->hash,
	    r->now)) != DB_OK || (rc = add_token(db, r, next)) != DB_OK ||
	    (rc = prune(db, r->now)) != DB_OK)
		return rc;
	return give(r, next);
}

/* Which token took the place of *t; the key may have been replaced since. */
static int
step(struct db *db, struct keyring *keys, int64_t now, struct token_of *t)
{
	uint8_t macs[KEYRING_MAX][SHA256_LEN];
	size_t count = keyring_macs(keys, PURPOSE, t->bytes, TOKEN_LEN, macs);
	int rc = count == 0 ? DB_ERROR : 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		memcpy(t->bytes, macs[i], TOKEN_LEN);
		rc = find_token(db, now, t);
	}
	return rc;
}

/* Used a moment ago, by another tab or with an answer that was lost: forward to
 * the newest, as an older one would end the family when it is used. */
static int
follow(struct db *db, struct keyring *keys, struct token_of *t, struct refresh *r)
{
	int rc = 1;

	for (int i = 0; i < STEPS && rc == 1; i++) {
		if (t->rotated_at == DB_NULL)
			return give(r, t->bytes);
		rc = step(db, keys, r->now, t);
	}
	return rc < 0 ? rc : REFRESH_REFUSED;
}

int
session_of_refresh(struct db *db, struct refresh *r)
{
	struct token_of t;

	return find_text(db, r, &t);
}

int
session_refresh(struct db *db, struct keyring *keys, struct refresh *r)
{
	struct token_of t;
	int rc = find_text(db, r, &t);

	if (rc != 1)
		return rc < 0 ? rc : REFRESH_REFUSED;
	if (t.rotated_at == DB_NULL)
		return rotate(db, keys, &t, r);
	if (r->now - t.rotated_at <= REFRESH_GRACE_S)
		return follow(db, keys, &t, r);
	rc = session_end(db, r->session_id, r->now);
	return rc == DB_OK ? REFRESH_STOLEN : rc;
}

/* ---- sessions */

static int
new_token(struct db *db, const struct refresh *r, char text[REFRESH_TEXT])
{
	uint8_t bytes[TOKEN_LEN];

	crypt_random(bytes, sizeof bytes);
	crypt_base64url(bytes, sizeof bytes, text, REFRESH_TEXT);
	return add_token(db, r, bytes);
}

/* More than anybody has devices: somebody logs in again and again. */
static int
end_oldest(struct db *db, int64_t user_id, int64_t now)
{
	int rc = db_find(db, &sql[LIVING], "i", user_id);
	int64_t count, oldest;

	if (rc != 1)
		return rc;
	count = db_int(&sql[LIVING], 0);
	oldest = db_int(&sql[LIVING], 1);
	db_done(&sql[LIVING]);
	return count > SESSIONS_MAX ? session_end(db, oldest, now) : DB_OK;
}

int
session_start(struct db *db, int64_t user_id, int64_t now, int64_t refresh_days,
    int64_t *session_id, char refresh[REFRESH_TEXT])
{
	struct refresh r = { .now = now, .days = refresh_days };
	int rc = prune(db, now);

	if (rc != DB_OK || (rc = db_run(db, &sql[START], "ii", user_id, now)) != DB_OK)
		return rc;
	*session_id = r.session_id = db_last_id(db);
	if ((rc = end_oldest(db, user_id, now)) != DB_OK)
		return rc;
	return new_token(db, &r, refresh);
}

int
session_renew(struct db *db, const struct refresh *r, char refresh[REFRESH_TEXT])
{
	int rc = db_run(db, &sql[VOID], "i", r->session_id);

	return rc != DB_OK ? rc : new_token(db, r, refresh);
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
session_seen(struct db *db, int64_t session_id, int64_t now, const uint8_t *place)
{
	return db_run(db, &sql[SEEN], "iib", session_id, now, (const void *)place,
	    (size_t)SHA256_LEN);
}

int
session_knows_place(struct db *db, int64_t user_id, int64_t now, const uint8_t *place)
{
	int rc = db_find(db, &sql[PLACE], "ibi", user_id, (const void *)place,
	    (size_t)SHA256_LEN, now - PLACE_DAYS * DAY);

	db_done(&sql[PLACE]);
	return rc;
}

int
session_end(struct db *db, int64_t session_id, int64_t now)
{
	int rc = db_find(db, &sql[END], "ii", session_id, now);
	char payload[64];
	int64_t user_id;

	if (rc != 1)
		return rc;
	user_id = db_int(&sql[END], 0);
	db_done(&sql[END]);
	snprintf(payload, sizeof payload, "{\"session_id\":%lld}", (long long)session_id);
	return event_add(db, user_id, DB_NULL, "session.ended", payload);
}

int
session_end_others(struct db *db, int64_t user_id, int64_t but, int64_t now)
{
	struct stmt *s = &sql[OTHERS];
	int64_t ids[SESSIONS_MAX];
	int n = 0, rc = db_query(db, s, "iii", user_id, but, (int64_t)SESSIONS_MAX);

	if (rc != DB_OK)
		return rc;
	while (n < SESSIONS_MAX && (rc = db_row(db, s)) == 1)
		ids[n++] = db_int(s, 0);
	db_done(s);
	for (int i = 0; i < n && rc >= 0; i++)
		if ((rc = session_end(db, ids[i], now)) != DB_OK)
			return rc;
	return rc < 0 ? rc : DB_OK;
}
