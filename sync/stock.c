/*
 * stock.c - the till's stock list into ours, where it has one
 *
 * The list may tell all branches at once, one branch at a time, or one store
 * (depot) at a time: then the stores of a branch are added up, and only when
 * all of them were read, so that half a branch is never shown as the whole.
 * A dish that is not named keeps its count: absent is unknown, never 0. Of a
 * new dish none can be had until the list has told; what a list that was read
 * whole has not told is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/branch_depot.h"
#include "lib/shop/catalog.h"
#include "sync/feeds.h"
#include "sync/release.h"
#include "sync/take.h"

enum {
	SHARED_MAX = 100,			/* dishes of one row of the list */
	AWAITED_MAX = 20,			/* written in one transaction */
	SUMS_MAX = 2 * 1000 * 1000		/* product ids: 48 MB at the most */
};

enum { BY_KEY, BY_STOCK_KEY, LAST_PRODUCT, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BY_KEY] = { .sql = "SELECT id FROM product WHERE pos_product_id = ?1 LIMIT 100" },
	[BY_STOCK_KEY] = { .sql = "SELECT id FROM product WHERE pos_stock_key = ?1 LIMIT 100" },
	[LAST_PRODUCT] = { .sql = "SELECT max(id) FROM product" },
};
DB_STATEMENTS(sql);

/* What the stores read so far have of a dish. */
struct sum {
	int64_t all, last;	/* last: of the store at hand, should it be named twice */
	int32_t stores;		/* how many have told it */
	int32_t in;		/* number of the store that told `last` */
};

/* Branches that share their stores, or one that is asked for by its own key. */
struct round {
	const char *const *asks;
	size_t ask_count;	/* 0: the one list, without a name */
	const struct our_branch *const *branches;
	size_t branch_count;
};

struct work {
	struct job *j;
	struct run *r;
	struct arena *arena;		/* for the whole run */
	struct ours ours;
	struct stmt *find;
	const struct round *round;
	struct sum *sums;		/* by product id; NULL: rows are written as they come */
	int64_t sum_count;
	int32_t ask;			/* number of the store at hand, from 1 */
	struct seen counted;		/* product_branch ids */
	struct seen aside;		/* product ids of rows that were set aside */
	int is_blind;			/* of one not even the key could be read, or is kept */
	struct catalog_rules rules;
	char mark[FEED_MARK];
};

/* ---- rows */

/* Our dishes of a row: their number, or a db_status. */
static int
find_products(struct work *w, const char *key, int64_t ids[SHARED_MAX])
{
	int n = 0, rc = db_query(w->j->db, w->find, "s", key);

	while (rc == DB_OK && n < SHARED_MAX && (rc = db_row(w->j->db, w->find)) == 1) {
		ids[n++] = db_int(w->find, 0);
		rc = DB_OK;
	}
	db_done(w->find);
	return rc < 0 ? rc : n;
}

/* 1 changed, 0 not, else a db_status. */
static int
set_count(struct work *w, int64_t product_id, int64_t branch_id, int64_t count)
{
	int64_t id;
	int rc = catalog_set_stock(w->j->db, product_id, branch_id, count, &w->rules, &id);

	if (rc < 0)
		return rc;
	if (seen_add(&w->counted, id) == -1)
		return DB_ERROR;
	return rc != CATALOG_UNCHANGED;
}

/* In all branches that it is about. 1 changed, 0 not, else a db_status. */
static int
set_counts(struct work *w, int64_t product_id, const struct our_branch *only, int64_t count)
{
	int changed = 0, rc;

	if (only != NULL)
		return set_count(w, product_id, only->id, count);
	for (size_t i = 0; i < w->round->branch_count; i++) {
		rc = set_count(w, product_id, w->round->branches[i]->id, count);
		if (rc < 0)
			return rc;
		changed |= rc;
	}
	return changed;
}

