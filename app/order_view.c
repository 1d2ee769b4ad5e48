/*
 * order_view.c - orders as the API shows them
 *
 * Three statements run side by side in the same order: orders, their items,
 * their timeline. Each order takes from the other two what is its own.
 */
#include <string.h>

#include "app/order_view.h"
#include "lib/base/clock.h"
#include "lib/shop/cancel.h"
#include "lib/shop/order.h"

#define ORDER_COLUMNS "SELECT o.id, o.number, o.status, o.submission, o.attention, " \
	"o.reason_code, o.order_type, o.branch_id, o.branch_name, o.branch_address, " \
	"o.branch_phone, o.contact_name, o.contact_phone, o.payment, o.subtotal, o.delivery_fee, " \
	"o.delivery_distance_m, o.total_amount, o.currency, o.delivery_address, " \
	"o.delivery_latitude, o.delivery_longitude, o.notes, o.pos_order_id, o.created_at, " \
	"o.updated_at, o.pos_sent_at, o.pos_last_status_update_at, o.cancel_requested_at, " \
	"o.cancel_refused_at, o.user_id, o.moved_by_hand, o.driver_name, o.driver_phone FROM "
#define ITEM_COLUMNS "SELECT i.order_id, i.id, i.product_id, i.pos_product_id, i.name, " \
	"i.quantity, i.unit_price, i.total_price FROM "
#define MOVE_COLUMNS "SELECT m.order_id, m.status, m.at, m.by FROM "
#define WITH_ITEMS "orders o JOIN order_item i ON i.order_id = o.id "
#define WITH_MOVES "orders o JOIN order_move m ON m.order_id = o.id "
#define FILTERS "AND o.id BETWEEN ?2 AND ?3 AND (?5 IS NULL OR o.submission = ?5) " \
	"AND (?6 IS NULL OR o.attention = ?6 OR (?6 = 'any' AND o.attention IS NOT NULL)) " \
	"AND (?7 IS NULL OR ?7 = (o.status NOT IN ('delivered', 'cancelled', 'failed'))) "
#define OF_USER "WHERE o.user_id = ?1 AND ?4 IS NULL " FILTERS
#define OF_STATUS "WHERE o.user_id = ?1 AND o.status = ?4 " FILTERS
/* In the order of the list: the innermost loop is over what belongs to each. */
#define PICKED(with) "json_each(?1) CROSS JOIN " with " = json_each.value"
#define NEWEST_FIRST "ORDER BY o.id DESC LIMIT ?8 OFFSET ?9"

/* KIND: the same for one status; LISTED: for a list of ids */
enum { ORDERS, ITEMS, MOVES, COUNT, KIND, LISTED = 2 * KIND };
static struct stmt sql[] = {
	[ORDERS] = { .sql = ORDER_COLUMNS "orders o " OF_USER NEWEST_FIRST },
	[ITEMS] = { .sql = ITEM_COLUMNS WITH_ITEMS OF_USER "ORDER BY o.id DESC, i.id" },
	[MOVES] = { .sql = MOVE_COLUMNS WITH_MOVES OF_USER "ORDER BY o.id DESC, m.id" },
	[COUNT] = { .sql = "SELECT count(*) FROM orders o " OF_USER },
	[KIND + ORDERS] = { .sql = ORDER_COLUMNS "orders o " OF_STATUS NEWEST_FIRST },
	[KIND + ITEMS] = { .sql = ITEM_COLUMNS WITH_ITEMS OF_STATUS "ORDER BY o.id DESC, i.id" },
	[KIND + MOVES] = { .sql = MOVE_COLUMNS WITH_MOVES OF_STATUS "ORDER BY o.id DESC, m.id" },
	[KIND + COUNT] = { .sql = "SELECT count(*) FROM orders o " OF_STATUS },
	[LISTED + ORDERS] = { .sql = ORDER_COLUMNS PICKED("orders o ON o.id") },
	[LISTED + ITEMS] = { .sql = ITEM_COLUMNS PICKED("order_item i ON i.order_id") },
	[LISTED + MOVES] = { .sql = MOVE_COLUMNS PICKED("order_move m ON m.order_id") },
};
DB_STATEMENTS(sql);

