/* check_webhook.c - is it the till that knocks? Published vectors, and forgeries (G54, C23) */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/pos/profile.h"
#include "lib/pos/webhook.h"
#include "tests/suite.h"
#include "tests/temp.h"

#define PROFILE(hook) "{\"profile\":1,\"name\":\"t\",\"base\":\"https://till.example\"," \
	"\"webhook\":{" hook "}}"
#define STANDARD PROFILE("\"verify\":{\"standard_webhooks\":true},\"type\":\"/type\"," \
	"\"map\":{\"order.status\":\"order\",\"product.updated\":\"products\"," \
	"\"stock.updated\":\"stock\",\"menu\":\"categories\"},\"order_id\":\"/data/pos_order_id\"")
#define SQUARE "square"
#define LOYVERSE "loyverse"
#define POSTER "poster"
#define CLOVER PROFILE("\"verify\":{\"alg\":\"equal\",\"parts\":[\"$secret\"]," \
	"\"in\":\"header:X-Clover-Auth\"},\"type\":\"/type\",\"map\":{}")

/* The standard's own reference vector. */
#define MSG_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define MSG_ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define MSG_AT 1614265330
#define MSG_BODY "{\"test\": 2432232314}"
#define MSG_SUM "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

#define CLOVER_KEY "0f7a-a-fixed-code"
#define SQUARE_KEY "Ibxx_5AKakO-3qeNVR61Dw"
#define SQUARE_URL "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
#define SQUARE_BODY "{\"merchant_id\":\"MLEFBHHSJGVHD\",\"type\":\"webhooks.test_notification\"," \
	"\"event_id\":\"ac3ac95b-f97d-458c-a6e6-18981597e05f\"," \
	"\"created_at\":\"2022-07-13T20:30:59.037339943Z\",\"data\":{\"type\":\"webhooks\"," \
	"\"id\":\"bc368e64-01aa-407e-b46e-3231809b1129\"}}"
#define SQUARE_SUM "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="

#define POSTER_SECRET "appsecret0123"
#define POSTER_HEAD "{\"account\":\"joinposter\",\"object\":\"incoming_order\",\"object_id\":16," \
	"\"action\":\"added\","
#define POSTER_BODY(data, sum) POSTER_HEAD data "\"time\":\"1431529131\",\"verify\":\"" sum "\"}"
#define POSTER_DATA "\"data\":\"{\\\"type\\\":1}\","

static struct arena *arena;
static char event[WEBHOOK_EVENT];

/* Name, value, name, value, NULL. */
static const char *
header(const void *arg, const char *name)
{
	for (const char *const *h = arg; h != NULL && *h != NULL; h += 2)
		if (strcmp(h[0], name) == 0)
			return h[1];
	return NULL;
}

/* The profile's text, or the name of one of ours. */
static struct webhook *
make(const char *profile, const char *secret, const char *url)
{
	const char *src = getenv("srcdir");
	struct profile_faults faults;
	struct profile *p;
	struct webhook *w;
	char path[4096];

	snprintf(path, sizeof path, "%s/profiles/%s.json", src != NULL ? src : ".", profile);
	p = *profile == '{' ? profile_parse(profile, strlen(profile), &faults) :
	    profile_load(path, &faults);
	ck_assert_msg(p != NULL, "%s: %s", faults.list[0].pointer, faults.list[0].text);
	ck_assert_ptr_nonnull(w = webhook_new(p, secret, url));
	return w;
}

static enum webhook_verdict
judge(const struct webhook *w, const char *const *headers, const char *body)
{
	arena_free(arena);
	ck_assert_ptr_nonnull(arena = arena_new(1 << 20));
	*event = '\0';
	return webhook_judge(w, &(struct webhook_letter){ .header = header, .arg = headers,
		.body = body, .len = strlen(body) }, arena, event);
}

static enum webhook_verdict
judge_standard(const struct webhook *w, const char *id, const char *at, const char *sum,
    const char *body)
{
	const char *headers[7], **h = headers;

	if (id != NULL)
		*h++ = "webhook-id", *h++ = id;
	if (at != NULL)
		*h++ = "webhook-timestamp", *h++ = at;
	if (sum != NULL)
		*h++ = "webhook-signature", *h++ = sum;
	*h = NULL;
	return judge(w, headers, body);
}

