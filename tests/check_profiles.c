/*
 * check_profiles.c - the profiles that are shipped: each loads without a
 * complaint, and what a cashier must know is in the order that it makes (G51,
 * G72): the type, the delivery's price, and how it is paid
 *
 * What the vendors' own answers do with them: poster.test, square.test,
 * loyverse.test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/json.h"
#include "lib/pos/call.h"
#include "lib/pos/profile.h"
#include "tests/suite.h"

enum { SETTINGS_MAX = 8 };

static const struct shipped {
	const char *name;
	enum pos_retry retry;
	enum pos_stock_moves moves;
	struct pos_pair settings[SETTINGS_MAX];
} shipped[] = {
	{ "generic", POS_RETRY_KEY, POS_MOVES_ACCEPTED, { { "base_url", "https://till.example" } } },
	{ "loyverse", POS_RETRY_FIND, POS_MOVES_CREATED, { { "payment_type_id", "p-1" },
	    { "delivery_product", "v-9" } } },
	{ "poster", POS_RETRY_FIND, POS_MOVES_DONE, { { "account", "shop" },
	    { "delivery_product", "99" } } },
	{ "square", POS_RETRY_KEY, POS_MOVES_DONE, { { "prep_time", "PT30M" } } },
};

enum { GENERIC, LOYVERSE, POSTER, SQUARE, SHIPPED };

static struct arena *arena;
static struct pos *pos;

static const struct pos_item items[] = {
	{ .key = "139:147", .name = "Боржомі", .qty = 2, .price = 68100 },
	{ .key = "138", .name = "Евіан", .qty = 1, .price = 19000 },
};

static struct pos_order
an_order(int delivery, int paid)
{
	return (struct pos_order){
		.key = "0b2f8c1e-8f6c-4c39-9b0e-5a7d1c3f2e90", .ref = "20261130-812", .number = "17",
		.type = delivery ? "delivery" : "pickup", .branch = "1", .comment = "Без льоду",
		.address = delivery ? "{\"text\":\"вул. Хрещатик, 1\"}" : NULL,
		.address_text = delivery ? "вул. Хрещатик, 1" : NULL,
		.fee = delivery ? 12900 : 0, .total = 155200 + (delivery ? 12900 : 0), .paid = paid,
		.pos_id = "S1", .customer = { .ref = "5", .name = "Олена Пчілка",
		    .phone = "+380671234567", .email = "olena@example.com" },
		.items = items, .item_count = 2,
	};
}

/* With only the first n settings; -1: all of them. */
static struct pos *
open_with(int which, int n, char *fault)
{
	const struct shipped *s = &shipped[which];
	struct pos_setup setup = { .token = "t-123456", .settings = s->settings };
	const char *dir = getenv("srcdir");

	while (setup.setting_count < SETTINGS_MAX && s->settings[setup.setting_count].name != NULL &&
	    n-- != 0)
		setup.setting_count++;
	setup.profile = arena_printf(arena, "%s/profiles/%s.json", dir != NULL ? dir : "..", s->name);
	return pos_open(&setup, fault);
}

static void
open_profile(int which)
{
	char fault[POS_FAULT];

	arena = arena_new(4 << 20);
	pos = open_with(which, -1, fault);
	ck_assert_msg(pos != NULL, "%s: %s", shipped[which].name, fault);
}

static void
close_profile(void)
{
	pos_close(pos);
	arena_free(arena);
}

static const char *
build(enum pos_step step, const struct pos_order *o)
{
	struct pos_about about = { .order = o, .customer = &o->customer };
	struct pos_request r;
	char fault[POS_FAULT];

	ck_assert_msg(pos_build(pos, step, &about, arena, &r, fault) == 0, "%s", fault);
	return r.body != NULL ? r.body : r.path;
}

static const struct json *
build_json(enum pos_step step, const struct pos_order *o)
{
	const char *body = build(step, o);
	struct json_fault fault;
	const struct json *j = json_parse(arena, body, strlen(body), &fault);

	ck_assert_ptr_nonnull(j);
	return j;
}

static const char *
at(const struct json *j, const char *pointer)
{
	const struct json *v = json_pointer(j, pointer);

	return json_type(v) == JSON_NUMBER ? json_digits(v) : json_text(v);
}

#define HAS(j, pointer, text) ck_assert_pstr_eq(at(j, pointer), text)

/* The form as people read it: %5B and the like undone. */
static const char *
unquoted(const char *s)
{
	char *out = arena_get(arena, strlen(s) + 1), *p = out;
	unsigned c;

	for (; *s != '\0'; s++)
		if (*s == '%' && sscanf(s + 1, "%2x", &c) == 1) {
			*p++ = (char)c;
			s += 2;
		} else {
			*p++ = *s == '+' ? ' ' : *s;
		}
	*p = '\0';
	return out;
}

