/*
 * clock.h - what time it is, here and in a branch's town
 *
 * Everything that is stored is UTC. Tests set the clock; nobody else calls
 * time() or gettimeofday().
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t clock_now(void);	/* unix seconds */
int64_t clock_ms(void);		/* unix milliseconds */
int64_t clock_mono_ms(void);	/* milliseconds that never jump; not set by tests */
int64_t clock_mono_us(void);	/* the same in microseconds */

void clock_set(int64_t seconds);	/* stands still from here; 0 = real again */
void clock_advance(int64_t seconds);

enum { CLOCK_TEXT = 32 };

/* "2026-05-22T10:00:00Z" into out (CLOCK_TEXT bytes). */
void clock_rfc3339(int64_t seconds, char *out);

/*
 * Unix seconds, or -1 when the text is not RFC 3339 or lies before 1970.
 * Offsets are allowed, fractions are cut, second 60 is the next minute.
 */
int64_t clock_parse_rfc3339(const char *);

/* Seconds from an HTTP date (RFC 9110 5.6.7) or -1. */
int64_t clock_parse_http(const char *);

/*
 * The wall clock of an IANA zone ("Europe/Kyiv"). 0, or -1 for a zone that
 * /usr/share/zoneinfo does not have (UTC always works). Cheap while the zone
 * stays the same from call to call; sets TZ of the process.
 */
int clock_local(const char *zone, int64_t seconds, struct tm *out)
    __attribute__((warn_unused_result));

/* The other way: tm_isdst is ignored, a time skipped by DST moves forward, of
 * one that comes twice the first is meant. */
int clock_from_local(const char *zone, const struct tm *, int64_t *out)
    __attribute__((warn_unused_result));

#endif
