/* notifications.c - what a customer was told, and that he has read it (G56–G58, C21) */
#include <string.h>

#include "app/handlers.h"
#include "lib/shop/notification.h"

#define COLUMNS "id, type, template, params, title, message, order_id, read_status, created_at"

enum { LOCALE, ALL, ALL_COUNT, SOME, SOME_COUNT, READ };
static struct stmt sql[] = {
	[LOCALE] = { .sql = "SELECT locale FROM users WHERE id = ?1" },
	[ALL] = { .sql = "SELECT " COLUMNS " FROM notification WHERE user_id = ?1 "
	    "ORDER BY id DESC LIMIT ?2 OFFSET ?3" },
	[ALL_COUNT] = { .sql = "SELECT count(*) FROM notification WHERE user_id = ?1" },
	[SOME] = { .sql = "SELECT " COLUMNS " FROM notification WHERE user_id = ?1 "
	    "AND read_status = ?4 ORDER BY id DESC LIMIT ?2 OFFSET ?3" },
	[SOME_COUNT] = { .sql = "SELECT count(*) FROM notification WHERE user_id = ?1 "
	    "AND read_status = ?2" },
	[READ] = { .sql = "UPDATE notification SET read_status = 1 WHERE id = ?2 "
	    "AND user_id = ?1 RETURNING " COLUMNS },
};
DB_STATEMENTS(sql);

struct asked {
	struct page page;
	int read_status;		/* -1 = all */
};

enum problem
notifications_list_prepare(struct request *r)
{
	struct asked *a = arena_get(r->arena, sizeof *a);

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	a->read_status = query_choice(r, "read_status", "false|true|0|1");
	if (a->read_status > 1)
		a->read_status -= 2;
	query_page(r, &a->page);
	return fields_end(r);
}

/* The language in which this user is told things. */
static int
language_of(struct request *r, enum language *l)
{
	int rc = db_find(r->app->db, &sql[LOCALE], "i", r->user_id);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	*l = strcmp(db_text(&sql[LOCALE], 0), "en") == 0 ? LANG_EN : LANG_UK;
	db_done(&sql[LOCALE]);
	return 0;
}

static void
put(struct request *r, const char *key, struct stmt *st, enum language l)
{
	struct notification n = { .id = db_int(st, 0), .type = db_text(st, 1),
		.template = db_text(st, 2), .params = db_text(st, 3), .title = db_text(st, 4),
		.message = db_text(st, 5), .order_id = db_int(st, 6), .read_status = db_int(st, 7),
		.created_at = db_int(st, 8) };

	notification_json(r->arena, r->out, key, &n, l);
}

static int
put_list(struct request *r, const struct asked *a, enum language l)
{
	struct stmt *st = &sql[a->read_status == -1 ? ALL : SOME];
	struct db *db = r->app->db;
	int rc = a->read_status == -1
	    ? db_query(db, st, "iii", r->user_id, a->page.limit, a->page.offset)
	    : db_query(db, st, "iiii", r->user_id, a->page.limit, a->page.offset,
	    (int64_t)a->read_status);

	if (rc != 0)
		return rc;
	json_open(r->out, "notifications", '[');
	while ((rc = db_row(db, st)) == 1)
		put(r, NULL, st, l);
	json_close(r->out, ']');
	return rc;
}

static int
put_total(struct request *r, const struct asked *a)
{
	struct stmt *st = &sql[a->read_status == -1 ? ALL_COUNT : SOME_COUNT];
	int rc = a->read_status == -1 ? db_find(r->app->db, st, "i", r->user_id)
	    : db_find(r->app->db, st, "ii", r->user_id, (int64_t)a->read_status);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	json_put_int(r->out, "total", db_int(st, 0));
	db_done(st);
	return 0;
}

enum problem
notifications_list_apply(struct request *r)
{
	const struct asked *a = r->work;
	enum language l = r->language;
	int rc = language_of(r, &l);

	json_open(r->out, NULL, '{');
	if (rc == 0)
		rc = put_list(r, a, l);
	if (rc == 0)
		rc = put_total(r, a);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}

enum problem
notification_read_apply(struct request *r)
{
	struct stmt *st = &sql[READ];
	enum language l = r->language;
	int rc = language_of(r, &l);

	if (rc == 0)
		rc = db_find(r->app->db, st, "ii", r->user_id, r->param[0]);
	if (rc < 0)
		return fail_db(r, rc);
	if (rc == 0)
		return fail(r, NOT_FOUND);
	json_open(r->out, NULL, '{');
	put(r, "notification", st, l);
	json_close(r->out, '}');
	db_done(st);
	return OK;
}
