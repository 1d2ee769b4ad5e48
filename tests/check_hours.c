/* check_hours.c - open or closed: midnight, both days of DST, exceptions (G29, C18) */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/db.h"
#include "lib/shop/hours.h"
#include "tests/suite.h"

static struct arena *arena;

static void
begin(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void
end(void)
{
	arena_free(arena);
}

/* Moments are written with their offset, so that no zone code checks itself. */
static int64_t
at(const char *text)
{
	int64_t t = text == NULL ? DB_NULL : clock_parse_rfc3339(text);

	ck_assert_msg(t != -1, "%s", text);
	return t;
}

#define DAILY(spans) "{\"mon\":" spans ",\"tue\":" spans ",\"wed\":" spans ",\"thu\":" spans \
	",\"fri\":" spans ",\"sat\":" spans ",\"sun\":" spans "}"
#define DAY DAILY("[[\"10:00\",\"22:00\"]]")
#define NIGHT DAILY("[[\"18:00\",\"02:00\"]]")
#define ALWAYS DAILY("[[\"00:00\",\"24:00\"]]")
/* a Sunday bar, with New Year's Eve early and New Year closed (2026-12-31 is a Thursday) */
#define YEAR_END "{\"thu\":[[\"18:00\",\"02:00\"]],\"fri\":[[\"10:00\",\"22:00\"]]," \
	"\"sat\":[[\"10:00\",\"22:00\"]],\"exceptions\":{" \
	"\"2026-12-31\":[[\"10:00\",\"18:00\"]],\"2027-01-01\":[]}}"

/* a bakery on weekdays, with two weeks of holidays */
#define HOLIDAYS "{\"mon\":[[\"10:00\",\"20:00\"]],\"fri\":[[\"10:00\",\"20:00\"]]," \
	"\"exceptions\":{\"2026-08-03\":[],\"2026-08-07\":[],\"2026-08-10\":[],\"2026-08-14\":[]}}"

struct moment {
	const char *hours, *now;
	int is_open;
	const char *opens, *closes;
};

static void
expect(const struct moment *m, const char *zone)
{
	struct hours_now got;

	ck_assert_int_eq(hours_at(arena, m->hours, zone, at(m->now), &got), 0);
	ck_assert_msg(got.is_open == m->is_open && got.opens_at == at(m->opens) &&
	    got.closes_at == at(m->closes), "%s in %s: open %d, opens %lld, closes %lld",
	    m->now, m->hours, got.is_open, (long long)got.opens_at, (long long)got.closes_at);
	arena_reset(arena);
}

#define EXPECT(zone, ...) \
	do { \
		static const struct moment list_[] = { __VA_ARGS__ }; \
		begin(); \
		for (size_t i_ = 0; i_ < sizeof list_ / sizeof *list_; i_++) \
			expect(&list_[i_], zone); \
		end(); \
	} while (0)

START_TEST(a_day_has_its_hours)
{
	EXPECT("Europe/Kyiv",
	    { DAY, "2026-05-22T09:59:59+03:00", 0, "2026-05-22T10:00:00+03:00", NULL },
	    { DAY, "2026-05-22T10:00:00+03:00", 1, NULL, "2026-05-22T22:00:00+03:00" },
	    { DAY, "2026-05-22T21:59:59+03:00", 1, NULL, "2026-05-22T22:00:00+03:00" },
	    { DAY, "2026-05-22T22:00:00+03:00", 0, "2026-05-23T10:00:00+03:00", NULL },
	    { DAILY("[[\"08:00\",\"12:00\"],[\"13:00\",\"20:00\"]]"),
		"2026-05-22T12:30:00+03:00", 0, "2026-05-22T13:00:00+03:00", NULL },
	    { "{\"wed\":[[\"10:00\",\"11:00\"]]}", "2026-05-22T12:00:00+03:00",	/* a Friday */
		0, "2026-05-27T10:00:00+03:00", NULL });
}
END_TEST

START_TEST(an_interval_runs_past_midnight)
{
	EXPECT("Europe/Kyiv",
	    { NIGHT, "2026-05-22T18:00:00+03:00", 1, NULL, "2026-05-23T02:00:00+03:00" },
	    { NIGHT, "2026-05-23T00:30:00+03:00", 1, NULL, "2026-05-23T02:00:00+03:00" },
	    { NIGHT, "2026-05-23T02:00:00+03:00", 0, "2026-05-23T18:00:00+03:00", NULL },
	    /* only Sunday's evening: Monday at one belongs to it */
	    { "{\"sun\":[[\"18:00\",\"02:00\"]]}", "2026-05-25T01:00:00+03:00",
		1, NULL, "2026-05-25T02:00:00+03:00" },
	    { "{\"sun\":[[\"18:00\",\"02:00\"]]}", "2026-05-26T01:00:00+03:00",
		0, "2026-05-31T18:00:00+03:00", NULL },
	    { "{\"sun\":[[\"18:00\",\"00:00\"]]}", "2026-05-24T23:59:59+03:00",
		1, NULL, "2026-05-25T00:00:00+03:00" },
	    /* the end is not after the start: once around */
	    { "{\"sun\":[[\"10:00\",\"10:00\"]]}", "2026-05-25T09:00:00+03:00",
		1, NULL, "2026-05-25T10:00:00+03:00" });
}
END_TEST

START_TEST(twenty_four_ends_a_day_and_joins_the_next)
{
	EXPECT("Europe/Kyiv",
	    { "{\"fri\":[[\"18:00\",\"24:00\"]]}", "2026-05-22T23:59:59+03:00",
		1, NULL, "2026-05-23T00:00:00+03:00" },
	    { "{\"fri\":[[\"18:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"03:00\"]]}",
		"2026-05-22T20:00:00+03:00", 1, NULL, "2026-05-23T03:00:00+03:00" },
	    /* overlapping intervals are one run */
	    { "{\"fri\":[[\"16:00\",\"20:00\"],[\"10:00\",\"17:00\"]]}",
		"2026-05-22T12:00:00+03:00", 1, NULL, "2026-05-22T20:00:00+03:00" },
	    { "{\"fri\":[[\"00:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"24:00\"]]}",
		"2026-05-22T12:00:00+03:00", 1, NULL, "2026-05-24T00:00:00+03:00" });
}
END_TEST

/* C18 */
START_TEST(without_an_end_there_is_no_closing_time)
{
	EXPECT("Europe/Kyiv",
	    { NULL, "2026-05-22T12:00:00+03:00", 1, NULL, NULL },
	    { ALWAYS, "2026-05-22T12:00:00+03:00", 1, NULL, NULL },
	    { DAILY("[[\"10:00\",\"10:00\"]]"), "2026-05-22T12:00:00+03:00", 1, NULL, NULL },
	    { "{}", "2026-05-22T12:00:00+03:00", 0, NULL, NULL },
	    { DAILY("[]"), "2026-05-22T12:00:00+03:00", 0, NULL, NULL });
}
END_TEST

START_TEST(exceptions_replace_what_begins_on_their_date)
{
	EXPECT("Europe/Kyiv",
	    { YEAR_END, "2026-12-31T17:00:00+02:00", 1, NULL, "2026-12-31T18:00:00+02:00" },
	    { YEAR_END, "2026-12-31T19:00:00+02:00", 0, "2027-01-02T10:00:00+02:00", NULL },
	    { YEAR_END, "2027-01-01T12:00:00+02:00", 0, "2027-01-02T10:00:00+02:00", NULL },
	    /* a week later all is as ever, and Thursday runs into Friday */
	    { YEAR_END, "2027-01-08T01:00:00+02:00", 1, NULL, "2027-01-08T02:00:00+02:00" },
	    /* closed today, but yesterday's night is not over */
	    { "{\"thu\":[[\"18:00\",\"02:00\"]],\"exceptions\":{\"2027-01-08\":[]}}",
		"2027-01-08T01:00:00+02:00", 1, NULL, "2027-01-08T02:00:00+02:00" });
}
END_TEST

/* 2026-03-29 03:00 is 04:00 */
START_TEST(spring_loses_an_hour)
{
	EXPECT("Europe/Kyiv",
	    { NIGHT, "2026-03-28T23:00:00+02:00", 1, NULL, "2026-03-29T02:00:00+02:00" },
	    { DAY, "2026-03-29T02:59:59+02:00", 0, "2026-03-29T10:00:00+03:00", NULL },
	    { DAY, "2026-03-29T12:00:00+03:00", 1, NULL, "2026-03-29T22:00:00+03:00" },
	    { "{\"sat\":[[\"22:00\",\"05:00\"]]}", "2026-03-29T04:30:00+03:00",
		1, NULL, "2026-03-29T05:00:00+03:00" },
	    /* an end in the hour that is not there */
	    { "{\"sun\":[[\"00:00\",\"03:30\"]]}", "2026-03-29T04:00:00+03:00",
		1, NULL, "2026-03-29T04:30:00+03:00" },
	    /* a start in it, after its end: nothing that day */
	    { "{\"sun\":[[\"03:30\",\"04:15\"]]}", "2026-03-29T04:20:00+03:00",
		0, "2026-04-05T03:30:00+03:00", NULL },
	    /* all of it in the hour that is not there */
	    { "{\"sun\":[[\"03:00\",\"04:00\"]]}", "2026-03-29T02:30:00+02:00",
		0, "2026-04-05T03:00:00+03:00", NULL },
	    { "{\"sat\":[[\"22:00\",\"03:30\"]]}", "2026-03-29T02:59:59+02:00",
		1, NULL, "2026-03-29T04:30:00+03:00" },
	    { "{\"sun\":[[\"03:30\",\"12:00\"]]}", "2026-03-29T02:59:59+02:00",
		0, "2026-03-29T04:30:00+03:00", NULL },
	    /* an exception of that very day, and what began before it */
	    { "{\"sat\":[[\"22:00\",\"05:00\"]],\"sun\":[[\"06:00\",\"22:00\"]],"
		"\"exceptions\":{\"2026-03-29\":[[\"05:00\",\"09:00\"]]}}",
		"2026-03-29T02:00:00+02:00", 1, NULL, "2026-03-29T09:00:00+03:00" },
	    { ALWAYS, "2026-03-29T02:59:59+02:00", 1, NULL, NULL });
}
END_TEST

/* 2026-10-25 04:00 is 03:00 again */
START_TEST(autumn_has_an_hour_twice)
{
	EXPECT("Europe/Kyiv",
	    { "{\"sat\":[[\"22:00\",\"05:00\"]]}", "2026-10-25T03:30:00+03:00",
		1, NULL, "2026-10-25T05:00:00+02:00" },
	    { "{\"sat\":[[\"22:00\",\"05:00\"]]}", "2026-10-25T03:30:00+02:00",
		1, NULL, "2026-10-25T05:00:00+02:00" },
	    { DAY, "2026-10-25T09:59:59+02:00", 0, "2026-10-25T10:00:00+02:00", NULL },
	    { DAY, "2026-10-24T22:00:00+03:00", 0, "2026-10-25T10:00:00+02:00", NULL },
	    /* the first of the two is meant */
	    { "{\"sun\":[[\"00:00\",\"03:30\"]]}", "2026-10-25T03:15:00+03:00",
		1, NULL, "2026-10-25T03:30:00+03:00" },
	    { "{\"sun\":[[\"00:00\",\"03:30\"]]}", "2026-10-25T03:15:00+02:00",
		0, "2026-11-01T00:00:00+02:00", NULL },
	    /* two hours long that night */
	    { "{\"sun\":[[\"03:00\",\"04:00\"]]}", "2026-10-25T03:00:00+03:00",
		1, NULL, "2026-10-25T04:00:00+02:00" },
	    { "{\"sun\":[[\"03:00\",\"04:00\"]]}", "2026-10-25T03:59:59+02:00",
		1, NULL, "2026-10-25T04:00:00+02:00" },
	    { "{\"sun\":[[\"03:30\",\"12:00\"]]}", "2026-10-25T03:29:59+03:00",
		0, "2026-10-25T03:30:00+03:00", NULL },
	    { "{\"sat\":[[\"22:00\",\"05:00\"]],\"exceptions\":{\"2026-10-25\":[]}}",
		"2026-10-25T03:30:00+02:00", 1, NULL, "2026-10-25T05:00:00+02:00" },
	    { ALWAYS, "2026-10-25T03:30:00+02:00", 1, NULL, NULL });
}
END_TEST

START_TEST(holidays_are_seen_beyond_a_week)
{
	EXPECT("Europe/Kyiv",
	    { HOLIDAYS, "2026-08-01T12:00:00+03:00", 0, "2026-08-17T10:00:00+03:00", NULL },
	    { HOLIDAYS, "2026-07-31T22:00:00+03:00", 0, "2026-08-17T10:00:00+03:00", NULL },
	    /* nothing but one day, long ahead; the day of DST lies between */
	    { "{\"exceptions\":{\"2027-04-01\":[[\"12:00\",\"13:00\"]]}}",
		"2026-05-22T12:00:00+03:00", 0, "2027-04-01T12:00:00+03:00", NULL },
	    { "{\"exceptions\":{\"2027-04-01\":[[\"12:00\",\"13:00\"]]}}",
		"2027-04-01T13:00:00+03:00", 0, NULL, NULL },
	    { "{\"exceptions\":{\"2029-01-01\":[[\"12:00\",\"13:00\"]]}}",
		"2026-05-22T12:00:00+03:00", 0, NULL, NULL },
	    /* an exception ends what else would have no end */
	    { "{\"fri\":[[\"00:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"24:00\"]],"
		"\"exceptions\":{\"2026-05-23\":[[\"00:00\",\"01:00\"]]}}",
		"2026-05-22T12:00:00+03:00", 1, NULL, "2026-05-23T01:00:00+03:00" });
}
END_TEST

START_TEST(times_are_the_branchs_own)
{
	EXPECT("America/New_York",
	    { DAY, "2026-05-22T10:00:00-04:00", 1, NULL, "2026-05-22T22:00:00-04:00" },
	    { DAY, "2026-05-22T10:00:00+03:00", 0, "2026-05-22T10:00:00-04:00", NULL });
	EXPECT("UTC",
	    { DAY, "2026-05-22T21:00:00Z", 1, NULL, "2026-05-22T22:00:00Z" });
	/* a date line, a quarter of an hour, half an hour of DST, midnight skipped */
	EXPECT("Pacific/Kiritimati",
	    { DAY, "2026-05-22T22:00:00Z", 1, NULL, "2026-05-23T22:00:00+14:00" });
	EXPECT("Asia/Kathmandu",
	    { DAY, "2026-05-22T10:00:00+05:45", 1, NULL, "2026-05-22T22:00:00+05:45" });
	EXPECT("Australia/Lord_Howe",
	    { NIGHT, "2026-04-05T01:45:00+11:00", 1, NULL, "2026-04-05T02:00:00+10:30" });
	EXPECT("Africa/Cairo",
	    { NIGHT, "2026-04-23T23:59:59+02:00", 1, NULL, "2026-04-24T02:00:00+03:00" },
	    { ALWAYS, "2026-04-23T23:59:59+02:00", 1, NULL, NULL });
}
END_TEST

/* ---- whatever the hours are: what is told for later is what comes */

static uint64_t state = 20260522;

static unsigned
chance(unsigned below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % below;
}

static void
add_spans(char *out, size_t size)
{
	size_t n = 0;

	n += (size_t)snprintf(out, size, "[");
	for (unsigned count = chance(3); count > 0; count--)
		n += (size_t)snprintf(out + n, size - n, "%s[\"%02u:%02u\",\"%02u:%02u\"]",
		    n > 1 ? "," : "", chance(24), chance(4) * 15, chance(24), chance(4) * 15);
	snprintf(out + n, size - n, "]");
}

/* Some weekdays, and exceptions around both days of DST. */
static const char *
any_hours(void)
{
	static const char *const days[] = { "mon", "wed", "sat", "sun" };
	static const char *const dates[] = { "2026-03-28", "2026-03-29", "2026-10-24",
		"2026-10-25" };
	static char text[2048];
	char spans[256];
	size_t n = (size_t)snprintf(text, sizeof text, "{");

	for (size_t i = 0; i < 4; i++) {
		add_spans(spans, sizeof spans);
		n += (size_t)snprintf(text + n, sizeof text - n, "\"%s\":%s,", days[i], spans);
	}
	n += (size_t)snprintf(text + n, sizeof text - n, "\"exceptions\":{");
	for (size_t i = 0; i < 4; i++) {
		add_spans(spans, sizeof spans);
		if (chance(3) == 0)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\":%s",
			    text[n - 1] == '{' ? "" : ",", dates[i], spans);
	}
	snprintf(text + n, sizeof text - n, "}}");
	return text;
}

