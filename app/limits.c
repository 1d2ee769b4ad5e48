/*
 * limits.c - token buckets per account, address and action
 *
 * The buckets lie in one small mapping that all workers share, so that four
 * workers together admit exactly what one would.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "app/limits.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"

enum {
	MS = 1000, HOUR_S = 3600,
	PREFIX_LEN = 8		/* of IPv6: the rest a host chooses as it likes */
};

struct rate { int64_t burst, per_hour; };

enum kind { BY_ACCOUNT, BY_ADDRESS, BY_KEY };

/* By account: what a busy person does, with room. By address: what a thousand
 * phones behind one operator do. By key: guesses at one account from one place. */
static const struct limit {
	const char *name[LIMIT_KINDS];
	struct rate rate[LIMIT_KINDS];
} limits[LIMIT_CLASSES] = {
#define NAMES(text) { text, text "-address", text "-account" }
	[LIMIT_NONE] = { NAMES("none"), { { 0, 0 }, { 0, 0 }, { 0, 0 } } },
	[LIMIT_READ] = { NAMES("read"), { { 600, 36000 }, { 0, 0 }, { 0, 0 } } },
	[LIMIT_WRITE] = { NAMES("write"), { { 120, 7200 }, { 0, 0 }, { 0, 0 } } },
	[LIMIT_LOGIN] = { NAMES("login"), { { 0, 0 }, { 100, 3000 }, { 10, 60 } } },
	[LIMIT_REGISTER] = { NAMES("register"), { { 0, 0 }, { 50, 500 }, { 5, 20 } } },
	[LIMIT_REFRESH] = { NAMES("refresh"), { { 0, 0 }, { 600, 36000 }, { 30, 240 } } },
	[LIMIT_DEVICE] = { NAMES("device"), { { 0, 0 }, { 0, 0 }, { 10, 60 } } },
	[LIMIT_FORGOT] = { NAMES("forgot"), { { 0, 0 }, { 50, 200 }, { 3, 3 } } },
	[LIMIT_PASSWORD] = { NAMES("password"), { { 10, 20 }, { 0, 0 }, { 0, 0 } } },
	[LIMIT_ORDER] = { NAMES("order"), { { 10, 60 }, { 0, 0 }, { 0, 0 } } },
#undef NAMES
};

const char *
limit_name(int which)
{
	const struct limit *l = &limits[which / LIMIT_KINDS];

	return l->rate[which % LIMIT_KINDS].burst == 0 ? NULL : l->name[which % LIMIT_KINDS];
}

const char *
limit_class_name(enum limit_class class)
{
	return limits[class].name[BY_ACCOUNT];
}

/* What the answer tells of it: draft-ietf-httpapi-ratelimit-headers-11. */
static void
tell(struct request *r, const char *name, const struct rate *rate, int64_t left, int64_t wait)
{
	int64_t hour = rate->per_hour;

	if (r->quota_count == QUOTAS)
		return;
	r->quotas[r->quota_count++] = (struct quota){ .name = name, .burst = rate->burst,
		.window_s = (rate->burst * HOUR_S + hour - 1) / hour, .left = left,
		.next_s = wait > 0 ? (wait + MS - 1) / MS : (HOUR_S + hour - 1) / hour };
}

static enum problem
take(struct request *r, enum limit_class class, enum kind kind, const char *what)
{
	const struct limit *l = &limits[class];
	const struct rate *rate = &l->rate[kind];
	int64_t wait, left = 0;

	if (rate->burst == 0 || !r->app->conf.limits)
		return OK;
	wait = shared_take(r->app->shared, shared_key(l->name[kind], what), rate->burst,
	    rate->per_hour, clock_ms(), &left);
	tell(r, l->name[kind], rate, left, wait);
	if (wait == 0)
		return OK;
	r->retry_after = (int)((wait + MS - 1) / MS);
	r->limited = (int)class * LIMIT_KINDS + (int)kind;
	return fail(r, TOO_MANY_REQUESTS);
}

const char *
limit_network(struct request *r)
{
	uint8_t bytes[16];
	char hex[2 * PREFIX_LEN + 1];

	if (inet_pton(AF_INET6, r->remote, bytes) != 1)
		return r->remote;
	crypt_hex(bytes, PREFIX_LEN, hex);
	return arena_str(r->arena, hex);
}

/*
 * An order is counted once for each Idempotency-Key: a key places one order at
 * most, however often a bad line has it sent. The others are writes.
 */
static enum problem
take_order(struct request *r, const char *who)
{
	uint64_t key;
	char what[320];

	if (r->idempotency_key == NULL || !r->app->conf.limits)
		return take(r, LIMIT_ORDER, BY_ACCOUNT, who);
	snprintf(what, sizeof what, "%s %s", who, r->idempotency_key);
	key = shared_key("order-key", what);
	if (shared_take(r->app->shared, key, 1, 1, clock_ms(), NULL) > 0)
		return take(r, LIMIT_WRITE, BY_ACCOUNT, who);
	if (take(r, LIMIT_ORDER, BY_ACCOUNT, who) != OK)
		shared_give(r->app->shared, key, 1);
	return r->problem;
}

enum problem
limit_check(struct request *r, enum limit_class class)
{
	const char *network = r->user_id == 0 ? limit_network(r) : NULL;
	char who[32];

	if (r->user_id == 0)
		return network == NULL ? fail(r, TOO_LARGE) : take(r, class, BY_ADDRESS, network);
	snprintf(who, sizeof who, "%lld", (long long)r->user_id);
	return class == LIMIT_ORDER ? take_order(r, who) : take(r, class, BY_ACCOUNT, who);
}

enum problem
limit_check_key(struct request *r, enum limit_class class, const char *key)
{
	const char *network = limit_network(r);
	char what[320];

	if (network == NULL)
		return fail(r, TOO_LARGE);
	snprintf(what, sizeof what, "%s %s", network, key);
	return take(r, class, BY_KEY, what);
}

enum problem
limit_check_alone(struct request *r, enum limit_class class, const char *key)
{
	return take(r, class, BY_KEY, key);
}
