/* staff.c - which branches a member of staff works for; see staff.h */
#include "app/field.h"
#include "app/staff.h"

enum { WORKS, ONLY };
static struct stmt sql[] = {
	[WORKS] = { .sql = "SELECT 1 FROM staff_branch WHERE user_id = ?1 AND branch_id = ?2" },
	[ONLY] = { .sql = "SELECT max(branch_id), count(*) FROM staff_branch WHERE user_id = ?1" },
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

enum problem
staff_choose_branch(struct request *r, int64_t *branch_id)
{
	int64_t count;
	int rc;

	if (*branch_id != 0)
		return staff_check_branch(r, *branch_id);
	if (r->role == ROLE_ADMIN)
		return OK;
	if ((rc = db_find(r->app->db, &sql[ONLY], "i", r->user_id)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	*branch_id = db_int(&sql[ONLY], 0);
	count = db_int(&sql[ONLY], 1);
	db_done(&sql[ONLY]);
	if (count == 1)
		return OK;
	if (count == 0)
		return fail(r, NOT_FOUND);
	field_rule(r, "branch_id", RULE_REQUIRED);
	return fields_end(r);
}

int64_t
staff_id(const struct request *r)
{
	return r->role == ROLE_ADMIN ? 0 : r->user_id;
}
