/*
 * http.c - asking a till over HTTPS
 *
 * libcurl does the work; this file holds it to our rules. HTTP/1.1 only, so
 * that "have bytes left?" has a plain answer. curl repeats a request by
 * itself when a kept connection turns out dead, also a POST which the till
 * may have taken: so bodies are given by a callback that cannot be rewound,
 * and a changing request without a body never uses a kept connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <curl/curl.h>

#include "lib/base/clock.h"
#include "lib/pos/http_address.h"
#include "lib/pos/http.h"

enum {
	WAIT_MS = 10 * 1000,		/* pos calls answer in 10 s or not (G51) */
	BODY_MAX = 8 * 1024 * 1024	/* 25,000 products with branches on one page */
};

struct exchange {
	struct exchange *next;
	CURL *easy;
	void *about;
	struct curl_slist *headers;
	char *body;			/* what we send */
	size_t body_len, sent;
	size_t size, max;		/* of reply.body */
	int too_big, no_memory, head_whole;
	struct http_reply reply;
	char error[CURL_ERROR_SIZE];
};

struct http {
	struct http_options o;
	CURL *easy;			/* for http_fetch: holds its connections */
	CURLM *multi;
	struct exchange *list;
	int count;
};

struct http *
http_new(const struct http_options *o)
{
	static int ready;
	struct http *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(h);
		return NULL;
	}
	ready = 1;
	h->o = *o;
	if (h->o.connect_ms <= 0)
		h->o.connect_ms = WAIT_MS;
	if (h->o.total_ms <= 0)
		h->o.total_ms = WAIT_MS;
	if (h->o.max_body == 0)
		h->o.max_body = BODY_MAX;
	h->easy = curl_easy_init();
	h->multi = curl_multi_init();
	if (h->easy == NULL || h->multi == NULL) {
		http_free(h);
		return NULL;
	}
	return h;
}

static size_t
take_body(char *data, size_t one, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct http_reply *r = &x->reply;
	size_t size = x->size != 0 ? x->size : 4096;
	char *s;

	n *= one;
	if (n > x->max - r->len) {
		x->too_big = 1;
		return 0;
	}
	while (size < r->len + n + 1)
		size *= 2;
	if (size != x->size) {
		if ((s = realloc(r->body, size)) == NULL) {
			x->no_memory = 1;
			return 0;
		}
		r->body = s;
		x->size = size;
	}
	memcpy(r->body + r->len, data, n);
	r->body[r->len += n] = '\0';
	return n;
}

