/* audit.h - who changed what by hand, written in the transaction of the change */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdint.h>

#include "lib/base/db.h"

/*
 * action "product.price", object a kind with its id ("branch 7"; see
 * audit_object()). user_id DB_NULL: the operator's shell. detail: a JSON
 * object, old and new values; NULL = nothing to add. 0 or a db_status.
 */
int audit_add(struct db *, int64_t user_id, const char *action, const char *object,
    const char *detail) __attribute__((warn_unused_result));

/* "branch 7" into out; returned for use as an argument. */
enum { AUDIT_OBJECT = 48 };
const char *audit_object(char out[AUDIT_OBJECT], const char *kind, int64_t id);

#endif
