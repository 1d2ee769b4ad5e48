/*
 * pos-sender.c - what we owe the till goes out, started by cron or a timer
 *
 * --once (the default) sends what is due and leaves. --for stays awake and
 * sees a new order within some milliseconds, so that an order is at the
 * till at once although cron starts us once a minute.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/shop/cancel.h"
#include "lib/shop/deadline.h"
#include "lib/shop/outbox.h"
#include "lib/shop/till_note.h"
#include "sync/clients.h"
#include "sync/mailing.h"
#include "sync/preview.h"
#include "sync/send.h"

enum { MS = 1000, DAY_S = 86400, LOOK_MS = 20, IDLE_MS = 1000, CLOCK_EVERY_MS = 20 * MS,
	WAIT_DEFAULT_S = 60, MAIL_GRACE_MS = 1500,
	WAIT_SLACK_S = 60, DEADLINE_S = 3300, JSON_LINE = 4096 };

enum { ORPHANS, ADOPT, DUE, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[ORPHANS] = { .sql =
	    "SELECT id FROM outbox WHERE state = 'claimed' AND lease_ms > ?1 AND lane <> 'client'"
	    " LIMIT 1" },
	[ADOPT] = { .sql =
	    "UPDATE outbox SET lease_ms = ?1 WHERE state = 'claimed' AND lease_ms > ?1"
	    " AND lane <> 'client'" },
	[DUE] = { .sql =
	    "SELECT id FROM outbox WHERE lane = 'pos' AND state = 'due' AND next_ms <= ?1 LIMIT 1" },
};
DB_STATEMENTS(sql);

static void
usage(FILE *to)
{
	fputs("usage: pos-sender [--once | --for SECONDS | --dry-run] [--wait SECONDS]\n"
	    "                  [--deadline SECONDS] [--json] [--quiet] [--verbose]\n"
	    "                  [--config FILE]\n\n"
	    "Sends orders and new clients from the outbox to the till, and mails to the mail\n"
	    "server.\n\n"
	    "  --once      send what is due, then leave (the default)\n"
	    "  --for S     stay for S seconds and send each order as it comes\n"
	    "  --dry-run   show what would be sent now; send and write nothing\n"
	    "  --wait S    wait so long for a copy that is at work (60)\n"
	    "  --deadline S  leave what is not done after S seconds (3300; 0 = never)\n"
	    "  --json      the summary as a line of JSON; with --dry-run a line for each row\n"
	    "  --quiet     no summary\n"
	    "  --verbose   a summary also where no terminal is\n\n"
	    "Exit: 0 done; 64 usage; 69 the till does not answer; 75 try later;\n"
	    "76 the till refused an order; 78 settings or token. See pos-sender(8).\n", to);
}

/* 1 = only look what would be sent. */
static int
read_options(struct job *j, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "once", no_argument, NULL, 'o' }, { "for", required_argument, NULL, 's' },
		{ "dry-run", no_argument, NULL, 'd' }, { "json", no_argument, NULL, 'j' },
		{ "deadline", required_argument, NULL, 'D' },
		{ "wait", required_argument, NULL, 'w' }, { "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' }, { "config", required_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int c, once = 0, dry_run = 0;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'o': once = 1; break;
		case 'd': dry_run = 1; break;
		case 'j': j->json = 1; break;
		case 'D': j->deadline_s = job_number(j->name, "--deadline", optarg, 0, DAY_S); break;
		case 's': j->for_s = job_number(j->name, "--for", optarg, 1, DAY_S); break;
		case 'w': j->wait_s = job_number(j->name, "--wait", optarg, 0, DAY_S); break;
		case 'q': j->quiet = 1; break;
		case 'v': j->verbose = 1; break;
		case 'C': j->config = optarg; break;
		case 'h': usage(stdout); exit(EX_OK);
		case 'V': puts("pos-sender (tillbridge) " PACKAGE_VERSION); exit(EX_OK);
		default: usage(stderr); exit(EX_USAGE);
		}
	if (optind != argc || once + dry_run + (j->for_s != 0) > 1) {
		fputs(optind != argc ? "pos-sender: it takes options only\n" :
		    "pos-sender: --once, --for and --dry-run do not go together\n", stderr);
		exit(EX_USAGE);
	}
	return dry_run;
}

/* We hold the lock of these lanes (pos-sync takes clients too), so whoever claimed a
 * row before is dead: its lease need not run out. */
