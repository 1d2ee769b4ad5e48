/*
 * main.c - pos-api, a FastCGI responder
 *
 * Started by multiwatch with the listening socket as standard input, one
 * process per worker. Settings come from the configuration file and the
 * environment.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/app.h"
#include "app/mux.h"
#include "app/worker.h"
#include "lib/base/log.h"
#include "lib/base/start.h"

static const char usage[] =
    "usage: pos-api [--pool read|write|auth] <LISTENING-SOCKET\n"
    "\n"
    "The HTTP API of a shop, for nginx by FastCGI. Standard input is the listening\n"
    "socket: start it with multiwatch behind systemd or spawn-fcgi.\n"
    "\n"
    "  --pool NAME  serve one pool's routes only; without it, all of them\n"
    "  --help       this text\n"
    "  --version    the version\n"
    "\n"
    "Settings: $TILLBRIDGE_CONF, else /etc/tillbridge/tillbridge.conf; see\n"
    "tillbridge.conf(5). SIGTERM: serve what nginx has connected, then leave.\n";

static enum pool
pool_of(const char *name)
{
	static const char *const names[POOLS] = {
		[POOL_READ] = "read", [POOL_WRITE] = "write", [POOL_AUTH] = "auth"
	};

	for (int p = 0; p < POOLS; p++)
		if (strcmp(names[p], name) == 0)
			return (enum pool)p;
	fprintf(stderr, "pos-api: --pool %s: must be read, write or auth\n", name);
	exit(EX_USAGE);
}

static enum pool
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pool", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	enum pool pool = POOLS;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p':
			pool = pool_of(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EX_OK);
		case 'v':
			puts("pos-api " PACKAGE_VERSION);
			exit(EX_OK);
		default:
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "pos-api: %s: takes no arguments\n", argv[optind]);
		exit(EX_USAGE);
	}
	return pool;
}

static void
start(struct app *app, struct worker *w)
{
	char fault[APP_FAULT];

	if (settings_load(&app->conf, NULL, fault) == -1)
		start_error(fault);
	log_init("pos-api", (enum log_level)app->conf.log_level);
	if (!start_is_listening(STDIN_FILENO))
		start_error("standard input is not a listening socket: "
		    "start pos-api by systemd (StandardInput=socket) or spawn-fcgi");
	if (app_open(app, fault) == -1)
		start_error(fault);
	if (worker_init(w, app) == -1)
		start_error("out of memory");
}

static void
serve(void *arg, FCGX_Request *fcgi)
{
	worker_serve(arg, fcgi);
}

static int
settle(void *arg)
{
	return worker_settle(arg);
}

/* Up to a quarter less, by process: workers that start together do not leave together. */
static int64_t
max_requests(int64_t most)
{
	return most - most / 4 * (getpid() % 16) / 16;
}

int
main(int argc, char **argv)
{
	static struct app app;		/* its settings are the process's, for good */
	struct worker w;
	struct mux mux = { .listen_fd = STDIN_FILENO, .serve = serve, .arg = &w };
	int rc;

	app.pool = read_options(argc, argv);
	log_init("pos-api", LEVEL_INFO);
	if (mux_hold_signals() == -1)
		start_error(strerror(errno));
	start(&app, &w);
	mux.keeps = app.pool != POOL_AUTH;
	if (app.pool == POOL_WRITE) {
		app.shares_sync = 1;
		mux.settle = settle;
	}
	mux.max_requests = max_requests(app.conf.max_requests);
	if ((rc = mux_run(&mux)) == -1)
		log_error("loop", "fault=%s", strerror(errno));
	worker_free(&w);
	app_close(&app);
	return rc == 0 ? EX_OK : EX_OSERR;
}
