/* inbox.c - letters from the till; see inbox.h */
#include "lib/base/clock.h"
#include "lib/shop/inbox.h"

enum { KNOWN, FULL, PUT, WAITING, DONE };
static struct stmt sql[] = {
	[KNOWN] = { .sql = "SELECT 1 FROM inbox WHERE event_id = ?1" },
	[FULL] = { .sql = "SELECT 1 FROM inbox WHERE done_at IS NULL AND id > 0 "
	    "LIMIT 1 OFFSET ?1" },
	[PUT] = { .sql = "INSERT INTO inbox (event_id, body, received_at) VALUES (?1, ?2, ?3)" },
	[WAITING] = { .sql = "SELECT id, received_at, body FROM inbox WHERE done_at IS NULL "
	    "AND id > ?1 ORDER BY id LIMIT 100" },
	[DONE] = { .sql = "UPDATE inbox SET done_at = ?2 WHERE id = ?1 AND done_at IS NULL" },
};
DB_STATEMENTS(sql);

/* 1 there is one, 0 there is none, else a db_status. */
static int
exists(int rc, struct stmt *s)
{
	db_done(s);
	return rc;
}

int
inbox_put(struct db *db, const char *event_id, const char *body, size_t len)
{
	int rc = exists(db_find(db, &sql[KNOWN], "s", event_id), &sql[KNOWN]);

	if (rc != 0)
		return rc == 1 ? 0 : rc;
	rc = exists(db_find(db, &sql[FULL], "i", (int64_t)INBOX_WAITING_MAX - 1), &sql[FULL]);
	if (rc != 0)
		return rc == 1 ? INBOX_FULL : rc;
	rc = db_run(db, &sql[PUT], "sbi", event_id, body, len, clock_now());
	return rc == 0 ? 1 : rc;
}

int
inbox_waiting(struct db *db, int64_t behind, struct arena *a, struct inbox_letter *list)
{
	struct stmt *s = &sql[WAITING];
	int n = 0, rc = db_query(db, s, "i", behind);
	const void *body;
	size_t len;

	while (rc == 0 && (rc = db_row(db, s)) == 1) {
		body = db_blob(s, 2, &len);
		list[n] = (struct inbox_letter){ .id = db_int(s, 0), .received_at = db_int(s, 1),
			.body = arena_dup(a, body != NULL ? body : "", len), .len = len };
		if (list[n++].body == NULL) {
			db_done(s);
			return DB_ERROR;
		}
		rc = 0;
	}
	return rc < 0 ? rc : n;
}

int
inbox_done(struct db *db, int64_t id)
{
	return db_run(db, &sql[DONE], "ii", id, clock_now());
}
