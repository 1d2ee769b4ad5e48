/*
 * check_status.c - when the till is asked about which order, and what its
 * answers and its letters change (G53, G55, C23)
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lib/pos/till.h"
#include "lib/shop/order.h"
#include "sync/inbox.h"
#include "tests/peer.h"
#include "tests/seed.h"
#include "tests/suite.h"

#define PROFILE "{\"profile\":1,\"name\":\"t\",\"base\":\"{set.base_url}\",\"settings\":" \
	"{\"base_url\":\"x\"},\"order\":{\"retry\":\"never\",\"create\":{\"call\":\"POST /o\"," \
	"\"json\":{},\"id\":\"/id\"},\"status\":{\"call\":\"GET /o/{order.pos_id}\"," \
	"\"value\":\"/s\",\"map\":{\"new\":\"sent_to_pos\",\"cooking\":\"processing\"," \
	"\"ready\":\"ready_for_pickup\",\"done\":\"delivered\"}}}," \
	"\"webhook\":{\"verify\":{\"standard_webhooks\":true},\"type\":\"/type\"," \
	"\"map\":{\"order\":\"order\",\"dish\":\"products\",\"count\":\"stock\"}," \
	"\"order_id\":\"/id\"}}"
#define SAYS(text) { PEER_REPLY, reply(text), 0 }
#define STARTS(...) peer_start(PEER_PLAIN, NULL, (const struct peer_step[]){ __VA_ARGS__ }, \
	sizeof((const struct peer_step[]){ __VA_ARGS__ }) / sizeof(struct peer_step))

/* peer_json() keeps four. */
static const char *
reply(const char *body)
{
	static char replies[16][256];
	static int turn;
	char *out = replies[turn++ % 16];

	snprintf(out, sizeof replies[0], "%s", peer_json(200, "", body));
	return out;
}

static struct job job;
static struct poller *poller;
static struct doorbell bell;

/* After STARTS(): a shop, and a till at the other end. Seconds for both intervals. */
static void
begin(int64_t young_s, int64_t old_s)
{
	static char url[128], path[4096];
	char fault[POS_FAULT] = "";
	FILE *f;

	job = (struct job){ .name = "check_status", .quiet = 1, .db = seed_begin(),
		.conf = { .poll_young_s = young_s, .poll_old_s = old_s },
		.arena = arena_new(JOB_ARENA) };
	snprintf(path, sizeof path, "%s", temp_path("p.json"));
	snprintf(url, sizeof url, "%s", peer_url());
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	fputs(PROFILE, f);
	fclose(f);
	job.till = till_open(&(struct till_conf){ .profile = path, .profile_dir = "", .url = url,
		.settings = "", .token = "a token", .token_file = "", .ca_file = "",
		.allow_http = 1, .timeout_s = 30 }, fault);
	ck_assert_msg(job.till != NULL, "%s", fault);
	ck_assert_ptr_nonnull(poller = poller_new());
	bell = (struct doorbell)DOORBELL_INIT;
}

static void
end(void)
{
	poller_free(poller);
	till_close(job.till);
	arena_free(job.arena);
	peer_stop();
	shop_end();
}

/* Order n, which the till got `age` seconds ago. */
static void
sent(int n, int64_t age)
{
	char text[256];

	seed_order(n, "pickup");
	snprintf(text, sizeof text, "UPDATE orders SET status = 'sent_to_pos', submission = 'sent', "
	    "pos_order_id = 'T%d', created_at = %lld, pos_sent_at = %lld, poll_at = 0 WHERE id = %d",
	    n, (long long)(SEED_NOW - age), (long long)(SEED_NOW - age), n);
	shop_run(text);
}

static int
look(void)
{
	int64_t next;
	int before = peer_requests();

	feed_orders(&job, poller, &next);
	return peer_requests() - before;
}

static int
is(int n, const char *what)
{
	char query[256];

	snprintf(query, sizeof query, "SELECT %s FROM orders WHERE id = %d", what, n);
	return (int)shop_int(query);
}

