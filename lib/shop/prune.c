/*
 * prune.c - old rows go; see prune.h
 *
 * Each statement looks at the oldest rows by a key and takes no more than a
 * batch, so its cost does not depend on how much there is. Rows that are
 * numbered in the order of time are taken from the lowest number on: the first
 * one that is young enough ends it. The time that is left is the search index's.
 */
#include "lib/base/clock.h"
#include "lib/shop/catalog_tidy.h"
#include "lib/shop/prune.h"

enum {
	BATCH = 200,
	HOLD_MS = DB_HOLD_MS / 2,
	DAY = 24 * 60 * 60
};

enum { EVENTS, NOTIFICATIONS, INBOX, KEYS, RUNS, KINDS };
static struct stmt sql[KINDS] = {
	[EVENTS] = { .sql = "DELETE FROM event WHERE created_ms < ?1 * 1000"
	    " AND id IN (SELECT id FROM event WHERE id > 0 ORDER BY id LIMIT ?2)"
	    " AND id < (SELECT max(id) FROM event)" },
	[NOTIFICATIONS] = { .sql = "DELETE FROM notification WHERE created_at < ?1"
	    " AND id IN (SELECT id FROM notification WHERE id > 0 ORDER BY id LIMIT ?2)" },
	[INBOX] = { .sql = "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox"
	    " WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)" },
	[KEYS] = { .sql = "DELETE FROM idempotency WHERE (user_id, route, key) IN"
	    " (SELECT user_id, route, key FROM idempotency WHERE created_at < ?1"
	    " ORDER BY created_at LIMIT ?2)" },
	[RUNS] = { .sql = "DELETE FROM sync_run WHERE started_ms < ?1 * 1000"
	    " AND id IN (SELECT id FROM sync_run WHERE id > 0 ORDER BY id LIMIT ?2)"
	    " AND id NOT IN (SELECT run_id FROM sync_mark)"
	    " AND id < (SELECT max(id) FROM sync_run) - 1000" },
};
DB_STATEMENTS(sql);

static const int days[KINDS] = {
	[EVENTS] = EVENT_DAYS,
	[NOTIFICATIONS] = 365,
	[INBOX] = 14,
	[KEYS] = 7,
	[RUNS] = 90,
};

/* One transaction. *more: there may be others. How many went, or a db_status. */
static int64_t
take_some(struct db *db, int kind, int *more)
{
	int64_t n = 0, changes = 0, before = clock_now() - (int64_t)days[kind] * DAY;
	int rc = db_begin(db), ended;

	if (rc != DB_OK)
		return rc;
	do {
		rc = db_run(db, &sql[kind], "ii", before, (int64_t)BATCH);
		changes = rc == DB_OK ? db_changes(db) : 0;
		n += changes;
	} while (changes > 0 && db_hold_ms(db) < HOLD_MS);
	*more = changes > 0;	/* some of a batch may have to stay */
	ended = db_end(db, rc == DB_OK);
	return rc != DB_OK ? rc : ended != DB_OK ? ended : n;
}

int64_t
prune_run(struct db *db, int64_t most_ms)
{
	int64_t sum = 0, n, until = clock_mono_ms() + most_ms;
	int more = 0;

	for (int kind = 0; kind < KINDS; kind++) {
		do {
			if ((n = take_some(db, kind, &more)) < 0)
				return n;
			sum += n;
		} while (more && clock_mono_ms() < until);
	}
	n = catalog_tidy(db, until - clock_mono_ms());
	return n < 0 ? n : sum;
}
