/*
 * prune.h - old rows go: what was heard, told and kept for a while
 *
 * Events and idempotency keys after 7 days, what the till sent after 14, runs
 * of sync after 90, notifications after a year. The newest event and the last
 * runs stay whatever their age. Then the search index is put in one piece.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include <stdint.h>

#include "lib/base/db.h"

enum { EVENT_DAYS = 7 };	/* the window of who comes back by since= */

/*
 * In transactions of a few rows each, which let others in between, for at most
 * so long; the rest goes the next time. How many rows went, or a db_status.
 */
int64_t prune_run(struct db *, int64_t most_ms) __attribute__((warn_unused_result));

#endif
