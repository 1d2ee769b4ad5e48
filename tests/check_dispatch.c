/*
 * check_dispatch.c - the order in which a request is dealt with, shown with
 * routes of the test's own
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/handlers.h"
#include "app/route.h"

static struct stmt mark = { .sql = "INSERT INTO meta (key, value) VALUES (?1, 'x')" };

static enum problem
leave_mark(struct request *r, const char *key)
{
	int status = db_run(r->app->db, &mark, "s", key);

	return status == 0 ? OK : fail_db(r, status);
}

static enum problem
say(struct request *r, const char *what)
{
	json_open(r->out, NULL, '{');
	json_put_text(r->out, "says", what);
	json_put_bool(r->out, "in_transaction", db_in_transaction(r->app->db));
	json_close(r->out, '}');
	return OK;
}

static enum problem
say_prepare(struct request *r)
{
	return say(r, "prepare");
}

static enum problem
say_apply(struct request *r)
{
	return say(r, "apply");
}

static enum problem
write_apply(struct request *r)
{
	r->status = 201;
	return leave_mark(r, "a") == OK ? say(r, "apply") : r->problem;
}

static enum problem
refuse_apply(struct request *r)
{
	if (leave_mark(r, "a") != OK)
		return r->problem;
	return fail_with(r, CART_CHANGED, "\"cart\":{\"version\":2}");
}

static enum problem
count_apply(struct request *r)
{
	r->commit_refusal = 1;
	return refuse_apply(r);
}

static enum problem
break_apply(struct request *r)
{
	r->commit_refusal = 1;
	return leave_mark(r, "a") != OK || leave_mark(r, "a") != OK ? r->problem : OK;
}

static enum problem
silent_apply(struct request *r)
{
	(void)r;
	return OUT_OF_AREA;	/* without fail() */
}

static enum problem
huge_apply(struct request *r)
{
	if (leave_mark(r, "a") != OK)
		return r->problem;
	while (!r->out->failed)
		buf_lit(r->out, "0123456789abcdef");
	return OK;
}

static enum problem
refuse_prepare(struct request *r)
{
	int64_t n;

	field_int(r, r->body, "n", FIELD_REQUIRED, 1, 2, &n);
	return fields_end(r);
}

static enum problem
memory_prepare(struct request *r)
{
	r->work = arena_get(r->arena, 2000);
	return r->work == NULL ? fail(r, INTERNAL) : OK;
}

static enum problem
busy_apply(struct request *r)
{
	r->retry_after = 7;
	request_header(r, "ETag", "\"1\"");
	return fail(r, BUSY);
}

static enum problem
etag_apply(struct request *r)
{
	request_header(r, "ETag", "\"1\"");
	if (r->if_none_match == NULL || strcmp(r->if_none_match, "\"1\"") != 0)
		return say(r, "apply");
	r->status = 304;
	return OK;
}

#define READ_ROUTE(path, who, flags, prepare, apply) \
	{ "GET", path, who, flags, LIMIT_NONE, POOL_READ, prepare, apply }
#define WRITE_ROUTE(path, who, flags, prepare, apply) \
	{ "POST", path, who, WRITES | (flags), LIMIT_NONE, POOL_WRITE, prepare, apply }

const struct route routes[] = {
	READ_ROUTE("/prepare", ANYONE, 0, say_prepare, NULL),
	READ_ROUTE("/read", ANYONE, 0, NULL, say_apply),
	READ_ROUTE("/mine", USER, 0, NULL, say_apply),
	READ_ROUTE("/staff", STAFF, 0, NULL, say_apply),
	READ_ROUTE("/admin", ADMIN, 0, NULL, say_apply),
	READ_ROUTE("/sneak", ANYONE, 0, NULL, write_apply),
	READ_ROUTE("/cached", ANYONE, CACHED, NULL, etag_apply),
	READ_ROUTE("/busy", ANYONE, CACHED, NULL, busy_apply),
	READ_ROUTE("/silent", ANYONE, 0, NULL, silent_apply),
	WRITE_ROUTE("/write", USER, HAS_BODY, memory_prepare, write_apply),
	WRITE_ROUTE("/refuse", ANYONE, 0, NULL, refuse_apply),
	WRITE_ROUTE("/count", ANYONE, 0, NULL, count_apply),
	WRITE_ROUTE("/break", ANYONE, 0, NULL, break_apply),
	WRITE_ROUTE("/huge", ANYONE, 0, NULL, huge_apply),
	WRITE_ROUTE("/check", USER, HAS_BODY, refuse_prepare, write_apply),
	WRITE_ROUTE("/prepared", ANYONE, 0, say_prepare, NULL),
};
const size_t route_count = sizeof routes / sizeof *routes;

