/*
 * check_settle.c - a worker of the write pool: requests that are ready together
 * share one sync, and no reply leaves before it
 *
 * The loop runs in one process, its client in another; fdatasync() of this
 * program stands before the system's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/fcgi.h"
#include "tests/rig.h"
#include "tests/suite.h"

#include "app/mux.h"
#include "app/worker.h"

enum { SERVER, CLIENT, BOTH, MANY = 32, LINES = 50 };

static struct {
	pid_t server;
	int syncs, disk_fails;
} *shared;

static int listener;
static char path[108], text[FCGI_TEXT];
static const char *bearer[2];

int
fdatasync(int fd)
{
	if (shared != NULL && shared->disk_fails) {
		errno = EIO;
		return -1;
	}
	if (shared != NULL)
		shared->syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

static void
serve(void *w, FCGX_Request *fcgi)
{
	worker_serve(w, fcgi);
}

static int
settle(void *w)
{
	return worker_settle(w);
}

static void
run_server(void)
{
	struct mux mux = { .listen_fd = listener, .keeps = 1, .serve = serve, .settle = settle };
	struct worker w;

	shared->server = getpid();
	rig_app()->pool = POOL_WRITE;
	rig_app()->shares_sync = 1;
	ck_assert_int_eq(worker_init(&w, rig_app()), 0);
	mux.arg = &w;
	ck_assert_int_eq(mux_run(&mux), 0);
	worker_free(&w);
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	snprintf(path, sizeof path, "%s.sock", rig_app()->conf.database);
	listener = fcgi_listen(path);
	snprintf(text, sizeof text, "HTTP_AUTHORIZATION=Bearer %s", rig_token());
	bearer[0] = strdup(text);
}

static void
end(void)
{
	free((void *)(uintptr_t)bearer[0]);
	close(listener);
	munmap(shared, sizeof *shared);
	shared = NULL;
	rig_end();
}

static void
add(int fd)
{
	fcgi_send(fd, &(struct fcgi_ask){ .method = "POST", .path = "/cart/add",
	    .type = "application/json", .body = "{\"product_id\":4,\"quantity\":1}", .more = bearer });
}

/* Connections that the server has taken. */
static void
connect_all(int *fds, int count)
{
	for (int i = 0; i < count; i++) {
		fds[i] = fcgi_connect(path);
		ck_assert_int_eq(fcgi_get(fds[i], "/nothing", text), 404);
	}
}

static void
leave_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
	kill(shared->server, SIGTERM);
}

static void
ask_together(int who)
{
	int fds[MANY], before;

	if (who == SERVER) {
		run_server();
		return;
	}
	connect_all(fds, MANY);
	before = shared->syncs;
	kill(shared->server, SIGSTOP);
	for (int i = 0; i < MANY; i++)
		add(fds[i]);
	kill(shared->server, SIGCONT);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(fcgi_receive(fds[i], text), 200);
	ck_assert_int_ge(shared->syncs - before, 1);
	ck_assert_int_lt(shared->syncs - before, MANY);
	leave_all(fds, MANY);
}

START_TEST(requests_that_are_ready_together_share_a_sync)
{
	begin();
	rig_parallel(BOTH, ask_together);
	ck_assert_int_eq(rig_sql_int("SELECT quantity FROM cart_item"), MANY);
	end();
}
END_TEST

static void
ask_with_a_dead_disk(int who)
{
	int fds[MANY];

	if (who == SERVER) {
		run_server();
		return;
	}
	connect_all(fds, MANY);
	shared->disk_fails = 1;
	for (int i = 0; i < MANY - 1; i++)
		add(fds[i]);
	for (int i = 0; i < MANY - 1; i++) {	/* cut, or told that nothing can be written */
		int status = fcgi_receive(fds[i], text);

		ck_assert_msg(status == -1 || status == 503, "%d", status);
		ck_assert(i > 0 || status == -1);
	}
	shared->disk_fails = 0;		/* it is not believed again */
	add(fds[MANY - 1]);
	ck_assert_int_eq(fcgi_receive(fds[MANY - 1], text), 503);
	ck_assert_ptr_nonnull(strstr(text, "writing_stopped"));
	leave_all(fds, MANY);
}

START_TEST(no_reply_leaves_when_the_sync_failed)
{
	begin();
	rig_parallel(BOTH, ask_with_a_dead_disk);
	end();
}
END_TEST

static void
fill_cart(int fd)
{
	struct buf body = BUF_INIT(8192);

	json_open(&body, NULL, '{');
	json_put_int(&body, "branch_id", 1);
	json_open(&body, "items", '[');
	for (int i = 1; i <= LINES; i++) {
		json_open(&body, NULL, '{');
		json_put_int(&body, "product_id", i);
		json_put_int(&body, "quantity", 1);
		json_close(&body, '}');
	}
	json_close(&body, ']');
	json_close(&body, '}');
	fcgi_send(fd, &(struct fcgi_ask){ .method = "PUT", .path = "/cart",
	    .type = "application/json", .body = body.s, .more = bearer });
	buf_free(&body);
}

static void
ask_for_much(int who)
{
	int fds[1];

	if (who == SERVER) {
		run_server();
		return;
	}
	connect_all(fds, 1);
	shared->syncs = 0;
	fill_cart(fds[0]);
	ck_assert_int_eq(fcgi_receive(fds[0], text), 200);
	ck_assert_uint_gt(strlen(text), 8192);
	ck_assert_int_ge(shared->syncs, 1);
	shared->disk_fails = 1;
	fill_cart(fds[0]);
	ck_assert_int_eq(fcgi_receive(fds[0], text), -1);
	leave_all(fds, 1);
}

START_TEST(a_reply_larger_than_the_buffer_waits_too)
{
	begin();
	rig_sql("INSERT INTO product (id, pos_product_id, name, sort_key, search_text, created_at, "
	    "updated_at) WITH RECURSIVE n (i) AS (VALUES (11) UNION ALL SELECT i + 1 FROM n WHERE i < 50) "
	    "SELECT i, 'p' || i, 'Страва з довгою назвою, щоб відповідь була більшою ' || i, x'01', '', 1, 1 "
	    "FROM n");
	rig_sql("INSERT INTO product_branch (product_id, branch_id, base_price, sort_key, "
	    "pos_last_synced_at, created_at, updated_at) SELECT id, 1, 1000, x'01', 1, 1, 1 FROM product "
	    "WHERE id > 10");
	rig_parallel(BOTH, ask_for_much);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("settle", requests_that_are_ready_together_share_a_sync,
	    no_reply_leaves_when_the_sync_failed, a_reply_larger_than_the_buffer_waits_too);
}
