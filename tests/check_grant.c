/*
 * check_grant.c - tokens that expire: what renews them, when, and what a refusal is
 */
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/pos/grant.h"
#include "tests/posrig.h"

#define REFRESH(body, parts) "'auth':{'put':'header:Authorization','value':'Bearer {token}'," \
	"'refresh':{'call':'POST /oauth/token'," body ",'token':'/access_token'," parts "}},"
#define JSON_BODY "'json':{'grant_type':'refresh_token','client_secret':'{secret.client_secret}'," \
	"'refresh_token':'{secret.refresh_token}'}"
#define USUAL REFRESH(JSON_BODY, "'refresh_token':'/refresh_token','expires_in':'/expires_in'")
#define NOW INT64_C(1779444000)

static const struct pos_pair hush = { "client_secret", "hush-hush-secret" };
static int grants;
static enum pos_outcome will_be;
static char why[POS_TEXT];

static enum pos_outcome
keeper(void *arg, struct pos *p, int refused, char *message)
{
	char token[32];

	(void)arg;
	if (will_be != POS_DONE) {
		snprintf(message, POS_TEXT, "no luck");
		return will_be;
	}
	if (pos_token_number(p) > 0 && !refused)
		return POS_DONE;
	snprintf(token, sizeof token, "granted-%d", ++grants);
	ck_assert_int_eq(pos_use_token(p, token), 0);
	return POS_DONE;
}

static struct pos *
open_it(const char *parts, size_t secrets, char *fault)
{
	static struct pos_pair base;
	struct pos_setup setup = { .profile = temp_path("p.json"), .token = "first-refresh",
		.settings = &base, .setting_count = 1, .secrets = &hush, .secret_count = secrets,
		.grant = keeper, .http = { .allow_http = 1, .connect_ms = 30000, .total_ms = 30000 } };

	rig_profile(parts);
	base = (struct pos_pair){ "base_url", peer_url() };
	grants = 0;
	will_be = POS_DONE;
	return pos_open(&setup, fault);
}

static void
begin(const char *parts, const struct peer_step *steps, size_t count)
{
	char fault[POS_FAULT];

	temp_make();
	clock_set(NOW);
	arena = arena_new(8 << 20);
	peer_start(PEER_PLAIN, NULL, steps, count);
	pos = open_it(parts, 1, fault);
	ck_assert_msg(pos != NULL, "%s", fault);
}

START_TEST(renews_with_what_it_is_given)
{
	struct pos_grant g;

	begin(USUAL ORDER, STEPS(SAYS(rig_json(200, "", "{\"access_token\":\"a-1\","
	    "\"refresh_token\":\"r-2\",\"expires_in\":3600}"))));
	ck_assert_int_eq(pos_has_grant(pos), 1);
	ck_assert_int_eq(pos_renew(pos, NULL, &g, why), POS_DONE);
	ck_assert_str_eq(g.token, "a-1");
	ck_assert_str_eq(g.refresh_token, "r-2");
	ck_assert_int_eq(g.expires_at, NOW + 3600);
	ck_assert_ptr_nonnull(strstr(peer_request(0), "{\"grant_type\":\"refresh_token\","
	    "\"client_secret\":\"hush-hush-secret\",\"refresh_token\":\"first-refresh\"}"));
	ck_assert_ptr_null(strstr(peer_request(0), "Authorization"));
	ck_assert_int_eq(pos_renew(pos, "r-2", &g, why), POS_DONE);
	ck_assert_ptr_nonnull(strstr(peer_request(1), "\"refresh_token\":\"r-2\""));
	rig_close();
}
END_TEST

START_TEST(renews_by_form_and_client_credentials)
{
	struct pos_grant g;

	begin(REFRESH("'form':{'grant_type':'client_credentials','client_secret':"
	    "'{secret.client_secret}'}", "'expires_at':'/until'") ORDER, STEPS(
	    SAYS(rig_json(200, "", "{\"access_token\":\"a\",\"until\":\"2026-05-22T11:00:00Z\"}"))));
	ck_assert_int_eq(pos_renew(pos, NULL, &g, why), POS_DONE);
	ck_assert_int_eq(g.expires_at, NOW + 3600);
	ck_assert_str_eq(g.refresh_token, "");
	ck_assert_ptr_nonnull(strstr(peer_request(0),
	    "grant_type=client_credentials&client_secret=hush-hush-secret"));
	rig_close();
}
END_TEST

START_TEST(reads_when_a_token_ends)
{
	static const struct { const char *until; int64_t ends; } cases[] = {
		{ "1779447600", NOW + 3600 }, { "1779447600000", NOW + 3600 },
		{ "\"1779447600\"", NOW + 3600 }, { "\"2026-05-22T13:00:00+02:00\"", NOW + 3600 },
		{ "\"soon\"", 0 }, { "1", 0 }, { "99999999999999999", 0 }, { "null", 0 },
	};
	char body[128];
	struct pos_grant g;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(body, sizeof body, "{\"access_token\":\"a\",\"until\":%s}", cases[i].until);
		begin(REFRESH(JSON_BODY, "'expires_at':'/until'") ORDER, STEPS(SAYS(rig_json(200, "", body))));
		ck_assert_int_eq(pos_renew(pos, NULL, &g, why), POS_DONE);
		ck_assert_msg(g.expires_at == cases[i].ends, "%s: %lld", body, (long long)g.expires_at);
		rig_close();
	}
}
END_TEST

