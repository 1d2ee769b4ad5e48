/*
 * audit.c - who changed what by hand
 *
 * A row stands in the transaction of its change: what was taken back was not
 * done, and nothing is done that nobody did. Rows are never changed.
 */
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/shop/audit.h"

enum { ADD };
static struct stmt sql[] = {
	[ADD] = { .sql = "INSERT INTO audit (user_id, action, object, detail, at) "
	    "VALUES (?1, ?2, ?3, ?4, ?5)" },
};
DB_STATEMENTS(sql);

int
audit_add(struct db *db, int64_t user_id, const char *action, const char *object,
    const char *detail)
{
	return db_run(db, &sql[ADD], "isssi", user_id, action, object,
	    detail == NULL ? "{}" : detail, clock_now());
}

const char *
audit_object(char out[AUDIT_OBJECT], const char *kind, int64_t id)
{
	snprintf(out, AUDIT_OBJECT, "%s %lld", kind, (long long)id);
	return out;
}
