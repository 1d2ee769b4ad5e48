/*
 * dialect.c - see dialect.h: which call it is, whether it may be made, and
 * what it changes
 *
 * A call of dialect.json has `call` ("POST /v2/orders", ":id" for one part of
 * the path), `when` (pointers into the request that must hold this; null: not
 * there), `query`, `json` or `form` (rules of fields), `reply` (a file) with
 * `put` and `cut`, and one of: `make` (an order is kept, or `what` it is: `id`,
 * `marks`, `once` = the idempotency key, `unique` = may be there but once), `of`
 * (which order the reply tells of: `is`, or the mark named `by`), `list` (all
 * orders in `rows` that `match`, and that were made within `window`), `fail` (the
 * vendor's error of that kind). `open`: it needs no token.
 */
#include <fcgiapp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/pos-sim/dialect.h"

enum { FILE_MOST = 1 << 16, WHY_MOST = 400, LIST_MOST = 1000, CALLS_MOST = 64 };

enum { ASKED, TAKE, NAME, BY_KEY, BY_ID, BY_MARK, ALL, STATEMENTS };

#define TAKEN "SELECT seq, id, body, marks, created_ms FROM taken"

static struct query sql[STATEMENTS] = {
	[ASKED] = { "INSERT INTO asked (method, path, query, body, complaint)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", NULL },
	[TAKE] = { "INSERT INTO taken (id, what, body, marks, key, created_ms)"
	    " VALUES ('', ?1, ?2, ?3, ?4, ?5)", NULL },
	[NAME] = { "UPDATE taken SET id = ?2 WHERE seq = ?1", NULL },
	[BY_KEY] = { TAKEN " WHERE key = ?1", NULL },
	[BY_ID] = { TAKEN " WHERE id = ?1 AND what = 'order'", NULL },
	[BY_MARK] = { TAKEN " WHERE CAST(json_extract(marks, '$.' || ?1) AS TEXT) = ?2", NULL },
	[ALL] = { TAKEN " WHERE what = ?1 ORDER BY seq LIMIT 1000", NULL },
};

const struct json *
dialect_file(struct arena *a, const char *folder, const char *name)
{
	const char *path = arena_printf(a, "%s/%s", folder, name);
	char *text = arena_get(a, FILE_MOST);
	struct json_fault fault;
	const struct json *j = NULL;
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd >= 0 && text != NULL ? read(fd, text, FILE_MOST) : -1;

	if (fd >= 0)
		close(fd);
	if (n < 0 || n == FILE_MOST || (j = json_parse(a, text, (size_t)n, &fault)) == NULL)
		fatal(EX_DATAERR, "%s/%s is no JSON of at most 64 KB", folder, name);
	return j;
}

static const char *
member_text(const struct json *of, const char *name)
{
	return json_text(json_member(of, name));
}

/* ---- answers */

static void
fail(struct said *s, const char *kind, const char *why)
{
	const struct json *error = json_member(s->dialect, "error");
	const struct json *how = json_member(json_member(error, "says"), kind);
	int64_t status = 500;

	s->code = json_text(json_pointer(how, "/1"));
	s->why = why;
	s->call = error;
	if (json_int(json_pointer(how, "/0"), &status) == -1 || s->code == NULL)
		fatal(EX_DATAERR, "dialect.json: error.says.%s must be [status, \"code\"]", kind);
	s->r->answer->status = (int)status;
	buf_reset(&s->r->answer->body);
	reply_write(s, member_text(error, "reply"), NULL, 0);
}

static const char *
written(struct said *s, const struct json *j)
{
	struct buf b = BUF_INIT(1 << 18);
	const char *out;

	json_write(&b, NULL, j);
	out = arena_str(s->r->arena, b.s != NULL ? b.s : "{}");
	buf_free(&b);
	return out;
}

static void
note(struct said *s, const char *complaint)
{
	store_run(s->r->store, &sql[ASKED], "sssss", s->r->method, s->r->path,
	    written(s, s->query), written(s, s->body), complaint);
}

/* ---- which call */

static const char form_type[] = "application/x-www-form-urlencoded";
static const char json_type_header[] = "application/json";

