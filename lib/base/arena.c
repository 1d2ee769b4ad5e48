/*
 * arena.c - memory that dies all at once
 *
 * A chain of blocks of which the newest is filled. A reset frees all but the
 * first, so a worker that serves small requests asks the system for nothing.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"

enum {
	BLOCK = 16 * 1024,	/* holds nearly every request whole */
	ALIGN = alignof(max_align_t)
};

struct block {
	struct block *next;
	size_t used, size;
	max_align_t data[];
};

struct arena {
	struct block *head;
	size_t held;		/* bytes of all blocks */
	size_t used, limit;
};

static struct block *
grow(struct arena *a, size_t need)
{
	size_t size = need > BLOCK ? need : BLOCK;
	struct block *b = malloc(sizeof *b + size);

	if (b == NULL)
		return NULL;
	b->next = a->head;
	b->used = 0;
	b->size = size;
	a->head = b;
	a->held += size;
	return b;
}

struct arena *
arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->limit = limit;
	return a;
}

void *
arena_get(struct arena *a, size_t n)
{
	struct block *b = a->head;
	size_t need;
	void *p;

	if (n > SIZE_MAX - ALIGN)
		return NULL;
	need = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (need == 0)
		need = ALIGN;
	if (need > a->limit - a->used)
		return NULL;
	if (b == NULL || b->size - b->used < need)
		if ((b = grow(a, need)) == NULL)
			return NULL;
	p = (char *)b->data + b->used;
	b->used += need;
	a->used += need;
	return memset(p, 0, need);
}

char *
arena_dup(struct arena *a, const char *s, size_t n)
{
	char *p;

	if (s == NULL || n == SIZE_MAX || (p = arena_get(a, n + 1)) == NULL)
		return NULL;
	memcpy(p, s, n);
	return p;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_dup(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || (p = arena_get(a, (size_t)n + 1)) == NULL)
		return NULL;
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

void
arena_reset(struct arena *a)
{
	struct block *b, *next;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		if (next == NULL && b->size == BLOCK) {
			b->used = 0;
			break;
		}
		a->held -= b->size;
		free(b);
	}
	a->head = b;
	a->used = 0;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}
