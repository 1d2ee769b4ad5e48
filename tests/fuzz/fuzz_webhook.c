/*
 * fuzz_webhook.c - a letter by which profile, then lines: id, time, signature;
 * and all behind them as its body
 *
 * What is believed has a name of its own, and is not believed under another
 * secret. What it is about can be read whether it is believed or not.
 */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/pos/profile.h"
#include "lib/pos/webhook.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY = 16 << 20, HEADERS = 3, BODY_MAX = 64 * 1024 };

#define HOOK(verify, rest) "{\"profile\":1,\"name\":\"f\",\"base\":\"https://x\",\"webhook\":{" \
	"\"verify\":" verify ",\"type\":\"/type\",\"map\":{\"a\":\"order\",\"b\":\"stock\"}," \
	"\"order_id\":\"/data/id\"" rest "}}"

static const struct { char letter; const char *secret, *text; } kinds[] = {
	{ 's', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", HOOK("{\"standard_webhooks\":true}", "") },
	{ 'b', "signature-key", HOOK("{\"alg\":\"hmac-sha256\",\"parts\":[\"$url\",\"$body\"],"
	    "\"out\":\"base64\",\"in\":\"header:webhook-signature\"}", ",\"event_id\":\"/event_id\"") },
	{ 'h', "a client secret", HOOK("{\"alg\":\"hmac-sha1\",\"parts\":[\"$body\"],"
	    "\"in\":\"header:webhook-signature\"}", "") },
	{ 'm', "appsecret0123", HOOK("{\"alg\":\"md5\",\"parts\":[\"/type\",\"/data/id\",\"/time\","
	    "\"$secret\"],\"sep\":\";\",\"in\":\"/verify\"}", ",\"event_id\":\"/time\"") },
	{ 'e', "0f7a-a-fixed-code", HOOK("{\"alg\":\"equal\",\"parts\":[\"$secret\"],"
	    "\"in\":\"header:webhook-signature\"}", "") },
};

static const char *
header(const void *arg, const char *name)
{
	static const char *const names[HEADERS] = { "webhook-id", "webhook-timestamp",
		"webhook-signature" };
	const char *const *values = arg;

	for (int i = 0; i < HEADERS; i++)
		if (strcmp(names[i], name) == 0)
			return values[i];
	return NULL;
}

static struct webhook *
open_kind(size_t kind, const char *secret)
{
	struct profile_faults faults;
	struct profile *p = profile_parse(kinds[kind].text, strlen(kinds[kind].text), &faults);
	struct webhook *w = p == NULL ? NULL : webhook_new(p, secret, "https://shop/hook");

	MUST(w != NULL);
	return w;
}

static void
judge(size_t kind, const struct webhook_letter *l)
{
	struct webhook *ours = open_kind(kind, kinds[kind].secret);
	struct webhook *other = open_kind(kind, "another secret altogether");
	struct arena *a = arena_new(MEMORY);
	char event[WEBHOOK_EVENT] = "", again[WEBHOOK_EVENT] = "";
	enum webhook_verdict v;

	MUST(a != NULL);
	v = webhook_judge(ours, l, a, event);
	MUST(v < WEBHOOK_VERDICTS);
	if (v == WEBHOOK_GOOD) {
		MUST(*event != '\0' && memchr(event, '\0', sizeof event) != NULL);
		MUST(webhook_judge(ours, l, a, again) == WEBHOOK_GOOD && strcmp(event, again) == 0);
		MUST(webhook_judge(other, l, a, again) != WEBHOOK_GOOD);
	}
	arena_free(a);
	webhook_close(ours);
	webhook_close(other);
}

static void
read_it(size_t kind, const char *body, size_t len)
{
	struct profile_faults faults;
	struct profile *p = profile_parse(kinds[kind].text, strlen(kinds[kind].text), &faults);
	struct arena *a = arena_new(MEMORY);
	const char *order;

	MUST(p != NULL && a != NULL);
	MUST(webhook_read(p, a, body, len, &order) < WEBHOOK_MEANINGS);
	MUST(order == NULL || memchr(order, '\0', len + 1) != NULL);
	arena_free(a);
	profile_free(p);
}

FUZZ_TARGET(webhook)(const uint8_t *data, size_t n)
{
	static char text[BODY_MAX + 1];
	const char *values[HEADERS] = { NULL }, *body;
	size_t kind = 0;
	char *end;

	if (n == 0 || n > BODY_MAX)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	while (kind + 1 < sizeof kinds / sizeof *kinds && kinds[kind].letter != text[0])
		kind++;
	body = text + 1;
	for (int i = 0; i < HEADERS; i++) {
		if ((end = memchr(body, '\n', n - (size_t)(body - text))) == NULL)
			break;
		*end = '\0';
		values[i] = body;
		body = end + 1;
	}
	clock_set(1614265330);		/* of the standard's own example */
	judge(kind, &(struct webhook_letter){ .header = header, .arg = values, .body = body,
		.len = n - (size_t)(body - text) });
	read_it(kind, body, n - (size_t)(body - text));
	clock_set(0);
	return 0;
}
