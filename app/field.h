/*
 * field.h - what can be wrong with a field, in both languages: shared by the
 * readers of bodies (field.c) and of query strings (query.c)
 */
#ifndef FIELD_H
#define FIELD_H

#include "app/request.h"

enum rule {
	RULE_REQUIRED, RULE_ONCE,
	RULE_IS_TEXT, RULE_IS_WHOLE, RULE_IS_MONEY, RULE_IS_BOOL, RULE_IS_OBJECT, RULE_IS_ARRAY,
	RULE_IS_NUMBER,
	RULE_PRINTABLE,
	RULE_LENGTH,		/* size_t min, max */
	RULE_BYTES,		/* size_t min, max */
	RULE_COUNT,		/* size_t min, max */
	RULE_RANGE,		/* int64_t min, max */
	RULE_REAL_RANGE,	/* double min, max */
	RULE_CHOICE,		/* const char *choices */
	RULE_TOGETHER,		/* const char *the other field */
	RULE_EMAIL, RULE_PHONE,
	RULE_UNKNOWN,		/* an id of nothing */
	RULE_WRONG,		/* not the one that we have */
	RULE_FUTURE, RULE_TIME,
	RULE_ONE_OF,		/* const char *the fields */
	RULE_NOT_WITH,		/* const char *the other field */
	RULE_NO_OPENING,
	RULE_CURSOR,		/* of no list, or of another */
	RULES
};

/* A fault in the words of a rule; what follows is what its comment says. */
void field_rule(struct request *, const char *field, enum rule, ...);

/* A fault in words of its own, which live as long as the request; NULL: no memory. */
void field_fault(struct request *, const char *field, const char *text);

/* The place of a text among "a|b|c", or -1. */
int field_place(const char *choices, const char *text);

/* Decode r->query into r->args. 0, or -1 for wrong bytes or too many names. */
int query_open(struct request *) __attribute__((warn_unused_result));

#endif
