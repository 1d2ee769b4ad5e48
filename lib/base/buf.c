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

void
buf_int(struct buf *b, int64_t n)
{
	char text[INT_TEXT], *end = text + sizeof text, *p;

	p = digits_before(end, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(end - p));
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

/* How many bytes from s on stand in a JSON string as they are. */
static size_t
plain_run(const char *s, size_t n)
{
	static const uint64_t ones = UINT64_C(0x0101010101010101);
	static const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t w, quote, slash;
	size_t i = 0;

	/* Eight at a time: a byte of the sum's high bits is set where a byte is
	 * below 0x20, a quote or a backslash. A false alarm is harmless. */
	for (; n - i >= sizeof w; i += sizeof w) {
		memcpy(&w, s + i, sizeof w);
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		if ((((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
		    ((slash - ones) & ~slash)) & tops)
			break;
	}
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

/* A string with its quotes. */
static void
add_quoted(struct buf *b, const char *s, size_t n)
{
	size_t run = plain_run(s, n);
	char *p;

	if (run == n) {
		if ((p = room(b, n + 2)) == NULL)
			return;
		*p++ = '"';
		memcpy(p, s, n);
		p[n] = '"';
		end_at(b, p + n + 1);
		return;
	}
	buf_char(b, '"');
	while (n > 0) {
		buf_add(b, s, run);
		s += run;
		n -= run;
		if (n > 0) {
			add_escape(b, *s++);
			n--;
		}
		run = plain_run(s, n);
	}
	buf_char(b, '"');
}

/* The comma, unless this is the first of its kind, and the key. */
static void
begin(struct buf *b, const char *key)
{
	char last = b->len > 0 ? b->s[b->len - 1] : '[';

	if (last != '{' && last != '[' && last != ':' && last != ' ' && last != '\n')
		buf_char(b, ',');
	if (key != NULL) {
		add_quoted(b, key, strlen(key));
		buf_char(b, ':');
	}
}

void
json_open(struct buf *b, const char *key, char bracket)
{
	begin(b, key);
	buf_char(b, bracket);
}

void
json_close(struct buf *b, char bracket)
{
	buf_char(b, bracket);
}

void
json_put_null(struct buf *b, const char *key)
{
	begin(b, key);
	buf_lit(b, "null");
}

void
json_put_text(struct buf *b, const char *key, const char *s)
{
	json_put_textn(b, key, s, s == NULL ? 0 : strlen(s));
}

void
json_put_textn(struct buf *b, const char *key, const char *s, size_t n)
{
	if (s == NULL) {
		json_put_null(b, key);
		return;
	}
	begin(b, key);
	add_quoted(b, s, n);
}

void
json_put_int(struct buf *b, const char *key, int64_t n)
{
	if (n == DB_NULL) {
		json_put_null(b, key);
		return;
	}
	begin(b, key);
	buf_int(b, n);
}

void
json_put_bool(struct buf *b, const char *key, int truth)
{
	begin(b, key);
	if (truth)
		buf_lit(b, "true");
	else
		buf_lit(b, "false");
}

void
json_put_money(struct buf *b, const char *key, int64_t kopecks)
{
	char text[MONEY_TEXT];

	if (kopecks == DB_NULL) {
		json_put_null(b, key);
		return;
	}
	begin(b, key);
	money_format(kopecks, text);
	buf_str(b, text);
}

void
json_put_real(struct buf *b, const char *key, double value, int digits)
{
	if (!isfinite(value)) {
		json_put_null(b, key);
		return;
	}
	begin(b, key);
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
	json_put_text(b, key, text);
}

void
json_put_raw(struct buf *b, const char *key, const char *json)
{
	size_t n = json == NULL ? 0 : strlen(json);

	/* A blank at the end would hide the value from the next comma. */
	while (n > 0 && strchr(" \t\r\n", json[n - 1]) != NULL)
		n--;
	if (n == 0) {
		json_put_null(b, key);
		return;
	}
	begin(b, key);
	buf_add(b, json, n);
}
