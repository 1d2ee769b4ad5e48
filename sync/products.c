/*
 * products.c - the till's dishes, prices and stock into ours
 *
 * Page by page: the network outside, each batch of rows in a transaction of a
 * few milliseconds. Unchanged rows are not written. Only a complete full feed
 * takes dishes off sale, never more than SYNC_MAX_VANISH_PERCENT of them; the
 * mark of a delta is kept only when the run finished (pos.md 2.4).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/feed.h"
#include "lib/shop/catalog.h"
#include "lib/shop/stock.h"
#include "sync/feeds.h"
#include "sync/names.h"
#include "sync/pictures.h"
#include "sync/seen.h"

enum {
	HOLD_MS = DB_HOLD_MS / 2,	/* so that a slow row still ends within DB_HOLD_MS */
	OFFERS_MAX = 2000,		/* branches of one dish */
	SCAN = 500, SETTLE = 100
};

enum { BRANCHES, PRODUCT, OFFERS, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BRANCHES] = { .sql =
	    "SELECT id, pos_branch_id FROM branch WHERE +is_active = 1 AND id > ?1"
	    " ORDER BY id LIMIT 2000" },
	[PRODUCT] = { .sql = "SELECT id FROM product WHERE pos_product_id = ?1" },
	[OFFERS] = { .sql = "SELECT id FROM product_branch WHERE product_id = ?1 LIMIT 2000" },
};
DB_STATEMENTS(sql);

struct ours { int64_t id; const char *key; };

/* One run's memory: our branches, the till's categories, what was seen. */
struct work {
	struct job *j;
	struct run *r;
	struct names *categories, *images;	/* NULL: rows hold the words themselves */
	struct arena *arena;			/* for the whole run */
	struct ours branch[OFFERS_MAX];		/* by key */
	size_t branch_count;
	const struct pos_sub *sub[OFFERS_MAX];	/* of the row at hand, beside branch */
	struct catalog_offer offer[OFFERS_MAX];
	int64_t offer_id[OFFERS_MAX];
	struct seen seen;			/* product_branch ids of this run */
	struct catalog_rules rules;
};

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct ours *)a)->key, ((const struct ours *)b)->key);
}

static int
load_branches(struct work *w)
{
	struct stmt *s = &sql[BRANCHES];
	int rc = db_query(w->j->db, s, "i", INT64_C(0));

	while (rc == DB_OK && (rc = db_row(w->j->db, s)) == 1) {
		w->branch[w->branch_count].id = db_int(s, 0);
		w->branch[w->branch_count].key = arena_str(w->arena, db_text(s, 1));
		if (w->branch[w->branch_count++].key == NULL)
			return DB_ERROR;
		rc = DB_OK;
	}
	qsort(w->branch, w->branch_count, sizeof *w->branch, by_key);
	return rc;
}

/* ---- one row */

static int
is_listed(const struct pos_cell *cell, const char *key)
{
	for (size_t i = 0; i < cell->key_count; i++)
		if (strcmp(cell->keys[i], key) == 0)
			return 1;
	return 0;
}

/* The branch's own value, else the row's. */
static const struct pos_cell *
cell(const struct pos_row *row, const struct pos_sub *sub, enum pos_field f)
{
	return sub != NULL && sub->f[f].set ? &sub->f[f] : &row->f[f];
}

/* Put the row's own branches beside ours. */
static void
match_subs(struct work *w, const struct pos_row *row)
{
	struct ours want, *at;

	memset(w->sub, 0, w->branch_count * sizeof *w->sub);
	for (size_t i = 0; i < row->branch_count; i++) {
		want.key = row->branches[i].key;
		at = bsearch(&want, w->branch, w->branch_count, sizeof *w->branch, by_key);
		if (at != NULL)
			w->sub[at - w->branch] = &row->branches[i];
	}
}

/* Is it sold there, by the row's own words? */
static int
is_on_sale(const struct pos_row *row, const struct pos_sub *sub, const char *branch)
{
	const struct pos_cell *sale = cell(row, sub, POS_SALE);

	if (row->f[POS_ONLY_BRANCHES].set && !is_listed(&row->f[POS_ONLY_BRANCHES], branch))
		return 0;
	if (row->f[POS_NOT_BRANCHES].set && is_listed(&row->f[POS_NOT_BRANCHES], branch))
		return 0;
	if (row->f[POS_CHOICE].number)
		return 0;
	return !sale->set || sale->number;
}

