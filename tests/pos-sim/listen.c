/* listen.c - see listen.h */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/pos-sim/listen.h"

enum { BACKLOG = 1024 };

static const char unix_prefix[] = "unix:";

static int
complain(const char *where, const char *why)
{
	fprintf(stderr, "pos-sim: cannot listen on %s: %s\n", where, why);
	return -1;
}

static int
finish(const char *where, int fd, const struct sockaddr *sa, socklen_t len)
{
	int saved;

	if (bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	return complain(where, strerror(saved));
}

static int
open_unix(const char *where, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof sa.sun_path)
		return complain(where, "the path is too long");
	memcpy(sa.sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) < 0)
		return complain(where, strerror(errno));
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0) {
		close(fd);
		return complain(where, "another till serves there");
	}
	close(fd);
	unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) < 0)
		return complain(where, strerror(errno));
	if ((fd = finish(where, fd, (struct sockaddr *)&sa, sizeof sa)) >= 0)
		chmod(path, 0666);
	return fd;
}

static int
open_tcp(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	const char *colon = strrchr(where, ':');
	char host[256];
	int on = 1, rc, fd;

	if (colon == NULL || colon == where || (size_t)(colon - where) >= sizeof host)
		return complain(where, "it must be unix:PATH or HOST:PORT");
	memcpy(host, where, (size_t)(colon - where));
	host[colon - where] = '\0';
	if ((rc = getaddrinfo(host, colon + 1, &hints, &found)) != 0)
		return complain(where, gai_strerror(rc));
	fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		fd = finish(where, fd, found->ai_addr, found->ai_addrlen);
	}
	freeaddrinfo(found);
	return fd;
}

int
listen_open(const char *where)
{
	int is_listening = 0;
	socklen_t len = sizeof is_listening;

	if (where == NULL) {
		if (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) == 0 &&
		    is_listening)
			return 0;
		return complain("fd 0", "no listening socket; give --listen unix:PATH");
	}
	if (strncmp(where, unix_prefix, strlen(unix_prefix)) == 0)
		return open_unix(where, where + strlen(unix_prefix));
	return open_tcp(where);
}

void
listen_close(const char *where, int fd)
{
	close(fd);
	if (where != NULL && strncmp(where, unix_prefix, strlen(unix_prefix)) == 0)
		unlink(where + strlen(unix_prefix));
}
