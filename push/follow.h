/*
 * follow.h - the table of events, followed by id
 *
 * The one writer lock gives ids in the order of the commits, so what a
 * snapshot shows above the last id is all that is new. What is told is on the
 * disk: the log is synced after a batch was read and before it is handed out.
 */
#ifndef PUSH_FOLLOW_H
#define PUSH_FOLLOW_H

#include <stdint.h>

#include "lib/base/db.h"

struct follow_event {
	int64_t id, user_id, branch_id;	/* DB_NULL = none */
	int64_t at_ms;
	const char *type, *payload;
};

struct follow;
typedef void (*follow_tell)(void *arg, const struct follow_event *);

/* Begins behind the newest event. NULL with fault (DB_FAULT bytes). watch 0: only polls. */
struct follow *follow_open(struct db *, int watch, char *fault);
void follow_free(struct follow *);

/* Readable when somebody writes; -1 = there are no watches left, so it polls. */
int follow_fd(const struct follow *);
void follow_woken(struct follow *, int64_t now_ms);		/* it was readable */
/* 0 for a moment after that: many writes are one wake-up. */
int follow_listens(const struct follow *);
int64_t follow_due_ms(const struct follow *);	/* when to look next, as clock_mono_ms() */

/*
 * Tell what is new, at most a batch; follow_due_ms() says when to come again.
 * How many, or a db_status: nothing was told then.
 */
int follow_look(struct follow *, int64_t now_ms, follow_tell, void *arg)
    __attribute__((warn_unused_result));

int64_t follow_last(const struct follow *);		/* the id of the last one that was told */

/*
 * For who comes back: what this listener missed from *position on, up to the
 * last one that was told to the others. Told a batch at a time; *position
 * moves on and is follow_last() when all is told. How many rows were looked at,
 * a db_status, or
 * FOLLOW_PRUNED: some of it was too old and is gone.
 */
enum { FOLLOW_PRUNED = -64 };
struct listener;
int follow_replay(struct follow *, const struct listener *, int64_t *position, follow_tell, void *arg)
    __attribute__((warn_unused_result));

#endif
