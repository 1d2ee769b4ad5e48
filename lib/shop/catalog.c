/*
 * catalog.c - the one writer of product and what hangs on it
 *
 * A put first reads: one row by the till's key, one range of branch rows.
 * When they say what the till says, that is all (G66). Otherwise it writes
 * what differs; sums, counters and version follow (catalog_sums.c), and the
 * search indexes. Nothing is ever deleted: a dish that is gone may come back.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "lib/shop/catalog.h"
#include "lib/shop/catalog_sums.h"
#include "lib/shop/picture.h"
#include "lib/shop/search.h"

enum {
	CHUNK = 64,		/* offers looked up at a time */
	SORT_KEY = 96,		/* bytes: names that differ only later are as good as equal */
	TEXT = 1000,		/* code points of a text that are searchable */
	SEARCH_TEXT = 16 * 1024
};

/* A branch row as it stands. */
struct stored {
	int64_t id, branch_id, price, stock, in_feed, is_hidden, is_active, is_available;
};

struct put {
	struct db *db;
	const struct catalog_rules *rules;
	int64_t product_id, category_id;	/* category DB_NULL = none */
	enum catalog_change change;
	const struct catalog_product *news;
	struct buf key;				/* of its name; empty until needed */
	struct stored stored[CHUNK];
	size_t stored_count, next;
};

enum {
	FIND_PRODUCT, FIND_CATEGORY, ADD_CATEGORY, ADD_PRODUCT, SET_PRODUCT, SET_OFFER_KEYS,
	GET_SEARCH_TEXT, ADD_TRIGRAM, ADD_WORD, DROP_TRIGRAM, DROP_WORD,
	FIND_OFFERS, GET_OFFER, ADD_OFFER, SET_OFFER_PRICE, SET_STOCK, SHOW_OFFER, ACTIVE_BRANCHES,
	STATEMENTS
};

static struct stmt sql[STATEMENTS] = {
	[FIND_PRODUCT] = { .sql =
	    "SELECT p.id, p.name, p.description, c.name, p.image_url, p.category_id"
	    " FROM product p LEFT JOIN category c ON c.id = p.category_id"
	    " WHERE p.pos_product_id = ?1" },
	[FIND_CATEGORY] = { .sql = "SELECT id FROM category WHERE name = ?1" },
	[ADD_CATEGORY] = { .sql = "INSERT INTO category (name, sort_key) VALUES (?1, ?2)" },
	[ADD_PRODUCT] = { .sql =
	    "INSERT INTO product (pos_product_id, name, description, category_id, image_url,"
	    " sort_key, search_text, created_at, updated_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)" },
	[SET_PRODUCT] = { .sql =
	    "UPDATE product SET name = ?2, description = ?3, category_id = ?4, image_url = ?5,"
	    " sort_key = ?6, search_text = ?7, updated_at = ?8 WHERE id = ?1" },
	[SET_OFFER_KEYS] = { .sql =
	    "UPDATE product_branch SET category_id = ?2, sort_key = ?3, updated_at = ?4"
	    " WHERE product_id = ?1" },
	[GET_SEARCH_TEXT] = { .sql = "SELECT search_text FROM product WHERE id = ?1" },
	[ADD_TRIGRAM] = { .sql =
	    "INSERT INTO product_trigram (rowid, search_text) VALUES (?1, ?2)" },
	[ADD_WORD] = { .sql = "INSERT INTO product_word (rowid, search_text) VALUES (?1, ?2)" },
	[DROP_TRIGRAM] = { .sql =
	    "INSERT INTO product_trigram (product_trigram, rowid, search_text)"
	    " VALUES ('delete', ?1, ?2)" },
	[DROP_WORD] = { .sql =
	    "INSERT INTO product_word (product_word, rowid, search_text) VALUES ('delete', ?1, ?2)" },
	[FIND_OFFERS] = { .sql =
	    "SELECT id, branch_id, base_price, stock_quantity, in_feed, is_hidden, is_active,"
	    " is_available FROM product_branch"
	    " WHERE product_id = ?1 AND branch_id BETWEEN ?2 AND ?3 ORDER BY branch_id" },
	[GET_OFFER] = { .sql =
	    "SELECT id, branch_id, base_price, stock_quantity, in_feed, is_hidden, is_active,"
	    " is_available, product_id, category_id FROM product_branch WHERE id = ?1" },
	[ADD_OFFER] = { .sql =
	    "INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, in_feed,"
	    " is_active, category_id, sort_key, pos_last_synced_at, created_at, updated_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9)" },
	/* Apart, because a price stands in indexes and a count does not. */
	[SET_OFFER_PRICE] = { .sql =
	    "UPDATE product_branch SET base_price = ?2, pos_last_synced_at = ?3, updated_at = ?3"
	    " WHERE id = ?1" },
	[SET_STOCK] = { .sql =
	    "UPDATE product_branch SET stock_quantity = ?2, pos_last_synced_at = ?3,"
	    " updated_at = ?3 WHERE id = ?1" },
	[SHOW_OFFER] = { .sql =
	    "UPDATE product_branch SET in_feed = ?2, is_active = ?3, is_available = 0,"
	    " updated_at = ?4 WHERE id = ?1" },
	[ACTIVE_BRANCHES] = { .sql =
	    "SELECT branch_id, is_available FROM product_branch WHERE product_id = ?1 AND is_active = 1" },
};
DB_STATEMENTS(sql);

