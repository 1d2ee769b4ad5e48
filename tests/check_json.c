/* check_json.c - JSON from outside: what is refused, and what is told of it */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "tests/suite.h"

static struct arena *arena;
static struct json_fault fault;

static const struct json *
parse(const char *text)
{
	if (arena == NULL)
		arena = arena_new(64 << 20);
	arena_reset(arena);
	return json_parse(arena, text, strlen(text), &fault);
}

static const struct {
	const char *text;
	size_t at;
	int line;
	const char *what;
} refused[] = {
	{ "", 0, 1, "unexpected end" },
	{ " \n ", 3, 2, "unexpected end" },
	{ "{", 1, 1, "unexpected end" },
	{ "{\"a\"", 4, 1, "unexpected end" },
	{ "{\"a\":", 5, 1, "unexpected end" },
	{ "{\"a\":1", 6, 1, "unexpected end" },
	{ "{\"a\":1,", 7, 1, "unexpected end" },
	{ "[1,", 3, 1, "unexpected end" },
	{ "[", 1, 1, "unexpected end" },
	{ "\xEF\xBB\xBF{}", 0, 1, "byte order mark" },
	{ "{}x", 2, 1, "something stands behind the value" },
	{ "{}\n{}", 3, 2, "something stands behind the value" },
	{ "1 2", 2, 1, "something stands behind the value" },
	{ "{\"a\":1,}", 7, 1, "a key was expected" },
	{ "{a:1}", 1, 1, "a key was expected" },
	{ "{'a':1}", 1, 1, "a key was expected" },
	{ "{1:1}", 1, 1, "a key was expected" },
	{ "{\"a\" 1}", 5, 1, "a colon was expected" },
	{ "{\"a\"::1}", 5, 1, "a value was expected" },
	{ "[1,]", 3, 1, "a value was expected" },
	{ "[,1]", 1, 1, "a value was expected" },
	{ "[1 2]", 3, 1, "a comma or ] was expected" },
	{ "[1}", 2, 1, "a comma or ] was expected" },
	{ "{\"a\":1]", 6, 1, "a comma or } was expected" },
	{ "{\"a\":1 \"b\":2}", 7, 1, "a comma or } was expected" },
	{ "True", 0, 1, "a value was expected" },
	{ "tru", 0, 1, "a value was expected" },
	{ "nul", 0, 1, "a value was expected" },
	{ "nulll", 4, 1, "something stands behind the value" },
	{ "NaN", 0, 1, "a value was expected" },
	{ "Infinity", 0, 1, "a value was expected" },
	{ "/* c */ 1", 0, 1, "a value was expected" },
	{ "01", 0, 1, "invalid number" }, { "-", 0, 1, "invalid number" },
	{ "-01", 0, 1, "invalid number" }, { "1.", 0, 1, "invalid number" },
	{ ".5", 0, 1, "a value was expected" },
	{ "+1", 0, 1, "a value was expected" },
	{ "1e", 0, 1, "invalid number" }, { "1e+", 0, 1, "invalid number" },
	{ "1.e1", 0, 1, "invalid number" }, { "0x1", 1, 1, "something stands behind the value" },
	{ "[1.2.3]", 1, 1, "invalid number" }, { "--1", 0, 1, "invalid number" },
	{ "-Infinity", 0, 1, "invalid number" }, { "1-1", 0, 1, "invalid number" },
	{ "\"abc", 0, 1, "text without end" },
	{ "\"abc\\\"", 0, 1, "text without end" },
	{ "\"\\", 2, 1, "invalid escape" },
	{ "\"\\x\"", 1, 1, "invalid escape" },
	{ "\"\\'\"", 1, 1, "invalid escape" },
	{ "\"\\u12\"", 1, 1, "invalid escape" },
	{ "\"\\u12G4\"", 1, 1, "invalid escape" },
	{ "\"\\u+123\"", 1, 1, "invalid escape" },
	{ "\"a\\u0000\"", 2, 1, "NUL in a text" },
	{ "{\"\\u0000\":1}", 2, 1, "NUL in a text" },
	{ "\"\\uD800\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uD800x\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uD800\\n\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uD800\\uD800\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uD800\\u0041\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uDC00\"", 1, 1, "half of a surrogate pair" },
	{ "\"\\uDBFF\\uDFF\"", 1, 1, "half of a surrogate pair" },
	{ "\"a\nb\"", 2, 1, "control byte in a text" },
	{ "\"a\x01\"", 2, 1, "control byte in a text" },
	{ "\"a\tb\"", 2, 1, "control byte in a text" },
	{ "\"\xFF\"", 1, 1, "invalid UTF-8" },
	{ "\"\xFF" "1\"", 1, 1, "invalid UTF-8" },
	{ "\"\uFFFD\n\xC0\x80\"", 5, 2, "invalid UTF-8" },
	{ "\"\xED\xA0\x80\"", 1, 1, "invalid UTF-8" },
	{ "[1,\xC2\xA0" "2]", 3, 1, "a value was expected" },
	{ "[1\f]", 2, 1, "a comma or ] was expected" },
	{ "{\"a\":1,\"a\":2}", 7, 1, "duplicate key" },
	{ "{\"a\":1,\n\"b\":2,\n\"\\u0061\":3}", 15, 3, "duplicate key" },
	{ "{\"\":1,\"\":2}", 6, 1, "duplicate key" },
	{ "[{\"x\":{\"я\":1,\"\\u044F\":1}}]", 14, 1, "duplicate key" },
	{ "{\"a/\":1,\"a\\/\":1}", 8, 1, "duplicate key" },
};

