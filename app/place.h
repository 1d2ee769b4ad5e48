/*
 * place.h - placing an order: one transaction, all or nothing (G36–G42, C3, C7)
 *
 * Called inside the request's transaction. Every rule is judged there, on
 * what is true at that moment; a refusal leaves nothing behind and carries
 * what the client shows next.
 */
#ifndef PLACE_H
#define PLACE_H

#include "app/request.h"

enum { CHANCE_BYTES = 12, CHANCE_TEXT = 2 * CHANCE_BYTES + 1 };

/* What was asked for; texts checked, absent ones NULL. */
struct place_wish {
	int64_t branch_id;		/* 0 = the cart's, or by ROUTING_AUTO the nearest that can */
	int is_delivery;
	const char *address;		/* JSON; NULL = the user's default */
	int has_text;			/* address names a place in words */
	double latitude, longitude;	/* NaN = absent */
	const char *contact_name, *contact_phone, *notes;
	int64_t cart_version;		/* DB_NULL = not told */
	int64_t expected_total;		/* kopecks; DB_NULL = not told */
	char chance[CHANCE_TEXT];	/* random, in hex: nobody guesses the till's key */
};

/* OK and the order's id, or the refusal. */
enum problem place_order(struct request *, const struct place_wish *, int64_t *order_id)
    __attribute__((warn_unused_result));

#endif
