/*
 * admin_outbox.c - what is on its way to the till, for staff (C8)
 *
 * Staff sees the orders of its branches; clients, mails and the lanes
 * themselves are the admins'. The rules are lib/shop/outbox_hand.c's.
 */
#include <stdio.h>
#include <string.h>

#include "app/field.h"
#include "app/handlers.h"
#include "app/hands.h"
#include "app/outbox_view.h"
#include "app/route.h"
#include "app/staff.h"
#include "lib/shop/outbox_hand.h"

/* ---- GET /admin/outbox, GET /admin/outbox/{id} */

enum problem
admin_outbox_list_prepare(struct request *r)
{
	static const char *const states[] = { "uncertain", "due", "claimed", "refused", "parked" };
	struct outbox_wanted *w = arena_get(r->arena, sizeof *w);
	int state;

	if (w == NULL)
		return fail(r, TOO_LARGE);
	r->work = w;
	state = query_choice(r, "state", "uncertain|due|claimed|refused|parked");
	w->state = state == -1 ? NULL : states[state];
	query_page(r, &w->page);
	return fields_end(r);
}

enum problem
admin_outbox_list_apply(struct request *r)
{
	struct outbox_wanted *w = r->work;
	struct db *db = r->app->db;
	int64_t total;
	int rc;

	w->staff_id = staff_id(r);
	if ((total = outbox_count(db, w)) < 0)
		return fail_db(r, (int)total);
	json_open(r->out, NULL, '{');
	if ((rc = outbox_json_lanes(db, r->out, "lanes")) == 0)
		rc = outbox_json_list(db, r->out, "outbox", w);
	json_put_int(r->out, "total", total);
	json_close(r->out, '}');
	return rc == 0 ? OK : fail_db(r, rc);
}

/* The row as it stands; not seen: 404. */
static enum problem
put_row(struct request *r)
{
	int rc = outbox_json(r->app->db, r->out, "outbox", r->param[0], staff_id(r));

	if (rc < 0)
		return fail_db(r, rc);
	return rc == 1 ? OK : fail(r, NOT_FOUND);
}

enum problem
admin_outbox_show_apply(struct request *r)
{
	enum problem p;

	json_open(r->out, NULL, '{');
	p = put_row(r);
	json_close(r->out, '}');
	return p;
}

/* ---- POST /admin/outbox/{id}/retry, POST /admin/outbox/{id}/resolve */

/* May this person see it at all? */
static enum problem
look(struct request *r)
{
	enum problem p = put_row(r);

	buf_reset(r->out);
	return p;
}

enum problem
admin_outbox_retry_apply(struct request *r)
{
	enum problem p = look(r);

	return p != OK ? p : hands_answer(r, outbox_hand_retry(r->app->db, r->param[0], r->user_id),
	    put_row);
}

struct resolution {
	int found;
	const char *pos_order_id;
};

enum problem
admin_outbox_resolve_prepare(struct request *r)
{
	struct resolution *s = arena_get(r->arena, sizeof *s);

	if (s == NULL)
		return fail(r, TOO_LARGE);
	r->work = s;
	field_bool(r, r->body, "found", FIELD_REQUIRED, &s->found);
	field_text(r, r->body, "pos_order_id", s->found ? FIELD_REQUIRED : FIELD_OPTIONAL, 1,
	    POS_ORDER_ID_POINTS, &s->pos_order_id);
	return fields_end(r);
}

enum problem
admin_outbox_resolve_apply(struct request *r)
{
	const struct resolution *s = r->work;
	struct db *db = r->app->db;
	enum problem p = look(r);

	if (p != OK)
		return p;
	return hands_answer(r, s->found
	    ? outbox_hand_found(db, r->param[0], s->pos_order_id, r->user_id)
	    : outbox_hand_absent(db, r->param[0], r->user_id), put_row);
}

/* ---- POST /admin/outbox/lanes/{name}/resume, a route for each lane */

static enum problem
put_lanes(struct request *r)
{
	int rc = outbox_json_lanes(r->app->db, r->out, "lanes");

	return rc == 0 ? OK : fail_db(r, rc);
}

enum problem
admin_lane_resume_apply(struct request *r)
{
	static const char *const lanes[] = { "pos", "client", "mail", "push" };
	char path[64];

	for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
		snprintf(path, sizeof path, "/admin/outbox/lanes/%s/resume", lanes[i]);
		if (strcmp(path, r->route->pattern) == 0)
			return hands_answer(r, outbox_hand_resume(r->app->db, lanes[i], r->user_id),
			    put_lanes);
	}
	return fail(r, NOT_FOUND);
}
