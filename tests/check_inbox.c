/* check_inbox.c - letters of the till: each once, none lost (G54, C23) */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/inbox.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = 1779444000 };

static struct db *db;
static struct arena *arena;

static void
begin(void)
{
	db = shop_begin();
	ck_assert_ptr_nonnull(arena = arena_new(1 << 20));
	clock_set(NOW);
}

static void
end(void)
{
	clock_set(0);
	arena_free(arena);
	shop_end();
}

static int
put(const char *event, const char *body)
{
	int rc;

	ck_assert_int_eq(db_begin(db), DB_OK);
	rc = inbox_put(db, event, body, strlen(body));
	ck_assert_int_eq(db_end(db, rc >= 0), DB_OK);
	return rc;
}

static void
done(int64_t id)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(inbox_done(db, id), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

START_TEST(an_event_is_written_once)
{
	begin();
	ck_assert_int_eq(put("evt_1", "{\"a\":1}"), 1);
	ck_assert_int_eq(put("evt_1", "{\"a\":2}"), 0);
	ck_assert_int_eq(put("evt_2", "{\"a\":1}"), 1);
	done(1);
	ck_assert_int_eq(put("evt_1", "{\"a\":3}"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM inbox"), 2);
	end();
}
END_TEST

START_TEST(what_waits_is_read_in_its_order_until_it_is_done)
{
	struct inbox_letter list[INBOX_PAGE];

	begin();
	ck_assert_int_eq(inbox_waiting(db, 0, arena, list), 0);
	ck_assert_int_eq(put("a", "{\"a\":1}"), 1);
	ck_assert_int_eq(put("b", "[]"), 1);
	ck_assert_int_eq(put("c", "{}"), 1);
	ck_assert_int_eq(inbox_waiting(db, 0, arena, list), 3);
	ck_assert_int_eq(list[0].id, 1);
	ck_assert_int_eq(list[0].received_at, NOW);
	ck_assert_uint_eq(list[0].len, 7);
	ck_assert_str_eq(list[0].body, "{\"a\":1}");
	ck_assert_int_eq(inbox_waiting(db, 1, arena, list), 2);
	done(2);
	ck_assert_int_eq(inbox_waiting(db, 0, arena, list), 2);
	ck_assert_int_eq(list[1].id, 3);
	ck_assert_int_eq(shop_int("SELECT done_at FROM inbox WHERE id = 2"), NOW);
	clock_set(NOW + 5);
	done(2);
	ck_assert_int_eq(shop_int("SELECT done_at FROM inbox WHERE id = 2"), NOW);
	end();
}
END_TEST

START_TEST(a_page_is_bounded)
{
	struct inbox_letter list[INBOX_PAGE];
	char event[16];

	begin();
	for (int i = 0; i <= INBOX_PAGE; i++) {
		snprintf(event, sizeof event, "e%d", i);
		ck_assert_int_eq(put(event, "{}"), 1);
	}
	ck_assert_int_eq(inbox_waiting(db, 0, arena, list), INBOX_PAGE);
	ck_assert_int_eq(inbox_waiting(db, list[INBOX_PAGE - 1].id, arena, list), 1);
	end();
}
END_TEST

START_TEST(no_more_is_taken_than_anybody_reads)
{
	begin();
	shop_run("INSERT INTO inbox (event_id, body, received_at)"
	    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
	    " SELECT 'e' || i, x'7b7d', 1 FROM n");
	ck_assert_int_eq(put("one more", "{}"), INBOX_FULL);
	ck_assert_int_eq(put("e5", "{}"), 0);	/* a repetition is no more */
	done(77);
	ck_assert_int_eq(put("one more", "{}"), 1);
	end();
}
END_TEST

START_TEST(a_letter_that_finds_no_memory_is_not_taken_for_none)
{
	struct inbox_letter list[INBOX_PAGE];
	struct arena *small = arena_new(64);
	char body[4096];

	begin();
	memset(body, 'x', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	ck_assert_int_eq(put("big", body), 1);
	ck_assert_int_eq(inbox_waiting(db, 0, small, list), DB_ERROR);
	ck_assert_int_eq(inbox_waiting(db, 0, arena, list), 1);
	arena_free(small);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("inbox", an_event_is_written_once,
	    what_waits_is_read_in_its_order_until_it_is_done, a_page_is_bounded,
	    no_more_is_taken_than_anybody_reads,
	    a_letter_that_finds_no_memory_is_not_taken_for_none);
}
