/*
 * http.h - the little of HTTP that pos-push must read
 *
 * The web server in front has read the request once already; this reads what
 * it forwards, strictly, and nothing that it does not need (RFC 9112).
 */
#ifndef PUSH_HTTP_H
#define PUSH_HTTP_H

#include <stddef.h>

enum {
	HTTP_MAX = 8192,	/* request line and headers; nginx allows no more */
	HTTP_OK = 200
};

/* The headers that are looked at; each may come once. */
enum http_header {
	HTTP_HOST, HTTP_ORIGIN, HTTP_UPGRADE, HTTP_CONNECTION, HTTP_KEY, HTTP_VERSION,
	HTTP_AUTHORIZATION, HTTP_LAST_EVENT_ID, HTTP_REQUEST_ID, HTTP_HEADERS
};

struct http_request {
	const char *method, *path, *query;	/* query "" = none */
	const char *header[HTTP_HEADERS];	/* NULL = not told */
	size_t size;				/* where what follows the head begins */
};

/*
 * text (n bytes, changed by reading, must outlive the request). 0: not whole
 * yet; HTTP_OK: read; else the status it is refused with: 400, 405, 431.
 */
int http_read(char *text, size_t n, struct http_request *);

/*
 * A value of the query as it stands there: tickets and numbers need no
 * decoding. out gets at most size bytes; 1 there, 0 absent, twice or too long.
 */
int http_value(const char *query, const char *name, char *out, size_t size);

/* 1 when a list of words ("keep-alive, Upgrade") has this one, in any case. */
int http_has_word(const char *list, const char *word);

#endif
