/* ticket.c - POST /ws/ticket: the way of a browser to /ws and /events (C24) */
#include "app/handlers.h"
#include "lib/shop/ticket.h"

enum problem
ws_ticket_apply(struct request *r)
{
	char ticket[TICKET_TEXT];

	if (ticket_give(r->app->keys, r->user_id, r->session_id, ticket) == -1)
		return fail(r, INTERNAL);
	json_open(r->out, NULL, '{');
	json_put_text(r->out, "ticket", ticket);
	json_put_int(r->out, "expires_in", TICKET_LIFE_S);
	json_put_text(r->out, "url", "/ws");
	json_close(r->out, '}');
	return OK;
}
