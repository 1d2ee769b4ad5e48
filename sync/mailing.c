/* mailing.c - the mail lane of the outbox; see mailing.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/mime.h"
#include "lib/base/secret.h"
#include "lib/shop/mail.h"
#include "lib/shop/outbox.h"
#include "lib/shop/recovery.h"
#include "lib/shop/user.h"
#include "sync/mailing.h"
#include "sync/smtp.h"

#define LANE "mail"

enum {
	MS = 1000, PASSWORD_MAX_BYTES = 512, MAIL_ARENA = 1 << 20, MAIL_MAX = 64 * 1024,
	TOO_OLD_S = 4 * 3600	/* nobody waits for a link any more */
};

struct mailing {
	struct job *j;
	struct smtp *smtp;
	struct keyring *keys;
	struct arena *arena;		/* of one mail */
	struct buf message;
	struct outbox_row row;		/* under way */
	char from[MIME_ADDRESS], password[PASSWORD_MAX_BYTES];
};

/* ---- how it ended: always one transaction */

static int
note_later(struct mailing *m, const char *outcome, const char *why)
{
	const struct settings *c = &m->j->conf;
	struct outbox_end end = { .row = &m->row, .state = "due", .counts = 1,
		.outcome = outcome, .error = why };
	uint32_t chance;
	int rc;

	crypt_random(&chance, sizeof chance);
	end.next_ms = clock_ms() + outbox_backoff_ms(m->row.attempts, c->outbox_backoff_s,
	    c->outbox_backoff_max_s, chance);
	rc = outbox_settle(m->j->db, &end);
	if (rc < 0 || strcmp(outcome, "unsent") != 0)
		return rc;
	return lane_failed(m->j->db, LANE, c->outbox_backoff_s, c->outbox_backoff_max_s);
}

static int
note_refused(struct mailing *m, const char *outcome, const char *why)
{
	struct outbox_end end = { .row = &m->row, .state = "refused", .next_ms = clock_ms(),
		.counts = 1, .outcome = outcome, .error = why };
	int rc = outbox_settle(m->j->db, &end);

	return rc < 0 ? rc : mail_scrub(m->j->db, m->row.id);
}

static int
note_taken(struct mailing *m)
{
	int rc = mail_forget(m->j->db, m->row.id);

	return rc != DB_OK ? rc : lane_ok(m->j->db, LANE);
}

/* Where the note fails, the row comes back when its lease is over. */
static void
note(struct mailing *m, enum smtp_result result, int code, const char *why)
{
	static const char *const names[] = { "done", "limited", "refused", "unsent" };
	struct db *db = m->j->db;
	int rc;

	if (db_begin(db) != DB_OK)
		return;
	if (result == SMTP_TAKEN)
		rc = note_taken(m);
	else if (result == SMTP_REFUSED)
		rc = note_refused(m, names[result], why);
	else
		rc = note_later(m, names[result], why);
	if (db_end(db, rc >= 0) != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)m->row.id, db_error(db));
	else if (result == SMTP_TAKEN)
		log_info("mail_sent", "row=%lld", (long long)m->row.id);
	else
		log_warn("mail_not_sent", "row=%lld outcome=%s code=%d", (long long)m->row.id,
		    names[result], code);
}

/* Nobody to write to: as if it had been sent, and nobody learns of it. */
static void
drop(struct mailing *m)
{
	int rc;

	if (db_begin(m->j->db) != DB_OK)
		return;
	rc = mail_forget(m->j->db, m->row.id);
	if (db_end(m->j->db, rc == DB_OK) != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)m->row.id,
		    db_error(m->j->db));
}

/* ---- making it */

/* The address that was typed; NULL when the row cannot be read. */
static const char *
address_of(struct mailing *m)
{
	struct json_fault fault;
	const struct json *j = json_parse(m->arena, m->row.payload, strlen(m->row.payload), &fault);
	const char *about = json_text(json_member(j, "about"));

	if (about == NULL || strcmp(about, "password_reset") != 0)
		return NULL;
	return json_text(json_member(j, "email"));
}

/* 1 found and not blocked, 0 nobody, else a db_status. */
static int
find_user(struct mailing *m, const char *email, struct user *u)
{
	const char *hash;
	int64_t id;
	int rc = email == NULL ? 0
	    : user_find_login(m->j->db, m->arena, email, &id, &hash);

	if (rc != 1 || (rc = user_find(m->j->db, m->arena, id, u)) != 1)
		return rc;
	return !u->is_blocked;
}

/* From here on the token is good, for as long as its mail says. 0 or -1. */
static int
store(struct mailing *m, int64_t user_id, const char *token)
{
	struct db *db = m->j->db;
	int rc;

	if (db_begin(db) != DB_OK)
		return -1;
	rc = recovery_store(db, user_id, token, clock_now());
	return db_end(db, rc == DB_OK) == DB_OK && rc == DB_OK ? 0 : -1;
}

