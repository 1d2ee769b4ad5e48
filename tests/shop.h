/*
 * shop.h - an empty shop's database in a folder of its own, for one test
 *
 * shop_begin() makes it from schema.sql and opens it for writing; shop_end()
 * takes everything away. SRCDIR comes from the Makefile's test environment.
 */
#ifndef TESTS_SHOP_H
#define TESTS_SHOP_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/db.h"
#include "tests/temp.h"

static struct db *shop_db;

static inline char *
shop_schema(void)
{
	const char *src = getenv("srcdir");
	char path[PATH_MAX];
	char *text;
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/schema.sql", src != NULL ? src : ".");
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s: run the test by make check", path);
	ck_assert_ptr_nonnull(text = malloc(1 << 20));
	n = fread(text, 1, (1 << 20) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static inline struct db *
shop_begin(void)
{
	char fault[DB_FAULT] = "", *schema = shop_schema();

	temp_make();
	shop_db = db_create(temp_path("shop.db"), schema, fault);
	free(schema);
	ck_assert_msg(shop_db != NULL, "%s", fault);
	return shop_db;
}

static inline void
shop_end(void)
{
	db_close(shop_db);
	temp_remove();
}

/* The first column of the first row; fails the test when there is none. */
static inline int64_t
shop_int(const char *query)
{
	struct stmt s = { .sql = query };
	int64_t value;

	ck_assert_msg(db_find(shop_db, &s, "") == 1, "%s: %s", query, db_error(shop_db));
	value = db_int(&s, 0);
	db_done(&s);
	return value;
}

/* Run one statement in a transaction of its own. */
static inline void
shop_run(const char *statement)
{
	struct stmt s = { .sql = statement };

	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_msg(db_run(shop_db, &s, "") == DB_OK, "%s: %s", statement, db_error(shop_db));
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

#endif
