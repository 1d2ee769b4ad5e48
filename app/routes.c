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
	{ "GET", "/healthz", ANYONE, 0, LIMIT_NONE, READ, health_prepare, NULL },
};

const size_t route_count = sizeof routes / sizeof *routes;
