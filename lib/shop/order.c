/*
 * order.c - an order's life
 *
 * One table says who may move an order from where to where. News that come
 * late, twice or out of order find no row and change nothing. Everything that
 * belongs to a move happens here, in the caller's transaction: so no program
 * can forget the notification, the timeline or the reservation.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/shop/cancel.h"
#include "lib/shop/event.h"
#include "lib/shop/notification.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox_then.h"
#include "lib/shop/stock.h"

enum { PAYLOAD_MAX = 1024 };

static const char *const names[ORDER_STATUSES] = {
	[ORDER_PENDING] = "pending",
	[ORDER_SENT_TO_POS] = "sent_to_pos",
	[ORDER_PROCESSING] = "processing",
	[ORDER_READY_FOR_PICKUP] = "ready_for_pickup",
	[ORDER_OUT_FOR_DELIVERY] = "out_for_delivery",
	[ORDER_DELIVERED] = "delivered",
	[ORDER_CANCELLED] = "cancelled",
	[ORDER_FAILED] = "failed",
};

static const char *const by_names[ORDER_BYS] = {
	[BY_CUSTOMER] = "customer", [BY_TILL] = "till", [BY_STAFF] = "staff", [BY_CLOCK] = "clock",
};

/* The way forward; news of a lower rank are late. */
static const int rank[ORDER_STATUSES] = {
	[ORDER_PENDING] = 0, [ORDER_SENT_TO_POS] = 1, [ORDER_PROCESSING] = 2,
	[ORDER_READY_FOR_PICKUP] = 3, [ORDER_OUT_FOR_DELIVERY] = 4, [ORDER_DELIVERED] = 5,
	[ORDER_CANCELLED] = 6, [ORDER_FAILED] = 6,
};

enum {
	C = 1 << BY_CUSTOMER, T = 1 << BY_TILL, S = 1 << BY_STAFF, K = 1 << BY_CLOCK,
	ANY_TYPE = 0, PICKUP = 1, DELIVERY = 2
};

/*
 * Who may make the move; staff may also where the type does not fit. The till
 * reopens a failed order only by order_accepted(). A customer cancels only
 * what was never sent; afterwards he asks, and the till's answer moves it.
 */
static const unsigned char moves[ORDER_STATUSES][ORDER_STATUSES] = {
	[ORDER_PENDING] = {
		[ORDER_SENT_TO_POS] = T | S, [ORDER_PROCESSING] = T | S,
		[ORDER_READY_FOR_PICKUP] = T | S, [ORDER_OUT_FOR_DELIVERY] = T | S,
		[ORDER_DELIVERED] = T | S, [ORDER_CANCELLED] = C | T | S,
		[ORDER_FAILED] = T | S | K },
	[ORDER_SENT_TO_POS] = {
		[ORDER_PROCESSING] = T | S, [ORDER_READY_FOR_PICKUP] = T | S,
		[ORDER_OUT_FOR_DELIVERY] = T | S, [ORDER_DELIVERED] = T | S,
		[ORDER_CANCELLED] = T | S, [ORDER_FAILED] = T | S },
	[ORDER_PROCESSING] = {
		[ORDER_READY_FOR_PICKUP] = T | S, [ORDER_OUT_FOR_DELIVERY] = T | S,
		[ORDER_DELIVERED] = T | S, [ORDER_CANCELLED] = T | S, [ORDER_FAILED] = T | S },
	[ORDER_READY_FOR_PICKUP] = {
		[ORDER_OUT_FOR_DELIVERY] = T | S, [ORDER_DELIVERED] = T | S,
		[ORDER_CANCELLED] = T | S, [ORDER_FAILED] = T | S },
	[ORDER_OUT_FOR_DELIVERY] = {
		[ORDER_DELIVERED] = T | S, [ORDER_CANCELLED] = T | S, [ORDER_FAILED] = T | S },
	[ORDER_FAILED] = {
		[ORDER_PENDING] = S, [ORDER_SENT_TO_POS] = S, [ORDER_PROCESSING] = S,
		[ORDER_READY_FOR_PICKUP] = S, [ORDER_OUT_FOR_DELIVERY] = S,
		[ORDER_DELIVERED] = S },
};

