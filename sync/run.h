/*
 * run.h - each run of a feed, as a row of sync_run
 *
 * The number of a run says when it began: a reservation ends with the first
 * stock snapshot whose run is later than the one that saw the goods taken.
 */
#ifndef RUN_H
#define RUN_H

#include <stdint.h>

#include "sync/job.h"

enum { RUN_NAMES = 200 };	/* bytes of names that a message tells */

struct run {
	int64_t id;
	const char *feed;
	int is_full;
	int64_t started_ms, expected;	/* expected: rows of the last good run; 0 = unknown */
	int was_failing;		/* the run before this one failed */
	int64_t seen, added, changed, unchanged, gone, bad, shown_ms;
	int64_t choices, named;		/* dishes that need a choice, and how many are named */
	char choice_names[RUN_NAMES];
	char message[POS_FAULT];
};

/* Own transaction. 0, or a db_status. */
int run_begin(struct job *, struct run *, const char *feed, int is_full)
    __attribute__((warn_unused_result));
/* outcome: "ok" "failed" "yielded". Own transaction, summary, and a complaint
 * when a person is needed and was not called for this yet. 0 or a db_status. */
int run_end(struct job *, struct run *, const char *outcome) __attribute__((warn_unused_result));
/* The same by exit code, which it gives back: a run that a signal cut short has
 * yielded, and nobody is called for it. */
int run_finish(struct job *, struct run *, int code) __attribute__((warn_unused_result));

/* Why the till's answer ends the run, in words; gives its exit code. */
int run_fail(struct run *, enum pos_outcome, const char *message);

/* Did the last run of this feed fail? */
int run_failing(struct job *, const char *feed);

/* The bar on a terminal; at most ten times a second. */
void run_show(const struct job *, struct run *);

/* Dishes that need a choice which cannot be ordered yet: set aside by name, and told
 * in the run's message unless that says something worse. */
void run_note_choice(struct run *, const char *name);

/* In the caller's transaction: the feed's next run reads everything. */
int run_forget_mark(struct job *, const char *feed) __attribute__((warn_unused_result));
/* Own transaction: it reads everything, though it began with changes only. */
int run_make_full(struct job *, struct run *) __attribute__((warn_unused_result));
/* In the caller's transaction: how far a list came that is read within another's run. */
int run_keep_mark_of(struct job *, const struct run *, const char *feed, const char *mark)
    __attribute__((warn_unused_result));
/* In the caller's transaction: how far a delta feed came. */
int run_keep_mark(struct job *, const struct run *, const char *mark)
    __attribute__((warn_unused_result));
/* The same in a transaction of its own; "" = there is none to keep. */
int run_finish_mark(struct job *, const struct run *, const char *mark)
    __attribute__((warn_unused_result));
/* The mark of a feed, in the arena, NULL = none. */
const char *run_mark(struct job *, const char *feed);

#endif
