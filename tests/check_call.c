/*
 * check_call.c - asking a till: what is sent, when, and what never is
 *
 * G51: the guide's payload. G69: where the token goes, and where it never
 * does.
 */
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/pos/profile.h"
#include "tests/posrig.h"

START_TEST(sends_an_order_and_reads_its_answer)
{
	struct pos_answer a;
	const char *sent;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(201, "",
	    "{\"id\":71,\"status\":\"new\",\"total\":440.50}"))));
	rig_open(AUTH ERRORS ORDER);
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_msg(a.outcome == POS_DONE, "%s", a.message);
	ck_assert_int_eq(a.status, 201);
	ck_assert_str_eq(a.id, "71");
	ck_assert_str_eq(a.state, "sent_to_pos");
	ck_assert_str_eq(a.raw, "new");
	ck_assert_int_eq(a.total_known, 1);
	ck_assert_int_eq(a.total, 44050);
	ck_assert_str_eq(a.message, "");
	sent = peer_request(0);
	ck_assert_ptr_nonnull(strstr(sent, "POST /orders HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Bearer " RIG_TOKEN "\r\n"));
	ck_assert_ptr_nonnull(strstr(sent, "\r\nIdempotency-Key: k-1\r\n"));
	ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Type: application/json\r\n"));
	ck_assert_ptr_nonnull(strstr(sent, "\r\n\r\n{\"ref\":\"R1\",\"total\":440.50}"));
	rig_close();
}
END_TEST

/* The bytes in the outbox are the bytes that are sent, each time, and hold no token. */
START_TEST(a_frozen_request_is_sent_again_as_it_was)
{
	struct buf first = BUF_INIT(4096), second = BUF_INIT(4096);
	struct pos_request q, again;
	struct pos_answer a;
	char fault[POS_FAULT];

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"id\":1}"))));
	rig_open("'headers':{'X-Version':'7'}," AUTH ORDER);
	ck_assert_int_eq(pos_build(pos, POS_ORDER_CREATE, &about, arena, &q, fault), 0);
	pos_freeze(&q, &first);
	ck_assert_str_eq(first.s, "POST /orders\nAccept: application/json\n"
	    "Content-Type: application/json\nX-Version: 7\nIdempotency-Key: k-1\n\n"
	    "{\"ref\":\"R1\",\"total\":440.50}");
	ck_assert_int_eq(pos_thaw(arena, first.s, first.len, &again), 0);
	pos_freeze(&again, &second);
	ck_assert_str_eq(second.s, first.s);
	pos_send(pos, POS_ORDER_CREATE, &q, arena, &a);
	pos_send(pos, POS_ORDER_CREATE, &again, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_str_eq(peer_request(0), peer_request(1));
	ck_assert_int_eq(pos_build(pos, POS_ORDER_CANCEL, &about, arena, &q, fault), 0);
	buf_reset(&first);
	pos_freeze(&q, &first);
	ck_assert_str_eq(first.s, "POST /orders/S%2F1/cancel\nAccept: application/json\n"
	    "X-Version: 7\n\n");
	ck_assert_int_eq(pos_thaw(arena, first.s, first.len, &again), 0);
	ck_assert_ptr_null(again.body);
	pos_send(pos, POS_ORDER_CANCEL, &again, arena, &a);
	ck_assert_ptr_null(strstr(peer_request(2), "Content-Type"));
	buf_free(&first);
	buf_free(&second);
	rig_close();
}
END_TEST

/* One name for one request, from the browser to the till. */
START_TEST(tells_the_till_which_request_it_is_about)
{
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"id\":1}"))));
	rig_open(AUTH ORDER);
	log_request("browser-7");
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	log_request("-");
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	log_request(NULL);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_ptr_nonnull(strstr(peer_request(0), "\r\nX-Request-Id: browser-7\r\n"));
	ck_assert_ptr_null(strstr(peer_request(1), "X-Request-Id"));
	rig_close();
}
END_TEST

/* A header that does not fit is never left off in silence. */
START_TEST(sends_all_headers_or_nothing)
{
	struct buf lines = BUF_INIT(4096);
	struct pos_request q = { .method = "GET", .path = "/" };
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"status\":\"new\"}"))));
	rig_open(AUTH ORDER);
	for (int i = 0; i < 23; i++)
		buf_printf(&lines, "X-%d: 1\n", i);
	q.headers = lines.s;
	pos_send(pos, POS_ORDER_STATUS, &q, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_ptr_nonnull(strstr(peer_request(0), "X-22: 1"));
	ck_assert_ptr_nonnull(strstr(peer_request(0), "Authorization"));
	buf_str(&lines, "X-23: 1\n");
	q.headers = lines.s;
	pos_send(pos, POS_ORDER_STATUS, &q, arena, &a);
	ck_assert_int_eq(a.outcome, POS_UNSENT);
	ck_assert_str_eq(a.message, "the request is too long");
	ck_assert_int_eq(peer_requests(), 1);
	buf_free(&lines);
	rig_close();
}
END_TEST

