/*
 * db.c - statements and rows
 *
 * A statement is prepared once for each connection and kept. Two counters
 * make misuse an error instead of a surprise: gen says which connection a
 * handle belongs to, turn says whether a transaction has begun or ended since
 * the statement was bound (its rows are gone then).
 */
#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/db.h"
#include "lib/base/db_internal.h"

static struct db_table *tables;

void
db_table_add(struct db_table *table)
{
	table->next = tables;
	tables = table;
}

struct db_table *
db_tables(void)
{
	return tables;
}

static int
is_failed_sync(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

int
db_fail(struct db *db, int rc, const char *what)
{
	snprintf(db->error, sizeof db->error, "%.200s: %.250s (%d)", what,
	    sqlite3_errmsg(db->conn), rc);
	if (is_failed_sync(rc)) {
		db_stop(db, db->error);
		return DB_FULL;
	}
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_BUSY;
	case SQLITE_FULL:
		return DB_FULL;
	default:
		return DB_ERROR;
	}
}

int
db_refuse(struct db *db, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(db->error, sizeof db->error, fmt, ap);
	va_end(ap);
	return DB_ERROR;
}

const char *
db_error(struct db *db)
{
	return db->error;
}

int
db_step_fixed(struct db *db, enum fixed which)
{
	int rc = sqlite3_step(db->fixed[which]);

	sqlite3_reset(db->fixed[which]);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void
db_end_statements(struct db *db)
{
	for (size_t i = 0; i < db->prepared_count; i++)
		if (sqlite3_stmt_busy(db->prepared[i]))
			sqlite3_reset(db->prepared[i]);
	db->turn++;
}

/* ---- binding */

/* Room for one handle more; doubles at each power of two. */
static int
make_room(struct db *db)
{
	size_t n = db->prepared_count;
	sqlite3_stmt **list;

	if ((n & (n - 1)) != 0)
		return 0;
	list = realloc(db->prepared, (n == 0 ? 1 : n * 2) * sizeof(*list));
	if (list == NULL)
		return db_refuse(db, "out of memory");
	db->prepared = list;
	return 0;
}

/* The statement belongs to another connection from now on. */
static void
finalize(struct db *db, void *handle)
{
	for (size_t i = 0; i < db->prepared_count; i++)
		if (db->prepared[i] == handle) {
			db->prepared[i] = db->prepared[--db->prepared_count];
			sqlite3_finalize(handle);
			return;
		}
}

static int
prepare(struct db *db, struct stmt *st)
{
	struct db *other = st->gen == 0 ? NULL : db_of_generation(st->gen);
	sqlite3_stmt *handle;
	int rc;

	if (other != NULL)
		finalize(other, st->handle);
	st->gen = 0;
	if ((rc = make_room(db)) != 0)
		return rc;
	rc = sqlite3_prepare_v3(db->conn, st->sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &handle, NULL);
	if (rc != SQLITE_OK)
		return db_fail(db, rc, st->sql);
	db->prepared[db->prepared_count++] = handle;
	st->handle = handle;
	st->gen = db->gen;
	return 0;
}

/* A write outside db_begin would pass by the lock: refused. */
static int
make_ready(struct db *db, struct stmt *st, const char *types)
{
	int rc;

	st->turn = 0;
	if (st->gen != db->gen) {
		if ((rc = prepare(db, st)) != 0)
			return rc;
	} else
		sqlite3_reset(st->handle);
	if (!db->writing && !sqlite3_stmt_readonly(st->handle))
		return db_refuse(db, "outside db_begin: %.200s", st->sql);
	if (strlen(types) != (size_t)sqlite3_bind_parameter_count(st->handle))
		return db_refuse(db, "takes %d values, given \"%s\": %.200s",
		    sqlite3_bind_parameter_count(st->handle), types, st->sql);
	return 0;
}

static int
bind_text(sqlite3_stmt *s, int i, const char *text, size_t n)
{
	return sqlite3_bind_text64(s, i, text, n, SQLITE_STATIC, SQLITE_UTF8);
}

static int
bind_int(sqlite3_stmt *s, int i, int64_t n)
{
	return n == DB_NULL ? sqlite3_bind_null(s, i)
	    : sqlite3_bind_int64(s, i, n);
}

/* va_list behind a struct, so that it can be handed on by address. */
struct values {
	va_list ap;
};

static int
bind_one(sqlite3_stmt *s, int i, char type, struct values *v)
{
	const char *text;
	const void *blob;

	switch (type) {
	case 'i':
		return bind_int(s, i, va_arg(v->ap, int64_t));
	case 'r':	/* the engine stores NaN as NULL by itself */
		return sqlite3_bind_double(s, i, va_arg(v->ap, double));
	case 's':
		text = va_arg(v->ap, const char *);
		return bind_text(s, i, text, text == NULL ? 0 : strlen(text));
	case 't':
		text = va_arg(v->ap, const char *);
		return bind_text(s, i, text, va_arg(v->ap, size_t));
	case 'b':
		blob = va_arg(v->ap, const void *);
		return sqlite3_bind_blob64(s, i, blob, va_arg(v->ap, size_t),
		    SQLITE_STATIC);
	case 'n':
		return sqlite3_bind_null(s, i);
	default:
		return SQLITE_MISUSE;
	}
}

static int
query(struct db *db, struct stmt *st, const char *types, struct values *v)
{
	int rc = make_ready(db, st, types);

	if (rc != 0)
		return rc;
	for (int i = 0; types[i] != '\0'; i++)
		if (bind_one(st->handle, i + 1, types[i], v) != SQLITE_OK)
			return db_refuse(db, "value %d ('%c') refused: %.200s",
			    i + 1, types[i], st->sql);
	st->turn = db->turn;
	return 0;
}

int
db_query(struct db *db, struct stmt *st, const char *types, ...)
{
	struct values v;
	int rc;

	va_start(v.ap, types);
	rc = query(db, st, types, &v);
	va_end(v.ap);
	return rc;
}

int
db_row(struct db *db, struct stmt *st)
{
	int rc;

	if (st->gen != db->gen || st->turn != db->turn)
		return db_refuse(db, "no rows stand open: %.200s", st->sql);
	rc = sqlite3_step(st->handle);
	if (rc == SQLITE_ROW)
		return 1;
	st->turn = 0;
	if (rc != SQLITE_DONE)
		rc = db_fail(db, rc, st->sql);
	else
		rc = 0;
	sqlite3_reset(st->handle);
	return rc;
}

void
db_done(struct stmt *st)
{
	if (st->gen != 0 && db_of_generation(st->gen) != NULL)
		sqlite3_reset(st->handle);
	st->turn = 0;
}

int
db_run(struct db *db, struct stmt *st, const char *types, ...)
{
	struct values v;
	int rc;

	va_start(v.ap, types);
	rc = query(db, st, types, &v);
	va_end(v.ap);
	if (rc != 0)
		return rc;
	while ((rc = db_row(db, st)) == 1)
		;
	return rc;
}

int
db_find(struct db *db, struct stmt *st, const char *types, ...)
{
	struct values v;
	int rc;

	va_start(v.ap, types);
	rc = query(db, st, types, &v);
	va_end(v.ap);
	return rc == 0 ? db_row(db, st) : rc;
}

/* ---- columns */

int
db_columns(struct stmt *st)
{
	return sqlite3_column_count(st->handle);
}

int
db_is_null(struct stmt *st, int col)
{
	return sqlite3_column_type(st->handle, col) == SQLITE_NULL;
}

int64_t
db_int(struct stmt *st, int col)
{
	return db_is_null(st, col) ? DB_NULL
	    : sqlite3_column_int64(st->handle, col);
}

double
db_real(struct stmt *st, int col)
{
	return db_is_null(st, col) ? (double)NAN
	    : sqlite3_column_double(st->handle, col);
}

const char *
db_text(struct stmt *st, int col)
{
	return (const char *)sqlite3_column_text(st->handle, col);
}

const char *
db_keep(struct stmt *st, int col, struct arena *a, int *lost)
{
	const char *text = db_text(st, col), *copy = arena_str(a, text);

	*lost += text != NULL && copy == NULL;
	return copy;
}

const void *
db_blob(struct stmt *st, int col, size_t *len)
{
	const void *p = sqlite3_column_blob(st->handle, col);

	*len = (size_t)sqlite3_column_bytes(st->handle, col);
	return p == NULL && !db_is_null(st, col) ? "" : p;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->conn);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->conn);
}

