/*
 * ticket.h - what a browser shows where it can send no header (C24)
 *
 * A browser cannot put its access token into the request for a WebSocket, and
 * an address stands in logs: so it asks for a ticket that is good for a moment
 * and once, and shows that. Signed under the shop's keys, bound to a session;
 * that it is used once is for who takes it to see to.
 */
#ifndef TICKET_H
#define TICKET_H

#include <stdint.h>

#include "lib/shop/keyring.h"

enum {
	TICKET_LIFE_S = 30,
	TICKET_ID = 16,
	TICKET_TEXT = 97,	/* 72 bytes in base64url, and NUL */
	TICKET_MARK = 23	/* 16 bytes, likewise */
};

struct ticket {
	int64_t user_id, session_id, issued_ms;
	uint8_t id[TICKET_ID];		/* random: which one it is */
};

/* A new one of now. 0 or -1. */
int ticket_give(struct keyring *, int64_t user_id, int64_t session_id, char out[TICKET_TEXT])
    __attribute__((warn_unused_result));

/* 0 with *t filled when the shop has signed it, however long ago; else -1. */
int ticket_read(struct keyring *, const char *text, struct ticket *t)
    __attribute__((warn_unused_result));

/*
 * What only the stream that a ticket opened is told, so that it can go on
 * under the same address: EventSource asks again by itself, ticket and all.
 */
int ticket_mark(struct keyring *, const struct ticket *, char out[TICKET_MARK])
    __attribute__((warn_unused_result));
int ticket_mark_is(struct keyring *, const struct ticket *, const char *mark);	/* 1 yes */

#endif