#define HOLDS(text, part) ck_assert_msg(strstr(text, part) != NULL, "no %s in %s", part, text)
#define HOLDS_NOT(text, part) ck_assert_msg(strstr(text, part) == NULL, "%s in %s", part, text)

START_TEST(each_loads_and_promises_what_the_vendor_keeps)
{
	for (int i = 0; i < SHIPPED; i++) {
		open_profile(i);
		ck_assert_int_eq(pos_retry(pos), shipped[i].retry);
		ck_assert_int_eq(pos_stock_moves(pos), shipped[i].moves);
		ck_assert(pos_has(pos, POS_ORDER_CREATE) && pos_has(pos, POS_ORDER_STATUS));
		/* what is found by its reference must be findable */
		ck_assert(pos_has(pos, POS_ORDER_FIND) || shipped[i].retry == POS_RETRY_KEY);
		close_profile();
	}
}
END_TEST

/* Those without which nothing goes; a cashier's extras are optional. */
START_TEST(a_missing_setting_is_named)
{
	static const char *const names[SHIPPED] = { NULL, "payment_type_id", "account", NULL };
	char fault[POS_FAULT] = "";

	for (int i = 0; i < SHIPPED; i++) {
		if (names[i] == NULL)
			continue;
		arena = arena_new(4 << 20);
		ck_assert_ptr_null(open_with(i, 0, fault));
		HOLDS(fault, names[i]);
		pos = open_with(i, 1, fault);
		ck_assert_msg(pos != NULL, "%s", fault);
		close_profile();
	}
}
END_TEST

START_TEST(generic_has_a_field_for_each)
{
	struct pos_order o = an_order(1, 0);
	const struct json *j;

	open_profile(GENERIC);
	j = build_json(POS_ORDER_CREATE, &o);
	HAS(j, "/order_type", "delivery");
	HAS(j, "/delivery_fee", "129.00");
	HAS(j, "/total_amount", "1681.00");
	HAS(j, "/summary", "ДОСТАВКА 129 грн · разом 1681 · оплата при отриманні");
	HAS(j, "/delivery_address/text", "вул. Хрещатик, 1");
	close_profile();
}
END_TEST

START_TEST(poster_gets_a_bracketed_form)
{
	struct pos_order o = an_order(1, 0);
	const char *form;

	open_profile(POSTER);
	form = unquoted(build(POS_ORDER_CREATE, &o));
	HOLDS(form, "spot_id=1&phone=+380671234567&first_name=Олена Пчілка&");
	HOLDS(form, "&products[0][product_id]=139&products[0][modificator_id]=147&"
	    "products[0][count]=2&products[0][price]=68100&");
	HOLDS(form, "&products[1][product_id]=138&products[1][count]=1&products[1][price]=19000&");
	HOLDS(form, "&address=вул. Хрещатик, 1&");
	HOLDS(form, "&comment=#20261130-812; №17 ДОСТАВКА 129 грн · разом 1681 · оплата при отриманні."
	    " Без льоду&");
	/* the delivery is a dish of its own, so that the check adds up */
	HOLDS(form, "&products[2][product_id]=99&products[2][count]=1&products[2][price]=12900");
	HOLDS_NOT(form, "payment");
	HOLDS_NOT(form, "t-123456");
	close_profile();
}
END_TEST

START_TEST(poster_is_told_of_a_payment_only_if_there_was_one)
{
	struct pos_order o = an_order(0, 1);
	const char *form;

	open_profile(POSTER);
	form = unquoted(build(POS_ORDER_CREATE, &o));
	HOLDS(form, "&payment[type]=1&payment[sum]=155200&payment[currency]=UAH");
	HOLDS(form, "САМОВИВІЗ · разом 1552 · оплачено");
	HOLDS_NOT(form, "[2]");
	HOLDS_NOT(form, "address");
	close_profile();
}
END_TEST

/* Looked for by what begins the comment, so an order without notes is found too. */
START_TEST(poster_comments_begin_with_the_reference)
{
	struct pos_order o = an_order(0, 0);

	o.comment = NULL;
	open_profile(POSTER);
	HOLDS(unquoted(build(POS_ORDER_CREATE, &o)), "&comment=#20261130-812; №17 САМОВИВІЗ");
	close_profile();
}
END_TEST

