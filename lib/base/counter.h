/*
 * counter.h - numbers that all workers add to
 *
 * They lie in a small file that every process has mapped: adding is one
 * instruction, nobody waits, and what a worker counted outlives it.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stddef.h>
#include <stdint.h>

struct counters;

/*
 * Creates or opens a file of `count` numbers, all 0 at first. layout says what
 * the numbers mean: a file of another layout or count is begun anew, while those
 * who still use the old one go on with it. NULL with errno.
 */
struct counters *counters_open(const char *path, uint64_t layout, size_t count);
void counters_close(struct counters *);

void counters_add(struct counters *, size_t which, uint64_t n);
uint64_t counters_get(const struct counters *, size_t which);
int64_t counters_since(const struct counters *);	/* unix seconds: when they were 0 */

#endif