static int
told(const char *template)
{
	char query[128];

	snprintf(query, sizeof query, "SELECT count(*) FROM notification WHERE template = '%s'",
	    template);
	return (int)shop_int(query);
}

static void
letter(const char *event, const char *body, int64_t age)
{
	char text[512];

	snprintf(text, sizeof text, "INSERT INTO inbox (event_id, body, received_at) VALUES "
	    "('%s', CAST('%s' AS BLOB), %lld)", event, body, (long long)(clock_now() - age));
	shop_run(text);
}

static int
rings(void)
{
	static int64_t version;

	return doorbell_answer(&job, &bell, poller, ++version);
}

static int
waiting(void)
{
	return (int)shop_int("SELECT count(*) FROM inbox WHERE done_at IS NULL");
}

START_TEST(young_orders_are_asked_about_often_and_old_ones_rarely)
{
	STARTS(SAYS("{\"s\":\"new\"}"));
	begin(0, 3600);
	sent(1, 1799);
	sent(2, 1800);
	ck_assert_int_eq(look(), 2);
	ck_assert_int_eq(look(), 1);
	ck_assert_ptr_nonnull(strstr(peer_request(2), "GET /o/T1 "));
	poller_forget(poller);		/* somebody asked about all */
	ck_assert_int_eq(look(), 2);
	end();
}
END_TEST

START_TEST(finished_orders_are_never_asked_about)
{
	STARTS(SAYS("{\"s\":\"done\"}"));
	begin(0, 0);
	sent(1, 10);
	sent(2, 10);
	shop_run("UPDATE orders SET status = 'cancelled', poll_at = NULL WHERE id = 2");
	ck_assert_int_eq(look(), 1);
	ck_assert(is(1, "status = 'delivered' AND poll_at IS NULL"));
	ck_assert_int_eq(look(), 0);
	end();
}
END_TEST

START_TEST(an_order_that_cannot_be_told_of_waits_longer)
{
	STARTS({ PEER_REPLY, peer_json(500, "", "{}"), 0 });
	begin(0, 3600);
	sent(1, 10);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(look(), 0);
	end();
}
END_TEST

