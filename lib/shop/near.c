/*
 * near.c - the branches nearest to a place
 *
 * The index branch_placed cuts the map into strips of 0.02° of latitude and
 * has each strip in order of longitude. A circle is the strips it touches,
 * each from one longitude to another: what lies outside is never read. Few
 * branches, or a circle as wide as a country, are read from end to end.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/shop/delivery.h"
#include "lib/shop/near.h"
#include "lib/shop/routing.h"

enum {
	FEW = 200,		/* so many placed branches are looked at all at once */
	FIRST_M = 1000,		/* the first circle */
	WIDE_M = 64000,		/* from here on strips cost more than reading all */
	WORLD_M = 30000000,	/* farther than any two places are */
	BRANCHES_MAX = 20000,	/* as many as sync takes */
	ROOM = 64,		/* at first; doubles */
	BANDS = 50		/* in a degree: schema.sql */
};

static const double metres_in_degree = 6371008.8 * 3.14159265358979323846 / 180;
static const double degree = 3.14159265358979323846 / 180;

#define PLACED "id, latitude, longitude, supports_delivery, supports_pickup, delivery_radius_m"

enum { COUNT, BOX, ALL };
static struct stmt sql[] = {
	[COUNT] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM branch WHERE is_active = 1 "
	    "AND band >= 0 LIMIT ?1)" },
	[BOX] = { .sql = "WITH RECURSIVE bands (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM bands "
	    "WHERE n < ?2) SELECT " PLACED " FROM bands CROSS JOIN branch ON band = n "
	    "AND longitude BETWEEN ?3 AND ?4 AND is_active = 1 LIMIT ?5" },
	[ALL] = { .sql = "SELECT " PLACED " FROM branch WHERE is_active = 1 AND band >= 0 LIMIT ?1" },
};
DB_STATEMENTS(sql);

struct search {
	struct db *db;
	struct arena *arena;
	const struct settings *conf;
	const struct near_wish *wish;
	struct near_found *found;
	size_t room;
};

static int64_t
band_of(double latitude)
{
	return (int64_t)((fmin(fmax(latitude, -90), 90) + 90) * BANDS);
}

/* Every place within radius lies between these; a circle over a pole or the
 * date line takes whole strips. */
static int
open_box(struct search *s, int64_t radius_m)
{
	double high = (double)(radius_m + 1) / metres_in_degree, wide;
	double latitude = s->wish->latitude, longitude = s->wish->longitude;
	double west = -180, east = 180;

	if (fabs(latitude) + high < 89) {
		wide = asin(sin(high * degree) / cos(latitude * degree)) / degree;
		if (longitude - wide > -180 && longitude + wide < 180) {
			west = longitude - wide;
			east = longitude + wide;
		}
	}
	return db_query(s->db, &sql[BOX], "iirri", band_of(latitude - high),
	    band_of(latitude + high), west, east, (int64_t)BRANCHES_MAX);
}

/* The same questions as for an order there, as far as place and kind go. */
static int
is_wanted(const struct search *s, struct stmt *st, int64_t radius_m, int64_t *distance_m)
{
	const struct near_wish *w = s->wish;
	struct branch b = { .latitude = db_real(st, 1), .longitude = db_real(st, 2),
		.supports_delivery = db_int(st, 3), .supports_pickup = db_int(st, 4),
		.delivery_radius_m = db_int(st, 5) };
	struct reach reach;

	*distance_m = delivery_distance_m(b.latitude, b.longitude, w->latitude, w->longitude);
	if (*distance_m > radius_m)
		return 0;
	if (w->kind == DELIVERY_KIND)
		return routing_reaches(s->conf, &b, w->latitude, w->longitude, &reach) == OK;
	return w->kind == ANY_KIND || routing_serves(&b, 0);
}

static int
keep(struct search *s, int64_t id, int64_t distance_m)
{
	struct near_found *f = s->found;
	struct near_branch *larger;

	if (f->count == s->room) {
		if ((larger = arena_get(s->arena, s->room * 2 * sizeof *larger)) == NULL)
			return DB_ERROR;
		memcpy(larger, f->list, f->count * sizeof *larger);
		f->list = larger;
		s->room *= 2;
	}
	f->list[f->count++] = (struct near_branch){ id, distance_m };
	return 0;
}

/* What lies within radius, into found anew. */
static int
look(struct search *s, int64_t radius_m)
{
	struct stmt *st = &sql[radius_m > WIDE_M ? ALL : BOX];
	int rc = st == &sql[ALL] ? db_query(s->db, st, "i", (int64_t)BRANCHES_MAX)
	    : open_box(s, radius_m);
	int64_t distance_m;

	s->found->count = 0;
	if (rc != 0)
		return rc;
	while ((rc = db_row(s->db, st)) == 1) {
		s->found->looked++;
		if (is_wanted(s, st, radius_m, &distance_m) &&
		    keep(s, db_int(st, 0), distance_m) != 0) {
			db_done(st);
			return DB_ERROR;
		}
	}
	return rc;
}

