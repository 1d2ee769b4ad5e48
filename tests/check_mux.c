/*
 * check_mux.c - a real pos-api on a socket, asked as nginx asks: connections
 * that are kept (G84), the end of a worker, a start that cannot be
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/keyring.h"
#include "tests/fcgi.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { MANY = 100, LARGE = 200000 };

static int listener;
static pid_t worker;
static char text[FCGI_TEXT];

static void
begin(void)
{
	char fault[KEYRING_FAULT];
	FILE *f;

	db_close(shop_begin());
	ck_assert_int_eq(keyfile_create(temp_path("shop.db.key"), fault), 0);
	ck_assert_ptr_nonnull(f = fopen(temp_path("conf"), "w"));
	fprintf(f, "DATABASE=%s\nLIMITS=no\n", temp_path("shop.db"));
	fclose(f);
	setenv("TILLBRIDGE_CONF", temp_path("conf"), 1);
	listener = fcgi_listen(temp_path("sock"));
}

static void
end(void)
{
	close(listener);
	temp_remove();
}

/* Dies with this process, whatever happens to it. */
static void
start_on(int input, const char *option, const char *value)
{
	int log;

	worker = fork();
	ck_assert_int_ne(worker, -1);
	if (worker > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log = creat(temp_path("log"), 0600);
	dup2(input, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execl("./pos-api", "pos-api", option, value, (char *)NULL);
	_exit(EX_UNAVAILABLE);
}

static void
start(void)
{
	start_on(listener, NULL, NULL);
}

static int
exit_code(void)
{
	int status;

	ck_assert_int_eq(waitpid(worker, &status, 0), worker);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
client(void)
{
	return fcgi_connect(temp_path("sock"));
}

/* Told to leave, and nobody is connected any more. */
static void
stop(void)
{
	kill(worker, SIGTERM);
	ck_assert_int_eq(exit_code(), EX_OK);
}

START_TEST(keeps_many_connections_and_serves_each)
{
	int fds[MANY];

	begin();
	start();
	for (int i = 0; i < MANY; i++)
		fds[i] = client();
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < MANY; i++)
			ck_assert_int_eq(fcgi_get(fds[i], "/healthz", text), 200);
	for (int i = 0; i < MANY; i++)
		fcgi_send(fds[i], &(struct fcgi_ask){ .path = "/auth/me" });
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(fcgi_receive(fds[i], text), 401);
		close(fds[i]);
	}
	stop();
	end();
}
END_TEST

/* As few descriptors as a system may leave it: who finds no room waits. */
START_TEST(a_full_worker_serves_on_and_takes_the_next_when_one_leaves)
{
	struct rlimit as_it_was;
	int fds[MANY];

	begin();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &as_it_was), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 40, as_it_was.rlim_max }), 0);
	start();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &as_it_was), 0);
	for (int i = 0; i < MANY; i++) {
		fds[i] = client();
		fcgi_send(fds[i], &(struct fcgi_ask){ .path = "/healthz" });
	}
	/* each in turn: those behind have no room before these have gone */
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(fcgi_receive(fds[i], text), 200);
		close(fds[i]);
	}
	stop();
	end();
}
END_TEST

START_TEST(tells_what_it_was_told)
{
	static const char *const headers[] = { "HTTP_ACCEPT_LANGUAGE=en", "HTTP_ORIGIN=http://localhost",
	    NULL };
	int fd;

	begin();
	setenv("CORS_ORIGINS", "loopback", 1);
	start();
	fd = client();
	fcgi_send(fd, &(struct fcgi_ask){ .path = "/auth/me", .more = headers });
	ck_assert_int_eq(fcgi_receive(fd, text), 401);
	ck_assert_ptr_nonnull(strstr(text, "\"error\":\"Unauthorized\""));
	ck_assert_ptr_nonnull(strstr(text, "\"request_id\":\"0123456789abcdef\""));
	ck_assert_ptr_nonnull(strstr(text, "Access-Control-Allow-Origin: http://localhost\r\n"));
	fcgi_send(fd, &(struct fcgi_ask){ .method = "HEAD", .path = "/healthz" });
	ck_assert_int_eq(fcgi_receive(fd, text), 200);
	ck_assert_ptr_nonnull(strstr(text, "Content-Length: 11\r\n"));
	ck_assert_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	close(fd);
	stop();
	end();
}
END_TEST

