/*
 * syncrig.h - pos-sync's feeds in this process, against a till of the test's own
 *
 * The till is tests/peer.h with a script; its profile is posrig.h's, and the
 * shop shop.h's. One rig a test.
 */
#ifndef SYNCRIG_H
#define SYNCRIG_H

#include "lib/base/clock.h"
#include "sync/feeds.h"
#include "tests/posrig.h"
#include "tests/shop.h"

enum { SYNCRIG_NOW = 1779444000 };

static struct job job;

static inline int
syncrig_wait(void *arg, int ms)
{
	(void)arg, (void)ms;
	return 0;
}

/* The shop is there: its job, and a till at this address. */
static inline void
syncrig_open(const char *profile, const char *url)
{
	char fault[POS_FAULT] = "";

	clock_set(SYNCRIG_NOW);
	rig_profile(profile);
	job = (struct job){ .name = "pos-sync", .quiet = 1, .db = shop_db,
		.arena = arena_new(JOB_ARENA), .ends_ms = INT64_MAX };
	job.conf.sync_max_vanish_percent = 30;
	job.conf.sync_max_bad_percent = 10;
	job.conf.default_timezone = "Europe/Kyiv";
	job.conf.pos_url = url;
	job.till = till_open(&(struct till_conf){ .profile = temp_path("p.json"),
		.profile_dir = "", .url = url, .settings = "", .token = "", .token_file = "",
		.ca_file = "", .allow_http = 1, .timeout_s = 30, .wait = syncrig_wait }, fault);
	ck_assert_msg(job.till != NULL, "%s", fault);
}

static inline void
syncrig_close(void)
{
	till_close(job.till);
	arena_free(job.arena);
	shop_end();
}

/* An empty shop, and the steps of its till in the order in which it is asked. */
static inline void
syncrig_begin(const char *profile, const struct peer_step *steps, size_t count)
{
	shop_begin();
	peer_start(PEER_PLAIN, NULL, steps, count);
	syncrig_open(profile, peer_url());
}

static inline void
syncrig_end(void)
{
	peer_stop();
	syncrig_close();
}

/* A text of the database; "" for none. */
static inline const char *
shop_text(const char *query)
{
	static char text[8][400];
	static int turn;
	char *out = text[turn++ % 8];
	struct stmt s = { .sql = query };

	out[0] = '\0';
	if (db_find(shop_db, &s, "") == 1 && !db_is_null(&s, 0))
		snprintf(out, sizeof text[0], "%s", db_text(&s, 0));
	db_done(&s);
	return out;
}

/* The last run of any feed: "stock ok 3 seen 1 changed 2 unchanged 0 bad". */
static inline const char *
last_run(void)
{
	return shop_text("SELECT feed || ' ' || outcome || ' ' || seen || ' seen ' || (added + changed)"
	    " || ' changed ' || unchanged || ' unchanged ' || gone || ' gone ' || bad || ' bad'"
	    " FROM sync_run ORDER BY id DESC LIMIT 1");
}

/* Counts of a dish by branch: "b1=3 b2=0 b3=-" (-: not tracked). */
static inline const char *
counts(const char *dish)
{
	char query[600];

	snprintf(query, sizeof query, "SELECT group_concat(pos_branch_id || '=' ||"
	    " coalesce(stock_quantity, '-'), ' ') FROM (SELECT b.pos_branch_id, pb.stock_quantity"
	    " FROM product_branch pb JOIN product p ON p.id = pb.product_id JOIN branch b"
	    " ON b.id = pb.branch_id WHERE p.pos_product_id = '%s' ORDER BY b.pos_branch_id)", dish);
	return shop_text(query);
}

#endif
