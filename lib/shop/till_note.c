/* till_note.c - what the till's profile says; see till_note.h */
#include <stdlib.h>
#include <string.h>

#include "lib/shop/till_note.h"

enum { READ, WRITE };
static struct stmt sql[] = {
	[READ] = { .sql = "SELECT value FROM meta WHERE key = ?1" },
	[WRITE] = { .sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) "
	    "ON CONFLICT (key) DO UPDATE SET value = excluded.value" },
};
DB_STATEMENTS(sql);

static const char *const names[TILL_NOTES] = {
	[TILL_WAITS] = "till_waits", [TILL_CLIENTS] = "till_clients",
	[TILL_THENS] = "till_thens",
};

int
till_note_is(struct db *db, enum till_note note, const char *value)
{
	int rc = db_find(db, &sql[READ], "s", names[note]);

	if (rc == 1)
		rc = strcmp(db_text(&sql[READ], 0), value) == 0;
	db_done(&sql[READ]);
	return rc;
}

int
till_note_number(struct db *db, enum till_note note)
{
	int rc = db_find(db, &sql[READ], "s", names[note]);

	if (rc == 1)
		rc = (int)strtol(db_text(&sql[READ], 0), NULL, 10);
	db_done(&sql[READ]);
	return rc;
}

int
till_note_set(struct db *db, enum till_note note, const char *value)
{
	return db_run(db, &sql[WRITE], "ss", names[note], value);
}