/* The value of a header line that has this name, trimmed: its length, else 0. */
static size_t
header_value(const char *line, size_t n, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (n <= len || line[len] != ':' || strncasecmp(line, name, len) != 0)
		return 0;
	line += len + 1;
	n -= len + 1;
	while (n > 0 && strchr(" \t", line[0]) != NULL)
		line++, n--;
	while (n > 0 && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	*value = line;
	return n;
}

static void
keep_header(const char *line, size_t n, const char *name, char *out, size_t size)
{
	const char *value = "";

	n = header_value(line, n, name, &value);
	if (n == 0 || n >= size)	/* half a value would be a wrong one */
		return;
	memcpy(out, value, n);
	out[n] = '\0';
}

/* Several lines are one list (RFC 9110); a lost one may have led to the next page. */
static void
keep_links(struct http_reply *r, const char *line, size_t n)
{
	size_t len = strlen(r->link);
	const char *value = "";

	if ((n = header_value(line, n, "Link", &value)) == 0)
		return;
	if (len + n + 3 > sizeof r->link)
		r->link_lost = 1;
	else
		snprintf(r->link + len, sizeof r->link - len, "%s%.*s", len > 0 ? ", " : "", (int)n,
		    value);
}

static size_t
take_header(char *line, size_t one, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct http_reply *r = &x->reply;

	n *= one;
	if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {	/* after a 100: begin anew */
		r->date[0] = r->retry_after[0] = r->link[0] = '\0';
		r->link_lost = 0;
	}
	x->head_whole = n > 0 && (line[0] == '\r' || line[0] == '\n');
	keep_header(line, n, "Date", r->date, sizeof r->date);
	keep_header(line, n, "Retry-After", r->retry_after, sizeof r->retry_after);
	keep_links(r, line, n);
	return n;
}

static size_t
give_body(char *out, size_t one, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t left = x->body_len - x->sent;

	n *= one;
	if (n > left)
		n = left;
	memcpy(out, x->body + x->sent, n);
	x->sent += n;
	return n;
}

static int
refuse_rewind(void *arg, curl_off_t offset, int origin)
{
	(void)arg, (void)offset, (void)origin;
	return CURL_SEEKFUNC_FAIL;
}

static void
exchange_free(struct exchange *x)
{
	curl_slist_free_all(x->headers);
	free(x->body);
	free(x);
}

static int
add_header(struct exchange *x, const char *line)
{
	struct curl_slist *list = curl_slist_append(x->headers, line);

	if (list == NULL)
		return -1;
	x->headers = list;
	return 0;
}

static struct exchange *
exchange_new(const struct http_request *q)
{
	struct exchange *x = calloc(1, sizeof *x);

	if (x == NULL)
		return NULL;
	if (q->body != NULL) {
		if ((x->body = malloc(q->body_len + 1)) == NULL)
			goto fail;
		memcpy(x->body, q->body, q->body_len);
		x->body_len = q->body_len;
	}
	for (size_t i = 0; i < q->header_count; i++)
		if (add_header(x, q->headers[i]) == -1)
			goto fail;
	/* what curl would add: a pause before the body, a type for none */
	if (add_header(x, "Expect:") == -1 ||
	    (q->body == NULL && add_header(x, "Content-Type:") == -1))
		goto fail;
	return x;
fail:
	exchange_free(x);
	return NULL;
}

static void
set_method(struct exchange *x, const struct http_request *q)
{
	CURL *e = x->easy;

	if (strcmp(q->method, "GET") == 0 && q->body == NULL) {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, q->method);
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->body_len);
	if (x->body_len == 0) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, "");
		curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
		return;
	}
	curl_easy_setopt(e, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(e, CURLOPT_READDATA, x);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, refuse_rewind);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, x);
}

static void
set_options(const struct http *h, struct exchange *x, const struct http_request *q, int loopback)
{
	CURL *e = x->easy;

	curl_easy_setopt(e, CURLOPT_URL, q->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, h->o.allow_http ? "https,http" : "https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (h->o.ca_file != NULL) {
		curl_easy_setopt(e, CURLOPT_CAINFO, h->o.ca_file);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	if (loopback)
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)h->o.connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)h->o.total_ms);
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(e, CURLOPT_USERAGENT, "tillbridge");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->headers);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(e, CURLOPT_PRIVATE, x);
	x->max = h->o.max_body;
	set_method(x, q);
}

/*
 * Nothing can have left while neither the time of the first byte of the
 * request nor any request byte is on curl's books.
 */
static int
nothing_left(CURL *e)
{
	curl_off_t begun = 0;
	long bytes = 0;

	curl_easy_getinfo(e, CURLINFO_PRETRANSFER_TIME_T, &begun);
	curl_easy_getinfo(e, CURLINFO_REQUEST_SIZE, &bytes);
	return begun == 0 && bytes == 0;
}

static void
close_reply(struct exchange *x, CURLcode code)
{
	struct http_reply *r = &x->reply;
	const char *why = x->error[0] != '\0' ? x->error : curl_easy_strerror(code);
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	r->status = (int)status;
	if (code == CURLE_OK && x->head_whole) {
		r->result = HTTP_ANSWERED;
		return;
	}
	if (code == CURLE_OK)
		why = "the line was cut within the head of the reply";
	r->result = nothing_left(x->easy) ? HTTP_UNSENT : HTTP_LOST;
	if (x->too_big)
		snprintf(r->fault, sizeof r->fault, "reply is larger than %zu bytes", x->max);
	else
		snprintf(r->fault, sizeof r->fault, "%s", x->no_memory ? "out of memory" : why);
	free(r->body);
	r->body = NULL;
	r->len = 0;
}

