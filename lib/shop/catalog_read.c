/*
 * catalog_read.c - lists, search and one dish; see catalog_read.h
 *
 * A list has a place to start from: the beginning, the dish behind which to
 * go on, or the last one of the pages before, which is looked up in the index
 * alone. Then it is the same statement for all three.
 *
 * A search walks the candidates of the index by id, looks whether each holds
 * the words, and stops when its page is full; a lighter statement counts on
 * from there. Together they look at no more than VISIT_MAX. What was counted
 * is remembered in this process until the catalogue changes, because people
 * type the same few words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/shop/catalog_read.h"
#include "lib/shop/search.h"

enum {
	VISIT_MAX = 20000,	/* candidates: some 20 ms at worst */
	MEMOS = 512		/* 12 KB */
};

/* Each is followed by its like for one branch. */
enum {
	LIST, LIST_WITH, LIST_CATEGORY, LIST_CATEGORY_WITH,
	SEEK, SEEK_WITH, SEEK_CATEGORY, SEEK_CATEGORY_WITH,
	TRIGRAM, TRIGRAM_WITH, PREFIX, PREFIX_WITH,
	COUNT_TRIGRAM, COUNT_TRIGRAM_WITH, COUNT_PREFIX, COUNT_PREFIX_WITH,
	SHOW, SHOW_WITH,
	KEY_OF, TOTAL, CATEGORY_NAMED, CATEGORY, STATE, STATEMENTS
};

/* What put_product() reads, in its order. */
#define COLUMNS \
	"SELECT p.id, p.pos_product_id, p.name, p.description, c.name, p.image_url, p.min_price," \
	" p.base_price, p.best_stock, p.updated_at"
#define COLUMNS_WITH(now) \
	"SELECT p.id, p.pos_product_id, p.name, p.description, c.name, p.image_url," \
	" pb.current_price, pb.base_price, CASE WHEN pb.stopped_until > " now " THEN 0" \
	" ELSE max(pb.stock_quantity - pb.reserved_quantity, 0) END, pb.updated_at"
#define ITS_CATEGORY " LEFT JOIN category c ON c.id = p.category_id"

/* ?1 ?2 the place to start behind, ?3 limit, ?4 category, ?5 branch, ?6 now */
#define BEHIND \
	" p.is_active = 1 AND (p.sort_key, p.id) > (?1, ?2) ORDER BY p.sort_key, p.id LIMIT ?3"
#define FROM_WITH \
	" FROM product_branch pb CROSS JOIN product p ON p.id = pb.product_id" ITS_CATEGORY \
	" WHERE pb.branch_id = ?5 AND pb.is_active = 1"
#define BEHIND_WITH \
	" AND (pb.sort_key, pb.product_id) > (?1, ?2) ORDER BY pb.sort_key, pb.product_id LIMIT ?3"

/* ?1 what to match, ?2 behind which id, ?3 limit, ?4 branch, ?5 now. Candidates
 * come with what fits() wants to know. */
#define CHECKED "p.search_text, p.category_id"
#define MATCHES(index) \
	" FROM " index " f CROSS JOIN product p ON p.id = f.rowid" ITS_CATEGORY ENDING(index)
#define MATCHES_WITH(index) \
	" FROM " index " f CROSS JOIN product p ON p.id = f.rowid" ITS_CATEGORY \
	" LEFT JOIN product_branch pb ON pb.product_id = p.id AND pb.branch_id = ?4" ENDING(index)
#define COUNTED(index) \
	"SELECT f.rowid, " CHECKED ", p.is_active FROM " index " f" \
	" CROSS JOIN product p ON p.id = f.rowid" ENDING(index)
#define COUNTED_WITH(index) \
	"SELECT f.rowid, " CHECKED ", pb.is_active FROM " index " f" \
	" CROSS JOIN product p ON p.id = f.rowid" \
	" LEFT JOIN product_branch pb ON pb.product_id = p.id AND pb.branch_id = ?4" ENDING(index)
