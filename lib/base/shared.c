/*
 * shared.c - token buckets that all processes see
 *
 * A bucket is kept as the moment when it will be full again: a token taken
 * moves that moment on by the time one token needs to come back, and none is
 * left when it would lie further ahead than the whole bucket needs. So one
 * word says all, and a bucket that is full needs no room.
 *
 * The table has lines of eight words (64 bytes, one cache line). A key may
 * stand in its own line only; its word carries 19 more bits of it. The file
 * has a salt, so that nobody outside can look for keys that share a bucket.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/crypt.h"
#include "lib/base/mapping.h"
#include "lib/base/shared.h"

enum {
	WAYS = 8,
	LINE_BITS = 13,		/* 8192 lines: 65,536 buckets in 512 KB */
	TAG_BITS = 19,
	TIME_BITS = 45,		/* eighths of a millisecond until 2109 */
	TICKS = 8		/* in a millisecond: 1,000,000 an hour is 29 */
};

#define LINES ((uint64_t)1 << LINE_BITS)
#define TIME_MAX (((uint64_t)1 << TIME_BITS) - 1)
#define HOUR_TICKS ((int64_t)3600 * 1000 * TICKS)
#define MAGIC UINT64_C(0x3130726168534254)	/* changes with the layout */

struct line {
	_Atomic uint64_t word[WAYS];	/* 0 = never used */
};

struct mapping {
	uint64_t magic, salt, unused[6];	/* a line of the cache */
	struct line lines[LINES];
};

struct shared {
	struct mapping *map;
};

/* ---- SipHash-2-4 (Aumasson, Bernstein 2012) */

#define ROTATE(x, n) ((x) << (n) | (x) >> (64 - (n)))

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = ROTATE(v[1], 13) ^ v[0];
	v[0] = ROTATE(v[0], 32);
	v[2] += v[3];
	v[3] = ROTATE(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = ROTATE(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = ROTATE(v[1], 17) ^ v[2];
	v[2] = ROTATE(v[2], 32);
}

struct sip {
	uint64_t v[4], word;
	unsigned count;
};

static void
sip_add(struct sip *s, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s->word |= (uint64_t)(unsigned char)text[i] << s->count++ % 8 * 8;
		if (s->count % 8 != 0)
			continue;
		s->v[3] ^= s->word;
		sip_round(s->v);
		sip_round(s->v);
		s->v[0] ^= s->word;
		s->word = 0;
	}
}

static uint64_t
sip_end(struct sip *s)
{
	uint64_t last = (uint64_t)s->count << 56 | s->word;

	s->v[3] ^= last;
	sip_round(s->v);
	sip_round(s->v);
	s->v[0] ^= last;
	s->v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(s->v);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

static struct sip
sip_start(uint64_t k0, uint64_t k1)
{
	return (struct sip){ .v = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	} };
}

/* The key is the paper's (bytes 0 to 15), so that its vectors prove it; the
 * secret is the file's salt. The NUL keeps ("ab", "c") from ("a", "bc"). */
uint64_t
shared_key(const char *name, const char *what)
{
	struct sip s = sip_start(UINT64_C(0x0706050403020100),
	    UINT64_C(0x0f0e0d0c0b0a0908));

	sip_add(&s, name, strlen(name) + 1);
	sip_add(&s, what, strlen(what));
	return sip_end(&s);
}

/* ---- the file */

static int
fill(void *map)
{
	struct mapping *m = map;

	crypt_random(&m->salt, sizeof m->salt);
	return 0;
}

