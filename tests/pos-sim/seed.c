/*
 * seed.c - `pos-sim init`: what a new till sells, and where
 *
 * Either the restaurant chain of data/ (branches.tsv, dishes.tsv: their heads
 * say what the columns mean), or with --products any number of dishes made up
 * by rule, always the same ones.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/seed.h"

enum { LINE_MOST = 4096, COLUMNS_MOST = 8, BRANCH_COLUMNS = 7, DISH_COLUMNS = 8 };

/* One file of tab-separated values; '#' begins a comment line. */
struct tsv {
	FILE *f;
	char path[LINE_MOST], line[LINE_MOST];
	int number;
	char *column[COLUMNS_MOST];
};

enum { ADD_BRANCH, ADD_PRODUCT, SELL, BRANCH, NOT_SOLD, PRICE, STOCK, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[ADD_BRANCH] = { "INSERT INTO branch (id, name, address, latitude, longitude, phone,"
	    " hours) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", NULL },
	[ADD_PRODUCT] = { "INSERT INTO product (id, category, name, price, picture, description,"
	    " updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", NULL },
	[SELL] = { "INSERT INTO product_branch (product, branch, price, stock)"
	    " SELECT ?1, seq, ?2, ?3 FROM branch WHERE seq <= ?4", NULL },
	[BRANCH] = { "SELECT seq FROM branch WHERE id = ?1", NULL },
	[NOT_SOLD] = { "DELETE FROM product_branch WHERE product = ?1 AND branch = ?2", NULL },
	[PRICE] = { "UPDATE product_branch SET price = ?3 WHERE product = ?1"
	    " AND branch = ?2", NULL },
	[STOCK] = { "UPDATE product_branch SET stock = ?3 WHERE product = ?1"
	    " AND branch = ?2", NULL },
};

void
seed_branch(struct store *s, const struct seed_branch *b)
{
	store_run(s, &sql[ADD_BRANCH], "sssrrss", b->id, b->name, b->address, b->latitude,
	    b->longitude, b->phone, b->hours);
}

int64_t
seed_product(struct store *s, const struct seed_product *p, int64_t branches)
{
	int64_t seq;

	store_run(s, &sql[ADD_PRODUCT], "sssiisi", p->id, p->category, p->name, p->price,
	    (int64_t)p->picture, p->description, p->updated_ms);
	seq = store_last_id(s);
	store_run(s, &sql[SELL], "iiii", seq, p->price, p->stock, branches);
	return seq;
}

static _Noreturn void
bad(const struct tsv *t, const char *what, const char *value)
{
	refuse(EX_DATAERR, "%s line %d: %s: %s", t->path, t->number, what, value);
}

static void
tsv_open(struct tsv *t, const char *dir, const char *name)
{
	snprintf(t->path, sizeof t->path, "%s/%s", dir, name);
	t->number = 0;
	if ((t->f = fopen(t->path, "re")) == NULL)
		refuse(EX_NOINPUT, "%s: %s (--data DIR names another folder)", t->path,
		    strerror(errno));
}

static int
tsv_next(struct tsv *t, int columns)
{
	char *s = t->line;
	int n = 0;

	do {
		if (fgets(t->line, sizeof t->line, t->f) == NULL) {
			fclose(t->f);
			return 0;
		}
		t->number++;
	} while (t->line[0] == '#' || t->line[0] == '\n');
	if (strchr(t->line, '\n') == NULL)
		bad(t, "too long a line", "");
	t->line[strcspn(t->line, "\n")] = '\0';
	while (n < columns && s != NULL)
		t->column[n++] = strsep(&s, "\t");
	if (n != columns || s != NULL)
		bad(t, "wrong number of columns", t->column[0]);
	return 1;
}

static double
degrees(const struct tsv *t, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || value < -180 || value > 180)
		bad(t, "no coordinate", text);
	return value;
}

