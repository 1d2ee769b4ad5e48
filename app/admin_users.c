/*
 * admin_users.c - accounts, for an admin: who may what, and who is blocked
 *
 * Rules and audit are lib/shop/people's, which pos-admin shares. Nobody sees a
 * password here, nor sets that of somebody else.
 */
#include "app/account.h"
#include "app/field.h"
#include "app/handlers.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/people.h"

enum { NAME_POINTS = 100, SEARCH_POINTS = 100, ROLE_TEXT = 12 };
#define ID_MAX (INT64_C(1) << 53)
#define ROLES_TEXT "customer|staff|admin"

static const char *const roles[] = { "customer", "staff", "admin" };

static enum problem
answer(struct request *r, int64_t id)
{
	struct person person;
	int rc = people_find(r->app->db, r->arena, id, &person);

	if (rc != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	json_open(r->out, NULL, '{');
	people_json(r->out, "user", &person);
	json_close(r->out, '}');
	return OK;
}

/* ---- GET /admin/users, GET /admin/users/{id} */

enum problem
admin_users_list_prepare(struct request *r)
{
	struct people_query *q = arena_get(r->arena, sizeof *q);
	struct page page;
	int role;

	if (q == NULL)
		return fail(r, TOO_LARGE);
	r->work = q;
	query_page(r, &page);
	role = query_choice(r, "role", ROLES_TEXT);
	*q = (struct people_query){ .offset = page.offset, .limit = page.limit,
		.role = role == -1 ? NULL : roles[role],
		.search = query_text(r, "search", SEARCH_POINTS),
		.branch_id = query_int(r, "branch_id", 1, ID_MAX, 0),
		.blocked = query_choice(r, "is_blocked", "false|true") };
	return fields_end(r);
}

enum problem
admin_users_list_apply(struct request *r)
{
	struct person *list = arena_get(r->arena, PEOPLE_LIMIT * sizeof *list);
	struct people_page page;
	int n;

	if (list == NULL)
		return fail(r, TOO_LARGE);
	if ((n = people_list(r->app->db, r->arena, r->work, list, &page)) < 0)
		return fail_db(r, n);
	json_open(r->out, NULL, '{');
	json_open(r->out, "users", '[');
	for (int i = 0; i < n; i++)
		people_json(r->out, NULL, &list[i]);
	json_close(r->out, ']');
	json_put_int(r->out, "total", page.total);
	json_put_bool(r->out, "total_capped", page.is_capped);
	json_close(r->out, '}');
	return OK;
}

enum problem
admin_user_show_apply(struct request *r)
{
	return answer(r, r->param[0]);
}

/* ---- POST /admin/users, PATCH /admin/users/{id} */

struct wish {
	struct people_change change;
	struct user_new account;	/* of POST alone */
	char hash[BCRYPT_TEXT];
};

static struct wish *
new_wish(struct request *r)
{
	struct wish *w = arena_get(r->arena, sizeof *w);

	r->work = w;
	if (w != NULL)
		*w = (struct wish){ .change = { .by = r->user_id, .user_id = r->param[0],
			.now = clock_now(), .blocked = -1 } };
	return w;
}

/* branch_ids as a JSON list; each of them a whole number. */
static void
read_branches(struct request *r, struct people_change *c)
{
	const struct json *list = field_array(r, r->body, "branch_ids", FIELD_OPTIONAL, 0,
	    PEOPLE_BRANCHES);
	struct buf b = BUF_INIT(PEOPLE_BRANCHES * 24);
	int64_t id;

	if (list == NULL)
		return;
	json_open(&b, NULL, '[');
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		if (json_int(j, &id) == -1 || id < 1 || id > ID_MAX) {
			field_rule(r, "branch_ids", RULE_UNKNOWN);
			break;
		}
		json_put_int(&b, NULL, id);
	}
	json_close(&b, ']');
	c->branches = b.failed ? NULL : arena_dup(r->arena, b.s, b.len);
	buf_free(&b);
	if (c->branches == NULL)
		fail(r, TOO_LARGE);
}

static enum problem
refuse(struct request *r, int result)
{
	switch (result) {
	case PEOPLE_NOBODY:
		return fail(r, NOT_FOUND);
	case PEOPLE_SELF:
		return fail(r, OWN_ACCOUNT);
	case PEOPLE_LAST_ADMIN:
		return fail(r, LAST_ADMIN);
	case PEOPLE_NO_BRANCH:
		field_rule(r, "branch_ids", RULE_UNKNOWN);
		return fields_end(r);
	default:
		return fail_db(r, result);
	}
}

enum problem
admin_user_prepare(struct request *r)
{
	struct wish *w = new_wish(r);
	int role = -1;

	if (w == NULL)
		return fail(r, TOO_LARGE);
	field_choice(r, r->body, "role", FIELD_OPTIONAL, ROLES_TEXT, &role);
	if (role != -1)
		w->change.role = roles[role];
	field_bool(r, r->body, "is_blocked", FIELD_OPTIONAL, &w->change.blocked);
	read_branches(r, &w->change);
	if (r->fault_count == 0 && role == -1 && w->change.blocked == -1 &&
	    w->change.branches == NULL)
		field_rule(r, "role", RULE_REQUIRED);
	return fields_end(r);
}

enum problem
admin_user_apply(struct request *r)
{
	const struct wish *w = r->work;
	int rc = people_change(r->app->db, &w->change);

	return rc == PEOPLE_DONE ? answer(r, w->change.user_id) : refuse(r, rc);
}

/* What of the body counts for an Idempotency-Key: all but the password. */
static enum problem
prepare_replay(struct request *r, const struct wish *w)
{
	const struct user_new *u = &w->account;

	r->replay_text = arena_printf(r->arena, "%s\n%s\n%s\n%s\n%s\n%s", u->email, u->name,
	    u->phone == NULL ? "" : u->phone, u->locale, u->role,
	    w->change.branches == NULL ? "" : w->change.branches);
	return r->replay_text != NULL ? OK : fail(r, TOO_LARGE);
}

enum problem
admin_user_add_prepare(struct request *r)
{
	int locale = (int)r->app->conf.default_language, role = 1;
	struct wish *w = new_wish(r);
	const char *password;

	if (w == NULL)
		return fail(r, TOO_LARGE);
	field_email(r, r->body, "email", &w->account.email);
	password = account_password(r, "password", PASSWORD_MIN, PASSWORD_MAX);
	field_text(r, r->body, "name", FIELD_REQUIRED, 1, NAME_POINTS, &w->account.name);
	field_phone(r, r->body, "phone", FIELD_OPTIONAL, &w->account.phone);
	field_choice(r, r->body, "role", FIELD_OPTIONAL, ROLES_TEXT, &role);
	field_choice(r, r->body, "locale", FIELD_OPTIONAL, "uk|en", &locale);
	read_branches(r, &w->change);
	if (fields_end(r) != OK)
		return r->problem;
	w->account.role = roles[role];
	w->account.locale = locale == LANG_EN ? "en" : "uk";
	w->account.password_hash = w->hash;
	if (crypt_password_hash(password, (int)r->app->conf.bcrypt_cost, w->hash) == -1)
		return fail(r, INTERNAL);
	return prepare_replay(r, w);
}

enum problem
admin_user_add_apply(struct request *r)
{
	const struct wish *w = r->work;
	int64_t id = 0;
	int rc = people_add(r->app->db, &w->account, &w->change, &id);

	if (rc == PEOPLE_NOBODY)
		return fail(r, EMAIL_TAKEN);
	if (rc != PEOPLE_DONE)
		return refuse(r, rc);
	r->status = 201;
	return answer(r, id);
}
