/*
 * tokens.h - the answer of everything that opens or renews a session
 *
 * Access token, refresh token, user (design: token answer). A browser may have
 * the refresh token in a cookie that no script can read: "refresh_in":"cookie".
 */
#ifndef TOKENS_H
#define TOKENS_H

#include "app/request.h"

struct tokens {
	int64_t user_id, session_id;
	const char *refresh;
	int in_cookie;
};

/* The member refresh_in; dflt when it is not there. A cookie is given to our
 * own pages only: refused as CROSS_SITE. */
enum problem tokens_wanted(struct request *, int dflt, int *in_cookie)
    __attribute__((warn_unused_result));

/* Inside the transaction. */
enum problem tokens_answer(struct request *, const struct tokens *)
    __attribute__((warn_unused_result));
/* The same with a session that begins now. */
enum problem tokens_answer_new(struct request *, int64_t user_id, int in_cookie)
    __attribute__((warn_unused_result));

#endif
