/*
 * db.h - the only door to the database
 *
 * One connection per process, opened after fork. SQL stands in each file's
 * statement table and is prepared once per connection. Nothing above this
 * header knows which engine stands behind it.
 *
 * The write path: flock on "<database>.lock" (the kernel frees it when its
 * holder dies), BEGIN IMMEDIATE, COMMIT at synchronous=NORMAL, unlock, then
 * sync the write-ahead log. db_end() returns after the sync, so what it
 * acknowledged survives a power cut, and the slow part is outside the lock.
 */
#ifndef DB_H
#define DB_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct db;

/* One row of a statement table: { .sql = "…" }; the rest belongs to db.c. */
struct stmt {
	const char *sql;
	unsigned gen, turn;
	void *handle;
};

/* A file's statement table, known to the query plan test. */
struct db_table {
	const char *file;
	struct stmt *list;
	size_t count;
	struct db_table *next;
};

void db_table_add(struct db_table *);
struct db_table *db_tables(void);

/* Stands once, below the table: DB_STATEMENTS(sql); */
#define DB_STATEMENTS(list_) \
	static struct db_table list_##_table = { __FILE__, list_, \
	    sizeof(list_) / sizeof *(list_), NULL }; \
	__attribute__((constructor)) static void \
	list_##_register(void) { db_table_add(&list_##_table); } \
	struct db_table

#define DB_NULL INT64_MIN	/* an absent integer, both ways */

enum db_status {
	DB_OK,
	DB_BUSY = -2,	/* the write lock did not come within busy_ms: try later */
	DB_FULL = -3,	/* disk full or writing stopped after a failed sync */
	DB_ERROR = -1
};

enum db_mode {
	DB_READER,	/* query_only: no statement can write */
	DB_WRITER,
	DB_MODES
};

/*
 * NULL with a sentence in fault (DB_FAULT bytes): missing file, newer or
 * older schema, no right. busy_ms: how long db_begin waits for the lock.
 */
enum { DB_FAULT = 512, DB_SCHEMA_VERSION = 2 };
struct db *db_open(const char *path, enum db_mode, int busy_ms, char *fault);
/* As db_open, but creates the file (0600) from the schema's text. */
struct db *db_create(const char *path, const char *schema, char *fault);
/*
 * For a program that goes through much of the file once, beside others that
 * serve from it: map 16 MB of it at a time, not all, so that its memory does
 * not grow with the shop.
 */
void db_map_little(struct db *);
void db_close(struct db *);
const char *db_path(const struct db *);
const char *db_error(struct db *);	/* the last failure in words, for the log */

/*
 * Bind by letters, make ready for db_row:
 *   i int64_t (DB_NULL = NULL)    s const char * (NULL = NULL)
 *   r double (NaN = NULL)         t const char *, size_t
 *   b const void *, size_t (NULL = NULL)          n NULL
 * 0 or DB_ERROR: also when the letters are not as many as the statement's
 * values, or it writes and no db_begin stands open. Integers are 64 bits:
 * cast literals, (int64_t)1. Texts are not copied: they must live until the
 * statement is done. The begin and the end of a transaction end every open
 * statement: db_row says DB_ERROR then, and columns are NULL.
 */
int db_query(struct db *, struct stmt *, const char *types, ...)
    __attribute__((warn_unused_result));
/* 1 a row, 0 the end (the statement is reset), else a db_status. */
int db_row(struct db *, struct stmt *) __attribute__((warn_unused_result));
/* Leave a statement before its end. */
void db_done(struct stmt *);
/* Bind and run to the end; 0 or a db_status. */
int db_run(struct db *, struct stmt *, const char *types, ...)
    __attribute__((warn_unused_result));
/* Bind, and take the first row: 1 it stands in the statement until db_done
 * or the next use, 0 none, else a db_status. */
int db_find(struct db *, struct stmt *, const char *types, ...)
    __attribute__((warn_unused_result));

int64_t db_int(struct stmt *, int col);		/* DB_NULL when NULL */
double db_real(struct stmt *, int col);		/* NaN when NULL */
const char *db_text(struct stmt *, int col);	/* NULL when NULL; until the next db_row */
/* The text for good, in the arena; one that did not fit is NULL and counted in *lost. */
const char *db_keep(struct stmt *, int col, struct arena *, int *lost);
const void *db_blob(struct stmt *, int col, size_t *len);
int db_is_null(struct stmt *, int col);
int db_columns(struct stmt *);		/* of its rows; 0 = it gives none */

int64_t db_changes(struct db *);	/* rows changed by the last statement */
int64_t db_last_id(struct db *);
int64_t db_total_changes(struct db *);	/* since db_open: what "0 rows written" counts */

/*
 * Writing. Between begin and end: no network, no sleep, no hashing, at most
 * DB_HOLD_MS. 0, DB_BUSY, DB_FULL or DB_ERROR. Writers take turns: who has just
 * released the lock passes by nobody, and after a long hold db_begin stays away
 * as long as it was, so that batches let short transactions in.
 */
enum { DB_HOLD_MS = 20 };
int db_begin(struct db *) __attribute__((warn_unused_result));
/* ok: commit, unlock, sync to disk; else roll back and unlock. */
int db_end(struct db *, int ok) __attribute__((warn_unused_result));
/* As db_end, without the sync, which the caller owes: db_sync() before anything
 * of it is acknowledged. So several short transactions share one. */
int db_end_unsynced(struct db *, int ok) __attribute__((warn_unused_result));
int db_in_transaction(const struct db *);	/* 0 no, 1 reading, 2 writing */
int db_hold_ms(const struct db *);	/* how long the lock has been held */

/* One snapshot for all SELECTs of a reading request. */
int db_read_begin(struct db *) __attribute__((warn_unused_result));
void db_read_end(struct db *);

/* Changes whenever another connection committed. */
int64_t db_data_version(struct db *);

/* Sync what others committed (a replay waits for the same disk). */
int db_sync(struct db *) __attribute__((warn_unused_result));

/* For admin: a consistent copy with an integrity check; 0 or -1 with fault. */
int db_backup(struct db *, const char *to, char *fault) __attribute__((warn_unused_result));

/* For doctor: facts about the file, each a short text or number. */
struct db_facts {
	int64_t schema_version, page_size, wal_bytes;
	int wal_mode, integrity_ok;
	char engine[64], integrity[256], lock_holder[64];
};
int db_facts(struct db *, struct db_facts *) __attribute__((warn_unused_result));

/* For /readyz and /metrics, cheap enough for each few seconds. 0 or a db_status. */
struct db_health {
	int schema_right;	/* the file is of the version that this program knows */
	int stopped;		/* writing is, after a failed sync */
	int64_t wal_bytes, free_bytes;	/* the log; what the disk has left for us */
};
int db_health(struct db *, struct db_health *) __attribute__((warn_unused_result));

/* For the query plan test: one line per step into out; 0 or -1. */
int db_explain(struct db *, const char *sql, char *out, size_t size);

#endif
