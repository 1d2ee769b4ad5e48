/*
 * catalog_tidy.h - the search index in one piece again
 *
 * Every change adds a piece to the index, and a search looks into each of them:
 * six where a large catalogue was just written, which costs a rare word half as
 * much again. The engine merges a few of them as it writes, never all.
 */
#ifndef CATALOG_TIDY_H
#define CATALOG_TIDY_H

#include <stdint.h>

#include "lib/base/db.h"

/*
 * Merge the pieces, in short transactions which let others in between, for at
 * most so long; the next call goes on. How many steps had something to do (0:
 * it is in one piece), or a db_status.
 */
int64_t catalog_tidy(struct db *, int64_t most_ms) __attribute__((warn_unused_result));

#endif
