/*
 * hello.c - the reference point: libfcgi, kept connections, 2 KB of nothing
 *
 * The same loop as pos-api's (many kept connections per process, one epoll),
 * without anything that a shop does. Started like it: socket on fd 0.
 */
#include "config.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 4096, EVENTS = 16, BODY = 2048 };

static FCGX_Request *request[CONNECTIONS];

static void
take(int epoll)
{
	int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0 || fd >= CONNECTIONS)
		return;
	if ((request[fd] = calloc(1, sizeof **request)) == NULL)
		exit(1);
	FCGX_InitRequest(request[fd], -1, 0);
	request[fd]->ipcFd = fd;
	request[fd]->keepConnection = 1;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void
answer(int fd, const char *text, int n)
{
	FCGX_Request *r = request[fd];

	if (FCGX_Accept_r(r) == 0) {
		FCGX_PutStr(text, n, r->out);
		FCGX_Finish_r(r);
		if (r->ipcFd >= 0)
			return;
	}
	free(r);
	request[fd] = NULL;
}

int
main(void)
{
	struct epoll_event events[EVENTS], ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	static char text[BODY + 128];
	int epoll = epoll_create1(EPOLL_CLOEXEC), n, head;

	head = snprintf(text, sizeof text,
	    "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", BODY);
	memset(text + head, 'a', BODY);
	FCGX_Init();
	signal(SIGTERM, SIG_DFL);
	fcntl(0, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &ev);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++)
			if (events[i].data.fd == 0)
				take(epoll);
			else
				answer(events[i].data.fd, text, head + BODY);
	}
}
