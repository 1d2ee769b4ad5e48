/*
 * catalog_obey.c - a setting that changed reaches the dishes that it is about
 *
 * HIDE_ZERO_STOCK is judged when a row is written, so that lists need not look
 * at it. When it changes, a till that tells only what is new would leave the
 * other rows as they were; so all are gone through once, some at a time, and
 * what they now stand for is written down.
 */
#include <string.h>

#include "lib/shop/catalog.h"
#include "lib/shop/catalog_sums.h"

enum { OBEYED, REMEMBER, NEXT, SHOW, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[OBEYED] = { .sql = "SELECT value FROM meta WHERE key = 'hide_zero_stock'" },
	[REMEMBER] = { .sql =
	    "INSERT INTO meta (key, value) VALUES ('hide_zero_stock', ?1)"
	    " ON CONFLICT (key) DO UPDATE SET value = ?1" },
	[NEXT] = { .sql =
	    "SELECT id, product_id, branch_id, category_id, in_feed, is_hidden, stock_quantity,"
	    " is_active, is_available FROM product_branch WHERE id > ?1 ORDER BY id LIMIT 1" },
	[SHOW] = { .sql =
	    "UPDATE product_branch SET is_active = ?2, is_available = 0, updated_at = ?3"
	    " WHERE id = ?1" },
};
DB_STATEMENTS(sql);

static const char *
in_words(const struct catalog_rules *rules)
{
	return rules->hide_zero_stock ? "yes" : "no";
}

/* 1 as the catalogue stands already, 0 it does not, else a db_status. */
static int
is_obeyed(struct db *db, const struct catalog_rules *rules)
{
	struct stmt *s = &sql[OBEYED];
	int rc = db_find(db, s, "");

	if (rc == 1) {
		rc = strcmp(db_text(s, 0), in_words(rules)) == 0;
		db_done(s);
	}
	return rc;
}

/* One row, standing in NEXT: 1 when it changed, 0, or a db_status. */
static int
obey_row(struct db *db, const struct catalog_rules *rules, struct stmt *s)
{
	int64_t id = db_int(s, 0), product_id = db_int(s, 1), branch_id = db_int(s, 2);
	int64_t category_id = db_int(s, 3), was = db_int(s, 7), could = db_int(s, 8);
	int64_t active = catalog_is_shown(rules, db_int(s, 4), db_int(s, 5), db_int(s, 6));
	int rc;

	db_done(s);
	if (active == was)
		return 0;
	rc = db_run(db, &sql[SHOW], "iii", id, active, rules->now);
	if (rc == 0)
		rc = catalog_count_dish(db, branch_id, category_id,
		    (struct catalog_tally){ active - was, -could });
	if (rc == 0)
		rc = catalog_touch(db, product_id, rules->now);
	return rc == 0 ? 1 : rc;
}

/* As many rows behind *after as a transaction may last: 1 there are more, 0 no
 * more, else a db_status. */
static int
obey_some(struct db *db, const struct catalog_rules *rules, int64_t *after, int64_t *changed)
{
	struct stmt *s = &sql[NEXT];
	int rc;

	while ((rc = db_find(db, s, "i", *after)) == 1) {
		*after = db_int(s, 0);
		if ((rc = obey_row(db, rules, s)) < 0)
			return rc;
		*changed += rc;
		if (db_hold_ms(db) >= DB_HOLD_MS / 2)
			return 1;
	}
	return rc != 0 ? rc : db_run(db, &sql[REMEMBER], "s", in_words(rules));
}

int64_t
catalog_obey(struct db *db, const struct catalog_rules *rules)
{
	int64_t after = 0, changed = 0;
	int rc = is_obeyed(db, rules), more = 1, ended;

	if (rc != 0)
		return rc == 1 ? 0 : rc;
	while (more == 1) {
		if ((rc = db_begin(db)) != DB_OK)
			return rc;
		more = obey_some(db, rules, &after, &changed);
		if ((ended = db_end(db, more >= 0)) != DB_OK)
			return ended;
	}
	return more < 0 ? more : changed;
}
