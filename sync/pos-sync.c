/*
 * pos-sync.c - the till's news into our database, started by cron or a timer
 *
 * Once: the feeds that were asked for, one after the other, each under its own
 * lock. With --for it stays: order states as they come due, and every
 * SYNC_EVERY_S, or when somebody asks for it (table sync_request), the other
 * feeds in a process of their own, so that a long catalogue never holds up
 * an order's state.
 */
#include "config.h"

#include <sys/wait.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/feed.h"
#include "lib/shop/order.h"
#include "lib/shop/sync_ask.h"
#include "sync/chores.h"
#include "sync/inbox.h"
#include "sync/trial.h"

enum {
	MS = 1000, DAY_S = 86400, DEADLINE_S = 3300,	/* below an hour: nobody waits for ever */
	ROWS_MOST = 100000, CLOCK_EVERY_MS = 20 * MS, ASK_EVERY_MS = MS, WAIT_DEFAULT_S = 60,
	BATCHES = 5		/* of a broadcast between two looks at orders */
};
enum feed_name { BRANCHES, PRODUCTS, STOCK, ORDERS, CLIENTS, FEEDS_COUNT };
enum { ONLY_TEXT = 64 };	/* "branches,products,stock" */
enum { LAST_SYNC, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[LAST_SYNC] = { .sql =
	    "SELECT started_ms FROM sync_run WHERE feed = 'products' ORDER BY id DESC LIMIT 1" },
};
DB_STATEMENTS(sql);

static const char *const names[FEEDS_COUNT] = { "branches", "products", "stock", "orders",
	"clients" };

struct options {
	int full, check, dry_run;
	char *only;
	struct trial trial;
	int wanted[FEEDS_COUNT];
	int chosen;		/* --only was given */
};

static void
usage(FILE *to)
{
	fputs("usage: pos-sync [--full] [--only FEEDS] [--for SECONDS]\n"
	    "                [--wait SECONDS] [--deadline SECONDS] [--json] [--quiet]\n"
	    "                [--verbose] [--config FILE]\n"
	    "       pos-sync --check | --dry-run | --sample FILE | --show-order\n"
	    "                [--profile FILE] [--only LISTS] [--rows N] [--config FILE]\n\n"
	    "Brings branches, dishes, prices, stock and order states from the till.\n\n"
	    "  --full      read everything, and take off sale what the till no longer has\n"
	    "  --only F    of branches,products,stock,orders,clients; stock is products where the till has no list of its own\n"
	    "              for it\n"
	    "  --for S     stay for S seconds, follow orders, sync every SYNC_EVERY_S\n"
	    "  --wait S    wait so long for a copy that is at work (60)\n"
	    "  --deadline S  leave what is not done after S seconds (3300; 0 = never)\n"
	    "  --json      a line of JSON about each feed, on standard output\n"
	    "  --check     look at settings and profile, ask nothing\n"
	    "  --dry-run   ask the till and show requests and rows; write nothing\n"
	    "  --sample F  show what the profile makes of a saved reply (- = standard input)\n"
	    "  --show-order  show what the till would be sent for a made-up order\n"
	    "  --profile F this profile instead of PROFILE, for these four\n"
	    "  --rows N    so many rows are shown (3 of the till's, 1000 of a sample)\n"
	    "  --quiet     no progress, no summary\n"
	    "  --verbose   a summary also where no terminal is\n\n"
	    "Exit: 0 done; 64 usage; 69 the till does not answer; 75 try later;\n"
	    "76 the till's answer is not what the profile says; 78 settings; of --sample:\n"
	    "65 it does not fit the profile, 66 no such file. See pos-sync(8).\n",
	    to);
}

/* "branches,orders" into wanted; exits with EX_USAGE. */
static void
read_only(struct options *o, char *list)
{
	char *save = NULL;
	int i;

	o->chosen = 1;
	for (char *p = strtok_r(list, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < FEEDS_COUNT && strcmp(p, names[i]) != 0; i++)
			;
		if (i == FEEDS_COUNT) {
			fprintf(stderr, "pos-sync: --only %s: branches, products, stock, orders "
			    "or clients\n", p);
			exit(EX_USAGE);
		}
		o->wanted[i] = 1;
	}
}

