/*
 * route.c - which route a method and a path mean
 *
 * A handful of patterns, looked at one after the other: cheaper than anything
 * clever at this size. HEAD is GET; the answer's body is left out later.
 */
#include <string.h>

#include "app/route.h"

/* A positive integer without sign or leading zero; where it ends, or NULL. */
static const char *
number(const char *s, int64_t *n)
{
	*n = 0;
	if (*s < '1' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(*n, 10, n) || __builtin_add_overflow(*n, *s - '0', n))
			return NULL;
	return s;
}

static int
fits(const char *pattern, const char *path, int64_t *param)
{
	size_t n = 0;

	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return 0;
			continue;
		}
		if (n == PARAMS || (path = number(path, &param[n++])) == NULL)
			return 0;
		pattern += strcspn(pattern, "}") + 1;
	}
	return *path == '\0';
}

static void
allow_add(char *allow, const char *method)
{
	size_t at = strlen(allow), n = strlen(method);

	if (at + n + 3 > ALLOW_TEXT)
		return;
	if (at > 0) {
		memcpy(allow + at, ", ", 2);
		at += 2;
	}
	memcpy(allow + at, method, n + 1);
}

const struct route *
route_find(const char *method, const char *path, int64_t *param, int *status, char *allow)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	*status = 404;
	*allow = '\0';
	for (size_t i = 0; i < route_count; i++) {
		if (!fits(routes[i].pattern, path, param))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		*status = 405;
		allow_add(allow, routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			allow_add(allow, "HEAD");
	}
	if (*status == 405)
		allow_add(allow, "OPTIONS");
	return NULL;
}
