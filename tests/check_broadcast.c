/* check_broadcast.c - a message to all customers holds up nobody (G58) */
#include "lib/shop/broadcast.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;

/* So many more users, from id 3 on; every tenth is blocked. */
static void
add_users(int n)
{
	char text[512];

	snprintf(text, sizeof text, "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < %d) INSERT INTO users (id, email, password_hash, name, is_blocked, created_at, "
	    "updated_at) SELECT i, 'u' || i || '@example.com', 'x', 'x', i %% 10 = 0, 1, 1 FROM n",
	    n + 2);
	shop_run(text);
}

static int64_t
add(enum broadcast_to to, int64_t branch)
{
	const struct broadcast b = { .by = 1, .type = "promo", .title = "Знижка",
		.message = "-20 % на \"борщ\"\nдо неділі", .to = to, .branch_id = branch };
	int64_t id = 0;

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(broadcast_add(db, &b, &id), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return id;
}

/* To its end; how many batches. */
static int
carry(void)
{
	int n = 0, rc;

	while ((rc = broadcast_step(db)) == 1)
		n++;
	ck_assert_int_eq(rc, 0);
	return n;
}

START_TEST(everybody_gets_it_once_and_the_blocked_not)
{
	db = seed_begin();
	add_users(998);
	add(TO_ALL, 0);
	ck_assert_int_ge(carry(), 5);	/* many short turns, not one long */
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification"), 900);
	ck_assert_int_eq(shop_int("SELECT count(DISTINCT user_id) FROM notification"), 900);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'notification'"), 900);
	ck_assert_int_eq(shop_int("SELECT sent FROM broadcast WHERE next_user IS NULL"), 900);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE "
	    "json_extract(payload, '$.message') = '-20 % на \"борщ\"' || char(10) || 'до неділі' "
	    "AND json_extract(payload, '$.type') = 'promo'"), 900);
	shop_end();
}
END_TEST

START_TEST(it_goes_on_where_a_carrier_died)
{
	db = seed_begin();
	add_users(998);
	add(TO_ALL, 0);
	ck_assert_int_eq(broadcast_step(db), 1);
	ck_assert_int_gt(shop_int("SELECT next_user FROM broadcast"), 0);
	ck_assert_int_eq(shop_int("SELECT sent = (SELECT count(*) FROM notification) FROM broadcast"), 1);
	carry();
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification"), 900);
	shop_end();
}
END_TEST

START_TEST(who_comes_later_does_not_get_it)
{
	db = seed_begin();
	add(TO_ALL, 0);
	add_users(10);
	carry();
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification"), 2);
	shop_end();
}
END_TEST

START_TEST(a_branch_writes_to_those_who_ordered_there)
{
	db = seed_begin();
	seed_order(1, "pickup");
	add(TO_BRANCH, 2);
	add(TO_BRANCH, 1);
	carry();
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification"), 1);
	ck_assert_int_eq(shop_int("SELECT user_id FROM notification WHERE broadcast_id = 2"), 1);
	ck_assert_int_eq(shop_int("SELECT sum(sent) FROM broadcast"), 1);
	shop_end();
}
END_TEST

START_TEST(whoever_reads_it_is_counted_once)
{
	db = seed_begin();
	add(TO_ALL, 0);
	carry();
	shop_run("UPDATE notification SET read_status = 1 WHERE user_id = 1");
	shop_run("UPDATE notification SET read_status = 1");
	shop_run("UPDATE notification SET read_status = 1");
	ck_assert_int_eq(shop_int("SELECT read FROM broadcast"), 2);
	shop_end();
}
END_TEST

START_TEST(nothing_to_carry_writes_nothing)
{
	int64_t before;

	db = seed_begin();
	add(TO_USERS, 0);
	before = db_total_changes(db);
	ck_assert_int_eq(broadcast_step(db), 0);
	ck_assert_int_eq(db_total_changes(db), before);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("broadcast", everybody_gets_it_once_and_the_blocked_not,
	    it_goes_on_where_a_carrier_died, who_comes_later_does_not_get_it,
	    a_branch_writes_to_those_who_ordered_there, whoever_reads_it_is_counted_once,
	    nothing_to_carry_writes_nothing);
}
