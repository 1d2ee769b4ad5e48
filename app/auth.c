/*
 * auth.c - register, log in, who asks (G1–G9)
 *
 * bcrypt runs in prepare(), where no lock is held; apply() looks again at what
 * it was run for. Nothing tells a stranger whether an account exists: a login
 * for an unknown address costs the same time and gets the same words.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/account.h"
#include "app/auth.h"
#include "app/field.h"
#include "app/guess.h"
#include "app/handlers.h"
#include "app/limits.h"
#include "app/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/client.h"
#include "lib/shop/keyring.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"

enum { NAME_MAX_POINTS = 100, PASSWORD_BYTES = 1024 };

struct registration {
	struct user_new user;		/* without a hash: the account is there already */
	char hash[BCRYPT_TEXT];
	const char *password;
	const char *compared;		/* the account's hash, when the password fits it */
	int in_cookie;
};

struct login {
	struct guess guess;
	const char *password;
	const char *hash;		/* that was compared */
	char renewed[BCRYPT_TEXT];	/* at the cost of today; "" = it has it */
	int in_cookie;
};

static const char *const roles[ROLES] = {
	[ROLE_CUSTOMER] = "customer", [ROLE_STAFF] = "staff", [ROLE_ADMIN] = "admin"
};

/* One bcrypt: of a new account, or of one that this request may have made before. */
static enum problem
hash_password(struct request *r)
{
	struct registration *g = r->work;
	const char *hash = NULL;
	int64_t id;
	int rc = r->idempotency_key == NULL ? 0
	    : user_find_login(r->app->db, r->arena, g->user.email, &id, &hash);

	if (rc < 0)
		return fail_db(r, rc);
	g->user.password_hash = NULL;
	if (rc == 1) {
		g->compared = crypt_password_check(g->password, hash) == 1 ? hash : NULL;
		return OK;
	}
	if (crypt_password_hash(g->password, (int)r->app->conf.bcrypt_cost, g->hash) == -1)
		return fail(r, INTERNAL);
	g->user.password_hash = g->hash;
	return OK;
}

/* The answer was lost: whoever has the password gets a new session (design: no
 * token is kept). Nobody else learns more than that the address is taken. */
static enum problem
register_again(struct request *r, const char *stored)
{
	const struct registration *g = r->work;
	const char *hash = NULL;
	int64_t id = 0;
	int rc = user_find_login(r->app->db, r->arena, g->user.email, &id, &hash);

	(void)stored;
	if (rc < 0)
		return fail_db(r, rc);
	/* its twin was quicker, or a login has renewed the hash: compare with that one */
	if (rc == 1 && (g->user.password_hash != NULL || g->compared != NULL))
		r->redo = hash_password;
	if (rc == 0 || g->compared == NULL || strcmp(hash, g->compared) != 0)
		return fail(r, EMAIL_TAKEN);
	return tokens_answer_new(r, id, g->in_cookie);
}

/* What of the body counts for an Idempotency-Key: all but the password. */
static enum problem
prepare_replay(struct request *r, const struct registration *g)
{
	const char *phone = g->user.phone == NULL ? "" : g->user.phone;

	r->replay = register_again;
	r->replay_text = arena_printf(r->arena, "%s\n%s\n%s\n%s", g->user.email, g->user.name,
	    phone, g->user.locale);
	return r->replay_text != NULL ? OK : fail(r, TOO_LARGE);
}

enum problem
auth_register_prepare(struct request *r)
{
	struct registration *g = arena_get(r->arena, sizeof *g);
	int locale = (int)r->app->conf.default_language;

	if (g == NULL)
		return fail(r, TOO_LARGE);
	r->work = g;
	g->user.role = roles[ROLE_CUSTOMER];
	field_email(r, r->body, "email", &g->user.email);
	g->password = account_password(r, "password", PASSWORD_MIN, PASSWORD_MAX);
	field_text(r, r->body, "name", FIELD_REQUIRED, 1, NAME_MAX_POINTS, &g->user.name);
	field_phone(r, r->body, "phone", FIELD_OPTIONAL, &g->user.phone);
	field_choice(r, r->body, "locale", FIELD_OPTIONAL, "uk|en", &locale);
	if (tokens_wanted(r, 0, &g->in_cookie) != OK || fields_end(r) != OK)
		return r->problem;
	g->user.locale = locale == LANG_EN ? "en" : "uk";
	if (limit_check_key(r, LIMIT_REGISTER, g->user.email) != OK ||
	    prepare_replay(r, g) != OK)
		return r->problem;
	return hash_password(r);
}

enum problem
auth_register_apply(struct request *r)
{
	struct registration *g = r->work;
	int64_t id = 0;
	int rc = g->user.password_hash == NULL ? 0
	    : user_add(r->app->db, &g->user, clock_now(), &id);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0)
		return fail(r, EMAIL_TAKEN);
	if ((rc = client_owe(r->app->db, id)) != 0)
		return fail_db(r, rc);
	r->status = 201;
	if ((r->replay_keep = arena_printf(r->arena, "{\"id\":%lld}", (long long)id)) == NULL)
		return fail(r, TOO_LARGE);
	if (tokens_answer_new(r, id, g->in_cookie) == OK)
		guess_know_device(r, g->user.email);
	return r->problem;
}

