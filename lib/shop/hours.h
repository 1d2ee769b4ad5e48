/*
 * hours.h - when a branch is open
 *
 * JSON: {"mon":[["10:00","22:00"]], …, "sun":[["18:00","02:00"]],
 * "exceptions":{"2026-12-31":[["10:00","18:00"]],"2027-01-01":[]}}; an interval
 * whose end is not after its start runs past midnight; "24:00" ends a day; a
 * weekday left out is closed; NULL = always open. Times are the branch's own.
 */
#ifndef HOURS_H
#define HOURS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct hours_now {
	int is_open;
	int64_t opens_at;	/* unix; DB_NULL while open, or when it does not open within a year */
	int64_t closes_at;	/* unix; DB_NULL while closed, or when open without an end within 8 days */
};

/* 0, or -1 with fault (160 bytes) naming the day and rule. json NULL is right. */
int hours_check(struct arena *, const char *json, char *fault) __attribute__((warn_unused_result));

/* 0, or -1 for wrong JSON or zone (then is_open is 0: better no order than one nobody cooks). */
int hours_at(struct arena *, const char *json, const char *zone, int64_t now, struct hours_now *)
    __attribute__((warn_unused_result));

/*
 * The next time it opens after having been closed; a branch that is always
 * open begins anew at its midnight. *at DB_NULL = not within a year. As hours_at.
 */
int hours_next_opening(struct arena *, const char *json, const char *zone, int64_t now,
    int64_t *at) __attribute__((warn_unused_result));

#endif
