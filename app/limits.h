/*
 * limits.h - how often one account may do a thing, counted over all workers
 *
 * Anonymous requests are counted by network, and generously: one mobile
 * operator is one address. A refusal is TOO_MANY_REQUESTS with Retry-After
 * (G78), and each answer that was counted tells what is left (RateLimit).
 * LIMITS=no admits everything.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "app/route.h"

/* Who asks, as far as a host cannot choose it: an IPv4 address, or the first half of an
 * IPv6 one. In the arena; NULL: out of memory. */
const char *limit_network(struct request *);

/* Every limit has a number below LIMITS, and a name that clients and metrics see. */
enum { LIMIT_KINDS = 3, LIMITS = LIMIT_CLASSES * LIMIT_KINDS };
const char *limit_name(int which);		/* NULL: nothing is counted there */
const char *limit_class_name(enum limit_class);

/* By account once user_id is known, else by network. */
enum problem limit_check(struct request *, enum limit_class) __attribute__((warn_unused_result));
/* By something else: an e-mail address together with the caller's. */
enum problem limit_check_key(struct request *, enum limit_class, const char *key)
    __attribute__((warn_unused_result));
/* By that alone, wherever it is asked from. */
enum problem limit_check_alone(struct request *, enum limit_class, const char *key)
    __attribute__((warn_unused_result));

#endif
