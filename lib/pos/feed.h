/*
 * feed.h - a list of the till, read page by page
 *
 *	f = feed_open(pos, &(struct feed_ask){ .what = FEED_PRODUCTS });
 *	while (feed_page(f) == 1) {
 *		begin a transaction
 *		while ((row = feed_row(f)) != NULL)
 *			put the row
 *		commit
 *	}
 *	if (feed_end(f)->complete)
 *		what did not come is gone
 *	feed_close(f);
 *
 * The network is used in feed_page only. Memory is one page; a row and its
 * texts live until the next feed_row or feed_page. Bad rows never come out
 * of feed_row: they are set aside with a reason (feed_aside).
 */
#ifndef POS_FEED_H
#define POS_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/pos/call.h"

enum feed_what {
	FEED_BRANCHES, FEED_CATEGORIES, FEED_IMAGES, FEED_PRODUCTS, FEED_STOCK,
	FEEDS
};

/* What a field holds is in comments: t text, m money, q quantity, b bool, r real, j JSON, k keys. */
enum pos_field {
	POS_NAME,		/* t */
	POS_DESCRIPTION,	/* t, `text` in profiles */
	POS_CATEGORY,		/* t: a category's key, or its name where there is no such feed */
	POS_IMAGE,		/* t: address */
	POS_IMAGE_KEY,		/* t: key in FEED_IMAGES */
	POS_PRICE,		/* m */
	POS_STOCK,		/* q: whole units, rounded down, never below 0; absent = not known */
	POS_STOCK_KEY,		/* t: FEED_STOCK names the product by this, not by its key */
	POS_SKU,		/* t */
	POS_TRACKED,		/* b: 0 = the till does not count it */
	POS_SALE,		/* b: 0 = not for sale */
	POS_CHOICE,		/* b: 1 = nobody can have it without a choice that we cannot order */
	POS_IS_GONE,		/* b: deleted at the till */
	POS_ONLY_BRANCHES,	/* k: present = sold there only */
	POS_NOT_BRANCHES,	/* k */
	POS_CURRENCY,		/* t */
	POS_ADDRESS,		/* t */
	POS_LATITUDE,		/* r */
	POS_LONGITUDE,		/* r */
	POS_PHONE,		/* t */
	POS_HOURS,		/* j: as text */
	POS_PARENT,		/* t: key of the category above */
	POS_HIDDEN,		/* b */
	POS_URL,		/* t: of an image */
	POS_FIELDS
};

struct pos_cell {
	int set;			/* 0 = absent; the rest is zero then */
	const char *text;		/* t, j */
	int64_t number;			/* m kopecks, q units, b 0 or 1 */
	int64_t below;			/* q: so many units the till counts below 0 */
	double real;			/* r */
	const char *const *keys;	/* k */
	size_t key_count;
};

struct pos_sub {		/* a branch's own values in a product's row, or a depot of a branch */
	const char *key;
	struct pos_cell f[POS_FIELDS];
};

struct pos_row {
	const char *key;	/* never empty, ≤ POS_KEY_MAX bytes; what to keep as pos_..._id */
	const char *branch;	/* for rows that name their branch; NULL = none */
	struct pos_cell f[POS_FIELDS];
	const struct pos_sub *branches;
	size_t branch_count;
	const struct pos_sub *depots;
	size_t depot_count;
};

enum feed_per { FEED_ONCE, FEED_PER_DEPOT, FEED_PER_BRANCH };

/* Has the profile this list, can it ask for changes only, and how often is it asked? */
int feed_has(const struct pos *, enum feed_what);
int feed_can_since(const struct pos *, enum feed_what);
enum feed_per feed_per(const struct pos *, enum feed_what);
/* Do its rows have this field at all? */
int feed_sets(const struct pos *, enum feed_what, enum pos_field);

struct feed_ask {
	enum feed_what what;
	const char *since;	/* the mark of an earlier run; NULL = everything */
	const char *depot;	/* for FEED_PER_DEPOT and FEED_PER_BRANCH: whose */
	int bad_percent;	/* more bad rows than this fail the feed; 0 = 10 */
};

struct feed;
struct feed *feed_open(struct pos *, const struct feed_ask *);	/* NULL: no memory, no such list */
void feed_close(struct feed *);

/* 1 a page is there (perhaps without rows), 0 the end, -1 failed: see feed_end. */
int feed_page(struct feed *) __attribute__((warn_unused_result));
/* NULL = no more in this page. The row lives until the next call. */
const struct pos_row *feed_row(struct feed *);

/* A row that was set aside; key NULL when even that could not be read. */
struct feed_aside {
	const char *key;
	const char *why;	/* "/price: \"12.345\" has more than two decimals" */
};
/* Those of this page (the first 100), after feed_row gave NULL; NULL = no more. */
const struct feed_aside *feed_aside(struct feed *);

enum { FEED_MARK = 64 };

struct feed_end {
	enum pos_outcome outcome;	/* POS_DONE unless feed_page returned -1 */
	/*
	 * Every page came and ended by rule, it was not a `since` run, was
	 * not empty, and every row's key could be read: what is missing here
	 * is missing at the till.
	 */
	int complete;
	size_t pages, rows, aside;
	/*
	 * Where the next `since` run begins, taken from page 1; "" = the till
	 * said nothing. Only worth keeping after a run without failure.
	 */
	char mark[FEED_MARK];
	int retry_after;		/* as in pos_answer */
	char message[POS_FAULT];	/* why it failed */
};
const struct feed_end *feed_end(const struct feed *);

/* A saved reply run through a list (pos-sync --sample): body must stay. */
struct feed *feed_sample(struct pos *, enum feed_what, const char *body, size_t len);

/* A list's name in profiles, and back: -1 = there is no such list. */
const char *feed_name(enum feed_what);
int feed_by_name(const char *);
/* A row for people: one JSON object under the profile's names. */
void feed_show(const struct pos_row *, struct buf *);

#endif
