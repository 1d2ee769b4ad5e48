/*
 * shared.h - one small mapping for all processes: token buckets
 *
 * Lock-free: a bucket is one 64-bit word (whose it is, and when it will be
 * full again), changed by compare-and-swap. Losing the file loses nothing but
 * counts. When more buckets are in use than it has room for, the one that is
 * nearest to full is forgotten.
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
 * `per_hour` in an hour (less than 1 counts as 1, both). 0 = taken; else
 * milliseconds until the next one. left (may be NULL): whole tokens that
 * remain. N processes together admit exactly what one would.
 */
int64_t shared_take(struct shared *, uint64_t key, int64_t burst,
    int64_t per_hour, int64_t now_ms, int64_t *left);
/* Put a token back (what it was taken for did not happen). */
void shared_give(struct shared *, uint64_t key, int64_t per_hour);

/* A key from a name and a number or text: SipHash-2-4, not reversible by eye. */
uint64_t shared_key(const char *name, const char *what);

#endif
