/* driver.h - who brings an order, as the till tells (G59) */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

#include "lib/base/db.h"

/*
 * In the caller's transaction: this person brings it. phone NULL: not told.
 * Another name than before is an assignment, of which the customer is told
 * once; a phone that comes later or changes is shown. Browsers hear of both.
 * 1 changed, 0 as it was, or no open delivery, else a db_status.
 */
int driver_assign(struct db *, int64_t order_id, const char *name, const char *phone)
    __attribute__((warn_unused_result));

/* Would that change anything of what is written? */
int driver_is_news(const char *old_name, const char *old_phone, const char *name,
    const char *phone);

#endif
