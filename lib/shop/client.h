/*
 * client.h - our customers as clients of the till (G3, G4, G67)
 *
 * An account owes the till a client: a row of the outbox, written in the
 * transaction that makes the account, so that the till may be down. pos-sender
 * finds the client there, or makes one, and stores the till's id here. A link is
 * for sending orders alone: nothing that the till knows of a client is shown,
 * because a phone that was typed is no proof (C28).
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"

/* Lane of the outbox: clients hold up no order. */
#define CLIENT_LANE "client"

struct client {
	const char *name, *email;
	const char *phone;		/* NULL = not given */
	const char *pos_id;		/* NULL = not linked */
};

/* 1 found, 0 no such account, else a db_status. Texts in arena. */
int client_find(struct db *, struct arena *, int64_t user_id, struct client *)
    __attribute__((warn_unused_result));

/* 1 this is his phone (NULL: he has none), 0 it is not, else a db_status. */
int client_has_phone(struct db *, int64_t user_id, const char *phone)
    __attribute__((warn_unused_result));

/* What follows stands in the caller's transaction. */

/* A new account: owes a client, unless the till has none. 0 or a db_status. */
int client_owe(struct db *, int64_t user_id) __attribute__((warn_unused_result));
/*
 * His phone is another now. A client that was found by it is his no longer, and
 * is looked for again; one that we made for him stays his. 0 or a db_status.
 */
int client_phone_changed(struct db *, int64_t user_id) __attribute__((warn_unused_result));

/*
 * Link him, once; made: we made this client at the till. 1 linked, or it was so
 * already; 0 he or somebody else has another link, nothing is changed; else a
 * db_status.
 */
int client_link(struct db *, int64_t user_id, const char *pos_client_id, int made)
    __attribute__((warn_unused_result));

/*
 * Accounts above `after` that have no link and owe none: up to `most` of them owe
 * one now. Their number, *last = the highest id that was looked at; 0 = there are
 * no more; else a db_status.
 */
int client_owe_missing(struct db *, int64_t after, int most, int64_t *last)
    __attribute__((warn_unused_result));

#endif
