/*
 * worker.h - one FastCGI request: told by nginx, served, answered
 */
#ifndef WORKER_H
#define WORKER_H

#include <fcgiapp.h>

#include "app/metrics.h"
#include "app/request.h"

enum { WAITING = 16 };		/* as many as the loop holds back at once */

/* What lives from request to request, so that a small one asks the system for nothing. */
struct worker {
	struct app *app;
	struct arena *arena;
	struct buf out, head;
	int unsafe;		/* a sync failed: no reply at hand may leave */
	struct sample waiting[WAITING];	/* served, their replies wait for a sync */
	int waiting_count;
};

/* 0, or -1 when out of memory. */
int worker_init(struct worker *, struct app *) __attribute__((warn_unused_result));
void worker_free(struct worker *);

/* Sync what the requests since the last call committed: before their replies
 * leave. 0, or -1 when they must not. */
int worker_settle(struct worker *) __attribute__((warn_unused_result));

/* Serve what FCGX_Accept_r() has just accepted; its body is read to the end. */
void worker_serve(struct worker *, FCGX_Request *);

#endif
