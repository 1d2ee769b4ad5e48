/*
 * shows.c - verbs that print what the till has: for people in columns
 * between tabs, for tests with --json as one object a line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/money.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/store.h"

enum { LINE_MOST = 1 << 20, LIMIT_NONE = -1 };

enum {
	ORDERS, ORDER_LINE, ORDER_ITEMS, DOUBLES, PRODUCTS, SOLD, REQUESTS, FAULTS, WEBHOOKS,
	STATEMENTS
};

/* The newest ?1 rows, oldest first. */
#define NEWEST(table) "SELECT seq FROM " table " ORDER BY seq DESC LIMIT ?1"

static struct query sql[STATEMENTS] = {
	[ORDERS] = { "SELECT seq FROM sale WHERE seq IN (" NEWEST("sale") ") ORDER BY seq", NULL },
	[ORDER_LINE] = { "SELECT s.our_order_id, s.status, s.total, b.name, s.order_type"
	    " FROM sale AS s JOIN branch AS b ON b.seq = s.branch WHERE s.seq = ?1", NULL },
	[ORDER_ITEMS] = { "SELECT name, quantity FROM sale_item WHERE sale = ?1"
	    " ORDER BY line", NULL },
	[DOUBLES] = { "SELECT our_order_id, count(*) FROM sale GROUP BY our_order_id"
	    " HAVING count(*) > 1 ORDER BY our_order_id", NULL },
	[PRODUCTS] = { "SELECT seq, id, name, category, price, deleted FROM product"
	    " ORDER BY seq LIMIT ?1", NULL },
	[SOLD] = { "SELECT b.id, pb.price, pb.stock FROM product_branch AS pb"
	    " JOIN branch AS b ON b.seq = pb.branch WHERE pb.product = ?1 ORDER BY pb.branch", NULL },
	[REQUESTS] = { "SELECT at_ms, method, uri, status, idempotency_key, fault, authorized"
	    " FROM request WHERE seq IN (SELECT seq FROM request WHERE ?2 IS NULL"
	    " OR substr(uri, 1, length(?2)) = ?2 OR substr(method || ' ' || uri, 1, length(?2)) = ?2"
	    " OR ?2 IN (uri || '$', method || ' ' || uri || '$')"
	    " ORDER BY seq DESC LIMIT ?1) ORDER BY seq", NULL },
	[FAULTS] = { "SELECT name, path, times, skip, wait_ms, hits FROM fault ORDER BY seq", NULL },
	[WEBHOOKS] = { "SELECT seq, body, tries, done, error FROM webhook WHERE seq IN ("
	    NEWEST("webhook") ") ORDER BY seq", NULL },
};

static int64_t
limit_of(const struct options *opt)
{
	return opt->limit != 0 ? opt->limit : LIMIT_NONE;
}

/* Print what was gathered as one line and empty it. */
static void
flush_line(struct buf *b)
{
	if (b->failed)
		fatal(EX_SOFTWARE, "a line is longer than %d bytes", LINE_MOST);
	printf("%s\n", b->s != NULL ? b->s : "");
	buf_reset(b);
}

static int
finish(struct store *s, struct buf *b, int code)
{
	buf_free(b);
	store_close(s);
	return fflush(stdout) == 0 ? code : EX_IOERR;
}

static void
put_money(struct buf *b, int64_t kopecks)
{
	char text[MONEY_TEXT];

	money_format(kopecks, text);
	buf_str(b, text);
}

static void
put_order_line(struct buf *b, struct store *s, int64_t seq)
{
	struct query *q = &sql[ORDER_LINE];
	char id[SALE_ID_TEXT];

	if (!store_find(s, q, "i", seq))
		return;
	sale_id(seq, id);
	buf_printf(b, "%s\t%s\t%s\t%s\t", id + 1, store_text(q, 0), id, store_text(q, 1));
	put_money(b, store_int(q, 2));
	buf_printf(b, "\t%s\t%s\t", store_text(q, 4), store_text(q, 3));
	store_done(q);
	store_query(s, &sql[ORDER_ITEMS], "i", seq);
	for (int i = 0; store_row(s, &sql[ORDER_ITEMS]); i++)
		buf_printf(b, "%s%s × %lld", i > 0 ? ", " : "", store_text(&sql[ORDER_ITEMS], 0),
		    (long long)store_int(&sql[ORDER_ITEMS], 1));
}

int
verb_orders(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct buf b = BUF_INIT(LINE_MOST);

	if (!opt->json)
		printf("number\tour_order_id\tpos_order_id\tstatus\ttotal\ttype\tbranch\titems\n");
	store_query(s, &sql[ORDERS], "i", limit_of(opt));
	while (store_row(s, &sql[ORDERS])) {
		if (opt->json)
			sale_put(&b, NULL, s, store_int(&sql[ORDERS], 0));
		else
			put_order_line(&b, s, store_int(&sql[ORDERS], 0));
		flush_line(&b);
	}
	return finish(s, &b, EX_OK);
}

int
verb_doubles(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct query *q = &sql[DOUBLES];
	struct buf b = BUF_INIT(LINE_MOST);
	int any = 0;

	store_query(s, q, "");
	while (store_row(s, q)) {
		printf("%s\t%lld times\n", store_text(q, 0), (long long)store_int(q, 1));
		any = 1;
	}
	return finish(s, &b, any);
}

