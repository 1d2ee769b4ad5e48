/*
 * json_scan.c - the strict look at JSON text
 *
 * Refuses what cJSON would let through and copies the text, where each number
 * token becomes a string behind the byte 0xFF. No text can look like that:
 * 0xFF is in no valid UTF-8, and no escape makes it.
 *
 * One pass over the bytes; the keys of an object are compared by hash, and
 * sorted when there are many: nothing is quadratic in what a stranger sends.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json_scan.h"
#include "lib/base/utf8.h"

enum {
	FEW_KEYS = 24		/* up to here each is compared with each */
};

struct key {
	const char *s;		/* decoded */
	size_t len;
	const char *at;		/* in the text, for the fault */
	uint32_t hash;
};

static int
fail_at(struct scan *sc, const char *at, const char *what)
{
	if (sc->what == NULL) {
		sc->what = what;
		sc->at = at;
	}
	return -1;
}

static int
fail(struct scan *sc, const char *what)
{
	return fail_at(sc, sc->p, sc->p == sc->end ? "unexpected end" : what);
}

/* The next byte, NUL at the end; NUL bytes themselves fit nowhere. */
char
scan_peek(const struct scan *sc)
{
	return sc->p < sc->end ? *sc->p : '\0';
}

void
scan_white(struct scan *sc)
{
	while (sc->p < sc->end && (*sc->p == ' ' || *sc->p == '\n' ||
	    *sc->p == '\r' || *sc->p == '\t'))
		sc->p++;
}

static int
skip_digits(struct scan *sc)
{
	const char *from = sc->p;

	while (scan_peek(sc) >= '0' && scan_peek(sc) <= '9')
		sc->p++;
	return sc->p > from ? 0 : -1;
}

/* RFC 8259: -? (0 | 1-9 digits) (. digits)? (e sign? digits)? */
static int
number_token(struct scan *sc)
{
	if (scan_peek(sc) == '-')
		sc->p++;
	if (scan_peek(sc) == '0')
		sc->p++;
	else if (skip_digits(sc) == -1)
		return -1;
	if (scan_peek(sc) == '.') {
		sc->p++;
		if (skip_digits(sc) == -1)
			return -1;
	}
	if (scan_peek(sc) == 'e' || scan_peek(sc) == 'E') {
		sc->p++;
		if (scan_peek(sc) == '+' || scan_peek(sc) == '-')
			sc->p++;
		if (skip_digits(sc) == -1)
			return -1;
	}
	return scan_peek(sc) != '\0' && strchr("+-.0123456789eE", scan_peek(sc)) != NULL ? -1 : 0;
}

/* What was not copied yet, up to here. */
static void
copy_until(struct scan *sc, const char *p)
{
	size_t n = (size_t)(p - sc->copied);

	memcpy(sc->out, sc->copied, n);
	sc->out += n;
	sc->copied = p;
}

static int
number(struct scan *sc)
{
	const char *from = sc->p;

	if (number_token(sc) == -1)
		return fail_at(sc, from, "invalid number");
	if (sc->out != NULL) {
		copy_until(sc, from);
		*sc->out++ = '"';
		*sc->out++ = (char)JSON_MARK;
		copy_until(sc, sc->p);
		*sc->out++ = '"';
	}
	return 0;
}

/* Four hex digits, or -1. */
static int
hex4(const char *p, const char *end)
{
	int n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			n = n * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return n;
}

static int
is_surrogate(int unit, int first)
{
	return unit >= first && unit < first + 0x400;
}

/* p stands behind \u: the code point, 0 and surrogates being faults. */
static int
unicode_escape(struct scan *sc, uint32_t *point)
{
	const char *from = sc->p - 2;
	int unit = hex4(sc->p, sc->end), low;

	if (unit == -1)
		return fail_at(sc, from, "invalid escape");
	if (unit == 0)
		return fail_at(sc, from, "NUL in a text");
	sc->p += 4;
	*point = (uint32_t)unit;
	if (is_surrogate(unit, 0xDC00))
		return fail_at(sc, from, "half of a surrogate pair");
	if (!is_surrogate(unit, 0xD800))
		return 0;
	if (sc->end - sc->p < 6 || sc->p[0] != '\\' || sc->p[1] != 'u' ||
	    (low = hex4(sc->p + 2, sc->end)) == -1 || !is_surrogate(low, 0xDC00))
		return fail_at(sc, from, "half of a surrogate pair");
	sc->p += 6;
	*point = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
	return 0;
}

