/*
 * template.h - {name|filter:arg} in JSON, and the names there are
 *
 * A string that is exactly one placeholder keeps the value's type, and when
 * the value is missing its key or element is left out; inside a longer text
 * a missing value is the empty text. {"$each":"items","$do":…} makes an
 * array, {"$if":"order.paid",…} is left out unless it is true. Values are
 * put into parsed JSON, so they cannot break out of it.
 */
#ifndef POS_TEMPLATE_H
#define POS_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/pos/call.h"

struct arena;
struct buf;
struct json;

/* Where a name may stand: bits, told by the place in the profile. */
enum {
	NAMES_SECRET = 1,	/* token, secret.x */
	NAMES_LIST = 2,		/* since, depot */
	NAMES_WINDOW = 4,	/* window.from, window.to */
	NAMES_PREV = 8,		/* prev */
	NAMES_ORDER = 16,
	NAMES_CUSTOMER = 32,
	NAMES_ITEM = 64		/* inside $each */
};

enum { TEMPLATE_FAULT = 320 };

/*
 * The names that a template uses are known, stand where they may, and their
 * filters fit. 0, or -1 with a sentence in fault (TEMPLATE_FAULT bytes).
 * used (may be NULL) collects the bits of what it uses.
 */
int template_check_text(const char *, unsigned allowed, unsigned *used, char *fault)
    __attribute__((warn_unused_result));
/* "order.paid" of an $if or if. */
int template_check_name(const char *, unsigned allowed, char *fault)
    __attribute__((warn_unused_result));
/* "items" or "units". */
int template_is_loop(const char *);
/* A filter that makes a text of a time ("rfc3339"), for since.as. */
int template_is_time_filter(const char *);
/* The next {set.x} or {secret.x} at or behind *s, *s moved on; 0 = no more. */
int template_next_setting(const char **s, const char *prefix, char *out, size_t size);

/* What the names stand for. Absent things are NULL or 0. */
struct scope {
	const struct pos_setup *setup;
	const char *zone;		/* for |local; NULL = UTC */
	const char *since;		/* a mark: RFC 3339 or the till's own */
	const char *depot, *prev;
	int64_t window_from, window_to;
	const struct pos_order *order;
	const struct pos_customer *customer;	/* else the order's */
	const struct pos_item *item;
	int split_keys;			/* product keys are composite */
	int masked;			/* secrets appear as {token} */
	struct arena *arena;
	char fault[TEMPLATE_FAULT];	/* filled when something returns -1 */
};

/* A member that is added to the outermost object: page numbers, cursors. */
struct extra {
	const char *name, *value;
	int number;			/* value is JSON already */
};

/* JSON text. 0 or -1; a failed buf is the caller's to see. */
int template_json(struct scope *, const struct json *, const struct extra *, size_t count,
    struct buf *) __attribute__((warn_unused_result));
/* a=1&b[0][c]=2, percent-encoded, as PHP's http_build_query does. */
int template_form(struct scope *, const struct json *, const struct extra *, size_t count,
    struct buf *) __attribute__((warn_unused_result));
/* A plain text; *missing (may be NULL) = it was one placeholder without value. */
const char *template_text(struct scope *, const char *, int *missing);
/* As text, each value percent-encoded; -1 when one is missing. */
int template_path(struct scope *, const char *, struct buf *) __attribute__((warn_unused_result));
/* Is a name's value there and not false, 0 or empty? */
int template_true(struct scope *, const char *name);

/* A key's nth part into out (size bytes); 0, or -1 when it has no such part. */
int key_part(const char *key, int split, size_t nth, char *out, size_t size)
    __attribute__((warn_unused_result));

#endif
