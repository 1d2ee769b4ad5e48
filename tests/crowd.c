/*
 * crowd.c - many who listen, and somebody who commits
 *
 *	crowd ADDRESS PID SECONDS [SOCKETS] [COMMITS]	default 10000, 100 a second
 *
 * ADDRESS: the socket of pos-push, or the port of its web server on 127.0.0.1;
 * PID: of pos-push, to tell what it costs, or 0. Run with the shop's settings
 * ($TILLBRIDGE_CONF). Makes a person for each socket, straight in the database,
 * and says "ready" when all of them listen. Then a child commits one event
 * after the other, each for one of them, with his own running number and the
 * time in it. Who loses his connection comes back by since= after a moment; the
 * numbers tell what was missed or came twice. Prints
 * "sockets= commits= missed= disordered= lost= p50_ms= p99_ms= max_ms= cpu_ms=
 * kb= bytes_per_socket=", and ends with 0 when nothing was missed or disordered.
 */
#include "config.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/db.h"
#include "lib/base/log.h"
#include "lib/shop/event.h"
#include "lib/shop/settings.h"
#include "lib/shop/ticket.h"

enum {
	SAMPLES = 200000, BATCH = 500, IN = 8192, AT_ONCE = 200, LINGER_S = 60, READY_S = 120,
	SOURCES = 16,			/* addresses 127.0.0.x: one has some 28,000 ports */
	AWAY_US = 500000		/* at least, after a loss */
};
enum { LAST_USER, LAST_SESSION, PERSON, SESSION, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[LAST_USER] = { .sql = "SELECT coalesce(max(id), 0) FROM users" },
	[LAST_SESSION] = { .sql = "SELECT coalesce(max(id), 0) FROM session" },
	[PERSON] = { .sql =
	    "INSERT INTO users (id, email, password_hash, name, phone, created_at, updated_at)"
	    " VALUES (?1, ?2, '-', 'Bench', '+380670000000', ?3, ?3)" },
	[SESSION] = { .sql = "INSERT INTO session (id, user_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?3)" },
};
DB_STATEMENTS(sql);

struct socket {
	int fd, open;			/* open: the handshake is over */
	int64_t last;			/* event id; 0 = none */
	int64_t again_us;		/* not before */
	uint32_t heard;
	size_t len;
	char *in;
};

static struct {
	struct settings conf;
	struct keyring *keys;
	const char *address;
	int64_t first_user, first_session;
	int count, epoll, ready;
	struct socket *at;
	uint32_t *sent;			/* shared with the child: by person */
	float *ms;
	int64_t samples, disordered, lost;
} b;

static int64_t
micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- people */

static int64_t
last(struct db *db, int which)
{
	int64_t n;

	if (db_find(db, &sql[which], "") != 1)
		fatal(EX_SOFTWARE, "%s", db_error(db));
	n = db_int(&sql[which], 0);
	db_done(&sql[which]);
	return n;
}

static void
make_people(struct db *db)
{
	char email[64];

	b.first_user = last(db, LAST_USER) + 1;
	b.first_session = last(db, LAST_SESSION) + 1;
	for (int i = 0; i < b.count; i++) {
		if (i % BATCH == 0 && db_begin(db) != DB_OK)
			fatal(EX_SOFTWARE, "%s", db_error(db));
		snprintf(email, sizeof email, "push%lld@example.com", (long long)b.first_user + i);
		if (db_run(db, &sql[PERSON], "isi", b.first_user + i, email, clock_now()) != DB_OK ||
		    db_run(db, &sql[SESSION], "iii", b.first_session + i, b.first_user + i,
		    clock_now()) != DB_OK)
			fatal(EX_SOFTWARE, "%s", db_error(db));
		if ((i % BATCH == BATCH - 1 || i == b.count - 1) && db_end(db, 1) != DB_OK)
			fatal(EX_SOFTWARE, "%s", db_error(db));
	}
}

/* ---- the child that commits */

_Noreturn static void
commit(int seconds, int per_s)
{
	char fault[DB_FAULT], payload[96];
	struct db *db = db_open(b.conf.database, DB_WRITER, 5000, fault);
	int64_t began = micros(), due;
	int who;

	close(b.epoll);
	for (int i = 0; i < b.count; i++)
		close(b.at[i].fd);	/* or they would never be gone */
	if (db == NULL)
		fatal(EX_SOFTWARE, "%s", fault);
	for (int64_t n = 0; n < (int64_t)seconds * per_s; n++) {
		due = began + n * 1000000 / per_s - micros();
		if (due > 0)
			usleep((useconds_t)due);
		who = (int)((uint64_t)n * 2654435761u % (uint64_t)b.count);
		if (db_begin(db) != DB_OK)
			fatal(EX_SOFTWARE, "%s", db_error(db));
		snprintf(payload, sizeof payload, "{\"n\":%u,\"us\":%lld}", b.sent[who] + 1,
		    (long long)micros());
		if (event_add(db, b.first_user + who, DB_NULL, "notification", payload) != DB_OK ||
		    db_end(db, 1) != DB_OK)
			fatal(EX_SOFTWARE, "%s", db_error(db));
		b.sent[who]++;
	}
	_exit(0);
}

