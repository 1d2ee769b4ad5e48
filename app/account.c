/*
 * account.c - a person's own data and password (G6, G10, G76)
 *
 * Only what is named here can be changed: role, e-mail and the rest are not
 * looked at, whoever sends them.
 */
#include <string.h>

#include "app/account.h"
#include "app/address.h"
#include "app/field.h"
#include "app/handlers.h"
#include "app/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/client.h"
#include "lib/shop/recovery.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"

enum { NAME_MAX_POINTS = 100, PASSWORD_BYTES = 1024 };

static enum problem
answer_user(struct request *r, const struct user *u)
{
	json_open(r->out, NULL, '{');
	user_json(r->out, "user", u);
	json_close(r->out, '}');
	return OK;
}

static enum problem
find_me(struct request *r, struct user *u)
{
	int rc = user_find(r->app->db, r->arena, r->user_id, u);

	return rc == 1 ? OK : fail_db(r, rc < 0 ? rc : DB_ERROR);
}

enum problem
auth_me_apply(struct request *r)
{
	struct user u;

	return find_me(r, &u) == OK ? answer_user(r, &u) : r->problem;
}

/* ---- PATCH /auth/me: what is absent stays, null removes */

struct change {
	int has_name, has_phone, has_locale, has_address;
	const char *name, *phone;
	int locale;
	struct address address;
};

static int
is_told(const struct request *r, const char *name)
{
	return json_member(r->body, name) != NULL;
}

enum problem
auth_change_prepare(struct request *r)
{
	struct change *c = arena_get(r->arena, sizeof *c);

	if (c == NULL)
		return fail(r, TOO_LARGE);
	r->work = c;
	*c = (struct change){ .has_name = is_told(r, "name"), .has_phone = is_told(r, "phone"),
		.has_locale = is_told(r, "locale"), .has_address = is_told(r, "address") };
	field_text(r, r->body, "name", c->has_name, 1, NAME_MAX_POINTS, &c->name);
	field_phone(r, r->body, "phone", FIELD_OPTIONAL, &c->phone);
	field_choice(r, r->body, "locale", c->has_locale, "uk|en", &c->locale);
	address_read(r, "address", FIELD_REQUIRED, &c->address);
	return fields_end(r);
}

enum problem
auth_change_apply(struct request *r)
{
	const struct change *c = r->work;
	struct user u;
	int rc, new_phone = 0;

	if (find_me(r, &u) != OK)
		return r->problem;
	if (!(c->has_name || c->has_phone || c->has_locale || c->has_address))
		return answer_user(r, &u);
	if (c->has_name)
		u.name = c->name;
	if (c->has_phone) {
		new_phone = u.phone == NULL || c->phone == NULL ? u.phone != c->phone
		    : strcmp(u.phone, c->phone) != 0;
		u.phone = c->phone;
	}
	if (c->has_locale)
		u.locale = c->locale == LANG_EN ? "en" : "uk";
	if (c->has_address) {
		u.address = c->address.json;
		u.latitude = c->address.latitude;
		u.longitude = c->address.longitude;
	}
	u.updated_at = clock_now();
	if ((rc = user_save(r->app->db, &u)) == DB_OK && new_phone)
		rc = client_phone_changed(r->app->db, u.id);
	if (rc != DB_OK)
		return fail_db(r, rc);
	return answer_user(r, &u);
}

/* ---- POST /auth/password */

struct new_password {
	const char *old, *new;
	const char *compared;		/* the hash that the old password fits */
	char hash[BCRYPT_TEXT];
	int in_cookie;
};

const char *
account_password(struct request *r, const char *name, size_t min, size_t max)
{
	const struct json *j = json_member(r->body, name);
	const char *s = json_text(j);
	size_t n = s == NULL ? 0 : strlen(s);

	if (s == NULL)
		field_rule(r, name, json_type(j) == JSON_NULL ? RULE_REQUIRED : RULE_IS_TEXT);
	else if (n < min || n > max)
		field_rule(r, name, RULE_BYTES, min, max);
	return s;
}

static enum problem
hash_it(struct request *r)
{
	struct new_password *n = r->work;
	int rc = user_hash(r->app->db, r->arena, r->user_id, &n->compared);

	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0)
		return fail(r, UNAUTHORIZED);
	if (crypt_password_check(n->old, n->compared) != 1) {
		field_rule(r, "old_password", RULE_WRONG);
		return fields_end(r);
	}
	return crypt_password_hash(n->new, (int)r->app->conf.bcrypt_cost, n->hash) == 0 ? OK
	    : fail(r, INTERNAL);
}

enum problem
auth_password_prepare(struct request *r)
{
	struct new_password *n = arena_get(r->arena, sizeof *n);

	if (n == NULL)
		return fail(r, TOO_LARGE);
	r->work = n;
	n->old = account_password(r, "old_password", 1, PASSWORD_BYTES);
	n->new = account_password(r, "new_password", PASSWORD_MIN, PASSWORD_MAX);
	if (tokens_wanted(r, 0, &n->in_cookie) != OK || fields_end(r) != OK)
		return r->problem;
	return hash_it(r);
}

/* Everybody else is out; this session goes on with tokens that nobody else has. */
enum problem
auth_password_apply(struct request *r)
{
	const struct new_password *n = r->work;
	struct refresh refresh = { .session_id = r->session_id, .now = clock_now(),
		.days = r->app->conf.refresh_token_days };
	struct tokens t = { .user_id = r->user_id, .session_id = r->session_id,
		.refresh = refresh.successor, .in_cookie = n->in_cookie };
	struct db *db = r->app->db;
	const char *hash = NULL;
	int rc;

	if ((rc = user_hash(db, r->arena, r->user_id, &hash)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (strcmp(hash, n->compared) != 0) {	/* changed, or renewed by a login: look again */
		r->redo = hash_it;
		field_rule(r, "old_password", RULE_WRONG);
		return fields_end(r);
	}
	if ((rc = user_set_password(db, r->user_id, n->hash, refresh.now)) != DB_OK ||
	    (rc = recovery_end(db, r->user_id)) != DB_OK ||
	    (rc = session_end_others(db, r->user_id, r->session_id, refresh.now)) != DB_OK ||
	    (rc = session_renew(db, &refresh, refresh.successor)) != DB_OK)
		return fail_db(r, rc);
	return tokens_answer(r, &t);
}
