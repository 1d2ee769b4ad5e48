/*
 * bench_count.c - what counting a request costs: bench_count [SECONDS]
 *
 * Two processes count at once into one file, as workers do; nanoseconds of
 * processor time a request, reading the clock twice included.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/metrics.h"
#include "app/route.h"
#include "lib/base/clock.h"

enum { ROUND = 10000 };

static void
count(const char *path, int64_t until_us, int is_last)
{
	struct counters *c = counters_open(path, metrics_layout(), metrics_count());
	int64_t rounds = 0;
	struct request r = { .route = &routes[3], .status = 200, .limited = -1 };

	if (c == NULL)
		_exit(1);
	for (; clock_mono_us() < until_us; rounds++)
		for (int i = 0; i < ROUND; i++) {
			struct sample s = metrics_sample(&r, clock_mono_us());

			metrics_add(c, &s);
		}
	if (is_last)
		printf("counting a request: %" PRId64 " ns\n",
		    (int64_t)clock() * (1000000000 / CLOCKS_PER_SEC) / (rounds * ROUND));
	counters_close(c);
}

int
main(int argc, char **argv)
{
	int64_t until_us = clock_mono_us() + (argc > 1 ? strtol(argv[1], NULL, 10) : 1) * 1000000;
	char path[] = "/tmp/bench_count.XXXXXX";
	int fd = mkstemp(path), status = 0;

	if (fd == -1)
		return 1;
	close(fd);
	if (fork() == 0) {
		count(path, until_us, 0);
		_exit(0);
	}
	count(path, until_us, 1);
	wait(&status);
	unlink(path);
	return status == 0 ? 0 : 1;
}
