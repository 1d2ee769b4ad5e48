/*
 * admin_branches.c - branches for those who run them
 *
 * What the till does not tell is set by an admin; a pause is the staff's, who
 * see that the kitchen is full. It ends by itself at its time, because
 * everybody who asks compares it with the clock.
 */
#include <math.h>

#include "app/field.h"
#include "app/handlers.h"
#include "app/staff.h"
#include "app/until.h"
#include "lib/base/clock.h"
#include "lib/shop/branch_set.h"

enum { VALUE_MAX = 40 * 1024, REASON_POINTS = 200 };

/* ---- what is shown */

static void
put_missing(struct buf *b, const struct branch *branch)
{
	json_open(b, "missing", '[');
	if (isnan(branch->latitude))
		json_put_text(b, NULL, "coordinates");
	if (branch->operating_hours == NULL || branch->hours_are_wrong)
		json_put_text(b, NULL, "operating_hours");
	if (branch->phone == NULL)
		json_put_text(b, NULL, "phone");
	json_close(b, ']');
}

static void
put_branch(struct buf *b, const char *key, const struct branch *branch)
{
	branch_json_open(b, key, branch, DB_NULL);
	json_put_bool(b, "is_active", branch->is_active != 0);
	json_put_real(b, "delivery_radius_km", branch->delivery_radius_m == DB_NULL ?
	    (double)NAN : (double)branch->delivery_radius_m / 1000, 3);
	json_put_text(b, "pause_reason", branch->pause_reason);
	put_missing(b, branch);
	json_close(b, '}');
}

static enum problem
answer(struct request *r, int64_t id)
{
	struct branch b;
	int rc = branch_find(r->app->db, r->arena, id, clock_now(), &b);

	if (rc != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	json_open(r->out, NULL, '{');
	put_branch(r->out, "branch", &b);
	json_close(r->out, '}');
	return OK;
}

/* ---- GET /admin/branches, GET /admin/branches/{id} */

enum problem
admin_branches_list_prepare(struct request *r)
{
	struct page *page = arena_get(r->arena, sizeof *page);

	if (page == NULL)
		return fail(r, TOO_LARGE);
	r->work = page;
	query_page(r, page);
	return fields_end(r);
}

enum problem
admin_branches_list_apply(struct request *r)
{
	const struct page *page = r->work;
	const struct branch_cut cut = { .skip = page->offset, .most = page->limit,
		.staff_id = staff_id(r) };
	struct db *db = r->app->db;
	struct branch_ids ids;
	struct branch *list;
	int64_t total = branch_count_of(db, cut.staff_id);
	int n;

	if (total < 0 || (n = branch_page(db, r->arena, ANY_KIND, &cut, &ids)) != 0)
		return fail_db(r, total < 0 ? (int)total : n);
	if ((n = branch_load(db, r->arena, &ids, clock_now(), &list)) < 0)
		return fail_db(r, n);
	json_open(r->out, NULL, '{');
	json_open(r->out, "branches", '[');
	for (int i = 0; i < n; i++)
		put_branch(r->out, NULL, &list[i]);
	json_close(r->out, ']');
	json_put_int(r->out, "total", total);
	json_close(r->out, '}');
	return OK;
}

enum problem
admin_branch_show_apply(struct request *r)
{
	enum problem p = staff_check_branch(r, r->param[0]);

	return p != OK ? p : answer(r, r->param[0]);
}

/* ---- PATCH /admin/branches/{id} */

static enum rule
rule_of(enum json_type type)
{
	switch (type) {
	case JSON_NUMBER: return RULE_IS_NUMBER;
	case JSON_BOOL: return RULE_IS_BOOL;
	case JSON_OBJECT: return RULE_IS_OBJECT;
	default: return RULE_IS_TEXT;
	}
}

/* A member as the text that a person would type for it; NULL: out of memory. */
static const char *
typed(struct request *r, const struct json *j)
{
	struct buf b = BUF_INIT(VALUE_MAX);
	const char *text;

	switch (json_type(j)) {
	case JSON_NULL: return "";
	case JSON_BOOL: return json_true(j) ? "yes" : "no";
	case JSON_NUMBER: return json_digits(j);
	case JSON_TEXT: return json_text(j);
	default: break;
	}
	json_write(&b, NULL, j);
	text = b.failed ? NULL : arena_dup(r->arena, b.s, b.len);
	buf_free(&b);
	return text;
}

enum problem
admin_branch_prepare(struct request *r)
{
	struct branch_change *c = arena_get(r->arena, sizeof *c);
	const struct json *j;
	char fault[BRANCH_FAULT];
	int key, told = 0;

	if (c == NULL)
		return fail(r, TOO_LARGE);
	*c = (struct branch_change){ .branch_id = r->param[0], .user_id = r->user_id };
	r->work = c;
	for (int i = 0; i < BRANCH_KEYS; i++) {
		if ((j = json_member(r->body, branch_key_name(i))) == NULL)
			continue;
		told = 1;
		if (json_type(j) != JSON_NULL && json_type(j) != branch_key_type(i))
			field_rule(r, branch_key_name(i), rule_of(branch_key_type(i)));
		else if ((c->value[i] = typed(r, j)) == NULL)
			return fail(r, TOO_LARGE);
	}
	if (!told)
		field_rule(r, branch_key_name(0), RULE_REQUIRED);
	if (r->fault_count == 0 &&
	    (key = branch_change_fault(r->arena, c, r->language, fault)) != -1)
		field_fault(r, branch_key_name(key), arena_str(r->arena, fault));
	return fields_end(r);
}

enum problem
admin_branch_apply(struct request *r)
{
	const struct branch_change *c = r->work;
	int rc = branch_change_apply(r->app->db, r->arena, c);

	if (rc != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	return answer(r, c->branch_id);
}

/* ---- POST /admin/branches/{id}/pause, …/resume */

struct wish {
	struct until until;
	const char *reason;
};

enum problem
admin_pause_prepare(struct request *r)
{
	struct wish *w = arena_get(r->arena, sizeof *w);

	if (w == NULL)
		return fail(r, TOO_LARGE);
	w->reason = NULL;
	r->work = w;
	field_text(r, r->body, "reason", FIELD_OPTIONAL, 1, REASON_POINTS, &w->reason);
	field_until(r, &w->until);
	/* a pause without end is forgotten, and the branch sells nothing for days */
	if (r->fault_count == 0 && w->until.at == DB_NULL && !w->until.is_open)
		field_rule(r, "minutes", RULE_REQUIRED);
	return fields_end(r);
}

static enum problem
set_pause(struct request *r, const struct wish *w)
{
	struct branch_pause pause = { .branch_id = r->param[0], .user_id = r->user_id,
		.now = clock_now(), .until = DB_NULL, .reason = w != NULL ? w->reason : NULL };
	struct branch b;
	enum problem p = staff_check_branch(r, pause.branch_id);
	int rc;

	if (p != OK)
		return p;
	if ((rc = branch_find(r->app->db, r->arena, pause.branch_id, pause.now, &b)) != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	if (w != NULL && (p = until_moment(r, &w->until, &b, &pause.until)) != OK)
		return p;
	if ((rc = branch_pause(r->app->db, &pause)) < 0)
		return fail_db(r, rc);
	return answer(r, pause.branch_id);
}

enum problem
admin_pause_apply(struct request *r)
{
	return set_pause(r, r->work);
}

enum problem
admin_resume_apply(struct request *r)
{
	return set_pause(r, NULL);
}
