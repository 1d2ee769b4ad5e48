/*
 * dialect.h - a vendor's till, played from the vendor's own examples
 *
 * tests/dialects/NAME/dialect.json is a table of calls: method and path, what
 * may and must be in a request (the vendor's documented fields), the file with
 * the vendor's example of the reply, and what of it is put otherwise: ids,
 * what was ordered, which state it is in. What does not fit the fields gets
 * the vendor's error, and is written down as a complaint for the test.
 */
#ifndef POS_SIM_DIALECT_H
#define POS_SIM_DIALECT_H

#include "tests/pos-sim/web.h"

/* One order that was taken, or a client. */
struct taken {
	int64_t seq;
	const char *id;
	const struct json *body, *marks;
	int64_t created_ms;
};

/* What a reply may speak of. */
struct said {
	struct request *r;
	const char *folder;
	const struct json *dialect, *call;
	const struct json *query, *body;	/* of this request, as objects */
	struct taken *taken;			/* NULL: none */
	const char *token;			/* that it takes; NULL: any */
	const char *code, *why;			/* of an error */
};

/* A file of the folder, parsed; ends the process when it is none. */
const struct json *dialect_file(struct arena *, const char *folder, const char *name);

/* Fills r->answer. */
void dialect_handle(const struct till *, struct request *);

/* ---- dialect_input.c: "a=1&b[0][c]=2" as an object; NULL when it is not that */
const struct json *input_object(struct arena *, const char *text, size_t len);

/* ---- dialect_rules.c */

enum wrong { WRONG_NOT, WRONG_UNKNOWN, WRONG_MISSING, WRONG_TYPE };

/* What breaks the rules first, with its name in why. loose: numbers are texts. */
enum wrong rules_check(const struct json *rules, const struct json *given, int loose,
    char *why, size_t size);

/* ---- dialect_reply.c */

/* A template's text: "{id}", "{body/comment}", …; NULL when it is one name and nothing is there. */
const char *reply_text(const struct said *, const char *text);
/* The named example with what `put` changes, `cut` leaves out, `list` repeats. */
void reply_write(struct said *, const char *file, const struct taken *list, size_t count);

#endif