/* What does not go together, in words; NULL = it does. */
static const char *
contradiction(const struct job *j, const struct options *o)
{
	const int tries = o->check + o->dry_run + (o->trial.sample != NULL) + o->trial.show_order;

	if (tries > 1)
		return "--check, --dry-run, --sample and --show-order do not go together";
	if (tries > 0 && (o->full || j->for_s != 0))
		return "a profile that is tried goes with neither --full nor --for";
	if (tries == 0 && (j->profile != NULL || o->trial.rows >= 0))
		return "--profile and --rows go with --check, --dry-run, --sample or --show-order";
	if (o->full && j->for_s != 0)
		return "--full and --for do not go together";
	return NULL;
}

/* The texts of options that others decide the meaning of; exits with EX_USAGE. */
static void
understand(struct job *j, struct options *o)
{
	const char *why = contradiction(j, o);

	if (why != NULL) {
		fprintf(stderr, "pos-sync: %s\n", why);
		exit(EX_USAGE);
	}
	if (o->only != NULL && (o->dry_run || o->trial.sample != NULL)) {
		if (trial_lists(&o->trial, o->only) == -1) {
			fprintf(stderr, "pos-sync: --only %s: branches, categories, images, "
			    "products or stock\n", o->only);
			exit(EX_USAGE);
		}
	} else if (o->only != NULL) {
		read_only(o, o->only);
	}
	for (int i = 0; i < FEEDS_COUNT && !o->chosen; i++)
		o->wanted[i] = i != CLIENTS;	/* a registration owes its client itself */
}

static void
read_options(struct job *j, struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "full", no_argument, NULL, 'f' }, { "only", required_argument, NULL, 'o' },
		{ "for", required_argument, NULL, 's' }, { "wait", required_argument, NULL, 'w' },
		{ "deadline", required_argument, NULL, 'd' }, { "json", no_argument, NULL, 'j' },
		{ "check", no_argument, NULL, 'c' }, { "dry-run", no_argument, NULL, 'n' },
		{ "sample", required_argument, NULL, 'S' }, { "show-order", no_argument, NULL, 'O' },
		{ "rows", required_argument, NULL, 'r' },
		{ "profile", required_argument, NULL, 'p' }, { "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' }, { "config", required_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'f': o->full = 1; break;
		case 'o': o->only = optarg; break;
		case 's': j->for_s = job_number(j->name, "--for", optarg, 1, DAY_S); break;
		case 'w': j->wait_s = job_number(j->name, "--wait", optarg, 0, DAY_S); break;
		case 'd': j->deadline_s = job_number(j->name, "--deadline", optarg, 0, DAY_S); break;
		case 'j': j->json = 1; break;
		case 'c': o->check = 1; break;
		case 'n': o->dry_run = 1; break;
		case 'S': o->trial.sample = optarg; break;
		case 'O': o->trial.show_order = 1; break;
		case 'r': o->trial.rows = job_number(j->name, "--rows", optarg, 0, ROWS_MOST); break;
		case 'p': j->profile = optarg; break;
		case 'q': j->quiet = 1; break;
		case 'v': j->verbose = 1; break;
		case 'C': j->config = optarg; break;
		case 'h': usage(stdout); exit(EX_OK);
		case 'V': puts("pos-sync (tillbridge) " PACKAGE_VERSION); exit(EX_OK);
		default: usage(stderr); exit(EX_USAGE);
		}
	if (optind != argc) {
		fputs("pos-sync: it takes options only\n", stderr);
		exit(EX_USAGE);
	}
	understand(j, o);
}

static int
run_feed(struct job *j, enum feed_name feed, int full)
{
	struct poller *p;
	int64_t next;
	int code;

	if (feed == BRANCHES)
		return feed_branches(j, full);
	if (feed == PRODUCTS)
		return feed_products(j, full);
	if (feed == STOCK)
		return feed_stock(j, full);
	if (feed == CLIENTS)
		return feed_clients(j, full);
	if ((p = poller_new()) == NULL)
		return EX_OSERR;
	doorbell_answer(j, &(struct doorbell)DOORBELL_INIT, p, 0);
	code = feed_orders(j, p, &next);
	poller_free(p);
	return code;
}

/* Where the till has no stock list, its products tell the counts. */
static void
choose_stock(struct job *j, struct options *o)
{
	if (!o->wanted[STOCK] || feed_has(till_pos(j->till), FEED_STOCK))
		return;
	o->wanted[STOCK] = 0;
	o->wanted[PRODUCTS] = 1;
}

