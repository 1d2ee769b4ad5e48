/*
 * vanish.c - what a complete full feed did not name goes off sale
 *
 * Never more than SYNC_MAX_VANISH_PERCENT at once: a till that forgets half
 * its menu is more likely wrong than a shop that does.
 */
#include <stdio.h>

#include "sync/take.h"
#include "sync/vanish.h"

enum { SCAN = 500 };

struct vanished { int64_t all, open, of_open; };

/* Offers of the last feeds that this one did not name, and how many of them are
 * of open branches: that a closed one sells nothing is no mistake of the feed. */
static int
count_vanished(struct job *j, const struct seen *seen, struct vanished *v)
{
	int64_t ids[SCAN], after = 0;
	int open[SCAN], n;

	*v = (struct vanished){ 0 };
	do {
		if ((n = catalog_offers(j->db, after, ids, open, SCAN)) < 0)
			return n;
		for (int i = 0; i < n; i++) {
			v->of_open += open[i];
			if (seen_has(seen, ids[i]))
				continue;
			v->all++;
			v->open += open[i];
		}
		after = n > 0 ? ids[n - 1] : after;
	} while (n == SCAN);
	return DB_OK;
}

/* Those of ids that are not in seen (NULL: all). How many, or a db_status. */
static int
retire(struct job *j, const int64_t *ids, int n, const struct seen *seen,
    const struct catalog_rules *rules)
{
	int rc = DB_OK, gone = 0;

	for (int i = 0; i < n && rc == DB_OK; i++) {
		if (seen != NULL && seen_has(seen, ids[i]))
			continue;
		if (!db_in_transaction(j->db))
			rc = db_begin(j->db);
		if (rc == DB_OK)
			rc = catalog_retire(j->db, ids[i], rules);
		gone += rc == DB_OK;
		if (rc == DB_OK)
			rc = take_breath(j);
	}
	if (db_in_transaction(j->db) && db_end(j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	return rc < 0 ? rc : gone;
}

static int
is_too_much(const struct job *j, struct run *r, const struct vanished *v)
{
	if (v->open * 100 <= v->of_open * j->conf.sync_max_vanish_percent)
		return 0;
	snprintf(r->message, sizeof r->message, "%lld of %lld offers are missing in the feed, more "
	    "than SYNC_MAX_VANISH_PERCENT=%lld: none was taken off sale", (long long)v->open,
	    (long long)v->of_open, (long long)j->conf.sync_max_vanish_percent);
	return 1;
}

int
vanish_offers(struct job *j, struct run *r, const struct seen *seen,
    const struct catalog_rules *rules)
{
	int64_t ids[SCAN], after = 0;
	struct vanished v;
	int n, rc;

	if ((rc = count_vanished(j, seen, &v)) != DB_OK || v.all == 0)
		return rc;
	if (is_too_much(j, r, &v))
		return 1;
	do {
		if ((n = catalog_offers(j->db, after, ids, NULL, SCAN)) < 0)
			return n;
		if ((rc = retire(j, ids, n, seen, rules)) < 0)
			return rc;
		r->gone += rc;
		after = n > 0 ? ids[n - 1] : after;
	} while (n == SCAN);
	return DB_OK;
}

int
vanish_closed(struct job *j, const struct catalog_rules *rules)
{
	int64_t ids[SCAN];
	int n, rc;

	do {
		if ((n = catalog_offers_of_closed(j->db, ids, SCAN)) < 0)
			return n;
		if ((rc = retire(j, ids, n, NULL, rules)) < 0)
			return rc;
	} while (n == SCAN);
	return DB_OK;
}
