/* webhook.c - see webhook.h. Sent by the ticker of `pos-sim serve` only. */
#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "tests/pos-sim/webhook.h"

enum {
	TRIES = 6,
	RETRY_MS = 1000,	/* doubled each time: 63 s in all */
	TIMEOUT_MS = 3000,
	SECRET_MOST = 512,
	BODY_MOST = 65536
};

enum { QUEUE, DUE, DONE, AGAIN, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[QUEUE] = { "INSERT INTO webhook (body, next_ms) VALUES (?1, ?2)", NULL },
	[DUE] = { "SELECT seq, body, tries FROM webhook WHERE done = 0 AND next_ms <= ?1"
	    " ORDER BY next_ms, seq LIMIT 1", NULL },
	[DONE] = { "UPDATE webhook SET done = 1, tries = tries + 1, error = ?2"
	    " WHERE seq = ?1", NULL },
	[AGAIN] = { "UPDATE webhook SET tries = tries + 1, error = ?2, next_ms = ?3"
	    " WHERE seq = ?1", NULL },
};

void
webhook_queue(struct store *s, const char *body)
{
	if (store_setting(s, "webhook", 0))
		store_run(s, &sql[QUEUE], "si", body, clock_ms());
}

/* The key's bytes; -1 when a whsec_ secret is no base64. */
static int
secret_bytes(const char *secret, unsigned char out[SECRET_MOST])
{
	static const char prefix[] = "whsec_";
	size_t len = strlen(secret);
	int n;

	if (len >= SECRET_MOST)
		return -1;
	if (strncmp(secret, prefix, strlen(prefix)) != 0) {
		memcpy(out, secret, len);
		return (int)len;
	}
	secret += strlen(prefix);
	len -= strlen(prefix);
	if ((n = EVP_DecodeBlock(out, (const unsigned char *)secret, (int)len)) < 0)
		return -1;
	while (len > 0 && secret[--len] == '=')
		n--;
	return n;
}

int
webhook_sign(const char *secret, const char *id, int64_t seconds, const char *body,
    char out[WEBHOOK_SIGNATURE])
{
	unsigned char key[SECRET_MOST];
	uint8_t sum[SHA256_LEN];
	struct buf text = BUF_INIT(BODY_MOST);
	int n = secret_bytes(secret, key), rc = -1;

	buf_printf(&text, "%s.%lld.", id, (long long)seconds);
	buf_str(&text, body);
	if (n >= 0 && !text.failed &&
	    crypt_hmac_sha256(key, (size_t)n, text.s, text.len, sum) == 0) {
		memcpy(out, "v1,", 3);
		EVP_EncodeBlock((unsigned char *)out + 3, sum, sizeof sum);
		rc = 0;
	}
	buf_free(&text);
	return rc;
}

static size_t
drop(char *data, size_t size, size_t n, void *to)
{
	(void)data, (void)to;
	return size * n;
}

static struct curl_slist *
headers_of(const char *secret, const char *id, const char *body)
{
	struct curl_slist *list = NULL;
	char signature[WEBHOOK_SIGNATURE], line[256];
	int64_t now = clock_now();

	if (webhook_sign(secret, id, now, body, signature) != 0)
		return NULL;
	list = curl_slist_append(list, "Content-Type: application/json");
	snprintf(line, sizeof line, "webhook-id: %s", id);
	list = curl_slist_append(list, line);
	snprintf(line, sizeof line, "webhook-timestamp: %lld", (long long)now);
	list = curl_slist_append(list, line);
	snprintf(line, sizeof line, "webhook-signature: %s", signature);
	return curl_slist_append(list, line);
}

/* 0 when the shop said 2xx; else why not, in words. */
static int
post(const char *url, struct curl_slist *headers, const char *body, char why[CURL_ERROR_SIZE])
{
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode rc;

	if (curl == NULL)
		return -1;
	why[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	rc = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (rc == CURLE_OK && status / 100 == 2)
		return 0;
	if (rc == CURLE_OK)
		snprintf(why, CURL_ERROR_SIZE, "the shop answered %ld", status);
	return -1;
}

static void
settle(struct store *s, int64_t seq, int64_t tries, const char *why)
{
	store_begin(s);
	if (why == NULL || tries + 1 >= TRIES)
		store_run(s, &sql[DONE], "is", seq, why);
	else
		store_run(s, &sql[AGAIN], "isi", seq, why, clock_ms() + (RETRY_MS << tries));
	store_commit(s);
}

static void
send_one(struct store *s, int64_t seq, int64_t tries, const char *body, const char *url,
    const char *secret)
{
	struct curl_slist *headers;
	char id[64], why[CURL_ERROR_SIZE] = "the webhook secret is no base64";
	int rc = -1;

	snprintf(id, sizeof id, "msg_%lld", (long long)seq);
	if ((headers = headers_of(secret, id, body)) != NULL)
		rc = post(url, headers, body, why);
	curl_slist_free_all(headers);
	if (rc != 0)
		log_warn("webhook", "id=%s error=%s", id, why);
	settle(s, seq, tries, rc == 0 ? NULL : why);
}

int
webhook_send_due(struct store *s, const char *url, const char *secret, int64_t now_ms)
{
	struct query *q = &sql[DUE];
	int64_t seq, tries;
	char *body;
	int n = 0;

	while (store_find(s, q, "i", now_ms)) {
		seq = store_int(q, 0);
		tries = store_int(q, 2);
		body = strdup(store_text(q, 1));
		store_done(q);
		if (body == NULL)
			fatal(EX_OSERR, "out of memory");
		send_one(s, seq, tries, body, url, secret);
		free(body);
		n++;
	}
	return n;
}