static int64_t
marks(void)
{
	return rig_sql_int("SELECT count(*) FROM meta WHERE value = 'x'");
}

START_TEST(prepare_runs_outside_and_apply_inside_a_transaction)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("GET", "/prepare", NULL);
	ck_assert_str_eq(a->text, "{\"says\":\"prepare\",\"in_transaction\":false}");
	ck_assert_int_eq(a->statements, 0);
	a = rig_call("POST", "/prepared", NULL);
	ck_assert(strstr(a->text, "\"in_transaction\":false") != NULL);
	rig_login("anna");
	a = rig_call("POST", "/write", "{}");
	rig_ok(a, 201);
	ck_assert(rig_true(a, "/in_transaction"));
	ck_assert_int_eq(marks(), 1);
	a = rig_call("GET", "/mine", NULL);
	rig_ok(a, 200);
	ck_assert_int_eq(a->statements, 3);	/* BEGIN, the session, COMMIT */
	rig_end();
}
END_TEST

START_TEST(a_reading_route_cannot_write)
{
	rig_begin();
	rig_refused(rig_call("GET", "/sneak", NULL), 500, "internal");
	ck_assert_int_eq(marks(), 0);
	ck_assert_ptr_nonnull(strstr(rig_log(), "event=database"));
	rig_end();
}
END_TEST

START_TEST(a_refusal_leaves_nothing_unless_it_says_so)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("POST", "/refuse", NULL);
	rig_refused(a, 409, "cart_changed");
	ck_assert_int_eq(rig_int(a, "/cart/version"), 2);
	ck_assert_str_eq(rig_text(a, "/request_id"), "rig");
	ck_assert_int_eq(marks(), 0);
	rig_refused(rig_call("POST", "/break", NULL), 500, "internal");
	ck_assert_int_eq(marks(), 0);
	rig_refused(rig_call("POST", "/count", NULL), 409, "cart_changed");
	ck_assert_int_eq(marks(), 1);
	rig_refused(rig_call("GET", "/silent", NULL), 422, "out_of_area");
	rig_end();
}
END_TEST

START_TEST(an_answer_that_does_not_fit_has_no_effect)
{
	rig_begin();
	rig_refused(rig_call("POST", "/huge", NULL), 500, "internal");
	ck_assert_int_eq(marks(), 0);
	rig_end();
}
END_TEST