static int
by_distance(const void *a, const void *b)
{
	const struct near_branch *x = a, *y = b;

	if (x->distance_m != y->distance_m)
		return x->distance_m < y->distance_m ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* 1 when looking at all of them is the least work, 0 not, else a db_status. */
static int
are_few(struct db *db)
{
	int rc = db_find(db, &sql[COUNT], "i", (int64_t)FEW + 1);

	if (rc == 1)
		rc = db_int(&sql[COUNT], 0) <= FEW;
	db_done(&sql[COUNT]);
	return rc;
}

/* Circle by circle. */
static int
widen(struct search *s, int64_t radius_m, int64_t last_m)
{
	int rc;

	for (;;) {
		if (radius_m >= last_m)
			radius_m = last_m;
		else if (radius_m > WIDE_M)
			radius_m = WORLD_M;
		if ((rc = look(s, radius_m)) != 0)
			return rc;
		s->found->is_all = radius_m >= last_m;
		if (s->found->is_all || s->found->count >= s->wish->most)
			return 0;
		radius_m *= s->found->count == 0 ? 4 : 2;
	}
}

int
near_find(struct db *db, struct arena *a, const struct settings *conf,
    const struct near_wish *wish, struct near_found *found)
{
	int64_t last_m = wish->kind == DELIVERY_KIND ? conf->delivery_max_m : WORLD_M;
	struct search s = { db, a, conf, wish, found, ROOM };
	int rc = are_few(db);

	*found = (struct near_found){ .list = arena_get(a, ROOM * sizeof *found->list) };
	if (found->list == NULL)
		return DB_ERROR;
	if (rc < 0 || (rc = widen(&s, rc == 1 ? WORLD_M : FIRST_M, last_m)) != 0)
		return rc;
	qsort(found->list, found->count, sizeof *found->list, by_distance);
	if (found->count > wish->most) {
		found->count = wish->most;
		found->is_all = 0;
	}
	return 0;
}

/* One more of the list. */
static void
add(struct near_page *p, int64_t id, int64_t distance_m)
{
	p->ids.list[p->ids.count] = id;
	p->distances[p->ids.count++] = distance_m;
}

static int
page_by_name(struct db *db, struct arena *a, const struct near_wish *w, struct near_page *p)
{
	const struct branch_cut cut = { .skip = w->skip, .most = (int64_t)w->most };
	struct branch_ids ids;
	int rc = branch_page(db, a, w->kind, &cut, &ids);

	for (size_t i = 0; rc == 0 && i < ids.count; i++)
		add(p, ids.list[i], DB_NULL);
	return rc;
}

/* Where is not known comes last: it may be anywhere. */
static int
add_unplaced(struct db *db, struct arena *a, const struct near_wish *w, struct near_page *p)
{
	int64_t placed = (int64_t)p->found;
	const struct branch_cut cut = { .skip = w->skip > placed ? w->skip - placed : 0,
		.most = (int64_t)(w->most - p->ids.count), .unplaced = 1 };
	struct branch_ids ids;
	int rc = branch_page(db, a, w->kind, &cut, &ids);

	for (size_t i = 0; rc == 0 && i < ids.count; i++)
		add(p, ids.list[i], -1);
	return rc;
}

int
near_page(struct db *db, struct arena *a, const struct settings *conf, const struct near_wish *w,
    struct near_page *p)
{
	struct near_wish all = *w;
	struct near_found f;
	int rc;

	*p = (struct near_page){ .ids = { arena_get(a, w->most * sizeof(int64_t)), 0 },
		.distances = arena_get(a, w->most * sizeof(int64_t)) };
	if (p->ids.list == NULL || p->distances == NULL)
		return DB_ERROR;
	if (isnan(w->latitude))
		return page_by_name(db, a, w, p);
	/* One more than is shown, so that a page knows of the next. */
	all.most = w->skip + (int64_t)w->most < NEAR_MAX ? (size_t)w->skip + w->most + 1 : NEAR_MAX;
	if ((rc = near_find(db, a, conf, &all, &f)) != 0)
		return rc;
	for (size_t i = (size_t)w->skip; i < f.count && p->ids.count < w->most; i++)
		add(p, f.list[i].id, f.list[i].distance_m);
	p->found = f.count;
	p->is_all = f.is_all;
	return f.is_all ? add_unplaced(db, a, w, p) : 0;
}
