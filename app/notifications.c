/* notifications.c - what a customer was told, and that he has read it (G56–G58, C21) */
#include <string.h>

#include "app/handlers.h"
#include "lib/shop/notification.h"

/* the words of a broadcast stand there */
#define WORDS(which) "coalesce(" which ", (SELECT b." which " FROM broadcast b " \
	"WHERE b.id = broadcast_id))"
#define COLUMNS "id, type, template, params, " WORDS("title") ", " WORDS("message") ", " \
	"order_id, read_status, created_at"

#define FILTERS "AND (?2 IS NULL OR type = ?2) AND (?3 IS NULL OR order_id = ?3) "
#define OF_USER "WHERE user_id = ?1 AND ?4 IS NULL " FILTERS
#define OF_READ "WHERE user_id = ?1 AND read_status = ?4 " FILTERS
#define NEWEST_FIRST "AND id < ?7 ORDER BY id DESC LIMIT ?5 OFFSET ?6"

enum { READ_MAX = 1000 };	/* at once: a transaction is short */

enum { LOCALE, ALL, ALL_COUNT, SOME, SOME_COUNT, READ, READ_ALL };
static struct stmt sql[] = {
	[LOCALE] = { .sql = "SELECT locale FROM users WHERE id = ?1" },
	[ALL] = { .sql = "SELECT " COLUMNS " FROM notification " OF_USER NEWEST_FIRST },
	[ALL_COUNT] = { .sql = "SELECT count(*) FROM notification " OF_USER },
	[SOME] = { .sql = "SELECT " COLUMNS " FROM notification " OF_READ NEWEST_FIRST },
	[SOME_COUNT] = { .sql = "SELECT count(*) FROM notification " OF_READ },
	[READ] = { .sql = "UPDATE notification SET read_status = 1 WHERE id = ?2 "
	    "AND user_id = ?1 RETURNING " COLUMNS },
	[READ_ALL] = { .sql = "UPDATE notification SET read_status = 1 WHERE id IN (SELECT id "
	    "FROM notification WHERE user_id = ?1 AND read_status = 0 ORDER BY id LIMIT ?2)" },
};
DB_STATEMENTS(sql);

struct asked {
	struct page page;
	int64_t read_status, order_id;	/* DB_NULL = all */
	const char *type;		/* NULL = all */
};

enum problem
notifications_list_prepare(struct request *r)
{
	static const char *const types[] = { "order_status", "promo", "system" };
	struct asked *a = arena_get(r->arena, sizeof *a);
	int n;

	if (a == NULL)
		return fail(r, TOO_LARGE);
	r->work = a;
	n = query_choice(r, "read_status", "false|true|0|1");
	a->read_status = n == -1 ? DB_NULL : n % 2;
	n = query_choice(r, "type", "order_status|promo|system");
	a->type = n == -1 ? NULL : types[n];
	a->order_id = query_int(r, "order_id", 1, INT64_MAX, DB_NULL);
	query_page_before(r, &a->page);
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

/* *last: the last one, when there are more. */
static int
put_list(struct request *r, const struct asked *a, enum language l, int64_t *last)
{
	struct stmt *st = &sql[a->read_status == DB_NULL ? ALL : SOME];
	struct db *db = r->app->db;
	int64_t n;
	int rc = db_query(db, st, "isiiiii", r->user_id, a->type, a->order_id, a->read_status,
	    a->page.limit + 1, a->page.offset, a->page.before);

	*last = 0;
	if (rc != 0)
		return rc;
	json_open(r->out, "notifications", '[');
	for (n = 0; (rc = db_row(db, st)) == 1 && n < a->page.limit; n++) {
		*last = db_int(st, 0);
		put(r, NULL, st, l);
	}
	json_close(r->out, ']');
	if (rc != 1)
		*last = 0;
	db_done(st);
	return rc < 0 ? rc : 0;
}

/* What st counted; found: what db_find() said of it. */
static int
put_count(struct request *r, const char *key, struct stmt *st, int found)
{
	if (found != 1)
		return found == 0 ? DB_ERROR : found;
	json_put_int(r->out, key, db_int(st, 0));
	db_done(st);
	return 0;
}

static int
put_total(struct request *r, const struct asked *a)
{
	struct stmt *st = &sql[a->read_status == DB_NULL ? ALL_COUNT : SOME_COUNT];

	return put_count(r, "total", st, db_find(r->app->db, st, "isii", r->user_id, a->type,
	    a->order_id, a->read_status));
}

/* The badge's number, whatever is shown. */
static int
put_unread(struct request *r)
{
	int64_t count;
	int rc = notification_unread(r->app->db, r->user_id, &count);

	if (rc == 0)
		json_put_int(r->out, "unread", count);
	return rc;
}

enum problem
notifications_list_apply(struct request *r)
{
	const struct asked *a = r->work;
	enum language l = r->language;
	int64_t last = 0;
	int rc = language_of(r, &l);

	json_open(r->out, NULL, '{');
	if (rc == 0)
		rc = put_list(r, a, l, &last);
	if (rc == 0)
		rc = put_total(r, a);
	query_put_next(r->out, last);
	if (rc == 0)
		rc = put_unread(r);
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

enum problem
notifications_read_all_apply(struct request *r)
{
	int rc = db_run(r->app->db, &sql[READ_ALL], "ii", r->user_id, (int64_t)READ_MAX);

	if (rc != 0)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	json_put_int(r->out, "read", db_changes(r->app->db));
	rc = put_unread(r);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}
