/*
 * mux.h - many kept FastCGI connections in one process, one request at a time
 */
#ifndef MUX_H
#define MUX_H

#include <stdint.h>

#include <fcgiapp.h>

struct mux {
	int listen_fd;
	int keeps;		/* 0: one request per connection, one connection at a time */
	int64_t max_requests;	/* then it leaves by itself; 0 = never */
	void (*serve)(void *arg, FCGX_Request *);
	/* NULL, or: called once for all requests that were ready together, before
	 * any of their replies leaves. -1 = none may leave: they are cut. */
	int (*settle)(void *arg);
	void *arg;
};

/* SIGTERM, SIGINT and SIGUSR1 make mux_run() leave; from here on they wait for it. */
int mux_hold_signals(void) __attribute__((warn_unused_result));

/*
 * Serve until told to leave, and on until the web server has closed every
 * connection. 0, or -1 with errno when the listening socket is no such thing.
 */
int mux_run(const struct mux *) __attribute__((warn_unused_result));

#endif
