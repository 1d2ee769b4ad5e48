/*
 * bench_run.c - what a program took: "seconds kilobytes" on standard output
 *
 *	bench_run pos-sync --full
 *
 * Kilobytes are the most that was resident at once, what was mapped of files
 * included. Its own output is left out; the exit code is the program's.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"

enum { MS = 1000, NOT_RUN = 127 };

int
main(int argc, char **argv)
{
	int64_t began = clock_mono_ms();
	struct rusage used;
	int status;
	pid_t pid;

	if (argc < 2) {
		fputs("usage: bench_run PROGRAM …\n", stderr);
		return EXIT_FAILURE;
	}
	if ((pid = fork()) == 0) {
		if (freopen("/dev/null", "w", stdout) != NULL)
			execvp(argv[1], argv + 1);
		_exit(NOT_RUN);
	}
	if (pid == -1 || wait4(pid, &status, 0, &used) != pid)
		return EXIT_FAILURE;
	printf("%.3f %ld\n", (double)(clock_mono_ms() - began) / MS, used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
