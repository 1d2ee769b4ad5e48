/*
 * people.c - finding accounts and changing their rights; see people.h
 *
 * A list has one driver, the narrowest index that its conditions allow; the
 * other conditions are looked at row by row, and so are the words of a name.
 * First the ids of a page are found, then one statement reads them.
 */
#include <string.h>

#include "lib/shop/audit.h"
#include "lib/shop/people.h"
#include "lib/shop/recovery.h"
#include "lib/shop/search.h"
#include "lib/shop/session.h"

enum {
	VISIT_MAX = 20000,	/* accounts looked at for one list */
	IDS_TEXT = PEOPLE_LIMIT * 24, NAME_TEXT = 4096, RANGE_TEXT = 300,
	DETAIL = 8192
};

enum {
	ALL, ROLE, BLOCKED, BRANCH, EMAIL, PHONE, DRIVERS,
	READ = DRIVERS, OTHER_ADMIN, SET_ROLE, SET_BLOCKED, KNOWN_BRANCHES,
	DROP_BRANCHES, ADD_BRANCHES, STATEMENTS
};

/* ?1 role, ?2 blocked, ?3 branch, ?4 limit; ?5 ?6 from and to */
#define ROWS "SELECT u.id, u.name, u.email FROM users u WHERE "
#define FITS \
	" AND (?1 IS NULL OR +u.role = ?1) AND (?2 = -1 OR +u.is_blocked = ?2) AND (?3 = 0 OR" \
	" EXISTS (SELECT 1 FROM staff_branch s WHERE s.user_id = u.id AND s.branch_id = ?3))"

static struct stmt sql[STATEMENTS] = {
	[ALL] = { .sql = ROWS "u.id > 0" FITS " ORDER BY u.id DESC LIMIT ?4" },
	[ROLE] = { .sql = ROWS "u.role = ?1" FITS " ORDER BY u.id DESC LIMIT ?4" },
	[BLOCKED] = { .sql = ROWS "u.is_blocked = 1 AND u.id > 0" FITS " ORDER BY u.id DESC LIMIT ?4" },
	[BRANCH] = { .sql =
	    "SELECT u.id, u.name, u.email FROM staff_branch w CROSS JOIN users u ON u.id = w.user_id"
	    " WHERE w.branch_id = ?3" FITS " ORDER BY w.user_id DESC LIMIT ?4" },
	[EMAIL] = { .sql = ROWS "u.email >= ?5 AND u.email < ?6" FITS " ORDER BY u.email LIMIT ?4" },
	[PHONE] = { .sql = ROWS "u.phone >= ?5 AND u.phone < ?6" FITS " ORDER BY u.phone LIMIT ?4" },
	[READ] = { .sql =
	    "SELECT u.id, u.email, u.name, u.phone, u.role, u.locale, u.is_blocked, u.created_at,"
	    " u.updated_at, (SELECT json_group_array(s.branch_id) FROM staff_branch s"
	    " WHERE s.user_id = u.id)"
	    " FROM json_each(?1) CROSS JOIN users u ON u.id = json_each.value" },
	[OTHER_ADMIN] = { .sql =
	    "SELECT 1 FROM users WHERE role = 'admin' AND id > 0 AND id != ?1"
	    " AND is_blocked = 0 LIMIT 1" },
	[SET_ROLE] = { .sql = "UPDATE users SET role = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_BLOCKED] = { .sql =
	    "UPDATE users SET is_blocked = ?2, updated_at = ?3 WHERE id = ?1" },
	[KNOWN_BRANCHES] = { .sql =
	    "SELECT json_array_length(?1) - count(*) FROM json_each(?1)"
	    " CROSS JOIN branch b ON b.id = json_each.value" },
	[DROP_BRANCHES] = { .sql =
	    "DELETE FROM staff_branch WHERE user_id = ?1"
	    " AND branch_id NOT IN (SELECT value FROM json_each(?2))" },
	[ADD_BRANCHES] = { .sql =
	    "INSERT INTO staff_branch (user_id, branch_id) SELECT ?1, value FROM json_each(?2)"
	    " WHERE 1 ON CONFLICT DO NOTHING" },
};
DB_STATEMENTS(sql);

/* ---- finding */

