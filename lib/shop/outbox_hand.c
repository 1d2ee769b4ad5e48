/*
 * outbox_hand.c - what a person says about a row; see outbox_hand.h
 *
 * A claimed row whose bytes are not frozen may be ended: its sender asks for
 * it once more before the first byte, and finds that it is his no longer.
 * One that is frozen may be on the wire, so it is left alone until its lease
 * has run out.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/shop/audit.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"
#include "lib/shop/outbox_hand.h"
#include "lib/shop/outbox_then.h"

enum { DETAIL_MAX = 1024 };

#define ROW "SELECT id, order_id, state, sent_at, next_ms, kind, lease_ms, last_outcome FROM outbox "

enum { BY_ID, OF_ORDER, AGAIN, NOW, TAKEN, ORDER };
static struct stmt sql[] = {
	[BY_ID] = { .sql = ROW "WHERE id = ?1" },
	[OF_ORDER] = { .sql = ROW "WHERE id = (SELECT max(y.id) FROM outbox y "
	    "WHERE y.order_id = ?1 AND y.kind = 'order')" },
	[AGAIN] = { .sql = "UPDATE outbox SET state = 'due', mode = ?2, sent_at = ?3, attempts = 0, "
	    "finds = 0, next_ms = ?4, lease_ms = NULL, created_at = ?5, updated_at = ?6 "
	    "WHERE id = ?1" },
	[NOW] = { .sql = "UPDATE outbox SET next_ms = ?2, updated_at = ?3 WHERE id = ?1" },
	[TAKEN] = { .sql = "UPDATE outbox SET state = 'sent', mode = 'send', lease_ms = NULL, "
	    "sent_at = coalesce(sent_at, ?2), last_outcome = 'by_hand', last_error = NULL, "
	    "updated_at = ?2 WHERE id = ?1" },
	[ORDER] = { .sql = "SELECT status, pos_order_id IS NOT NULL, "
	    "?2 IS NULL OR pos_order_id = ?2 FROM orders WHERE id = ?1" },
};
DB_STATEMENTS(sql);

static const char *const states[OUTBOX_STATES] = {
	[OUTBOX_DUE] = "due", [OUTBOX_CLAIMED] = "claimed", [OUTBOX_SENT] = "sent",
	[OUTBOX_UNCERTAIN] = "uncertain", [OUTBOX_REFUSED] = "refused", [OUTBOX_PARKED] = "parked",
};

static enum outbox_state
state_of(const char *name)
{
	int s = 0;

	while (s < OUTBOX_STATES - 1 && strcmp(states[s], name) != 0)
		s++;
	return (enum outbox_state)s;
}

/* 1 found. */
static int
find(struct db *db, int which, int64_t id, struct hand_row *row)
{
	struct stmt *st = &sql[which];
	const char *outcome;
	int rc = db_find(db, st, "i", id);

	if (rc != 1)
		return rc;
	*row = (struct hand_row){ .id = db_int(st, 0), .order_id = db_int(st, 1),
		.state = state_of(db_text(st, 2)), .sent_at = db_int(st, 3),
		.next_ms = db_int(st, 4), .is_order = strcmp(db_text(st, 5), "order") == 0,
		.is_then = strcmp(db_text(st, 5), "then") == 0 };
	row->is_leased = row->state == OUTBOX_CLAIMED && db_int(st, 6) > clock_ms();
	outcome = db_text(st, 7);
	row->by_hand = outcome != NULL && strcmp(outcome, "by_hand") == 0;
	db_done(st);
	return 1;
}

int
outbox_hand_row(struct db *db, int64_t order_id, struct hand_row *row)
{
	return find(db, OF_ORDER, order_id, row);
}

/* HAND_DONE and its audit, or a db_status. */
static int
done(struct db *db, const struct hand_row *row, int64_t user_id, const char *action,
    const char *pos_order_id)
{
	char object[AUDIT_OBJECT];
	struct buf b = BUF_INIT(DETAIL_MAX);
	int rc;

	json_open(&b, NULL, '{');
	json_put_int(&b, "order_id", row->order_id);
	json_put_text(&b, "state", states[row->state]);
	if (pos_order_id != NULL)
		json_put_text(&b, "pos_order_id", pos_order_id);
	json_close(&b, '}');
	rc = b.failed ? DB_ERROR : audit_add(db, user_id, action,
	    audit_object(object, "outbox", row->id), b.s);
	buf_free(&b);
	return rc == 0 ? HAND_DONE : rc;
}

/* Due from now on; the order shows it, and nobody is called for it any more. */
static int
again(struct db *db, const struct hand_row *row, const char *mode, int64_t sent_at)
{
	int rc = db_run(db, &sql[AGAIN], "isiiii", row->id, mode, sent_at, clock_ms(), clock_now(),
	    clock_now());

	if (rc == 0 && row->is_order)
		rc = outbox_show(db, row->order_id, "due", sent_at);
	if (rc == 0 && row->is_order)
		rc = order_attention_end(db, row->order_id, "uncertain");
	if (rc == 0 && row->is_then)
		rc = outbox_then_done(db, row->order_id);
	return rc < 0 ? rc : 0;
}

