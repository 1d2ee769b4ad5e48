/* check_access.c - who may listen, and for how long (C24, G74) */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/session.h"
#include "push/access.h"
#include "tests/rig.h"
#include "tests/suite.h"

static struct access a;
static int64_t user, sid;

static void
begin(const char *role)
{
	rig_begin();
	rig_seed();
	user = rig_login_as("anna", role);
	sid = rig_sql_int("SELECT max(id) FROM session");
	a = (struct access){ .db = rig_app()->db, .keys = rig_app()->keys,
		.used = used_new(clock_ms()), .arena = arena_new(64 * 1024),
		.started_ms = clock_ms(), .began_mono_ms = clock_mono_ms() };
}

static void
end(void)
{
	used_free(a.used);
	arena_free(a.arena);
	rig_end();
}

/* access_enter() by a ticket as POST /ws/ticket gives it. */
static const char *
ticket(void)
{
	const struct rig_reply *r = rig_call("POST", "/ws/ticket", NULL);

	rig_ok(r, 200);
	ck_assert_int_eq(rig_int(r, "/expires_in"), 30);
	ck_assert_str_eq(rig_text(r, "/url"), "/ws");
	return rig_text(r, "/ticket");
}

static int
enter(const struct pass *p, struct listener *who)
{
	struct ticket t;
	int64_t session;
	int rc;

	*who = (struct listener){ 0 };
	rc = access_enter(&a, p, &t, &session, who);
	if (rc == 1)
		ck_assert_int_eq(session, sid);
	return rc;
}

static int
by_ticket(const char *text)
{
	struct listener who;

	return enter(&(struct pass){ .ticket = text }, &who);
}

START_TEST(a_ticket_lets_in_once)
{
	struct listener who;
	const char *text;

	begin("customer");
	text = ticket();
	ck_assert_int_eq(enter(&(struct pass){ .ticket = text }, &who), 1);
	ck_assert_int_eq(who.user_id, user);
	ck_assert_int_eq(who.role, HUB_CUSTOMER);
	ck_assert_int_eq(by_ticket(text), 0);
	end();
}
END_TEST

START_TEST(late_forged_and_old_tickets_are_refused)
{
	const char *text;

	begin("customer");
	text = ticket();
	clock_advance(TICKET_LIFE_S);
	ck_assert_int_eq(by_ticket(text), 0);
	ck_assert_int_eq(by_ticket("abc"), 0);
	text = ticket();
	a.started_ms = clock_ms() + 1;	/* given before this process began */
	ck_assert_int_eq(by_ticket(text), 0);
	ck_assert_int_eq(enter(&(struct pass){ 0 }, &(struct listener){ 0 }), 0);
	end();
}
END_TEST

/* Who has just begun cannot know what was used; who has run for a while does. */
START_TEST(a_clock_that_was_set_back_shuts_nobody_out)
{
	const char *text;

	begin("customer");
	a.started_ms = clock_ms() + 3600 * 1000;
	text = ticket();
	ck_assert_int_eq(by_ticket(text), 0);
	a.began_mono_ms -= 60 * 1000;
	ck_assert_int_eq(by_ticket(text), 1);
	ck_assert_int_eq(by_ticket(text), 0);	/* once, still */
	text = ticket();
	clock_advance(TICKET_LIFE_S);
	ck_assert_int_eq(by_ticket(text), 0);
	end();
}
END_TEST

START_TEST(a_ticket_ends_with_its_session)
{
	const char *text;

	begin("customer");
	text = ticket();
	rig_ok(rig_call("POST", "/auth/logout", NULL), 204);
	ck_assert_int_eq(by_ticket(text), 0);
	end();
}
END_TEST

START_TEST(a_stream_goes_on_with_its_ticket_and_mark)
{
	struct pass p = { 0 };
	char mark[TICKET_MARK];
	struct listener who;
	struct ticket t;

	begin("customer");
	p.ticket = ticket();
	ck_assert_int_eq(enter(&p, &who), 1);
	ck_assert_int_eq(ticket_read(a.keys, p.ticket, &t), 0);
	ck_assert_int_eq(ticket_mark(a.keys, &t, mark), 0);
	clock_advance(3600);
	p.mark = "AAAAAAAAAAAAAAAAAAAAAA";
	ck_assert_int_eq(enter(&p, &who), 0);
	p.mark = mark;
	ck_assert_int_eq(enter(&p, &who), 1);
	rig_sql("UPDATE session SET ended_at = 1");
	ck_assert_int_eq(enter(&p, &who), 0);
	end();
}
END_TEST

START_TEST(an_access_token_lets_in_while_it_is_good)
{
	struct listener who;
	struct pass p;

	begin("customer");
	p = (struct pass){ .token = rig_token() };
	ck_assert_int_eq(enter(&p, &who), 1);
	ck_assert_int_eq(enter(&p, &who), 1);
	clock_advance(31 * 24 * 3600);
	ck_assert_int_eq(enter(&p, &who), 0);
	p.token = "x.y.z";
	ck_assert_int_eq(enter(&p, &who), 0);
	end();
}
END_TEST

START_TEST(what_changed_since_is_seen)
{
	static const char *const changes[] = {
		"UPDATE users SET is_blocked = 1",
		"UPDATE users SET role = 'customer'",
		"UPDATE session SET ended_at = 1",
		"DELETE FROM staff_branch WHERE branch_id = (SELECT max(id) FROM branch)",
	};
	char text[160];
	struct listener who;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		begin("staff");
		snprintf(text, sizeof text, "INSERT OR IGNORE INTO staff_branch SELECT %lld, id"
		    " FROM branch", (long long)user);
		rig_sql(text);
		ck_assert_int_eq(enter(&(struct pass){ .token = rig_token() }, &who), 1);
		ck_assert_int_eq(who.role, HUB_STAFF);
		ck_assert_uint_eq(who.branch_count, 2);
		ck_assert_int_eq(access_still(&a, sid, &who), 1);
		rig_sql(changes[i]);
		ck_assert_int_eq(access_still(&a, sid, &who), 0);
		free(who.branches);
		end();
	}
}
END_TEST

START_TEST(nobody_without_a_session_gets_a_ticket)
{
	begin("customer");
	rig_logout();
	rig_refused(rig_call("POST", "/ws/ticket", NULL), 401, "unauthorized");
	end();
}
END_TEST

int
main(void)
{
	return SUITE("access", a_ticket_lets_in_once, late_forged_and_old_tickets_are_refused,
	    a_clock_that_was_set_back_shuts_nobody_out, a_ticket_ends_with_its_session,
	    a_stream_goes_on_with_its_ticket_and_mark,
	    an_access_token_lets_in_while_it_is_good, what_changed_since_is_seen,
	    nobody_without_a_session_gets_a_ticket);
}
