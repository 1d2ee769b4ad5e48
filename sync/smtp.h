/*
 * smtp.h - giving one mail at a time to a mail server (RFC 5321)
 *
 * With TLS before anything is told, certificates verified; a server on this
 * machine's loopback may go without. Nothing here waits: smtp_step() goes as
 * far as it gets in its time.
 */
#ifndef SMTP_H
#define SMTP_H

#include <stddef.h>

struct smtp;

struct smtp_options {
	const char *url;		/* smtp:// or smtps:// */
	const char *user, *password;	/* NULL = none asked for */
	const char *ca_file;		/* NULL = the system's */
	int needs_tls;
};

enum smtp_result {
	SMTP_TAKEN,	/* the server has it */
	SMTP_LATER,	/* not this mail, not now (4xx) */
	SMTP_REFUSED,	/* never this mail (5xx) */
	SMTP_DOWN	/* no mail now: not reached, no TLS, login refused */
};

enum { SMTP_FAULT = 256 };

struct smtp_end {
	enum smtp_result result;
	int code;			/* the server's last reply; 0 = none */
	char fault[SMTP_FAULT];		/* a sentence unless SMTP_TAKEN */
};

/* NULL when out of memory. The texts of the options must outlive it. */
struct smtp *smtp_new(const struct smtp_options *);
void smtp_free(struct smtp *);	/* ends what is under way */

/* Begin to send; message must live until it has ended. 0, or -1 when out of memory
 * or one is under way. */
int smtp_start(struct smtp *, const char *from, const char *to, const char *message,
    size_t len) __attribute__((warn_unused_result));
/* 1 it has ended, 0 not within ms, or nothing is under way. */
int smtp_step(struct smtp *, int ms, struct smtp_end *) __attribute__((warn_unused_result));
int smtp_busy(const struct smtp *);
/* Give up what is under way. */
void smtp_stop(struct smtp *);

#endif
