/*
 * feeds.h - what pos-sync brings in, one function per feed
 *
 * Each takes its own lock before, makes its own sync_run, and returns an exit
 * code of sysexits.h. The network is used outside transactions only.
 */
#ifndef FEEDS_H
#define FEEDS_H

#include "sync/run.h"

/* Branches of the till: new ones, changes, and those it has no longer. */
int feed_branches(struct job *, int is_full);

/* Dishes, prices and stock: changes since the last run where the till can
 * tell them, else (or is_full) all, and what is gone goes off sale. */
int feed_products(struct job *, int is_full);

/* Counts, where the profile has a list of its own for them: changes where the
 * till can tell them, else (or is_full) all. What it does not name keeps its
 * count. */
int feed_stock(struct job *, int is_full);

/*
 * States of open orders. One look at those whose turn it is; a resident job
 * looks again at the young ones soon, the old ones rarely. *next_ms: when to
 * come back.
 */
struct poller;
struct poller *poller_new(void);
void poller_free(struct poller *);
/* Everybody's turn is now. */
void poller_forget(struct poller *);
/* This order's turn is now. */
void poller_wake(struct poller *, int64_t order_id);
int feed_orders(struct job *, struct poller *, int64_t *next_ms);

/* Accounts that are linked to no client of the till; is_full: from the first one. */
int feed_clients(struct job *, int is_full);

#endif
