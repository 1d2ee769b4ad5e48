/*
 * webhook.h - is it the till that knocks, and what about?
 *
 * A profile's `webhook` says how the till signs what it sends. Judged are the
 * bytes as they came, in constant time, before anything of them is believed.
 * What a letter says of an order is never taken for its state: it is a
 * doorbell, after which the till is asked. Does not use the network, so that
 * pos-api can link it without libcurl.
 */
#ifndef POS_WEBHOOK_H
#define POS_WEBHOOK_H

#include <stddef.h>

struct arena;
struct profile;
struct webhook;

enum {
	WEBHOOK_FAULT = 512,
	WEBHOOK_EVENT = 129,		/* an event's id and its NUL; longer ones are hashed */
	WEBHOOK_SECRET_MIN = 8,		/* shorter ones can be tried out */
	WEBHOOK_TOLERANCE_S = 300	/* Standard Webhooks: how old a letter may be, or how new */
};

/* The settings as they stand in the configuration; texts must outlive it. */
struct webhook_conf {
	const char *profile, *profile_dir;	/* as till_conf */
	const char *secret, *secret_file;	/* the file wins; both "" = none */
	const char *url;			/* $url: the address that the till knows */
};

/*
 * 0 with *w open, or NULL where no secret is set: no webhook is taken. -1 with
 * a sentence in fault (WEBHOOK_FAULT bytes) that names the setting, or file,
 * line and pointer of the profile. The secret never stands in a log.
 */
int webhook_open(const struct webhook_conf *, struct webhook **, char *fault)
    __attribute__((warn_unused_result));
/* The same of a profile that is loaded already, which it frees; NULL = no memory. */
struct webhook *webhook_new(struct profile *, const char *secret, const char *url);
void webhook_close(struct webhook *);

/* What the till is answered: JSON; NULL = the profile says nothing. */
const char *webhook_reply(const struct webhook *);

struct webhook_letter {
	/* a header by its name; NULL = not told, or told twice */
	const char *(*header)(const void *arg, const char *name);
	const void *arg;
	const char *body;
	size_t len;
};

enum webhook_verdict {
	WEBHOOK_GOOD,
	WEBHOOK_FORGED,		/* no signature, or not the till's */
	WEBHOOK_STALE,		/* the till's, but too old or too new */
	WEBHOOK_UNREADABLE,	/* the till's, but no JSON */
	WEBHOOK_FAILED,		/* out of memory, or OpenSSL cannot do it */
	WEBHOOK_VERDICTS
};

/* event: what identifies the letter; the same for each repetition. */
enum webhook_verdict webhook_judge(const struct webhook *, const struct webhook_letter *,
    struct arena *, char event[WEBHOOK_EVENT]);

enum webhook_means {
	WEBHOOK_ORDER, WEBHOOK_PRODUCTS, WEBHOOK_STOCK, WEBHOOK_CATEGORIES,
	WEBHOOK_NOTHING,	/* nothing that the profile's map knows */
	WEBHOOK_MEANINGS
};

/* What a letter that was judged good is about; *order_id (in the arena) is NULL
 * unless it names one. */
enum webhook_means webhook_read(const struct profile *, struct arena *, const char *body,
    size_t len, const char **order_id);

#endif
