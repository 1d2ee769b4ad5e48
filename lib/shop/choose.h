/*
 * choose.h - the nearest branch that can take a whole cart (G27, G29)
 *
 * Open, of the right kind, not paused, delivering there, and with every dish
 * in stock. Those nearer that were passed over each say why. Nothing is held:
 * whoever places an order asks inside its transaction.
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/db.h"
#include "lib/shop/branch.h"
#include "lib/shop/problem.h"
#include "lib/shop/settings.h"

enum { CHOOSE_LOOKED = 50 };	/* branches that are looked at, the nearest */

struct choose_line {
	int64_t product_id, quantity;
	const char *name;
};

struct choose_wish {
	int is_delivery;
	double latitude, longitude;	/* NaN: a pickup from anywhere, by name */
	const struct choose_line *lines;
	size_t line_count;		/* 0: no dish matters yet */
};

/* A branch that was looked at. */
struct choose_branch {
	const struct branch *branch;
	enum problem why;		/* OK, or as an order there would be refused */
	int64_t distance_m;		/* DB_NULL: not known */
	int64_t most_m;			/* as far as it delivers; DB_NULL unless OUT_OF_AREA */
	int64_t opens_at;		/* DB_NULL: open, or not known */
	int64_t fee, subtotal;		/* at its prices of today; where why is OK */
	const int64_t *available;	/* of each line, DB_NULL = any; where the dishes were looked at */
};

struct choice {
	struct choose_branch *list;	/* nearest first, up to the one that fits */
	size_t count;
	const struct choose_branch *fit;	/* the last of them; NULL: none */
};

/* 0 or a db_status; all in arena. */
int choose_find(struct db *, struct arena *, const struct settings *, const struct choose_wish *,
    struct choice *) __attribute__((warn_unused_result));

/* Does that branch have too little of this line? */
int choose_lacks(const struct choose_wish *, const struct choose_branch *, size_t line);

#endif
