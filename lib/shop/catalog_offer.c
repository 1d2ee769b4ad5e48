/*
 * catalog_offer.c - a dish's rows by branch: price, count, whether it is sold
 *
 * What the till says is compared with what stands; only what differs is
 * written. The dish itself is catalog.c's, the sums are catalog_sums.c's.
 */
#include "lib/shop/catalog_offer.h"
#include "lib/shop/catalog_sums.h"

enum {
	FIND_OFFERS, GET_OFFER, FIND_OFFER, AWAITED, ADD_OFFER, SET_PRICE, SET_STOCK, SET_TRACKED,
	SHOW_OFFER, STATEMENTS
};

enum { UNTRACKED, TRACKED, AWAITED_COUNT };	/* is_tracked */

#define COLUMNS \
	"id, branch_id, base_price, stock_quantity, in_feed, is_hidden, is_active," \
	" is_available, is_tracked"

static struct stmt sql[STATEMENTS] = {
	[FIND_OFFERS] = { .sql = "SELECT " COLUMNS " FROM product_branch"
	    " WHERE product_id = ?1 AND branch_id BETWEEN ?2 AND ?3 ORDER BY branch_id" },
	[GET_OFFER] = { .sql =
	    "SELECT " COLUMNS ", product_id, category_id FROM product_branch WHERE id = ?1" },
	[FIND_OFFER] = { .sql =
	    "SELECT " COLUMNS ", product_id, category_id FROM product_branch"
	    " WHERE product_id = ?1 AND branch_id = ?2" },
	[AWAITED] = { .sql =
	    "SELECT id, product_id, branch_id FROM product_branch WHERE is_tracked = 2"
	    " AND id > ?1 ORDER BY id LIMIT ?2" },
	[ADD_OFFER] = { .sql =
	    "INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, in_feed,"
	    " is_active, category_id, sort_key, pos_last_synced_at, created_at, updated_at,"
	    " is_tracked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?10)" },
	/* Apart, because a price stands in indexes and a count does not. */
	[SET_PRICE] = { .sql =
	    "UPDATE product_branch SET base_price = ?2, pos_last_synced_at = ?3, updated_at = ?3"
	    " WHERE id = ?1" },
	[SET_STOCK] = { .sql =
	    "UPDATE product_branch SET stock_quantity = ?2, pos_last_synced_at = ?3,"
	    " updated_at = ?3 WHERE id = ?1" },
	[SET_TRACKED] = { .sql =
	    "UPDATE product_branch SET is_tracked = ?2, pos_last_synced_at = ?3, updated_at = ?3"
	    " WHERE id = ?1" },
	[SHOW_OFFER] = { .sql =
	    "UPDATE product_branch SET in_feed = ?2, is_active = ?3, is_available = 0,"
	    " updated_at = ?4 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

/* Both come in the order of branches as a rule, so look from the last find on. */
static struct catalog_stored *
stored_of(struct catalog_put *p, int64_t branch_id)
{
	size_t at;

	for (size_t i = 0; i < p->stored_count; i++) {
		at = (p->next + i) % p->stored_count;
		if (p->stored[at].branch_id == branch_id) {
			p->next = at + 1;
			return &p->stored[at];
		}
	}
	return NULL;
}

static int
is_named(const struct catalog_offer *offers, size_t count, int64_t branch_id, size_t from)
{
	for (size_t i = 0; i < count; i++)
		if (offers[(from + i) % count].branch_id == branch_id)
			return 1;
	return 0;
}

static struct catalog_stored
read_stored(struct stmt *s)
{
	return (struct catalog_stored){ db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3),
		db_int(s, 4), db_int(s, 5), db_int(s, 6), db_int(s, 7), db_int(s, 8) };
}

/* The rows that these offers are about. */
static int
find_offers(struct catalog_put *p, const struct catalog_offer *offers, size_t count)
{
	struct stmt *s = &sql[FIND_OFFERS];
	int64_t low = offers[0].branch_id, high = low;
	int rc;

	for (size_t i = 1; i < count; i++) {
		low = offers[i].branch_id < low ? offers[i].branch_id : low;
		high = offers[i].branch_id > high ? offers[i].branch_id : high;
	}
	p->stored_count = p->next = 0;
	if ((rc = db_query(p->db, s, "iii", p->product_id, low, high)) != 0)
		return rc;
	while ((rc = db_row(p->db, s)) == 1)
		if (is_named(offers, count, db_int(s, 1), p->stored_count))
			p->stored[p->stored_count++] = read_stored(s);
	return rc;
}

/* What the till says of the count, into a row. */
static void
tell_count(const struct catalog_offer *o, struct catalog_stored *s)
{
	if (o->is_untracked) {
		s->is_tracked = UNTRACKED;
		s->stock = DB_NULL;
	} else if (o->stock_known) {
		s->is_tracked = TRACKED;
		s->stock = o->stock;
	} else if (s->is_tracked == UNTRACKED) {
		s->is_tracked = o->is_awaited ? AWAITED_COUNT : TRACKED;
		s->stock = o->is_awaited ? 0 : DB_NULL;
	}
}

/* How much of a change it is: an offer whose count is still to come is most. */
static void
note_change(struct catalog_put *p, const struct catalog_offer *o, int is_counted_anew)
{
	enum catalog_change change = is_counted_anew && !o->stock_known && !o->is_untracked ?
	    CATALOG_WIDENED : CATALOG_CHANGED;

	if (p->change < change)
		p->change = change;
}

static int
add_offer(struct catalog_put *p, const struct catalog_offer *o, struct catalog_stored *s)
{
	int rc = catalog_make_key(p);

	if (rc != 0)
		return rc;
	*s = (struct catalog_stored){ .branch_id = o->branch_id, .price = o->price,
		.in_feed = o->on_sale != 0, .is_tracked = UNTRACKED };
	tell_count(o, s);
	s->is_active = catalog_is_shown(p->rules, s->in_feed, 0, s->stock);
	/* VALUES, not SELECT: a statement that may write many rows makes the
	 * search indexes flush first. */
	rc = db_run(p->db, &sql[ADD_OFFER], "iiiiiiibii", p->product_id, s->branch_id, s->price,
	    s->stock, s->in_feed, s->is_active, p->category_id, p->key.s, p->key.len,
	    p->rules->now, s->is_tracked);
	if (rc != 0)
		return rc;
	s->id = db_last_id(p->db);
	p->stored_count++;
	note_change(p, o, 1);
	return !s->is_active ? 0 : catalog_count_dish(p->db, s->branch_id, p->category_id,
	    (struct catalog_tally){ 1, 0 });
}

/* Whether it can be had is reckoned afterwards, with the sums. */
static int
show_offer(struct catalog_put *p, struct catalog_stored *s, int64_t in_feed, int64_t is_active)
{
	const struct catalog_tally more = { is_active - s->is_active, -s->is_available };
	int was_available = s->is_available != 0;
	int rc = db_run(p->db, &sql[SHOW_OFFER], "iiii", s->id, in_feed, is_active,
	    p->rules->now);

	s->in_feed = in_feed;
	s->is_active = is_active;
	s->is_available = 0;
	if (rc == 0 && was_available && !is_active)
		rc = catalog_tell_stock(p->db, p->product_id, s->branch_id, 0);
	if (rc != 0 || (more.products == 0 && more.available == 0))
		return rc;
	return catalog_count_dish(p->db, s->branch_id, p->category_id, more);
}

/* Write what differs of the till's word; nothing when it is as it stands. */
static int
set_offer(struct catalog_put *p, struct catalog_stored *s, const struct catalog_stored *is)
{
	int rc = 0;

	if (s->price != is->price)
		rc = db_run(p->db, &sql[SET_PRICE], "iii", s->id, is->price, p->rules->now);
	if (rc == 0 && s->stock != is->stock)
		rc = db_run(p->db, &sql[SET_STOCK], "iii", s->id, is->stock, p->rules->now);
	if (rc == 0 && s->is_tracked != is->is_tracked)
		rc = db_run(p->db, &sql[SET_TRACKED], "iii", s->id, is->is_tracked,
		    p->rules->now);
	p->is_repriced |= s->is_active && s->price != is->price;
	s->price = is->price;
	s->stock = is->stock;
	s->is_tracked = is->is_tracked;
	if (rc != 0 || (s->in_feed == is->in_feed && s->is_active == is->is_active))
		return rc;
	return show_offer(p, s, is->in_feed, is->is_active);
}

static int
put_offer(struct catalog_put *p, const struct catalog_offer *o, struct catalog_stored *s)
{
	struct catalog_stored is = *s;
	const int was_tracked = s->is_tracked != 0;

	is.price = o->price;
	is.in_feed = o->on_sale != 0;
	tell_count(o, &is);
	is.is_active = catalog_is_shown(p->rules, is.in_feed, is.is_hidden, is.stock);
	if (s->price == is.price && s->stock == is.stock && s->in_feed == is.in_feed &&
	    s->is_active == is.is_active && s->is_tracked == is.is_tracked)
		return 0;
	note_change(p, o, is.is_tracked != UNTRACKED && !was_tracked);
	return set_offer(p, s, &is);
}

int
catalog_put_offers(struct catalog_put *p, const struct catalog_offer *offers, size_t count, int64_t *ids)
{
	struct catalog_stored *s;
	int rc = find_offers(p, offers, count);

	for (size_t i = 0; i < count && rc == 0; i++) {
		if ((s = stored_of(p, offers[i].branch_id)) != NULL)
			rc = put_offer(p, &offers[i], s);
		else
			rc = add_offer(p, &offers[i], s = &p->stored[p->stored_count]);
		if (ids != NULL)
			ids[i] = s->id;
	}
	return rc;
}

/* What follows from a row that changed. */
static int
settle(struct catalog_put *p)
{
	int rc = catalog_refresh(p->db, p->product_id, p->rules->now);

	return rc < 0 ? rc : catalog_bump(p->db);
}

int
catalog_retire(struct db *db, int64_t product_branch_id, const struct catalog_rules *rules)
{
	struct catalog_put p = { .db = db, .rules = rules };
	struct stmt *s = &sql[GET_OFFER];
	struct catalog_stored old;
	int rc = db_find(db, s, "i", product_branch_id);

	if (rc != 1)
		return rc;
	old = read_stored(s);
	p.product_id = db_int(s, 9);
	p.category_id = db_int(s, 10);
	db_done(s);
	if (!old.in_feed)
		return 0;
	rc = show_offer(&p, &old, 0, 0);
	return rc != 0 ? rc : settle(&p);
}

int
catalog_set_stock(struct db *db, int64_t product_id, int64_t branch_id, int64_t stock,
    const struct catalog_rules *rules, int64_t *id)
{
	struct catalog_put p = { .db = db, .rules = rules, .product_id = product_id };
	struct stmt *s = &sql[FIND_OFFER];
	struct catalog_stored old, is;
	int rc = db_find(db, s, "ii", product_id, branch_id);

	*id = 0;
	if (rc != 1)
		return rc < 0 ? rc : CATALOG_UNCHANGED;
	old = is = read_stored(s);
	p.category_id = db_int(s, 10);
	db_done(s);
	*id = old.id;
	if (old.is_tracked != UNTRACKED) {
		is.is_tracked = TRACKED;
		is.stock = stock;
	}
	is.is_active = catalog_is_shown(rules, is.in_feed, is.is_hidden, is.stock);
	if (old.stock == is.stock && old.is_active == is.is_active &&
	    old.is_tracked == is.is_tracked)
		return CATALOG_UNCHANGED;
	if ((rc = set_offer(&p, &old, &is)) != 0 || (rc = settle(&p)) != 0)
		return rc;
	return CATALOG_CHANGED;
}

int
catalog_awaited(struct db *db, int64_t after, struct catalog_awaited *list, int most)
{
	struct stmt *s = &sql[AWAITED];
	int rc = db_query(db, s, "ii", after, (int64_t)most), n = 0;

	while (rc == 0 && n < most && (rc = db_row(db, s)) == 1) {
		list[n++] = (struct catalog_awaited){ db_int(s, 0), db_int(s, 1), db_int(s, 2) };
		rc = 0;
	}
	db_done(s);
	return rc < 0 ? rc : n;
}
