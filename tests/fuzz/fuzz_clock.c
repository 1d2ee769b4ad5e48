/* fuzz_clock.c - dates from outside: what is read can be written and read again */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(clock)(const uint8_t *data, size_t n)
{
	static const int64_t last = INT64_C(253402300799);
	char text[64], again[CLOCK_TEXT];
	int64_t seconds;

	if (n >= sizeof text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	seconds = clock_parse_rfc3339(text);
	MUST(seconds >= -1 && seconds <= last + 86400);
	if (seconds >= 0 && seconds <= last) {
		clock_rfc3339(seconds, again);
		MUST(clock_parse_rfc3339(again) == seconds);
	}
	seconds = clock_parse_http(text);
	MUST(seconds >= -1 && seconds <= last + 1);
	return 0;
}