/* ---- the dish */

static const char *
present(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static int
same(const char *ours, const char *theirs)
{
	theirs = present(theirs);
	return ours == NULL || theirs == NULL ? ours == theirs : strcmp(ours, theirs) == 0;
}

/* 1 it stands as told, 0 it does not (product_id 0: not at all), else a db_status. */
static int
find_product(struct put *p)
{
	const struct catalog_product *news = p->news;
	struct stmt *s = &sql[FIND_PRODUCT];
	int rc = db_find(p->db, s, "s", news->key);

	if (rc != 1)
		return rc;
	p->product_id = db_int(s, 0);
	p->category_id = db_int(s, 5);
	rc = same(db_text(s, 1), news->name) && same(db_text(s, 2), news->description) &&
	    same(db_text(s, 3), news->category) && same(db_text(s, 4), news->image_url);
	db_done(s);
	return rc;
}

static void
sort_key(struct buf *b, const char *name)
{
	utf8_sort_key(b, name, utf8_prefix(name, strlen(name), SORT_KEY / 2));
	if (b->len > SORT_KEY)
		b->len = SORT_KEY;
}

static int
find_category(struct db *db, const char *name, int64_t *id)
{
	struct buf key = BUF_INIT(SORT_KEY * 4);
	struct stmt *s = &sql[FIND_CATEGORY];
	int rc;

	*id = DB_NULL;
	if (present(name) == NULL)
		return 0;
	if ((rc = db_find(db, s, "s", name)) == 1) {
		*id = db_int(s, 0);
		db_done(s);
		return 0;
	}
	sort_key(&key, name);
	if (rc == 0 && key.failed)
		rc = DB_ERROR;
	if (rc == 0)
		rc = db_run(db, &sql[ADD_CATEGORY], "sb", name, key.len > 0 ? key.s : "", key.len);
	if (rc == 0)
		*id = db_last_id(db);
	buf_free(&key);
	return rc;
}

static void
search_text(struct buf *b, const struct catalog_product *news)
{
	const char *const parts[] = { news->name, news->category, news->description };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i] != NULL)
			search_mill(b, parts[i], utf8_prefix(parts[i], strlen(parts[i]), TEXT));
	buf_lit(b, "");
}

/* Take the stored text out of both indexes, unless it is the same. */
static int
drop_search_text(struct db *db, int64_t id, const char *text, int *is_same)
{
	struct stmt *s = &sql[GET_SEARCH_TEXT];
	const char *old;
	int rc = db_find(db, s, "i", id);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	old = db_text(s, 0);
	*is_same = strcmp(old, text) == 0;
	rc = *is_same ? 0 : db_run(db, &sql[DROP_TRIGRAM], "is", id, old);
	if (rc == 0 && !*is_same)
		rc = db_run(db, &sql[DROP_WORD], "is", id, old);
	db_done(s);
	return rc;
}

