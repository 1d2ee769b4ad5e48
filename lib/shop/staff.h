/* staff.h - which branches a member of staff works for, as a condition in SQL */
#ifndef SHOP_STAFF_H
#define SHOP_STAFF_H

/*
 * For the SQL of lists, as its last condition: bind the person's id to the
 * parameter. 0 = an admin, who sees all.
 */
#define STAFF_SEES(branch, parameter) \
	"(" parameter " = 0 OR EXISTS (SELECT 1 FROM staff_branch works WHERE works.user_id = " \
	parameter " AND works.branch_id = " branch "))"

#endif