#define ENDING(index) " WHERE f." index " MATCH ?1 AND f.rowid > ?2 ORDER BY f.rowid LIMIT ?3"

static struct stmt sql[STATEMENTS] = {
	[LIST] = { .sql = COLUMNS " FROM product p" ITS_CATEGORY " WHERE" BEHIND },
	[LIST_WITH] = { .sql = COLUMNS_WITH("?6") FROM_WITH BEHIND_WITH },
	[LIST_CATEGORY] = { .sql =
	    COLUMNS " FROM product p" ITS_CATEGORY " WHERE p.category_id = ?4 AND" BEHIND },
	[LIST_CATEGORY_WITH] = { .sql =
	    COLUMNS_WITH("?6") FROM_WITH " AND pb.category_id = ?4" BEHIND_WITH },
	[SEEK] = { .sql =
	    "SELECT sort_key, id FROM product WHERE is_active = 1 AND sort_key >= x''"
	    " ORDER BY sort_key, id LIMIT 1 OFFSET ?1" },
	[SEEK_WITH] = { .sql =
	    "SELECT sort_key, product_id FROM product_branch WHERE branch_id = ?3 AND is_active = 1"
	    " ORDER BY sort_key, product_id LIMIT 1 OFFSET ?1" },
	[SEEK_CATEGORY] = { .sql =
	    "SELECT sort_key, id FROM product WHERE category_id = ?2 AND is_active = 1"
	    " ORDER BY sort_key, id LIMIT 1 OFFSET ?1" },
	[SEEK_CATEGORY_WITH] = { .sql =
	    "SELECT sort_key, product_id FROM product_branch WHERE branch_id = ?3"
	    " AND category_id = ?2 AND is_active = 1"
	    " ORDER BY sort_key, product_id LIMIT 1 OFFSET ?1" },
	[TRIGRAM] = { .sql = COLUMNS ", " CHECKED ", p.is_active" MATCHES("product_trigram") },
	[TRIGRAM_WITH] = { .sql =
	    COLUMNS_WITH("?5") ", " CHECKED ", pb.is_active" MATCHES_WITH("product_trigram") },
	[PREFIX] = { .sql = COLUMNS ", " CHECKED ", p.is_active" MATCHES("product_word") },
	[PREFIX_WITH] = { .sql =
	    COLUMNS_WITH("?5") ", " CHECKED ", pb.is_active" MATCHES_WITH("product_word") },
	[COUNT_TRIGRAM] = { .sql = COUNTED("product_trigram") },
	[COUNT_TRIGRAM_WITH] = { .sql = COUNTED_WITH("product_trigram") },
	[COUNT_PREFIX] = { .sql = COUNTED("product_word") },
	[COUNT_PREFIX_WITH] = { .sql = COUNTED_WITH("product_word") },
	[SHOW] = { .sql =
	    COLUMNS " FROM product p" ITS_CATEGORY " WHERE p.id = ?1 AND p.is_active = 1" },
	[SHOW_WITH] = { .sql =
	    COLUMNS_WITH("?3") " FROM product p CROSS JOIN product_branch pb"
	    " ON pb.product_id = p.id AND pb.branch_id = ?2" ITS_CATEGORY
	    " WHERE p.id = ?1 AND pb.is_active = 1" },
	[KEY_OF] = { .sql = "SELECT sort_key, id FROM product WHERE id = ?1" },
	[TOTAL] = { .sql =
	    "SELECT products FROM catalog_count WHERE branch_id = ?1 AND category_id = ?2" },
	[CATEGORY_NAMED] = { .sql = "SELECT id, name FROM category WHERE name = ?1" },
	[CATEGORY] = { .sql = "SELECT id, name FROM category WHERE id = ?1" },
	[STATE] = { .sql =
	    "SELECT m.value, s.version FROM meta m CROSS JOIN catalog_state s"
	    " WHERE m.key = 'epoch' AND s.id = 1" },
};
DB_STATEMENTS(sql);

