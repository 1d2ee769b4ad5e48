/*
 * store.h - the till's own SQLite file
 *
 * One store at a time in a process, never carried through a fork. What goes wrong here is the
 * world's fault (disk, rights, a file that is no till): the process says so
 * and ends; `pos-sim serve` starts a new worker. Texts bound to a query must
 * live until it is done.
 */
#ifndef POS_SIM_STORE_H
#define POS_SIM_STORE_H

#include <stdint.h>
#include <sqlite3.h>

struct store;

/* One row of a file's statement table (static: it outlives the store); the
 * handle belongs to store.c. */
struct query {
	const char *sql;
	sqlite3_stmt *handle;
};

#define STORE_NULL INT64_MIN	/* an absent integer, both ways */

/* A new, empty till. Refuses (exit 73) a file that is there, unless force. */
struct store *store_create(const char *path, int force);
/* Exit 66 when there is no such till. */
struct store *store_open(const char *path);
void store_close(struct store *);

/* Writing: one at a time among all processes. */
void store_begin(struct store *);
void store_commit(struct store *);
void store_rollback(struct store *);
/* One snapshot for the reads of a request. */
void store_read(struct store *);
void store_read_end(struct store *);

/* Bind by letters: i int64_t (STORE_NULL = NULL), s text (NULL = NULL), r double. */
void store_query(struct store *, struct query *, const char *types, ...);
int store_row(struct store *, struct query *);	/* 1 a row, 0 the end */
void store_done(struct query *);		/* leave before the end */
void store_run(struct store *, struct query *, const char *types, ...);
/* The first row stands in the query until store_done or its next use. */
int store_find(struct store *, struct query *, const char *types, ...);

int64_t store_int(const struct query *, int col);	/* STORE_NULL when NULL */
double store_real(const struct query *, int col);	/* NaN when NULL */
const char *store_text(const struct query *, int col);	/* NULL when NULL */
int64_t store_last_id(struct store *);
int64_t store_changes(struct store *);

/* What verbs tell a running till: numbers by name ("speed_ms"). */
int64_t store_setting(struct store *, const char *name, int64_t otherwise);
void store_set(struct store *, const char *name, int64_t value);

#endif
