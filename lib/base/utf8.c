/*
 * utf8.c - what we need of Unicode: validity, length, folding, order
 *
 * Folding and order are tables for the alphabets that stand on menus here:
 * Latin and Cyrillic. Everything else keeps its code point.
 */
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
		if (n >= 2 && p[0] >= 0xC2 && p[0] < 0xE0 && (p[1] & 0xC0) == 0x80)
			width = 2;	/* most of what is written here */
		else if ((width = decode(p, n, &point)) == 0)
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

/* Eight bytes of visible ASCII or blanks. A borrow may hide that they are. */
static int
are_plain(const unsigned char *p)
{
	static const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t eight;

	memcpy(&eight, p, sizeof eight);
	return ((eight | (eight - ones * 0x20) | (eight + ones)) & ones * 0x80) == 0;
}

int
utf8_printable(const char *s, size_t n, int multiline)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t point = 0;
	size_t width;

	for (; n > 0; p += width, n -= width) {
		if (n >= 8 && are_plain(p)) {
			width = 8;
			continue;
		}
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

/* Upper case by ranges, in order: how far the lower case is. */
static const struct {
	uint32_t first, last;
	int32_t shift;
	int pairs;		/* upper and lower by turns, upper first */
} cases[] = {
	{ 'A',    'Z',    32,   0 },
	{ 0xC0,   0xD6,   32,   0 },
	{ 0xD8,   0xDE,   32,   0 },
	{ 0x100,  0x12E,  1,    1 },
	{ 0x130,  0x130,  'i' - 0x130, 0 },
	{ 0x132,  0x136,  1,    1 },
	{ 0x139,  0x147,  1,    1 },
	{ 0x14A,  0x176,  1,    1 },
	{ 0x178,  0x178,  0xFF - 0x178, 0 },
	{ 0x179,  0x17D,  1,    1 },
	{ 0x400,  0x40F,  80,   0 },
	{ 0x410,  0x42F,  32,   0 },
	{ 0x460,  0x480,  1,    1 },
	{ 0x48A,  0x4BE,  1,    1 },
	{ 0x4C0,  0x4C0,  15,   0 },
	{ 0x4C1,  0x4CD,  1,    1 },
	{ 0x4D0,  0x52E,  1,    1 },
};

static uint32_t
lower(uint32_t p)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases && p >= cases[i].first; i++) {
		if (p > cases[i].last)
			continue;
		if (cases[i].pairs && (p - cases[i].first) % 2 != 0)
			return p;
		return (uint32_t)((int32_t)p + cases[i].shift);
	}
	return p;
}

static int
is_white(uint32_t p)
{
	return p == ' ' || (p >= '\t' && p <= '\r') || p == 0x85 || p == 0xA0 ||
	    p == 0x1680 || (p >= 0x2000 && p <= 0x200A) || p == 0x2028 ||
	    p == 0x2029 || p == 0x202F || p == 0x205F || p == 0x3000;
}

/* ' ’ ʼ ` and those that keyboards and tills put in their place. */
static int
is_apostrophe(uint32_t p)
{
	return p == '\'' || p == '`' || p == 0xB4 || p == 0x2B9 || p == 0x2BC ||
	    p == 0x2018 || p == 0x2019 || p == 0x201B || p == 0x2032 || p == 0xFF07;
}

/* Nobody types them: soft hyphen, zero-width signs, the mark of stress. */
static int
is_invisible(uint32_t p)
{
	return p == 0 || p == 0xAD || p == 0x301 || (p >= 0x200B && p <= 0x200F) ||
	    p == 0x2060 || p == 0xFE0E || p == 0xFE0F || p == 0xFEFF;
}

/* Letters that some systems write as a letter and a mark behind it. */
static uint32_t
composed(uint32_t letter, uint32_t mark)
{
	static const struct { uint32_t letter, mark, whole; } table[] = {
		{ 0x438, 0x306, 0x439 },	/* и ˘ = й */
		{ 0x456, 0x308, 0x457 },	/* і ¨ = ї */
		{ 0x435, 0x308, 0x451 },	/* е ¨ = ё */
		{ 0x443, 0x306, 0x45E },	/* у ˘ = ў */
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].letter == letter && table[i].mark == mark)
			return table[i].whole;
	return 0;
}

/* The next folded code point; ' ' for a run of white space; 0 at the end. */
static uint32_t
fold_next(const char **s, const char *end)
{
	const char *ahead;
	uint32_t p, mark, whole;

	do {
		if (*s >= end)
			return 0;
		p = utf8_next(s, end);
	} while (is_invisible(p));
	if (is_white(p)) {
		for (ahead = *s; ahead < end; *s = ahead) {
			p = utf8_next(&ahead, end);
			if (!is_white(p) && !is_invisible(p))
				break;
		}
		return ' ';
	}
	if (is_apostrophe(p))
		return '\'';
	p = lower(p);
	for (ahead = *s; p >= 0x80 && ahead < end;) {
		mark = utf8_next(&ahead, end);
		if (is_invisible(mark))
			continue;
		if ((whole = composed(p, mark)) == 0)
			break;
		*s = ahead;
		return whole;
	}
	return p;
}

