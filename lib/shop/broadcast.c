/*
 * broadcast.c - what people behind the counter write to customers
 *
 * A batch looks at a range of users' ids, not at a number of recipients: so
 * its time has a bound even where few of many are meant.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/broadcast.h"
#include "lib/shop/notification.h"

enum {
	BATCH = 200,		/* users looked at under one lock */
	TEXT_MAX = 8192,	/* title and message */
	HOLD_MS = DB_HOLD_MS / 2
};

#define STR_(n) #n
#define STR(n) STR_(n)
#define ORDERS_LOOKED_AT 50	/* of a customer, for "who ordered there" */

enum { ADD, ANY, NEXT, ALL, OF_BRANCH, MOVE, COUNT };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO broadcast (created_by, type, title, message, audience, "
	    "branch_id, created_at, next_user, last_user) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
	    "coalesce((SELECT max(id) FROM users), 0))" },
	[ANY] = { .sql = "SELECT 1 FROM broadcast WHERE next_user >= 0 LIMIT 1" },
	[NEXT] = { .sql = "SELECT id, type, title, message, audience, branch_id, next_user, "
	    "last_user FROM broadcast WHERE next_user >= 0 ORDER BY next_user LIMIT 1" },
	[ALL] = { .sql = "SELECT u.id FROM users u WHERE u.id > ?1 AND u.id <= ?2 "
	    "AND u.is_blocked = 0 ORDER BY u.id" },
	[OF_BRANCH] = { .sql = "SELECT u.id FROM users u WHERE u.id > ?1 AND u.id <= ?2 "
	    "AND u.is_blocked = 0 AND ?3 IN (SELECT o.branch_id FROM orders o "
	    "WHERE o.user_id = u.id ORDER BY o.id DESC LIMIT " STR(ORDERS_LOOKED_AT) ") "
	    "ORDER BY u.id" },
	[MOVE] = { .sql = "UPDATE broadcast SET sent = sent + ?2, "
	    "next_user = CASE WHEN ?3 < last_user THEN ?3 END WHERE id = ?1" },
	[COUNT] = { .sql = "UPDATE broadcast SET sent = sent + 1 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

static const char *const audiences[] = {
	[TO_USERS] = "users", [TO_BRANCH] = "branch", [TO_ALL] = "all"
};

int
broadcast_add(struct db *db, const struct broadcast *b, int64_t *id)
{
	int rc = db_run(db, &sql[ADD], "issssiii", b->by, b->type, b->title, b->message,
	    audiences[b->to], b->to == TO_BRANCH ? b->branch_id : DB_NULL, clock_now(),
	    b->to == TO_USERS ? DB_NULL : INT64_C(0));

	*id = db_last_id(db);
	return rc;
}

int
broadcast_send(struct db *db, int64_t id, const struct broadcast *b, int64_t user_id)
{
	int rc = notification_broadcast(db, user_id, id, &(struct notification){
		.type = b->type, .title = b->title, .message = b->message });

	return rc != 0 ? rc : db_run(db, &sql[COUNT], "i", id);
}

/* One that is under way; its texts live in the arena. */
struct going {
	struct broadcast what;
	int64_t id, next_user, last_user;
};

/* 1 found. */
static int
find_next(struct db *db, struct arena *a, struct going *g)
{
	struct stmt *st = &sql[NEXT];
	int lost = 0, rc = db_find(db, st, "");

	if (rc != 1)
		return rc;
	*g = (struct going){ .id = db_int(st, 0), .next_user = db_int(st, 6),
		.last_user = db_int(st, 7), .what = { .type = db_keep(st, 1, a, &lost),
		.title = db_keep(st, 2, a, &lost), .message = db_keep(st, 3, a, &lost),
		.to = strcmp(db_text(st, 4), "all") == 0 ? TO_ALL : TO_BRANCH,
		.branch_id = db_int(st, 5) } };
	db_done(st);
	return lost > 0 ? DB_ERROR : 1;
}

/* Who of the next BATCH ids is meant: how many, or a db_status. */
static int
list_users(struct db *db, const struct going *g, int64_t *ids)
{
	struct stmt *st = &sql[g->what.to == TO_ALL ? ALL : OF_BRANCH];
	int64_t to = g->next_user + BATCH < g->last_user ? g->next_user + BATCH : g->last_user;
	int n = 0, rc = g->what.to == TO_ALL ? db_query(db, st, "ii", g->next_user, to)
	    : db_query(db, st, "iii", g->next_user, to, g->what.branch_id);

	while (rc == 0 && n < BATCH && (rc = db_row(db, st)) == 1) {
		ids[n++] = db_int(st, 0);
		rc = 0;
	}
	db_done(st);
	return rc < 0 ? rc : n;
}

/* What fits between two looks at the clock. 0 or a db_status. */
static int
write_batch(struct db *db, const struct going *g)
{
	const struct notification words = { .type = g->what.type, .title = g->what.title,
		.message = g->what.message };
	int64_t ids[BATCH], reached = g->next_user + BATCH;
	int n = list_users(db, g, ids), rc = n < 0 ? n : 0, sent = 0;

	while (rc == 0 && sent < n && (sent == 0 || db_hold_ms(db) < HOLD_MS)) {
		rc = notification_broadcast(db, ids[sent], g->id, &words);
		sent++;
	}
	if (sent < n)
		reached = ids[sent] - 1;
	return rc != 0 ? rc : db_run(db, &sql[MOVE], "iii", g->id, (int64_t)sent, reached);
}

int
broadcast_step(struct db *db)
{
	struct arena *a;
	struct going g;
	int rc = db_find(db, &sql[ANY], ""), ended;

	db_done(&sql[ANY]);
	if (rc != 1)
		return rc;
	if ((a = arena_new(TEXT_MAX)) == NULL)
		return DB_ERROR;
	if ((rc = db_begin(db)) == 0) {
		if ((rc = find_next(db, a, &g)) == 1)
			rc = write_batch(db, &g);
		ended = db_end(db, rc == 0);
		rc = rc != 0 ? rc : ended != 0 ? ended : 1;
	}
	arena_free(a);
	return rc;
}
