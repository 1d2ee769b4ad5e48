/*
 * payments.c - what the till is told about paying, in a call of its own
 *
 * POST /api/pos/orders/ID/payments  {amount, source}; 201 {payment_id}. Twice is
 *                                   two payments: only Idempotency-Key keeps a
 *                                   shop from paying twice. 409 order_cancelled.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/web.h"

enum { STATUS, INSERT, LIST, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[STATUS] = { "SELECT status FROM sale WHERE seq = ?1", NULL },
	[INSERT] = { "INSERT INTO payment (sale, amount, source, idempotency_key, created_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", NULL },
	[LIST] = { "SELECT p.seq, s.our_order_id, p.source, p.amount FROM payment AS p"
	    " JOIN sale AS s ON s.seq = p.sale ORDER BY p.seq", NULL },
};

/* The order of the path; 0 having failed. */
static int64_t
payable(struct request *r)
{
	int64_t sale = sale_find(r->store, r->id);
	int cancelled;

	if (sale == 0 || !store_find(r->store, &sql[STATUS], "i", sale)) {
		api_fail(r, 404, "not_found", NULL, "no order %s", r->id);
		return 0;
	}
	cancelled = strcmp(store_text(&sql[STATUS], 0), "cancelled") == 0;
	store_done(&sql[STATUS]);
	if (!cancelled)
		return sale;
	api_fail(r, 409, "order_cancelled", NULL, "order %s is cancelled", r->id);
	return 0;
}

void
payment_create(struct request *r)
{
	int64_t sale = payable(r), amount;
	const char *source = sale == 0 ? NULL : api_text(r, r->json, "source", 64, 1);
	struct buf *b = &r->answer->body;
	char id[32];

	if (source == NULL || api_money(r, r->json, "amount", &amount) != 0)
		return;
	if (amount == STORE_NULL) {
		api_fail(r, 422, "invalid_field", "amount", "amount must be told");
		return;
	}
	store_run(r->store, &sql[INSERT], "iissi", sale, amount, source, r->key, clock_ms());
	snprintf(id, sizeof id, "P%lld", (long long)store_last_id(r->store));
	r->answer->status = 201;
	json_open(b, NULL, '{');
	json_put_text(b, "payment_id", id);
	json_close(b, '}');
}

int
verb_payments(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	char amount[MONEY_TEXT];

	store_query(s, &sql[LIST], "");
	while (store_row(s, &sql[LIST])) {
		money_format(store_int(&sql[LIST], 3), amount);
		printf("P%lld\t%s\t%s\t%s\n", (long long)store_int(&sql[LIST], 0),
		    store_text(&sql[LIST], 1), store_text(&sql[LIST], 2), amount);
	}
	store_close(s);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
