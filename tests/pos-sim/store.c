/*
 * store.c - see store.h
 *
 * Writers queue at flock(FILE.lock) before BEGIN IMMEDIATE, so checkpoints
 * (which run inside COMMIT only) never overlap another's commit: SQLite
 * before 3.51.3 may lose pages there.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/schema.h"
#include "tests/pos-sim/store.h"

enum {
	BUSY_MS = 10000,	/* a reader never waits, a writer queues at flock */
	PATH_LIMIT = 4096,
	PREPARED_MOST = 128	/* statements in the whole program */
};

struct store {
	sqlite3 *conn;
	int lock_fd;
	size_t count;
	struct query *prepared[PREPARED_MOST];
};

/* The one of this process: it stays known when a verb ends with exit(). */
static struct store *opened;

enum { BEGIN, READ, COMMIT, ROLLBACK, VERSION, SETTING, SET, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[BEGIN] = { "BEGIN IMMEDIATE", NULL },
	[READ] = { "BEGIN", NULL },
	[COMMIT] = { "COMMIT", NULL },
	[ROLLBACK] = { "ROLLBACK", NULL },
	[VERSION] = { "PRAGMA user_version", NULL },
	[SETTING] = { "SELECT value FROM setting WHERE name = ?1", NULL },
	[SET] = { "INSERT INTO setting (name, value) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value", NULL },
};

static _Noreturn void
die(struct store *s, const char *doing)
{
	fatal(EX_IOERR, "the till's database: %s: %s", doing, sqlite3_errmsg(s->conn));
}

static void
run_script(struct store *s, const char *script)
{
	if (sqlite3_exec(s->conn, script, NULL, NULL, NULL) != SQLITE_OK)
		die(s, script);
}