START_TEST(a_header_that_comes_twice_is_refused)
{
	static const char *const twice[] = { "HTTP_AUTHORIZATION=Bearer a",
	    "HTTP_AUTHORIZATION=Bearer b", NULL };
	static const char *const empty[] = { "HTTP_IF_NONE_MATCH=", "HTTP_IF_NONE_MATCH=\"1\"",
	    "HTTP_X_FORWARDED_FOR=1", "HTTP_X_FORWARDED_FOR=2", NULL };
	int fd;

	begin();
	start();
	fd = client();
	fcgi_send(fd, &(struct fcgi_ask){ .path = "/healthz", .more = twice });
	ck_assert_int_eq(fcgi_receive(fd, text), 400);
	fcgi_send(fd, &(struct fcgi_ask){ .path = "/healthz", .more = empty });
	ck_assert_int_eq(fcgi_receive(fd, text), 200);
	close(fd);
	stop();
	end();
}
END_TEST

START_TEST(a_body_is_read_to_its_end)
{
	static char large[LARGE];
	int fd;

	begin();
	start();
	fd = client();
	memset(large, ' ', sizeof large);
	for (size_t n = 1; n <= sizeof large; n = n * 3 + 7) {
		fcgi_send(fd, &(struct fcgi_ask){ .method = "POST", .path = "/auth/login",
		    .type = "application/json", .body = large, .body_len = n });
		ck_assert_int_eq(fcgi_receive(fd, text), n > 64 * 1024 ? 413 : 400);
		fcgi_send(fd, &(struct fcgi_ask){ .method = "GET", .path = "/healthz", .body = large,
		    .body_len = n });
		ck_assert_int_eq(fcgi_receive(fd, text), n > 64 * 1024 ? 413 : 200);
	}
	close(fd);
	stop();
	end();
}
END_TEST

START_TEST(strange_bytes_end_their_connection_only)
{
	static const char *const bytes[] = { "GET / HTTP/1.1\r\n\r\n", "\1\1\0\1\0\10\0\0x", "\377" };
	int fd, good;

	begin();
	start();
	good = client();
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		fd = client();
		ck_assert_int_gt(send(fd, bytes[i], i == 1 ? 9 : strlen(bytes[i]), 0), 0);
		shutdown(fd, SHUT_WR);
		ck_assert_int_eq(fcgi_receive(fd, text), -1);
		close(fd);
		ck_assert_int_eq(fcgi_get(good, "/healthz", text), 200);
	}
	fd = client();		/* goes away before its answer */
	fcgi_send(fd, &(struct fcgi_ask){ .path = "/healthz" });
	close(fd);
	ck_assert_int_eq(fcgi_get(good, "/healthz", text), 200);
	close(good);
	stop();
	end();
}
END_TEST

START_TEST(told_to_leave_it_serves_what_is_connected)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGUSR1 };
	int kept, late;

	begin();
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		start();
		kept = client();
		ck_assert_int_eq(fcgi_get(kept, "/healthz", text), 200);
		kill(worker, signals[i]);
		/* the first may come before the signal is seen, never the second */
		ck_assert_int_eq(fcgi_get(kept, "/healthz", text), 200);
		ck_assert_int_eq(fcgi_get(kept, "/healthz", text), 200);
		late = client();
		fcgi_send(late, &(struct fcgi_ask){ .path = "/healthz" });
		for (int k = 0; k < 20; k++)
			ck_assert_int_eq(fcgi_get(kept, "/healthz", text), 200);
		close(kept);
		ck_assert_int_eq(exit_code(), EX_OK);
		start();	/* who came late is served by its successor */
		ck_assert_int_eq(fcgi_receive(late, text), 200);
		close(late);
		stop();
	}
	end();
}
END_TEST

START_TEST(a_worker_with_always_something_to_do_hears_the_signal)
{
	int fds[MANY];

	begin();
	start();
	for (int i = 0; i < MANY; i++) {
		fds[i] = client();
		ck_assert_int_eq(fcgi_get(fds[i], "/healthz", text), 200);
	}
	for (int i = 0; i < MANY; i++)
		fcgi_send(fds[i], &(struct fcgi_ask){ .path = "/healthz" });
	kill(worker, SIGTERM);
	for (int i = 0; i < MANY * 20; i++) {	/* there is always one that waits */
		ck_assert_int_eq(fcgi_receive(fds[i % MANY], text), 200);
		if (i < MANY * 19)
			fcgi_send(fds[i % MANY], &(struct fcgi_ask){ .path = "/healthz" });
		else
			close(fds[i % MANY]);
	}
	ck_assert_int_eq(exit_code(), EX_OK);
	end();
}
END_TEST

