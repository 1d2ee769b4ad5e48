/*
 * verbs.c - verbs that change a till while it serves
 *
 * Each is one transaction on the database: the next request sees it. What
 * changes a dish also changes its updated_at, as a till's back office does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/fault.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/webhook.h"

enum { STOCK_MOST = 1000000 };

enum {
	PRODUCT, ID, BRANCH, SET_STOCK, SET_PRICE, SET_PRICE_ALL, SET_BASE_PRICE, SET_DELETED, TOUCH,
	RAISE, RAISE_BRANCHES, STATEMENTS
};

static struct query sql[STATEMENTS] = {
	[PRODUCT] = { "SELECT seq FROM product WHERE id = ?1 OR name = ?1"
	    " ORDER BY id = ?1 DESC LIMIT 1", NULL },
	[ID] = { "SELECT id FROM product WHERE seq = ?1", NULL },
	[BRANCH] = { "SELECT seq FROM branch WHERE id = ?1 OR name = ?1"
	    " ORDER BY id = ?1 DESC LIMIT 1", NULL },
	/* branch NULL: all */
	[SET_STOCK] = { "UPDATE product_branch SET stock = ?3 WHERE product = ?1"
	    " AND (?2 IS NULL OR branch = ?2)", NULL },
	[SET_PRICE] = { "UPDATE product_branch SET price = ?3 WHERE product = ?1"
	    " AND branch = ?2", NULL },
	[SET_PRICE_ALL] = { "UPDATE product_branch SET price = ?2 WHERE product = ?1", NULL },
	[SET_BASE_PRICE] = { "UPDATE product SET price = ?2 WHERE seq = ?1", NULL },
	[SET_DELETED] = { "UPDATE product SET deleted = ?2 WHERE seq = ?1", NULL },
	[TOUCH] = { "UPDATE product SET updated_ms = ?2 WHERE seq = ?1", NULL },
	[RAISE] = { "UPDATE product SET price = price + 100, updated_ms = ?1", NULL },
	[RAISE_BRANCHES] = { "UPDATE product_branch SET price = price + 100", NULL },
};

static int64_t
find(struct store *s, int statement, const char *what, const char *name)
{
	struct query *q = &sql[statement];
	int64_t seq;

	if (!store_find(s, q, "s", name))
		refuse(EX_DATAERR, "no %s %s", what, name);
	seq = store_int(q, 0);
	store_done(q);
	return seq;
}

static void
tell(struct store *s, const char *type, const char *product)
{
	struct buf body = BUF_INIT(1024);

	json_open(&body, NULL, '{');
	json_put_text(&body, "type", type);
	json_open(&body, "data", '{');
	json_put_text(&body, "pos_product_id", product);
	json_close(&body, '}');
	json_close(&body, '}');
	webhook_queue(s, body.s);
	buf_free(&body);
}

/* The end of every verb that changed a dish. */
static int
changed(struct store *s, int64_t product, const char *type)
{
	struct query *q = &sql[ID];

	store_run(s, &sql[TOUCH], "ii", product, clock_ms());
	if (store_find(s, q, "i", product))
		tell(s, type, store_text(q, 0));
	store_done(q);
	store_commit(s);
	store_close(s);
	return EX_OK;
}

static struct store *
open_for_writing(const struct options *opt)
{
	struct store *s = store_open(opt->db);

	store_begin(s);
	return s;
}

/* Whole numbers, also below 0: a till may have sold what it had not. */
static int64_t
read_stock(const char *text)
{
	int64_t n;

	if (strcmp(text, "none") == 0)
		return STORE_NULL;
	if (decimal_parse(text, 0, &n) != 0 || n < -STOCK_MOST || n > STOCK_MOST)
		refuse(EX_USAGE, "a stock is a whole number up to %d, or none: not %s", STOCK_MOST,
		    text);
	return n;
}

static int64_t
read_price(const char *text)
{
	int64_t kopecks;

	if (money_parse(text, &kopecks) != 0 || kopecks < 0 || kopecks > MONEY_MAX)
		refuse(EX_USAGE, "a price is like 149.50: not %s", text);
	return kopecks;
}