static int
count_row(struct work *w, int changed)
{
	if (changed < 0)
		return changed;
	*(changed ? &w->r->changed : &w->r->unchanged) += 1;
	return DB_OK;
}

/* A store that names a dish twice means the later row. */
static void
add_up(struct work *w, int64_t product_id, const struct pos_cell *stock)
{
	struct sum *s;

	if (product_id >= w->sum_count)
		return;		/* it came while we read */
	s = &w->sums[product_id];
	if (s->in == w->ask)
		s->all -= s->last;
	else
		s->stores++;
	s->in = w->ask;
	s->last = stock->number - stock->below;
	s->all += s->last;
}

/* 0 or a db_status. */
static int
put_row(void *arg, const struct pos_row *row)
{
	struct work *w = arg;
	const struct pos_cell *stock = &row->f[POS_STOCK], *tracked = &row->f[POS_TRACKED];
	const struct our_branch *only = NULL;
	const int is_counted = !tracked->set || tracked->number;
	int64_t ids[SHARED_MAX];
	int n, changed = 0, rc = 0;

	if ((is_counted && !stock->set) ||
	    (row->branch != NULL && (only = ours_find(&w->ours, row->branch)) == NULL))
		return count_row(w, 0);
	if ((n = find_products(w, row->key, ids)) < 0)
		return n;
	for (int i = 0; i < n && rc >= 0; i++) {
		if (w->sums != NULL && is_counted)
			add_up(w, ids[i], stock);
		else
			rc = set_counts(w, ids[i], only, is_counted ? stock->number : DB_NULL);
		changed |= rc > 0;
	}
	return w->sums != NULL && is_counted ? DB_OK : count_row(w, rc < 0 ? rc : changed);
}

static int
set_aside(void *arg, const char *key, const char *why)
{
	struct work *w = arg;
	int64_t ids[SHARED_MAX];
	int n = 0;

	w->r->bad++;
	log_warn("row_aside", "feed=stock key=%s why=%s", key != NULL ? key : "-", why);
	w->is_blind |= key == NULL;
	if (key != NULL && (n = find_products(w, key, ids)) < 0)
		return n;
	for (int i = 0; i < n; i++)
		if (seen_add(&w->aside, ids[i]) == -1)
			return DB_ERROR;
	return DB_OK;
}

/* ---- several stores of one branch */

static int
begin_sums(struct work *w)
{
	int rc = db_find(w->j->db, &sql[LAST_PRODUCT], "");

	w->sum_count = rc != 1 || db_is_null(&sql[LAST_PRODUCT], 0) ? 1 :
	    db_int(&sql[LAST_PRODUCT], 0) + 1;
	db_done(&sql[LAST_PRODUCT]);
	if (rc < 0)
		return rc;
	if (w->sum_count > SUMS_MAX)
		w->sum_count = SUMS_MAX;
	w->sums = calloc((size_t)w->sum_count, sizeof *w->sums);
	return w->sums == NULL ? DB_ERROR : DB_OK;
}

/* Every store was read: what they have together. 0 or a db_status. */
static int
put_sums(struct work *w)
{
	int rc = db_begin(w->j->db);

	for (int64_t id = 1; id < w->sum_count && rc == DB_OK; id++) {
		if (w->sums[id].stores == 0)
			continue;
		rc = count_row(w, set_counts(w, id, NULL,
		    w->sums[id].all > 0 ? w->sums[id].all : 0));
		if (rc == DB_OK)
			rc = take_breath(w->j);
	}
	if (db_in_transaction(w->j->db) && db_end(w->j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	return rc;
}

/* ---- the run */

/* Rows were set aside of which nobody could tell us whose they are. */
static int
is_blind(const struct feed_end *end, const char *since)
{
	return since == NULL && !end->complete && end->rows + end->aside > 0;
}

/* One list: an exit code. */
static int
read_list(struct work *w, const char *ask, const char *since)
{
	struct job *j = w->j;
	const struct taker taker = { put_row, set_aside, w };
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){ .what = FEED_STOCK,
		.since = since, .depot = ask, .bad_percent = (int)j->conf.sync_max_bad_percent });
	int more = 1, rc = DB_OK, code = EX_TEMPFAIL;

	if (f == NULL)
		return EX_OSERR;
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1)
		rc = take_page(j, w->r, f, &taker);
	if (rc == DB_OK && more == 0)
		code = EX_OK;
	else if (rc == DB_OK && more == -1)
		code = run_fail(w->r, feed_end(f)->outcome, feed_end(f)->message);
	w->is_blind |= is_blind(feed_end(f), since);
	if (*w->mark == '\0')	/* the first is the oldest */
		memcpy(w->mark, feed_end(f)->mark, sizeof w->mark);
	feed_close(f);
	return code;
}

