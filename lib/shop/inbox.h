/*
 * inbox.h - what the till told us by itself, raw, until somebody looked at it
 *
 * pos-api writes a letter and answers at once; pos-sync reads it with the
 * profile. A letter is handled at least once: whoever dies between handling
 * and inbox_done() leaves it behind, so what is done about one must bear being
 * done again. lib/shop/prune takes the old ones.
 */
#ifndef INBOX_H
#define INBOX_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/db.h"

enum {
	INBOX_WAITING_MAX = 10000,	/* more means that nobody reads: the till is told to come back */
	INBOX_PAGE = 100
};

/* In the caller's transaction. 1 new, 0 there already, INBOX_FULL, else a db_status. */
enum { INBOX_FULL = 2 };
int inbox_put(struct db *, const char *event_id, const char *body, size_t len)
    __attribute__((warn_unused_result));

struct inbox_letter {
	int64_t id, received_at;
	const char *body;		/* in the arena */
	size_t len;
};

/* Up to INBOX_PAGE letters behind this id that wait, the oldest first; how many,
 * or a db_status. */
int inbox_waiting(struct db *, int64_t behind, struct arena *, struct inbox_letter *)
    __attribute__((warn_unused_result));

/* In the caller's transaction: somebody has looked at it. 0 or a db_status. */
int inbox_done(struct db *, int64_t id) __attribute__((warn_unused_result));

#endif
