/* client.c - our customers as clients of the till; see client.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/client.h"
#include "lib/shop/till_note.h"

enum { CHANCE = 8, KEY_TEXT = 64, BATCH_MAX = 200 };

enum { FIND, PHONE, WAITS, OWE, UNLINK, LINKED, TAKEN, LINK, MISSING };
static struct stmt sql[] = {
	[FIND] = { .sql = "SELECT name, email, phone, pos_client_id FROM users WHERE id = ?1" },
	[PHONE] = { .sql = "SELECT phone IS ?2 FROM users WHERE id = ?1" },
	/* one that no byte has left of reads the account when its turn comes */
	[WAITS] = { .sql = "SELECT 1 FROM outbox WHERE user_id = ?1 AND kind = 'client' "
	    "AND state = 'due' AND sent_at IS NULL LIMIT 1" },
	[OWE] = { .sql = "INSERT INTO outbox (lane, kind, user_id, idempotency_key, next_ms, "
	    "created_at, updated_at, request_id) "
	    "VALUES ('" CLIENT_LANE "', 'client', ?1, ?2, ?3, ?4, ?4, ?5)" },
	[UNLINK] = { .sql = "UPDATE users SET pos_client_id = NULL WHERE id = ?1 "
	    "AND pos_client_id IS NOT NULL AND pos_client_made = 0" },
	[LINKED] = { .sql = "SELECT pos_client_id FROM users WHERE id = ?1" },
	[TAKEN] = { .sql = "SELECT 1 FROM users WHERE pos_client_id = ?2 AND id <> ?1 LIMIT 1" },
	[LINK] = { .sql = "UPDATE users SET pos_client_id = ?2, pos_client_made = ?3 "
	    "WHERE id = ?1" },
	[MISSING] = { .sql = "SELECT u.id FROM users u WHERE u.pos_client_id IS NULL AND u.id > ?1 "
	    "AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.user_id = u.id "
	    "AND x.kind = 'client' AND x.state IN ('due', 'claimed')) ORDER BY u.id LIMIT ?2" },
};
DB_STATEMENTS(sql);

int
client_find(struct db *db, struct arena *a, int64_t user_id, struct client *c)
{
	struct stmt *st = &sql[FIND];
	int rc = db_find(db, st, "i", user_id), lost = 0;

	if (rc != 1)
		return rc;
	*c = (struct client){ .name = db_keep(st, 0, a, &lost), .email = db_keep(st, 1, a, &lost),
		.phone = db_keep(st, 2, a, &lost), .pos_id = db_keep(st, 3, a, &lost) };
	db_done(st);
	return lost == 0 ? 1 : DB_ERROR;
}

int
client_has_phone(struct db *db, int64_t user_id, const char *phone)
{
	int rc = db_find(db, &sql[PHONE], "is", user_id, phone);

	if (rc == 1)
		rc = db_int(&sql[PHONE], 0) == 1;
	db_done(&sql[PHONE]);
	return rc;
}

static int
owe(struct db *db, int64_t user_id)
{
	unsigned char chance[CHANCE];
	char hex[2 * CHANCE + 1], key[KEY_TEXT];

	crypt_random(chance, sizeof chance);
	crypt_hex(chance, sizeof chance, hex);
	snprintf(key, sizeof key, "client-%lld-%s", (long long)user_id, hex);
	return db_run(db, &sql[OWE], "isiis", user_id, key, clock_ms(), clock_now(),
	    log_request_now());
}

int
client_owe(struct db *db, int64_t user_id)
{
	int rc = till_note_is(db, TILL_CLIENTS, "no");

	return rc != 0 ? (rc < 0 ? rc : 0) : owe(db, user_id);
}

/* 1 he is linked, 0 he is not. */
static int
is_linked(struct db *db, int64_t user_id)
{
	int rc = db_find(db, &sql[LINKED], "i", user_id);

	if (rc == 1)
		rc = !db_is_null(&sql[LINKED], 0);
	db_done(&sql[LINKED]);
	return rc;
}

int
client_phone_changed(struct db *db, int64_t user_id)
{
	int rc = till_note_is(db, TILL_CLIENTS, "email");

	if (rc == 0)
		rc = till_note_is(db, TILL_CLIENTS, "no");
	if (rc == 0)
		rc = db_run(db, &sql[UNLINK], "i", user_id);
	if (rc == 0)
		rc = is_linked(db, user_id);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = db_find(db, &sql[WAITS], "i", user_id);
	db_done(&sql[WAITS]);
	return rc != 0 ? (rc < 0 ? rc : 0) : owe(db, user_id);
}

int
client_link(struct db *db, int64_t user_id, const char *pos_client_id, int made)
{
	struct stmt *st = &sql[LINKED];
	int rc = db_find(db, st, "i", user_id), has, same;

	if (rc != 1)
		return rc;
	has = !db_is_null(st, 0);
	same = has && strcmp(db_text(st, 0), pos_client_id) == 0;
	db_done(st);
	if (has)
		return same;
	rc = db_find(db, &sql[TAKEN], "is", user_id, pos_client_id);
	db_done(&sql[TAKEN]);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = db_run(db, &sql[LINK], "isi", user_id, pos_client_id, (int64_t)(made != 0));
	return rc == 0 ? 1 : rc;
}

int
client_owe_missing(struct db *db, int64_t after, int most, int64_t *last)
{
	int64_t ids[BATCH_MAX];
	struct stmt *st = &sql[MISSING];
	int n = 0, rc;

	if (most > BATCH_MAX)
		most = BATCH_MAX;
	if ((rc = db_query(db, st, "ii", after, (int64_t)most)) != 0)
		return rc;
	while (n < most && (rc = db_row(db, st)) == 1)
		ids[n++] = db_int(st, 0);
	db_done(st);
	for (int i = 0; rc >= 0 && i < n; i++)
		rc = owe(db, ids[i]);
	if (n > 0)
		*last = ids[n - 1];
	return rc < 0 ? rc : n;
}
