/* address.h - where to deliver, as a client tells it and as it is kept */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "app/request.h"

struct address {
	const char *json;		/* known members only, in one order; NULL = not told */
	int has_text;
	double latitude, longitude;	/* NaN = not told */
};

/* The member of that name. text_required: an address without words is a fault. */
void address_read(struct request *, const char *name, int text_required, struct address *);

#endif
