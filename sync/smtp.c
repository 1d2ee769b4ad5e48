/* smtp.c - giving one mail at a time to a mail server, by libcurl; see smtp.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <curl/curl.h>

#include "lib/base/clock.h"
#include "sync/smtp.h"

enum { CONNECT_MS = 10 * 1000, TOTAL_MS = 60 * 1000, GOODBYE_S = 1, ENVELOPE = 320 };

struct smtp {
	struct smtp_options o;
	CURLM *multi;
	CURL *easy;			/* NULL = nothing is under way */
	struct curl_slist *to;
	const char *message;
	size_t len, given;
	char error[CURL_ERROR_SIZE];
};

struct smtp *
smtp_new(const struct smtp_options *o)
{
	struct smtp *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->o = *o;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK &&
	    (s->multi = curl_multi_init()) != NULL)
		return s;
	free(s);
	return NULL;
}

void
smtp_stop(struct smtp *s)
{
	if (s->easy == NULL)
		return;
	/* libcurl says QUIT and waits for an answer: a server that hangs gives none */
	curl_easy_setopt(s->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, GOODBYE_S);
	curl_multi_remove_handle(s->multi, s->easy);
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->to);
	s->easy = NULL;
	s->to = NULL;
}

void
smtp_free(struct smtp *s)
{
	if (s == NULL)
		return;
	smtp_stop(s);
	curl_multi_cleanup(s->multi);
	free(s);
}

static size_t
give(char *out, size_t one, size_t n, void *arg)
{
	struct smtp *s = arg;

	n *= one;
	if (n > s->len - s->given)
		n = s->len - s->given;
	memcpy(out, s->message + s->given, n);
	s->given += n;
	return n;
}

static void
set_options(struct smtp *s, const char *from)
{
	CURL *e = s->easy;

	curl_easy_setopt(e, CURLOPT_URL, s->o.url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(s->o.needs_tls ? CURLUSESSL_ALL
	    : CURLUSESSL_NONE));
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (s->o.ca_file != NULL) {
		curl_easy_setopt(e, CURLOPT_CAINFO, s->o.ca_file);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	if (s->o.user != NULL) {
		curl_easy_setopt(e, CURLOPT_USERNAME, s->o.user);
		curl_easy_setopt(e, CURLOPT_PASSWORD, s->o.password);
	}
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
	curl_easy_setopt(e, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT, s->to);
	curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(e, CURLOPT_READDATA, s);
	curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->len);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->error);
}

int
smtp_start(struct smtp *s, const char *from, const char *to, const char *message, size_t len)
{
	char sender[ENVELOPE], recipient[ENVELOPE];

	if (s->easy != NULL || (s->easy = curl_easy_init()) == NULL)
		return -1;
	snprintf(sender, sizeof sender, "<%s>", from);
	snprintf(recipient, sizeof recipient, "<%s>", to);
	s->to = curl_slist_append(NULL, recipient);
	s->message = message;
	s->len = len;
	s->given = 0;
	s->error[0] = '\0';
	set_options(s, sender);
	if (s->to != NULL && curl_multi_add_handle(s->multi, s->easy) == CURLM_OK)
		return 0;
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->to);
	s->easy = NULL;
	s->to = NULL;
	return -1;
}

/* What a reply means for this mail. Those about login, TLS and the server itself
 * (RFC 5321 4.2.3, RFC 4954) say nothing about it. */
static enum smtp_result
judge(CURLcode code, long reply)
{
	static const int server[] = { 421, 454, 500, 502, 503, 530, 534, 535, 538 };

	if (code == CURLE_OK)
		return SMTP_TAKEN;
	if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || reply < 400)
		return SMTP_DOWN;
	for (size_t i = 0; i < sizeof server / sizeof *server; i++)
		if (server[i] == reply)
			return SMTP_DOWN;
	return reply < 500 ? SMTP_LATER : SMTP_REFUSED;
}

static void
end(struct smtp *s, CURLcode code, struct smtp_end *e)
{
	long reply = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &reply);
	*e = (struct smtp_end){ .result = judge(code, reply), .code = (int)reply };
	if (code != CURLE_OK)
		snprintf(e->fault, sizeof e->fault, "%.240s",
		    s->error[0] != '\0' ? s->error : curl_easy_strerror(code));
	smtp_stop(s);
}

int
smtp_step(struct smtp *s, int ms, struct smtp_end *e)
{
	int64_t until = clock_mono_ms() + ms, left;
	int running, rest;
	CURLMsg *m;

	while (s->easy != NULL) {
		curl_multi_perform(s->multi, &running);
		while ((m = curl_multi_info_read(s->multi, &rest)) != NULL)
			if (m->msg == CURLMSG_DONE) {
				end(s, m->data.result, e);
				return 1;
			}
		if ((left = until - clock_mono_ms()) <= 0)
			break;
		curl_multi_poll(s->multi, NULL, 0, (int)left, NULL);
	}
	return 0;
}

int
smtp_busy(const struct smtp *s)
{
	return s->easy != NULL;
}
