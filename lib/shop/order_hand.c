/*
 * order_hand.c - what staff does to an order by hand; see order_hand.h
 *
 * First what the till may have is judged, then the order's own table of moves
 * (order.c), and only then anything is written.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/shop/audit.h"
#include "lib/shop/order_hand.h"
#include "lib/shop/outbox.h"
#include "lib/shop/till_note.h"

enum { DETAIL_MAX = 1024, KEY_TEXT = 128 };

enum { ABOUT };
static struct stmt sql[] = {
	[ABOUT] = { .sql = "SELECT status, order_type, ref, attention FROM orders WHERE id = ?1" },
};
DB_STATEMENTS(sql);

/* The order, and where its row stands; row.id 0: it has none. */
struct about {
	enum order_status status;
	int is_delivery;
	char ref[KEY_TEXT / 2], attention[32];
	struct hand_row row;
};

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text == NULL ? "" : text);
}

/* 1 found. */
static int
load(struct db *db, int64_t id, struct about *o)
{
	struct stmt *st = &sql[ABOUT];
	int rc = db_find(db, st, "i", id);

	if (rc != 1)
		return rc;
	*o = (struct about){ .status = order_status_parse(db_text(st, 0)),
		.is_delivery = strcmp(db_text(st, 1), "delivery") == 0,
		.row = { .order_id = id, .sent_at = DB_NULL } };
	copy(o->ref, sizeof o->ref, db_text(st, 2));
	copy(o->attention, sizeof o->attention, db_text(st, 3));
	db_done(st);
	rc = outbox_hand_row(db, id, &o->row);
	return rc < 0 ? rc : 1;
}

/* HAND_DONE and its audit, or a db_status. */
static int
done(struct db *db, int64_t order_id, int64_t user_id, const char *action, const struct buf *detail)
{
	char object[AUDIT_OBJECT];
	int rc = detail->failed ? DB_ERROR : audit_add(db, user_id, action,
	    audit_object(object, "order", order_id), detail->s);

	return rc == 0 ? HAND_DONE : rc;
}

static int
is_waiting(const struct hand_row *row)
{
	return row->id != 0 && (row->state == OUTBOX_DUE || row->state == OUTBOX_CLAIMED ||
	    row->state == OUTBOX_UNCERTAIN);
}

/* May the row be left behind by this move? An enum hand. */
static int
judge_row(const struct about *o, enum order_status to)
{
	const struct hand_row *row = &o->row;
	int may_have = is_waiting(row) && (row->sent_at != DB_NULL ||
	    row->state == OUTBOX_UNCERTAIN);

	if (to == ORDER_PENDING)
		return row->id != 0 && row->state == OUTBOX_SENT ? HAND_AT_TILL
		    : is_waiting(row) ? HAND_UNKNOWN : HAND_DONE;
	if (!may_have || to != ORDER_FAILED)
		return HAND_DONE;
	return row->is_leased ? HAND_BUSY : HAND_UNKNOWN;
}

static int
owe_again(struct db *db, const struct hand_move *m, const struct about *o)
{
	char key[KEY_TEXT];

	snprintf(key, sizeof key, "%s-%s", o->ref, m->chance);
	return outbox_owe_order(db, m->order_id, "order", key);
}

/* What is owed to the till after the move; a cancelling owes order_move() itself.
 * 0 or a db_status. */
static int
settle_row(struct db *db, const struct hand_move *m, const struct about *o)
{
	int rc = 0;

	if (m->to == ORDER_PENDING)
		return owe_again(db, m, o);
	/* by this word a till that waits for it gets the order */
	if (m->to != ORDER_CANCELLED && m->to != ORDER_FAILED &&
	    (rc = till_note_is(db, TILL_WAITS, "yes")) != 0)
		return rc < 0 ? rc : 0;
	if (is_waiting(&o->row) && o->row.sent_at == DB_NULL)
		rc = outbox_close(db, m->order_id, "by_hand");
	return rc < 0 ? rc : 0;
}

static int
note_move(struct db *db, const struct hand_move *m, const struct about *o)
{
	struct buf b = BUF_INIT(DETAIL_MAX);
	int rc;

	json_open(&b, NULL, '{');
	json_put_text(&b, "from", order_status_name(o->status));
	json_put_text(&b, "to", order_status_name(m->to));
	json_put_text(&b, "reason_code", m->reason);
	json_close(&b, '}');
	rc = done(db, m->order_id, m->user_id, "order.move", &b);
	buf_free(&b);
	return rc;
}

int
order_hand_move(struct db *db, const struct hand_move *m)
{
	struct order_news news = { .order_id = m->order_id, .to = m->to, .by = BY_STAFF,
		.reason = m->reason, .run_id = DB_NULL };
	struct about o;
	int rc = load(db, m->order_id, &o);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	if (o.status == m->to)
		return HAND_IS_SO;
	if (order_may_move(o.status, m->to, o.is_delivery, BY_STAFF) != MOVE_YES)
		return HAND_OVER;
	if ((rc = judge_row(&o, m->to)) != HAND_DONE)
		return rc;
	if ((rc = order_move(db, &news)) != 1)
		return rc == ORDER_NO_STOCK ? HAND_NO_STOCK : rc == 0 ? HAND_OVER : rc;
	rc = settle_row(db, m, &o);
	return rc < 0 ? rc : note_move(db, m, &o);
}

int
order_hand_enter(struct db *db, int64_t order_id, const char *pos_order_id, int64_t user_id)
{
	struct buf b = BUF_INIT(DETAIL_MAX);
	struct about o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	if ((rc = outbox_hand_take(db, &o.row, pos_order_id)) != HAND_DONE)
		return rc;
	json_open(&b, NULL, '{');
	json_put_text(&b, "from", order_status_name(o.status));
	json_put_text(&b, "pos_order_id", pos_order_id);
	json_close(&b, '}');
	rc = done(db, order_id, user_id, "order.entered", &b);
	buf_free(&b);
	return rc;
}

int
order_hand_seen(struct db *db, int64_t order_id, int64_t user_id)
{
	struct buf b = BUF_INIT(DETAIL_MAX);
	struct about o;
	int rc = load(db, order_id, &o), is_over;

	if (rc != 1)
		return rc == 0 ? HAND_NONE : rc;
	if (o.attention[0] == '\0')
		return HAND_IS_SO;
	is_over = o.status == ORDER_DELIVERED || o.status == ORDER_CANCELLED ||
	    o.status == ORDER_FAILED;
	if (!is_over && strcmp(o.attention, "total_differs") != 0 &&
	    strcmp(o.attention, "incomplete") != 0)
		return HAND_OVER;
	if ((rc = order_attention(db, order_id, NULL)) < 0)
		return rc;
	json_open(&b, NULL, '{');
	json_put_text(&b, "attention", o.attention);
	json_close(&b, '}');
	rc = done(db, order_id, user_id, "order.seen", &b);
	buf_free(&b);
	return rc;
}
