/*
 * json_pointer.c - RFC 6901, in a tree and in its text
 *
 * In the text, so that a fault in a profile can be told with its line.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json_scan.h"

/* One step of a pointer: 1 when the token (~0 ~1 undone) is this text. */
static int
token_is(const char *token, size_t n, const char *s)
{
	const char *end = token + n;

	for (; token < end; token++, s++) {
		char c = *token;

		if (c == '~') {
			if (++token == end || (*token != '0' && *token != '1'))
				return 0;
			c = *token == '0' ? '~' : '/';
		}
		if (c != *s)
			return 0;
	}
	return *s == '\0';
}

/* The place in an array that a token names, or -1. */
static int64_t
token_index(const char *token, size_t n)
{
	int64_t index = 0;

	if (n == 0 || n > 9 || (n > 1 && *token == '0'))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (token[i] < '0' || token[i] > '9')
			return -1;
		index = index * 10 + (token[i] - '0');
	}
	return index;
}

static const struct json *
step(const struct json *j, const char *token, size_t n)
{
	enum json_type type = json_type(j);
	int64_t index = token_index(token, n);

	if (type == JSON_ARRAY && index >= 0) {
		for (j = json_first(j); j != NULL && index > 0; index--)
			j = json_next(j);
		return j;
	}
	if (type != JSON_OBJECT)
		return NULL;
	for (j = json_first(j); j != NULL; j = json_next(j))
		if (token_is(token, n, json_name(j)))
			break;
	return j;
}

const struct json *
json_pointer(const struct json *j, const char *pointer)
{
	size_t n;

	while (j != NULL && *pointer != '\0') {
		if (*pointer++ != '/')
			return NULL;
		n = strcspn(pointer, "/");
		j = step(j, pointer, n);
		pointer += n;
	}
	return j;
}

/* Move to the member that a token names; p stands behind the brace. */
static int
seek_member(struct scan *sc, const char *token, size_t n)
{
	struct buf key = BUF_INIT((size_t)(sc->end - sc->p));
	const char *s;
	size_t len;
	int found = 0;

	while (scan_white(sc), scan_peek(sc) == '"') {
		if (scan_string(sc, &s, &len) == -1)
			break;
		buf_reset(&key);
		scan_decode(&key, s, len);
		found = token_is(token, n, key.s == NULL ? "" : key.s);
		scan_white(sc);
		sc->p += sc->p < sc->end;		/* the colon */
		if (found || scan_value(sc) == -1)
			break;
		scan_white(sc);
		if (scan_peek(sc) != ',')
			break;
		sc->p++;
	}
	buf_free(&key);
	return found ? 0 : -1;
}

static int
seek_element(struct scan *sc, int64_t index)
{
	if (index < 0)
		return -1;
	for (; index > 0; index--) {
		if (scan_value(sc) == -1)
			return -1;
		scan_white(sc);
		if (scan_peek(sc) != ',')
			return -1;
		sc->p++;
	}
	scan_white(sc);
	return scan_peek(sc) == ']' ? -1 : 0;
}

int
json_line(const char *text, size_t n, const char *pointer)
{
	struct scan sc = { .text = text, .p = text, .end = text + n };
	size_t len;
	int rc;

	for (; *pointer == '/'; pointer += len) {
		len = strcspn(++pointer, "/");
		scan_white(&sc);
		if (scan_peek(&sc) == '{' && sc.p++)
			rc = seek_member(&sc, pointer, len);
		else if (scan_peek(&sc) == '[' && sc.p++)
			rc = seek_element(&sc, token_index(pointer, len));
		else
			rc = -1;
		if (rc == -1)
			return 0;
	}
	scan_white(&sc);
	return *pointer == '\0' && sc.p < sc.end ? scan_line(text, sc.p) : 0;
}
