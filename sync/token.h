/*
 * token.h - who keeps the till's token: renewed by one process, for all
 *
 * Before a request goes the token in memory is used while it is good; else the one
 * in the database; else one process, under a lock of its own, asks the till, stores
 * what it got, and only then uses it. So a refresh token that may be used once
 * is used once, whoever dies in between. No transaction is open while it asks.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "sync/job.h"

/* For till_conf.grant, with a job as its argument. */
enum pos_outcome token_grant(void *job, struct pos *, int refused, char *message);

/* What is kept in memory. */
void token_forget(struct job *);

#endif
