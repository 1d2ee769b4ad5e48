/*
 * catalog_tell.c - what browsers are told of dishes, and how often
 *
 * An event goes to everybody who listens, so a till that sells everything out
 * at once must not write one for each dish: in one second TOLD_MOST are told
 * singly. What is more is remembered in catalog_state, in the transaction of the
 * change, and told as one "look at the catalogue anew": by who tells next in a
 * later second, or by pos-sync when its run is over. Nothing is lost when a
 * program dies in between.
 */
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "lib/shop/catalog_sums.h"
#include "lib/shop/event.h"

enum {
	PAYLOAD = 96,
	TOLD_MOST = 20,		/* to ten thousand who listen: a second's work of pos-push */
	SEVERAL = 0		/* branches, where one would stand */
};

enum { STATE, TOLD, HOLD_BACK, PAID, STATEMENTS };
static struct stmt sql[STATEMENTS] = {
	[STATE] = { .sql = "SELECT told_at, told, untold FROM catalog_state WHERE id = 1" },
	[TOLD] = { .sql = "UPDATE catalog_state SET told_at = ?1, told = ?2 WHERE id = 1" },
	[HOLD_BACK] = { .sql = "UPDATE catalog_state SET untold = ?1 WHERE id = 1" },
	[PAID] = { .sql = "UPDATE catalog_state SET untold = NULL WHERE id = 1" },
};
DB_STATEMENTS(sql);

struct state {
	int64_t told_at, told, untold;
};

static int
read_state(struct db *db, struct state *t)
{
	struct stmt *s = &sql[STATE];
	int rc = db_find(db, s, "");

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	*t = (struct state){ db_int(s, 0), db_int(s, 1), db_int(s, 2) };
	db_done(s);
	return 0;
}

/* product_id DB_NULL: of many. */
static int
write_catalog(struct db *db, int64_t product_id, int64_t branch_id)
{
	char payload[PAYLOAD], product[24] = "null", branch[24] = "null";

	if (product_id != DB_NULL)
		snprintf(product, sizeof product, "%lld", (long long)product_id);
	if (branch_id != DB_NULL)
		snprintf(branch, sizeof branch, "%lld", (long long)branch_id);
	snprintf(payload, sizeof payload, "{\"product_id\":%s,\"branch_id\":%s}", product, branch);
	return event_add(db, DB_NULL, branch_id, "catalog", payload);
}

static int
pay(struct db *db, const struct state *t)
{
	int rc = write_catalog(db, DB_NULL, t->untold == SEVERAL ? DB_NULL : t->untold);

	return rc != 0 ? rc : db_run(db, &sql[PAID], "");
}

static int
hold_back(struct db *db, const struct state *t, int64_t branch_id)
{
	int64_t untold = branch_id == DB_NULL ? SEVERAL : branch_id;

	if (t->untold != DB_NULL && t->untold != untold)
		untold = SEVERAL;
	return t->untold == untold ? 0 : db_run(db, &sql[HOLD_BACK], "i", untold);
}

/* 1: tell it; 0: it is told with others, later; else a db_status. */
static int
may_tell(struct db *db, int64_t branch_id)
{
	int64_t now = clock_now();
	struct state t;
	int rc = read_state(db, &t);

	if (rc == 0 && t.told_at != now) {
		t.told = 0;
		if (t.untold != DB_NULL && (rc = pay(db, &t)) == 0)
			t.told = 1;
	}
	if (rc != 0)
		return rc;
	if (t.told_at == now && t.told >= TOLD_MOST)
		return hold_back(db, &t, branch_id);
	rc = db_run(db, &sql[TOLD], "ii", now, t.told + 1);
	return rc == 0 ? 1 : rc;
}

int
catalog_tell(struct db *db, int64_t product_id, int64_t branch_id)
{
	int rc = may_tell(db, branch_id);

	return rc != 1 ? rc : write_catalog(db, product_id, branch_id);
}

int
catalog_tell_stock(struct db *db, int64_t product_id, int64_t branch_id, int64_t is_available)
{
	char payload[PAYLOAD];
	int rc = may_tell(db, branch_id);

	if (rc != 1)
		return rc;
	snprintf(payload, sizeof payload,
	    "{\"product_id\":%lld,\"branch_id\":%lld,\"is_available\":%s}",
	    (long long)product_id, (long long)branch_id, is_available ? "true" : "false");
	return event_add(db, DB_NULL, branch_id, "stock", payload);
}

int
catalog_is_untold(struct db *db)
{
	struct state t;
	int rc = read_state(db, &t);

	return rc != 0 ? rc : t.untold != DB_NULL;
}

int
catalog_tell_rest(struct db *db)
{
	struct state t;
	int rc = read_state(db, &t);

	return rc != 0 || t.untold == DB_NULL ? rc : pay(db, &t);
}
