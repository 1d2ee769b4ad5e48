/*
 * routes.c - THE table: every route, who may, and what is done around it
 *
 * Add a route: a row here, its handlers in handlers.h and in the file of
 * their resource; docs/ADDING.md has the steps. READ, WRITE and AUTH are the
 * pools to which nginx sends it.
 */
#include "app/handlers.h"
#include "app/route.h"

#define READ POOL_READ
#define WRITE POOL_WRITE
#define AUTH POOL_AUTH

const struct route routes[] = {
	{ "POST", "/auth/register", ANYONE, WRITES | IDEMPOTENT | HAS_BODY, LIMIT_REGISTER,
	    AUTH, auth_register_prepare, auth_register_apply },
	{ "POST", "/auth/login", ANYONE, WRITES | HAS_BODY, LIMIT_LOGIN, AUTH,
	    auth_login_prepare, auth_login_apply },
	{ "POST", "/auth/refresh", ANYONE, WRITES | HAS_BODY, LIMIT_REFRESH, WRITE,
	    auth_refresh_prepare, auth_refresh_apply },
	{ "POST", "/auth/logout", USER, WRITES, LIMIT_WRITE, WRITE, NULL, auth_logout_apply },
	{ "GET", "/auth/me", USER, 0, LIMIT_READ, READ, NULL, auth_me_apply },
	{ "PATCH", "/auth/me", USER, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    auth_change_prepare, auth_change_apply },
	{ "POST", "/auth/password", USER, WRITES | HAS_BODY, LIMIT_PASSWORD, AUTH,
	    auth_password_prepare, auth_password_apply },

	{ "GET", "/products", ANYONE, CACHED, LIMIT_READ, READ,
	    products_list_prepare, products_list_apply },
	{ "GET", "/products/{id}", ANYONE, CACHED, LIMIT_READ, READ,
	    catalog_view_prepare, product_show_apply },
	{ "GET", "/categories", ANYONE, CACHED, LIMIT_READ, READ,
	    catalog_view_prepare, categories_list_apply },
	{ "GET", "/branches", ANYONE, CACHED, LIMIT_READ, READ,
	    branches_list_prepare, branches_list_apply },
	{ "POST", "/branches/suggest", GUEST, HAS_BODY, LIMIT_READ, READ,
	    branches_suggest_prepare, branches_suggest_apply },
	{ "POST", "/delivery-fee", ANYONE, HAS_BODY, LIMIT_READ, READ,
	    delivery_fee_prepare, delivery_fee_apply },

	{ "GET", "/cart", USER, 0, LIMIT_READ, READ, NULL, cart_show_apply },
	{ "PUT", "/cart", USER, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    cart_put_prepare, cart_put_apply },
	{ "POST", "/cart/add", USER, WRITES | IDEMPOTENT | HAS_BODY, LIMIT_WRITE, WRITE,
	    cart_add_prepare, cart_add_apply },
	{ "PUT", "/cart/update/{id}", USER, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    cart_update_prepare, cart_update_apply },
	{ "DELETE", "/cart/remove/{id}", USER, WRITES, LIMIT_WRITE, WRITE,
	    NULL, cart_remove_apply },

	{ "POST", "/orders", USER, WRITES | IDEMPOTENT | HAS_BODY, LIMIT_ORDER, WRITE,
	    order_place_prepare, order_place_apply },
	{ "GET", "/orders", USER, 0, LIMIT_READ, READ, orders_list_prepare, orders_list_apply },
	{ "GET", "/orders/{id}", USER, 0, LIMIT_READ, READ, NULL, order_show_apply },
	{ "POST", "/orders/{id}/cancel", USER, WRITES, LIMIT_WRITE, WRITE,
	    NULL, order_cancel_apply },
	{ "POST", "/orders/{id}/reorder", USER, WRITES | IDEMPOTENT, LIMIT_WRITE, WRITE,
	    NULL, order_reorder_apply },

	{ "GET", "/notifications", USER, 0, LIMIT_READ, READ,
	    notifications_list_prepare, notifications_list_apply },
	{ "PUT", "/notifications/{id}/read", USER, WRITES, LIMIT_WRITE, WRITE,
	    NULL, notification_read_apply },
	{ "POST", "/notifications/read-all", USER, WRITES, LIMIT_WRITE, WRITE,
	    NULL, notifications_read_all_apply },

	{ "GET", "/admin/products", STAFF, 0, LIMIT_READ, READ,
	    admin_products_list_prepare, admin_products_list_apply },
	{ "PATCH", "/admin/products/{id}", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_product_prepare, admin_product_apply },
	{ "GET", "/admin/stop", STAFF, 0, LIMIT_READ, READ,
	    admin_stop_list_prepare, admin_stop_list_apply },
	{ "POST", "/admin/stop", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_stop_prepare, admin_stop_apply },
	{ "DELETE", "/admin/stop/{id}", STAFF, WRITES, LIMIT_WRITE, WRITE,
	    admin_unstop_prepare, admin_unstop_apply },
	{ "GET", "/admin/branches", STAFF, 0, LIMIT_READ, READ,
	    admin_branches_list_prepare, admin_branches_list_apply },
	{ "GET", "/admin/branches/{id}", STAFF, 0, LIMIT_READ, READ,
	    NULL, admin_branch_show_apply },
	{ "PATCH", "/admin/branches/{id}", ADMIN, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_branch_prepare, admin_branch_apply },
	{ "POST", "/admin/branches/{id}/pause", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_pause_prepare, admin_pause_apply },
	{ "POST", "/admin/branches/{id}/resume", STAFF, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_resume_apply },
	{ "GET", "/admin/users", ADMIN, 0, LIMIT_READ, READ,
	    admin_users_list_prepare, admin_users_list_apply },
	{ "POST", "/admin/users", ADMIN, WRITES | IDEMPOTENT | HAS_BODY, LIMIT_WRITE, AUTH,
	    admin_user_add_prepare, admin_user_add_apply },
	{ "GET", "/admin/users/{id}", ADMIN, 0, LIMIT_READ, READ, NULL, admin_user_show_apply },
	{ "PATCH", "/admin/users/{id}", ADMIN, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_user_prepare, admin_user_apply },
	{ "GET", "/admin/audit", ADMIN, 0, LIMIT_READ, READ,
	    admin_audit_prepare, admin_audit_apply },

	{ "GET", "/admin/orders", STAFF, 0, LIMIT_READ, READ,
	    admin_orders_list_prepare, admin_orders_list_apply },
	{ "GET", "/admin/orders/{id}", STAFF, 0, LIMIT_READ, READ, NULL, admin_order_show_apply },
	{ "POST", "/admin/orders/{id}/move", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_order_move_prepare, admin_order_move_apply },
	{ "POST", "/admin/orders/{id}/entered", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_order_entered_prepare, admin_order_entered_apply },
	{ "POST", "/admin/orders/{id}/seen", STAFF, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_order_seen_apply },
	{ "GET", "/admin/outbox", STAFF, 0, LIMIT_READ, READ,
	    admin_outbox_list_prepare, admin_outbox_list_apply },
	{ "GET", "/admin/outbox/{id}", STAFF, 0, LIMIT_READ, READ, NULL, admin_outbox_show_apply },
	{ "POST", "/admin/outbox/{id}/retry", STAFF, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_outbox_retry_apply },
	{ "POST", "/admin/outbox/{id}/resolve", STAFF, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_outbox_resolve_prepare, admin_outbox_resolve_apply },
	{ "POST", "/admin/outbox/lanes/pos/resume", ADMIN, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_lane_resume_apply },
	{ "POST", "/admin/outbox/lanes/mail/resume", ADMIN, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_lane_resume_apply },
	{ "POST", "/admin/outbox/lanes/push/resume", ADMIN, WRITES, LIMIT_WRITE, WRITE,
	    NULL, admin_lane_resume_apply },

	{ "GET", "/admin/sync", STAFF, 0, LIMIT_READ, READ,
	    admin_sync_list_prepare, admin_sync_list_apply },
	{ "POST", "/admin/sync", ADMIN, WRITES | HAS_BODY, LIMIT_WRITE, WRITE,
	    admin_sync_ask_prepare, admin_sync_ask_apply },

	{ "GET", "/healthz", ANYONE, 0, LIMIT_NONE, READ, health_prepare, NULL },
	{ "GET", "/readyz", ANYONE, 0, LIMIT_NONE, READ, NULL, ready_apply },
	{ "GET", "/metrics", ANYONE, 0, LIMIT_NONE, READ, NULL, metrics_apply },
};

const size_t route_count = sizeof routes / sizeof *routes;
