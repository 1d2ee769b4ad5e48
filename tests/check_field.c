/* check_field.c - the members of a body and of a query, one by one (G76) */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "lib/base/money.h"

static struct arena *arena;
static struct buf out = BUF_INIT(REPLY_MAX);
static struct request r;

static void
begin(void)
{
	rig_begin();
	arena = arena_new(ARENA_MAX);
}

static void
end(void)
{
	arena_free(arena);
	buf_free(&out);
	rig_end();
}

static void
open_query(const char *query)
{
	arena_reset(arena);
	request_open(&r, rig_app(), arena, &out, &(struct envelope){ .method = "GET", .path = "/",
	    .query = query, .accept_language = "en" });
	ck_assert_int_eq(r.problem, OK);
}

/* A body {"x": VALUE}; NULL = {}. */
static void
open_body(const char *value)
{
	struct json_fault fault = { 0 };
	char text[4096];

	open_query(NULL);
	snprintf(text, sizeof text, value == NULL ? "{}" : "{\"x\":%s}", value);
	r.body = json_parse(arena, text, strlen(text), &fault);
	ck_assert_msg(r.body != NULL, "%s: %s", fault.what, text);
}

/* wanted NULL: no fault; "" any. */
static void
faulty(const char *wanted, const char *value)
{
	ck_assert_msg((r.fault_count > 0) == (wanted != NULL), "%s: %s", value,
	    r.fault_count > 0 ? r.faults[0].text : "no fault");
	if (wanted != NULL && *wanted != '\0')
		ck_assert_str_eq(r.faults[0].text, wanted);
}

START_TEST(reads_texts)
{
	static const struct { const char *value, *out, *fault; int required; } cases[] = {
		{ "\"борщ\"", "борщ", NULL, 1 }, { "\" \\t ab \\n\"", "ab", NULL, 1 },
		{ NULL, "default", NULL, 0 }, { "null", "default", NULL, 0 },
		{ NULL, "default", "is required", 1 }, { "null", "default", "is required", 1 },
		{ "\"\"", "default", "is required", 1 }, { "\"  \"", "default", "is required", 1 },
		{ "\"a\"", "default", "must have 2 to 5 characters", 1 },
		{ "\"абвгд\"", "абвгд", NULL, 1 },
		{ "\"абвгде\"", "default", "must have 2 to 5 characters", 1 },
		{ "\"a\\nb\"", "default", "holds characters that are not allowed", 1 },
		{ "\"a\\u0001b\"", "default", "", 1 }, { "1", "default", "must be text", 1 },
		{ "true", "default", "must be text", 0 }, { "[\"ab\"]", "default", "must be text", 0 },
		{ "{}", "default", "must be text", 0 },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = "default";

		open_body(cases[i].value);
		field_text(&r, r.body, "x", cases[i].required, 2, 5, &got);
		faulty(cases[i].fault, cases[i].value);
		ck_assert_str_eq(got, cases[i].out);
		ck_assert_int_eq(fields_end(&r), cases[i].fault == NULL ? OK : INVALID_FIELD);
	}
	end();
}
END_TEST

START_TEST(words_may_have_lines)
{
	const char *got = NULL;

	begin();
	open_body("\"до дверей\\nдякую\"");
	field_words(&r, r.body, "x", FIELD_OPTIONAL, 100, &got);
	faulty(NULL, "lines");
	ck_assert_str_eq(got, "до дверей\nдякую");
	open_body("\"\"");
	field_words(&r, r.body, "x", FIELD_OPTIONAL, 100, &got);
	faulty(NULL, "empty");
	ck_assert_str_eq(got, "");
	open_body("\"\"");
	field_words(&r, r.body, "x", FIELD_REQUIRED, 100, &got);
	faulty("is required", "empty");
	end();
}
END_TEST

START_TEST(reads_whole_numbers)
{
	static const struct { const char *value; int64_t out; const char *fault; } cases[] = {
		{ "1", 1, NULL }, { "99", 99, NULL }, { "0", -7, "must be 1 to 99" },
		{ "-1", -7, "must be 1 to 99" }, { "100", -7, "must be 1 to 99" },
		{ "1.0", -7, "must be a whole number" }, { "1e1", -7, "must be a whole number" },
		{ "9223372036854775808", -7, "must be a whole number" },
		{ "\"1\"", -7, "must be a whole number" }, { "true", -7, "must be a whole number" },
		{ NULL, -7, "is required" }, { "null", -7, "is required" },
		{ "[1]", -7, "must be a whole number" },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t got = -7;

		open_body(cases[i].value);
		field_int(&r, r.body, "x", FIELD_REQUIRED, 1, 99, &got);
		faulty(cases[i].fault, cases[i].value);
		ck_assert_int_eq(got, cases[i].out);
	}
	end();
}
END_TEST

