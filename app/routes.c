/*
 * routes.c - THE table: every route, who may, and what is done around it
 *
 * Add a route: a row here, its handlers in handlers.h and in the file of
 * their resource, a path in docs/openapi.yaml. READ, WRITE and AUTH are the
 * pools to which nginx sends it.
 */
#include "app/handlers.h"
#include "app/route.h"

#define READ POOL_READ
#define WRITE POOL_WRITE
#define AUTH POOL_AUTH

const struct route routes[] = {
	{ "POST", "/auth/register", ANYONE, WRITES | HAS_BODY, LIMIT_REGISTER, AUTH,
	    auth_register_prepare, auth_register_apply },
	{ "POST", "/auth/login", ANYONE, WRITES | HAS_BODY, LIMIT_LOGIN, AUTH,
	    auth_login_prepare, auth_login_apply },
	{ "GET", "/auth/me", USER, 0, LIMIT_READ, READ, NULL, auth_me_apply },

	{ "GET", "/healthz", ANYONE, 0, LIMIT_NONE, READ, health_prepare, NULL },
};

const size_t route_count = sizeof routes / sizeof *routes;
