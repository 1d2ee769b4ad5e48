/* cookie.c - the cookies of browsers (RFC 6265); see cookie.h */
#include <string.h>

#include "app/cookie.h"

enum { VALUE_MAX = 512 };

/* Other pages of this host have cookies too, of any kind: they are passed over. */
const char *
cookie_value(struct request *r, const char *name)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
	const char *s = r->cookies;
	size_t len = strlen(name), n;

	while (s != NULL && *s != '\0') {
		s += strspn(s, "; ");
		if (strncmp(s, name, len) == 0 && s[len] == '=') {
			s += len + 1;
			n = strspn(s, allowed);
			return n == 0 || n > VALUE_MAX || (s[n] != '\0' && s[n] != ';') ? NULL
			    : arena_dup(r->arena, s, n);
		}
		s += strcspn(s, ";");
	}
	return NULL;
}

static void
put(struct request *r, const char *prefix, const char *pair, int64_t seconds)
{
	int secure = strncmp(r->app->conf.public_url, "https://", 8) == 0;

	request_header(r, "Set-Cookie", arena_printf(r->arena,
	    "%s; Path=%s/auth; Max-Age=%lld; HttpOnly; SameSite=Strict%s", pair, prefix,
	    (long long)seconds, secure ? "; Secure" : ""));
}

void
cookie_give(struct request *r, const char *name, const char *value, int64_t seconds)
{
	const char *pair = arena_printf(r->arena, "%s=%s", name, value);

	if (pair == NULL)
		fail(r, TOO_LARGE);
	else
		put(r, r->prefix, pair, seconds);
}

void
cookie_take_back(struct request *r, const char *name)
{
	const char *pair = arena_printf(r->arena, "%s=", name);

	if (pair == NULL)
		return;
	/* the one that was asked last: curl 7.88 forgets no other */
	put(r, *r->prefix == '\0' ? "/api" : "", pair, 0);
	put(r, r->prefix, pair, 0);
}
