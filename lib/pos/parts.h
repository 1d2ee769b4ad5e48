/*
 * parts.h - a checked profile, as the engine's own files see it
 *
 * Made by profile_load only, read-only afterwards; everything lives in the
 * profile's arena. Templates stay JSON: their placeholders were checked, so
 * rendering cannot meet an unknown name. Not for use outside lib/pos.
 */
#ifndef POS_PARTS_H
#define POS_PARTS_H

#include "lib/base/arena.h"
#include "lib/base/json.h"
#include "lib/pos/call.h"
#include "lib/pos/feed.h"
#include "lib/pos/profile.h"

enum {
	POINTERS_MAX = 8,	/* fallbacks of one value */
	KEY_PARTS = 4,		/* of a composite key */
	VALUES_MAX = 8,		/* of one all, any or join */
	KEEPS_MAX = 4,
	THENS_MAX = POS_STEPS - POS_ORDER_THEN,
	NEXTS_MAX = 2		/* status calls after the first */
};

/* RFC 6901 on the row; a leading ^ means the row above. */
struct pointers {
	size_t count;
	const char *list[POINTERS_MAX];
};

enum value_kind { VALUE_NONE, VALUE_AT, VALUE_ALL, VALUE_ANY, VALUE_JOIN, VALUE_CONST };

enum value_as {
	AS_RAW, AS_STR, AS_MINOR, AS_MAJOR, AS_QTY, AS_BOOL, AS_NOT, AS_PRESENT,
	AS_TEXT, AS_URL, AS_TIME,
	AS_COUNT
};

struct value {
	enum value_kind kind;
	struct pointers at;
	enum value_as as;
	const struct json *map, *dflt, *constant;	/* NULL = none */
	const char *unless, *base, *sep;
	const char *of;			/* all, any: of each element of this array; NULL = of the row */
	struct value *parts;
	size_t count;
};

struct call {
	const char *method, *path;	/* path is a template */
	const struct json *query, *json, *form, *headers;
};

struct key {
	size_t count;
	struct pointers part[KEY_PARTS];
};

struct field_set {
	struct value *field[POS_FIELDS];
};

struct sub {
	int there;
	struct pointers rows;
	struct key key;
	struct field_set set;
};

enum where_in { WHERE_NONE, WHERE_QUERY, WHERE_JSON, WHERE_HEADER };

struct where {
	enum where_in in;
	const char *name;
};

enum page_by { PAGE_NONE, PAGE_CURSOR, PAGE_PAGE, PAGE_OFFSET, PAGE_LINK, PAGES_BY };
enum page_stop { STOP_DEFAULT, STOP_ABSENT, STOP_EMPTY, STOP_SHORT };

struct page {
	enum page_by by;
	struct pointers from;		/* cursor or link in the reply */
	int from_header;		/* the Link header instead */
	struct where put, size_put;
	int64_t size, max;
	enum page_stop stop;
};

struct keep {
	struct pointers at;
	const struct json *in;
};

enum match_how { MATCH_NONE, MATCH_IS, MATCH_STARTS, MATCH_PHONE };

struct match {
	struct pointers at;
	enum match_how how;
	const char *text;		/* a template */
};

struct list {
	int there;
	enum feed_what what;
	struct call call;
	struct pointers rows;
	struct keep keep[KEEPS_MAX];
	size_t keeps;
	const char *each;
	int one;			/* `rows` is the row, not an array of them */
	int or_self;
	struct key key;
	struct page page;
	struct where since_put;
	const char *since_as;		/* the name of a filter */
	int asks_since;			/* a template says {since} */
	const char *mark;
	enum feed_per per;
	struct pointers branch;
	struct field_set set;
	struct sub branches, depots;
	int empty_is_error;
	struct match match;
};

struct step {
	int there;
	struct call call;
	const char *needs;		/* "if": a name */
	enum step_retry { STEP_AS_ORDER, STEP_KEY, STEP_NEVER } retry;	/* of a `then` */
	struct value id, status, total;
};

struct look {				/* one call of the status chain */
	int there;
	const char *when;		/* our status after which it is asked */
	struct pointers need;		/* in the reply before: {prev} */
	struct call call;
	struct value value;
	const struct json *map;
	struct look *next;
	struct value driver_name, driver_phone;	/* of the first call */
};

struct refresh {			/* OAuth2 */
	int there;
	struct call call;
	struct pointers token, refresh_token, expires_in, expires_at;
};

enum hook_alg { HOOK_MD5, HOOK_HMAC_SHA1, HOOK_HMAC_SHA256, HOOK_EQUAL };
enum hook_out { HOOK_HEX, HOOK_BASE64 };

struct hook {				/* what the till sends us */
	int there;
	int standard;			/* Standard Webhooks; the next five are unused then */
	enum hook_alg alg;
	enum hook_out out;
	const struct json *parts;
	const char *sep, *in;		/* "header:NAME" or a pointer */
	const char *type, *order_id, *event_id;	/* pointers; NULL = not told */
	const struct json *map, *reply;
};

struct profile {
	struct arena *arena;
	const char *text;
	size_t len;
	int64_t version, pace_ms;
	const char *name, *title, *base, *zone;
	const struct json *settings, *headers;
	struct where auth_put;
	const char *auth_value;
	struct refresh refresh;
	struct {
		const char *when;
		struct pointers code, message;
		const struct json *auth, *retry, *gone, *duplicate;
	} error;
	struct list feeds[FEEDS];
	struct list customer_find, order_find;
	struct step customer_create, create, cancel, then[THENS_MAX];
	size_t thens;
	struct look status;
	enum pos_retry retry;
	enum pos_send_on send_on;
	enum pos_stock_moves stock_moves;
	struct hook webhook;
};

/* What a field holds, and how much of it. */
enum field_kind { FIELD_TEXT, FIELD_ADDRESS, FIELD_MONEY, FIELD_QTY, FIELD_BOOL, FIELD_REAL,
	FIELD_JSON, FIELD_KEYS, FIELD_KINDS };

struct field {
	const char *name;
	enum field_kind kind;
	size_t max;			/* code points of a text */
	int multiline;
};

extern const struct field profile_fields[POS_FIELDS];

/* The nth step of enum pos_step, NULL when the profile lacks it. */
const struct step *profile_step(const struct profile *, enum pos_step);
const struct call *profile_call(const struct profile *, enum pos_step);

#endif
