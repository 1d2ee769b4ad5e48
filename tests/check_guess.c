/* check_guess.c - guesses are slowed and the owner gets in (G78, no enumeration) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/keyfile.h"
#include "tests/rig.h"
#include "tests/suite.h"

enum { STRANGERS = 200 };

/* As anybody, from an address of the block that strangers have. */
static const struct rig_reply *
try(const char *name, const char *password, const char *remote, const char *cookies)
{
	char body[256];

	snprintf(body, sizeof body, "{\"email\":\"%s@example.com\",\"password\":\"%s\"}", name,
	    password);
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/auth/login", .body = body,
		.remote = remote, .cookies = cookies });
}

static void
begin(void)
{
	rig_begin();
	rig_login("anna");
	rig_logout();
	rig_set("LIMITS", "yes");
}

/* Wrong passwords, each from an address of its own. How many were looked at. */
static int
attack(const char *name, int tries)
{
	const struct rig_reply *a;
	char remote[32];
	int seen = 0;

	for (int i = 0; i < tries; i++) {
		snprintf(remote, sizeof remote, "198.51.100.%d", i + 1);
		a = try(name, "wrong horse", remote, NULL);
		ck_assert_msg(a->status == 401 || a->status == 429, "%d", a->status);
		seen += a->status == 401;
	}
	return seen;
}

static const char *
device_of(const struct rig_reply *a)
{
	static char pair[256];
	const char *at = strstr(a->head, "Set-Cookie: tillbridge_device=");

	ck_assert_ptr_nonnull(at);
	at += strlen("Set-Cookie: ");
	snprintf(pair, sizeof pair, "%.*s", (int)strcspn(at, ";"), at);
	return pair;
}

START_TEST(many_addresses_guess_no_faster_than_one)
{
	begin();
	ck_assert_int_eq(attack("anna", STRANGERS), 10);
	rig_refused(try("anna", RIG_PASSWORD, "198.51.100.250", NULL), 429, "too_many_requests");
	rig_end();
}
END_TEST

START_TEST(an_address_without_account_is_slowed_alike)
{
	begin();
	ck_assert_int_eq(attack("nobody", STRANGERS), 10);
	rig_refused(try("nobody", RIG_PASSWORD, "198.51.100.250", NULL), 429, "too_many_requests");
	/* and slows nobody else */
	rig_ok(try("anna", RIG_PASSWORD, "198.51.100.250", NULL), 200);
	rig_end();
}
END_TEST

START_TEST(who_goes_on_guessing_waits_longer)
{
	int wait = 0, longest = 0, grown = 0;
	const struct rig_reply *a;

	begin();
	for (int i = 0; i < 250; i++) {
		a = try("anna", "wrong horse", "198.51.100.9", NULL);
		if (a->status != 429)
			continue;
		wait = (int)strtol(rig_header(a, "Retry-After"), NULL, 10);
		ck_assert_int_gt(wait, 0);
		grown += wait > longest + 30;
		longest = wait > longest ? wait : longest;
		clock_advance(wait);
	}
	ck_assert_int_ge(grown, 3);
	ck_assert_int_gt(longest, 1000);
	rig_end();
}
END_TEST

START_TEST(a_known_browser_gets_in_while_strangers_guess)
{
	const char *device;

	begin();
	device = device_of(try("anna", RIG_PASSWORD, "203.0.113.1", NULL));
	attack("anna", STRANGERS);
	/* at home or not */
	rig_ok(try("anna", RIG_PASSWORD, "203.0.113.99", device), 200);
	rig_refused(try("anna", RIG_PASSWORD, "203.0.113.98", NULL), 429, "too_many_requests");
	rig_end();
}
END_TEST

START_TEST(a_known_network_gets_in_while_strangers_guess)
{
	begin();
	rig_ok(try("anna", RIG_PASSWORD, "203.0.113.1", NULL), 200);
	rig_ok(try("anna", RIG_PASSWORD, "2001:db8:1:2::5", NULL), 200);
	attack("anna", STRANGERS);
	rig_ok(try("anna", RIG_PASSWORD, "203.0.113.1", NULL), 200);
	rig_ok(try("anna", RIG_PASSWORD, "2001:db8:1:2:aaaa::1", NULL), 200);
	rig_refused(try("anna", RIG_PASSWORD, "2001:db8:1:3::5", NULL), 429, "too_many_requests");
	clock_advance(31 * 86400);
	attack("anna", STRANGERS);
	rig_refused(try("anna", RIG_PASSWORD, "203.0.113.1", NULL), 429, "too_many_requests");
	rig_end();
}
END_TEST

