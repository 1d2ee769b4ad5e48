/*
 * till_note.h - what the till's profile says, for programs that read no profile
 *
 * pos-sender writes it into `meta` when it starts; pos-api goes by it. Until then
 * nothing is known.
 */
#ifndef TILL_NOTE_H
#define TILL_NOTE_H

#include "lib/base/db.h"

enum till_note {
	TILL_WAITS,		/* "yes": it gets an order when staff have accepted it; "no" */
	TILL_CLIENTS,		/* by what it knows its clients: "phone", "email", "no" = not at all */
	TILL_THENS,		/* "0" to "4": how many calls follow an order (order.then) */
	TILL_NOTES
};

/* 1 when that is noted; 0 something else is, or nothing; else a db_status. */
int till_note_is(struct db *, enum till_note, const char *value)
    __attribute__((warn_unused_result));
/* What is noted as a number; 0 when nothing is. Else a db_status. */
int till_note_number(struct db *, enum till_note) __attribute__((warn_unused_result));
/* The caller's transaction. 0 or a db_status. */
int till_note_set(struct db *, enum till_note, const char *value)
    __attribute__((warn_unused_result));

#endif
