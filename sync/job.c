/* job.c - the frame of the cron programs; see job.h */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/owner.h"
#include "lib/pos/profile.h"
#include "sync/job.h"
#include "sync/token.h"

enum { MS = 1000, TAKE_OVER_MS = 10 * MS, SLICE_MS = 200 };

static volatile sig_atomic_t signalled;
static int64_t deadline_ms = INT64_MAX;	/* on clock_mono_ms() */

static void
note_signal(int number)
{
	signalled = number;
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = note_signal };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
job_is_late(void)
{
	return signalled == 0 && clock_mono_ms() >= deadline_ms;
}

int
job_signalled(void)
{
	return signalled != 0 || job_is_late();
}

int
job_over(const struct job *j)
{
	return job_signalled() || clock_mono_ms() >= j->ends_ms;
}

int
job_sleep(const struct job *j, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms, left;
	struct timespec t;

	while (!job_over(j) && (left = until - clock_mono_ms()) > 0) {
		left = left > SLICE_MS ? SLICE_MS : left;
		t = (struct timespec){ .tv_nsec = left * 1000000 };
		nanosleep(&t, NULL);
	}
	return job_over(j);
}

/* The till's own pauses (pace, Retry-After between pages) end with us. */
static int
till_wait(void *arg, int ms)
{
	return job_sleep(arg, ms);
}

/* A terminal or the journal reads stderr; under cron lines would be mailed. */
static void
open_log(struct job *j)
{
	int to_stderr = j->conf.log_to == LOG_TO_STDERR || (j->conf.log_to == LOG_TO_AUTO &&
	    (j->verbose || isatty(STDERR_FILENO) || getenv("JOURNAL_STREAM") != NULL));

	log_init(j->name, (enum log_level)j->conf.log_level);
	if (!to_stderr)
		log_to(LOG_VIA_SYSLOG);
}

static struct till *
open_till(struct job *j, char *fault)
{
	const struct settings *s = &j->conf;
	int bare = j->offline && *s->pos_token == '\0';

	return till_open(&(struct till_conf){
		.profile = j->profile != NULL ? j->profile : s->profile,
		.profile_dir = s->profile_dir,
		.url = j->offline && *s->pos_url == '\0' ? "https://till.invalid" : s->pos_url,
		.settings = s->pos_settings, .currency = s->currency, .token = bare ? "offline" : s->pos_token,
		.token_file = bare ? "" : s->pos_token_file, .ca_file = s->pos_ca_file,
		.secrets_file = bare ? "" : s->pos_secrets_file, .grant = token_grant, .grant_arg = j,
		.allow_http = (int)s->pos_allow_http, .timeout_s = s->pos_timeout_s,
		.wait = till_wait, .wait_arg = j,
		.stop = job_signalled,
	}, fault);
}

/* All that is wrong with the profile, a line each: who mends it wants to know. */
static void
tell_faults(struct job *j)
{
	char text[POS_FAULT];
	struct profile_faults faults = { 0 };
	const char *file = profile_find(j->arena, j->profile != NULL ? j->profile :
	    j->conf.profile, j->conf.profile_dir, text, sizeof text);
	struct profile *p = file != NULL ? profile_load(file, &faults) : NULL;

	profile_free(p);
	if (p != NULL || faults.count < 2)
		return;
	for (size_t i = 0; i < faults.count; i++) {
		profile_fault_text(file, &faults.list[i], text, sizeof text);
		job_complain(j, "%s", text);
	}
	fatal(EX_CONFIG, "%s: %zu mistakes", file, faults.count + faults.more);
}

/* Settings, log, clock, signals, till, and the database. */
static void
begin(struct job *j, int is_owner)
{
	char fault[CONF_FAULT] = "";

	log_init(j->name, LEVEL_WARN);
	if (settings_load(&j->conf, j->config, fault) == -1)
		fatal(EX_CONFIG, "%s", fault);
	j->terminal = isatty(STDOUT_FILENO);
	/* whoever may write the database becomes its owner, whose files stay his */
	is_owner = is_owner || (!j->offline && access(j->conf.database, W_OK) == 0);
	if (is_owner && owner_become(j->conf.database, fault) == -1)
		fatal(EX_CONFIG, "%s; pos-admin init creates the database", fault);
	open_log(j);
	j->ends_ms = j->for_s == 0 ? INT64_MAX : clock_mono_ms() + j->for_s * MS;
	if (j->for_s == 0 && j->deadline_s > 0)
		deadline_ms = clock_mono_ms() + j->deadline_s * MS;
	catch_signals();
	if ((j->arena = arena_new(JOB_ARENA)) == NULL)
		fatal(EX_OSERR, "out of memory");
	if ((j->till = open_till(j, fault)) == NULL) {
		tell_faults(j);
		fatal(EX_CONFIG, "%s", fault);
	}
	if (!is_owner)
		return;
	j->db = db_open(j->conf.database, DB_WRITER, (int)j->conf.busy_timeout_ms, fault);
	if (j->db == NULL)
		fatal(EX_CONFIG, "%s", fault);
	db_map_little(j->db);
}

