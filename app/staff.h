/*
 * staff.h - which branches a member of staff works for (G75)
 *
 * Routes of routes.c marked STAFF are open to staff and admins alike; which
 * rows they see is asked here. An admin works for all branches.
 */
#ifndef STAFF_H
#define STAFF_H

#include "app/request.h"
#include "lib/shop/staff.h"

/* OK, or NOT_FOUND (as for all other people's things); in the request's transaction. */
enum problem staff_check_branch(struct request *, int64_t branch_id)
    __attribute__((warn_unused_result));

/*
 * Which branch a change is for. *branch_id 0 = not told: an admin means all
 * branches (it stays 0), staff of one branch that one, staff of several have
 * to say (INVALID_FIELD). As staff_check_branch.
 */
enum problem staff_choose_branch(struct request *, int64_t *branch_id)
    __attribute__((warn_unused_result));

/* What STAFF_SEES of lib/shop/staff.h is bound to: 0 = an admin, who sees all. */
int64_t staff_id(const struct request *);

#endif
