/*
 * main.c - pos-push, the daemon behind /ws and /events
 *
 * The socket comes from whoever starts it (systemd: standard input or
 * LISTEN_FDS), so that clients wait in its queue while the program is
 * replaced; or it is made at a path. A start that cannot succeed ends with 78
 * after a second, so that whoever starts it again does not spin.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/start.h"
#include "push/server.h"

enum {
	BACKLOG = 4096, LISTEN_FD = 3,
	OTHER_FDS = 32,			/* the database, keys, logs, the loop */
	TEXT_MAX = 256 * 1024, TOKEN_MEMORY = 64 * 1024
};

static const char usage[] =
    "usage: pos-push [--listen PATH]\n"
    "\n"
    "Tells browsers at once what happens in the shop: WebSocket at /ws, server-sent\n"
    "events at /events, behind nginx. Reads the database, never writes it.\n"
    "\n"
    "  --listen PATH  make this socket; without it the listening socket is standard\n"
    "                 input or comes from systemd\n"
    "  --help         this text\n"
    "  --version      the version\n"
    "\n"
    "Settings: $TILLBRIDGE_CONF, else /etc/tillbridge/tillbridge.conf; see\n"
    "tillbridge.conf(5). SIGTERM: say 1001 to all, then leave.\n";

static const char *
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			path = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EX_OK);
		case 'v':
			puts("pos-push " PACKAGE_VERSION);
			exit(EX_OK);
		default:
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "pos-push: %s: takes no arguments\n", argv[optind]);
		exit(EX_USAGE);
	}
	return path;
}

/* ---- the socket */

static int
is_for_us(const char *name, long want)
{
	const char *text = getenv(name);

	return text != NULL && strtol(text, NULL, 10) == want;
}

static int
given_socket(void)
{
	int fd = is_for_us("LISTEN_PID", (long)getpid()) && is_for_us("LISTEN_FDS", 1)
	    ? LISTEN_FD : STDIN_FILENO;

	if (!start_is_listening(fd))
		start_error("no listening socket: start pos-push by systemd, or with --listen PATH");
	return fd;
}

/* It appears whole, in the place of one that a dead process left. */
static int
made_socket(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path, sizeof a.sun_path, "%s.new", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (n < 0 || (size_t)n >= sizeof a.sun_path)
		start_error("--listen: the path is too long");
	unlink(a.sun_path);
	if (fd == -1 || bind(fd, (const struct sockaddr *)&a, sizeof a) == -1 ||
	    chmod(a.sun_path, 0660) == -1 || listen(fd, BACKLOG) == -1 ||
	    rename(a.sun_path, path) == -1)
		start_error(strerror(errno));
	return fd;
}

/* As many connections as there may be descriptors. */
static size_t
raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		start_error(strerror(errno));
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1 && getrlimit(RLIMIT_NOFILE, &r) == -1)
		start_error(strerror(errno));
	return r.rlim_cur > 2 * OTHER_FDS ? (size_t)r.rlim_cur - OTHER_FDS : OTHER_FDS;
}

/* ---- */

static void
start(struct server *s)
{
	char fault[DB_FAULT + KEYRING_FAULT];

	s->db = db_open(s->conf.database, DB_READER, (int)s->conf.busy_timeout_ms, fault);
	if (s->db == NULL)
		start_error(fault);
	s->access.db = s->db;
	s->access.started_ms = clock_ms();
	s->access.began_mono_ms = clock_mono_ms();
	if ((s->access.keys = keyring_open(s->conf.key_file, fault)) == NULL)
		start_error(fault);
	if ((s->follow = follow_open(s->db, 1, fault)) == NULL)
		start_error(fault);
	s->hub = hub_new();
	s->access.used = used_new(clock_ms());
	s->access.arena = arena_new(TOKEN_MEMORY);
	if (s->hub == NULL || s->access.used == NULL || s->access.arena == NULL)
		start_error("out of memory");
	s->text.limit = s->frame.limit = s->line.limit = TEXT_MAX;
	s->watched_version = DB_NULL;
	s->most = raise_limit();
}

static void
stop(struct server *s)
{
	hub_free(s->hub);
	used_free(s->access.used);
	arena_free(s->access.arena);
	follow_free(s->follow);
	keyring_free(s->access.keys);
	buf_free(&s->text);
	buf_free(&s->frame);
	buf_free(&s->line);
	db_close(s->db);
}

int
main(int argc, char **argv)
{
	static struct server server;	/* its settings are the process's, for good */
	const char *path = read_options(argc, argv);
	char fault[CONF_FAULT];
	int rc;

	log_init("pos-push", LEVEL_INFO);
	if (settings_load(&server.conf, NULL, fault) == -1)
		start_error(fault);
	log_init("pos-push", (enum log_level)server.conf.log_level);
	signal(SIGPIPE, SIG_IGN);
	start(&server);
	server.listen_fd = path != NULL ? made_socket(path) : given_socket();
	if (fcntl(server.listen_fd, F_SETFL, O_NONBLOCK) == -1)
		start_error(strerror(errno));
	log_info("started", "most=%zu last_event=%lld", server.most,
	    (long long)follow_last(server.follow));
	if ((rc = server_run(&server)) == -1)
		log_error("loop", "fault=%s", strerror(errno));
	stop(&server);
	return rc == 0 ? EX_OK : EX_OSERR;
}
