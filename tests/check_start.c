/* check_start.c - how a daemon begins: a socket that listens, or 78 after a second */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/start.h"
#include "tests/fcgi.h"
#include "tests/suite.h"
#include "tests/temp.h"

START_TEST(knows_a_socket_that_listens)
{
	int pair[2], socket;

	temp_make();
	socket = fcgi_listen(temp_path("sock"));
	ck_assert(start_is_listening(socket));
	close(socket);
	ck_assert(!start_is_listening(socket));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(!start_is_listening(pair[0]));
	close(pair[0]);
	close(pair[1]);
	socket = open("/dev/null", O_RDONLY);
	ck_assert(!start_is_listening(socket));
	close(socket);
	temp_remove();
}
END_TEST

START_TEST(a_start_that_cannot_be_is_told_and_ends_slowly)
{
	int64_t since = clock_mono_ms();
	char line[256] = "";
	int status, ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	if ((child = fork()) == 0) {
		dup2(ends[1], STDERR_FILENO);
		log_init("check", LEVEL_INFO);
		start_error("the moon is in the wrong house");
	}
	close(ends[1]);
	ck_assert_int_gt(read(ends[0], line, sizeof line - 1), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EX_CONFIG);
	ck_assert_int_ge(clock_mono_ms() - since, 1000);
	ck_assert_ptr_nonnull(strstr(line, "event=start"));
	ck_assert_ptr_nonnull(strstr(line, "the moon is in the wrong house"));
}
END_TEST

int
main(void)
{
	return SUITE("start", knows_a_socket_that_listens,
	    a_start_that_cannot_be_is_told_and_ends_slowly);
}