/* Whoever asked for what is done now anyway need not wait for a resident copy. */
static void
serve_requests(struct job *j, const struct options *o, enum feed_name feed)
{
	static const enum sync_feed asked_as[FEEDS_COUNT] = {
		[BRANCHES] = SYNC_BRANCHES, [PRODUCTS] = SYNC_PRODUCTS, [STOCK] = SYNC_STOCK,
		[ORDERS] = SYNC_ORDERS, [CLIENTS] = SYNC_CLIENTS,
	};
	int rc = sync_take_feed(j->db, asked_as[feed], o->full);

	if (rc >= 0 && feed == PRODUCTS && !o->wanted[STOCK])
		rc = sync_take_feed(j->db, SYNC_STOCK, o->full);
	if (rc >= 0 && feed == PRODUCTS && !o->chosen)
		rc = sync_take_feed(j->db, SYNC_ALL, o->full);
	if (rc < 0)
		log_warn("requests", "why=%s", db_error(j->db));
}

/* One after the other; the first code that is not EX_OK is the program's. */
static int
run_once(struct job *j, const struct options *o)
{
	const char *why;
	int code, first = EX_OK;

	for (int i = 0; i < FEEDS_COUNT && !job_signalled(); i++) {
		if (!o->wanted[i])
			continue;
		if ((code = job_take(j, names[i], &why)) == 0) {
			serve_requests(j, o, (enum feed_name)i);
			code = run_feed(j, (enum feed_name)i, o->full);
			job_release(j);
		} else if (!j->quiet) {
			job_complain(j, "%s: %s", names[i], why);
		}
		if (first == EX_OK)
			first = code;
		/* dishes without their branches would be set aside; and a till that
		 * is down need not be asked again */
		if ((i == BRANCHES && code != EX_OK) ||
		    (i == PRODUCTS && code == EX_UNAVAILABLE))
			i = STOCK;
	}
	return first == EX_OK && job_signalled() ? EX_TEMPFAIL : first;
}

/* ---- resident */

/* A process of its own for the slow feeds. Its pid, or -1. */
static pid_t
start_sync(const struct job *j, char *only, int full, int asked)
{
	char *argv[12] = { (char *)(uintptr_t)"pos-sync", (char *)(uintptr_t)"--quiet",
		(char *)(uintptr_t)"--wait", (char *)(uintptr_t)(asked ? "60" : "0"),
		(char *)(uintptr_t)"--only", only };
	int n = 6;
	pid_t pid;

	if (full)
		argv[n++] = (char *)(uintptr_t)"--full";
	if (j->config != NULL) {
		argv[n++] = (char *)(uintptr_t)"--config";
		argv[n] = (char *)(uintptr_t)j->config;
	}
	if ((pid = fork()) == 0) {
		execv("/proc/self/exe", argv);
		_exit(EX_OSERR);
	}
	if (pid == -1)
		log_warn("fork", "why=\"the slow feeds wait\"");
	return pid;
}

struct resident {
	struct poller *poller;
	int64_t orders_ms, rest_ms, sync_ms, clock_ms, stops_ms, version;
	struct doorbell bell;
	pid_t child;
	int code;
};

/* When the slow feeds are due, on clock_mono_ms(): copies before us count. */
static int64_t
sync_due(struct job *j)
{
	int64_t last = 0, age;

	if (db_find(j->db, &sql[LAST_SYNC], "") == 1)
		last = db_int(&sql[LAST_SYNC], 0);
	db_done(&sql[LAST_SYNC]);
	age = clock_ms() - last;
	return clock_mono_ms() + (age >= j->conf.sync_every_s * MS ? 0 :
	    j->conf.sync_every_s * MS - age);
}

/* The slow feeds, when their time has come or somebody asks (also a webhook);
 * who asks about orders has them all looked at now. */
