/*
 * check_replay_routes.c - Idempotency-Key on every route that honours it: many
 * at once have one effect and one answer, and who dies between the commit and
 * the reply leaves the answer behind
 *
 * fdatasync() of this program stands before the system's: that is the moment
 * at which an effect is committed and nobody was told.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/route.h"
#include "lib/base/clock.h"

enum { AT_ONCE = 50, DAY = 86400 };

static struct { int armed, fails, calls; } disk;

int
fdatasync(int fd)
{
	disk.calls++;
	if (disk.armed)
		raise(SIGKILL);
	if (disk.fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

/* A route with a body, what differs from it under the same key, and the query
 * that counts its effects. other_gets: what another person gets for the same. */
static const struct honours {
	const char *pattern, *path, *body, *other_path, *other, *effects;
	int status, other_gets, gives_tokens;
	const char *role;
} honours[] = {
	{ "/auth/register", "/auth/register", "{\"email\":\"Olena@Example.com\","
	    "\"password\":\"a long one\",\"name\":\"Олена\",\"phone\":\"0671234567\"}", NULL,
	    "{\"email\":\"olena@example.com\",\"password\":\"a long one\",\"name\":\"Інша\"}",
	    "SELECT count(*) FROM users WHERE email = 'olena@example.com'", 201, 201, 1, "customer" },
	{ "/cart/add", "/cart/add", "{\"product_id\":2,\"quantity\":3}", NULL,
	    "{\"product_id\":2,\"quantity\":4}",
	    "SELECT coalesce(sum(quantity), 0) / 3 FROM cart_item WHERE product_id = 2", 200, 200, 0,
	    "customer" },
	{ "/orders", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}", NULL,
	    "{\"branch_id\":1,\"order_type\":\"pickup\",\"notes\":\"x\"}",
	    "SELECT count(*) FROM orders WHERE id > 2", 201, 201, 0, "customer" },
	{ "/orders/{id}/reorder", "/orders/1/reorder", NULL, "/orders/2/reorder", NULL,
	    "SELECT coalesce(sum(quantity), 0) FROM cart_item WHERE product_id = 4", 200, 404, 0,
	    "customer" },
	{ "/admin/users", "/admin/users", "{\"email\":\"kasa@example.com\","
	    "\"password\":\"a long one\",\"name\":\"К\"}", NULL, "{\"email\":\"kasa@example.com\","
	    "\"password\":\"a long one\",\"name\":\"Інша\"}",
	    "SELECT count(*) FROM users WHERE email = 'kasa@example.com'", 201, 409, 0, "admin" },
	{ "/admin/notifications", "/admin/notifications", "{\"user_id\":1,\"type\":\"promo\","
	    "\"title\":\"Знижка\",\"message\":\"-20 %\"}", NULL, "{\"user_id\":1,"
	    "\"type\":\"promo\",\"title\":\"Знижка\",\"message\":\"-30 %\"}",
	    "SELECT count(*) FROM notification WHERE type = 'promo'", 201, 201, 0, "admin" },
};

static const struct honours *now;

static void
fill_cart(int product)
{
	char body[128];

	snprintf(body, sizeof body, "{\"branch_id\":1,\"items\":[{\"product_id\":%d,\"quantity\":1}]}",
	    product);
	rig_ok(rig_call("PUT", "/cart", body), 200);
}

/* Anna has ordered dish 4 twice and has dish 1 in her cart. */
static void
begin(const struct honours *h)
{
	now = h;
	disk = (__typeof__(disk)){ 0 };
	rig_begin();
	rig_seed();
	rig_set("BUSY_TIMEOUT_MS", "50000");
	rig_login_as("anna", h->role);
	for (int i = 0; i < 2; i++) {
		fill_cart(4);
		rig_ok(rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}"), 201);
	}
	fill_cart(1);
	ck_assert_int_eq(rig_sql_int(h->effects), 0);
}

static const struct rig_reply *
ask(const char *key)
{
	return rig_call_key("POST", now->path, now->body, key);
}

/* The answer is the one that was kept; of a registration, all but its tokens. */
static void
is_the_answer(const struct rig_reply *a)
{
	rig_ok(a, now->status);
	if (!now->gives_tokens) {
		ck_assert_str_eq(a->text, rig_sql_text("SELECT response FROM idempotency"));
		return;
	}
	ck_assert_int_eq(rig_int(a, "/user/id"),
	    rig_sql_int("SELECT id FROM users WHERE email = 'olena@example.com'"));
	ck_assert_str_eq(rig_text(a, "/user/name"), "Олена");
	rig_ok(rig_send(&(struct rig_ask){ .method = "GET", .path = "/auth/me",
	    .token = rig_text(a, "/token") }), 200);
}