static void
adopt_orphans(struct job *j)
{
	int64_t now = clock_ms() - 1;
	int found = db_find(j->db, &sql[ORPHANS], "i", now) == 1, rc;

	db_done(&sql[ORPHANS]);
	if (!found || db_begin(j->db) != DB_OK)
		return;
	rc = db_run(j->db, &sql[ADOPT], "i", now);
	if (db_end(j->db, rc == DB_OK) == DB_OK)
		log_warn("orphans_adopted", "rows=%lld", (long long)db_changes(j->db));
}

/* For pos-api, which knows no profile. */
static void
note_what_the_till_can(struct job *j)
{
	struct pos *pos = till_pos(j->till);
	const char *by = clients_known_by(pos);
	const char thens[] = { (char)('0' + pos_then_count(pos)), '\0' };
	const char *waits = pos_send_on(pos) == POS_SEND_ACCEPTED ? "yes" : "no";
	int can = pos_has(pos, POS_ORDER_CANCEL);
	int rc;

	if ((cancel_possible(j->db) == can && till_note_is(j->db, TILL_WAITS, waits) == 1 &&
	    till_note_is(j->db, TILL_CLIENTS, by) == 1 &&
	    till_note_is(j->db, TILL_THENS, thens) == 1) ||
	    db_begin(j->db) != DB_OK)
		return;
	rc = cancel_note_possible(j->db, can);
	if (rc == DB_OK)
		rc = till_note_set(j->db, TILL_WAITS, waits);
	if (rc == DB_OK)
		rc = till_note_set(j->db, TILL_CLIENTS, by);
	if (rc == DB_OK)
		rc = till_note_set(j->db, TILL_THENS, thens);
	if (db_end(j->db, rc == DB_OK) != DB_OK)
		log_warn("not_noted", "what=profile why=%s", db_error(j->db));
}

/* What waits longer than any rule has it wait was put off by another clock. */
static void
mend_waits(struct job *j, const char *lane)
{
	const struct settings *c = &j->conf;
	int64_t longest = c->outbox_backoff_max_s > 2 * c->pos_timeout_s
	    ? c->outbox_backoff_max_s : 2 * c->pos_timeout_s;
	int n = outbox_wake_stranded(j->db, lane, (longest + WAIT_SLACK_S) * MS);

	if (n > 0)
		log_warn("clock_was_set_back", "lane=%s rows=%d", lane, n);
	else if (n < 0)
		log_warn("outbox", "why=%s", db_error(j->db));
}

/* What the clock decides, not the till. */
static void
run_clock(struct job *j)
{
	int64_t counts[DEADLINES];

	mend_waits(j, "pos");
	mend_waits(j, "mail");
	if (deadline_run(j->db, &j->conf, counts) != DB_OK)
		log_warn("deadlines", "why=%s", db_error(j->db));
}

struct clock_round {
	int64_t next_at;
	int under_way;
	struct deadline_round round;
};

/* The same beside the sending, so that no order waits for a look at thousands.
 * 1: not done yet. */
static int
go_round(struct job *j, struct clock_round *c)
{
	int64_t counts[DEADLINES] = { 0 };
	int rc;

	if (!c->under_way) {
		if (clock_mono_ms() < c->next_at)
			return 0;
		mend_waits(j, "pos");
		mend_waits(j, "mail");
		*c = (struct clock_round){ .next_at = clock_mono_ms() + CLOCK_EVERY_MS };
	}
	if ((rc = deadline_step(j->db, &j->conf, &c->round, counts)) < 0)
		log_warn("deadlines", "why=%s", db_error(j->db));
	c->under_way = rc == 1;
	return c->under_way;
}

/* Sleep until somebody commits, the next look at the clock, or the end; a mail
 * that is under way goes on meanwhile. */
static int
wait_for_work(struct job *j, struct mailing *m, int64_t *version)
{
	int64_t until = clock_mono_ms() + IDLE_MS;

	while (clock_mono_ms() < until && db_data_version(j->db) == *version) {
		if (job_over(j))
			return 1;
		if (mailing_busy(m))
			mailing_step(m, LOOK_MS);
		else if (job_sleep(j, LOOK_MS))
			return 1;
	}
	*version = db_data_version(j->db);
	return job_over(j);
}

/* Until nothing is due. A db_status, DB_OK when all is taken. */
static int
drain(struct sending *s, struct mailing *m)
{
	int n, mails;

	do {
		n = sending_step(s, LOOK_MS);
		mails = mailing_step(m, n > 0 ? 0 : LOOK_MS);
	} while (n >= 0 && n + mails > 0 && !job_signalled());
	sending_finish(s);
	mailing_finish(m, MAIL_GRACE_MS);
	return n < 0 ? n : DB_OK;
}

