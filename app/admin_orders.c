/*
 * admin_orders.c - the orders of a branch, for those who cook and carry them
 *
 * Open ones come by urgency: those that call people, then those who wait
 * longest. All of them come the newest first, and a look goes over WINDOW of
 * them at most, whatever is asked for: next_cursor goes on behind it.
 */
#include <string.h>

#include "app/admin_orders.h"
#include "app/field.h"
#include "app/handlers.h"
#include "app/order_view.h"
#include "app/outbox_view.h"
#include "app/staff.h"
#include "lib/base/clock.h"
#include "lib/shop/contact.h"

enum {
	WINDOW = 10000,			/* orders that one look goes over: some 10 ms */
	PAGE_MAX = 100, IDS_BYTES = PAGE_MAX * 24,
	QUERY_POINTS = 100, NUMBER_DIGITS = 6, TIME_POINTS = 40
};
#define ID_MAX (INT64_C(1) << 53)

#define IS_OPEN "o.status NOT IN ('delivered', 'cancelled', 'failed')"
#define MATCHES "(?1 = 0 OR o.branch_id = ?1) AND (?3 IS NULL OR o.status = ?3) " \
	"AND (?4 IS NULL OR o.submission = ?4) " \
	"AND (?5 IS NULL OR o.attention = ?5 OR (?5 = 'any' AND o.attention IS NOT NULL)) " \
	"AND (?6 IS NULL OR o.created_at >= ?6) AND (?7 IS NULL OR o.number = ?8 " \
	"OR o.contact_phone = ?9 OR o.pos_order_id = ?7) AND " STAFF_SEES("o.branch_id", "?2") " "
/* (the comparison lets the index be walked) */
#define URGENT "FROM orders o WHERE " IS_OPEN " AND (o.attention IS NULL) >= 0 AND " MATCHES
#define NEWEST "o.id < ?10 AND o.id > ?11 AND (?12 IS NULL OR ?12 = (" IS_OPEN ")) AND " MATCHES

enum { OPEN, OPEN_COUNT, ALL, ALL_COUNT, OF_BRANCH, OF_BRANCH_COUNT, LAST, FLOOR, WHERE };
static struct stmt sql[] = {
	[OPEN] = { .sql = "SELECT o.id " URGENT "ORDER BY o.attention IS NULL, o.id "
	    "LIMIT ?10 OFFSET ?11" },
	[OPEN_COUNT] = { .sql = "SELECT count(*) " URGENT },
	[ALL] = { .sql = "SELECT o.id FROM orders o WHERE " NEWEST
	    "ORDER BY o.id DESC LIMIT ?13 OFFSET ?14" },
	[ALL_COUNT] = { .sql = "SELECT count(*) FROM orders o WHERE " NEWEST },
	[OF_BRANCH] = { .sql = "SELECT o.id FROM orders o WHERE o.branch_id = ?1 AND " NEWEST
	    "ORDER BY o.id DESC LIMIT ?13 OFFSET ?14" },
	[OF_BRANCH_COUNT] = { .sql = "SELECT count(*) FROM orders o WHERE o.branch_id = ?1 AND "
	    NEWEST },
	[LAST] = { .sql = "SELECT coalesce(max(id), 0) FROM orders WHERE id < ?1" },
	[FLOOR] = { .sql = "SELECT id FROM orders WHERE branch_id = ?1 AND id < ?2 "
	    "ORDER BY id DESC LIMIT 1 OFFSET ?3" },
	[WHERE] = { .sql = "SELECT branch_id FROM orders WHERE id = ?1" },
};
DB_STATEMENTS(sql);

struct wanted {
	struct order_filter filter;
	struct page page;
	int64_t branch_id, staff_id;	/* 0 = all */
	int64_t since;			/* DB_NULL = any time */
	const char *query, *phone;	/* NULL = nothing is looked for */
	int64_t number;
	int64_t floor;			/* looked at: ids between it and page.before, neither of them */
	int64_t next;			/* where to go on; 0 = nowhere */
};

/* ---- what is asked for */

static int64_t
read_since(struct request *r)
{
	const char *text = query_text(r, "since", TIME_POINTS);
	int64_t since = text == NULL ? DB_NULL : clock_parse_rfc3339(text);

	if (since == -1)
		field_rule(r, "since", RULE_TIME);
	return since;
}

/* A number that people say, a phone, or the till's number. */
static void
read_query(struct request *r, struct wanted *w)
{
	char phone[CONTACT_PHONE_TEXT];
	size_t digits;

	w->number = DB_NULL;
	if ((w->query = query_text(r, "q", QUERY_POINTS)) == NULL)
		return;
	digits = strspn(w->query, "0123456789");
	if (w->query[digits] == '\0' && digits <= NUMBER_DIGITS) {
		w->number = 0;
		for (const char *s = w->query; *s != '\0'; s++)
			w->number = w->number * 10 + (*s - '0');
	}
	if (strlen(w->query) <= CONTACT_PHONE_INPUT_MAX && contact_phone(w->query, phone) == 0)
		w->phone = arena_str(r->arena, phone);
}

enum problem
admin_orders_list_prepare(struct request *r)
{
	struct wanted *w = arena_get(r->arena, sizeof *w);

	if (w == NULL)
		return fail(r, TOO_LARGE);
	r->work = w;
	order_filter_read(r, &w->filter);
	w->branch_id = query_int(r, "branch_id", 1, ID_MAX, 0);
	w->since = read_since(r);
	read_query(r, w);
	query_page_before(r, &w->page);
	return fields_end(r);
}

/* ---- what is found */

static int
is_urgent(const struct wanted *w)
{
	return w->filter.is_open == 1;
}

