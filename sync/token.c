/* token.c - the till's token, renewed by one process for all; see token.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/lock.h"
#include "lib/base/log.h"
#include "lib/pos/grant.h"
#include "lib/pos/profile.h"
#include "lib/shop/till_token.h"
#include "sync/token.h"

enum {
	MS = 1000,
	SLICE_MS = 200, LOCK_WAIT_MS = 30 * MS,		/* another's request, which ends in POS_TIMEOUT_S */
	KEEPS = 5, KEEP_PAUSE_MS = 200,	/* what the till gave must not be lost */
	REST_MS = 2 * MS		/* between two tries that failed */
};

_Static_assert((int)TILL_TOKEN_TEXT == (int)GRANT_TEXT, "one is copied into the other");

struct token_state {
	struct till_token token;
	int known;
	int64_t rest_ms;		/* not before this is the till asked again */
	enum pos_outcome failed;
	char message[POS_TEXT];
};

static const char *
profile_of(const struct pos *pos)
{
	return profile_name(pos_profile(pos));
}

static int
is_fresh(const struct till_token *t)
{
	struct pos_grant g = { .granted_at = t->granted_at, .expires_at = t->expires_at };

	g.token[0] = t->token[0];
	return grant_is_fresh(&g, clock_now());
}

/* Into memory, and into use. 0 or -1. */
static int
use(struct job *j, struct pos *pos, const struct till_token *t)
{
	if (j->token->known && strcmp(j->token->token.token, t->token) == 0)
		return 0;
	if (pos_use_token(pos, t->token) == -1)
		return -1;
	j->token->token = *t;
	j->token->known = 1;
	return 0;
}

/* What the database has, when it is good and another than the one just refused. */
static int
use_stored(struct job *j, struct pos *pos, int refused, struct till_token *stored, int *found)
{
	int rc = till_token_read(j->db, j->conf.key_file, profile_of(pos), pos_first(pos), stored);

	*found = rc == 1;
	if (rc != 1 || !is_fresh(stored) ||
	    (refused && j->token->known && strcmp(j->token->token.token, stored->token) == 0))
		return 0;
	return use(j, pos, stored) == 0;
}

/* Stored before it is used for the first time. 0 or -1. */
static int
keep(struct job *j, struct pos *pos, const struct till_token *t)
{
	for (int i = 0; i < KEEPS; i++) {
		if (till_token_keep(j->db, j->conf.key_file, profile_of(pos), pos_first(pos), t) ==
		    DB_OK)
			return 0;
		job_sleep(j, KEEP_PAUSE_MS);
	}
	log_error("till_token", "why=\"the new token could not be stored: %s\"", db_error(j->db));
	return -1;
}

/* Under the lock. */
static enum pos_outcome
renew(struct job *j, struct pos *pos, const struct till_token *old, char *message)
{
	struct till_token t = { 0 };
	struct pos_grant g;
	const char *with = old != NULL && old->refresh_token[0] != '\0' ? old->refresh_token : NULL;
	enum pos_outcome o = pos_renew(pos, with, &g, message);

	if (o != POS_DONE)
		return o;
	memcpy(t.token, g.token, sizeof t.token);
	if (g.refresh_token[0] != '\0')
		memcpy(t.refresh_token, g.refresh_token, sizeof t.refresh_token);
	else if (with != NULL)	/* a till that names none goes on taking this one */
		memcpy(t.refresh_token, old->refresh_token, sizeof t.refresh_token);
	t.granted_at = g.granted_at;
	t.expires_at = g.expires_at;
	explicit_bzero(&g, sizeof g);
	if (keep(j, pos, &t) == -1 || use(j, pos, &t) == -1) {
		snprintf(message, POS_TEXT, "the till's new token could not be stored");
		o = POS_UNSENT;
	} else {
		log_info("till_token", "renewed=yes expires_at=%lld", (long long)t.expires_at);
	}
	explicit_bzero(&t, sizeof t);
	return o;
}

/* The lock of all who may write the token; NULL with a word of why. */
static struct lock *
lock_tokens(const struct job *j, int wait_ms, char *message)
{
	char path[sizeof j->lock_path];
	int64_t until = clock_mono_ms() + wait_ms;
	struct lock *lock;
	int holder;

	snprintf(path, sizeof path, "%s.token.lock", j->conf.database);
	while ((lock = lock_take(path, SLICE_MS, &holder)) == NULL && !job_signalled() &&
	    clock_mono_ms() < until)
		;
	if (lock == NULL)
		snprintf(message, POS_TEXT, "another process is renewing the till's token");
	return lock;
}

/* Under the newest key, before the old one is dropped; under the lock, because the
 * token may be another by now. */
static void
seal_anew(struct job *j, struct pos *pos)
{
	struct till_token stored = { 0 };
	char why[POS_TEXT];
	struct lock *lock = lock_tokens(j, 0, why);

	if (lock != NULL && till_token_read(j->db, j->conf.key_file, profile_of(pos),
	    pos_first(pos), &stored) == 1 && stored.is_old_key &&
	    till_token_keep(j->db, j->conf.key_file, profile_of(pos), pos_first(pos), &stored) != DB_OK)
		log_warn("till_token", "why=\"not sealed anew under the newest key\"");
	lock_free(lock);
	explicit_bzero(&stored, sizeof stored);
}

static enum pos_outcome
renew_alone(struct job *j, struct pos *pos, int refused, char *message)
{
	struct till_token stored = { 0 };
	enum pos_outcome o = POS_DONE;
	struct lock *lock = lock_tokens(j, LOCK_WAIT_MS, message);
	int found;

	if (lock == NULL)
		return POS_UNSENT;
	if (!use_stored(j, pos, refused, &stored, &found))
		o = renew(j, pos, found ? &stored : NULL, message);
	lock_free(lock);
	explicit_bzero(&stored, sizeof stored);
	return o;
}

enum pos_outcome
token_grant(void *arg, struct pos *pos, int refused, char *message)
{
	struct job *j = arg;
	struct till_token stored = { 0 };
	enum pos_outcome o;
	int found;

	if (j->token == NULL && (j->token = calloc(1, sizeof *j->token)) == NULL) {
		snprintf(message, POS_TEXT, "out of memory");
		return POS_UNSENT;
	}
	if (!refused && j->token->known && is_fresh(&j->token->token))
		return POS_DONE;
	if (j->db == NULL) {
		snprintf(message, POS_TEXT, "there is no database to keep the till's token in");
		return POS_UNSENT;
	}
	if (use_stored(j, pos, refused, &stored, &found)) {
		if (stored.is_old_key)
			seal_anew(j, pos);
		return POS_DONE;
	}
	if (clock_mono_ms() < j->token->rest_ms) {
		snprintf(message, POS_TEXT, "%s", j->token->message);
		return j->token->failed;
	}
	if ((o = renew_alone(j, pos, refused, message)) == POS_DONE)
		return o;
	j->token->rest_ms = clock_mono_ms() + REST_MS;
	j->token->failed = o;
	snprintf(j->token->message, sizeof j->token->message, "%s", message);
	log_warn("till_token", "renewed=no outcome=%s why=\"%s\"", pos_outcome_name(o), message);
	return o;
}

void
token_forget(struct job *j)
{
	if (j->token != NULL)
		explicit_bzero(j->token, sizeof *j->token);
	free(j->token);
	j->token = NULL;
}
