/*
 * order_view.c - orders as the API shows them
 *
 * Three statements run side by side in the same order: orders, their items,
 * their timeline. Each order takes from the other two what is its own.
 */
#include "app/order_view.h"

#define ORDER_COLUMNS "SELECT o.id, o.number, o.status, o.submission, o.attention, " \
	"o.reason_code, o.order_type, o.branch_id, o.branch_name, o.branch_address, " \
	"o.branch_phone, o.contact_name, o.contact_phone, o.payment, o.subtotal, o.delivery_fee, " \
	"o.delivery_distance_m, o.total_amount, o.currency, o.delivery_address, " \
	"o.delivery_latitude, o.delivery_longitude, o.notes, o.pos_order_id, o.created_at, " \
	"o.updated_at, o.pos_sent_at, o.pos_last_status_update_at FROM orders o "
#define ITEM_COLUMNS "SELECT i.order_id, i.id, i.product_id, i.pos_product_id, i.name, " \
	"i.quantity, i.unit_price, i.total_price FROM orders o JOIN order_item i " \
	"ON i.order_id = o.id "
#define MOVE_COLUMNS "SELECT m.order_id, m.status, m.at FROM orders o JOIN order_move m " \
	"ON m.order_id = o.id "
#define OF_USER "WHERE o.user_id = ?1 AND o.id BETWEEN ?2 AND ?3 "
#define OF_STATUS "WHERE o.user_id = ?1 AND o.status = ?4 AND o.id BETWEEN ?2 AND ?3 "

enum { ORDERS, ITEMS, MOVES, COUNT, KIND };	/* KIND: the same for one status */
static struct stmt sql[] = {
	[ORDERS] = { .sql = ORDER_COLUMNS OF_USER "ORDER BY o.id DESC LIMIT ?4 OFFSET ?5" },
	[ITEMS] = { .sql = ITEM_COLUMNS OF_USER "ORDER BY o.id DESC, i.id" },
	[MOVES] = { .sql = MOVE_COLUMNS OF_USER "ORDER BY o.id DESC, m.id" },
	[COUNT] = { .sql = "SELECT count(*) FROM orders WHERE user_id = ?1" },
	[KIND + ORDERS] = { .sql = ORDER_COLUMNS OF_STATUS "ORDER BY o.id DESC LIMIT ?5 OFFSET ?6" },
	[KIND + ITEMS] = { .sql = ITEM_COLUMNS OF_STATUS "ORDER BY o.id DESC, i.id" },
	[KIND + MOVES] = { .sql = MOVE_COLUMNS OF_STATUS "ORDER BY o.id DESC, m.id" },
	[KIND + COUNT] = { .sql = "SELECT count(*) FROM orders WHERE user_id = ?1 AND status = ?2" },
};
DB_STATEMENTS(sql);

/* Columns of ORDER_COLUMNS. */
enum { ID, NUMBER, STATUS, SUBMISSION, ATTENTION, REASON, TYPE, BRANCH_ID, BRANCH_NAME,
	BRANCH_ADDRESS, BRANCH_PHONE, CONTACT_NAME, CONTACT_PHONE, PAYMENT, SUBTOTAL, FEE, DISTANCE,
	TOTAL, CURRENCY, ADDRESS, LATITUDE, LONGITUDE, NOTES, POS_ORDER_ID, CREATED, UPDATED,
	POS_SENT, POS_UPDATED };

enum { COORDINATE_DIGITS = 6 };

/* Which orders are shown. */
struct view {
	int64_t user_id, from, to, limit, offset;
	const char *status;		/* NULL = all */
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

/* From the newest order to be shown on downwards. */
static int
open_beside(struct db *db, const struct view *v, int which, int64_t newest, struct beside *b)
{
	int rc;

	b->st = &sql[v->status == NULL ? which : KIND + which];
	rc = v->status == NULL ? db_query(db, b->st, "iii", v->user_id, v->from, newest)
	    : db_query(db, b->st, "iiis", v->user_id, v->from, newest, v->status);
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

static void
put_times(struct buf *b, struct stmt *st)
{
	json_put_time(b, "created_at", db_int(st, CREATED));
	json_put_time(b, "updated_at", db_int(st, UPDATED));
	json_put_time(b, "pos_sent_at", db_int(st, POS_SENT));
	json_put_time(b, "pos_last_status_update_at", db_int(st, POS_UPDATED));
}

static int
put_order(struct db *db, struct buf *b, const char *key, struct stmt *st, struct beside *items,
    struct beside *moves)
{
	int64_t id = db_int(st, ID);
	int rc;

	json_open(b, key, '{');
	json_put_int(b, "id", id);
	json_put_int(b, "number", db_int(st, NUMBER));
	json_put_text(b, "status", db_text(st, STATUS));
	json_put_text(b, "submission", db_text(st, SUBMISSION));
	json_put_text(b, "attention", db_text(st, ATTENTION));
	json_put_text(b, "reason_code", db_text(st, REASON));
	json_put_text(b, "order_type", db_text(st, TYPE));
	put_who(b, st);
	put_amounts(b, st);
	json_put_text(b, "notes", db_text(st, NOTES));
	json_put_text(b, "pos_order_id", db_text(st, POS_ORDER_ID));
	put_times(b, st);
	rc = put_rows(db, b, "items", items, id, put_item);
	if (rc == 0)
		rc = put_rows(db, b, "timeline", moves, id, put_step);
	json_close(b, '}');
	return rc;
}

/* How many were written, or a db_status. */
static int
put_orders(struct db *db, struct buf *b, const char *key, const struct view *v)
{
	struct stmt *st = &sql[v->status == NULL ? ORDERS : KIND + ORDERS];
	struct beside items = { 0 }, moves = { 0 };
	int n = 0, rc;

	rc = v->status == NULL
	    ? db_query(db, st, "iiiii", v->user_id, v->from, v->to, v->limit, v->offset)
	    : db_query(db, st, "iiisii", v->user_id, v->from, v->to, v->status, v->limit, v->offset);
	while (rc == 0 && (rc = db_row(db, st)) == 1) {
		rc = 0;
		if (n++ == 0 && ((rc = open_beside(db, v, ITEMS, db_int(st, ID), &items)) != 0 ||
		    (rc = open_beside(db, v, MOVES, db_int(st, ID), &moves)) != 0))
			break;
		rc = put_order(db, b, key, st, &items, &moves);
	}
	db_done(st);
	if (items.st != NULL)
		db_done(items.st);
	if (moves.st != NULL)
		db_done(moves.st);
	return rc < 0 ? rc : n;
}

int
order_json(struct db *db, struct buf *b, const char *key, int64_t user_id, int64_t order_id)
{
	struct view v = { .user_id = user_id, .from = order_id, .to = order_id, .limit = 1 };

	return put_orders(db, b, key, &v);
}

int
order_json_list(struct db *db, struct buf *b, const char *key, int64_t user_id,
    const char *status, const struct page *p)
{
	struct view v = { .user_id = user_id, .to = INT64_MAX, .limit = p->limit,
		.offset = p->offset, .status = status };
	int rc;

	json_open(b, key, '[');
	rc = put_orders(db, b, NULL, &v);
	json_close(b, ']');
	return rc < 0 ? rc : 0;
}

int64_t
order_count(struct db *db, int64_t user_id, const char *status)
{
	struct stmt *st = &sql[status == NULL ? COUNT : KIND + COUNT];
	int64_t n;
	int rc = status == NULL ? db_find(db, st, "i", user_id)
	    : db_find(db, st, "is", user_id, status);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	n = db_int(st, 0);
	db_done(st);
	return n;
}
