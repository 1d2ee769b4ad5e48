/*
 * admin_notifications.c - messages from behind the counter to customers (G58)
 *
 * Staff writes to people who ordered in its branches, an admin to anybody, to
 * a branch's customers, or to all. To many it is written by pos-sync, batch
 * by batch; how far it got is in the list. Nobody can opt out of promo yet.
 */
#include <stdlib.h>
#include <string.h>

#include "app/field.h"
#include "app/handlers.h"
#include "app/staff.h"
#include "lib/shop/audit.h"
#include "lib/shop/broadcast.h"

enum { USERS_MAX = 100, TITLE_POINTS = 100, MESSAGE_POINTS = 1000, DETAIL_MAX = 256,
	IDS_BYTES = USERS_MAX * 24 };
#define ID_MAX (INT64_C(1) << 53)

#define BROADCAST "SELECT b.id, b.type, b.title, b.message, b.audience, b.branch_id, " \
	"b.created_by, u.name, b.created_at, b.sent, b.read, b.next_user " \
	"FROM broadcast b JOIN users u ON u.id = b.created_by "

enum { ALL, ALL_COUNT, OWN, OWN_COUNT, ONE, UNKNOWN, BRANCH };
static struct stmt sql[] = {
	[ALL] = { .sql = BROADCAST "WHERE b.id > 0 ORDER BY b.id DESC LIMIT ?1 OFFSET ?2" },
	[ALL_COUNT] = { .sql = "SELECT count(*) FROM broadcast WHERE id > 0" },
	[OWN] = { .sql = BROADCAST "WHERE b.created_by = ?3 ORDER BY b.id DESC LIMIT ?1 OFFSET ?2" },
	[OWN_COUNT] = { .sql = "SELECT count(*) FROM broadcast WHERE created_by = ?1" },
	[ONE] = { .sql = BROADCAST "WHERE b.id = ?1" },
	/* who is not there, or never ordered where ?2 works */
	[UNKNOWN] = { .sql = "SELECT json_each.key FROM json_each(?1) WHERE NOT EXISTS "
	    "(SELECT 1 FROM users u WHERE u.id = json_each.value AND (?2 = 0 OR EXISTS "
	    "(SELECT 1 FROM orders o JOIN staff_branch w ON w.user_id = ?2 "
	    "AND w.branch_id = o.branch_id WHERE o.user_id = u.id))) LIMIT 1" },
	[BRANCH] = { .sql = "SELECT 1 FROM branch WHERE id = ?1" },
};
DB_STATEMENTS(sql);

enum { ID, TYPE, TITLE, MESSAGE, AUDIENCE, BRANCH_ID, BY, BY_NAME, CREATED, SENT, READ, NEXT_USER };

static void
put(struct buf *b, const char *key, struct stmt *st)
{
	json_open(b, key, '{');
	json_put_int(b, "id", db_int(st, ID));
	json_put_text(b, "type", db_text(st, TYPE));
	json_put_text(b, "title", db_text(st, TITLE));
	json_put_text(b, "message", db_text(st, MESSAGE));
	json_put_text(b, "audience", db_text(st, AUDIENCE));
	json_put_int(b, "branch_id", db_int(st, BRANCH_ID));
	json_put_int(b, "created_by", db_int(st, BY));
	json_put_text(b, "created_by_name", db_text(st, BY_NAME));
	json_put_time(b, "created_at", db_int(st, CREATED));
	json_put_int(b, "sent", db_int(st, SENT));
	json_put_int(b, "read", db_int(st, READ));
	json_put_bool(b, "is_done", db_is_null(st, NEXT_USER));
	json_close(b, '}');
}

/* ---- GET /admin/notifications */

enum problem
admin_notifications_list_prepare(struct request *r)
{
	struct page *p = arena_get(r->arena, sizeof *p);

	if (p == NULL)
		return fail(r, TOO_LARGE);
	r->work = p;
	query_page(r, p);
	return fields_end(r);
}

