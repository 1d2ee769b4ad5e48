/* fuzz_utf8.c - any bytes as text; the first one is a number of code points */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void
steps_are_whole(const char *s, size_t n, struct buf *b)
{
	const char *p = s, *end = s + n;

	while (p < end)
		utf8_put(b, utf8_next(&p, end));
	MUST(p == end);
	MUST(utf8_valid(b->s == NULL ? "" : b->s, b->len));
	if (utf8_valid(s, n))
		MUST(b->len == n && (n == 0 || memcmp(b->s, s, n) == 0));
}

static void
folding_settles(const char *s, size_t n, struct buf *once, struct buf *twice)
{
	struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);

	utf8_fold(once, s, n);
	utf8_fold(twice, once->s, once->len);
	MUST(!once->failed && once->len == twice->len);
	MUST(once->len == 0 || memcmp(once->s, twice->s, once->len) == 0);
	MUST(utf8_valid(once->len == 0 ? "" : once->s, once->len));
	utf8_sort_key(&a, s, n);
	utf8_sort_key(&b, once->s, once->len);
	MUST(!a.failed && a.len == b.len);
	MUST(a.len == 0 || (memcmp(a.s, b.s, a.len) == 0 && memchr(a.s, 0, a.len) == NULL));
	buf_free(&a);
	buf_free(&b);
}

FUZZ_TARGET(utf8)(const uint8_t *data, size_t n)
{
	struct buf one = BUF_INIT(1 << 20), two = BUF_INIT(1 << 20);
	const char *s = (const char *)data + 1;
	size_t points, prefix;

	if (n == 0 || n > 65536)
		return 0;
	n--;
	points = utf8_length(s, n);
	MUST(points <= n);
	prefix = utf8_prefix(s, n, data[0]);
	MUST(prefix <= n && utf8_length(s, prefix) == (points < data[0] ? points : data[0]));
	MUST(!utf8_printable(s, n, 0) || utf8_printable(s, n, 1));
	MUST(!utf8_printable(s, n, 1) || utf8_valid(s, n));
	steps_are_whole(s, n, &one);
	buf_reset(&one);
	folding_settles(s, n, &one, &two);
	buf_free(&one);
	buf_free(&two);
	return 0;
}
