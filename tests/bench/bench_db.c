/*
 * bench_db.c - order-like transactions: one process and bare SQLite at
 * synchronous=NORMAL (the reference, not durable, no reader) against many
 * processes through db.h (durable)
 *
 *	bench_db [SECONDS [WRITERS [READERS [BATCHES]]]]   default 1.5, 16, 0, 0
 *
 * A transaction: 5 conditional UPDATEs of stock, the order, 5 lines, a row in
 * the outbox, a notification, the cart emptied. READERS hold a snapshot for
 * 20 ms each, over and over; BATCHES write for DB_HOLD_MS / 2 each, as a sync
 * does. CPU is user and system time of all processes.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/db.h"
#include "tests/temp.h"

enum {
	PRODUCTS = 20000, CUSTOMERS = 10000, LINES = 5,
	WRITERS_MAX = 64, BESIDE_MAX = 16,
	SAMPLES = 60000		/* transactions that one process may time */
};

static const char schema[] =
    "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " price INTEGER NOT NULL, stock INTEGER NOT NULL CHECK (stock >= 0));"
    "CREATE TABLE cart_item (user_id INTEGER, product_id INTEGER, quantity"
    " INTEGER, PRIMARY KEY (user_id, product_id)) WITHOUT ROWID;"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,"
    " total INTEGER NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL);"
    "CREATE INDEX orders_of_user ON orders (user_id, created_at);"
    "CREATE TABLE order_item (order_id INTEGER, product_id INTEGER, name TEXT,"
    " quantity INTEGER, price INTEGER, PRIMARY KEY (order_id, product_id))"
    " WITHOUT ROWID;"
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, kind TEXT, payload TEXT,"
    " created_at INTEGER);"
    "CREATE TABLE notification (id INTEGER PRIMARY KEY, user_id INTEGER,"
    " body TEXT, created_at INTEGER);"
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
    "  WHERE i < 20000)"
    " INSERT INTO product SELECT i, 'Борщ український з пампушками ' || i,"
    "  9900 + i % 5000, 100000000 FROM n;"
    "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n"
    "  WHERE i < 49999)"
    " INSERT INTO cart_item SELECT 1 + i / 5, 1 + (i * 7919) % 20000, 1 FROM n;";

#define ORDER_SQL "INSERT INTO orders (user_id, total, status, created_at)" \
	" VALUES (?1, 54800, 'pending', 1779451200)"
#define STOCK_SQL "UPDATE product SET stock = stock - ?1" \
	" WHERE id = ?2 AND stock >= ?1"
#define LINE_SQL "INSERT INTO order_item VALUES" \
	" (?1, ?2, 'Борщ український з пампушками', ?3, 12900)"
#define OUTBOX_SQL "INSERT INTO outbox (kind, payload, created_at)" \
	" VALUES ('order', ?1, 1779451200)"
#define NOTE_SQL "INSERT INTO notification (user_id, body, created_at)" \
	" VALUES (?1, ?2, 1779451200)"
#define CART_SQL "DELETE FROM cart_item WHERE user_id = ?1"
#define COUNT_SQL "SELECT count(*) FROM orders"

enum { STOCK, ORDER, LINE, OUTBOX, NOTE, CART, COUNT, STATEMENTS };
static struct stmt sql[STATEMENTS] = {
	[STOCK] = { .sql = STOCK_SQL }, [ORDER] = { .sql = ORDER_SQL },
	[LINE] = { .sql = LINE_SQL }, [OUTBOX] = { .sql = OUTBOX_SQL },
	[NOTE] = { .sql = NOTE_SQL }, [CART] = { .sql = CART_SQL },
	[COUNT] = { .sql = COUNT_SQL },
};

struct wish {
	int64_t user, product[LINES], quantity[LINES];
	char payload[256], note[96];
};

struct shared_state {
	int ready, go, stop;
	long done[WRITERS_MAX], failed[WRITERS_MAX], busy[WRITERS_MAX];
	long log_max;
	uint32_t us[WRITERS_MAX][SAMPLES];
};

static struct shared_state *all;

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t
draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
make_wish(struct wish *w, uint64_t *seed)
{
	w->user = 1 + (int64_t)(draw(seed) % CUSTOMERS);
	for (int i = 0; i < LINES; i++) {
		w->product[i] = 1 + (int64_t)(draw(seed) % (PRODUCTS / LINES)) +
		    i * (PRODUCTS / LINES);
		w->quantity[i] = 1 + (int64_t)(draw(seed) % 3);
	}
	snprintf(w->payload, sizeof w->payload, "{\"type\":\"order\",\"user\":%lld,"
	    "\"items\":[%lld,%lld,%lld,%lld,%lld],\"total\":548.00}",
	    (long long)w->user, (long long)w->product[0], (long long)w->product[1],
	    (long long)w->product[2], (long long)w->product[3],
	    (long long)w->product[4]);
	snprintf(w->note, sizeof w->note, "Замовлення прийнято: %lld",
	    (long long)w->user);
}