START_TEST(who_comes_before_what)
{
	rig_begin();
	rig_refused(rig_call("POST", "/check", "{"), 401, "unauthorized");
	rig_login("anna");
	rig_refused(rig_call("POST", "/check", "{"), 400, "bad_json");
	rig_refused(rig_call("GET", "/staff", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/admin", NULL), 404, "not_found");
	rig_login_as("sofia", "staff");
	rig_ok(rig_call("GET", "/staff", NULL), 200);
	rig_refused(rig_call("GET", "/admin", NULL), 404, "not_found");
	rig_login_as("boss", "admin");
	rig_ok(rig_call("GET", "/staff", NULL), 200);
	rig_ok(rig_call("GET", "/admin", NULL), 200);
	rig_end();
}
END_TEST

START_TEST(a_blocked_user_is_told_so)
{
	rig_begin();
	rig_login("anna");
	rig_sql("UPDATE users SET is_blocked = 1");
	rig_refused(rig_call("GET", "/mine", NULL), 403, "account_blocked");
	rig_refused(rig_call("POST", "/write", "{}"), 403, "account_blocked");
	ck_assert_int_eq(marks(), 0);
	rig_end();
}
END_TEST

START_TEST(refuses_bodies_that_are_no_object)
{
	static const char *const bodies[] = {
		"", "[]", "1", "\"x\"", "null", "{\"n\":1", "{\"n\":01}", "{\"n\":1}x",
		"{\"n\":1,\"n\":1}", "{\"n\":\"\xff\"}", "{\"n\":\"\\u0000\"}", "{'n':1}",
		"{\"n\":1,}", "\xef\xbb\xbf{\"n\":1}",
	};
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		rig_refused(rig_call("POST", "/check", bodies[i]), 400, "bad_json");
	a = rig_call("POST", "/check", "{\n\"n\":01}");
	ck_assert_int_eq(rig_int(a, "/line"), 2);
	ck_assert(rig_has(a, "/reason"));
	rig_refused(rig_call("POST", "/check", "{\"n\":3}"), 422, "invalid_field");
	rig_ok(rig_call("POST", "/check", "{\"n\":2,\"user_id\":7}"), 201);
	rig_end();
}
END_TEST

START_TEST(names_wrong_fields_in_both_languages)
{
	struct rig_ask ask = { .method = "POST", .path = "/check", .body = "{\"n\":3}" };
	const struct rig_reply *a;

	rig_begin();
	rig_login("anna");
	ask.token = rig_token();
	ask.language = "uk";
	a = rig_send(&ask);
	ck_assert_str_eq(rig_text(a, "/fields/n"), "має бути від 1 до 2");
	ask.language = "en";
	a = rig_send(&ask);
	ck_assert_str_eq(rig_text(a, "/fields/n"), "must be 1 to 2");
	ck_assert_str_eq(rig_text(a, "/error"), "Some fields are not valid");
	rig_end();
}
END_TEST

START_TEST(takes_json_under_its_names_only)
{
	static const struct { const char *type; int status; } types[] = {
		{ "application/json", 201 }, { "application/json; charset=utf-8", 201 },
		{ "Application/JSON", 201 }, { "application/json ;x", 201 }, { "text/plain", 415 },
		{ "application/jsonx", 415 }, { "application/x-www-form-urlencoded", 415 }, { "", 415 },
	};

	rig_begin();
	rig_login("anna");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		rig_ok(rig_send(&(struct rig_ask){ .method = "POST", .path = "/check",
		    .body = "{\"n\":1}", .type = types[i].type, .token = rig_token() }),
		    types[i].status);
		rig_sql("DELETE FROM meta WHERE value = 'x'");
	}
	rig_end();
}
END_TEST

START_TEST(a_busy_database_is_503_with_retry_after)
{
	const struct rig_reply *a;
	char path[4200];
	int fd;

	rig_begin();
	rig_login("anna");
	snprintf(path, sizeof path, "%s.lock", rig_app()->conf.database);
	ck_assert_int_ne(fd = open(path, O_RDWR | O_CREAT, 0600), -1);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	a = rig_call("POST", "/write", "{}");
	rig_refused(a, 503, "busy");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "1");
	rig_ok(rig_call("GET", "/mine", NULL), 200);	/* readers do not wait */
	close(fd);
	rig_ok(rig_call("POST", "/write", "{}"), 201);
	rig_end();
}
END_TEST

START_TEST(stopped_writing_is_503)
{
	const struct rig_reply *a;
	char path[4200];
	int fd;

	rig_begin();
	rig_login("anna");
	snprintf(path, sizeof path, "%s.stopped", rig_app()->conf.database);
	ck_assert_int_ne(fd = open(path, O_WRONLY | O_CREAT, 0600), -1);
	close(fd);
	a = rig_call("POST", "/write", "{}");
	rig_refused(a, 503, "writing_stopped");
	ck_assert_ptr_nonnull(rig_header(a, "Retry-After"));
	rig_ok(rig_call("GET", "/mine", NULL), 200);
	unlink(path);
	rig_end();
}
END_TEST

START_TEST(little_memory_is_refused_whole)
{
	const struct rig_reply *a;
	int done = 0;

	rig_begin();
	rig_login("anna");
	for (size_t limit = 16; limit < 6000; limit += 16) {
		rig_memory(limit);
		a = rig_call("POST", "/write", "{\"a\":[1,2,3],\"b\":\"text\"}");
		if (a->status == 201) {
			rig_sql("DELETE FROM meta WHERE value = 'x'");
			done++;
		} else {
			ck_assert_int_eq(marks(), 0);
		}
		ck_assert_msg(a->status == 201 || a->status == 500 || (a->status == 401 && !done) ||
		    (a->status == 400 && !done), "%zu bytes: %s", limit, a->text);
	}
	ck_assert_int_gt(done, 10);
	rig_end();
}
END_TEST

START_TEST(cached_answers_tell_nothing_about_who_asked)
{
	struct rig_ask ask = { .method = "GET", .path = "/cached", .origin = "https://pwa.example",
		.language = "en" };
	const struct rig_reply *a;

	rig_begin();
	rig_set("CORS_ORIGINS", "https://pwa.example");
	a = rig_send(&ask);
	ck_assert_str_eq(rig_header(a, "Cache-Control"), "no-cache");
	ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Origin"), "*");
	ck_assert_ptr_null(rig_header(a, "Vary"));
	ck_assert_ptr_null(strstr(a->head, "pwa.example"));
	ck_assert_str_eq(a->text, rig_call("GET", "/cached", NULL)->text);
	ask.etag = "\"1\"";
	a = rig_send(&ask);
	rig_ok(a, 304);
	ck_assert_str_eq(a->text, "");
	ck_assert_ptr_null(rig_header(a, "Content-Length"));
	ck_assert_str_eq(rig_header(a, "ETag"), "\"1\"");
	ask.path = "/busy";
	a = rig_send(&ask);
	rig_refused(a, 503, "busy");
	ck_assert_str_eq(rig_header(a, "Cache-Control"), "no-store");
	ck_assert_str_eq(rig_header(a, "Retry-After"), "7");
	ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Origin"), "https://pwa.example");
	rig_end();
}
END_TEST

