/*
 * check_db_write.c - the write path with real processes: one writer at a
 * time, durable, bounded, and freed by whoever dies
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const char schema[] =
    "CREATE TABLE tick (id INTEGER PRIMARY KEY, who INTEGER, body TEXT) STRICT;"
    "CREATE TABLE sum (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;"
    "INSERT INTO sum VALUES (1, 0);";

enum { ADD, COUNT, BUMP, SUM, HAS };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO tick (who, body) VALUES (?1, ?2)" },
	[COUNT] = { .sql = "SELECT count(*) FROM tick" },
	[BUMP] = { .sql = "UPDATE sum SET n = n + 1 WHERE id = 1" },
	[SUM] = { .sql = "SELECT n FROM sum WHERE id = 1" },
	[HAS] = { .sql = "SELECT who FROM tick WHERE id = ?1" },
};
DB_STATEMENTS(sql);

static char fault[DB_FAULT];

static void
fresh(void)
{
	struct db *db;

	temp_make();
	db = db_create(temp_path("shop.db"), schema, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	db_close(db);
}

/* In a child a failed assertion ends it with 1. */
static struct db *
open_or_die(enum db_mode mode, int busy_ms)
{
	struct db *db = db_open(temp_path("shop.db"), mode, busy_ms, fault);

	if (db == NULL) {
		fprintf(stderr, "%s\n", fault);
		_exit(1);
	}
	return db;
}

static int64_t
number(struct db *db, struct stmt *st)
{
	int64_t n = db_find(db, st, "") == 1 ? db_int(st, 0) : -1;

	db_done(st);
	return n;
}

static int
add_one(struct db *db, int64_t who, const char *body)
{
	int rc = db_begin(db);

	if (rc != 0)
		return rc;
	if ((rc = db_run(db, &sql[ADD], "is", who, body)) == 0)
		rc = db_run(db, &sql[BUMP], "");
	if (rc != 0)
		return db_end(db, 0) != 0 ? DB_ERROR : rc;
	return db_end(db, 1);
}

static void
wait_all(int children)
{
	int status;

	for (int i = 0; i < children; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	}
}

enum { WRITERS = 8, EACH = 60 };

static void
write_many(int me)
{
	struct db *db = open_or_die(DB_WRITER, 5000);

	for (int i = 0; i < EACH; i++)
		if (add_one(db, me, "x") != 0) {
			fprintf(stderr, "%s\n", db_error(db));
			_exit(1);
		}
	db_close(db);
	_exit(0);
}

START_TEST(counts_every_transaction_of_eight_writers)
{
	struct db *db;

	fresh();
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_many(i);
	wait_all(WRITERS);
	db = open_or_die(DB_READER, 0);
	ck_assert_int_eq(number(db, &sql[COUNT]), WRITERS * EACH);
	ck_assert_int_eq(number(db, &sql[SUM]), WRITERS * EACH);
	db_close(db);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db_write", counts_every_transaction_of_eight_writers);
}
