/* names.h - {name|filter:arg}: the names and filters there are, and their parser */
#ifndef POS_NAMES_H
#define POS_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum name_kind {
	KIND_TEXT, KIND_NUMBER, KIND_MONEY, KIND_TIME, KIND_MARK, KIND_BOOL, KIND_JSON,
	NAME_KINDS
};

/* Whose value it is; `at` is the offset there. */
enum name_of {
	OF_TOKEN, OF_SECRET, OF_SET, OF_SINCE, OF_DEPOT, OF_NOW, OF_PREV,
	OF_WINDOW_FROM, OF_WINDOW_TO, OF_ORDER, OF_SUMMARY, OF_CUSTOMER, OF_ITEM, OF_KEY_PART
};

struct name {
	const char *text;	/* ends in '.' when something of one's own follows */
	unsigned where;		/* NAMES_… of template.h; 0 = everywhere */
	enum name_kind kind;
	enum name_of of;
	size_t at;
};

struct filter {
	const char *text;
	unsigned takes;		/* bits of name_kind */
	enum name_kind gives;
	int has_arg;
};

enum { FILTERS_MAX = 3, NAME_MAX_TEXT = 64, FILTER_ARG_MAX = 100000 };

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_NAME };

struct piece {
	enum piece_kind kind;
	const char *text;	/* PIECE_TEXT: len bytes */
	size_t len;
	const struct name *name;
	char rest[NAME_MAX_TEXT];	/* what follows a name that ends in '.' */
	int asks;		/* {name?}: is it there? */
	size_t count;
	const struct filter *filter[FILTERS_MAX];
	long arg[FILTERS_MAX];
};

/* NULL when there is no such name; rest (NAME_MAX_TEXT bytes) as in piece. */
const struct name *name_find(const char *, size_t n, char *rest);
/* The next piece, *s moved on. 0, or -1 with a fault (TEMPLATE_FAULT bytes). */
int piece_next(const char **s, struct piece *, char *fault)
    __attribute__((warn_unused_result));
/* 1 when the text is exactly one placeholder (which is in the piece then). */
int piece_whole(const char *, struct piece *);
/* The kind after the filters. */
enum name_kind piece_gives(const struct piece *);

/* A value; texts live in the scope's arena or with what they came from. */
struct held {
	int there;
	enum name_kind kind;
	const char *text;	/* also a number's digits */
	int64_t number;		/* money, times, yes/no */
};

struct scope;
struct held name_value(struct scope *, const struct name *, const char *rest);
/* With its filters applied and spelt as text; 0, or -1 with the scope's fault. */
int piece_value(struct scope *, const struct piece *, struct held *)
    __attribute__((warn_unused_result));
int scope_fail(struct scope *, const char *name, const char *what);	/* -1 */

#endif