/* Values by place: a statement takes as many as its highest number. */
static const char *const types[SHOW_WITH + 1] = {
	[LIST] = "bii", [LIST_WITH] = "biiiii", [LIST_CATEGORY] = "biii",
	[LIST_CATEGORY_WITH] = "biiiii",
	[SEEK] = "i", [SEEK_WITH] = "iii", [SEEK_CATEGORY] = "ii", [SEEK_CATEGORY_WITH] = "iii",
	[TRIGRAM] = "sii", [TRIGRAM_WITH] = "siiii", [PREFIX] = "sii", [PREFIX_WITH] = "siiii",
	[COUNT_TRIGRAM] = "sii", [COUNT_TRIGRAM_WITH] = "siii", [COUNT_PREFIX] = "sii",
	[COUNT_PREFIX_WITH] = "siii",
	[SHOW] = "i", [SHOW_WITH] = "iii",
};

static int
for_view(int statement, const struct catalog_view *v)
{
	return statement + (v->branch_id != 0);
}

static int
for_list(int statement, const struct catalog_query *q)
{
	return for_view(statement, &q->view) + (q->category_id != 0 ? 2 : 0);
}

static void
put_product(struct buf *b, const char *key, struct stmt *s, const struct catalog_view *v)
{
	int64_t stock = db_int(s, 8);

	json_open(b, key, '{');
	json_put_int(b, "id", db_int(s, 0));
	json_put_text(b, "pos_product_id", db_text(s, 1));
	json_put_text(b, "pos_branch_id", v->pos_branch_id);
	json_put_text(b, "name", db_text(s, 2));
	json_put_text(b, "description", db_text(s, 3));
	json_put_text(b, "category", db_text(s, 4));
	json_put_text(b, "image_url", db_text(s, 5));
	json_put_money(b, "price", db_int(s, 6));
	json_put_money(b, "base_price", db_int(s, 7));
	json_put_int(b, "stock_quantity", stock);
	json_put_bool(b, "is_available", stock != 0);
	json_put_time(b, "updated_at", db_int(s, 9));
	json_close(b, '}');
}

/* ---- lists by name */

/* A row of the index; held is where its key stands in memory. */
struct place {
	const void *key;
	size_t len;
	int64_t id;
	struct stmt *held;
};

/* 1 and the place, 0 there is none, else a db_status. */
static int
take_place(int rc, struct stmt *s, struct place *at)
{
	if (rc != 1)
		return rc;
	at->held = s;
	at->key = db_blob(s, 0, &at->len);
	at->id = db_int(s, 1);
	return 1;
}

static int
find_place(struct db *db, const struct catalog_query *q, struct place *at)
{
	int seek = for_list(SEEK, q);

	*at = (struct place){ .key = "" };
	if (q->after != 0)
		return take_place(db_find(db, &sql[KEY_OF], "i", q->after), &sql[KEY_OF], at);
	if (q->offset == 0)
		return 1;
	return take_place(db_find(db, &sql[seek], types[seek], q->offset - 1, q->category_id,
	    q->view.branch_id), &sql[seek], at);
}

static int
put_list(struct db *db, const struct catalog_query *q, const struct place *at, struct buf *out,
    struct catalog_page *page)
{
	int list = for_list(LIST, q), rc;
	struct stmt *s = &sql[list];
	int64_t n = 0, last = 0;

	/* One more than asked for tells whether there is a next page. */
	rc = db_query(db, s, types[list], at->key, at->len, at->id, q->limit + 1, q->category_id,
	    q->view.branch_id, q->view.now);
	if (rc != 0)
		return rc;
	for (; (rc = db_row(db, s)) == 1 && n < q->limit; n++) {
		last = db_int(s, 0);
		put_product(out, NULL, s, &q->view);
	}
	if (rc == 1) {
		page->next = last;
		db_done(s);
	}
	return rc < 0 ? rc : 0;
}

