/*
 * catalog_search.c - the dishes that hold a person's words
 *
 * Walks the candidates of the index by id, looks whether each holds the words,
 * and stops when its page is full; a lighter statement counts on from there.
 * Together they look at no more than VISIT_MAX. What was counted is remembered
 * in this process until the catalogue changes, because people type the same
 * few words.
 */
#include <stdio.h>
#include <string.h>

#include "lib/shop/catalog_row.h"
#include "lib/shop/search.h"

enum {
	VISIT_MAX = 20000,	/* candidates: some 20 ms at worst */
	MEMOS = 512		/* 12 KB */
};

/* Each is followed by its like for one branch. */
enum {
	TRIGRAM, TRIGRAM_WITH, PREFIX, PREFIX_WITH,
	COUNT_TRIGRAM, COUNT_TRIGRAM_WITH, COUNT_PREFIX, COUNT_PREFIX_WITH, STATEMENTS
};

/* ?1 what to match, ?2 behind which id, ?3 limit, ?4 branch, ?5 now. Candidates
 * come with what fits() wants to know. */
#define CHECKED ", p.search_text, p.category_id, p.is_active, p.is_available"
#define CHECKED_WITH ", p.search_text, p.category_id, pb.is_active, pb.is_available"
#define PRODUCT(index) " FROM " index " f CROSS JOIN product p ON p.id = f.rowid"
#define OFFER " LEFT JOIN product_branch pb ON pb.product_id = p.id AND pb.branch_id = ?4"
#define ENDING(index) " WHERE f." index " MATCH ?1 AND f.rowid > ?2 ORDER BY f.rowid LIMIT ?3"

#define FOUND(index) \
	CATALOG_COLUMNS CHECKED PRODUCT(index) CATALOG_CATEGORY ENDING(index)
#define FOUND_WITH(index) \
	CATALOG_COLUMNS_WITH("?5") CHECKED_WITH PRODUCT(index) CATALOG_CATEGORY OFFER ENDING(index)
#define COUNTED(index) \
	"SELECT f.rowid" CHECKED PRODUCT(index) ENDING(index)
#define COUNTED_WITH(index) \
	"SELECT f.rowid" CHECKED_WITH PRODUCT(index) OFFER ENDING(index)

static struct stmt sql[STATEMENTS] = {
	[TRIGRAM] = { .sql = FOUND("product_trigram") },
	[TRIGRAM_WITH] = { .sql = FOUND_WITH("product_trigram") },
	[PREFIX] = { .sql = FOUND("product_word") },
	[PREFIX_WITH] = { .sql = FOUND_WITH("product_word") },
	[COUNT_TRIGRAM] = { .sql = COUNTED("product_trigram") },
	[COUNT_TRIGRAM_WITH] = { .sql = COUNTED_WITH("product_trigram") },
	[COUNT_PREFIX] = { .sql = COUNTED("product_word") },
	[COUNT_PREFIX_WITH] = { .sql = COUNTED_WITH("product_word") },
};
DB_STATEMENTS(sql);

/* Values by place: a statement takes as many as its highest number. */
static const char *const types[STATEMENTS] = {
	[TRIGRAM] = "sii", [TRIGRAM_WITH] = "siiii", [PREFIX] = "sii", [PREFIX_WITH] = "siiii",
	[COUNT_TRIGRAM] = "sii", [COUNT_TRIGRAM_WITH] = "siii", [COUNT_PREFIX] = "sii",
	[COUNT_PREFIX_WITH] = "siii",
};

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
	    (!w->query->only_available || db_int(s, col + 3) == 1) &&
	    (category_id == 0 || db_int(s, col + 1) == category_id) &&
	    search_fits(&w->search, db_text(s, col));
}

static int
is_on_page(const struct walk *w, int64_t id)
{
	const struct catalog_query *q = w->query;

	return w->put < q->limit && (q->after != NULL ? id > q->after->id : w->found >= q->offset);
}

/* Until the page is full and one more is found, or nothing more can be. */
static int
put_matches(struct db *db, struct walk *w, struct buf *out, struct catalog_page *page)
{
	const struct catalog_query *q = w->query;
	int which = (w->search.index == SEARCH_TRIGRAM ? TRIGRAM : PREFIX) + (q->view.branch_id != 0);
	int rc;
	struct stmt *s = &sql[which];

	rc = db_query(db, s, types[which], w->search.match, (int64_t)0, (int64_t)VISIT_MAX,
	    q->view.branch_id, q->view.now);
	if (rc != 0)
		return rc;
	while (w->found < CATALOG_SEARCH_TOTAL && (rc = db_row(db, s)) == 1) {
		w->visits++;
		w->last = db_int(s, 0);
		if (!fits(w, s, CATALOG_ROW))
			continue;
		if (is_on_page(w, w->last)) {
			catalog_put_row(out, NULL, s, &q->view);
			w->put++;
			w->last_put = w->last;
		} else if (w->put == q->limit) {
			page->has_next = 1;
			page->next.id = w->last_put;
		}
		w->found++;
		if (page->has_next)
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

	snprintf(view, sizeof view, "%lld %lld %d %d", (long long)q->view.branch_id,
	    (long long)q->category_id, (int)w->search.index, q->only_available != 0);
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
	int which = (w->search.index == SEARCH_TRIGRAM ? COUNT_TRIGRAM : COUNT_PREFIX) +
	    (v->branch_id != 0);
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

int
catalog_list_found(struct db *db, const struct catalog_query *q, struct buf *out,
    struct catalog_page *page)
{
	struct walk w = { .query = q };
	int rc;

	if (search_read(&w.search, q->search, q->category) == SEARCH_NOTHING)
		return 0;
	if ((rc = put_matches(db, &w, out, page)) != 0)
		return rc;
	if (page->has_next || w.found >= CATALOG_SEARCH_TOTAL)
		rc = recall_or_count(db, &w);
	page->is_capped = w.found > CATALOG_SEARCH_TOTAL || w.visits >= VISIT_MAX;
	page->total = w.found > CATALOG_SEARCH_TOTAL ? CATALOG_SEARCH_TOTAL : w.found;
	return rc;
}
