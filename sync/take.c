/* take.c - a page of the till's rows into the database; see take.h */
#include "sync/take.h"

enum { HOLD_MS = DB_HOLD_MS / 2 };	/* so that a slow row still ends within DB_HOLD_MS */

int
take_breath(struct job *j)
{
	int rc = DB_OK;

	if (db_hold_ms(j->db) >= HOLD_MS && (rc = db_end(j->db, 1)) == DB_OK)
		rc = db_begin(j->db);
	return rc;
}

int
take_page(struct job *j, struct run *r, struct feed *f, const struct taker *t)
{
	const struct feed_aside *aside;
	const struct pos_row *row;
	int rc = db_begin(j->db);

	while (rc == DB_OK && (row = feed_row(f)) != NULL) {
		r->seen++;
		if ((rc = t->put(t->arg, row)) == DB_OK)
			rc = take_breath(j);
		run_show(j, r);
	}
	while (rc == DB_OK && (aside = feed_aside(f)) != NULL) {
		r->seen++;
		rc = t->aside(t->arg, aside->key, aside->why);
	}
	if (db_in_transaction(j->db) && db_end(j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	return rc;
}
