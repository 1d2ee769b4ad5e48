/* seed.h - filling a new till; texts are copied */
#ifndef POS_SIM_SEED_H
#define POS_SIM_SEED_H

#include "tests/pos-sim/store.h"

struct seed_branch {
	const char *id, *name, *address, *phone, *hours;
	double latitude, longitude;
};

struct seed_product {
	const char *id, *category, *name, *description;
	int64_t price, stock, updated_ms;	/* stock STORE_NULL: nobody counts it */
	int picture;
};

void seed_branch(struct store *, const struct seed_branch *);
/* Sold in the first so many branches alike; its seq. */
int64_t seed_product(struct store *, const struct seed_product *, int64_t branches);

/* made_up.c: the same ones every time. */
void made_up_branches(struct store *, int64_t count);
void made_up_products(struct store *, int64_t count, int64_t branches);

#endif
