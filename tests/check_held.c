/*
 * check_held.c - what orders hold, against a till that goes on selling (C17)
 *
 * Another process is the till and the rest of the shop: while this one reads
 * the till's lists page by page, orders are placed, reach the till, are cooked,
 * delivered and cancelled, and the till sells over its counter; before a page
 * is answered and after it was made up. Rows come broken, runs fail. Whatever
 * the order of it all: what can be ordered is never below 0, and never more
 * than the till has beyond what is promised, but for what the till sold since
 * it was last asked. HELD_SEED repeats a run.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/shop/stock.h"
#include "tests/suite.h"
#include "tests/syncrig.h"

enum { DISHES = 5, ORDERS = 24, PAGE = 2, RUNS = 30, EVENTS = 12, MESSAGE = 400, REQUEST = 4096 };

enum moves { CREATED, ACCEPTED, DONE, NEVER };
enum state { FREE, PLACED, AT_TILL, COOKING, DELIVERED, CANCELLED };

static struct {			/* seen by both processes */
	int failed;
	char message[MESSAGE];
	int events;
} *shared;

static struct {
	struct { int64_t id, stock, changed, sold, sold_since; int in_page; } dish[DISHES];
	struct { int64_t id; int dish, quantity, is_taken; enum state state, told; } order[ORDERS];
	enum moves moves;
	int is_apart;		/* the counts are a list of their own */
	int64_t last_order, tick, random;
	struct db *db;
} world;

#define FIELDS "(id, ref, day, number, user_id, branch_id, order_type, subtotal, delivery_fee," \
	" total_amount, contact_name, contact_phone, branch_name, branch_address, created_at, updated_at)"
enum { FIND, ADD_ORDER, LEFT };
static struct stmt sql[] = {
	[FIND] = { .sql = "SELECT id FROM product WHERE pos_product_id = ?1" },
	[ADD_ORDER] = { .sql = "INSERT INTO orders " FIELDS " VALUES (?1, ?1, 0, ?1, 1, 1, 'pickup',"
	    " 0, 0, 0, '', '', '', '', 0, 0)" },
	[LEFT] = { .sql = "SELECT is_active, stopped_until, stock_quantity, reserved_quantity"
	    " FROM product_branch WHERE product_id = ?1 AND branch_id = 1" },
};

static int
chance(int n)
{
	uint64_t x = (uint64_t)world.random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	world.random = (int64_t)x;
	return (int)((x >> 33) % (uint64_t)n);
}

static void
complain(const char *what, int dish, int64_t left, int64_t bound)
{
	if (shared->failed)
		return;
	shared->failed = 1;
	snprintf(shared->message, MESSAGE, "%s: dish %d offers %lld, may %lld; the till has %lld, "
	    "sold %lld since (event %d)", what, dish, (long long)left, (long long)bound,
	    (long long)world.dish[dish].stock, (long long)world.dish[dish].sold, shared->events);
}

/* ---- the shop's other half */

static void
begin(void)
{
	if (db_begin(world.db) != DB_OK)
		complain(db_error(world.db), 0, 0, 0);
}

static void
end(int rc)
{
	if (rc < 0 || db_end(world.db, 1) != DB_OK)
		complain(db_error(world.db), 0, 0, 0);
}

static void
place(int n)
{
	int dish = chance(DISHES), quantity = 1 + chance(4), rc;

	if (world.dish[dish].id == 0)
		return;
	begin();
	rc = db_run(world.db, &sql[ADD_ORDER], "i", ++world.last_order);
	if (rc == DB_OK)
		rc = stock_reserve(world.db, world.last_order, world.dish[dish].id, 1, quantity);
	end(rc);
	world.order[n].id = world.last_order;
	world.order[n].dish = dish;
	world.order[n].quantity = quantity;
	world.order[n].is_taken = 0;
	world.order[n].state = world.order[n].told = rc == 1 ? PLACED : FREE;
}

/* The shop hears of the till's state, as a look at the order would tell it. */
static void
hear(int n)
{
	static const enum state from[] = { AT_TILL, COOKING, DELIVERED, DELIVERED };
	enum state state = world.order[n].state;
	int rc = 0;

	if (state == world.order[n].told)
		return;
	begin();
	if (state == CANCELLED)
		rc = stock_release(world.db, world.order[n].id);
	else if (state >= from[world.moves])
		rc = stock_taken(world.db, world.order[n].id, DB_NULL);
	end(rc);
	world.order[n].told = state;
	if (state >= DELIVERED)
		world.order[n].state = world.order[n].told = FREE;
}

/* ---- the till */

static void
change(int dish, int64_t by)
{
	world.dish[dish].stock += by;
	world.dish[dish].changed = ++world.tick;
}

static void
sell(int dish)
{
	int64_t n = 1 + chance(3);

	if (chance(3) == 0) {
		change(dish, 4 + chance(10));
	} else if (world.dish[dish].stock >= n) {
		change(dish, -n);
		world.dish[dish].sold += n;
		world.dish[dish].sold_since += n;
	}
}

