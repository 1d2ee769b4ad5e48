/*
 * session.h - a login on one device, and the refresh tokens of its family (G7)
 *
 * A refresh token is 32 random bytes; only its SHA-256 is stored. The access
 * token names the session, which is looked up in every request: so an ended
 * session is refused at once, not when its token runs out.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdint.h>

#include "lib/base/db.h"

enum { REFRESH_TEXT = 44 };	/* 32 bytes in base64url, and NUL */

/* A new session with its first refresh token. 0 or a db_status. */
int session_start(struct db *, int64_t user_id, int64_t now, int64_t refresh_days,
    int64_t *session_id, char refresh[REFRESH_TEXT]) __attribute__((warn_unused_result));

/* Who a living session belongs to. 1, 0 ended or unknown, else a db_status.
 * *role: "customer" "staff" "admin", good until the next call. */
struct session_user { int64_t user_id, is_blocked; char role[12], locale[4]; };
int session_find(struct db *, int64_t session_id, struct session_user *)
    __attribute__((warn_unused_result));

/* End it (also when it has ended already). 0 or a db_status. */
int session_end(struct db *, int64_t session_id, int64_t now) __attribute__((warn_unused_result));

#endif
