/*
 * grant.h - tokens that expire: OAuth2 by a profile's auth.refresh
 *
 * What {token} in auth.value stands for is granted by the till for a time. Who
 * keeps such tokens (sync/token.c) is asked before a request goes and once more
 * when the till refuses one; then the same request goes again. The call that
 * renews takes what the till calls a refresh token, or client credentials.
 */
#ifndef POS_GRANT_H
#define POS_GRANT_H

#include "lib/pos/call.h"

enum { GRANT_TEXT = 4096 };

struct pos_grant {
	char token[GRANT_TEXT];
	char refresh_token[GRANT_TEXT];	/* "" = the till gives none */
	int64_t granted_at;		/* unix seconds */
	int64_t expires_at;		/* 0 = the till did not say */
};

/* Has the profile an auth.refresh? */
int pos_has_grant(const struct pos *);

/*
 * Ask the till for a token, with this refresh token (NULL = what the settings
 * have). POS_DONE with the grant filled; a refusal of any kind is POS_AUTH; with a
 * sentence in message (POS_TEXT bytes), which holds no secret.
 */
enum pos_outcome pos_renew(struct pos *, const char *refresh_token, struct pos_grant *,
    char *message);

/* The first credential: what POS_TOKEN_FILE has, else a secret. A token that was
 * granted for another one counts no longer. */
const char *pos_first(const struct pos *);

/* For pos.c: is every secret given that auth.refresh names? 0, or -1 with a fault
 * (POS_FAULT bytes). And the reply of a request that had no credential. */
int grant_check(const struct pos *, char *fault) __attribute__((warn_unused_result));
void grant_failed(struct http_reply *, enum pos_outcome, const char *message);

/* Use this token from now on: 0, or -1 when it cannot be one. */
int pos_use_token(struct pos *, const char *token) __attribute__((warn_unused_result));

/* Still good at `now`, and for the moment that a request takes? */
int grant_is_fresh(const struct pos_grant *, int64_t now);

/*
 * Credentials are there: POS_DONE; else why not, with a sentence in message
 * (POS_TEXT bytes). May ask the till, so outside of transactions only. pos_ask and
 * those above it call this by themselves, before pos_start the caller does.
 */
enum pos_outcome pos_ready(struct pos *, char *message);

/*
 * For replies of pos_start: was this one refused, and has a new token been had
 * since or now? 1 = send the same again, once; 0 = judge it. number: what
 * pos_token_number() was when it was sent.
 */
int pos_ready_again(struct pos *, const struct http_reply *, int64_t number);
int64_t pos_token_number(const struct pos *);

#endif