/* Which list and, behind it, count. */
static int
kind_of(const struct wanted *w)
{
	return is_urgent(w) ? OPEN : w->branch_id == 0 ? ALL : OF_BRANCH;
}

/* Begin a list, or with limit -1 its count. 0 or a db_status. */
static int
ask(struct db *db, const struct wanted *w, int64_t limit, struct stmt **st)
{
	const struct order_filter *f = &w->filter;

	*st = &sql[kind_of(w) + (limit == -1)];
	if (is_urgent(w) && limit == -1)
		return db_query(db, *st, "iisssisis", w->branch_id, w->staff_id, f->status,
		    f->submission, f->attention, w->since, w->query, w->number, w->phone);
	if (is_urgent(w))
		return db_query(db, *st, "iisssisisii", w->branch_id, w->staff_id, f->status,
		    f->submission, f->attention, w->since, w->query, w->number, w->phone,
		    limit, w->page.offset);
	if (limit == -1)
		return db_query(db, *st, "iisssisisiii", w->branch_id, w->staff_id, f->status,
		    f->submission, f->attention, w->since, w->query, w->number, w->phone,
		    w->page.before, w->floor, f->is_open);
	return db_query(db, *st, "iisssisisiiiii", w->branch_id, w->staff_id, f->status,
	    f->submission, f->attention, w->since, w->query, w->number, w->phone, w->page.before,
	    w->floor, f->is_open, limit, w->page.offset);
}

/* Where the look ends. 0 or a db_status. */
static int
find_floor(struct db *db, struct wanted *w)
{
	struct stmt *st = &sql[w->branch_id == 0 ? LAST : FLOOR];
	int rc;

	w->floor = 0;
	if (is_urgent(w))
		return 0;
	rc = w->branch_id == 0 ? db_find(db, st, "i", w->page.before)
	    : db_find(db, st, "iii", w->branch_id, w->page.before, (int64_t)WINDOW);
	if (rc == 1 && w->branch_id == 0)
		w->floor = db_int(st, 0) > WINDOW ? db_int(st, 0) - WINDOW : 0;
	else if (rc == 1)
		w->floor = db_int(st, 0);
	db_done(st);
	return rc < 0 ? rc : 0;
}

/* The ids of the page as JSON; how many, or a db_status. */
static int
pick(struct db *db, const struct wanted *w, struct buf *ids, int64_t *last)
{
	struct stmt *st;
	int n = 0, rc = ask(db, w, w->page.limit, &st);

	json_open(ids, NULL, '[');
	while (rc == 0 && (rc = db_row(db, st)) == 1) {
		*last = db_int(st, 0);
		json_put_int(ids, NULL, *last);
		n++;
		rc = 0;
	}
	json_close(ids, ']');
	return rc < 0 ? rc : ids->failed ? DB_ERROR : n;
}

static int
put_total(struct db *db, struct buf *b, const struct wanted *w)
{
	struct stmt *st;
	int rc = ask(db, w, -1, &st);

	if (rc != 0 || (rc = db_row(db, st)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	json_put_int(b, "total", db_int(st, 0));
	json_put_bool(b, "total_capped", w->floor > 0);
	db_done(st);
	return 0;
}

/* Where to go on: behind the page when it is full, else behind the look. */
static int64_t
next_of(const struct wanted *w, int n, int64_t last)
{
	int64_t next = is_urgent(w) ? 0 : n == w->page.limit ? last : w->floor > 0 ? w->floor + 1 : 0;

	return next <= 1 ? 0 : next;
}

static int
put_page(struct request *r, struct wanted *w)
{
	struct buf ids = BUF_INIT(IDS_BYTES);
	int64_t last = 0;
	int rc, n = pick(r->app->db, w, &ids, &last);

	json_open(r->out, "orders", '[');
	rc = n < 0 ? n : order_json_picked(r->app->db, r->out, NULL, ids.s);
	json_close(r->out, ']');
	buf_free(&ids);
	w->next = next_of(w, n, last);
	return rc < 0 ? rc : 0;
}

enum problem
admin_orders_list_apply(struct request *r)
{
	struct wanted *w = r->work;
	enum problem p = w->branch_id == 0 ? OK : staff_check_branch(r, w->branch_id);
	int rc;

	if (p != OK)
		return p;
	w->staff_id = staff_id(r);
	json_open(r->out, NULL, '{');
	if ((rc = find_floor(r->app->db, w)) == 0 && (rc = put_page(r, w)) == 0)
		rc = put_total(r->app->db, r->out, w);
	query_put_next(r->out, w->next);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}

/* ---- one order */

enum problem
admin_order_look(struct request *r)
{
	int64_t branch_id;
	int rc = db_find(r->app->db, &sql[WHERE], "i", r->param[0]);

	if (rc != 1)
		return rc < 0 ? fail_db(r, rc) : fail(r, NOT_FOUND);
	branch_id = db_int(&sql[WHERE], 0);
	db_done(&sql[WHERE]);
	return staff_check_branch(r, branch_id);
}

enum problem
admin_order_put(struct request *r)
{
	const char *ids = arena_printf(r->arena, "[%lld]", (long long)r->param[0]);
	int rc = ids == NULL ? DB_ERROR : order_json_picked(r->app->db, r->out, "order", ids);

	if (rc == 1)
		rc = outbox_json_of_order(r->app->db, r->out, "outbox", r->param[0]);
	else if (rc == 0)
		return fail(r, NOT_FOUND);
	return rc == 0 ? OK : fail_db(r, rc);
}

enum problem
admin_order_show_apply(struct request *r)
{
	enum problem p = admin_order_look(r);

	if (p != OK)
		return p;
	json_open(r->out, NULL, '{');
	p = admin_order_put(r);
	json_close(r->out, '}');
	return p;
}
