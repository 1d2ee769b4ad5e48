/*
 * rules.h - checking a profile: objects as tables of keys
 *
 * A rule says which key there may be, what reads its value into which field.
 * Every mistake is noted with where it stands; reading goes on behind it.
 */
#ifndef POS_RULES_H
#define POS_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/pos/parts.h"

struct check {
	struct profile *p;
	struct profile_faults *faults;
	char pointer[160];	/* of what is being looked at */
	size_t len;
	unsigned names;		/* NAMES_… that may stand here */
	unsigned used;		/* those that a template here did use */
	int above;		/* ^ may stand here */
	uint32_t fields;	/* bits of enum pos_field that `set` may name */
};

typedef void take_fn(struct check *, const struct json *, void *into, const void *arg);

enum { OPTIONAL, REQUIRED };

struct rule {
	const char *key;
	take_fn *take;
	size_t at;		/* offset of the field */
	const void *arg;
	int required;
};

/* Notes a mistake at the present place. */
void check_fault(struct check *, const char *, ...) __attribute__((format(printf, 2, 3)));
/* Steps into a member or element and back again. */
size_t check_enter(struct check *, const char *name);
size_t check_enter_nth(struct check *, size_t nth);
void check_leave(struct check *, size_t mark);

void check_object(struct check *, const struct json *, const struct rule *, size_t count, void *into);
#define CHECK_OBJECT(c, j, rules, into) \
	check_object((c), (j), (rules), sizeof(rules) / sizeof *(rules), (into))
/* "a, b, c" of a list that ends with NULL. */
void check_words(const char *const *, char *out, size_t size);

/* Leaves. arg: see each. */
take_fn take_text;		/* const char *, not empty */
take_fn take_flag;		/* int */
take_fn take_number;		/* int64_t; arg: int64_t[2] = least and most */
take_fn take_choice;		/* an enum, by its place in arg: words up to NULL */
take_fn take_texts;		/* const struct json *: an array of texts */
take_fn take_any;		/* const struct json *, as it is */
take_fn take_template;		/* const struct json *: an object with placeholders */
take_fn take_phrase;		/* const char *: a text with placeholders */
take_fn take_headers;		/* const struct json *: an object of phrases */
take_fn take_call;		/* struct call: "GET /path" */
take_fn take_where;		/* struct where; arg: const unsigned * = bits of enum where_in */
take_fn take_name;		/* const char *: the name of an `if` */

/* Values. */
take_fn take_pointer;		/* const char * */
take_fn take_pointers;		/* struct pointers */
take_fn take_key;		/* struct key */
take_fn take_value;		/* struct value */
take_fn take_set;		/* struct field_set; c->fields says what it may name */

/* The keys by which a struct that has a `call` says what to ask. */
#define F(kind, field) offsetof(struct kind, field)
#define CALL_RULES(kind) \
	{ "call",	take_call,	F(kind, call), NULL, REQUIRED }, \
	{ "query",	take_template,	F(kind, call.query), NULL, OPTIONAL }, \
	{ "json",	take_template,	F(kind, call.json), NULL, OPTIONAL }, \
	{ "form",	take_template,	F(kind, call.form), NULL, OPTIONAL }, \
	{ "headers",	take_headers,	F(kind, call.headers), NULL, OPTIONAL }
void check_call(struct check *, const struct call *);

/* Lists. */
take_fn take_feed;		/* struct list; arg: const enum feed_what * */
take_fn take_find;		/* struct list */
/* What the lists need of each other. */
void check_feeds(struct check *);

take_fn take_webhook;		/* struct hook */

/* Rules between keys (profile_promise.c), at order, auth and error. */
void check_promises(struct check *);
void check_credentials(struct check *);
void check_codes(struct check *);

/* The whole profile. */
void check_profile(struct check *, const struct json *);

#endif
