/* check_routing.c - can a branch take such an order (G26, G29, C18) */
#include <math.h>

#include "lib/base/clock.h"
#include "lib/shop/routing.h"
#include "tests/suite.h"

#undef fail

#define NAN_ ((double)NAN)
#define FRIDAY "{\"fri\":[[\"10:00\",\"22:00\"]],\"sat\":[[\"10:00\",\"22:00\"]]}"
#define NIGHT "{\"fri\":[[\"10:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"03:00\"],[\"12:00\",\"20:00\"]]}"

static const struct settings conf = {
	.delivery_base_fee = 9900, .delivery_base_m = 2000, .delivery_extra_from_m = 3000,
	.delivery_extra_per_km = 3000, .delivery_rounding = ROUNDING_CEIL, .delivery_max_m = 10000,
	.last_order_min = 15,
};

/* A branch that takes everything, loaded at a moment. */
static struct branch
branch_at(const char *when, const char *hours)
{
	struct branch b = { .id = 1, .is_active = 1, .supports_delivery = 1, .supports_pickup = 1,
		.delivery_radius_m = DB_NULL, .paused_until = DB_NULL, .latitude = 50.4501,
		.longitude = 30.5234, .timezone = "Europe/Kyiv", .operating_hours = hours,
		.at = clock_parse_rfc3339(when) };
	struct arena *a = arena_new(1 << 20);

	ck_assert_int_eq(hours_at(a, hours, b.timezone, b.at, &b.now), 0);
	arena_free(a);
	return b;
}

START_TEST(an_order_is_taken_in_time_to_be_cooked)
{
	static const struct { const char *when, *hours; enum problem verdict; const char *opens; }
	cases[] = {
		{ "2026-05-22T13:00:00+03:00", NULL, OK, NULL },
		{ "2026-05-22T13:00:00+03:00", FRIDAY, OK, NULL },
		{ "2026-05-22T21:45:00+03:00", FRIDAY, OK, NULL },
		{ "2026-05-22T21:45:01+03:00", FRIDAY, BRANCH_CLOSED, "2026-05-23T10:00:00+03:00" },
		{ "2026-05-22T09:59:59+03:00", FRIDAY, BRANCH_CLOSED, "2026-05-22T10:00:00+03:00" },
		{ "2026-05-22T23:59:59+03:00", NIGHT, OK, NULL },	/* midnight closes nothing */
		{ "2026-05-23T02:50:00+03:00", NIGHT, BRANCH_CLOSED, "2026-05-23T12:00:00+03:00" },
		{ "2026-05-22T13:00:00+03:00", "{}", BRANCH_CLOSED, NULL },
	};
	int64_t opens;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct branch b = branch_at(cases[i].when, cases[i].hours);

		ck_assert_int_eq(routing_takes(&conf, &b, 0, &opens), cases[i].verdict);
		ck_assert_int_eq(opens, cases[i].opens == NULL ? DB_NULL :
		    clock_parse_rfc3339(cases[i].opens));
	}
}
END_TEST

/* G29 */
START_TEST(an_unsuitable_branch_says_why)
{
	static const struct {
		int active, delivery, pickup, paused, is_delivery;
		double latitude;
		enum problem verdict;
	} cases[] = {
		{ 1, 1, 1, 0, 0, 50, OK }, { 1, 1, 1, 0, 1, 50, OK },
		{ 0, 1, 1, 0, 0, 50, BRANCH_CLOSED }, { 1, 1, 1, 1, 0, 50, BRANCH_PAUSED },
		{ 1, 1, 0, 0, 0, 50, BRANCH_ORDER_TYPE }, { 1, 1, 0, 0, 1, 50, OK },
		{ 1, 0, 1, 0, 1, 50, BRANCH_ORDER_TYPE }, { 1, 0, 1, 0, 0, 50, OK },
		{ 1, 1, 1, 0, 1, NAN_, BRANCH_ORDER_TYPE }, { 1, 1, 1, 0, 0, NAN_, OK },
		{ 1, 1, 0, 1, 0, 50, BRANCH_ORDER_TYPE },	/* what will not pass comes first */
	};
	int64_t opens;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct branch b = branch_at("2026-05-22T13:00:00+03:00", NULL);

		b.is_active = cases[i].active;
		b.supports_delivery = cases[i].delivery;
		b.supports_pickup = cases[i].pickup;
		b.paused_until = cases[i].paused ? b.at + 60 : DB_NULL;
		b.latitude = cases[i].latitude;
		ck_assert_msg(routing_takes(&conf, &b, cases[i].is_delivery, &opens) ==
		    cases[i].verdict, "case %zu", i);
		ck_assert_int_eq(opens, DB_NULL);
	}
}
END_TEST

/* G26 G30; the smaller of the two bounds counts */
START_TEST(it_delivers_as_far_as_both_bounds_allow)
{
	static const struct {
		double latitude;
		int64_t radius;
		enum problem verdict;
		int64_t distance, most, fee;
	} cases[] = {
		{ 50.4501, DB_NULL, OK, 0, 10000, 9900 },
		{ 50.4601, DB_NULL, OK, 1112, 10000, 9900 },
		{ 50.4601, 1112, OK, 1112, 1112, 9900 },
		{ 50.4601, 1111, OUT_OF_AREA, 1112, 1111, DB_NULL },
		{ 50.4901, DB_NULL, OK, 4448, 10000, 15900 },
		{ 50.5401, DB_NULL, OUT_OF_AREA, 10008, 10000, DB_NULL },
		{ 50.5401, 20000, OUT_OF_AREA, 10008, 10000, DB_NULL },
		{ NAN_, DB_NULL, BRANCH_ORDER_TYPE, DB_NULL, 10000, DB_NULL },
	};
	struct reach reach;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct branch b = branch_at("2026-05-22T13:00:00+03:00", NULL);

		b.delivery_radius_m = cases[i].radius;
		ck_assert_int_eq(routing_reaches(&conf, &b, cases[i].latitude, 30.5234, &reach),
		    cases[i].verdict);
		ck_assert_int_eq(reach.distance_m, cases[i].distance);
		ck_assert_int_eq(reach.most_m, cases[i].most);
		ck_assert_int_eq(reach.fee, cases[i].fee);
	}
}
END_TEST

int
main(void)
{
	return SUITE("routing", an_order_is_taken_in_time_to_be_cooked,
	    an_unsuitable_branch_says_why, it_delivers_as_far_as_both_bounds_allow);
}
