/* check_request.c - what is let in, and what is refused before anything believes it (G76) */
#include <string.h>

#include "tests/rig.h"
#include "tests/suite.h"

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

static size_t
open_request(const struct envelope *e)
{
	arena_reset(arena);
	return request_open(&r, rig_app(), arena, &out, e);
}

static char *
long_text(size_t n, char c)
{
	char *s = arena_get(arena, n + 1);

	memset(s, c, n);
	return s;
}

START_TEST(takes_everything_as_told)
{
	begin();
	ck_assert_uint_eq(open_request(&(struct envelope){ .method = "POST", .path = "/cart/add",
	    .query = "a=1", .content_type = "application/json", .content_length = "12",
	    .remote = "192.0.2.1", .id = "0a1b", .authorization = "Bearer x",
	    .idempotency_key = "k", .if_none_match = "\"1\"", .origin = "https://a.example" }), 12);
	ck_assert_int_eq(r.problem, OK);
	ck_assert_int_eq(r.status, 200);
	ck_assert_str_eq(r.method, "POST");
	ck_assert_str_eq(r.path, "/cart/add");
	ck_assert_str_eq(r.query, "a=1");
	ck_assert_str_eq(r.content_type, "application/json");
	ck_assert_str_eq(r.remote, "192.0.2.1");
	ck_assert_str_eq(r.id, "0a1b");
	ck_assert_str_eq(r.authorization, "Bearer x");
	ck_assert_str_eq(r.idempotency_key, "k");
	ck_assert_str_eq(r.if_none_match, "\"1\"");
	ck_assert_str_eq(r.origin, "https://a.example");
	end();
}
END_TEST

START_TEST(refuses_bad_methods_and_paths)
{
	static const struct {
		const char *method, *path;
		enum problem problem;
	} cases[] = {
		{ NULL, "/", BAD_REQUEST }, { "", "/", BAD_REQUEST }, { "get", "/", BAD_REQUEST },
		{ "GE T", "/", BAD_REQUEST }, { "AVERYLONGMETHODNAME", "/", BAD_REQUEST },
		{ "GET", NULL, BAD_REQUEST }, { "GET", "", BAD_REQUEST }, { "GET", "x", BAD_REQUEST },
		{ "GET", "/a\r\nSet-Cookie: x", BAD_ENCODING }, { "GET", "/a\x01", BAD_ENCODING },
		{ "GET", "/\xc3\x28", BAD_ENCODING }, { "GET", "/\xff", BAD_ENCODING },
		{ "GET", "/a\x7f", BAD_ENCODING }, { "GET", "/\xed\xa0\x80", BAD_ENCODING },
		{ "GET", "/борщ", OK },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_request(&(struct envelope){ .method = cases[i].method, .path = cases[i].path });
		ck_assert_msg(r.problem == cases[i].problem, "case %zu: %d", i, (int)r.problem);
	}
	open_request(&(struct envelope){ .method = "GET", .path = long_text(1025, '/') });
	ck_assert_int_eq(r.problem, BAD_ENCODING);
	end();
}
END_TEST

START_TEST(refuses_control_bytes_and_long_texts_in_every_header)
{
	begin();
	for (int i = 0; i < 9; i++) {
		struct envelope e = { .method = "GET", .path = "/" };
		const char **texts[] = { &e.query, &e.content_type, &e.remote, &e.authorization,
		    &e.idempotency_key, &e.if_none_match, &e.accept_language, &e.origin, &e.preflight };

		*texts[i] = "a\nb";
		open_request(&e);
		ck_assert_msg(r.problem == BAD_ENCODING, "text %d", i);
		*texts[i] = long_text(4097, 'a');
		open_request(&e);
		ck_assert_msg(r.problem == BAD_ENCODING, "long text %d", i);
	}
	end();
}
END_TEST

START_TEST(a_strange_request_id_is_not_repeated)
{
	static const char *const ids[] = { NULL, "", "a\"b", "a b", "a\n", "\xd0\xb1" };

	begin();
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		open_request(&(struct envelope){ .method = "GET", .path = "/", .id = ids[i] });
		ck_assert_str_eq(r.id, "-");
		ck_assert_int_eq(r.problem, OK);
	}
	open_request(&(struct envelope){ .method = "GET", .path = "/", .id = long_text(65, 'a') });
	ck_assert_str_eq(r.id, "-");
	end();
}
END_TEST

