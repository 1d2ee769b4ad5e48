/*
 * check_http.c - asking a till over HTTPS: what http.h promises
 *
 * G70: certificates are verified, plain http is refused. G51, G52: the
 * time-out, and "no byte left" told apart from "no answer".
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/pos/http.h"
#include "tests/peer.h"
#include "tests/suite.h"
#include "tests/temp.h"

enum { SHORT_MS = 300, LONG_MS = 30000 };

#define STEPS(...) (const struct peer_step[]){ __VA_ARGS__ }, \
	sizeof((const struct peer_step[]){ __VA_ARGS__ }) / sizeof(struct peer_step)

static struct http *
make(int allow_http)
{
	struct http *h = http_new(&(struct http_options){ .ca_file = temp_path("ca.pem"),
	    .connect_ms = LONG_MS, .total_ms = LONG_MS, .allow_http = allow_http });

	ck_assert_ptr_nonnull(h);
	return h;
}

static void
get(struct http *h, const char *method, const char *path, const char *body, struct http_reply *r)
{
	char url[256];

	snprintf(url, sizeof url, "%s%s", peer_url(), path);
	http_fetch(h, &(struct http_request){ .method = method, .url = url, .body = body,
	    .body_len = body == NULL ? 0 : strlen(body) }, r);
}

START_TEST(reads_an_answer_over_tls)
{
	static const char *const headers[] = { "X-Till: 7" };
	struct http_reply r;
	struct http *h;
	char url[128];

	temp_make();
	peer_start(PEER_TLS, temp_path("ca.pem"), STEPS({ PEER_REPLY, peer_json(201,
	    "Date: Fri, 22 May 2026 10:00:00 GMT\r\nretry-after: 7 \r\nLink: <x>; rel=\"next\"\r\n",
	    "{\"id\":\"борщ\"}"), 0 }));
	h = make(0);
	snprintf(url, sizeof url, "%s/api?a=1", peer_url());
	http_fetch(h, &(struct http_request){ .method = "POST", .url = url, .headers = headers,
	    .header_count = 1, .body = "{}", .body_len = 2 }, &r);
	ck_assert_str_eq(r.fault, "");
	ck_assert_int_eq(r.result, HTTP_ANSWERED);
	ck_assert_int_eq(r.status, 201);
	ck_assert_str_eq(r.body, "{\"id\":\"борщ\"}");
	ck_assert_uint_eq(r.len, strlen(r.body));
	ck_assert_str_eq(r.date, "Fri, 22 May 2026 10:00:00 GMT");
	ck_assert_str_eq(r.retry_after, "7");
	ck_assert_str_eq(r.link, "<x>; rel=\"next\"");
	ck_assert_ptr_nonnull(strstr(peer_request(0), "POST /api?a=1 HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(peer_request(0), "\r\nX-Till: 7\r\n"));
	ck_assert_ptr_nonnull(strstr(peer_request(0), "\r\n\r\n{}"));
	http_reply_free(&r);
	http_free(h);
	peer_stop();
	temp_remove();
}
END_TEST

START_TEST(keeps_the_connection_for_the_next_request)
{
	struct http_reply r;
	struct http *h;

	temp_make();
	peer_start(PEER_TLS, temp_path("ca.pem"), STEPS({ PEER_REPLY, peer_json(200, "", "1"), 0 }));
	h = make(0);
	for (int i = 0; i < 5; i++) {
		get(h, i % 2 ? "POST" : "GET", "/", i % 2 ? "{}" : NULL, &r);
		ck_assert_int_eq(r.result, HTTP_ANSWERED);
		http_reply_free(&r);
	}
	ck_assert_int_eq(peer_requests(), 5);
	ck_assert_int_eq(peer_connections(), 1);
	http_free(h);
	peer_stop();
	temp_remove();
}
END_TEST

/* G70: not one byte of a request goes to a till that cannot prove its name. */
START_TEST(refuses_bad_certificates_before_a_byte_leaves)
{
	static const struct {
		enum peer_kind kind;
		int other_ca;
	} cases[] = {
		{ PEER_TLS_OTHER_HOST, 0 }, { PEER_TLS_EXPIRED, 0 }, { PEER_TLS, 1 },
		{ PEER_NO_TLS, 0 },
	};
	struct http_reply r;
	struct http *h;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		peer_start(cases[i].kind, temp_path("ca.pem"),
		    STEPS({ PEER_REPLY, peer_json(200, "", "1"), 0 }));
		h = http_new(&(struct http_options){
		    .ca_file = cases[i].other_ca ? NULL : temp_path("ca.pem") });
		get(h, "POST", "/", "{\"secret\":1}", &r);
		ck_assert_int_eq(r.result, HTTP_UNSENT);
		ck_assert_int_eq(r.status, 0);
		ck_assert_str_ne(r.fault, "");
		ck_assert_ptr_null(r.body);
		ck_assert_int_eq(peer_requests(), 0);
		http_free(h);
		peer_stop();
		temp_remove();
	}
}
END_TEST

