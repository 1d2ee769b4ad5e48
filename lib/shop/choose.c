/*
 * choose.c - the nearest branch that can take a whole cart
 *
 * Three statements whatever the chain and the cart: the branches around, what
 * rules need of them, and the stock of all that are left, branch by branch. The
 * last is left where the first branch has everything.
 */
#include <math.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/shop/choose.h"
#include "lib/shop/near.h"
#include "lib/shop/routing.h"
#include "lib/shop/stock.h"

enum {
	LINES_MAX = 200,	/* the range of CART_MAX_LINES */
	ID_TEXT = 21		/* an id and a comma */
};

/* CROSS JOIN: branch by branch in the order told, in each line by line. */
enum { STOCK };
static struct stmt sql[] = {
	[STOCK] = { .sql = "SELECT b.key, l.key, pb.is_active, pb.stopped_until, "
	    "pb.stock_quantity, pb.reserved_quantity, pb.current_price FROM json_each(?1) AS b "
	    "CROSS JOIN json_each(?2) AS l LEFT JOIN product_branch AS pb "
	    "ON pb.product_id = l.value AND pb.branch_id = b.value LIMIT ?3" },
};
DB_STATEMENTS(sql);

struct look {
	struct db *db;
	struct arena *arena;
	const struct settings *conf;
	const struct choose_wish *wish;
	struct choice *choice;
};

/* The branches around, nearest first. */
static int
gather(struct look *l)
{
	const struct near_wish near = { .latitude = l->wish->latitude,
		.longitude = l->wish->longitude, .most = CHOOSE_LOOKED };
	struct choice *c = l->choice;
	struct near_page page;
	struct branch *list;
	size_t at = 0;
	int n, rc = near_page(l->db, l->arena, l->conf, &near, &page);

	if (rc != 0 || (n = branch_load(l->db, l->arena, &page.ids, clock_now(), &list)) == 0)
		return rc;
	if (n < 0)
		return n;
	if ((c->list = arena_get(l->arena, (size_t)n * sizeof *c->list)) == NULL)
		return DB_ERROR;
	for (; c->count < (size_t)n; c->count++) {
		while (page.ids.list[at] != list[c->count].id)
			at++;
		c->list[c->count] = (struct choose_branch){ .branch = &list[c->count],
			.distance_m = page.distances[at] < 0 ? DB_NULL : page.distances[at],
			.most_m = DB_NULL };
	}
	return 0;
}

/* All that does not depend on the dishes. */
static void
judge(const struct look *l, struct choose_branch *c)
{
	const struct choose_wish *w = l->wish;
	struct reach reach;

	c->why = routing_takes(l->conf, c->branch, w->is_delivery, &c->opens_at);
	if (c->why != OK || !w->is_delivery)
		return;
	c->why = routing_reaches(l->conf, c->branch, w->latitude, w->longitude, &reach);
	c->fee = reach.fee;
	if (c->why == OUT_OF_AREA)
		c->most_m = reach.most_m;
}

int
choose_lacks(const struct choose_wish *w, const struct choose_branch *c, size_t line)
{
	return c->available != NULL && c->available[line] != DB_NULL &&
	    c->available[line] < w->lines[line].quantity;
}

/* One line in one branch, the row in st. */
static void
read_line(const struct look *l, struct stmt *st, struct choose_branch *c, int64_t *available)
{
	const struct stock_row row = { .is_active = db_int(st, 2), .stopped_until = db_int(st, 3),
		.quantity = db_int(st, 4), .reserved = db_int(st, 5) };
	size_t line = (size_t)db_int(st, 1);

	available[line] = stock_left(&row, c->branch->at);
	if (choose_lacks(l->wish, c, line))
		c->why = ITEM_UNAVAILABLE;
	else
		c->subtotal += db_int(st, 6) * l->wish->lines[line].quantity;
}

/* 1 it has all, 0 not, -1 the rows are not those that were asked for. */
static int
read_branch(struct look *l, struct choose_branch *c, int64_t place)
{
	int64_t *available = arena_get(l->arena, l->wish->line_count * sizeof *available);
	struct stmt *st = &sql[STOCK];

	if (available == NULL)
		return DB_ERROR;
	c->available = available;
	for (size_t line = 0; line < l->wish->line_count; line++) {
		if (db_row(l->db, st) != 1 || db_int(st, 0) != place ||
		    db_int(st, 1) != (int64_t)line)
			return DB_ERROR;
		read_line(l, st, c, available);
	}
	return c->why == OK;
}

/* Branch by branch until one has all. */
static int
look_for_dishes(struct look *l)
{
	struct choice *c = l->choice;
	int64_t place = 0;
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		if (c->list[i].why == OK && (rc = read_branch(l, &c->list[i], place++)) == 1)
			c->fit = &c->list[i];
	db_done(&sql[STOCK]);
	return rc < 0 ? rc : 0;
}

static void
write_ids(const struct look *l, struct buf *branches, struct buf *lines)
{
	json_open(branches, NULL, '[');
	for (size_t i = 0; i < l->choice->count; i++)
		if (l->choice->list[i].why == OK)
			json_put_int(branches, NULL, l->choice->list[i].branch->id);
	json_close(branches, ']');
	json_open(lines, NULL, '[');
	for (size_t i = 0; i < l->wish->line_count; i++)
		json_put_int(lines, NULL, l->wish->lines[i].product_id);
	json_close(lines, ']');
}

static int
choose_by_dishes(struct look *l)
{
	struct buf branches = BUF_INIT(CHOOSE_LOOKED * ID_TEXT + 2);
	struct buf lines = BUF_INIT(LINES_MAX * ID_TEXT + 2);
	int rc;

	write_ids(l, &branches, &lines);
	rc = branches.failed || lines.failed ? DB_ERROR : db_query(l->db, &sql[STOCK], "ssi",
	    branches.s, lines.s, (int64_t)CHOOSE_LOOKED * LINES_MAX);
	if (rc == 0)
		rc = look_for_dishes(l);
	buf_free(&branches);
	buf_free(&lines);
	return rc;
}

/* Without dishes the first that takes orders will do. */
static void
choose_first(struct choice *c)
{
	for (size_t i = 0; i < c->count && c->fit == NULL; i++)
		if (c->list[i].why == OK)
			c->fit = &c->list[i];
}

int
choose_find(struct db *db, struct arena *a, const struct settings *conf,
    const struct choose_wish *wish, struct choice *choice)
{
	struct look l = { db, a, conf, wish, choice };
	int rc;

	*choice = (struct choice){ .count = 0 };
	if ((rc = gather(&l)) != 0)
		return rc;
	for (size_t i = 0; i < choice->count; i++)
		judge(&l, &choice->list[i]);
	if (wish->line_count == 0)
		choose_first(choice);
	else if ((rc = choose_by_dishes(&l)) != 0)
		return rc;
	if (choice->fit != NULL)
		choice->count = (size_t)(choice->fit - choice->list) + 1;
	return 0;
}