static void
end(struct webhook *w)
{
	webhook_close(w);
	arena_free(arena);
	arena = NULL;
	clock_set(0);
}

START_TEST(believes_the_standards_own_message)
{
	static const char *const secrets[] = { MSG_SECRET, MSG_SECRET + 6 };
	static const char *const lists[] = { MSG_SUM, "v1,AAAA " MSG_SUM, MSG_SUM " v1a,xyz",
		"v2,x  v1, " MSG_SUM " v1,x" };

	for (size_t s = 0; s < sizeof secrets / sizeof *secrets; s++) {
		struct webhook *w = make(STANDARD, secrets[s], "");

		clock_set(MSG_AT);
		for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
			ck_assert_int_eq(judge_standard(w, MSG_ID, "1614265330", lists[i], MSG_BODY),
			    WEBHOOK_GOOD);
			ck_assert_str_eq(event, MSG_ID);
		}
		ck_assert_ptr_null(webhook_reply(w));
		end(w);
	}
}
END_TEST

START_TEST(takes_a_secret_that_is_no_base64_as_it_stands)
{
	static const char secret[] = "not base64, a sentence", text[] = "m1.1614265330.{}";
	struct webhook *w = make(STANDARD, secret, "");
	uint8_t sum[DIGEST_MAX];
	char list[64] = "v1,";

	ck_assert_uint_eq(crypt_hmac(DIGEST_SHA256, secret, strlen(secret), text, strlen(text), sum), 32);
	ck_assert_uint_eq(crypt_base64(sum, 32, list + 3, sizeof list - 3), 44);
	clock_set(MSG_AT);
	ck_assert_int_eq(judge_standard(w, "m1", "1614265330", list, "{}"), WEBHOOK_GOOD);
	end(w);
}
END_TEST

