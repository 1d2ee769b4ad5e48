/*
 * buf.c - a text that grows up to a stated maximum and remembers failing
 *
 * The JSON writers stand on every hot path: no printf, one look for room per
 * piece, runs of plain bytes copied whole. Text is taken as valid UTF-8,
 * which whoever let it in has checked.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/db.h"
#include "lib/base/money.h"

enum {
	FIRST = 512,		/* bytes got at first: most answers fit */
	INT_TEXT = 24		/* -9223372036854775808 and NUL */
};

static int
grow(struct buf *b, size_t more)
{
	size_t size = b->size > 0 ? b->size : FIRST;
	char *s;

	if (b->failed || more > b->limit - b->len) {
		b->failed = 1;
		return -1;
	}
	while (size - b->len <= more) {
		if (__builtin_mul_overflow(size, 2, &size)) {
			b->failed = 1;
			return -1;
		}
	}
	if ((s = realloc(b->s, size)) == NULL) {
		b->failed = 1;
		return -1;
	}
	b->s = s;
	b->size = size;
	return 0;
}

/* Where `more` bytes and a NUL may be written, or NULL. */
static inline char *
room(struct buf *b, size_t more)
{
	if (b->failed || more > b->limit - b->len || b->size - b->len <= more)
		if (grow(b, more) == -1)
			return NULL;
	return b->s + b->len;
}

static inline void
end_at(struct buf *b, char *p)
{
	*p = '\0';
	b->len = (size_t)(p - b->s);
}

void
buf_add(struct buf *b, const char *s, size_t n)
{
	char *p = room(b, n);

	if (p == NULL)
		return;
	if (n > 0)
		memcpy(p, s, n);
	end_at(b, p + n);
}

void
buf_str(struct buf *b, const char *s)
{
	if (s != NULL)
		buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	char *p = room(b, 1);

	if (p == NULL)
		return;
	*p = c;
	end_at(b, p + 1);
}

/* The digits end at `end`; where they begin. */
static char *
digits_before(char *end, uint64_t n)
{
	do {
		*--end = (char)('0' + n % 10);
	} while ((n /= 10) > 0);
	return end;
}

/* At p, which has room for INT_TEXT; the end. */
static char *
write_int(char *p, int64_t n)
{
	char text[INT_TEXT], *end = text + sizeof text, *from;

	from = digits_before(end, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
	if (n < 0)
		*p++ = '-';
	memcpy(p, from, (size_t)(end - from));
	return p + (end - from);
}

void
buf_int(struct buf *b, int64_t n)
{
	char text[INT_TEXT];

	buf_add(b, text, (size_t)(write_int(text, n) - text));
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	if ((p = room(b, 0)) == NULL)
		return;
	va_copy(again, ap);
	n = vsnprintf(p, b->size - b->len, fmt, ap);
	if (n < 0 || (p = room(b, (size_t)n)) == NULL) {
		b->failed = 1;
		if (b->s != NULL)
			b->s[b->len] = '\0';
	} else {
		vsnprintf(p, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

static const char hex[] = "0123456789ABCDEF";

void
buf_urlencode(struct buf *b, const char *s, size_t n)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	unsigned char c;
	char *p;

	for (size_t i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c != '\0' && strchr(plain, c) != NULL) {
			buf_char(b, (char)c);
			continue;
		}
		if ((p = room(b, 3)) == NULL)
			return;
		p[0] = '%';
		p[1] = hex[c >> 4];
		p[2] = hex[c & 15];
		end_at(b, p + 3);
	}
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = 0;
	if (b->s != NULL)
		b->s[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->s);
	*b = (struct buf)BUF_INIT(b->limit);
}

/* Eight bytes at once: not 0 when one is below 0x20, a quote or a backslash. */
static inline uint64_t
special(uint64_t w)
{
	static const uint64_t ones = UINT64_C(0x0101010101010101);
	static const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
	    ((slash - ones) & ~slash)) & tops;
}

/* 1 when all of it stands in a JSON string as it is. */
static inline int
is_plain(const char *s, size_t n)
{
	uint64_t w, found = 0;
	uint32_t low, high;
	size_t i;

	if (n >= sizeof w) {
		for (i = 0; i + sizeof w < n; i += sizeof w) {
			memcpy(&w, s + i, sizeof w);
			found |= special(w);
		}
		memcpy(&w, s + n - sizeof w, sizeof w);	/* overlaps the last one */
		return (found | special(w)) == 0;
	}
	if (n >= sizeof low) {
		memcpy(&low, s, sizeof low);
		memcpy(&high, s + n - sizeof high, sizeof high);
		return special((uint64_t)high << 32 | low) == 0;
	}
	w = UINT64_C(0x2020202020202020);
	for (i = 0; i < n; i++)
		w = w << 8 | (unsigned char)s[i];
	return special(w) == 0;
}

/* How many bytes from s on stand there as they are. */
static size_t
plain_run(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)s[i] >= 0x20 && s[i] != '"' && s[i] != '\\')
		i++;
	return i;
}

