/* branch_depot.c - the till's stores by which a branch is stocked; see branch_depot.h */
#include <string.h>

#include "lib/shop/branch_depot.h"

enum { ALL_MAX = 5000 };	/* stores of all branches */

enum { OF_BRANCH, FORGET, ADD, ALL, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[OF_BRANCH] = { .sql =
	    "SELECT depot FROM branch_depot WHERE branch_id = ?1 LIMIT 5000" },
	[FORGET] = { .sql = "DELETE FROM branch_depot WHERE branch_id = ?1" },
	[ADD] = { .sql = "INSERT INTO branch_depot (branch_id, depot) VALUES (?1, ?2)" },
	[ALL] = { .sql =
	    "SELECT d.branch_id, d.depot FROM branch b CROSS JOIN branch_depot d"
	    " ON d.branch_id = b.id WHERE b.id > 0 AND +b.is_active = 1 ORDER BY b.id, d.depot"
	    " LIMIT 5000" },
};
DB_STATEMENTS(sql);

static int
is_listed(const char *const *depots, size_t count, const char *depot)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(depots[i], depot) == 0)
			return 1;
	return 0;
}

/* 1 they stand so, 0 they do not, else a db_status. */
static int
is_known(struct db *db, int64_t branch_id, const char *const *depots, size_t count)
{
	struct stmt *s = &sql[OF_BRANCH];
	size_t same = 0, stored = 0;
	int rc = db_query(db, s, "i", branch_id);

	if (rc != 0)
		return rc;
	while ((rc = db_row(db, s)) == 1) {
		stored++;
		same += (size_t)is_listed(depots, count, db_text(s, 0));
	}
	return rc < 0 ? rc : stored == count && same == count;
}

int
branch_set_depots(struct db *db, int64_t branch_id, const char *const *depots, size_t count)
{
	int rc = is_known(db, branch_id, depots, count);

	if (rc != 0)
		return rc == 1 ? 0 : rc;
	rc = db_run(db, &sql[FORGET], "i", branch_id);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = db_run(db, &sql[ADD], "is", branch_id, depots[i]);
	return rc == 0 ? 1 : rc;
}

int
branch_depots(struct db *db, struct arena *a, struct branch_depot **list)
{
	struct stmt *s = &sql[ALL];
	int n = 0, rc = db_query(db, s, "");

	if (rc != 0)
		return rc;
	if ((*list = arena_get(a, ALL_MAX * sizeof **list)) == NULL) {
		db_done(s);
		return DB_ERROR;
	}
	while (n < ALL_MAX && (rc = db_row(db, s)) == 1) {
		(*list)[n].branch_id = db_int(s, 0);
		(*list)[n].depot = arena_str(a, db_text(s, 1));
		if ((*list)[n++].depot == NULL)
			rc = DB_ERROR;
		if (rc < 0)
			break;
	}
	db_done(s);
	return rc < 0 ? rc : n;
}
