/*
 * clients.h - an account becomes a client of the till (profile: customer)
 *
 * A row of kind "client" is looked for at the till first, at each try, and made
 * there when it is not: so an answer that was lost makes no second one. Where
 * the till cannot be asked, what may be there is left alone. begin.c and settle.c
 * call these; orders never wait for them.
 */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "sync/settle.h"

/* By what the profile knows clients: "phone", "email", "no" (see till_note.h). */
const char *clients_known_by(const struct pos *);

/* One that is due, unless the till rests: the number taken, or a db_status. */
int clients_claim(struct job *, struct outbox_row *) __attribute__((warn_unused_result));

/* A row just claimed; as try_begin(). */
void client_begin(struct try *);
/* A look for him has ended; the answer is in the try. */
void client_looked(struct try *);
/* He was to be made; the answer is in the try. */
void client_settle(struct try *);

#endif
