/* release.h - reservations that a till's count has taken over end (C17) */
#ifndef RELEASE_H
#define RELEASE_H

#include "sync/ours.h"
#include "sync/run.h"
#include "sync/seen.h"

/*
 * What an earlier run saw taken from the till's stock is in the counts of this
 * one: in those it told, `counted` by id of product_branch. A dish whose row
 * was set aside, or did not come, keeps what is held until a good row comes,
 * so that it is never shown too high. What is not counted at all holds
 * nothing. Own transactions. 0 or a db_status.
 */
int release_counted(struct job *, const struct run *, const struct ours *,
    const struct seen *counted) __attribute__((warn_unused_result));

#endif
