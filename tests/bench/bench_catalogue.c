/*
 * bench_catalogue.c - what reading the catalogue costs as it grows
 *
 *	bench_catalogue fill FILE DISHES	an empty shop's database gets so many
 *	bench_catalogue ask DISHES=PORT:PID …	the shops behind these ports, in turns
 *
 * One connection to each shop's nginx, past its cache. A line is the median of
 * one kind of request in microseconds, from the first byte sent to the last
 * one read; then the processor time that the shop's worker (PID) used for one,
 * which other work on the machine does not lengthen. The shops are asked the
 * same thing right after each other, and a ratio is the median of the rounds'
 * own ratios, so that a busy moment strikes both sides. Ids and cursors are
 * drawn anew each time. "Counted anew": the first search for its words since
 * the catalogue changed; how many it finds grows with the shop up to
 * a bound, so it has no ratio to keep.
 */
#include <arpa/inet.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/base/db.h"
#include "lib/base/utf8.h"
#include "lib/shop/catalog_tidy.h"
#include "lib/shop/search.h"

enum {
	SIZES = 4, ROUNDS = 40, BATCH = 10,	/* requests of a kind in a row */
	SAMPLES = ROUNDS * BATCH, CURSORS = 40, PATH = 400, KEY = 96, RARE = 3,
	CATEGORIES = 40, ANSWER = 1 << 20
};

