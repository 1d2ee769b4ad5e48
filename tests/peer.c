/*
 * peer.c - the other end of a connection, for tests
 *
 * What came is kept in a mapping that parent and children share.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <check.h>
#include <openssl/ssl.h>

#include "tests/peer.h"
#include "tests/peer_tls.h"

enum { REQUESTS = 64, REQUEST_SIZE = 64 * 1024, REPLIES = 4, REPLY_SIZE = 256 * 1024 };

struct shared {
	atomic_int requests, connections, ready;
	char text[REQUESTS][REQUEST_SIZE];
};

static struct shared *shared;
static const struct peer_step *steps;
static size_t step_count;
static enum peer_kind kind;
static int listening;
static SSL_CTX *context;
static pid_t child;
static char url[64];

struct line {
	int fd;
	SSL *ssl;
};

static int
take(struct line *l, char *s, size_t n)
{
	return l->ssl != NULL ? SSL_read(l->ssl, s, (int)n) : (int)read(l->fd, s, n);
}

static void
give(struct line *l, const char *s)
{
	size_t n = strlen(s);
	ssize_t put;

	while (n > 0) {
		put = l->ssl != NULL ? SSL_write(l->ssl, s, (int)n) : write(l->fd, s, n);
		if (put <= 0)
			return;
		s += put;
		n -= (size_t)put;
	}
}

/* The head and as much body as it announces; 0 = the line is closed. */
static int
read_request(struct line *l, char *text)
{
	size_t n = 0, whole = 0;
	char *end, *length;
	int got;

	while (n + 1 < REQUEST_SIZE) {
		if (whole > 0 && n >= whole)
			return 1;
		if ((got = take(l, text + n, whole > 0 ? whole - n : 1)) <= 0)
			return 0;
		n += (size_t)got;
		text[n] = '\0';
		if (whole == 0 && (end = strstr(text, "\r\n\r\n")) != NULL) {
			length = strstr(text, "\r\nContent-Length:");
			whole = (size_t)(end - text) + 4;
			whole += length == NULL ? 0 : strtoul(length + 17, NULL, 10);
		}
	}
	return 0;
}

/* 0 = close the line. */
static int
answer(struct line *l, const struct peer_step *s)
{
	switch (s->act) {
	case PEER_LOSE:
		return 0;
	case PEER_HANG:
		for (;;)
			pause();
	case PEER_MEET:
		while (atomic_load(&shared->requests) < s->meet)
			poll(NULL, 0, 1);
		break;
	default:
		break;
	}
	give(l, s->text);
	return s->act != PEER_LAST;
}

static void
serve_line(struct line *l)
{
	static char text[REQUEST_SIZE];
	int nth;

	while (read_request(l, text)) {
		nth = atomic_fetch_add(&shared->requests, 1);
		if (nth < REQUESTS)
			memcpy(shared->text[nth], text, strlen(text) + 1);
		if (!answer(l, &steps[(size_t)nth < step_count ? (size_t)nth : step_count - 1]))
			break;
	}
}

/* Dies with its parent, also with one that is gone already. */
static void
die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static void
serve_connection(int fd, pid_t parent)
{
	struct line l = { .fd = fd };

	die_with(parent);
	if (kind == PEER_MUTE)
		for (;;)
			pause();
	if (kind == PEER_NO_TLS) {
		give(&l, "220 hello, this is not what you think\r\n");
		_exit(0);
	}
	if (context != NULL) {
		l.ssl = SSL_new(context);
		SSL_set_fd(l.ssl, fd);
		if (SSL_accept(l.ssl) != 1)
			_exit(0);
	}
	serve_line(&l);
	if (l.ssl != NULL)
		SSL_shutdown(l.ssl);
	shutdown(fd, SHUT_RDWR);
	_exit(0);
}

_Noreturn static void
serve(pid_t parent)
{
	const pid_t self = getpid();
	int fd;

	setpgid(0, 0);
	die_with(parent);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	atomic_store(&shared->ready, 1);
	for (;;) {
		if ((fd = accept(listening, NULL, NULL)) == -1)
			_exit(1);
		atomic_fetch_add(&shared->connections, 1);
		if (fork() == 0)
			serve_connection(fd, self);
		close(fd);
	}
}

void
peer_listen(enum peer_kind what, const char *ca_file)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int tls = what != PEER_PLAIN && (what != PEER_MUTE || ca_file != NULL);

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	kind = what;
	if (what == PEER_TLS || what == PEER_TLS_OTHER_HOST || what == PEER_TLS_EXPIRED)
		context = peer_tls(ca_file, what == PEER_TLS_OTHER_HOST ? "DNS:till.example" :
		    "IP:127.0.0.1", what == PEER_TLS_EXPIRED);
	listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(listening, -1);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(listening, 64), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof url, "http%s://127.0.0.1:%d", tls ? "s" : "", ntohs(at.sin_port));
}

void
peer_serve(const struct peer_step *script, size_t count)
{
	const pid_t self = getpid();

	steps = script;
	step_count = count;
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* its connections end with us, too */
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0)
		serve(self);
	setpgid(child, child);
	while (!atomic_load(&shared->ready))
		poll(NULL, 0, 1);
	close(listening);
	SSL_CTX_free(context);
	context = NULL;
}

void
peer_start(enum peer_kind what, const char *ca_file, const struct peer_step *script, size_t count)
{
	peer_listen(what, ca_file);
	peer_serve(script, count);
}

void
peer_stop(void)
{
	kill(-child, SIGKILL);
	while (waitpid(-child, NULL, 0) > 0)
		continue;
	munmap(shared, sizeof *shared);
	shared = NULL;
}

const char *
peer_url(void)
{
	return url;
}

int
peer_requests(void)
{
	return atomic_load(&shared->requests);
}

int
peer_connections(void)
{
	return atomic_load(&shared->connections);
}

const char *
peer_request(int nth)
{
	return nth < REQUESTS ? shared->text[nth] : "";
}

const char *
peer_json(int status, const char *headers, const char *body)
{
	static char replies[REPLIES][REPLY_SIZE];
	static int turn;
	char *out = replies[turn++ % REPLIES];

	snprintf(out, REPLY_SIZE, "HTTP/1.1 %d Status\r\nContent-Type: application/json\r\n"
	    "%sContent-Length: %zu\r\n\r\n%s", status, headers, strlen(body), body);
	return out;
}
