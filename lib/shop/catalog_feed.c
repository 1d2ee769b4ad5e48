/*
 * catalog_feed.c - what the till sells at the moment, for the vanish rule
 *
 * A full run compares what it saw with what is here. Both look at many rows,
 * a page of keys at a time, so that no reading holds on to a snapshot.
 */
#include "lib/shop/catalog.h"

enum { PAGE = 5000 };		/* rows counted at a time: about 1 ms */

enum { IN_FEED, OF_CLOSED, IN_FEED_COUNT, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[IN_FEED] = { .sql =
	    "SELECT p.id, b.is_active FROM product_branch p CROSS JOIN branch b"
	    " ON b.id = p.branch_id WHERE p.id > ?1 AND p.in_feed = 1 ORDER BY p.id LIMIT ?2" },
	[OF_CLOSED] = { .sql =
	    "SELECT p.id FROM branch b CROSS JOIN product_branch p ON p.branch_id = b.id"
	    " AND p.is_active = 1 WHERE b.id > 0 AND +b.is_active = 0 LIMIT ?1" },
	[IN_FEED_COUNT] = { .sql =
	    "SELECT count(*), max(id) FROM (SELECT id FROM product_branch"
	    " WHERE id > ?1 AND in_feed = 1 ORDER BY id LIMIT ?2)" },
};
DB_STATEMENTS(sql);

int
catalog_offers(struct db *db, int64_t after, int64_t *ids, int *open, int most)
{
	struct stmt *s = &sql[IN_FEED];
	int rc = db_query(db, s, "ii", after, (int64_t)most), n = 0;

	if (rc != 0)
		return rc;
	while (n < most && (rc = db_row(db, s)) == 1) {
		if (open != NULL)
			open[n] = db_int(s, 1) != 0;
		ids[n++] = db_int(s, 0);
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

int
catalog_offers_of_closed(struct db *db, int64_t *ids, int most)
{
	struct stmt *s = &sql[OF_CLOSED];
	int rc = db_query(db, s, "i", (int64_t)most), n = 0;

	while (rc == 0 && n < most && (rc = db_row(db, s)) == 1) {
		ids[n++] = db_int(s, 0);
		rc = 0;
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

int64_t
catalog_offer_count(struct db *db)
{
	struct stmt *s = &sql[IN_FEED_COUNT];
	int64_t n, after = 0, count = 0;
	int rc;

	do {
		if ((rc = db_find(db, s, "ii", after, (int64_t)PAGE)) != 1)
			return rc == 0 ? DB_ERROR : rc;
		n = db_int(s, 0);
		after = db_int(s, 1);
		db_done(s);
		count += n;
	} while (n == PAGE);
	return count;
}
