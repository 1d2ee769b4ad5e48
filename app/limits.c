/*
 * limits.c - token buckets per account, address and action
 *
 * The buckets lie in one small mapping that all workers share, so that four
 * workers together admit exactly what one would.
 */
#include <stdio.h>

#include "app/limits.h"
#include "lib/base/clock.h"

enum { MS = 1000 };

struct rate { int64_t burst, per_hour; };

/* By account: what a busy person does, with room. By address: what a thousand
 * phones behind one operator do. By key: guesses at one account from one place. */
static const struct limit {
	const char *name;
	struct rate account, address, key;
} limits[LIMIT_CLASSES] = {
	[LIMIT_NONE] = { "none", { 0, 0 }, { 0, 0 }, { 0, 0 } },
	[LIMIT_READ] = { "read", { 600, 36000 }, { 0, 0 }, { 0, 0 } },
	[LIMIT_WRITE] = { "write", { 120, 7200 }, { 0, 0 }, { 0, 0 } },
	[LIMIT_LOGIN] = { "login", { 0, 0 }, { 100, 3000 }, { 10, 60 } },
	[LIMIT_REGISTER] = { "register", { 0, 0 }, { 50, 500 }, { 5, 20 } },
	[LIMIT_REFRESH] = { "refresh", { 0, 0 }, { 600, 36000 }, { 30, 240 } },
	[LIMIT_ORDER] = { "order", { 10, 60 }, { 0, 0 }, { 0, 0 } },
};

static enum problem
take(struct request *r, const char *name, const char *what, const struct rate *rate)
{
	int64_t wait;

	if (rate->burst == 0 || !r->app->conf.limits)
		return OK;
	wait = shared_take(r->app->shared, shared_key(name, what), rate->burst, rate->per_hour,
	    clock_ms(), NULL);
	if (wait == 0)
		return OK;
	r->retry_after = (int)((wait + MS - 1) / MS);
	return fail(r, TOO_MANY_REQUESTS);
}

enum problem
limit_check(struct request *r, enum limit_class class)
{
	const struct limit *l = &limits[class];
	char who[32], name[32];

	if (r->user_id == 0) {
		snprintf(name, sizeof name, "address.%s", l->name);
		return take(r, name, r->remote, &l->address);
	}
	snprintf(name, sizeof name, "account.%s", l->name);
	snprintf(who, sizeof who, "%lld", (long long)r->user_id);
	return take(r, name, who, &l->account);
}

enum problem
limit_check_key(struct request *r, enum limit_class class, const char *key)
{
	const struct limit *l = &limits[class];
	char name[32], what[320];

	snprintf(name, sizeof name, "key.%s", l->name);
	snprintf(what, sizeof what, "%s %s", r->remote, key);
	return take(r, name, what, &l->key);
}
