/* check_near.c - the nearest branches, without looking at all (G26, G28, G87) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/shop/delivery.h"
#include "lib/shop/near.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { CHAIN = 10000, SHOWN = 20 };

static const struct settings conf = { .delivery_base_fee = 9900, .delivery_max_m = 10000 };
static struct arena *arena;

static void
begin(void)
{
	shop_begin();
	arena = arena_new(16 << 20);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

/* n branches at places that look strewn by chance over a field of so many degrees. */
static void
strew(int n, double latitude, double longitude, double high, double wide)
{
	struct stmt s = { .sql = "WITH RECURSIVE row (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	    "FROM row WHERE i < ?1) INSERT INTO branch (pos_branch_id, name, latitude, longitude, "
	    "supports_delivery, supports_pickup, delivery_radius_m, created_at, updated_at) "
	    "SELECT 'b' || ?2 || '-' || ?3 || '-' || i, 'Філія ' || i, "
	    "?2 + ?4 * (i * 7919 % 10007) / 10007.0, ?3 + ?5 * (i * 104729 % 10009) / 10009.0, "
	    "i % 3 > 0, i % 5 > 0, iif(i % 4 = 0, 700, NULL), 1, 1 FROM row" };

	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_msg(db_run(shop_db, &s, "irrrr", (int64_t)n, latitude, longitude, high, wide) ==
	    0, "%s", db_error(shop_db));
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static struct near_found
find(double latitude, double longitude, enum order_kind kind, size_t most)
{
	const struct near_wish wish = { latitude, longitude, kind, most, 0 };
	struct near_found f;

	ck_assert_int_eq(db_read_begin(shop_db), 0);
	ck_assert_int_eq(near_find(shop_db, arena, &conf, &wish, &f), 0);
	db_read_end(shop_db);
	return f;
}

/* ---- the same by looking at all, in other words */

struct place { int64_t id, distance_m; };

static int
nearer(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->distance_m != y->distance_m)
		return x->distance_m < y->distance_m ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int
suits(struct stmt *s, enum order_kind kind, int64_t distance_m)
{
	int64_t radius = db_int(s, 5);

	if (kind == PICKUP_KIND)
		return db_int(s, 4) == 1;
	if (kind == DELIVERY_KIND)
		return db_int(s, 3) == 1 && distance_m <= conf.delivery_max_m &&
		    (radius == DB_NULL || distance_m <= radius);
	return 1;
}

static size_t
all_by_distance(double latitude, double longitude, enum order_kind kind, struct place *out)
{
	struct stmt s = { .sql = "SELECT id, latitude, longitude, supports_delivery, "
	    "supports_pickup, delivery_radius_m FROM branch WHERE is_active = 1 "
	    "AND latitude IS NOT NULL" };
	size_t n = 0;
	int64_t m;

	ck_assert_int_eq(db_query(shop_db, &s, ""), 0);
	while (db_row(shop_db, &s) == 1) {
		m = delivery_distance_m(db_real(&s, 1), db_real(&s, 2), latitude, longitude);
		if (suits(&s, kind, m))
			out[n++] = (struct place){ db_int(&s, 0), m };
	}
	qsort(out, n, sizeof *out, nearer);
	return n;
}

static void
compare(double latitude, double longitude, enum order_kind kind, size_t most)
{
	static struct place all[2 * CHAIN];
	size_t n = all_by_distance(latitude, longitude, kind, all);
	struct near_found f = find(latitude, longitude, kind, most);

	ck_assert_msg(f.count == (n < most ? n : most), "%.2f %.2f kind %d: %zu of %zu", latitude,
	    longitude, (int)kind, f.count, n);
	for (size_t i = 0; i < f.count; i++)
		ck_assert_msg(f.list[i].distance_m == all[i].distance_m &&
		    f.list[i].id == all[i].id, "%.2f %.2f kind %d, place %zu: %lld", latitude,
		    longitude, (int)kind, i, (long long)f.list[i].id);
	ck_assert(f.is_all == 0 || n <= most);
	arena_reset(arena);
}

/* Inside, at the edge, far off; poles, the date line, the other side of the earth. */
START_TEST(they_are_those_that_a_look_at_all_would_give)
{
	static const double places[][2] = { { 50.45, 30.52 }, { 50.3, 30.3 }, { 50.6, 30.9 },
		{ 50.0, 30.0 }, { 49.84, 24.03 }, { 51.5, -0.1 }, { 0, 0 }, { 90, 0 }, { -90, 10 },
		{ 89.5, 120 }, { 64.7, 179.99 }, { 64.7, -179.99 }, { -16.5, 180 }, { -50.45, -149.48 } };

	begin();
	strew(1500, 50.3, 30.3, 0.3, 0.6);
	strew(300, 64.5, 179.2, 0.5, 0.8);
	strew(300, 64.5, -180, 0.5, 0.8);
	strew(100, 89, -180, 1, 360);
	strew(1, 50.45, 30.52, 0, 0);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (int kind = ANY_KIND; kind <= PICKUP_KIND; kind++)
			for (size_t most = 1; most <= 125; most *= 5)
				compare(places[i][0], places[i][1], (enum order_kind)kind, most);
	end();
}
END_TEST

START_TEST(a_small_chain_is_answered_whole)
{
	struct near_found f;

	begin();
	strew(7, 50.3, 30.3, 0.3, 0.6);
	shop_run("INSERT INTO branch (pos_branch_id, name, created_at, updated_at) "
	    "VALUES ('nowhere', 'Без адреси', 1, 1)");
	shop_run("UPDATE branch SET is_active = 0 WHERE id = 1");
	f = find(49.84, 24.03, ANY_KIND, SHOWN);
	ck_assert_uint_eq(f.count, 6);
	ck_assert(f.is_all);
	ck_assert_uint_eq(f.looked, 6);
	f = find(49.84, 24.03, DELIVERY_KIND, SHOWN);
	ck_assert(f.count == 0 && f.is_all);
	ck_assert_uint_eq(find(50.45, 30.6, ANY_KIND, 2).count, 2);
	end();
}
END_TEST

/* G87: the rows that are read are those around, not those of the chain. */
START_TEST(ten_thousand_branches_are_not_looked_at)
{
	static const struct { double high, wide; size_t most; } chains[] = {
		{ 7, 15, 130 },		/* all over a country */
		{ 0.3, 0.5, 300 },	/* in one city: eleven to a square kilometre */
	};

	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
		begin();
		strew(CHAIN, 50.45 - chains[i].high / 2, 30.52 - chains[i].wide / 2,
		    chains[i].high, chains[i].wide);
		for (int kind = ANY_KIND; kind <= PICKUP_KIND; kind++) {
			struct near_found f = find(50.45, 30.52, (enum order_kind)kind, SHOWN);

			ck_assert_msg(f.looked <= chains[i].most, "%zu rows", f.looked);
			ck_assert(kind == DELIVERY_KIND || f.count == SHOWN);
		}
		end();
	}
}
END_TEST

START_TEST(no_memory_is_an_error)
{
	const struct near_wish wish = { 50.45, 30.52, ANY_KIND, 500, 0 };
	struct arena *small = arena_new(1500);
	struct near_found f;

	begin();
	ck_assert_int_eq(near_find(shop_db, small, &conf, &wish, &f), 0);
	strew(180, 50.3, 30.3, 0.3, 0.6);
	arena_reset(small);
	ck_assert_int_eq(near_find(shop_db, small, &conf, &wish, &f), DB_ERROR);
	arena_free(small);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("near", they_are_those_that_a_look_at_all_would_give,
	    a_small_chain_is_answered_whole, ten_thousand_branches_are_not_looked_at,
	    no_memory_is_an_error);
}
