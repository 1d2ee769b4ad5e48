/*
 * engine.h - what call.c, judge.c, pos.c and feed.c share; not for programs
 */
#ifndef POS_ENGINE_H
#define POS_ENGINE_H

#include "lib/pos/parts.h"
#include "lib/pos/rows.h"
#include "lib/pos/template.h"

enum {
	SECRETS_MAX = 16, SECRETS_OWN = 4,	/* those first: see remember_secrets */
	REQUEST_MAX = 256 * 1024,	/* bytes of a body: an order of 50 lines is 10 KB */
	REQUEST_HEADERS = 25
};

struct pos {
	struct pos_setup setup;
	struct profile *profile;
	struct http *http;
	char *base;			/* without a slash at its end */
	char *auth;			/* the credential, ready to be put; NULL = none (yet) */
	char *token;			/* in it, of those that expire */
	int64_t token_number;		/* grows with each */
	const char *secrets[SECRETS_MAX];	/* to be scrubbed */
	size_t secret_count;
	int64_t next_ms;		/* not before this may the next request go */
	void (*watch)(void *, const struct pos_request *);	/* NULL = nobody */
	void *watch_arg;
};

/* Members that paging adds to a request. */
struct extras {
	struct extra query[4], json[4];
	size_t queries, jsons;
};

/* A scope with what every request knows. */
struct scope pos_scope(const struct pos *, struct arena *);
/* 0, or -1 with the scope's fault. extras may be NULL. */
int call_build(const struct profile *, struct scope *, const struct call *,
    const struct extras *, struct pos_request *) __attribute__((warn_unused_result));
/* Send with credentials and wait for the reply; keeps the pace. */
void pos_ask(struct pos *, const struct pos_request *, struct arena *, struct http_reply *);
/* The same without any credential, and none is got. */
void pos_ask_bare(struct pos *, const struct pos_request *, struct arena *, struct http_reply *);
/* These two, which are the pos's from now on, instead of those it had. */
void pos_take_auth(struct pos *, char *auth, char *token);
/* 1 = give up. */
int pos_rest(struct pos *, int ms);

/* Outcome, code, message, parsed body: what does not depend on the step. */
void judge_reply(const struct pos *, const struct http_reply *, struct arena *,
    struct pos_answer *);
/* What the till's word means by a map of states. */
void judge_state(const struct json *map, const char *word, struct pos_answer *);
void pos_say(const struct pos *, struct pos_answer *, enum pos_outcome, const char *message);

/* feed.h's feed over any list of the profile; the scope is copied. */
struct feed *feed_begin(struct pos *, const struct list *, const struct scope *);
/*
 * feed_page in two halves, for who does not wait: 1 ask this (it lives until the
 * next), else as feed_page; then the reply, which the feed keeps: 0, or -1 failed.
 */
int feed_ask(struct feed *, struct pos_request *) __attribute__((warn_unused_result));
int feed_hear(struct feed *, const struct http_reply *) __attribute__((warn_unused_result));
/* The next row as it stands, not yet read; 0 = no more in this page. */
int feed_next(struct feed *, struct spot *);

#endif
