/* routing.c - can this branch take such an order; see routing.h */
#include <math.h>

#include "lib/shop/delivery.h"
#include "lib/shop/routing.h"

enum { MINUTE = 60 };

int
routing_serves(const struct branch *b, int is_delivery)
{
	if (!is_delivery)
		return b->supports_pickup == 1;
	return b->supports_delivery == 1 && !isnan(b->latitude) && !isnan(b->longitude);
}

/* Open now, and long enough for somebody to cook it. */
static enum problem
look_at_clock(const struct settings *conf, const struct branch *b, int64_t *opens_at)
{
	if (!b->now.is_open) {
		*opens_at = b->now.opens_at;
		return BRANCH_CLOSED;
	}
	if (b->now.closes_at == DB_NULL ||
	    b->now.closes_at - b->at >= conf->last_order_min * MINUTE)
		return OK;
	*opens_at = branch_opens_at(b, b->now.closes_at);
	return BRANCH_CLOSED;
}

enum problem
routing_takes(const struct settings *conf, const struct branch *b, int is_delivery,
    int64_t *opens_at)
{
	*opens_at = DB_NULL;
	if (!b->is_active)
		return BRANCH_CLOSED;
	if (!routing_serves(b, is_delivery))
		return BRANCH_ORDER_TYPE;
	if (b->paused_until != DB_NULL)
		return BRANCH_PAUSED;
	return look_at_clock(conf, b, opens_at);
}

enum problem
routing_reaches(const struct settings *conf, const struct branch *b, double latitude,
    double longitude, struct reach *reach)
{
	*reach = (struct reach){ .fee = DB_NULL,
		.distance_m = delivery_distance_m(b->latitude, b->longitude, latitude, longitude),
		.most_m = delivery_limit_m(conf, b->delivery_radius_m) };
	if (!routing_serves(b, 1) || reach->distance_m == DB_NULL)
		return BRANCH_ORDER_TYPE;
	if (reach->distance_m > reach->most_m)
		return OUT_OF_AREA;
	reach->fee = delivery_fee(conf, reach->distance_m);
	return OK;
}