/* Columns of ORDER_COLUMNS. */
enum { ID, NUMBER, STATUS, SUBMISSION, ATTENTION, REASON, TYPE, BRANCH_ID, BRANCH_NAME,
	BRANCH_ADDRESS, BRANCH_PHONE, CONTACT_NAME, CONTACT_PHONE, PAYMENT, SUBTOTAL, FEE, DISTANCE,
	TOTAL, CURRENCY, ADDRESS, LATITUDE, LONGITUDE, NOTES, POS_ORDER_ID, CREATED, UPDATED,
	POS_SENT, POS_UPDATED, ASKED_AT, REFUSED_AT, USER_ID, BY_HAND,
	DRIVER_NAME, DRIVER_PHONE };

enum { COORDINATE_DIGITS = 6 };

/* Which orders are shown, from the newest down. */
struct view {
	int64_t user_id, from, to, limit, offset;
	struct order_filter filter;
	const char *ids;		/* for staff: these, as JSON; NULL = by the above */
	int till_cancels;
	int64_t last;			/* the last one shown, when there are more; 0 = no */
};

/* Rows that belong to orders, waiting for theirs. */
struct beside {
	struct stmt *st;
	int has_row;
};

static int
next(struct db *db, struct beside *b)
{
	int rc = db_row(db, b->st);

	b->has_row = rc == 1;
	return rc < 0 ? rc : 0;
}

static struct stmt *
statement(const struct view *v, int which)
{
	return &sql[v->ids != NULL ? LISTED + which : v->filter.status == NULL ? which : KIND + which];
}

/* From the newest order to be shown on downwards. */
static int
open_beside(struct db *db, const struct view *v, int which, int64_t newest, struct beside *b)
{
	int rc;

	b->st = statement(v, which);
	rc = v->ids != NULL ? db_query(db, b->st, "s", v->ids) :
	    db_query(db, b->st, "iiisssi", v->user_id, v->from, newest, v->filter.status,
	    v->filter.submission, v->filter.attention, v->filter.is_open);
	return rc == 0 ? next(db, b) : rc;
}

static void
put_item(struct buf *b, struct stmt *st)
{
	json_open(b, NULL, '{');
	json_put_int(b, "id", db_int(st, 1));
	json_put_int(b, "product_id", db_int(st, 2));
	json_put_text(b, "pos_product_id", db_text(st, 3));
	json_put_text(b, "name", db_text(st, 4));
	json_put_int(b, "quantity", db_int(st, 5));
	json_put_money(b, "unit_price", db_int(st, 6));
	json_put_money(b, "total_price", db_int(st, 7));
	json_close(b, '}');
}

static void
put_step(struct buf *b, struct stmt *st)
{
	json_open(b, NULL, '{');
	json_put_text(b, "status", db_text(st, 1));
	json_put_time(b, "at", db_int(st, 2));
	json_close(b, '}');
}

static void
put_step_by(struct buf *b, struct stmt *st)
{
	json_open(b, NULL, '{');
	json_put_text(b, "status", db_text(st, 1));
	json_put_time(b, "at", db_int(st, 2));
	json_put_text(b, "by", db_text(st, 3));
	json_close(b, '}');
}

static int
put_rows(struct db *db, struct buf *b, const char *key, struct beside *rows, int64_t order_id,
    void (*put)(struct buf *, struct stmt *))
{
	int rc = 0;

	json_open(b, key, '[');
	while (rc == 0 && rows->has_row && db_int(rows->st, 0) == order_id) {
		put(b, rows->st);
		rc = next(db, rows);
	}
	json_close(b, ']');
	return rc;
}

