/*
 * fuzz_json.c - JSON from outside: pointer, NUL byte, text; or the text alone
 *
 * What is accepted must be written back to something that reads the same,
 * and pointers must find in the text what they find in the tree.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/utf8.h"
#include "tests/fuzz/fuzz.h"

enum { POINTER = 128, MEMORY = 32 << 20 };

static void
look_at(const struct json *j, int depth)
{
	const struct json *child;
	enum json_type type = json_type(j);
	const char *text = json_text(j);
	int64_t n;
	double d;

	MUST(depth <= JSON_DEPTH);
	MUST((text != NULL) == (type == JSON_TEXT));
	MUST((json_digits(j) != NULL) == (type == JSON_NUMBER));
	MUST(text == NULL || utf8_valid(text, strlen(text)));
	MUST(json_int(j, &n) == -1 || type == JSON_NUMBER);
	MUST(json_real(j, &d) == -1 || type == JSON_NUMBER);
	for (child = json_first(j); child != NULL; child = json_next(child)) {
		MUST((json_name(child) != NULL) == (type == JSON_OBJECT));
		if (type == JSON_OBJECT && depth < 3)
			MUST(json_member(j, json_name(child)) == child);
		look_at(child, depth + 1);
	}
}

static void
reads_the_same(struct arena *a, const struct json *j)
{
	struct buf once = BUF_INIT(1 << 20), twice = BUF_INIT(1 << 20);
	struct json_fault fault;

	json_write(&once, NULL, j);
	MUST(!once.failed);
	MUST((j = json_parse(a, once.s, once.len, &fault)) != NULL);
	json_write(&twice, NULL, j);
	MUST(strcmp(once.s, twice.s) == 0);
	buf_free(&once);
	buf_free(&twice);
}

FUZZ_TARGET(json)(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *nul;
	char pointer[POINTER] = "";
	struct arena *a;
	const struct json *j;
	struct json_fault fault;
	size_t skip;
	int line;

	if (n > 65536)
		return 0;
	nul = n == 0 ? NULL : memchr(text, '\0', n);
	skip = nul == NULL ? 0 : (size_t)(nul - text) + 1;
	if (nul != NULL && skip <= sizeof pointer)
		memcpy(pointer, text, skip);
	text += skip;
	n -= skip;
	a = arena_new(MEMORY);
	MUST(a != NULL);
	j = json_parse(a, text, n, &fault);
	MUST((j == NULL) == (fault.what != NULL));
	MUST(j != NULL || (fault.at <= n && fault.line >= 1));
	line = json_line(text, n, pointer);
	if (j != NULL) {
		MUST(utf8_valid(text, n));
		MUST((line != 0) == (json_pointer(j, pointer) != NULL));
		look_at(j, 0);
		reads_the_same(a, j);
	}
	arena_free(a);
	return 0;
}
