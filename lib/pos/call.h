/*
 * call.h - one till: asking it something, and judging what came back
 *
 * A step of the profile (create an order, find it, …) becomes a request
 * without any secret in it, which can be kept and sent again byte for byte.
 * The credentials are added when it is sent. What comes back is classified
 * once, here, for every profile; see enum pos_outcome.
 */
#ifndef POS_CALL_H
#define POS_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/pos/http.h"
#include "lib/pos/order.h"

struct arena;
struct buf;
struct json;
struct pos;
struct profile;

enum { POS_FAULT = 512, POS_TEXT = 200, POS_KEY_MAX = 200 };

struct pos_pair {
	const char *name, *value;
};

enum pos_outcome {
	POS_DONE,	/* it happened; or the question was answered */
	POS_UNSENT,	/* no byte can have left: try again */
	POS_LIMITED,	/* 429, 503: wait retry_after; does not use up a try */
	POS_AUTH,	/* 401, 403 or a code of error.auth: stop the queue, alarm */
	POS_REFUSED,	/* 4xx or an error body: this one will never pass */
	POS_UNKNOWN,	/* sent, but no usable answer: go by the profile's retry */
	POS_GONE,	/* 404, 410 or error.gone: the till does not know it */
	POS_DUPLICATE,	/* error.duplicate: it is there already */
	POS_OUTCOMES
};

struct pos_setup {
	const char *profile;		/* file */
	const char *token;		/* {token}; NULL = none */
	const struct pos_pair *settings;	/* {set.x}; base_url also replaces `base` */
	size_t setting_count;
	const struct pos_pair *secrets;		/* {secret.x} */
	size_t secret_count;
	struct http_options http;
	/*
	 * Called instead of sleeping (pace_ms, Retry-After between pages);
	 * not 0 = give up. NULL = sleep.
	 */
	int (*wait)(void *arg, int ms);
	void *wait_arg;
	/* Who keeps a token that expires, see lib/pos/grant.h; NULL = nobody. */
	enum pos_outcome (*grant)(void *arg, struct pos *, int refused, char *message);
	void *grant_arg;
};

/*
 * NULL with a sentence in fault (POS_FAULT bytes): a mistake in the profile
 * with file, line and pointer, a missing setting, an address we do not ask.
 * Texts of the setup must outlive it.
 */
struct pos *pos_open(const struct pos_setup *, char *fault);
void pos_close(struct pos *);
const struct profile *pos_profile(const struct pos *);

const char *pos_outcome_name(enum pos_outcome);

enum pos_step {
	POS_ORDER_CREATE,
	POS_ORDER_CANCEL,
	POS_ORDER_STATUS,
	POS_CUSTOMER_CREATE,
	POS_ORDER_FIND,		/* a list: use pos_find */
	POS_CUSTOMER_FIND,	/* a list: use pos_find */
	POS_ORDER_THEN,		/* and + 1, + 2, … below pos_then_count() */
	POS_STEPS = POS_ORDER_THEN + 4
};

/* Has the profile this step? (No cancel: the shop says "call the branch".) */
int pos_has(const struct pos *, enum pos_step);

enum pos_retry { POS_RETRY_KEY, POS_RETRY_UNIQUE, POS_RETRY_FIND, POS_RETRY_NEVER };
enum pos_stock_moves { POS_MOVES_CREATED, POS_MOVES_ACCEPTED, POS_MOVES_DONE, POS_MOVES_NEVER };
enum pos_send_on { POS_SEND_PLACED, POS_SEND_ACCEPTED, POS_SEND_PAID };

/* Does customer.find look for an e-mail address, or is there none? Else a phone. */
int pos_finds_by_email(const struct pos *);

enum pos_retry pos_retry(const struct pos *);
enum pos_stock_moves pos_stock_moves(const struct pos *);
enum pos_send_on pos_send_on(const struct pos *);

/* Steps of order.then, and whether this order needs the nth (its "if"). */
size_t pos_then_count(const struct pos *);
int pos_then_due(const struct pos *, size_t nth, const struct pos_order *);
/* Of a call that follows an order: POS_RETRY_KEY or POS_RETRY_NEVER. */
enum pos_retry pos_then_retry(const struct pos *, size_t nth);

/* What a request is about. Unused ones stay zero. */
struct pos_about {
	const struct pos_order *order;	/* its customer too */
	const struct pos_customer *customer;	/* for the customer steps */
	int64_t window_from, window_to;	/* for find: when it may have been made */
};

