/*
 * check_replay.c - Idempotency-Key: the same answer again, and one effect,
 * shown with routes of the test's own
 */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/handlers.h"
#include "app/route.h"
#include "lib/base/clock.h"

enum { WORKERS = 8, DAY = 86400 };

static struct stmt effect = { .sql =
    "INSERT INTO audit (action, object, at) VALUES ('made', ?1, 1)" };

static enum problem
make(struct request *r, const char *object)
{
	int status = db_run(r->app->db, &effect, "s", object);

	if (status != 0)
		return fail_db(r, status);
	r->status = 201;
	json_open(r->out, NULL, '{');
	json_put_int(r->out, "made", db_last_id(r->app->db));
	json_close(r->out, '}');
	return OK;
}

static enum problem
make_apply(struct request *r)
{
	return make(r, "a");
}

static enum problem
refuse_once_apply(struct request *r)
{
	static int tries;

	return tries++ == 0 ? fail(r, CART_EMPTY) : make(r, "a");
}

/* As register does: the password is no part of the body, the token none of the record. */
static enum problem
again(struct request *r, const char *stored)
{
	if (make(r, "session") != OK)
		return r->problem;
	buf_reset(r->out);
	json_open(r->out, NULL, '{');
	json_put_raw(r->out, "user", stored);
	json_put_text(r->out, "token", "another");
	json_close(r->out, '}');
	return OK;
}

static enum problem
secret_prepare(struct request *r)
{
	r->replay_text = json_text(json_member(r->body, "email"));
	r->replay = again;
	return OK;
}

static enum problem
secret_apply(struct request *r)
{
	if (make(r, "user") != OK)
		return r->problem;
	r->replay_keep = "{\"id\":1}";
	return OK;
}

#define ROUTE(path, flags, prepare, apply) \
	{ "POST", path, USER, WRITES | (flags), LIMIT_NONE, POOL_WRITE, prepare, apply }

const struct route routes[] = {
	ROUTE("/make", IDEMPOTENT | HAS_BODY, NULL, make_apply),
	ROUTE("/other", IDEMPOTENT | HAS_BODY, NULL, make_apply),
	ROUTE("/thing/{id}", IDEMPOTENT, NULL, make_apply),
	ROUTE("/plain", HAS_BODY, NULL, make_apply),
	ROUTE("/once", IDEMPOTENT, NULL, refuse_once_apply),
	ROUTE("/secret", IDEMPOTENT | HAS_BODY, secret_prepare, secret_apply),
};
const size_t route_count = sizeof routes / sizeof *routes;

static int64_t
effects(void)
{
	return rig_sql_int("SELECT count(*) FROM audit");
}

static void
begin(void)
{
	rig_begin();
	rig_login("anna");
}

START_TEST(the_same_request_has_one_effect)
{
	const struct rig_reply *first, *second;

	begin();
	first = rig_call_key("POST", "/make", "{\"a\":1}", "k1");
	rig_ok(first, 201);
	ck_assert_ptr_null(rig_header(first, "Idempotency-Replayed"));
	second = rig_call_key("POST", "/make", "{\"a\":1}", "k1");
	rig_ok(second, 201);
	ck_assert_str_eq(rig_header(second, "Idempotency-Replayed"), "true");
	ck_assert_str_eq(second->text, first->text);
	ck_assert_int_eq(effects(), 1);
	rig_ok(rig_call_key("POST", "/api/make", "{\"a\":1}", "k1"), 201);
	ck_assert_int_eq(effects(), 1);
	rig_end();
}
END_TEST

START_TEST(another_body_or_path_under_the_key_is_refused)
{
	begin();
	rig_ok(rig_call_key("POST", "/make", "{\"a\":1}", "k"), 201);
	rig_refused(rig_call_key("POST", "/make", "{\"a\":2}", "k"), 422, "idempotency_key_reused");
	rig_ok(rig_call_key("POST", "/thing/1", NULL, "k"), 201);
	rig_refused(rig_call_key("POST", "/thing/2", NULL, "k"), 422, "idempotency_key_reused");
	ck_assert_int_eq(effects(), 2);
	rig_end();
}
END_TEST

START_TEST(keys_belong_to_a_user_and_a_route)
{
	begin();
	rig_ok(rig_call_key("POST", "/make", "{}", "k"), 201);
	rig_ok(rig_call_key("POST", "/other", "{}", "k"), 201);
	ck_assert_int_eq(effects(), 2);
	rig_login("borys");
	rig_ok(rig_call_key("POST", "/make", "{\"other\":1}", "k"), 201);
	ck_assert_int_eq(effects(), 3);
	rig_end();
}
END_TEST