static struct hours_now
look(const char *hours, int64_t when)
{
	struct hours_now got;

	ck_assert_int_eq(hours_at(arena, hours, "Europe/Kyiv", when, &got), 0);
	arena_reset(arena);
	return got;
}

/* From one change to the next, for two days: no minute between is otherwise. */
static void
follow(const char *hours, int64_t from)
{
	int64_t end = from + 2 * 86400, next;
	struct hours_now now;

	for (int64_t t = from; t < end; t = next) {
		now = look(hours, t);
		next = now.is_open ? now.closes_at : now.opens_at;
		if (next == DB_NULL)
			return;
		ck_assert_msg(next > t && look(hours, next).is_open != now.is_open, "%lld of %s",
		    (long long)t, hours);
		for (int64_t m = t; m < next && m < end; m += 15 * 60)
			ck_assert_msg(look(hours, m).is_open == now.is_open, "%lld of %s",
			    (long long)m, hours);
		ck_assert_int_eq(look(hours, next - 1).is_open, now.is_open);
	}
}

START_TEST(what_is_told_for_later_is_what_comes)
{
	begin();
	for (int i = 0; i < 150; i++) {
		const char *hours = any_hours();

		follow(hours, at("2026-03-28T12:00:00+02:00"));
		follow(hours, at("2026-10-24T12:00:00+03:00"));
	}
	end();
}
END_TEST

