/*
 * job.h - the frame of the cron programs: options, lock, till, manners
 *
 * A copy that finds its feed busy waits, asks the resident copy for room, or
 * leaves, by the rules of job_take(). SIGTERM and the end of --for are seen
 * between two steps, so nothing is left half done. Where nobody looks on
 * (cron), all is silent while all is well.
 */
#ifndef JOB_H
#define JOB_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/base/lock.h"
#include "lib/pos/till.h"
#include "lib/shop/settings.h"

enum { JOB_ARENA = 32 << 20 };

struct job {
	const char *name;		/* of the program */
	struct settings conf;
	struct db *db;
	struct till *till;
	struct token_state *token;	/* see sync/token.h; NULL = none was needed */
	struct arena *arena;		/* reset by whoever begins a step */
	const char *config;		/* --config, to hand on; NULL = none */
	const char *profile;		/* --profile, instead of PROFILE; NULL = none */
	int offline;			/* the till is never asked: address and token may be missing */
	int64_t for_s;			/* --for; 0 = once */
	int64_t wait_s;			/* --wait */
	int64_t deadline_s;		/* --deadline; 0 = none */
	int quiet, verbose, terminal, json;
	int64_t ends_ms;		/* on clock_mono_ms(); INT64_MAX = when done */
	struct lock *lock;
	char lock_path[4096];
};

/* Settings, owner, log, database, till; exits with EX_CONFIG and a sentence. */
void job_open(struct job *);
/*
 * Settings and till. The database is opened too where it is there and ours, for
 * a till whose token expires and is kept in it.
 */
void job_open_till(struct job *);
void job_close(struct job *);

/*
 * The lock of a feed. 0 = it is ours. Else the exit code to leave with, with
 * *why for people: --for beside a resident copy waits to take over (10 s
 * and what a till that hangs takes), a
 * third one leaves with 0; without --for we ask the resident copy for room
 * and wait --wait seconds, then EX_TEMPFAIL.
 */
int job_take(struct job *, const char *feed, const char **why)
    __attribute__((warn_unused_result));
void job_release(struct job *);
/* Between two batches: make room when somebody asks, and come back. 0, or -1
 * when the lock did not come back before our end. */
int job_yield(struct job *) __attribute__((warn_unused_result));

/* SIGTERM, SIGINT, or the end of --for. */
int job_over(const struct job *);
/* SIGTERM, SIGINT, or past --deadline: leave what is at hand, tidily. */
int job_signalled(void);
int job_is_late(void);			/* it was the deadline */
/* Sleep up to ms, less when it is over. 0, or 1 when it is over. */
int job_sleep(const struct job *, int64_t ms);

/* Progress and summaries: a terminal or --verbose, never with --quiet. */
void job_say(const struct job *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A person is needed: stderr, also under cron. */
void job_complain(const struct job *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What an outcome of the till means to cron. */
int job_exit_code(enum pos_outcome);

/* A whole number of an option, or EX_USAGE. */
int64_t job_number(const char *program, const char *option, const char *text, int64_t min,
    int64_t max);

#endif