START_TEST(reads_money_by_its_digits)
{
	static const struct { const char *value; int64_t out; } cases[] = {
		{ "0", 0 }, { "99.99", 9999 }, { "99.9", 9990 }, { "99", 9900 },
		{ "99.990", 9999 }, { "10000000.00", MONEY_MAX },
		{ "99.999", -7 }, { "-1", -7 }, { "-0.01", -7 }, { "1e2", -7 },
		{ "10000000.01", -7 }, { "\"99.99\"", -7 }, { "false", -7 },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t got = -7;

		open_body(cases[i].value);
		field_money(&r, r.body, "x", FIELD_REQUIRED, &got);
		faulty(cases[i].out == -7 ? "" : NULL, cases[i].value);
		ck_assert_int_eq(got, cases[i].out);
	}
	end();
}
END_TEST

START_TEST(reads_truth_and_choices)
{
	int got = -7;

	begin();
	open_body("true");
	field_bool(&r, r.body, "x", FIELD_REQUIRED, &got);
	ck_assert_int_eq(got, 1);
	open_body("1");
	field_bool(&r, r.body, "x", FIELD_REQUIRED, &got);
	faulty("must be true or false", "1");
	open_body("\"pickup\"");
	field_choice(&r, r.body, "x", FIELD_REQUIRED, "delivery|pickup", &got);
	ck_assert_int_eq(got, 1);
	open_body("\"pick\"");
	field_choice(&r, r.body, "x", FIELD_REQUIRED, "delivery|pickup", &got);
	faulty("must be one of: delivery|pickup", "pick");
	open_body("\"delivery|pickup\"");
	field_choice(&r, r.body, "x", FIELD_REQUIRED, "delivery|pickup", &got);
	faulty("", "both");
	open_body("\"\"");
	field_choice(&r, r.body, "x", FIELD_REQUIRED, "delivery|pickup", &got);
	faulty("", "empty");
	open_body(NULL);
	got = 5;
	field_choice(&r, r.body, "x", FIELD_OPTIONAL, "delivery|pickup", &got);
	faulty(NULL, "absent");
	ck_assert_int_eq(got, 5);
	end();
}
END_TEST

START_TEST(coordinates_come_in_pairs)
{
	static const struct { const char *value; int right; } cases[] = {
		{ "{\"latitude\":50.45,\"longitude\":30.52}", 1 }, { "{}", 1 },
		{ "{\"latitude\":null,\"longitude\":null}", 1 },
		{ "{\"latitude\":-90,\"longitude\":180}", 1 },
		{ "{\"latitude\":50.45}", 0 }, { "{\"longitude\":30.5}", 0 },
		{ "{\"latitude\":90.1,\"longitude\":0}", 0 },
		{ "{\"latitude\":0,\"longitude\":-180.5}", 0 },
		{ "{\"latitude\":\"50\",\"longitude\":30}", 0 },
		{ "{\"latitude\":1e400,\"longitude\":30}", 0 },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double latitude, longitude;

		open_body(cases[i].value);
		field_coordinates(&r, json_member(r.body, "x"), &latitude, &longitude);
		faulty(cases[i].right ? NULL : "", cases[i].value);
	}
	end();
}
END_TEST

START_TEST(reads_addresses_and_phones_in_one_form)
{
	static const struct { const char *value, *out; } phones[] = {
		{ "\"067 123-45-67\"", "+380671234567" }, { "\"+380671234567\"", "+380671234567" },
		{ "\"380671234567\"", "+380671234567" }, { "\"+48 123 456 789\"", "+48123456789" },
		{ "\"12345\"", NULL }, { "\"067123456x\"", NULL }, { "671234567", NULL },
		{ "\"+38067123456\"", NULL },
	};
	const char *got;

	begin();
	for (size_t i = 0; i < sizeof phones / sizeof *phones; i++) {
		got = NULL;
		open_body(phones[i].value);
		field_phone(&r, r.body, "x", FIELD_REQUIRED, &got);
		faulty(phones[i].out == NULL ? "" : NULL, phones[i].value);
		if (phones[i].out != NULL)
			ck_assert_str_eq(got, phones[i].out);
	}
	open_body("\" Anna@Example.COM \"");
	field_email(&r, r.body, "x", &got);
	ck_assert_str_eq(got, "anna@example.com");
	open_body("\"anna@\"");
	field_email(&r, r.body, "x", &got);
	faulty("must be an e-mail address", "anna@");
	end();
}
END_TEST

START_TEST(names_the_place_of_a_fault)
{
	const struct json *list, *item;
	int64_t n;

	begin();
	open_body("[{\"quantity\":1},{\"quantity\":0}]");
	list = field_array(&r, r.body, "x", FIELD_REQUIRED, 1, 2);
	ck_assert_ptr_nonnull(list);
	item = json_next(json_first(list));
	r.field_at = "x[1].";
	field_int(&r, item, "quantity", FIELD_REQUIRED, 1, 99, &n);
	ck_assert_str_eq(r.faults[0].field, "x[1].quantity");
	open_body("[1,2,3]");
	ck_assert_ptr_null(field_array(&r, r.body, "x", FIELD_REQUIRED, 1, 2));
	faulty("must have 1 to 2 elements", "three");
	open_body("{}");
	ck_assert_ptr_null(field_array(&r, r.body, "x", FIELD_OPTIONAL, 1, 2));
	faulty("must be an array", "object");
	open_body("[]");
	ck_assert_ptr_null(field_object(&r, r.body, "x", FIELD_OPTIONAL));
	faulty("must be an object", "array");
	end();
}
END_TEST