static int
read_total(struct db *db, const struct catalog_query *q, int64_t *total)
{
	int rc = db_find(db, &sql[TOTAL], "ii", q->view.branch_id, q->category_id);

	if (rc == 1) {
		*total = db_int(&sql[TOTAL], 0);
		db_done(&sql[TOTAL]);
	}
	return rc < 0 ? rc : 0;
}

static int
list_by_name(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	struct place at;
	int rc = read_total(db, q, &page->total);

	if (rc != 0 || (q->after == 0 && q->offset >= page->total))
		return rc;
	if ((rc = find_place(db, q, &at)) == 1)
		rc = put_list(db, q, &at, out, page);
	if (at.held != NULL)
		db_done(at.held);
	return rc;
}

/* ---- search */

struct walk {
	struct search search;
	const struct catalog_query *query;
	int64_t visits, found, last;	/* looked at, found, the last one's id */
	int64_t put, last_put;
};

/* The index only names candidates; col: where the columns of CHECKED begin. */
static int
fits(const struct walk *w, struct stmt *s, int col)
{
	int64_t category_id = w->query->category_id;

	return db_int(s, col + 2) == 1 &&
	    (category_id == 0 || db_int(s, col + 1) == category_id) &&
	    search_fits(&w->search, db_text(s, col));
}

static int
is_on_page(const struct walk *w, int64_t id)
{
	const struct catalog_query *q = w->query;

	return w->put < q->limit && (q->after != 0 ? id > q->after : w->found >= q->offset);
}

/* Until the page is full and one more is found, or nothing more can be. */
static int
put_matches(struct db *db, struct walk *w, struct buf *out, struct catalog_page *page)
{
	const struct catalog_query *q = w->query;
	int which = for_view(w->search.index == SEARCH_TRIGRAM ? TRIGRAM : PREFIX, &q->view), rc;
	struct stmt *s = &sql[which];

	rc = db_query(db, s, types[which], w->search.match, (int64_t)0, (int64_t)VISIT_MAX,
	    q->view.branch_id, q->view.now);
	if (rc != 0)
		return rc;
	while (w->found < CATALOG_SEARCH_TOTAL && (rc = db_row(db, s)) == 1) {
		w->visits++;
		w->last = db_int(s, 0);
		if (!fits(w, s, 10))
			continue;
		if (is_on_page(w, w->last)) {
			put_product(out, NULL, s, &q->view);
			w->put++;
			w->last_put = w->last;
		} else if (w->put == q->limit)
			page->next = w->last_put;
		w->found++;
		if (page->next != DB_NULL)
			break;
	}
	db_done(s);
	return rc < 0 ? rc : 0;
}

/* A count that was made: found or VISIT_MAX ended it. */
struct memo {
	uint64_t key;		/* 0 = none */
	int64_t found, visits;
};
static struct memo memos[MEMOS];

static uint64_t
hash_text(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	while (*s++ != '\0');
	return h;
}

/* Everything that a count depends on; 64 bits are taken to tell them apart. */
static uint64_t
memo_key(const struct walk *w)
{
	const struct catalog_query *q = w->query;
	char view[64];
	uint64_t h = UINT64_C(14695981039346656037);

	snprintf(view, sizeof view, "%lld %lld %d", (long long)q->view.branch_id,
	    (long long)q->category_id, (int)w->search.index);
	h = hash_text(hash_text(h, q->etag), view);
	for (size_t i = 0; i < w->search.count; i++)
		h = hash_text(h, w->search.words[i].text);
	return h | 1;
}

