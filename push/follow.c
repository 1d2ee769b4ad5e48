/*
 * follow.c - the table of events, followed by id; see follow.h
 *
 * Who commits writes to the -wal, and inotify tells at once; but what was
 * written shows only a moment later, when the writer has also changed the
 * log's index: so it is looked again after 2 ms, and some times more in case
 * the writer was not given the processor. Each second it is looked anyway.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "push/follow.h"
#include "push/hub.h"

enum {
	BATCH = 256,			/* events read at a time */
	BATCH_BYTES = 4 * 1024 * 1024,
	PAYLOAD_MAX = 64 * 1024,	/* none of ours is a tenth of it */
	ANYWAY_MS = 1000,
	POLL_MS = 20			/* without watches */
};

/* After a write: milliseconds from each look to the next. */
static const int again_ms[] = { 2, 4, 10, 30, 100 };
enum { AGAIN = sizeof again_ms / sizeof *again_ms };

#define COLUMNS "id, user_id, branch_id, created_ms, type, payload FROM event"
enum { EDGES, NEW, OF_CUSTOMER, OF_STAFF, STATEMENTS };
static struct stmt sql[STATEMENTS] = {
	[EDGES] = { .sql = "SELECT (SELECT min(id) FROM event), (SELECT max(id) FROM event)" },
	[NEW] = { .sql = "SELECT " COLUMNS " WHERE id > ?1 ORDER BY id LIMIT ?2" },
	[OF_CUSTOMER] = { .sql =
	    "SELECT " COLUMNS " WHERE user_id = ?1 AND id > ?2 AND id <= ?3"
	    " UNION ALL"
	    " SELECT " COLUMNS " WHERE user_id IS NULL AND id > ?2 AND id <= ?3"
	    " ORDER BY id LIMIT ?4" },
	[OF_STAFF] = { .sql =
	    "SELECT " COLUMNS " WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3" },
};
DB_STATEMENTS(sql);

struct follow {
	struct db *db;
	struct arena *arena;
	int inotify;			/* -1 = no watch: polls */
	int64_t last, version;
	int64_t due_ms, woken_ms;
	int again;			/* how many looks of again_ms are left */
	int listens, more;
	struct follow_event batch[BATCH];
};

/* ---- the watch */

static int
add_watch(struct follow *f)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s-wal", db_path(f->db)) >= (int)sizeof path)
		return -1;
	return inotify_add_watch(f->inotify, path, IN_MODIFY) == -1 ? -1 : 0;
}

/* The log is there and stays, because we have read: without watches it goes on,
 * a little slower. */
static void
start_watch(struct follow *f)
{
	f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->inotify != -1 && add_watch(f) == 0)
		return;
	log_warn("no_watch", "why=%s polls_ms=%d", strerror(errno), POLL_MS);
	if (f->inotify != -1)
		close(f->inotify);
	f->inotify = -1;
}

void
follow_woken(struct follow *f, int64_t now_ms)
{
	char bytes[4096];

	while (read(f->inotify, bytes, sizeof bytes) > 0)
		;
	f->again = AGAIN;
	f->due_ms = f->woken_ms = now_ms;
	f->listens = 0;
}

int
follow_listens(const struct follow *f)
{
	return f->listens;
}

int
follow_fd(const struct follow *f)
{
	return f->inotify;
}

int64_t
follow_due_ms(const struct follow *f)
{
	return f->due_ms;
}

/* ---- open */

static int
find_end(struct follow *f, char *fault)
{
	int rc = db_find(f->db, &sql[EDGES], "");

	if (rc != 1) {
		snprintf(fault, DB_FAULT, "%s", db_error(f->db));
		return -1;
	}
	f->last = db_is_null(&sql[EDGES], 1) ? 0 : db_int(&sql[EDGES], 1);
	db_done(&sql[EDGES]);
	if (db_sync(f->db) == 0)
		return 0;
	snprintf(fault, DB_FAULT, "%s", db_error(f->db));
	return -1;
}

struct follow *
follow_open(struct db *db, int watch, char *fault)
{
	struct follow *f = calloc(1, sizeof *f);

	if (f == NULL || (f->arena = arena_new(BATCH_BYTES)) == NULL) {
		snprintf(fault, DB_FAULT, "out of memory");
		free(f);
		return NULL;
	}
	f->db = db;
	f->inotify = -1;
	f->listens = 1;
	f->version = DB_NULL;
	if (find_end(f, fault) == -1) {
		follow_free(f);
		return NULL;
	}
	if (watch)
		start_watch(f);
	f->due_ms = clock_mono_ms();
	return f;
}

void
follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	if (f->inotify != -1)
		close(f->inotify);
	arena_free(f->arena);
	free(f);
}

