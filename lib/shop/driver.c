/*
 * driver.c - who brings an order; see driver.h
 *
 * A till that names nobody any more takes nobody away: some forget who it was
 * as soon as he has left.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/driver.h"
#include "lib/shop/notification.h"
#include "lib/shop/order.h"

enum { ABOUT, SET };
static struct stmt sql[] = {
	[ABOUT] = { .sql = "SELECT user_id, driver_name, driver_phone FROM orders WHERE id = ?1 "
	    "AND order_type = 'delivery' AND status NOT IN ('delivered', 'cancelled', 'failed')" },
	[SET] = { .sql = "UPDATE orders SET driver_name = ?2, "
	    "driver_phone = CASE WHEN driver_name = ?2 THEN coalesce(?3, driver_phone) ELSE ?3 END, "
	    "updated_at = ?4 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

static int
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

int
driver_is_news(const char *old_name, const char *old_phone, const char *name, const char *phone)
{
	if (name == NULL)
		return 0;
	return !is_same(old_name, name) || (phone != NULL && !is_same(old_phone, phone));
}

int
driver_assign(struct db *db, int64_t order_id, const char *name, const char *phone)
{
	struct stmt *st = &sql[ABOUT];
	int rc = db_find(db, st, "i", order_id), is_news, is_other;
	int64_t user;

	if (rc != 1)
		return rc;
	user = db_int(st, 0);
	is_other = !is_same(db_text(st, 1), name);
	is_news = driver_is_news(db_text(st, 1), db_text(st, 2), name, phone);
	db_done(st);
	if (!is_news)
		return 0;
	rc = db_run(db, &sql[SET], "issi", order_id, name, phone, clock_now());
	if (rc == 0 && is_other)
		rc = notification_driver(db, user, order_id);
	if (rc == 0)
		rc = order_changed(db, order_id);
	return rc == 0 ? 1 : rc;
}
