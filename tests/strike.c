/*
 * strike.c - kills a program between its commit and its word about it
 *
 *	tests/strike FILE COMMAND…
 *
 * Runs the command, whose standard input it passes on. Once FILE is there, the
 * command is killed (SIGKILL) where it next asks the disk to keep what it wrote
 * (fdatasync), and FILE is removed: a worker has then committed and told nobody.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static int
complain(const char *what)
{
	fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
	return EX_OSERR;
}

static int
is_time(pid_t pid, const char *file)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_fdatasync &&
	    unlink(file) == 0;
}

/* From stop to stop, to its end. */
static int
follow(pid_t pid, const char *file)
{
	int status, signo = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, signo) == -1 && errno != ESRCH)
			return complain("ptrace");
		if (waitpid(pid, &status, 0) == -1)
			return complain("wait");
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		signo = WSTOPSIG(status);
		if (signo == (SIGTRAP | 0x80)) {
			signo = 0;
			if (is_time(pid, file))
				kill(pid, SIGKILL);
		} else if (signo == SIGTRAP) {
			signo = 0;
		}
	}
}

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: strike FILE COMMAND...\n", stderr);
		return EX_USAGE;
	}
	if ((pid = fork()) == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) == -1)
			exit(complain("ptrace"));
		execvp(argv[2], argv + 2);
		exit(complain(argv[2]));
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status))
		return complain("start");
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == -1)
		return complain("ptrace");
	return follow(pid, argv[1]);
}
