/*
 * clock.c - what time it is, here and in a branch's town
 *
 * Texts are read and written by hand: no locale, no printf on a hot path.
 * Zones come from the system's database; TZ is set only when the zone
 * changes, because tzset() reads a file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"

enum {
	DAY = 86400,
	ZONE_NAME = 64		/* the longest known is 32 bytes */
};

static int64_t standing_ms;	/* 0 = the real clock */

static int64_t
read_ms(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return standing_ms != 0 ? standing_ms : read_ms(CLOCK_REALTIME);
}

int64_t
clock_now(void)
{
	return clock_ms() / 1000;
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
clock_set(int64_t seconds)
{
	standing_ms = seconds * 1000;
}

void
clock_advance(int64_t seconds)
{
	standing_ms = clock_ms() + seconds * 1000;
}

/* Days since 1970-01-01 of a Gregorian date; the year begins in March here. */
static int64_t
days_from_date(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, in_era = y % 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, d = z % 146097;
	int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t in_year = d - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day = (int)(in_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

static char *
put_digits(char *out, int n, int width)
{
	for (int i = width; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + width;
}

void
clock_rfc3339(int64_t seconds, char *out)
{
	static const int64_t last = INT64_C(253402300799);	/* end of 9999 */
	int year, month, day, rest;

	seconds = seconds < 0 ? 0 : seconds > last ? last : seconds;
	date_from_days(seconds / DAY, &year, &month, &day);
	rest = (int)(seconds % DAY);
	out = put_digits(out, year, 4);
	*out++ = '-';
	out = put_digits(out, month, 2);
	*out++ = '-';
	out = put_digits(out, day, 2);
	*out++ = 'T';
	out = put_digits(out, rest / 3600, 2);
	*out++ = ':';
	out = put_digits(out, rest / 60 % 60, 2);
	*out++ = ':';
	out = put_digits(out, rest % 60, 2);
	*out++ = 'Z';
	*out = '\0';
}

/* Exactly `width` digits; -1 when there are fewer. */
static int
take_digits(const char **s, int width)
{
	int n = 0;

	for (int i = 0; i < width; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		n = n * 10 + (**s - '0');
	}
	return n;
}

/* 1 and past it when one of the characters stands next. */
static int
take(const char **s, const char *set)
{
	if (**s == '\0' || strchr(set, **s) == NULL)
		return 0;
	(*s)++;
	return 1;
}

static int
take_word(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return 0;
	*s += n;
	return 1;
}

struct stamp {
	int year, month, day, hour, minute, second;
};

/* hh:mm:ss; a leap second is allowed and counts as the next second. */
static int
take_time(const char **s, struct stamp *t)
{
	if ((t->hour = take_digits(s, 2)) == -1 || !take(s, ":") ||
	    (t->minute = take_digits(s, 2)) == -1 || !take(s, ":") ||
	    (t->second = take_digits(s, 2)) == -1)
		return -1;
	return t->hour <= 23 && t->minute <= 59 && t->second <= 60 ? 0 : -1;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* -1 for a day that is in no calendar, and for anything before 1970. */
static int64_t
stamp_seconds(const struct stamp *t)
{
	if (t->year < 1970 || t->month < 1 || t->month > 12 ||
	    t->day < 1 || t->day > days_of(t->year, t->month))
		return -1;
	return days_from_date(t->year, t->month, t->day) * DAY +
	    t->hour * 3600 + t->minute * 60 + t->second;
}

/* "Z" or "+03:00" in seconds; -1 when it is neither. */
static int
take_offset(const char **s, int64_t *offset)
{
	int hours, minutes, minus = **s == '-';

	*offset = 0;
	if (take(s, "Zz"))
		return 0;
	if (!take(s, "+-") || (hours = take_digits(s, 2)) == -1 || !take(s, ":") ||
	    (minutes = take_digits(s, 2)) == -1 || hours > 23 || minutes > 59)
		return -1;
	*offset = (hours * 60 + minutes) * (minus ? -60 : 60);
	return 0;
}

int64_t
clock_parse_rfc3339(const char *s)
{
	struct stamp t;
	int64_t seconds, offset;

	if (s == NULL ||
	    (t.year = take_digits(&s, 4)) == -1 || !take(&s, "-") ||
	    (t.month = take_digits(&s, 2)) == -1 || !take(&s, "-") ||
	    (t.day = take_digits(&s, 2)) == -1 || !take(&s, "Tt") ||
	    take_time(&s, &t) == -1)
		return -1;
	if (take(&s, ".")) {
		if (take_digits(&s, 1) == -1)
			return -1;
		s += strspn(s, "0123456789");
	}
	if (take_offset(&s, &offset) == -1 || *s != '\0' ||
	    (seconds = stamp_seconds(&t)) == -1 || seconds - offset < 0)
		return -1;
	return seconds - offset;
}

/* "Nov" as 11, or -1. */
static int
take_month(const char **s)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++)
		if (take_word(s, names[i]))
			return i + 1;
	return -1;
}

/* Day names are not compared with the date: RFC 9110 leaves that open. */
static int
take_weekday(const char **s, int full)
{
	static const char *const names[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };
	size_t n;

	for (int i = 0; i < 7; i++) {
		n = full ? strlen(names[i]) : 3;
		if (strncmp(*s, names[i], n) == 0) {
			*s += n;
			return 1;
		}
	}
	return 0;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static int
parse_fixdate(const char *s, struct stamp *t)
{
	return take_weekday(&s, 0) && take_word(&s, ", ") &&
	    (t->day = take_digits(&s, 2)) != -1 && take(&s, " ") &&
	    (t->month = take_month(&s)) != -1 && take(&s, " ") &&
	    (t->year = take_digits(&s, 4)) != -1 && take(&s, " ") &&
	    take_time(&s, t) == 0 && strcmp(s, " GMT") == 0;
}

/* Sunday, 06-Nov-94 08:49:37 GMT: a year over 50 years ahead is a past one */
static int
parse_rfc850(const char *s, struct stamp *t)
{
	int year, month, day, dummy;

	if (!(take_weekday(&s, 1) && take_word(&s, ", ") &&
	    (t->day = take_digits(&s, 2)) != -1 && take(&s, "-") &&
	    (t->month = take_month(&s)) != -1 && take(&s, "-") &&
	    (dummy = take_digits(&s, 2)) != -1 && take(&s, " ") &&
	    take_time(&s, t) == 0 && strcmp(s, " GMT") == 0))
		return 0;
	date_from_days(clock_now() / DAY, &year, &month, &day);
	t->year = year - year % 100 + dummy;
	if (t->year > year + 50)
		t->year -= 100;
	return 1;
}

/* Sun Nov  6 08:49:37 1994 */
static int
parse_asctime(const char *s, struct stamp *t)
{
	if (!take_weekday(&s, 0) || !take(&s, " ") ||
	    (t->month = take_month(&s)) == -1 || !take(&s, " "))
		return 0;
	t->day = take(&s, " ") ? take_digits(&s, 1) : take_digits(&s, 2);
	return t->day != -1 && take(&s, " ") && take_time(&s, t) == 0 &&
	    take(&s, " ") && (t->year = take_digits(&s, 4)) != -1 && *s == '\0';
}

int64_t
clock_parse_http(const char *s)
{
	struct stamp t = { 0 };

	if (s == NULL || !(parse_fixdate(s, &t) || parse_rfc850(s, &t) ||
	    parse_asctime(s, &t)))
		return -1;
	return stamp_seconds(&t);
}

/* Only letters that occur in zone names: no way out of the folder. */
static int
zone_exists(const char *zone)
{
	char path[sizeof "/usr/share/zoneinfo/" + ZONE_NAME], magic[4];
	int fd, n;

	n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
	if (n < 0 || (size_t)n >= sizeof path ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return 0;
	n = read(fd, magic, sizeof magic) == sizeof magic &&
	    memcmp(magic, "TZif", sizeof magic) == 0;
	close(fd);
	return n;
}

static int
zone_valid(const char *zone)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+/-";
	size_t n = strlen(zone);

	return n > 0 && n < ZONE_NAME && zone[0] != '/' &&
	    strspn(zone, letters) == n &&
	    (strcmp(zone, "UTC") == 0 || zone_exists(zone));
}

/* Make it the process's zone. */
static int
enter_zone(const char *zone)
{
	static char current[ZONE_NAME];

	if (zone == NULL)
		return -1;
	if (current[0] != '\0' && strcmp(zone, current) == 0)
		return 0;
	if (!zone_valid(zone) ||
	    setenv("TZ", strcmp(zone, "UTC") == 0 ? "UTC0" : zone, 1) == -1)
		return -1;
	tzset();
	snprintf(current, sizeof current, "%s", zone);
	return 0;
}

int
clock_local(const char *zone, int64_t seconds, struct tm *out)
{
	time_t t = (time_t)seconds;

	return enter_zone(zone) == 0 && localtime_r(&t, out) != NULL ? 0 : -1;
}

/* Seconds east of Greenwich at a moment, in the zone that is entered. */
static int64_t
offset_at(time_t t)
{
	struct tm tm;

	return localtime_r(&t, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

int
clock_from_local(const char *zone, const struct tm *tm, int64_t *out)
{
	struct tm copy = *tm;
	int64_t wall, before, after;

	if (enter_zone(zone) == -1)
		return -1;
	wall = timegm(&copy);
	before = offset_at((time_t)(wall - DAY));
	after = offset_at((time_t)(wall + DAY));
	*out = wall - before;
	/* Before the change, twice there (the first is meant), or skipped:
	 * the old offset is right. Else the change lies behind. */
	if (offset_at((time_t)(wall - before)) != before &&
	    offset_at((time_t)(wall - after)) == after)
		*out = wall - after;
	return 0;
}