static const char *
content_type(const struct said *s)
{
	const char *type = FCGX_GetParam("CONTENT_TYPE", s->r->env);

	return type != NULL && *type != '\0' ? type : "absent";
}

/* By its Content-Type; NULL when it is none of that. */
static const struct json *
parse_body(const struct said *s)
{
	struct request *r = s->r;
	struct json_fault fault;

	if (strncmp(content_type(s), json_type_header, strlen(json_type_header)) == 0)
		return json_parse(r->arena, r->body, r->body_len, &fault);
	if (r->body_len == 0 || strncmp(content_type(s), form_type, strlen(form_type)) == 0)
		return input_object(r->arena, r->body, r->body_len);
	return NULL;
}

/* "/v2/orders/:id" against the path; what stands for :id goes to r->id. */
static int
path_fits(const char *pattern, struct request *r)
{
	size_t head = strcspn(pattern, ":");

	if (pattern[head] == '\0')
		return strcmp(pattern, r->path) == 0;
	if (strncmp(pattern, r->path, head) != 0 || r->path[head] == '\0' ||
	    strchr(r->path + head, '/') != NULL)
		return 0;
	snprintf(r->id, sizeof r->id, "%s", r->path + head);
	return 1;
}

/* {"body/cursor": null, "query/storage_id": "1"}; true: whatever it is. */
static int
when_fits(struct said *s, const struct json *when)
{
	const char *is, *want;

	for (const struct json *m = json_first(when); m != NULL; m = json_next(m)) {
		is = reply_text(s, arena_printf(s->r->arena, "{%s}", json_name(m)));
		want = json_text(m);
		if (want == NULL ? is != NULL && !json_true(m) : is == NULL || strcmp(is, want) != 0)
			return 0;
		if (json_true(m) && is == NULL)
			return 0;
	}
	return 1;
}

static const struct json *
find_call(struct said *s)
{
	const struct json *calls = json_member(s->dialect, "calls");
	const char *call;
	size_t n;

	for (const struct json *m = json_first(calls); m != NULL; m = json_next(m)) {
		call = member_text(m, "call");
		n = strcspn(call, " ");
		if (strlen(s->r->method) == n && strncmp(call, s->r->method, n) == 0 &&
		    path_fits(call + n + 1, s->r) && when_fits(s, json_member(m, "when")))
			return m;
	}
	return NULL;
}

/* ---- may it be asked so */

static const char *
header(const struct request *r, const char *name)
{
	char param[80] = "HTTP_";
	size_t at = strlen(param);

	for (; *name != '\0' && at < sizeof param - 1; name++)
		param[at++] = *name == '-' ? '_' : (char)(*name & ~('a' <= *name && *name <= 'z' ? 32 : 0));
	param[at] = '\0';
	return FCGX_GetParam(param, r->env);
}

/* "query:token" or "header:Authorization" must hold the token behind `auth.before`. */
static int
authorized(const struct till *till, struct said *s)
{
	const struct json *auth = json_member(s->dialect, "auth");
	const char *where = member_text(auth, "in"), *before = member_text(auth, "before"), *given;

	if (json_true(json_member(s->call, "open")))
		return 1;
	if (strncmp(where, "query:", 6) == 0)
		given = json_text(json_member(s->query, where + 6));
	else
		given = header(s->r, where + strlen("header:"));
	if (given == NULL || strncmp(given, before, strlen(before)) != 0)
		return 0;
	given += strlen(before);
	return *given != '\0' && (till->token == NULL || strcmp(given, till->token) == 0);
}

/* What the dialect asks of each request's headers. */
static int
headers_fit(struct said *s, char *why)
{
	const struct json *headers = json_member(s->dialect, "headers");
	const char *given;

	for (const struct json *m = json_first(headers); m != NULL; m = json_next(m)) {
		given = header(s->r, json_name(m));
		if (given == NULL || strcmp(given, json_text(m)) != 0) {
			snprintf(why, WHY_MOST, "header %s is not %s", json_name(m), json_text(m));
			return 0;
		}
	}
	return 1;
}

