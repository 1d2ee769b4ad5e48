/*
 * cookie.h - the cookies that we give to browsers, and read again
 *
 * HttpOnly, SameSite=Strict (a PWA asks by itself, nothing is lost by it),
 * Secure where PUBLIC_URL is https. They go to /auth only, or to /api/auth when
 * they were given there: a PWA that uses one prefix keeps using it. What a
 * cookie may do without a token, it may do for our pages only: origin.h.
 */
#ifndef COOKIE_H
#define COOKIE_H

#include "app/request.h"

#define COOKIE_REFRESH "tillbridge_refresh"

/* NULL when it did not come, or holds other than base64url and dots. Arena. */
const char *cookie_value(struct request *, const char *name);

void cookie_give(struct request *, const char *name, const char *value, int64_t seconds);
/* Under both prefixes. */
void cookie_take_back(struct request *, const char *name);

#endif
