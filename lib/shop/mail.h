/*
 * mail.h - mails that we owe, and what stands in them
 *
 * A mail is a row of the outbox in a lane of its own: a mail server that is
 * down never holds up an order. The row names the address and the kind; the
 * text is made when it is sent, in the reader's language.
 */
#ifndef MAIL_H
#define MAIL_H

#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/shop/problem.h"
#include "lib/shop/settings.h"

/* 1 where SMTP_URL is set: without it no mail is owed. */
int mail_is_on(const struct settings *);

/* How the server is spoken to. */
struct mail_server {
	int is_loopback;	/* no TLS is asked of it, unless SMTP_CA_FILE is set */
	int needs_tls;		/* smtps, or STARTTLS before anything is told */
};
/* Do the settings of mail fit together? 0, or -1 with a sentence (CONF_FAULT bytes). */
int mail_check(const struct settings *, struct mail_server *, char *fault)
    __attribute__((warn_unused_result));

/* Owe the way to a new password, to an address that may have no account: that is
 * looked at when the mail is made. The caller's transaction. 0 or a db_status. */
int mail_owe_reset(struct db *, const char *email) __attribute__((warn_unused_result));

/* Subject and text; link: where the new password is chosen. */
const char *mail_reset_subject(enum language);
void mail_reset_text(struct buf *, enum language, const char *link);

/* Over, and nothing of it is kept. The caller's transaction. 0 or a db_status. */
int mail_forget(struct db *, int64_t row_id) __attribute__((warn_unused_result));
/* It was refused: the row stays for the operator, the address does not. */
int mail_scrub(struct db *, int64_t row_id) __attribute__((warn_unused_result));

#endif
