/* check_db.c - statements and rows: what db.h promises */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/db.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const char schema[] =
    "CREATE TABLE dish (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
    " price INTEGER CHECK (price > 0), weight REAL, photo BLOB) STRICT;"
    "CREATE TABLE line (dish INTEGER NOT NULL REFERENCES dish) STRICT;";

enum { ADD, GET, ALL, COUNT, LINE, RETURN_ID, RENAME, BROKEN, PAIR };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO dish (name, price, weight, photo)"
	    " VALUES (?1, ?2, ?3, ?4)" },
	[GET] = { .sql = "SELECT name, price, weight, photo FROM dish"
	    " WHERE name = ?1" },
	[ALL] = { .sql = "SELECT id FROM dish ORDER BY id LIMIT 1000" },
	[COUNT] = { .sql = "SELECT count(*) FROM dish" },
	[LINE] = { .sql = "INSERT INTO line (dish) VALUES (?1)" },
	[RETURN_ID] = { .sql = "INSERT INTO dish (name) VALUES (?1)"
	    " ON CONFLICT DO NOTHING RETURNING id" },
	[RENAME] = { .sql = "UPDATE dish SET name = name || '!'" },
	[BROKEN] = { .sql = "SELECT dish FROM nowhere" },
	[PAIR] = { .sql = "SELECT ?1, ?2" },
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
finish(struct db *db)
{
	db_close(db);
	temp_remove();
}

static void
add(struct db *db, const char *name)
{
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "sirn", name, (int64_t)9900,
	    0.35), 0);
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
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", "борщ"), 1);
	ck_assert_str_eq(db_text(&sql[GET], 0), "борщ");
	ck_assert_int_eq(db_int(&sql[GET], 1), 12900);
	ck_assert_double_eq(db_real(&sql[GET], 2), 0.35);
	ck_assert_mem_eq(db_blob(&sql[GET], 3, &n), "\0\1\2", 3);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(db_is_null(&sql[GET], 3), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", "вареники"), 0);
	finish(db);
}
END_TEST

START_TEST(keeps_what_is_absent_apart_from_what_is_empty)
{
	struct db *db = fresh();
	size_t n = 9;

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "sirb", "absent", DB_NULL,
	    (double)NAN, NULL, (size_t)0), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "sinb", "empty", (int64_t)1, "",
	    (size_t)0), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", "absent"), 1);
	ck_assert_int_eq(db_int(&sql[GET], 1), DB_NULL);
	ck_assert(isnan(db_real(&sql[GET], 2)));
	ck_assert_ptr_null(db_blob(&sql[GET], 3, &n));
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_null(db_text(&sql[GET], 3));
	ck_assert_int_eq(db_is_null(&sql[GET], 3), 1);
	ck_assert_int_eq(db_find(db, &sql[GET], "t", "empty", (size_t)5), 1);
	ck_assert_ptr_nonnull(db_blob(&sql[GET], 3, &n));
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(db_is_null(&sql[GET], 3), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "s", NULL), 0);
	ck_assert_int_eq(db_find(db, &sql[GET], "t", NULL, (size_t)3), 0);
	finish(db);
}
END_TEST

START_TEST(gives_rows_one_by_one_and_then_the_end)
{
	struct db *db = fresh();

	add(db, "борщ");
	add(db, "вареники");
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	ck_assert_int_eq(db_int(&sql[ALL], 0), 1);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	ck_assert_int_eq(db_int(&sql[ALL], 0), 2);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	db_done(&sql[ALL]);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	db_done(&sql[ALL]);
	ck_assert_int_eq(db_run(db, &sql[ALL], ""), 0);	/* rows are passed by */
	finish(db);
}
END_TEST

START_TEST(returns_the_row_of_an_insert)
{
	struct db *db = fresh();

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_find(db, &sql[RETURN_ID], "s", "борщ"), 1);
	ck_assert_int_eq(db_int(&sql[RETURN_ID], 0), 1);
	ck_assert_int_eq(db_find(db, &sql[RETURN_ID], "s", "борщ"), 0);
	ck_assert_int_eq(db_find(db, &sql[RETURN_ID], "s", "узвар"), 1);
	ck_assert_int_eq(db_end(db, 1), 0);	/* with a row still open */
	ck_assert_int_eq(count(db), 2);
	ck_assert_int_eq(db_total_changes(db), 2);
	finish(db);
}
END_TEST

START_TEST(writes_only_between_begin_and_end)
{
	struct db *db = fresh();

	ck_assert_int_eq(db_run(db, &sql[RENAME], ""), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "outside db_begin: UPDATE"));
	ck_assert_int_eq(db_read_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[RENAME], ""), DB_ERROR);
	ck_assert_int_eq(db_in_transaction(db), 1);
	ck_assert_int_eq(db_begin(db), DB_ERROR);
	ck_assert_int_eq(db_read_begin(db), DB_ERROR);
	db_read_end(db);
	db_read_end(db);
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
	finish(db);
}
END_TEST

