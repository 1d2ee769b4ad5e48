/*
 * hours.c - when a branch is open
 *
 * A day's intervals are made into moments of the branch's own zone, so that a
 * day of 23 or 25 hours needs no case of its own. Intervals that touch or
 * overlap are one run: a shop open around the clock has no closing time. An
 * exception replaces what begins on its date; what began the evening before
 * still runs on into it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/db.h"
#include "lib/base/json.h"
#include "lib/shop/hours.h"

enum {
	FAULT = 160,
	TEXT_MAX = 32 * 1024,	/* years of exceptions */
	SPANS = 8,		/* intervals of one day: more is a mistake */
	OPEN_AHEAD = 8,		/* days: open for a whole week and one has no end */
	CLOSED_AHEAD = 366,	/* days: closed for longer is closed for good */
	DAYS_AT_ONCE = 3,	/* of which spans are held */
	MINUTES = 24 * 60,
	DATE_TEXT = sizeof "2026-12-31"
};

struct span { int64_t from, to; };
struct runs {
	struct span list[DAYS_AT_ONCE * SPANS];
	size_t count;
};

static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

/* "HH:MM" in minutes of the day, 1440 for "24:00"; -1 when it is no such text. */
static int
minutes_of(const char *s)
{
	int n;

	if (s == NULL || strlen(s) != 5 || strspn(s, "0123456789") != 2 || s[2] != ':' ||
	    strspn(s + 3, "0123456789") != 2)
		return -1;
	n = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0';
	return s[3] > '5' || n > MINUTES ? -1 : n;
}

/* NULL, or the rule that an interval breaks. */
static const char *
span_fault(const struct json *span)
{
	const struct json *first = json_first(span);
	int from;

	if (json_type(span) != JSON_ARRAY || json_count(span) != 2)
		return "an interval is [\"from\",\"to\"]";
	from = minutes_of(json_text(first));
	if (from == -1 || minutes_of(json_text(json_next(first))) == -1)
		return "a time is \"HH:MM\", 00:00 to 24:00";
	return from == MINUTES ? "no interval begins at 24:00" : NULL;
}

static const char *
day_fault(const struct json *day)
{
	const char *rule = NULL;

	if (json_type(day) != JSON_ARRAY)
		return "a day is a list of intervals";
	if (json_count(day) > SPANS)
		return "a day has at most 8 intervals";
	for (const struct json *span = json_first(day); span != NULL && rule == NULL;
	    span = json_next(span))
		rule = span_fault(span);
	return rule;
}

/* "2026-12-31", and that day is in the calendar. */
static int
is_date(const char *s)
{
	char moment[CLOCK_TEXT];

	if (strlen(s) != DATE_TEXT - 1 || s[4] != '-' || s[7] != '-')
		return 0;
	snprintf(moment, sizeof moment, "%sT00:00:00Z", s);
	return clock_parse_rfc3339(moment) != -1;
}

static int
is_weekday(const char *s)
{
	for (size_t i = 0; i < sizeof weekdays / sizeof *weekdays; i++)
		if (strcmp(s, weekdays[i]) == 0)
			return 1;
	return 0;
}

static int
exceptions_check(const struct json *exceptions, char *fault)
{
	const char *rule;

	if (json_type(exceptions) != JSON_OBJECT) {
		snprintf(fault, FAULT, "exceptions: days by date, {\"2026-12-31\":[…]}");
		return -1;
	}
	for (const struct json *day = json_first(exceptions); day != NULL; day = json_next(day)) {
		rule = is_date(json_name(day)) ? day_fault(day) : "a date is YYYY-MM-DD";
		if (rule != NULL) {
			snprintf(fault, FAULT, "exceptions %.32s: %s", json_name(day), rule);
			return -1;
		}
	}
	return 0;
}

static int
week_check(const struct json *week, char *fault)
{
	const char *name, *rule;

	if (json_type(week) != JSON_OBJECT) {
		snprintf(fault, FAULT, "hours are an object of weekdays, mon to sun");
		return -1;
	}
	for (const struct json *day = json_first(week); day != NULL; day = json_next(day)) {
		name = json_name(day);
		if (strcmp(name, "exceptions") == 0) {
			if (exceptions_check(day, fault) == -1)
				return -1;
			continue;
		}
		rule = is_weekday(name) ? day_fault(day) : "days are mon to sun, and exceptions";
		if (rule != NULL) {
			snprintf(fault, FAULT, "%.32s: %s", name, rule);
			return -1;
		}
	}
	return 0;
}

/* NULL with a sentence in fault. */
static const struct json *
week_read(struct arena *a, const char *json, char *fault)
{
	struct json_fault wrong = { 0 };
	const struct json *week;
	size_t n = strlen(json);

	if (n > TEXT_MAX) {
		snprintf(fault, FAULT, "hours are at most %d bytes", TEXT_MAX);
		return NULL;
	}
	if ((week = json_parse(a, json, n, &wrong)) == NULL) {
		snprintf(fault, FAULT, "byte %zu: %.100s", wrong.at, wrong.what);
		return NULL;
	}
	return week_check(week, fault) == -1 ? NULL : week;
}

int
hours_check(struct arena *a, const char *json, char *fault)
{
	return json == NULL || week_read(a, json, fault) != NULL ? 0 : -1;
}

