/* check_ws.c - the request, the handshake and the frames (RFC 6455) */
#include <string.h>

#include "push/http.h"
#include "push/sse.h"
#include "push/ws.h"
#include "tests/suite.h"

#define START "GET /ws?ticket=abc&since=12 HTTP/1.1\r\nHost: shop\r\n"
#define UPGRADE "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static char text[HTTP_MAX + 1];
static struct http_request r;

static int
head(const char *s)
{
	size_t n = strlen(s);

	memcpy(text, s, n);
	return http_read(text, n, &r);
}

START_TEST(request_is_read_when_it_is_whole)
{
	const char *whole = START UPGRADE KEY VERSION "\r\n";
	char value[8];

	for (size_t n = 0; n < strlen(whole); n++) {
		memcpy(text, whole, n);
		ck_assert_int_eq(http_read(text, n, &r), 0);
	}
	ck_assert_int_eq(head(START UPGRADE KEY VERSION "\r\nrest"), HTTP_OK);
	ck_assert_str_eq(text + r.size, "rest");
	ck_assert_str_eq(r.path, "/ws");
	ck_assert_int_eq(http_value(r.query, "ticket", value, sizeof value), 1);
	ck_assert_str_eq(value, "abc");
	ck_assert_int_eq(http_value(r.query, "since", value, 2), 0);
	ck_assert_int_eq(http_value(r.query, "sinc", value, sizeof value), 0);
	ck_assert_int_eq(http_value("a=1&a=2", "a", value, sizeof value), 0);
	ck_assert_int_eq(ws_wanted(&r), 101);
}
END_TEST