struct shared *
shared_open(const char *path)
{
	struct shared *s = malloc(sizeof *s);

	if (s == NULL)
		return NULL;
	if ((s->map = mapping_open(path, MAGIC, sizeof *s->map, fill)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
shared_close(struct shared *s)
{
	if (s == NULL)
		return;
	mapping_close(s->map, sizeof *s->map);
	free(s);
}

/* ---- buckets */

/* Where a key stands, and how much time its tokens are. */
struct place {
	struct line *line;
	uint64_t tag;		/* in the upper bits, as in the word */
	int64_t now, one, all;	/* ticks: one token, the whole bucket */
};

static int64_t
clamp(int64_t n, int64_t least, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

static void
find_line(struct shared *s, uint64_t key, struct place *p)
{
	struct sip sip = sip_start(s->map->salt, s->map->salt);
	uint64_t hash;

	sip_add(&sip, (const char *)&key, sizeof key);
	hash = sip_end(&sip);
	p->line = &s->map->lines[hash & (LINES - 1)];
	p->tag = hash >> (64 - TAG_BITS) << TIME_BITS;
}

/* Rounded up: rather a moment late than one token too many. */
static int64_t
ticks_of_token(int64_t per_hour)
{
	int64_t n = clamp(per_hour, 1, HOUR_TICKS);

	return (HOUR_TICKS + n - 1) / n;
}

static int64_t
time_of(uint64_t word)
{
	return (int64_t)(word & TIME_MAX);
}

/* -1 when the key stands nowhere in its line. */
static int
find_way(const struct place *p, uint64_t *word)
{
	for (int i = 0; i < WAYS; i++) {
		*word = atomic_load(&p->line->word[i]);
		if (*word != 0 && (*word & ~TIME_MAX) == p->tag)
			return i;
	}
	return -1;
}

/* The word nearest to full: unused and full ones come first. */
static int
find_victim(const struct place *p, uint64_t *word)
{
	int best = 0;

	*word = atomic_load(&p->line->word[0]);
	for (int i = 1; i < WAYS && *word != 0; i++) {
		uint64_t other = atomic_load(&p->line->word[i]);

		if (other == 0 || time_of(other) < time_of(*word)) {
			best = i;
			*word = other;
		}
	}
	return best;
}

/*
 * Two processes may have put one key in two places at once. Whoever sees the
 * other's goes back and starts again; if its own was used meanwhile, it stays.
 */
static int
is_twice(const struct place *p, int mine, uint64_t word)
{
	uint64_t other;

	for (int i = 0; i < WAYS; i++) {
		other = atomic_load(&p->line->word[i]);
		if (i != mine && other != 0 && (other & ~TIME_MAX) == p->tag)
			return atomic_compare_exchange_strong(
			    &p->line->word[mine], &word, 0);
	}
	return 0;
}

/*
 * 1 taken, 0 refused, -1 somebody was faster. full: when the bucket is full
 * again, after a token was taken or as it stands.
 */
static int
try_take(const struct place *p, int64_t *full)
{
	uint64_t old, new;
	int way = find_way(p, &old), fresh = way == -1;

	if (fresh)
		way = find_victim(p, &old);
	/* Further ahead than the whole bucket: the clock was set back. */
	*full = fresh ? p->now : clamp(time_of(old), p->now, p->now + p->all);
	if (*full + p->one > p->now + p->all)
		return 0;
	*full += p->one;
	new = p->tag | (uint64_t)*full;
	if (!atomic_compare_exchange_strong(&p->line->word[way], &old, new))
		return -1;
	return fresh && is_twice(p, way, new) ? -1 : 1;
}

int64_t
shared_take(struct shared *s, uint64_t key, int64_t burst, int64_t per_hour,
    int64_t now_ms, int64_t *left)
{
	struct place p = { .one = ticks_of_token(per_hour) };
	int64_t most = (int64_t)(TIME_MAX / 4), full;	/* 35 years */
	int rc;

	find_line(s, key, &p);
	p.now = clamp(now_ms, 1, 3 * most / TICKS) * TICKS;
	p.all = clamp(burst, 1, most / p.one) * p.one;
	while ((rc = try_take(&p, &full)) == -1)
		;
	if (left != NULL)
		*left = (p.now + p.all - full) / p.one;
	return rc == 1 ? 0 : (full + p.one - p.all - p.now + TICKS - 1) / TICKS;
}

void
shared_give(struct shared *s, uint64_t key, int64_t per_hour)
{
	struct place p = { .one = ticks_of_token(per_hour) };
	uint64_t old, new;
	int way;

	find_line(s, key, &p);
	while ((way = find_way(&p, &old)) != -1) {
		new = p.tag | (uint64_t)clamp(time_of(old) - p.one, 1,
		    (int64_t)TIME_MAX);
		if (atomic_compare_exchange_strong(&p.line->word[way], &old, new))
			return;
	}
}
