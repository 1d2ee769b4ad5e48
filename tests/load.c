/*
 * load.c - many clients at once, for tests: load PORT PATH CLIENTS SECONDS
 *
 * Each client keeps its connection, asks again as soon as it has its answer,
 * and counts as a failure whatever is not a whole 200: another status, a cut
 * line, no answer in ten seconds. Prints "requests=N failed=N slowest_ms=N"
 * and the first failure; exit 1 when there was one. A file whose name is in
 * $LOAD_UNTIL ends it early when it appears.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { CLIENTS_MAX = 256, ANSWER_MAX = 64 * 1024, PATIENCE_MS = 10000, EVENTS = 64, LOOK_MS = 50 };

struct client {
	int fd;
	int64_t asked_ms;
	size_t got;
	char answer[ANSWER_MAX];
};

static struct client clients[CLIENTS_MAX];
static int epoll, port;
static char request[1024];
static long requests, failed;
static int64_t slowest_ms;

static void
fail(const char *why, const struct client *c)
{
	if (failed++ == 0)
		printf("first failure: %s: %.*s\n", why, (int)c->got, c->answer);
}

static void
ask(struct client *c)
{
	c->got = 0;
	c->asked_ms = clock_mono_ms();
	if (send(c->fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		fail("send", c);
}

static void
open_client(struct client *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->got = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 || connect(c->fd, (struct sockaddr *)&a, sizeof a) == -1 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		fatal(EX_OSERR, "load: port %d: %s", port, strerror(errno));
	ask(c);
}

/* 1 when the answer is whole. */
static int
is_whole(const struct client *c)
{
	const char *body = strstr(c->answer, "\r\n\r\n"), *length;

	if (body == NULL)
		return 0;
	length = strstr(c->answer, "Content-Length: ");
	return length != NULL && length < body && c->got >= (size_t)(body + 4 - c->answer) +
	    strtoul(length + 16, NULL, 10);
}

static void
take_answer(struct client *c)
{
	int64_t took = clock_mono_ms() - c->asked_ms;

	requests++;
	slowest_ms = took > slowest_ms ? took : slowest_ms;
	if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0)
		fail("status", c);
	if (strstr(c->answer, "Connection: close") == NULL) {
		ask(c);
		return;
	}
	close(c->fd);
	open_client(c);
}

static void
hear(struct client *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - 1 - c->got, 0);

	if (n > 0) {
		c->got += (size_t)n;
		c->answer[c->got] = '\0';
		if (is_whole(c))
			take_answer(c);
		return;
	}
	fail("cut", c);
	close(c->fd);
	open_client(c);
}

static void
look_for_silence(int count)
{
	for (int i = 0; i < count; i++)
		if (clock_mono_ms() - clients[i].asked_ms > PATIENCE_MS) {
			fail("silence", &clients[i]);
			close(clients[i].fd);
			open_client(&clients[i]);
		}
}

/* Looked at a few times a second: the time is up, or somebody says so. */
static int
is_over(int64_t until)
{
	const char *file = getenv("LOAD_UNTIL");

	return clock_mono_ms() >= until || (file != NULL && access(file, F_OK) == 0);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int count, n;
	int64_t until, look = 0;

	if (argc != 5)
		fatal(EX_USAGE, "usage: load PORT PATH CLIENTS SECONDS");
	port = (int)strtol(argv[1], NULL, 10);
	count = (int)strtol(argv[3], NULL, 10);
	if (count < 1 || count > CLIENTS_MAX)
		fatal(EX_USAGE, "load: %s: must be 1 to %d clients", argv[3], CLIENTS_MAX);
	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	until = clock_mono_ms() + strtol(argv[4], NULL, 10) * 1000;
	for (int i = 0; i < count; i++)
		open_client(&clients[i]);
	for (;;) {
		if (clock_mono_ms() >= look) {
			if (is_over(until))
				break;
			look_for_silence(count);
			look = clock_mono_ms() + LOOK_MS;
		}
		n = epoll_wait(epoll, events, EVENTS, LOOK_MS);
		for (int i = 0; i < n; i++)
			hear(events[i].data.ptr);
	}
	printf("requests=%ld failed=%ld slowest_ms=%lld\n", requests, failed, (long long)slowest_ms);
	return failed == 0 ? EX_OK : 1;
}