static void
put_who(struct buf *b, struct stmt *st)
{
	json_open(b, "branch", '{');
	json_put_int(b, "id", db_int(st, BRANCH_ID));
	json_put_text(b, "name", db_text(st, BRANCH_NAME));
	json_put_text(b, "address", db_text(st, BRANCH_ADDRESS));
	json_put_text(b, "phone", db_text(st, BRANCH_PHONE));
	json_close(b, '}');
	json_put_int(b, "branch_id", db_int(st, BRANCH_ID));
	json_put_text(b, "contact_name", db_text(st, CONTACT_NAME));
	json_put_text(b, "contact_phone", db_text(st, CONTACT_PHONE));
}

static void
put_amounts(struct buf *b, struct stmt *st)
{
	json_put_text(b, "payment", db_text(st, PAYMENT));
	json_put_money(b, "subtotal", db_int(st, SUBTOTAL));
	json_put_money(b, "delivery_fee", db_int(st, FEE));
	json_put_int(b, "delivery_distance_m", db_int(st, DISTANCE));
	json_put_money(b, "total_amount", db_int(st, TOTAL));
	json_put_text(b, "currency", db_text(st, CURRENCY));
	json_put_raw(b, "delivery_address", db_text(st, ADDRESS));
	json_put_real(b, "delivery_latitude", db_real(st, LATITUDE), COORDINATE_DIGITS);
	json_put_real(b, "delivery_longitude", db_real(st, LONGITUDE), COORDINATE_DIGITS);
}

/* Who brings it; null until the till has told. */
static void
put_driver(struct buf *b, struct stmt *st)
{
	if (db_is_null(st, DRIVER_NAME)) {
		json_put_null(b, "driver");
		return;
	}
	json_open(b, "driver", '{');
	json_put_text(b, "name", db_text(st, DRIVER_NAME));
	json_put_text(b, "phone", db_text(st, DRIVER_PHONE));
	json_close(b, '}');
}

static void
put_times(struct buf *b, struct stmt *st)
{
	json_put_time(b, "created_at", db_int(st, CREATED));
	json_put_time(b, "updated_at", db_int(st, UPDATED));
	json_put_time(b, "pos_sent_at", db_int(st, POS_SENT));
	json_put_time(b, "pos_last_status_update_at", db_int(st, POS_UPDATED));
}

/* What the customer may still do; whether it comes in time is judged when he does. */
static void
put_cancelling(struct buf *b, struct stmt *st, int till_cancels)
{
	enum order_status status = order_status_parse(db_text(st, STATUS));
	int unsent = status == ORDER_PENDING && strcmp(db_text(st, SUBMISSION), "queued") == 0;

	json_put_bool(b, "can_cancel", !order_is_over(status) && db_is_null(st, ASKED_AT) &&
	    db_is_null(st, REFUSED_AT) && (unsent || till_cancels));
	json_put_time(b, "cancel_requested_at", db_int(st, ASKED_AT));
	json_put_time(b, "cancel_refused_at", db_int(st, REFUSED_AT));
}

/* For staff: who, how old, and where it may go by hand. */
static void
put_desk(struct buf *b, struct stmt *st)
{
	enum order_status from = order_status_parse(db_text(st, STATUS)), next;
	int is_delivery = strcmp(db_text(st, TYPE), "delivery") == 0;

	next = order_next(from, is_delivery);
	json_put_int(b, "user_id", db_int(st, USER_ID));
	json_put_int(b, "age_s", clock_now() - db_int(st, CREATED));
	json_put_bool(b, "moved_by_hand", db_int(st, BY_HAND) == 1);
	json_put_text(b, "next_status", next == ORDER_STATUSES ? NULL : order_status_name(next));
	json_open(b, "next_allowed", '[');
	for (int to = 0; to < ORDER_STATUSES; to++)
		if (order_fits((enum order_status)to, is_delivery) &&
		    order_may_move(from, (enum order_status)to, is_delivery, BY_STAFF) == MOVE_YES)
			json_put_text(b, NULL, order_status_name((enum order_status)to));
	json_close(b, ']');
}

static int
put_order(struct db *db, struct buf *b, const char *key, const struct view *v,
    struct beside *beside)
{
	struct stmt *st = statement(v, ORDERS);
	int64_t id = db_int(st, ID);
	int rc;