/* Go on counting where put_matches() stopped. */
static int
count_matches(struct db *db, struct walk *w)
{
	const struct catalog_view *v = &w->query->view;
	int which = for_view(w->search.index == SEARCH_TRIGRAM ? COUNT_TRIGRAM : COUNT_PREFIX, v);
	struct stmt *s = &sql[which];
	int rc = db_query(db, s, types[which], w->search.match, w->last, VISIT_MAX - w->visits,
	    v->branch_id);

	if (rc != 0)
		return rc;
	while (w->found <= CATALOG_SEARCH_TOTAL && (rc = db_row(db, s)) == 1) {
		w->visits++;
		w->found += fits(w, s, 1);
	}
	db_done(s);
	return rc < 0 ? rc : 0;
}

static int
recall_or_count(struct db *db, struct walk *w)
{
	uint64_t key = w->query->etag == NULL ? 0 : memo_key(w);
	struct memo *memo = &memos[key % MEMOS];
	int rc;

	if (key == 0)
		return count_matches(db, w);
	if (memo->key == key) {
		w->found = memo->found;
		w->visits = memo->visits;
		return 0;
	}
	if ((rc = count_matches(db, w)) == 0)
		*memo = (struct memo){ key, w->found, w->visits };
	return rc;
}

static int
list_found(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	struct walk w = { .query = q };
	int rc;

	if (search_read(&w.search, q->search, q->category) == SEARCH_NOTHING)
		return 0;
	if ((rc = put_matches(db, &w, out, page)) != 0)
		return rc;
	if (page->next != DB_NULL || w.found >= CATALOG_SEARCH_TOTAL)
		rc = recall_or_count(db, &w);
	page->is_capped = w.found > CATALOG_SEARCH_TOTAL || w.visits >= VISIT_MAX;
	page->total = w.found > CATALOG_SEARCH_TOTAL ? CATALOG_SEARCH_TOTAL : w.found;
	return rc;
}

/* ---- for callers */

int
catalog_list(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	*page = (struct catalog_page){ .next = DB_NULL };
	if (q->category_id == DB_NULL)
		return 0;
	return q->search != NULL ? list_found(db, q, out, page) : list_by_name(db, q, out, page);
}

int
catalog_show(struct db *db, const struct catalog_view *v, int64_t product_id, struct buf *out,
    const char *key)
{
	int which = for_view(SHOW, v);
	int rc = db_find(db, &sql[which], types[which], product_id, v->branch_id, v->now);

	if (rc == 1) {
		put_product(out, key, &sql[which], v);
		db_done(&sql[which]);
	}
	return rc;
}

static int
take_category(int rc, struct stmt *s, struct arena *a, struct catalog_query *q)
{
	if (rc != 1)
		return rc;
	q->category_id = db_int(s, 0);
	q->category = arena_str(a, db_text(s, 1));
	db_done(s);
	return q->category != NULL ? 1 : DB_ERROR;
}

int
catalog_category(struct db *db, struct arena *a, const char *text, struct catalog_query *q)
{
	struct stmt *s = &sql[CATEGORY_NAMED];
	int rc = take_category(db_find(db, s, "s", text), s, a, q);
	size_t digits = strspn(text, "0123456789");

	if (rc == 0 && digits > 0 && digits <= 15 && text[digits] == '\0')
		rc = take_category(db_find(db, &sql[CATEGORY], "i", (int64_t)strtoll(text, NULL, 10)),
		    &sql[CATEGORY], a, q);
	if (rc == 0)
		q->category_id = DB_NULL;
	return rc;
}

int
catalog_etag(struct db *db, char out[CATALOG_ETAG])
{
	struct stmt *s = &sql[STATE];
	int rc = db_find(db, s, "");

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	/* Weak: what can still be ordered may lag. The epoch, because a restored
	 * database counts its versions again. */
	snprintf(out, CATALOG_ETAG, "W/\"%.20s-%lld\"", db_text(s, 0), (long long)db_int(s, 1));
	db_done(s);
	return 0;
}
