/*
 * delivery.c - how far, how much
 *
 * Floating point ends with the distance: it is whole metres, and the fee is
 * reckoned from those in integers, so 4.0000001 km costs what 4 km cost (C1).
 */
#include <math.h>

#include "lib/base/db.h"
#include "lib/base/money.h"
#include "lib/shop/delivery.h"

enum { KM = 1000 };

static const double mean_radius_m = 6371008.8;	/* IUGG, as turf.js has it */
static const double degree = 3.14159265358979323846 / 180;

static double
square(double x)
{
	return x * x;
}

int64_t
delivery_distance_m(double lat1, double lon1, double lat2, double lon2)
{
	double h = square(sin((lat2 - lat1) * degree / 2)) +
	    cos(lat1 * degree) * cos(lat2 * degree) * square(sin((lon2 - lon1) * degree / 2));

	if (!isfinite(h))
		return DB_NULL;
	/* Rounding may carry antipodes a hair past 1. */
	return llround(2 * mean_radius_m * asin(sqrt(fmin(h, 1))));
}

/* Kopecks for what lies beyond the distance that the base fee covers. */
static int
extra_fee(const struct settings *s, int64_t extra_m, int64_t *fee)
{
	int64_t begun = extra_m / KM + (extra_m % KM != 0);

	if (s->delivery_rounding == ROUNDING_CEIL)
		return __builtin_mul_overflow(begun, s->delivery_extra_per_km, fee);
	if (__builtin_mul_overflow(extra_m, s->delivery_extra_per_km, fee) ||
	    __builtin_add_overflow(*fee, KM / 2, fee))
		return 1;
	*fee /= KM;
	return 0;
}

int64_t
delivery_fee(const struct settings *s, int64_t distance_m)
{
	int64_t extra, fee;

	/* Up to DELIVERY_BASE_KM and from there to DELIVERY_EXTRA_FROM_KM the
	 * guide's fee is one and the same (G31, G32, C2). */
	if (distance_m <= s->delivery_extra_from_m)
		return s->delivery_base_fee;
	if (extra_fee(s, distance_m - s->delivery_extra_from_m, &extra) ||
	    __builtin_add_overflow(s->delivery_base_fee, extra, &fee) || fee > MONEY_MAX)
		return MONEY_MAX;
	return fee;
}

int64_t
delivery_limit_m(const struct settings *s, int64_t branch_radius_m)
{
	if (branch_radius_m != DB_NULL && branch_radius_m < s->delivery_max_m)
		return branch_radius_m;
	return s->delivery_max_m;
}