/* All lists of one round: an exit code. */
static int
read_round(struct work *w, const struct round *round, const char *since)
{
	int code = EX_OK;

	w->round = round;
	if (round->ask_count == 0)
		return read_list(w, NULL, since);
	if (round->ask_count > 1 && begin_sums(w) != DB_OK)
		return EX_OSERR;
	w->ask = 0;
	for (size_t i = 0; i < round->ask_count && code == EX_OK; i++) {
		w->ask++;
		code = read_list(w, round->asks[i], since);
	}
	if (code == EX_OK && w->sums != NULL && put_sums(w) != DB_OK)
		code = EX_TEMPFAIL;
	free(w->sums);
	w->sums = NULL;
	return code;
}

static int
read_per_branch(struct work *w, const char *since)
{
	const struct our_branch *one;
	const char *ask;
	int code = EX_OK;

	for (size_t i = 0; i < w->ours.count && code == EX_OK; i++) {
		one = &w->ours.list[i];
		ask = one->key;
		code = read_round(w, &(struct round){ &ask, 1, &one, 1 }, since);
	}
	return code;
}

/* A run of the same branch in the list of stores: where it ends. */
static size_t
same_branch(const struct branch_depot *all, size_t count, size_t from)
{
	size_t to = from;

	while (to < count && all[to].branch_id == all[from].branch_id)
		to++;
	return to;
}

static int
have_same(const struct branch_depot *a, const struct branch_depot *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i].depot, b[i].depot) != 0)
			return 0;
	return 1;
}

static const struct our_branch *
by_id(const struct ours *o, int64_t id)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].id == id)
			return &o->list[i];
	return NULL;
}

/* The branches of which all[from] to all[to] are the stores, from is the first. How
 * many; 0 when an earlier branch has the same stores and was asked with it. */
static size_t
sharers(const struct work *w, const struct branch_depot *all, size_t count, size_t from,
    const struct our_branch **out)
{
	size_t stores = same_branch(all, count, from) - from, end, n = 0;

	for (size_t at = 0; at < count; at = end) {
		end = same_branch(all, count, at);
		if (end - at != stores || !have_same(&all[at], &all[from], stores))
			continue;
		if (at < from)
			return 0;
		if ((out[n] = by_id(&w->ours, all[at].branch_id)) != NULL)
			n++;
	}
	return n;
}

static int
read_per_depot(struct work *w, const char *since)
{
	const struct our_branch *branches[OURS_MAX];
	struct branch_depot *all;
	const char **asks;
	size_t count, end, n;
	int code = EX_OK, found = branch_depots(w->j->db, w->arena, &all);

	if (found < 0)
		return EX_TEMPFAIL;
	count = (size_t)found;
	if ((asks = arena_get(w->arena, (count + 1) * sizeof *asks)) == NULL)
		return EX_OSERR;
	if (count == 0) {	/* nothing was asked: that is no word on any dish */
		snprintf(w->r->message, sizeof w->r->message,
		    "no branch has a depot: pos-sync --only branches reads which");
		return EX_PROTOCOL;
	}
	for (size_t from = 0; from < count && code == EX_OK; from = end) {
		end = same_branch(all, count, from);
		if ((n = sharers(w, all, count, from, branches)) == 0)
			continue;
		for (size_t i = from; i < end; i++)
			asks[i - from] = all[i].depot;
		code = read_round(w, &(struct round){ asks, end - from, branches, n },
		    end - from > 1 ? NULL : since);	/* changes do not add up */
	}
	return code;
}