/* One offer per branch that has a price. The number. */
static size_t
make_offers(struct work *w, const struct pos_row *row)
{
	const struct pos_cell *price, *stock, *tracked;
	size_t n = 0;

	match_subs(w, row);
	for (size_t i = 0; i < w->branch_count; i++) {
		price = cell(row, w->sub[i], POS_PRICE);
		stock = cell(row, w->sub[i], POS_STOCK);
		tracked = cell(row, w->sub[i], POS_TRACKED);
		if (row->branch != NULL && strcmp(row->branch, w->branch[i].key) != 0)
			continue;
		if (!price->set)
			continue;
		w->offer[n++] = (struct catalog_offer){
			.branch_id = w->branch[i].id,
			.price = price->number,
			.stock = stock->set ? stock->number : DB_NULL,
			.stock_known = stock->set || (tracked->set && !tracked->number),
			.on_sale = is_on_sale(row, w->sub[i], w->branch[i].key),
		};
		if (tracked->set && !tracked->number)
			w->offer[n - 1].stock = DB_NULL;
	}
	return n;
}

/* Our id of the till's dish; 0 = none, else a db_status. */
static int64_t
product_id(struct work *w, const char *key)
{
	int64_t id = 0;
	int rc = db_find(w->j->db, &sql[PRODUCT], "s", key);

	if (rc == 1)
		id = db_int(&sql[PRODUCT], 0);
	db_done(&sql[PRODUCT]);
	return rc < 0 ? rc : id;
}

/* A delta row is a stock snapshot of its dish: what was taken before ends. */
static int
settle_row(struct work *w, const char *key, size_t offers)
{
	int64_t id = product_id(w, key);
	int rc = id < 0 ? (int)id : DB_OK;

	for (size_t i = 0; i < offers && rc >= 0; i++)
		if (w->offer[i].stock_known)
			rc = stock_settle(w->j->db, w->offer[i].branch_id, id, w->r->id, SETTLE);
	return rc < 0 ? rc : DB_OK;
}