int
outbox_hand_retry(struct db *db, int64_t row_id, int64_t user_id)
{
	struct hand_row row;
	int rc = find(db, BY_ID, row_id, &row);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	switch (row.state) {
	case OUTBOX_CLAIMED:
		return row.is_leased ? HAND_BUSY : HAND_IS_SO;
	case OUTBOX_DUE:
		if (row.next_ms <= clock_ms())
			return HAND_IS_SO;
		rc = db_run(db, &sql[NOW], "iii", row.id, clock_ms(), clock_now());
		break;
	case OUTBOX_REFUSED:
		if (row.is_order)
			return HAND_OVER;
		/* fallthrough */
	case OUTBOX_UNCERTAIN:
		rc = again(db, &row, row.sent_at == DB_NULL ? "send" : "find", row.sent_at);
		break;
	default:
		return HAND_OVER;
	}
	return rc < 0 ? rc : done(db, &row, user_id, "outbox.retry", NULL);
}

/* What the order says to being at the till under this number; an enum hand. */
static int
may_take(struct db *db, const struct hand_row *row, const char *pos_order_id)
{
	enum order_status status;
	int has, same, rc = db_find(db, &sql[ORDER], "is", row->order_id, pos_order_id);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	status = order_status_parse(db_text(&sql[ORDER], 0));
	has = db_int(&sql[ORDER], 1) == 1;
	same = db_int(&sql[ORDER], 2) == 1;
	db_done(&sql[ORDER]);
	/* one that was cancelled meanwhile is called back there (order_entered) */
	if (status == ORDER_DELIVERED || (status == ORDER_CANCELLED &&
	    (row->sent_at == DB_NULL || row->state == OUTBOX_SENT)))
		return HAND_OVER;
	if (row->id == 0 || row->state != OUTBOX_SENT)
		return row->is_leased && row->sent_at != DB_NULL ? HAND_BUSY : HAND_DONE;
	if (status == ORDER_FAILED || status == ORDER_PENDING)
		return HAND_DONE;
	if (same)
		return HAND_IS_SO;
	/* a number that a person gave may be put right, the till's own not */
	return has && !row->by_hand ? HAND_AT_TILL : HAND_DONE;
}

int
outbox_hand_take(struct db *db, const struct hand_row *row, const char *pos_order_id)
{
	int rc = may_take(db, row, pos_order_id);

	if (rc != HAND_DONE)
		return rc;
	rc = row->id == 0 ? 0 : db_run(db, &sql[TAKEN], "ii", row->id, clock_now());
	if (rc == 0)
		rc = order_entered(db, row->order_id, pos_order_id);
	return rc < 0 ? rc : HAND_DONE;
}

/* A call that follows an order was made, whoever made it: those behind it go on. */
static int
found_then(struct db *db, const struct hand_row *row, int64_t user_id, const char *id)
{
	int rc;

	if (row->state == OUTBOX_SENT)
		return HAND_IS_SO;
	if (row->state == OUTBOX_PARKED)
		return HAND_OVER;
	if (row->is_leased)
		return HAND_BUSY;
	rc = db_run(db, &sql[TAKEN], "ii", row->id, clock_now());
	if (rc == 0)
		rc = outbox_then_done(db, row->order_id);
	return rc < 0 ? rc : done(db, row, user_id, "outbox.found", id);
}

int
outbox_hand_found(struct db *db, int64_t row_id, const char *pos_order_id, int64_t user_id)
{
	struct hand_row row;
	int rc = find(db, BY_ID, row_id, &row);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	if (row.is_then)
		return found_then(db, &row, user_id, pos_order_id);
	if (!row.is_order)
		return HAND_OVER;
	rc = outbox_hand_take(db, &row, pos_order_id);
	if (rc == HAND_DONE && row.sent_at != DB_NULL && outbox_owe_thens(db, row.id) < 0)
		return DB_ERROR;
	return rc == HAND_DONE ? done(db, &row, user_id, "outbox.found", pos_order_id) : rc;
}

int
outbox_hand_absent(struct db *db, int64_t row_id, int64_t user_id)
{
	struct hand_row row;
	int rc = find(db, BY_ID, row_id, &row);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	if (!(row.is_order || row.is_then) || row.state == OUTBOX_REFUSED || row.state == OUTBOX_PARKED)
		return HAND_OVER;
	if (row.state == OUTBOX_SENT)
		return HAND_AT_TILL;
	if (row.sent_at == DB_NULL)
		return HAND_IS_SO;	/* nobody thinks that it is there */
	if (row.is_leased)
		return HAND_BUSY;
	rc = again(db, &row, "send", DB_NULL);
	return rc < 0 ? rc : done(db, &row, user_id, "outbox.absent", NULL);
}

int
outbox_hand_resume(struct db *db, const char *lane, int64_t user_id)
{
	char object[AUDIT_OBJECT] = "lane ";
	int rc = lane_resume(db, lane);

	if (rc != 1)
		return rc == 0 ? HAND_IS_SO : rc;
	strncat(object, lane, sizeof object - sizeof "lane ");
	rc = audit_add(db, user_id, "lane.resume", object, NULL);
	return rc == 0 ? HAND_DONE : rc;
}
