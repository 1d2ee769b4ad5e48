/* check_db_open.c - databases created, opened, refused */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const char schema[] =
    "CREATE TABLE dish (id INTEGER PRIMARY KEY, name TEXT) STRICT;"
    "INSERT INTO dish VALUES (1, 'борщ');";

enum { NAME };
static struct stmt sql[] = {
	[NAME] = { .sql = "SELECT name FROM dish WHERE id = 1" },
};
DB_STATEMENTS(sql);

static char fault[DB_FAULT];

/* What another program may have done to it. */
static void
bare(const char *text)
{
	sqlite3 *conn;

	ck_assert_int_eq(sqlite3_open(temp_path("shop.db"), &conn), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(conn, text, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(conn), SQLITE_OK);
}

static void
fresh(void)
{
	struct db *db;

	temp_make();
	db = db_create(temp_path("shop.db"), schema, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	db_close(db);
}

static void
refused(enum db_mode mode, const char *why)
{
	fault[0] = '\0';
	ck_assert_ptr_null(db_open(temp_path("shop.db"), mode, 100, fault));
	ck_assert_msg(strstr(fault, why) != NULL, "%s", fault);
	ck_assert_msg(strstr(fault, "shop.db") != NULL, "%s", fault);
}

START_TEST(creates_a_private_database_with_a_log)
{
	struct db_facts f;
	struct stat sb;
	struct db *db;

	temp_make();
	umask(0);
	db = db_create(temp_path("shop.db"), schema, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_int_eq(f.schema_version, DB_SCHEMA_VERSION);
	ck_assert_int_eq(f.wal_mode, 1);
	ck_assert_str_eq(db_path(db), temp_path("shop.db"));
	ck_assert_int_eq(stat(temp_path("shop.db"), &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	ck_assert_uint_eq(sb.st_nlink, 1);
	ck_assert_int_eq(stat(temp_path("shop.db-wal"), &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	ck_assert_int_eq(db_find(db, &sql[NAME], ""), 1);
	ck_assert_str_eq(db_text(&sql[NAME], 0), "борщ");
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(never_creates_over_something)
{
	struct db *db;

	fresh();
	ck_assert_ptr_null(db_create(temp_path("shop.db"), schema, fault));
	ck_assert_ptr_nonnull(strstr(fault, "shop.db: exists already"));
	ck_assert_int_eq(symlink("nowhere", temp_path("link.db")), 0);
	ck_assert_ptr_null(db_create(temp_path("link.db"), schema, fault));
	ck_assert_ptr_nonnull(strstr(fault, "exists already"));
	db = db_open(temp_path("shop.db"), DB_READER, 0, fault);
	ck_assert_ptr_nonnull(db);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(leaves_nothing_of_a_schema_that_fails)
{
	static const char *const bad[] = {
		"CREATE TABLE a (b); CREATE TABLE a (b);", "no sql",
		"CREATE TABLE a (b); COMMIT;",
	};

	temp_make();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_ptr_null(db_create(temp_path("shop.db"), bad[i], fault));
		ck_assert_int_eq(access(temp_path("shop.db"), F_OK), -1);
	}
	ck_assert_ptr_null(db_create(temp_path("no/shop.db"), schema, fault));
	ck_assert_ptr_nonnull(strstr(fault, "No such file or directory"));
	ck_assert_int_eq(rmdir(temp_path("")), 0);	/* it is empty */
}
END_TEST

START_TEST(only_one_of_many_creators_wins)
{
	int status, won = 0;

	temp_make();
	for (int i = 0; i < 6; i++)
		if (fork() == 0)
			_exit(db_create(temp_path("shop.db"), schema, fault) != NULL);
	for (int i = 0; i < 6; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status));
		won += WEXITSTATUS(status);
	}
	ck_assert_int_eq(won, 1);
	temp_remove();
}
END_TEST

START_TEST(refuses_what_is_no_database_of_ours)
{
	int fd;

	temp_make();
	refused(DB_READER, "No such file or directory: run pos-admin init");
	refused(DB_WRITER, "run pos-admin init");
	fd = open(temp_path("shop.db"), O_WRONLY | O_CREAT, 0600);
	refused(DB_WRITER, "version 0 is older");
	ck_assert_int_eq(write(fd, "This is a letter, and no database at all, "
	    "although it is long enough to be looked at as one by somebody.", 104),
	    104);
	refused(DB_WRITER, "not a database");
	refused(DB_READER, "not a database");
	close(fd);
	unlink(temp_path("shop.db"));
	mkdir(temp_path("shop.db"), 0700);
	refused(DB_WRITER, "unable to open");
	rmdir(temp_path("shop.db"));
	temp_remove();
}
END_TEST

START_TEST(refuses_an_older_and_a_newer_schema)
{
	char text[64];

	fresh();
	bare("PRAGMA user_version = 0");
	refused(DB_WRITER, "version 0 is older than this program's");
	refused(DB_READER, "pos-admin migrate");
	snprintf(text, sizeof text, "PRAGMA user_version = %d",
	    DB_SCHEMA_VERSION + 1);
	bare(text);
	refused(DB_WRITER, "is newer than this program's");
	refused(DB_READER, "pos-admin migrate");
	temp_remove();
}
END_TEST

/* Run as root it becomes nobody first, who may not. */
START_TEST(refuses_a_file_it_may_not_write)
{
	fresh();
	bare("PRAGMA journal_mode = DELETE");
	ck_assert_int_eq(chmod(temp_path("shop.db"), 0444), 0);
	ck_assert_int_eq(chmod(temp_folder, 0755), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	refused(DB_WRITER, "no right to write it");
	refused(DB_READER, "no right to write it");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	temp_remove();
}
END_TEST

/* A restored backup has no log of its own. */
START_TEST(first_writer_turns_the_log_on)
{
	struct db_facts f;
	struct db *db;

	fresh();
	bare("PRAGMA journal_mode = DELETE");
	db = db_open(temp_path("shop.db"), DB_READER, 0, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_int_eq(f.wal_mode, 0);
	db_close(db);
	db = db_open(temp_path("shop.db"), DB_WRITER, 0, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	ck_assert_int_eq(db_facts(db, &f), 0);
	ck_assert_int_eq(f.wal_mode, 1);
	db_close(db);
	temp_remove();
}
END_TEST

/* One lock for one database, by whatever name it is opened. */
START_TEST(symbolic_links_lead_to_the_same_lock)
{
	struct db *db, *other;

	fresh();
	ck_assert_int_eq(symlink("shop.db", temp_path("link.db")), 0);
	db = db_open(temp_path("shop.db"), DB_WRITER, 0, fault);
	other = db_open(temp_path("link.db"), DB_WRITER, 0, fault);
	ck_assert_ptr_nonnull(other);
	ck_assert_str_eq(db_path(db), db_path(other));
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_begin(other), DB_BUSY);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_begin(other), 0);
	ck_assert_int_eq(db_end(other, 1), 0);
	db_close(db);
	db_close(other);
	db_close(NULL);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db_open", creates_a_private_database_with_a_log,
	    never_creates_over_something, leaves_nothing_of_a_schema_that_fails,
	    only_one_of_many_creators_wins, refuses_what_is_no_database_of_ours,
	    refuses_an_older_and_a_newer_schema, refuses_a_file_it_may_not_write,
	    first_writer_turns_the_log_on, symbolic_links_lead_to_the_same_lock);
}