/* p stands at a backslash; the code point that is meant. */
static int
escape(struct scan *sc, uint32_t *point)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	char c;

	sc->p++;
	if ((c = scan_peek(sc)) == '\0')
		return fail_at(sc, sc->p, "invalid escape");
	sc->p++;
	if (c == 'u')
		return unicode_escape(sc, point);
	if ((hit = strchr(from, c)) == NULL)
		return fail_at(sc, sc->p - 2, "invalid escape");
	*point = (uint32_t)to[hit - from];
	return 0;
}

/* p stands at the opening quote. The bounds without quotes; 1 when there are
 * escapes in it. UTF-8 was checked for the whole text before. */
int
scan_string(struct scan *sc, const char **from, size_t *len)
{
	int escapes = 0;
	uint32_t point;

	*from = ++sc->p;
	for (;;) {
		while (sc->p < sc->end && (unsigned char)*sc->p >= 0x20 &&
		    *sc->p != '"' && *sc->p != '\\')
			sc->p++;
		if (sc->p == sc->end)
			return fail_at(sc, *from - 1, "text without end");
		if (*sc->p == '"')
			break;
		if (*sc->p != '\\')
			return fail(sc, "control byte in a text");
		if (escape(sc, &point) == -1)
			return -1;
		escapes = 1;
	}
	*len = (size_t)(sc->p++ - *from);
	return escapes;
}

/* The text of a string that was found whole. */
void
scan_decode(struct buf *b, const char *s, size_t n)
{
	struct scan sc = { .p = s, .end = s + n };
	uint32_t point;

	while (sc.p < sc.end) {
		if (*sc.p != '\\')
			buf_char(b, *sc.p++);
		else if (escape(&sc, &point) == 0)
			utf8_put(b, point);
		else
			return;
	}
}

static uint32_t
hash_of(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

/* Remember a key of the object that is open. */
static int
add_key(struct scan *sc, const char *s, size_t len, int escapes)
{
	struct key *k = sc->keys, key = { .s = s, .len = len, .at = s - 1 };
	struct buf b = BUF_INIT(len);

	if (sc->key_count == sc->key_room) {
		sc->key_room = sc->key_room == 0 ? 64 : sc->key_room * 2;
		if ((k = realloc(sc->keys, sc->key_room * sizeof *k)) == NULL)
			return fail_at(sc, key.at, "out of memory");
		sc->keys = k;
	}
	if (escapes) {
		scan_decode(&b, s, len);
		key.s = arena_dup(sc->arena, b.s, b.len);
		key.len = b.len;
		buf_free(&b);
		if (key.s == NULL)
			return fail_at(sc, key.at, "out of memory");
	}
	key.hash = hash_of(key.s, key.len);
	k[sc->key_count++] = key;
	return 0;
}

static int
compare_keys(const void *one, const void *two)
{
	const struct key *a = one, *b = two;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->s, b->s, a->len);
}

/* The later one of two equal keys, or NULL. */
static const char *
duplicate(struct key *k, size_t n)
{
	if (n <= FEW_KEYS) {
		for (size_t i = 1; i < n; i++)
			for (size_t j = 0; j < i; j++)
				if (k[i].hash == k[j].hash && compare_keys(&k[i], &k[j]) == 0)
					return k[i].at;
		return NULL;
	}
	qsort(k, n, sizeof *k, compare_keys);
	for (size_t i = 1; i < n; i++)
		if (compare_keys(&k[i], &k[i - 1]) == 0)
			return k[i].at > k[i - 1].at ? k[i].at : k[i - 1].at;
	return NULL;
}

static int
member(struct scan *sc)
{
	const char *s;
	size_t len;
	int escapes;

	scan_white(sc);
	if (scan_peek(sc) != '"')
		return fail(sc, "a key was expected");
	if ((escapes = scan_string(sc, &s, &len)) == -1 ||
	    (sc->arena != NULL && add_key(sc, s, len, escapes) == -1))
		return -1;
	scan_white(sc);
	if (scan_peek(sc) != ':')
		return fail(sc, "a colon was expected");
	sc->p++;
	return scan_value(sc);
}