/* Folded code points one by one but those to skip, blanks only between others. */
static void
fold(struct buf *b, const char *s, size_t n, int (*skip)(uint32_t),
    void (*put)(struct buf *, uint32_t))
{
	const char *end = s + n;
	int begun = 0, blank = 0;
	uint32_t p;

	while ((p = fold_next(&s, end)) != 0) {
		if (p == ' ') {
			blank = begun;
			continue;
		}
		if (skip(p))
			continue;
		if (blank)
			put(b, ' ');
		put(b, p);
		begun = 1;
		blank = 0;
	}
}

static int
skip_nothing(uint32_t p)
{
	(void)p;
	return 0;
}

void
utf8_fold(struct buf *b, const char *s, size_t n)
{
	fold(b, s, n, skip_nothing, utf8_put);
}

/*
 * Order. A weight is one byte, printable, so that keys can be looked at:
 * blank, other signs, digits, Latin, Cyrillic, the rest.
 */
enum {
	SIGN = '!',		/* - / & … */
	DIGITS = '"',
	LATIN = DIGITS + 10,
	CYRILLIC = LATIN + 26,
	REST = '~'		/* and the code point behind it */
};

/* Ukrainian, with the letters of its neighbours beside their nearest. */
static const uint16_t alphabet[] = {
	0x430, 0x431, 0x432, 0x433, 0x491, 0x434, 0x435, 0x451, 0x454, 0x436,
	0x437, 0x438, 0x456, 0x457, 0x439, 0x43A, 0x43B, 0x43C, 0x43D, 0x43E,
	0x43F, 0x440, 0x441, 0x442, 0x443, 0x45E, 0x444, 0x445, 0x446, 0x447,
	0x448, 0x449, 0x44A, 0x44B, 0x44C, 0x44D, 0x44E, 0x44F,
};
_Static_assert(CYRILLIC + sizeof alphabet / sizeof *alphabet < REST, "weights overlap");

static int
cyrillic_weight(uint32_t p)
{
	for (size_t i = 0; i < sizeof alphabet / sizeof *alphabet; i++)
		if (alphabet[i] == p)
			return CYRILLIC + (int)i;
	return 0;
}

/* The plain letter of à, č, ł …; 0 where there is none. From U+00DF on. */
static char
plain_latin(uint32_t p)
{
	static const char low[] =
	    "saaaaaaaceeeeiiiidnooooo\0ouuuuyty";		/* U+00DF - U+00FF */
	static const char more[] =				/* U+0100 - U+017F */
	    "aaaaaaccccccccdddd" "eeeeeeeeee" "gggggggg" "hhhh"
	    "iiiiiiiiii" "iijj" "kkk" "llllllllll" "nnnnnnnnn" "oooooooo"
	    "rrrrrr" "ssssssss" "tttttt" "uuuuuuuuuuuu" "ww" "yyy" "zzzzzz" "s";

	_Static_assert(sizeof low == 0x100 - 0xDF + 1, "one letter each");
	_Static_assert(sizeof more == 0x180 - 0x100 + 1, "one letter each");
	if (p >= 0xDF && p <= 0xFF)
		return low[p - 0xDF];
	return p >= 0x100 && p <= 0x17F ? more[p - 0x100] : '\0';
}

/* Signs around a name do not move it: «Київ», "Київ", 🔥 Київ; м'ята = мята. */
static int
is_ornament(uint32_t p)
{
	return p == '\'' || p == '"' || p == 0xAB || p == 0xBB ||
	    (p >= 0x2018 && p <= 0x201F) || p == 0x2039 || p == 0x203A ||
	    (p >= 0x300 && p <= 0x36F) || (p >= 0x2190 && p <= 0x2BFF) ||
	    (p >= 0x1F000 && p <= 0x1FAFF);
}

static void
put_weight(struct buf *b, uint32_t p)
{
	int weight = 0;
	char latin;

	if (p >= '0' && p <= '9')
		weight = DIGITS + (int)(p - '0');
	else if (p >= 'a' && p <= 'z')
		weight = LATIN + (int)(p - 'a');
	else if (p >= 0x430 && p <= 0x491)
		weight = cyrillic_weight(p);
	else if (p == ' ')
		weight = ' ';
	else if (p < 0xDF || (p >= 0x2000 && p < 0x2190) || p == 0xF7)
		weight = SIGN;
	else if ((latin = plain_latin(p)) != '\0')
		weight = LATIN + (latin - 'a');
	if (weight != 0) {
		buf_char(b, (char)weight);
		return;
	}
	buf_char(b, REST);
	utf8_put(b, p);
}

void
utf8_sort_key(struct buf *b, const char *s, size_t n)
{
	fold(b, s, n, is_ornament, put_weight);
}