/* ---- a socket */

static int
connect_path(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", b.address);
	if (fd != -1 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
connect_port(int i)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)
	    strtol(b.address, NULL, 10)), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK + (uint32_t)(i % SOURCES)) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd != -1 && setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes) == 0 &&
	    bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

/* 0, or -1: nobody is there now. */
static int
open_socket(int i)
{
	struct socket *s = &b.at[i];
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
	char ticket[TICKET_TEXT], since[32] = "", text[512];
	int n;

	s->fd = strchr(b.address, '/') != NULL ? connect_path() : connect_port(i);
	if (s->fd == -1)
		return -1;
	if (ticket_give(b.keys, b.first_user + i, b.first_session + i, ticket) == -1)
		fatal(EX_SOFTWARE, "no ticket");
	if (s->last > 0)
		snprintf(since, sizeof since, "&since=%lld", (long long)s->last);
	n = snprintf(text, sizeof text, "GET /ws?ticket=%s%s HTTP/1.1\r\nHost: shop\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", ticket, since);
	s->open = 0;
	s->len = 0;
	if (send(s->fd, text, (size_t)n, MSG_NOSIGNAL) != n ||
	    fcntl(s->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    epoll_ctl(b.epoll, EPOLL_CTL_ADD, s->fd, &e) == -1) {
		close(s->fd);
		s->fd = -1;
	}
	return s->fd == -1 ? -1 : 0;
}

static void
lose(struct socket *s)
{
	epoll_ctl(b.epoll, EPOLL_CTL_DEL, s->fd, NULL);
	close(s->fd);
	s->fd = -1;
	s->again_us = micros() + AWAY_US + micros() % AWAY_US;
	if (s->open == 2) {
		b.lost++;
		b.ready--;
	}
}

static int64_t
number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
}

static void
hear(struct socket *s, const char *text)
{
	int64_t id = number(text, "{\"id\":"), us = number(text, "\"us\":");

	if (strstr(text, "\"type\":\"hello\"") != NULL) {
		b.ready += s->open != 2;
		s->open = 2;
		if (s->last == 0)
			s->last = number(text, "\"last_id\":");
		return;
	}
	if (us == 0)
		return;
	b.disordered += id <= s->last || number(text, "\"n\":") != s->heard + 1;
	s->last = id;
	s->heard++;
	if (b.samples < SAMPLES)
		b.ms[b.samples++] = (float)(micros() - us) / 1000;
}

/* The frame at the beginning: its size, 0 when it is not whole. */
static size_t
take_frame(struct socket *s)
{
	const uint8_t *p = (const uint8_t *)s->in;
	static const char pong[6] = { (char)0x8a, (char)0x80, 0, 0, 0, 0 };
	size_t head = 2, n;
	char kept;

	if (s->len < 2 || ((n = p[1] & 127) == 126 && s->len < 4))
		return 0;
	if (n == 126) {
		n = (size_t)p[2] << 8 | p[3];
		head = 4;
	}
	if (s->len < head + n)
		return 0;
	if ((p[0] & 15) == 9)
		(void)!send(s->fd, pong, sizeof pong, MSG_NOSIGNAL);
	if ((p[0] & 15) == 1) {
		kept = s->in[head + n];
		s->in[head + n] = '\0';
		hear(s, s->in + head);
		s->in[head + n] = kept;
	}
	return head + n;
}

static void
read_socket(struct socket *s)
{
	ssize_t got = recv(s->fd, s->in + s->len, IN - s->len, 0);
	size_t used = 0;
	char *end;

	if (got == -1 && errno == EAGAIN)
		return;
	if (got <= 0) {
		lose(s);
		return;
	}
	s->len += (size_t)got;
	s->in[s->len] = '\0';
	if (s->len > 12 && s->open == 0 && strncmp(s->in, "HTTP/1.1 101", 12) != 0) {
		lose(s);	/* the web server stands alone */
		return;
	}
	if (s->open == 0 && (end = strstr(s->in, "\r\n\r\n")) != NULL) {
		s->open = 1;
		used = (size_t)(end + 4 - s->in);
	}
	do {
		memmove(s->in, s->in + used, s->len -= used);
		used = s->open == 0 ? 0 : take_frame(s);
	} while (used > 0);
	if (s->len == IN)
		lose(s);
}

/* Who has no socket gets one, some at a time. */
static void
reconnect(void)
{
	static int from;
	int64_t now = micros();
	int done = 0;

	for (int n = 0; n < b.count && done < AT_ONCE; n++, from = (from + 1) % b.count) {
		if (b.at[from].fd != -1 || b.at[from].again_us > now)
			continue;
		if (open_socket(from) == -1)
			return;
		done++;
	}
}