START_TEST(refuses_with_place_and_reason)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		ck_assert_msg(parse(refused[i].text) == NULL, "accepts %s", refused[i].text);
		ck_assert_msg(strcmp(fault.what, refused[i].what) == 0, "%s: %s",
		    refused[i].text, fault.what);
		ck_assert_msg(fault.at == refused[i].at && fault.line == refused[i].line,
		    "%s: byte %zu line %d", refused[i].text, fault.at, fault.line);
	}
}
END_TEST

START_TEST(refuses_nul_bytes)
{
	static const char raw[][6] = { "\"a\0b\"", "[1\0]", "\0[1]", "1\0" };

	parse("1");
	for (size_t i = 0; i < 4; i++)
		ck_assert_ptr_null(json_parse(arena, raw[i], i == 3 ? 2 : 4, &fault));
}
END_TEST

START_TEST(accepts_what_rfc_8259_allows)
{
	static const char *const cases[] = {
		"{}", "[]", " \t\r\n[ ] ", "\"\"", "0", "-0", "1", "null", "true", "false",
		"[[],{},[[]],{\"a\":{}}]", "{\"\":0}", "{\"a\":1,\"A\":2,\"b\":{\"a\":1}}",
		"[{\"a\":1},{\"a\":1}]", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00\"",
		"[0.0,-1.5,1e5,1E+5,1e-5,0e0,1.25E-10,123456789012345678901234567890]",
		"\"\x7F\xC2\x80\u202E😀\"", "{\"\\uD83D\\uDE00\":1,\"\\uD83D\\uDE01\":2}",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(parse(cases[i]) != NULL, "%s: %s", cases[i], fault.what);
		ck_assert_ptr_null(fault.what);
	}
}
END_TEST

START_TEST(nests_thirty_two_deep_and_no_deeper)
{
	struct buf b = BUF_INIT(1000);

	for (size_t depth = 32; depth <= 33; depth++)
		for (int mixed = 0; mixed < 2; mixed++) {
			buf_reset(&b);
			for (size_t i = 0; i < depth; i++)
				buf_str(&b, mixed && i % 2 ? "{\"a\":" : "[");
			buf_char(&b, '1');
			for (size_t i = depth; i-- > 0;)
				buf_char(&b, mixed && i % 2 ? '}' : ']');
			ck_assert((parse(b.s) != NULL) == (depth == 32));
		}
	buf_free(&b);
	ck_assert_str_eq(fault.what, "nested too deep");
	ck_assert_ptr_nonnull(parse("[[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],"
	    "[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],[[]],"
	    "[[]],[[]],[[]],[[]],[[]],[[]],[[]]]"));
}
END_TEST