static int
read_all(struct work *w, const char *since)
{
	const struct our_branch *all[OURS_MAX];

	switch (feed_per(till_pos(w->j->till), FEED_STOCK)) {
	case FEED_PER_BRANCH:
		return read_per_branch(w, since);
	case FEED_PER_DEPOT:
		return read_per_depot(w, since);
	default:
		for (size_t i = 0; i < w->ours.count; i++)
			all[i] = &w->ours.list[i];
		return read_round(w, &(struct round){ NULL, 0, all, w->ours.count }, since);
	}
}

/* A full list has not named them: the till does not count them. 0 or a db_status. */
static int
await_no_longer(struct work *w)
{
	struct catalog_awaited list[AWAITED_MAX];
	int64_t after = 0, id;
	int n, rc = DB_OK;

	while (!w->is_blind && rc == DB_OK &&
	    (n = catalog_awaited(w->j->db, after, list, AWAITED_MAX)) != 0) {
		if (n < 0 || (rc = db_begin(w->j->db)) != DB_OK)
			return n < 0 ? n : rc;
		for (int i = 0; i < n && rc >= 0; i++)
			if (!seen_has(&w->aside, list[i].product_id))
				rc = catalog_set_stock(w->j->db, list[i].product_id,
				    list[i].branch_id, DB_NULL, &w->rules, &id);
		rc = rc < 0 ? rc : DB_OK;
		if (db_end(w->j->db, rc == DB_OK) != DB_OK)
			rc = DB_ERROR;
		after = list[n - 1].id;
	}
	return rc;
}

static int
work(struct work *w, const char *since)
{
	int code;

	if (ours_load(w->j, w->arena, &w->ours) != DB_OK)
		code = EX_TEMPFAIL;
	else
		code = read_all(w, since);
	if (code == EX_OK && w->r->is_full && await_no_longer(w) != DB_OK)
		code = EX_TEMPFAIL;
	if (code == EX_OK &&
	    (release_counted(w->j, w->r, &w->ours, &w->counted) != DB_OK ||
	    run_finish_mark(w->j, w->r, w->mark) != DB_OK))
		code = EX_TEMPFAIL;
	if (code == EX_TEMPFAIL && *w->r->message == '\0')
		snprintf(w->r->message, sizeof w->r->message, "%.400s", db_error(w->j->db));
	return code;
}

int
feed_stock(struct job *j, int is_full)
{
	struct work *w = calloc(1, sizeof *w);
	struct pos *pos = till_pos(j->till);
	const char *since = NULL;
	struct run r;
	int code = EX_TEMPFAIL;

	arena_reset(j->arena);
	if (!is_full && feed_can_since(pos, FEED_STOCK))
		since = run_mark(j, "stock");
	if (w != NULL && (w->arena = arena_new(JOB_ARENA)) != NULL &&
	    run_begin(j, &r, "stock", since == NULL) == DB_OK) {
		w->j = j;
		w->r = &r;
		w->find = &sql[feed_sets(pos, FEED_PRODUCTS, POS_STOCK_KEY) ? BY_STOCK_KEY : BY_KEY];
		w->rules = (struct catalog_rules){ .hide_zero_stock = (int)j->conf.hide_zero_stock,
			.now = clock_now() };
		code = run_finish(j, &r, work(w, since));
	}
	if (w != NULL) {
		arena_free(w->arena);
		seen_free(&w->counted);
		seen_free(&w->aside);
	}
	free(w);
	return code;
}