static int64_t
price_of(const struct tsv *t, const char *text)
{
	int64_t kopecks;

	if (money_parse(text, &kopecks) != 0 || kopecks < 0)
		bad(t, "no price", text);
	return kopecks;
}

static int64_t
stock_of(const struct tsv *t, const char *text)
{
	int64_t stock;

	if (strcmp(text, "-") == 0)
		return STORE_NULL;
	if (decimal_parse(text, 0, &stock) != 0)
		bad(t, "no stock", text);
	return stock;
}

static int64_t
read_branches(struct store *s, const char *dir)
{
	struct tsv t;
	struct seed_branch b;
	int64_t count = 0;

	tsv_open(&t, dir, "branches.tsv");
	for (; tsv_next(&t, BRANCH_COLUMNS); count++) {
		b = (struct seed_branch){ .id = t.column[0], .name = t.column[1],
			.address = t.column[2], .latitude = degrees(&t, t.column[3]),
			.longitude = degrees(&t, t.column[4]), .phone = t.column[5],
			.hours = t.column[6] };
		seed_branch(s, &b);
	}
	return count;
}

/* "kyiv-2 price 199.50; kyiv-4 stock 0; kyiv-5 absent" */
static void
read_exceptions(struct store *s, const struct tsv *t, int64_t product, char *list)
{
	char *one, *branch, *what, *value;
	int64_t seq;

	while ((one = strsep(&list, ";")) != NULL) {
		one += strspn(one, " ");
		if (*one == '\0' || strcmp(one, "-") == 0)
			continue;
		branch = strsep(&one, " ");
		what = one != NULL ? strsep(&one, " ") : "";
		value = one != NULL ? one : "";
		if (!store_find(s, &sql[BRANCH], "s", branch))
			bad(t, "no such branch", branch);
		seq = store_int(&sql[BRANCH], 0);
		store_done(&sql[BRANCH]);
		if (strcmp(what, "absent") == 0)
			store_run(s, &sql[NOT_SOLD], "ii", product, seq);
		else if (strcmp(what, "price") == 0)
			store_run(s, &sql[PRICE], "iii", product, seq, price_of(t, value));
		else if (strcmp(what, "stock") == 0)
			store_run(s, &sql[STOCK], "iii", product, seq, stock_of(t, value));
		else
			bad(t, "neither price, stock nor absent", what);
	}
}

static int64_t
read_dishes(struct store *s, const char *dir, int64_t branches)
{
	struct tsv t;
	struct seed_product p;
	int64_t count = 0;

	tsv_open(&t, dir, "dishes.tsv");
	for (; tsv_next(&t, DISH_COLUMNS); count++) {
		p = (struct seed_product){ .id = t.column[0], .category = t.column[1],
			.name = t.column[2], .price = price_of(&t, t.column[3]),
			.stock = stock_of(&t, t.column[4]),
			.picture = strcmp(t.column[5], "drawn") == 0,
			.description = *t.column[7] != '\0' ? t.column[7] : NULL,
			.updated_ms = clock_ms() };
		read_exceptions(s, &t, seed_product(s, &p, branches), t.column[6]);
	}
	return count;
}

int
verb_init(const struct options *opt)
{
	const char *dir = opt->data != NULL ? opt->data : POS_SIM_DATA_DIR;
	int64_t branches = opt->branches != 0 ? opt->branches : 1, products = opt->products;
	struct store *s;

	if (opt->branches != 0 && opt->products == 0)
		refuse(EX_USAGE, "--branches goes with --products only");
	s = store_create(opt->db, opt->force != 0);
	store_begin(s);
	if (products != 0) {
		made_up_branches(s, branches);
		made_up_products(s, products, branches);
	} else {
		branches = read_branches(s, dir);
		products = read_dishes(s, dir, branches);
	}
	store_commit(s);
	store_close(s);
	printf("%s: a till with %lld dishes in %lld branches\n", opt->db, (long long)products,
	    (long long)branches);
	return EX_OK;
}
