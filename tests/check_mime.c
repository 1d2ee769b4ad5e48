/* check_mime.c - a mail as text, and that nothing gets into its head (RFC 5322, 2045, 2047) */
#include <string.h>

#include "lib/base/mime.h"
#include "tests/suite.h"

static struct buf out = BUF_INIT(256 * 1024);
static struct mime_mail mail;

static void
begin(void)
{
	buf_reset(&out);
	mail = (struct mime_mail){ .from = "shop@example.com", .to = "anna@example.org",
		.subject = "Hello", .text = "One\nTwo\n", .id = "k-1_A", .date = 1779444000 };
}

static int
write_it(void)
{
	buf_reset(&out);
	return mime_write(&out, &mail);
}

START_TEST(a_plain_mail_is_exactly_this)
{
	begin();
	ck_assert_int_eq(write_it(), 0);
	ck_assert_str_eq(out.s, "Date: Fri, 22 May 2026 10:00:00 +0000\r\n"
	    "From: <shop@example.com>\r\nTo: <anna@example.org>\r\nSubject: Hello\r\n"
	    "Message-ID: <k-1_A@example.com>\r\nAuto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nT25lDQpUd28NCg==\r\n");
	buf_free(&out);
}
END_TEST

/* RFC 2047: no line over 76 letters, no character cut. */
START_TEST(ukrainian_heads_are_encoded_words)
{
	begin();
	mail.from = "Смачна їжа <shop@example.com>";
	mail.subject = "Новий пароль";
	ck_assert_int_eq(write_it(), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "From: =?UTF-8?B?0KHQvNCw0YfQvdCwINGX0LbQsA==?=\r\n"
	    " <shop@example.com>\r\n"));
	ck_assert_ptr_nonnull(strstr(out.s, "Subject: =?UTF-8?B?0J3QvtCy0LjQuSDQv9Cw0YDQvtC70Yw=?=\r\n"));
	/* 23 letters of two bytes: the 39th byte would be half a letter */
	mail.subject = "ааааааааааааааааааааааа";
	ck_assert_int_eq(write_it(), 0);
	ck_assert_ptr_nonnull(strstr(out.s, "Subject: =?UTF-8?B?"
	    "0LDQsNCw0LDQsNCw0LDQsNCw0LDQsNCw0LDQsNCw0LDQsNCw0LA=?=\r\n =?UTF-8?B?0LDQsNCw0LA=?=\r\n"));
	for (const char *s = out.s; *s != '\0'; s += strcspn(s, "\n") + 1)
		ck_assert_uint_le(strcspn(s, "\r"), 76);
	buf_free(&out);
}
END_TEST

START_TEST(long_texts_are_lines_of_76)
{
	static char text[5000];
	const char *body;

	begin();
	memset(text, 'x', sizeof text - 1);
	mail.text = text;
	ck_assert_int_eq(write_it(), 0);
	body = strstr(out.s, "\r\n\r\n") + 4;
	for (const char *s = body; *s != '\0'; s += strcspn(s, "\n") + 1)
		ck_assert_uint_le(strcspn(s, "\r"), 76);
	buf_free(&out);
}
END_TEST

START_TEST(nothing_can_become_a_header)
{
	static const char *const to[] = { "", "a", "@b", "a@", "a@b\r\nBcc: x@y", "a@b\n", "a b@c",
		"<a@b>", "a@b,c@d", "a@b>", "a@b\tc", "а@b" };
	static const char *const from[] = { "", "x", "A <b", "A <b@c> d", "A\r\nBcc: x <b@c>",
		"A <b@c\r\n>", "<>" };
	static const char *const ids[] = { "", "a b", "a>\r\n", "a@b" };

	for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
		begin();
		mail.to = to[i];
		ck_assert_msg(write_it() == -1, "to %s", to[i]);
	}
	for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
		begin();
		mail.from = from[i];
		ck_assert_msg(write_it() == -1, "from %s", from[i]);
	}
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		begin();
		mail.id = ids[i];
		ck_assert_msg(write_it() == -1, "id %s", ids[i]);
	}
	begin();
	mail.subject = "Hello\r\nBcc: x@y.example";
	ck_assert_int_eq(write_it(), -1);
	buf_free(&out);
}
END_TEST

/* Quotes, brackets and the like in a name are words too, so they mean nothing. */
START_TEST(a_name_with_signs_is_encoded)
{
	char name[MIME_NAME], address[MIME_ADDRESS];

	begin();
	mail.from = "A \"B\" (c), Ltd. <shop@example.com>";
	ck_assert_int_eq(write_it(), 0);
	ck_assert_ptr_null(strstr(out.s, "Ltd"));
	ck_assert_int_eq(mime_split("Shop <shop@example.com>", name, address), 0);
	ck_assert_str_eq(name, "Shop");
	ck_assert_str_eq(address, "shop@example.com");
	ck_assert_int_eq(mime_split("shop@example.com", name, address), 0);
	ck_assert_str_eq(name, "");
	buf_free(&out);
}
END_TEST

START_TEST(what_does_not_fit_is_no_mail)
{
	struct buf small = BUF_INIT(200);

	begin();
	ck_assert_int_eq(mime_write(&small, &mail), -1);
	buf_free(&small);
}
END_TEST

int
main(void)
{
	return SUITE("mime", a_plain_mail_is_exactly_this, ukrainian_heads_are_encoded_words,
	    long_texts_are_lines_of_76, nothing_can_become_a_header, a_name_with_signs_is_encoded,
	    what_does_not_fit_is_no_mail);
}
