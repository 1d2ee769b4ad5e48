/*
 * bench_orders.c - placing orders over HTTP, many clients at once
 *
 *	bench_orders PORT SECONDS [CLIENTS]	default 16
 *
 * Run with the shop's settings ($TILLBRIDGE_CONF). Makes people with a cart of
 * five lines each, straight in the database, then lets every client place one
 * order after the other, each for another person. Only POST /orders is timed.
 * Prints "orders=N per_s=N p50_ms= p99_ms= max_ms= failed=N".
 */
#include "config.h"

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/keyring.h"
#include "lib/shop/settings.h"
#include "lib/base/db.h"

enum {
	PER_SECOND = 1500, PEOPLE_MAX = 24000,	/* enough carts for the time */
	LINES = 5, BATCH = 50, CLIENTS_MAX = 64, SAMPLES = 40000,
	ANSWER = 32 * 1024, HOUR = 3600
};
enum { LAST, PERSON, SESSION, CART, ITEM, DISHES, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[LAST] = { .sql = "SELECT coalesce(max(id), 0) FROM users" },
	[PERSON] = { .sql =
	    "INSERT INTO users (email, password_hash, name, phone, created_at, updated_at)"
	    " VALUES (?1, '-', 'Bench', ?2, ?3, ?3)" },
	[SESSION] = { .sql = "INSERT INTO session (user_id, created_at, seen_at) VALUES (?1, ?2, ?2)" },
	[CART] = { .sql =
	    "INSERT INTO cart (user_id, branch_id, created_at, updated_at) VALUES (?1, 1, ?2, ?2)" },
	[ITEM] = { .sql =
	    "INSERT INTO cart_item (cart_id, product_id, quantity, price_at_add, priced_at,"
	    " created_at, updated_at) SELECT ?1, product_id, 1, current_price, ?3, ?3, ?3"
	    " FROM product_branch WHERE branch_id = 1 AND product_id = ?2 AND is_active = 1" },
	[DISHES] = { .sql = "SELECT count(*) FROM product" },
};
DB_STATEMENTS(sql);

static struct shared {
	int64_t people, first_user, first_session;
	int failed[CLIENTS_MAX], count[CLIENTS_MAX];
	float ms[CLIENTS_MAX][SAMPLES];
} *shared;

static void
must(int rc, struct db *db)
{
	if (rc < 0)
		fatal(EX_SOFTWARE, "%s", db_error(db));
}

static int64_t
number(struct db *db, int statement)
{
	int64_t n;

	must(db_find(db, &sql[statement], ""), db);
	n = db_int(&sql[statement], 0);
	db_done(&sql[statement]);
	return n;
}

static void
add_person(struct db *db, int64_t i, int64_t base, int64_t dishes, int64_t now)
{
	char email[64], phone[32];
	int64_t user, cart;

	snprintf(email, sizeof email, "bench%lld@example.com", (long long)(base + i));
	snprintf(phone, sizeof phone, "+38099%07lld", (long long)((base + i) % 10000000));
	must(db_run(db, &sql[PERSON], "ssi", email, phone, now), db);
	user = db_last_id(db);
	must(db_run(db, &sql[SESSION], "ii", user, now), db);
	if (i == 0) {
		shared->first_user = user;
		shared->first_session = db_last_id(db);
	}
	must(db_run(db, &sql[CART], "ii", user, now), db);
	cart = db_last_id(db);
	for (int64_t line = 0; line < LINES; line++)
		must(db_run(db, &sql[ITEM], "iii", cart,
		    1 + (i * 7919 + line * 104729) % dishes, now), db);
}

static void
add_people(struct db *db)
{
	int64_t base = number(db, LAST), dishes = number(db, DISHES), now = clock_now();

	for (int64_t i = 0; i < shared->people; i += BATCH) {
		must(db_begin(db), db);
		for (int64_t k = i; k < i + BATCH; k++)
			add_person(db, k, base, dishes, now);
		must(db_end(db, 1), db);
	}
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof to) == -1)
		fatal(EX_UNAVAILABLE, "no shop on port %d", port);
	return fd;
}

