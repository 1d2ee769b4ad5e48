/*
 * sse.h - server-sent events (WHATWG HTML 9.2), for networks that break upgrades
 *
 * The id of a message is its number, and behind it the mark of the stream when
 * it was opened by a ticket: the browser sends both back by itself.
 */
#ifndef PUSH_SSE_H
#define PUSH_SSE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

enum { SSE_RETRY_MS = 3000 };

/* The head of the answer; origin NULL = not for a page of another origin. */
void sse_head(struct buf *, const char *origin);
/* One message; mark NULL = none. Line breaks of the text are blanks then. */
void sse_message(struct buf *, int64_t id, const char *mark, const char *text, size_t n);
void sse_ping(struct buf *);
/* Why the stream ends: an event of its own, named "closed". */
void sse_end(struct buf *, int code);

/* Last-Event-ID taken apart: *mark NULL = none. 0, or -1 when it is none of ours. */
int sse_last_id(const char *text, int64_t *id, const char **mark)
    __attribute__((warn_unused_result));

#endif