/* ---- through db.h */

static int
order_rows(struct db *db, const struct wish *w)
{
	int64_t id;

	for (int i = 0; i < LINES; i++)
		if (db_run(db, &sql[STOCK], "ii", w->quantity[i],
		    w->product[i]) != 0 || db_changes(db) != 1)
			return -1;
	if (db_run(db, &sql[ORDER], "i", w->user) != 0)
		return -1;
	id = db_last_id(db);
	for (int i = 0; i < LINES; i++)
		if (db_run(db, &sql[LINE], "iii", id, w->product[i],
		    w->quantity[i]) != 0)
			return -1;
	if (db_run(db, &sql[OUTBOX], "s", w->payload) != 0 ||
	    db_run(db, &sql[NOTE], "is", w->user, w->note) != 0)
		return -1;
	return db_run(db, &sql[CART], "i", w->user);
}

static int
place_order(void *conn, const struct wish *w)
{
	struct db *db = conn;
	int rc = db_begin(db);

	return rc != 0 ? rc : db_end(db, order_rows(db, w) == 0);
}

/* ---- bare */

struct bare {
	sqlite3 *conn;
	sqlite3_stmt *begin, *commit, *s[STATEMENTS];
};

static int
step(sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	sqlite3_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
bare_ints(sqlite3_stmt *s, int64_t a, int64_t b, int64_t c)
{
	sqlite3_bind_int64(s, 1, a);
	sqlite3_bind_int64(s, 2, b);
	sqlite3_bind_int64(s, 3, c);
	return step(s);
}

static int
place_bare(void *conn, const struct wish *w)
{
	struct bare *b = conn;
	int64_t id;
	int bad = step(b->begin);

	for (int i = 0; i < LINES; i++)
		bad |= bare_ints(b->s[STOCK], w->quantity[i], w->product[i], 0);
	bad |= bare_ints(b->s[ORDER], w->user, 0, 0);
	id = sqlite3_last_insert_rowid(b->conn);
	for (int i = 0; i < LINES; i++)
		bad |= bare_ints(b->s[LINE], id, w->product[i], w->quantity[i]);
	sqlite3_bind_text(b->s[OUTBOX], 1, w->payload, -1, SQLITE_STATIC);
	bad |= step(b->s[OUTBOX]);
	sqlite3_bind_text(b->s[NOTE], 2, w->note, -1, SQLITE_STATIC);
	bad |= bare_ints(b->s[CART], w->user, 0, 0);
	sqlite3_bind_int64(b->s[NOTE], 1, w->user);
	return bad | step(b->s[NOTE]) | step(b->commit);
}

static struct bare *
open_bare(void)
{
	static struct bare b;

	if (sqlite3_open_v2(temp_path("shop.db"), &b.conn, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_exec(b.conn, "PRAGMA synchronous = NORMAL;"
	    "PRAGMA mmap_size = 268435456; PRAGMA cache_size = -8000;", NULL, NULL,
	    NULL) != SQLITE_OK)
		_exit(1);
	sqlite3_prepare_v3(b.conn, "BEGIN IMMEDIATE", -1, SQLITE_PREPARE_PERSISTENT,
	    &b.begin, NULL);
	sqlite3_prepare_v3(b.conn, "COMMIT", -1, SQLITE_PREPARE_PERSISTENT,
	    &b.commit, NULL);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_prepare_v3(b.conn, sql[i].sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &b.s[i], NULL);
	return &b;
}

/* ---- running */

static void
write_orders(int me, void *conn, int (*place)(void *, const struct wish *))
{
	uint64_t seed = 88172645463325252u + (uint64_t)me * 0x9e3779b97f4a7c15u;
	struct wish w;
	int64_t from;
	int rc;

	__atomic_fetch_add(&all->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&all->go, __ATOMIC_SEQ_CST))
		usleep(500);
	while (!__atomic_load_n(&all->stop, __ATOMIC_RELAXED)) {
		make_wish(&w, &seed);
		from = now_us();
		rc = place(conn, &w);
		if (rc == DB_BUSY)
			all->busy[me]++;
		else if (rc != 0)
			all->failed[me]++;
		else if (all->done[me] < SAMPLES)
			all->us[me][all->done[me]++] = (uint32_t)(now_us() - from);
	}
}

static _Noreturn void
be_writer(int me, int bare)
{
	char fault[DB_FAULT];
	struct db *db;

	if (bare) {
		write_orders(me, open_bare(), place_bare);
		_exit(0);
	}
	db = db_open(temp_path("shop.db"), DB_WRITER, 5000, fault);
	if (db == NULL)
		_exit(1);
	write_orders(me, db, place_order);
	db_close(db);
	_exit(0);
}

static _Noreturn void
be_reader(void)
{
	char fault[DB_FAULT];
	struct db *db = db_open(temp_path("shop.db"), DB_READER, 5000, fault);

	while (db != NULL && !__atomic_load_n(&all->stop, __ATOMIC_RELAXED)) {
		if (db_read_begin(db) == 0 && db_find(db, &sql[COUNT], "") == 1)
			usleep(20000);
		db_read_end(db);
	}
	db_close(db);
	_exit(db == NULL);
}

/* Stock of many products in one transaction. */
static _Noreturn void
be_batch(void)
{
	char fault[DB_FAULT];
	struct db *db = db_open(temp_path("shop.db"), DB_WRITER, 5000, fault);
	uint64_t seed = 88172645463325252u;

	while (db != NULL && !__atomic_load_n(&all->stop, __ATOMIC_RELAXED) &&
	    db_begin(db) == 0) {
		while (db_hold_ms(db) < DB_HOLD_MS / 2)
			if (db_run(db, &sql[STOCK], "ii", (int64_t)1,
			    (int64_t)(1 + draw(&seed) % PRODUCTS)) != 0)
				_exit(1);
		if (db_end(db, 1) != 0)
			_exit(1);
	}
	db_close(db);
	_exit(db == NULL);
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
cpu_of_children(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void
watch_log(double seconds)
{
	int64_t until = now_us() + (int64_t)(seconds * 1e6);
	struct stat sb;

	while (now_us() < until) {
		usleep(20000);
		if (stat(temp_path("shop.db-wal"), &sb) == 0 &&
		    sb.st_size > all->log_max)
			all->log_max = sb.st_size;
	}
}

/* Transactions a second. */
static double
report(const char *name, int writers, double seconds, double cpu)
{
	static uint32_t us[(size_t)WRITERS_MAX * SAMPLES];
	long n = 0, bad = 0, busy = 0;

	for (int i = 0; i < writers; i++) {
		memcpy(us + n, all->us[i], (size_t)all->done[i] * sizeof *us);
		n += all->done[i];
		bad += all->failed[i];
		busy += all->busy[i];
	}
	qsort(us, (size_t)n, sizeof *us, by_size);
	if (n == 0)
		return 0;
	printf("%-34s %7.0f %8.2f %8.2f %8.2f %8.1f %6.1f %6ld %5ld\n", name,
	    (double)n / seconds, us[n / 2] / 1e3, us[n * 99 / 100] / 1e3,
	    us[n - 1] / 1e3, cpu * 1e6 / (double)n, (double)all->log_max / 1e6,
	    busy, bad);
	return (double)n / seconds;
}

static double
run(const char *name, int writers, const int beside[2], int bare, double seconds)
{
	double before = cpu_of_children();
	int64_t from;

	memset(all, 0, offsetof(struct shared_state, us));
	for (int i = 0; i < beside[0]; i++)
		if (fork() == 0)
			be_reader();
	for (int i = 0; i < beside[1]; i++)
		if (fork() == 0)
			be_batch();
	for (int i = 0; i < writers; i++)
		if (fork() == 0)
			be_writer(i, bare);
	while (__atomic_load_n(&all->ready, __ATOMIC_SEQ_CST) < writers)
		usleep(1000);
	from = now_us();
	__atomic_store_n(&all->go, 1, __ATOMIC_SEQ_CST);
	watch_log(seconds);
	all->stop = 1;
	seconds = (double)(now_us() - from) / 1e6;
	while (wait(NULL) > 0)
		;
	return report(name, writers, seconds, cpu_of_children() - before);
}

static double
number(const char *text, double usual, double most)
{
	double n = text != NULL ? strtod(text, NULL) : usual;

	return n < 0 || n > most ? usual : n;
}

int
main(int argc, char **argv)
{
	char *arg[5] = { NULL }, name[64], fault[DB_FAULT] = "out of memory";
	double seconds, raw, ours;
	int writers, beside[2], nobody[2] = { 0, 0 };
	struct db *db;

	for (int i = 1; i < argc && i < 5; i++)
		arg[i] = argv[i];
	seconds = number(arg[1], 1.5, 60);
	writers = (int)number(arg[2], 16, WRITERS_MAX);
	beside[0] = (int)number(arg[3], 0, BESIDE_MAX);
	beside[1] = (int)number(arg[4], 0, BESIDE_MAX);
	all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	temp_make();
	if (all == MAP_FAILED ||
	    (db = db_create(temp_path("shop.db"), schema, fault)) == NULL) {
		fprintf(stderr, "bench_db: %s\n", fault);
		return 1;
	}
	db_close(db);
	printf("%-34s %7s %8s %8s %8s %8s %6s %6s %5s\n", "", "tx/s", "p50 ms",
	    "p99", "max", "CPU us", "log MB", "busy", "bad");
	raw = run("1 process, bare, NORMAL", 1, nobody, 1, seconds);
	snprintf(name, sizeof name, "%d processes, db.h, durable", writers);
	ours = run(name, writers, beside, 0, seconds);
	printf("ratio %.2f (at least 0.50 is meant over HTTP)\n", ours / raw);
	temp_remove();
	return raw > 0 && ours > 0 ? 0 : 1;
}
