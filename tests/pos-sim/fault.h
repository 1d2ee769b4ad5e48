/*
 * fault.h - the trouble a till can make, on order
 *
 * A fault stands in the database until it is used up (--times) or taken away
 * (`fault none`), so a shell can set it while the till serves. The first
 * fault whose path fits a request has it; one request meets one fault.
 */
#ifndef POS_SIM_FAULT_H
#define POS_SIM_FAULT_H

#include "tests/pos-sim/store.h"
#include "tests/pos-sim/web.h"

enum fault_act {
	FAULT_NONE,
	FAULT_SLOW,		/* wait, then serve, even when the caller has gone */
	FAULT_HANG,		/* never answer; nothing is done */
	FAULT_HANG_AFTER,	/* do it, never answer */
	FAULT_CUT,		/* end the connection; nothing is done */
	FAULT_CUT_AFTER,	/* do it, end the connection */
	FAULT_STATUS,		/* an error instead; nothing is done */
	FAULT_BODY,		/* nonsense instead; nothing is done */
	FAULT_HUGE,		/* an answer without end; nothing is done */
	FAULT_TRUNCATE,		/* do it, send half of the answer */
	FAULT_SHAPE		/* do it, with a twist that handlers know */
};

struct fault_kind {
	const char *name;
	enum fault_act act;
	int status;			/* of FAULT_STATUS and FAULT_BODY */
	unsigned shape;			/* of FAULT_SHAPE */
	int64_t wait_ms;		/* unless --seconds; also Retry-After */
	const char *path;		/* unless --on */
	const char *help;
};

extern const struct fault_kind fault_kinds[];	/* ends with name NULL */

const struct fault_kind *fault_find(const char *name);

/* Set one; times STORE_NULL = for good. */
void fault_add(struct store *, const struct fault_kind *, const char *path, int64_t times,
    int64_t skip, int64_t wait_ms);
void fault_clear(struct store *);

/* The fault this request meets, or NULL. Counts it. */
const struct fault_kind *fault_claim(struct store *, const char *method, const char *uri,
    int64_t *wait_ms);

/* The answer of FAULT_STATUS and FAULT_BODY. */
void fault_answer(const struct fault_kind *, int64_t wait_ms, struct request *);
/* After a FAULT_SHAPE on anything but the product feed. */
void fault_spoil(struct request *);

#endif