int
verb_set_stock(const struct options *opt)
{
	int64_t stock = read_stock(opt->arg[2]), branch = STORE_NULL;
	struct store *s = open_for_writing(opt);
	int64_t product = find(s, PRODUCT, "product", opt->arg[0]);

	if (strcmp(opt->arg[1], "all") != 0)
		branch = find(s, BRANCH, "branch", opt->arg[1]);
	store_run(s, &sql[SET_STOCK], "iii", product, branch, stock);
	if (store_changes(s) == 0)
		refuse(EX_DATAERR, "%s does not sell %s", opt->arg[1], opt->arg[0]);
	return changed(s, product, "stock.updated");
}

int
verb_set_price(const struct options *opt)
{
	int64_t price = read_price(opt->arg[opt->args - 1]), branch;
	struct store *s = open_for_writing(opt);
	int64_t product = find(s, PRODUCT, "product", opt->arg[0]);

	if (opt->args == 2) {
		store_run(s, &sql[SET_BASE_PRICE], "ii", product, price);
		store_run(s, &sql[SET_PRICE_ALL], "ii", product, price);
		return changed(s, product, "product.updated");
	}
	branch = find(s, BRANCH, "branch", opt->arg[1]);
	store_run(s, &sql[SET_PRICE], "iii", product, branch, price);
	if (store_changes(s) == 0)
		refuse(EX_DATAERR, "%s does not sell %s", opt->arg[1], opt->arg[0]);
	return changed(s, product, "product.updated");
}

static int
set_deleted(const struct options *opt, int64_t deleted)
{
	struct store *s = open_for_writing(opt);
	int64_t product = find(s, PRODUCT, "product", opt->arg[0]);

	store_run(s, &sql[SET_DELETED], "ii", product, deleted);
	return changed(s, product, "product.updated");
}

int
verb_remove(const struct options *opt)
{
	return set_deleted(opt, 1);
}

int
verb_restore(const struct options *opt)
{
	return set_deleted(opt, 0);
}

int
verb_touch_all(const struct options *opt)
{
	struct store *s = open_for_writing(opt);

	store_run(s, &sql[RAISE_BRANCHES], "");
	store_run(s, &sql[RAISE], "i", clock_ms());
	store_commit(s);
	store_close(s);
	return EX_OK;
}

int
verb_set_status(const struct options *opt)
{
	struct store *s;
	int64_t sale;

	if (!sale_status_known(opt->arg[1]))
		refuse(EX_USAGE, "a status is one of %s: not %s", sale_statuses(), opt->arg[1]);
	s = open_for_writing(opt);
	if ((sale = sale_find(s, opt->arg[0])) == 0)
		refuse(EX_DATAERR, "no order %s", opt->arg[0]);
	sale_move(s, sale, opt->arg[1], clock_ms());
	store_commit(s);
	store_close(s);
	return EX_OK;
}

int
verb_set_driver(const struct options *opt)
{
	const char *name = strcmp(opt->arg[1], "none") == 0 ? NULL : opt->arg[1];
	struct store *s = open_for_writing(opt);
	int64_t sale = sale_find(s, opt->arg[0]);

	if (sale == 0)
		refuse(EX_DATAERR, "no order %s", opt->arg[0]);
	sale_set_driver(s, sale, name, opt->args == 3 ? opt->arg[2] : NULL);
	store_commit(s);
	store_close(s);
	return EX_OK;
}

int
verb_set_speed(const struct options *opt)
{
	struct store *s;
	int64_t ms;

	if (decimal_parse(opt->arg[0], 3, &ms) != 0 || ms < 0)
		refuse(EX_USAGE, "a speed is seconds from 0: not %s", opt->arg[0]);
	s = open_for_writing(opt);
	store_set(s, "speed_ms", ms);
	store_commit(s);
	store_close(s);
	return EX_OK;
}

int
verb_fault(const struct options *opt)
{
	const struct fault_kind *kind = fault_find(opt->arg[0]);
	struct store *s;

	if (kind == NULL && strcmp(opt->arg[0], "none") != 0)
		refuse(EX_USAGE, "no such fault: %s (pos-sim fault --help names them)", opt->arg[0]);
	s = open_for_writing(opt);
	if (kind == NULL)
		fault_clear(s);
	else
		fault_add(s, kind, opt->on != NULL ? opt->on : kind->path,
		    opt->times != 0 ? opt->times : STORE_NULL, opt->skip,
		    opt->seconds >= 0 ? opt->seconds : kind->wait_ms);
	store_commit(s);
	store_close(s);
	return EX_OK;
}