START_TEST(refuses_bytes_that_are_no_request)
{
	static const char *const wrong[] = { "", "POST", "POST /x", "POST /x\n", "POST x\n\n",
		"EAT /x\n\n", "POST /x\nA: b\n", "POST /x\nA: b" };
	struct arena *a = arena_new(4096);
	struct pos_request q;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(pos_thaw(a, wrong[i], strlen(wrong[i]), &q) == -1, "%s", wrong[i]);
	ck_assert_int_eq(pos_thaw(a, "GET /x\n\n", 8, &q), 0);
	ck_assert_str_eq(q.headers, "");
	arena_free(a);
}
END_TEST

START_TEST(a_token_in_the_query_is_hidden_as_well)
{
	struct buf shown = BUF_INIT(4096);
	struct pos_request q;
	struct pos_answer a;
	char fault[POS_FAULT];

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"status\":\"cooking\"}"))));
	rig_open("'auth':{'put':'query:token','value':'{token}'}," ORDER);
	pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
	ck_assert_str_eq(a.state, "processing");
	ck_assert_ptr_nonnull(strstr(peer_request(0), "GET /orders/S%2F1?token=" RIG_TOKEN " "));
	ck_assert_int_eq(pos_build(pos, POS_ORDER_STATUS, &about, arena, &q, fault), 0);
	ck_assert_ptr_null(strstr(q.path, RIG_TOKEN));
	pos_show(pos, &q, &shown);
	ck_assert_ptr_nonnull(strstr(shown.s, "/orders/S%2F1?token={token}\n"));
	ck_assert_ptr_null(strstr(shown.s, RIG_TOKEN));
	buf_free(&shown);
	peer_stop();
	pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
	ck_assert_ptr_null(strstr(a.message, RIG_TOKEN));
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS("")));
	rig_close();
}
END_TEST

START_TEST(a_step_that_lacks_a_value_is_not_sent)
{
	struct pos_order unknown = order;
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{}"))));
	rig_open(AUTH ORDER);
	unknown.pos_id = NULL;
	pos_do(pos, POS_ORDER_CANCEL, &(struct pos_about){ .order = &unknown }, arena, &a);
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_int_eq(a.status, 0);
	ck_assert_str_eq(a.message, "order.cancel: {order.pos_id} is missing");
	unknown.key = "a\r\nX-Evil: 1";
	pos_do(pos, POS_ORDER_CREATE, &(struct pos_about){ .order = &unknown }, arena, &a);
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_ptr_nonnull(strstr(a.message, "holds control bytes"));
	ck_assert_int_eq(peer_requests(), 0);
	rig_close();
}
END_TEST

START_TEST(sends_several_at_a_time)
{
	struct pos_request q[3];
	struct pos_answer a;
	struct http_reply r;
	char fault[POS_FAULT];
	int done = 0;
	void *which;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_MEET, peer_json(200, "", "{\"id\":\"x\"}"), 3 }));
	rig_open(AUTH ORDER);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(pos_build(pos, POS_ORDER_CREATE, &about, arena, &q[i], fault), 0);
		ck_assert_int_eq(pos_start(pos, &q[i], &q[i]), 0);
	}
	ck_assert_int_eq(pos_under_way(pos), 3);
	while (pos_wait(pos, 30000, &which, &r) == 1) {
		pos_judge(pos, POS_ORDER_CREATE, &r, arena, &a);
		http_reply_free(&r);
		ck_assert_int_eq(a.outcome, POS_DONE);
		ck_assert_str_eq(a.id, "x");
		done |= 1 << ((struct pos_request *)which - q);
	}
	ck_assert_int_eq(done, 7);
	ck_assert_ptr_nonnull(strstr(peer_request(2), "Authorization: Bearer " RIG_TOKEN));
	rig_close();
}
END_TEST

/* pos_start cannot wait: who calls it asks how long to. */
START_TEST(tells_when_the_next_of_several_may_go)
{
	struct pos_request q;
	struct http_reply r;
	char fault[POS_FAULT];
	void *which;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"id\":\"x\"}"))));
	rig_open("'pace_ms':60000," AUTH ORDER);
	ck_assert_int_eq(pos_rest_ms(pos), 0);
	ck_assert_int_eq(pos_build(pos, POS_ORDER_CREATE, &about, arena, &q, fault), 0);
	ck_assert_int_eq(pos_start(pos, &q, &q), 0);
	ck_assert_int_gt(pos_rest_ms(pos), 50000);
	ck_assert_int_eq(pos_wait(pos, 30000, &which, &r), 1);
	http_reply_free(&r);
	rig_close();
}
END_TEST

START_TEST(keeps_the_pace_of_the_till)
{
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"status\":\"new\"}"))));
	rig_open("'pace_ms':60000," ORDER);
	ck_assert_int_eq(pos_pace_ms(pos), 60000);
	pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
	ck_assert_int_eq(rig_waits, 0);
	ck_assert_int_gt(pos_rest_ms(pos), 50000);
	pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_int_eq(rig_waits, 1);
	ck_assert_int_gt(rig_waited_ms, 50000);
	rig_gives_up = 1;
	pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_UNSENT);
	ck_assert_int_eq(peer_requests(), 2);
	rig_close();
}
END_TEST

