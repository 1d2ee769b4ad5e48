/* check_hub.c - who hears what (G60, G74) */
#include <string.h>

#include "lib/base/db.h"
#include "push/hub.h"
#include "tests/suite.h"

enum { ANNA = 1, BORIS, STAFF_OF_7, STAFF_OF_NONE, ADMIN, PEOPLE };

static int64_t seven[] = { 5, 7 };
static struct listener people[PEOPLE] = {
	[ANNA] = { .user_id = 11 },
	[BORIS] = { .user_id = 12 },
	[STAFF_OF_7] = { .user_id = 13, .role = HUB_STAFF, .branches = seven, .branch_count = 2 },
	[STAFF_OF_NONE] = { .user_id = 14, .role = HUB_STAFF },
	[ADMIN] = { .user_id = 15, .role = HUB_ADMIN },
};

struct heard { unsigned who; int twice; };

static void
note(void *arg, struct listener *l)
{
	struct heard *h = arg;
	unsigned bit = 1u << (l - people);

	h->twice |= (h->who & bit) != 0;
	h->who |= bit;
}

#define P(who) (1u << (who))

START_TEST(each_event_is_heard_by_those_it_is_for)
{
	static const struct {
		struct hub_event event;
		unsigned who;
	} cases[] = {
		{ { 11, DB_NULL, "notification" }, P(ANNA) },
		{ { 99, DB_NULL, "notification" }, 0 },
		{ { 11, 7, "order.status" }, P(ANNA) | P(STAFF_OF_7) | P(ADMIN) },
		{ { 13, 7, "order.status" }, P(STAFF_OF_7) | P(ADMIN) },
		{ { 11, 8, "order.status" }, P(ANNA) | P(ADMIN) },
		{ { DB_NULL, 7, "order.placed" }, P(STAFF_OF_7) | P(ADMIN) },
		{ { DB_NULL, DB_NULL, "outbox" }, P(ADMIN) },
		{ { DB_NULL, DB_NULL, "sync" }, P(STAFF_OF_7) | P(STAFF_OF_NONE) | P(ADMIN) },
		{ { DB_NULL, 7, "catalog" }, P(ANNA) | P(BORIS) | P(STAFF_OF_7) | P(STAFF_OF_NONE) |
		    P(ADMIN) },
		{ { 11, DB_NULL, "session.ended" }, 0 },
		{ { 12, 7, "of.another.time" }, P(BORIS) },
		{ { DB_NULL, 7, "of.another.time" }, 0 },
	};
	struct hub *h = hub_new();

	for (int i = ANNA; i < PEOPLE; i++)
		ck_assert_int_eq(hub_add(h, &people[i]), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heard heard = { 0 };

		hub_tell(h, &cases[i].event, note, &heard);
		ck_assert_msg(heard.who == cases[i].who, "%zu: %x", i, heard.who);
		ck_assert_int_eq(heard.twice, 0);
		for (int p = ANNA; p < PEOPLE; p++)
			ck_assert_int_eq(hub_hears(&people[p], &cases[i].event),
			    (cases[i].who & P(p)) != 0);
	}
	hub_free(h);
}
END_TEST

static void
count(void *arg, struct listener *l)
{
	(void)l;
	++*(int *)arg;
}

START_TEST(every_connection_of_a_user_hears_until_it_goes)
{
	static struct listener many[3000];
	struct hub *h = hub_new();
	int n;

	for (int i = 0; i < 3000; i++) {
		many[i] = (struct listener){ .user_id = i % 1000,
			.role = i % 3 == 0 ? HUB_STAFF : HUB_CUSTOMER };
		ck_assert_int_eq(hub_add(h, &many[i]), 0);
	}
	for (int i = 0; i < 3000; i += 2)
		hub_remove(h, &many[i]);
	ck_assert_uint_eq(hub_count(h), 1500);
	for (int user = 0; user < 1000; user++) {
		n = 0;
		hub_of_user(h, user, count, &n);
		ck_assert_int_eq(n, user % 2 == 0 ? 0 : 3);
	}
	for (size_t i = 0; i < hub_count(h); i++)
		ck_assert_uint_eq(hub_at(h, i)->place, i);
	n = 0;
	hub_tell(h, &(struct hub_event){ DB_NULL, DB_NULL, "sync" }, count, &n);
	ck_assert_int_eq(n, 500);
	for (int i = 1; i < 3000; i += 2)
		hub_remove(h, &many[i]);
	ck_assert_uint_eq(hub_count(h), 0);
	hub_free(h);
}
END_TEST

int
main(void)
{
	return SUITE("hub", each_event_is_heard_by_those_it_is_for,
	    every_connection_of_a_user_hears_until_it_goes);
}