START_TEST(without_a_key_or_where_it_means_nothing_each_counts)
{
	begin();
	rig_ok(rig_call("POST", "/make", "{}"), 201);
	rig_ok(rig_call("POST", "/make", "{}"), 201);
	rig_ok(rig_call_key("POST", "/plain", "{}", "k"), 201);
	rig_ok(rig_call_key("POST", "/plain", "{}", "k"), 201);
	ck_assert_int_eq(effects(), 4);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM idempotency"), 0);
	rig_end();
}
END_TEST

START_TEST(refuses_strange_keys)
{
	static const char *const keys[] = { " ", "a b", "ключ" };
	char long_key[257];
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		a = rig_call_key("POST", "/make", "{}", keys[i]);
		rig_refused(a, 400, "bad_request");
		ck_assert(rig_has(a, "/fields/Idempotency-Key"));
	}
	memset(long_key, 'k', 256);
	long_key[256] = '\0';
	rig_refused(rig_call_key("POST", "/make", "{}", long_key), 400, "bad_request");
	ck_assert_int_eq(effects(), 0);
	rig_ok(rig_call_key("POST", "/make", "{}", long_key + 1), 201);
	rig_end();
}
END_TEST

START_TEST(a_refusal_is_not_kept)
{
	begin();
	rig_refused(rig_call_key("POST", "/once", NULL, "k"), 409, "cart_empty");
	rig_ok(rig_call_key("POST", "/once", NULL, "k"), 201);
	ck_assert_int_eq(effects(), 1);
	rig_end();
}
END_TEST

START_TEST(a_key_is_known_for_seven_days)
{
	begin();
	rig_ok(rig_call_key("POST", "/make", "{}", "k"), 201);
	clock_advance(7 * DAY - 1);
	rig_ok(rig_call_key("POST", "/make", "{}", "k"), 201);
	ck_assert_int_eq(effects(), 1);
	clock_advance(1);
	rig_ok(rig_call_key("POST", "/make", "{}", "k"), 201);
	ck_assert_int_eq(effects(), 2);
	rig_ok(rig_call_key("POST", "/make", "{}", "k"), 201);
	ck_assert_int_eq(effects(), 2);
	rig_end();
}
END_TEST

START_TEST(a_record_holds_no_secret)
{
	const struct rig_reply *a;

	begin();
	rig_ok(rig_call_key("POST", "/secret", "{\"email\":\"a\",\"password\":\"1\"}", "k"), 201);
	ck_assert_str_eq(rig_sql_text("SELECT response FROM idempotency"), "{\"id\":1}");
	ck_assert_int_eq(rig_sql_int("SELECT length(body_hmac) FROM idempotency"), 32);
	a = rig_call_key("POST", "/secret", "{\"email\":\"a\",\"password\":\"2\"}", "k");
	rig_ok(a, 201);
	ck_assert_int_eq(rig_int(a, "/user/id"), 1);
	ck_assert_str_eq(rig_text(a, "/token"), "another");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM audit WHERE object = 'session'"), 1);
	rig_refused(rig_call_key("POST", "/secret", "{\"email\":\"b\"}", "k"), 422,
	    "idempotency_key_reused");
	rig_end();
}
END_TEST

START_TEST(an_effect_is_kept_with_its_record_or_not_at_all)
{
	begin();
	rig_sql("DROP TABLE idempotency");
	rig_refused(rig_call_key("POST", "/make", "{}", "k"), 500, "internal");
	ck_assert_int_eq(effects(), 0);
	rig_end();
}
END_TEST

static void
ask_at_once(int worker)
{
	(void)worker;
	rig_ok(rig_call_key("POST", "/make", "{\"a\":1}", "k"), 201);
}

START_TEST(of_many_at_once_one_has_an_effect)
{
	begin();
	rig_set("BUSY_TIMEOUT_MS", "20000");
	rig_parallel(WORKERS, ask_at_once);
	ck_assert_int_eq(effects(), 1);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("replay", the_same_request_has_one_effect,
	    another_body_or_path_under_the_key_is_refused, keys_belong_to_a_user_and_a_route,
	    without_a_key_or_where_it_means_nothing_each_counts, refuses_strange_keys,
	    a_refusal_is_not_kept, a_key_is_known_for_seven_days, a_record_holds_no_secret,
	    an_effect_is_kept_with_its_record_or_not_at_all, of_many_at_once_one_has_an_effect);
}