static void
refused(const struct pos_setup *setup, const char *part)
{
	char fault[POS_FAULT];

	ck_assert_ptr_null(pos_open(setup, fault));
	ck_assert_msg(strstr(fault, part) != NULL, "%s", fault);
}

/* G70, G72: a till that cannot be asked safely is not opened. */
START_TEST(says_why_a_till_cannot_be_opened)
{
	struct pos_pair pairs[2] = { { "base_url", "https://till.example/api/" }, { "bas", "x" } };
	struct pos_setup setup = { .token = "abcdef", .settings = pairs, .setting_count = 1 };
	char fault[POS_FAULT], path[PATH_MAX];
	struct pos *p;

	temp_make();
	rig_profile(AUTH ORDER);
	snprintf(path, sizeof path, "%s", temp_path("p.json"));
	setup.profile = path;
	p = pos_open(&setup, fault);
	ck_assert_msg(p != NULL, "%s", fault);
	ck_assert_str_eq(profile_name(pos_profile(p)), "t");
	pos_close(p);
	setup.token = NULL;
	refused(&setup, "token is missing");
	setup.token = "a\nb";
	refused(&setup, "control bytes");
	setup.token = "abcdef";
	setup.setting_count = 0;
	refused(&setup, "needs the setting base_url");
	setup.setting_count = 2;
	refused(&setup, "knows no setting bas");
	setup.setting_count = 1;
	pairs[0].value = "http://127.0.0.1:1";
	refused(&setup, "explicit setting");
	setup.http.allow_http = 1;
	pairs[0].value = "http://till.example";
	refused(&setup, "must begin with https://");
	pairs[0].value = "https://till.example/?a=1";
	refused(&setup, "holds a ?");
	rig_profile("'zones':1");
	refused(&setup, "p.json:1: /zones: unknown key");
	rig_profile("'zones':1,'nam':2,'x':3");
	refused(&setup, "/zones: unknown key");
	refused(&setup, "(and 2 more)");
	rig_profile("'auth':{'put':'header:X','value':'{secret.key}'}");
	pairs[0].value = "https://till.example";
	refused(&setup, "secret of the till is missing: key");
	temp_remove();
	pos_close(NULL);
}
END_TEST

/* G51: the guide's own payload, by the profile that is shipped. */
START_TEST(the_generic_profile_sends_the_guides_payload)
{
	static const struct pos_item items[] = { { "p1", "Борщ", 2, 13500 } };
	struct pos_pair base = { "base_url", "https://till.example" };
	const char *dir = getenv("srcdir"), *members[] = { "branch_pos_id", "client_pos_id",
		"order_type", "items", "delivery_address", "delivery_fee", "total_amount", "notes",
		"our_order_id" };
	struct pos_order o = order;
	char path[PATH_MAX], fault[POS_FAULT];
	struct json_fault bad;
	const struct json *body;
	struct pos_request q;

	snprintf(path, sizeof path, "%s/profiles/generic.json", dir != NULL ? dir : "..");
	pos = pos_open(&(struct pos_setup){ .profile = path, .token = "abcdef", .settings = &base,
	    .setting_count = 1 }, fault);
	ck_assert_msg(pos != NULL, "%s", fault);
	arena = arena_new(1 << 20);
	o.branch = "b1";
	o.comment = "без цибулі";
	o.customer.id = "c1";
	o.address = "{\"text\":\"x\"}";
	o.fee = 12900;
	o.items = items;
	o.item_count = 1;
	ck_assert_int_eq(pos_build(pos, POS_ORDER_CREATE, &(struct pos_about){ .order = &o }, arena,
	    &q, fault), 0);
	ck_assert_str_eq(q.path, "/api/pos/orders");
	body = json_parse(arena, q.body, q.body_len, &bad);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		ck_assert_msg(json_member(body, members[i]) != NULL, "%s", members[i]);
	body = json_first(json_member(body, "items"));
	ck_assert_str_eq(json_text(json_member(body, "pos_product_id")), "p1");
	ck_assert_str_eq(json_digits(json_member(body, "quantity")), "2");
	ck_assert_str_eq(json_digits(json_member(body, "price")), "135.00");
	ck_assert_str_eq(json_text(json_member(body, "name")), "Борщ");
	arena_free(arena);
	pos_close(pos);
}
END_TEST

int
main(void)
{
	return SUITE("call", sends_an_order_and_reads_its_answer,
	    a_frozen_request_is_sent_again_as_it_was, sends_all_headers_or_nothing,
	    tells_the_till_which_request_it_is_about,
	    refuses_bytes_that_are_no_request,
	    a_token_in_the_query_is_hidden_as_well, a_step_that_lacks_a_value_is_not_sent,
	    sends_several_at_a_time, keeps_the_pace_of_the_till, tells_when_the_next_of_several_may_go,
	    says_why_a_till_cannot_be_opened, the_generic_profile_sends_the_guides_payload);
}
