/*
 * handlers.h - one pair of functions per route of routes.c
 *
 * x_prepare() reads and checks what the client sent, outside any transaction;
 * r->user_id stands already (0 for a guest without token), r->role does not.
 * x_apply() runs inside the request's transaction and writes the answer to
 * r->out. What prepare() found out waits in r->work. A route that needs only
 * one of the two has only one.
 */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "app/request.h"

/* auth.c */
enum problem auth_register_prepare(struct request *);
enum problem auth_register_apply(struct request *);
enum problem auth_login_prepare(struct request *);
enum problem auth_login_apply(struct request *);

/* account.c */
enum problem auth_me_apply(struct request *);
enum problem auth_change_prepare(struct request *);
enum problem auth_change_apply(struct request *);
enum problem auth_password_prepare(struct request *);
enum problem auth_password_apply(struct request *);

/* recovery.c */
enum problem auth_forgot_prepare(struct request *);
enum problem auth_forgot_apply(struct request *);
enum problem auth_reset_prepare(struct request *);
enum problem auth_reset_apply(struct request *);

/* sessions.c */
enum problem auth_refresh_prepare(struct request *);
enum problem auth_refresh_apply(struct request *);
enum problem auth_logout_apply(struct request *);

/* catalog.c, branches.c */
enum problem products_list_prepare(struct request *);
enum problem products_list_apply(struct request *);
enum problem catalog_view_prepare(struct request *);
enum problem product_show_apply(struct request *);
enum problem categories_list_apply(struct request *);
enum problem picture_show_apply(struct request *);
enum problem branches_list_prepare(struct request *);
enum problem branches_list_apply(struct request *);

/* cart.c */
enum problem cart_show_apply(struct request *);
enum problem cart_put_prepare(struct request *);
enum problem cart_put_apply(struct request *);
enum problem cart_add_prepare(struct request *);
enum problem cart_add_apply(struct request *);
enum problem cart_update_prepare(struct request *);
enum problem cart_update_apply(struct request *);
enum problem cart_remove_apply(struct request *);

/* orders.c */
enum problem order_place_prepare(struct request *);
enum problem order_place_apply(struct request *);
enum problem orders_list_prepare(struct request *);
enum problem orders_list_apply(struct request *);
enum problem order_show_apply(struct request *);
enum problem order_cancel_apply(struct request *);
/* reorder.c */
enum problem order_reorder_apply(struct request *);

/* suggest.c */
enum problem branches_suggest_prepare(struct request *);
enum problem branches_suggest_apply(struct request *);

/* delivery.c */
enum problem delivery_fee_prepare(struct request *);
enum problem delivery_fee_apply(struct request *);

/* notifications.c */
enum problem notifications_list_prepare(struct request *);
enum problem notifications_list_apply(struct request *);
enum problem notification_read_apply(struct request *);
enum problem notifications_read_all_apply(struct request *);

/* admin_products.c */
enum problem admin_products_list_prepare(struct request *);
enum problem admin_products_list_apply(struct request *);
enum problem admin_product_prepare(struct request *);
enum problem admin_product_apply(struct request *);
enum problem admin_stop_list_prepare(struct request *);
enum problem admin_stop_list_apply(struct request *);
enum problem admin_stop_prepare(struct request *);
enum problem admin_stop_apply(struct request *);
enum problem admin_unstop_prepare(struct request *);
enum problem admin_unstop_apply(struct request *);

/* admin_orders.c, admin_order.c */
enum problem admin_orders_list_prepare(struct request *);
enum problem admin_orders_list_apply(struct request *);
enum problem admin_order_show_apply(struct request *);
enum problem admin_order_move_prepare(struct request *);
enum problem admin_order_move_apply(struct request *);
enum problem admin_order_entered_prepare(struct request *);
enum problem admin_order_entered_apply(struct request *);
enum problem admin_order_seen_apply(struct request *);

/* admin_outbox.c */
enum problem admin_outbox_list_prepare(struct request *);
enum problem admin_outbox_list_apply(struct request *);
enum problem admin_outbox_show_apply(struct request *);
enum problem admin_outbox_retry_apply(struct request *);
enum problem admin_outbox_resolve_prepare(struct request *);
enum problem admin_outbox_resolve_apply(struct request *);
enum problem admin_lane_resume_apply(struct request *);

/* admin_notifications.c */
enum problem admin_notifications_list_prepare(struct request *);
enum problem admin_notifications_list_apply(struct request *);
enum problem admin_notification_prepare(struct request *);
enum problem admin_notification_apply(struct request *);

/* admin_sync.c */
enum problem admin_sync_list_prepare(struct request *);
enum problem admin_sync_list_apply(struct request *);
enum problem admin_sync_ask_prepare(struct request *);
enum problem admin_sync_ask_apply(struct request *);

/* admin_branches.c, admin_audit.c */
enum problem admin_branches_list_prepare(struct request *);
enum problem admin_branches_list_apply(struct request *);
enum problem admin_branch_show_apply(struct request *);
enum problem admin_branch_prepare(struct request *);
enum problem admin_branch_apply(struct request *);
enum problem admin_pause_prepare(struct request *);
enum problem admin_pause_apply(struct request *);
enum problem admin_resume_apply(struct request *);
enum problem admin_audit_prepare(struct request *);
enum problem admin_audit_apply(struct request *);

/* admin_users.c */
enum problem admin_users_list_prepare(struct request *);
enum problem admin_users_list_apply(struct request *);
enum problem admin_user_show_apply(struct request *);
enum problem admin_user_prepare(struct request *);
enum problem admin_user_apply(struct request *);
enum problem admin_user_add_prepare(struct request *);
enum problem admin_user_add_apply(struct request *);

/* hooks.c */
enum problem hook_till_prepare(struct request *);
enum problem hook_till_apply(struct request *);

/* ticket.c */
enum problem ws_ticket_apply(struct request *);

/* health.c */
enum problem health_prepare(struct request *);
enum problem ready_apply(struct request *);
enum problem metrics_apply(struct request *);

#endif
