/* check_etag.c - what If-None-Match may look like (RFC 9110 13.1.2) */
#include <string.h>

#include "app/etag.h"
#include "tests/rig.h"
#include "tests/suite.h"

#undef fail

START_TEST(weak_comparison_over_a_list)
{
	static const struct { const char *sent; int known; } cases[] = {
		{ NULL, 0 }, { "", 0 }, { "*", 1 }, { "W/\"1-7\"", 1 }, { "\"1-7\"", 1 },
		{ "W/\"1-8\"", 0 }, { "W/\"1-70\"", 0 }, { "1-7", 0 }, { "W/\"1-7", 0 },
		{ "\"a\", W/\"1-7\"", 1 }, { "\"a\",\"1-7\"", 1 }, { "\"a\" , \"b\"", 0 },
		{ "\"a,1-7\"", 0 }, { ", ,\"1-7\"", 1 }, { "W/", 0 }, { "\"", 0 },
		{ "W/*", 0 }, { "\"1-7\" garbage", 1 }, { "garbage \"1-7\"", 0 },
	};
	struct arena *a = arena_new(1 << 16);
	struct buf out = BUF_INIT(100);
	struct request r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = (struct request){ .arena = a, .out = &out, .status = 200,
			.if_none_match = cases[i].sent };
		buf_lit(&out, "{}");
		ck_assert_msg(etag_is_known(&r, "W/\"1-7\"") == cases[i].known, "%s", cases[i].sent);
		ck_assert_int_eq(r.status, cases[i].known ? 304 : 200);
		ck_assert_int_eq(out.len == 0, cases[i].known);
		ck_assert_str_eq(r.headers[0].name, "ETag");
		buf_reset(&out);
	}
	buf_free(&out);
	arena_free(a);
}
END_TEST

START_TEST(other_bytes_have_another_tag)
{
	char one[ETAG_TEXT], other[ETAG_TEXT];
	struct buf b = BUF_INIT(100);

	etag_of(&b, other);
	buf_lit(&b, "{\"a\":1}");
	etag_of(&b, one);
	ck_assert_str_ne(one, other);
	b.s[5] = '2';
	etag_of(&b, other);
	ck_assert_str_ne(one, other);
	ck_assert_str_eq(one + strlen(one) - 1, "\"");
	buf_free(&b);
}
END_TEST

int
main(void)
{
	return SUITE("etag", weak_comparison_over_a_list, other_bytes_have_another_tag);
}
