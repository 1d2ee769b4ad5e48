/* check_contact.c - the one form of e-mail addresses and phones (G2, G76) */
#include <stdio.h>
#include <string.h>

#include "lib/shop/contact.h"
#include "tests/suite.h"

START_TEST(phones_become_e164)
{
	static const struct { const char *typed, *want; } rows[] = {
		{ "0671234567", "+380671234567" },
		{ "067 123-45-67", "+380671234567" },
		{ "380671234567", "+380671234567" },
		{ "+380 67 123 45 67", "+380671234567" },
		{ "+48 123 456 789", "+48123456789" },
		{ "+12345678", "+12345678" },
		{ "+123456789012345", "+123456789012345" },
		{ "", NULL }, { "+", NULL }, { "123", NULL }, { "067123456", NULL },
		{ "06712345678", NULL }, { "+38067123456", NULL }, { "48123456789", NULL },
		{ "+1234567", NULL }, { "+1234567890123456", NULL }, { "+0671234567", NULL },
		{ "067123456a", NULL }, { "++380671234567", NULL }, { "067\t1234567", NULL },
		{ "00000000000000000000000000000000000000000000000000", NULL },
	};
	char out[CONTACT_PHONE_TEXT];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int rc = contact_phone(rows[i].typed, out);

		ck_assert_msg((rc == 0) == (rows[i].want != NULL), "%s", rows[i].typed);
		if (rc == 0)
			ck_assert_str_eq(out, rows[i].want);
	}
}
END_TEST

START_TEST(emails_are_checked_and_lowered)
{
	static const struct { const char *typed, *want; } rows[] = {
		{ "Anna@Example.COM", "anna@example.com" },
		{ "a.b+c@x.co", "a.b+c@x.co" },
		{ "a@b-c.example", "a@b-c.example" },
		{ "", NULL }, { "anna", NULL }, { "@x.co", NULL }, { "a@", NULL }, { "a@b", NULL },
		{ "a@b..co", NULL }, { ".a@b.co", NULL }, { "a.@b.co", NULL }, { "a..b@c.co", NULL },
		{ "a b@c.co", NULL }, { "a@b.co.", NULL }, { "a@-b.co", NULL }, { "a@1.2.3.4", NULL },
		{ "a@b@c.co", NULL }, { "анна@example.com", NULL }, { "a\"@b.co", NULL },
	};
	char text[300];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(text, sizeof text, "%s", rows[i].typed);
		ck_assert_msg((contact_email(text) == 0) == (rows[i].want != NULL), "%s",
		    rows[i].typed);
		if (rows[i].want != NULL)
			ck_assert_str_eq(text, rows[i].want);
	}
	memset(text, 'a', sizeof text);
	snprintf(text + 60, sizeof text - 60, "@%0200d.co", 1);
	ck_assert_int_eq(contact_email(text), -1);
}
END_TEST

int
main(void)
{
	return SUITE("contact", phones_become_e164, emails_are_checked_and_lowered);
}