START_TEST(knows_types_and_values)
{
	const struct json *j = parse("{\"n\":null,\"t\":true,\"f\":false,\"i\":-7,"
	    "\"s\":\"Борщ\\n\\uD83D\\uDE00\",\"a\":[1,\"2\",[]],\"o\":{\"x\":{}}}");
	static const struct { const char *name; enum json_type type; const char *word; } cases[] = {
		{ "n", JSON_NULL, "null" }, { "t", JSON_BOOL, "true or false" },
		{ "f", JSON_BOOL, "true or false" }, { "i", JSON_NUMBER, "a number" },
		{ "s", JSON_TEXT, "text" }, { "a", JSON_ARRAY, "a list" },
		{ "o", JSON_OBJECT, "an object" },
	};
	const struct json *m = json_first(j);

	ck_assert_uint_eq(json_count(j), 7);
	for (size_t i = 0; i < 7; i++, m = json_next(m)) {
		ck_assert_str_eq(json_name(m), cases[i].name);
		ck_assert_ptr_eq(json_member(j, cases[i].name), m);
		ck_assert_int_eq(json_type(m), cases[i].type);
		ck_assert_str_eq(json_type_name(json_type(m)), cases[i].word);
	}
	ck_assert_ptr_null(m);
	ck_assert_str_eq(json_text(json_member(j, "s")), "Борщ\n😀");
	ck_assert(json_true(json_member(j, "t")));
	ck_assert(!json_true(json_member(j, "f")));
	ck_assert(!json_true(json_member(j, "i")));
	ck_assert_uint_eq(json_count(json_member(j, "a")), 3);
	ck_assert_ptr_null(json_name(json_first(json_member(j, "a"))));
	ck_assert_ptr_null(json_member(j, "N"));
	ck_assert_ptr_null(json_member(json_member(j, "a"), "n"));
	ck_assert_str_eq(json_type_name(JSON_TYPES), "nothing known");
}
END_TEST

START_TEST(absent_values_are_harmless)
{
	struct buf b = BUF_INIT(100);
	int64_t n;
	double d;

	ck_assert_int_eq(json_type(NULL), JSON_NULL);
	ck_assert_ptr_null(json_member(NULL, "a"));
	ck_assert_ptr_null(json_first(NULL));
	ck_assert_ptr_null(json_next(NULL));
	ck_assert_ptr_null(json_name(NULL));
	ck_assert_ptr_null(json_text(NULL));
	ck_assert_ptr_null(json_digits(NULL));
	ck_assert_ptr_null(json_pointer(NULL, ""));
	ck_assert_uint_eq(json_count(NULL), 0);
	ck_assert(!json_true(NULL));
	ck_assert_int_eq(json_int(NULL, &n), -1);
	ck_assert_int_eq(json_real(NULL, &d), -1);
	json_write(&b, NULL, NULL);
	ck_assert_str_eq(b.s, "null");
	buf_free(&b);
}
END_TEST

/* G82: money and ids are read from their own digits, never through double. */
START_TEST(keeps_the_digits_of_numbers)
{
	static const char *const cases[] = {
		"99.990000000000001", "9007199254740993", "-0", "1.10", "1e400",
		"9223372036854775808", "0.1000000000000000055511151231257827",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct json *j = parse(cases[i]);

		ck_assert_str_eq(json_digits(j), cases[i]);
		ck_assert_ptr_null(json_text(j));
	}
}
END_TEST

