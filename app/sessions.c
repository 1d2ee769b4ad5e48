/*
 * sessions.c - a session goes on, or ends (C11)
 *
 * The refresh token comes in the body or in a cookie, and its successor goes
 * the same way. A browser sends a cookie whoever made it ask: so a body of
 * type JSON is wanted, which no form can send, and the origin of our own page.
 */
#include <stdio.h>

#include "app/cookie.h"
#include "app/handlers.h"
#include "app/limits.h"
#include "app/origin.h"
#include "app/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"

enum { TOKEN_MAX = 512 };

struct refreshing {
	struct refresh refresh;
	int in_cookie;
};

/* From the body, else from the cookie. */
static enum problem
read_token(struct request *r, struct refreshing *f)
{
	const char *text = NULL;
	int from_cookie;

	field_text(r, r->body, "refresh_token", FIELD_OPTIONAL, 1, TOKEN_MAX, &text);
	from_cookie = text == NULL && r->fault_count == 0;
	if (from_cookie && (text = cookie_value(r, COOKIE_REFRESH)) == NULL)
		return fail(r, UNAUTHORIZED);
	if (from_cookie && origin_check(r) != OK)
		return r->problem;
	f->refresh.token = text;
	if (tokens_wanted(r, from_cookie, &f->in_cookie) != OK)
		return r->problem;
	return fields_end(r);
}

/* A token that is none costs no lock, and nobody hurries one session. */
enum problem
auth_refresh_prepare(struct request *r)
{
	struct refreshing *f = arena_get(r->arena, sizeof *f);
	char session[24];
	int rc;

	if (f == NULL)
		return fail(r, TOO_LARGE);
	r->work = f;
	if (read_token(r, f) != OK)
		return r->problem;
	f->refresh.now = clock_now();
	f->refresh.days = r->app->conf.refresh_token_days;
	if ((rc = session_of_refresh(r->app->db, &f->refresh)) != 1)
		return rc < 0 ? fail_db(r, rc) : fail(r, UNAUTHORIZED);
	snprintf(session, sizeof session, "%lld", (long long)f->refresh.session_id);
	return limit_check_key(r, LIMIT_REFRESH, session);
}

enum problem
auth_refresh_apply(struct request *r)
{
	struct refreshing *f = r->work;
	struct refresh *t = &f->refresh;
	struct session_user u;
	int rc = session_refresh(r->app->db, r->app->keys, t);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == REFRESH_STOLEN) {
		log_warn("refresh_token_reused", "user=%lld session=%lld", (long long)t->user_id,
		    (long long)t->session_id);
		r->commit_refusal = 1;
	}
	if (rc != REFRESH_GIVEN)
		return fail(r, UNAUTHORIZED);
	if ((rc = session_find(r->app->db, t->session_id, &u)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (u.is_blocked)
		return fail(r, ACCOUNT_BLOCKED);
	return tokens_answer(r, &(struct tokens){ .user_id = t->user_id,
	    .session_id = t->session_id, .refresh = t->successor, .in_cookie = f->in_cookie });
}

enum problem
auth_logout_apply(struct request *r)
{
	int rc = session_end(r->app->db, r->session_id, clock_now());

	if (rc != DB_OK)
		return fail_db(r, rc);
	cookie_take_back(r, COOKIE_REFRESH);
	r->status = 204;
	return OK;
}
