/* check_clock.c - time in texts, in zones, and standing still */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/suite.h"

START_TEST(stands_still_when_set)
{
	clock_set(1000);
	ck_assert_int_eq(clock_now(), 1000);
	ck_assert_int_eq(clock_ms(), 1000000);
	clock_advance(60);
	ck_assert_int_eq(clock_now(), 1060);
	clock_set(0);
	ck_assert_int_gt(clock_now(), 1700000000);
	ck_assert_int_ge(clock_mono_ms(), 0);
	ck_assert_int_le(clock_mono_ms(), clock_mono_ms());
}
END_TEST

/* G82: time is exact. */
START_TEST(writes_rfc3339)
{
	static const struct { int64_t at; const char *text; } cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 951868800, "2000-03-01T00:00:00Z" },
		{ 1779444000, "2026-05-22T10:00:00Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z" },
		{ -5, "1970-01-01T00:00:00Z" },
	};
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		clock_rfc3339(cases[i].at, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(agrees_with_the_c_library_on_every_day)
{
	char text[CLOCK_TEXT], want[CLOCK_TEXT];
	struct tm tm;

	for (time_t t = 3661; t < 8000000000; t += 86400 - 7) {
		clock_rfc3339(t, text);
		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		ck_assert_str_eq(text, want);
		ck_assert_int_eq(clock_parse_rfc3339(text), t);
	}
}
END_TEST

START_TEST(reads_rfc3339_with_offsets)
{
	static const struct { const char *text; int64_t at; } cases[] = {
		{ "2026-05-22T10:00:00Z", 1779444000 },
		{ "2026-05-22T13:00:00+03:00", 1779444000 },
		{ "2026-05-22t05:30:00.123456-04:30", 1779444000 },
		{ "2026-05-22T10:00:00.9z", 1779444000 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "2023-02-29T00:00:00Z", -1 }, { "1900-02-29T00:00:00Z", -1 },
		{ "2026-13-01T00:00:00Z", -1 }, { "2026-00-01T00:00:00Z", -1 },
		{ "2026-04-31T00:00:00Z", -1 }, { "2026-04-00T00:00:00Z", -1 },
		{ "2026-05-22T24:00:00Z", -1 }, { "2026-05-22T10:60:00Z", -1 },
		{ "2026-05-22T10:00:61Z", -1 }, { "2026-05-22 10:00:00Z", -1 },
		{ "2026-05-22T10:00:00", -1 }, { "2026-05-22T10:00Z", -1 },
		{ "2026-05-22T10:00:00+0300", -1 }, { "2026-05-22T10:00:00+24:00", -1 },
		{ "2026-05-22T10:00:00.Z", -1 }, { "2026-05-22T10:00:00Z ", -1 },
		{ "26-05-22T10:00:00Z", -1 }, { "", -1 }, { "2026", -1 },
		{ "1970-01-01T00:00:00+01:00", -1 }, { "1969-12-31T23:59:59Z", -1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(clock_parse_rfc3339(cases[i].text) == cases[i].at,
		    "%s", cases[i].text);
	ck_assert_int_eq(clock_parse_rfc3339(NULL), -1);
}
END_TEST

START_TEST(reads_the_three_http_dates)
{
	static const struct { const char *text; int64_t at; } cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Wed Nov 16 08:49:37 1994", 784975777 },
		{ "Friday, 22-May-26 10:00:00 GMT", 1779444000 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
		{ "Xxx, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nox 1994 08:49:37 GMT", -1 },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun Nov  6 08:49:37 1994 ", -1 },
		{ "120", -1 }, { "", -1 },
	};

	clock_set(1779444000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(clock_parse_http(cases[i].text) == cases[i].at,
		    "%s", cases[i].text);
	ck_assert_int_eq(clock_parse_http(NULL), -1);
	clock_set(0);
}
END_TEST

static void
wall_is(const char *zone, const char *utc, const char *want)
{
	char text[CLOCK_TEXT];
	struct tm tm;

	ck_assert_int_eq(clock_local(zone, clock_parse_rfc3339(utc), &tm), 0);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	ck_assert_str_eq(text, want);
}

START_TEST(knows_the_wall_clock_of_a_town)
{
	wall_is("Europe/Kyiv", "2026-01-15T10:00:00Z", "2026-01-15T12:00:00");
	wall_is("Europe/Kyiv", "2026-07-15T10:00:00Z", "2026-07-15T13:00:00");
	wall_is("UTC", "2026-07-15T10:00:00Z", "2026-07-15T10:00:00");
	wall_is("America/New_York", "2026-07-15T10:00:00Z", "2026-07-15T06:00:00");
	wall_is("Europe/Kyiv", "2026-12-31T23:00:00Z", "2027-01-01T01:00:00");
}
END_TEST

/* Kyiv, 2026-03-29: 03:00 becomes 04:00. 2026-10-25: 04:00 becomes 03:00. */
START_TEST(knows_both_days_of_daylight_saving)
{
	wall_is("Europe/Kyiv", "2026-03-29T00:59:59Z", "2026-03-29T02:59:59");
	wall_is("Europe/Kyiv", "2026-03-29T01:00:00Z", "2026-03-29T04:00:00");
	wall_is("Europe/Kyiv", "2026-10-25T00:59:59Z", "2026-10-25T03:59:59");
	wall_is("Europe/Kyiv", "2026-10-25T01:00:00Z", "2026-10-25T03:00:00");
}
END_TEST

START_TEST(turns_wall_time_into_utc)
{
	static const struct {
		const char *zone, *wall, *utc;
	} cases[] = {
		{ "Europe/Kyiv", "2026-01-15T12:00:00Z", "2026-01-15T10:00:00Z" },
		{ "Europe/Kyiv", "2026-07-15T13:00:00Z", "2026-07-15T10:00:00Z" },
		{ "Europe/Kyiv", "2026-03-29T02:59:59Z", "2026-03-29T00:59:59Z" },
		{ "Europe/Kyiv", "2026-03-29T03:30:00Z", "2026-03-29T01:30:00Z" },
		{ "Europe/Kyiv", "2026-03-29T04:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Kyiv", "2026-03-29T23:00:00Z", "2026-03-29T20:00:00Z" },
		{ "Europe/Kyiv", "2026-10-25T02:59:59Z", "2026-10-24T23:59:59Z" },
		{ "Europe/Kyiv", "2026-10-25T03:30:00Z", "2026-10-25T00:30:00Z" },
		{ "Europe/Kyiv", "2026-10-25T04:00:00Z", "2026-10-25T02:00:00Z" },
		{ "Europe/Kyiv", "2026-10-25T12:00:00Z", "2026-10-25T10:00:00Z" },
		{ "America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z" },
		{ "America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z" },
		{ "UTC", "2026-07-15T13:00:00Z", "2026-07-15T13:00:00Z" },
	};
	char text[CLOCK_TEXT];
	struct tm tm;
	time_t wall;
	int64_t got;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		wall = clock_parse_rfc3339(cases[i].wall);
		gmtime_r(&wall, &tm);
		tm.tm_isdst = (int)(i % 3) - 1;
		ck_assert_int_eq(clock_from_local(cases[i].zone, &tm, &got), 0);
		clock_rfc3339(got, text);
		ck_assert_msg(strcmp(text, cases[i].utc) == 0, "%s: %s",
		    cases[i].wall, text);
	}
}
END_TEST

START_TEST(every_hour_of_a_year_comes_back)
{
	struct tm tm;
	int64_t back;
	int twice = 0;

	for (int64_t t = 1767225600; t < 1767225600 + 366 * 86400; t += 1800) {
		ck_assert_int_eq(clock_local("Europe/Kyiv", t, &tm), 0);
		ck_assert_int_eq(clock_from_local("Europe/Kyiv", &tm, &back), 0);
		ck_assert(back == t || back == t - 3600);
		twice += back != t;
	}
	ck_assert_int_eq(twice, 2);	/* the second 03:00 and 03:30 of October */
}
END_TEST

START_TEST(refuses_zones_that_do_not_exist)
{
	static const char *const cases[] = {
		"", "Europe/Kyiw", "Europe", "/etc/passwd", "../../../etc/passwd",
		"Europe/Kyiv ", "EET-2EEST,M3.5.0/3", ":Europe/Kyiv", "tzdata.zi",
		"leapseconds", "Київ", "Europe//",
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct tm tm = { 0 };
	int64_t t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(clock_local(cases[i], 0, &tm) == -1, "%s", cases[i]);
	ck_assert_int_eq(clock_local(NULL, 0, &tm), -1);
	ck_assert_int_eq(clock_from_local("Mars/Base", &tm, &t), -1);
	wall_is("UTC", "2026-07-15T10:00:00Z", "2026-07-15T10:00:00");
}
END_TEST

int
main(void)
{
	return SUITE("clock", stands_still_when_set, writes_rfc3339,
	    agrees_with_the_c_library_on_every_day, reads_rfc3339_with_offsets,
	    reads_the_three_http_dates, knows_the_wall_clock_of_a_town,
	    knows_both_days_of_daylight_saving, turns_wall_time_into_utc,
	    every_hour_of_a_year_comes_back, refuses_zones_that_do_not_exist);
}