	json_open(b, key, '{');
	json_put_int(b, "id", id);
	json_put_int(b, "number", db_int(st, NUMBER));
	json_put_text(b, "status", db_text(st, STATUS));
	json_put_text(b, "submission", db_text(st, SUBMISSION));
	json_put_text(b, "attention", db_text(st, ATTENTION));
	json_put_text(b, "reason_code", db_text(st, REASON));
	put_cancelling(b, st, v->till_cancels);
	json_put_text(b, "order_type", db_text(st, TYPE));
	put_who(b, st);
	put_amounts(b, st);
	put_driver(b, st);
	json_put_text(b, "notes", db_text(st, NOTES));
	json_put_text(b, "pos_order_id", db_text(st, POS_ORDER_ID));
	put_times(b, st);
	rc = put_rows(db, b, "items", &beside[ITEMS], id, put_item);
	if (rc == 0)
		rc = put_rows(db, b, "timeline", &beside[MOVES], id,
		    v->ids != NULL ? put_step_by : put_step);
	if (rc == 0 && v->ids != NULL)
		put_desk(b, st);
	json_close(b, '}');
	return rc;
}

/* How many were written, or a db_status. */
static int
put_orders(struct db *db, struct buf *b, const char *key, struct view *v)
{
	struct beside beside[COUNT] = { 0 };
	struct stmt *st = statement(v, ORDERS);
	int n = 0, rc = cancel_possible(db);

	if (rc < 0)
		return rc;
	v->till_cancels = rc;
	rc = v->ids != NULL ? db_query(db, st, "s", v->ids) :
	    db_query(db, st, "iiisssiii", v->user_id, v->from, v->to, v->filter.status,
	    v->filter.submission, v->filter.attention, v->filter.is_open, v->limit + 1, v->offset);
	while (rc == 0 && (rc = db_row(db, st)) == 1 && n < v->limit) {
		for (int i = ITEMS; n == 0 && rc == 1 && i <= MOVES; i++)
			if ((rc = open_beside(db, v, i, db_int(st, ID), &beside[i])) == 0)
				rc = 1;
		v->last = db_int(st, ID);
		rc = rc == 1 ? put_order(db, b, key, v, beside) : rc;
		n++;
	}
	if (rc != 1)
		v->last = 0;
	db_done(st);
	for (int i = ITEMS; i <= MOVES; i++)
		if (beside[i].st != NULL)
			db_done(beside[i].st);
	return rc < 0 ? rc : n;
}

int
order_json(struct db *db, struct buf *b, const char *key, int64_t user_id, int64_t order_id)
{
	struct view v = { .user_id = user_id, .from = order_id, .to = order_id, .limit = 1,
		.filter = { .is_open = DB_NULL } };

	return put_orders(db, b, key, &v);
}

/* How many such orders there are, or a db_status. */
static int64_t
count_all(struct db *db, int64_t user_id, const struct order_filter *f)
{
	struct view v = { .filter = *f };
	struct stmt *st = statement(&v, COUNT);
	int64_t n;
	int rc = db_find(db, st, "iiisssi", user_id, INT64_C(0), INT64_MAX, f->status, f->submission,
	    f->attention, f->is_open);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	n = db_int(st, 0);
	db_done(st);
	return n;
}

int
order_json_picked(struct db *db, struct buf *b, const char *key, const char *ids)
{
	struct view v = { .ids = ids, .limit = INT64_MAX - 1 };

	return put_orders(db, b, key, &v);
}

int
order_json_list(struct db *db, struct buf *b, int64_t user_id, const struct order_filter *filter,
    const struct page *p)
{
	struct view v = { .user_id = user_id, .to = p->before - 1, .limit = p->limit,
		.offset = p->offset, .filter = *filter };
	int64_t total = count_all(db, user_id, filter);
	int rc;

	if (total < 0)
		return (int)total;
	json_open(b, "orders", '[');
	rc = put_orders(db, b, NULL, &v);
	json_close(b, ']');
	json_put_int(b, "total", total);
	query_put_next(b, v.last);
	return rc < 0 ? rc : 0;
}