static const char *
link_to(struct mailing *m, const char *token)
{
	const struct settings *c = &m->j->conf;
	const char *url = c->public_url;
	size_t n = strlen(url);

	if (*c->reset_url != '\0')
		return arena_printf(m->arena, "%s%s", c->reset_url, token);
	while (n > 0 && url[n - 1] == '/')
		n--;
	return arena_printf(m->arena, "%.*s/#/reset?token=%s", (int)n, url, token);
}

/* The message; 0 or -1. */
static int
make(struct mailing *m, const struct user *u)
{
	enum language l = strcmp(u->locale, "en") == 0 ? LANG_EN : LANG_UK;
	struct buf text = BUF_INIT(MAIL_MAX);
	char token[RECOVERY_TEXT];
	const char *link;
	int rc = -1;

	if (recovery_token(m->keys, m->row.key, u->id, token) == -1 ||
	    (link = link_to(m, token)) == NULL || store(m, u->id, token) == -1)
		return -1;
	mail_reset_text(&text, l, link);
	buf_reset(&m->message);
	if (!text.failed)
		rc = mime_write(&m->message, &(struct mime_mail){ .from = m->j->conf.mail_from,
		    .to = u->email, .subject = mail_reset_subject(l), .text = text.s,
		    .id = m->row.key, .date = clock_now() });
	buf_free(&text);
	return rc;
}

static void
start(struct mailing *m)
{
	struct user u;
	int rc;

	if (clock_now() - m->row.created_at > TOO_OLD_S) {
		note(m, SMTP_REFUSED, 0, "it could not be sent for hours: too late");
		return;
	}
	if ((rc = find_user(m, address_of(m), &u)) == 0) {
		drop(m);
		return;
	}
	if (rc < 0 || make(m, &u) == -1)
		note(m, SMTP_LATER, 0, "it could not be made");
	else if (smtp_start(m->smtp, m->from, u.email, m->message.s, m->message.len) == -1)
		note(m, SMTP_LATER, 0, "out of memory");
}

/* 1 one was taken. */
static int
take(struct mailing *m)
{
	int n;

	arena_reset(m->arena);
	n = outbox_claim(m->j->db, m->arena, LANE, m->j->conf.outbox_lease_s * MS, &m->row, 1);
	if (n < 0)
		log_warn("outbox", "why=%s", db_error(m->j->db));
	if (n == 1)
		start(m);
	return n == 1;
}

int
mailing_step(struct mailing *m, int ms)
{
	struct smtp_end e;

	if (m == NULL || (!smtp_busy(m->smtp) && !take(m)))
		return 0;
	if (smtp_step(m->smtp, ms, &e) == 1)
		note(m, e.result, e.code, e.fault);
	return 1;
}

int
mailing_busy(const struct mailing *m)
{
	return m != NULL && smtp_busy(m->smtp);
}

void
mailing_finish(struct mailing *m, int ms)
{
	struct smtp_end e;

	if (!mailing_busy(m))
		return;
	if (smtp_step(m->smtp, ms, &e) == 1) {
		note(m, e.result, e.code, e.fault);
		return;
	}
	smtp_stop(m->smtp);
	note(m, SMTP_LATER, 0, "the sender had to leave");
}

/* ---- begin and end */

/* 0, or -1 with a sentence. */
static int
open_all(struct mailing *m, char *fault)
{
	const struct settings *c = &m->j->conf;
	struct smtp_options o = { .url = c->smtp_url };
	char name[MIME_NAME];
	struct mail_server server;
	const char *why;

	if (mail_check(c, &server, fault) == -1 || mime_split(c->mail_from, name, m->from) == -1)
		return -1;
	o.needs_tls = server.needs_tls;
	o.ca_file = *c->smtp_ca_file != '\0' ? c->smtp_ca_file : NULL;
	if (*c->smtp_password_file != '\0') {
		why = secret_read(c->smtp_password_file, m->password, sizeof m->password);
		if (why != NULL) {
			snprintf(fault, CONF_FAULT, "SMTP_PASSWORD_FILE: %s", why);
			return -1;
		}
		o.user = c->smtp_user;
		o.password = m->password;
	}
	if ((m->keys = keyring_open(c->key_file, fault)) == NULL)
		return -1;
	snprintf(fault, CONF_FAULT, "out of memory");
	return (m->arena = arena_new(MAIL_ARENA)) != NULL && (m->smtp = smtp_new(&o)) != NULL
	    ? 0 : -1;
}

struct mailing *
mailing_new(struct job *j)
{
	struct mailing *m;
	char fault[CONF_FAULT] = "";

	if (!mail_is_on(&j->conf) || (m = calloc(1, sizeof *m)) == NULL)
		return NULL;
	m->j = j;
	m->message = (struct buf)BUF_INIT(MAIL_MAX);
	if (open_all(m, fault) == 0)
		return m;
	log_error("mail_off", "why=%s", fault);
	mailing_free(m);
	return NULL;
}

void
mailing_free(struct mailing *m)
{
	if (m == NULL)
		return;
	smtp_free(m->smtp);
	keyring_free(m->keys);
	arena_free(m->arena);
	buf_free(&m->message);
	explicit_bzero(m->password, sizeof m->password);
	free(m);
}
