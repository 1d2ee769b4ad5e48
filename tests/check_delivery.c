/* check_delivery.c - distance and fee: the guide's examples and the decided vectors */
#include <math.h>
#include <string.h>

#include "lib/base/db.h"
#include "lib/base/money.h"
#include "lib/shop/delivery.h"
#include "tests/suite.h"

/* The defaults of settings.c, which check_settings holds to the guide. */
static const struct settings guide = {
	.delivery_base_fee = 9900, .delivery_base_m = 2000, .delivery_extra_from_m = 3000,
	.delivery_extra_per_km = 3000, .delivery_rounding = ROUNDING_CEIL, .delivery_max_m = 10000,
};

/* G31 G32 G33 and their worked examples; C1 C2: both sides of each step */
START_TEST(fee_is_the_guides_for_each_example)
{
	static const struct { int64_t m, kopecks; } cases[] = {
		{ 0, 9900 }, { 1500, 9900 }, { 2000, 9900 }, { 2001, 9900 }, { 2500, 9900 },
		{ 3000, 9900 }, { 3001, 12900 }, { 3100, 12900 }, { 4000, 12900 },
		{ 4001, 15900 }, { 4500, 15900 }, { 5000, 15900 }, { 5001, 18900 },
		{ 10000, 30900 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_int_eq(delivery_fee(&guide, cases[i].m), cases[i].kopecks);
}
END_TEST

/* C1: the other reading of the guide, to the kopeck, half up */
START_TEST(exact_rounding_counts_each_metre)
{
	static const struct { int64_t m, per_km, kopecks; } cases[] = {
		{ 3000, 3000, 9900 }, { 3001, 3000, 9903 }, { 3100, 3000, 10200 },
		{ 4500, 3000, 14400 }, { 3001, 499, 9900 }, { 3001, 500, 9901 },
		{ 3003, 500, 9902 },
	};
	struct settings s = guide;

	s.delivery_rounding = ROUNDING_EXACT;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		s.delivery_extra_per_km = cases[i].per_km;
		ck_assert_int_eq(delivery_fee(&s, cases[i].m), cases[i].kopecks);
	}
}
END_TEST

/* G35: vectors reckoned with R = 6371.0088 km, as turf.js does */
START_TEST(distance_is_whole_metres_on_the_mean_sphere)
{
	static const struct { double lat1, lon1, lat2, lon2; int64_t m; } cases[] = {
		{ 50.4501, 30.5234, 50.4600, 30.5300, 1196 },
		{ 50.4501, 30.5234, 50.4501, 30.5234, 0 },
		{ 0, 0, 0, 180, 20015114 }, { 90, 0, -90, 77, 20015114 },
		{ 0, 179.5, 0, -179.5, 111195 }, { 50.4501, 30.5234, 49.8397, 24.0297, 467531 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(delivery_distance_m(cases[i].lat1, cases[i].lon1,
		    cases[i].lat2, cases[i].lon2), cases[i].m);
		ck_assert_int_eq(delivery_distance_m(cases[i].lat2, cases[i].lon2,
		    cases[i].lat1, cases[i].lon1), cases[i].m);
	}
}
END_TEST

/* C1: 4.0000001 km is 4000 m is 129, not 159 */
START_TEST(a_hair_past_a_kilometre_costs_nothing)
{
	const double metre = 1 / 111195.0802;	/* degrees of a meridian */
	int64_t d = delivery_distance_m(50, 30, 50 + 4000.0001 * metre, 30);

	ck_assert_int_eq(d, 4000);
	ck_assert_int_eq(delivery_fee(&guide, d), 12900);
	d = delivery_distance_m(50, 30, 50 + 4001 * metre, 30);
	ck_assert_int_eq(d, 4001);
	ck_assert_int_eq(delivery_fee(&guide, d), 15900);
}
END_TEST

START_TEST(an_unknown_place_has_no_distance)
{
	const double nan = (double)NAN;

	ck_assert_int_eq(delivery_distance_m(nan, 30, 50, 30), DB_NULL);
	ck_assert_int_eq(delivery_distance_m(50, nan, 50, 30), DB_NULL);
	ck_assert_int_eq(delivery_distance_m(50, 30, nan, nan), DB_NULL);
	ck_assert_int_eq(delivery_distance_m((double)INFINITY, 30, 50, 30), DB_NULL);
}
END_TEST

START_TEST(fee_never_leaves_what_money_can_be)
{
	struct settings s = guide;

	s.delivery_extra_per_km = 100000000;
	for (s.delivery_rounding = ROUNDING_CEIL; s.delivery_rounding <= ROUNDING_EXACT;
	    s.delivery_rounding++) {
		ck_assert_int_eq(delivery_fee(&s, 20015115), MONEY_MAX);
		ck_assert_int_eq(delivery_fee(&s, INT64_MAX), MONEY_MAX);
	}
}
END_TEST

START_TEST(the_smaller_limit_counts)
{
	ck_assert_int_eq(delivery_limit_m(&guide, DB_NULL), 10000);
	ck_assert_int_eq(delivery_limit_m(&guide, 4000), 4000);
	ck_assert_int_eq(delivery_limit_m(&guide, 25000), 10000);
}
END_TEST

int
main(void)
{
	return SUITE("delivery", fee_is_the_guides_for_each_example,
	    exact_rounding_counts_each_metre, distance_is_whole_metres_on_the_mean_sphere,
	    a_hair_past_a_kilometre_costs_nothing, an_unknown_place_has_no_distance,
	    fee_never_leaves_what_money_can_be, the_smaller_limit_counts);
}
