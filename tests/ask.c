/*
 * ask.c - a question to a shop's database, for script tests
 *
 *	tests/ask shop.db 'SELECT status FROM orders'
 *	tests/ask --run shop.db 'UPDATE branch SET phone = NULL'
 *
 * Rows in lines, columns parted by |. Only through db.h: nobody opens a live
 * database with another library.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/db.h"

enum { COLUMNS = 12, BUSY_MS = 5000 };

static int
complain(const char *what)
{
	fprintf(stderr, "ask: %s\n", what);
	return 1;
}

static int
print_rows(struct db *db, struct stmt *s)
{
	int rc = db_query(db, s, ""), columns = db_columns(s);

	while (rc == DB_OK && (rc = db_row(db, s)) == 1) {
		for (int i = 0; i < columns && i < COLUMNS; i++)
			printf("%s%s", i > 0 ? "|" : "", db_is_null(s, i) ? "" : db_text(s, i));
		putchar('\n');
		rc = DB_OK;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	int run = argc == 4 && strcmp(argv[1], "--run") == 0, rc;
	char fault[DB_FAULT];
	struct stmt s;
	struct db *db;

	if (argc != 3 + run)
		return complain("ask [--run] DATABASE SQL");
	s = (struct stmt){ .sql = argv[2 + run] };
	db = db_open(argv[1 + run], run ? DB_WRITER : DB_READER, BUSY_MS, fault);
	if (db == NULL)
		return complain(fault);
	if (run) {
		if ((rc = db_begin(db)) == DB_OK) {
			rc = db_run(db, &s, "");
			if (db_end(db, rc == DB_OK) != DB_OK)
				rc = DB_ERROR;
		}
	} else {
		rc = print_rows(db, &s);
	}
	if (rc != DB_OK)
		complain(db_error(db));
	db_close(db);
	return rc != DB_OK;
}