START_TEST(square_counts_in_minor_units_and_decimal_strings)
{
	struct pos_order o = an_order(1, 0);
	const struct json *j;

	open_profile(SQUARE);
	j = build_json(POS_ORDER_CREATE, &o);
	HAS(j, "/idempotency_key", o.key);
	HAS(j, "/order/reference_id", "20261130-812");
	ck_assert_int_eq(json_type(json_pointer(j, "/order/line_items/0/quantity")), JSON_TEXT);
	HAS(j, "/order/line_items/0/quantity", "2");
	ck_assert_int_eq(json_type(json_pointer(j, "/order/line_items/0/base_price_money/amount")),
	    JSON_NUMBER);
	HAS(j, "/order/line_items/0/base_price_money/amount", "68100");
	HAS(j, "/order/service_charges/0/amount_money/amount", "12900");
	/* DELIVERY is shown at the till of partners only, so the note says it */
	HAS(j, "/order/fulfillments/0/type", "PICKUP");
	HAS(j, "/order/fulfillments/0/pickup_details/note", "№17 ДОСТАВКА 129 грн · разом 1681 ·"
	    " оплата при отриманні\nвул. Хрещатик, 1\nБез льоду");
	HAS(j, "/order/fulfillments/0/pickup_details/prep_time_duration", "PT30M");
	ck_assert_uint_eq(json_count(json_pointer(j, "/order/fulfillments")), 1);
	close_profile();
}
END_TEST

START_TEST(square_picks_up_without_a_charge)
{
	struct pos_order o = an_order(0, 0);
	const struct json *j;

	open_profile(SQUARE);
	j = build_json(POS_ORDER_CREATE, &o);
	ck_assert_uint_eq(json_count(json_pointer(j, "/order/service_charges")), 0);
	ck_assert_uint_eq(json_count(json_pointer(j, "/order/fulfillments")), 1);
	HAS(j, "/order/fulfillments/0/type", "PICKUP");
	HAS(j, "/order/fulfillments/0/pickup_details/note",
	    "№17 САМОВИВІЗ · разом 1552 · оплата при отриманні\n\nБез льоду");
	HAS(j, "/order/fulfillments/0/pickup_details/recipient/phone_number", "+380671234567");
	close_profile();
}
END_TEST

/* At most 192 signs for an order's key, 45 for a payment's. */
START_TEST(square_takes_a_payment_by_a_second_call)
{
	struct pos_order o = an_order(0, 1);
	char key[200];
	const struct json *j;

	open_profile(SQUARE);
	ck_assert_uint_eq(pos_then_count(pos), 1);
	ck_assert(pos_then_due(pos, 0, &o));
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	o.key = key;
	ck_assert_uint_eq(strlen(at(build_json(POS_ORDER_CREATE, &o), "/idempotency_key")), 192);
	j = build_json(POS_ORDER_THEN, &o);
	ck_assert_uint_eq(strlen(at(j, "/idempotency_key")), 45);
	HAS(j, "/source_id", "EXTERNAL");
	HAS(j, "/order_id", "S1");
	HAS(j, "/amount_money/amount", "155200");
	HAS(j, "/external_details/type", "OTHER");
	o = an_order(0, 0);
	ck_assert(!pos_then_due(pos, 0, &o));
	close_profile();
}
END_TEST

START_TEST(loyverse_gets_a_finished_sale_in_major_units)
{
	struct pos_order o = an_order(1, 0);
	const struct json *j;

	open_profile(LOYVERSE);
	j = build_json(POS_ORDER_CREATE, &o);
	HAS(j, "/order", "20261130-812");
	HAS(j, "/store_id", "1");
	ck_assert_int_eq(json_type(json_pointer(j, "/line_items/0/price")), JSON_NUMBER);
	HAS(j, "/line_items/0/price", "681.00");
	HAS(j, "/line_items/0/quantity", "2");
	HAS(j, "/line_items/2/variant_id", "v-9");
	HAS(j, "/line_items/2/price", "129.00");
	HAS(j, "/payments/0/payment_type_id", "p-1");
	HAS(j, "/note", "№17 ДОСТАВКА 129 грн · разом 1681 · оплата при отриманні\nОлена Пчілка"
	    " +380671234567\nвул. Хрещатик, 1\nБез льоду");
	close_profile();
}
END_TEST

