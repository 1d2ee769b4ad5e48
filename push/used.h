/*
 * used.h - which tickets were used: each is good once
 *
 * Remembered for at least as long as a ticket is good, and at most twice as
 * long, in memory alone. Who cannot remember one must refuse it.
 */
#ifndef PUSH_USED_H
#define PUSH_USED_H

#include <stdint.h>

#include "lib/shop/ticket.h"

struct used;

struct used *used_new(int64_t now_ms);	/* NULL: out of memory */
void used_free(struct used *);

/* 1 = the first time, and remembered; 0 = used before, or no room for it. */
int used_first(struct used *, const uint8_t id[TICKET_ID], int64_t now_ms)
    __attribute__((warn_unused_result));

#endif
