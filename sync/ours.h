/* ours.h - our open branches by the till's keys, for one run */
#ifndef OURS_H
#define OURS_H

#include "sync/job.h"

enum { OURS_MAX = 2000 };	/* branches of one shop */

struct our_branch {
	int64_t id;
	const char *key;
};

struct ours {
	struct our_branch list[OURS_MAX];	/* by key */
	size_t count;
};

/* 0 or a db_status; the keys in arena. */
int ours_load(struct job *, struct arena *, struct ours *) __attribute__((warn_unused_result));
/* NULL: no branch of ours. */
const struct our_branch *ours_find(const struct ours *, const char *key);

#endif
