/* seen.c - a growing set of small ids; see seen.h */
#include <stdlib.h>
#include <string.h>

#include "sync/seen.h"

enum { FIRST = 4096 };
#define ID_MAX (INT64_C(1) << 36)	/* 8 GB of bits: no catalogue is so large */

int
seen_add(struct seen *s, int64_t id)
{
	size_t byte = (size_t)(id / 8), size = s->size == 0 ? FIRST : s->size;
	unsigned char *p;

	if (id <= 0)
		return 0;
	if (id > ID_MAX)
		return -1;
	while (size <= byte)
		size *= 2;
	if (size > s->size) {
		if ((p = realloc(s->bits, size)) == NULL)
			return -1;
		memset(p + s->size, 0, size - s->size);
		s->bits = p;
		s->size = size;
	}
	s->bits[byte] |= (unsigned char)(1 << id % 8);
	return 0;
}

int
seen_has(const struct seen *s, int64_t id)
{
	size_t byte = (size_t)(id / 8);

	return id > 0 && byte < s->size && (s->bits[byte] & 1 << id % 8) != 0;
}

void
seen_free(struct seen *s)
{
	free(s->bits);
	*s = (struct seen){ 0 };
}