START_TEST(is_fresh_until_shortly_before_its_end)
{
	static const struct { int64_t life, at; int fresh; } cases[] = {
		{ 3600, 0, 1 }, { 3600, 3539, 1 }, { 3600, 3540, 0 }, { 3600, 4000, 0 },
		{ 10, 8, 1 }, { 10, 9, 0 }, { 1, 0, 1 }, { 1, 1, 0 },
	};
	struct pos_grant g = { .token = "a", .granted_at = NOW };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		g.expires_at = NOW + cases[i].life;
		ck_assert_msg(grant_is_fresh(&g, NOW + cases[i].at) == cases[i].fresh, "%zu", i);
	}
	g.expires_at = 0;
	ck_assert_int_eq(grant_is_fresh(&g, NOW + 999999), 1);
	g.token[0] = '\0';
	ck_assert_int_eq(grant_is_fresh(&g, NOW), 0);
}
END_TEST

START_TEST(a_refusal_of_any_kind_is_one_of_credentials)
{
	static const struct { int status; const char *body; enum pos_outcome o; } cases[] = {
		{ 400, "{\"error\":\"invalid_grant\"}", POS_AUTH },
		{ 401, "{}", POS_AUTH }, { 404, "{}", POS_AUTH },
		{ 200, "{}", POS_AUTH }, { 200, "{\"access_token\":\"\"}", POS_AUTH },
		{ 500, "{}", POS_UNSENT }, { 302, "", POS_UNSENT }, { 200, "<html>", POS_UNSENT },
		{ 503, "{}", POS_LIMITED },
	};
	struct pos_grant g;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(USUAL ORDER, STEPS(SAYS(rig_json(cases[i].status, "", cases[i].body))));
		ck_assert_msg(pos_renew(pos, "r-secret-1", &g, why) == cases[i].o, "%zu: %s", i, why);
		ck_assert(*why != '\0');
		ck_assert_int_eq(peer_requests(), 1);
		rig_close();
	}
}
END_TEST

START_TEST(no_message_tells_a_secret)
{
	struct pos_grant g;

	begin(USUAL "'error':{'message':'/error'}," ORDER, STEPS(SAYS(rig_json(400, "",
	    "{\"error\":\"no r-secret-1, hush-hush-secret, first-refresh\"}"))));
	ck_assert_int_eq(pos_renew(pos, "r-secret-1", &g, why), POS_AUTH);
	ck_assert_str_eq(why, "no ***, ***, ***");
	rig_close();
}
END_TEST

START_TEST(a_token_is_got_before_the_first_request)
{
	struct pos_answer a;

	begin(USUAL ORDER, STEPS(SAYS(rig_json(201, "", "{\"id\":1}"))));
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_msg(a.outcome == POS_DONE, "%s", a.message);
	ck_assert_ptr_nonnull(strstr(peer_request(0), "\r\nAuthorization: Bearer granted-1\r\n"));
	ck_assert_int_eq(grants, 1);
	rig_close();
}
END_TEST

START_TEST(a_refused_token_is_renewed_once_and_the_request_goes_again)
{
	struct pos_answer a;

	begin(USUAL ORDER, STEPS(SAYS(rig_json(401, "", "{}")), SAYS(rig_json(201, "", "{\"id\":1}"))));
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_int_eq(peer_requests(), 2);
	ck_assert_ptr_nonnull(strstr(peer_request(1), "Bearer granted-2"));
	ck_assert_str_eq(strstr(peer_request(0), "\r\n\r\n"), strstr(peer_request(1), "\r\n\r\n"));
	rig_close();
	begin(USUAL ORDER, STEPS(SAYS(rig_json(401, "", "{}"))));
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_AUTH);
	ck_assert_int_eq(peer_requests(), 2);
	rig_close();
}
END_TEST

START_TEST(without_a_token_nothing_leaves)
{
	static const enum pos_outcome outcomes[] = { POS_UNSENT, POS_AUTH, POS_LIMITED };
	struct pos_answer a;

	for (size_t i = 0; i < 3; i++) {
		begin(USUAL ORDER, STEPS(SAYS(rig_json(201, "", "{\"id\":1}"))));
		will_be = outcomes[i];
		pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
		ck_assert_int_eq(a.outcome, outcomes[i]);
		ck_assert_str_eq(a.message, "no luck");
		ck_assert_int_eq(peer_requests(), 0);
		rig_close();
	}
}
END_TEST

START_TEST(a_missing_secret_is_named_when_it_is_opened)
{
	char fault[POS_FAULT];

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS("")));
	ck_assert_ptr_null(open_it(USUAL ORDER, 0, fault));
	ck_assert_str_eq(fault, "this secret of the till is missing: client_secret (POS_SECRETS_FILE)");
	peer_stop();
	temp_remove();
}
END_TEST

START_TEST(a_token_with_a_line_end_is_none)
{
	begin(USUAL ORDER, STEPS(SAYS("")));
	ck_assert_int_eq(pos_use_token(pos, "a\r\nX-Evil: 1"), -1);
	ck_assert_int_eq(pos_token_number(pos), 0);
	rig_close();
}
END_TEST

int
main(void)
{
	return SUITE("grant", renews_with_what_it_is_given, renews_by_form_and_client_credentials,
	    reads_when_a_token_ends, is_fresh_until_shortly_before_its_end,
	    a_refusal_of_any_kind_is_one_of_credentials, no_message_tells_a_secret,
	    a_token_is_got_before_the_first_request,
	    a_refused_token_is_renewed_once_and_the_request_goes_again,
	    without_a_token_nothing_leaves, a_missing_secret_is_named_when_it_is_opened,
	    a_token_with_a_line_end_is_none);
}
