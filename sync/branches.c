/*
 * branches.c - the till's branches into ours, and the stores that serve them
 *
 * Only a complete feed takes branches off, never more than
 * SYNC_MAX_VANISH_PERCENT of them (but one); an empty one is an error of the
 * till, not the end of the chain. Dishes of a closed branch leave the lists at
 * once; one that is new or open again has its dishes read anew.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/feed.h"
#include "lib/shop/branch.h"
#include "lib/shop/branch_depot.h"
#include "lib/shop/hours.h"
#include "sync/feeds.h"
#include "sync/take.h"
#include "sync/vanish.h"

enum { BRANCHES_MAX = 20000, DEPOTS_MAX = 100 };

enum { KNOWN, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[KNOWN] = { .sql = "SELECT id FROM branch WHERE pos_branch_id = ?1" },
};
DB_STATEMENTS(sql);

struct work {
	struct job *j;
	struct run *r;
	size_t count;
	int64_t seen[BRANCHES_MAX];	/* our ids of those that it names */
};

static const char *
text(const struct pos_row *row, enum pos_field f)
{
	return row->f[f].set ? row->f[f].text : NULL;
}

/* Hours that we do not understand are left out and said: better none than wrong. */
static const char *
hours(struct job *j, struct run *r, const struct pos_row *row)
{
	const char *json = text(row, POS_HOURS);
	char why[160];

	if (json == NULL || hours_check(j->arena, json, why) == 0)
		return json;
	log_warn("branch_hours", "branch=%s why=%s", row->key, why);
	snprintf(r->message, sizeof r->message, "branch %.60s: its hours were left out: %.160s",
	    row->key, why);
	return NULL;
}

/* A row that cannot be used: the till has the branch, so it stays. 0 or a db_status. */
static int
set_aside(void *arg, const char *key, const char *why)
{
	struct work *w = arg;
	struct db *db = w->j->db;
	int rc = key == NULL ? 0 : db_find(db, &sql[KNOWN], "s", key);

	w->r->bad++;
	log_warn("row_aside", "feed=branches key=%s why=%s", key != NULL ? key : "-", why);
	if (rc == 1 && w->count < BRANCHES_MAX)
		w->seen[w->count++] = db_int(&sql[KNOWN], 0);
	db_done(&sql[KNOWN]);
	return rc < 0 ? rc : DB_OK;
}

/* What changes of dishes told before is not enough for this branch any more. */
static int
read_anew(struct job *j)
{
	int rc = run_forget_mark(j, "products");

	return rc != DB_OK ? rc : run_forget_mark(j, "stock");
}

/* The stores that serve it. 1 changed, 0 not, else a db_status. */
static int
put_depots(struct work *w, const struct pos_row *row, int64_t id)
{
	const char *keys[DEPOTS_MAX];
	size_t n = row->depot_count < DEPOTS_MAX ? row->depot_count : DEPOTS_MAX;

	if (feed_per(till_pos(w->j->till), FEED_STOCK) != FEED_PER_DEPOT)
		return 0;
	for (size_t i = 0; i < n; i++)
		keys[i] = row->depots[i].key;
	return branch_set_depots(w->j->db, id, keys, n);
}

/* 0 or a db_status; counts in the run. */
static int
put_news(struct work *w, const struct pos_row *row, const struct branch_news *news)
{
	int64_t id = 0;
	int rc = branch_put(w->j->db, news, clock_now(), &id), moved;

	if (rc < 0)
		return rc;
	w->seen[w->count++] = id;
	if ((moved = put_depots(w, row, id)) < 0)
		return moved;
	if (rc == BRANCH_UNCHANGED && moved)
		rc = BRANCH_CHANGED;
	*(rc == BRANCH_ADDED ? &w->r->added : rc == BRANCH_UNCHANGED ? &w->r->unchanged :
	    &w->r->changed) += 1;
	return rc == BRANCH_ADDED || rc == BRANCH_BACK || moved ? read_anew(w->j) : DB_OK;
}

