/*
 * sale.h - orders in the till: states, stock, how they are shown
 *
 * accepted → processing → ready_for_pickup | out_for_delivery → delivered;
 * cancelled from anywhere. The goods leave the stock with `accepted` and come
 * back with `cancelled`. Every move queues a webhook. Callers hold the write
 * transaction where something changes.
 */
#ifndef POS_SIM_SALE_H
#define POS_SIM_SALE_H

#include "lib/base/buf.h"
#include "tests/pos-sim/store.h"

enum { SALE_ID_TEXT = 24 };

void sale_id(int64_t seq, char out[SALE_ID_TEXT]);	/* "S1001" */
/* By "S1001", by our_order_id (the newest), or by number. 0 when there is none. */
int64_t sale_find(struct store *, const char *order);

int sale_status_known(const char *status);
const char *sale_statuses(void);	/* for messages */

/* From creation on: take the goods. */
void sale_take_stock(struct store *, int64_t seq, int64_t now_ms);
void sale_move(struct store *, int64_t seq, const char *status, int64_t now_ms);
/* Who brings it; name NULL: nobody. Tells the shop. */
void sale_set_driver(struct store *, int64_t seq, const char *name, const char *phone);
/* One step for every open order that has stood for speed_ms; how many. */
int sale_advance(struct store *, int64_t speed_ms, int64_t now_ms);

/* The order as JSON. */
void sale_put(struct buf *, const char *key, struct store *, int64_t seq);

#endif
