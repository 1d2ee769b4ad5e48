/* delivery.h - how far, how much (G26–G35, C1, C2); integers only after Haversine */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdint.h>

#include "lib/shop/settings.h"

/* Whole metres on the mean sphere (R = 6371008.8 m), rounded to nearest;
 * DB_NULL when a place is not known (NaN). */
int64_t delivery_distance_m(double lat1, double lon1, double lat2, double lon2);

/* Kopecks for a distance, by the settings DELIVERY_*. The same function for
 * POST /delivery-fee and POST /orders (G30). At most MONEY_MAX. */
int64_t delivery_fee(const struct settings *, int64_t distance_m);

/* The farthest a branch delivers: the smaller of DELIVERY_MAX_KM and its own radius (DB_NULL = none). */
int64_t delivery_limit_m(const struct settings *, int64_t branch_radius_m);

#endif
