/* guess.c - guesses at a password are slowed; see guess.h */
#include <string.h>

#include "app/cookie.h"
#include "app/guess.h"
#include "app/limits.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/session.h"

#define DEVICE "tillbridge_device"

enum {
	MS = 1000, DAY = 86400, DEVICE_DAYS = 180,
	NONCE_LEN = 16, NONCE_TEXT = 23, MAC_TEXT = 44, MAC_LEN = 32
};

/* What all strangers to an account share. One try takes from each; the first is
 * empty after 10, then a try a minute, after 30 more one in five, then in 30. */
static const struct level {
	const char *name;
	int64_t burst, per_hour;
} levels[] = {
	{ "stranger.minute", 10, 60 }, { "stranger.five", 40, 12 }, { "stranger.half", 60, 2 },
};
enum { LEVELS = sizeof levels / sizeof *levels };

/* ---- who is known */

int
guess_place(struct request *r, uint8_t place[PLACE_LEN])
{
	const char *text = limit_network(r);

	if (text == NULL || strcmp(text, "-") == 0)
		return -1;
	return keyring_mac(r->app->keys, "place", text, strlen(text), place);
}

/* 1 known, 0 not, else a db_status. As many looks for nobody as for somebody. */
static int
knows_place(struct request *r, int64_t user_id)
{
	uint8_t macs[KEYRING_MAX][PLACE_LEN];
	const char *text = limit_network(r);
	size_t n = text == NULL ? 0
	    : keyring_macs(r->app->keys, "place", text, strlen(text), macs);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = session_knows_place(r->app->db, user_id, clock_now(), macs[i]);
	return rc;
}

/* What is signed: this browser for this account. */
static const char *
device_text(struct request *r, const char *nonce, const char *email)
{
	return arena_printf(r->arena, "%s\n%s", nonce, email);
}

/* The cookie's nonce when it was given for this account; NULL otherwise. */
static const char *
known_device(struct request *r, const char *email)
{
	const char *cookie = cookie_value(r, DEVICE), *text, *nonce;
	uint8_t mac[MAC_LEN];
	size_t n;

	if (cookie == NULL || (n = strcspn(cookie, ".")) != NONCE_TEXT - 1 || cookie[n] != '.' ||
	    crypt_unbase64url(cookie + n + 1, strlen(cookie + n + 1), mac, MAC_LEN) != MAC_LEN)
		return NULL;
	nonce = arena_dup(r->arena, cookie, n);
	text = nonce == NULL ? NULL : device_text(r, nonce, email);
	return text != NULL && keyring_mac_is(r->app->keys, "device", text, strlen(text), mac)
	    ? nonce : NULL;
}

void
guess_know_device(struct request *r, const char *email)
{
	uint8_t nonce[NONCE_LEN], mac[MAC_LEN];
	char name[NONCE_TEXT], sum[MAC_TEXT];
	const char *text, *value;

	crypt_random(nonce, sizeof nonce);
	crypt_base64url(nonce, sizeof nonce, name, sizeof name);
	text = device_text(r, name, email);
	if (text == NULL || keyring_mac(r->app->keys, "device", text, strlen(text), mac) == -1)
		return;
	crypt_base64url(mac, sizeof mac, sum, sizeof sum);
	if ((value = arena_printf(r->arena, "%s.%s", name, sum)) != NULL)
		cookie_give(r, DEVICE, value, (int64_t)DEVICE_DAYS * DAY);
}

/* ---- strangers */

static uint64_t
key_of(int level, const char *email)
{
	return shared_key(levels[level].name, email);
}

static void
give_back(struct request *r, int from, const char *email)
{
	for (int i = from; i < LEVELS; i++)
		shared_give(r->app->shared, key_of(i, email), levels[i].per_hour);
}

/* The slowest first: what it refuses the others need not count. */
static enum problem
admit_stranger(struct request *r, const char *email)
{
	int64_t wait;

	for (int i = LEVELS - 1; i >= 0; i--) {
		wait = shared_take(r->app->shared, key_of(i, email), levels[i].burst,
		    levels[i].per_hour, clock_ms(), NULL);
		if (wait == 0)
			continue;
		give_back(r, i + 1, email);
		r->retry_after = (int)((wait + MS - 1) / MS);
		return fail(r, TOO_MANY_REQUESTS);
	}
	return OK;
}

enum problem
guess_admit(struct request *r, struct guess *g)
{
	const char *nonce;
	int rc;

	if (!r->app->conf.limits)
		return OK;
	if ((nonce = known_device(r, g->email)) != NULL)
		return limit_check_alone(r, LIMIT_DEVICE, nonce);
	if (limit_check_key(r, LIMIT_LOGIN, g->email) != OK)
		return r->problem;
	if ((rc = knows_place(r, g->user_id)) < 0)
		return fail_db(r, rc);
	g->is_stranger = rc == 0;
	return g->is_stranger ? admit_stranger(r, g->email) : OK;
}

void
guess_right(struct request *r, const struct guess *g)
{
	if (g->is_stranger)
		give_back(r, 0, g->email);
	guess_know_device(r, g->email);
}
