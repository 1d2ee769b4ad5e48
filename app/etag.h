/* etag.h - "not modified": an answer that the client has already */
#ifndef ETAG_H
#define ETAG_H

#include "app/request.h"

enum { ETAG_TEXT = 64 };

/* An entity tag for an answer by its bytes. */
void etag_of(const struct buf *, char out[ETAG_TEXT]);

/*
 * Put the tag into the answer. 1 when the client told that it has this very
 * answer (RFC 9110 13.1.2, weak comparison): then it is 304 without a body.
 */
int etag_is_known(struct request *, const char *etag);

#endif
