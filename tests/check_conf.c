/* check_conf.c - settings from a file, the environment and by hand */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/conf.h"
#include "tests/suite.h"

struct config {
	const char *path, *token;
	int64_t workers, fee, radius, open, rounding, free;
};

#define AT(field) offsetof(struct config, field)
static const struct conf_key keys[] = {
	{ "T_PATH", CONF_TEXT, AT(path), "shop.db", 1, 20, NULL, "The file.", 0 },
	{ "T_TOKEN", CONF_TEXT, AT(token), NULL, 0, 0, NULL, "The token.", 1 },
	{ "T_WORKERS", CONF_NUMBER, AT(workers), "4", 1, 64, NULL, "Processes.", 0 },
	{ "T_FEE", CONF_MONEY, AT(fee), "99.00", 0, 100000, NULL, "The fee.", 0 },
	{ "T_RADIUS_KM", CONF_KM, AT(radius), "2.5", 100, 20000, NULL, "The radius.", 0 },
	{ "T_OPEN", CONF_BOOL, AT(open), "yes", 0, 1, NULL, "Open.", 0 },
	{ "T_ROUNDING", CONF_CHOICE, AT(rounding), "ceil", 0, 0, "ceil|exact", "How.", 0 },
	{ "T_FREE", CONF_NUMBER, AT(free), "-3", -5, 0, NULL, "Any.", 0 },
};
enum { KEYS = sizeof keys / sizeof *keys };

static struct config c;
static char fault[CONF_FAULT], path[] = "/tmp/check_conf.XXXXXX";

static int
load_bytes(const char *text, size_t n)
{
	char name[sizeof path];
	int fd, rc;

	memcpy(name, path, sizeof path);
	ck_assert_int_ne(fd = mkstemp(name), -1);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
	fault[0] = '\0';
	rc = conf_load(keys, KEYS, &c, name, fault);
	unlink(name);
	return rc;
}

static int
load(const char *text)
{
	return load_bytes(text, strlen(text));
}

static const char *
show(size_t i)
{
	static char out[64];

	conf_show(&keys[i], &c, out, sizeof out);
	return out;
}

START_TEST(defaults_stand_without_a_file)
{
	ck_assert_int_eq(conf_load(keys, KEYS, &c, NULL, fault), 0);
	ck_assert_str_eq(c.path, "shop.db");
	ck_assert_str_eq(c.token, "");
	ck_assert_int_eq(c.workers, 4);
	ck_assert_int_eq(c.fee, 9900);
	ck_assert_int_eq(c.radius, 2500);
	ck_assert_int_eq(c.open, 1);
	ck_assert_int_eq(c.rounding, 0);
	ck_assert_int_eq(c.free, -3);
}
END_TEST

START_TEST(reads_a_file_as_systemd_would)
{
	ck_assert_int_eq(load("# comment\n; too\n\n  T_PATH = \"/a b\\\"c\" \r\n"
	    "T_WORKERS=8\nT_WORKERS=9\n\tT_FEE='10.50'\nT_OPEN=Off\n"
	    "T_TOKEN=a\\b=c # d\nT_ROUNDING=exact"), 0);
	ck_assert_str_eq(c.path, "/a b\"c");
	ck_assert_int_eq(c.workers, 9);
	ck_assert_int_eq(c.fee, 1050);
	ck_assert_int_eq(c.open, 0);
	ck_assert_str_eq(c.token, "a\\b=c # d");
	ck_assert_int_eq(c.rounding, 1);
}
END_TEST

START_TEST(the_environment_wins)
{
	setenv("T_WORKERS", "12", 1);
	ck_assert_int_eq(load("T_WORKERS=8\n"), 0);
	ck_assert_int_eq(c.workers, 12);
	setenv("T_WORKERS", "many", 1);
	ck_assert_int_eq(load(""), -1);
	ck_assert_str_eq(fault, "environment: T_WORKERS is \"many\"; "
	    "it must be a whole number from 1 to 64");
	unsetenv("T_WORKERS");
}
END_TEST

