/*
 * replay.h - Idempotency-Key: a request that comes again gets its answer again
 *
 * Stored with the effect, in its transaction: per user and route, 7 days, only
 * for 2xx. The same key with another body is refused.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "app/request.h"

struct replay {
	const char *route;	/* "POST /orders"; NULL = there is no key to honour */
	const char *text;	/* path and body */
	uint8_t hmac[32];	/* of that: bodies hold passwords */
};

enum { REPLAY_DAYS = 7 };

/* Before the transaction: check the key, compute the HMAC. */
enum problem replay_open(struct request *, struct replay *) __attribute__((warn_unused_result));
/* Inside it: *stored 1 when the answer stands in r, made by an earlier request. */
enum problem replay_find(struct request *, const struct replay *, int *stored)
    __attribute__((warn_unused_result));
/* Inside it, after apply(). */
enum problem replay_keep(struct request *, const struct replay *)
    __attribute__((warn_unused_result));

#endif
