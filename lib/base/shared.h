/*
 * shared.h - one small mapping for all processes: token buckets
 *
 * Lock-free: a bucket is one 64-bit word (level and time), changed by
 * compare-and-swap. Losing the file loses nothing but counts.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdint.h>

struct shared;

/* Creates or opens (0600). NULL with errno. */
struct shared *shared_open(const char *path);
void shared_close(struct shared *);

/*
 * Take one token from the bucket of a key. It holds `burst` tokens and gains
 * `per_hour` in an hour. 0 = taken; else milliseconds until the next one.
 * left (may be NULL): whole tokens that remain. N processes together admit
 * exactly what one would.
 */
int64_t shared_take(struct shared *, uint64_t key, int64_t burst,
    int64_t per_hour, int64_t now_ms, int64_t *left);
/* Put a token back (what it was taken for did not happen). */
void shared_give(struct shared *, uint64_t key, int64_t burst);

/* A key from a name and a number or text (SipHash-like, not reversible by eye). */
uint64_t shared_key(const char *name, const char *what);

#endif