START_TEST(refuses_addresses_that_are_not_https)
{
	static const struct {
		const char *url, *says;
		int allow, ok;
	} cases[] = {
		{ "https://till.example/x", "", 0, 1 },
		{ "HTTPS://till.example:8443", "", 0, 1 },
		{ "http://till.example/x", "loopback only", 1, 0 },
		{ "http://127.0.0.1/x", "explicit setting", 0, 0 },
		{ "http://127.0.0.1/x", "", 1, 1 },
		{ "http://localhost:81/", "", 1, 1 },
		{ "http://[::1]/", "", 1, 1 },
		{ "http://127.0.0.1.evil.example/", "loopback only", 1, 0 },
		{ "http://localhost.evil.example/", "loopback only", 1, 0 },
		{ "http://[::2]/", "loopback only", 1, 0 },
		{ "http://10.0.0.1/", "loopback only", 1, 0 },
		{ "https://user:pass@till.example/", "credentials", 1, 0 },
		{ "http://127.0.0.1@evil.example/", "credentials", 1, 0 },
		{ "ftp://till.example/", "https://", 1, 0 },
		{ "file:///etc/passwd", "https://", 1, 0 },
		{ "till.example", "https://", 1, 0 },
		{ "", "https://", 1, 0 },
		{ "https://", "https://", 1, 0 },
	};
	char fault[HTTP_FAULT];
	struct http_reply r;
	struct http *h;
	void *about;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fault[0] = '\0';
		ck_assert_msg(http_check_url(cases[i].url, cases[i].allow, fault) ==
		    (cases[i].ok ? 0 : -1), "%s: %s", cases[i].url, fault);
		ck_assert_msg(strstr(fault, cases[i].says) != NULL, "%s: %s", cases[i].url, fault);
		ck_assert_ptr_null(strstr(fault, ":pass@"));
	}
	h = http_new(&(struct http_options){ .allow_http = 0 });
	http_fetch(h, &(struct http_request){ .method = "GET",
	    .url = "http://127.0.0.1:1/?token=abc" }, &r);
	ck_assert_int_eq(r.result, HTTP_UNSENT);
	ck_assert_ptr_null(strstr(r.fault, "abc"));
	ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "GET",
	    .url = "ftp://127.0.0.1/" }, &r), 0);
	ck_assert_int_eq(http_wait(h, 1000, &about, &r), 1);
	ck_assert_int_eq(r.result, HTTP_UNSENT);
	http_free(h);
}
END_TEST

/* G52: what tells the outbox whether the till may have the order. */
START_TEST(tells_unsent_from_lost)
{
	static const struct {
		enum peer_kind kind;
		struct peer_step step;
		enum http_result result;
		int status;
	} cases[] = {
		{ PEER_PLAIN, { PEER_LOSE, NULL, 0 }, HTTP_LOST, 0 },
		{ PEER_PLAIN, { PEER_HANG, NULL, 0 }, HTTP_LOST, 0 },
		{ PEER_PLAIN, { PEER_LAST, "garbage\r\n", 0 }, HTTP_LOST, 0 },
		{ PEER_PLAIN, { PEER_LAST, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 0 },
		    HTTP_LOST, 200 },
		{ PEER_PLAIN, { PEER_LAST, "HTTP/1.1 200 OK\r\nContent-Le", 0 }, HTTP_LOST, 200 },
		{ PEER_PLAIN, { PEER_LAST, "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}", 0 },
		    HTTP_ANSWERED, 500 },
		{ PEER_MUTE, { PEER_HANG, NULL, 0 }, HTTP_UNSENT, 0 },
	};
	struct http_reply r;
	struct http *h;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		peer_start(cases[i].kind, cases[i].kind == PEER_MUTE ? "tls" : NULL,
		    &cases[i].step, 1);
		/* only what never ends may end by time */
		h = http_new(&(struct http_options){ .allow_http = 1,
		    .total_ms = cases[i].step.act == PEER_HANG ? SHORT_MS : LONG_MS });
		get(h, "POST", "/", "{}", &r);
		ck_assert_msg(r.result == cases[i].result, "case %zu: %d %s", i, (int)r.result,
		    r.fault);
		ck_assert_msg(r.status == cases[i].status, "case %zu: %d", i, r.status);
		if (r.result != HTTP_ANSWERED)
			ck_assert_str_ne(r.fault, "");
		http_reply_free(&r);
		http_free(h);
		peer_stop();
	}
}
END_TEST

