/*
 * catalog_hand.c - price, hidden and stopped, set by hand; see catalog_hand.h
 *
 * Walks the branches of a dish by key, so that one branch and a whole chain
 * are the same code, and lets the sums follow once, at the end. Columns of
 * partial indexes are written by statements of their own.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/shop/audit.h"
#include "lib/shop/catalog_hand.h"
#include "lib/shop/catalog_sums.h"

enum { DETAIL = 2048, REASON = 1024 };
enum { NEXT, SET_PRICE, SET_HIDDEN, SHOW, SET_STOP, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[NEXT] = { .sql =
	    "SELECT id, branch_id, override_price, is_hidden, stopped_until, stop_reason, in_feed,"
	    " stock_quantity, is_active, category_id, is_available FROM product_branch"
	    " WHERE product_id = ?1 AND branch_id BETWEEN ?2 AND ?3 ORDER BY branch_id LIMIT 1" },
	[SET_PRICE] = { .sql =
	    "UPDATE product_branch SET override_price = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_HIDDEN] = { .sql =
	    "UPDATE product_branch SET is_hidden = ?2, updated_at = ?3 WHERE id = ?1" },
	/* Whether it can be had is reckoned afterwards, with the sums. */
	[SHOW] = { .sql =
	    "UPDATE product_branch SET is_active = ?2, is_available = 0 WHERE id = ?1" },
	[SET_STOP] = { .sql =
	    "UPDATE product_branch SET stopped_until = ?2, stop_reason = ?3, updated_at = ?4"
	    " WHERE id = ?1" },
};
DB_STATEMENTS(sql);

/* A dish in a branch as it stands. */
struct offer {
	int64_t id, branch_id, price, is_hidden, stopped_until, in_feed, stock, is_active;
	int64_t category_id, is_available;
	char reason[REASON];	/* "" = none */
};

/* What is to stand there. */
struct wish {
	const struct catalog_hand *hand;
	int64_t value;
	const char *reason;
	int (*change)(struct db *, const struct wish *, const struct offer *);
};

/* How the audit tells of it. */
struct story {
	const char *action, *member;
	void (*put)(struct buf *, const char *key, int64_t value);
};

static int
next_offer(struct db *db, int64_t product_id, int64_t from, int64_t to, struct offer *o)
{
	struct stmt *s = &sql[NEXT];
	int rc = db_find(db, s, "iii", product_id, from, to);

	if (rc != 1)
		return rc;
	*o = (struct offer){ .id = db_int(s, 0), .branch_id = db_int(s, 1), .price = db_int(s, 2),
		.is_hidden = db_int(s, 3), .stopped_until = db_int(s, 4), .in_feed = db_int(s, 6),
		.stock = db_int(s, 7), .is_active = db_int(s, 8), .category_id = db_int(s, 9),
		.is_available = db_int(s, 10) };
	if (!db_is_null(s, 5))
		snprintf(o->reason, sizeof o->reason, "%s", db_text(s, 5));
	db_done(s);
	return 1;
}

/* ---- the audit */

static void
put_price(struct buf *b, const char *key, int64_t price)
{
	if (price == DB_NULL)
		json_put_null(b, key);
	else
		json_put_money(b, key, price);
}

static void
put_flag(struct buf *b, const char *key, int64_t flag)
{
	json_put_bool(b, key, flag != 0);
}

static const struct story price_story = { "product.price", "override_price", put_price };
static const struct story hidden_story = { "product.hide", "is_hidden", put_flag };
static const struct story stop_story = { "product.stop", "stopped_until", json_put_time };

static int
note(struct db *db, const struct wish *w, int64_t branch_id, const struct story *story,
    int64_t old)
{
	struct buf b = BUF_INIT(DETAIL);
	char object[AUDIT_OBJECT];
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_put_int(&b, "branch_id", branch_id);
	json_open(&b, story->member, '{');
	story->put(&b, "old", old);
	story->put(&b, "new", w->value);
	json_close(&b, '}');
	if (w->reason != NULL)
		json_put_text(&b, "reason", w->reason);
	json_close(&b, '}');
	if (!b.failed)
		rc = audit_add(db, w->hand->user_id, story->action,
		    audit_object(object, "product", w->hand->product_id), b.s);
	buf_free(&b);
	return rc;
}

/* ---- one branch: 1 changed, 0 it stood so, else a db_status */

static int
change_price(struct db *db, const struct wish *w, const struct offer *o)
{
	int rc;

	if (o->price == w->value)
		return 0;
	rc = db_run(db, &sql[SET_PRICE], "iii", o->id, w->value, w->hand->rules.now);
	if (rc == 0)
		rc = note(db, w, o->branch_id, &price_story, o->price);
	return rc == 0 ? 1 : rc;
}

static int
change_hidden(struct db *db, const struct wish *w, const struct offer *o)
{
	int64_t active = catalog_is_shown(&w->hand->rules, o->in_feed, w->value, o->stock);
	int rc;

	if (o->is_hidden == w->value)
		return 0;
	rc = db_run(db, &sql[SET_HIDDEN], "iii", o->id, w->value, w->hand->rules.now);
	if (rc == 0 && active != o->is_active)
		rc = db_run(db, &sql[SHOW], "ii", o->id, active);
	if (rc == 0 && active != o->is_active)
		rc = catalog_count_dish(db, o->branch_id, o->category_id,
		    (struct catalog_tally){ active - o->is_active, -o->is_available });
	if (rc == 0)
		rc = note(db, w, o->branch_id, &hidden_story, o->is_hidden);
	return rc == 0 ? 1 : rc;
}

static int
change_stop(struct db *db, const struct wish *w, const struct offer *o)
{
	const char *reason = w->reason != NULL ? w->reason : "";
	int rc;

	if (o->stopped_until == w->value && strcmp(o->reason, reason) == 0)
		return 0;
	rc = db_run(db, &sql[SET_STOP], "iisi", o->id, w->value, w->reason, w->hand->rules.now);
	if (rc == 0)
		rc = note(db, w, o->branch_id, &stop_story, o->stopped_until);
	return rc == 0 ? 1 : rc;
}

static int
change_all(struct db *db, const struct wish *w)
{
	const struct catalog_hand *h = w->hand;
	int64_t from = h->branch_id, to = from != 0 ? from : INT64_MAX;
	struct offer o;
	int rc, changed = 0;

	while ((rc = next_offer(db, h->product_id, from, to, &o)) == 1) {
		if ((rc = w->change(db, w, &o)) < 0)
			return rc;
		changed += rc;
		from = o.branch_id + 1;
	}
	if (rc < 0 || changed == 0)
		return rc;
	if ((rc = catalog_touch(db, h->product_id, h->rules.now)) != 0)
		return rc;
	rc = catalog_tell(db, h->product_id, h->branch_id != 0 ? h->branch_id : DB_NULL);
	return rc != 0 ? rc : changed;
}

int
catalog_override(struct db *db, const struct catalog_hand *h, int64_t price)
{
	return change_all(db, &(struct wish){ h, price, NULL, change_price });
}

int
catalog_hide(struct db *db, const struct catalog_hand *h, int hidden)
{
	return change_all(db, &(struct wish){ h, hidden != 0, NULL, change_hidden });
}

int
catalog_stop(struct db *db, const struct catalog_hand *h, int64_t until, const char *reason)
{
	return change_all(db, &(struct wish){ h, until, until != DB_NULL ? reason : NULL,
	    change_stop });
}
