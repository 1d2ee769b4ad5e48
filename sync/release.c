/* release.c - reservations that a till's count has taken over end; see release.h */
#include "lib/shop/stock.h"
#include "sync/release.h"

enum { BATCH = 100 };

/* Of one dish; waiting dishes are few, so each has a transaction of its own. */
static int
settle(struct job *j, int64_t branch_id, int64_t product_id, int64_t run_id)
{
	int rc, n;

	do {
		if ((rc = db_begin(j->db)) != DB_OK)
			return rc;
		n = stock_settle(j->db, branch_id, product_id, run_id, BATCH);
		rc = n < 0 ? n : DB_OK;
		if (db_end(j->db, n > 0) != DB_OK)
			rc = DB_ERROR;
	} while (rc == DB_OK && n == BATCH);
	return rc;
}

static int
release_branch(struct job *j, const struct run *r, int64_t branch_id, const struct seen *counted)
{
	struct stock_waiting list[BATCH];
	int64_t after = 0;
	int n, rc = DB_OK;

	do {
		if ((n = stock_waiting(j->db, branch_id, after, r->id, list, BATCH)) < 0)
			return n;
		for (int i = 0; i < n && rc == DB_OK; i++)
			if (list[i].quantity == DB_NULL || seen_has(counted, list[i].offer_id))
				rc = settle(j, branch_id, list[i].product_id, r->id);
		after = n > 0 ? list[n - 1].product_id : after;
	} while (rc == DB_OK && n == BATCH);
	return rc;
}

int
release_counted(struct job *j, const struct run *r, const struct ours *ours,
    const struct seen *counted)
{
	int rc = DB_OK;

	for (size_t i = 0; i < ours->count && rc == DB_OK; i++)
		rc = release_branch(j, r, ours->list[i].id, counted);
	return rc;
}
