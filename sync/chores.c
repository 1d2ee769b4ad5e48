/* chores.c - what pos-sync does beside asking the till; see chores.h */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/broadcast.h"
#include "lib/shop/catalog.h"
#include "lib/shop/deadline.h"
#include "lib/shop/prune.h"
#include "sync/chores.h"

enum {
	STOPS = 100,		/* ended at a time */
	PRUNE_MS = 30 * 1000	/* for old rows, of a daily run */
};

/* Dishes whose stop is over can be had again, also without branch. */
static int
end_stops(struct job *j)
{
	int rc = catalog_stops_over(j->db, clock_now());

	if (rc != 1)
		return rc;
	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	rc = catalog_end_stops(j->db, clock_now(), STOPS);
	return db_end(j->db, rc >= 0) != DB_OK || rc < 0 ? DB_ERROR : DB_OK;
}

void
chores_stops(struct job *j)
{
	if (end_stops(j) != DB_OK)
		log_warn("stops", "why=%s", db_error(j->db));
}

void
chores_prune(struct job *j)
{
	int64_t n = prune_run(j->db, PRUNE_MS);

	if (n < 0)
		log_warn("prune", "why=%s", db_error(j->db));
	else if (n > 0)
		log_info("prune", "rows=%lld", (long long)n);
}

void
chores_deadlines(struct job *j)
{
	int64_t counts[DEADLINES] = { 0 };

	if (deadline_run(j->db, &j->conf, counts) != DB_OK)
		log_warn("deadlines", "why=%s", db_error(j->db));
	chores_stops(j);
}

int
chores_broadcasts(struct job *j, int most)
{
	int rc = 1;

	for (int i = 0; i < most && rc == 1 && !job_signalled(); i++)
		rc = broadcast_step(j->db);
	if (rc < 0)
		log_warn("broadcast", "why=%s", db_error(j->db));
	return rc == 1;
}
