/*
 * db_write.c - the write path: one writer at a time, durable
 *
 * flock on "<database>.lock", BEGIN IMMEDIATE, COMMIT at synchronous=NORMAL,
 * release, sync the write-ahead log, and only then tell the caller. What is
 * acknowledged survives a power cut, and the slow part is outside the lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "lib/base/db_internal.h"
#include "lib/base/lock.h"

/*
 * lock_wait() lets nobody pass by who waits, but says nothing of who comes
 * first among many. So who held the lock long stays away as long as he held
 * it: all short transactions that wait have passed before the next batch.
 */
enum { LONG_US = 2000, AWAY_MAX_US = 1000 * DB_HOLD_MS };

int64_t
db_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the lock file */

int
db_beside(const struct db *db, const char *suffix, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s%s", db->path, suffix);

	return n > 0 && n < PATH_MAX ? 0 : -1;
}

static int
open_lock(struct db *db)
{
	char name[PATH_MAX];

	if (db_beside(db, ".lock", name) == 0)
		db->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (db->lock_fd == -1)
		return db_refuse(db, "%s.lock: %s", db->path, strerror(errno));
	snprintf(db->pid, sizeof db->pid, "%-10ld\n", (long)getpid());
	return 0;
}

void
db_lock_close(struct db *db)
{
	if (db->lock_fd != -1)
		close(db->lock_fd);
	db->lock_fd = -1;
}

static int
no_lock(struct db *db)
{
	char holder[64];

	if (errno != EWOULDBLOCK)
		return db_refuse(db, "%s.lock: %s", db->path, strerror(errno));
	db_lock_holder(db, holder, sizeof holder);
	db_refuse(db, "write lock not free within %d ms, held by %s",
	    db->busy_ms, holder[0] != '\0' ? holder : "somebody");
	return DB_BUSY;
}

/* A lock file that was removed is nobody's lock any more: take the new one. */
int
db_lock_take(struct db *db)
{
	struct stat sb;
	int rc;

	for (;;) {
		if (db->lock_fd == -1 && (rc = open_lock(db)) != 0)
			return rc;
		if (lock_wait(db->lock_fd, db->busy_ms) == -1)
			return no_lock(db);
		if (fstat(db->lock_fd, &sb) == 0 && sb.st_nlink > 0)
			break;
		close(db->lock_fd);
		db->lock_fd = -1;
	}
	db->taken_us = db_mono_us();
	/* For people only: a disk too full for it is no reason to refuse. */
	(void)!pwrite(db->lock_fd, db->pid, strlen(db->pid), 0);
	return 0;
}

void
db_lock_release(struct db *db)
{
	int64_t now = db_mono_us(), held = now - db->taken_us;

	flock(db->lock_fd, LOCK_UN);
	db->away_until_us = held < LONG_US ? 0
	    : now + (held < AWAY_MAX_US ? held : AWAY_MAX_US);
}

/* Who holds it is found by trying; the pid alone may be of one long gone. */
static long
read_holder(int fd)
{
	char text[16] = "";

	if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
		flock(fd, LOCK_UN);
		return 0;
	}
	if (pread(fd, text, sizeof text - 1, 0) <= 0)
		return -1;
	return strtol(text, NULL, 10);
}

static void
read_name(long pid, char name[32])
{
	char file[64];
	ssize_t n = 0;
	int fd;

	snprintf(file, sizeof file, "/proc/%ld/comm", pid);
	if ((fd = open(file, O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, name, 31);
		close(fd);
	}
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

void
db_lock_holder(struct db *db, char *out, size_t size)
{
	char path[PATH_MAX], name[32];
	long pid = 0;
	int fd = -1;

	out[0] = '\0';
	if (db_beside(db, ".lock", path) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return;
	pid = read_holder(fd);
	close(fd);
	if (pid > 0) {
		read_name(pid, name);
		snprintf(out, size, "%s (pid %ld)",
		    name[0] != '\0' ? name : "unknown", pid);
	} else if (pid < 0)
		snprintf(out, size, "unknown");
}

/* ---- transactions */

static void
keep_away(const struct db *db)
{
	struct timespec t = {
		.tv_sec = db->away_until_us / 1000000,
		.tv_nsec = db->away_until_us % 1000000 * 1000
	};

	if (db->away_until_us == 0)
		return;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static int
begin_locked(struct db *db)
{
	int rc;

	if (db_is_stopped(db))
		return DB_FULL;
	if (sqlite3_txn_state(db->conn, "main") != SQLITE_TXN_NONE)
		db_end_statements(db);	/* an old snapshot could not write */
	rc = db_step_fixed(db, BEGIN_WRITE);
	return rc == SQLITE_OK ? 0 : db_fail(db, rc, "BEGIN IMMEDIATE");
}

int
db_begin(struct db *db)
{
	int rc;

	if (db->mode == DB_READER)
		return db_refuse(db, "%s is open for reading only", db->path);
	if (db_in_transaction(db))
		return db_refuse(db, "a transaction is open already");
	keep_away(db);
	if ((rc = db_lock_take(db)) != 0)
		return rc;
	if ((rc = begin_locked(db)) != 0) {
		db_lock_release(db);
		return rc;
	}
	db->writing = 1;
	return 0;
}

/* The engine rolls back by itself after some errors: nothing is left then
 * to commit, and saying so would acknowledge what is gone. */
static int
commit(struct db *db)
{
	int rc;

	if (sqlite3_get_autocommit(db->conn))
		return db_refuse(db, "COMMIT: the transaction is gone, the engine "
		    "rolled it back");
	db->checkpoint_rc = SQLITE_OK;
	rc = db_step_fixed(db, COMMIT);
	if (rc != SQLITE_OK)
		return db_fail(db, rc, "COMMIT");
	db_bound_log(db);
	return 0;
}

int
db_end_unsynced(struct db *db, int ok)
{
	int rc = 0;

	if (!db->writing)
		return db_refuse(db, "db_end without db_begin");
	db_end_statements(db);
	if (ok)
		rc = commit(db);
	if (!sqlite3_get_autocommit(db->conn))
		db_step_fixed(db, ROLLBACK);
	db->writing = 0;
	db_lock_release(db);
	return !ok || rc != 0 ? rc : db_check_checkpoint(db);
}

int
db_end(struct db *db, int ok)
{
	int rc = db_end_unsynced(db, ok);

	return !ok || rc != 0 ? rc : db_sync(db);
}

int
db_hold_ms(const struct db *db)
{
	int64_t us = db->writing ? db_mono_us() - db->taken_us : 0;

	return us > INT_MAX ? INT_MAX : (int)(us / 1000);
}