START_TEST(nobody_there_is_unsent)
{
	static const char *const urls[] = { "https://127.0.0.1:1/", "https://till.invalid/",
		"http://127.0.0.1:1/" };
	struct http *h = http_new(&(struct http_options){ .allow_http = 1, .total_ms = 5000 });
	struct http_reply r;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		http_fetch(h, &(struct http_request){ .method = "POST", .url = urls[i],
		    .body = "{}", .body_len = 2 }, &r);
		ck_assert_msg(r.result == HTTP_UNSENT, "%s: %s", urls[i], r.fault);
	}
	http_free(h);
}
END_TEST

/*
 * curl repeats a request by itself when a kept connection ends without a
 * word. A till that took the order and then cut the line would have it twice.
 */
START_TEST(never_sends_a_change_twice_by_itself)
{
	static const char *const bodies[] = { "{\"order\":1}", NULL };
	struct http_reply r;
	struct http *h;

	for (size_t i = 0; i < 2; i++) {
		peer_start(PEER_PLAIN, NULL, STEPS({ PEER_REPLY, peer_json(200, "", "1"), 0 },
		    { PEER_LOSE, NULL, 0 }));
		h = make(1);
		get(h, "GET", "/", NULL, &r);
		ck_assert_int_eq(r.result, HTTP_ANSWERED);
		http_reply_free(&r);
		get(h, "POST", "/", bodies[i], &r);
		ck_assert_int_eq(r.result, HTTP_LOST);
		ck_assert_int_eq(peer_requests(), 2);
		http_free(h);
		peer_stop();
	}
}
END_TEST

START_TEST(follows_no_redirect)
{
	struct http_reply r;
	struct http *h;

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_REPLY,
	    peer_json(302, "Location: /elsewhere\r\n", "{}"), 0 }));
	h = make(1);
	get(h, "GET", "/", NULL, &r);
	ck_assert_int_eq(r.result, HTTP_ANSWERED);
	ck_assert_int_eq(r.status, 302);
	ck_assert_int_eq(peer_requests(), 1);
	http_reply_free(&r);
	http_free(h);
	peer_stop();
}
END_TEST

START_TEST(takes_no_more_than_its_limit)
{
	static char body[5001];
	struct http_reply r;
	struct http *h;

	memset(body, 'x', sizeof body - 1);
	for (int chunked = 0; chunked < 2; chunked++) {
		char reply[6000];

		snprintf(reply, sizeof reply, chunked ? "HTTP/1.1 200 OK\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n1388\r\n%s\r\n0\r\n\r\n" :
		    "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%s", body);
		peer_start(PEER_PLAIN, NULL, STEPS({ PEER_REPLY, reply, 0 }));
		h = http_new(&(struct http_options){ .allow_http = 1, .max_body = 4999 });
		get(h, "GET", "/", NULL, &r);
		ck_assert_int_eq(r.result, HTTP_LOST);
		ck_assert_str_eq(r.fault, "reply is larger than 4999 bytes");
		ck_assert_ptr_null(r.body);
		http_free(h);
		h = http_new(&(struct http_options){ .allow_http = 1, .max_body = 5000 });
		get(h, "GET", "/", NULL, &r);
		ck_assert_int_eq(r.result, HTTP_ANSWERED);
		ck_assert_uint_eq(r.len, 5000);
		http_reply_free(&r);
		http_free(h);
		peer_stop();
	}
}
END_TEST

