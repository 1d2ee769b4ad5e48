/* check_db.c - statements, rows and connections: what db.h promises */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const char schema[] =
    "CREATE TABLE dish (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
    " price INTEGER, weight REAL, photo BLOB) STRICT;"
    "CREATE TABLE line (dish INTEGER NOT NULL REFERENCES dish) STRICT;";

enum { ADD, GET, ALL, COUNT, LINE, RETURN_ID, RENAME, BROKEN };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO dish (name, price, weight, photo)"
	    " VALUES (?1, ?2, ?3, ?4)" },
	[GET] = { .sql = "SELECT name, price, weight, photo, id FROM dish"
	    " WHERE name = ?1" },
	[ALL] = { .sql = "SELECT id FROM dish ORDER BY id LIMIT 1000" },
	[COUNT] = { .sql = "SELECT count(*) FROM dish" },
	[LINE] = { .sql = "INSERT INTO line (dish) VALUES (?1)" },
	[RETURN_ID] = { .sql = "INSERT INTO dish (name) VALUES (?1)"
	    " ON CONFLICT DO NOTHING RETURNING id" },
	[RENAME] = { .sql = "UPDATE dish SET name = name || '!'" },
	[BROKEN] = { .sql = "SELECT nothing FROM nowhere" },
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

static void
add(struct db *db, const char *name)
{
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "sirn",
	    name, (int64_t)9900, 0.35), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
}

static int64_t
count(struct db *db)
{
	int64_t n;

	ck_assert_int_eq(db_find(db, &sql[COUNT], ""), 1);
	n = db_int(&sql[COUNT], 0);
	db_done(&sql[COUNT]);
	return n;
}

START_TEST(brings_back_what_was_bound)
{
	struct db *db = fresh();
	size_t n;

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "tirb", "борщ, гарячий",
	    strlen("борщ"), (int64_t)12900, 0.35, "\0\1\2", (size_t)3), 0);
	ck_assert_int_eq(db_changes(db), 1);
	ck_assert_int_eq(db_last_id(db), 1);
	ck_assert_int_eq(db_run(db, &sql[ADD], "sirb", "порожній", DB_NULL,
	    (double)NAN, NULL, (size_t)0), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_total_changes(db), 2);

	ck_assert_int_eq(db_find(db, &sql[GET], "s", "борщ"), 1);
	ck_assert_str_eq(db_text(&sql[GET], 0), "борщ");
	ck_assert_int_eq(db_int(&sql[GET], 1), 12900);
	ck_assert_double_eq(db_real(&sql[GET], 2), 0.35);
	ck_assert_mem_eq(db_blob(&sql[GET], 3, &n), "\0\1\2", 3);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(db_is_null(&sql[GET], 3), 0);

	ck_assert_int_eq(db_find(db, &sql[GET], "s", "порожній"), 1);
	ck_assert_int_eq(db_int(&sql[GET], 1), DB_NULL);
	ck_assert(isnan(db_real(&sql[GET], 2)));
	ck_assert_ptr_null(db_blob(&sql[GET], 3, &n));
	ck_assert_ptr_null(db_text(&sql[GET], 3));
	ck_assert_int_eq(db_is_null(&sql[GET], 3), 1);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", "вареники"), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", NULL), 0);
	db_close(db);
	temp_remove();
}
END_TEST

START_TEST(writes_only_between_begin_and_end)
{
	struct db *db = fresh();

	ck_assert_int_eq(db_run(db, &sql[RENAME], ""), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "outside db_begin"));
	ck_assert_int_eq(db_in_transaction(db), 0);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_in_transaction(db), 2);
	ck_assert_int_eq(db_begin(db), DB_ERROR);
	ck_assert_int_eq(db_read_begin(db), DB_ERROR);
	ck_assert_int_eq(db_run(db, &sql[ADD], "snnn", "борщ"), 0);
	ck_assert_int_eq(db_end(db, 0), 0);
	ck_assert_int_eq(count(db), 0);
	ck_assert_int_eq(db_end(db, 1), DB_ERROR);
	add(db, "борщ");
	ck_assert_int_eq(count(db), 1);
	db_close(db);
	temp_remove();
}
END_TEST

/* The engine keeps statements of its own for these, and ends them itself. */
START_TEST(closes_with_a_search_index_in_use)
{
	struct stmt add_text = { .sql = "INSERT INTO words (rowid, text) VALUES (?1, ?2)" };
	struct stmt find = { .sql = "SELECT rowid FROM words WHERE words MATCH ?1" };
	struct db *db;

	temp_make();
	db = db_create(temp_path("shop.db"),
	    "CREATE VIRTUAL TABLE words USING fts5 (text);", fault);
	ck_assert_msg(db != NULL, "%s", fault);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &add_text, "is", (int64_t)7, "борщ"), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_find(db, &find, "s", "борщ"), 1);
	ck_assert_int_eq(db_int(&find, 0), 7);
	db_close(db);
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("db", brings_back_what_was_bound,
	    writes_only_between_begin_and_end, closes_with_a_search_index_in_use);
}
