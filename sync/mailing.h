/*
 * mailing.h - the mail lane of the outbox, beside the orders
 *
 * One mail at a time, and nothing here waits for a mail server: an order goes
 * out whatever mail does. A mail is made when it is sent, again at each try
 * (it reads the same), so nothing of it lies in the database. It may arrive
 * twice after a crash, with one Message-ID; that is better than not at all.
 */
#ifndef MAILING_H
#define MAILING_H

#include "sync/job.h"

struct mailing;

/* NULL where mail is not configured, or cannot be: that is logged. */
struct mailing *mailing_new(struct job *);
void mailing_free(struct mailing *);	/* of NULL: nothing */

/* Take one that is due, go on with it for ms at most. 1 there is work under way
 * or done, 0 nothing to do. NULL: 0. */
int mailing_step(struct mailing *, int ms);
int mailing_busy(const struct mailing *);
/* Take no more; what is under way has ms to end, then it is left for later. */
void mailing_finish(struct mailing *, int ms);

#endif