START_TEST(headers_of_a_preliminary_answer_do_not_count)
{
	struct http_reply r;
	struct http *h;

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_LAST, "HTTP/1.1 103 Early Hints\r\n"
	    "Retry-After: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", 0 }));
	h = make(1);
	get(h, "GET", "/", NULL, &r);
	ck_assert_int_eq(r.status, 200);
	ck_assert_str_eq(r.retry_after, "");
	http_reply_free(&r);
	http_free(h);
	peer_stop();
}
END_TEST

/* All three are with the till at once: none is answered before the last came. */
START_TEST(asks_several_at_a_time)
{
	char path[3][64];
	struct http_reply r;
	struct http *h;
	int seen = 0;
	void *about;

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_MEET, peer_json(200, "", "[]"), 3 }));
	h = make(1);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path[i], sizeof path[i], "%s/%zu", peer_url(), i);
		ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "POST",
		    .url = path[i], .body = "{}", .body_len = 2 }, path[i]), 0);
	}
	ck_assert_int_eq(http_under_way(h), 3);
	while (http_wait(h, LONG_MS, &about, &r) == 1) {
		ck_assert_int_eq(r.result, HTTP_ANSWERED);
		ck_assert_str_eq(r.body, "[]");
		for (int i = 0; i < 3; i++)
			if (about == path[i])
				seen |= 1 << i;
		http_reply_free(&r);
	}
	ck_assert_int_eq(seen, 7);
	ck_assert_int_eq(http_under_way(h), 0);
	ck_assert_int_eq(http_wait(h, LONG_MS, &about, &r), 0);
	http_free(h);
	peer_stop();
}
END_TEST

START_TEST(one_that_hangs_holds_up_nobody)
{
	struct http_reply r;
	struct http *h;
	char url[64];
	void *about;
	int hung = 1, quick = 2;

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_HANG, NULL, 0 },
	    { PEER_REPLY, peer_json(200, "", "[]"), 0 }));
	h = http_new(&(struct http_options){ .allow_http = 1, .total_ms = LONG_MS });
	snprintf(url, sizeof url, "%s/", peer_url());
	ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "GET", .url = url },
	    &hung), 0);
	while (peer_requests() == 0)
		ck_assert_int_eq(http_wait(h, 1, &about, &r), 0);
	ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "GET", .url = url },
	    &quick), 0);
	ck_assert_int_eq(http_wait(h, LONG_MS, &about, &r), 1);
	ck_assert_ptr_eq(about, &quick);
	http_reply_free(&r);
	ck_assert_int_eq(http_under_way(h), 1);
	http_free(h);
	peer_stop();
}
END_TEST

START_TEST(refuses_more_than_it_can_watch)
{
	struct http *h;
	char url[64];

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_HANG, NULL, 0 }));
	h = make(1);
	snprintf(url, sizeof url, "%s/", peer_url());
	for (int i = 0; i < HTTP_MOST; i++)
		ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "GET",
		    .url = url }, NULL), 0);
	ck_assert_int_eq(http_start(h, &(struct http_request){ .method = "GET", .url = url },
	    NULL), -1);
	http_free(h);		/* ends what is under way */
	peer_stop();
	http_free(NULL);
}
END_TEST

START_TEST(gives_up_at_its_time_out)
{
	int64_t before, took;
	struct http_reply r;
	struct http *h;

	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_HANG, NULL, 0 }));
	h = http_new(&(struct http_options){ .allow_http = 1, .total_ms = SHORT_MS });
	before = clock_mono_ms();
	get(h, "GET", "/", NULL, &r);
	took = clock_mono_ms() - before;
	ck_assert_int_eq(r.result, HTTP_LOST);
	ck_assert_int_ge(took, SHORT_MS - 5);
	ck_assert_int_lt(took, 20 * SHORT_MS);
	http_free(h);
	peer_stop();
}
END_TEST

int
main(void)
{
	return SUITE("http", reads_an_answer_over_tls, keeps_the_connection_for_the_next_request,
	    refuses_bad_certificates_before_a_byte_leaves, refuses_addresses_that_are_not_https,
	    tells_unsent_from_lost, nobody_there_is_unsent, never_sends_a_change_twice_by_itself,
	    follows_no_redirect, takes_no_more_than_its_limit,
	    headers_of_a_preliminary_answer_do_not_count, asks_several_at_a_time,
	    one_that_hangs_holds_up_nobody, refuses_more_than_it_can_watch,
	    gives_up_at_its_time_out);
}
