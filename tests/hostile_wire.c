/* hostile_wire.c - bytes to nginx and back; see hostile.h */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tests/hostile.h"

enum { PATIENCE_S = 20 };

static int port, fd = -1;
static char left[ANSWER_MAX + 1];	/* what came behind the last answer */
static size_t left_len;

void
wire_open(int to)
{
	port = to;
}

void
wire_send(const char *text, size_t n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval wait = { .tv_sec = PATIENCE_S };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	left_len = 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&a, sizeof a) == -1)
		fatal(EX_OSERR, "hostile: port %d: %s", port, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	for (size_t at = 0; at < n;) {
		ssize_t sent = send(fd, text + at, n - at, MSG_NOSIGNAL);

		if (sent <= 0)
			break;		/* it is refused before its end: the answer says so */
		at += (size_t)sent;
	}
}

void
wire_close(void)
{
	if (fd != -1)
		close(fd);
	fd = -1;
}

/* The value of a header, in any case; NULL when it is not there. */
static const char *
header(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (; *head != '\0'; head += strcspn(head, "\n") + (strchr(head, '\n') != NULL))
		if (strncasecmp(head, name, n) == 0 && head[n] == ':')
			return head + n + 1 + strspn(head + n + 1, " ");
	return NULL;
}

/* How long the answer is as far as its head tells; 0 = to the end of the line. */
static size_t
whole_length(struct answer *a, const char *end)
{
	size_t head = (size_t)(end + 4 - a->text);
	const char *length;

	snprintf(a->head, sizeof a->head, "%.*s", (int)head, a->text);
	if (a->is_head || a->status == 204 || a->status == 304)
		return head;
	length = header(a->head, "Content-Length");
	return length == NULL ? 0 : head + strtoul(length, NULL, 10);
}

/* 1 when it stands in a->text, whole; what came behind it is kept. */
static int
take(struct answer *a, size_t n, int closed)
{
	const char *end;
	size_t whole;

	a->text[n] = '\0';
	if ((end = strstr(a->text, "\r\n\r\n")) == NULL)
		return 0;
	a->status = (int)strtol(a->text + strcspn(a->text, " "), NULL, 10);
	whole = whole_length(a, end);
	if (whole == 0 && !closed)
		return 0;
	if (whole > n)
		return 0;
	if (whole > 0) {
		left_len = n - whole;
		memcpy(left, a->text + whole, left_len);
		a->text[whole] = '\0';
	}
	a->body = a->text + (end + 4 - a->text);
	return 1;
}

int
wire_receive(struct answer *a, int is_head)
{
	size_t n = left_len;
	ssize_t got = 1;

	memcpy(a->text, left, n);
	left_len = 0;
	a->is_head = is_head;
	a->status = 0;
	while (!take(a, n, got <= 0)) {
		if (got <= 0 || n == ANSWER_MAX)
			return 0;
		got = recv(fd, a->text + n, ANSWER_MAX - n, 0);
		n += got > 0 ? (size_t)got : 0;
	}
	return strncmp(a->text, "HTTP/1.", 7) == 0;
}