static const struct kind {
	const char *name, *path;	/* %lld: an id; %s: a cursor of the list */
} kinds[] = {
	{ "list, first page", "/products" },
	{ "list of a branch", "/products?branch_id=1" },
	{ "list of a category", "/products?branch_id=1&category=7" },
	{ "what can be had", "/products?branch_id=1&available=true" },
	{ "by price", "/products?branch_id=1&sort=price" },
	{ "by price, falling", "/products?branch_id=1&sort=-price" },
	{ "newest first", "/products?branch_id=1&sort=newest" },
	{ "by price, without branch", "/products?sort=price" },
	{ "by price, in a category", "/products?branch_id=1&sort=price&category=7" },
	{ "deep page by cursor", "/products?branch_id=1&cursor=%s" },
	{ "deep page by cursor, by price", "/products?branch_id=1&sort=price&cursor=%s" },
	{ "search, common word", "/products?branch_id=1&search=борщ" },
	{ "search, rare word", "/products?branch_id=1&search=трюфелі" },
	{ "search, rare and common", "/products?branch_id=1&search=трюфелі+порція" },
	{ "search, common and rare", "/products?search=порція+трюфелі" },
	{ "search, two letters", "/products?branch_id=1&search=бо" },
	{ "search, nothing found", "/products?branch_id=1&search=кенгуру" },
	{ "search, common, counted anew", "/products?branch_id=1&search=борщ%%20%lld" },
	{ "one dish", "/products/%lld?branch_id=1" },
	{ "one dish, without branch", "/products/%lld" },
	{ "branches", "/branches" },
	{ "categories", "/categories?branch_id=1" },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct shop {
	int64_t dishes;
	int fd, port, worker;
	char cursors[KINDS][CURSORS][CURSOR_TEXT];
	float us[KINDS][SAMPLES];
	float batch[KINDS][ROUNDS], cpu[KINDS][ROUNDS];	/* a round's median, and its worker's time */
};
static struct shop shops[SIZES];
static int shop_count;

static uint64_t
draw(void)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* ---- a shop, made quickly: rows first, what hangs on them afterwards */

static _Noreturn void
give_up(const char *what, const char *why)
{
	fprintf(stderr, "bench_catalogue: %s: %s\n", what, why);
	exit(1);
}

static void
run(sqlite3 *c, const char *sql)
{
	char *fault = NULL;

	if (sqlite3_exec(c, sql, NULL, NULL, &fault) != SQLITE_OK)
		give_up(sql, fault);
}

static void
make_name(int64_t n, int64_t dishes, char *name, size_t size)
{
	static const char *const first[] = { "Борщ", "Вареники", "Деруни", "Котлета", "Салат",
		"Піца", "Суп", "Плов", "Паста", "Бургер", "Млинці", "Голубці", "Сирники",
		"Шашлик", "Рулет", "Пиріг", "Компот", "Узвар" };
	static const char *const second[] = { "домашній", "по-київськи", "з грибами", "з куркою",
		"зі сметаною", "з печі", "на грилі", "по-селянськи", "із зеленню", "від шефа",
		"з гарбузом" };

	/* the rare ones lie at the same places of every shop */
	snprintf(name, size, "%s %s%s %lld", first[n % 18], second[n / 7 % 11],
	    n % (dishes / RARE) == dishes / RARE / 2 ? " трюфелі" : "", (long long)(n % 997));
}

static void
put_dish(sqlite3_stmt *product, sqlite3_stmt *offer, int64_t n, int64_t dishes)
{
	char key[32], name[200], category[40];
	struct buf sort = BUF_INIT(KEY * 8), text = BUF_INIT(1000);
	int64_t price = 5000 + (int64_t)(draw() % 40000), stock = n % 10 == 0 ? 0 : 20;

	snprintf(key, sizeof key, "g%lld", (long long)n);
	make_name(n, dishes, name, sizeof name);
	snprintf(category, sizeof category, "Категорія %lld", (long long)(n % CATEGORIES + 1));
	utf8_sort_key(&sort, name, utf8_prefix(name, strlen(name), KEY / 2));
	search_mill(&text, name, strlen(name));
	search_mill(&text, category, strlen(category));
	search_mill(&text, "Порція 250 г", strlen("Порція 250 г"));
	sqlite3_bind_int64(product, 1, n);
	sqlite3_bind_text(product, 2, key, -1, SQLITE_STATIC);
	sqlite3_bind_text(product, 3, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(product, 4, n % CATEGORIES + 1);
	sqlite3_bind_blob(product, 5, sort.s, sort.len > KEY ? KEY : (int)sort.len, SQLITE_STATIC);
	sqlite3_bind_text(product, 6, text.s, -1, SQLITE_STATIC);
	sqlite3_bind_int64(product, 7, price);
	sqlite3_bind_int64(product, 8, stock);
	sqlite3_step(product);
	sqlite3_reset(product);
	for (int64_t branch = 1; branch <= 2; branch++) {
		sqlite3_bind_int64(offer, 1, n);
		sqlite3_bind_int64(offer, 2, branch);
		sqlite3_bind_int64(offer, 3, price + (branch - 1) * 500);
		sqlite3_bind_int64(offer, 4, stock);
		sqlite3_bind_int64(offer, 5, n % CATEGORIES + 1);
		sqlite3_bind_blob(offer, 6, sort.s, sort.len > KEY ? KEY : (int)sort.len, SQLITE_STATIC);
		sqlite3_step(offer);
		sqlite3_reset(offer);
	}
	buf_free(&sort);
	buf_free(&text);
}

/* Each index of the two tables: taken away before, made again after the rows. */
static void
put_dishes(sqlite3 *c, int64_t dishes)
{
	sqlite3_stmt *product, *offer, *s;
	char *indexes[40];
	int count = 0;

	sqlite3_prepare_v2(c, "SELECT sql, 'DROP INDEX ' || name FROM sqlite_schema WHERE type = 'index'"
	    " AND sql IS NOT NULL AND tbl_name IN ('product', 'product_branch')", -1, &s, NULL);
	while (sqlite3_step(s) == SQLITE_ROW && count < 38) {
		indexes[count++] = strdup((const char *)sqlite3_column_text(s, 0));
		indexes[count++] = strdup((const char *)sqlite3_column_text(s, 1));
	}
	sqlite3_finalize(s);
	for (int i = 1; i < count; i += 2)
		run(c, indexes[i]);
	if (sqlite3_prepare_v2(c, "INSERT INTO product (id, pos_product_id, name, description,"
	    " category_id, sort_key, search_text, is_active, min_price, base_price, best_stock,"
	    " is_available, created_at, updated_at) VALUES (?1, ?2, ?3, 'Порція 250 г', ?4, ?5, ?6, 1,"
	    " ?7, ?7, ?8, ?8 > 0, 1, 1)", -1, &product, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c, "INSERT INTO product_branch (product_id, branch_id, base_price,"
	    " stock_quantity, is_available, category_id, sort_key, pos_last_synced_at, created_at,"
	    " updated_at) VALUES (?1, ?2, ?3, ?4, ?4 > 0, ?5, ?6, 1, 1, 1)", -1, &offer, NULL) != SQLITE_OK)
		give_up("dishes", sqlite3_errmsg(c));
	for (int64_t n = 1; n <= dishes; n++)
		put_dish(product, offer, n, dishes);
	sqlite3_finalize(product);
	sqlite3_finalize(offer);
	for (int i = 0; i < count; i += 2)
		run(c, indexes[i]);
	for (int i = 0; i < count; i++)
		free(indexes[i]);
}

/* As the daily run leaves it. */
static void
tidy(const char *file)
{
	char fault[DB_FAULT];
	struct db *db = db_open(file, DB_WRITER, 10000, fault);

	if (db == NULL)
		give_up(file, fault);
	while (catalog_tidy(db, 60000) > 0)
		;
	db_close(db);
}

static int
fill(const char *file, int64_t dishes)
{
	sqlite3 *c;

	if (sqlite3_open(file, &c) != SQLITE_OK)
		give_up(file, sqlite3_errmsg(c));
	run(c, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -400000;"
	    "BEGIN; INSERT INTO branch (pos_branch_id, name, latitude, longitude, created_at,"
	    " updated_at) VALUES ('b1', 'Поділ', 50.4, 30.5, 1, 1), ('b2', 'Оболонь', 50.5, 30.5, 1, 1);"
	    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
	    " INSERT INTO category (name, sort_key) SELECT 'Категорія ' || i,"
	    " CAST(printf('%02d', i) AS BLOB) FROM n");
	put_dishes(c, dishes);
	run(c, "INSERT INTO catalog_count SELECT branch_id, 0, count(*), sum(is_available)"
	    " FROM product_branch GROUP BY 1;"
	    "INSERT INTO catalog_count SELECT branch_id, category_id, count(*), sum(is_available)"
	    " FROM product_branch GROUP BY 1, 2;"
	    "INSERT INTO catalog_count SELECT 0, 0, count(*), sum(is_available) FROM product;"
	    "INSERT INTO catalog_count SELECT 0, category_id, count(*), sum(is_available)"
	    " FROM product GROUP BY 2;"
	    "INSERT INTO product_trigram (product_trigram) VALUES ('rebuild');"
	    "INSERT INTO product_word (product_word) VALUES ('rebuild'); COMMIT;"
	    "PRAGMA journal_mode = WAL");
	sqlite3_close(c);
	tidy(file);
	return 0;
}

/* ---- asking */

static char answer[ANSWER];

static void
dial(struct shop *shop)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)shop->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	shop->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (shop->fd == -1 || connect(shop->fd, (struct sockaddr *)&to, sizeof to) == -1)
		give_up("a shop", "does not answer");
}

