/* sale.c - see sale.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/money.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/webhook.h"

enum {
	FIRST_NUMBER = 1000,	/* sale 1 is number 1001 */
	ADVANCE_MOST = 100	/* orders moved in one transaction */
};

/* What comes next by itself; NULL: nothing. */
static const struct step {
	const char *status, *pickup, *delivery;
} steps[] = {
	{ "accepted", "processing", "processing" },
	{ "processing", "ready_for_pickup", "out_for_delivery" },
	{ "ready_for_pickup", "delivered", "delivered" },
	{ "out_for_delivery", "delivered", "delivered" },
	{ "delivered", NULL, NULL },
	{ "cancelled", NULL, NULL },
};

enum {
	BY_SEQ, BY_OUR_ID, STATUS, MOVE, DRIVER, FIRST_DRIVER, STOCK, TOUCH, DUE, SALE, ITEMS, STATEMENTS
};

static struct query sql[STATEMENTS] = {
	[BY_SEQ] = { "SELECT seq FROM sale WHERE seq = ?1", NULL },
	[BY_OUR_ID] = { "SELECT seq FROM sale WHERE our_order_id = ?1"
	    " ORDER BY seq DESC LIMIT 1", NULL },
	[STATUS] = { "SELECT status FROM sale WHERE seq = ?1", NULL },
	[MOVE] = { "UPDATE sale SET status = ?2, moved_ms = ?3 WHERE seq = ?1", NULL },
	[DRIVER] = { "UPDATE sale SET driver_name = ?2, driver_phone = ?3 WHERE seq = ?1", NULL },
	[FIRST_DRIVER] = { "UPDATE sale SET driver_name = ?2, driver_phone = ?3"
	    " WHERE seq = ?1 AND driver_name IS NULL", NULL },
	/* sign 1 takes, -1 gives back; what nobody counts stays NULL. */
	[STOCK] = { "UPDATE product_branch SET stock = stock - ?2 * (SELECT sum(quantity)"
	    " FROM sale_item WHERE sale = ?1 AND product = product_branch.product)"
	    " WHERE branch = (SELECT branch FROM sale WHERE seq = ?1) AND product IN"
	    " (SELECT product FROM sale_item WHERE sale = ?1)", NULL },
	[TOUCH] = { "UPDATE product SET updated_ms = ?2 WHERE seq IN"
	    " (SELECT product FROM sale_item WHERE sale = ?1)", NULL },
	[DUE] = { "SELECT seq, status, order_type FROM sale WHERE moved_ms <= ?1"
	    " AND status NOT IN ('delivered', 'cancelled') ORDER BY moved_ms LIMIT ?2", NULL },
	[SALE] = { "SELECT s.our_order_id, s.status, b.id, s.client, s.order_type, s.delivery_fee,"
	    " s.total, s.total_sent, s.notes, s.address, s.created_ms, s.moved_ms,"
	    " s.idempotency_key, s.driver_name, s.driver_phone FROM sale AS s JOIN branch AS b ON b.seq = s.branch"
	    " WHERE s.seq = ?1", NULL },
	[ITEMS] = { "SELECT p.id, i.name, i.quantity, i.price, i.price_here FROM sale_item AS i"
	    " JOIN product AS p ON p.seq = i.product WHERE i.sale = ?1 ORDER BY i.line", NULL },
};

void
sale_id(int64_t seq, char out[SALE_ID_TEXT])
{
	snprintf(out, SALE_ID_TEXT, "S%lld", (long long)seq + FIRST_NUMBER);
}

static int64_t
found(struct store *s, struct query *q)
{
	int64_t seq = store_row(s, q) ? store_int(q, 0) : 0;

	store_done(q);
	return seq;
}

static int64_t
find_number(struct store *s, const char *digits)
{
	int64_t number;

	if (decimal_parse(digits, 0, &number) != 0)
		return 0;
	store_query(s, &sql[BY_SEQ], "i", number - FIRST_NUMBER);
	return found(s, &sql[BY_SEQ]);
}

int64_t
sale_find(struct store *s, const char *order)
{
	int64_t seq = order[0] == 'S' ? find_number(s, order + 1) : 0;

	if (seq != 0)
		return seq;
	store_query(s, &sql[BY_OUR_ID], "s", order);
	if ((seq = found(s, &sql[BY_OUR_ID])) != 0)
		return seq;
	return find_number(s, order);
}

static const struct step *
step_of(const char *status)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (strcmp(steps[i].status, status) == 0)
			return &steps[i];
	return NULL;
}

int
sale_status_known(const char *status)
{
	return step_of(status) != NULL;
}

const char *
sale_statuses(void)
{
	return "accepted, processing, ready_for_pickup, out_for_delivery, delivered, cancelled";
}

static void
change_stock(struct store *s, int64_t seq, int64_t sign, int64_t now_ms)
{
	store_run(s, &sql[STOCK], "ii", seq, sign);
	store_run(s, &sql[TOUCH], "ii", seq, now_ms);
}

void
sale_take_stock(struct store *s, int64_t seq, int64_t now_ms)
{
	change_stock(s, seq, 1, now_ms);
}

