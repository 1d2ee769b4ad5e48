/*
 * outbox.h - what we owe the till, so that nothing is lost and nothing doubled
 *
 * The row is written in the transaction of the order. A sender claims it
 * (committed) before the first byte leaves; the request's bytes are frozen
 * then and sent again as they are. See schema.sql, table outbox.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"

struct outbox_row {
	int64_t id, order_id, user_id, attempts, finds, sent_at, created_at;
	const char *kind, *key, *payload, *mode;
	const void *request;		/* frozen bytes, NULL = never sent */
	size_t request_len;
};

/* Owe an order (or its cancelling) to the till; due at once. 0 or a db_status. */
int outbox_owe_order(struct db *, int64_t order_id, const char *kind, const char *idempotency_key)
    __attribute__((warn_unused_result));
/* Owe a client to the till. */
int outbox_owe_client(struct db *, int64_t user_id, const char *idempotency_key)
    __attribute__((warn_unused_result));

/*
 * Take up to `most` due rows for lease_ms (transaction of its own). Rows whose
 * lease ran out come back as mode "find" or as the profile's retry says. An
 * order's rows go in order. The number taken, or a db_status; texts in arena.
 */
int outbox_claim(struct db *, struct arena *, const char *lane, int64_t lease_ms,
    struct outbox_row *, int most) __attribute__((warn_unused_result));
/* Freeze the bytes and note that a byte may leave from now on (own transaction). */
int outbox_freeze(struct db *, int64_t id, const void *request, size_t len)
    __attribute__((warn_unused_result));

/* How a try ended; inside the caller's transaction, beside order_move(). */
struct outbox_end {
	int64_t id;
	const char *state;	/* "sent" "due" "uncertain" "refused" */
	const char *mode;	/* "send" "find" */
	int64_t next_ms;	/* for "due" */
	int counts;		/* the try counts as an attempt */
	int found_nothing;	/* a look found nothing */
	const char *outcome, *error;
};
int outbox_settle(struct db *, const struct outbox_end *) __attribute__((warn_unused_result));

/* Milliseconds until the next try: base doubled per attempt, capped, with jitter. */
int64_t outbox_backoff_ms(int64_t attempts, int64_t base_s, int64_t max_s, uint32_t random);

#endif
