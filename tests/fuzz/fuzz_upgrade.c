/* fuzz_upgrade.c - any bytes as a request to pos-push, and as frames behind it */
#include <string.h>

#include "push/http.h"
#include "push/sse.h"
#include "push/ws.h"
#include "tests/fuzz/fuzz.h"

static void
hear(void *arg, enum ws_word word, const void *data, size_t n)
{
	(void)data;
	MUST(word <= WS_CLOSED && n <= 125);
	++*(size_t *)arg;
}

/* In two pieces, as they may come. */
static void
frames(const uint8_t *data, size_t n)
{
	struct ws_input in = { 0 };
	size_t half = n / 2, words = 0;
	int code = ws_read(&in, data, half, hear, &words);

	if (code == 0)
		code = ws_read(&in, data + half, n - half, hear, &words);
	MUST(code == 0 || code == WS_PROTOCOL || code == WS_TOO_BIG);
	MUST(words <= n);
	MUST(code != 0 || in.size <= WS_MESSAGE_MAX);
	ws_input_free(&in);
}

/* A head that has not come whole is waited for, wherever it is cut. */
static void
cut(const uint8_t *data, size_t n)
{
	static char text[HTTP_MAX + 1];
	struct http_request r;

	memcpy(text, data, n);
	MUST(http_read(text, n, &r) == 0);
}

static void
last_id(const char *text)
{
	const char *mark;
	int64_t id;

	if (sse_last_id(text, &id, &mark) == 0)
		MUST(id >= 0 && (mark == NULL || (mark > text && mark[-1] == ':')));
}

FUZZ_TARGET(upgrade)(const uint8_t *data, size_t n)
{
	static char text[HTTP_MAX + 1];
	struct http_request r = { 0 };
	struct buf b = BUF_INIT(4096);
	char value[64];
	int rc;

	if (n > HTTP_MAX)
		return 0;
	memcpy(text, data, n);
	rc = http_read(text, n, &r);
	MUST(rc == 0 || rc == HTTP_OK || rc == 400 || rc == 405 || rc == 431);
	if (rc == HTTP_OK) {
		MUST(r.size <= n && r.path[0] == '/' && r.query != NULL);
		if (http_value(r.query, "ticket", value, sizeof value))
			MUST(strlen(value) < sizeof value);
		if (ws_wanted(&r) == 101)
			MUST(ws_accept(&r, &b) == 0);
		if (r.header[HTTP_LAST_EVENT_ID] != NULL)
			last_id(r.header[HTTP_LAST_EVENT_ID]);
		buf_free(&b);
		cut(data, r.size - 1);
		cut(data, r.size / 2);
	}
	frames(data, n);
	return 0;
}