START_TEST(a_known_browser_has_its_own_bucket_and_no_more)
{
	const char *device;
	int seen = 0;

	begin();
	device = device_of(try("anna", RIG_PASSWORD, "203.0.113.1", NULL));
	for (int i = 0; i < 30; i++)
		seen += try("anna", "wrong horse", "203.0.113.1", device)->status == 401;
	ck_assert_int_eq(seen, 10);
	rig_refused(try("anna", RIG_PASSWORD, "203.0.113.1", device), 429, "too_many_requests");
	/* which costs the others nothing */
	rig_ok(try("anna", RIG_PASSWORD, "203.0.113.50", NULL), 200);
	rig_end();
}
END_TEST

START_TEST(a_cookie_knows_its_own_account_only)
{
	const char *cookies[5];
	char changed[256], kid[KID_MAX + 1], fault[KEYFILE_FAULT];

	begin();
	rig_login("mallory");
	rig_logout();
	cookies[0] = device_of(try("mallory", RIG_PASSWORD, "198.51.100.240", NULL));
	snprintf(changed, sizeof changed, "%s", cookies[0]);
	cookies[0] = changed;
	cookies[1] = "tillbridge_device=x";
	cookies[2] = "tillbridge_device=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	cookies[3] = "tillbridge_device=AAAAAAAAAAAAAAAAAAAAAA";
	cookies[4] = "tillbridge_device=.";
	attack("anna", STRANGERS);
	for (int i = 0; i < 5; i++)
		rig_refused(try("anna", RIG_PASSWORD, "198.51.100.241", cookies[i]), 429,
		    "too_many_requests");
	/* and outlives a change of the signing key */
	ck_assert_int_eq(keyfile_rotate(rig_app()->conf.key_file, kid, fault), 0);
	rig_close();
	rig_open();
	attack("mallory", STRANGERS);
	rig_ok(try("mallory", RIG_PASSWORD, "198.51.100.242", changed), 200);
	rig_end();
}
END_TEST

/* A right password does not use anything up. */
START_TEST(logging_in_is_not_counted_as_guessing)
{
	char remote[32];

	begin();
	for (int i = 0; i < 40; i++) {
		snprintf(remote, sizeof remote, "203.0.113.%d", i + 1);
		rig_ok(try("anna", RIG_PASSWORD, remote, NULL), 200);
	}
	rig_end();
}
END_TEST

/* No enumeration: same status, words and work, and nothing is written for either. */
START_TEST(nobody_learns_whether_an_account_exists)
{
	const struct rig_reply *known, *unknown;
	int64_t before;

	begin();
	before = db_total_changes(rig_app()->db);
	known = try("anna", "wrong horse", "198.51.100.1", NULL);
	unknown = try("nobody", "wrong horse", "198.51.100.2", NULL);
	ck_assert_str_eq(known->text, unknown->text);
	ck_assert_str_eq(known->head, unknown->head);
	ck_assert_int_eq(known->statements, unknown->statements);
	ck_assert_int_eq(db_total_changes(rig_app()->db), before);
	rig_end();
}
END_TEST

static void
guess_once(int worker)
{
	char remote[32];

	snprintf(remote, sizeof remote, "198.51.100.%d", worker + 1);
	if (try("anna", "wrong horse", remote, NULL)->status == 401)
		rig_sql("UPDATE catalog_state SET version = version + 1");
}

/* Workers share the buckets: 40 at once are 10 looks. */
START_TEST(guesses_at_once_are_counted_together)
{
	begin();
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(40, guess_once);
	ck_assert_int_eq(rig_sql_int("SELECT version FROM catalog_state"), 11);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("guess", many_addresses_guess_no_faster_than_one,
	    an_address_without_account_is_slowed_alike, who_goes_on_guessing_waits_longer,
	    a_known_browser_gets_in_while_strangers_guess,
	    a_known_network_gets_in_while_strangers_guess,
	    a_known_browser_has_its_own_bucket_and_no_more, a_cookie_knows_its_own_account_only,
	    logging_in_is_not_counted_as_guessing, nobody_learns_whether_an_account_exists,
	    guesses_at_once_are_counted_together);
}
