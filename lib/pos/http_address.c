/*
 * http_address.c - which addresses we ask
 *
 * https, or plain http to this very machine when that was allowed: so a
 * credential never crosses a network in the clear.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <curl/curl.h>

#include "lib/pos/http_address.h"
#include "lib/pos/http.h"

static int
is_loopback(const char *host)
{
	unsigned char four[4], six[16];
	static const unsigned char one[16] = { [15] = 1 };
	char text[64];
	size_t n = strlen(host);

	if (strcasecmp(host, "localhost") == 0)
		return 1;
	if (inet_pton(AF_INET, host, four) == 1)
		return four[0] == 127;
	if (n < 3 || n >= sizeof text || host[0] != '[' || host[n - 1] != ']')
		return 0;
	memcpy(text, host + 1, n - 2);
	text[n - 2] = '\0';
	return inet_pton(AF_INET6, text, six) == 1 && memcmp(six, one, sizeof one) == 0;
}

/* A sentence, or NULL when the parts are in order; *loopback is told. */
static const char *
judge_url(const char *scheme, const char *host, const char *user, int allow_http, int *loopback)
{
	if (scheme == NULL || host == NULL || *host == '\0')
		return "is not an address like https://host";
	if (user != NULL)
		return "holds a user name: credentials do not belong in an address";
	*loopback = is_loopback(host);
	if (strcmp(scheme, "https") == 0)
		return NULL;
	if (strcmp(scheme, "http") != 0)
		return "must begin with https://";
	if (!*loopback)
		return "must begin with https:// (plain http is for loopback only)";
	return allow_http ? NULL : "is plain http: allowed only by an explicit setting";
}

int
http_judge_url(const char *url, int allow_http, int *loopback, char *fault)
{
	char *scheme = NULL, *host = NULL, *user = NULL;
	CURLU *u = curl_url();
	const char *wrong = "is not an address like https://host";

	*loopback = 0;
	if (u == NULL)
		wrong = "cannot be read: out of memory";
	else if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
		curl_url_get(u, CURLUPART_HOST, &host, 0);
		curl_url_get(u, CURLUPART_USER, &user, 0);
		wrong = judge_url(scheme, host, user, allow_http, loopback);
	}
	if (wrong != NULL)
		snprintf(fault, HTTP_FAULT, "%.*s %s", user == NULL ? (int)strcspn(url, "?#") : 0,
		    url, wrong);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(u);
	return wrong == NULL ? 0 : -1;
}

int
http_check_url(const char *url, int allow_http, char *fault)
{
	int loopback;

	return http_judge_url(url, allow_http, &loopback, fault);
}

int
http_look_up(const char *host, char (*addresses)[HTTP_ADDRESS], int most)
{
	const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int n = 0;

	if (getaddrinfo(host, NULL, &wanted, &list) != 0)
		return 0;
	for (const struct addrinfo *a = list; a != NULL && n < most; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, addresses[n], HTTP_ADDRESS, NULL, 0,
		    NI_NUMERICHOST) == 0 && strchr(addresses[n], '%') == NULL)
			n++;
	freeaddrinfo(list);
	return n;
}
