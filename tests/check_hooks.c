/* check_hooks.c - POST /webhooks/pos: who is believed, and what is left behind (G54, C23) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/app.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/pos/profile.h"
#include "lib/pos/webhook.h"
#include "lib/shop/inbox.h"

#define SECRET "a secret of the till, in words"
#define NEWS "{\"type\":\"order.status\",\"data\":{\"pos_order_id\":\"R1\",\"status\":\"delivered\"}}"

/* The generic profile and a secret, as a worker opens them. */
static void
begin(void)
{
	char dir[4096];

	rig_begin();
	rig_seed();
	rig_close();
	snprintf(dir, sizeof dir, "%s/profiles", getenv("srcdir") != NULL ? getenv("srcdir") : ".");
	rig_set("PROFILE_DIR", dir);
	rig_set("WEBHOOK_SECRET", SECRET);
	rig_open();
	ck_assert_ptr_nonnull(rig_app()->webhook);
}

static const char *
sign(const char *id, int64_t at, const char *body)
{
	static char list[80];
	char text[80 * 1024], sum[64];
	uint8_t mac[DIGEST_MAX];
	int n = snprintf(text, sizeof text, "%s.%lld.%s", id, (long long)at, body);

	ck_assert_uint_eq(crypt_hmac(DIGEST_SHA256, SECRET, strlen(SECRET), text, (size_t)n, mac), 32);
	ck_assert_uint_gt(crypt_base64(mac, 32, sum, sizeof sum), 0);
	snprintf(list, sizeof list, "v1,%s", sum);
	return list;
}

static const struct rig_reply *
knock(const char *id, int64_t at, const char *signature, const char *body, const char *type)
{
	char pairs[3][160];
	const char *all[4] = { pairs[0], pairs[1], pairs[2], NULL };

	snprintf(pairs[0], sizeof pairs[0], "HTTP_WEBHOOK_ID=%s", id);
	snprintf(pairs[1], sizeof pairs[1], "HTTP_WEBHOOK_TIMESTAMP=%lld", (long long)at);
	snprintf(pairs[2], sizeof pairs[2], "HTTP_WEBHOOK_SIGNATURE=%s", signature);
	return rig_send(&(struct rig_ask){ .method = "POST", .path = "/webhooks/pos", .body = body,
		.type = type, .all = all });
}

static const struct rig_reply *
tell(const char *id, const char *body)
{
	return knock(id, clock_now(), sign(id, clock_now(), body), body, "application/json");
}

START_TEST(a_letter_is_written_down_as_it_came)
{
	const struct rig_reply *a;

	begin();
	a = tell("msg_1", NEWS);
	rig_ok(a, 200);
	ck_assert_str_eq(a->text, "{\"ok\":true}");
	ck_assert_str_eq(rig_sql_text("SELECT CAST(body AS TEXT) FROM inbox"), NEWS);
	ck_assert_str_eq(rig_sql_text("SELECT event_id FROM inbox"), "msg_1");
	ck_assert_int_eq(rig_sql_int("SELECT done_at IS NULL AND received_at = 1779444000 FROM inbox"), 1);
	/* whatever it is called; the signature is what counts */
	rig_ok(knock("msg_2", clock_now(), sign("msg_2", clock_now(), "{}"), "{}", "text/plain"), 200);
	rig_ok(knock("msg_3", clock_now(), sign("msg_3", clock_now(), "[1]"), "[1]", NULL), 200);
	rig_end();
}
END_TEST

/* C23: it is a doorbell; nothing that stands in it becomes true by it. */
START_TEST(what_it_says_changes_no_order)
{
	begin();
	rig_login("anna");
	rig_ok(rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":1,\"branch_id\":1}"), 200);
	rig_ok(rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}"), 201);
	rig_sql("UPDATE orders SET pos_order_id = 'R1', status = 'sent_to_pos'");
	rig_ok(tell("msg_1", NEWS), 200);
	ck_assert_str_eq(rig_sql_text("SELECT status FROM orders"), "sent_to_pos");
	rig_end();
}
END_TEST

START_TEST(each_event_counts_once)
{
	begin();
	rig_ok(tell("msg_1", NEWS), 200);
	rig_ok(tell("msg_1", NEWS), 200);
	clock_set(RIG_NOW + 200);
	rig_ok(tell("msg_1", "{\"type\":\"another\"}"), 200);
	rig_ok(tell("msg_2", NEWS), 200);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM inbox"), 2);
	rig_end();
}
END_TEST

static void
tell_the_same(int worker)
{
	(void)worker;
	rig_ok(tell("msg_1", NEWS), 200);
}

START_TEST(also_when_it_comes_from_all_sides)
{
	begin();
	rig_parallel(8, tell_the_same);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM inbox"), 1);
	rig_end();
}
END_TEST