/* The body as the call wants it: an object of JSON or of a form. */
static int
body_fits(const struct said *s, char *why)
{
	const int form = json_member(s->call, "form") != NULL;
	const char *want = form ? form_type : json_type_header;

	if (!form && json_member(s->call, "json") == NULL) {
		snprintf(why, WHY_MOST, "a body with this call");
		return s->r->body_len == 0;
	}
	if (strncmp(content_type(s), want, strlen(want)) != 0) {
		snprintf(why, WHY_MOST, "Content-Type is %s, not %s", content_type(s), want);
		return 0;
	}
	snprintf(why, WHY_MOST, "the body cannot be read");
	return s->body != NULL;
}

/* Query parameters of the call, and those that go with every call. */
static enum wrong
check_query(struct said *s, char *why)
{
	const struct json *rules = json_member(s->call, "query");
	const struct json *every = json_member(s->dialect, "everywhere");
	struct buf b = BUF_INIT(1 << 16);
	struct json_fault fault;
	const struct json *all;

	json_open(&b, NULL, '{');
	for (int i = 0; i < 2; i++)
		for (const struct json *m = json_first(i == 0 ? rules : every); m != NULL; m = json_next(m))
			json_write(&b, json_name(m), m);
	json_close(&b, '}');
	all = json_parse(s->r->arena, b.s, b.len, &fault);
	buf_free(&b);
	return rules_check(all, s->query, 1, why, WHY_MOST);
}

static enum wrong
check_body(struct said *s, char *why)
{
	const struct json *form = json_member(s->call, "form"), *json = json_member(s->call, "json");

	if (form != NULL)
		return rules_check(form, s->body, 1, why, WHY_MOST);
	return json != NULL ? rules_check(json, s->body, 0, why, WHY_MOST) : WRONG_NOT;
}

/* ---- what is kept */

static struct taken
read_taken(struct said *s, struct query *q)
{
	struct arena *a = s->r->arena;
	struct json_fault fault;
	const char *body = arena_str(a, store_text(q, 2)), *marks = arena_str(a, store_text(q, 3));

	return (struct taken){ .seq = store_int(q, 0), .id = arena_str(a, store_text(q, 1)),
		.body = json_parse(a, body, strlen(body), &fault),
		.marks = json_parse(a, marks, strlen(marks), &fault),
		.created_ms = store_int(q, 4) };
}

static int
find_taken(struct said *s, int by, const char *types, const char *first, const char *second,
    struct taken *t)
{
	int found = store_find(s->r->store, &sql[by], types, first, second);

	if (found)
		*t = read_taken(s, &sql[by]);
	store_done(&sql[by]);
	return found;
}

static int
same_body(struct said *s, const struct taken *t)
{
	return strcmp(written(s, t->body), written(s, s->body)) == 0;
}

/* What makes it the same one again, or may be there once only; NULL = neither. */
static const char *
key_of(struct said *s, const struct json *how, const char *what)
{
	const char *once = member_text(how, "once"), *unique = member_text(how, "unique");
	const char *key = once != NULL ? once : unique;

	key = key != NULL ? reply_text(s, key) : NULL;
	return key != NULL ? arena_printf(s->r->arena, "%s %s", what, key) : NULL;
}

/* Keep what was ordered; 0, or -1 having failed: it is there already. */
static int
make(struct said *s, struct taken *t)
{
	const struct json *how = json_member(s->call, "make"), *marks = json_member(how, "marks");
	const char *what = member_text(how, "what") != NULL ? member_text(how, "what") : "order";
	const char *key = key_of(s, how, what);

	if (key != NULL && find_taken(s, BY_KEY, "s", key, NULL, t)) {
		s->taken = t;
		if (member_text(how, "once") != NULL && same_body(s, t))
			return 0;
		fail(s, "reused", "it came with another body before");
		return -1;
	}
	store_run(s->r->store, &sql[TAKE], "ssssi", what, written(s, s->body),
	    marks != NULL ? written(s, marks) : "{}", key, clock_ms());
	*t = (struct taken){ .seq = store_last_id(s->r->store), .body = s->body, .marks = marks,
		.created_ms = clock_ms() };
	s->taken = t;
	t->id = reply_text(s, member_text(how, "id"));
	store_run(s->r->store, &sql[NAME], "is", t->seq, t->id);
	return 0;
}

