/*
 * till.h - the till that the settings name, opened
 *
 * Finds the profile, reads the token from its file, and takes care that it
 * never stands in a log.
 */
#ifndef POS_TILL_H
#define POS_TILL_H

#include <stdint.h>

#include "lib/pos/call.h"

struct till;

/* The settings as they stand in the configuration; texts must outlive it. */
struct till_conf {
	const char *profile;		/* a path (with a slash), or a name in profile_dir */
	const char *profile_dir;
	const char *url;		/* {set.base_url} */
	const char *settings;		/* "name=value name=value" */
	const char *currency;		/* {set.currency} unless settings say it; NULL = UAH */
	const char *token, *token_file;	/* the file wins; both "" = none */
	const char *secrets_file;	/* NULL or "" = none */
	const char *ca_file;		/* "" = the system's */
	int allow_http;
	int64_t timeout_s;
	int (*wait)(void *, int ms);	/* as pos_setup.wait */
	void *wait_arg;
	enum pos_outcome (*grant)(void *, struct pos *, int refused, char *message);	/* as pos_setup.grant */
	void *grant_arg;
	int (*stop)(void);		/* as http_options.stop */
};

/* NULL with a sentence in fault (POS_FAULT bytes) that names the setting. */
struct till *till_open(const struct till_conf *, char *fault);
void till_close(struct till *);
struct pos *till_pos(const struct till *);

#endif
