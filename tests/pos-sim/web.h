/*
 * web.h - one request at the till's API and the answer to it
 *
 * api.c finds the route, checks the token and runs the handler in one
 * transaction; fault.c may spoil things before, inside or after.
 */
#ifndef POS_SIM_WEB_H
#define POS_SIM_WEB_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "tests/pos-sim/store.h"

/* Faults that a handler itself has to produce. */
enum shape {
	SHAPE_WRONG_TYPES = 1, SHAPE_DUPLICATES = 2, SHAPE_EMPTY = 4, SHAPE_HALF = 8,
	SHAPE_REPEAT = 16, SHAPE_NO_ID = 32, SHAPE_WRONG_TOTAL = 64, SHAPE_BAD_ROW = 128,
	SHAPE_NO_NAME = 256
};

enum { ID_TEXT = 64 };

struct answer {
	int status;
	struct buf body;
	const char *type;		/* Content-Type */
	char headers[256];		/* more lines, each ending in CR LF */
};

struct request {
	const char *method, *path, *query, *host, *authorization, *key;
	const char *body;
	size_t body_len;
	char id[ID_TEXT];		/* the :id part of the path */
	const struct json *json;	/* the body of a POST: an object */
	struct arena *arena;
	struct store *store;
	char **env;			/* FastCGI parameters, headers among them */
	unsigned shape;			/* of enum shape */
	struct answer *answer;
};

/* What a running till was told on its command line. */
struct till {
	const char *db;
	const char *dialect;		/* folder of a vendor's dialect; NULL: the till's own API */
	const char *token;		/* NULL: any Bearer token will do */
	const char *webhook_url, *webhook_secret;
	int64_t speed_ms;
};

/* Fills r->answer. */
void api_handle(const struct till *, struct request *);

/* An error answer; field may be NULL. */
void api_fail(struct request *, int status, const char *code, const char *field,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether an error was answered already. */
static inline int
api_failed(const struct request *r)
{
	return r->answer->status >= 400;
}

/* A query parameter, percent-decoded; NULL when absent. In the arena. */
const char *api_param(struct request *, const char *name);
/* page and limit (≤ most) of a list; 0, or -1 having failed. */
int api_paging(struct request *, int64_t most, int64_t *page, int64_t *limit)
    __attribute__((warn_unused_result));
/* updated_since in ms, 0 when absent, -1 having failed. */
int64_t api_since(struct request *);

/* Members of an object. Wrong ones: api_failed() with the field named; NULL also when absent. */
const char *api_text(struct request *, const struct json *from, const char *name,
    size_t most, int required);
int api_money(struct request *, const struct json *from, const char *name, int64_t *kopecks)
    __attribute__((warn_unused_result));	/* STORE_NULL when absent */

/* The handlers: catalog.c, clients.c, orders.c, payments.c */
void branches_list(struct request *);
void products_list(struct request *);
void product_picture(struct request *);
void clients_list(struct request *);
void client_create(struct request *);
void orders_list(struct request *);
void order_show(struct request *);
void order_create(struct request *);
void order_cancel(struct request *);
void payment_create(struct request *);
void oauth_token(struct request *);

/* oauth.c: are tokens granted for a time, and is this one of them, and good? */
int oauth_is_on(struct store *);
int oauth_knows(struct store *, const char *access);

#endif