static void
start_slow(struct job *j, struct resident *r, int64_t now)
{
	int asked[SYNC_FEED_COUNT] = { 0 }, is_asked = sync_take(j->db, asked) == 1;
	int all = asked[SYNC_ALL] > 0 || now >= r->sync_ms;
	int products = all || asked[SYNC_PRODUCTS] > 0, stock = all || asked[SYNC_STOCK] > 0;
	int branches = all || asked[SYNC_BRANCHES] > 0, clients = asked[SYNC_CLIENTS] > 0;
	int full = asked[SYNC_ALL] == 2 || asked[SYNC_BRANCHES] == 2 ||
	    asked[SYNC_PRODUCTS] == 2 || asked[SYNC_STOCK] == 2 || asked[SYNC_CLIENTS] == 2;
	char only[ONLY_TEXT];

	if (asked[SYNC_ALL] > 0 || asked[SYNC_ORDERS] > 0) {
		poller_forget(r->poller);
		r->orders_ms = 0;
	}
	if (!products && !branches && !stock && !clients)
		return;
	snprintf(only, sizeof only, "%s%s%s%s", branches ? "branches," : "",
	    products ? "products," : "", stock ? "stock," : "", clients ? "clients," : "");
	r->child = start_sync(j, only, full, is_asked);
	if (products)
		r->sync_ms = now + j->conf.sync_every_s * MS;
}

/* What is due now; orders first. */
static void
step(struct job *j, struct resident *r, const struct options *o)
{
	int64_t now = clock_mono_ms(), version = db_data_version(j->db);

	if (doorbell_answer(j, &r->bell, r->poller, version))
		r->orders_ms = 0;
	if (now >= r->rest_ms && (now >= r->orders_ms || version != r->version)) {
		r->code = feed_orders(j, r->poller, &r->orders_ms);
		r->version = version;
		if (r->code != EX_OK)	/* the till is down: do not hammer it */
			r->rest_ms = r->orders_ms = clock_mono_ms() + j->conf.poll_young_s * MS;
	}
	if (now >= r->stops_ms) {
		chores_stops(j);
		r->stops_ms = now + MS;
	}
	chores_broadcasts(j, BATCHES);
	if (now >= r->clock_ms) {
		chores_deadlines(j);
		r->clock_ms = now + CLOCK_EVERY_MS;
	}
	if (r->child > 0 && waitpid(r->child, NULL, WNOHANG) == r->child)
		r->child = 0;
	if (!o->chosen && r->child <= 0)
		start_slow(j, r, now);
}

/* Until its time is over. An exit code: of the last look at the till. */
static int
stay(struct job *j, const struct options *o)
{
	struct resident r = { .poller = poller_new(), .version = -1,
		.bell = DOORBELL_INIT };
	const char *why;
	int code;

	if (r.poller == NULL)
		fatal(EX_OSERR, "out of memory");
	if ((code = job_take(j, "orders", &why)) != 0 || j->lock == NULL) {
		log_info("leaving", "why=%s", why);
		poller_free(r.poller);
		return code;
	}
	r.sync_ms = sync_due(j);
	do {
		step(j, &r, o);
	} while (job_yield(j) == 0 && !job_sleep(j, ASK_EVERY_MS / 5));
	job_release(j);
	/* a sync that is under way ends by itself, unless we were told to go */
	if (r.child > 0 && job_signalled() && kill(r.child, SIGTERM) == 0)
		waitpid(r.child, NULL, 0);
	poller_free(r.poller);
	return r.code;
}

/* --check, --dry-run, --sample: an exit code, or -1 = none of them was asked for. */
static int
try_out(struct job *j, const struct options *o)
{
	int code = EX_OK;

	if (!o->check && !o->dry_run && o->trial.sample == NULL && !o->trial.show_order)
		return -1;
	j->offline = !o->dry_run && (j->profile != NULL || !o->check);
	if (o->check && j->profile == NULL)
		job_open(j);
	else
		job_open_till(j);
	if (o->check)
		puts(j->profile != NULL ? "the profile is right" :
		    "settings and profile are right");
	else
		code = trial_run(j, &o->trial);
	job_close(j);
	return code;
}

int
main(int argc, char **argv)
{
	static struct job j = { .name = "pos-sync", .wait_s = WAIT_DEFAULT_S,
		.deadline_s = DEADLINE_S };
	struct options o = { .trial.rows = -1 };
	int code;

	read_options(&j, &o, argc, argv);
	if ((code = try_out(&j, &o)) != -1)
		return code;
	job_open(&j);
	choose_stock(&j, &o);
	code = j.for_s != 0 ? stay(&j, &o) : run_once(&j, &o);
	while (j.for_s == 0 && !job_signalled() && chores_broadcasts(&j, BATCHES))
		;
	if (j.for_s == 0 && o.wanted[ORDERS])
		chores_deadlines(&j);
	if (o.full && o.wanted[PRODUCTS])
		chores_prune(&j);
	job_close(&j);
	return code;
}