/* How many bytes the answer has, head and all; 0 = not told yet. */
static size_t
length_of(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");

	if (body == NULL)
		return 0;
	if (length == NULL || length > body || strncmp(text, "HTTP/1.1 200", 12) != 0)
		give_up("the answer", text);
	return (size_t)(body + 4 - text) + strtoul(length + 16, NULL, 10);
}

/* The answer stands in `answer`; how long it took. */
static float
ask(struct shop *shop, const char *path)
{
	char text[PATH + 100];
	struct timespec from, to;
	size_t have = 0, whole = 0;
	ssize_t n;
	/* with Authorization nginx passes its cache by */
	int len = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: bench\r\n"
	    "Authorization: none\r\n\r\n", path);

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (send(shop->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		give_up(path, "not sent");
	while (whole == 0 || have < whole) {
		if ((n = read(shop->fd, answer + have, ANSWER - 1 - have)) <= 0)
			give_up(path, "no answer");
		have += (size_t)n;
		answer[have] = '\0';
		if (whole == 0)
			whole = length_of(answer);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (float)((double)(to.tv_sec - from.tv_sec) * 1e6 +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e3);
}

/* A cursor from somewhere in the list, out of the answer to a page. */
static void
find_cursor(struct shop *shop, const char *kind, char *cursor)
{
	static const char mark[] = "\"next_cursor\":\"";
	int64_t page = 1 + (int64_t)(draw() % (uint64_t)(shop->dishes / 100 - 1));
	char path[PATH], *at;

	snprintf(path, sizeof path, "%.*s&limit=100&page=%lld",
	    (int)(strstr(kind, "&cursor") - kind), kind, (long long)page);
	ask(shop, path);
	if ((at = strstr(answer, mark)) == NULL)
		give_up(path, answer);
	at += sizeof mark - 1;
	snprintf(cursor, CURSOR_TEXT, "%.*s", (int)strcspn(at, "\""), at);
}

/* Processor time of the shop's worker so far, in microseconds. */
static double
worker_us(const struct shop *shop)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/schedstat", shop->worker);
	if ((f = fopen(path, "r")) == NULL || fscanf(f, "%llu", &ns) != 1)
		give_up(path, "the worker is gone");
	fclose(f);
	return (double)ns / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static float
median(const float *list, int n)
{
	float sorted[SAMPLES];

	memcpy(sorted, list, (size_t)n * sizeof *list);
	qsort(sorted, (size_t)n, sizeof *sorted, by_size);
	return sorted[n / 2];
}

static void
ask_batch(struct shop *shop, int kind, int round)
{
	const char *pattern = kinds[kind].path;
	float *us = &shop->us[kind][round * BATCH];
	double before = worker_us(shop);
	char path[PATH];

	for (int i = 0; i < BATCH; i++) {
		if (strstr(pattern, "%s") != NULL)
			snprintf(path, sizeof path, pattern, shop->cursors[kind][draw() % CURSORS]);
		else if (strstr(pattern, "%%20") != NULL)
			snprintf(path, sizeof path, pattern, (long long)(round * BATCH + i));
		else
			snprintf(path, sizeof path, pattern,
			    (long long)(1 + draw() % (uint64_t)shop->dishes));
		us[i] = ask(shop, path);
	}
	shop->cpu[kind][round] = (float)((worker_us(shop) - before) / BATCH);
	shop->batch[kind][round] = median(us, BATCH);
}

static void
begin(struct shop *shop)
{
	dial(shop);
	for (int k = 0; k < KINDS; k++)
		for (int i = 0; i < CURSORS && strstr(kinds[k].path, "%s") != NULL; i++)
			find_cursor(shop, kinds[k].path, shop->cursors[k][i]);
	close(shop->fd);
}

/* Of the rounds' own ratios, the median. */
static double
ratio(float (*largest)[ROUNDS], float (*smallest)[ROUNDS], int kind)
{
	float list[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		list[i] = largest[kind][i] / smallest[kind][i];
	return (double)median(list, ROUNDS);
}

static void
report(void)
{
	struct shop *small = &shops[0], *large = &shops[shop_count - 1];

	printf("%-32s", "catalogue: microseconds, p50");
	for (int i = 0; i < shop_count; i++)
		printf(" %8lld", (long long)shops[i].dishes);
	printf("  ratio (at most 1.50)  worker's CPU, smallest, largest, ratio\n");
	for (int k = 0; k < KINDS; k++) {
		printf("%-32s", kinds[k].name);
		for (int i = 0; i < shop_count; i++)
			printf(" %8.0f", (double)median(shops[i].us[k], SAMPLES));
		printf("  %5.2f", ratio(large->batch, small->batch, k));
		printf(" %22.0f %8.0f  %5.2f\n", (double)median(small->cpu[k], ROUNDS),
		    (double)median(large->cpu[k], ROUNDS), ratio(large->cpu, small->cpu, k));
	}
}

/* One kind after the other, each asked of all shops; another shop begins each round. */
static void
ask_round(int round)
{
	for (int i = 0; i < shop_count; i++)
		dial(&shops[i]);
	for (int k = 0; k < KINDS; k++)
		for (int i = 0; i < shop_count; i++)
			ask_batch(&shops[(round + i) % shop_count], k, round);
	for (int i = 0; i < shop_count; i++)
		close(shops[i].fd);
}

static int
ask_all(char **argv, int count)
{
	char *at;

	for (; shop_count < count && shop_count < SIZES; shop_count++) {
		struct shop *shop = &shops[shop_count];

		shop->dishes = strtoll(argv[shop_count], &at, 10);
		shop->port = *at == '=' ? (int)strtol(at + 1, &at, 10) : 0;
		shop->worker = *at == ':' ? (int)strtol(at + 1, &at, 10) : 0;
		if (shop->dishes < 1000 || shop->worker <= 0 || *at != '\0')
			give_up(argv[shop_count], "must be DISHES=PORT:PID, 1000 dishes or more");
		begin(shop);
	}
	for (int round = 0; round < ROUNDS; round++)
		ask_round(round);
	report();
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "fill") == 0)
		return fill(argv[2], strtoll(argv[3], NULL, 10));
	if (argc >= 3 && strcmp(argv[1], "ask") == 0)
		return ask_all(argv + 2, argc - 2);
	fprintf(stderr, "usage: bench_catalogue fill FILE DISHES | ask DISHES=PORT:PID …\n");
	return 64;
}
