/*
 * bench_branches.c - what the list by distance and the choice of a branch cost
 * in chains of 200, 1,000 and 10,000 branches strewn over a country
 *
 *	bench_branches SCHEMA.SQL [ROUNDS]	default 300
 *
 * The work of a request, without HTTP: a read transaction, the branches, their
 * hours, and the JSON of 20. Medians in microseconds; beside them what loading
 * the whole chain costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/choose.h"
#include "lib/shop/near.h"
#include "tests/temp.h"

enum { ROUNDS_MAX = 10000, SHOWN = 20, DISHES = 4, SCHEMA_MAX = 1 << 20, OUT_MAX = 1 << 22 };

static const struct settings conf = { .delivery_base_fee = 9900, .delivery_max_m = 10000,
	.delivery_extra_from_m = 3000, .last_order_min = 15 };
static struct db *db;
static struct arena *arena;
static struct buf out = BUF_INIT(OUT_MAX);

enum { BRANCHES, DISH, OFFERS };
static struct stmt sql[] = {
	[BRANCHES] = { .sql = "WITH RECURSIVE row (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row "
	    "WHERE i < ?1) INSERT INTO branch (pos_branch_id, name, latitude, longitude, "
	    "operating_hours, created_at, updated_at) SELECT 'b' || i, 'Філія ' || i, "
	    "45 + 7 * (i * 7919 % 10007) / 10007.0, 23 + 16 * (i * 104729 % 10009) / 10009.0, "
	    "'{\"mon\":[[\"10:00\",\"22:00\"]],\"tue\":[[\"10:00\",\"22:00\"]],\"wed\":[[\"10:00\","
	    "\"22:00\"]],\"thu\":[[\"10:00\",\"22:00\"]],\"fri\":[[\"10:00\",\"22:00\"]],"
	    "\"sat\":[[\"10:00\",\"23:00\"]],\"sun\":[[\"11:00\",\"02:00\"]]}', 1, 1 FROM row" },
	[DISH] = { .sql = "INSERT INTO product (id, pos_product_id, name, sort_key, search_text, "
	    "created_at, updated_at) VALUES (?1, 'p' || ?1, 'Страва', x'01', '', 1, 1)" },
	[OFFERS] = { .sql = "INSERT INTO product_branch (product_id, branch_id, base_price, "
	    "stock_quantity, sort_key, pos_last_synced_at, created_at, updated_at) "
	    "SELECT p.id, b.id, 10000, 10, x'01', 1, 1, 1 FROM product p, branch b" },
};
DB_STATEMENTS(sql);

static void
must(int status)
{
	if (status < 0)
		fatal(EX_IOERR, "%s", db_error(db));
}

static char *
read_schema(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, SCHEMA_MAX);

	if (f == NULL || text == NULL || fread(text, 1, SCHEMA_MAX - 1, f) == 0)
		fatal(EX_NOINPUT, "%s: not read", path);
	fclose(f);
	return text;
}

static void
make_shop(const char *schema, int64_t branches)
{
	char fault[DB_FAULT] = "";

	temp_make();
	if ((db = db_create(temp_path("shop.db"), schema, fault)) == NULL)
		fatal(EX_IOERR, "%s", fault);
	must(db_begin(db));
	must(db_run(db, &sql[BRANCHES], "i", branches));
	for (int64_t i = 1; i <= DISHES; i++)
		must(db_run(db, &sql[DISH], "i", i));
	must(db_run(db, &sql[OFFERS], ""));
	must(db_end(db, 1));
}

/* ---- what is measured; each round asks from another place */

static double
north(int round)
{
	return 45.5 + round * 37 % 600 / 100.0;
}

static double
east(int round)
{
	return 23.5 + round * 53 % 1500 / 100.0;
}

static void
show(const struct branch_ids *ids)
{
	struct branch *list;
	int n = branch_load(db, arena, ids, clock_now(), &list);

	must(n);
	for (int i = 0; i < n; i++)
		branch_json(&out, NULL, &list[i], i);
}

static void
nearest(int round)
{
	const struct near_wish wish = { .latitude = north(round), .longitude = east(round),
		.most = SHOWN };
	struct near_page page;

	must(near_page(db, arena, &conf, &wish, &page));
	show(&page.ids);
}

static void
choose(int round)
{
	static const struct choose_line lines[DISHES] = { { 1, 2, "" }, { 2, 1, "" }, { 3, 1, "" },
		{ 4, 9, "" } };
	const struct choose_wish wish = { .latitude = north(round), .longitude = east(round),
		.lines = lines, .line_count = DISHES };
	struct choice choice;

	must(choose_find(db, arena, &conf, &wish, &choice));
}

static void
whole_chain(int round)
{
	struct branch *list;

	(void)round;
	must(branch_list(db, arena, clock_now(), &list));
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(void (*work)(int round), int rounds)
{
	static double took[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		took[i] = now_us();
		must(db_read_begin(db));
		work(i);
		db_read_end(db);
		took[i] = now_us() - took[i];
		arena_reset(arena);
		buf_reset(&out);
	}
	qsort(took, (size_t)rounds, sizeof *took, by_size);
	return took[rounds / 2];
}

int
main(int argc, char **argv)
{
	static const int64_t sizes[] = { 200, 1000, 10000 };
	int rounds = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 300;
	double near_us = 0, choose_us = 0, first_near = 0, first_choose = 0;
	char *schema;

	if (argc < 2 || argc > 3 || rounds < 1 || rounds > ROUNDS_MAX)
		fatal(EX_USAGE, "usage: bench_branches SCHEMA.SQL [ROUNDS]");
	schema = read_schema(argv[1]);
	arena = arena_new((size_t)64 << 20);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		make_shop(schema, sizes[i]);
		near_us = median(nearest, rounds);
		choose_us = median(choose, rounds);
		if (i == 0) {
			first_near = near_us;
			first_choose = choose_us;
		}
		printf("%6lld branches: nearest %d %5.0f us (%.2f of %lld's), choice of %d dishes "
		    "%5.0f us (%.2f); all loaded %.0f us\n", (long long)sizes[i], SHOWN, near_us,
		    near_us / first_near, (long long)sizes[0], DISHES, choose_us,
		    choose_us / first_choose, median(whole_chain, rounds / 20 + 1));
		db_close(db);
		temp_remove();
	}
	free(schema);
	buf_free(&out);
	arena_free(arena);
	return near_us <= 1000 ? 0 : 1;
}