/* A request without secrets, relative to the till's base address. */
struct pos_request {
	const char *method;
	const char *path;	/* "/api/pos/orders?x=1" */
	const char *headers;	/* "Name: value\n" lines, Content-Type among them */
	const char *body;	/* NULL = none */
	size_t body_len;
};

/*
 * 0, or -1 with a sentence in fault (POS_FAULT bytes): the step needs a
 * value that is missing. Texts live in the arena.
 */
int pos_build(const struct pos *, enum pos_step, const struct pos_about *,
    struct arena *, struct pos_request *, char *fault)
    __attribute__((warn_unused_result));

/*
 * The request as bytes for the outbox, readable by people: request line,
 * headers, empty line, body. pos_thaw gives back exactly what was frozen;
 * -1 when the bytes are no frozen request.
 */
void pos_freeze(const struct pos_request *, struct buf *);
int pos_thaw(struct arena *, const char *, size_t, struct pos_request *)
    __attribute__((warn_unused_result));

struct pos_answer {
	enum pos_outcome outcome;
	int status;			/* of HTTP; 0 = none */
	int retry_after;		/* seconds; -1 = not said */
	char code[64];			/* the till's own error code, or "" */
	char message[POS_TEXT];		/* for people; holds no secret */
	const char *id;			/* of the order, client or payment; NULL = none */
	const char *state;		/* our status for the till's word; NULL = leave ours */
	const char *raw;		/* the till's word; without a state, one to be logged */
	const char *driver_name;	/* of an order's status: who brings it; NULL = not told */
	const char *driver_phone;
	int total_known;
	int64_t total;
	size_t matches;			/* pos_find: how many fitted */
	const struct json *body;	/* NULL unless it was JSON */
};

/* Send with credentials, wait, judge. Texts of the answer live in the arena. */
void pos_send(struct pos *, enum pos_step, const struct pos_request *,
    struct arena *, struct pos_answer *);

/*
 * Several at a time: as http_start and http_wait, with credentials. Judge
 * the reply with pos_judge, then http_reply_free (the answer does not need
 * it any more). pos_wait with none under way returns 0 at once.
 */
int pos_start(struct pos *, const struct pos_request *, void *about)
    __attribute__((warn_unused_result));
int pos_wait(struct pos *, int ms, void **about, struct http_reply *)
    __attribute__((warn_unused_result));
int pos_under_way(const struct pos *);
void pos_judge(const struct pos *, enum pos_step, const struct http_reply *,
    struct arena *, struct pos_answer *);

/*
 * Build, send, judge at once (status follows the profile's `next`). A step
 * that cannot be built is POS_REFUSED with status 0.
 */
void pos_do(struct pos *, enum pos_step, const struct pos_about *,
    struct arena *, struct pos_answer *);

/*
 * Look an order or client up (POS_ORDER_FIND, POS_CUSTOMER_FIND). POS_DONE
 * with id = it is there; POS_DONE with id NULL = the whole list was read and
 * it is not there; anything else = not known.
 */
void pos_find(struct pos *, enum pos_step, const struct pos_about *,
    struct arena *, struct pos_answer *);

/*
 * The same without waiting. NULL = the answer says why not. Then ask (by
 * pos_start) what pos_find_ask gives and let it hear the reply, which it keeps,
 * until either of them gives 0: the answer is filled as by pos_find. Arena, answer
 * and what the question is about must live so long.
 */
struct pos_finding;
struct pos_finding *pos_find_open(struct pos *, enum pos_step, const struct pos_about *,
    struct arena *, struct pos_answer *);
int pos_find_ask(struct pos_finding *, struct pos_request *)
    __attribute__((warn_unused_result));
int pos_find_hear(struct pos_finding *, const struct http_reply *)
    __attribute__((warn_unused_result));
void pos_find_close(struct pos_finding *);

/* Milliseconds to leave between two requests (profile: pace_ms); and those that
 * are left before the next may go. pos_start does not wait for them. */
int pos_pace_ms(const struct pos *);
int pos_rest_ms(const struct pos *);

/* Called with each request before it goes, for --dry-run; NULL = nobody looks on. */
void pos_watch(struct pos *, void (*sees)(void *, const struct pos_request *), void *);
/* The request for people (--dry-run): credentials appear as {token}. */
void pos_show(const struct pos *, const struct pos_request *, struct buf *);

#endif
