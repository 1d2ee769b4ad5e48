/*
 * seen.h - which ids a run has met: a bit for each, 125 KB for a million
 */
#ifndef SEEN_H
#define SEEN_H

#include <stddef.h>
#include <stdint.h>

struct seen {
	unsigned char *bits;
	size_t size;
};

/* Ids ≤ 0 are passed over. 0, or -1 when out of memory. */
int seen_add(struct seen *, int64_t id) __attribute__((warn_unused_result));
int seen_has(const struct seen *, int64_t id);
void seen_free(struct seen *);

#endif
