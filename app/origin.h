/* origin.h - what a browser does by itself is done for our own pages only */
#ifndef ORIGIN_H
#define ORIGIN_H

#include "app/request.h"
#include "lib/shop/origin.h"

/*
 * Such as sending a cookie: done for pages of our own host and of
 * CORS_ORIGINS. OK, or CROSS_SITE.
 */
enum problem origin_check(struct request *) __attribute__((warn_unused_result));

#endif