START_TEST(reads_integers_that_fit_exactly)
{
	static const struct { const char *text; int ok; int64_t n; } cases[] = {
		{ "0", 1, 0 }, { "-0", 1, 0 }, { "42", 1, 42 },
		{ "9007199254740993", 1, INT64_C(9007199254740993) },
		{ "9223372036854775807", 1, INT64_MAX },
		{ "-9223372036854775808", 1, INT64_MIN },
		{ "9223372036854775808", 0, 0 }, { "-9223372036854775809", 0, 0 },
		{ "1.0", 0, 0 }, { "1e2", 0, 0 }, { "1E2", 0, 0 },
		{ "\"1\"", 0, 0 }, { "true", 0, 0 }, { "null", 0, 0 }, { "[1]", 0, 0 },
	};
	int64_t n;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		n = -42;
		ck_assert_int_eq(json_int(parse(cases[i].text), &n), cases[i].ok ? 0 : -1);
		ck_assert_int_eq(n, cases[i].ok ? cases[i].n : -42);
	}
}
END_TEST

START_TEST(reads_reals_that_are_finite)
{
	double d = 0;

	ck_assert_int_eq(json_real(parse("50.4501"), &d), 0);
	ck_assert_double_eq(d, 50.4501);
	ck_assert_int_eq(json_real(parse("-1e-3"), &d), 0);
	ck_assert_double_eq(d, -0.001);
	ck_assert_int_eq(json_real(parse("1e999"), &d), -1);
	ck_assert_int_eq(json_real(parse("-1e999"), &d), -1);
	ck_assert_int_eq(json_real(parse("\"1\""), &d), -1);
	ck_assert_double_eq(d, -0.001);
}
END_TEST

/* Whatever a stranger writes, a text stays a text. */
START_TEST(no_text_passes_for_a_number)
{
	static const char *const cases[] = {
		"\"1\"", "\"\\u00FF1\"", "\"ÿ1\"", "\"\\u00011\"", "\"\\u007F1\"",
		"\"\\uFFFF1\"", "\"\\uDBFF\\uDFFF1\"", "\"\\u00C3\\u00BF1\"", "\"\"",
	};
	char text[32];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct json *j = parse(cases[i]);

		ck_assert_int_eq(json_type(j), JSON_TEXT);
		ck_assert_ptr_null(json_digits(j));
		ck_assert_ptr_nonnull(json_text(j));
	}
	for (int c = 1; c < 0xD800; c++) {
		snprintf(text, sizeof text, "\"\\u%04X1\"", (unsigned)c);
		ck_assert_int_eq(json_type(parse(text)), JSON_TEXT);
	}
}
END_TEST

START_TEST(follows_pointers)
{
	/* The examples of RFC 6901. */
	const struct json *j = parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,"
	    "\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"0\":{\"1\":9}}");
	static const struct { const char *pointer, *digits; } cases[] = {
		{ "/", "0" }, { "/a~1b", "1" }, { "/c%d", "2" }, { "/e^f", "3" },
		{ "/g|h", "4" }, { "/i\\j", "5" }, { "/k\"l", "6" }, { "/ ", "7" },
		{ "/m~0n", "8" }, { "/0/1", "9" },
	};
	static const char *const none[] = {
		"foo", "/fo", "/fooo", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/",
		"/foo/99999999999999999999", "/foo/0/0", "/a/b", "/m~n", "/m~2n", "/m~",
		"//", "/foo/1x",
	};

	ck_assert_ptr_eq(json_pointer(j, ""), j);
	ck_assert_str_eq(json_text(json_pointer(j, "/foo/0")), "bar");
	ck_assert_str_eq(json_text(json_pointer(j, "/foo/1")), "baz");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(json_digits(json_pointer(j, cases[i].pointer)), cases[i].digits);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(json_pointer(j, none[i]) == NULL, "%s", none[i]);
}
END_TEST

