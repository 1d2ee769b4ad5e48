/* utf8.c - what we need of Unicode: validity, length, folding, order */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"

enum { BAD = 0xFFFD };		/* the replacement character */

/*
 * Bytes of the code point at s (1 to 4) and the point itself; 0 when no
 * valid one begins here. The table of RFC 3629: which second bytes a lead
 * byte allows shuts out surrogates, overlong forms and points past U+10FFFF.
 */
static size_t
decode(const unsigned char *s, size_t n, uint32_t *point)
{
	unsigned char low = 0x80, high = 0xBF, lead;
	size_t width;
	uint32_t p;

	if (n == 0)
		return 0;
	lead = s[0];
	if (lead < 0x80) {
		*point = lead;
		return 1;
	}
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (n < width)
		return 0;
	if (lead == 0xE0)
		low = 0xA0;
	else if (lead == 0xED)
		high = 0x9F;
	else if (lead == 0xF0)
		low = 0x90;
	else if (lead == 0xF4)
		high = 0x8F;
	if (s[1] < low || s[1] > high)
		return 0;
	p = lead & (0xFFu >> (width + 1));
	for (size_t i = 1; i < width; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		p = p << 6 | (s[i] & 0x3Fu);
	}
	*point = p;
	return width;
}

int
utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t point;
	uint64_t eight;
	size_t width;

	while (n > 0) {
		if (n >= sizeof eight) {
			memcpy(&eight, p, sizeof eight);
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				p += sizeof eight;
				n -= sizeof eight;
				continue;
			}
		}
		if ((width = decode(p, n, &point)) == 0)
			return 0;
		p += width;
		n -= width;
	}
	return 1;
}

size_t
utf8_length(const char *s, size_t n)
{
	const char *end = s + n;
	size_t count = 0;

	while (s < end) {
		utf8_next(&s, end);
		count++;
	}
	return count;
}

/* C0 and C1 controls, DEL, and the signs that turn a line's direction. */
static int
is_control(uint32_t p)
{
	return p < 0x20 || (p >= 0x7F && p < 0xA0) || p == 0x2028 || p == 0x2029 ||
	    (p >= 0x202A && p <= 0x202E) || (p >= 0x2066 && p <= 0x2069);
}

int
utf8_printable(const char *s, size_t n, int multiline)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t point = 0;
	size_t width;

	for (; n > 0; p += width, n -= width) {
		if ((width = decode(p, n, &point)) == 0)
			return 0;
		if (multiline && (point == '\n' || point == '\t'))
			continue;
		if (is_control(point))
			return 0;
	}
	return 1;
}

size_t
utf8_prefix(const char *s, size_t n, size_t points)
{
	const char *at = s, *end = s + n;

	while (points-- > 0 && at < end)
		utf8_next(&at, end);
	return (size_t)(at - s);
}

uint32_t
utf8_next(const char **s, const char *end)
{
	uint32_t point = BAD;
	size_t width;

	if (*s >= end)
		return BAD;
	width = decode((const unsigned char *)*s, (size_t)(end - *s), &point);
	*s += width > 0 ? width : 1;
	return point;
}

void
utf8_put(struct buf *b, uint32_t p)
{
	char s[4];

	if (p > 0x10FFFF || (p >= 0xD800 && p <= 0xDFFF))
		p = BAD;
	if (p < 0x80) {
		buf_char(b, (char)p);
	} else if (p < 0x800) {
		s[0] = (char)(0xC0 | p >> 6);
		s[1] = (char)(0x80 | (p & 0x3F));
		buf_add(b, s, 2);
	} else if (p < 0x10000) {
		s[0] = (char)(0xE0 | p >> 12);
		s[1] = (char)(0x80 | (p >> 6 & 0x3F));
		s[2] = (char)(0x80 | (p & 0x3F));
		buf_add(b, s, 3);
	} else {
		s[0] = (char)(0xF0 | p >> 18);
		s[1] = (char)(0x80 | (p >> 12 & 0x3F));
		s[2] = (char)(0x80 | (p >> 6 & 0x3F));
		s[3] = (char)(0x80 | (p & 0x3F));
		buf_add(b, s, 4);
	}
}
