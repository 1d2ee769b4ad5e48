/* cli.h - what was typed after `pos-sim VERB`, and the verbs themselves */
#ifndef POS_SIM_CLI_H
#define POS_SIM_CLI_H

#include <stdint.h>

enum { ARGS_MOST = 3 };

struct options {
	const char *db, *listen, *token_file, *webhook_url, *webhook_secret_file;
	const char *data, *on, *dialect;
	int64_t speed, seconds;		/* ms; seconds -1: not given */
	int64_t products, branches, times, skip, workers, limit; /* 0: not given */
	int64_t json, force;
	const char *arg[ARGS_MOST];
	int args;
};

/* Each returns the exit code. */
int verb_init(const struct options *);		/* seed.c */
int verb_serve(const struct options *);		/* pos-sim.c */
int verb_set_stock(const struct options *);	/* verbs.c … */
int verb_set_price(const struct options *);
int verb_remove(const struct options *);
int verb_restore(const struct options *);
int verb_touch_all(const struct options *);
int verb_set_status(const struct options *);
int verb_set_driver(const struct options *);
int verb_set_speed(const struct options *);
int verb_fault(const struct options *);
int verb_faults(const struct options *);	/* shows.c … */
int verb_orders(const struct options *);
int verb_doubles(const struct options *);
int verb_oauth(const struct options *);		/* oauth.c */
int verb_revoke(const struct options *);
int verb_granted(const struct options *);
int verb_payments(const struct options *);	/* payments.c */
int verb_products(const struct options *);
int verb_requests(const struct options *);
int verb_webhooks(const struct options *);
int verb_asked(const struct options *);		/* dialect_verbs.c … */
int verb_complaints(const struct options *);
int verb_mark(const struct options *);

#endif