/* 0 or a db_status. */
static int
put_row(void *arg, const struct pos_row *row)
{
	struct work *w = arg;
	struct branch_news news = {
		.key = row->key,
		.name = text(row, POS_NAME),
		.address = text(row, POS_ADDRESS),
		.phone = text(row, POS_PHONE),
		.hours = hours(w->j, w->r, row),
		.timezone = w->j->conf.default_timezone,
		.latitude = row->f[POS_LATITUDE].set ? row->f[POS_LATITUDE].real : NAN,
		.longitude = row->f[POS_LONGITUDE].set ? row->f[POS_LONGITUDE].real : NAN,
	};

	if (row->f[POS_IS_GONE].number)
		return DB_OK;
	if (news.name == NULL || w->count == BRANCHES_MAX)
		return set_aside(w, row->key, news.name == NULL ? "\"no name\"" :
		    "\"too many branches\"");
	return put_news(w, row, &news);
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* 1: too many are missing, the run's message says so. */
static int
is_too_much(struct work *w, int open, int missing)
{
	const int64_t percent = w->j->conf.sync_max_vanish_percent;

	if (missing <= 1 || missing * INT64_C(100) <= open * percent)
		return 0;
	snprintf(w->r->message, sizeof w->r->message, "%d of %d branches are missing in the feed, "
	    "more than SYNC_MAX_VANISH_PERCENT=%lld: none was closed", missing, open,
	    (long long)percent);
	return 1;
}

/* Those that a complete feed did not name. 0, 1 too many, or a db_status. */
static int
retire(struct work *w)
{
	struct db *db = w->j->db;
	int open, missing, rc;

	qsort(w->seen, w->count, sizeof *w->seen, by_id);
	if ((rc = branch_missing(db, w->seen, w->count, &open, &missing)) != DB_OK)
		return rc;
	if (is_too_much(w, open, missing))
		return 1;
	if (missing > 0) {
		if ((rc = db_begin(db)) != DB_OK)
			return rc;
		if ((rc = branch_retire(db, w->seen, w->count, clock_now())) >= 0)
			w->r->gone = rc;
		if (db_end(db, rc >= 0) != DB_OK || rc < 0)
			return DB_ERROR;
	}
	/* also those of a run before that was killed here */
	return vanish_closed(w->j, &(struct catalog_rules){ .now = clock_now(),
		.hide_zero_stock = (int)w->j->conf.hide_zero_stock });
}

/* The list was read to its end: an exit code. */
static int
finish(struct work *w, const struct feed_end *end)
{
	int rc;

	if (w->count == 0)
		snprintf(w->r->message, sizeof w->r->message,
		    "the till names no branches: nothing is changed");
	else if (!end->complete)
		snprintf(w->r->message, sizeof w->r->message,
		    "a branch came without its key: none was closed");
	if (w->count == 0 || !end->complete)
		return EX_PROTOCOL;
	rc = retire(w);
	return rc == DB_OK ? EX_OK : rc == 1 ? EX_PROTOCOL : EX_TEMPFAIL;
}

/* The exit code; the run's message says why when it is not EX_OK. */
static int
read_all(struct work *w)
{
	struct job *j = w->j;
	const struct taker taker = { put_row, set_aside, w };
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){
		.what = FEED_BRANCHES, .bad_percent = (int)j->conf.sync_max_bad_percent });
	int more = 1, rc = DB_OK, code = EX_TEMPFAIL;

	if (f == NULL) {
		snprintf(w->r->message, sizeof w->r->message, "the profile lists no branches");
		return EX_CONFIG;
	}
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1) {
		rc = take_page(j, w->r, f, &taker);
		arena_reset(j->arena);
	}
	if (rc == DB_OK && more == 0)
		code = finish(w, feed_end(f));
	else if (rc == DB_OK && more == -1)
		code = run_fail(w->r, feed_end(f)->outcome, feed_end(f)->message);
	if (code == EX_TEMPFAIL && *w->r->message == '\0')
		snprintf(w->r->message, sizeof w->r->message, "%.400s", db_error(j->db));
	feed_close(f);
	return code;
}

int
feed_branches(struct job *j, int is_full)
{
	struct work *w = calloc(1, sizeof *w);
	struct run r;
	int code;

	(void)is_full;	/* it always is: no till tells changes of branches only */
	if (w == NULL || run_begin(j, &r, "branches", 1) != DB_OK) {
		free(w);
		return EX_TEMPFAIL;
	}
	w->j = j;
	w->r = &r;
	code = read_all(w);
	free(w);
	return run_finish(j, &r, code);
}