START_TEST(refuses_every_forgery_of_it)
{
	static const struct { const char *id, *at, *sum, *body; } cases[] = {
		{ NULL, "1614265330", MSG_SUM, MSG_BODY },
		{ MSG_ID, NULL, MSG_SUM, MSG_BODY },
		{ MSG_ID, "1614265330", NULL, MSG_BODY },
		{ MSG_ID, "1614265330", "", MSG_BODY },
		{ MSG_ID, "1614265330", "v1,", MSG_BODY },
		{ MSG_ID, "1614265330", MSG_SUM + 3, MSG_BODY },		/* no version */
		{ MSG_ID, "1614265330", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", MSG_BODY },
		{ MSG_ID, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", MSG_BODY },
		{ MSG_ID, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", MSG_BODY },
		{ MSG_ID, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE==", MSG_BODY },
		{ MSG_ID, "1614265330", "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", MSG_BODY },
		{ "msg_p5jXN8AQM9LWM0D4loKWxJeK", "1614265330", MSG_SUM, MSG_BODY },
		{ MSG_ID, "1614265331", MSG_SUM, MSG_BODY },
		{ MSG_ID, "1614265330", MSG_SUM, "{\"test\": 2432232315}" },
		{ MSG_ID, "1614265330", MSG_SUM, "{\"test\":2432232314}" },
		{ MSG_ID, "1614265330", MSG_SUM, "" },
		{ MSG_ID, "+1614265330", MSG_SUM, MSG_BODY },
		{ MSG_ID, "1614265330 ", MSG_SUM, MSG_BODY },
		{ MSG_ID, "", MSG_SUM, MSG_BODY },
		{ MSG_ID, "99999999999999999999", MSG_SUM, MSG_BODY },
	};
	struct webhook *w = make(STANDARD, MSG_SECRET, "");

	clock_set(MSG_AT);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(judge_standard(w, cases[i].id, cases[i].at, cases[i].sum, cases[i].body) ==
		    WEBHOOK_FORGED, "case %zu", i);
		ck_assert_str_eq(event, "");
	}
	end(w);
	w = make(STANDARD, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", "");
	clock_set(MSG_AT);
	ck_assert_int_eq(judge_standard(w, MSG_ID, "1614265330", MSG_SUM, MSG_BODY), WEBHOOK_FORGED);
	end(w);
}
END_TEST

/* Both ways: a clock that is wrong is no excuse for a replay. */
START_TEST(refuses_what_is_older_or_newer_than_five_minutes)
{
	static const struct { int64_t off; enum webhook_verdict v; } cases[] = {
		{ 300, WEBHOOK_GOOD }, { 301, WEBHOOK_STALE }, { -300, WEBHOOK_GOOD },
		{ -301, WEBHOOK_STALE }, { 86400 * 365, WEBHOOK_STALE },
	};
	struct webhook *w = make(STANDARD, MSG_SECRET, "");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		clock_set(MSG_AT + cases[i].off);
		ck_assert_int_eq(judge_standard(w, MSG_ID, "1614265330", MSG_SUM, MSG_BODY), cases[i].v);
	}
	end(w);
}
END_TEST

/* Square's published example; Loyverse's and Poster's as their references say. */
START_TEST(believes_what_vendors_sign)
{
	static const struct {
		const char *profile, *secret, *url, *header, *sum, *body;
		enum webhook_verdict v;
		const char *event;
	} cases[] = {
		{ SQUARE, SQUARE_KEY, SQUARE_URL, "x-square-hmacsha256-signature", SQUARE_SUM, SQUARE_BODY,
		    WEBHOOK_GOOD, "ac3ac95b-f97d-458c-a6e6-18981597e05f" },
		{ SQUARE, SQUARE_KEY, "https://webhook.site/another", "x-square-hmacsha256-signature",
		    SQUARE_SUM, SQUARE_BODY, WEBHOOK_FORGED, "" },
		{ SQUARE, "signature-key", SQUARE_URL, "x-square-hmacsha256-signature", SQUARE_SUM,
		    SQUARE_BODY, WEBHOOK_FORGED, "" },
		{ SQUARE, SQUARE_KEY, SQUARE_URL, "x-square-hmacsha256-signature", SQUARE_SUM,
		    SQUARE_BODY " ", WEBHOOK_FORGED, "" },
		{ SQUARE, SQUARE_KEY, SQUARE_URL, "x-square-signature", SQUARE_SUM, SQUARE_BODY,
		    WEBHOOK_FORGED, "" },
		/* RFC 2202's text is no JSON: so much for the signature, then it is refused */
		{ LOYVERSE, "Jefe", "", "X-Loyverse-Signature", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		    "what do ya want for nothing?", WEBHOOK_UNREADABLE, "" },
		{ LOYVERSE, "a client secret", "", "X-Loyverse-Signature",
		    "55bae74648403c37aa6a08a3298bc1d259781a1c", "{\"type\":\"items.update\"}",
		    WEBHOOK_GOOD, NULL },
		{ LOYVERSE, "a client secret", "", "X-Loyverse-Signature",
		    "55BAE74648403C37AA6A08A3298BC1D259781A1C", "{\"type\":\"items.update\"}",
		    WEBHOOK_GOOD, NULL },
		{ LOYVERSE, "a client secret", "", "X-Loyverse-Signature",
		    "55bae74648403c37aa6a08a3298bc1d259781a10", "{\"type\":\"items.update\"}",
		    WEBHOOK_FORGED, "" },
		{ POSTER, POSTER_SECRET, "", "-", "",
		    POSTER_BODY(POSTER_DATA, "1b5e8d3a6f4c7e90112233445566aaaa"), WEBHOOK_FORGED, "" },
		{ POSTER, POSTER_SECRET, "", "-", "",
		    POSTER_BODY(POSTER_DATA, "cf63db94588c68e3041b3293e295c635"), WEBHOOK_GOOD, NULL },
		{ POSTER, POSTER_SECRET, "", "-", "",
		    POSTER_BODY("", "30e29c4606fad1f579ee52c52ecc654b"), WEBHOOK_GOOD, NULL },
		{ POSTER, POSTER_SECRET, "", "-", "",
		    POSTER_BODY("", "cf63db94588c68e3041b3293e295c635"), WEBHOOK_FORGED, "" },
		{ POSTER, POSTER_SECRET, "", "-", "", POSTER_HEAD "\"time\":\"1431529131\"}",
		    WEBHOOK_FORGED, "" },
		{ POSTER, POSTER_SECRET, "", "-", "", "no json", WEBHOOK_FORGED, "" },
		{ CLOVER, CLOVER_KEY, "", "X-Clover-Auth", CLOVER_KEY, "{}", WEBHOOK_GOOD, NULL },
		{ CLOVER, CLOVER_KEY, "", "X-Clover-Auth", "0f7a-a-fixed-codE", "{}",
		    WEBHOOK_FORGED, "" },
		{ CLOVER, CLOVER_KEY, "", "X-Clover-Auth", "0f7a-a-fixed", "{}",
		    WEBHOOK_FORGED, "" },
		{ CLOVER, CLOVER_KEY, "", "X-Clover-Auth", "", "{}", WEBHOOK_FORGED, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct webhook *w = make(cases[i].profile, cases[i].secret, cases[i].url);
		const char *const headers[] = { cases[i].header, cases[i].sum, NULL };

		ck_assert_msg(judge(w, headers, cases[i].body) == cases[i].v, "case %zu", i);
		if (cases[i].event != NULL)
			ck_assert_str_eq(event, cases[i].event);
		else	/* it names no event: all of it does */
			ck_assert_uint_eq(strlen(event), 64);
		end(w);
	}
}
END_TEST

START_TEST(says_what_a_letter_is_about)
{
	static const struct { const char *body; enum webhook_means means; const char *order; } cases[] = {
		{ "{\"type\":\"order.status\",\"data\":{\"pos_order_id\":\"R7\"}}", WEBHOOK_ORDER, "R7" },
		{ "{\"type\":\"order.status\",\"data\":{\"pos_order_id\":1007}}", WEBHOOK_ORDER, "1007" },
		{ "{\"type\":\"order.status\",\"data\":{}}", WEBHOOK_ORDER, NULL },
		{ "{\"type\":\"order.status\",\"data\":{\"pos_order_id\":{}}}", WEBHOOK_ORDER, NULL },
		{ "{\"type\":\"product.updated\"}", WEBHOOK_PRODUCTS, NULL },
		{ "{\"type\":\"stock.updated\"}", WEBHOOK_STOCK, NULL },
		{ "{\"type\":\"menu\"}", WEBHOOK_CATEGORIES, NULL },
		{ "{\"type\":\"Menu\"}", WEBHOOK_NOTHING, NULL },
		{ "{\"type\":null}", WEBHOOK_NOTHING, NULL },
		{ "{}", WEBHOOK_NOTHING, NULL },
		{ "[]", WEBHOOK_NOTHING, NULL },
		{ "no json", WEBHOOK_NOTHING, NULL },
	};
	struct profile_faults faults;
	struct profile *p = profile_parse(STANDARD, strlen(STANDARD), &faults);
	const char *order;

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(arena = arena_new(1 << 20));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(webhook_read(p, arena, cases[i].body, strlen(cases[i].body), &order) ==
		    cases[i].means, "case %zu", i);
		ck_assert_pstr_eq(order, cases[i].order);
	}
	profile_free(p);
	arena_free(arena);
	arena = NULL;
}
END_TEST

START_TEST(answers_as_the_profile_says)
{
	struct webhook *w = make(POSTER, POSTER_SECRET, "");

	ck_assert_str_eq(webhook_reply(w), "{\"status\":\"accept\"}");
	end(w);
}
END_TEST

START_TEST(a_long_event_id_is_hashed)
{
	char id[WEBHOOK_EVENT + 8], at[] = "1614265330", signed_text[256], list[64] = "v1,";
	struct webhook *w = make(STANDARD, "a long enough secret", "");
	uint8_t sum[DIGEST_MAX];

	memset(id, 'i', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	snprintf(signed_text, sizeof signed_text, "%s.%s.{}", id, at);
	ck_assert_uint_eq(crypt_hmac(DIGEST_SHA256, "a long enough secret", 20, signed_text,
	    strlen(signed_text), sum), 32);
	ck_assert_uint_eq(crypt_base64(sum, 32, list + 3, sizeof list - 3), 44);
	clock_set(MSG_AT);
	ck_assert_int_eq(judge_standard(w, id, at, list, "{}"), WEBHOOK_GOOD);
	ck_assert_uint_eq(strlen(event), 64);
	end(w);
}
END_TEST

START_TEST(finds_no_memory_and_says_so)
{
	struct webhook *w = make(POSTER, POSTER_SECRET, "");
	struct arena *small = arena_new(64);

	ck_assert_int_eq(webhook_judge(w, &(struct webhook_letter){ .header = header,
		.body = POSTER_BODY("", "30e29c4606fad1f579ee52c52ecc654b"), .len = strlen(POSTER_BODY("", "30e29c4606fad1f579ee52c52ecc654b")) },
	    small, event), WEBHOOK_FAILED);
	arena_free(small);
	end(w);
}
END_TEST

/* ---- the settings */

static void
write_file(const char *name, const char *text, int mode)
{
	FILE *f = fopen(temp_path(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(temp_path(name), (mode_t)mode), 0);
}

START_TEST(is_off_without_a_secret_and_says_what_is_wrong_with_one)
{
	static const struct { const char *profile, *secret, *file, *fault; } cases[] = {
		{ "nothing.json", "", "", NULL },	/* not even looked at */
		{ "good.json", "0123456789abcdef", "", "" },
		{ "good.json", "short", "secret", "" },	/* the file wins */
		{ "good.json", "0123456", "", "WEBHOOK_SECRET: it is too short to be a secret" },
		{ "good.json", "whsec_%%%%%%%%", "", "WEBHOOK_SECRET: what stands behind whsec_ is no base64" },
		{ "good.json", "", "open", "others may read it" },
		{ "good.json", "", "empty", "it is empty" },
		{ "good.json", "", "none", "No such file" },
		{ "mute.json", "0123456789abcdef", "", "says nothing of a webhook" },
		{ "bad.json", "0123456789abcdef", "", "bad.json:1: /webhook/verify: anybody could" },
		{ "nothing.json", "0123456789abcdef", "", "PROFILE=" },
	};
	char fault[WEBHOOK_FAULT], profile[512], file[512];
	struct webhook *w;

	temp_make();
	write_file("good.json", STANDARD, 0600);
	write_file("mute.json", "{\"profile\":1,\"name\":\"t\",\"base\":\"https://x\"}", 0600);
	write_file("bad.json", PROFILE("\"verify\":{\"alg\":\"md5\",\"parts\":[\"$body\"],\"in\":\"/x\"},"
	    "\"type\":\"/t\",\"map\":{}"), 0600);
	write_file("secret", "a secret in a file\n", 0600);
	write_file("open", "a secret in a file\n", 0644);
	write_file("empty", "", 0600);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(profile, sizeof profile, "%s", temp_path(cases[i].profile));
		snprintf(file, sizeof file, "%s", *cases[i].file ? temp_path(cases[i].file) : "");
		*fault = '\0';
		ck_assert_msg(webhook_open(&(struct webhook_conf){ .profile = profile, .profile_dir = "",
			.secret = cases[i].secret, .secret_file = file, .url = "" }, &w, fault) ==
		    (cases[i].fault == NULL || *cases[i].fault == '\0' ? 0 : -1), "case %zu: %s", i, fault);
		ck_assert_int_eq(w != NULL, cases[i].fault != NULL && *cases[i].fault == '\0');
		if (cases[i].fault != NULL)
			ck_assert_msg(strstr(fault, cases[i].fault) != NULL, "case %zu: %s", i, fault);
		ck_assert_ptr_null(strstr(fault, "0123456789abcdef"));
		webhook_close(w);
	}
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("webhook", believes_the_standards_own_message,
	    takes_a_secret_that_is_no_base64_as_it_stands, refuses_every_forgery_of_it,
	    refuses_what_is_older_or_newer_than_five_minutes, believes_what_vendors_sign,
	    says_what_a_letter_is_about, answers_as_the_profile_says, a_long_event_id_is_hashed,
	    finds_no_memory_and_says_so, is_off_without_a_secret_and_says_what_is_wrong_with_one);
}