START_TEST(leaves_by_itself_after_max_requests)
{
	int fd;

	begin();
	setenv("MAX_REQUESTS", "3", 1);
	start();
	fd = client();
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(fcgi_get(fd, "/healthz", text), 200);
	close(fd);
	ck_assert_int_eq(exit_code(), EX_OK);
	end();
}
END_TEST

START_TEST(the_auth_pool_takes_one_at_a_time_and_closes)
{
	int64_t since = clock_mono_ms();
	int first, second;

	begin();
	start_on(listener, "--pool", "auth");
	for (int i = 0; i < 5; i++) {
		first = client();
		second = client();
		fcgi_send(second, &(struct fcgi_ask){ .path = "/healthz" });
		fcgi_send(first, &(struct fcgi_ask){ .method = "POST", .path = "/auth/login" });
		ck_assert_int_eq(fcgi_receive(first, text), 400);
		ck_assert_int_eq(fcgi_receive(first, text), -1);	/* closed */
		ck_assert_int_eq(fcgi_receive(second, text), 404);	/* another pool's route */
		ck_assert_int_eq(fcgi_receive(second, text), -1);
		close(first);
		close(second);
	}
	ck_assert_int_lt(clock_mono_ms() - since, 8000);	/* libfcgi would linger 2 s a time */
	stop();
	end();
}
END_TEST

START_TEST(closes_when_the_web_server_says_so)
{
	int fd;

	begin();
	start();
	fd = client();
	fcgi_send(fd, &(struct fcgi_ask){ .path = "/healthz", .closes = 1 });
	ck_assert_int_eq(fcgi_receive(fd, text), 200);
	ck_assert_int_eq(fcgi_receive(fd, text), -1);
	close(fd);
	stop();
	end();
}
END_TEST

static void
refuses_to_start(int input, const char *words)
{
	int64_t since = clock_mono_ms();
	FILE *f;

	start_on(input, NULL, NULL);
	ck_assert_int_eq(exit_code(), EX_CONFIG);
	ck_assert_int_ge(clock_mono_ms() - since, 1000);
	ck_assert_ptr_nonnull(f = fopen(temp_path("log"), "r"));
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	ck_assert_msg(strstr(text, words) != NULL, "%s", text);
}

START_TEST(a_start_that_cannot_be_ends_with_78_after_a_second)
{
	int file;

	begin();
	file = dup(STDOUT_FILENO);
	refuses_to_start(file, "not a listening socket");
	close(file);
	unlink(temp_path("shop.db.key"));
	refuses_to_start(listener, "shop.db.key");
	setenv("DATABASE", temp_path("nothing.db"), 1);
	refuses_to_start(listener, "nothing.db");
	setenv("BUSY_TIMEOUT_MS", "soon", 1);
	refuses_to_start(listener, "BUSY_TIMEOUT_MS");
	end();
}
END_TEST

START_TEST(knows_its_options)
{
	static const struct { const char *option, *value; int code; } cases[] = {
		{ "--help", NULL, EX_OK }, { "--version", NULL, EX_OK }, { "--pool", "x", EX_USAGE },
		{ "--pool", NULL, EX_USAGE }, { "--nothing", NULL, EX_USAGE }, { "word", NULL, EX_USAGE },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		start_on(listener, cases[i].option, cases[i].value);
		ck_assert_msg(exit_code() == cases[i].code, "case %zu", i);
	}
	end();
}
END_TEST

int
main(void)
{
	return SUITE("mux", keeps_many_connections_and_serves_each,
	    a_full_worker_serves_on_and_takes_the_next_when_one_leaves, tells_what_it_was_told,
	    a_header_that_comes_twice_is_refused, a_body_is_read_to_its_end,
	    strange_bytes_end_their_connection_only, told_to_leave_it_serves_what_is_connected,
	    a_worker_with_always_something_to_do_hears_the_signal,
	    leaves_by_itself_after_max_requests, the_auth_pool_takes_one_at_a_time_and_closes,
	    closes_when_the_web_server_says_so, a_start_that_cannot_be_ends_with_78_after_a_second,
	    knows_its_options);
}
