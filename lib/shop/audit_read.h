/* audit_read.h - who changed what by hand, for those who ask */
#ifndef AUDIT_READ_H
#define AUDIT_READ_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/db.h"

enum { AUDIT_TOTAL = 10000 };	/* counted no further; beyond it by `before` alone */

struct audit_query {
	const char *object;	/* "branch 7"; NULL = any */
	const char *action;	/* "branch.pause"; NULL = any */
	int64_t user_id;	/* 0 = any */
	int64_t before;		/* go on behind this row; 0 = from offset on */
	int64_t offset, limit;
};
struct audit_page { int64_t total, next; int is_capped; };	/* next DB_NULL: the last page */

/* Append rows to an open array, the newest first. 0 or a db_status. */
int audit_list(struct db *, const struct audit_query *, struct buf *, struct audit_page *)
    __attribute__((warn_unused_result));

#endif
