/*
 * staff.h - which branches a member of staff works for (G75)
 *
 * Routes of routes.c marked STAFF are open to staff and admins alike; which
 * rows they see is asked here. An admin works for all branches.
 */
#ifndef STAFF_H
#define STAFF_H

#include "app/request.h"

/* OK, or NOT_FOUND (as for all other people's things); in the request's transaction. */
enum problem staff_check_branch(struct request *, int64_t branch_id)
    __attribute__((warn_unused_result));

/*
 * For the SQL of lists, as its last condition: bind staff_id() to the
 * parameter. 0 = an admin, who sees all.
 */
#define STAFF_SEES(branch, parameter) \
	"(" parameter " = 0 OR EXISTS (SELECT 1 FROM staff_branch works WHERE works.user_id = " \
	parameter " AND works.branch_id = " branch "))"
int64_t staff_id(const struct request *);

#endif
