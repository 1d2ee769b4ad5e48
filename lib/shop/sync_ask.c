/* sync_ask.c - "sync now": who asks, and who takes it; see sync_ask.h */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/sync_ask.h"

enum { SAME, ADD, WAITING, TAKE, WAITING_FEED, TAKE_FEED };
static struct stmt sql[] = {
	[SAME] = { .sql = "SELECT id FROM sync_request WHERE taken_at IS NULL AND feed = ?1 "
	    "AND is_full >= ?2 LIMIT 1" },
	[ADD] = { .sql = "INSERT INTO sync_request (feed, is_full, requested_by, requested_at) "
	    "VALUES (?1, ?2, ?3, ?4)" },
	/* (feed > '' lets an index be walked) */
	[WAITING] = { .sql = "SELECT feed, is_full FROM sync_request WHERE taken_at IS NULL "
	    "AND feed > '' LIMIT 100" },
	[TAKE] = { .sql = "UPDATE sync_request SET taken_at = ?1 WHERE taken_at IS NULL "
	    "AND feed > ''" },
	[WAITING_FEED] = { .sql = "SELECT 1 FROM sync_request WHERE taken_at IS NULL "
	    "AND feed = ?1 AND is_full <= ?2 LIMIT 1" },
	[TAKE_FEED] = { .sql = "UPDATE sync_request SET taken_at = ?3 WHERE taken_at IS NULL "
	    "AND feed = ?1 AND is_full <= ?2" },
};
DB_STATEMENTS(sql);

static const char *const names[SYNC_FEED_COUNT] = {
	[SYNC_ALL] = "all", [SYNC_BRANCHES] = "branches", [SYNC_PRODUCTS] = "products",
	[SYNC_STOCK] = "stock", [SYNC_CLIENTS] = "clients", [SYNC_ORDERS] = "orders",
};

const char *
sync_feed_name(enum sync_feed feed)
{
	return names[feed];
}

int
sync_ask(struct db *db, enum sync_feed feed, int is_full, int64_t user_id, int64_t *id)
{
	int rc = db_find(db, &sql[SAME], "si", names[feed], (int64_t)is_full);

	if (rc == 1)
		*id = db_int(&sql[SAME], 0);
	db_done(&sql[SAME]);
	if (rc != 0)
		return rc == 1 ? 0 : rc;
	rc = db_run(db, &sql[ADD], "siii", names[feed], (int64_t)is_full, user_id, clock_now());
	*id = db_last_id(db);
	return rc == 0 ? 1 : rc;
}

/* What waits, into feeds; how many rows, or a db_status. */
static int
read_waiting(struct db *db, int *feeds)
{
	struct stmt *st = &sql[WAITING];
	int n = 0, rc = db_query(db, st, "");

	memset(feeds, 0, SYNC_FEED_COUNT * sizeof *feeds);
	while (rc == 0 && (rc = db_row(db, st)) == 1) {
		for (int f = 0; f < SYNC_FEED_COUNT; f++)
			if (strcmp(names[f], db_text(st, 0)) == 0 && feeds[f] <= db_int(st, 1))
				feeds[f] = 1 + (int)db_int(st, 1);
		n++;
		rc = 0;
	}
	return rc < 0 ? rc : n;
}

int
sync_take(struct db *db, int *feeds)
{
	int n = read_waiting(db, feeds), rc, ended;

	if (n <= 0)
		return n;
	if ((rc = db_begin(db)) != 0)
		return rc;
	n = read_waiting(db, feeds);
	rc = n < 0 ? n : db_run(db, &sql[TAKE], "i", clock_now());
	ended = db_end(db, rc == 0);
	return rc != 0 ? rc : ended != 0 ? ended : n > 0;
}

int
sync_take_feed(struct db *db, enum sync_feed feed, int is_full)
{
	int rc = db_find(db, &sql[WAITING_FEED], "si", names[feed], (int64_t)is_full), ended;

	db_done(&sql[WAITING_FEED]);
	if (rc != 1)
		return rc;
	if ((rc = db_begin(db)) != 0)
		return rc;
	rc = db_run(db, &sql[TAKE_FEED], "sii", names[feed], (int64_t)is_full, clock_now());
	ended = db_end(db, rc == 0);
	return rc != 0 ? rc : ended != 0 ? ended : 1;
}