int64_t
db_total_changes(struct db *db)
{
	return sqlite3_total_changes64(db->conn);
}

/* ---- reading */

int
db_in_transaction(const struct db *db)
{
	return db->writing ? 2 : db->reading;
}

int
db_read_begin(struct db *db)
{
	int rc;

	if (db_in_transaction(db))
		return db_refuse(db, "a transaction is open already");
	if (sqlite3_txn_state(db->conn, "main") != SQLITE_TXN_NONE)
		db_end_statements(db);	/* its snapshot is an old one */
	if ((rc = db_step_fixed(db, BEGIN_READ)) != SQLITE_OK)
		return db_fail(db, rc, "BEGIN");
	db->reading = 1;
	return 0;
}

void
db_read_end(struct db *db)
{
	if (!db->reading)
		return;
	db_end_statements(db);
	if (db_step_fixed(db, COMMIT) != SQLITE_OK)
		db_step_fixed(db, ROLLBACK);
	db->reading = 0;
}

int64_t
db_data_version(struct db *db)
{
	sqlite3_stmt *s = db->fixed[DATA_VERSION];
	int64_t version = sqlite3_step(s) == SQLITE_ROW
	    ? sqlite3_column_int64(s, 0) : DB_NULL;

	sqlite3_reset(s);
	return version;
}