static void
tell(struct store *s, int64_t seq, const char *status)
{
	struct buf body = BUF_INIT(1024);
	char id[SALE_ID_TEXT];

	sale_id(seq, id);
	json_open(&body, NULL, '{');
	json_put_text(&body, "type", "order.status");
	json_open(&body, "data", '{');
	json_put_text(&body, "pos_order_id", id);
	json_put_text(&body, "status", status);
	json_close(&body, '}');
	json_close(&body, '}');
	webhook_queue(s, body.s);
	buf_free(&body);
}

void
sale_move(struct store *s, int64_t seq, const char *status, int64_t now_ms)
{
	int was_cancelled, is_cancelled = strcmp(status, "cancelled") == 0;

	if (!store_find(s, &sql[STATUS], "i", seq))
		return;
	was_cancelled = strcmp(store_text(&sql[STATUS], 0), "cancelled") == 0;
	store_done(&sql[STATUS]);
	store_run(s, &sql[MOVE], "isi", seq, status, now_ms);
	if (was_cancelled != is_cancelled)
		change_stock(s, seq, is_cancelled ? -1 : 1, now_ms);
	tell(s, seq, status);
}

void
sale_set_driver(struct store *s, int64_t seq, const char *name, const char *phone)
{
	if (!store_find(s, &sql[STATUS], "i", seq))
		return;
	store_run(s, &sql[DRIVER], "iss", seq, name, phone);
	tell(s, seq, store_text(&sql[STATUS], 0));
	store_done(&sql[STATUS]);
}

/* What moves by itself is also driven by somebody. */
static void
advance(struct store *s, int64_t seq, const char *status, int64_t now_ms)
{
	if (strcmp(status, "out_for_delivery") == 0)
		store_run(s, &sql[FIRST_DRIVER], "iss", seq, "Олег", "+380501112233");
	sale_move(s, seq, status, now_ms);
}

int
sale_advance(struct store *s, int64_t speed_ms, int64_t now_ms)
{
	struct query *q = &sql[DUE];
	int64_t seq[ADVANCE_MOST];
	const char *next[ADVANCE_MOST];
	const struct step *step;
	int n = 0;

	store_query(s, q, "ii", now_ms - speed_ms, (int64_t)ADVANCE_MOST);
	while (store_row(s, q)) {
		step = step_of(store_text(q, 1));
		seq[n] = store_int(q, 0);
		next[n++] = strcmp(store_text(q, 2), "pickup") == 0 ? step->pickup : step->delivery;
	}
	for (int i = 0; i < n; i++)
		advance(s, seq[i], next[i], now_ms);
	return n;
}

static void
put_items(struct buf *b, struct store *s, int64_t seq)
{
	struct query *q = &sql[ITEMS];

	json_open(b, "items", '[');
	store_query(s, q, "i", seq);
	while (store_row(s, q)) {
		json_open(b, NULL, '{');
		json_put_text(b, "pos_product_id", store_text(q, 0));
		json_put_text(b, "name", store_text(q, 1));
		json_put_int(b, "quantity", store_int(q, 2));
		json_put_money(b, "price", store_int(q, 3));
		json_put_money(b, "price_here", store_int(q, 4));
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void
put_driver(struct buf *b, const char *name, const char *phone)
{
	if (name == NULL) {
		json_put_null(b, "driver");
		return;
	}
	json_open(b, "driver", '{');
	json_put_text(b, "name", name);
	json_put_text(b, "phone", phone);
	json_close(b, '}');
}

void
sale_put(struct buf *b, const char *key, struct store *s, int64_t seq)
{
	struct query *q = &sql[SALE];
	char id[SALE_ID_TEXT], client[SALE_ID_TEXT];

	if (!store_find(s, q, "i", seq)) {
		json_put_null(b, key);
		return;
	}
	sale_id(seq, id);
	snprintf(client, sizeof client, "C%lld", (long long)store_int(q, 3));
	json_open(b, key, '{');
	json_put_text(b, "pos_order_id", id);
	json_put_text(b, "number", id + 1);
	json_put_text(b, "our_order_id", store_text(q, 0));
	json_put_text(b, "status", store_text(q, 1));
	json_put_text(b, "branch_id", store_text(q, 2));
	json_put_text(b, "client_id", store_int(q, 3) == STORE_NULL ? NULL : client);
	json_put_text(b, "order_type", store_text(q, 4));
	json_put_money(b, "delivery_fee", store_int(q, 5));
	json_put_money(b, "total_amount", store_int(q, 6));
	json_put_money(b, "total_sent", store_int(q, 7));
	json_put_text(b, "notes", store_text(q, 8));
	json_put_raw(b, "delivery_address", store_text(q, 9));
	json_put_time(b, "created_at", store_int(q, 10) / 1000);
	json_put_time(b, "updated_at", store_int(q, 11) / 1000);
	json_put_text(b, "idempotency_key", store_text(q, 12));
	put_driver(b, store_text(q, 13), store_text(q, 14));
	store_done(q);
	put_items(b, s, seq);
	json_close(b, '}');
}
