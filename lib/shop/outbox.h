/*
 * outbox.h - what we owe the till, so that nothing is lost and nothing doubled
 *
 * The row is written in the transaction of the order. A sender claims it
 * (committed) before the first byte leaves; the request's bytes are frozen
 * then and sent again as they are. See schema.sql, table outbox.
 *
 * sent_at is the promise everything else rests on: DB_NULL = the till surely
 * has nothing of this, else it may have it since then.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"

struct outbox_row {
	int64_t id, order_id, user_id, attempts, finds, sent_at, created_at;
	int64_t lease_ms;		/* ours until then; names this claim */
	const char *kind, *key, *payload, *mode;
	const char *request_id;		/* of the HTTP request that owed it; NULL = none */
	const void *request;		/* frozen bytes, NULL = never sent */
	size_t request_len;
};

/*
 * Owe an order (or its cancelling: lib/shop/cancel.h) to the till; due at once.
 * The caller's transaction; log_request_now() is kept with it. 0 or a db_status.
 */
int outbox_owe_order(struct db *, int64_t order_id, const char *kind, const char *idempotency_key)
    __attribute__((warn_unused_result));

/*
 * Take up to `most` due rows for lease_ms (transaction of its own; none is
 * begun when nothing is due). Rows whose lease ran out come first, as their
 * sender left them: with sent_at set a byte may have left, so the profile's
 * retry rule decides before anything is sent again. An order's rows go in
 * order, one at a time. Of a lane that is paused or open nothing is taken; of
 * one that has just closed again, one row, while no other is under way. The number taken, or a db_status;
 * texts in arena.
 */
int outbox_claim(struct db *, struct arena *, const char *lane, int64_t lease_ms,
    struct outbox_row *, int most) __attribute__((warn_unused_result));

/* The same rows, without taking them: whatever the lane's breaker says. Their
 * number, or a db_status; texts in arena. */
int outbox_peek(struct db *, struct arena *, const char *lane, struct outbox_row *, int most)
    __attribute__((warn_unused_result));

/*
 * Freeze the bytes (unless some are frozen already: send those) and note that
 * a byte may leave from now on, so that looks count anew (own transaction). 1 send it; 0 the claim is
 * not ours any more, send nothing; else a db_status.
 */
int outbox_freeze(struct db *, const struct outbox_row *, const void *request, size_t len)
    __attribute__((warn_unused_result));

/*
 * How a try ended; inside the caller's transaction, beside order_move().
 * Keeps the order's submission in step, calls people when it stops. 1 noted;
 * 0 another sender has the row by now or it is over (nothing is written,
 * but "sent" is news whoever brings it, unless it is known); else a db_status.
 */
struct outbox_end {
	const struct outbox_row *row;
	const char *state;	/* "sent" "due" "uncertain" "refused"; "parked": answered,
				   and nobody has to look at it */
	const char *mode;	/* "send" "find" */
	int64_t next_ms;	/* for "due": unix milliseconds */
	int counts;		/* the try counts as an attempt */
	int no_effect;		/* the till surely has nothing from this try (unsent,
				   limited, auth): sent_at is again what it was */
	int found_nothing;	/* a look found nothing */
	int surely_absent;	/* … and by the rule that settles it: sent_at ends */
	const char *outcome, *error;
};
int outbox_settle(struct db *, const struct outbox_end *) __attribute__((warn_unused_result));

/* What the shopper sees of the order (submission) follows its row. The caller's
 * transaction. 0 or a db_status. */
int outbox_show(struct db *, int64_t order_id, const char *state, int64_t sent_at)
    __attribute__((warn_unused_result));

/*
 * Send nothing of this order any more (it failed or was cancelled before a
 * byte left): its rows are parked, in the caller's transaction. 1 done; 0 the
 * till may have it, nothing is changed; else a db_status.
 */
int outbox_close(struct db *, int64_t order_id, const char *why)
    __attribute__((warn_unused_result));

/* Milliseconds until the next try: base doubled per attempt, capped, with jitter
 * (half of it is chance). */
int64_t outbox_backoff_ms(int64_t attempts, int64_t base_s, int64_t max_s, uint32_t random);

/*
 * No wait is longer than longest_ms: what lies further ahead was written before
 * the clock was set back, and is due now. Transactions of its own, some rows at a
 * time. How many, or a db_status.
 */
int outbox_wake_stranded(struct db *, const char *lane, int64_t longest_ms)
    __attribute__((warn_unused_result));

/*
 * The lane's breaker. Opens after LANE_TRIP failures in a row, for a time that
 * doubles up to max_s. The caller's transaction, beside outbox_settle; what
 * changes nothing writes nothing. 0 or a db_status.
 */
enum { LANE_TRIP = 3 };
int lane_failed(struct db *, const char *lane, int64_t base_s, int64_t max_s)
    __attribute__((warn_unused_result));
int lane_ok(struct db *, const char *lane) __attribute__((warn_unused_result));
/* The other side asks for so much patience: nothing is taken meanwhile, and an
 * hour at the longest. */
int lane_hold(struct db *, const char *lane, int64_t seconds)
    __attribute__((warn_unused_result));
/* Until an operator resumes it (bad credentials, restore), who also ends an open
 * breaker: 1 resumed, 0 it was running. why: a sentence. */
int lane_pause(struct db *, const char *lane, const char *why)
    __attribute__((warn_unused_result));
int lane_resume(struct db *, const char *lane) __attribute__((warn_unused_result));
/* 1 paused or open now, 0 may be used, else a db_status. */
int lane_paused(struct db *, const char *lane) __attribute__((warn_unused_result));

#endif
