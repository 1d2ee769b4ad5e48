/* event.h - what browsers should hear, written in the transaction it is about */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include "lib/base/db.h"

/* user_id or branch_id may be DB_NULL. payload: a JSON object. 0 or a db_status. */
int event_add(struct db *, int64_t user_id, int64_t branch_id, const char *type,
    const char *payload) __attribute__((warn_unused_result));

#endif