static const struct { const char *json, *fault; } wrong[] = {
	{ "", "byte" }, { "[]", "hours are an object" }, { "{\"mon\":[}", "byte" },
	{ "{\"monday\":[]}", "monday: days are mon to sun" },
	{ "{\"mon\":null}", "mon: a day is a list" },
	{ "{\"mon\":{\"from\":\"10:00\"}}", "mon: a day is a list" },
	{ "{\"tue\":[\"10:00\",\"22:00\"]}", "tue: an interval is" },
	{ "{\"tue\":[[\"10:00\"]]}", "tue: an interval is" },
	{ "{\"tue\":[[\"10:00\",\"12:00\",\"14:00\"]]}", "tue: an interval is" },
	{ "{\"tue\":[[10,22]]}", "tue: a time is" },
	{ "{\"tue\":[[\"9:00\",\"22:00\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"09.00\",\"22:00\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"09:60\",\"22:00\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"09:00\",\"24:01\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"09:00\",\"25:00\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"-9:00\",\"22:00\"]]}", "tue: a time is" },
	{ "{\"tue\":[[\"24:00\",\"02:00\"]]}", "tue: no interval begins" },
	{ "{\"tue\":[[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"],"
	    "[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"],"
	    "[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"],[\"01:00\",\"02:00\"]]}",
	    "tue: a day has at most 8" },
	{ "{\"exceptions\":[]}", "exceptions: days by date" },
	{ "{\"exceptions\":{\"2026-02-30\":[]}}", "exceptions 2026-02-30: a date is" },
	{ "{\"exceptions\":{\"1.1.2027\":[]}}", "exceptions 1.1.2027: a date is" },
	{ "{\"exceptions\":{\"2026-12-31Z\":[]}}", "exceptions 2026-12-31Z: a date is" },
	{ "{\"exceptions\":{\"2026-12-31\":[[\"10:00\",\"1800\"]]}}",
	    "exceptions 2026-12-31: a time is" },
};