static struct store *
connect_to(const char *path, int flags)
{
	struct store *s = calloc(1, sizeof *s);
	char lock[PATH_LIMIT];

	if (s == NULL)
		fatal(EX_OSERR, "out of memory");
	if (opened != NULL)
		panic("store: a second one at a time");
	opened = s;
	if (snprintf(lock, sizeof lock, "%s.lock", path) >= (int)sizeof lock)
		refuse(EX_USAGE, "%s: the name is too long", path);
	s->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (s->lock_fd < 0)
		refuse(EX_CANTCREAT, "%s: %s", lock, strerror(errno));
	if (sqlite3_open_v2(path, &s->conn, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		die(s, path);
	sqlite3_busy_timeout(s->conn, BUSY_MS);
	sqlite3_db_config(s->conn, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	run_script(s, "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
	    " PRAGMA trusted_schema=OFF");
	return s;
}

struct store *
store_create(const char *path, int force)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	struct store *s;
	char name[PATH_LIMIT];

	if (access(path, F_OK) == 0 && !force)
		refuse(EX_CANTCREAT, "%s is there already: --force makes it anew", path);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(name, sizeof name, "%s%s", path, parts[i]);
		if (unlink(name) != 0 && errno != ENOENT)
			refuse(EX_CANTCREAT, "%s: %s", name, strerror(errno));
	}
	s = connect_to(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	run_script(s, "PRAGMA journal_mode=WAL");
	run_script(s, pos_sim_schema);
	return s;
}

struct store *
store_open(const char *path)
{
	struct query *version = &sql[VERSION];
	struct store *s;

	if (access(path, F_OK) != 0)
		refuse(EX_NOINPUT, "%s: %s (pos-sim init --db %s makes a till)", path,
		    strerror(errno), path);
	s = connect_to(path, SQLITE_OPEN_READWRITE);
	if (!store_find(s, version, "") || store_int(version, 0) != POS_SIM_SCHEMA)
		refuse(EX_DATAERR, "%s is no till of this version: pos-sim init --force"
		    " makes it anew", path);
	store_done(version);
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		sqlite3_finalize(s->prepared[i]->handle);
		s->prepared[i]->handle = NULL;
	}
	sqlite3_close(s->conn);
	close(s->lock_fd);
	free(s);
	opened = NULL;
}

static void
bind_values(struct store *s, struct query *q, const char *types, va_list ap)
{
	const char *text;
	int64_t number;
	int rc;

	for (int i = 1; *types != '\0'; types++, i++) {
		switch (*types) {
		case 'i':
			number = va_arg(ap, int64_t);
			rc = number == STORE_NULL ? sqlite3_bind_null(q->handle, i) :
			    sqlite3_bind_int64(q->handle, i, number);
			break;
		case 's':
			text = va_arg(ap, const char *);
			rc = sqlite3_bind_text(q->handle, i, text, -1, SQLITE_STATIC);
			break;
		case 'r':
			rc = sqlite3_bind_double(q->handle, i, va_arg(ap, double));
			break;
		default:
			panic("store: no type '%c' in %s", *types, q->sql);
		}
		if (rc != SQLITE_OK)
			die(s, q->sql);
	}
}

static void
prepare(struct store *s, struct query *q)
{
	if (s->count == PREPARED_MOST)
		panic("store: more than %d statements", PREPARED_MOST);
	if (sqlite3_prepare_v3(s->conn, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->handle,
	    NULL) != SQLITE_OK)
		die(s, q->sql);
	s->prepared[s->count++] = q;
}

static void
start(struct store *s, struct query *q, const char *types, va_list ap)
{
	if (q->handle == NULL)
		prepare(s, q);
	sqlite3_reset(q->handle);
	sqlite3_clear_bindings(q->handle);
	bind_values(s, q, types, ap);
}

void
store_query(struct store *s, struct query *q, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	start(s, q, types, ap);
	va_end(ap);
}

int
store_row(struct store *s, struct query *q)
{
	int rc = sqlite3_step(q->handle);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		die(s, q->sql);
	sqlite3_reset(q->handle);
	return 0;
}

void
store_done(struct query *q)
{
	sqlite3_reset(q->handle);
}

void
store_run(struct store *s, struct query *q, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	start(s, q, types, ap);
	va_end(ap);
	while (store_row(s, q))
		;
}

int
store_find(struct store *s, struct query *q, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	start(s, q, types, ap);
	va_end(ap);
	return store_row(s, q);
}

void
store_begin(struct store *s)
{
	while (flock(s->lock_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			fatal(EX_OSERR, "flock: %s", strerror(errno));
	store_run(s, &sql[BEGIN], "");
}

static void
end(struct store *s, int how)
{
	store_run(s, &sql[how], "");
	flock(s->lock_fd, LOCK_UN);
}

void
store_commit(struct store *s)
{
	end(s, COMMIT);
}

void
store_rollback(struct store *s)
{
	end(s, ROLLBACK);
}

void
store_read(struct store *s)
{
	store_run(s, &sql[READ], "");
}

void
store_read_end(struct store *s)
{
	store_run(s, &sql[COMMIT], "");
}

int64_t
store_int(const struct query *q, int col)
{
	if (sqlite3_column_type(q->handle, col) == SQLITE_NULL)
		return STORE_NULL;
	return sqlite3_column_int64(q->handle, col);
}

double
store_real(const struct query *q, int col)
{
	if (sqlite3_column_type(q->handle, col) == SQLITE_NULL)
		return NAN;
	return sqlite3_column_double(q->handle, col);
}

const char *
store_text(const struct query *q, int col)
{
	return (const char *)sqlite3_column_text(q->handle, col);
}

int64_t
store_last_id(struct store *s)
{
	return sqlite3_last_insert_rowid(s->conn);
}

int64_t
store_changes(struct store *s)
{
	return sqlite3_changes64(s->conn);
}

int64_t
store_setting(struct store *s, const char *name, int64_t otherwise)
{
	int64_t value = otherwise;

	if (store_find(s, &sql[SETTING], "s", name))
		value = store_int(&sql[SETTING], 0);
	store_done(&sql[SETTING]);
	return value;
}

void
store_set(struct store *s, const char *name, int64_t value)
{
	store_run(s, &sql[SET], "si", name, value);
}
