/* check_people.c - the rules of accounts, below /admin/users and pos-admin (G75) */
#include <string.h>

#include "lib/shop/people.h"
#include "tests/seed.h"
#include "tests/suite.h"

#define HASH "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"

/* In a transaction of its own, kept when it was done. */
static int
change(struct people_change c, const char *hash)
{
	int rc;

	c.by = DB_NULL;
	c.now = SEED_NOW;
	ck_assert_int_eq(db_begin(shop_db), 0);
	rc = hash == NULL ? people_change(shop_db, &c) : people_set_password(shop_db, &c, hash);
	ck_assert_int_eq(db_end(shop_db, rc == PEOPLE_DONE), 0);
	return rc;
}

static void
begin(void)
{
	seed_begin();
	shop_run("INSERT INTO session (id, user_id, created_at, seen_at) VALUES (1, 1, 0, 0), "
	    "(2, 1, 0, 0), (3, 2, 0, 0)");
	shop_run("INSERT INTO password_reset (hash, user_id, expires_at) VALUES "
	    "(zeroblob(32), 1, 1779445800), (CAST('0123456789abcdef0123456789abcdef' AS BLOB), 2, 1779445800)");
}

/* Neither a session nor a link of the mail outlives it, and others keep theirs. */
START_TEST(a_new_password_leaves_no_other_way_in)
{
	begin();
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = -1 }, HASH),
	    PEOPLE_DONE);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM users WHERE password_hash = '" HASH "'"), 1);
	ck_assert_int_eq(shop_int("SELECT sum(id) FROM session WHERE ended_at IS NULL"), 3);
	ck_assert_int_eq(shop_int("SELECT sum(user_id) FROM password_reset"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM audit WHERE action = 'user.password' "
	    "AND object = 'user 1' AND user_id IS NULL"), 1);
	ck_assert_int_eq(change((struct people_change){ .user_id = 9, .blocked = -1 }, HASH),
	    PEOPLE_NOBODY);
	shop_end();
}
END_TEST

/* An operator's shell is nobody's own account, but may not take the last admin. */
START_TEST(there_is_always_an_admin)
{
	begin();
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = -1,
	    .role = "admin" }, NULL), PEOPLE_DONE);
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = 1 }, NULL),
	    PEOPLE_LAST_ADMIN);
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = -1,
	    .role = "staff" }, NULL), PEOPLE_LAST_ADMIN);
	/* one who is blocked is none */
	ck_assert_int_eq(change((struct people_change){ .user_id = 2, .blocked = 1,
	    .role = "admin" }, NULL), PEOPLE_DONE);
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = 1 }, NULL),
	    PEOPLE_LAST_ADMIN);
	ck_assert_int_eq(change((struct people_change){ .user_id = 2, .blocked = 0 }, NULL),
	    PEOPLE_DONE);
	ck_assert_int_eq(change((struct people_change){ .user_id = 1, .blocked = 1 }, NULL),
	    PEOPLE_DONE);
	shop_end();
}
END_TEST

START_TEST(who_gains_a_right_stays_and_who_loses_one_is_out)
{
	static const struct { struct people_change change; int living; } steps[] = {
		{ { .user_id = 1, .blocked = -1, .role = "staff", .branches = "[2,1,1]" }, 2 },
		{ { .user_id = 1, .blocked = -1, .branches = "[1,2]" }, 2 },
		{ { .user_id = 1, .blocked = -1, .role = "admin" }, 0 },	/* no branches any more */
	};

	begin();
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		ck_assert_int_eq(change(steps[i].change, NULL), PEOPLE_DONE);
		ck_assert_int_eq(shop_int("SELECT count(*) FROM session WHERE user_id = 1 "
		    "AND ended_at IS NULL"), steps[i].living);
	}
	ck_assert_int_eq(shop_int("SELECT count(*) FROM staff_branch"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM audit"), 2);	/* the second changed nothing */
	ck_assert_int_eq(change((struct people_change){ .user_id = 2, .blocked = -1,
	    .role = "staff", .branches = "[1,3]" }, NULL), PEOPLE_NO_BRANCH);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM users WHERE role = 'staff'"), 0);
	shop_end();
}
END_TEST

START_TEST(a_list_is_counted_to_a_bound)
{
	struct people_query q = { .blocked = -1, .limit = 3, .search = "ім'я" };
	struct arena *a = arena_new(1 << 20);
	struct person list[PEOPLE_LIMIT];
	struct people_page page;

	begin();
	shop_run("WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 10004) "
	    "INSERT INTO users (id, email, password_hash, name, created_at, updated_at) "
	    "SELECT i, 'u' || i || '@example.com', '$2b$', 'Ім’я ' || i, 0, 0 FROM n");
	ck_assert_int_eq(people_list(shop_db, a, &q, list, &page), 3);
	ck_assert_int_eq(list[0].id, 10004);		/* the newest first */
	ck_assert_int_eq(page.total, PEOPLE_TOTAL);
	ck_assert(page.is_capped);
	q.search = "U10003@";
	ck_assert_int_eq(people_list(shop_db, a, &q, list, &page), 1);
	ck_assert_int_eq(list[0].id, 10003);
	ck_assert(page.total == 1 && !page.is_capped);
	q = (struct people_query){ .blocked = -1, .limit = 3, .offset = 9999 };
	ck_assert_int_eq(people_list(shop_db, a, &q, list, &page), 2);
	arena_free(a);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("people", a_new_password_leaves_no_other_way_in, there_is_always_an_admin,
	    who_gains_a_right_stays_and_who_loses_one_is_out, a_list_is_counted_to_a_bound);
}
