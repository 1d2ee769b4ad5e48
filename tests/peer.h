/*
 * peer.h - the other end of a connection, for tests: says what it was told
 *
 * A process of its own on a free port of 127.0.0.1, one more per connection.
 * Each request takes the next step of the script, the last one for ever. It
 * dies with the test.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>

enum peer_act {
	PEER_REPLY,	/* text: the reply as bytes; the connection is kept */
	PEER_LAST,	/* the same, then close */
	PEER_LOSE,	/* read the request, close without a word */
	PEER_HANG,	/* read the request, say nothing */
	PEER_MEET,	/* as PEER_REPLY, but only once `meet` requests have come */
	PEER_ACTS
};

struct peer_step {
	enum peer_act act;
	const char *text;
	int meet;
};

enum peer_kind {
	PEER_PLAIN,
	PEER_TLS,		/* certificate of 127.0.0.1 by the test's authority */
	PEER_TLS_OTHER_HOST,	/* … of till.example */
	PEER_TLS_EXPIRED,
	PEER_NO_TLS,		/* answers a TLS hello with nonsense */
	PEER_MUTE		/* accepts, and never says anything */
};

/* ca_file: where the authority's certificate goes, for the TLS kinds. */
void peer_start(enum peer_kind, const char *ca_file, const struct peer_step *, size_t count);
/* The same in two steps, for scripts that must know the address. */
void peer_listen(enum peer_kind, const char *ca_file);
void peer_serve(const struct peer_step *, size_t count);
void peer_stop(void);

/* "https://127.0.0.1:1234" or http. */
const char *peer_url(void);
/* How many requests and connections came; the nth request as bytes ("" = none). */
int peer_requests(void);
int peer_connections(void);
const char *peer_request(int nth);

/* A reply with a body of this status, type JSON. Four at a time. */
const char *peer_json(int status, const char *headers, const char *body);

#endif