static void
wait_some(int ms)
{
	struct epoll_event e[512];
	int n = epoll_wait(b.epoll, e, 512, ms);

	for (int i = 0; i < n; i++)
		if (b.at[e[i].data.u32].fd != -1)
			read_socket(&b.at[e[i].data.u32]);
}

/* ---- what it came to */

static int64_t
missed(int64_t *commits)
{
	int64_t heard = 0;

	*commits = 0;
	for (int i = 0; i < b.count; i++) {
		*commits += b.sent[i];
		heard += b.at[i].heard;
	}
	return *commits - heard;
}

/* A number behind a name in /proc/PID/status. */
static int64_t
status_of(const char *pid, const char *name)
{
	char path[64], line[256];
	int64_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/status", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtoll(line + strlen(name), NULL, 10);
	fclose(f);
	return n;
}

static int64_t
cpu_ms_of(const char *pid)
{
	char path[64], text[512] = "", *at;
	long long user = 0, kernel = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fgets(text, sizeof text, f) != NULL && (at = strrchr(text, ')')) != NULL)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &kernel);
	fclose(f);
	return (user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

static int
rising(const void *x, const void *y)
{
	float a = *(const float *)x, c = *(const float *)y;

	return (a > c) - (a < c);
}

static double
quantile(double q)
{
	return b.samples == 0 ? 0 : (double)b.ms[(int64_t)((double)(b.samples - 1) * q)];
}

/* n bytes that the child shares. */
static void *
get(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : (fatal(EX_OSERR, "out of memory"), NULL);
}

static void
prepare(void)
{
	struct rlimit r;
	char *in;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	if ((rlim_t)b.count + 64 > r.rlim_cur)
		fatal(EX_OSERR, "too few descriptors: %lu", (unsigned long)r.rlim_cur);
	b.at = get((size_t)b.count * sizeof *b.at);
	b.sent = get((size_t)b.count * sizeof *b.sent);
	b.ms = get(SAMPLES * sizeof *b.ms);
	b.epoll = epoll_create1(EPOLL_CLOEXEC);
	in = get((size_t)b.count * (IN + 1));
	for (int i = 0; i < b.count; i++)
		b.at[i] = (struct socket){ .fd = -1, .in = in + (size_t)i * (IN + 1) };
}

/* 1 when all went as it must. */
static int
measure(const char *pid, int seconds, int per_s)
{
	int64_t empty = status_of(pid, "VmRSS:"), full, cpu, until, commits, lacking;
	pid_t child;

	alarm(READY_S);		/* ends it */
	while (b.ready < b.count) {
		reconnect();
		wait_some(10);
	}
	alarm(0);
	b.lost = 0;
	puts("ready");
	fflush(stdout);
	full = status_of(pid, "VmRSS:");
	cpu = cpu_ms_of(pid);
	if ((child = fork()) == 0)
		commit(seconds, per_s);
	while (waitpid(child, NULL, WNOHANG) == 0) {
		wait_some(5);
		reconnect();
	}
	until = micros() + LINGER_S * 1000000;
	while (missed(&commits) > 0 && micros() < until) {
		wait_some(5);
		reconnect();
	}
	cpu = cpu_ms_of(pid) - cpu;
	lacking = missed(&commits);
	qsort(b.ms, (size_t)b.samples, sizeof *b.ms, rising);
	printf("sockets=%d commits=%lld missed=%lld disordered=%lld lost=%lld p50_ms=%.1f p99_ms=%.1f "
	    "max_ms=%.1f cpu_ms=%lld kb=%lld bytes_per_socket=%lld\n", b.count, (long long)commits,
	    (long long)lacking, (long long)b.disordered, (long long)b.lost,
	    quantile(0.5), quantile(0.99), quantile(1), (long long)cpu,
	    (long long)status_of(pid, "VmRSS:"), (long long)((full - empty) * 1024 / b.count));
	return lacking == 0 && b.disordered == 0 && commits == (int64_t)seconds * per_s;
}

int
main(int argc, char **argv)
{
	char fault[CONF_FAULT + DB_FAULT];
	struct db *db;

	if (argc < 4)
		fatal(EX_USAGE, "usage: crowd ADDRESS PID SECONDS [SOCKETS] [COMMITS]");
	log_init("crowd", LEVEL_WARN);
	b.address = argv[1];
	b.count = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 10000;
	if (settings_load(&b.conf, NULL, fault) == -1 ||
	    (b.keys = keyring_open(b.conf.key_file, fault)) == NULL ||
	    (db = db_open(b.conf.database, DB_WRITER, 5000, fault)) == NULL)
		fatal(EX_CONFIG, "%s", fault);
	prepare();
	make_people(db);
	db_close(db);
	return measure(argv[2], (int)strtol(argv[3], NULL, 10),
	    argc > 5 ? (int)strtol(argv[5], NULL, 10) : 100) ? EX_OK : EX_SOFTWARE;
}
