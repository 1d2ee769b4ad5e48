/*
 * inbox.h - letters of the till: the doorbell, and who answers it
 *
 * A letter about an order makes that order's turn now; one about dishes or
 * stock asks for a sync. Nothing that stands in it is believed.
 */
#ifndef SYNC_INBOX_H
#define SYNC_INBOX_H

#include "sync/feeds.h"

enum {
	INBOX_UNKNOWN_S = 120,		/* an order's number may come before our own answer does */
	INBOX_SYNC_GAP_S = 5		/* between two syncs that letters ask for */
};

/* When to look again, on clock_mono_ms(), or at another version of the database. */
struct doorbell {
	int64_t version, again_ms;
};
#define DOORBELL_INIT { .version = -1 }

/*
 * Look through the letters that wait, when somebody wrote or some of them wait
 * on. 1 = an order's turn is now, which the poller knows. Under the lock of
 * the feed "orders". version: db_data_version().
 */
int doorbell_answer(struct job *, struct doorbell *, struct poller *, int64_t version);

#endif