/* Our offers of a dish: their number, or a db_status. */
static int
offers_of(struct work *w, const char *key, int64_t *ids)
{
	int64_t id = product_id(w, key);
	struct stmt *s = &sql[OFFERS];
	int n = 0, rc;

	if (id <= 0)
		return (int)id;
	rc = db_query(w->j->db, s, "i", id);
	while (rc == DB_OK && n < OFFERS_MAX && (rc = db_row(w->j->db, s)) == 1) {
		ids[n++] = db_int(s, 0);
		rc = DB_OK;
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

/* A delta names a deleted dish, often by its key only. 0 or a db_status. */
static int
take_off(struct work *w, const char *key)
{
	int64_t ids[OFFERS_MAX];
	int n = offers_of(w, key, ids), rc = n < 0 ? n : DB_OK;

	for (int i = 0; i < n && rc == DB_OK; i++)
		rc = catalog_retire(w->j->db, ids[i], &w->rules);
	w->r->gone += n > 0 && rc == DB_OK;
	return rc;
}

/* A row that cannot be used: the till has the dish, so it is not gone. 0 or a
 * db_status. */
static int
set_aside(struct work *w, const char *key, const char *why)
{
	int64_t ids[OFFERS_MAX];
	int n = 0;

	w->r->bad++;
	log_warn("row_aside", "feed=products key=%s why=%s", key != NULL ? key : "-", why);
	if (key != NULL && (n = offers_of(w, key, ids)) < 0)
		return n;
	for (int i = 0; i < n; i++)
		if (seen_add(&w->seen, ids[i]) == -1)
			return DB_ERROR;
	return DB_OK;
}

/* 0 or a db_status; counts in the run. */
static int
put_row(struct work *w, const struct pos_row *row)
{
	struct catalog_product p = {
		.key = row->key,
		.name = row->f[POS_NAME].text,
		.description = row->f[POS_DESCRIPTION].text,
		.category = names_find(w->categories, row->f[POS_CATEGORY].text),
		.image_url = row->f[POS_IMAGE].set ? row->f[POS_IMAGE].text :
		    names_find(w->images, row->f[POS_IMAGE_KEY].text),
	};
	size_t offers;
	int rc;

	w->r->seen++;
	if (row->f[POS_IS_GONE].set && row->f[POS_IS_GONE].number)
		return w->r->is_full ? DB_OK : take_off(w, p.key);
	if (p.name == NULL || *p.name == '\0')
		return set_aside(w, row->key, "\"no name\"");
	offers = make_offers(w, row);
	rc = catalog_put(w->j->db, &p, w->offer, offers, &w->rules, w->offer_id);
	if (rc < 0)
		return rc;
	*(rc == CATALOG_ADDED ? &w->r->added : rc == CATALOG_CHANGED ? &w->r->changed :
	    &w->r->unchanged) += 1;
	for (size_t i = 0; i < offers; i++)
		if (w->offer[i].on_sale && seen_add(&w->seen, w->offer_id[i]) == -1)
			return DB_ERROR;
	return w->r->is_full ? DB_OK : settle_row(w, p.key, offers);
}

static int
put_page(struct work *w, struct feed *f)
{
	const struct feed_aside *aside;
	const struct pos_row *row;
	int rc = db_begin(w->j->db);

	while (rc == DB_OK && (row = feed_row(f)) != NULL) {
		rc = put_row(w, row);
		if (rc == DB_OK && db_hold_ms(w->j->db) >= HOLD_MS &&
		    (rc = db_end(w->j->db, 1)) == DB_OK)
			rc = db_begin(w->j->db);
		run_show(w->j, w->r);
	}
	if (db_in_transaction(w->j->db) && db_end(w->j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	while (rc == DB_OK && (aside = feed_aside(f)) != NULL) {
		w->r->seen++;
		rc = set_aside(w, aside->key, aside->why);
	}
	return rc;
}

/* ---- what is gone */

struct vanished { int64_t all, open, of_open; };

/* Offers of the last feeds that this one did not name, and how many of them are
 * of open branches: that a closed one sells nothing is no mistake of the feed. */
static int
count_vanished(struct work *w, struct vanished *v)
{
	int64_t ids[SCAN], after = 0;
	int open[SCAN], n;

	*v = (struct vanished){ 0 };
	do {
		if ((n = catalog_offers(w->j->db, after, ids, open, SCAN)) < 0)
			return n;
		for (int i = 0; i < n; i++) {
			v->of_open += open[i];
			if (seen_has(&w->seen, ids[i]))
				continue;
			v->all++;
			v->open += open[i];
		}
		after = n > 0 ? ids[n - 1] : after;
	} while (n == SCAN);
	return DB_OK;
}

static int
retire_batch(struct work *w, const int64_t *ids, int n)
{
	int rc = DB_OK;

	for (int i = 0; i < n && rc == DB_OK; i++) {
		if (seen_has(&w->seen, ids[i]))
			continue;
		if (!db_in_transaction(w->j->db))
			rc = db_begin(w->j->db);
		if (rc == DB_OK)
			rc = catalog_retire(w->j->db, ids[i], &w->rules);
		w->r->gone += rc == DB_OK;
		if (rc == DB_OK && db_hold_ms(w->j->db) >= HOLD_MS)
			rc = db_end(w->j->db, 1);
	}
	if (db_in_transaction(w->j->db) && db_end(w->j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	return rc;
}

/* 0, a db_status, or 1: too many, nothing is changed (message says so). */
static int
retire(struct work *w)
{
	int64_t ids[SCAN], after = 0;
	struct vanished v;
	int n, rc;

	if ((rc = count_vanished(w, &v)) != DB_OK || v.all == 0)
		return rc;
	if (v.open * 100 > v.of_open * w->j->conf.sync_max_vanish_percent) {
		snprintf(w->r->message, sizeof w->r->message, "%lld of %lld offers are missing in "
		    "the feed, more than SYNC_MAX_VANISH_PERCENT=%lld: none was taken off sale",
		    (long long)v.open, (long long)v.of_open,
		    (long long)w->j->conf.sync_max_vanish_percent);
		return 1;
	}
	do {
		if ((n = catalog_offers(w->j->db, after, ids, NULL, SCAN)) < 0)
			return n;
		if ((rc = retire_batch(w, ids, n)) != DB_OK)
			return rc;
		after = n > 0 ? ids[n - 1] : after;
	} while (n == SCAN);
	return DB_OK;
}

/* The whole branch was counted: reservations that are in the counts end. */
static int
settle_all(struct work *w)
{
	int rc = DB_OK, n;

	for (size_t i = 0; i < w->branch_count && rc == DB_OK; i++)
		do {
			if ((rc = db_begin(w->j->db)) != DB_OK)
				return rc;
			n = stock_settle(w->j->db, w->branch[i].id, DB_NULL, w->r->id, SETTLE);
			rc = n < 0 ? n : DB_OK;
			if (db_end(w->j->db, n > 0) != DB_OK)
				rc = DB_ERROR;
		} while (rc == DB_OK && n == SETTLE);
	return rc;
}

/* ---- the run */

static int
keep_mark(struct work *w, const char *mark)
{
	int rc;

	if (*mark == '\0')
		return DB_OK;
	if ((rc = db_begin(w->j->db)) != DB_OK)
		return rc;
	rc = run_keep_mark(w->j, w->r, mark);
	return db_end(w->j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

/* A finished feed's last steps: an exit code. */
static int
finish(struct work *w, const struct feed_end *end)
{
	int rc;

	if (w->r->is_full && !end->complete) {
		snprintf(w->r->message, sizeof w->r->message,
		    "the feed was not complete (%.300s): nothing was taken off sale",
		    *end->message != '\0' ? end->message : "no rows");
		return EX_PROTOCOL;
	}
	if (w->r->is_full && (rc = retire(w)) != DB_OK)
		return rc == 1 ? EX_PROTOCOL : EX_TEMPFAIL;
	if (w->r->is_full && settle_all(w) != DB_OK)
		return EX_TEMPFAIL;
	return keep_mark(w, end->mark) == DB_OK ? EX_OK : EX_TEMPFAIL;
}

/* The exit code; r->message says why when it is not EX_OK. */
static int
read_all(struct work *w, const char *since)
{
	struct job *j = w->j;
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){ .what = FEED_PRODUCTS,
		.since = since, .bad_percent = (int)j->conf.sync_max_bad_percent });
	int more = -1, rc = DB_OK, code = EX_TEMPFAIL;

	if (f == NULL) {
		snprintf(w->r->message, sizeof w->r->message, "the profile lists no products");
		return EX_CONFIG;
	}
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1)
		rc = put_page(w, f);
	if (rc == DB_OK && more == 0)
		code = finish(w, feed_end(f));
	else if (rc == DB_OK && more == -1)
		code = run_fail(w->r, feed_end(f)->outcome, feed_end(f)->message);
	if (code == EX_TEMPFAIL && *w->r->message == '\0')
		snprintf(w->r->message, sizeof w->r->message, "%.400s", db_error(j->db));
	feed_close(f);
	return code;
}

static void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	names_free(w->categories);
	names_free(w->images);
	arena_free(w->arena);
	seen_free(&w->seen);
	free(w);
}

int
feed_products(struct job *j, int is_full)
{
	struct work *w = calloc(1, sizeof *w);
	const char *since = NULL;
	struct run r;
	int code;

	arena_reset(j->arena);
	if (!is_full && feed_can_since(till_pos(j->till), FEED_PRODUCTS))
		since = run_mark(j, "products");
	if (w == NULL || (w->arena = arena_new(JOB_ARENA)) == NULL ||
	    run_begin(j, &r, "products", since == NULL) != DB_OK) {
		work_free(w);
		return EX_TEMPFAIL;
	}
	w->j = j;
	w->r = &r;
	w->rules = (struct catalog_rules){ .hide_zero_stock = (int)j->conf.hide_zero_stock,
		.now = clock_now() };
	code = catalog_obey(j->db, &w->rules) < 0 ? EX_TEMPFAIL : EX_OK;
	if (code == EX_OK)
		code = names_load(j, FEED_CATEGORIES, POS_NAME, &w->categories, r.message);
	if (code == EX_OK)
		code = names_load(j, FEED_IMAGES, POS_URL, &w->images, r.message);
	if (code == EX_OK)
		code = load_branches(w) == DB_OK ? read_all(w, since) : EX_TEMPFAIL;
	if (code == EX_OK && pictures_look_up(j) != DB_OK)
		code = EX_TEMPFAIL;
	work_free(w);
	return run_finish(j, &r, code);
}