/* A reply for what never became a request. */
static void
unsent(struct http_reply *r, const char *why)
{
	memset(r, 0, sizeof *r);
	r->result = HTTP_UNSENT;
	snprintf(r->fault, sizeof r->fault, "%s", why);
}

static int
watch_stop(void *arg, curl_off_t of_down, curl_off_t down, curl_off_t of_up, curl_off_t up)
{
	const struct http *h = arg;

	(void)of_down, (void)down, (void)of_up, (void)up;
	return h->o.stop();
}

void
http_fetch(struct http *h, const struct http_request *q, struct http_reply *r)
{
	struct exchange *x;
	char fault[HTTP_FAULT];
	int loopback;

	if (http_judge_url(q->url, h->o.allow_http, &loopback, fault) == -1) {
		unsent(r, fault);
		return;
	}
	if ((x = exchange_new(q)) == NULL) {
		unsent(r, "out of memory");
		return;
	}
	curl_easy_reset(h->easy);
	x->easy = h->easy;
	set_options(h, x, q, loopback);
	if (h->o.stop != NULL) {
		curl_easy_setopt(x->easy, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(x->easy, CURLOPT_XFERINFOFUNCTION, watch_stop);
		curl_easy_setopt(x->easy, CURLOPT_XFERINFODATA, h);
	}
	close_reply(x, curl_easy_perform(x->easy));
	*r = x->reply;
	exchange_free(x);
	curl_easy_reset(h->easy);
}

/* A request to an address we do not ask ends at once, in http_wait. */
int
http_start(struct http *h, const struct http_request *q, void *about)
{
	struct exchange *x;
	int loopback;

	if (h->count >= HTTP_MOST || (x = exchange_new(q)) == NULL)
		return -1;
	x->about = about;
	if (http_judge_url(q->url, h->o.allow_http, &loopback, x->reply.fault) == 0) {
		if ((x->easy = curl_easy_init()) == NULL) {
			exchange_free(x);
			return -1;
		}
		set_options(h, x, q, loopback);
		if (curl_multi_add_handle(h->multi, x->easy) != CURLM_OK) {
			curl_easy_cleanup(x->easy);
			exchange_free(x);
			return -1;
		}
	}
	x->next = h->list;
	h->list = x;
	h->count++;
	return 0;
}

static void
leave(struct http *h, struct exchange *x)
{
	struct exchange **at = &h->list;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	h->count--;
	if (x->easy != NULL) {
		curl_multi_remove_handle(h->multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	exchange_free(x);
}

static struct exchange *
ended(struct http *h)
{
	struct exchange *x;
	CURLMsg *m;
	char *private = NULL;
	int rest;

	for (x = h->list; x != NULL; x = x->next)
		if (x->easy == NULL) {
			x->reply.result = HTTP_UNSENT;
			return x;
		}
	while ((m = curl_multi_info_read(h->multi, &rest)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
		x = (struct exchange *)(void *)private;
		close_reply(x, m->data.result);
		return x;
	}
	return NULL;
}

int
http_wait(struct http *h, int ms, void **about, struct http_reply *r)
{
	int64_t until = clock_mono_ms() + ms, left;
	struct exchange *x;
	int running;

	while (h->list != NULL) {
		curl_multi_perform(h->multi, &running);
		if ((x = ended(h)) != NULL) {
			*about = x->about;
			*r = x->reply;
			leave(h, x);
			return 1;
		}
		if ((left = until - clock_mono_ms()) <= 0)
			break;
		curl_multi_poll(h->multi, NULL, 0, (int)left, NULL);
	}
	return 0;
}

int
http_under_way(const struct http *h)
{
	return h->count;
}

void
http_reply_free(struct http_reply *r)
{
	free(r->body);
	r->body = NULL;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	while (h->list != NULL) {
		free(h->list->reply.body);
		leave(h, h->list);
	}
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	free(h);
}
