/* origin.c - which page a browser says it asks for; see origin.h */
#include <string.h>
#include <strings.h>

#include "lib/shop/origin.h"

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

/* Where the shop has TLS, a page that came without may be anybody's on the way. */
int
origin_is_own(const char *url, const char *host, const char *origin)
{
	size_t n = origin == NULL ? 0 : strlen(origin);
	const char *page;

	if (n == 0)
		return 0;
	if (strncmp(url, origin, n) == 0 && (url[n] == '\0' || url[n] == '/'))
		return 1;
	if (strncmp(url, "https://", 8) == 0 && strncmp(origin, "https://", 8) != 0)
		return 0;
	page = host_of(origin);
	return page != NULL && host != NULL && strcasecmp(page, host) == 0;
}