/* The bounds of what begins like this, for EMAIL and PHONE. */
struct range { char from[RANGE_TEXT], to[RANGE_TEXT]; };

static void
close_range(struct range *r, size_t n)
{
	memcpy(r->to, r->from, n);
	r->to[n] = '\x7f';		/* behind all that is in these columns */
	r->to[n + 1] = '\0';
}

/* Digits and what people put between them: 1, and the range of stored phones. */
static int
read_phone(const char *text, struct range *r)
{
	size_t n = 0;

	if (strspn(text, "+0123456789 -()") != strlen(text))
		return 0;
	r->from[n++] = '+';
	for (const char *s = text; *s != '\0' && n < RANGE_TEXT - 4; s++) {
		if (*s == '0' && n == 1 && strchr(text, '+') == NULL) {
			r->from[n++] = '3';
			r->from[n++] = '8';
		}
		if (*s >= '0' && *s <= '9')
			r->from[n++] = *s;
	}
	close_range(r, n);
	return n > 1;
}

static int
read_email(const char *text, struct range *r)
{
	size_t n = strlen(text);

	if (strchr(text, '@') == NULL || n > RANGE_TEXT - 2)
		return 0;
	for (size_t i = 0; i < n; i++)
		r->from[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
	close_range(r, n);
	return 1;
}

/* Does an account's name (or e-mail) hold the words? */
static int
fits(const struct search *search, struct stmt *s, struct buf *milled)
{
	buf_reset(milled);
	for (int col = 1; col <= 2; col++)
		search_mill(milled, db_text(s, col), strlen(db_text(s, col)));
	buf_lit(milled, "");
	return !milled->failed && search_fits(search, milled->s);
}

struct walk {
	const struct people_query *query;
	struct people_page *page;
	struct search search;
	int by_words, driver;
	struct range range;
};

/* 0: there is nothing to find. */
static int
plan(struct walk *w)
{
	const struct people_query *q = w->query;

	if (q->search != NULL && read_email(q->search, &w->range))
		w->driver = EMAIL;
	else if (q->search != NULL && read_phone(q->search, &w->range))
		w->driver = PHONE;
	else {
		w->driver = q->branch_id != 0 ? BRANCH : q->role != NULL ? ROLE :
		    q->blocked == 1 ? BLOCKED : ALL;
		w->by_words = q->search != NULL;
	}
	return !w->by_words || search_read(&w->search, q->search, NULL) != SEARCH_NOTHING;
}

/* The page's ids as a JSON list. 0 or a db_status. */
static int
find_ids(struct db *db, struct walk *w, struct buf *ids)
{
	const struct people_query *q = w->query;
	struct buf milled = BUF_INIT(NAME_TEXT);
	struct stmt *s = &sql[w->driver];
	int64_t visits = 0, most = VISIT_MAX;
	int rc = db_query(db, s, w->driver >= EMAIL ? "siiiss" : "siii", q->role,
	    (int64_t)q->blocked, q->branch_id, most, w->range.from, w->range.to);

	json_open(ids, NULL, '[');
	while (rc == 0 && w->page->total <= PEOPLE_TOTAL && (rc = db_row(db, s)) == 1) {
		rc = 0;
		visits++;
		if (w->by_words && !fits(&w->search, s, &milled))
			continue;
		if (w->page->total >= q->offset && w->page->total < q->offset + q->limit)
			json_put_int(ids, NULL, db_int(s, 0));
		w->page->total++;
	}
	db_done(s);
	json_close(ids, ']');
	buf_free(&milled);
	w->page->is_capped = w->page->total > PEOPLE_TOTAL || visits == most;
	if (w->page->total > PEOPLE_TOTAL)
		w->page->total = PEOPLE_TOTAL;
	return rc < 0 ? rc : ids->failed ? DB_ERROR : 0;
}

static int
read_people(struct db *db, struct arena *a, const char *ids, struct person *list)
{
	struct stmt *s = &sql[READ];
	int rc = db_query(db, s, "s", ids), n = 0, lost = 0;

	if (rc != 0)
		return rc;
	while (n < PEOPLE_LIMIT && (rc = db_row(db, s)) == 1)
		list[n++] = (struct person){
			.id = db_int(s, 0), .email = db_keep(s, 1, a, &lost),
			.name = db_keep(s, 2, a, &lost), .phone = db_keep(s, 3, a, &lost),
			.role = db_keep(s, 4, a, &lost), .locale = db_keep(s, 5, a, &lost),
			.is_blocked = db_int(s, 6), .created_at = db_int(s, 7),
			.updated_at = db_int(s, 8), .branches = db_keep(s, 9, a, &lost),
		};
	db_done(s);
	return rc < 0 ? rc : lost > 0 ? DB_ERROR : n;
}

int
people_list(struct db *db, struct arena *a, const struct people_query *q, struct person *list,
    struct people_page *page)
{
	struct walk w = { .query = q, .page = page };
	struct buf ids = BUF_INIT(IDS_TEXT);
	int rc;

	*page = (struct people_page){ 0 };
	if (!plan(&w))
		return 0;
	if ((rc = find_ids(db, &w, &ids)) == 0)
		rc = read_people(db, a, ids.s, list);
	buf_free(&ids);
	return rc;
}

int
people_find(struct db *db, struct arena *a, int64_t id, struct person *out)
{
	struct person list[PEOPLE_LIMIT];
	struct buf ids = BUF_INIT(IDS_TEXT);
	int rc;

	buf_printf(&ids, "[%lld]", (long long)id);
	rc = ids.failed ? DB_ERROR : read_people(db, a, ids.s, list);
	buf_free(&ids);
	if (rc == 1)
		*out = list[0];
	return rc;
}

void
people_json(struct buf *b, const char *key, const struct person *p)
{
	json_open(b, key, '{');
	json_put_int(b, "id", p->id);
	json_put_text(b, "email", p->email);
	json_put_text(b, "name", p->name);
	json_put_text(b, "phone", p->phone);
	json_put_text(b, "role", p->role);
	json_put_raw(b, "branch_ids", p->branches);
	json_put_bool(b, "is_blocked", p->is_blocked != 0);
	json_put_text(b, "locale", p->locale);
	json_put_time(b, "created_at", p->created_at);
	json_put_time(b, "updated_at", p->updated_at);
	json_close(b, '}');
}

/* ---- changing */

static void
put_both(struct buf *b, const char *key, const char *old, const char *now)
{
	if (strcmp(old, now) == 0)
		return;
	json_open(b, key, '{');
	json_put_raw(b, "old", old);
	json_put_raw(b, "new", now);
	json_close(b, '}');
}

static void
put_roles(struct buf *b, const char *old, const char *now)
{
	if (strcmp(old, now) == 0)
		return;
	json_open(b, "role", '{');
	json_put_text(b, "old", old);
	json_put_text(b, "new", now);
	json_close(b, '}');
}

/* What differs; old NULL: there is no more to say. Nothing writes nothing. */
static int
note(struct db *db, const struct people_change *c, const char *action, const struct person *old,
    const struct person *now)
{
	struct buf b = BUF_INIT(DETAIL);
	char object[AUDIT_OBJECT];
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	if (old != NULL) {
		put_roles(&b, old->role, now->role);
		put_both(&b, "branch_ids", old->branches, now->branches);
		put_both(&b, "is_blocked", old->is_blocked ? "true" : "false",
		    now->is_blocked ? "true" : "false");
	}
	json_close(&b, '}');
	if (!b.failed && old != NULL && b.len == strlen("{}"))
		rc = 0;
	else if (!b.failed)
		rc = audit_add(db, c->by, action, audit_object(object, "user", c->user_id), b.s);
	buf_free(&b);
	return rc;
}

static int
rank(const char *role)
{
	return strcmp(role, "admin") == 0 ? 2 : strcmp(role, "staff") == 0;
}

/* DONE, or why it may not be. */
static int
judge(struct db *db, const struct people_change *c, const struct person *old)
{
	int loses = c->blocked == 1 || (c->role != NULL && rank(c->role) < rank(old->role)), rc;

	if (!loses)
		return PEOPLE_DONE;
	if (c->by == c->user_id)
		return PEOPLE_SELF;
	if (rank(old->role) < 2 || old->is_blocked)
		return PEOPLE_DONE;
	rc = db_find(db, &sql[OTHER_ADMIN], "i", c->user_id);
	db_done(&sql[OTHER_ADMIN]);
	return rc < 0 ? rc : rc == 0 ? PEOPLE_LAST_ADMIN : PEOPLE_DONE;
}

/* DONE, or NO_BRANCH; *lost: how many the person no longer works for. */
static int
set_branches(struct db *db, int64_t user_id, const char *branches, int64_t *lost)
{
	struct stmt *s = &sql[KNOWN_BRANCHES];
	int64_t unknown;
	int rc;

	if ((rc = db_find(db, s, "s", branches)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	unknown = db_int(s, 0);
	db_done(s);
	if (unknown != 0)
		return PEOPLE_NO_BRANCH;
	if ((rc = db_run(db, &sql[DROP_BRANCHES], "is", user_id, branches)) != 0)
		return rc;
	*lost = db_changes(db);
	rc = db_run(db, &sql[ADD_BRANCHES], "is", user_id, branches);
	return rc != 0 ? rc : PEOPLE_DONE;
}

/* Write it. DONE, NO_BRANCH or a db_status. */
static int
write_change(struct db *db, const struct people_change *c, const struct person *old, int *loses)
{
	const char *branches = c->branches;
	int64_t lost = 0;
	int rc = 0;

	if (c->role != NULL && strcmp(c->role, old->role) != 0)
		rc = db_run(db, &sql[SET_ROLE], "isi", c->user_id, c->role, c->now);
	if (rc == 0 && c->blocked != -1 && c->blocked != (int)old->is_blocked)
		rc = db_run(db, &sql[SET_BLOCKED], "iii", c->user_id, (int64_t)c->blocked, c->now);
	if (rc != 0)
		return rc;
	/* branches are for staff: nobody finds them there again */
	if (strcmp(c->role != NULL ? c->role : old->role, "staff") != 0)
		branches = "[]";
	rc = branches != NULL ? set_branches(db, c->user_id, branches, &lost) : PEOPLE_DONE;
	*loses = lost > 0 || c->blocked == 1 ||
	    (c->role != NULL && rank(c->role) < rank(old->role));
	return rc;
}

int
people_change(struct db *db, const struct people_change *c)
{
	struct arena *a = arena_new(NAME_TEXT * 16);
	struct person old, now;
	int rc, loses = 0;

	if (a == NULL)
		return DB_ERROR;
	if ((rc = people_find(db, a, c->user_id, &old)) == 1 &&
	    (rc = judge(db, c, &old)) == PEOPLE_DONE &&
	    (rc = write_change(db, c, &old, &loses)) == PEOPLE_DONE) {
		rc = loses ? session_end_others(db, c->user_id, 0, c->now) : 0;
		if (rc == 0 && (rc = people_find(db, a, c->user_id, &now)) == 1)
			rc = note(db, c, "user.set", &old, &now);
		rc = rc == 0 ? PEOPLE_DONE : rc < 0 ? rc : DB_ERROR;
	}
	arena_free(a);
	return rc;
}

int
people_add(struct db *db, const struct user_new *u, const struct people_change *c, int64_t *id)
{
	struct people_change made = *c;
	int64_t lost;
	int rc = user_add(db, u, c->now, id);

	if (rc != 1)
		return rc == 0 ? PEOPLE_NOBODY : rc;
	made.user_id = *id;
	if (c->branches != NULL && strcmp(u->role, "staff") == 0 &&
	    (rc = set_branches(db, *id, c->branches, &lost)) != PEOPLE_DONE)
		return rc;
	rc = note(db, &made, "user.add", NULL, NULL);
	return rc == 0 ? PEOPLE_DONE : rc;
}

int
people_set_password(struct db *db, const struct people_change *c, const char *hash)
{
	int rc = user_set_password(db, c->user_id, hash, c->now);

	if (rc != 0)
		return rc;
	if (db_changes(db) == 0)
		return PEOPLE_NOBODY;
	if ((rc = session_end_others(db, c->user_id, 0, c->now)) == 0)
		rc = recovery_end(db, c->user_id);
	if (rc == 0)
		rc = note(db, c, "user.password", NULL, NULL);
	return rc == 0 ? PEOPLE_DONE : rc;
}