static int
put_list(struct request *r, int is_admin)
{
	const struct page *p = r->work;
	struct stmt *st = &sql[is_admin ? ALL : OWN];
	int rc = is_admin ? db_query(r->app->db, st, "ii", p->limit, p->offset)
	    : db_query(r->app->db, st, "iii", p->limit, p->offset, r->user_id);

	json_open(r->out, "notifications", '[');
	while (rc == 0 && (rc = db_row(r->app->db, st)) == 1) {
		put(r->out, NULL, st);
		rc = 0;
	}
	json_close(r->out, ']');
	return rc;
}

enum problem
admin_notifications_list_apply(struct request *r)
{
	int is_admin = r->role == ROLE_ADMIN, rc;
	struct stmt *count = &sql[is_admin ? ALL_COUNT : OWN_COUNT];

	json_open(r->out, NULL, '{');
	if ((rc = put_list(r, is_admin)) != 0)
		return fail_db(r, rc);
	rc = is_admin ? db_find(r->app->db, count, "") : db_find(r->app->db, count, "i", r->user_id);
	if (rc != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	json_put_int(r->out, "total", db_int(count, 0));
	db_done(count);
	json_close(r->out, '}');
	return OK;
}

/* ---- POST /admin/notifications */

struct letter {
	struct broadcast what;
	int64_t users[USERS_MAX];	/* each once, in the order of the ids */
	int places[USERS_MAX];		/* where each stood in the list */
	size_t count;
	int one;			/* given as user_id */
	const char *ids;		/* JSON */
};

static void
read_users(struct request *r, struct letter *l)
{
	const struct json *list = field_array(r, r->body, "user_ids", FIELD_OPTIONAL, 1, USERS_MAX);
	int64_t id;
	size_t at = 0;

	for (const struct json *j = json_first(list); j != NULL; j = json_next(j), at++) {
		if (json_int(j, &id) == -1 || id < 1 || id > ID_MAX) {
			field_rule(r, arena_printf(r->arena, "user_ids[%zu]", at), RULE_IS_WHOLE);
			continue;
		}
		l->places[l->count] = (int)at;
		l->users[l->count++] = id;
	}
}

static int
is_given(const struct request *r, const char *name)
{
	return json_type(json_member(r->body, name)) != JSON_NULL;
}

/* To whom: exactly one of the four ways. */
static void
read_audience(struct request *r, struct letter *l)
{
	int64_t user_id = 0, branch_id = 0;
	int all = -1, ways;	/* all "false" asks for nothing, a wrong one is a fault already */

	field_int(r, r->body, "user_id", FIELD_OPTIONAL, 1, ID_MAX, &user_id);
	field_int(r, r->body, "branch_id", FIELD_OPTIONAL, 1, ID_MAX, &branch_id);
	field_bool(r, r->body, "all", FIELD_OPTIONAL, &all);
	read_users(r, l);
	ways = is_given(r, "user_id") + is_given(r, "user_ids") + is_given(r, "branch_id") +
	    (is_given(r, "all") && all != 0);
	if (ways != 1)
		field_rule(r, "user_id", RULE_ONE_OF, "user_id, user_ids, branch_id, all");
	l->one = user_id != 0;
	if (l->one)
		l->users[l->count++] = user_id;
	l->what.to = all == 1 ? TO_ALL : branch_id != 0 ? TO_BRANCH : TO_USERS;
	l->what.branch_id = branch_id;
}

/* The ids as JSON, for one look at all of them. */
static const char *
ids_json(struct request *r, const struct letter *l)
{
	struct buf b = BUF_INIT(IDS_BYTES);
	const char *made;

	json_open(&b, NULL, '[');
	for (size_t i = 0; i < l->count; i++)
		json_put_int(&b, NULL, l->users[i]);
	json_close(&b, ']');
	made = b.failed ? NULL : arena_dup(r->arena, b.s, b.len);
	buf_free(&b);
	return made;
}

enum problem
admin_notification_prepare(struct request *r)
{
	static const char *const types[] = { "promo", "system" };
	struct letter *l = arena_get(r->arena, sizeof *l);
	int type = 0;

	if (l == NULL)
		return fail(r, TOO_LARGE);
	r->work = l;
	read_audience(r, l);
	field_choice(r, r->body, "type", FIELD_REQUIRED, "promo|system", &type);
	field_text(r, r->body, "title", FIELD_REQUIRED, 1, TITLE_POINTS, &l->what.title);
	field_words(r, r->body, "message", FIELD_REQUIRED, MESSAGE_POINTS, &l->what.message);
	l->what.type = types[type];
	l->what.by = r->user_id;
	if (l->what.message != NULL && *l->what.message == '\0')
		field_rule(r, "message", RULE_REQUIRED);
	if ((l->ids = ids_json(r, l)) == NULL)
		return fail(r, TOO_LARGE);
	return fields_end(r);
}

/* Whether this person may write to them. */
static enum problem
judge(struct request *r, const struct letter *l)
{
	struct stmt *st = &sql[l->what.to == TO_BRANCH ? BRANCH : UNKNOWN];
	int64_t place;
	int rc;

	if (l->what.to != TO_USERS && r->role != ROLE_ADMIN)
		return fail(r, NOT_FOUND);
	if (l->what.to == TO_ALL)
		return OK;
	rc = l->what.to == TO_BRANCH ? db_find(r->app->db, st, "i", l->what.branch_id)
	    : db_find(r->app->db, st, "si", l->ids, staff_id(r));
	place = rc == 1 && l->what.to == TO_USERS ? db_int(st, 0) : 0;
	db_done(st);
	if (rc < 0)
		return fail_db(r, rc);
	if (rc == (l->what.to == TO_BRANCH))
		return OK;
	if (l->what.to == TO_BRANCH)
		field_rule(r, "branch_id", RULE_UNKNOWN);
	else
		field_rule(r, l->one ? "user_id" : arena_printf(r->arena, "user_ids[%d]",
		    l->places[place]), RULE_UNKNOWN);
	return fields_end(r);
}

/* To each of the list once, however often he stands there. */
static int
send_all(struct request *r, const struct letter *l, int64_t id)
{
	int rc = 0, again;

	for (size_t i = 0; i < l->count && rc == 0; i++) {
		again = 0;
		for (size_t k = 0; k < i; k++)
			again |= l->users[k] == l->users[i];
		if (!again)
			rc = broadcast_send(r->app->db, id, &l->what, l->users[i]);
	}
	return rc;
}

static int
note(struct request *r, const struct letter *l, int64_t id)
{
	static const char *const audiences[] = { "users", "branch", "all" };
	char object[AUDIT_OBJECT];
	struct buf b = BUF_INIT(DETAIL_MAX);
	int rc;

	json_open(&b, NULL, '{');
	json_put_text(&b, "type", l->what.type);
	json_put_text(&b, "audience", audiences[l->what.to]);
	json_put_int(&b, "branch_id", l->what.to == TO_BRANCH ? l->what.branch_id : DB_NULL);
	json_put_int(&b, "user_id", l->one ? l->users[0] : DB_NULL);
	json_close(&b, '}');
	rc = b.failed ? DB_ERROR : audit_add(r->app->db, r->user_id, "notification.send",
	    audit_object(object, "broadcast", id), b.s);
	buf_free(&b);
	return rc;
}

enum problem
admin_notification_apply(struct request *r)
{
	const struct letter *l = r->work;
	struct db *db = r->app->db;
	enum problem p = judge(r, l);
	int64_t id = 0;
	int rc;

	if (p != OK)
		return p;
	if ((rc = broadcast_add(db, &l->what, &id)) == 0)
		rc = send_all(r, l, id);
	if (rc == 0)
		rc = note(r, l, id);
	if (rc != 0 || (rc = db_find(db, &sql[ONE], "i", id)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	json_open(r->out, NULL, '{');
	put(r->out, "notification", &sql[ONE]);
	json_close(r->out, '}');
	db_done(&sql[ONE]);
	r->status = 201;
	return OK;
}
