/* check_db_admin.c - backup, facts and query plans */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "tests/child.h"
#include "tests/suite.h"
#include "tests/temp.h"

/* Two rows that every transaction changes together. */
static const char schema[] =
    "CREATE TABLE pair (id INTEGER PRIMARY KEY, n INTEGER NOT NULL,"
    " body TEXT) STRICT;"
    "CREATE TABLE list (id INTEGER PRIMARY KEY, name TEXT) STRICT;"
    "CREATE INDEX list_by_name ON list (name);"
    "INSERT INTO pair VALUES (1, 0, ''), (2, 0, '');"
    "WITH RECURSIVE i (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM i"
    " WHERE n < 20000) INSERT INTO list SELECT n, 'страва номер ' || n FROM i;";

enum { BUMP, DIFFERENCE, SUM, COUNT };
static struct stmt sql[] = {
	[BUMP] = { .sql = "UPDATE pair SET n = n + 1 WHERE id = ?1" },
	[DIFFERENCE] = { .sql = "SELECT (SELECT n FROM pair WHERE id = 1) -"
	    " (SELECT n FROM pair WHERE id = 2)" },
	[SUM] = { .sql = "SELECT n FROM pair WHERE id = 1" },
	[COUNT] = { .sql = "SELECT count(*) FROM list" },
};
DB_STATEMENTS(sql);

static char fault[DB_FAULT];

