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
#include "sync/feeds.h"
#include "sync/names.h"
#include "sync/pictures.h"
#include "sync/release.h"
#include "sync/take.h"
#include "sync/vanish.h"

enum { PRODUCT, OFFERS, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[PRODUCT] = { .sql = "SELECT id FROM product WHERE pos_product_id = ?1" },
	[OFFERS] = { .sql = "SELECT id FROM product_branch WHERE product_id = ?1 LIMIT 2000" },
};
DB_STATEMENTS(sql);

/* One run's memory: our branches, the till's categories, what was seen. */
struct work {
	struct job *j;
	struct run *r;
	struct names *categories, *images;	/* NULL: rows hold the words themselves */
	struct arena *arena;			/* for the whole run */
	struct ours ours;
	const char *asked;			/* the branch whose list it is; NULL = of all */
	const struct pos_sub *sub[OURS_MAX];	/* of the row at hand, beside ours */
	struct catalog_offer offer[OURS_MAX];
	int64_t offer_id[OURS_MAX];
	struct seen seen;			/* product_branch ids that are on sale */
	struct seen counted;			/* those whose count was told */
	struct catalog_rules rules;
	int counts_apart, has_stock_keys;	/* the till has a stock list, with keys of its own */
	int recounts;			/* it is read whole next time, as was noted */
	int is_complete;
	char mark[FEED_MARK];
};

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
	const struct our_branch *at;

	memset(w->sub, 0, w->ours.count * sizeof *w->sub);
	for (size_t i = 0; i < row->branch_count; i++)
		if ((at = ours_find(&w->ours, row->branches[i].key)) != NULL)
			w->sub[at - w->ours.list] = &row->branches[i];
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
	if (row->f[POS_CHOICE].number || (sub != NULL && sub->f[POS_IS_GONE].number))
		return 0;
	return !sale->set || sale->number;
}

