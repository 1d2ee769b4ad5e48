/* origin.c - which page a browser says it asks for; see origin.h */
#include <string.h>
#include <strings.h>

#include "app/origin.h"

#define LOOPBACK "loopback"	/* in the list: any page of this machine */

/* "http://localhost:5173", "https://127.0.0.1", "http://[::1]:80". */
static int
is_loopback(const char *origin)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]" };
	size_t n;

	if (strncmp(origin, "http://", 7) == 0)
		origin += 7;
	else if (strncmp(origin, "https://", 8) == 0)
		origin += 8;
	else
		return 0;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		n = strlen(hosts[i]);
		if (strncmp(origin, hosts[i], n) == 0 && (origin[n] == '\0' ||
		    (origin[n] == ':' && strspn(origin + n + 1, "0123456789") ==
		    strlen(origin + n + 1))))
			return 1;
	}
	return 0;
}

int
origin_is_listed(const char *list, const char *origin)
{
	size_t n, len;

	if (origin == NULL)
		return 0;
	len = strlen(origin);
	for (; *list != '\0'; list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n == sizeof LOOPBACK - 1 && memcmp(list, LOOPBACK, n) == 0) {
			if (is_loopback(origin))
				return 1;
		} else if (n > 0 && n == len && memcmp(list, origin, n) == 0) {
			return 1;
		}
	}
	return 0;
}

/* What stands behind "https://" or "http://", or NULL. */
static const char *
host_of(const char *origin)
{
	if (strncmp(origin, "https://", 8) == 0)
		return origin + 8;
	return strncmp(origin, "http://", 7) == 0 ? origin + 7 : NULL;
}

/* A page of the host that was asked. Where the shop has TLS, one that came
 * without may be anybody's on the way. */
static int
is_own(const struct request *r)
{
	const char *url = r->app->conf.public_url, *host;
	size_t n = r->origin == NULL ? 0 : strlen(r->origin);

	if (n == 0)
		return 0;
	if (strncmp(url, r->origin, n) == 0 && (url[n] == '\0' || url[n] == '/'))
		return 1;
	if (strncmp(url, "https://", 8) == 0 && strncmp(r->origin, "https://", 8) != 0)
		return 0;
	host = host_of(r->origin);
	return host != NULL && r->host != NULL && strcasecmp(host, r->host) == 0;
}

enum problem
origin_check(struct request *r)
{
	if (is_own(r) || origin_is_listed(r->app->conf.cors_origins, r->origin))
		return OK;
	return fail(r, CROSS_SITE);
}
