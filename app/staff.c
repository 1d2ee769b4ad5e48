/* staff.c - which branches a member of staff works for; see staff.h */
#include "app/staff.h"

enum { WORKS };
static struct stmt sql[] = {
	[WORKS] = { .sql = "SELECT 1 FROM staff_branch WHERE user_id = ?1 AND branch_id = ?2" },
};
DB_STATEMENTS(sql);

enum problem
staff_check_branch(struct request *r, int64_t branch_id)
{
	int rc;

	if (r->role == ROLE_ADMIN)
		return OK;
	if (r->role != ROLE_STAFF)
		return fail(r, NOT_FOUND);
	rc = db_find(r->app->db, &sql[WORKS], "ii", r->user_id, branch_id);
	if (rc < 0)
		return fail_db(r, rc);
	db_done(&sql[WORKS]);
	return rc == 1 ? OK : fail(r, NOT_FOUND);
}

int64_t
staff_id(const struct request *r)
{
	return r->role == ROLE_ADMIN ? 0 : r->user_id;
}
