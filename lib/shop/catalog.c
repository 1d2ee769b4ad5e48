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
#include "lib/shop/catalog_offer.h"
#include "lib/shop/catalog_sums.h"
#include "lib/shop/picture.h"
#include "lib/shop/search.h"

enum {
	SORT_KEY = 96,		/* bytes: names that differ only later are as good as equal */
	TEXT = 1000,		/* code points of a text that are searchable */
	SEARCH_TEXT = 16 * 1024
};

enum {
	FIND_PRODUCT, FIND_CATEGORY, ADD_CATEGORY, ADD_PRODUCT, SET_PRODUCT, SET_OFFER_KEYS,
	GET_SEARCH_TEXT, ADD_TRIGRAM, ADD_WORD, DROP_TRIGRAM, DROP_WORD, ACTIVE_BRANCHES, STATEMENTS
};

static struct stmt sql[STATEMENTS] = {
	[FIND_PRODUCT] = { .sql =
	    "SELECT p.id, p.name, p.description, c.name, p.image_url, p.category_id, p.pos_stock_key"
	    " FROM product p LEFT JOIN category c ON c.id = p.category_id"
	    " WHERE p.pos_product_id = ?1" },
	[FIND_CATEGORY] = { .sql = "SELECT id FROM category WHERE name = ?1" },
	[ADD_CATEGORY] = { .sql = "INSERT INTO category (name, sort_key) VALUES (?1, ?2)" },
	[ADD_PRODUCT] = { .sql =
	    "INSERT INTO product (pos_product_id, name, description, category_id, image_url,"
	    " sort_key, search_text, created_at, updated_at, pos_stock_key)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)" },
	[SET_PRODUCT] = { .sql =
	    "UPDATE product SET name = ?2, description = ?3, category_id = ?4, image_url = ?5,"
	    " sort_key = ?6, search_text = ?7, updated_at = ?8, pos_stock_key = ?9 WHERE id = ?1" },
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
find_product(struct catalog_put *p)
{
	const struct catalog_product *news = p->news;
	struct stmt *s = &sql[FIND_PRODUCT];
	int rc = db_find(p->db, s, "s", news->key);

	if (rc != 1)
		return rc;
	p->product_id = db_int(s, 0);
	p->category_id = db_int(s, 5);
	rc = same(db_text(s, 1), news->name) && same(db_text(s, 2), news->description) &&
	    same(db_text(s, 3), news->category) && same(db_text(s, 4), news->image_url) &&
	    same(db_text(s, 6), news->stock_key);
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

int
catalog_make_key(struct catalog_put *p)
{
	if (p->key.s == NULL) {
		sort_key(&p->key, p->news->name);
		buf_lit(&p->key, "");
	}
	return p->key.failed ? DB_ERROR : 0;
}

static int
add_product(struct catalog_put *p, const char *text)
{
	const struct catalog_product *news = p->news;
	int rc = db_run(p->db, &sql[ADD_PRODUCT], "sssisbsis", news->key, news->name,
	    present(news->description), p->category_id, present(news->image_url),
	    p->key.s, p->key.len, text, p->rules->now, present(news->stock_key));

	if (rc != 0)
		return rc;
	p->product_id = db_last_id(p->db);
	p->change = CATALOG_ADDED;
	return add_search_text(p->db, p->product_id, text);
}

/* Its category changed: every list that it stands in counts anew. */
static int
move_category(struct catalog_put *p, int64_t from, int64_t to)
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
change_product(struct catalog_put *p, const char *text, int64_t old_category)
{
	const struct catalog_product *news = p->news;
	int is_same, rc = drop_search_text(p->db, p->product_id, text, &is_same);

	p->change = CATALOG_CHANGED;
	if (rc == 0)
		rc = db_run(p->db, &sql[SET_PRODUCT], "issisbsis", p->product_id, news->name,
		    present(news->description), p->category_id, present(news->image_url),
		    p->key.s, p->key.len, text, p->rules->now, present(news->stock_key));
	if (rc == 0 && !is_same)
		rc = add_search_text(p->db, p->product_id, text);
	if (rc == 0)
		rc = db_run(p->db, &sql[SET_OFFER_KEYS], "iibi", p->product_id, p->category_id,
		    p->key.s, p->key.len, p->rules->now);
	return rc != 0 ? rc : move_category(p, old_category, p->category_id);
}

static int
write_product(struct catalog_put *p)
{
	struct buf text = BUF_INIT(SEARCH_TEXT);
	int64_t old_category = p->category_id;
	int rc = find_category(p->db, p->news->category, &p->category_id);

	search_text(&text, p->news);
	if (rc == 0)
		rc = text.failed ? DB_ERROR : catalog_make_key(p);
	if (rc == 0 && p->product_id == 0)
		rc = add_product(p, text.s);
	else if (rc == 0)
		rc = change_product(p, text.s, old_category);
	if (rc == 0)
		rc = picture_note_host(p->db, p->news->image_url);
	buf_free(&text);
	return rc;
}

/* The dish, its offers, and what follows from them; 0 or a db_status. */
static int
put_all(struct catalog_put *p, const struct catalog_offer *offers, size_t count, int64_t *ids)
{
	int rc = find_product(p);
	size_t n;

	if (rc >= 0)
		rc = rc == 1 ? 0 : write_product(p);
	for (size_t i = 0; i < count && rc == 0; i += n) {
		n = count - i < CATALOG_CHUNK ? count - i : CATALOG_CHUNK;
		rc = catalog_put_offers(p, offers + i, n, ids == NULL ? NULL : ids + i);
	}
	if (rc != 0 || p->change == CATALOG_UNCHANGED)
		return rc;
	rc = catalog_refresh(p->db, p->product_id, p->rules->now);
	if (rc == 1 && p->is_repriced)
		rc = catalog_tell(p->db, p->product_id, DB_NULL);
	return rc < 0 ? rc : catalog_bump(p->db);
}

int
catalog_put(struct db *db, const struct catalog_product *news, const struct catalog_offer *offers,
    size_t offer_count, const struct catalog_rules *rules, int64_t *ids)
{
	struct catalog_put p = { .db = db, .rules = rules, .category_id = DB_NULL,
		.change = CATALOG_UNCHANGED, .news = news, .key = BUF_INIT(SORT_KEY * 4) };
	int rc = put_all(&p, offers, offer_count, ids);

	buf_free(&p.key);
	return rc != 0 ? rc : (int)p.change;
}
