/*
 * db_admin.c - what an operator and the tests ask of the database
 *
 * The backup holds one snapshot from its first page to its last, so that
 * writers neither wait for it nor make it start again; until it is done the
 * log cannot be emptied. The copy has no log of its own: one file, checked,
 * synced, and only then given its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "lib/base/db_internal.h"

enum { BACKUP_STEP = 256 };	/* pages: 1 MB between two looks */

static int64_t
wal_bytes(const struct db *db)
{
	char name[PATH_MAX];
	struct stat sb;

	snprintf(name, sizeof name, "%s-wal", db->path);
	return stat(name, &sb) == 0 ? (int64_t)sb.st_size : 0;
}

int
db_facts(struct db *db, struct db_facts *f)
{
	char mode[16];

	*f = (struct db_facts){ 0 };
	snprintf(f->engine, sizeof f->engine, "SQLite %s", sqlite3_libversion());
	f->schema_version = db_ask_int(db->conn, "PRAGMA user_version");
	f->page_size = db_ask_int(db->conn, "PRAGMA page_size");
	f->wal_bytes = wal_bytes(db);
	if (f->schema_version < 0 || db_ask_text(db->conn, "PRAGMA journal_mode",
	    mode, sizeof mode) == -1)
		return db_fail(db, sqlite3_extended_errcode(db->conn), "facts");
	f->wal_mode = strcmp(mode, "wal") == 0;
	if (db_ask_text(db->conn, "PRAGMA quick_check(1)", f->integrity,
	    sizeof f->integrity) == -1)
		snprintf(f->integrity, sizeof f->integrity, "%s",
		    sqlite3_errmsg(db->conn));
	f->integrity_ok = strcmp(f->integrity, "ok") == 0;
	db_lock_holder(db, f->lock_holder, sizeof f->lock_holder);
	return 0;
}

int
db_health(struct db *db, struct db_health *h)
{
	struct statvfs space;
	int64_t version = db_ask_int(db->conn, "PRAGMA user_version");

	*h = (struct db_health){ .schema_right = version == DB_SCHEMA_VERSION,
		.stopped = db_is_stopped(db), .wal_bytes = wal_bytes(db) };
	if (version < 0)
		return db_fail(db, sqlite3_extended_errcode(db->conn), "health");
	if (statvfs(db->path, &space) == -1)
		return db_refuse(db, "%s: %s", db->path, strerror(errno));
	h->free_bytes = (int64_t)(space.f_bavail * space.f_frsize);
	return 0;
}

int
db_explain(struct db *db, const char *sql, char *out, size_t size)
{
	char *text = size == 0 ? NULL
	    : sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *s = NULL;
	size_t used = 0;
	int rc, n = 0;

	if (text == NULL)
		return -1;
	out[0] = '\0';
	rc = sqlite3_prepare_v2(db->conn, text, -1, &s, NULL);
	sqlite3_free(text);
	if (rc != SQLITE_OK) {
		db_fail(db, rc, sql);
		return -1;
	}
	while (n >= 0 && used < size && sqlite3_step(s) == SQLITE_ROW) {
		n = snprintf(out + used, size - used, "%s\n",
		    (const char *)sqlite3_column_text(s, 3));
		used += n > 0 ? (size_t)n : 0;
	}
	rc = sqlite3_finalize(s);
	return rc == SQLITE_OK && n >= 0 && used < size ? 0 : -1;
}

/* ---- backup */

static int
fault_of(sqlite3 *conn, const char *name, char *fault)
{
	return db_fault(fault, "%s: %s", name, sqlite3_errmsg(conn));
}

static int
copy_pages(struct db *db, sqlite3 *to, const char *name, char *fault)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", db->conn, "main");
	int rc;

	if (b == NULL)
		return fault_of(to, name, fault);
	while ((rc = sqlite3_backup_step(b, BACKUP_STEP)) == SQLITE_OK)
		;
	sqlite3_backup_finish(b);
	return rc == SQLITE_DONE ? 0 : fault_of(to, name, fault);
}

static int
check_copy(sqlite3 *to, const char *name, char *fault)
{
	char text[256];

	if (db_ask_text(to, "PRAGMA journal_mode = DELETE", text, sizeof text) == -1 ||
	    strcmp(text, "delete") != 0)
		return fault_of(to, name, fault);
	if (db_ask_text(to, "PRAGMA integrity_check(1)", text, sizeof text) == -1)
		return fault_of(to, name, fault);
	if (strcmp(text, "ok") == 0)
		return 0;
	return db_fault(fault, "%s: the copy is damaged: %s", name, text);
}

/* No statement may stand open, or the snapshot would be an older one. */
static int
copy_snapshot(struct db *db, const char *name, char *fault)
{
	sqlite3 *to = NULL;
	int rc = -1;

	if (db_read_begin(db) != 0)
		return db_fault(fault, "%s", db->error);
	if (sqlite3_open_v2(name, &to, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		db_fault(fault, "%s: cannot be opened", name);
	else if (db_ask_int(db->conn, "PRAGMA schema_version") < 0)
		fault_of(db->conn, db->path, fault);
	else
		rc = copy_pages(db, to, name, fault);
	db_read_end(db);
	if (rc == 0)
		rc = check_copy(to, name, fault);
	if (sqlite3_close(to) != SQLITE_OK)
		rc = -1;
	return rc;
}

static int
sync_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

static int
publish(const char *part, const char *to, char *fault)
{
	if (sync_file(part) == 0 && rename(part, to) == 0 &&
	    db_sync_folder(to) == 0)
		return 0;
	return db_fault(fault, "%s: %s", to, strerror(errno));
}

int
db_backup(struct db *db, const char *to, char *fault)
{
	char part[PATH_MAX];
	int n = snprintf(part, sizeof part, "%s.part", to);
	int fd, rc;

	if (n < 0 || (size_t)n >= sizeof part)
		return db_fault(fault, "the name of the backup is too long");
	unlink(part);	/* left by one that died half-way */
	fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return db_fault(fault, "%s: %s", part, strerror(errno));
	close(fd);
	rc = copy_snapshot(db, part, fault);
	if (rc == 0)
		rc = publish(part, to, fault);
	if (rc != 0)
		unlink(part);
	return rc;
}