START_TEST(check_names_the_day_and_the_rule)
{
	char fault[160];

	begin();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		fault[0] = '\0';
		ck_assert_msg(hours_check(arena, wrong[i].json, fault) == -1, "%s", wrong[i].json);
		ck_assert_msg(strncmp(fault, wrong[i].fault, strlen(wrong[i].fault)) == 0,
		    "%s: %s", wrong[i].json, fault);
	}
	ck_assert_int_eq(hours_check(arena, NULL, fault), 0);
	ck_assert_int_eq(hours_check(arena, YEAR_END, fault), 0);
	ck_assert_int_eq(hours_check(arena, "{}", fault), 0);
	end();
}
END_TEST

START_TEST(wrong_hours_are_closed_hours)
{
	struct hours_now got;

	begin();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		got.is_open = 1;
		ck_assert_int_eq(hours_at(arena, wrong[i].json, "Europe/Kyiv", 1779440400, &got), -1);
		ck_assert(!got.is_open && got.opens_at == DB_NULL && got.closes_at == DB_NULL);
	}
	ck_assert_int_eq(hours_at(arena, DAY, "Europe/Atlantis", 1779440400, &got), -1);
	ck_assert(!got.is_open);
	end();
}
END_TEST

START_TEST(refuses_hours_without_end_and_without_memory)
{
	char text[40 * 1024], fault[160];
	struct arena *small = arena_new(16);
	struct hours_now got;

	begin();
	memset(text, ' ', sizeof text);
	memcpy(text, "{}", 2);
	text[sizeof text - 1] = '\0';
	ck_assert_int_eq(hours_check(arena, text, fault), -1);
	ck_assert_int_eq(hours_at(small, DAY, "Europe/Kyiv", 1779440400, &got), -1);
	ck_assert(!got.is_open);
	arena_free(small);
	end();
}
END_TEST

