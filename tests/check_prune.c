/* check_prune.c - what is old goes, and nobody within the window misses a thing */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/event.h"
#include "lib/shop/prune.h"
#include "push/follow.h"
#include "push/hub.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = 1779444000, DAY = 86400 };

static struct listener anna = { .user_id = 1 };
static int64_t heard, first_heard;

static void
begin(void)
{
	clock_set(NOW);
	shop_begin();
	heard = first_heard = 0;
}

static void
add(int count, int days_ago)
{
	clock_set(NOW - (int64_t)days_ago * DAY - (days_ago > 0));
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(event_add(shop_db, 1, DB_NULL, "notification", "{}"), DB_OK);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	clock_set(NOW);
}

static void
prune(int64_t wanted)
{
	ck_assert_int_eq(prune_run(shop_db, 60000), wanted);
	ck_assert_int_eq(prune_run(shop_db, 60000), 0);
}

START_TEST(events_go_after_seven_days_and_the_newest_stays)
{
	begin();
	add(950, 8);
	add(3, 6);
	prune(950);
	ck_assert_int_eq(shop_int("SELECT min(id) FROM event"), 951);
	shop_run("UPDATE event SET created_ms = 0");
	prune(2);
	ck_assert_int_eq(shop_int("SELECT min(id) FROM event"), 953);
	shop_end();
}
END_TEST

static void
hear(void *arg, const struct follow_event *e)
{
	(void)arg;
	if (heard++ == 0)
		first_heard = e->id;
}

/* From there on, all that there is or the word that it is gone. */
static int
replay(struct follow *f, int64_t since)
{
	int rc = 0;

	heard = first_heard = 0;
	while (since < follow_last(f) && (rc = follow_replay(f, &anna, &since, hear, NULL)) >= 0)
		;
	return rc < 0 ? rc : 0;
}

START_TEST(nobody_within_the_window_misses_one)
{
	char fault[DB_FAULT];
	struct db *reader;
	struct follow *f;

	begin();
	add(300, 8);
	add(700, 6);
	reader = db_open(temp_path("shop.db"), DB_READER, 200, fault);
	f = follow_open(reader, 0, fault);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(replay(f, 0), 0);
	ck_assert_int_eq(heard, 1000);
	prune(300);
	ck_assert_int_eq(replay(f, 300), 0);	/* heard the last that went */
	ck_assert_int_eq(heard, 700);
	ck_assert_int_eq(first_heard, 301);
	ck_assert_int_eq(replay(f, 299), FOLLOW_PRUNED);
	ck_assert_int_eq(heard, 0);
	follow_free(f);
	db_close(reader);
	shop_end();
}
END_TEST

START_TEST(other_tables_have_their_own_time)
{
	static const struct { const char *add, *left; int64_t went; } cases[] = {
		{ "INSERT INTO inbox (event_id, body, received_at) VALUES ('a', x'00', ?), ('b', x'00', ?)",
		    "SELECT event_id = 'b' FROM inbox", 14 },
		{ "INSERT INTO idempotency (user_id, route, key, body_hmac, status, response, created_at)"
		    " VALUES (1, 'r', 'a', x'00', 200, '{}', ?), (1, 'r', 'b', x'00', 200, '{}', ?)",
		    "SELECT key = 'b' FROM idempotency", 7 },
	};
	char text[512], *p;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t times[] = { NOW - cases[i].went * DAY - 1, NOW - cases[i].went * DAY };
		const char *from = cases[i].add;
		int t = 0;

		begin();
		for (p = text; *from != '\0'; from++)
			if (*from == '?')
				p += snprintf(p, 32, "%lld", (long long)times[t++]);
			else
				*p++ = *from;
		*p = '\0';
		shop_run(text);
		prune(1);
		ck_assert_int_eq(shop_int(cases[i].left), 1);
		shop_end();
	}
}
END_TEST

START_TEST(the_last_runs_stay_whatever_their_age)
{
	begin();
	shop_run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
	    " INSERT INTO sync_run (id, feed, is_full, started_ms) SELECT i, 'orders', 0, 0 FROM n");
	shop_run("INSERT INTO sync_mark (feed, branch, mark, run_id) VALUES ('stock', '', 'x', 7)");
	prune(498);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_run WHERE id = 7 OR id >= 500"), 1002);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("prune", events_go_after_seven_days_and_the_newest_stays,
	    nobody_within_the_window_misses_one, other_tables_have_their_own_time,
	    the_last_runs_stay_whatever_their_age);
}
