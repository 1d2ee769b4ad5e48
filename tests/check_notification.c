/* check_notification.c - what a customer is told, in his language, once (G55, G58, G59) */
#include <string.h>

#include "lib/shop/notification.h"
#include "lib/shop/order.h"
#include "tests/seed.h"
#include "tests/suite.h"

static struct db *db;
static struct arena *arena;

static void
tell(int64_t user, const char *template)
{
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(notification_order(db, user, 1, template), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
}

/* The JSON of the event of the last notification. */
static const char *
last_event(void)
{
	static struct stmt st = { .sql = "SELECT payload FROM event ORDER BY id DESC LIMIT 1" };
	const char *text;

	ck_assert_int_eq(db_find(db, &st, ""), 1);
	text = arena_str(arena, db_text(&st, 0));
	db_done(&st);
	return text;
}

static void
begin(const char *type)
{
	db = seed_begin();
	arena = arena_new(1 << 20);
	seed_order(1, type);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

START_TEST(stands_once_with_its_event)
{
	begin("pickup");
	tell(1, "order_received");
	tell(1, "order_received");
	ck_assert_int_eq(shop_int("SELECT count(*) FROM notification WHERE user_id = 1 "
	    "AND type = 'order_status' AND order_id = 1 AND read_status = 0 "
	    "AND created_at = 1779444000"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE user_id = 1"), 1);
	ck_assert_str_eq(last_event(), "{\"id\":1,\"type\":\"order_status\","
	    "\"title\":\"Замовлення отримано\",\"message\":\"Замовлення № 1 прийнято і "
	    "передається в заклад «Поділ».\",\"order_id\":1,\"read_status\":false,"
	    "\"created_at\":\"2026-05-22T10:00:00Z\"}");
	end();
}
END_TEST

START_TEST(speaks_the_users_language)
{
	begin("pickup");
	tell(2, "order_received");
	ck_assert_ptr_nonnull(strstr(last_event(), "\"title\":\"Order received\""));
	end();
}
END_TEST

START_TEST(every_status_has_words_in_both_languages)
{
	begin("delivery");
	for (int user = 1; user <= 2; user++)
		for (int s = 0; s < ORDER_STATUSES; s++) {
			shop_run("DELETE FROM notification");
			tell(user, order_status_name((enum order_status)s));
			ck_assert_ptr_nonnull(strstr(last_event(), user == 1 ? "№ 1" : "No. 1"));
			ck_assert_ptr_null(strchr(last_event() + 1, '{'));
		}
	end();
}
END_TEST

START_TEST(delivered_means_handed_over_for_pickup)
{
	begin("pickup");
	tell(1, "delivered");
	ck_assert_ptr_nonnull(strstr(last_event(), "Замовлення видано"));
	end();
	begin("delivery");
	tell(1, "delivered");
	ck_assert_ptr_nonnull(strstr(last_event(), "Замовлення доставлено"));
	end();
}
END_TEST

START_TEST(a_branch_name_cannot_break_the_json)
{
	begin("pickup");
	shop_run("UPDATE orders SET branch_name = '\"},{number}' || "
	    "replace(hex(zeroblob(5000)), '00', 'й')");
	tell(1, "sent_to_pos");
	ck_assert_ptr_nonnull(strstr(last_event(), "«\\\"},{number}йй"));
	end();
}
END_TEST

static const char *
written(struct notification *n, enum language language)
{
	static struct buf b = BUF_INIT(4096);

	buf_reset(&b);
	notification_json(arena, &b, NULL, n, language);
	return b.s;
}

START_TEST(words_of_staff_stand_as_they_are)
{
	struct notification n = { .id = 3, .type = "promo", .order_id = DB_NULL, .read_status = 1,
		.title = "Знижка {number}", .message = "-20 %", .params = "{}" };

	begin("pickup");
	ck_assert_str_eq(written(&n, LANG_EN), "{\"id\":3,\"type\":\"promo\","
	    "\"title\":\"Знижка {number}\",\"message\":\"-20 %\",\"order_id\":null,"
	    "\"read_status\":true,\"created_at\":\"1970-01-01T00:00:00Z\"}");
	end();
}
END_TEST

START_TEST(an_unknown_template_shows_its_name)
{
	struct notification n = { .id = 3, .type = "system", .order_id = DB_NULL,
		.template = "of_a_later_version", .params = "not json" };

	begin("pickup");
	ck_assert_ptr_nonnull(strstr(written(&n, LANG_UK), "\"title\":\"of_a_later_version\""));
	end();
}
END_TEST

int
main(void)
{
	return SUITE("notification", stands_once_with_its_event, speaks_the_users_language,
	    every_status_has_words_in_both_languages, delivered_means_handed_over_for_pickup,
	    a_branch_name_cannot_break_the_json, words_of_staff_stand_as_they_are,
	    an_unknown_template_shows_its_name);
}
