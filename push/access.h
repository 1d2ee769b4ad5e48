/*
 * access.h - who may listen: tickets, tokens, and the sessions behind them
 *
 * A session is looked up when a connection comes and again every few seconds
 * while it lives: so who was blocked, logged out or given another role is cut
 * off even if nobody wrote an event about it.
 */
#ifndef PUSH_ACCESS_H
#define PUSH_ACCESS_H

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/shop/keyring.h"
#include "lib/shop/ticket.h"
#include "push/hub.h"
#include "push/used.h"

enum { STAFF_BRANCHES_MAX = 1000 };

struct access {
	struct db *db;
	struct keyring *keys;
	struct used *used;
	struct arena *arena;	/* for tokens; reset by each */
	int64_t started_ms;	/* tickets of before may have been used */
	int64_t began_mono_ms;	/* the same moment, by the clock that nobody sets */
};

/* What is shown: a ticket or an access token, and the mark of a stream that goes on. */
struct pass {
	const char *ticket, *token, *mark;	/* NULL = not shown */
};

/*
 * 1 when it lets in: *session_id, *who (role and branches of now; who->branches
 * is the caller's to free) and, for a ticket, *t. 0 no, else a db_status.
 */
int access_enter(struct access *, const struct pass *, struct ticket *t, int64_t *session_id,
    struct listener *who) __attribute__((warn_unused_result));

/* 1 when the session still lives and means the same person and rights; 0, or a db_status. */
int access_still(struct access *, int64_t session_id, const struct listener *)
    __attribute__((warn_unused_result));

#endif
