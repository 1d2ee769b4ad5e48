/* health.c - GET /healthz: the worker answers; nothing more is told */
#include "app/handlers.h"

enum problem
health_prepare(struct request *r)
{
	json_open(r->out, NULL, '{');
	json_put_bool(r->out, "ok", 1);
	json_close(r->out, '}');
	return OK;
}