void
job_open_till(struct job *j)
{
	begin(j, 0);
}

void
job_open(struct job *j)
{
	begin(j, 1);
}

void
job_close(struct job *j)
{
	job_release(j);
	till_close(j->till);
	token_forget(j);
	db_close(j->db);
	arena_free(j->arena);
}

/* Beside a resident copy: wait as its only successor, also for what hangs there. */
static int
take_over(struct job *j, const char **why)
{
	char next_path[sizeof j->lock_path + 8];
	struct lock *next;
	int64_t until = clock_mono_ms() + TAKE_OVER_MS + 3 * j->conf.pos_timeout_s * MS;
	int holder;

	snprintf(next_path, sizeof next_path, "%s.next", j->lock_path);
	if ((next = lock_take(next_path, 0, &holder)) == NULL) {
		*why = "a resident copy runs and another waits to take over";
		return EX_OK;
	}
	do
		j->lock = lock_take(j->lock_path, SLICE_MS, &holder);
	while (j->lock == NULL && !job_signalled() && clock_mono_ms() < until);
	lock_free(next);
	if (j->lock != NULL)
		return 0;
	*why = "a resident copy runs and does not end";
	return EX_OK;
}

/* Ask the resident copy for room and wait for it. */
static int
wait_for_room(struct job *j, const char **why)
{
	int64_t until = clock_mono_ms() + j->wait_s * MS;
	int holder;

	*why = "another copy is at work: try later, or give --wait more seconds";
	do {
		if (lock_ask(j->lock_path) == -1)
			break;
		j->lock = lock_take(j->lock_path, SLICE_MS, &holder);
	} while (j->lock == NULL && errno == EWOULDBLOCK && clock_mono_ms() < until &&
	    !job_over(j));
	return j->lock != NULL ? 0 : EX_TEMPFAIL;
}

int
job_take(struct job *j, const char *feed, const char **why)
{
	int holder;

	snprintf(j->lock_path, sizeof j->lock_path, "%s.%s.lock", j->conf.database, feed);
	if ((j->lock = lock_take(j->lock_path, 0, &holder)) != NULL)
		return 0;
	if (errno != EWOULDBLOCK)
		fatal(EX_CANTCREAT, "%s: %s", j->lock_path, strerror(errno));
	return j->for_s != 0 ? take_over(j, why) : wait_for_room(j, why);
}

void
job_release(struct job *j)
{
	lock_free(j->lock);
	j->lock = NULL;
}

int
job_yield(struct job *j)
{
	int holder;

	if (j->lock == NULL || !lock_wanted(j->lock))
		return 0;
	job_release(j);
	/* the asker looks every 200 ms: be away longer than that */
	job_sleep(j, 2 * SLICE_MS);
	while (j->lock == NULL && !job_over(j))
		j->lock = lock_take(j->lock_path, SLICE_MS, &holder);
	return j->lock != NULL ? 0 : -1;
}

void
job_say(const struct job *j, const char *fmt, ...)
{
	va_list ap;

	if (j->quiet || (!j->terminal && !j->verbose))
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
}

void
job_complain(const struct job *j, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", j->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int
job_exit_code(enum pos_outcome outcome)
{
	switch (outcome) {
	case POS_DONE:
		return EX_OK;
	case POS_AUTH:
		return EX_CONFIG;
	case POS_LIMITED:
	case POS_DUPLICATE:	/* what is there already is looked for next */
		return EX_TEMPFAIL;
	case POS_REFUSED:
	case POS_GONE:
		return EX_PROTOCOL;
	default:
		return EX_UNAVAILABLE;
	}
}

int64_t
job_number(const char *program, const char *option, const char *text, int64_t min, int64_t max)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && n >= min && n <= max)
		return n;
	fprintf(stderr, "%s: %s %s: a number from %lld to %lld is expected\n", program, option,
	    text, (long long)min, (long long)max);
	exit(EX_USAGE);
}
