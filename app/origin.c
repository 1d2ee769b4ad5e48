/* origin.c - what a browser does by itself is done for our own pages; see origin.h */
#include "app/origin.h"

enum problem
origin_check(struct request *r)
{
	const struct settings *conf = &r->app->conf;

	if (origin_is_own(conf->public_url, r->host, r->origin) ||
	    origin_is_listed(conf->cors_origins, r->origin))
		return OK;
	return fail(r, CROSS_SITE);
}
