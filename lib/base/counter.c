/* counter.c - see counter.h */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/counter.h"
#include "lib/base/mapping.h"

enum { COUNTERS_MAX = 1 << 16 };

struct page {
	uint64_t magic;
	int64_t since;
	_Atomic uint64_t n[];
};

struct counters {
	struct page *page;
	size_t count;
};

static size_t
size_of(size_t count)
{
	return sizeof(struct page) + count * sizeof(uint64_t);
}

static int
fill(void *map)
{
	struct page *p = map;

	p->since = clock_now();
	return 0;
}

struct counters *
counters_open(const char *path, uint64_t layout, size_t count)
{
	struct counters *c;

	if (count == 0 || count > COUNTERS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	if ((c = malloc(sizeof *c)) == NULL)
		return NULL;
	c->count = count;
	if ((c->page = mapping_open(path, layout | 1, size_of(count), fill)) == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
counters_close(struct counters *c)
{
	if (c == NULL)
		return;
	mapping_close(c->page, size_of(c->count));
	free(c);
}

void
counters_add(struct counters *c, size_t which, uint64_t n)
{
	if (which < c->count)
		atomic_fetch_add_explicit(&c->page->n[which], n, memory_order_relaxed);
}

uint64_t
counters_get(const struct counters *c, size_t which)
{
	return which < c->count ?
	    atomic_load_explicit(&c->page->n[which], memory_order_relaxed) : 0;
}

int64_t
counters_since(const struct counters *c)
{
	return c->page->since;
}
