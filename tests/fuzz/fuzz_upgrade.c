/* fuzz_upgrade.c - any bytes as a request to pos-push, and as frames behind it */
#include <string.h>

#include "push/http.h"
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
		buf_free(&b);
	}
	frames(data, n);
	return 0;
}