static int
add_search_text(struct db *db, int64_t id, const char *text)
{
	int rc = db_run(db, &sql[ADD_TRIGRAM], "is", id, text);

	return rc != 0 ? rc : db_run(db, &sql[ADD_WORD], "is", id, text);
}

/* The sort key of its name, made once; 0 or DB_ERROR. */
static int
make_key(struct put *p)
{
	if (p->key.s == NULL) {
		sort_key(&p->key, p->news->name);
		buf_lit(&p->key, "");
	}
	return p->key.failed ? DB_ERROR : 0;
}

static int
add_product(struct put *p, const char *text)
{
	const struct catalog_product *news = p->news;
	int rc = db_run(p->db, &sql[ADD_PRODUCT], "sssisbsi", news->key, news->name,
	    present(news->description), p->category_id, present(news->image_url),
	    p->key.s, p->key.len, text, p->rules->now);

	if (rc != 0)
		return rc;
	p->product_id = db_last_id(p->db);
	p->change = CATALOG_ADDED;
	return add_search_text(p->db, p->product_id, text);
}

/* Its category changed: every list that it stands in counts anew. */
static int
move_category(struct put *p, int64_t from, int64_t to)
{
	struct stmt *s = &sql[ACTIVE_BRANCHES];
	int64_t can = 0, one;
	int rc, row, shown = 0;

	if (from == to)
		return 0;
	if ((rc = db_query(p->db, s, "i", p->product_id)) != 0)
		return rc;
	while ((row = db_row(p->db, s)) == 1) {
		shown = 1;
		one = db_int(s, 1);
		can |= one;
		if ((rc = catalog_count_category(p->db, db_int(s, 0), from, to, one)) != 0) {
			db_done(s);
			return rc;
		}
	}
	if (row == 0 && shown)
		row = catalog_count_category(p->db, 0, from, to, can);
	return row;
}

static int
change_product(struct put *p, const char *text, int64_t old_category)
{
	const struct catalog_product *news = p->news;
	int is_same, rc = drop_search_text(p->db, p->product_id, text, &is_same);

	p->change = CATALOG_CHANGED;
	if (rc == 0)
		rc = db_run(p->db, &sql[SET_PRODUCT], "issisbsi", p->product_id, news->name,
		    present(news->description), p->category_id, present(news->image_url),
		    p->key.s, p->key.len, text, p->rules->now);
	if (rc == 0 && !is_same)
		rc = add_search_text(p->db, p->product_id, text);
	if (rc == 0)
		rc = db_run(p->db, &sql[SET_OFFER_KEYS], "iibi", p->product_id, p->category_id,
		    p->key.s, p->key.len, p->rules->now);
	return rc != 0 ? rc : move_category(p, old_category, p->category_id);
}

static int
write_product(struct put *p)
{
	struct buf text = BUF_INIT(SEARCH_TEXT);
	int64_t old_category = p->category_id;
	int rc = find_category(p->db, p->news->category, &p->category_id);

	search_text(&text, p->news);
	if (rc == 0)
		rc = text.failed ? DB_ERROR : make_key(p);
	if (rc == 0 && p->product_id == 0)
		rc = add_product(p, text.s);
	else if (rc == 0)
		rc = change_product(p, text.s, old_category);
	if (rc == 0)
		rc = picture_note_host(p->db, p->news->image_url);
	buf_free(&text);
	return rc;
}

/* ---- its offers */

/* Both come in the order of branches as a rule, so look from the last find on. */
static struct stored *
stored_of(struct put *p, int64_t branch_id)
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

static struct stored
read_stored(struct stmt *s)
{
	return (struct stored){ db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3),
		db_int(s, 4), db_int(s, 5), db_int(s, 6), db_int(s, 7) };
}

/* The rows that these offers (CHUNK at most) are about. */
static int
find_offers(struct put *p, const struct catalog_offer *offers, size_t count)
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

