/*
 * fuzz_hours.c - hours from tills and hands: a moment, a zone, then JSON
 *
 * Whatever is accepted gives moments that agree with themselves: at closes_at
 * it is closed and just before it open, and the other way round at opens_at.
 */
#include <string.h>

#include "lib/base/db.h"
#include "lib/shop/hours.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY = 8 << 20, HEAD = 5, AHEAD_S = 11 * 86400, FAULT = 160 };

static const char *const zones[] = { "Europe/Kyiv", "UTC", "America/New_York",
	"Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu", "America/St_Johns", "Africa/Cairo" };

static int
is_open(struct arena *a, const char *json, const char *zone, int64_t at)
{
	struct hours_now h;

	MUST(hours_at(a, json, zone, at, &h) == 0);
	return h.is_open;
}

static void
agree(struct arena *a, const char *json, const char *zone, int64_t now, const struct hours_now *h)
{
	int64_t turn = h->is_open ? h->closes_at : h->opens_at;

	MUST(h->is_open ? h->opens_at == DB_NULL : h->closes_at == DB_NULL);
	if (turn == DB_NULL)
		return;
	MUST(turn > now && turn <= now + AHEAD_S);
	MUST(is_open(a, json, zone, turn) != h->is_open);
	MUST(is_open(a, json, zone, turn - 1) == h->is_open);
}

FUZZ_TARGET(hours)(const uint8_t *data, size_t n)
{
	struct arena *a;
	struct hours_now h;
	char fault[FAULT] = "", *json;
	const char *zone;
	int64_t now;
	int good;

	if (n < HEAD || (a = arena_new(MEMORY)) == NULL)
		return 0;
	now = (int64_t)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];
	zone = zones[data[4] % (sizeof zones / sizeof *zones)];
	json = arena_dup(a, (const char *)data + HEAD, n - HEAD);
	if (json != NULL && strlen(json) == n - HEAD) {
		good = hours_check(a, json, fault) == 0;
		MUST(good == (hours_at(a, json, zone, now, &h) == 0));
		MUST(good || (*fault != '\0' && !h.is_open));
		if (good)
			agree(a, json, zone, now, &h);
	}
	arena_free(a);
	return 0;
}
