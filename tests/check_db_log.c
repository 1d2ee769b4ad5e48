/*
 * check_db_log.c - the write-ahead log: bounded, copied back only under the
 * lock, on the disk before a write is acknowledged; and what happens when the
 * disk says no
 *
 * The disk says no here: fdatasync() and pwrite() of this program stand before
 * the C library's, and fail when a test tells them to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "lib/base/crypt.h"
#include "lib/base/db.h"
#include "tests/child.h"
#include "tests/suite.h"
#include "tests/temp.h"

ssize_t pwrite64(int, const void *, size_t, int64_t);

static int syncs, syncs_fail, disk_is_full;

int
fdatasync(int fd)
{
	syncs++;
	if (syncs_fail) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

ssize_t
pwrite64(int fd, const void *data, size_t n, int64_t at)
{
	if (disk_is_full) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, data, n, at);
}

static const char schema[] =
    "CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;";

enum { ADD, COUNT, CHANGE };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO row (body) VALUES (zeroblob(?1))" },
	[COUNT] = { .sql = "SELECT count(*) FROM row" },
	[CHANGE] = { .sql = "UPDATE row SET body = zeroblob(?1) WHERE id = 1" },
};
DB_STATEMENTS(sql);

enum {
	PAGE = 4096,
	BOUND = 8000 * (PAGE + 24)	/* where the log is emptied */
};

static char fault[DB_FAULT];

static struct db *
open_it(enum db_mode mode)
{
	struct db *db = db_open(temp_path("shop.db"), mode, 100, fault);

	if (db == NULL) {
		fprintf(stderr, "%s\n", fault);
		child_fail();
	}
	return db;
}

static struct db *
fresh(void)
{
	struct db *db;

	temp_make();
	db = db_create(temp_path("shop.db"), schema, fault);
	ck_assert_msg(db != NULL, "%s", fault);
	return db;
}

static int64_t
count(struct db *db)
{
	int64_t n = db_find(db, &sql[COUNT], "") == 1 ? db_int(&sql[COUNT], 0) : -1;

	db_done(&sql[COUNT]);
	return n;
}

/* One row of so many pages. */
static int
add(struct db *db, int64_t pages)
{
	int rc = db_begin(db);

	if (rc != 0)
		return rc;
	rc = db_run(db, &sql[ADD], "i", pages * PAGE);
	return rc == 0 ? db_end(db, 1) : db_end(db, 0) == 0 ? rc : DB_ERROR;
}

static int64_t
size_of(const char *name)
{
	struct stat sb;

	return stat(temp_path(name), &sb) == 0 ? (int64_t)sb.st_size : -1;
}

/* What the main file holds. Read through a child: closing a descriptor of it
 * here would drop the engine's locks. */
static void
digest(uint8_t out[SHA256_LEN])
{
	static char text[1 << 25];
	int pipe_fd[2], fd;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fd), 0);
	if ((pid = fork()) == 0) {
		fd = open(temp_path("shop.db"), O_RDONLY);
		n = read(fd, text, sizeof text);
		crypt_sha256(text, n > 0 ? (size_t)n : 0, out);
		_exit(write(pipe_fd[1], out, SHA256_LEN) != SHA256_LEN);
	}
	ck_assert_int_eq(read(pipe_fd[0], out, SHA256_LEN), SHA256_LEN);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(syncs_before_it_acknowledges)
{
	struct db *db = fresh();
	int before = syncs;

	ck_assert_int_eq(add(db, 1), 0);
	ck_assert_int_gt(syncs, before);
	before = syncs;
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_end(db, 1), 0);	/* of what others wrote, too */
	ck_assert_int_eq(syncs, before + 1);
	ck_assert_int_eq(db_sync(db), 0);
	ck_assert_int_eq(syncs, before + 2);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_end(db, 0), 0);
	ck_assert_int_eq(count(db), 1);
	ck_assert_int_eq(syncs, before + 2);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(copies_the_log_back_when_it_is_long)
{
	struct db *db = fresh();
	int64_t small = size_of("shop.db");

	for (int i = 0; i < 60; i++) {
		ck_assert_int_eq(add(db, 100), 0);
		ck_assert_int_lt(size_of("shop.db-wal"), BOUND / 2 + 200 * PAGE);
	}
	ck_assert_int_gt(size_of("shop.db"), small + 3000 * PAGE);
	ck_assert_int_eq(count(db), 60);
	db_close(db);
	temp_remove();
}
END_TEST