static int
add_offer(struct put *p, const struct catalog_offer *o, struct stored *s)
{
	int rc = make_key(p);

	if (rc != 0)
		return rc;
	*s = (struct stored){ .branch_id = o->branch_id, .price = o->price,
		.stock = o->stock_known ? o->stock : DB_NULL, .in_feed = o->on_sale != 0 };
	s->is_active = catalog_is_shown(p->rules, s->in_feed, 0, s->stock);
	/* VALUES, not SELECT: a statement that may write many rows makes the
	 * search indexes flush first. */
	rc = db_run(p->db, &sql[ADD_OFFER], "iiiiiiibi", p->product_id, s->branch_id, s->price,
	    s->stock, s->in_feed, s->is_active, p->category_id, p->key.s, p->key.len,
	    p->rules->now);
	if (rc != 0)
		return rc;
	s->id = db_last_id(p->db);
	p->stored_count++;
	if (p->change == CATALOG_UNCHANGED)
		p->change = CATALOG_CHANGED;
	return !s->is_active ? 0 : catalog_count_dish(p->db, s->branch_id, p->category_id,
	    (struct catalog_tally){ 1, 0 });
}

/* Whether it can be had is reckoned afterwards, with the sums. */
static int
show_offer(struct put *p, struct stored *s, int64_t in_feed, int64_t is_active)
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

/* Write what differs of one offer; nothing when all is as it stands. */
static int
put_offer(struct put *p, const struct catalog_offer *o, struct stored *s)
{
	int64_t stock = o->stock_known ? o->stock : s->stock;
	int64_t in_feed = o->on_sale != 0;
	int64_t active = catalog_is_shown(p->rules, in_feed, s->is_hidden, stock);
	int rc = 0;

	if (s->price == o->price && s->stock == stock && s->in_feed == in_feed && s->is_active == active)
		return 0;
	if (p->change == CATALOG_UNCHANGED)
		p->change = CATALOG_CHANGED;
	if (s->price != o->price)
		rc = db_run(p->db, &sql[SET_OFFER_PRICE], "iii", s->id, o->price, p->rules->now);
	if (rc == 0 && s->stock != stock)
		rc = db_run(p->db, &sql[SET_STOCK], "iii", s->id, stock, p->rules->now);
	s->price = o->price;
	s->stock = stock;
	if (rc != 0 || (s->in_feed == in_feed && s->is_active == active))
		return rc;
	return show_offer(p, s, in_feed, active);
}

static int
put_offers(struct put *p, const struct catalog_offer *offers, size_t count, int64_t *ids)
{
	struct stored *s;
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

/* The dish, its offers, and what follows from them; 0 or a db_status. */
static int
put_all(struct put *p, const struct catalog_offer *offers, size_t count, int64_t *ids)
{
	int rc = find_product(p);
	size_t n;

	if (rc >= 0)
		rc = rc == 1 ? 0 : write_product(p);
	for (size_t i = 0; i < count && rc == 0; i += n) {
		n = count - i < CHUNK ? count - i : CHUNK;
		rc = put_offers(p, offers + i, n, ids == NULL ? NULL : ids + i);
	}
	if (rc != 0 || p->change == CATALOG_UNCHANGED)
		return rc;
	rc = catalog_refresh(p->db, p->product_id, p->rules->now);
	return rc < 0 ? rc : catalog_bump(p->db);
}

int
catalog_put(struct db *db, const struct catalog_product *news, const struct catalog_offer *offers,
    size_t offer_count, const struct catalog_rules *rules, int64_t *ids)
{
	struct put p = { .db = db, .rules = rules, .category_id = DB_NULL,
		.change = CATALOG_UNCHANGED, .news = news, .key = BUF_INIT(SORT_KEY * 4) };
	int rc = put_all(&p, offers, offer_count, ids);

	buf_free(&p.key);
	return rc != 0 ? rc : (int)p.change;
}

int
catalog_retire(struct db *db, int64_t product_branch_id, const struct catalog_rules *rules)
{
	struct put p = { .db = db, .rules = rules };
	struct stmt *s = &sql[GET_OFFER];
	struct stored old;
	int rc = db_find(db, s, "i", product_branch_id);

	if (rc != 1)
		return rc;
	old = read_stored(s);
	p.product_id = db_int(s, 8);
	p.category_id = db_int(s, 9);
	db_done(s);
	if (!old.in_feed)
		return 0;
	if ((rc = show_offer(&p, &old, 0, 0)) != 0 ||
	    (rc = catalog_refresh(db, p.product_id, rules->now)) < 0)
		return rc;
	return catalog_bump(db);
}
