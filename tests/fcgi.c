/* fcgi.c - see fcgi.h; records as in the FastCGI specification 1.0, section 3 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/fcgi.h"

enum { BEGIN = 1, END = 3, PARAMS = 4, IN = 5, OUT = 6, HEADER = 8, RECORD_MAX = 65535 };
enum { BACKLOG = 256, WAIT_S = 10, SEND_MAX = 4 * 1024 * 1024 };

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	ck_assert_uint_lt(strlen(path), sizeof a.sun_path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	return a;
}

int
fcgi_listen(const char *path)
{
	struct sockaddr_un a = address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	ck_assert_int_eq(listen(fd, BACKLOG), 0);
	return fd;
}

int
fcgi_connect(const char *path)
{
	struct sockaddr_un a = address(path);
	struct timeval wait = { .tv_sec = WAIT_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return fd;
}

static void
record(struct buf *b, int type, const char *data, size_t n)
{
	const char header[HEADER] = { 1, (char)type, 0, 1, (char)(n >> 8), (char)n, 0, 0 };

	buf_add(b, header, sizeof header);
	buf_add(b, data, n);
}

static void
put_length(struct buf *b, size_t n)
{
	if (n > 127)
		buf_add(b, (const char[]){ (char)(n >> 24 | 0x80), (char)(n >> 16), (char)(n >> 8) }, 3);
	buf_char(b, (char)n);
}

static void
put_param(struct buf *b, const char *name, size_t name_len, const char *value)
{
	put_length(b, name_len);
	put_length(b, strlen(value));
	buf_add(b, name, name_len);
	buf_str(b, value);
}

static void
put_params(struct buf *b, const struct fcgi_ask *ask, size_t body)
{
	char length[24];

	snprintf(length, sizeof length, "%zu", body);
	put_param(b, "DOCUMENT_URI", 12, ask->path);
	put_param(b, "QUERY_STRING", 12, ask->query != NULL ? ask->query : "");
	put_param(b, "REQUEST_METHOD", 14, ask->method != NULL ? ask->method : "GET");
	put_param(b, "CONTENT_TYPE", 12, ask->type != NULL ? ask->type : "");
	put_param(b, "CONTENT_LENGTH", 14, body > 0 ? length : "");
	put_param(b, "REMOTE_ADDR", 11, "192.0.2.1");
	put_param(b, "REQUEST_ID", 10, "0123456789abcdef");
	for (const char *const *m = ask->more; m != NULL && *m != NULL; m++)
		put_param(b, *m, strcspn(*m, "="), *m + strcspn(*m, "=") + 1);
}

void
fcgi_send(int fd, const struct fcgi_ask *ask)
{
	const char begin[] = { 0, 1, (char)!ask->closes, 0, 0, 0, 0, 0 };
	struct buf params = BUF_INIT(RECORD_MAX), all = BUF_INIT(SEND_MAX);
	size_t left = ask->body_len > 0 ? ask->body_len : ask->body == NULL ? 0 : strlen(ask->body);
	const char *body = ask->body;

	put_params(&params, ask, left);
	record(&all, BEGIN, begin, sizeof begin);
	record(&all, PARAMS, params.s, params.len);
	record(&all, PARAMS, "", 0);
	for (size_t n; left > 0; left -= n, body += n) {
		n = left < 32768 ? left : 32768;
		record(&all, IN, body, n);
	}
	record(&all, IN, "", 0);
	ck_assert(!all.failed && !params.failed);
	for (size_t at = 0; at < all.len;) {
		ssize_t n = send(fd, all.s + at, all.len - at, MSG_NOSIGNAL);

		if (n <= 0)
			break;		/* the worker has closed: fcgi_receive() says so */
		at += (size_t)n;
	}
	buf_free(&params);
	buf_free(&all);
}

static int
read_all(int fd, void *to, size_t n)
{
	return recv(fd, to, n, MSG_WAITALL) == (ssize_t)n ? 0 : -1;
}

int
fcgi_receive(int fd, char *text)
{
	unsigned char h[HEADER];
	char padding[256];
	size_t n, at = 0;

	for (;;) {
		if (read_all(fd, h, sizeof h) == -1)
			return -1;
		n = (size_t)h[4] << 8 | h[5];
		ck_assert_uint_lt(at + n, (size_t)FCGI_TEXT);
		if ((n > 0 && read_all(fd, text + at, n) == -1) ||
		    (h[6] > 0 && read_all(fd, padding, h[6]) == -1))
			return -1;
		if (h[1] == OUT)
			at += n;
		if (h[1] == END)
			break;
	}
	text[at] = '\0';
	ck_assert_int_eq(strncmp(text, "Status: ", 8), 0);
	return (int)strtol(text + 8, NULL, 10);
}

int
fcgi_get(int fd, const char *path, char *text)
{
	fcgi_send(fd, &(struct fcgi_ask){ .path = path });
	return fcgi_receive(fd, text);
}
