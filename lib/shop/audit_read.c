/*
 * audit_read.c - the audit as a list; see audit_read.h
 *
 * Ids are in the order of time. The narrowest condition that was told drives
 * the list by its index; the others are looked at row by row.
 */
#include "lib/shop/audit_read.h"

enum { LIST, COUNT, KINDS };
enum { ALL, USER, ACTION, OBJECT, DRIVERS };

/* ?1 object, ?2 action, ?3 user, ?4 below which id, ?5 limit, ?6 offset */
#define FITS \
	" AND a.id < ?4 AND (?1 IS NULL OR +a.object = ?1) AND (?2 IS NULL OR +a.action = ?2)" \
	" AND (?3 = 0 OR +a.user_id = ?3)"
#define LISTED(driver) { .sql = \
	"SELECT a.id, a.at, a.action, a.object, a.detail, a.user_id, u.name, u.email" \
	" FROM audit a LEFT JOIN users u ON u.id = a.user_id WHERE " driver FITS \
	" ORDER BY a.id DESC LIMIT ?5 OFFSET ?6" }
#define COUNTED(driver) { .sql = \
	"SELECT count(*) FROM (SELECT 1 FROM audit a WHERE " driver FITS " LIMIT ?5 OFFSET ?6)" }

static struct stmt sql[KINDS * DRIVERS] = {
	[ALL] = LISTED("a.id > 0"),
	[USER] = LISTED("a.user_id = ?3"),
	[ACTION] = LISTED("a.action = ?2"),
	[OBJECT] = LISTED("a.object = ?1"),
	[COUNT * DRIVERS + ALL] = COUNTED("a.id > 0"),
	[COUNT * DRIVERS + USER] = COUNTED("a.user_id = ?3"),
	[COUNT * DRIVERS + ACTION] = COUNTED("a.action = ?2"),
	[COUNT * DRIVERS + OBJECT] = COUNTED("a.object = ?1"),
};
DB_STATEMENTS(sql);

static int
driver(const struct audit_query *q)
{
	return q->object != NULL ? OBJECT : q->user_id != 0 ? USER : q->action != NULL ? ACTION : ALL;
}

static void
put_row(struct buf *b, struct stmt *s)
{
	json_open(b, NULL, '{');
	json_put_int(b, "id", db_int(s, 0));
	json_put_time(b, "at", db_int(s, 1));
	json_put_text(b, "action", db_text(s, 2));
	json_put_text(b, "object", db_text(s, 3));
	json_put_raw(b, "detail", db_text(s, 4));
	if (db_is_null(s, 5)) {
		json_put_null(b, "user");	/* the operator's shell */
	} else {
		json_open(b, "user", '{');
		json_put_int(b, "id", db_int(s, 5));
		json_put_text(b, "name", db_text(s, 6));
		json_put_text(b, "email", db_text(s, 7));
		json_close(b, '}');
	}
	json_close(b, '}');
}

static int
count(struct db *db, const struct audit_query *q, struct audit_page *page)
{
	struct stmt *s = &sql[COUNT * DRIVERS + driver(q)];
	int rc = db_find(db, s, "ssiiii", q->object, q->action, q->user_id, INT64_MAX,
	    (int64_t)AUDIT_TOTAL + 1, (int64_t)0);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	page->total = db_int(s, 0);
	db_done(s);
	page->is_capped = page->total > AUDIT_TOTAL;
	if (page->is_capped)
		page->total = AUDIT_TOTAL;
	return 0;
}

int
audit_list(struct db *db, const struct audit_query *q, struct buf *out, struct audit_page *page)
{
	struct stmt *s = &sql[driver(q)];
	int64_t n = 0, last = 0;
	int rc;

	*page = (struct audit_page){ .next = DB_NULL };
	if ((rc = count(db, q, page)) != 0 || (q->before == 0 && q->offset >= AUDIT_TOTAL))
		return rc;
	/* one more than asked for tells whether there is a next page */
	rc = db_query(db, s, "ssiiii", q->object, q->action, q->user_id,
	    q->before != 0 ? q->before : INT64_MAX, q->limit + 1, q->before != 0 ? 0 : q->offset);
	if (rc != 0)
		return rc;
	for (; (rc = db_row(db, s)) == 1 && n < q->limit; n++) {
		last = db_int(s, 0);
		put_row(out, s);
	}
	if (rc == 1) {
		page->next = last;
		db_done(s);
	}
	return rc < 0 ? rc : 0;
}