/* As slow as a real comparison, and never right. */
static void
compare_with_nothing(int cost)
{
	char hash[BCRYPT_TEXT];

	snprintf(hash, sizeof hash,
	    "$2b$%02u$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", (unsigned)cost % 100);
	if (crypt_password_check("no such account", hash) == 1)
		explicit_bzero(hash, sizeof hash);
}

/*
 * Whether the password is the account's, in the same time whatever the answer.
 * A hash that was made at cost c, before BCRYPT_COST was raised to n, takes
 * less than one for nobody by 2^n - 2^c, which is 2^c + ... + 2^(n-1).
 */
static int
is_right(const struct request *r, const struct login *l)
{
	int most = (int)r->app->conf.bcrypt_cost, cost = -1, right = 0;
	size_t n = strlen(l->password);

	if (l->guess.user_id != 0 && n >= PASSWORD_MIN && n <= PASSWORD_MAX) {
		cost = crypt_password_cost(l->hash);
		right = crypt_password_check(l->password, l->hash) == 1;
	}
	if (cost == -1)
		compare_with_nothing(most);
	for (; cost != -1 && cost < most && !right; cost++)
		compare_with_nothing(cost);
	return right;
}

/* bcrypt, where no lock is held. A hash of another cost than today's is made
 * anew while the password is at hand. */
static enum problem
compare(struct request *r)
{
	struct login *l = r->work;
	int cost = (int)r->app->conf.bcrypt_cost;

	if (!is_right(r, l))
		return fail(r, WRONG_CREDENTIALS);
	l->renewed[0] = '\0';
	if (crypt_password_cost(l->hash) != cost &&
	    crypt_password_hash(l->password, cost, l->renewed) == -1)
		return fail(r, INTERNAL);
	return OK;
}

static enum problem
find_account(struct request *r)
{
	struct login *l = r->work;
	int rc;

	l->guess.user_id = 0;
	rc = user_find_login(r->app->db, r->arena, l->guess.email, &l->guess.user_id, &l->hash);
	return rc < 0 ? fail_db(r, rc) : OK;
}

static enum problem
compare_again(struct request *r)
{
	return find_account(r) == OK ? compare(r) : r->problem;
}

/* A wrong one ends here: nothing is written, for whoever has no account either. */
enum problem
auth_login_prepare(struct request *r)
{
	struct login *l = arena_get(r->arena, sizeof *l);

	if (l == NULL)
		return fail(r, TOO_LARGE);
	r->work = l;
	field_email(r, r->body, "email", &l->guess.email);
	l->password = account_password(r, "password", 1, PASSWORD_BYTES);
	if (tokens_wanted(r, 0, &l->in_cookie) != OK || fields_end(r) != OK ||
	    find_account(r) != OK || guess_admit(r, &l->guess) != OK)
		return r->problem;
	return compare(r);
}

/* Another hash than the one compared: a new password, or another login has
 * renewed it. */
static enum problem
hash_is_new(struct request *r)
{
	r->redo = compare_again;
	return fail(r, WRONG_CREDENTIALS);
}

enum problem
auth_login_apply(struct request *r)
{
	const struct login *l = r->work;
	struct db *db = r->app->db;
	const char *hash = NULL;
	struct user u = { 0 };
	int64_t id = 0;
	int rc;

	if ((rc = user_find_login(db, r->arena, l->guess.email, &id, &hash)) < 0)
		return fail_db(r, rc);
	if (rc == 0 || id != l->guess.user_id)
		return fail(r, WRONG_CREDENTIALS);
	if (strcmp(hash, l->hash) != 0)
		return hash_is_new(r);
	if ((rc = user_find(db, r->arena, id, &u)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (u.is_blocked)
		return fail(r, ACCOUNT_BLOCKED);
	if (l->renewed[0] != '\0' && (rc = user_renew_hash(db, id, l->renewed)) != DB_OK)
		return fail_db(r, rc);
	if (tokens_answer_new(r, id, l->in_cookie) == OK)
		guess_right(r, &l->guess);
	return r->problem;
}

enum problem
auth_check_token(struct request *r)
{
	static const char scheme[] = "Bearer ";
	struct token t;

	if (r->authorization == NULL ||
	    strncasecmp(r->authorization, scheme, sizeof scheme - 1) != 0)
		return fail(r, UNAUTHORIZED);
	if (keyring_verify(r->app->keys, r->arena, r->authorization + sizeof scheme - 1,
	    clock_now(), &t) == -1)
		return fail(r, UNAUTHORIZED);
	r->user_id = t.user_id;
	r->session_id = t.session_id;
	return OK;
}

enum problem
auth_check_session(struct request *r)
{
	struct session_user u;
	int rc = session_find(r->app->db, r->session_id, &u);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0 || u.user_id != r->user_id)
		return fail(r, UNAUTHORIZED);
	if (u.is_blocked)
		return fail(r, ACCOUNT_BLOCKED);
	for (int role = ROLE_CUSTOMER; role < ROLES; role++)
		if (strcmp(u.role, roles[role]) == 0)
			r->role = (enum role)role;
	return OK;
}
