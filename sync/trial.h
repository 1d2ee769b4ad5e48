/*
 * trial.h - a profile tried out: pos-sync --sample, --show-order and --dry-run
 *
 * For whoever writes a profile. Nothing is written, and no database is needed.
 * What is shown goes to standard output; no secret is in it.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "lib/pos/feed.h"
#include "sync/job.h"

struct trial {
	int wanted[FEEDS];		/* lists; all 0 = those that the profile has */
	const char *sample;		/* file with a saved reply, "-" = standard input */
	int show_order;			/* what the till would be sent */
	int64_t rows;			/* how many to show of each list; -1 = not said */
};

/* "branches,stock" into wanted; 0, or -1 when a word is no list. */
int trial_lists(struct trial *, const char *text) __attribute__((warn_unused_result));

/* An exit code: EX_DATAERR when a sample does not fit, else that of the till. */
int trial_run(struct job *, const struct trial *);

#endif
