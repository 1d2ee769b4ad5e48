/*
 * take.h - a page of the till's rows into the database
 *
 * In transactions that end within DB_HOLD_MS, however large the page is.
 */
#ifndef TAKE_H
#define TAKE_H

#include "lib/pos/feed.h"
#include "sync/run.h"

struct taker {
	int (*put)(void *arg, const struct pos_row *);		/* 0 or a db_status */
	int (*aside)(void *arg, const char *key, const char *why);	/* key NULL = not known */
	void *arg;
};

/* Every row, then those set aside; counts r->seen. 0 or a db_status. */
int take_page(struct job *, struct run *r, struct feed *, const struct taker *)
    __attribute__((warn_unused_result));

/* Between two rows: a transaction that lasts too long ends, another begins. */
int take_breath(struct job *) __attribute__((warn_unused_result));

#endif
