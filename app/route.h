/*
 * route.h - which handler answers which request: one table, routes.c
 *
 * Patterns: "/cart/update/{id}"; a {part} is a positive integer. Every route
 * is also reachable under /api, which request_open() has taken away.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "app/request.h"

/* ANYONE: a token is not looked at. GUEST: without one nobody, with one its user; a bad one is 401. */
enum route_who { ANYONE, GUEST, USER, STAFF, ADMIN };

enum route_flag {
	WRITES = 1,		/* lock + transaction around apply() */
	IDEMPOTENT = 2,		/* honours Idempotency-Key */
	CACHED = 4,		/* may stand in nginx's micro-cache */
	HAS_BODY = 8,		/* a JSON object is expected */
	RAW_BODY = 16		/* the bytes as they came; prepare() judges them */
};

/* Per account and action; the numbers stand in limits.c. */
enum limit_class {
	LIMIT_NONE, LIMIT_READ, LIMIT_WRITE, LIMIT_LOGIN, LIMIT_REGISTER, LIMIT_ORDER,
	LIMIT_REFRESH, LIMIT_DEVICE, LIMIT_PASSWORD, LIMIT_FORGOT,
	LIMIT_CLASSES
};

struct route {
	const char *method, *pattern;
	enum route_who who;
	unsigned flags;
	enum limit_class limit;
	enum pool pool;		/* other pools answer 404 */
	enum problem (*prepare)(struct request *);	/* NULL: nothing to prepare */
	enum problem (*apply)(struct request *);	/* NULL: prepare said it all */
};

extern const struct route routes[];
extern const size_t route_count;

enum { ALLOW_TEXT = 64 };

/*
 * NULL when none fits: *status is 404, or 405 with the methods that would fit
 * in allow ("GET, HEAD, OPTIONS"; ALLOW_TEXT bytes). Fills param.
 */
const struct route *route_find(const char *method, const char *path, int64_t *param,
    int *status, char *allow);

/*
 * Do all of one request: limits, who, prepare, transaction, apply, record,
 * commit, and leave status, headers and body in r, ready to be sent.
 */
void route_serve(struct request *);

#endif
