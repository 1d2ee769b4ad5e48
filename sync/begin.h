/*
 * begin.h - one row begins its way to the till
 *
 * Its bytes are frozen and "may have left" is on disk before it is under way.
 */
#ifndef BEGIN_H
#define BEGIN_H

#include "sync/settle.h"

/* A row just claimed. Afterwards it is READY to be sent, or FREE: it has ended. */
void try_begin(struct try *);

/* The till has answered, and the reply is taken over. Afterwards as above. */
void try_hear(struct try *, struct http_reply *);

/*
 * What would become of a row now, in words; the request, unless its method is
 * NULL. Nothing is written. try_forget_look() afterwards.
 */
const char *try_foresee(struct try *);

/* A look that nobody will hear of any more. */
void try_forget_look(struct try *);

/* The first steps, for clients.c: ask the till whether it has him; freeze the bytes
 * and send. Afterwards as after try_begin(). */
void try_start_looking(struct try *);
void try_start_sending(struct try *);

#endif
