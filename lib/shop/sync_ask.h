/*
 * sync_ask.h - "sync now": who asks, and who takes it (table sync_request)
 *
 * A resident pos-sync looks each second; a run by cron takes what it is about
 * to do anyway. Two who ask for the same before it is taken have asked once.
 */
#ifndef SYNC_ASK_H
#define SYNC_ASK_H

#include <stdint.h>

#include "lib/base/db.h"

/* "all", or the name of a feed in sync_run. */
enum sync_feed {
	SYNC_ALL, SYNC_BRANCHES, SYNC_PRODUCTS, SYNC_STOCK, SYNC_CLIENTS, SYNC_ORDERS, SYNC_FEED_COUNT
};
const char *sync_feed_name(enum sync_feed);

/* In the caller's transaction; user_id DB_NULL: a program. *id: the request that
 * waits. 1 asked, 0 it waited already (or a full one does), else a db_status. */
int sync_ask(struct db *, enum sync_feed, int is_full, int64_t user_id, int64_t *id)
    __attribute__((warn_unused_result));

/*
 * Take what waits (own transaction; none is begun when nothing waits). feeds
 * (SYNC_FEED_COUNT long): 0 not asked, 1 asked, 2 a full one. 1 something was
 * taken, 0 nothing waits, else a db_status.
 */
int sync_take(struct db *, int *feeds) __attribute__((warn_unused_result));

/* This feed is about to be read: whoever asked for no more than that is served
 * (own transaction, as above). */
int sync_take_feed(struct db *, enum sync_feed, int is_full) __attribute__((warn_unused_result));

#endif
