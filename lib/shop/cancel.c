/* cancel.c - calling an order back; see cancel.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/cancel.h"
#include "lib/shop/notification.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"

enum { KEY_MAX = 512 };

enum { ABOUT, ASKED, REFUSED, OWED, KEY, FORGET, POSSIBLE, NOTE };
static struct stmt sql[] = {
	[ABOUT] = { .sql = "SELECT user_id, status, reason_code, cancel_requested_at, "
	    "cancel_refused_at FROM orders WHERE id = ?1" },
	[ASKED] = { .sql = "UPDATE orders SET cancel_requested_at = ?2, updated_at = ?2 "
	    "WHERE id = ?1" },
	[REFUSED] = { .sql = "UPDATE orders SET cancel_requested_at = NULL, cancel_refused_at = ?2, "
	    "updated_at = ?2, attention = CASE WHEN attention = 'cancel_unanswered' THEN NULL "
	    "ELSE attention END WHERE id = ?1" },
	[OWED] = { .sql = "SELECT 1 FROM outbox WHERE order_id = ?1 AND kind = 'cancel' "
	    "AND state IN ('due', 'claimed', 'uncertain') LIMIT 1" },
	/* Both are known by one key. */
	[KEY] = { .sql = "SELECT idempotency_key || '-cancel-' || (SELECT count(*) + 1 FROM outbox c "
	    "WHERE c.order_id = ?1 AND c.kind = 'cancel') FROM outbox WHERE id = (SELECT max(id) "
	    "FROM outbox o WHERE o.order_id = ?1 AND o.kind = 'order')" },
	[FORGET] = { .sql = "UPDATE outbox SET state = 'parked', lease_ms = NULL, "
	    "last_outcome = 'not needed', updated_at = ?2 WHERE order_id = ?1 AND kind = 'cancel' "
	    "AND state IN ('due', 'claimed', 'uncertain')" },
	[POSSIBLE] = { .sql = "SELECT value FROM meta WHERE key = 'till_cancels'" },
	[NOTE] = { .sql = "INSERT INTO meta (key, value) VALUES ('till_cancels', ?1) "
	    "ON CONFLICT (key) DO UPDATE SET value = excluded.value" },
};
DB_STATEMENTS(sql);

struct about {
	int64_t user_id, refused_at, requested_at;
	enum order_status status;
	int by_customer;
};

/* 1 found. */
static int
load(struct db *db, int64_t order_id, struct about *o)
{
	struct stmt *st = &sql[ABOUT];
	int rc = db_find(db, st, "i", order_id);
	const char *reason;

	if (rc != 1)
		return rc;
	reason = db_text(st, 2);
	*o = (struct about){ .user_id = db_int(st, 0),
		.status = order_status_parse(db_text(st, 1)),
		.by_customer = reason != NULL && strcmp(reason, "customer") == 0,
		.requested_at = db_int(st, 3), .refused_at = db_int(st, 4) };
	db_done(st);
	return 1;
}

/* The move that the customer's word makes; as order_move(). */
static int
move(struct db *db, int64_t order_id, enum order_by by)
{
	return order_move(db, &(struct order_news){ .order_id = order_id, .to = ORDER_CANCELLED,
		.by = by, .reason = "customer", .run_id = DB_NULL });
}

int
cancel_call_back(struct db *db, int64_t order_id)
{
	char key[KEY_MAX];
	int rc = db_find(db, &sql[OWED], "i", order_id);

	db_done(&sql[OWED]);
	if (rc != 0 || (rc = cancel_possible(db)) != 1)
		return rc;
	if ((rc = db_find(db, &sql[KEY], "i", order_id)) != 1)
		return rc;
	snprintf(key, sizeof key, "%s", db_text(&sql[KEY], 0));
	db_done(&sql[KEY]);
	rc = outbox_owe_order(db, order_id, "cancel", key);
	return rc == 0 ? 1 : rc;
}

int
cancel_owe(struct db *db, int64_t order_id)
{
	int rc = outbox_close(db, order_id, "cancelled");

	return rc == 0 ? cancel_call_back(db, order_id) : rc;
}

/* The till may have it. */
static int
ask_till(struct db *db, int64_t order_id, const struct about *o)
{
	int rc = o->refused_at != DB_NULL ? 0 : cancel_call_back(db, order_id);

	if (rc != 1)
		return rc == 0 ? CANCEL_CALL_BRANCH : rc;
	if ((rc = db_run(db, &sql[ASKED], "ii", order_id, clock_now())) == 0)
		rc = order_changed(db, order_id);
	return rc == 0 ? CANCEL_ASKED : rc;
}

int
cancel_ask(struct db *db, int64_t user_id, int64_t order_id)
{
	struct about o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc == 0 ? CANCEL_NO_ORDER : rc;
	if (o.user_id != user_id)
		return CANCEL_NO_ORDER;
	if (o.status == ORDER_CANCELLED && o.by_customer)
		return CANCEL_DONE;
	if (order_is_over(o.status))
		return CANCEL_OVER;
	if (o.requested_at != DB_NULL)
		return CANCEL_ASKED;
	rc = outbox_close(db, order_id, "cancelled");
	if (rc == 0)
		return ask_till(db, order_id, &o);
	/* What never left can still be on the stove: staff moved it on by hand. */
	if (rc == 1 && (rc = move(db, order_id, BY_CUSTOMER)) >= 0)
		return rc == 1 ? CANCEL_DONE : CANCEL_CALL_BRANCH;
	return rc;
}

int
cancel_unsent(struct db *db, int64_t order_id)
{
	struct about o;
	int rc = load(db, order_id, &o);

	if (rc != 1 || o.requested_at == DB_NULL || o.status != ORDER_PENDING)
		return rc < 0 ? rc : 0;
	rc = outbox_close(db, order_id, "cancelled");
	return rc == 1 ? move(db, order_id, BY_CUSTOMER) : rc;
}

int
cancel_agreed(struct db *db, int64_t order_id)
{
	struct about o;
	int rc = load(db, order_id, &o);

	if (rc == 1 && o.status == ORDER_CANCELLED)
		rc = order_attention_end(db, order_id, "cancel_unanswered");
	else if (rc == 1)
		rc = move(db, order_id, BY_TILL);
	return rc < 0 ? rc : 0;
}

int
cancel_refused(struct db *db, int64_t order_id)
{
	struct about o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc < 0 ? rc : 0;
	if (o.status == ORDER_CANCELLED) {
		rc = order_attention(db, order_id, "cancel_unanswered");
		return rc < 0 ? rc : 0;
	}
	if (order_is_over(o.status))
		return 0;
	if ((rc = db_run(db, &sql[REFUSED], "ii", order_id, clock_now())) == 0)
		rc = notification_order(db, o.user_id, order_id, "cancel_refused");
	return rc == 0 ? order_changed(db, order_id) : rc;
}

int
cancel_forget(struct db *db, int64_t order_id)
{
	return db_run(db, &sql[FORGET], "ii", order_id, clock_now());
}

int
cancel_possible(struct db *db)
{
	struct stmt *st = &sql[POSSIBLE];
	int rc = db_find(db, st, "");

	if (rc != 1)
		return rc == 0 ? 1 : rc;
	rc = strcmp(db_text(st, 0), "no") != 0;
	db_done(st);
	return rc;
}

int
cancel_note_possible(struct db *db, int possible)
{
	return db_run(db, &sql[NOTE], "s", possible ? "yes" : "no");
}