/* ---- reading */

/* 1 taken, 0 when the arena is full. */
static int
take(struct follow *f, struct stmt *s, struct follow_event *e)
{
	const char *payload = db_text(s, 5);
	int lost = 0;

	*e = (struct follow_event){ .id = db_int(s, 0), .user_id = db_int(s, 1),
		.branch_id = db_int(s, 2), .at_ms = db_int(s, 3) };
	e->type = db_keep(s, 4, f->arena, &lost);
	e->payload = strnlen(payload, PAYLOAD_MAX + 1) > PAYLOAD_MAX ? "null"
	    : db_keep(s, 5, f->arena, &lost);
	return lost == 0;
}

/* Rows of a bound statement; f->more: there may be others. How many, or a db_status. */
static int
read_batch(struct follow *f, struct stmt *s)
{
	int n = 0, rc = DB_OK;

	arena_reset(f->arena);
	while (n < BATCH && (rc = db_row(f->db, s)) == 1 && take(f, s, &f->batch[n]))
		n++;
	f->more = rc == 1;
	db_done(s);
	return rc < 0 ? rc : n;
}

static void
plan(struct follow *f, int64_t now_ms, int more)
{
	if (now_ms - f->woken_ms >= again_ms[0])
		f->listens = 1;
	if (more)
		f->due_ms = now_ms;
	else if (f->again > 0)
		f->due_ms = now_ms + again_ms[AGAIN - f->again--];
	else
		f->due_ms = now_ms + (f->inotify == -1 ? POLL_MS : ANYWAY_MS);
}

/* 1 when nobody has committed since the last look. */
static int
is_quiet(struct follow *f, int64_t *version)
{
	*version = db_data_version(f->db);
	return *version != DB_NULL && *version == f->version;
}

int
follow_look(struct follow *f, int64_t now_ms, follow_tell tell, void *arg)
{
	int64_t version;
	int n;

	if (is_quiet(f, &version)) {
		plan(f, now_ms, 0);
		return 0;
	}
	f->due_ms = now_ms + ANYWAY_MS;		/* unless all goes well */
	if ((n = db_query(f->db, &sql[NEW], "ii", f->last, (int64_t)BATCH)) != DB_OK ||
	    (n = read_batch(f, &sql[NEW])) < 0)
		return n;
	if (n > 0 && db_sync(f->db) != 0)
		return DB_FULL;
	if (!f->more)
		f->version = version;
	for (int i = 0; i < n; i++) {
		f->last = f->batch[i].id;
		tell(arg, &f->batch[i]);
	}
	plan(f, now_ms, f->more);
	return n;
}

int64_t
follow_last(const struct follow *f)
{
	return f->last;
}

/* The oldest that is still there, DB_NULL = none; or a db_status below 0 in *rc. */
static int64_t
oldest(struct follow *f, int *rc)
{
	int64_t first;

	if ((*rc = db_find(f->db, &sql[EDGES], "")) != 1)
		return DB_NULL;
	first = db_int(&sql[EDGES], 0);
	db_done(&sql[EDGES]);
	return first;
}

/* ---- what somebody missed */

static int
ask_missed(struct follow *f, const struct listener *l, int64_t position, struct stmt **s)
{
	*s = &sql[l->role == HUB_CUSTOMER ? OF_CUSTOMER : OF_STAFF];
	if (l->role == HUB_CUSTOMER)
		return db_query(f->db, *s, "iiii", l->user_id, position, f->last, (int64_t)BATCH);
	return db_query(f->db, *s, "iii", position, f->last, (int64_t)BATCH);
}

/* Asked after the rows were read: what goes from now on has been read. */
static int
is_whole(struct follow *f, int64_t position)
{
	int rc;
	int64_t first = oldest(f, &rc);

	if (rc < 0)
		return rc;
	return first != DB_NULL && position >= first - 1 ? 0 : FOLLOW_PRUNED;
}

int
follow_replay(struct follow *f, const struct listener *l, int64_t *position, follow_tell tell, void *arg)
{
	struct hub_event about;
	struct stmt *s;
	int n, rc = ask_missed(f, l, *position, &s);

	if (rc != DB_OK || (n = read_batch(f, s)) < 0)
		return rc != DB_OK ? rc : n;
	if ((rc = is_whole(f, *position)) != 0)
		return rc;
	*position = f->more && n > 0 ? f->batch[n - 1].id : f->last;
	for (int i = 0; i < n; i++) {
		about = (struct hub_event){ f->batch[i].user_id, f->batch[i].branch_id,
			f->batch[i].type };
		if (hub_hears(l, &about))
			tell(arg, &f->batch[i]);
	}
	return n;
}
