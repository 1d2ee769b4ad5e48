/*
 * chores.h - what pos-sync does beside asking the till
 *
 * Each in transactions of its own; what fails is logged and tried again at
 * the next turn.
 */
#ifndef CHORES_H
#define CHORES_H

#include "sync/job.h"

/* The clock's rules on dishes that were stopped, */
void chores_stops(struct job *);
/* and on those and on orders that wait. */
void chores_deadlines(struct job *);
/* After the daily full run: most of a day's rows in the quietest minute. */
void chores_prune(struct job *);
/* Messages to many customers: most batches at a time. 1 there may be more. */
int chores_broadcasts(struct job *, int most);

#endif
