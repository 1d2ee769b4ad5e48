/* until.h - how long a stop or a pause lasts: a time, minutes, or until it opens */
#ifndef UNTIL_H
#define UNTIL_H

#include "app/request.h"
#include "lib/shop/branch.h"

struct until {
	int64_t at;		/* DB_NULL = not told */
	int is_open;		/* until the branch's next opening */
};

/* The body's until (RFC 3339), minutes or until_open: one of them at most. */
void field_until(struct request *, struct until *);

/* The moment that is meant in this branch. OK, or INVALID_FIELD when it does not open. */
enum problem until_moment(struct request *, const struct until *, const struct branch *,
    int64_t *at) __attribute__((warn_unused_result));

#endif
