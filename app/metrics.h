/*
 * metrics.h - what is counted of every request, by all workers together
 *
 * Counting costs a few unlocked additions. GET /metrics writes the numbers
 * down, with what the database knows, in Prometheus' text form.
 */
#ifndef METRICS_H
#define METRICS_H

#include "app/request.h"

/* One served request, until its answer leaves. */
struct sample {
	size_t route;		/* 0: none fitted, else its place in the table + 1 */
	int series;		/* pool and limit class; -1 without route */
	int status, limited;
	int64_t start_us;
};

/* How the counters lie in their file: changes with the table of routes. */
size_t metrics_count(void);
uint64_t metrics_layout(void);

/* start_us: clock_mono_us() when it was taken up. */
struct sample metrics_sample(const struct request *, int64_t start_us);
/* Its answer leaves now. */
void metrics_add(struct counters *, const struct sample *);

/* The counted part of the page. */
void metrics_write(const struct counters *, struct buf *);

#endif