static void
move_on(int n)
{
	static const enum state takes[] = { AT_TILL, COOKING, DELIVERED, FREE };
	enum state *state = &world.order[n].state;

	if (*state == DELIVERED || *state == CANCELLED)
		return;
	if (chance(6) == 0) {
		*state = CANCELLED;
		if (world.order[n].is_taken)
			change(world.order[n].dish, world.order[n].quantity);
		return;
	}
	if (++*state == takes[world.moves]) {
		world.order[n].is_taken = 1;
		change(world.order[n].dish, -world.order[n].quantity);
	}
}

/* ---- what must hold */

static int64_t
promised(int dish)
{
	int64_t n = 0;

	for (int i = 0; i < ORDERS; i++)
		if (world.order[i].dish == dish && !world.order[i].is_taken &&
		    world.order[i].state >= PLACED && world.order[i].state < DELIVERED)
			n += world.order[i].quantity;
	return n;
}

static void
check(int dish)
{
	int64_t left, bound;
	struct stock_row row;

	if (db_find(world.db, &sql[LEFT], "i", world.dish[dish].id) != 1)
		return;
	row = (struct stock_row){ db_int(&sql[LEFT], 0), db_int(&sql[LEFT], 1),
		db_int(&sql[LEFT], 2), db_int(&sql[LEFT], 3) };
	db_done(&sql[LEFT]);
	left = stock_left(&row, SYNCRIG_NOW);
	bound = world.dish[dish].stock + world.dish[dish].sold - promised(dish);
	if (left < 0 || left > (bound > 0 ? bound : 0))
		complain("too much", dish, left, bound);
}

static void
events(void)
{
	int n;

	for (int i = chance(EVENTS); i > 0; i--) {
		n = chance(ORDERS);
		shared->events++;
		if (chance(5) == 0)
			sell(chance(DISHES));
		else if (world.order[n].state == FREE)
			place(n);
		else if (chance(2) == 0)
			hear(n);
		else
			move_on(n);
		for (int dish = 0; dish < DISHES; dish++)
			if (world.dish[dish].id != 0)
				check(dish);
	}
}

/* ---- its lists */

static int64_t
parameter(const char *request, const char *name)
{
	const char *s = strstr(request, name);

	return s == NULL ? -1 : strtoll(s + strlen(name), NULL, 10);
}

/* The rows that were told are written by now: what was sold before them is known. */
static void
written(void)
{
	for (int i = 0; i < DISHES; i++) {
		if (world.dish[i].in_page)
			world.dish[i].sold = world.dish[i].sold_since;
		world.dish[i].in_page = 0;
		if (world.dish[i].id == 0 && db_find(world.db, &sql[FIND], "s",
		    (const char *[]){ "d0", "d1", "d2", "d3", "d4" }[i]) == 1)
			world.dish[i].id = db_int(&sql[FIND], 0);
		db_done(&sql[FIND]);
	}
}

/* A row of which the shop takes the count. */
static void
put_row(struct buf *b, int i, int is_counted)
{
	int is_bad = is_counted && chance(8) == 0;
	int64_t stock = world.dish[i].stock;
	char id[8], count[24];

	snprintf(id, sizeof id, "d%d", i);
	snprintf(count, sizeof count, "%lld.5", (long long)(stock < 0 ? 0 : stock));
	json_open(b, NULL, '{');
	json_put_text(b, "id", id);
	json_put_text(b, "n", "Страва");
	json_put_int(b, "p", 10);
	json_put_text(b, "s", is_bad ? "багато" : count);
	json_close(b, '}');
	if (is_bad || !is_counted)
		return;
	world.dish[i].in_page = 1;
	world.dish[i].sold_since = 0;
}

static void
put_page(struct buf *b, const char *request)
{
	int64_t since = parameter(request, "since="), skip = (parameter(request, "page=") - 1) * PAGE;
	int left = PAGE;

	json_open(b, NULL, '{');
	json_put_int(b, "mark", world.tick);
	json_open(b, "r", '[');
	for (int i = 0; i < DISHES && left > 0; i++) {
		if (world.dish[i].changed < since || skip-- > 0)
			continue;
		put_row(b, i, !world.is_apart || strstr(request, "GET /s") != NULL);
		left--;
	}
	json_close(b, ']');
	json_close(b, '}');
}

/* One request: what happens before it, its answer, and what happens meanwhile. */
static void
answer(int fd, const char *request)
{
	struct buf b = BUF_INIT(4096), out = BUF_INIT(8192);
	int is_down = chance(25) == 0;

	written();
	events();
	if (!is_down)
		put_page(&b, request);
	events();
	buf_printf(&out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    is_down ? "500 No" : "200 OK", b.len);
	buf_add(&out, b.len > 0 ? b.s : "", b.len);
	if (write(fd, out.s, out.len) != (ssize_t)out.len)
		_exit(1);
	buf_free(&b);
	buf_free(&out);
}