static struct db *
fresh(void)
{
	struct db *db;

	temp_make();
	db = db_create(temp_path("shop.db"), schema, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	return db;
}

static int
bump(struct db *db)
{
	int rc = db_begin(db);

	if (rc != 0)
		return rc;
	rc = db_run(db, &sql[BUMP], "i", (int64_t)1);
	if (rc == 0)
		rc = db_run(db, &sql[BUMP], "i", (int64_t)2);
	return db_end(db, rc == 0);
}

static int64_t
number(struct db *db, struct stmt *st)
{
	int64_t n = db_find(db, st, "") == 1 ? db_int(st, 0) : DB_NULL;

	db_done(st);
	return n;
}

START_TEST(backs_up_one_private_checked_file)
{
	struct db *db = fresh(), *copy;
	struct db_facts f;
	struct stat sb;

	ck_assert_int_eq(bump(db), 0);
	umask(0);
	ck_assert_msg(db_backup(db, temp_path("copy.db"), fault) == 0, "%s", fault);
	ck_assert_int_eq(bump(db), 0);
	ck_assert_int_eq(stat(temp_path("copy.db"), &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	ck_assert_int_eq(access(temp_path("copy.db.part"), F_OK), -1);
	ck_assert_int_eq(access(temp_path("copy.db-wal"), F_OK), -1);
	ck_assert_int_eq(access(temp_path("copy.db-shm"), F_OK), -1);
	copy = db_open(temp_path("copy.db"), DB_WRITER, 0, fault);
	ck_assert_msg(copy != NULL, "%s", fault);
	ck_assert_int_eq(db_facts(copy, &f), 0);
	ck_assert_int_eq(f.integrity_ok, 1);
	ck_assert_int_eq(f.wal_mode, 1);
	ck_assert_int_eq(number(copy, &sql[SUM]), 1);
	ck_assert_int_eq(number(copy, &sql[COUNT]), 20000);
	ck_assert_int_eq(bump(copy), 0);
	db_close(copy);
	/* the next one takes its place */
	unlink(temp_path("copy.db-wal"));
	unlink(temp_path("copy.db-shm"));
	ck_assert_int_eq(db_backup(db, temp_path("copy.db"), fault), 0);
	copy = db_open(temp_path("copy.db"), DB_READER, 0, fault);
	ck_assert_int_eq(number(copy, &sql[SUM]), 2);
	db_close(copy);
	db_close(db);
	temp_remove();
}
END_TEST

static void
keep_writing(void)
{
	struct db *db = db_open(temp_path("shop.db"), DB_WRITER, 5000, fault);

	while (db != NULL && bump(db) == 0)
		;
	child_fail();
}

/* plain cp of a live database tears pages; the backup is of one moment. */
START_TEST(backs_up_one_moment_beside_writers)
{
	struct child c[2];
	struct db *db = fresh(), *copy;
	int64_t before, after;

	db_close(db);
	for (int i = 0; i < 2; i++)
		c[i] = child_start(keep_writing);
	db = db_open(temp_path("shop.db"), DB_READER, 5000, fault);
	for (int round = 0; round < 5; round++) {
		before = number(db, &sql[SUM]);
		ck_assert_msg(db_backup(db, temp_path("copy.db"), fault) == 0,
		    "%s", fault);
		after = number(db, &sql[SUM]);
		copy = db_open(temp_path("copy.db"), DB_READER, 0, fault);
		ck_assert_msg(copy != NULL, "%s", fault);
		ck_assert_int_eq(number(copy, &sql[DIFFERENCE]), 0);
		ck_assert_int_ge(number(copy, &sql[SUM]), before);
		ck_assert_int_le(number(copy, &sql[SUM]), after);
		db_close(copy);
	}
	while (number(db, &sql[SUM]) == after)
		;	/* and they still write */
	for (int i = 0; i < 2; i++)
		child_end(&c[i], SIGKILL);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(says_why_a_backup_failed_and_leaves_no_part)
{
	struct db *db = fresh();
	char name[PATH_MAX + 8];

	ck_assert_int_eq(db_backup(db, temp_path("no/copy.db"), fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "No such file or directory"));
	mkdir(temp_path("folder"), 0700);
	ck_assert_int_eq(db_backup(db, temp_path("folder"), fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "directory"));
	ck_assert_int_eq(access(temp_path("folder.part"), F_OK), -1);
	rmdir(temp_path("folder"));
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(db_backup(db, name, fault), -1);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_backup(db, temp_path("copy.db"), fault), -1);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(access(temp_path("copy.db"), F_OK), -1);
	ck_assert_int_eq(access(temp_path("copy.db.part"), F_OK), -1);
	/* one that died half-way is in nobody's way */
	close(open(temp_path("copy.db.part"), O_WRONLY | O_CREAT, 0600));
	ck_assert_int_eq(db_backup(db, temp_path("copy.db"), fault), 0);
	db_close(db);
	temp_remove();
}
END_TEST

static void
hold_lock(void)
{
	struct db *db = db_open(temp_path("shop.db"), DB_WRITER, 0, fault);

	if (db == NULL || db_begin(db) != 0)
		child_fail();
}

START_TEST(tells_the_facts)
{
	struct db *db = fresh();
	struct db_facts f;
	struct child c;
	char pid[64];

	ck_assert_int_eq(bump(db), 0);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_int_eq(f.schema_version, DB_SCHEMA_VERSION);
	ck_assert_int_eq(f.page_size, 4096);
	ck_assert_int_gt(f.wal_bytes, 0);
	ck_assert_int_eq(f.wal_mode, 1);
	ck_assert_int_eq(f.integrity_ok, 1);
	ck_assert_str_eq(f.integrity, "ok");
	ck_assert_int_eq(strncmp(f.engine, "SQLite 3.", 9), 0);
	ck_assert_str_eq(f.lock_holder, "");
	db_close(db);
	c = child_done(hold_lock);
	db = db_open(temp_path("shop.db"), DB_READER, 0, fault);
	ck_assert_int_eq(db_facts(db, &f), 0);
	snprintf(pid, sizeof pid, "check_db_admin (pid %ld)", (long)c.pid);
	ck_assert_str_eq(f.lock_holder, pid);
	child_end(&c, SIGKILL);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_str_eq(f.lock_holder, "");
	db_close(db);
	temp_remove();
}
END_TEST

/* In the middle of the file: of a page that belongs to the list. */
static void
damage(void)
{
	int fd = open(temp_path("shop.db"), O_RDWR);
	char junk[4096];

	memset(junk, 0x5a, sizeof junk);
	ck_assert_int_eq(pwrite(fd, junk, sizeof junk, 20 * 4096), sizeof junk);
	close(fd);
}

START_TEST(sees_damage_and_backs_none_of_it_up)
{
	struct db *db = fresh();
	struct db_facts f;

	db_close(db);
	damage();
	db = db_open(temp_path("shop.db"), DB_READER, 0, fault);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_int_eq(f.integrity_ok, 0);
	ck_assert_str_ne(f.integrity, "ok");
	ck_assert_int_eq(db_backup(db, temp_path("copy.db"), fault), -1);
	ck_assert_int_eq(access(temp_path("copy.db"), F_OK), -1);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(explains_how_a_statement_finds_its_rows)
{
	struct db *db = fresh();
	char out[256], small[8];

	ck_assert_int_eq(db_explain(db, "SELECT id FROM list WHERE name = ?1",
	    out, sizeof out), 0);
	ck_assert_str_eq(out,
	    "SEARCH list USING COVERING INDEX list_by_name (name=?)\n");
	ck_assert_int_eq(db_explain(db, "SELECT n FROM pair ORDER BY n", out,
	    sizeof out), 0);
	ck_assert_str_eq(out, "SCAN pair\nUSE TEMP B-TREE FOR ORDER BY\n");
	ck_assert_int_eq(db_explain(db, "SELECT n FROM pair", small,
	    sizeof small), -1);
	ck_assert_int_eq(db_explain(db, "SELECT n FROM nowhere", out,
	    sizeof out), -1);
	ck_assert_ptr_nonnull(strstr(db_error(db), "no such table"));
	ck_assert_int_eq(db_explain(db, "SELECT 1", out, 0), -1);
	db_close(db);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db_admin", backs_up_one_private_checked_file,
	    backs_up_one_moment_beside_writers,
	    says_why_a_backup_failed_and_leaves_no_part, tells_the_facts,
	    sees_damage_and_backs_none_of_it_up,
	    explains_how_a_statement_finds_its_rows);
}