START_TEST(what_is_no_request_is_refused)
{
	static const struct { const char *head; int status; } cases[] = {
		{ "POST /ws HTTP/1.1\r\n\r\n", 405 },
		{ "GET /ws HTTP/1.0\r\n\r\n", 400 },
		{ "GET ws HTTP/1.1\r\n\r\n", 400 },
		{ "GET /ws\r\n\r\n", 400 },
		{ "\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ "GET /ws HTTP/1.1\r\nContent-Length: 0\r\n\r\n", HTTP_OK },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_int_eq(head(cases[i].head), cases[i].status);
	memset(text, 'a', HTTP_MAX);
	ck_assert_int_eq(http_read(text, HTTP_MAX - 1, &r), 0);
	ck_assert_int_eq(http_read(text, HTTP_MAX, &r), 431);
	memcpy(text, "GET /\0 HTTP/1.1\r\n\r\n", 19);
	ck_assert_int_eq(http_read(text, 19, &r), 400);
}
END_TEST

START_TEST(handshake_is_checked)
{
	static const struct { const char *head; int status; } cases[] = {
		{ START KEY VERSION "\r\n", 426 },
		{ START UPGRADE KEY "\r\n", 426 },
		{ START UPGRADE KEY "Sec-WebSocket-Version: 8\r\n\r\n", 426 },
		{ START "Upgrade: websocket\r\n" KEY VERSION "\r\n", 400 },
		{ START UPGRADE VERSION "\r\n", 400 },
		{ START UPGRADE VERSION "Sec-WebSocket-Key: c2hvcnQ=\r\n\r\n", 400 },
		{ START UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=x\r\n\r\n", 400 },
	};
	struct buf b = BUF_INIT(512);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(head(cases[i].head), HTTP_OK);
		ck_assert_int_eq(ws_wanted(&r), cases[i].status);
	}
	ck_assert_int_eq(head(START UPGRADE KEY VERSION "\r\n"), HTTP_OK);
	ck_assert_int_eq(ws_accept(&r, &b), 0);
	ck_assert_ptr_nonnull(strstr(b.s, "Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
	buf_free(&b);
}
END_TEST

/* ---- frames */

static char said[256];

static void
hear(void *arg, enum ws_word word, const void *data, size_t n)
{
	static const char *const names[] = { "said-ping ", "pinged:", "ponged ", "closed:" };

	(void)arg;
	strncat(said, names[word], 20);
	if (word == WS_PINGED)
		strncat(said, data, n);
	if (word == WS_CLOSED)
		strncat(said, n == 2 ? "2" : "0", 2);
}

/* A masked frame: the mask is "abcd". */
static size_t
frame(uint8_t *out, int first, const char *payload, size_t n)
{
	size_t at = 0;

	out[at++] = (uint8_t)first;
	if (n < 126) {
		out[at++] = (uint8_t)(0x80 | n);
	} else {
		out[at++] = 0x80 | 126;
		out[at++] = (uint8_t)(n >> 8);
		out[at++] = (uint8_t)n;
	}
	memcpy(out + at, "abcd", 4);
	at += 4;
	for (size_t i = 0; i < n; i++)
		out[at++] = (uint8_t)(payload[i] ^ "abcd"[i % 4]);
	return at;
}

static int
tell(struct ws_input *in, const uint8_t *bytes, size_t n)
{
	said[0] = '\0';
	return ws_read(in, bytes, n, hear, NULL);
}

START_TEST(ping_is_heard_however_it_comes)
{
	struct ws_input in = { 0 };
	uint8_t b[64];
	size_t n = frame(b, 0x81, "ping", 4);

	ck_assert_int_eq(tell(&in, b, n), 0);
	ck_assert_str_eq(said, "said-ping ");
	ck_assert_ptr_null(in.frames);
	for (size_t i = 0; i < n; i++) {	/* byte by byte */
		ck_assert_int_eq(tell(&in, b + i, 1), 0);
		ck_assert_str_eq(said, i == n - 1 ? "said-ping " : "");
		ck_assert_int_eq(in.frames == NULL, i == n - 1);
	}
	n = frame(b, 0x01, "pi", 2);		/* in two, with a control frame between */
	n += frame(b + n, 0x89, "x", 1);
	n += frame(b + n, 0x80, "ng", 2);
	n += frame(b + n, 0x8a, "", 0);
	ck_assert_int_eq(tell(&in, b, n), 0);
	ck_assert_str_eq(said, "pinged:xsaid-ping ponged ");
	ck_assert_ptr_null(in.frames);
}
END_TEST

START_TEST(anything_else_is_ignored_up_to_its_bound)
{
	static char big[WS_MESSAGE_MAX + 1];
	static uint8_t b[WS_MESSAGE_MAX + 64];
	struct ws_input in = { 0 };
	size_t n;

	ck_assert_int_eq(tell(&in, b, frame(b, 0x81, "pinging", 7)), 0);
	ck_assert_int_eq(tell(&in, b, frame(b, 0x82, "ping", 4)), 0);
	ck_assert_int_eq(tell(&in, b, frame(b, 0x81, big, WS_MESSAGE_MAX)), 0);
	ck_assert_str_eq(said, "");
	ck_assert_ptr_null(in.frames);
	ck_assert_int_eq(tell(&in, b, frame(b, 0x81, big, WS_MESSAGE_MAX + 1)), WS_TOO_BIG);
	ws_input_free(&in);
	in = (struct ws_input){ 0 };
	n = frame(b, 0x01, big, WS_MESSAGE_MAX - 1);
	n += frame(b + n, 0x80, "xy", 2);
	ck_assert_int_eq(tell(&in, b, n), WS_TOO_BIG);
	ws_input_free(&in);
}
END_TEST

START_TEST(a_broken_protocol_ends_it)
{
	static const struct { int first; const char *payload; size_t n; } cases[] = {
		{ 0x80, "x", 1 },		/* a continuation of nothing */
		{ 0xc1, "x", 1 },		/* a reserved bit */
		{ 0x83, "x", 1 },		/* a kind that is none */
		{ 0x8b, "x", 1 },
		{ 0x09, "x", 1 },		/* a control frame in parts */
		{ 0x88, "x", 1 },		/* a code of one byte */
	};
	uint8_t b[300], unmasked[] = { 0x81, 1, 'x' };
	char long_ping[126] = "";
	struct ws_input in = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		in = (struct ws_input){ 0 };
		ck_assert_int_eq(tell(&in, b, frame(b, cases[i].first, cases[i].payload,
		    cases[i].n)), WS_PROTOCOL);
		ws_input_free(&in);
	}
	in = (struct ws_input){ 0 };
	ck_assert_int_eq(tell(&in, unmasked, sizeof unmasked), WS_PROTOCOL);
	ws_input_free(&in);
	in = (struct ws_input){ 0 };
	ck_assert_int_eq(tell(&in, b, frame(b, 0x89, long_ping, 126)), WS_PROTOCOL);
	ws_input_free(&in);
	in = (struct ws_input){ .opcode = 1 };	/* a message inside another */
	ck_assert_int_eq(tell(&in, b, frame(b, 0x81, "x", 1)), WS_PROTOCOL);
	ws_input_free(&in);
	in = (struct ws_input){ 0 };
	ck_assert_int_eq(tell(&in, b, frame(b, 0x88, "\x03\xe8", 2)), 0);
	ck_assert_str_eq(said, "closed:2");
}
END_TEST

START_TEST(frames_out_are_whole)
{
	struct buf b = BUF_INIT(100000);
	static char big[70000];

	ws_text(&b, "hi", 2);
	ck_assert_mem_eq(b.s, "\x81\x02hi", 4);
	buf_reset(&b);
	ws_close(&b, WS_DENIED);
	ck_assert_mem_eq(b.s, "\x88\x02\x11\x31", 4);
	buf_reset(&b);
	ws_ping(&b);
	ws_pong(&b, "x", 1);
	ck_assert_mem_eq(b.s, "\x89\x00\x8a\x01x", 5);
	buf_reset(&b);
	ws_text(&b, big, sizeof big);
	ck_assert_uint_eq(b.len, sizeof big + 10);
	buf_free(&b);
	b = (struct buf)BUF_INIT(100);
	ws_text(&b, big, 200);
	ck_assert(b.failed);
	buf_free(&b);
}
END_TEST

START_TEST(stream_messages_carry_id_and_mark)
{
	struct buf b = BUF_INIT(1000);
	const char *mark;
	int64_t id = 0;

	sse_message(&b, 7, NULL, "{}", 2);
	sse_message(&b, 8, "mark", "{\n}", 3);
	ck_assert_str_eq(b.s, "id: 7\ndata: {}\n\nid: 8:mark\ndata: { }\n\n");
	buf_free(&b);
	ck_assert_int_eq(sse_last_id("8:mark", &id, &mark), 0);
	ck_assert_int_eq(id, 8);
	ck_assert_str_eq(mark, "mark");
	ck_assert_int_eq(sse_last_id("9", &id, &mark), 0);
	ck_assert_ptr_null(mark);
	ck_assert_int_eq(sse_last_id("", &id, &mark), -1);
	ck_assert_int_eq(sse_last_id("9x", &id, &mark), -1);
	ck_assert_int_eq(sse_last_id("-9", &id, &mark), -1);
	ck_assert_int_eq(sse_last_id("9999999999999999999", &id, &mark), -1);
}
END_TEST

int
main(void)
{
	return SUITE("ws", request_is_read_when_it_is_whole, what_is_no_request_is_refused,
	    handshake_is_checked, ping_is_heard_however_it_comes,
	    anything_else_is_ignored_up_to_its_bound, a_broken_protocol_ends_it,
	    frames_out_are_whole, stream_messages_carry_id_and_mark);
}
