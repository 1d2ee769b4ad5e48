/*
 * hostile_rows.c - is every row as it was? see hostile.h
 *
 * The database's own number tells whether anybody committed; only then every
 * table is read.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/base/log.h"
#include "tests/hostile.h"

enum { TABLES = 64, NAME = 64, BUSY_MS = 5000, QUERY = 8192, COLUMNS = QUERY - 80 };

static struct table {
	char name[NAME], query[QUERY];
	struct stmt stmt;
	uint64_t sum;
} tables[TABLES];

static struct db *db;
static size_t count;
static int64_t version;
static char where[NAME], text[4096];

static void
must(int ok, const char *what)
{
	if (!ok)
		fatal(EX_SOFTWARE, "hostile: %s: %s", what, db_error(db));
}

/* "SELECT quote(a) || quote(b) FROM t" */
static void
make_query(struct table *t)
{
	static struct stmt columns = { .sql =
	    "SELECT group_concat('quote(\"' || name || '\")', ' || ') FROM pragma_table_info(?1)" };

	must(db_find(db, &columns, "s", t->name) == 1, t->name);
	snprintf(t->query, sizeof t->query, "SELECT %.*s FROM \"%.63s\"", COLUMNS,
	    db_text(&columns, 0), t->name);
	db_done(&columns);
	t->stmt = (struct stmt){ .sql = t->query };
}

static uint64_t
sum(struct table *t)
{
	uint64_t all = 14695981039346656037u;	/* FNV-1a */
	int rc;

	must(db_query(db, &t->stmt, "") == DB_OK, t->query);
	while ((rc = db_row(db, &t->stmt)) == 1)
		for (const char *s = db_text(&t->stmt, 0); s != NULL && *s != '\0'; s++)
			all = (all ^ (unsigned char)*s) * 1099511628211u;
	must(rc == 0, t->query);
	return all;
}

static int
look(void)
{
	int changed = 0;

	must(db_read_begin(db) == DB_OK, "read");
	for (size_t i = 0; i < count; i++) {
		uint64_t now = sum(&tables[i]);

		if (now != tables[i].sum) {
			snprintf(where, sizeof where, "%s", tables[i].name);
			changed = 1;
		}
		tables[i].sum = now;
	}
	db_read_end(db);
	return changed;
}

void
rows_open(const char *database)
{
	static struct stmt names = { .sql = "SELECT name FROM sqlite_master WHERE type = 'table' "
	    "AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'product_trigram%' "
	    "AND name NOT LIKE 'product_word%' AND name NOT LIKE 'sqlite_%'" };
	char fault[DB_FAULT] = "";
	int rc;

	if ((db = db_open(database, DB_READER, BUSY_MS, fault)) == NULL)
		fatal(EX_NOINPUT, "hostile: %s", fault);
	must(db_query(db, &names, "") == DB_OK, "tables");
	while ((rc = db_row(db, &names)) == 1 && count < TABLES)
		snprintf(tables[count++].name, NAME, "%s", db_text(&names, 0));
	must(rc == 0, "tables");
	for (size_t i = 0; i < count; i++)
		make_query(&tables[i]);
	look();
	version = db_data_version(db);
}

int
rows_changed(void)
{
	int64_t now = db_data_version(db);

	if (now == version)
		return 0;
	version = now;
	return look();
}

const char *
rows_where(void)
{
	return where;
}

const char *
rows_ask(const char *query)
{
	struct stmt s = { .sql = query };
	int rc = db_find(db, &s, "");

	snprintf(text, sizeof text, "%s", rc != 1 ? rc == 0 ? "none" : db_error(db) :
	    db_is_null(&s, 0) ? "null" : db_text(&s, 0));
	db_done(&s);
	return text;
}

void
rows_close(void)
{
	db_close(db);
}