START_TEST(hears_every_fault_up_to_the_bound)
{
	int64_t n;

	begin();
	open_body(NULL);
	for (int i = 0; i < FIELDS_MAX + 3; i++)
		field_int(&r, r.body, "x", FIELD_REQUIRED, 1, 2, &n);
	ck_assert_uint_eq(r.fault_count, FIELDS_MAX);
	end();
}
END_TEST

START_TEST(no_memory_for_a_field_is_no_fault_of_the_client)
{
	struct arena *none = arena_new(1);
	const char *got = NULL;

	begin();
	open_body("\"abcdefgh\"");
	r.arena = none;
	field_text(&r, r.body, "x", FIELD_REQUIRED, 1, 10, &got);
	ck_assert_int_eq(fields_end(&r), INTERNAL);
	open_body("1");
	r.arena = none;
	field_text(&r, r.body, "x", FIELD_REQUIRED, 1, 10, &got);
	ck_assert_int_eq(fields_end(&r), INTERNAL);
	arena_free(none);
	end();
}
END_TEST

START_TEST(reads_a_query)
{
	struct page p;

	begin();
	open_query("search=%D0%B1%D0%BE%D1%80%D1%89+x&page=3&limit=50&lat=50.5&s=b&%66lag=1&&e=");
	ck_assert_str_eq(query_text(&r, "search", 10), "борщ x");
	ck_assert_str_eq(query_text(&r, "flag", 10), "1");
	ck_assert_ptr_null(query_text(&r, "e", 10));
	ck_assert_ptr_null(query_text(&r, "nothing", 10));
	ck_assert_int_eq(query_int(&r, "page", 1, 9, 1), 3);
	ck_assert_int_eq(query_int(&r, "nothing", 1, 9, 7), 7);
	ck_assert_double_eq(query_real(&r, "lat", -90, 90), 50.5);
	ck_assert(isnan(query_real(&r, "nothing", -90, 90)));
	ck_assert_int_eq(query_choice(&r, "s", "a|b"), 1);
	ck_assert_int_eq(query_choice(&r, "nothing", "a|b"), -1);
	query_page(&r, &p);
	ck_assert_int_eq(p.offset, 100);
	ck_assert_int_eq(fields_end(&r), OK);
	open_query("search=борщ");
	ck_assert_str_eq(query_text(&r, "search", 10), "борщ");
	end();
}
END_TEST

START_TEST(refuses_wrong_values_in_a_query)
{
	static const struct { const char *query, *fault; } cases[] = {
		{ "n=0", "must be 1 to 9" }, { "n=10", "must be 1 to 9" }, { "n=-", "must be 1 to 9" },
		{ "n=1x", "must be 1 to 9" }, { "n=99999999999999999999", "must be 1 to 9" },
		{ "n=-99999999999999999999", "must be 1 to 9" }, { "n=1&n=1", "may be given only once" },
		{ "n=+1", "must be 1 to 9" }, { "r=91", "must be -90 to 90" },
		{ "r=nan", "must be -90 to 90" }, { "r=inf", "must be -90 to 90" },
		{ "r=0x1", "must be -90 to 90" }, { "r=1e1", "must be -90 to 90" },
		{ "r=1.2.3", "must be -90 to 90" }, { "r=.", "must be -90 to 90" },
		{ "r=00000000000000000000000000000000001", "must be -90 to 90" },
		{ "t=abcdef", "must have 1 to 5 characters" }, { "c=x", "must be one of: a|b" },
		{ "page=0", "must be 1 to 1000000" }, { "limit=101", "must be 1 to 100" },
	};
	struct page p;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_query(cases[i].query);
		query_int(&r, "n", 1, 9, 5);
		query_real(&r, "r", -90, 90);
		query_text(&r, "t", 5);
		query_choice(&r, "c", "a|b");
		query_page(&r, &p);
		faulty(cases[i].fault, cases[i].query);
		ck_assert_uint_eq(r.fault_count, 1);
	}
	end();
}
END_TEST

START_TEST(faults_are_told_in_ukrainian_too)
{
	int64_t n;

	begin();
	open_body("100");
	r.language = LANG_UK;
	field_int(&r, r.body, "x", FIELD_REQUIRED, 1, 99, &n);
	ck_assert_str_eq(r.faults[0].text, "має бути від 1 до 99");
	end();
}
END_TEST

int
main(void)
{
	return SUITE("field", reads_texts, words_may_have_lines, reads_whole_numbers,
	    reads_money_by_its_digits, reads_truth_and_choices, coordinates_come_in_pairs,
	    reads_addresses_and_phones_in_one_form, names_the_place_of_a_fault,
	    hears_every_fault_up_to_the_bound, no_memory_for_a_field_is_no_fault_of_the_client,
	    reads_a_query, refuses_wrong_values_in_a_query, faults_are_told_in_ukrainian_too);
}