/* Read one whole answer; its status, 0 when the line was cut. */
static int
read_answer(int fd)
{
	char text[ANSWER], *body, *length;
	size_t got = 0, want = 0;
	ssize_t n;

	while (want == 0 || got < want) {
		if (got == sizeof text - 1 || (n = read(fd, text + got, sizeof text - 1 - got)) <= 0)
			return 0;
		got += (size_t)n;
		text[got] = '\0';
		if (want == 0 && (body = strstr(text, "\r\n\r\n")) != NULL) {
			length = strcasestr(text, "\r\nContent-Length:");
			want = (size_t)(body + 4 - text) +
			    (length != NULL ? strtoul(length + 17, NULL, 10) : 0);
		}
	}
	return (int)strtol(text + 9, NULL, 10);
}

static int
place(int fd, const char *token)
{
	static const char body[] = "{\"branch_id\":1,\"order_type\":\"pickup\"}";
	char request[2048];
	int n = snprintf(request, sizeof request,
	    "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	    "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s", token, sizeof body - 1,
	    body);

	return write(fd, request, (size_t)n) == n ? read_answer(fd) : 0;
}

static void
client(int me, int clients, int port, double until, struct keyring *keys)
{
	int64_t now = clock_now();
	char token[TOKEN_TEXT];
	int fd = dial(port);
	double began;

	for (int64_t i = me; i < shared->people && now_ms() < until; i += clients) {
		struct token t = { .user_id = shared->first_user + i,
			.session_id = shared->first_session + i, .issued_at = now,
			.expires_at = now + HOUR };

		if (keyring_sign(keys, &t, token) == -1)
			_exit(1);
		began = now_ms();
		if (place(fd, token) != 201) {
			shared->failed[me]++;
			close(fd);
			fd = dial(port);
		} else if (shared->count[me] < SAMPLES) {
			shared->ms[me][shared->count[me]++] = (float)(now_ms() - began);
		}
	}
	_exit(0);
}

static int
by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void
report(int clients, double seconds)
{
	static float all[CLIENTS_MAX * SAMPLES];
	int n = 0, failed = 0;

	for (int i = 0; i < clients; i++) {
		memcpy(all + n, shared->ms[i], (size_t)shared->count[i] * sizeof *all);
		n += shared->count[i];
		failed += shared->failed[i];
	}
	qsort(all, (size_t)n, sizeof *all, by_size);
	printf("orders=%d per_s=%.0f p50_ms=%.1f p99_ms=%.1f max_ms=%.1f failed=%d\n", n,
	    n / seconds, n ? all[n / 2] : 0., n ? all[n * 99 / 100] : 0., n ? all[n - 1] : 0., failed);
}

int
main(int argc, char **argv)
{
	int port = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, clients;
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 0, began;
	static struct settings conf;
	char fault[CONF_FAULT];
	struct keyring *keys;
	struct db *db;

	clients = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 16;
	if (port <= 0 || seconds <= 0 || clients < 1 || clients > CLIENTS_MAX)
		fatal(EX_USAGE, "bench_orders PORT SECONDS [CLIENTS]");
	if (settings_load(&conf, NULL, fault) == -1 ||
	    (keys = keyring_open(conf.key_file, fault)) == NULL ||
	    (db = db_open(conf.database, DB_WRITER, 5000, fault)) == NULL)
		fatal(EX_CONFIG, "%s", fault);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (shared == MAP_FAILED)
		fatal(EX_OSERR, "out of memory");
	shared->people = (int64_t)(seconds * PER_SECOND) / BATCH * BATCH + BATCH;
	if (shared->people > PEOPLE_MAX)
		shared->people = PEOPLE_MAX;
	add_people(db);
	db_close(db);
	began = now_ms();
	for (int i = 0; i < clients; i++)
		if (fork() == 0)
			client(i, clients, port, began + seconds * 1e3, keys);
	while (wait(NULL) > 0)
		;
	report(clients, (now_ms() - began) / 1e3);
	keyring_free(keys);
	return 0;
}