START_TEST(the_next_opening_comes_after_a_closing)
{
	static const struct { const char *hours, *now, *opens; } cases[] = {
		{ DAY, "2026-05-22T12:00:00+03:00", "2026-05-23T10:00:00+03:00" },
		{ DAY, "2026-05-22T09:00:00+03:00", "2026-05-22T10:00:00+03:00" },
		{ NIGHT, "2026-05-22T01:00:00+03:00", "2026-05-22T18:00:00+03:00" },
		{ DAY, "2026-10-24T12:00:00+03:00", "2026-10-25T10:00:00+02:00" },
		{ ALWAYS, "2026-05-22T12:00:00+03:00", "2026-05-23T00:00:00+03:00" },
		{ NULL, "2026-05-22T12:00:00+03:00", "2026-05-23T00:00:00+03:00" },
		{ "{}", "2026-05-22T12:00:00+03:00", NULL },
	};
	int64_t got;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(hours_next_opening(arena, cases[i].hours, "Europe/Kyiv",
		    at(cases[i].now), &got), 0);
		ck_assert_msg(got == at(cases[i].opens), "case %zu: %lld", i, (long long)got);
	}
	ck_assert_int_eq(hours_next_opening(arena, "[", "Europe/Kyiv", 0, &got), -1);
	ck_assert_int_eq(hours_next_opening(arena, NULL, "Mars/Base", 0, &got), -1);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("hours", a_day_has_its_hours, an_interval_runs_past_midnight,
	    twenty_four_ends_a_day_and_joins_the_next, without_an_end_there_is_no_closing_time,
	    exceptions_replace_what_begins_on_their_date, spring_loses_an_hour,
	    autumn_has_an_hour_twice, holidays_are_seen_beyond_a_week, times_are_the_branchs_own,
	    what_is_told_for_later_is_what_comes, check_names_the_day_and_the_rule,
	    wrong_hours_are_closed_hours, refuses_hours_without_end_and_without_memory,
	    the_next_opening_comes_after_a_closing);
}