START_TEST(refuses_values_that_do_not_fit_the_statement)
{
	struct db *db = fresh();

	ck_assert_int_eq(db_query(db, &sql[GET], ""), DB_ERROR);
	ck_assert_str_eq(db_error(db), "takes 1 values, given \"\": SELECT name,"
	    " price, weight, photo FROM dish WHERE name = ?1");
	ck_assert_int_eq(db_query(db, &sql[GET], "ss", "a", "b"), DB_ERROR);
	ck_assert_int_eq(db_find(db, &sql[PAIR], "sx", "a", 1), DB_ERROR);
	ck_assert_str_eq(db_error(db), "value 2 ('x') refused: SELECT ?1, ?2");
	ck_assert_int_eq(db_row(db, &sql[PAIR]), DB_ERROR);
	ck_assert_int_eq(db_find(db, &sql[PAIR], "st", "a", "b",
	    (size_t)1 << 40), DB_ERROR);
	ck_assert_int_eq(db_run(db, &sql[BROKEN], ""), DB_ERROR);
	ck_assert_str_eq(db_error(db), "SELECT dish FROM nowhere:"
	    " no such table: nowhere (1)");
	ck_assert_int_eq(db_find(db, &sql[PAIR], "ss", "a", "b"), 1);
	finish(db);
}
END_TEST

START_TEST(keeps_the_rules_of_the_schema)
{
	struct db *db = fresh();

	add(db, "борщ");
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_run(db, &sql[ADD], "snnn", "борщ"), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "UNIQUE"));
	ck_assert_int_eq(db_run(db, &sql[ADD], "sinn", "x", (int64_t)0), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "CHECK"));
	ck_assert_int_eq(db_run(db, &sql[LINE], "i", (int64_t)77), DB_ERROR);
	ck_assert_ptr_nonnull(strstr(db_error(db), "FOREIGN KEY"));
	ck_assert_int_eq(db_run(db, &sql[LINE], "i", (int64_t)1), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(count(db), 1);
	finish(db);
}
END_TEST

/* A row asked of it then is an error, not the first row once more. */
START_TEST(transactions_end_open_statements)
{
	struct db *db = fresh();

	add(db, "борщ");
	add(db, "вареники");
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	ck_assert_ptr_null(db_text(&sql[ALL], 0));
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	ck_assert_int_eq(db_read_begin(db), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	db_read_end(db);
	ck_assert_int_eq(db_in_transaction(db), 0);
	finish(db);
}
END_TEST

/* A row left open holds a snapshot: too old to write from. */
START_TEST(begins_although_a_row_stands_open)
{
	struct db *db = fresh(), *other;

	add(db, "борщ");
	other = db_open(db_path(db), DB_WRITER, 1000, fault);
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(db_query(db, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), 1);
	add(other, "узвар");
	add(db, "вареники");
	ck_assert_int_eq(count(db), 3);
	db_close(other);
	finish(db);
}
END_TEST

START_TEST(prepares_anew_for_another_connection)
{
	struct db *db = fresh(), *other;

	add(db, "борщ");
	other = db_open(db_path(db), DB_READER, 0, fault);
	ck_assert_ptr_nonnull(other);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(count(db), 1);
		ck_assert_int_eq(count(other), 1);
	}
	ck_assert_int_eq(db_query(other, &sql[ALL], ""), 0);
	ck_assert_int_eq(db_row(db, &sql[ALL]), DB_ERROR);
	db_close(other);
	db_done(&sql[ALL]);
	ck_assert_int_eq(count(db), 1);
	db_close(db);
	db_done(&sql[COUNT]);
	db = db_open(temp_path("shop.db"), DB_READER, 0, fault);
	ck_assert_int_eq(count(db), 1);
	finish(db);
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
	finish(db);
}
END_TEST

START_TEST(knows_the_statement_tables)
{
	struct db_table *t = db_tables();

	while (t != NULL && t->list != sql)
		t = t->next;
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->count, sizeof sql / sizeof *sql);
	ck_assert_ptr_nonnull(strstr(t->file, "check_db.c"));
}
END_TEST

int
main(void)
{
	return SUITE("db", brings_back_what_was_bound,
	    keeps_what_is_absent_apart_from_what_is_empty,
	    gives_rows_one_by_one_and_then_the_end, returns_the_row_of_an_insert,
	    writes_only_between_begin_and_end,
	    refuses_values_that_do_not_fit_the_statement,
	    keeps_the_rules_of_the_schema, transactions_end_open_statements,
	    begins_although_a_row_stands_open,
	    prepares_anew_for_another_connection,
	    closes_with_a_search_index_in_use, knows_the_statement_tables);
}
