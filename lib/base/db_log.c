/*
 * db_log.c - the write-ahead log: copied back, kept short, put on the disk
 *
 * The log is copied back (checkpoint) inside COMMIT or right after it, always
 * with the write lock held: SQLite before 3.51.3 can lose pages when a
 * checkpoint runs beside another connection's commit. While readers keep the
 * log from starting anew, each commit would copy its few pages and sync two
 * files under the lock; so what was tried, by whichever process, is kept in
 * the lock file, and tried again only after a while's pages.
 *
 * A sync that failed is never tried again: the kernel has dropped the pages
 * and would say yes. "<database>.stopped" appears instead, with the reason,
 * and nobody writes until an operator has looked and removed it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "lib/base/db_internal.h"
#include "lib/base/log.h"

enum {
	CHECKPOINT_PAGES = 4000,	/* 16 MB of log: fewer, longer stops */
	TRUNCATE_PAGES = 2 * CHECKPOINT_PAGES,
	COPY_AGAIN_PAGES = 1000,
	TRUNCATE_AGAIN_PAGES = 2000,
	TRUNCATE_WAIT_MS = 50,		/* for readers, with the lock held */
	TRIED_AT = 16,			/* in the lock file, behind the pid */
	SALT_AT = 16			/* in the log's header: 8 bytes, new
					   whenever the log starts anew */
};

struct tried {
	char salt[8];
	int32_t copied, emptied;	/* pages in the log then */
};

static sqlite3_file *
log_file(struct db *db)
{
	sqlite3_file *wal = NULL;

	if (sqlite3_file_control(db->conn, "main", SQLITE_FCNTL_JOURNAL_POINTER,
	    &wal) != SQLITE_OK || wal == NULL || wal->pMethods == NULL)
		return NULL;
	return wal;
}

/* What was tried on another log counts for nothing. */
static struct tried
read_tried(struct db *db)
{
	struct tried t = { 0 }, now = { 0 };
	sqlite3_file *wal = log_file(db);

	if (wal == NULL || wal->pMethods->xRead(wal, now.salt, sizeof now.salt,
	    SALT_AT) != SQLITE_OK ||
	    pread(db->lock_fd, &t, sizeof t, TRIED_AT) != sizeof t ||
	    memcmp(t.salt, now.salt, sizeof now.salt) != 0)
		return now;
	return t;
}

static void
write_tried(struct db *db, const struct tried *t)
{
	/* Lost on a full disk: it is tried too often, no more. */
	(void)!pwrite(db->lock_fd, t, sizeof *t, TRIED_AT);
}

int
db_wal_hook(void *arg, sqlite3 *conn, const char *name, int pages)
{
	struct db *db = arg;
	struct tried t;

	db->wal_pages = pages;
	if (pages < CHECKPOINT_PAGES || !db->writing)
		return SQLITE_OK;
	t = read_tried(db);
	if (t.copied != 0 && pages - t.copied < COPY_AGAIN_PAGES)
		return SQLITE_OK;
	t.copied = pages;
	write_tried(db, &t);
	db->checkpoint_rc = sqlite3_wal_checkpoint_v2(conn, name,
	    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;	/* the commit stands, whatever came after it */
}

void
db_bound_log(struct db *db)
{
	struct tried t;

	if (db->wal_pages <= TRUNCATE_PAGES)
		return;
	t = read_tried(db);
	if (t.emptied != 0 && db->wal_pages - t.emptied < TRUNCATE_AGAIN_PAGES)
		return;
	t.emptied = db->wal_pages;
	write_tried(db, &t);
	sqlite3_busy_timeout(db->conn, TRUNCATE_WAIT_MS);
	db->checkpoint_rc = sqlite3_wal_checkpoint_v2(db->conn, "main",
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(db->conn, db->busy_ms);
}

/* ---- the flag that stops all writing */

void
db_stop(struct db *db, const char *reason)
{
	char path[PATH_MAX];
	int fd = -1;

	db->stopped = 1;
	log_error("db_stopped", "reason=%s", reason);
	if (db_beside(db, ".stopped", path) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	if (write(fd, reason, strlen(reason)) > 0)
		fsync(fd);
	close(fd);
	db_sync_folder(path);
}

/* Our own failure counts until a new start, even if the flag went: this
 * process has pages in memory that the disk may never have seen. */
int
db_is_stopped(struct db *db)
{
	char path[PATH_MAX];

	if (!db->stopped && db_beside(db, ".stopped", path) == 0 &&
	    access(path, F_OK) == -1)
		return 0;
	db_refuse(db, "writing is stopped after a failed sync: read %s.stopped, "
	    "check the disk, remove it", db->path);
	return 1;
}

/* ---- the disk */

/* A failed sync inside a checkpoint is as bad as our own. */
int
db_check_checkpoint(struct db *db)
{
	if (db->checkpoint_rc != SQLITE_IOERR_FSYNC &&
	    db->checkpoint_rc != SQLITE_IOERR_DIR_FSYNC)
		return 0;
	db_refuse(db, "%s: sync failed in a checkpoint (%d)", db->path,
	    db->checkpoint_rc);
	db_stop(db, db->error);
	return DB_FULL;
}

int
db_sync(struct db *db)
{
	sqlite3_file *wal;
	int rc;

	if (db->stopped && db_is_stopped(db))
		return DB_FULL;
	if ((wal = log_file(db)) == NULL)
		return db_refuse(db, "%s: no write-ahead log is open", db->path);
	rc = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
	if (rc == SQLITE_OK)
		return 0;
	db_refuse(db, "%s-wal: sync failed (%d)", db->path, rc);
	db_stop(db, db->error);
	return DB_FULL;
}