/* The fault after the file's name. */
static const char *
fault_of(const char *text)
{
	const char *colon;

	ck_assert_msg(load(text) == -1, "%s", text);
	ck_assert_int_eq(strncmp(fault, path, 16), 0);
	colon = strchr(fault, ':');
	return colon == NULL ? fault : colon + 1;
}

START_TEST(a_fault_names_line_key_and_what_is_allowed)
{
	static const struct { const char *text, *fault; } cases[] = {
		{ "\n\nT_WORKERS=0\n", "3: T_WORKERS is \"0\"; it must be a whole number from 1 to 64" },
		{ "T_WORKERS=65", "1: T_WORKERS is \"65\"; it must be a whole number from 1 to 64" },
		{ "T_WORKERS=", "1: T_WORKERS is \"\"; it must be a whole number from 1 to 64" },
		{ "T_WORKERS=4.0", "1: T_WORKERS is \"4.0\"; it must be a whole number from 1 to 64" },
		{ "T_FREE=-6", "1: T_FREE is \"-6\"; it must be a whole number of at least -5" },
		{ "T_FEE=9,50", "1: T_FEE is \"9,50\"; it must be an amount such as 99.00 from 0.00 to 1000.00" },
		{ "T_FEE=1000.01", "1: T_FEE is \"1000.01\"; it must be an amount such as 99.00 from 0.00 to 1000.00" },
		{ "T_RADIUS_KM=0.09", "1: T_RADIUS_KM is \"0.09\"; it must be kilometres such as 2.5 from 0.1 to 20" },
		{ "T_RADIUS_KM=2.5001", "1: T_RADIUS_KM is \"2.5001\"; it must be kilometres such as 2.5 from 0.1 to 20" },
		{ "T_OPEN=maybe", "1: T_OPEN is \"maybe\"; it must be yes or no" },
		{ "T_ROUNDING=cei", "1: T_ROUNDING is \"cei\"; it must be one of ceil|exact" },
		{ "T_ROUNDING=ceil|exact", "1: T_ROUNDING is \"ceil|exact\"; it must be one of ceil|exact" },
		{ "T_PATH=", "1: T_PATH is \"\"; it must be a text of 1 to 20 bytes without control characters" },
		{ "T_PATH=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		  "1: T_PATH is \"abcdefghijklmnopqrstuvwxyzabcdefghijklmn…\"; "
		  "it must be a text of 1 to 20 bytes without control characters" },
		{ "T_PATH=a\x01", "1: T_PATH is (control characters or bad UTF-8); "
		  "it must be a text of 1 to 20 bytes without control characters" },
		{ "T_TOKEN=s3cret\xFF", "1: T_TOKEN is (secret); it must be a text without control characters" },
		{ "T_WORKERS", "1: no KEY=value" },
		{ "export T_WORKERS=4", "1: unknown key export T_WORKERS; the nearest known one is T_WORKERS" },
		{ "=4", "1: unknown key ; the nearest known one is T_FEE" },
		{ "T_PATH=\"a", "1: a quote without its other half" },
		{ "T_PATH=\"a\\", "1: a value ends with its line, \\ does not continue it" },
		{ "T_PATH=\"a\"b", "1: a quote without its other half" },
		{ "T_PATH='", "1: a quote without its other half" },
		{ "T_PATH=a\\\nb", "1: a value ends with its line, \\ does not continue it" },
		{ "T_WORKRES=4", "1: unknown key T_WORKRES; the nearest known one is T_WORKERS" },
		{ "radius_km=4", "1: unknown key radius_km; the nearest known one is T_RADIUS_KM" },
		{ "\xEF\xBB\xBFT_OPEN=1", "1: unknown key \xEF\xBB\xBFT_OPEN; the nearest known one is T_OPEN" },
		{ "T_OPE\xFFN=1", "1: unknown key ; the nearest known one is T_OPEN" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(fault_of(cases[i].text), cases[i].fault);
}
END_TEST

START_TEST(refuses_files_that_are_none)
{
	char *big = malloc(300000);

	ck_assert_int_eq(conf_load(keys, KEYS, &c, "/nonexistent/x.conf", fault), -1);
	ck_assert_str_eq(fault, "/nonexistent/x.conf: No such file or directory");
	ck_assert_int_eq(conf_load(keys, KEYS, &c, "/tmp", fault), -1);
	ck_assert_str_eq(fault, "/tmp: Is a directory");
	ck_assert_int_eq(load_bytes("T_PATH=a\0b\n", 11), -1);
	ck_assert_ptr_nonnull(strstr(fault, "a NUL byte stands in the file"));
	memset(big, '#', 300000);
	ck_assert_int_eq(load_bytes(big, 300000), -1);
	ck_assert_ptr_nonnull(strstr(fault, "the file is too long"));
	ck_assert_int_eq(load_bytes(big, 200000), 0);
	free(big);
}
END_TEST

START_TEST(takes_single_values_by_hand)
{
	ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_RADIUS_KM", "7", fault), 0);
	ck_assert_int_eq(c.radius, 7000);
	ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_RADIUS", "7", fault), -1);
	ck_assert_str_eq(fault, "unknown key T_RADIUS; the nearest known one is T_RADIUS_KM");
	ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_OPEN", "2", fault), -1);
	ck_assert_str_eq(fault, "T_OPEN is \"2\"; it must be yes or no");
}
END_TEST

START_TEST(joins_texts_for_good)
{
	ck_assert_str_eq(conf_joined("/a/b.db", 2, "/c"), "/a/c");
	ck_assert_str_eq(conf_joined("", 0, ""), "");
}
END_TEST

START_TEST(reads_every_spelling_of_yes_and_no)
{
	static const char *const yes[] = { "yes", "true", "1", "on", "YES", "True" };
	static const char *const no[] = { "no", "false", "0", "off", "NO", "Off" };

	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_OPEN", yes[i], fault), 0);
		ck_assert_int_eq(c.open, 1);
		ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_OPEN", no[i], fault), 0);
		ck_assert_int_eq(c.open, 0);
	}
}
END_TEST

START_TEST(shows_what_the_file_would_hold)
{
	char small[4];

	ck_assert_int_eq(load("T_PATH=\"a b\\\\\"\nT_TOKEN=s3cret\nT_RADIUS_KM=0.75\nT_OPEN=0\n"
	    "T_ROUNDING=exact\n"), 0);
	ck_assert_str_eq(show(0), "\"a b\\\\\"");
	ck_assert_str_eq(show(1), "(secret)");
	ck_assert_str_eq(show(2), "4");
	ck_assert_str_eq(show(3), "99.00");
	ck_assert_str_eq(show(4), "0.75");
	ck_assert_str_eq(show(5), "no");
	ck_assert_str_eq(show(6), "exact");
	ck_assert_str_eq(show(7), "-3");
	conf_show(&keys[0], &c, small, sizeof small);
	ck_assert_uint_lt(strlen(small), sizeof small);
	ck_assert_int_eq(load("T_RADIUS_KM=10\nT_PATH=x"), 0);
	ck_assert_str_eq(show(0), "x");
	ck_assert_str_eq(show(1), "");
	ck_assert_str_eq(show(4), "10");
}
END_TEST

START_TEST(what_is_shown_reads_back)
{
	static const char *const values[] = { "a b", "\"", "\\", "a\\", "'x'", "#a", "$HOME`",
		"a#b", "борщ", " x ", "a=b" };
	char line[128];

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		ck_assert_int_eq(conf_set(keys, KEYS, &c, "T_PATH", values[i], fault), 0);
		snprintf(line, sizeof line, "T_PATH=%s\n", show(0));
		ck_assert_msg(load(line) == 0, "%s %s", line, fault);
		ck_assert_str_eq(c.path, values[i]);
	}
}
END_TEST

int
main(void)
{
	return SUITE("conf", defaults_stand_without_a_file,
	    reads_a_file_as_systemd_would, the_environment_wins,
	    a_fault_names_line_key_and_what_is_allowed, refuses_files_that_are_none,
	    takes_single_values_by_hand, joins_texts_for_good, reads_every_spelling_of_yes_and_no,
	    shows_what_the_file_would_hold, what_is_shown_reads_back);
}
