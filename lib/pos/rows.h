/*
 * rows.h - from a till's JSON to keys and fields
 *
 * The VALUE language of docs/PROFILE.md. Money is read from a number's own
 * digits, never through a double. A value that cannot be what the profile
 * says it is makes the row a bad one, with a sentence why.
 */
#ifndef POS_ROWS_H
#define POS_ROWS_H

#include <stddef.h>

#include "lib/pos/parts.h"
#include "lib/pos/template.h"

/* Where pointers start: a row and, inside `each`, the row above it. */
struct spot {
	const struct json *row, *above;
};

enum { ROWS_FAULT = 256, SUBS_MAX = 2000 };

struct reader {
	struct arena *arena;		/* what is read lives here */
	struct scope *scope;		/* for `base`; may be NULL */
	const char *zone;		/* for `time` without zone */
	char fault[ROWS_FAULT];		/* filled when something returns -1 */
};

/* Where one pointer leads; NULL = nowhere. */
const struct json *rows_point(const struct spot *, const char *pointer);
/* The first that is there and is neither null nor empty; NULL = none. */
const struct json *rows_at(const struct spot *, const struct pointers *);
/* A text or a number or yes/no as text in the arena; NULL for the rest. */
const char *rows_scalar(struct arena *, const struct json *);

/* 1 yes, 0 no, -1 neither. Numbers: 0 is no. */
int rows_truth(const char *);

enum got_kind { GOT_NOTHING, GOT_TEXT, GOT_NUMBER, GOT_BOOL, GOT_JSON };

struct got {
	enum got_kind kind;
	const char *text;
	int64_t number;			/* also GOT_BOOL */
	int64_t below;			/* of a quantity: what is missing to 0 */
	const struct json *json;
};

/* 0 (also when there is nothing) or -1. */
int rows_value(struct reader *, const struct value *, const struct spot *, struct got *)
    __attribute__((warn_unused_result));
/* As text: numbers in their own digits, yes/no as true/false; NULL = nothing. */
int rows_text(struct reader *, const struct value *, const struct spot *, const char **)
    __attribute__((warn_unused_result));

/* The key in the arena, or NULL with a fault. */
const char *rows_key(struct reader *, const struct key *, const struct spot *);

/* Is the row one that `keep` lets through? */
int rows_kept(struct reader *, const struct list *, const struct json *row);

/* Everything of a row but its key. 0 or -1. */
int rows_read(struct reader *, const struct list *, const struct spot *, struct pos_row *)
    __attribute__((warn_unused_result));

/* The array of a reply or row, perhaps empty; NULL = there is none. */
const struct json *rows_list(const struct spot *, const struct pointers *);

#endif
