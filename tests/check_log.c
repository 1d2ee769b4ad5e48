/* check_log.c - one line per event, nothing of it forged, nothing told */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/suite.h"

static int ends[2];
static char seen[8192];

static void
listen_up(void)
{
	ck_assert_int_eq(pipe(ends), 0);
	log_to(ends[1]);
	clock_set(1779444000);
	unsetenv("LOG_LEVEL");
	log_init("pos-test", LEVEL_INFO);
}

/* What was logged since, without the date, program and process. */
static const char *
heard(void)
{
	ssize_t n;
	char *from;

	if (write(ends[1], "", 1) != 1 || (n = read(ends[0], seen, sizeof seen - 1)) < 1)
		ck_abort_msg("nothing to read");
	seen[n] = '\0';
	from = strstr(seen, "event=");
	return from == NULL ? "" : from;
}

START_TEST(writes_one_line_per_event)
{
	char want[256];

	listen_up();
	log_info("order.placed", "order=%lld branch=%d", 812LL, 3);
	ck_assert_str_eq(heard(), "event=order.placed order=812 branch=3\n");
	snprintf(want, sizeof want, "2026-05-22T10:00:00.000Z level=info "
	    "program=pos-test pid=%ld event=order.placed", (long)getpid());
	ck_assert_int_eq(strncmp(seen, want, strlen(want)), 0);
	log_error("down", "%s", "");
	ck_assert_str_eq(heard(), "event=down \n");
	ck_assert_ptr_nonnull(strstr(seen, "level=error"));
}
END_TEST

START_TEST(leaves_out_what_is_below_its_level)
{
	listen_up();
	log_debug("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "");
	log_init("pos-test", LEVEL_ERROR);
	log_warn("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "");
	setenv("LOG_LEVEL", "debug", 1);
	log_init("pos-test", LEVEL_ERROR);
	log_debug("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "event=x n=1\n");
	setenv("LOG_LEVEL", "loud", 1);
	log_init("pos-test", LEVEL_INFO);
	ck_assert_str_eq(heard(),
	    "event=log.level given=loud allowed=error|warn|info|debug\n");
}
END_TEST

START_TEST(carries_the_request_until_it_ends)
{
	listen_up();
	log_request("7f3a");
	log_info("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "event=x request=7f3a n=1\n");
	log_request("a b\nlevel=error");
	log_info("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "event=x request=\"a b\\x0alevel=error\" n=1\n");
	log_request(NULL);
	log_info("x", "n=%d", 1);
	ck_assert_str_eq(heard(), "event=x n=1\n");
}
END_TEST

START_TEST(escapes_what_came_from_outside)
{
	static const struct { const char *value, *line; } cases[] = {
		{ "plain/1.0", "event=x v=plain/1.0 n=1\n" },
		{ "", "event=x v=\"\" n=1\n" },
		{ "two words", "event=x v=\"two words\" n=1\n" },
		{ "a=b", "event=x v=\"a=b\" n=1\n" },
		{ "say \"hi\" \\", "event=x v=\"say \\\"hi\\\" \\\\\" n=1\n" },
		{ "a\nlevel=error\r\t\x1b[31m",
		    "event=x v=\"a\\x0alevel=error\\x0d\\x09\\x1b[31m\" n=1\n" },
		{ "борщ", "event=x v=борщ n=1\n" },
		{ "\xff\xd1", "event=x v=\\xff\\xd1 n=1\n" },
		{ "\xc2\x85", "event=x v=\\xc2\\x85 n=1\n" },
		{ "\x7f", "event=x v=\"\\x7f\" n=1\n" },
		{ NULL, "event=x v=- n=1\n" },
	};

	listen_up();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		log_info("x", "v=%s n=%d", cases[i].value, 1);
		ck_assert_str_eq(heard(), cases[i].line);
	}
}
END_TEST

START_TEST(knows_the_conversions_of_printf)
{
	listen_up();
	log_info("x", "a=%5d|%-5d|%05d b=%u c=%lx d=%llu e=%zu f=%.2f g=%c h=%%"
	    " i=%jd j=%hhd k=%*d l=%.*s m=%ld o=%o", 7, 7, 7, 4000000000u, 255ul,
	    UINT64_C(18446744073709551615) + 0ull, (size_t)9, 1.005, 'q',
	    (intmax_t)-1, (signed char)-3, 4, 5, 3, "abcdef", -8L, 8);
	ck_assert_str_eq(heard(), "event=x a=    7|7    |00007 b=4000000000 c=ff "
	    "d=18446744073709551615 e=9 f=1.00 g=q h=% i=-1 j=-3 k=   5 l=abc "
	    "m=-8 o=10\n");
	log_info("x", "path=%s/%s.json", "a b", "c");
	ck_assert_str_eq(heard(), "event=x path=a b/c.json\n");
	errno = ENOENT;
	log_to(-1);
	log_info("x", "v=%d", 1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* G69: no credential in a log. */
START_TEST(never_tells_a_secret)
{
	char text[32];

	listen_up();
	log_hide("s3cret\"x");
	log_hide("s3cret");
	log_hide("s3cret");
	log_hide("");
	log_hide(NULL);
	log_info("x", "v=%s w=%s", "Bearer s3cret", "s3cret\"x");
	ck_assert_str_eq(heard(), "event=x v=\"Bearer ***\" w=\"***\"\n");
	log_request("s3cret");
	log_info("s3cret", "v=as3cretb%s", "");
	ck_assert_ptr_null(strstr(heard(), "request=s3"));
	log_request(NULL);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "token-%03d", i);
		log_hide(text);
		log_info("x", "v=%s", text);
		ck_assert_str_eq(heard(), "event=x v=***\n");
	}
}
END_TEST

START_TEST(cuts_a_line_that_is_too_long)
{
	char text[6000];
	const char *got;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	listen_up();
	log_info("x", "v=%s n=%d", text, 1);
	got = heard();
	ck_assert_uint_eq(strlen(seen), 4096);
	ck_assert_str_eq(got + strlen(got) - 5, "a...\n");
}
END_TEST

/* The child's end as waitpid tells it; its words are in `seen`. */
static int
status_of(int abort_instead)
{
	int status;
	pid_t child;

	listen_up();
	if ((child = fork()) == 0) {
		if (abort_instead)
			panic("order %d: rank \"%s\"", 812, "odd");
		fatal(78, "DB_PATH: %s does not exist", "/x y");
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(fatal_ends_with_its_code)
{
	int status = status_of(0);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 78);
	ck_assert_str_eq(heard(), "event=fatal what=\"DB_PATH: /x y does not exist\"\n");
}
END_TEST

START_TEST(panic_aborts)
{
	int status = status_of(1);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	ck_assert_str_eq(heard(), "event=panic what=\"order 812: rank \\\"odd\\\"\"\n");
}
END_TEST

int
main(void)
{
	return SUITE("log", writes_one_line_per_event,
	    leaves_out_what_is_below_its_level, carries_the_request_until_it_ends,
	    escapes_what_came_from_outside, knows_the_conversions_of_printf,
	    never_tells_a_secret, cuts_a_line_that_is_too_long,
	    fatal_ends_with_its_code, panic_aborts);
}
