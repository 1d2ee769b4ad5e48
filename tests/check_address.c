/*
 * check_address.c - where to deliver, as a client may say it: of the account, and
 * of one order (G37, G41, G76, C20)
 */
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

enum { LONG = 600 };

#define PLACE "\"latitude\":50.46,\"longitude\":30.53"

static const struct rig_reply *
patch(const char *address)
{
	static char body[4 * LONG];

	snprintf(body, sizeof body, "{\"address\":%s}", address);
	return rig_call("PATCH", "/auth/me", body);
}

static const struct rig_reply *
order(const char *address)
{
	static char body[4 * LONG];

	rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
	    "[{\"product_id\":1,\"quantity\":1}]}"), 200);
	snprintf(body, sizeof body, "{\"order_type\":\"delivery\",\"delivery_address\":%s}", address);
	return rig_call("POST", "/orders", body);
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
	rig_login("anna");
}

/* Trimmed, in one order, and nothing but what belongs to an address. */
START_TEST(keeps_what_it_knows_and_nothing_else)
{
	static const char sent[] = "{\"id\":7,\"user_id\":2,\"comment\":\" Дзвоніть\\nдвічі \","
	    "\"floor\":\"4\",\"text\":\"  вул. Сагайдачного, 25 \",\"city\":\"Львів\"," PLACE ","
	    "\"nested\":{\"text\":\"x\"}}";
	static const char kept[] = "{\"text\":\"вул. Сагайдачного, 25\",\"apartment\":null,"
	    "\"entrance\":null,\"floor\":\"4\",\"intercom\":null,\"comment\":\"Дзвоніть\\nдвічі\","
	    "\"latitude\":50.460000,\"longitude\":30.530000}";

	begin();
	rig_ok(patch(sent), 200);
	ck_assert_str_eq(rig_sql_text("SELECT address FROM users"), kept);
	ck_assert_int_eq(rig_sql_int("SELECT latitude = 50.46 AND longitude = 30.53 FROM users"), 1);
	rig_ok(order(sent), 201);
	ck_assert_str_eq(rig_sql_text("SELECT delivery_address FROM orders"), kept);
	rig_end();
}
END_TEST

START_TEST(names_each_wrong_member)
{
	static const struct { const char *address, *field; } cases[] = {
		{ "[]", "" }, { "\"вул. Сагайдачного, 25\"", "" }, { "7", "" }, { "true", "" },
		{ "{\"text\":7," PLACE "}", ".text" },
		{ "{\"text\":\"a\\nb\"," PLACE "}", ".text" },
		{ "{\"text\":\"a\\u202eb\"," PLACE "}", ".text" },
		{ "{\"text\":\"x\",\"apartment\":12," PLACE "}", ".apartment" },
		{ "{\"text\":\"x\",\"entrance\":\"123456789012345678901\"," PLACE "}", ".entrance" },
		{ "{\"text\":\"x\",\"floor\":[]," PLACE "}", ".floor" },
		{ "{\"text\":\"x\",\"intercom\":{}," PLACE "}", ".intercom" },
		{ "{\"text\":\"x\",\"comment\":false," PLACE "}", ".comment" },
		{ "{\"text\":\"x\",\"latitude\":50.46}", ".longitude" },
		{ "{\"text\":\"x\",\"latitude\":null,\"longitude\":30.53}", ".latitude" },
		{ "{\"text\":\"x\",\"latitude\":90.1,\"longitude\":30.53}", ".latitude" },
		{ "{\"text\":\"x\",\"latitude\":50.46,\"longitude\":-180.1}", ".longitude" },
		{ "{\"text\":\"x\",\"latitude\":\"50.46\",\"longitude\":30.53}", ".latitude" },
	};
	const struct rig_reply *a;
	char field[64];

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		a = patch(cases[i].address);
		rig_refused(a, 422, "invalid_field");
		snprintf(field, sizeof field, "\"address%s\":", cases[i].field);
		ck_assert_msg(strstr(a->text, field) != NULL, "%s: %s", cases[i].address, a->text);
		a = order(cases[i].address);
		rig_refused(a, 422, "invalid_field");
		snprintf(field, sizeof field, "\"delivery_address%s\":", cases[i].field);
		ck_assert_msg(strstr(a->text, field) != NULL, "%s: %s", cases[i].address, a->text);
	}
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE address IS NOT NULL"), 0);
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 0);
	rig_end();
}
END_TEST