/* What the vendors say no with, and what that means for an order. */
static const struct {
	int which, status;
	const char *body;
	enum pos_outcome outcome;
	const char *says;
} verdicts[] = {
	{ POSTER, 200, "{\"response\":{\"incoming_order_id\":2,\"status\":0}}", POS_DONE, "" },
	{ POSTER, 200, "{\"error\":{\"code\":11,\"message\":\"Bad access token\"}}", POS_AUTH, "Bad access" },
	{ POSTER, 200, "{\"error\":11,\"message\":\"Bad access token\"}", POS_AUTH, "Bad access" },
	{ POSTER, 200, "{\"error\":\"12\",\"message\":\"expired\"}", POS_AUTH, "expired" },
	{ POSTER, 200, "{\"error\":{\"code\":700,\"message\":\"Rate restriction\"}}", POS_AUTH, "Rate" },
	{ POSTER, 200, "{\"error\":{\"code\":44,\"message\":\"Error saving data\"}}", POS_UNKNOWN, "saving" },
	{ POSTER, 200, "{\"error\":{\"code\":34,\"message\":\"Absence\"}}", POS_REFUSED, "Absence" },
	{ POSTER, 200, "{\"error\":{\"code\":60,\"message\":\"Location not found\"}}", POS_REFUSED, "Location" },
	{ POSTER, 200, "{\"response\":{}}", POS_UNKNOWN, "names no id" },
	{ SQUARE, 400, "{\"errors\":[{\"category\":\"INVALID_REQUEST_ERROR\",\"code\":"
	    "\"IDEMPOTENCY_KEY_REUSED\",\"detail\":\"Different request\"}]}", POS_REFUSED, "Different" },
	{ SQUARE, 401, "{\"errors\":[{\"category\":\"AUTHENTICATION_ERROR\",\"code\":\"UNAUTHORIZED\"}]}",
	    POS_AUTH, "" },
	{ SQUARE, 429, "{\"errors\":[{\"category\":\"RATE_LIMIT_ERROR\",\"code\":\"RATE_LIMITED\"}]}",
	    POS_LIMITED, "" },
	{ SQUARE, 503, "{\"errors\":[{\"category\":\"API_ERROR\",\"code\":\"SERVICE_UNAVAILABLE\"}]}",
	    POS_LIMITED, "" },
	{ SQUARE, 500, "{\"errors\":[{\"category\":\"API_ERROR\",\"code\":\"INTERNAL_SERVER_ERROR\"}]}",
	    POS_UNKNOWN, "" },
	{ LOYVERSE, 400, "{\"errors\":[{\"code\":\"INVALID_VALUE\",\"details\":\"no such variant\"}]}",
	    POS_REFUSED, "no such variant" },
	{ LOYVERSE, 402, "{\"errors\":[{\"code\":\"PAYMENT_REQUIRED\",\"details\":\"lapsed\"}]}", POS_AUTH, "lapsed" },
	{ LOYVERSE, 429, "{\"errors\":[{\"code\":\"RATE_LIMITED\"}]}", POS_LIMITED, "" },
};

START_TEST(what_vendors_refuse_with_is_understood)
{
	struct http_reply r = { .result = HTTP_ANSWERED };
	struct pos_answer a;

	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		open_profile(verdicts[i].which);
		r.status = verdicts[i].status;
		r.body = arena_str(arena, verdicts[i].body);
		r.len = strlen(verdicts[i].body);
		pos_judge(pos, POS_ORDER_CREATE, &r, arena, &a);
		ck_assert_msg(a.outcome == verdicts[i].outcome && strstr(a.message, verdicts[i].says) != NULL,
		    "%s is %s: %s", verdicts[i].body, pos_outcome_name(a.outcome), a.message);
		close_profile();
	}
}
END_TEST

START_TEST(without_a_dish_for_it_the_delivery_is_in_the_line_only)
{
	static const int which[] = { POSTER, LOYVERSE };
	struct pos_order o = an_order(1, 0);
	char fault[POS_FAULT];
	const char *body;

	for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
		arena = arena_new(4 << 20);
		pos = open_with(which[i], 1, fault);
		ck_assert_msg(pos != NULL, "%s", fault);
		body = unquoted(build(POS_ORDER_CREATE, &o));
		HOLDS(body, "ДОСТАВКА 129 грн");
		HOLDS_NOT(body, "12900");
		HOLDS_NOT(body, "129.00");
		close_profile();
	}
}
END_TEST

int
main(void)
{
	return SUITE("profiles", each_loads_and_promises_what_the_vendor_keeps,
	    a_missing_setting_is_named, generic_has_a_field_for_each, poster_gets_a_bracketed_form,
	    poster_is_told_of_a_payment_only_if_there_was_one,
	    poster_comments_begin_with_the_reference, square_counts_in_minor_units_and_decimal_strings,
	    square_picks_up_without_a_charge, square_takes_a_payment_by_a_second_call,
	    loyverse_gets_a_finished_sale_in_major_units, what_vendors_refuse_with_is_understood,
	    without_a_dish_for_it_the_delivery_is_in_the_line_only);
}
