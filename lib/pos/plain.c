/*
 * plain.c - texts of a till made fit for a shop
 *
 * Nothing here is a sanitiser for HTML: what comes out is plain text, and
 * whoever shows it escapes it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "lib/pos/plain.h"

enum {
	ENTITY_MAX = 10,	/* bytes between & and ; */
	PHONE_RUN = 10,		/* digits in a row that may be a phone */
	PHONE_LEAST = 9,	/* digits that name a line within a country */
	SECRET_LEAST = 4,	/* shorter ones would blot out common words */
	SCRUB_MAX = 4096	/* of a message, before it is cut */
};

static const struct {
	const char *name, *text;
} entities[] = {
	{ "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "quot", "\"" }, { "apos", "'" },
	{ "nbsp", " " }, { "laquo", "«" }, { "raquo", "»" }, { "mdash", "—" }, { "ndash", "–" },
	{ "hellip", "…" }, { "rsquo", "’" }, { "deg", "°" },
};

static void
put_code(struct buf *b, const char *digits, int base)
{
	char *end;
	unsigned long code = strtoul(digits, &end, base);

	if (*end == ';' && (code >= 0x20 || code == '\n') && code <= 0x10ffff &&
	    (code < 0xd800 || code > 0xdfff))
		utf8_put(b, (uint32_t)code);
}

/* An entity at s; how many bytes it takes. An unknown & stands for itself. */
static size_t
put_entity(struct buf *b, const char *s)
{
	size_t n = strcspn(s + 1, ";& <");

	if (s[n + 1] == ';' && n <= ENTITY_MAX && s[1] == '#') {
		if (s[2] == 'x' || s[2] == 'X')
			put_code(b, s + 3, 16);
		else
			put_code(b, s + 2, 10);
		return n + 2;
	}
	for (size_t i = 0; s[n + 1] == ';' && i < sizeof entities / sizeof *entities; i++)
		if (strlen(entities[i].name) == n && memcmp(entities[i].name, s + 1, n) == 0) {
			buf_str(b, entities[i].text);
			return n + 2;
		}
	buf_char(b, '&');
	return 1;
}

/* A tag at s; how many bytes it takes, 0 = it is none. */
static size_t
skip_tag(struct buf *b, const char *s)
{
	static const char *const breaks[] = { "br", "p", "/p", "div", "/div", "li", "/li", "tr" };
	const char *end = strchr(s, '>');
	size_t n = strspn(s + 1, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456");

	if (end == NULL || (n == 0 && s[1] != '!'))
		return 0;
	for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
		if (strncasecmp(s + 1, breaks[i], strlen(breaks[i])) == 0 &&
		    strchr(" />", s[1 + strlen(breaks[i])]) != NULL) {
			buf_char(b, '\n');
			break;
		}
	return (size_t)(end - s) + 1;
}

char *
plain_text(struct arena *a, const char *s)
{
	struct buf b = BUF_INIT(strlen(s) + 64);
	char *out;
	size_t n;

	while (*s != '\0') {
		if (*s == '<' && (n = skip_tag(&b, s)) > 0) {
			s += n;
		} else if (*s == '&') {
			s += put_entity(&b, s);
		} else {
			buf_char(&b, *s++);
		}
	}
	out = b.failed ? NULL : arena_dup(a, b.len > 0 ? b.s : "", b.len);
	buf_free(&b);
	return out;
}

static int
is_control(char c, int multiline)
{
	return (unsigned char)c == 0x7f || ((unsigned char)c < 0x20 && !(multiline && c == '\n'));
}

char *
plain_clean(struct arena *a, const char *s, size_t points, int multiline)
{
	size_t n;
	char *out;

	while (*s == ' ' || (*s != '\0' && is_control(*s, 0)))
		s++;
	n = utf8_prefix(s, strlen(s), points);
	while (n > 0 && (s[n - 1] == ' ' || is_control(s[n - 1], 0)))
		n--;
	if ((out = arena_dup(a, s, n)) == NULL)
		return NULL;
	for (char *p = out; *p != '\0'; p++)
		if (is_control(*p, multiline))
			*p = ' ';
	return out;
}

int
plain_is_address(const char *s)
{
	size_t skip = strncasecmp(s, "https://", 8) == 0 ? 8 :
	    strncasecmp(s, "http://", 7) == 0 ? 7 : 0;

	if (skip == 0 || s[skip] == '\0' || s[skip] == '/')
		return 0;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == '"' || *s == '\'' || *s == '<' || *s == '>' ||
		    *s == '\\' || *s == 0x7f)
			return 0;
	return 1;
}

/* The length of what must not be shown at s, 0 = nothing. */
static size_t
hidden(const char *s, const char *const *secrets, size_t count)
{
	size_t n;

	for (size_t i = 0; i < count; i++)
		if (secrets[i] != NULL && (n = strlen(secrets[i])) >= SECRET_LEAST &&
		    strncmp(s, secrets[i], n) == 0)
			return n;
	n = strspn(s, "0123456789");
	return n >= PHONE_RUN ? n : 0;
}

static void
scrub(struct buf *b, const char *s, const char *const *secrets, size_t count)
{
	const char *address = NULL;
	size_t n;

	while (*s != '\0') {
		if (strncmp(s, "https://", 8) == 0 || strncmp(s, "http://", 7) == 0)
			address = s;
		if (strchr(" \t\r\n\"'<>", *s) != NULL)
			address = NULL;
		if ((n = hidden(s, secrets, count)) > 0) {
			buf_lit(b, "***");
			s += n;
		} else if (address != NULL && *s == '?') {
			buf_lit(b, "?…");
			s += strcspn(s, " \t\r\n\"'<>");
		} else {
			buf_char(b, is_control(*s, 0) ? ' ' : *s);
			s++;
		}
	}
}

void
plain_scrub(const char *s, const char *const *secrets, size_t count, char *out, size_t size)
{
	struct buf b = BUF_INIT(2 * SCRUB_MAX);
	char head[SCRUB_MAX];
	size_t n = strlen(s);

	n = n < sizeof head ? n : sizeof head - 1;
	memcpy(head, s, n);
	head[n] = '\0';
	scrub(&b, head, secrets, count);
	n = b.failed || b.s == NULL ? 0 : b.len;
	if (n >= size) {
		n = size - 1;
		while (n > 0 && ((unsigned char)b.s[n] & 0xc0) == 0x80)
			n--;	/* never half a letter */
	}
	memcpy(out, n > 0 ? b.s : "", n);
	out[n] = '\0';
	buf_free(&b);
}

static size_t
line_of(const char *s, char *out, size_t size)
{
	size_t n = 0;

	for (; *s != '\0' && n + 1 < size; s++)
		if (*s >= '0' && *s <= '9' && (n > 0 || *s != '0'))
			out[n++] = *s;
	out[n] = '\0';
	return n;
}

int
plain_same_phone(const char *a, const char *b)
{
	char x[24], y[24];
	size_t n = line_of(a, x, sizeof x), m = line_of(b, y, sizeof y);

	if (n < PHONE_LEAST || m < PHONE_LEAST)
		return 0;
	return n < m ? strcmp(x, y + m - n) == 0 : strcmp(y, x + n - m) == 0;
}
