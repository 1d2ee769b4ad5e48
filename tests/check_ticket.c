/* check_ticket.c - tickets are signed, and each is used once (C24) */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/ticket.h"
#include "push/used.h"
#include "tests/suite.h"
#include "tests/temp.h"

static struct keyring *keys;

static void
begin(void)
{
	char fault[KEYRING_FAULT] = "";

	temp_make();
	ck_assert_msg(keyfile_create(temp_path("keys"), fault) == 0, "%s", fault);
	keys = keyring_open(temp_path("keys"), fault);
	ck_assert_msg(keys != NULL, "%s", fault);
	clock_set(1779444000);
}

static void
end(void)
{
	keyring_free(keys);
	temp_remove();
}

START_TEST(what_was_given_is_read_back)
{
	char text[TICKET_TEXT], other[TICKET_TEXT];
	struct ticket t;

	begin();
	ck_assert_int_eq(ticket_give(keys, 812, 33, text), 0);
	ck_assert_int_eq(ticket_give(keys, 812, 33, other), 0);
	ck_assert_str_ne(text, other);
	ck_assert_uint_eq(strlen(text), TICKET_TEXT - 1);
	ck_assert_int_eq(ticket_read(keys, text, &t), 0);
	ck_assert_int_eq(t.user_id, 812);
	ck_assert_int_eq(t.session_id, 33);
	ck_assert_int_eq(t.issued_ms, INT64_C(1779444000000));
	end();
}
END_TEST

START_TEST(a_ticket_with_any_letter_changed_is_refused)
{
	char text[TICKET_TEXT];
	struct ticket t;

	begin();
	ck_assert_int_eq(ticket_give(keys, 812, 33, text), 0);
	for (size_t i = 0; i < TICKET_TEXT - 1; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		ck_assert_int_eq(ticket_read(keys, text, &t), -1);
		text[i] = was;
	}
	text[TICKET_TEXT - 2] = '\0';
	ck_assert_int_eq(ticket_read(keys, text, &t), -1);
	ck_assert_int_eq(ticket_read(keys, "", &t), -1);
	end();
}
END_TEST

START_TEST(a_mark_is_of_one_ticket)
{
	char text[TICKET_TEXT], mark[TICKET_MARK];
	struct ticket t, other;

	begin();
	ck_assert_int_eq(ticket_give(keys, 812, 33, text), 0);
	ck_assert_int_eq(ticket_read(keys, text, &t), 0);
	ck_assert_int_eq(ticket_give(keys, 812, 33, text), 0);
	ck_assert_int_eq(ticket_read(keys, text, &other), 0);
	ck_assert_int_eq(ticket_mark(keys, &t, mark), 0);
	ck_assert_int_eq(ticket_mark_is(keys, &t, mark), 1);
	ck_assert_int_eq(ticket_mark_is(keys, &other, mark), 0);
	ck_assert_int_eq(ticket_mark_is(keys, &t, ""), 0);
	mark[0] = mark[0] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(ticket_mark_is(keys, &t, mark), 0);
	end();
}
END_TEST

START_TEST(an_id_is_used_once_while_its_ticket_is_good)
{
	struct used *u = used_new(0);
	uint8_t id[TICKET_ID] = { 0 };

	for (int i = 0; i < 1000; i++) {
		id[0] = (uint8_t)i;
		id[1] = (uint8_t)(i >> 8);
		ck_assert_int_eq(used_first(u, id, 10), 1);
		ck_assert_int_eq(used_first(u, id, 10), 0);
	}
	ck_assert_int_eq(used_first(u, id, 10 + 1000 * TICKET_LIFE_S), 0);
	ck_assert_int_eq(used_first(u, id, 5), 0);	/* a clock that went back */
	ck_assert_int_eq(used_first(u, id, 5 + 2 * 1000 * TICKET_LIFE_S), 1);
	used_free(u);
}
END_TEST

int
main(void)
{
	return SUITE("ticket", what_was_given_is_read_back,
	    a_ticket_with_any_letter_changed_is_refused, a_mark_is_of_one_ticket,
	    an_id_is_used_once_while_its_ticket_is_good);
}
