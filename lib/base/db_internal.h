/*
 * db_internal.h - what the files of the database door share
 *
 * db.c has statements and rows, db_open.c connections, db_write.c the lock and
 * transactions, db_log.c the write-ahead log, db_admin.c what an operator asks
 * for. Nobody else includes this.
 */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <limits.h>
#include <stdint.h>

#include "lib/base/db.h"

struct sqlite3;
struct sqlite3_stmt;

/* What every connection prepares for itself at once. */
enum fixed { BEGIN_WRITE, BEGIN_READ, COMMIT, ROLLBACK, DATA_VERSION, FIXED };

enum { DB_ERROR_TEXT = 512 };

struct db {
	struct sqlite3 *conn;
	struct db *next;	/* the connections of this process */
	unsigned gen;		/* whose prepared handles are ours */
	unsigned turn;		/* statements begun in an earlier turn are over */
	enum db_mode mode;
	int busy_ms;
	int writing, reading;
	char *path;		/* absolute, symbolic links resolved */
	struct sqlite3_stmt *fixed[FIXED];
	struct sqlite3_stmt **prepared;	/* for struct stmt; the engine's own are not here */
	size_t prepared_count;

	int lock_fd;		/* -1 until a writer needs it */
	char pid[16];		/* goes into the lock file */
	int64_t taken_us;
	int64_t away_until_us;	/* not to take the lock before; 0 = at once */

	int wal_pages;		/* in the log after our last commit */
	int checkpoint_rc;	/* what the last checkpoint said */
	int stopped;		/* a sync failed in this process */
	char error[DB_ERROR_TEXT];
};

/* Keep the engine's message, return the db_status for its code. */
int db_fail(struct db *, int rc, const char *what);
/* Keep our own message, return DB_ERROR. */
int db_refuse(struct db *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Run one of the fixed statements to its end; 0 or an engine code. */
int db_step_fixed(struct db *, enum fixed);
/* Whatever statement still stands in a row is over. */
void db_end_statements(struct db *);

/* A sentence for who opens or copies; returns -1. */
int db_fault(char *fault, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The first column of the first row; 0 or -1. */
int db_ask_text(struct sqlite3 *, const char *sql, char *out, size_t size);
int64_t db_ask_int(struct sqlite3 *, const char *sql);	/* -1: none */
/* Make the names in a file's folder durable; 0 or -1 with errno. */
int db_sync_folder(const char *file);

/* The live connection of a generation, or NULL. */
struct db *db_of_generation(unsigned gen);

/* 0, or a db_status with db->error set. */
int db_lock_take(struct db *) __attribute__((warn_unused_result));
void db_lock_release(struct db *);
void db_lock_close(struct db *);
/* "pos-sync (pid 812)" or "" when the lock is free. */
void db_lock_holder(struct db *, char *out, size_t size);

/* Called by the engine inside COMMIT: copies the log back when it is long. */
int db_wal_hook(void *, struct sqlite3 *, const char *, int pages);
/* After COMMIT, with the lock held: empties a log that got too long. */
void db_bound_log(struct db *);
/* 0, or DB_FULL when a sync failed in what the two above did. */
int db_check_checkpoint(struct db *) __attribute__((warn_unused_result));

/* Raise the flag that stops all writing until an operator removes it. */
void db_stop(struct db *, const char *reason);
int db_is_stopped(struct db *);	/* 1, and says so in db->error */

/* The name of a file beside the database; 0, -1 too long. */
int db_beside(const struct db *, const char *suffix, char out[PATH_MAX]);

int64_t db_mono_us(void);

#endif
