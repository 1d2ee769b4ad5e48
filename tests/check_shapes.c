/*
 * check_shapes.c - each thing that the API shows has its members, always in the
 * same order; times are RFC 3339 in UTC, money has two digits (G82, C26)
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

enum { NAMES = 2048 };

static const char *
names_of(const struct json *j)
{
	static char names[NAMES];

	names[0] = '\0';
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		strncat(names, json_name(m), NAMES - strlen(names) - 2);
		if (json_next(m) != NULL)
			strncat(names, " ", 2);
	}
	return names;
}

static int
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static int
fits(const char *s, const char *form)	/* 9 = a digit */
{
	for (; *form != '\0'; form++, s++)
		if (*form == '9' ? !isdigit((unsigned char)*s) : *s != *form)
			return 0;
	return *s == '\0';
}

static int
is_money(const char *name)
{
	static const char *const names[] = { "price", "base_price", "current_price", "line_total",
	    "subtotal", "delivery_fee", "total_amount", "unit_price", "total_price", "estimated_fee",
	    "override_price" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return 1;
	return 0;
}

static int
has_two_digits(const char *digits)
{
	const char *point = digits == NULL ? NULL : strchr(digits, '.');

	return point != NULL && fits(point, ".99");
}

static void
check_values(const struct json *j, const char *whole)
{
	const char *name;

	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_type(j) == JSON_OBJECT && json_type(m) != JSON_NULL) {
			name = json_name(m);
			if (ends_in(name, "_at") || ends_in(name, "_until") || strcmp(name, "at") == 0)
				ck_assert_msg(json_text(m) != NULL && fits(json_text(m), "9999-99-99T99:99:99Z"),
				    "%s is no time: %s", name, whole);
			if (is_money(name))
				ck_assert_msg(has_two_digits(json_digits(m)), "%s is no money: %s", name, whole);
		}
		check_values(m, whole);
	}
}

static void
shows(const struct rig_reply *a, const char *pointer, const char *wanted)
{
	const struct json *j = json_pointer(a->json, pointer);

	ck_assert_msg(a->status < 300, "%s", a->text);
	ck_assert_msg(json_type(j) == JSON_OBJECT, "no %s in %s", pointer, a->text);
	ck_assert_msg(strcmp(names_of(j), wanted) == 0, "%s has\n%s, not\n%s", pointer, names_of(j),
	    wanted);
	check_values(a->json, a->text);
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
}

#define USER_SHOWN "id email name phone address latitude longitude locale role created_at updated_at"
#define BRANCH_SHOWN "id pos_branch_id name address latitude longitude phone timezone " \
	"operating_hours is_open opens_at closes_at paused_until supports_delivery supports_pickup " \
	"eta_pickup_min eta_delivery_min"
#define PRODUCT_SHOWN "id pos_product_id pos_branch_id name description category image_url price " \
	"base_price stock_quantity is_available updated_at"
#define CART_SHOWN "branch_id version items subtotal item_count"
#define CART_ITEM_SHOWN "id product_id name image_url quantity price line_total current_price " \
	"price_changed is_available available"
#define ORDER_SHOWN "id number status submission attention reason_code can_cancel " \
	"cancel_requested_at cancel_refused_at order_type branch branch_id contact_name " \
	"contact_phone payment subtotal delivery_fee delivery_distance_m total_amount currency " \
	"delivery_address delivery_latitude delivery_longitude driver notes pos_order_id created_at " \
	"updated_at pos_sent_at pos_last_status_update_at items timeline"
#define ORDER_ITEM_SHOWN "id product_id pos_product_id name quantity unit_price total_price"

START_TEST(people)
{
	const struct rig_reply *a;

	begin();
	shows(rig_call("GET", "/auth/me", NULL), "/user", USER_SHOWN);
	a = rig_call("POST", "/auth/register", "{\"email\":\"olena@example.com\","
	    "\"password\":\"a long one\",\"name\":\"Олена\"}");
	shows(a, "", "token token_type expires_in refresh_token user");
	shows(a, "/user", USER_SHOWN);
	shows(rig_call("POST", "/auth/login", "{\"email\":\"olena@example.com\","
	    "\"password\":\"a long one\"}"), "", "token token_type expires_in refresh_token user");
	rig_end();
}
END_TEST

START_TEST(the_catalogue_and_branches)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/products?branch_id=1", NULL);
	shows(a, "", "products total total_capped next_cursor");
	shows(a, "/products/0", PRODUCT_SHOWN);
	shows(rig_call("GET", "/products/1", NULL), "/product", PRODUCT_SHOWN);
	a = rig_call("GET", "/categories", NULL);
	shows(a, "/categories/0", "id name count available_count");
	a = rig_call("GET", "/branches", NULL);
	shows(a, "", "branches total total_capped");
	shows(a, "/branches/0", BRANCH_SHOWN);
	shows(rig_call("POST", "/delivery-fee", "{\"branch_id\":1,\"delivery_address\":"
	    "{\"latitude\":50.46,\"longitude\":30.53}}"), "", "estimated_fee distance_km currency");
	rig_end();
}
END_TEST

START_TEST(carts_and_orders)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":[{\"product_id\":1,\"quantity\":2}]}");
	shows(a, "/cart", CART_SHOWN);
	shows(a, "/cart/items/0", CART_ITEM_SHOWN);
	shows(rig_call("GET", "/cart", NULL), "/cart", CART_SHOWN);
	a = rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"delivery\","
	    "\"delivery_address\":{\"text\":\"вул. Січових Стрільців, 5\",\"latitude\":50.46,"
	    "\"longitude\":30.53}}");
	shows(a, "/order", ORDER_SHOWN);
	shows(a, "/order/items/0", ORDER_ITEM_SHOWN);
	shows(a, "/order/branch", "id name address phone");
	shows(a, "/order/timeline/0", "status at");
	shows(a, "/order/delivery_address", "text apartment entrance floor intercom comment latitude longitude");
	a = rig_call("GET", "/orders/1", NULL);
	shows(a, "/order", ORDER_SHOWN);
	a = rig_call("GET", "/orders", NULL);
	shows(a, "", "orders total next_cursor");
	shows(a, "/orders/0", ORDER_SHOWN);
	a = rig_call("GET", "/notifications", NULL);
	shows(a, "", "notifications total next_cursor unread");
	shows(a, "/notifications/0", "id type title message order_id read_status created_at");
	rig_login_as("petro", "admin");
	shows(rig_call("GET", "/admin/orders", NULL), "", "orders total total_capped next_cursor");
	shows(rig_call("GET", "/admin/audit", NULL), "", "entries total total_capped next_cursor");
	rig_end();
}
END_TEST

START_TEST(refusals)
{
	const struct rig_reply *a;

	begin();
	a = rig_call("GET", "/nothing", NULL);
	ck_assert_str_eq(names_of(a->json), "error code fields request_id");
	a = rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}");
	ck_assert_int_eq(strncmp(names_of(a->json), "error code fields request_id", 28), 0);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("shapes", people, the_catalogue_and_branches, carts_and_orders, refusals);
}
