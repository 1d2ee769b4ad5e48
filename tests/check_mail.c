/* check_mail.c - which mail server is spoken to, and how; what mails say (G86) */
#include <string.h>

#include "lib/shop/mail.h"
#include "tests/shop.h"
#include "tests/suite.h"

static struct settings conf;

static void
begin(const char *url)
{
	conf = (struct settings){ .smtp_url = url, .smtp_user = "", .smtp_password_file = "",
		.smtp_ca_file = "", .mail_from = "Shop <shop@example.com>", .reset_url = "" };
}

START_TEST(addresses_say_what_is_asked_of_tls)
{
	static const struct { const char *url, *ca; int tls, loopback; } rows[] = {
		{ "smtp://mail.example.com", "", 1, 0 },
		{ "smtp://mail.example.com:587", "", 1, 0 },
		{ "smtps://mail.example.com:465", "", 1, 0 },
		{ "smtp://127.0.0.1:25", "", 0, 1 }, { "smtp://LOCALHOST", "", 0, 1 },
		{ "smtp://[::1]:25", "", 0, 1 }, { "smtp://127.0.0.1:25", "/ca", 1, 1 },
		{ "smtps://localhost", "", 1, 1 }, { "smtp://localhost.example.com", "", 1, 0 },
		{ "smtp://[2001:db8::1]:25", "", 1, 0 },
	};
	struct mail_server m;
	char fault[CONF_FAULT];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(rows[i].url);
		conf.smtp_ca_file = rows[i].ca;
		ck_assert_msg(mail_check(&conf, &m, fault) == 0, "%s: %s", rows[i].url, fault);
		ck_assert_msg(m.needs_tls == rows[i].tls, "%s", rows[i].url);
		ck_assert_msg(m.is_loopback == rows[i].loopback, "%s", rows[i].url);
	}
}
END_TEST

START_TEST(what_does_not_fit_together_is_named)
{
	static const char *const urls[] = { "mail.example.com", "http://x", "smtp://",
		"smtp://user:word@x", "smtp://x/y", "smtp://x:", "smtp://x:y", "smtp://x:25 ",
		"smtp://[::1", "smtp://:25", "smtp://x?y" };
	struct mail_server m;
	char fault[CONF_FAULT];

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		begin(urls[i]);
		ck_assert_msg(mail_check(&conf, &m, fault) == -1, "%s", urls[i]);
		ck_assert_ptr_nonnull(strstr(fault, "SMTP_URL"));
		ck_assert_ptr_null(strstr(fault, "word"));
	}
	begin("smtp://x");
	conf.mail_from = "";
	ck_assert_int_eq(mail_check(&conf, &m, fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "MAIL_FROM"));
	begin("smtp://x");
	conf.smtp_user = "shop";
	ck_assert_int_eq(mail_check(&conf, &m, fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "SMTP_PASSWORD_FILE"));
	begin("");
	conf.mail_from = "";
	ck_assert_int_eq(mail_check(&conf, &m, fault), 0);
	ck_assert_int_eq(mail_is_on(&conf), 0);
}
END_TEST

START_TEST(a_mail_is_owed_and_forgotten)
{
	struct db *db = shop_begin();

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(mail_owe_reset(db, "a\"b@example.com"), 0);
	ck_assert_int_eq(mail_owe_reset(db, "anna@example.com"), 0);
	ck_assert_int_eq(mail_owe_reset(db, "anna@example.com"), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE lane = 'mail' AND state = 'due'"
	    " AND json_valid(payload) AND length(idempotency_key) = 22"), 3);
	shop_run("UPDATE outbox SET state = 'refused' WHERE id = 3");
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(mail_scrub(db, 3), 0);
	ck_assert_int_eq(mail_forget(db, 2), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox WHERE id IN (1, 3)"), 2);
	ck_assert_int_eq(shop_int("SELECT payload = '{}' FROM outbox WHERE id = 3"), 1);
	/* what was refused long ago goes with the next */
	shop_run("UPDATE outbox SET updated_at = 1 WHERE id = 3");
	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(mail_forget(db, 1), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM outbox"), 0);
	shop_end();
}
END_TEST

START_TEST(words_are_there_in_both_languages)
{
	struct buf b = BUF_INIT(4096);

	for (int l = 0; l < LANGUAGES; l++) {
		buf_reset(&b);
		mail_reset_text(&b, (enum language)l, "https://x.example/#/reset?token=T");
		ck_assert(!b.failed);
		ck_assert_ptr_nonnull(strstr(b.s, "\nhttps://x.example/#/reset?token=T\n"));
		ck_assert_ptr_nonnull(strstr(b.s, "30"));
		ck_assert_uint_gt(strlen(mail_reset_subject((enum language)l)), 5);
	}
	ck_assert_str_ne(mail_reset_subject(LANG_UK), mail_reset_subject(LANG_EN));
	buf_free(&b);
}
END_TEST

int
main(void)
{
	return SUITE("mail", addresses_say_what_is_asked_of_tls, what_does_not_fit_together_is_named,
	    a_mail_is_owed_and_forgotten, words_are_there_in_both_languages);
}
