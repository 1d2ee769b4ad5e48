/* admin_audit.c - GET /admin/audit: who changed what by hand */
#include "app/handlers.h"
#include "lib/shop/audit_read.h"

enum { WORD_MAX = 100 };
#define ID_MAX (INT64_C(1) << 53)

enum problem
admin_audit_prepare(struct request *r)
{
	struct audit_query *q = arena_get(r->arena, sizeof *q);
	struct page page;

	if (q == NULL)
		return fail(r, TOO_LARGE);
	r->work = q;
	query_page_before(r, &page);
	*q = (struct audit_query){ .offset = page.offset, .limit = page.limit,
		.before = page.before == INT64_MAX ? 0 : page.before };
	q->object = query_text(r, "object", WORD_MAX);
	q->action = query_text(r, "action", WORD_MAX);
	q->user_id = query_int(r, "user_id", 1, ID_MAX, 0);
	return fields_end(r);
}

enum problem
admin_audit_apply(struct request *r)
{
	struct audit_page page;
	int rc;

	json_open(r->out, NULL, '{');
	json_open(r->out, "entries", '[');
	if ((rc = audit_list(r->app->db, r->work, r->out, &page)) != 0)
		return fail_db(r, rc);
	json_close(r->out, ']');
	json_put_int(r->out, "total", page.total);
	json_put_bool(r->out, "total_capped", page.is_capped);
	query_put_next(r->out, page.next == DB_NULL ? 0 : page.next);
	json_close(r->out, '}');
	return OK;
}
