/*
 * plans_seed.c - a shop of some size, made quickly and by SQL alone
 *
 * What matters to the planner is how many rows there are and how their
 * columns are spread; what they say does not. The search indexes stay empty:
 * their plans do not depend on what they hold.
 */
#include <stddef.h>

#include "tests/plans_seed.h"

/* Rows 1 to n as i. */
#define ROWS(n) "WITH RECURSIVE row (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row WHERE i < " #n ") "

const char *const plans_seed[] = {
	ROWS(2000) "INSERT INTO branch (pos_branch_id, name, latitude, longitude, created_at, updated_at)"
	    " SELECT 'b' || i, 'Філія ' || i, 44 + i * 0.004, 22 + i % 18, 1, 1 FROM row",
	ROWS(40) "INSERT INTO category (name, sort_key)"
	    " SELECT 'Категорія ' || i, CAST(printf('%02d', i) AS BLOB) FROM row",
	ROWS(20000) "INSERT INTO product (pos_product_id, name, category_id, sort_key, search_text,"
	    " is_active, min_price, base_price, best_stock, is_available, created_at, updated_at)"
	    " SELECT 'p' || i, 'Страва ' || i, i % 40 + 1,"
	    " CAST(printf('%06d', i * 7919 % 20000) AS BLOB), 'страва', i % 10 > 0, 10000 + i % 977,"
	    " 10000, 10, i % 7 > 0, 1, 1 FROM row",
	"INSERT INTO product_branch (product_id, branch_id, base_price, stock_quantity, is_active,"
	    " is_available, override_price, stopped_until, category_id, sort_key,"
	    " pos_last_synced_at, created_at, updated_at) SELECT p.id, b.id, 10000 + p.id % 977, 10,"
	    " p.is_active, p.is_active AND p.id % 7 > 0, iif(p.id % 500 = 0, 9900, NULL),"
	    " iif(p.id % 1000 = 0, 1779444000, NULL),"
	    " p.category_id, p.sort_key, 1, 1, 1 FROM product p CROSS JOIN branch b WHERE b.id <= 2",
	"INSERT INTO catalog_count (branch_id, category_id, products, available)"
	    " SELECT branch_id, category_id, count(*), sum(is_available) FROM product_branch GROUP BY 1, 2",
	ROWS(20000) "INSERT INTO users (email, password_hash, name, phone, pos_client_id, created_at,"
	    " updated_at) SELECT 'u' || i || '@example.com', 'x', 'Ім''я', '+38067' || (1000000 + i),"
	    " iif(i % 2, 'c' || i, NULL), 1, 1 FROM row",
	"UPDATE users SET role = CASE WHEN id <= 10 THEN 'admin' WHEN id <= 200 THEN 'staff'"
	    " ELSE 'customer' END, is_blocked = id % 1000 = 0",
	"INSERT INTO staff_branch (user_id, branch_id) SELECT u.id, b.id FROM users u"
	    " CROSS JOIN branch b WHERE u.id <= 200 AND b.id <= 2",
	"INSERT INTO session (user_id, created_at, seen_at, place, ended_at)"
	    " SELECT id, 1, 1, CAST('p' || id % 500 AS BLOB), iif(id % 3, NULL, 2) FROM users",
	"INSERT INTO refresh_token (hash, session_id, issued_at, expires_at)"
	    " SELECT CAST('h' || id AS BLOB), id, 1, 1779444000 + id FROM session",
	"INSERT INTO password_reset (hash, user_id, expires_at)"
	    " SELECT CAST('r' || id AS BLOB), id, 1779444000 + id FROM users WHERE id <= 2000",
	"INSERT INTO cart (user_id, branch_id, created_at, updated_at)"
	    " SELECT id, 1, 1, 1 FROM users WHERE id <= 10000",
	"INSERT INTO cart_item (cart_id, product_id, quantity, price_at_add, priced_at, created_at,"
	    " updated_at) SELECT c.id, c.id * 7 % 19999 + p.id, 1, 100, 1, 1, 1"
	    " FROM cart c CROSS JOIN branch p WHERE p.id <= 2",
	ROWS(40000) "INSERT INTO orders (ref, day, number, user_id, branch_id, pos_order_id,"
	    " order_type, status, submission, subtotal, delivery_fee, total_amount, contact_name,"
	    " contact_phone, branch_name, branch_address, created_at, updated_at, poll_at)"
	    " SELECT '1-' || i, 20260000 + i / 500, i % 500, i % 20000 + 1, i % 4 + 1, 't' || i,"
	    " 'pickup', CASE WHEN i % 100 = 0 THEN 'processing' WHEN i % 10 = 0 THEN 'cancelled'"
	    " ELSE 'delivered' END, 'sent', 100, 0, 100, 'Ім''я', '+38067' || (1000000 + i % 20000),"
	    " 'Філія', '', 1700000000 + i * 60, 1, iif(i % 100 = 0, 1779444000 + i, NULL) FROM row",
	"INSERT INTO order_item (order_id, product_id, pos_product_id, name, quantity, unit_price,"
	    " total_price) SELECT id, id % 20000 + 1, 'p', 'Страва', 1, 100, 100 FROM orders",
	"INSERT INTO order_move (order_id, status, by, at) SELECT id, status, 'till', 1 FROM orders",
	"INSERT INTO reservation (order_id, product_id, branch_id, quantity, seen_run)"
	    " SELECT id, id % 20000 + 1, branch_id, 1, iif(id % 200, NULL, 1) FROM orders"
	    " WHERE status = 'processing'",
	ROWS(40000) "INSERT INTO notification (user_id, type, template, order_id, read_status,"
	    " created_at) SELECT i % 20000 + 1, 'order_status', 'x', i, i % 3 > 0, 1700000000 + i"
	    " FROM row",
	ROWS(2000) "INSERT INTO broadcast (created_by, type, title, message, audience, created_at,"
	    " next_user, last_user) SELECT i % 5 + 1, 'promo', 'x', 'x', 'all', i,"
	    " iif(i = 2000, 0, NULL), 20000 FROM row",
	ROWS(40000) "INSERT INTO event (user_id, branch_id, type, payload, created_ms)"
	    " SELECT nullif(i % 20001, 0), i % 4 + 1, 'order.status', '{}', i FROM row",
	ROWS(40000) "INSERT INTO outbox (lane, kind, order_id, user_id, idempotency_key, state,"
	    " next_ms, lease_ms, created_at, updated_at)"
	    " SELECT 'pos', 'order', i, i % 20000 + 1, 'k' || i, CASE i % 1000 WHEN 0 THEN 'due'"
	    " WHEN 1 THEN 'claimed' WHEN 2 THEN 'uncertain' ELSE 'sent' END, i,"
	    " iif(i % 1000 = 1, i, NULL), 1, 1 FROM row",
	ROWS(20000) "INSERT INTO inbox (event_id, body, received_at, done_at)"
	    " SELECT 'e' || i, x'00', i, iif(i % 100, 1, NULL) FROM row",
	ROWS(5000) "INSERT INTO sync_run (feed, is_full, started_ms, finished_ms, outcome)"
	    " SELECT 'stock', 0, i, i, 'ok' FROM row",
	ROWS(1000) "INSERT INTO sync_request (feed, requested_at, taken_at)"
	    " SELECT 'stock', i, iif(i % 100, 1, NULL) FROM row",
	ROWS(20000) "INSERT INTO idempotency (user_id, route, key, body_hmac, status, response,"
	    " created_at) SELECT i % 20000 + 1, 'POST /orders', 'k' || i, x'00', 200, '{}', i FROM row",
	ROWS(5000) "INSERT INTO audit (action, object, at) SELECT 'x', 'branch ' || i, i FROM row",
	NULL
};