/* Late, repeated and unknown words change nothing; each state is told once. */
START_TEST(states_go_forward_and_each_is_told_once)
{
	STARTS(SAYS("{\"s\":\"cooking\"}"), SAYS("{\"s\":\"cooking\"}"), SAYS("{\"s\":\"ready\"}"),
	    SAYS("{\"s\":\"cooking\"}"), SAYS("{\"s\":\"new\"}"), SAYS("{\"s\":\"burnt\"}"),
	    SAYS("{}"), SAYS("{\"s\":\"ready\"}"));
	begin(0, 0);
	sent(1, 10);
	for (int i = 0; i < 9; i++)
		ck_assert_int_eq(look(), 1);
	ck_assert(is(1, "status = 'ready_for_pickup'"));
	ck_assert_int_eq(told("processing"), 1);
	ck_assert_int_eq(told("ready_for_pickup"), 1);
	ck_assert_int_eq(told("sent_to_pos"), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_run"), 2);	/* no change, no write */
	end();
}
END_TEST

START_TEST(unknown_to_the_till_is_not_yet_then_perhaps_then_cancelled)
{
	STARTS({ PEER_REPLY, peer_json(404, "", "{}"), 0 });
	begin(0, 0);
	sent(1, 59);
	look();
	ck_assert(is(1, "gone_at IS NULL"));
	clock_set(SEED_NOW + 1);
	look();
	ck_assert(is(1, "gone_at = 1779444001"));
	clock_set(SEED_NOW + 300);
	look();
	ck_assert(is(1, "status = 'sent_to_pos' AND gone_at = 1779444001"));
	clock_set(SEED_NOW + 301);
	look();
	ck_assert(is(1, "status = 'cancelled' AND reason_code = 'gone_at_till' AND poll_at IS NULL"));
	ck_assert_int_eq(told("cancelled"), 1);
	end();
}
END_TEST

/* An hour before its turn. */
START_TEST(a_letter_makes_it_the_orders_turn)
{
	STARTS(SAYS("{\"s\":\"new\"}"));
	begin(3600, 3600);
	sent(1, 10);
	sent(2, 10);
	ck_assert_int_eq(look(), 2);
	ck_assert_int_eq(rings(), 0);
	letter("a", "{\"type\":\"order\",\"id\":\"T2\"}", 0);
	ck_assert_int_eq(rings(), 1);
	ck_assert_int_eq(waiting(), 0);
	ck_assert_int_eq(look(), 1);
	ck_assert_ptr_nonnull(strstr(peer_request(2), "GET /o/T2 "));
	letter("b", "{\"type\":\"order\"}", 0);	/* of which, it does not say */
	ck_assert_int_eq(rings(), 1);
	ck_assert_int_eq(look(), 2);
	letter("c", "{\"type\":\"shift\"}", 0);
	ck_assert_int_eq(rings(), 0);
	ck_assert_int_eq(waiting(), 0);
	end();
}
END_TEST

START_TEST(a_letter_about_an_unknown_order_waits_two_minutes)
{
	STARTS(SAYS("{\"s\":\"new\"}"));
	begin(3600, 3600);
	sent(1, 10);
	letter("a", "{\"type\":\"order\",\"id\":\"T9\"}", INBOX_UNKNOWN_S - 1);
	letter("b", "{\"type\":\"order\",\"id\":\"T1\"}", 0);
	ck_assert_int_eq(rings(), 1);
	ck_assert_int_eq(waiting(), 1);
	shop_run("UPDATE orders SET pos_order_id = 'T9'");
	ck_assert_int_eq(rings(), 1);
	ck_assert_int_eq(waiting(), 0);
	letter("c", "{\"type\":\"order\",\"id\":\"T8\"}", INBOX_UNKNOWN_S);
	ck_assert_int_eq(rings(), 0);
	ck_assert_int_eq(waiting(), 0);
	end();
}
END_TEST

/* However many there are, and never sooner than the gap after the last one. */
START_TEST(letters_about_dishes_are_one_sync)
{
	char event[16];

	STARTS(SAYS("{}"));
	begin(3600, 3600);
	for (int i = 0; i < 250; i++) {
		snprintf(event, sizeof event, "e%d", i);
		letter(event, i % 2 ? "{\"type\":\"dish\"}" : "{\"type\":\"count\"}", 0);
	}
	shop_run("INSERT INTO sync_run (feed, is_full, started_ms) VALUES ('products', 0, "
	    "(1779444000 - 4) * 1000)");
	ck_assert_int_eq(rings(), 0);
	ck_assert_int_eq(waiting(), 250);
	shop_run("INSERT INTO sync_run (feed, is_full, started_ms) VALUES ('stock', 0, "
	    "(1779444000 - 2) * 1000)");
	clock_set(SEED_NOW + INBOX_SYNC_GAP_S - 4);
	ck_assert_int_eq(rings(), 0);
	ck_assert_int_eq(waiting(), 250);
	clock_set(SEED_NOW + INBOX_SYNC_GAP_S - 2);
	ck_assert_int_eq(rings(), 0);
	ck_assert_int_eq(waiting(), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM sync_request WHERE requested_by IS NULL "
	    "AND taken_at IS NULL"), 2);	/* one for dishes, one for stock */
	end();
}
END_TEST

int
main(void)
{
	return SUITE("status", young_orders_are_asked_about_often_and_old_ones_rarely,
	    finished_orders_are_never_asked_about, an_order_that_cannot_be_told_of_waits_longer,
	    states_go_forward_and_each_is_told_once,
	    unknown_to_the_till_is_not_yet_then_perhaps_then_cancelled,
	    a_letter_makes_it_the_orders_turn, a_letter_about_an_unknown_order_waits_two_minutes,
	    letters_about_dishes_are_one_sync);
}
