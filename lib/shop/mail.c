/* mail.c - mails that we owe, and what stands in them; see mail.h */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/mime.h"
#include "lib/shop/mail.h"

enum { NONCE_LEN = 16, NONCE_TEXT = 23, PAYLOAD_MAX = 1024, KEEP_REFUSED_S = 7 * 86400 };

enum { OWE, FORGET, SCRUB, OLD, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[OWE] = { .sql = "INSERT INTO outbox (lane, kind, idempotency_key, payload, next_ms, "
	    "created_at, updated_at) VALUES ('mail', 'mail', ?1, ?2, ?3, ?4, ?4)" },
	[FORGET] = { .sql = "DELETE FROM outbox WHERE id = ?1 AND lane = 'mail'" },
	[SCRUB] = { .sql = "UPDATE outbox SET payload = '{}' WHERE id = ?1 AND lane = 'mail'" },
	[OLD] = { .sql = "DELETE FROM outbox WHERE state IN ('uncertain', 'refused', 'parked') "
	    "AND state = 'refused' AND lane = 'mail' AND updated_at < ?1" },
};
DB_STATEMENTS(sql);

static const char *const subjects[LANGUAGES] = {
	[LANG_UK] = "Новий пароль",
	[LANG_EN] = "A new password",
};

/* Before and behind the link. */
static const char *const texts[LANGUAGES][2] = {
	[LANG_UK] = {
		"Хтось, мабуть ви, попросив новий пароль для цієї пошти.\n\n"
		"Щоб його задати, відкрийте посилання:\n",
		"\n\nПосилання діє 30 хвилин і лише один раз.\n"
		"Якщо це були не ви, нічого не робіть: пароль лишиться той самий.\n" },
	[LANG_EN] = {
		"Somebody, probably you, asked for a new password for this address.\n\n"
		"To choose one, open this link:\n",
		"\n\nThe link is good for 30 minutes, and once.\n"
		"If it was not you, do nothing: the password stays as it is.\n" },
};

int
mail_is_on(const struct settings *s)
{
	return *s->smtp_url != '\0';
}

static int
is_loopback(const char *host, size_t n)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && strncasecmp(host, names[i], n) == 0)
			return 1;
	return 0;
}

/* Behind "smtp://" or "smtps://": a host and perhaps a port, nothing else. */
static const char *
judge_url(const char *url, struct mail_server *m)
{
	size_t scheme = strncmp(url, "smtps://", 8) == 0 ? 8 : strncmp(url, "smtp://", 7) == 0 ? 7 : 0;
	const char *host = url + scheme;
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	if (scheme == 0)
		return "must begin with smtp:// or smtps://";
	if (strpbrk(host, "@?#/ ") != NULL)
		return "is a host and a port, nothing else";
	if (n == 0 || n > strlen(host) || (host[n] != '\0' && (host[n] != ':' || host[n + 1] == '\0' ||
	    host[n + 1 + strspn(host + n + 1, "0123456789")] != '\0')))
		return "is not an address like smtp://mail.example.com:587";
	m->is_loopback = is_loopback(host, n);
	m->needs_tls = scheme == 8;
	return NULL;
}

int
mail_check(const struct settings *s, struct mail_server *m, char *fault)
{
	char name[MIME_NAME], address[MIME_ADDRESS];
	const char *wrong;

	*m = (struct mail_server){ 0 };
	if (!mail_is_on(s))
		return 0;
	if ((wrong = judge_url(s->smtp_url, m)) != NULL) {
		snprintf(fault, CONF_FAULT, "SMTP_URL %s", wrong);
		return -1;
	}
	m->needs_tls |= !m->is_loopback || *s->smtp_ca_file != '\0';
	if (mime_split(s->mail_from, name, address) == -1) {
		snprintf(fault, CONF_FAULT, "MAIL_FROM must be an address like "
		    "Shop <shop@example.com> where SMTP_URL is set");
		return -1;
	}
	if ((*s->smtp_user == '\0') != (*s->smtp_password_file == '\0')) {
		snprintf(fault, CONF_FAULT, "SMTP_USER and SMTP_PASSWORD_FILE go together");
		return -1;
	}
	return 0;
}

int
mail_owe_reset(struct db *db, const char *email)
{
	struct buf b = BUF_INIT(PAYLOAD_MAX);
	uint8_t nonce[NONCE_LEN];
	char key[NONCE_TEXT];
	int rc;

	crypt_random(nonce, sizeof nonce);
	crypt_base64url(nonce, sizeof nonce, key, sizeof key);
	json_open(&b, NULL, '{');
	json_put_text(&b, "about", "password_reset");
	json_put_text(&b, "email", email);
	json_close(&b, '}');
	rc = b.failed ? DB_ERROR : db_run(db, &sql[OWE], "ssii", key, b.s, clock_ms(), clock_now());
	buf_free(&b);
	return rc;
}

const char *
mail_reset_subject(enum language l)
{
	return subjects[l];
}

void
mail_reset_text(struct buf *b, enum language l, const char *link)
{
	buf_str(b, texts[l][0]);
	buf_str(b, link);
	buf_str(b, texts[l][1]);
}

int
mail_forget(struct db *db, int64_t row_id)
{
	int rc = db_run(db, &sql[FORGET], "i", row_id);

	return rc != DB_OK ? rc : db_run(db, &sql[OLD], "i", clock_now() - KEEP_REFUSED_S);
}

int
mail_scrub(struct db *db, int64_t row_id)
{
	return db_run(db, &sql[SCRUB], "i", row_id);
}