/* The intervals that begin on a date; NULL = closed. */
static const struct json *
day_of(const struct json *week, const struct tm *date)
{
	char name[DATE_TEXT + 16];
	const struct json *day;

	snprintf(name, sizeof name, "%04d-%02d-%02d", date->tm_year + 1900,
	    date->tm_mon + 1, date->tm_mday);
	day = json_member(json_member(week, "exceptions"), name);
	return day != NULL ? day : json_member(week, weekdays[date->tm_wday]);
}

/* Unix seconds of a minute of a local date; minutes past the day are the next's. */
static int
moment(const char *zone, const struct tm *date, int minutes, int64_t *out)
{
	struct tm tm = { .tm_year = date->tm_year, .tm_mon = date->tm_mon,
		.tm_mday = date->tm_mday + minutes / MINUTES,
		.tm_hour = minutes % MINUTES / 60, .tm_min = minutes % 60 };

	return clock_from_local(zone, &tm, out);
}

static int
add_span(struct runs *r, const char *zone, const struct tm *date, const struct json *span)
{
	const struct json *first = json_first(span);
	int from = minutes_of(json_text(first)), to = minutes_of(json_text(json_next(first)));
	struct span *s = &r->list[r->count];

	if (moment(zone, date, from, &s->from) == -1 ||
	    moment(zone, date, to > from ? to : to + MINUTES, &s->to) == -1)
		return -1;
	/* The hour that spring skips can turn an interval round: it is empty. */
	r->count += s->to > s->from;
	return 0;
}

/* The date `offset` days after today, with its weekday. */
static struct tm
date_after(const struct tm *today, int offset)
{
	struct tm date = { .tm_year = today->tm_year, .tm_mon = today->tm_mon,
		.tm_mday = today->tm_mday + offset };

	timegm(&date);		/* brings the date and its weekday in order */
	return date;
}

/* What begins on a date. */
static int
add_day(struct runs *r, const struct json *week, const char *zone, const struct tm *date)
{
	const struct json *day = day_of(week, date);

	for (const struct json *span = json_first(day); span != NULL; span = json_next(span))
		if (add_span(r, zone, date, span) == -1)
			return -1;
	return 0;
}

/* The end of the run that `at` lies in; `at` itself when nothing is open then. */
static int64_t
run_end(const struct runs *r, int64_t at)
{
	int64_t before;

	do {
		before = at;
		for (size_t i = 0; i < r->count; i++)
			if (r->list[i].from <= at && at < r->list[i].to)
				at = r->list[i].to;
	} while (at > before);
	return at;
}

static int64_t
next_start(const struct runs *r, int64_t after)
{
	int64_t next = DB_NULL;

	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].from > after && (next == DB_NULL || r->list[i].from < next))
			next = r->list[i].from;
	return next;
}

/* Is any day open at all? */
static int
has_spans(const struct json *days)
{
	for (const struct json *day = json_first(days); day != NULL; day = json_next(day))
		if (json_type(day) == JSON_OBJECT ? has_spans(day) : json_count(day) > 0)
			return 1;
	return 0;
}

/* Day by day until it is clear; each day's spans are judged with those that
 * began the day before, and then forgotten. 0 or -1. */
static int
walk(const struct json *week, const char *zone, int64_t now, struct hours_now *out)
{
	struct runs runs = { .count = 0 };
	int64_t end = now, midnight;
	struct tm today, date;

	if (clock_local(zone, now, &today) == -1)
		return -1;
	date = date_after(&today, -1);
	if (add_day(&runs, week, zone, &date) == -1)
		return -1;
	for (int ahead = 0; ahead <= (out->is_open ? OPEN_AHEAD : CLOSED_AHEAD); ahead++) {
		date = date_after(&today, ahead);
		if (add_day(&runs, week, zone, &date) == -1 ||
		    moment(zone, &date, MINUTES, &midnight) == -1)
			return -1;
		end = run_end(&runs, end);
		out->is_open = end > now;
		if (out->is_open && end < midnight) {
			out->closes_at = end;
			return 0;
		}
		if (!out->is_open && (out->opens_at = next_start(&runs, now)) != DB_NULL)
			return 0;
		runs.count = 0;
	}
	return 0;
}

int
hours_at(struct arena *a, const char *json, const char *zone, int64_t now, struct hours_now *out)
{
	const struct json *week;
	char fault[FAULT];
	struct tm unused;

	*out = (struct hours_now){ .is_open = json == NULL, .opens_at = DB_NULL,
		.closes_at = DB_NULL };
	if (json == NULL)
		return 0;
	if ((week = week_read(a, json, fault)) == NULL)
		return -1;
	return has_spans(week) ? walk(week, zone, now, out) : clock_local(zone, now, &unused);
}

static int
next_midnight(const char *zone, int64_t now, int64_t *at)
{
	struct tm today;

	return clock_local(zone, now, &today) == -1 ? -1 : moment(zone, &today, MINUTES, at);
}

int
hours_next_opening(struct arena *a, const char *json, const char *zone, int64_t now, int64_t *at)
{
	struct hours_now h;

	*at = DB_NULL;
	if (hours_at(a, json, zone, now, &h) == -1)
		return -1;
	if (h.is_open && h.closes_at == DB_NULL)
		return next_midnight(zone, now, at);
	if (!h.is_open) {
		*at = h.opens_at;
		return 0;
	}
	*at = h.closes_at;
	if (hours_at(a, json, zone, h.closes_at, &h) == -1)
		return -1;
	if (!h.is_open)
		*at = h.opens_at;
	return 0;
}