START_TEST(tells_the_line_of_a_pointer)
{
	static const char text[] = "\n{\n \"a\": [1,\n  2, {\"x/y\":\n3}],\n"
	    " \"\\u0062\"\n:\n\"t\",\n \"c\":[]\n}\n";
	static const struct { const char *pointer; int line; } cases[] = {
		{ "", 2 }, { "/a", 3 }, { "/a/0", 3 }, { "/a/1", 4 }, { "/a/2", 4 },
		{ "/a/2/x~1y", 5 }, { "/b", 8 }, { "/c", 9 }, { "/c/0", 0 }, { "/a/3", 0 },
		{ "/d", 0 }, { "/a/x", 0 }, { "/b/0", 0 }, { "a", 0 }, { "/a/2/x", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(json_line(text, strlen(text), cases[i].pointer) == cases[i].line,
		    "%s", cases[i].pointer);
	ck_assert_int_eq(json_line("", 0, ""), 0);
	ck_assert_int_eq(json_line("{\"a\"", 4, "/a"), 0);
	ck_assert_int_eq(json_line("{\"a\":", 5, "/a"), 0);
	ck_assert_int_eq(json_line("[1,", 3, "/1"), 0);
	ck_assert_int_eq(json_line("[x,1]", 5, "/1"), 0);
}
END_TEST

START_TEST(writes_values_back)
{
	static const char text[] = "{\"a\":[1.10,\"q\\\"\\n\",null,true,{}],"
	    "\"k\\\\\":-0,\"n\":9007199254740993,\"s\":\"борщ\",\"e\":[]}";
	struct buf b = BUF_INIT(1000);

	json_write(&b, NULL, parse(text));
	ck_assert_str_eq(b.s, text);
	buf_reset(&b);
	json_open(&b, NULL, '{');
	json_put_int(&b, "x", 1);
	json_write(&b, "raw", parse("[1,{\"a\":false}]"));
	json_close(&b, '}');
	ck_assert_str_eq(b.s, "{\"x\":1,\"raw\":[1,{\"a\":false}]}");
	buf_free(&b);
}
END_TEST

/* Sizes at which anything quadratic would run into the time-out. */
START_TEST(big_texts_cost_what_their_bytes_cost)
{
	struct buf b = BUF_INIT(64 << 20);
	const struct json *j;
	size_t n = 0;

	json_open(&b, NULL, '{');
	for (int i = 0; i < 200000; i++)
		buf_printf(&b, "%s\"\\u006B%d\":%d", i ? "," : "", i, i);
	json_close(&b, '}');
	ck_assert_ptr_nonnull(parse(b.s));
	b.len--;
	json_put_int(&b, "k199999", 1);
	json_close(&b, '}');
	ck_assert_ptr_null(parse(b.s));
	ck_assert_str_eq(fault.what, "duplicate key");
	buf_reset(&b);
	json_open(&b, NULL, '[');
	for (int i = 0; i < 300000; i++)
		json_put_int(&b, NULL, i % 10);
	json_close(&b, ']');
	ck_assert_ptr_nonnull(j = parse(b.s));
	for (j = json_first(j); j != NULL; j = json_next(j))
		n++;
	ck_assert_uint_eq(n, 300000);
	buf_free(&b);
}
END_TEST

START_TEST(says_when_memory_ends)
{
	static const char text[] = "{\"a\\u0062\":[1,2,{\"x\":\"y\"}],\"b\":\"text\",\"c\":3}";
	struct arena *small;
	int fitted = 0;

	for (size_t limit = 0; limit < 2000; limit += 16) {
		small = arena_new(limit);
		if (json_parse(small, text, strlen(text), &fault) != NULL) {
			fitted = 1;
		} else {
			ck_assert(!fitted);
			ck_assert_str_eq(fault.what, "out of memory");
		}
		arena_free(small);
	}
	ck_assert(fitted);
}
END_TEST

int
main(void)
{
	int rc = SUITE("json", refuses_with_place_and_reason, refuses_nul_bytes,
	    accepts_what_rfc_8259_allows, nests_thirty_two_deep_and_no_deeper,
	    knows_types_and_values, absent_values_are_harmless,
	    keeps_the_digits_of_numbers, reads_integers_that_fit_exactly,
	    reads_reals_that_are_finite, no_text_passes_for_a_number,
	    follows_pointers, tells_the_line_of_a_pointer, writes_values_back,
	    big_texts_cost_what_their_bytes_cost, says_when_memory_ends);

	arena_free(arena);
	return rc;
}