static void
add_escape(struct buf *b, char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char *p = room(b, 6);

	if (p == NULL)
		return;
	*p++ = '\\';
	for (size_t i = 0; i < sizeof letters - 1; i += 2)
		if (letters[i] == c) {
			*p++ = letters[i + 1];
			end_at(b, p);
			return;
		}
	memcpy(p, "u00", 3);
	p[3] = hex[(unsigned char)c >> 4];
	p[4] = hex[c & 15];
	end_at(b, p + 5);
}

/* A string with its quotes that has something to escape. */
static void
add_escaped(struct buf *b, const char *s, size_t n)
{
	size_t run;

	buf_char(b, '"');
	while (n > 0) {
		run = plain_run(s, n);
		buf_add(b, s, run);
		s += run;
		n -= run;
		if (n > 0) {
			add_escape(b, *s++);
			n--;
		}
	}
	buf_char(b, '"');
}

static inline char *
write_quoted(char *p, const char *s, size_t n)
{
	*p++ = '"';
	memcpy(p, s, n);
	p += n;
	*p++ = '"';
	return p;
}

/* 1 when something stands before that a comma must divide from the next. */
static inline int
follows(const struct buf *b)
{
	switch (b->len > 0 ? b->s[b->len - 1] : '[') {
	case '{': case '[': case ':': case ' ': case '\n':
		return 0;
	default:
		return 1;
	}
}

/*
 * The comma, unless this is the first of its kind, and the key. Where the
 * value goes, with room for `more` bytes and a NUL; NULL when there is none.
 * JSON may be refused up to 28 bytes before the limit.
 */
static inline char *
begin(struct buf *b, const char *key, size_t more)
{
	size_t n = key == NULL ? 0 : strlen(key);
	char *p;

	if (n > 0 && !is_plain(key, n)) {
		if (follows(b))
			buf_char(b, ',');
		add_escaped(b, key, n);
		buf_char(b, ':');
		return room(b, more);
	}
	if ((p = room(b, n + 4 + more)) == NULL)
		return NULL;
	if (follows(b))
		*p++ = ',';
	if (key != NULL) {
		p = write_quoted(p, key, n);
		*p++ = ':';
	}
	return p;
}

/* A member whose value stands as it is. */
static inline void
put(struct buf *b, const char *key, const char *s, size_t n)
{
	char *p = begin(b, key, n);

	if (p == NULL)
		return;
	memcpy(p, s, n);
	end_at(b, p + n);
}

void
json_open(struct buf *b, const char *key, char bracket)
{
	put(b, key, &bracket, 1);
}

void
json_close(struct buf *b, char bracket)
{
	buf_char(b, bracket);
}

void
json_put_null(struct buf *b, const char *key)
{
	put(b, key, "null", 4);
}

void
json_put_text(struct buf *b, const char *key, const char *s)
{
	json_put_textn(b, key, s, s == NULL ? 0 : strlen(s));
}

void
json_put_textn(struct buf *b, const char *key, const char *s, size_t n)
{
	int plain = s != NULL && is_plain(s, n);
	char *p;

	if (s == NULL) {
		json_put_null(b, key);
		return;
	}
	if ((p = begin(b, key, plain ? n + 2 : 0)) == NULL)
		return;
	end_at(b, plain ? write_quoted(p, s, n) : p);
	if (!plain)
		add_escaped(b, s, n);
}

void
json_put_int(struct buf *b, const char *key, int64_t n)
{
	char *p;

	if (n == DB_NULL)
		json_put_null(b, key);
	else if ((p = begin(b, key, INT_TEXT)) != NULL)
		end_at(b, write_int(p, n));
}

void
json_put_bool(struct buf *b, const char *key, int truth)
{
	if (truth)
		put(b, key, "true", 4);
	else
		put(b, key, "false", 5);
}

void
json_put_money(struct buf *b, const char *key, int64_t kopecks)
{
	char text[MONEY_TEXT];

	if (kopecks == DB_NULL) {
		json_put_null(b, key);
		return;
	}
	money_format(kopecks, text);
	put(b, key, text, strlen(text));
}

void
json_put_real(struct buf *b, const char *key, double value, int digits)
{
	if (!isfinite(value)) {
		json_put_null(b, key);
		return;
	}
	put(b, key, "", 0);
	buf_printf(b, "%.*f", digits, value);
}

void
json_put_time(struct buf *b, const char *key, int64_t seconds)
{
	char text[CLOCK_TEXT];

	if (seconds == DB_NULL) {
		json_put_null(b, key);
		return;
	}
	clock_rfc3339(seconds, text);
	json_put_textn(b, key, text, strlen(text));
}

void
json_put_raw(struct buf *b, const char *key, const char *json)
{
	size_t n = json == NULL ? 0 : strlen(json);

	/* A blank at the end would hide the value from the next comma. */
	while (n > 0 && strchr(" \t\r\n", json[n - 1]) != NULL)
		n--;
	if (n == 0)
		json_put_null(b, key);
	else
		put(b, key, json, n);
}
