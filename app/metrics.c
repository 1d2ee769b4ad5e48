/*
 * metrics.c - counters of requests; see metrics.h
 *
 * The file of counters is three tables, one behind the other: requests by
 * route and class of status, durations by series and step, refusals by limit.
 * A histogram's steps are kept apart and summed up when they are read.
 */
#include <string.h>

#include "app/limits.h"
#include "app/metrics.h"
#include "app/route.h"
#include "lib/base/clock.h"

enum { STATUSES = 5 };		/* 2xx to 5xx, and whatever else */

/* Upper bounds of the steps, in microseconds; the last step has none. */
static const struct step {
	int64_t us;
	const char *text;
} steps[] = {
	{ 250, "0.00025" }, { 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" },
	{ 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" },
	{ 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" }, { 1000000, "1" },
	{ 2500000, "2.5" }, { 5000000, "5" }, { 10000000, "10" }, { INT64_MAX, "+Inf" },
};

enum {
	STEPS = sizeof steps / sizeof *steps,
	SERIES_SIZE = STEPS + 1,	/* and the sum of all, in microseconds */
	SERIES = POOLS * LIMIT_CLASSES
};

static const char *const pools[POOLS] = {
	[POOL_READ] = "read", [POOL_WRITE] = "write", [POOL_AUTH] = "auth"
};
static const char *const statuses[STATUSES] = { "other", "2xx", "3xx", "4xx", "5xx" };

static size_t
requests_at(size_t route, int status)
{
	int class = status / 100;

	return route * STATUSES + (size_t)(class >= 2 && class <= 5 ? class - 1 : 0);
}

static size_t
series_at(int series)
{
	return (route_count + 1) * STATUSES + (size_t)series * SERIES_SIZE;
}

static size_t
limits_at(int which)
{
	return series_at(SERIES) + (size_t)which;
}

size_t
metrics_count(void)
{
	return limits_at(LIMITS);
}

uint64_t
metrics_layout(void)
{
	uint64_t layout = shared_key("counters", "1");

	for (size_t i = 0; i < route_count; i++)
		layout = layout * 31 + shared_key(routes[i].method, routes[i].pattern);
	return layout;
}

struct sample
metrics_sample(const struct request *r, int64_t start_us)
{
	struct sample s = { .series = -1, .status = r->status, .limited = r->limited,
		.start_us = start_us };

	if (r->route == NULL)
		return s;
	s.route = (size_t)(r->route - routes) + 1;
	s.series = (int)r->route->pool * LIMIT_CLASSES + (int)r->route->limit;
	return s;
}

void
metrics_add(struct counters *c, const struct sample *s)
{
	int64_t us = clock_mono_us() - s->start_us;
	size_t step = 0;

	counters_add(c, requests_at(s->route, s->status), 1);
	if (s->limited >= 0)
		counters_add(c, limits_at(s->limited), 1);
	if (s->series < 0)
		return;
	while (us > steps[step].us)
		step++;
	counters_add(c, series_at(s->series) + step, 1);
	counters_add(c, series_at(s->series) + STEPS, us > 0 ? (uint64_t)us : 0);
}

/* ---- the page */

static void
write_requests(const struct counters *c, size_t route, const char *method, const char *pattern,
    struct buf *b)
{
	uint64_t n;

	for (int i = 0; i < STATUSES; i++)
		if ((n = counters_get(c, route * STATUSES + (size_t)i)) > 0)
			buf_printf(b, "tillbridge_http_requests_total{method=\"%s\",route=\"%s\","
			    "status=\"%s\"} %llu\n", method, pattern, statuses[i],
			    (unsigned long long)n);
}

/* One histogram; a series that nothing was counted in is left out. */
static void
write_series(const struct counters *c, int series, struct buf *b)
{
	static const char name[] = "tillbridge_http_request_duration_seconds";
	const char *pool = pools[series / LIMIT_CLASSES];
	const char *class = limit_class_name((enum limit_class)(series % LIMIT_CLASSES));
	uint64_t all = 0, sum = counters_get(c, series_at(series) + STEPS), n[STEPS];

	for (size_t i = 0; i < STEPS; i++)
		all += n[i] = counters_get(c, series_at(series) + i);
	if (all == 0)
		return;
	for (size_t i = 0, up = 0; i < STEPS; i++) {
		up += n[i];
		buf_printf(b, "%s_bucket{pool=\"%s\",class=\"%s\",le=\"%s\"} %zu\n", name, pool, class,
		    steps[i].text, up);
	}
	buf_printf(b, "%s_sum{pool=\"%s\",class=\"%s\"} %llu.%06llu\n", name, pool, class,
	    (unsigned long long)sum / 1000000, (unsigned long long)sum % 1000000);
	buf_printf(b, "%s_count{pool=\"%s\",class=\"%s\"} %llu\n", name, pool, class,
	    (unsigned long long)all);
}

void
metrics_write(const struct counters *c, struct buf *b)
{
	buf_lit(b, "# HELP tillbridge_http_requests_total Requests that reached pos-api, by route;"
	    " what nginx answers by itself is not among them.\n"
	    "# TYPE tillbridge_http_requests_total counter\n");
	write_requests(c, 0, "other", "none", b);
	for (size_t i = 0; i < route_count; i++)
		write_requests(c, i + 1, routes[i].method, routes[i].pattern, b);
	buf_lit(b, "# HELP tillbridge_http_request_duration_seconds Time to serve a request in"
	    " pos-api, the sync to disk included.\n"
	    "# TYPE tillbridge_http_request_duration_seconds histogram\n");
	for (int i = 0; i < SERIES; i++)
		write_series(c, i, b);
	buf_lit(b, "# HELP tillbridge_limits_refused_total Requests refused by a limit of an account,"
	    " an address or a guessed account.\n"
	    "# TYPE tillbridge_limits_refused_total counter\n");
	for (int i = 0; i < LIMITS; i++)
		if (limit_name(i) != NULL)
			buf_printf(b, "tillbridge_limits_refused_total{limit=\"%s\"} %llu\n",
			    limit_name(i), (unsigned long long)counters_get(c, limits_at(i)));
	buf_printf(b, "# HELP tillbridge_counters_start_time_seconds Since when requests are counted.\n"
	    "# TYPE tillbridge_counters_start_time_seconds gauge\n"
	    "tillbridge_counters_start_time_seconds %lld\n", (long long)counters_since(c));
}
