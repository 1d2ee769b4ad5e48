/* check_push_follow.c - push/follow.c: every event once, in order, and what was missed (G60) */
#include <stdio.h>
#include <string.h>

#include "lib/shop/event.h"
#include "push/follow.h"
#include "push/hub.h"
#include "tests/shop.h"
#include "tests/suite.h"

static struct db *reader;
static struct follow *feed;
static int64_t last, heard, wrong;

static void
begin(int watch)
{
	char fault[DB_FAULT];

	shop_begin();
	reader = db_open(temp_path("shop.db"), DB_READER, 200, fault);
	ck_assert_ptr_nonnull(reader);
	feed = follow_open(reader, watch, fault);
	ck_assert_ptr_nonnull(feed);
	last = heard = wrong = 0;
}

static void
end(void)
{
	follow_free(feed);
	db_close(reader);
	shop_end();
}

static void
add(int64_t user_id, int64_t branch_id, const char *type, int count)
{
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(event_add(shop_db, user_id, branch_id, type, "{}"), DB_OK);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static void
hear(void *arg, const struct follow_event *e)
{
	(void)arg;
	wrong += e->id <= last;
	last = e->id;
	heard++;
}

/* Looks until nothing is due at once. */
static void
look(int64_t now_ms)
{
	do
		ck_assert_int_ge(follow_look(feed, now_ms, hear, NULL), 0);
	while (follow_due_ms(feed) <= now_ms);
}

START_TEST(each_event_comes_once_and_in_order)
{
	begin(0);
	look(0);
	ck_assert_int_eq(heard, 0);
	for (int i = 0; i < 40; i++) {
		add(1, DB_NULL, "notification", i * 37 % 50);
		if (i % 3 != 0)
			look(i);
	}
	add(1, DB_NULL, "notification", 1000);	/* several batches */
	look(100);
	ck_assert_int_eq(heard, shop_int("SELECT count(*) FROM event"));
	ck_assert_int_eq(last, shop_int("SELECT max(id) FROM event"));
	ck_assert_int_eq(wrong, 0);
	look(200);
	ck_assert_int_eq(heard, shop_int("SELECT count(*) FROM event"));
	end();
}
END_TEST

START_TEST(what_was_rolled_back_is_not_told)
{
	begin(0);
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(event_add(shop_db, 1, DB_NULL, "notification", "{}"), DB_OK);
	look(1);
	ck_assert_int_eq(db_end(shop_db, 0), DB_OK);
	look(2);
	ck_assert_int_eq(heard, 0);
	end();
}
END_TEST

START_TEST(it_looks_again_after_a_write_and_then_rests)
{
	int64_t now = 1000, looks = 0;

	begin(1);
	ck_assert_int_ne(follow_fd(feed), -1);
	ck_assert(follow_listens(feed));
	follow_woken(feed, now);
	ck_assert_int_eq(follow_due_ms(feed), now);
	ck_assert(!follow_listens(feed));
	for (; follow_due_ms(feed) < 1500; looks++) {
		now = follow_due_ms(feed);
		ck_assert_int_eq(follow_look(feed, now, hear, NULL), 0);
		if (now >= 1002)
			ck_assert(follow_listens(feed));
	}
	ck_assert_int_ge(looks, 3);
	ck_assert_int_le(looks, 8);
	ck_assert_int_eq(follow_due_ms(feed), now + 1000);
	end();
}
END_TEST

START_TEST(without_a_watch_it_polls)
{
	begin(0);
	ck_assert_int_eq(follow_fd(feed), -1);
	ck_assert_int_eq(follow_look(feed, 1000, hear, NULL), 0);
	ck_assert_int_eq(follow_due_ms(feed), 1020);
	end();
}
END_TEST

START_TEST(a_writer_wakes_it)
{
	begin(1);
	add(1, DB_NULL, "notification", 1);
	follow_woken(feed, 5);
	look(5);
	ck_assert_int_eq(heard, 1);
	end();
}
END_TEST

/* All of what this listener missed, from 0 on; how many rows were looked at. */
static int64_t
replay(const struct listener *l)
{
	int64_t position = 0, rows = 0;
	int n;

	heard = last = wrong = 0;
	while (position < follow_last(feed)) {
		n = follow_replay(feed, l, &position, hear, NULL);
		ck_assert_int_ge(n, 0);
		rows += n;
	}
	return rows;
}

START_TEST(what_was_missed_is_told_to_whom_it_belongs)
{
	int64_t branches[] = { 7 };
	struct listener anna = { .user_id = 1 }, admin = { .user_id = 3, .role = HUB_ADMIN },
		staff = { .user_id = 4, .role = HUB_STAFF, .branches = branches, .branch_count = 1 };

	begin(0);
	for (int i = 0; i < 100; i++) {
		add(1, 7, "order.status", 3);
		add(2, 8, "order.status", 5);
		add(DB_NULL, 7, "order.placed", 1);
		add(DB_NULL, 8, "catalog", 1);
	}
	look(1);
	ck_assert_int_le(replay(&anna), 500);	/* other people's rows are not looked at */
	ck_assert_int_eq(heard, 400);
	replay(&staff);
	ck_assert_int_eq(heard, 500);
	replay(&admin);
	ck_assert_int_eq(heard, 1000);
	ck_assert_int_eq(wrong, 0);
	end();
}
END_TEST

START_TEST(replay_ends_where_the_others_are)
{
	struct listener anna = { .user_id = 1 };

	begin(0);
	add(1, DB_NULL, "notification", 3);
	look(1);
	add(1, DB_NULL, "notification", 3);	/* not told to anybody yet */
	replay(&anna);
	ck_assert_int_eq(heard, 3);
	ck_assert_int_eq(last, follow_last(feed));
	end();
}
END_TEST

int
main(void)
{
	return SUITE("follow", each_event_comes_once_and_in_order,
	    what_was_rolled_back_is_not_told, it_looks_again_after_a_write_and_then_rests,
	    without_a_watch_it_polls, a_writer_wakes_it,
	    what_was_missed_is_told_to_whom_it_belongs, replay_ends_where_the_others_are);
}