/* To the letter: a Ukrainian one counts as one. */
START_TEST(bounds_are_counted_in_letters)
{
	static const struct { const char *name; int most; } members[] = {
		{ "text", 300 }, { "apartment", 20 }, { "comment", 500 },
	};
	char letters[2 * LONG + 1], address[3 * LONG];

	begin();
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		for (int n = members[i].most; n <= members[i].most + 1; n++) {
			for (int k = 0; k < n; k++)
				memcpy(letters + 2 * k, "ї", 2);
			letters[2 * n] = '\0';
			snprintf(address, sizeof address, "{%s\"%s\":\"%s\"," PLACE "}",
			    i == 0 ? "" : "\"text\":\"x\",", members[i].name, letters);
			rig_ok(patch(address), n == members[i].most ? 200 : 422);
		}
	rig_end();
}
END_TEST

/* A form wants its field; who orders is told by a code what to ask for. */
START_TEST(without_words_it_is_no_address)
{
	static const char *const bare[] = { "{" PLACE "}", "{\"text\":null," PLACE "}",
		"{\"text\":\"\"," PLACE "}", "{\"text\":\"  \"," PLACE "}" };
	const struct rig_reply *a;

	begin();
	for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
		a = patch(bare[i]);
		rig_refused(a, 422, "invalid_field");
		ck_assert_str_eq(rig_text(a, "/fields/address.text"), "is required");
		rig_refused(order(bare[i]), 422, "address_required");
	}
	rig_refused(order("{\"text\":\"вул. Сагайдачного, 25\"}"), 422, "coordinates_required");
	rig_refused(order("null"), 422, "address_required");
	ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM orders"), 0);
	rig_end();
}
END_TEST

/* A new text without a place never keeps the old place. */
START_TEST(a_text_never_goes_with_another_place)
{
	begin();
	rig_ok(patch("{\"text\":\"вул. Сагайдачного, 25\"," PLACE "}"), 200);
	rig_refused(order("{\"text\":\"вул. Іллінська, 8\"}"), 422, "coordinates_required");
	rig_ok(order("null"), 201);
	ck_assert_int_eq(rig_sql_int("SELECT delivery_latitude = 50.46 FROM orders"), 1);
	rig_ok(patch("{\"text\":\"вул. Іллінська, 8\"}"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT latitude IS NULL AND longitude IS NULL FROM users"), 1);
	rig_refused(order("null"), 422, "coordinates_required");
	rig_ok(patch("null"), 200);
	ck_assert_int_eq(rig_sql_int("SELECT address IS NULL FROM users"), 1);
	rig_end();
}
END_TEST

START_TEST(too_little_memory_changes_nothing)
{
	const struct rig_reply *a;
	size_t memory = 64;

	begin();
	do {
		rig_memory(memory += 64);
		a = patch("{\"text\":\"вул. Сагайдачного, 25\",\"comment\":\"x\"," PLACE "}");
		ck_assert_int_eq(rig_sql_int("SELECT count(*) FROM users WHERE address IS NOT NULL"),
		    a->status == 200);
	} while (a->status != 200 && memory < 1 << 16);
	rig_ok(a, 200);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("address", keeps_what_it_knows_and_nothing_else, names_each_wrong_member,
	    bounds_are_counted_in_letters, without_words_it_is_no_address,
	    a_text_never_goes_with_another_place, too_little_memory_changes_nothing);
}
