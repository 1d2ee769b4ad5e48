/*
 * json.h - JSON that came from outside, read strictly
 *
 * A scan looks at every byte before cJSON does: valid UTF-8, no NUL (also
 * not as an escape), no control bytes, nesting ≤ 32, no duplicate keys, RFC
 * 8259 numbers, nothing behind the end. It copies the text and turns number
 * tokens into marked strings, because cJSON keeps numbers as double only:
 * so money and ids are read from their own digits. Everything lives in the
 * arena that was given. Writing JSON is in buf.h.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct json;

enum json_type {
	JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT,
	JSON_TYPES
};

enum { JSON_DEPTH = 32 };

struct json_fault {
	size_t at;		/* byte */
	int line;		/* from 1 */
	const char *what;	/* "duplicate key", "invalid UTF-8", … */
};

/* NULL with the fault filled ("out of memory" when the arena is full). The
 * caller bounds n; the tree needs about 4 n, small values 40 n at worst. */
const struct json *json_parse(struct arena *, const char *, size_t n,
    struct json_fault *);

enum json_type json_type(const struct json *);	/* of NULL: JSON_NULL */
const char *json_type_name(enum json_type);	/* "a number", "text", … */

const struct json *json_member(const struct json *, const char *name); /* NULL = absent */
const struct json *json_first(const struct json *);	/* of an array or object */
const struct json *json_next(const struct json *);
const char *json_name(const struct json *);		/* a member's key */
size_t json_count(const struct json *);

const char *json_text(const struct json *);	/* NULL unless JSON_TEXT */
const char *json_digits(const struct json *);	/* a number's own text; NULL unless JSON_NUMBER */
int json_true(const struct json *);
/* 0, or -1 when it is not a number that fits exactly ("1.0" is not an integer). */
int json_int(const struct json *, int64_t *) __attribute__((warn_unused_result));
int json_real(const struct json *, double *) __attribute__((warn_unused_result));

/* RFC 6901; "" is the value itself; NULL when there is no such value. */
const struct json *json_pointer(const struct json *, const char *pointer);

/* The line (from 1) at which the value of a pointer begins in its text; 0 if absent. */
int json_line(const char *text, size_t n, const char *pointer);

/* The value written back, numbers with their own digits. */
struct buf;
void json_write(struct buf *, const char *key, const struct json *);

#endif
