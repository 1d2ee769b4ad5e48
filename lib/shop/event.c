/*
 * event.c - what browsers should hear
 *
 * A row stands in the transaction it is about, so nothing is told that did
 * not happen, and ids are in the order of the commits. pos-push reads them;
 * nobody changes one.
 */
#include "lib/base/clock.h"
#include "lib/shop/event.h"

enum { ADD };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO event (user_id, branch_id, type, payload, created_ms) "
	    "VALUES (?1, ?2, ?3, ?4, ?5)" },
};
DB_STATEMENTS(sql);

int
event_add(struct db *db, int64_t user_id, int64_t branch_id, const char *type,
    const char *payload)
{
	return db_run(db, &sql[ADD], "iissi", user_id, branch_id, type, payload, clock_ms());
}
