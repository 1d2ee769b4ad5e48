/* staff.c - which branches a member of staff works for; see staff.h */
#include "app/field.h"
#include "app/staff.h"

enum { BRANCHES_MAX = 1000 };	/* one person works for */

enum { WORKS, ONLY, EACH };
static struct stmt sql[] = {
	[WORKS] = { .sql = "SELECT 1 FROM staff_branch WHERE user_id = ?1 AND branch_id = ?2" },
	[ONLY] = { .sql = "SELECT max(branch_id), count(*) FROM staff_branch WHERE user_id = ?1" },
	[EACH] = { .sql = "SELECT branch_id FROM staff_branch WHERE user_id = ?1 ORDER BY branch_id "
	    "LIMIT ?2" },
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

enum problem
staff_branches(struct request *r, const int64_t **ids, int *count)
{
	int64_t *list = arena_get(r->arena, BRANCHES_MAX * sizeof *list);
	int rc;

	*ids = list;
	*count = -1;
	if (r->role == ROLE_ADMIN)
		return OK;
	if (list == NULL)
		return fail(r, TOO_LARGE);
	if ((rc = db_query(r->app->db, &sql[EACH], "ii", r->user_id, (int64_t)BRANCHES_MAX)) != 0)
		return fail_db(r, rc);
	for (*count = 0; (rc = db_row(r->app->db, &sql[EACH])) == 1; ++*count)
		list[*count] = db_int(&sql[EACH], 0);
	return rc < 0 ? fail_db(r, rc) : OK;
}

int64_t
staff_id(const struct request *r)
{
	return r->role == ROLE_ADMIN ? 0 : r->user_id;
}