static const unsigned char only_for[ORDER_STATUSES] = {
	[ORDER_READY_FOR_PICKUP] = PICKUP, [ORDER_OUT_FOR_DELIVERY] = DELIVERY,
};

/* The tap that usually comes next, by type: pickup, delivery. From pending it is
 * the till's, or "entered by hand". */
static const enum order_status usual[ORDER_STATUSES][2] = {
	[ORDER_PENDING] = { ORDER_STATUSES, ORDER_STATUSES },
	[ORDER_SENT_TO_POS] = { ORDER_PROCESSING, ORDER_PROCESSING },
	[ORDER_PROCESSING] = { ORDER_READY_FOR_PICKUP, ORDER_OUT_FOR_DELIVERY },
	[ORDER_READY_FOR_PICKUP] = { ORDER_DELIVERED, ORDER_OUT_FOR_DELIVERY },
	[ORDER_OUT_FOR_DELIVERY] = { ORDER_DELIVERED, ORDER_DELIVERED },
	[ORDER_DELIVERED] = { ORDER_STATUSES, ORDER_STATUSES },
	[ORDER_CANCELLED] = { ORDER_STATUSES, ORDER_STATUSES },
	[ORDER_FAILED] = { ORDER_PENDING, ORDER_PENDING },
};

enum { ABOUT, MOVE, TIMELINE, ACCEPT, ATTENTION };
static struct stmt sql[] = {
	[ABOUT] = { .sql = "SELECT status, order_type, user_id, branch_id, number, attention "
	    "FROM orders WHERE id = ?1" },
	[MOVE] = { .sql = "UPDATE orders SET status = ?2, updated_at = ?3, reason_code = ?4, "
	    "attention = CASE WHEN ?5 = 0 AND attention IN ('total_differs', 'cancel_unanswered', "
	    "'incomplete') "
	    "THEN attention END, "
	    "poll_at = CASE WHEN ?5 = 0 THEN poll_at END, "
	    "submission = CASE WHEN ?2 IN ('failed', 'cancelled') AND submission <> 'sent' "
	    "THEN 'stopped' WHEN ?2 = 'pending' THEN 'queued' ELSE submission END, "
	    "cancel_requested_at = CASE WHEN status = 'failed' THEN NULL "
	    "ELSE cancel_requested_at END, "
	    "cancel_refused_at = CASE WHEN status = 'failed' THEN NULL ELSE cancel_refused_at END, "
	    "pos_last_status_update_at = CASE WHEN ?6 = 'till' THEN ?3 "
	    "ELSE pos_last_status_update_at END, "
	    "moved_by_hand = CASE WHEN ?6 = 'staff' THEN 1 ELSE moved_by_hand END WHERE id = ?1" },
	[TIMELINE] = { .sql = "INSERT INTO order_move (order_id, status, by, at) "
	    "VALUES (?1, ?2, ?3, ?4)" },
	[ACCEPT] = { .sql = "UPDATE orders SET pos_order_id = coalesce(?2, pos_order_id), "
	    "submission = 'sent', "
	    "pos_sent_at = coalesce(pos_sent_at, ?3), updated_at = ?3, gone_at = NULL, "
	    "attention = CASE WHEN attention = 'uncertain' THEN NULL ELSE attention END, "
	    "poll_at = CASE WHEN status IN ('delivered', 'cancelled') "
	    "OR coalesce(?2, pos_order_id) IS NULL THEN NULL ELSE ?3 END "
	    "WHERE id = ?1" },
	[ATTENTION] = { .sql = "UPDATE orders SET attention = ?2, updated_at = ?3 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

struct order {
	int64_t id, user_id, branch_id, number;
	enum order_status status;
	int is_delivery, is_new;
	char attention[32];
};

const char *
order_status_name(enum order_status s)
{
	return names[s];
}

enum order_status
order_status_parse(const char *name)
{
	int s = 0;

	while (s < ORDER_STATUSES && (name == NULL || strcmp(names[s], name) != 0))
		s++;
	return (enum order_status)s;
}

int
order_is_over(enum order_status s)
{
	return s == ORDER_DELIVERED || s == ORDER_CANCELLED || s == ORDER_FAILED;
}

int
order_fits(enum order_status s, int is_delivery)
{
	return only_for[s] == ANY_TYPE || only_for[s] == (is_delivery ? DELIVERY : PICKUP);
}

enum order_status
order_next(enum order_status s, int is_delivery)
{
	return usual[s][is_delivery != 0];
}

enum order_allowed
order_may_move(enum order_status from, enum order_status to, int is_delivery, enum order_by by)
{
	if (from == to)
		return MOVE_NOTHING;
	if ((moves[from][to] & (1 << by)) != 0 && (order_fits(to, is_delivery) || by == BY_STAFF))
		return MOVE_YES;
	return rank[to] <= rank[from] && by != BY_STAFF ? MOVE_NOTHING : MOVE_NO;
}

/* 1 found. */
static int
load(struct db *db, int64_t id, struct order *o)
{
	struct stmt *st = &sql[ABOUT];
	const char *attention;
	int rc = db_find(db, st, "i", id);

	if (rc != 1)
		return rc;
	*o = (struct order){ .id = id, .status = order_status_parse(db_text(st, 0)),
		.is_delivery = strcmp(db_text(st, 1), "delivery") == 0, .user_id = db_int(st, 2),
		.branch_id = db_int(st, 3), .number = db_int(st, 4) };
	attention = db_text(st, 5);
	if (attention != NULL)
		memcpy(o->attention, attention, strnlen(attention, sizeof o->attention - 1));
	db_done(st);
	return 1;
}

/* For the branch's board, and for the customer unless he is placing it just now. */
static int
tell(struct db *db, const struct order *o, enum order_status status, const char *attention)
{
	const char *type = o->is_new ? "order.placed" : "order.status";
	struct buf b = BUF_INIT(PAYLOAD_MAX);
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_put_int(&b, "order_id", o->id);
	json_put_int(&b, "number", o->number);
	json_put_int(&b, "branch_id", o->branch_id);
	json_put_text(&b, "status", names[status]);
	json_put_text(&b, "attention", attention);
	json_put_time(&b, "at", clock_now());
	json_close(&b, '}');
	if (!b.failed)
		rc = event_add(db, o->is_new ? DB_NULL : o->user_id, o->branch_id, type, b.s);
	buf_free(&b);
	return rc;
}

/* What the move means for the portions it holds. 1, ORDER_NO_STOCK or a db_status. */
static int
move_stock(struct db *db, const struct order *o, const struct order_news *n)
{
	int rc;

	if (o->status == ORDER_FAILED) {
		rc = stock_reserve_again(db, o->id, n->to != ORDER_PENDING);
		if (rc != 1)
			return rc == 0 ? ORDER_NO_STOCK : rc;
	}
	if (n->to == ORDER_FAILED || n->to == ORDER_CANCELLED)
		rc = stock_release(db, o->id);
	else if (n->stock_moved || n->to == ORDER_DELIVERED)
		rc = stock_taken(db, o->id, n->run_id);
	else
		rc = 0;
	return rc == 0 ? 1 : rc;
}

/* What every move writes. */
static int
write_move(struct db *db, const struct order *o, const struct order_news *n)
{
	const char *to = names[n->to], *by = by_names[n->by];
	const char *reason = n->to == ORDER_FAILED || n->to == ORDER_CANCELLED ? n->reason : NULL;
	const char *kept = NULL;
	int rc;

	if (!order_is_over(n->to) && (strcmp(o->attention, "total_differs") == 0 ||
	    strcmp(o->attention, "cancel_unanswered") == 0 ||
	    strcmp(o->attention, "incomplete") == 0))
		kept = o->attention;
	rc = db_run(db, &sql[MOVE], "isisis", o->id, to, clock_now(), reason,
	    (int64_t)order_is_over(n->to), by);
	if (rc == 0)
		rc = db_run(db, &sql[TIMELINE], "issi", o->id, to, by, clock_now());
	if (rc == 0)
		rc = notification_order(db, o->user_id, o->id, to);
	return rc != 0 ? rc : tell(db, o, n->to, kept);
}

/* What is still owed to the till of an order that has ended. */
static int
end_owing(struct db *db, const struct order *o, const struct order_news *n)
{
	int rc;

	if (!order_is_over(n->to))
		return 0;
	if (n->to != ORDER_CANCELLED || n->by != BY_STAFF)
		return cancel_forget(db, o->id);
	rc = cancel_owe(db, o->id);
	return rc < 0 ? rc : 0;
}

static int
move(struct db *db, const struct order *o, const struct order_news *n)
{
	int rc = move_stock(db, o, n);

	if (rc != 1)
		return rc;
	if ((rc = write_move(db, o, n)) == 0)
		rc = end_owing(db, o, n);
	if (rc == 0 && n->by == BY_STAFF && o->status == ORDER_PENDING)
		rc = outbox_order_ready(db, o->id);	/* a till that waits for staff's word */
	return rc == 0 ? 1 : rc;
}

int
order_placed(struct db *db, int64_t order_id)
{
	struct order o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	o.is_new = 1;
	rc = db_run(db, &sql[TIMELINE], "issi", order_id, names[o.status], by_names[BY_CUSTOMER],
	    clock_now());
	if (rc == 0)
		rc = notification_order(db, o.user_id, order_id, "order_received");
	return rc != 0 ? rc : tell(db, &o, o.status, NULL);
}

int
order_move(struct db *db, const struct order_news *n)
{
	struct order o;
	int rc = load(db, n->order_id, &o);

	if (rc != 1)
		return rc;
	if (order_may_move(o.status, n->to, o.is_delivery, n->by) == MOVE_YES)
		return move(db, &o, n);
	if (n->stock_moved && o.status != ORDER_FAILED && o.status != ORDER_CANCELLED)
		return stock_taken(db, o.id, n->run_id);
	return 0;
}

/* It was cancelled while nobody knew that the till has it. */
static int
call_back(struct db *db, const struct order *o)
{
	int rc = cancel_call_back(db, o->id);

	if (rc == 0)
		rc = order_attention(db, o->id, "cancel_unanswered");
	return rc < 0 ? rc : 0;
}

/* The till has it. As order_move(). */
static int
accept_order(struct db *db, const struct order_news *n, const char *pos_order_id)
{
	struct order o;
	int rc = load(db, n->order_id, &o);

	if (rc != 1)
		return rc;
	rc = db_run(db, &sql[ACCEPT], "isi", n->order_id, pos_order_id, clock_now());
	if (rc != 0)
		return rc;
	if (o.status == ORDER_FAILED ||
	    order_may_move(o.status, n->to, o.is_delivery, n->by) == MOVE_YES)
		return move(db, &o, n);
	return o.status == ORDER_CANCELLED && n->to != ORDER_CANCELLED ? call_back(db, &o) : 0;
}

int
order_accepted(struct db *db, int64_t order_id, const char *pos_order_id, enum order_status to)
{
	return accept_order(db, &(struct order_news){ .order_id = order_id, .to = to,
		.by = BY_TILL, .run_id = DB_NULL }, pos_order_id);
}

int
order_entered(struct db *db, int64_t order_id, const char *pos_order_id)
{
	return accept_order(db, &(struct order_news){ .order_id = order_id,
		.to = ORDER_SENT_TO_POS, .by = BY_STAFF, .run_id = DB_NULL }, pos_order_id);
}

int
order_attention(struct db *db, int64_t order_id, const char *what)
{
	struct order o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc;
	if (strcmp(o.attention, what == NULL ? "" : what) == 0)
		return 0;
	rc = db_run(db, &sql[ATTENTION], "isi", order_id, what, clock_now());
	if (rc == 0)
		rc = tell(db, &o, o.status, what);
	return rc == 0 ? 1 : rc;
}

int
order_attention_end(struct db *db, int64_t order_id, const char *what)
{
	struct order o;
	int rc = load(db, order_id, &o);

	if (rc != 1 || strcmp(o.attention, what) != 0)
		return rc < 0 ? rc : 0;
	return order_attention(db, order_id, NULL);
}

int
order_changed(struct db *db, int64_t order_id)
{
	struct order o;
	int rc = load(db, order_id, &o);

	if (rc != 1)
		return rc;
	return tell(db, &o, o.status, *o.attention == '\0' ? NULL : o.attention);
}
