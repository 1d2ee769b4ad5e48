/* tokens.c - the answer of everything that opens or renews a session; see tokens.h */
#include "app/cookie.h"
#include "app/guess.h"
#include "app/origin.h"
#include "app/tokens.h"
#include "lib/base/clock.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"

enum { DAY = 86400 };

enum problem
tokens_wanted(struct request *r, int dflt, int *in_cookie)
{
	*in_cookie = dflt;
	field_choice(r, r->body, "refresh_in", FIELD_OPTIONAL, "body|cookie", in_cookie);
	return *in_cookie ? origin_check(r) : OK;
}

enum problem
tokens_answer(struct request *r, const struct tokens *t)
{
	const struct settings *conf = &r->app->conf;
	int64_t now = clock_now(), life = conf->access_token_min * 60;
	struct token claims = { .user_id = t->user_id, .session_id = t->session_id,
		.issued_at = now, .expires_at = now + life };
	uint8_t place[PLACE_LEN];
	char access[TOKEN_TEXT];
	struct user u;
	int rc = session_seen(r->app->db, t->session_id, now,
	    guess_place(r, place) == 0 ? place : NULL);

	if (rc != DB_OK)
		return fail_db(r, rc);
	if ((rc = user_find(r->app->db, r->arena, t->user_id, &u)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (keyring_sign(r->app->keys, &claims, access) == -1)
		return fail(r, INTERNAL);
	json_open(r->out, NULL, '{');
	json_put_text(r->out, "token", access);
	json_put_text(r->out, "token_type", "Bearer");
	json_put_int(r->out, "expires_in", life);
	if (t->in_cookie)
		cookie_give(r, COOKIE_REFRESH, t->refresh, conf->refresh_token_days * DAY);
	else
		json_put_text(r->out, "refresh_token", t->refresh);
	user_json(r->out, "user", &u);
	json_close(r->out, '}');
	return r->problem;
}

enum problem
tokens_answer_new(struct request *r, int64_t user_id, int in_cookie)
{
	char refresh[REFRESH_TEXT];
	struct tokens t = { .user_id = user_id, .refresh = refresh, .in_cookie = in_cookie };
	int rc = session_start(r->app->db, user_id, clock_now(),
	    r->app->conf.refresh_token_days, &t.session_id, refresh);

	return rc == DB_OK ? tokens_answer(r, &t) : fail_db(r, rc);
}