START_TEST(every_route_that_honours_a_key_is_here)
{
	for (size_t i = 0; i < route_count; i++) {
		int known = !(routes[i].flags & IDEMPOTENT);

		for (size_t k = 0; k < sizeof honours / sizeof *honours; k++)
			known |= strcmp(routes[i].pattern, honours[k].pattern) == 0;
		ck_assert_msg(known, "%s honours a key: a row for it is missing", routes[i].pattern);
	}
}
END_TEST

static void
ask_at_once(int worker)
{
	(void)worker;
	is_the_answer(ask("k-1"));
}

START_TEST(fifty_at_once_have_one_effect_and_one_answer)
{
	begin(&honours[_i]);
	rig_parallel(AT_ONCE, ask_at_once);
	ck_assert_int_eq(rig_sql_int(now->effects), 1);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM idempotency"), 1);
	if (now->gives_tokens)
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM session WHERE user_id <> 1"), AT_ONCE);
	rig_end();
}
END_TEST

/* Killed when it is committed and before anybody hears of it. */
static void
ask_and_die(void)
{
	int status;
	pid_t pid;

	rig_close();
	if ((pid = fork()) == 0) {
		rig_open();
		disk.armed = 1;
		ask("k-1");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status), "it was not killed: %d", status);
	rig_open();
}

START_TEST(what_a_killed_worker_did_is_answered_to_who_asks_again)
{
	const struct rig_reply *a;

	begin(&honours[_i]);
	ask_and_die();
	ck_assert_int_eq(rig_sql_int(now->effects), 1);
	a = ask("k-1");
	is_the_answer(a);
	ck_assert_str_eq(rig_header(a, "Idempotency-Replayed"), "true");
	ck_assert_int_eq(rig_sql_int(now->effects), 1);
	rig_end();
}
END_TEST

START_TEST(an_answer_again_is_on_disk_like_the_first)
{
	const struct rig_reply *a;

	begin(&honours[_i]);
	ask_and_die();
	disk.calls = 0;
	is_the_answer(ask("k-1"));
	ck_assert_int_ge(disk.calls, 1);
	disk.fails = 1;
	a = ask("k-1");
	rig_refused(a, 503, "writing_stopped");
	ck_assert_ptr_null(strstr(a->text, "token"));
	rig_end();
}
END_TEST

START_TEST(a_key_is_for_one_body_one_person_seven_days)
{
	static const char *const odd[] = { " ", "a b", "ключ", "\x7f" };
	char long_key[257];

	begin(&honours[_i]);
	memset(long_key, 'k', 256);
	long_key[256] = '\0';
	rig_refused(ask(long_key), 400, "bad_request");
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		rig_ok(ask(odd[i]), 400);
	ck_assert_int_eq(rig_sql_int(now->effects), 0);
	is_the_answer(ask(long_key + 1));
	rig_refused(rig_call_key("POST", now->other_path == NULL ? now->path : now->other_path,
	    now->other, long_key + 1), 422, "idempotency_key_reused");
	clock_advance(7 * DAY - 1);
	rig_login_as("anna", now->role);	/* her token ended long ago */
	is_the_answer(ask(long_key + 1));
	ck_assert_int_eq(rig_sql_int(now->effects), 1);
	clock_advance(1);
	ck_assert_ptr_null(rig_header(ask(long_key + 1), "Idempotency-Replayed"));
	rig_end();
}
END_TEST

/* Borys' key is another although it reads the same. Nobody registers under a name. */
START_TEST(anothers_key_is_another)
{
	const struct rig_reply *a;

	begin(&honours[_i]);
	is_the_answer(ask("k-1"));
	rig_login_as("borys", now->role);
	fill_cart(1);
	a = ask("k-1");
	rig_ok(a, now->other_gets);
	ck_assert_int_eq(rig_header(a, "Idempotency-Replayed") != NULL, now->gives_tokens);
	rig_end();
}
END_TEST

int
main(void)
{
	int count = sizeof honours / sizeof *honours, failed;
	Suite *s = suite_create("replay_routes");
	TCase *t = tcase_create("replay_routes");
	SRunner *r = srunner_create(s);

	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	tcase_add_test(t, every_route_that_honours_a_key_is_here);
	tcase_add_loop_test(t, fifty_at_once_have_one_effect_and_one_answer, 0, count);
	tcase_add_loop_test(t, what_a_killed_worker_did_is_answered_to_who_asks_again, 0, count);
	tcase_add_loop_test(t, an_answer_again_is_on_disk_like_the_first, 0, count);
	tcase_add_loop_test(t, a_key_is_for_one_body_one_person_seven_days, 0, count);
	tcase_add_loop_test(t, anothers_key_is_another, 0, count);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