static void
put_sold(struct buf *b, struct store *s, int64_t product, int json)
{
	struct query *q = &sql[SOLD];
	int64_t stock;

	store_query(s, q, "i", product);
	while (store_row(s, q)) {
		stock = store_int(q, 2);
		if (json) {
			json_open(b, NULL, '{');
			json_put_text(b, "branch_id", store_text(q, 0));
			json_put_money(b, "price", store_int(q, 1));
			json_put_int(b, "stock_quantity", stock);
			json_close(b, '}');
			continue;
		}
		buf_printf(b, "\t%s ", store_text(q, 0));
		put_money(b, store_int(q, 1));
		if (stock != STORE_NULL)
			buf_printf(b, " (%lld)", (long long)stock);
	}
}

static void
put_product_json(struct buf *b, struct store *s, const struct query *q)
{
	json_open(b, NULL, '{');
	json_put_text(b, "pos_product_id", store_text(q, 1));
	json_put_text(b, "name", store_text(q, 2));
	json_put_text(b, "category", store_text(q, 3));
	json_put_money(b, "price", store_int(q, 4));
	json_put_bool(b, "deleted", store_int(q, 5) != 0);
	json_open(b, "branches", '[');
	put_sold(b, s, store_int(q, 0), 1);
	json_close(b, ']');
	json_close(b, '}');
}

int
verb_products(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct query *q = &sql[PRODUCTS];
	struct buf b = BUF_INIT(LINE_MOST);

	if (!opt->json)
		printf("id\tname\tcategory\tprice (stock) per branch\n");
	store_query(s, q, "i", limit_of(opt));
	while (store_row(s, q)) {
		if (opt->json) {
			put_product_json(&b, s, q);
		} else {
			buf_printf(&b, "%s\t%s%s\t%s", store_text(q, 1), store_text(q, 2),
			    store_int(q, 5) ? " (removed)" : "", store_text(q, 3));
			put_sold(&b, s, store_int(q, 0), 0);
		}
		flush_line(&b);
	}
	return finish(s, &b, EX_OK);
}

static void
put_request_json(struct buf *b, const struct query *q)
{
	json_open(b, NULL, '{');
	json_put_int(b, "at_ms", store_int(q, 0));
	json_put_text(b, "method", store_text(q, 1));
	json_put_text(b, "uri", store_text(q, 2));
	json_put_int(b, "status", store_int(q, 3));
	json_put_text(b, "idempotency_key", store_text(q, 4));
	json_put_text(b, "fault", store_text(q, 5));
	json_put_bool(b, "authorized", store_int(q, 6) != 0);
	json_close(b, '}');
}

int
verb_requests(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct query *q = &sql[REQUESTS];
	struct buf b = BUF_INIT(LINE_MOST);
	char at[CLOCK_TEXT];

	store_query(s, q, "is", limit_of(opt), opt->on);
	while (store_row(s, q)) {
		clock_rfc3339(store_int(q, 0) / 1000, at);
		if (opt->json)
			put_request_json(&b, q);
		else
			buf_printf(&b, "%s\t%lld\t%s %s\t%s", at, (long long)store_int(q, 3),
			    store_text(q, 1), store_text(q, 2),
			    store_text(q, 5) != NULL ? store_text(q, 5) : "");
		flush_line(&b);
	}
	return finish(s, &b, EX_OK);
}

static void
put_fault(struct buf *b, const struct query *q)
{
	int64_t times = store_int(q, 2);

	buf_printf(b, "%s\t%s\t", store_text(q, 0), store_text(q, 1));
	if (times == STORE_NULL)
		buf_str(b, "until none");
	else if (times == 0)
		buf_str(b, "used up");
	else
		buf_printf(b, "%lld left", (long long)times);
	buf_printf(b, "\t%lld hits", (long long)store_int(q, 5));
	if (store_int(q, 3) > 0)
		buf_printf(b, "\tafter %lld", (long long)store_int(q, 3));
}

int
verb_faults(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct query *q = &sql[FAULTS];
	struct buf b = BUF_INIT(LINE_MOST);

	store_query(s, q, "");
	while (store_row(s, q)) {
		if (!opt->json) {
			put_fault(&b, q);
			flush_line(&b);
			continue;
		}
		json_open(&b, NULL, '{');
		json_put_text(&b, "name", store_text(q, 0));
		json_put_text(&b, "on", store_text(q, 1));
		json_put_int(&b, "times", store_int(q, 2));
		json_put_int(&b, "hits", store_int(q, 5));
		json_close(&b, '}');
		flush_line(&b);
	}
	return finish(s, &b, EX_OK);
}

int
verb_webhooks(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	struct query *q = &sql[WEBHOOKS];
	struct buf b = BUF_INIT(LINE_MOST);

	store_query(s, q, "i", limit_of(opt));
	while (store_row(s, q)) {
		json_open(&b, NULL, '{');
		json_put_int(&b, "seq", store_int(q, 0));
		json_put_raw(&b, "body", store_text(q, 1));
		json_put_int(&b, "tries", store_int(q, 2));
		json_put_bool(&b, "done", store_int(q, 3) != 0);
		json_put_text(&b, "error", store_text(q, 4));
		json_close(&b, '}');
		flush_line(&b);
	}
	return finish(s, &b, EX_OK);
}