START_TEST(a_forgery_leaves_nothing)
{
	const int64_t now = RIG_NOW;

	begin();
	rig_refused(rig_call("POST", "/webhooks/pos", NEWS), 401, "bad_signature");
	rig_refused(rig_call("POST", "/webhooks/pos", NULL), 401, "bad_signature");
	rig_refused(knock("m", now, "v1,AAAA", NEWS, "application/json"), 401, "bad_signature");
	rig_refused(knock("m", now, sign("m", now, NEWS), NEWS " ", NULL), 401, "bad_signature");
	rig_refused(knock("n", now, sign("m", now, NEWS), NEWS, NULL), 401, "bad_signature");
	rig_refused(knock("m", now + 1, sign("m", now, NEWS), NEWS, NULL), 401, "bad_signature");
	rig_refused(knock("m", now - 301, sign("m", now - 301, NEWS), NEWS, NULL), 401, "stale_message");
	rig_refused(knock("m", now + 301, sign("m", now + 301, NEWS), NEWS, NULL), 401, "stale_message");
	rig_refused(knock("m", now, sign("m", now, "no json"), "no json", NULL), 400, "bad_json");
	rig_refused(knock("m", now, sign("m", now, "1"), "1", NULL), 400, "bad_json");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM inbox"), 0);
	ck_assert_ptr_nonnull(strstr(rig_log(), "webhook_refused"));
	ck_assert_ptr_null(strstr(rig_log(), SECRET));
	ck_assert_ptr_null(strstr(rig_log(), "order.status"));
	rig_end();
}
END_TEST

START_TEST(a_header_told_twice_is_not_told)
{
	const char *sum;
	char pair[128];
	const char *all[] = { "HTTP_WEBHOOK_ID=m", "HTTP_WEBHOOK_TIMESTAMP=1779444000", pair,
		"HTTP_WEBHOOK_ID=m", NULL };
	struct rig_ask ask = { .method = "POST", .path = "/webhooks/pos", .body = NEWS, .all = all };

	begin();
	sum = sign("m", RIG_NOW, NEWS);
	snprintf(pair, sizeof pair, "HTTP_WEBHOOK_SIGNATURE=%s", sum);
	rig_refused(rig_send(&ask), 401, "bad_signature");
	all[3] = "HTTP_WEBHOOK_ID_2=m";		/* another header */
	rig_ok(rig_send(&ask), 200);
	all[1] = "HTTP_WEBHOOK_TIMESTAMP=1779444000\x01";
	rig_refused(rig_send(&ask), 401, "bad_signature");
	rig_end();
}
END_TEST

START_TEST(a_large_one_passes_up_to_the_bound)
{
	char *body = malloc(BODY_MAX + 2);

	begin();
	memset(body, ' ', BODY_MAX + 1);
	body[0] = '{';
	body[1] = '}';
	body[BODY_MAX + 1] = '\0';
	rig_refused(tell("m", body), 413, "too_large");
	body[BODY_MAX] = '\0';
	rig_ok(tell("m", body), 200);
	ck_assert_int_eq(rig_sql_int("SELECT length(body) FROM inbox"), BODY_MAX);
	free(body);
	rig_end();
}
END_TEST

START_TEST(where_nobody_reads_the_till_is_asked_to_come_back)
{
	const struct rig_reply *a;

	begin();
	rig_sql("INSERT INTO inbox (event_id, body, received_at)"
	    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
	    " SELECT 'e' || i, x'7b7d', 1 FROM n");
	a = tell("m", NEWS);
	rig_refused(a, 503, "busy");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "30");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM inbox"), INBOX_WAITING_MAX);
	rig_end();
}
END_TEST

START_TEST(without_a_secret_there_is_no_such_route)
{
	rig_begin();
	ck_assert_ptr_null(rig_app()->webhook);
	rig_refused(tell("m", NEWS), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(it_answers_what_the_profile_says)
{
	static const char text[] = "{\"profile\":1,\"name\":\"t\",\"base\":\"https://x\",\"webhook\":{"
	    "\"verify\":{\"standard_webhooks\":true},\"type\":\"/type\",\"map\":{},"
	    "\"reply\":{\"status\":\"accept\"}}}";
	struct profile_faults faults;
	struct profile *p;

	begin();
	ck_assert_ptr_nonnull(p = profile_parse(text, strlen(text), &faults));
	webhook_close(rig_app()->webhook);
	ck_assert_ptr_nonnull(rig_app()->webhook = webhook_new(p, SECRET, ""));
	ck_assert_str_eq(tell("m", NEWS)->text, "{\"status\":\"accept\"}");
	rig_end();
}
END_TEST

/* A worker that could judge nothing does not start, and says why. */
START_TEST(a_worker_does_not_start_with_half_a_webhook)
{
	char fault[APP_FAULT] = "";

	rig_begin();
	rig_close();
	rig_set("WEBHOOK_SECRET", SECRET);
	rig_set("PROFILE_DIR", "/nowhere");
	ck_assert_int_eq(app_open(rig_app(), fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "PROFILE=generic: /nowhere/generic.json"));
	ck_assert_ptr_null(strstr(fault, SECRET));
	rig_close();
	rig_app()->pool = POOL_READ;	/* where the route is not */
	ck_assert_int_eq(app_open(rig_app(), fault), 0);
	rig_end();
}
END_TEST

START_TEST(it_stands_under_little_memory)
{
	begin();
	for (size_t limit = 64; limit < 64 * 1024; limit += 977) {
		const struct rig_reply *a;

		rig_memory(limit);
		a = tell("m", NEWS);
		ck_assert_msg(a->status == 200 || a->status == 500, "%d", a->status);
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM inbox") <= 1, 1);
	}
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("hooks", a_letter_is_written_down_as_it_came, what_it_says_changes_no_order,
	    each_event_counts_once, also_when_it_comes_from_all_sides, a_forgery_leaves_nothing,
	    a_header_told_twice_is_not_told, a_large_one_passes_up_to_the_bound,
	    where_nobody_reads_the_till_is_asked_to_come_back,
	    without_a_secret_there_is_no_such_route, it_answers_what_the_profile_says,
	    a_worker_does_not_start_with_half_a_webhook, it_stands_under_little_memory);
}
