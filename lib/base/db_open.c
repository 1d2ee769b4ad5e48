/*
 * db_open.c - connections: made, checked, closed
 *
 * The settings here are part of the write path's promise (db_write.c): the
 * log is never copied back on close, because that would be a checkpoint
 * without the lock. A new database is built under another name and appears
 * whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "lib/base/db_internal.h"

enum { CREATE_BUSY_MS = 5000 };

/*
 * All of it mapped, up to the engine's bound of 2 GB: a read costs no copy, and
 * the pages are shared by all workers. 8 MB of private cache hold what is in
 * the log, and what lies beyond.
 */
static const char settings[] =
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 2147418112;"
    "PRAGMA cache_size = -8000;";

static const char *const fixed_sql[FIXED] = {
	[BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[BEGIN_READ] = "BEGIN",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[DATA_VERSION] = "PRAGMA data_version",
};

static struct db *connections;
static unsigned generations;

int
db_fault(char *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault, DB_FAULT, fmt, ap);
	va_end(ap);
	return -1;
}

struct db *
db_of_generation(unsigned gen)
{
	struct db *db = connections;

	while (db != NULL && db->gen != gen)
		db = db->next;
	return db;
}

int
db_ask_text(struct sqlite3 *conn, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *s;
	int rc = -1;

	out[0] = '\0';
	if (sqlite3_prepare_v2(conn, sql, -1, &s, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(s) == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(s, 0);

		snprintf(out, size, "%s", text != NULL ? (const char *)text : "");
		rc = 0;
	}
	sqlite3_finalize(s);
	return rc;
}

int64_t
db_ask_int(struct sqlite3 *conn, const char *sql)
{
	char text[32];

	return db_ask_text(conn, sql, text, sizeof text) == 0
	    ? strtoll(text, NULL, 10) : -1;
}

static int
is_wal(struct sqlite3 *conn, const char *sql)
{
	char mode[16];

	return db_ask_text(conn, sql, mode, sizeof mode) == 0 &&
	    strcmp(mode, "wal") == 0;
}

/* A restored backup is a plain file: its first writer turns the log on. */
static int
turn_log_on(struct db *db, char *fault)
{
	int on;

	if (is_wal(db->conn, "PRAGMA journal_mode"))
		return 0;
	if (db_lock_take(db) != 0)
		return db_fault(fault, "%s: %s", db->path, db->error);
	on = is_wal(db->conn, "PRAGMA journal_mode = WAL");
	db_lock_release(db);
	if (!on)
		db_fault(fault, "%s: WAL mode refused: %s", db->path,
		    sqlite3_errmsg(db->conn));
	return on ? 0 : -1;
}

static int
check_version(struct db *db, char *fault)
{
	int64_t v = db_ask_int(db->conn, "PRAGMA user_version");

	if (v == DB_SCHEMA_VERSION)
		return 0;
	if (v < 0)
		return db_fault(fault, "%s: %s", db->path,
		    sqlite3_errmsg(db->conn));
	if (v < DB_SCHEMA_VERSION)
		return db_fault(fault, "%s: schema version %lld is older "
		    "than this program's %d: run pos-admin migrate", db->path,
		    (long long)v, DB_SCHEMA_VERSION);
	return db_fault(fault, "%s: schema version %lld is newer than this "
	    "program's %d: install the newer program (pos-admin migrate does "
	    "not go back)", db->path, (long long)v, DB_SCHEMA_VERSION);
}

static int
prepare_fixed(struct db *db, char *fault)
{
	for (int i = 0; i < FIXED; i++)
		if (sqlite3_prepare_v3(db->conn, fixed_sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->fixed[i], NULL) != SQLITE_OK)
			return db_fault(fault, "%s: %s: %s", db->path,
			    fixed_sql[i], sqlite3_errmsg(db->conn));
	return 0;
}

/* Opening gives a read-only handle where a file may not be written: refused,
 * a reader too must be able to rebuild the log's index after a crash. */
static int
connect_file(struct db *db, const char *path, char *fault)
{
	struct stat sb;

	if (stat(path, &sb) == -1)
		return db_fault(fault, "%s: %s%s", path, strerror(errno),
		    errno == ENOENT ? ": run pos-admin init" : "");
	if (sqlite3_open_v2(path, &db->conn, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) != SQLITE_OK)
		return db_fault(fault, "%s: %s", path,
		    db->conn != NULL ? sqlite3_errmsg(db->conn) : "out of memory");
	if (sqlite3_db_readonly(db->conn, "main") == 1)
		return db_fault(fault, "%s: no right to write it", path);
	db->path = strdup(sqlite3_db_filename(db->conn, "main"));
	if (db->path == NULL)
		return db_fault(fault, "%s: out of memory", path);
	return 0;
}

static int
configure(struct db *db, char *fault)
{
	sqlite3_extended_result_codes(db->conn, 1);
	sqlite3_busy_timeout(db->conn, db->busy_ms);
	sqlite3_db_config(db->conn, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(db->conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_wal_hook(db->conn, db_wal_hook, db);
	if (sqlite3_exec(db->conn, settings, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return db_fault(fault, "%s: %s", db->path, sqlite3_errmsg(db->conn));
}

static int
set_mode(struct db *db, char *fault)
{
	if (db->mode == DB_WRITER)
		return turn_log_on(db, fault);
	if (sqlite3_exec(db->conn, "PRAGMA query_only = ON", NULL, NULL, NULL)
	    == SQLITE_OK)
		return 0;
	return db_fault(fault, "%s: %s", db->path, sqlite3_errmsg(db->conn));
}

struct db *
db_open(const char *path, enum db_mode mode, int busy_ms, char *fault)
{
	struct db *db = calloc(1, sizeof *db);

	if (db == NULL) {
		db_fault(fault, "%s: out of memory", path);
		return NULL;
	}
	db->lock_fd = -1;
	db->mode = mode;
	db->busy_ms = busy_ms;
	db->turn = 1;
	if (connect_file(db, path, fault) == -1 || configure(db, fault) == -1 ||
	    check_version(db, fault) == -1 || set_mode(db, fault) == -1 ||
	    prepare_fixed(db, fault) == -1) {
		db_close(db);
		return NULL;
	}
	db->gen = ++generations;
	db->next = connections;
	connections = db;
	return db;
}

void
db_close(struct db *db)
{
	struct db **at = &connections;

	if (db == NULL)
		return;
	while (*at != NULL && *at != db)
		at = &(*at)->next;
	if (*at == db)
		*at = db->next;
	/* Ours only: a virtual table ends its own when the last of ours goes. */
	for (size_t i = 0; i < db->prepared_count; i++)
		sqlite3_finalize(db->prepared[i]);
	free(db->prepared);
	for (int i = 0; i < FIXED; i++)
		sqlite3_finalize(db->fixed[i]);
	sqlite3_close(db->conn);
	db_lock_close(db);
	free(db->path);
	free(db);
}

const char *
db_path(const struct db *db)
{
	return db->path;
}

/* ---- a new one */

static int
write_schema(struct sqlite3 *conn, const char *schema)
{
	char version[64];

	snprintf(version, sizeof version, "PRAGMA user_version = %d; COMMIT",
	    DB_SCHEMA_VERSION);
	if (sqlite3_exec(conn, "PRAGMA trusted_schema = OFF; BEGIN IMMEDIATE",
	    NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(conn, schema, NULL, NULL, NULL) != SQLITE_OK)
		return -1;
	return sqlite3_exec(conn, version, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int
build(const char *file, const char *schema, char *fault)
{
	sqlite3 *conn = NULL;
	int rc = -1, fd;

	unlink(file);	/* left by one that died half-way */
	fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return db_fault(fault, "%s: %s", file, strerror(errno));
	close(fd);
	if (sqlite3_open_v2(file, &conn, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
		rc = write_schema(conn, schema);
	if (rc == -1)
		db_fault(fault, "%s: %s", file,
		    conn != NULL ? sqlite3_errmsg(conn) : "out of memory");
	sqlite3_close(conn);
	return rc;
}

int
db_sync_folder(const char *file)
{
	char copy[PATH_MAX];
	int fd, rc;

	snprintf(copy, sizeof copy, "%s", file);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* link() refuses an existing name, so two creators cannot both win. */
static int
appear(const char *file, const char *path, char *fault)
{
	if (link(file, path) == 0 && db_sync_folder(path) == 0)
		return 0;
	if (errno == EEXIST)
		return db_fault(fault, "%s: exists already", path);
	return db_fault(fault, "%s: %s", path, strerror(errno));
}

void
db_map_little(struct db *db)
{
	/* what it says is not looked at: with more mapped all is as before */
	(void)sqlite3_exec(db->conn, "PRAGMA mmap_size = 16777216", NULL, NULL, NULL);
}

struct db *
db_create(const char *path, const char *schema, char *fault)
{
	char file[PATH_MAX];
	struct stat sb;
	int n = snprintf(file, sizeof file, "%s.new-%ld", path, (long)getpid());
	int rc;

	if (n < 0 || (size_t)n >= sizeof file) {
		db_fault(fault, "the name of the database is too long");
		return NULL;
	}
	if (lstat(path, &sb) == 0) {
		db_fault(fault, "%s: exists already", path);
		return NULL;
	}
	rc = build(file, schema, fault);
	if (rc == 0)
		rc = appear(file, path, fault);
	unlink(file);
	return rc == 0 ? db_open(path, DB_WRITER, CREATE_BUSY_MS, fault) : NULL;
}