static void
serve(int listener, const char *path)
{
	char request[REQUEST], fault[DB_FAULT];
	size_t len;
	ssize_t n;
	int fd;

	clock_set(SYNCRIG_NOW);
	if ((world.db = db_open(path, DB_WRITER, 30000, fault)) == NULL)
		_exit(1);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		for (len = 0; (n = read(fd, request + len, sizeof request - 1 - len)) > 0;) {
			request[len += (size_t)n] = '\0';
			if (strstr(request, "\r\n\r\n") == NULL)
				continue;
			answer(fd, request);
			len = 0;
		}
		close(fd);
	}
	_exit(0);
}

/* ---- the test */

static int
listen_at(char *url, size_t size)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(url, size, "http://127.0.0.1:%d", ntohs(at.sin_port));
	return fd;
}

static int64_t
seed(void)
{
	const char *text = getenv("HELD_SEED");
	int64_t n = text != NULL ? strtoll(text, NULL, 10) : time(NULL) * 1000 + getpid() % 1000;

	return n == 0 ? 1 : n;
}

#define LIST(call) "{'call':'" call "','rows':'/r','key':'/id','mark':'/mark','page':{'by':'page'," \
	"'put':'query:page','size':['query:n',2]},'since':{'put':'query:since','as':'str'},"
#define BOTH "'products':" LIST("GET /p") "'set':{'name':'/n','price':{'at':'/p','as':'major'}," \
	"'stock':{'at':'/s','as':'qty'}}}"
#define APART "'products':" LIST("GET /p") "'set':{'name':'/n','price':{'at':'/p','as':'major'}}}," \
	"'stock':" LIST("GET /s") "'set':{'stock':{'at':'/s','as':'qty'}}}"

/* The child forks before there is a connection to the database. */
static pid_t
start(int listener, int to_child[2])
{
	char path[PATH_MAX] = "";
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(to_child[1]);
	if (read(to_child[0], path, sizeof path - 1) <= 0)
		_exit(1);
	serve(listener, path);
	return 0;
}

static void
interleave(const char *profile, enum moves moves, int64_t from)
{
	char url[64];
	int pipes[2], listener = listen_at(url, sizeof url);
	pid_t pid;

	world.moves = moves;
	world.is_apart = strstr(profile, "'stock':{'call'") != NULL;
	world.random = from;
	for (int i = 0; i < DISHES; i++)
		world.dish[i].stock = 5 + chance(10);
	ck_assert_int_eq(pipe(pipes), 0);
	pid = start(listener, pipes);
	shop_begin();
	shop_run("INSERT INTO branch (id, pos_branch_id, name, created_at, updated_at)"
	    " VALUES (1, 'b1', 'Поділ', 1, 1)");
	shop_run("INSERT INTO users (id, email, password_hash, name, created_at, updated_at)"
	    " VALUES (1, 'a@example.com', 'x', 'Анна', 1, 1)");
	ck_assert_int_gt(write(pipes[1], temp_path("shop.db"), strlen(temp_path("shop.db"))), 0);
	syncrig_open(profile, url);
	log_init("check_held", LEVEL_ERROR);
	job.conf.sync_max_bad_percent = 100;
	for (int i = 0; i < RUNS && !shared->failed; i++) {
		feed_products(&job, i == 0 || chance(3) == 0);
		if (world.is_apart)
			feed_stock(&job, i == 0 || chance(3) == 0);
	}
	ck_assert_msg(!shared->failed, "HELD_SEED=%lld moves=%d: %s", (long long)from, (int)moves,
	    shared->message);
	ck_assert_int_gt(shop_int("SELECT count(*) FROM sync_run WHERE outcome = 'ok'"), RUNS / 4);
	kill(pid, SIGKILL);
	close(listener);
	close(pipes[0]);
	close(pipes[1]);
	syncrig_close();
}

static void
share(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
}

#define INTERLEAVED(name, profile, moves) \
	START_TEST(name) { share(); interleave(profile, moves, seed()); } END_TEST

INTERLEAVED(a_till_that_takes_when_it_has_the_order, BOTH, CREATED)
INTERLEAVED(a_till_that_takes_when_it_accepts, BOTH, ACCEPTED)
INTERLEAVED(a_till_that_takes_when_it_is_done, APART, DONE)
INTERLEAVED(a_till_that_never_takes, APART, NEVER)
INTERLEAVED(a_list_apart_of_a_till_that_accepts, APART, ACCEPTED)

int
main(void)
{
	return SUITE("held", a_till_that_takes_when_it_has_the_order,
	    a_till_that_takes_when_it_accepts, a_till_that_takes_when_it_is_done,
	    a_till_that_never_takes, a_list_apart_of_a_till_that_accepts);
}
