/*
 * roles.h - every route × everybody who may ask: who gets what
 *
 * What nobody, a customer, staff of branch 1, staff of branch 2 and an admin
 * get from a request that is right and is about a customer's own things or
 * about branch 1. check_route wants a row for each route, check_roles asks.
 */
#ifndef ROLES_H
#define ROLES_H

#include <string.h>

#include "app/route.h"

enum who { NOBODY, CUSTOMER, STAFF_HERE, STAFF_THERE, BOSS, WHO };

/* Statuses: of whom the route is for, 2xx; of others 401 or 404. */
#define EVERYBODY { 200, 200, 200, 200, 200 }
#define ACCOUNTS { 401, 200, 200, 200, 200 }
#define OWNER { 401, 200, 404, 404, 404 }
#define ALL_STAFF { 401, 404, 200, 200, 200 }
#define BRANCH_STAFF { 401, 404, 200, 404, 200 }
#define ADMINS { 401, 404, 404, 404, 200 }

static const struct role_row {
	const char *method, *pattern, *path, *body;
	int status[WHO];
} role_rows[] = {
	{ "POST", "/auth/register", "/auth/register",
	    "{\"email\":\"new@example.com\",\"password\":\"correct horse\",\"name\":\"N\"}",
	    { 201, 201, 201, 201, 201 } },
	{ "POST", "/auth/login", "/auth/login",
	    "{\"email\":\"anna@example.com\",\"password\":\"correct horse\"}", EVERYBODY },
	{ "POST", "/auth/refresh", "/auth/refresh", "{\"refresh_token\":\"x\"}",
	    { 401, 401, 401, 401, 401 } },	/* of a token that nobody has */
	{ "POST", "/auth/logout", "/auth/logout", NULL,
	    { 401, 204, 204, 204, 204 } },
	{ "GET", "/auth/me", "/auth/me", NULL, ACCOUNTS },
	{ "PATCH", "/auth/me", "/auth/me", "{\"name\":\"A\"}", ACCOUNTS },
	{ "POST", "/auth/password", "/auth/password",
	    "{\"old_password\":\"correct horse\",\"new_password\":\"battery staple\"}", ACCOUNTS },
	{ "POST", "/auth/password/forgot", "/auth/password/forgot",
	    "{\"email\":\"anna@example.com\"}", { 202, 202, 202, 202, 202 } },
	{ "POST", "/auth/password/reset", "/auth/password/reset",
	    "{\"token\":\"x\",\"new_password\":\"battery staple\"}",
	    { 422, 422, 422, 422, 422 } },	/* of a token that nobody has */
	{ "GET", "/products", "/products", NULL, EVERYBODY },
	{ "GET", "/products/{id}", "/products/1", NULL, EVERYBODY },
	{ "GET", "/categories", "/categories", NULL, EVERYBODY },
	{ "GET", "/img/{id}/{version}", "/img/1/1", NULL,
	    { 404, 404, 404, 404, 404 } },	/* of a dish without picture */
	{ "GET", "/branches", "/branches", NULL, EVERYBODY },
	{ "POST", "/branches/suggest", "/branches/suggest",
	    "{\"order_type\":\"pickup\",\"items\":[{\"product_id\":1,\"quantity\":1}]}", EVERYBODY },
	{ "POST", "/delivery-fee", "/delivery-fee",
	    "{\"branch_id\":1,\"delivery_address\":{\"latitude\":50.45,\"longitude\":30.52}}", EVERYBODY },
	{ "GET", "/cart", "/cart", NULL, ACCOUNTS },
	{ "PUT", "/cart", "/cart", "{\"branch_id\":1}", ACCOUNTS },
	{ "POST", "/cart/add", "/cart/add", "{\"product_id\":2,\"quantity\":1}", ACCOUNTS },
	{ "PUT", "/cart/update/{id}", "/cart/update/1", "{\"quantity\":2}", OWNER },
	{ "DELETE", "/cart/remove/{id}", "/cart/remove/1", NULL, OWNER },
	{ "POST", "/orders", "/orders", "{\"order_type\":\"pickup\",\"branch_id\":1}",
	    { 401, 201, 409, 409, 409 } },	/* the others' carts are empty */
	{ "GET", "/orders", "/orders", NULL, ACCOUNTS },
	{ "GET", "/orders/{id}", "/orders/1", NULL, OWNER },
	{ "POST", "/orders/{id}/cancel", "/orders/1/cancel", NULL, { 401, 202, 404, 404, 404 } },
	{ "POST", "/orders/{id}/reorder", "/orders/1/reorder", NULL, OWNER },
	{ "GET", "/notifications", "/notifications", NULL, ACCOUNTS },
	{ "PUT", "/notifications/{id}/read", "/notifications/1/read", NULL, OWNER },
	{ "POST", "/notifications/read-all", "/notifications/read-all", NULL, ACCOUNTS },
	{ "POST", "/webhooks/pos", "/webhooks/pos", "{}",
	    { 404, 404, 404, 404, 404 } },	/* where no till's secret is set */
	{ "POST", "/ws/ticket", "/ws/ticket", NULL, ACCOUNTS },
	{ "GET", "/admin/products", "/admin/products?branch_id=1", NULL, BRANCH_STAFF },
	{ "PATCH", "/admin/products/{id}", "/admin/products/1",
	    "{\"branch_id\":1,\"override_price\":5}", BRANCH_STAFF },
	{ "GET", "/admin/stop", "/admin/stop?branch_id=1", NULL, BRANCH_STAFF },
	{ "POST", "/admin/stop", "/admin/stop", "{\"product_id\":1,\"branch_id\":1}", BRANCH_STAFF },
	{ "DELETE", "/admin/stop/{id}", "/admin/stop/1?branch_id=1", NULL, BRANCH_STAFF },
	{ "GET", "/admin/branches", "/admin/branches", NULL, ALL_STAFF },
	{ "GET", "/admin/branches/{id}", "/admin/branches/1", NULL, BRANCH_STAFF },
	{ "PATCH", "/admin/branches/{id}", "/admin/branches/1", "{\"eta_pickup_min\":5}", ADMINS },
	{ "POST", "/admin/branches/{id}/pause", "/admin/branches/1/pause", "{\"minutes\":5}",
	    BRANCH_STAFF },
	{ "POST", "/admin/branches/{id}/resume", "/admin/branches/1/resume", NULL, BRANCH_STAFF },
	{ "GET", "/admin/orders", "/admin/orders", NULL, ALL_STAFF },
	{ "GET", "/admin/orders/{id}", "/admin/orders/1", NULL, BRANCH_STAFF },
	{ "POST", "/admin/orders/{id}/move", "/admin/orders/1/move", "{\"status\":\"processing\"}",
	    BRANCH_STAFF },
	{ "POST", "/admin/orders/{id}/entered", "/admin/orders/1/entered",
	    "{\"pos_order_id\":\"t1\"}", BRANCH_STAFF },
	{ "POST", "/admin/orders/{id}/seen", "/admin/orders/1/seen", NULL, BRANCH_STAFF },
	{ "GET", "/admin/outbox", "/admin/outbox", NULL, ALL_STAFF },
	{ "GET", "/admin/outbox/{id}", "/admin/outbox/1", NULL, BRANCH_STAFF },
	{ "POST", "/admin/outbox/{id}/retry", "/admin/outbox/1/retry", NULL, BRANCH_STAFF },
	{ "POST", "/admin/outbox/{id}/resolve", "/admin/outbox/1/resolve",
	    "{\"found\":true,\"pos_order_id\":\"t1\"}", BRANCH_STAFF },
	{ "POST", "/admin/outbox/lanes/pos/resume", "/admin/outbox/lanes/pos/resume", NULL, ADMINS },
	{ "POST", "/admin/outbox/lanes/client/resume", "/admin/outbox/lanes/client/resume", NULL, ADMINS },
	{ "POST", "/admin/outbox/lanes/mail/resume", "/admin/outbox/lanes/mail/resume", NULL, ADMINS },
	{ "POST", "/admin/outbox/lanes/push/resume", "/admin/outbox/lanes/push/resume", NULL, ADMINS },
	{ "GET", "/admin/notifications", "/admin/notifications", NULL, ALL_STAFF },
	/* to a customer of branch 1: of whom staff there knows nothing */
	{ "POST", "/admin/notifications", "/admin/notifications",
	    "{\"user_id\":1,\"type\":\"system\",\"title\":\"t\",\"message\":\"m\"}",
	    { 401, 404, 201, 422, 201 } },
	{ "GET", "/admin/sync", "/admin/sync", NULL, ALL_STAFF },
	{ "POST", "/admin/sync", "/admin/sync", "{\"feed\":\"products\"}", { 401, 404, 404, 404, 202 } },
	{ "GET", "/admin/users", "/admin/users", NULL, ADMINS },
	{ "POST", "/admin/users", "/admin/users",
	    "{\"email\":\"kasa@example.com\",\"password\":\"correct horse\",\"name\":\"K\"}",
	    { 401, 404, 404, 404, 201 } },
	{ "GET", "/admin/users/{id}", "/admin/users/1", NULL, ADMINS },
	{ "PATCH", "/admin/users/{id}", "/admin/users/1", "{\"is_blocked\":true}", ADMINS },
	{ "GET", "/admin/audit", "/admin/audit", NULL, ADMINS },
	{ "GET", "/healthz", "/healthz", NULL, EVERYBODY },
	{ "GET", "/readyz", "/readyz", NULL, EVERYBODY },	/* nginx lets in the machine alone */
	{ "GET", "/metrics", "/metrics", NULL, EVERYBODY },
};
enum { ROLE_ROWS = sizeof role_rows / sizeof *role_rows };

/* NULL when the route has none. */
static inline const struct role_row *
role_row_of(const struct route *route)
{
	for (size_t i = 0; i < ROLE_ROWS; i++)
		if (strcmp(role_rows[i].method, route->method) == 0 &&
		    strcmp(role_rows[i].pattern, route->pattern) == 0)
			return &role_rows[i];
	return NULL;
}

#endif
