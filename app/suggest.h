/*
 * suggest.h - which branch shall take this: as an answer, and for an order
 * that names none (G27)
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "app/cart_store.h"
#include "app/request.h"

/*
 * The cart goes to the nearest branch that can take all of it, and is loaded
 * anew at that branch's prices; nothing is written. OK, or NO_BRANCH with why
 * each was passed over.
 */
struct suggest_place { int is_delivery; double latitude, longitude; };
enum problem suggest_for_cart(struct request *, const struct suggest_place *, struct cart *)
    __attribute__((warn_unused_result));

#endif