/* Two take turns, so that the log is never without one: it cannot begin anew
 * by itself. */
static void
read_on_and_on(void)
{
	struct db *db[2] = { open_it(DB_READER), open_it(DB_READER) };
	struct timespec moment = { .tv_nsec = 2000000 };

	for (int i = 0; db_read_begin(db[i % 2]) == 0; i++) {
		if (count(db[i % 2]) < 0)
			child_fail();
		nanosleep(&moment, NULL);
		if (i > 0)
			db_read_end(db[(i + 1) % 2]);
	}
	child_fail();
}

/* How far it grows until a try finds a moment depends on the machine's load;
 * that it is emptied again and again does not. */
START_TEST(is_emptied_while_readers_come_and_go)
{
	struct child c;
	struct db *db = fresh();
	int64_t size = 0, last = 0;
	int emptied = 0;

	db_close(db);
	c = child_start(read_on_and_on);
	db = open_it(DB_WRITER);
	for (int i = 0; i < 1000 && emptied < 2; i++) {
		ck_assert_int_eq(add(db, 100), 0);
		size = size_of("shop.db-wal");
		ck_assert(size >= last || last > BOUND - 200 * PAGE);
		emptied += size < last;
		last = size;
	}
	ck_assert_int_eq(emptied, 2);
	child_end(&c, SIGKILL);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(bears_a_reader_that_stays)
{
	struct db *db = fresh(), *reader = open_it(DB_READER);

	ck_assert_int_eq(add(db, 1), 0);
	ck_assert_int_eq(db_read_begin(reader), 0);
	ck_assert_int_eq(count(reader), 1);
	for (int i = 0; i < 90; i++)
		ck_assert_int_eq(add(db, 100), 0);
	ck_assert_int_gt(size_of("shop.db-wal"), BOUND);
	ck_assert_int_eq(count(reader), 1);
	db_read_end(reader);
	for (int i = 0; i < 30; i++)	/* until it is tried once more */
		ck_assert_int_eq(add(db, 100), 0);
	ck_assert_int_lt(size_of("shop.db-wal"), BOUND / 2);
	ck_assert_int_eq(count(reader), 121);
	db_close(reader);
	db_close(db);
	temp_remove();
}
END_TEST

static void
hold_the_file(void)
{
	int fd = open(temp_path("shop.db.lock"), O_RDWR | O_CREAT, 0600);

	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		child_fail();
}

/* SQLite's WAL-reset bug needs a checkpoint beside a commit: whoever has the
 * lock, as this child here, can be sure that there is none. */
START_TEST(copies_nothing_back_without_the_lock)
{
	uint8_t before[SHA256_LEN], after[SHA256_LEN];
	struct db *db = fresh(), *reader;
	struct child c;
	int64_t log;

	ck_assert_int_eq(add(db, 3000), 0);
	db_close(db);
	log = size_of("shop.db-wal");
	ck_assert_int_gt(log, 3000 * PAGE);
	digest(before);
	c = child_done(hold_the_file);
	for (int i = 0; i < 3; i++) {
		reader = open_it(DB_READER);
		db = open_it(DB_WRITER);
		ck_assert_int_eq(count(reader), 1);
		ck_assert_int_eq(db_read_begin(reader), 0);
		ck_assert_int_eq(count(reader), 1);
		ck_assert_int_eq(add(db, 1), DB_BUSY);
		ck_assert_int_eq(db_sync(db), 0);
		ck_assert_int_eq(db_backup(reader, temp_path("copy"), fault), -1);
		db_read_end(reader);
		ck_assert_int_eq(db_backup(reader, temp_path("copy"), fault), 0);
		db_close(i % 2 ? db : reader);
		db_close(i % 2 ? reader : db);	/* the last one out */
		ck_assert_int_eq(size_of("shop.db-wal"), log);
		digest(after);
		ck_assert_mem_eq(before, after, SHA256_LEN);
	}
	child_end(&c, SIGKILL);
	db = open_it(DB_WRITER);
	ck_assert_int_eq(add(db, 2000), 0);	/* now it is long, and goes */
	digest(after);
	ck_assert_mem_ne(before, after, SHA256_LEN);
	db_close(db);
	temp_remove();
}
END_TEST

static void
stopped_for_all(struct db *db)
{
	struct db *other = open_it(DB_WRITER);
	int before = syncs;

	ck_assert_int_eq(db_begin(db), DB_FULL);
	ck_assert_int_eq(db_begin(other), DB_FULL);
	ck_assert_ptr_nonnull(strstr(db_error(other), "shop.db.stopped"));
	ck_assert_int_eq(syncs, before);	/* never tried again */
	ck_assert_int_ge(count(other), 0);	/* reading goes on */
	db_close(other);
}

static void
reason_of_stop(char *text, size_t size)
{
	FILE *f = fopen(temp_path("shop.db.stopped"), "r");

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

START_TEST(a_failed_sync_stops_all_writing_until_an_operator_acts)
{
	struct db *db = fresh(), *other;
	char reason[256];

	ck_assert_int_eq(add(db, 1), 0);
	syncs_fail = 1;
	ck_assert_int_eq(add(db, 1), DB_FULL);
	syncs_fail = 0;
	reason_of_stop(reason, sizeof reason);
	ck_assert_ptr_nonnull(strstr(reason, "shop.db-wal: sync failed"));
	stopped_for_all(db);
	ck_assert_int_eq(db_sync(db), DB_FULL);
	ck_assert_int_eq(unlink(temp_path("shop.db.stopped")), 0);
	other = open_it(DB_WRITER);
	ck_assert_int_eq(add(other, 1), 0);
	db_close(other);
	/* this process saw it fail: only a new start helps */
	ck_assert_int_eq(db_begin(db), DB_FULL);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(a_failed_sync_of_a_checkpoint_stops_too)
{
	struct db *db = fresh();
	char reason[256];

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "i", (int64_t)4100 * PAGE), 0);
	syncs_fail = 1;
	ck_assert_int_eq(db_end(db, 1), DB_FULL);
	syncs_fail = 0;
	reason_of_stop(reason, sizeof reason);
	ck_assert_ptr_nonnull(strstr(reason, "checkpoint"));
	stopped_for_all(db);
	db_close(db);
	temp_remove();
}
END_TEST

/* A reader that pushes events syncs before it tells: it stops writing, too. */
START_TEST(a_failed_sync_of_a_reader_stops_writing)
{
	struct db *db = fresh(), *reader = open_it(DB_READER);

	ck_assert_int_eq(add(db, 1), 0);
	syncs_fail = 1;
	ck_assert_int_eq(db_sync(reader), DB_FULL);
	syncs_fail = 0;
	stopped_for_all(db);
	db_close(reader);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(a_full_disk_refuses_and_loses_nothing)
{
	struct db *db = fresh();

	ck_assert_int_eq(add(db, 1), 0);
	disk_is_full = 1;
	ck_assert_int_eq(add(db, 1), DB_FULL);
	ck_assert_int_eq(add(db, 1), DB_FULL);
	ck_assert_int_eq(count(db), 1);
	disk_is_full = 0;
	ck_assert_int_eq(access(temp_path("shop.db.stopped"), F_OK), -1);
	ck_assert_int_eq(add(db, 1), 0);
	ck_assert_int_eq(count(db), 2);
	db_close(db);
	temp_remove();
}
END_TEST

/* More than the cache holds goes to the log before COMMIT: the engine may roll
 * back by itself then, and nobody may be told that it was committed. */
START_TEST(a_disk_that_fills_up_in_a_transaction_commits_nothing)
{
	struct db *db = fresh();
	int rc = 0;

	ck_assert_int_eq(add(db, 1), 0);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(db_begin(db), 0);
		disk_is_full = 1;
		for (int i = 0; i < 40 && rc == 0; i++)
			rc = db_run(db, &sql[ADD], "i", (int64_t)100 * PAGE);
		ck_assert_int_eq(rc, DB_FULL);
		ck_assert_int_ne(db_end(db, 1), 0);
		disk_is_full = 0;
		ck_assert_int_eq(db_in_transaction(db), 0);
		ck_assert_int_eq(count(db), 1);
		rc = 0;
	}
	ck_assert_int_eq(add(db, 1), 0);
	ck_assert_int_eq(count(db), 2);
	db_close(db);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db_log", syncs_before_it_acknowledges,
	    copies_the_log_back_when_it_is_long,
	    is_emptied_while_readers_come_and_go, bears_a_reader_that_stays,
	    copies_nothing_back_without_the_lock,
	    a_failed_sync_stops_all_writing_until_an_operator_acts,
	    a_failed_sync_of_a_checkpoint_stops_too,
	    a_failed_sync_of_a_reader_stops_writing,
	    a_full_disk_refuses_and_loses_nothing,
	    a_disk_that_fills_up_in_a_transaction_commits_nothing);
}