START_TEST(bounds_the_announced_body)
{
	static const struct {
		const char *length;
		size_t wanted;
		enum problem problem;
	} cases[] = {
		{ NULL, 0, OK }, { "", 0, OK }, { "0", 0, OK }, { "65536", 65536, OK },
		{ "65537", 0, TOO_LARGE }, { "99999999999999999999999", 0, TOO_LARGE },
		{ "-1", 0, BAD_REQUEST }, { "1x", 1, BAD_REQUEST }, { "+1", 0, BAD_REQUEST },
		{ "0x10", 0, BAD_REQUEST },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_uint_eq(open_request(&(struct envelope){ .method = "POST", .path = "/",
		    .content_length = cases[i].length }), cases[i].wanted);
		ck_assert_msg(r.problem == cases[i].problem, "case %zu", i);
	}
	end();
}
END_TEST

START_TEST(a_body_must_come_whole)
{
	struct envelope e = { .method = "POST", .path = "/", .content_length = "4" };

	begin();
	open_request(&e);
	request_body(&r, "{}  ", 4);
	ck_assert_int_eq(r.problem, OK);
	ck_assert_str_eq(r.body_text, "{}  ");
	open_request(&e);
	request_body(&r, "{}", 2);
	ck_assert_int_eq(r.problem, BAD_REQUEST);
	open_request(&e);
	request_body(&r, NULL, 0);
	ck_assert_int_eq(r.problem, INTERNAL);
	end();
}
END_TEST

START_TEST(speaks_the_language_that_is_liked_best)
{
	static const struct {
		const char *accept;
		enum language language;
	} cases[] = {
		{ NULL, LANG_EN }, { "", LANG_EN }, { "en", LANG_EN }, { "EN-us", LANG_EN },
		{ "uk-UA,uk;q=0.9,en;q=0.8", LANG_UK }, { "en;q=0.5, uk;q=0.9", LANG_UK },
		{ "de,fr;q=0.9,en;q=0.1", LANG_EN }, { "de", LANG_UK }, { "*", LANG_UK },
		{ "eng", LANG_UK }, { "en;q=0", LANG_UK }, { "en;q=1.0,uk;q=0.999", LANG_EN },
		{ ",,,;q=;", LANG_UK }, { "en;q=x", LANG_UK }, { "en;level=1", LANG_EN },
		{ "en ; q=0.1, uk", LANG_UK },
	};

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		open_request(&(struct envelope){ .method = "GET", .path = "/",
		    .accept_language = cases[i].accept });
		ck_assert_msg(r.language == cases[i].language, "%s", cases[i].accept);
	}
	rig_set("DEFAULT_LANGUAGE", "en");
	open_request(&(struct envelope){ .method = "GET", .path = "/", .accept_language = "de" });
	ck_assert_int_eq(r.language, LANG_EN);
	end();
}
END_TEST

START_TEST(refuses_a_wrong_query)
{
	static const char *const wrong[] = {
		"a=%", "a=%4", "a=%zz", "a=%00", "a=%0a", "a=%ff", "%ff=a", "a=%ed%a0%80", "a=%c3",
	};
	char many[ARGS_MAX * 4 + 8] = "";

	begin();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		open_request(&(struct envelope){ .method = "GET", .path = "/", .query = wrong[i] });
		ck_assert_msg(r.problem == BAD_ENCODING, "%s", wrong[i]);
	}
	for (int i = 0; i <= ARGS_MAX; i++)
		strncat(many, "a=&", sizeof many - strlen(many) - 1);
	open_request(&(struct envelope){ .method = "GET", .path = "/", .query = many });
	ck_assert_int_eq(r.problem, BAD_ENCODING);
	end();
}
END_TEST

START_TEST(a_header_of_ours_holds_no_other)
{
	begin();
	open_request(&(struct envelope){ .method = "GET", .path = "/" });
	request_header(&r, "ETag", "\"1\"\r\nSet-Cookie: x");
	request_header(&r, "ETag", NULL);
	ck_assert_uint_eq(r.header_count, 0);
	for (int i = 0; i < HEADERS_MAX + 2; i++)
		request_header(&r, "ETag", "\"1\"");
	ck_assert_uint_eq(r.header_count, HEADERS_MAX);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("request", takes_everything_as_told, refuses_bad_methods_and_paths,
	    refuses_control_bytes_and_long_texts_in_every_header,
	    a_strange_request_id_is_not_repeated, bounds_the_announced_body, a_body_must_come_whole,
	    speaks_the_language_that_is_liked_best, refuses_a_wrong_query,
	    a_header_of_ours_holds_no_other);
}
