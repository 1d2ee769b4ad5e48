/*
 * check_place_whole.c - many at once get no more than there is, and whoever is
 * killed on the way leaves all of an order or nothing (G38, C7)
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/place.h"
#include "tests/suite.h"

enum { BUYERS = 200, PORTIONS = 10 };

static int
ended_with(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* One process that buys one portion of dish 1: 0 it has it, 1 it was told why not. */
static _Noreturn void
buy(const char *token, int start)
{
	struct rig_ask ask = { .method = "POST", .path = "/orders", .body = PICKUP, .token = token };
	const struct rig_reply *a;
	char c;

	rig_open();
	if (read(start, &c, 1) != 0)
		_exit(3);
	a = rig_send(&ask);
	if (a->status == 201)
		_exit(0);
	if (a->status == 409 && strcmp(rig_text(a, "/code"), "item_unavailable") == 0 &&
	    rig_int(a, "/items/0/available") == 0)
		_exit(1);
	fprintf(stderr, "%d %s\n", a->status, a->text);
	_exit(2);
}

START_TEST(two_hundred_at_once_share_the_last_ten)
{
	const char *tokens[BUYERS];
	int gate[2], got = 0, missed = 0;
	pid_t pids[BUYERS];
	char name[16];

	begin();
	rig_set("BUSY_TIMEOUT_MS", "30000");
	for (int i = 0; i < BUYERS; i++) {
		snprintf(name, sizeof name, "b%d", i);
		rig_login(name);
		tokens[i] = rig_token();
		rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
		    "[{\"product_id\":1,\"quantity\":1}]}"), 200);
	}
	ck_assert_int_eq(pipe(gate), 0);
	rig_close();
	for (int i = 0; i < BUYERS; i++)
		if ((pids[i] = fork()) == 0) {
			close(gate[1]);
			buy(tokens[i], gate[0]);
		}
	close(gate[1]);		/* all of them may go now */
	for (int i = 0; i < BUYERS; i++) {
		int status = ended_with(pids[i]);

		got += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		missed += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	close(gate[0]);
	rig_open();
	ck_assert_int_eq(got, PORTIONS);
	ck_assert_int_eq(missed, BUYERS - PORTIONS);
	ck_assert_int_eq(rig_sql_int("SELECT reserved_quantity FROM product_branch "
	    "WHERE product_id = 1 AND branch_id = 1"), PORTIONS);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), PORTIONS);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM cart_item WHERE product_id = 1 "
	    "AND cart_id <> 1"), BUYERS - PORTIONS);
	rig_end();
}
END_TEST

/* 1 when the order is there with all of it, 0 when there is nothing of it. */
static int
all_or_nothing(int statement)
{
	if (rig_sql_int("SELECT count(*) FROM orders") == 0) {
		char why[32];

		snprintf(why, sizeof why, "killed at %d", statement);
		nothing_is_left(why);
		return 0;
	}
	ck_assert_msg(rig_sql_int("SELECT (SELECT count(*) FROM order_item) * 100000000 + "
	    "(SELECT count(*) FROM reservation) * 10000000 + (SELECT count(*) FROM outbox) * 1000000 "
	    "+ (SELECT count(*) FROM notification) * 100000 + (SELECT count(*) FROM event) * 10000 + "
	    "(SELECT count(*) FROM order_move) * 1000 + (SELECT count(*) FROM cart_item) * 100 + "
	    "(SELECT sum(reserved_quantity) FROM product_branch) * 10 + (SELECT version FROM cart)")
	    == 221121032, "killed at %d", statement);
	ck_assert_str_eq(rig_sql_text("SELECT ref FROM orders"), "1-1");
	return 1;
}

START_TEST(killed_at_any_step_leaves_all_or_nothing)
{
	int placed = 0, killed = 0, status;
	pid_t pid;

	for (int n = 1; placed < 3; n++) {
		begin();
		rig_close();
		if ((pid = fork()) == 0) {
			rig_open();
			rig_die_at(n);
			_exit(place(PICKUP)->status == 201 ? 0 : 1);
		}
		status = ended_with(pid);
		ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "at %d", n);
		killed += WIFSIGNALED(status);
		rig_open();
		placed += all_or_nothing(n);
		rig_end();
	}
	ck_assert_int_gt(killed, 20);
}
END_TEST

/* Orders without end; one byte when the first is placed. */
_Noreturn static void
place_for_ever(int told)
{
	rig_open();
	fill_and_place(PICKUP);
	if (write(told, "", 1) != 1)
		_exit(1);
	for (;;)
		fill_and_place(PICKUP);
}

START_TEST(killed_at_any_moment_leaves_all_or_nothing)
{
	int64_t orders = 0;
	int first[2];
	char byte;
	pid_t pid;

	begin();
	rig_set("ORDER_MAX_OPEN", "1000000");
	rig_sql("UPDATE product_branch SET stock_quantity = 1000000 WHERE product_id = 1");
	for (int round = 0; round < 40; round++) {
		rig_close();
		ck_assert_int_eq(pipe(first), 0);
		if ((pid = fork()) == 0)
			place_for_ever(first[1]);
		close(first[1]);
		ck_assert_int_eq(read(first[0], &byte, 1), 1);
		close(first[0]);
		usleep((useconds_t)(round * 317));
		kill(pid, SIGKILL);
		ended_with(pid);
		rig_open();
		ck_assert_int_ge(rig_sql_int("SELECT count(*) FROM orders"), orders);
		orders = rig_sql_int("SELECT count(*) FROM orders");
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders o WHERE "
		    "(SELECT count(*) FROM order_item WHERE order_id = o.id) <> 1 OR "
		    "(SELECT count(*) FROM outbox WHERE order_id = o.id) <> 1 OR "
		    "(SELECT count(*) FROM reservation WHERE order_id = o.id) <> 1 OR "
		    "(SELECT count(*) FROM notification WHERE order_id = o.id) <> 1 OR "
		    "o.ref <> '1-' || o.id"), 0);
		ck_assert_int_eq(rig_sql_int("SELECT sum(reserved_quantity) FROM product_branch"), orders);
	}
	ck_assert_int_ge(orders, 40);
	rig_end();
}
END_TEST

/* Never "you gave no address", when there is only no room for it. */
START_TEST(out_of_memory_leaves_nothing)
{
	static const char *const bodies[] = { DELIVERY, "{\"order_type\":\"delivery\"}" };
	const struct rig_reply *a;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		size_t limit = 1000;

		begin();
		rig_sql("UPDATE users SET latitude = 50.46, longitude = 30.53, address = "
		    "'{\"text\":\"' || printf('%.300c', 'x') || '\",\"apartment\":null,\"entrance\":null,"
		    "\"floor\":null,\"intercom\":null,\"comment\":null,\"latitude\":50.46,"
		    "\"longitude\":30.53}'");
		for (;;) {
			rig_memory(limit += 16);
			if ((a = place(bodies[i]))->status == 201)
				break;
			ck_assert_msg(a->status != 409 && a->status != 422, "%zu: %s", limit,
			    a->text);
			nothing_is_left("out of memory");
		}
		rig_end();
	}
}
END_TEST

int
main(void)
{
	return SUITE("place_whole", two_hundred_at_once_share_the_last_ten,
	    killed_at_any_step_leaves_all_or_nothing, killed_at_any_moment_leaves_all_or_nothing,
	    out_of_memory_leaves_nothing);
}