static int
find_of(struct said *s, const struct json *of, struct taken *t)
{
	const char *is = member_text(of, "is"), *by = member_text(of, "by");
	const char *want = is != NULL ? reply_text(s, is) : s->r->id;
	int found = want != NULL && (by != NULL ? find_taken(s, BY_MARK, "ss", by, want, t) :
	    find_taken(s, BY_ID, "s", want, NULL, t));

	s->taken = t;
	if (!found) {
		s->taken = NULL;
		fail(s, "none", "there is no such order");
	}
	return found ? 0 : -1;
}

/* Made within the window and fitting `match`; what the request does not say, fits. */
static int
is_listed(struct said *s, const struct json *list)
{
	const struct json *match = json_member(list, "match"), *window = json_member(list, "window");
	const char *made = reply_text(s, "{local}"), *from = NULL, *to = NULL, *is, *want;

	if (window != NULL) {
		from = reply_text(s, json_text(json_pointer(window, "/0")));
		to = reply_text(s, json_text(json_pointer(window, "/1")));
	}
	if ((from != NULL && strcmp(made, from) < 0) || (to != NULL && strcmp(made, to) > 0))
		return 0;
	for (const struct json *m = json_first(match); m != NULL; m = json_next(m)) {
		want = reply_text(s, json_text(m));
		is = reply_text(s, json_name(m));
		if (want != NULL && (is == NULL || strcmp(is, want) != 0))
			return 0;
	}
	return 1;
}

static void
write_list(struct said *s, const struct json *list)
{
	static struct taken all[LIST_MOST];
	const char *what = member_text(list, "what") != NULL ? member_text(list, "what") : "order";
	size_t n = 0;

	store_query(s->r->store, &sql[ALL], "s", what);
	while (n < LIST_MOST && store_row(s->r->store, &sql[ALL])) {
		all[n] = read_taken(s, &sql[ALL]);
		s->taken = &all[n];
		n += (size_t)is_listed(s, list);
	}
	store_done(&sql[ALL]);
	s->taken = NULL;
	reply_write(s, member_text(s->call, "reply"), all, n);
}

static void
answer(struct said *s)
{
	const struct json *of = json_member(s->call, "of"), *list = json_member(s->call, "list");
	const char *refusal = member_text(s->call, "fail");
	struct taken t = { 0 };

	if (refusal != NULL) {
		fail(s, refusal, "the test wants it so");
		return;
	}
	if (json_member(s->call, "make") != NULL && make(s, &t) == -1)
		return;
	if (of != NULL && find_of(s, of, &t) == -1)
		return;
	if (list != NULL)
		write_list(s, list);
	else
		reply_write(s, member_text(s->call, "reply"), NULL, 0);
	s->taken = NULL;
}

/* NULL, or what is wrong with the request, and which of the vendor's errors it is. */
static const char *
judge(struct said *s, char *why)
{
	static const char *const kinds[] = { NULL, "unknown", "missing", "type" };
	enum wrong w = WRONG_NOT;

	if (!headers_fit(s, why) || !body_fits(s, why))
		return "type";
	if ((w = check_query(s, why)) == WRONG_NOT)
		w = check_body(s, why);
	return kinds[w];
}

void
dialect_handle(const struct till *till, struct request *r)
{
	struct said s = { .r = r, .folder = till->dialect, .token = till->token };
	char why[WHY_MOST] = "there is no such call";
	const char *wrong;

	s.dialect = dialect_file(r->arena, s.folder, "dialect.json");
	s.query = input_object(r->arena, r->query, strlen(r->query));
	s.body = parse_body(&s);
	store_begin(r->store);
	if (s.query == NULL || (s.call = find_call(&s)) == NULL) {
		note(&s, why);
		fail(&s, "none", arena_str(r->arena, why));
	} else if (!authorized(till, &s)) {
		note(&s, NULL);
		fail(&s, "auth", "the token is wrong");
	} else if ((wrong = judge(&s, why)) != NULL) {
		note(&s, why);
		fail(&s, wrong, arena_str(r->arena, why));
	} else {
		note(&s, NULL);
		answer(&s);
	}
	store_commit(r->store);
}