/* One offer per branch that has a price. The number. */
static size_t
make_offers(struct work *w, const struct pos_row *row)
{
	const char *whose = row->branch != NULL ? row->branch : w->asked, *key;
	const struct pos_cell *price, *stock, *tracked;
	size_t n = 0;

	match_subs(w, row);
	for (size_t i = 0; i < w->ours.count; i++) {
		key = w->ours.list[i].key;
		price = cell(row, w->sub[i], POS_PRICE);
		stock = cell(row, w->sub[i], POS_STOCK);
		tracked = cell(row, w->sub[i], POS_TRACKED);
		if (!price->set || (whose != NULL && strcmp(whose, key) != 0))
			continue;
		w->offer[n++] = (struct catalog_offer){
			.branch_id = w->ours.list[i].id,
			.price = price->number,
			.stock = stock->set ? stock->number : DB_NULL,
			.stock_known = stock->set,
			.is_untracked = tracked->set && !tracked->number,
			.is_awaited = w->counts_apart && (!w->has_stock_keys ||
			    row->f[POS_STOCK_KEY].set),
			.on_sale = is_on_sale(row, w->sub[i], key),
		};
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
	while (rc == DB_OK && n < OURS_MAX && (rc = db_row(w->j->db, s)) == 1) {
		ids[n++] = db_int(s, 0);
		rc = DB_OK;
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

/* The till names a deleted dish, often by its key only. 0 or a db_status. */
static int
take_off(struct work *w, const char *key)
{
	int64_t ids[OURS_MAX];
	int n = offers_of(w, key, ids), rc = n < 0 ? n : DB_OK;

	for (int i = 0; i < n && rc == DB_OK; i++)
		rc = catalog_retire(w->j->db, ids[i], &w->rules);
	w->r->gone += n > 0 && rc == DB_OK;
	return rc;
}

/* A row that cannot be used: the till has the dish, so it is not gone, and what
 * is held of it stays held. 0 or a db_status. */
static int
set_aside(void *arg, const char *key, const char *why)
{
	struct work *w = arg;
	int64_t ids[OURS_MAX];
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

/* What came of a row, in the run's numbers. 0 or a db_status. */
static int
count_row(struct work *w, const struct pos_row *row, enum catalog_change change)
{
	if (row->f[POS_CHOICE].number)
		run_note_choice(w->r, row->f[POS_NAME].text);
	else if (change == CATALOG_ADDED)
		w->r->added++;
	else if (change == CATALOG_UNCHANGED)
		w->r->unchanged++;
	else
		w->r->changed++;
	/* its count may be older than the stock list's mark */
	if (change < CATALOG_WIDENED || !w->counts_apart || w->recounts)
		return DB_OK;
	w->recounts = 1;
	return run_forget_mark(w->j, "stock");
}

static int
note_offers(struct work *w, size_t offers)
{
	for (size_t i = 0; i < offers; i++) {
		if (w->offer[i].on_sale && seen_add(&w->seen, w->offer_id[i]) == -1)
			return DB_ERROR;
		if (w->offer[i].stock_known && seen_add(&w->counted, w->offer_id[i]) == -1)
			return DB_ERROR;
	}
	return DB_OK;
}

/* 0 or a db_status. */
static int
put_row(void *arg, const struct pos_row *row)
{
	struct work *w = arg;
	struct catalog_product p = {
		.key = row->key,
		.name = row->f[POS_NAME].text,
		.description = row->f[POS_DESCRIPTION].text,
		.category = names_find(w->categories, row->f[POS_CATEGORY].text),
		.image_url = row->f[POS_IMAGE].set ? row->f[POS_IMAGE].text :
		    names_find(w->images, row->f[POS_IMAGE_KEY].text),
		.stock_key = row->f[POS_STOCK_KEY].text,
	};
	size_t offers;
	int rc;

	if (row->f[POS_IS_GONE].number)
		return take_off(w, p.key);
	if (p.name == NULL || *p.name == '\0')
		return set_aside(w, row->key, "\"no name\"");
	offers = make_offers(w, row);
	rc = catalog_put(w->j->db, &p, w->offer, offers, &w->rules, w->offer_id);
	if (rc >= 0)
		rc = count_row(w, row, (enum catalog_change)rc);
	return rc < 0 ? rc : note_offers(w, offers);
}

/* ---- the run */

/* The last steps when every list was read to its end: an exit code. */
static int
finish(struct work *w)
{
	int rc;

	if (w->r->is_full && !w->is_complete)
		return EX_PROTOCOL;
	if (w->r->is_full &&
	    (rc = vanish_offers(w->j, w->r, &w->seen, &w->rules)) != DB_OK)
		return rc == 1 ? EX_PROTOCOL : EX_TEMPFAIL;
	if (release_counted(w->j, w->r, &w->ours, &w->counted) != DB_OK)
		return EX_TEMPFAIL;
	return run_finish_mark(w->j, w->r, w->mark) == DB_OK ? EX_OK : EX_TEMPFAIL;
}

/* A list was read to its end. The first mark is the oldest. */
static void
note_end(struct work *w, const struct feed_end *end)
{
	if (*w->mark == '\0')
		memcpy(w->mark, end->mark, sizeof w->mark);
	if (!end->complete && w->is_complete && w->r->is_full)
		snprintf(w->r->message, sizeof w->r->message,
		    "the feed was not complete (%.300s): nothing was taken off sale",
		    *end->message != '\0' ? end->message : "no rows");
	w->is_complete &= end->complete;
}

/* One list, of all branches or of w->asked: an exit code. */
static int
read_list(struct work *w, const char *since)
{
	struct job *j = w->j;
	const struct taker taker = { put_row, set_aside, w };
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){ .what = FEED_PRODUCTS,
		.since = since, .depot = w->asked,
		.bad_percent = (int)j->conf.sync_max_bad_percent });
	int more = 1, rc = DB_OK, code = EX_TEMPFAIL;

	if (f == NULL) {
		snprintf(w->r->message, sizeof w->r->message, "the profile lists no products");
		return EX_CONFIG;
	}
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1)
		rc = take_page(j, w->r, f, &taker);
	if (rc == DB_OK && more == 0) {
		note_end(w, feed_end(f));
		code = EX_OK;
	} else if (rc == DB_OK && more == -1) {
		code = run_fail(w->r, feed_end(f)->outcome, feed_end(f)->message);
	}
	feed_close(f);
	return code;
}

/* The exit code; r->message says why when it is not EX_OK. */
static int
read_all(struct work *w, const char *since)
{
	int code = EX_OK;

	w->is_complete = 1;
	if (feed_per(till_pos(w->j->till), FEED_PRODUCTS) == FEED_ONCE)
		code = read_list(w, since);
	else
		for (size_t i = 0; i < w->ours.count && code == EX_OK; i++) {
			w->asked = w->ours.list[i].key;
			code = read_list(w, since);
		}
	if (code == EX_OK)
		code = finish(w);
	if (code == EX_TEMPFAIL && *w->r->message == '\0')
		snprintf(w->r->message, sizeof w->r->message, "%.400s", db_error(w->j->db));
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
	seen_free(&w->counted);
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
	w->counts_apart = feed_has(till_pos(j->till), FEED_STOCK);
	w->has_stock_keys = feed_sets(till_pos(j->till), FEED_PRODUCTS, POS_STOCK_KEY);
	w->rules = (struct catalog_rules){ .hide_zero_stock = (int)j->conf.hide_zero_stock,
		.now = clock_now() };
	code = catalog_obey(j->db, &w->rules) < 0 ? EX_TEMPFAIL : EX_OK;
	if (code == EX_OK)
		code = names_load(j, &r, FEED_CATEGORIES, &w->categories);
	if (code == EX_OK)
		code = names_load(j, &r, FEED_IMAGES, &w->images);
	if (r.is_full)
		since = NULL;
	if (code == EX_OK)
		code = ours_load(j, w->arena, &w->ours) == DB_OK ? read_all(w, since) : EX_TEMPFAIL;
	if (code == EX_OK && pictures_look_up(j) != DB_OK)
		code = EX_TEMPFAIL;
	work_free(w);
	return run_finish(j, &r, code);
}
