/*
 * admin_order.c - what staff does to an order: move it, enter it, look at it
 *
 * The rules, the audit and what the till is owed are lib/shop/order_hand.c's.
 */
#include "app/admin_orders.h"
#include "app/handlers.h"
#include "app/hands.h"
#include "app/place.h"
#include "lib/base/crypt.h"
#include "lib/shop/order_hand.h"

/* ---- POST /admin/orders/{id}/move */

struct move {
	struct hand_move what;
	char chance[CHANCE_TEXT];
};

enum problem
admin_order_move_prepare(struct request *r)
{
	static const char *const reasons[] = { "customer", "out_of_stock", "no_courier", "closing",
		"unreachable", "duplicate", "other" };
	struct move *m = arena_get(r->arena, sizeof *m);
	uint8_t chance[CHANCE_BYTES];
	int status = ORDER_PENDING, ends, reason = -1;

	if (m == NULL)
		return fail(r, TOO_LARGE);
	r->work = m;
	field_choice(r, r->body, "status", FIELD_REQUIRED, "pending|sent_to_pos|processing|"
	    "ready_for_pickup|out_for_delivery|delivered|cancelled|failed", &status);
	ends = status == ORDER_CANCELLED || status == ORDER_FAILED;
	field_choice(r, r->body, "reason_code", ends ? FIELD_REQUIRED : FIELD_OPTIONAL,
	    "customer|out_of_stock|no_courier|closing|unreachable|duplicate|other", &reason);
	crypt_random(chance, sizeof chance);
	crypt_hex(chance, sizeof chance, m->chance);
	m->what = (struct hand_move){ .order_id = r->param[0], .user_id = r->user_id,
		.to = (enum order_status)status, .chance = m->chance,
		.reason = ends && reason != -1 ? reasons[reason] : NULL };
	return fields_end(r);
}

enum problem
admin_order_move_apply(struct request *r)
{
	const struct move *m = r->work;
	enum problem p = admin_order_look(r);

	return p != OK ? p : hands_answer(r, order_hand_move(r->app->db, &m->what), admin_order_put);
}

/* ---- POST /admin/orders/{id}/entered */

enum problem
admin_order_entered_prepare(struct request *r)
{
	const char **number = arena_get(r->arena, sizeof *number);

	if (number == NULL)
		return fail(r, TOO_LARGE);
	r->work = number;
	field_text(r, r->body, "pos_order_id", FIELD_OPTIONAL, 1, POS_ORDER_ID_POINTS, number);
	return fields_end(r);
}

enum problem
admin_order_entered_apply(struct request *r)
{
	const char **number = r->work;
	enum problem p = admin_order_look(r);

	return p != OK ? p : hands_answer(r, order_hand_enter(r->app->db, r->param[0], *number,
	    r->user_id), admin_order_put);
}

/* ---- POST /admin/orders/{id}/seen */

enum problem
admin_order_seen_apply(struct request *r)
{
	enum problem p = admin_order_look(r);

	return p != OK ? p : hands_answer(r, order_hand_seen(r->app->db, r->param[0], r->user_id),
	    admin_order_put);
}
