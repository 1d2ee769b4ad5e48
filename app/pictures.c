/*
 * pictures.c - GET /img/{id}/{version}: which picture nginx is to answer with
 *
 * pos-api fetches nothing. It says where the picture lies and at which judged
 * address (lib/shop/picture.h); nginx keeps it, or fetches it once
 * (nginx/picture.conf). Nothing but what stands in our table can be asked for.
 */
#include <string.h>

#include "app/handlers.h"
#include "lib/shop/picture.h"

enum problem
picture_show_apply(struct request *r)
{
	struct picture *p = arena_get(r->arena, sizeof *p);
	char address[PICTURE_ADDRESS];
	const char *six, *at, *host;
	int rc;

	if (p == NULL)
		return fail(r, INTERNAL);
	rc = picture_find(r->app->db, r->param[0], r->param[1], r->app->conf.pos_url, p, address);
	if (rc != 1)
		return rc == 0 ? fail(r, NOT_FOUND) : fail_db(r, rc);
	six = strchr(address, ':');
	at = arena_printf(r->arena, six != NULL ? "[%s]:%d" : "%s:%d", address, p->port);
	host = arena_printf(r->arena, strchr(p->host, ':') != NULL ? "[%s]:%d" : "%s:%d", p->host,
	    p->port);
	if (at == NULL || host == NULL)
		return fail(r, INTERNAL);
	request_header(r, "X-Accel-Redirect", "/.picture");
	request_header(r, "X-Picture-At", at);
	request_header(r, "X-Picture-Host", host);
	request_header(r, "X-Picture-Name", p->host);
	request_header(r, "X-Picture-Path", p->path);
	r->is_handed_over = 1;
	return OK;
}