START_TEST(answers_listed_origins)
{
	static const struct { const char *list, *origin; int allowed; } cases[] = {
		{ "", "https://a.example", 0 }, { "https://a.example", "https://a.example", 1 },
		{ "https://a.example https://b.example", "https://b.example", 1 },
		{ "https://a.example", "https://a.example.evil", 0 },
		{ "https://a.example", "http://a.example", 0 }, { "https://a.example", "null", 0 },
		{ "https://a.example", NULL, 0 }, { "loopback", "http://localhost:5173", 1 },
		{ "loopback", "http://127.0.0.1", 1 }, { "loopback", "https://[::1]:8443", 1 },
		{ "loopback", "http://localhost.evil", 0 }, { "loopback", "http://localhost:80evil", 0 },
		{ "loopback", "http://127.0.0.1.evil", 0 }, { "loopback", "loopback", 0 },
		{ "loopback", "ftp://localhost", 0 }, { "https://x  loopback", "http://localhost", 1 },
	};

	rig_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rig_reply *a;
		const char *allowed;

		rig_set("CORS_ORIGINS", cases[i].list);
		a = rig_send(&(struct rig_ask){ .method = "GET", .path = "/read",
		    .origin = cases[i].origin });
		allowed = rig_header(a, "Access-Control-Allow-Origin");
		ck_assert_msg((allowed != NULL) == cases[i].allowed, "case %zu", i);
		if (allowed != NULL)
			ck_assert_str_eq(allowed, cases[i].origin);
	}
	rig_end();
}
END_TEST

START_TEST(answers_a_browser_that_asks_first)
{
	struct rig_ask ask = { .method = "OPTIONS", .path = "/write",
		.origin = "https://pwa.example", .preflight = "POST" };
	const struct rig_reply *a;

	rig_begin();
	rig_set("CORS_ORIGINS", "https://pwa.example");
	a = rig_send(&ask);
	rig_ok(a, 204);
	ck_assert_str_eq(rig_header(a, "Allow"), "POST, OPTIONS");
	ck_assert_str_eq(rig_header(a, "Access-Control-Allow-Methods"), "POST, OPTIONS");
	ck_assert_ptr_nonnull(strstr(rig_header(a, "Access-Control-Allow-Headers"), "Idempotency-Key"));
	ck_assert_ptr_null(rig_header(a, "Content-Length"));
	ask.origin = "https://evil.example";
	a = rig_send(&ask);
	rig_ok(a, 204);
	ck_assert_ptr_null(rig_header(a, "Access-Control-Allow-Methods"));
	ask.path = "/nothing";
	rig_refused(rig_send(&ask), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(a_request_refused_at_the_door_is_answered_in_shape)
{
	const struct rig_reply *a;

	rig_begin();
	a = rig_call("GET", "/a%0d%0aSet-Cookie:%20x", NULL);
	rig_refused(a, 400, "bad_encoding");
	ck_assert_ptr_null(strstr(a->head, "Set-Cookie"));
	ck_assert_str_eq(rig_header(a, "Content-Type"), "application/json");
	ck_assert_str_eq(rig_header(a, "X-Content-Type-Options"), "nosniff");
	ck_assert_str_eq(rig_header(a, "Cache-Control"), "no-store");
	a = rig_send(&(struct rig_ask){ .method = "POST", .path = "/check", .length = "70000" });
	rig_refused(a, 413, "too_large");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("dispatch", prepare_runs_outside_and_apply_inside_a_transaction,
	    a_reading_route_cannot_write, a_refusal_leaves_nothing_unless_it_says_so,
	    an_answer_that_does_not_fit_has_no_effect, who_comes_before_what,
	    a_blocked_user_is_told_so, refuses_bodies_that_are_no_object,
	    names_wrong_fields_in_both_languages, takes_json_under_its_names_only,
	    a_busy_database_is_503_with_retry_after, stopped_writing_is_503,
	    little_memory_is_refused_whole, cached_answers_tell_nothing_about_who_asked,
	    answers_listed_origins, answers_a_browser_that_asks_first,
	    a_request_refused_at_the_door_is_answered_in_shape);
}
