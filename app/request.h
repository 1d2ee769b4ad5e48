/*
 * request.h - one request on its way through the API
 *
 * A route is prepare() (no transaction: parse, validate, hash) and apply()
 * (SQL only). Both return OK or a problem made by fail(); the dispatcher
 * alone begins and ends transactions and sends the reply, once.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/counter.h"
#include "lib/base/db.h"
#include "lib/base/json.h"
#include "lib/base/shared.h"
#include "lib/shop/keyring.h"
#include "lib/shop/problem.h"
#include "lib/shop/settings.h"

/* Where nginx sends a route; POOLS = a worker that serves them all. */
enum pool { POOL_READ, POOL_WRITE, POOL_AUTH, POOLS };

struct webhook;

/* What a worker holds from start to end. */
struct app {
	struct settings conf;
	enum pool pool;
	struct db *db;
	struct shared *shared;
	struct counters *counters;
	int64_t started_at;
	struct keyring *keys;
	int shares_sync;	/* the loop syncs once for several requests */
	int owes_sync;		/* something was committed since the last sync */
	struct webhook *webhook;	/* NULL: the till's are not taken */
};

enum role { ROLE_NOBODY, ROLE_CUSTOMER, ROLE_STAFF, ROLE_ADMIN, ROLES };

enum {
	PARAMS = 3, FIELDS_MAX = 16, HEADERS_MAX = 8, ARGS_MAX = 32, QUOTAS = 2,
	BODY_MAX = 64 * 1024,		/* nginx refuses more before we see it */
	REPLY_MAX = 16 * 1024 * 1024,	/* a page of 100 orders of 200 lines with long names */
	ARENA_MAX = 8 * 1024 * 1024	/* a body of BODY_MAX that is all "[0,0,…" */
};

struct fault { const char *field, *text; };
struct header { const char *name, *value; };
struct arg { const char *name, *value; };
/* A limit that this request was counted against: what is left of it. */
struct quota {
	const char *name;
	int64_t burst, window_s, left;	/* window_s: from empty to full */
	int64_t next_s;			/* no more than left within it */
};

/* What the web server tells of a request; NULL = not told. */
struct envelope {
	const char *method, *path, *query, *content_type, *content_length;
	const char *remote, *id, *authorization, *idempotency_key, *if_none_match;
	const char *accept_language, *origin, *preflight, *host, *cookies;
	const char *const *all;		/* "NAME=value", up to NULL: what a profile names */
};

struct request {
	struct app *app;
	struct arena *arena;
	const struct route *route;
	/* as it came; texts are valid UTF-8 without control bytes, absent ones NULL but remote: "-" */
	const char *method, *path;	/* path without /api */
	const char *prefix;		/* "/api", or "" */
	const char *query, *id, *remote, *origin, *content_type;
	const char *authorization, *idempotency_key, *if_none_match, *preflight, *host;
	const char *const *all;		/* only request_told() reads it */
	const char *cookies;		/* of any page of this host: only cookie.h reads it */
	const char *body_text;		/* BODY_MAX at most; NULL when there is none */
	size_t body_len;
	const struct json *body;	/* an object, NULL when there is none */
	int64_t param[PARAMS];		/* {id} parts of the path, each > 0 */
	struct arg args[ARGS_MAX];	/* of the query, decoded */
	size_t arg_count;
	enum language language;
	/* who asks; 0 = nobody */
	int64_t user_id, session_id;
	enum role role;
	void *work;			/* what prepare() leaves for apply() */
	const char *field_at;		/* stands before field names: "items[2]."; NULL = nothing */
	/* Idempotency-Key, where the body or the answer hold what must not be kept */
	const char *replay_text;	/* what of the body counts; NULL = all of it */
	const char *replay_keep;	/* JSON that is stored; NULL = the answer */
	/* makes the answer from what was stored, inside the transaction; NULL = as it stands */
	enum problem (*replay)(struct request *, const char *stored);
	/* set beside a refusal: to be run without a transaction, and the write tried once more */
	enum problem (*redo)(struct request *);
	/* the answer */
	int status;			/* 200 unless set */
	const char *type;		/* of the answer's text; NULL = JSON */
	struct buf *out;		/* JSON, written by apply() or prepare() */
	struct header headers[HEADERS_MAX];
	size_t header_count;
	struct quota quotas[QUOTAS];
	size_t quota_count;
	int limited;			/* the limit that refused it, of limit_name(); -1 none */
	int is_handed_over;	/* nginx answers in its place, by X-Accel-Redirect */
	int commit_refusal;		/* a refusal keeps its writes (counted login) */
	/* a refusal */
	enum problem problem;
	struct fault faults[FIELDS_MAX];
	size_t fault_count;
	const char *extra;		/* JSON members behind the error: "\"cart\":{…}" */
	int retry_after;		/* seconds; 0 = none */
};

