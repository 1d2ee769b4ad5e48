/*
 * check_db_write.c - the write path with real processes: one writer at a
 * time, in turn, freed by whoever dies, and nothing lost that was acknowledged
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/db.h"
#include "tests/child.h"
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

/* For children too, which end with 1 when it fails. */
static struct db *
open_it(enum db_mode mode, int busy_ms)
{
	struct db *db = db_open(temp_path("shop.db"), mode, busy_ms, fault);

	if (db == NULL) {
		fprintf(stderr, "%s\n", fault);
		child_fail();
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
add_rows(struct db *db, int64_t who)
{
	int rc = db_run(db, &sql[ADD], "is", who, "body");

	return rc == 0 ? db_run(db, &sql[BUMP], "") : rc;
}

static int
add_one(struct db *db, int64_t who)
{
	int rc = db_begin(db);

	if (rc != 0)
		return rc;
	rc = add_rows(db, who);
	return rc == 0 ? db_end(db, 1) : db_end(db, 0) == 0 ? rc : DB_ERROR;
}

enum { WRITERS = 8, EACH = 40 };

static void
write_many(void)
{
	struct db *db = open_it(DB_WRITER, 20000);

	for (int i = 0; i < EACH; i++)
		if (add_one(db, i) != 0) {
			fprintf(stderr, "%s\n", db_error(db));
			child_fail();
		}
	db_close(db);
}

START_TEST(counts_every_transaction_of_eight_writers)
{
	struct child c[WRITERS];
	struct db *db;

	fresh();
	for (int i = 0; i < WRITERS; i++)
		c[i] = child_start(write_many);
	for (int i = 0; i < WRITERS; i++) {
		child_wait(&c[i]);
		child_leave(&c[i]);
		child_end(&c[i], 0);
	}
	db = open_it(DB_READER, 0);
	ck_assert_int_eq(number(db, &sql[COUNT]), WRITERS * EACH);
	ck_assert_int_eq(number(db, &sql[SUM]), WRITERS * EACH);
	db_close(db);
	temp_remove();
}
END_TEST

static void
hold_the_lock(void)
{
	struct db *db = open_it(DB_WRITER, 0);

	if (db_begin(db) != 0 || add_rows(db, 1) != 0)
		child_fail();
}

START_TEST(waits_for_the_lock_as_long_as_told)
{
	struct child c;
	struct db *db;
	int64_t from;
	char pid[32];

	fresh();
	c = child_done(hold_the_lock);
	snprintf(pid, sizeof pid, "(pid %ld)", (long)c.pid);
	db = open_it(DB_WRITER, 100);
	for (int i = 0; i < 2; i++) {
		from = clock_mono_ms();
		ck_assert_int_eq(db_begin(db), DB_BUSY);
		ck_assert_int_ge(clock_mono_ms() - from, 100);
		ck_assert_int_lt(clock_mono_ms() - from, 1000);
		ck_assert_msg(strstr(db_error(db), pid) != NULL, "%s", db_error(db));
		ck_assert_int_eq(db_in_transaction(db), 0);
	}
	db_close(db);
	db = open_it(DB_WRITER, 0);
	ck_assert_int_eq(db_begin(db), DB_BUSY);
	ck_assert_int_eq(number(db, &sql[COUNT]), 0);	/* reading goes on */
	child_end(&c, SIGKILL);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(is_freed_when_its_holder_is_killed)
{
	struct child c;
	struct db *db;

	fresh();
	for (int i = 0; i < 3; i++) {
		c = child_done(hold_the_lock);
		child_end(&c, SIGKILL);
		db = open_it(DB_WRITER, 0);
		ck_assert_int_eq(number(db, &sql[COUNT]), i);
		ck_assert_int_eq(add_one(db, 7), 0);
		db_close(db);
	}
	temp_remove();
}
END_TEST

/* Each id stands in the pipe only after db_end said that it is on the disk. */
static void
write_and_tell(int out)
{
	struct db *db = open_it(DB_WRITER, 5000);
	int64_t id;

	for (;;) {
		if (db_begin(db) != 0 || add_rows(db, 1) != 0)
			child_fail();
		id = number(db, &sql[COUNT]);
		if (db_end(db, 1) != 0 || write(out, &id, sizeof id) != sizeof id)
			child_fail();
	}
}

static int64_t
kill_after(int acks)
{
	int64_t id = 0, last = 0;
	int pipe_fd[2];
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fd), 0);
	if ((pid = fork()) == 0)
		write_and_tell(pipe_fd[1]);
	close(pipe_fd[1]);
	for (int i = 0; i < acks; i++)
		ck_assert_int_eq(read(pipe_fd[0], &last, sizeof last), sizeof last);
	kill(pid, SIGKILL);
	while (read(pipe_fd[0], &id, sizeof id) == sizeof id)
		last = id;
	close(pipe_fd[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return last;
}

START_TEST(loses_nothing_acknowledged_when_a_writer_is_killed)
{
	struct db_facts f;
	struct db *db;
	int64_t last;

	fresh();
	for (int round = 0; round < 20; round++) {
		last = kill_after(1 + round * 7 % 11);
		db = open_it(DB_WRITER, 5000);
		ck_assert_int_eq(db_facts(db, &f), 0);
		ck_assert_msg(f.integrity_ok, "%s", f.integrity);
		/* at most one more than told: killed between disk and pipe */
		ck_assert_int_ge(number(db, &sql[COUNT]), last);
		ck_assert_int_le(number(db, &sql[COUNT]), last + 1);
		ck_assert_int_eq(number(db, &sql[COUNT]), number(db, &sql[SUM]));
		ck_assert_int_eq(db_find(db, &sql[HAS], "i", last), 1);
		db_close(db);
	}
	temp_remove();
}
END_TEST

START_TEST(readers_keep_their_snapshot_and_never_write)
{
	struct db *db, *reader;
	int64_t version;

	fresh();
	db = open_it(DB_WRITER, 1000);
	reader = open_it(DB_READER, 1000);
	version = db_data_version(reader);
	ck_assert_int_eq(db_data_version(reader), version);
	ck_assert_int_eq(db_read_begin(reader), 0);
	ck_assert_int_eq(number(reader, &sql[COUNT]), 0);
	ck_assert_int_eq(add_one(db, 1), 0);
	ck_assert_int_eq(number(reader, &sql[COUNT]), 0);
	ck_assert_int_eq(number(reader, &sql[SUM]), 0);
	db_read_end(reader);
	ck_assert_int_eq(number(reader, &sql[COUNT]), 1);
	ck_assert_int_ne(db_data_version(reader), version);

	ck_assert_int_eq(db_begin(reader), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(reader), "reading only"));
	ck_assert_int_eq(db_run(reader, &sql[BUMP], ""), DB_ERROR);
	ck_assert_int_eq(db_end(reader, 1), DB_ERROR);
	ck_assert_int_eq(db_sync(reader), 0);
	ck_assert_int_eq(db_total_changes(reader), 0);
	ck_assert_int_eq(number(db, &sql[SUM]), 1);
	db_close(reader);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(rolls_back_whole)
{
	struct db *db;

	fresh();
	db = open_it(DB_WRITER, 0);
	ck_assert_int_eq(db_hold_ms(db), 0);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(add_rows(db, 1), 0);
	ck_assert_int_ge(db_hold_ms(db), 0);
	ck_assert_int_eq(number(db, &sql[SUM]), 1);
	ck_assert_int_eq(db_end(db, 0), 0);
	ck_assert_int_eq(db_hold_ms(db), 0);
	ck_assert_int_eq(number(db, &sql[SUM]), 0);
	ck_assert_int_eq(number(db, &sql[COUNT]), 0);
	db_close(db);
	temp_remove();
}
END_TEST

/* Closing it is as good as rolling back. */
START_TEST(close_frees_the_lock)
{
	struct db *db, *other;

	fresh();
	db = open_it(DB_WRITER, 0);
	other = open_it(DB_WRITER, 0);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(add_rows(db, 1), 0);
	ck_assert_int_eq(db_begin(other), DB_BUSY);
	db_close(db);
	ck_assert_int_eq(add_one(other, 1), 0);
	ck_assert_int_eq(number(other, &sql[COUNT]), 1);
	db_close(other);
	temp_remove();
}
END_TEST

/* Somebody tidied up: those who have the old file open find the new one. */
START_TEST(a_removed_lock_file_is_nobodys_lock)
{
	struct db *db, *other;

	fresh();
	db = open_it(DB_WRITER, 0);
	other = open_it(DB_WRITER, 0);
	ck_assert_int_eq(add_one(db, 1), 0);
	ck_assert_int_eq(unlink(temp_path("shop.db.lock")), 0);
	ck_assert_int_eq(db_begin(other), 0);
	ck_assert_int_eq(db_begin(db), DB_BUSY);
	ck_assert_int_eq(db_end(other, 1), 0);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_begin(other), DB_BUSY);
	ck_assert_int_eq(db_end(db, 1), 0);
	db_close(other);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(says_why_it_has_no_lock_file)
{
	struct db *db;

	fresh();
	unlink(temp_path("shop.db.lock"));
	ck_assert_int_eq(symlink("elsewhere", temp_path("shop.db.lock")), 0);
	db = open_it(DB_WRITER, 0);
	ck_assert_int_eq(db_begin(db), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "shop.db.lock: "));
	db_close(db);
	temp_remove();
}
END_TEST

/* 20 ms of work each, and on at once: what a long sync does. */
static void
write_long_batches(void)
{
	struct db *db = open_it(DB_WRITER, 20000);

	while (db_begin(db) == 0) {
		int rc = add_rows(db, 2);

		while (db_hold_ms(db) < DB_HOLD_MS)
			;
		if (db_end(db, rc == 0) != 0)
			child_fail();
	}
	child_fail();
}

enum { TURNS = 20 };

/* Behind each batch of somebody else's a short transaction finds its turn. */
START_TEST(short_transactions_pass_between_long_batches)
{
	struct child c;
	struct db *db;
	int64_t before;

	fresh();
	c = child_start(write_long_batches);
	db = open_it(DB_WRITER, 20000);
	while ((before = number(db, &sql[SUM])) == 0)
		;
	for (int i = 0; i < TURNS; i++)
		ck_assert_int_eq(add_one(db, 1), 0);
	/* one in hand, one at the gate; the rest is for a loaded machine */
	ck_assert_int_le(number(db, &sql[SUM]) - before, TURNS * 8);
	child_end(&c, SIGKILL);
	db_close(db);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db_write", counts_every_transaction_of_eight_writers,
	    waits_for_the_lock_as_long_as_told, is_freed_when_its_holder_is_killed,
	    loses_nothing_acknowledged_when_a_writer_is_killed,
	    readers_keep_their_snapshot_and_never_write, rolls_back_whole,
	    close_frees_the_lock, a_removed_lock_file_is_nobodys_lock,
	    says_why_it_has_no_lock_file,
	    short_transactions_pass_between_long_batches);
}
