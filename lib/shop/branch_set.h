/*
 * branch_set.h - what people tell of a branch: one table of keys and rules
 *
 * Values are texts, as a person types them or a CSV file holds them; an empty
 * one takes away what was there. Shared by pos-admin and the API. Also the
 * pause, which ends by itself.
 */
#ifndef BRANCH_SET_H
#define BRANCH_SET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/base/json.h"
#include "lib/shop/problem.h"

enum { BRANCH_KEYS = 10, BRANCH_FAULT = 256 };

/* What one person changes: a value by key, NULL = leave. */
struct branch_change {
	int64_t branch_id;
	int64_t user_id;		/* who; DB_NULL = the operator's shell */
	const char *value[BRANCH_KEYS];
};

/* The place of a key, or -1. */
int branch_key_find(const char *name, size_t n);
const char *branch_key_name(int key);
/* What JSON says it with (null always takes away what may be absent). */
enum json_type branch_key_type(int key);

/* -1: every value is right. Else the key of the first that is not, and why. */
int branch_change_fault(struct arena *, const struct branch_change *, enum language,
    char fault[BRANCH_FAULT]) __attribute__((warn_unused_result));

/*
 * Write what branch_change_fault() has found right, with what stood there
 * before into the audit. The caller's transaction. 1 the branch is set, 0
 * there is none, else a db_status.
 */
int branch_change_apply(struct db *, struct arena *, const struct branch_change *)
    __attribute__((warn_unused_result));

/*
 * Take no orders until then; DB_NULL = go on. Audited, and told to browsers.
 * reason for staff, or NULL. 1 changed, 0 it stood so, else a db_status. The
 * branch is there.
 */
struct branch_pause { int64_t branch_id, user_id, until, now; const char *reason; };
int branch_pause(struct db *, const struct branch_pause *) __attribute__((warn_unused_result));

#endif
