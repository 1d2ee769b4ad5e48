/* etag.c - "not modified": an answer that the client has already */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/etag.h"

/* FNV-1a, 64 bits: nobody gains by making two of his own answers alike. */
void
etag_of(const struct buf *b, char out[ETAG_TEXT])
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < b->len; i++)
		h = (h ^ (unsigned char)b->s[i]) * UINT64_C(1099511628211);
	snprintf(out, ETAG_TEXT, "W/\"%016" PRIx64 "\"", h);
}

/* Past "W/", which weak comparison does not look at. */
static const char *
opaque(const char *tag)
{
	return strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
}

/* Is it one of a list: W/"a", "b"; or "*"? */
static int
is_among(const char *list, const char *etag)
{
	size_t n = strlen(opaque(etag));
	const char *end;

	if (strcmp(list, "*") == 0)
		return 1;
	for (;; list = end + 1) {
		list = opaque(list + strspn(list, " ,\t"));
		if (*list != '"' || (end = strchr(list + 1, '"')) == NULL)
			return 0;
		if ((size_t)(end + 1 - list) == n && memcmp(list, opaque(etag), n) == 0)
			return 1;
	}
}

int
etag_is_known(struct request *r, const char *etag)
{
	request_header(r, "ETag", arena_str(r->arena, etag));
	if (r->if_none_match == NULL || !is_among(r->if_none_match, etag))
		return 0;
	buf_reset(r->out);
	r->status = 304;
	return 1;
}
