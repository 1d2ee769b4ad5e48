/*
 * fcgi.h - a small FastCGI client, as nginx is one: for tests of a real worker
 */
#ifndef TESTS_FCGI_H
#define TESTS_FCGI_H

#include <stddef.h>

enum { FCGI_TEXT = 256 * 1024 };

struct fcgi_ask {
	const char *method, *path, *query, *type, *body;
	size_t body_len;		/* 0: of the text */
	const char *const *more;	/* "NAME=value", NULL behind the last */
	int closes;			/* the worker is to close afterwards */
};

/* A listening socket at that path. */
int fcgi_listen(const char *path);
/* A connection that waits for nothing longer than ten seconds. */
int fcgi_connect(const char *path);

void fcgi_send(int fd, const struct fcgi_ask *);
/* The status, with head and body in text (FCGI_TEXT bytes); -1 when it was closed. */
int fcgi_receive(int fd, char *text);
/* Both. */
int fcgi_get(int fd, const char *path, char *text);

#endif
