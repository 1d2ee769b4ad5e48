/*
 * session.h - a login on one device, and the refresh tokens of its family (G7)
 *
 * A refresh token is 32 bytes; only its SHA-256 is stored. Each is used once:
 * its successor is the HMAC of it, so the same one can be made again for a
 * moment (two tabs, a lost answer) without being kept. One that comes back
 * later was stolen, and ends the session. The access token names the session,
 * which is looked up in every request: so an ended session is refused at
 * once, not when its token runs out.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdint.h>

#include "lib/base/db.h"
#include "lib/shop/keyring.h"

enum {
	REFRESH_TEXT = 44,		/* 32 bytes in base64url, and NUL */
	REFRESH_GRACE_S = 15,		/* a used token gets the newest of its family again */
	SESSIONS_MAX = 100		/* living ones of a user; one more ends the oldest */
};

/* A new session with its first refresh token. 0 or a db_status. */
int session_start(struct db *, int64_t user_id, int64_t now, int64_t refresh_days,
    int64_t *session_id, char refresh[REFRESH_TEXT]) __attribute__((warn_unused_result));

/* Who a living session belongs to. 1, 0 ended or unknown, else a db_status.
 * *role: "customer" "staff" "admin", good until the next call. */
struct session_user { int64_t user_id, is_blocked; char role[12], locale[4]; };
int session_find(struct db *, int64_t session_id, struct session_user *)
    __attribute__((warn_unused_result));

struct refresh {
	const char *token;		/* as it came */
	int64_t now, days;		/* days: how long a successor is good */
	int64_t session_id, user_id;	/* filled unless REFUSED */
	char successor[REFRESH_TEXT];	/* filled when GIVEN */
};

/* The living session of a token, in r. 1, 0 none, else a db_status. Only looks. */
int session_of_refresh(struct db *, struct refresh *) __attribute__((warn_unused_result));

/*
 * A token for its successor; the caller's transaction. STOLEN: it was used
 * more than REFRESH_GRACE_S ago, and the session has been ended, which is to
 * be committed. Else a db_status.
 */
enum { REFRESH_REFUSED, REFRESH_GIVEN, REFRESH_STOLEN };
int session_refresh(struct db *, struct keyring *, struct refresh *)
    __attribute__((warn_unused_result));

/* A first token anew for a session that goes on; all before it are void. 0 or a db_status. */
int session_renew(struct db *, const struct refresh *, char refresh[REFRESH_TEXT])
    __attribute__((warn_unused_result));

/* It was used now, from a place (SHA256_LEN bytes, an HMAC of the network address;
 * NULL = not told). 0 or a db_status. */
int session_seen(struct db *, int64_t session_id, int64_t now, const uint8_t *place)
    __attribute__((warn_unused_result));
/* 1 the user had a session there within 30 days, 0 not, else a db_status. */
int session_knows_place(struct db *, int64_t user_id, int64_t now, const uint8_t *place)
    __attribute__((warn_unused_result));

/* End it (also when it has ended already), and tell its browsers: event
 * "session.ended". 0 or a db_status. */
int session_end(struct db *, int64_t session_id, int64_t now) __attribute__((warn_unused_result));
/* All of a user but one; 0 = really all. */
int session_end_others(struct db *, int64_t user_id, int64_t but, int64_t now)
    __attribute__((warn_unused_result));

#endif
