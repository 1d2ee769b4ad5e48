/*
 * http.h - asking a till over HTTPS, one or several requests at a time
 *
 * Certificates are always verified, redirects never followed, plain http is
 * refused but for loopback with allow_http. Every request has time-outs and
 * a size limit. A request that changes something is never sent twice by
 * itself. Connections are kept in the handle for the next request.
 */
#ifndef POS_HTTP_H
#define POS_HTTP_H

#include <stddef.h>
#include <stdint.h>

struct http;

struct http_options {
	int connect_ms;		/* 0 = 10 s, to the end of the TLS handshake */
	int total_ms;		/* 0 = 10 s, for the whole exchange */
	size_t max_body;	/* 0 = 8 MB, after decompression */
	const char *ca_file;	/* PEM instead of the system's authorities; NULL = those */
	int allow_http;		/* plain http to loopback addresses, nothing else */
	int (*stop)(void);	/* not 0: http_fetch gives up within a second; NULL = never */
};

struct http_request {
	const char *method;	/* "GET", "POST", … */
	const char *url;	/* whole */
	const char *const *headers;	/* "Name: value" */
	size_t header_count;
	const char *body;	/* NULL = none; copied by http_start */
	size_t body_len;
};

enum http_result {
	HTTP_ANSWERED,	/* status and body are whole, whatever the status is */
	HTTP_UNSENT,	/* no byte of the request can have left: name, connect, TLS, bad URL */
	HTTP_LOST,	/* bytes may have left, but no whole reply came */
	HTTP_RESULTS
};

enum { HTTP_FAULT = 256, HTTP_HEADER = 4096 };

struct http_reply {
	enum http_result result;
	int status;		/* 0 when none was read */
	char *body;		/* NUL-terminated; NULL when none was read */
	size_t len;
	char date[64], retry_after[64], link[HTTP_HEADER];	/* "" = absent */
	int link_lost;		/* Link was too long to be kept */
	char fault[HTTP_FAULT];	/* a sentence when not HTTP_ANSWERED; holds no query */
};

/* NULL when out of memory. The texts of the options must outlive it. */
struct http *http_new(const struct http_options *);
void http_free(struct http *);	/* ends what is under way */

/*
 * Is this an address that http_fetch would ask? 0, or -1 with a sentence in
 * fault (HTTP_FAULT bytes).
 */
int http_check_url(const char *url, int allow_http, char *fault)
    __attribute__((warn_unused_result));

/*
 * The addresses of a host as texts, up to `most`: their number, 0 when it is
 * not found. Waits as long as the system's resolver does.
 */
enum { HTTP_ADDRESS = 48 };
int http_look_up(const char *host, char (*addresses)[HTTP_ADDRESS], int most);

/* Ask and wait. The reply is always filled; http_reply_free when done. */
void http_fetch(struct http *, const struct http_request *, struct http_reply *);

/*
 * Several at a time: start them, then wait for whichever ends first. `about`
 * comes back with its reply. 0, or -1 when HTTP_MOST are under way or memory
 * is out (nothing was sent then).
 */
enum { HTTP_MOST = 16 };
int http_start(struct http *, const struct http_request *, void *about)
    __attribute__((warn_unused_result));
/* 1 one ended (about and reply filled), 0 none within ms or none under way. */
int http_wait(struct http *, int ms, void **about, struct http_reply *)
    __attribute__((warn_unused_result));
int http_under_way(const struct http *);

void http_reply_free(struct http_reply *);

#endif
