/*
 * origin.h - which page a browser says it asks for (RFC 6454)
 *
 * A browser tells the origin of a page with every POST and every WebSocket,
 * and no page can tell another's. Programs that are no browser tell what they
 * like, or nothing.
 */
#ifndef SHOP_ORIGIN_H
#define SHOP_ORIGIN_H

/* CORS_ORIGINS, separated by blanks, holds it; NULL = not told: 0. */
int origin_is_listed(const char *list, const char *origin);

/* A page of PUBLIC_URL, or of the host that was asked (NULL = not told). */
int origin_is_own(const char *public_url, const char *host, const char *origin);

#endif
