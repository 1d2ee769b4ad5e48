/* items.h - lines of a cart as a client sends them: items [{product_id, quantity}] */
#ifndef ITEMS_H
#define ITEMS_H

#include "app/request.h"

struct wish { int64_t product_id, quantity; };
struct items {
	struct wish *list;
	size_t count;
	int is_told;
};

/* The member "items" of the body, which may be absent: each dish once, 1 to
 * QUANTITY_MAX of it. Faults are noted. */
void items_read(struct request *, size_t most, struct items *);

#endif
