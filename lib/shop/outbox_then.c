/* outbox_then.c - the calls that follow an order; see outbox_then.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox_then.h"
#include "lib/shop/till_note.h"

enum { KEY_MAX = 512, PAYLOAD = 32 };

enum { ORDER, FORGET, OWE, LEFT, READY };
static struct stmt sql[] = {
	[ORDER] = { .sql = "SELECT order_id, idempotency_key, request_id FROM outbox "
	    "WHERE id = ?1" },
	[FORGET] = { .sql = "UPDATE outbox SET state = 'parked', lease_ms = NULL, "
	    "last_outcome = 'not needed', updated_at = ?3 WHERE order_id = ?1 AND kind = 'then' "
	    "AND state IN ('due', 'uncertain', 'refused') "
	    "AND substr(idempotency_key, 1, length(?2)) <> ?2" },
	[OWE] = { .sql = "INSERT INTO outbox (lane, kind, order_id, idempotency_key, payload, "
	    "next_ms, created_at, updated_at, request_id) "
	    "VALUES ('pos', 'then', ?1, ?2, ?3, ?4, ?5, ?5, ?6) "
	    "ON CONFLICT (idempotency_key) DO NOTHING" },
	[LEFT] = { .sql = "SELECT 1 FROM outbox WHERE order_id = ?1 AND kind = 'then' "
	    "AND state IN ('uncertain', 'refused') LIMIT 1" },
	[READY] = { .sql = "UPDATE outbox SET next_ms = ?2 WHERE order_id = ?1 "
	    "AND kind = 'order' AND state = 'due' AND next_ms > ?2" },
};
DB_STATEMENTS(sql);

int
outbox_owe_then(struct db *db, const struct outbox_row *order, size_t nth)
{
	char family[KEY_MAX], key[KEY_MAX + 24], payload[PAYLOAD];
	int rc;

	snprintf(family, sizeof family, "%s-then-", order->key);
	snprintf(key, sizeof key, "%s%zu", family, nth + 1);
	snprintf(payload, sizeof payload, "{\"then\":%zu}", nth);
	rc = db_run(db, &sql[FORGET], "isi", order->order_id, family, clock_now());
	if (rc == 0)
		rc = db_run(db, &sql[OWE], "issiis", order->order_id, key, payload, clock_ms(),
		    clock_now(), order->request_id);
	return rc;
}

int
outbox_owe_thens(struct db *db, int64_t order_row)
{
	char key[KEY_MAX], request_id[KEY_MAX];
	struct outbox_row row = { .key = key };
	int count = till_note_number(db, TILL_THENS), rc;

	if (count <= 0)
		return count;
	if ((rc = db_find(db, &sql[ORDER], "i", order_row)) != 1)
		return rc;
	row.order_id = db_int(&sql[ORDER], 0);
	snprintf(key, sizeof key, "%s", db_text(&sql[ORDER], 1));
	if (!db_is_null(&sql[ORDER], 2)) {
		snprintf(request_id, sizeof request_id, "%s", db_text(&sql[ORDER], 2));
		row.request_id = request_id;
	}
	db_done(&sql[ORDER]);
	for (int i = 0; rc >= 0 && i < count; i++)
		rc = outbox_owe_then(db, &row, (size_t)i);
	return rc < 0 ? rc : 0;
}

int
outbox_then_nth(const struct outbox_row *row)
{
	static const char head[] = "{\"then\":";
	const char *digits = row->payload + strlen(head);
	char *end;
	long n;

	if (strncmp(row->payload, head, strlen(head)) != 0)
		return -1;
	n = strtol(digits, &end, 10);
	return end != digits && strcmp(end, "}") == 0 && n >= 0 && n < 100 ? (int)n : -1;
}

int
outbox_then_stopped(struct db *db, int64_t order_id)
{
	int rc = order_attention(db, order_id, "incomplete");

	return rc < 0 ? rc : 0;
}

int
outbox_then_done(struct db *db, int64_t order_id)
{
	int rc = db_find(db, &sql[LEFT], "i", order_id);

	db_done(&sql[LEFT]);
	if (rc == 0)
		rc = order_attention_end(db, order_id, "incomplete");
	return rc < 0 ? rc : 0;
}

int
outbox_order_ready(struct db *db, int64_t order_id)
{
	return db_run(db, &sql[READY], "ii", order_id, clock_ms());
}