/* p stands at the bracket; each reads one element or member. */
static int
container(struct scan *sc, char close, int (*each)(struct scan *), const char *expected)
{
	const char *open = sc->p;

	if (++sc->depth > JSON_DEPTH)
		return fail_at(sc, open, "nested too deep");
	sc->p++;
	scan_white(sc);
	if (scan_peek(sc) != close) {
		for (;;) {
			if (each(sc) == -1)
				return -1;
			scan_white(sc);
			if (scan_peek(sc) != ',')
				break;
			sc->p++;
		}
		if (scan_peek(sc) != close)
			return fail(sc, expected);
	}
	sc->p++;
	sc->depth--;
	return 0;
}

static int
object(struct scan *sc)
{
	size_t base = sc->key_count;
	const char *again = NULL;

	if (container(sc, '}', member, "a comma or } was expected") == -1)
		return -1;
	if (sc->key_count > base)
		again = duplicate(sc->keys + base, sc->key_count - base);
	if (again != NULL)
		return fail_at(sc, again, "duplicate key");
	sc->key_count = base;
	return 0;
}

static int
word(struct scan *sc, const char *s)
{
	size_t n = strlen(s);

	if ((size_t)(sc->end - sc->p) < n || memcmp(sc->p, s, n) != 0)
		return fail(sc, "a value was expected");
	sc->p += n;
	return 0;
}

int
scan_value(struct scan *sc)
{
	const char *s;
	size_t len;

	scan_white(sc);
	switch (scan_peek(sc)) {
	case '{':
		return object(sc);
	case '[':
		return container(sc, ']', scan_value, "a comma or ] was expected");
	case '"':
		return scan_string(sc, &s, &len) == -1 ? -1 : 0;
	case 't':
		return word(sc, "true");
	case 'f':
		return word(sc, "false");
	case 'n':
		return word(sc, "null");
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return number(sc);
	default:
		return fail(sc, "a value was expected");
	}
}

/* The whole text is one value of valid UTF-8. */
static int
whole(struct scan *sc)
{
	const char *p = sc->p, *before = p;

	if (!utf8_valid(sc->p, (size_t)(sc->end - sc->p))) {
		do
			before = p;
		while (utf8_next(&p, sc->end) != 0xFFFD ||
		    utf8_valid(before, (size_t)(p - before)));
		return fail_at(sc, before, "invalid UTF-8");
	}
	if (sc->end - sc->p >= 3 && memcmp(sc->p, "\xEF\xBB\xBF", 3) == 0)
		return fail(sc, "byte order mark");
	if (scan_value(sc) == -1)
		return -1;
	scan_white(sc);
	return sc->p == sc->end ? 0 : fail(sc, "something stands behind the value");
}

int
scan_line(const char *text, const char *at)
{
	int line = 1;

	while ((text = memchr(text, '\n', (size_t)(at - text))) != NULL) {
		text++;
		line++;
	}
	return line;
}

/* A number takes three bytes more, and two cannot stand without one between. */
static char *
copy_room(size_t n)
{
	size_t size;

	return __builtin_mul_overflow(n / 2 + 1, 3, &size) ||
	    __builtin_add_overflow(size, n, &size) ? NULL : malloc(size);
}

char *
json_vet(struct arena *a, const char *text, size_t *n, struct json_fault *fault)
{
	char *copy = copy_room(*n);
	struct scan sc = { .text = text, .p = text, .end = text + *n,
		.copied = text, .out = copy, .arena = a };
	int rc = copy == NULL ? fail_at(&sc, text, "out of memory") : whole(&sc);

	free(sc.keys);
	if (rc == -1) {
		*fault = (struct json_fault){ .at = (size_t)(sc.at - text),
			.line = scan_line(text, sc.at), .what = sc.what };
		free(copy);
		return NULL;
	}
	copy_until(&sc, sc.end);
	*n = (size_t)(sc.out - copy);
	return copy;
}
