/*
 * origin.h - which page a browser says it asks for (RFC 6454)
 *
 * A browser tells the origin of a page with every POST, and no page can tell
 * another's. Programs that are no browser tell what they like, or nothing.
 */
#ifndef ORIGIN_H
#define ORIGIN_H

#include "app/request.h"

/* CORS_ORIGINS, separated by blanks, holds it; NULL = not told: 0. */
int origin_is_listed(const char *list, const char *origin);

/*
 * What a browser does by itself (send a cookie) is done for these pages only:
 * our own host's and those of CORS_ORIGINS. OK, or CROSS_SITE.
 */
enum problem origin_check(struct request *) __attribute__((warn_unused_result));

#endif
