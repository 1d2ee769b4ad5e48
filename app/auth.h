/*
 * auth.h - who asks
 *
 * auth_check_token() needs no database: signature, issuer, audience, times
 * (RFC 8725). It runs before any lock is taken, so that a stranger's flood
 * never reaches the database, and fills user_id and session_id.
 * auth_check_session() runs inside the request's transaction: the session
 * lives, the user is not blocked; it fills role and language (G8, G73).
 */
#ifndef AUTH_H
#define AUTH_H

#include "app/request.h"

enum problem auth_check_token(struct request *) __attribute__((warn_unused_result));
enum problem auth_check_session(struct request *) __attribute__((warn_unused_result));

#endif