/*
 * Begin: look at every text of the envelope, which must outlive the request.
 * A refusal is remembered in r->problem for route_serve() to answer. Returns
 * how many bytes of body are to be read; they go to request_body().
 */
size_t request_open(struct request *, struct app *, struct arena *, struct buf *out,
    const struct envelope *);
/* text (NUL behind it) NULL: there was no memory for it. n: how many bytes came. */
void request_body(struct request *, const char *text, size_t n);

/*
 * Refuse: `return fail(r, NOT_FOUND)`. The optional extra is JSON members that
 * the client shows next, in the arena.
 */
enum problem fail(struct request *, enum problem);
enum problem fail_with(struct request *, enum problem, const char *extra);
/* The extra is what stands in r->out, which is empty again afterwards. */
enum problem fail_showing(struct request *, enum problem);
/* A database status as a problem: BUSY, WRITING_STOPPED or INTERNAL (logged). */
enum problem fail_db(struct request *, int db_status);

/* Any header of the request ("X-Signature"); NULL = not told, told twice, or no text. */
const char *request_told(const struct request *, const char *name);

/* A header of the answer; both live as long as the request. */
void request_header(struct request *, const char *name, const char *value);

/*
 * Fields. Each looks up one member, notes a fault when it is wrong, and lets
 * the next one be looked at, so that a form hears everything at once.
 * required 0: absent or null gives the default untouched. fields_end() is OK
 * or the INVALID_FIELD refusal.
 */
enum { FIELD_OPTIONAL, FIELD_REQUIRED };
/* Text: trimmed, printable, min..max code points. Arena. */
void field_text(struct request *, const struct json *from, const char *name, int required,
    size_t min, size_t max, const char **out);
/* Like field_text, but line breaks are allowed. */
void field_words(struct request *, const struct json *from, const char *name, int required,
    size_t max, const char **out);
void field_int(struct request *, const struct json *from, const char *name, int required,
    int64_t min, int64_t max, int64_t *out);
/* 0 to MONEY_MAX. */
void field_money(struct request *, const struct json *from, const char *name, int required,
    int64_t *kopecks);
void field_bool(struct request *, const struct json *from, const char *name, int required,
    int *out);
/* choices "delivery|pickup": out gets its place. */
void field_choice(struct request *, const struct json *from, const char *name, int required,
    const char *choices, int *out);
/* Both or neither; ranges checked. NaN when absent. */
void field_coordinates(struct request *, const struct json *from, double *latitude,
    double *longitude);
/* An E-mail address (RFC 5321 lengths), lower case. */
void field_email(struct request *, const struct json *from, const char *name, const char **out);
/* A phone in E.164: 0XXXXXXXXX, 380…, +380… with blanks and dashes, others with +. */
void field_phone(struct request *, const struct json *from, const char *name, int required,
    const char **out);
/* An object, or an array of min..max elements; NULL when absent or wrong. */
const struct json *field_object(struct request *, const struct json *from, const char *name,
    int required);
const struct json *field_array(struct request *, const struct json *from, const char *name,
    int required, size_t min, size_t max);
enum problem fields_end(struct request *) __attribute__((warn_unused_result));

/*
 * The query string: percent-decoded, valid UTF-8, each name once (a repeated
 * name is a fault). Unknown names are ignored.
 */
const char *query_text(struct request *, const char *name, size_t max);	/* NULL = absent or empty */
int64_t query_int(struct request *, const char *name, int64_t min, int64_t max, int64_t dflt);
double query_real(struct request *, const char *name, double min, double max);	/* NaN = absent */
int query_choice(struct request *, const char *name, const char *choices);	/* -1 = absent */
struct page {
	int64_t page, limit, offset;
	int64_t before;			/* ids below this one; INT64_MAX = from the newest */
};
void query_page(struct request *, struct page *);	/* page ≥ 1, limit 1–100, default 20 */
/* Of a list by falling ids, which also goes on behind the last one that was shown: the
 * client says it as "cursor", and page does not count then. */
void query_page_before(struct request *, struct page *);
/* Member "next_cursor": the last one that was shown, 0 when nothing comes behind it. */
void query_put_next(struct buf *, int64_t last);

#endif