/* Room for somebody who asks, between two steps. 0, or -1: leave. */
static int
make_room(struct job *j, struct sending *s, struct mailing *m)
{
	if (!lock_wanted(j->lock))
		return 0;
	sending_finish(s);
	mailing_finish(m, MAIL_GRACE_MS);
	if (job_yield(j) == -1)
		return -1;
	adopt_orphans(j);	/* he may have died with what he took */
	return 0;
}

static void
stay(struct job *j, struct sending *s, struct mailing *m)
{
	struct clock_round round = { 0 };
	int64_t version = -1;
	int n, over;

	do {
		if ((n = sending_step(s, LOOK_MS)) < 0)
			log_warn("outbox", "why=%s", db_error(j->db));
		mailing_step(m, 0);
		over = go_round(j, &round) || n > 0 ? job_over(j) : wait_for_work(j, m, &version);
	} while (!over && make_room(j, s, m) == 0);
	sending_hand_over(s);
	mailing_finish(m, MAIL_GRACE_MS);
}

/* Something is due, and the lane is paused, or rests after failures. */
static int
is_held_up(struct job *j, const struct tally *t)
{
	int due;

	if (t->taken > 0 || lane_paused(j->db, "pos") != 1)
		return 0;
	due = db_find(j->db, &sql[DUE], "i", clock_ms()) == 1;
	db_done(&sql[DUE]);
	return due;
}

/* What is due, once; the clock's rules first, so that nothing too old goes out. */
static int
send_once(struct job *j, struct sending *s, struct mailing *m)
{
	int status;

	run_clock(j);
	status = drain(s, m);
	run_clock(j);
	return status;
}

/* --json: a line for programs, also away from a terminal. */
static void
print_json(const struct tally *t, int code)
{
	struct buf b = BUF_INIT(JSON_LINE);

	json_open(&b, NULL, '{');
	json_put_int(&b, "taken", t->taken);
	json_put_int(&b, "sent", t->sent);
	json_put_int(&b, "later", t->later);
	json_put_int(&b, "refused", t->refused);
	json_put_int(&b, "uncertain", t->uncertain);
	json_put_text(&b, "worst", pos_outcome_name(t->worst));
	json_put_text(&b, "message", *t->message != '\0' ? t->message : NULL);
	json_put_int(&b, "exit", code);
	json_close(&b, '}');
	puts(b.failed ? "{}" : b.s);
	fflush(stdout);
	buf_free(&b);
}

static int
finish(struct job *j, const struct tally *t, int status)
{
	if (t->taken > 0 && !j->json)
		job_say(j, "%lld taken: %lld sent, %lld later, %lld refused, %lld uncertain\n",
		    (long long)t->taken, (long long)t->sent, (long long)t->later,
		    (long long)t->refused, (long long)t->uncertain);
	if (t->refused + t->uncertain > 0)
		job_complain(j, "%lld orders need a person: pos-admin outbox list; last: %s",
		    (long long)(t->refused + t->uncertain), t->message);
	if (t->worst == POS_AUTH)
		job_complain(j, "the till refused our token: mend it, then pos-admin outbox resume; %s",
		    t->message);
	else if (t->refused + t->uncertain == 0 && t->worst != POS_DONE && j->terminal)
		job_complain(j, "%s", t->message);
	if (j->for_s == 0 && is_held_up(j, t)) {
		if (j->terminal)
			job_complain(j, "sending is paused, or rests after failures: pos-admin doctor");
		return EX_TEMPFAIL;
	}
	return status != DB_OK ? EX_TEMPFAIL : job_exit_code(t->worst);
}

static int
run_preview(struct job *j)
{
	int code = preview(j);

	job_close(j);
	return code;
}

int
main(int argc, char **argv)
{
	static struct job j = { .name = "pos-sender", .wait_s = WAIT_DEFAULT_S,
		.deadline_s = DEADLINE_S };
	static struct tally tally;
	struct mailing *m;
	struct sending *s;
	const char *why;
	int code, dry_run, status = DB_OK;

	dry_run = read_options(&j, argc, argv);
	job_open(&j);
	if (dry_run)
		return run_preview(&j);
	code = job_take(&j, "outbox", &why);
	if (code != 0 || j.lock == NULL) {
		if (code != EX_OK)
			job_complain(&j, "%s", why);
		job_close(&j);
		return code;
	}
	if ((s = sending_new(&j, &tally)) == NULL)
		fatal(EX_OSERR, "out of memory");
	m = mailing_new(&j);
	adopt_orphans(&j);
	note_what_the_till_can(&j);
	if (j.for_s != 0)
		stay(&j, s, m);
	else
		status = send_once(&j, s, m);
	mailing_free(m);
	sending_free(s);
	code = finish(&j, &tally, status);
	if (j.json)
		print_json(&tally, code);
	job_close(&j);
	return code;
}
