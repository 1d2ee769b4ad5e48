/*
 * fuzz_request.c - what a client may put into a request: method, path, query,
 * and seven headers, a line each; then the body
 *
 * Whatever it is, the answer is whole: a head whose lines are ours alone, and
 * a body that reads as JSON. The routes are the target's own and need no
 * database; POST /items reads a field of every kind.
 */
#include <string.h>

#include "app/reply.h"
#include "app/route.h"
#include "lib/base/json.h"
#include "lib/base/utf8.h"
#include "tests/fuzz/fuzz.h"

enum { LINES = 11, MEMORY = 4 << 20, INPUT_MAX = 16384 };

static enum problem
show_prepare(struct request *r)
{
	struct page p;

	query_page(r, &p);
	query_text(r, "search", 100);
	query_real(r, "latitude", -90, 90);
	query_choice(r, "sort", "name|price");
	MUST(p.page >= 1 && p.limit >= 1 && p.limit <= 100 && p.offset >= 0);
	if (fields_end(r) != OK)
		return r->problem;
	MUST(r->param[0] > 0);
	json_put_int(r->out, NULL, r->param[0]);
	return OK;
}

static enum problem
add_prepare(struct request *r)
{
	const char *name = NULL, *words = NULL, *email = NULL, *phone = NULL;
	int64_t quantity = 1, price = 0;
	int flag = 0, choice = 0;
	double latitude, longitude;

	field_text(r, r->body, "name", FIELD_REQUIRED, 1, 10, &name);
	field_words(r, r->body, "words", FIELD_OPTIONAL, 20, &words);
	field_int(r, r->body, "quantity", FIELD_OPTIONAL, 1, 99, &quantity);
	field_money(r, r->body, "price", FIELD_OPTIONAL, &price);
	field_bool(r, r->body, "flag", FIELD_OPTIONAL, &flag);
	field_choice(r, r->body, "choice", FIELD_OPTIONAL, "a|b", &choice);
	field_email(r, r->body, "email", &email);
	field_phone(r, r->body, "phone", FIELD_OPTIONAL, &phone);
	field_coordinates(r, field_object(r, r->body, "at", FIELD_OPTIONAL), &latitude, &longitude);
	field_array(r, r->body, "items", FIELD_OPTIONAL, 1, 2);
	if (fields_end(r) != OK)
		return r->problem;
	MUST(utf8_printable(name, strlen(name), 0) && quantity >= 1 && quantity <= 99 && price >= 0);
	MUST(strchr(email, '@') != NULL && (phone == NULL || phone[0] == '+'));
	json_put_text(r->out, NULL, name);
	return OK;
}

const struct route routes[] = {
	{ "GET", "/items/{id}", ANYONE, CACHED, LIMIT_NONE, POOL_READ, show_prepare, NULL },
	{ "POST", "/items", ANYONE, HAS_BODY, LIMIT_NONE, POOL_READ, add_prepare, NULL },
};
const size_t route_count = sizeof routes / sizeof *routes;

/* The next line as a text of its own; NULL for "-", which is "not told". */
static const char *
line(struct arena *a, const char **s, const char *end)
{
	const char *from = *s, *to = memchr(from, '\n', (size_t)(end - from));

	if (to == NULL)
		to = end;
	*s = to < end ? to + 1 : end;
	return to - from == 1 && *from == '-' ? NULL : arena_dup(a, from, (size_t)(to - from));
}

static void
head_is_ours(const char *s)
{
	MUST(strncmp(s, "Status: ", 8) == 0);
	for (; *s != '\0'; s++) {
		MUST(*s != '\n' && (*s != '\r' || s[1] == '\n'));
		if (*s != '\r')
			continue;
		s++;
		MUST(strncmp(s + 1, "\r\n", 2) != 0 || s[3] == '\0');
	}
}

static void
texts_are_good(const struct request *r)
{
	for (size_t i = 0; i < r->arg_count; i++) {
		MUST(utf8_printable(r->args[i].name, strlen(r->args[i].name), 0));
		MUST(utf8_printable(r->args[i].value, strlen(r->args[i].value), 0));
	}
	MUST(utf8_printable(r->path, strlen(r->path), 0));
}

static void
ask(struct arena *a, struct app *app, const char *s, const char *end)
{
	struct buf out = BUF_INIT(REPLY_MAX), head = BUF_INIT(65536);
	struct json_fault fault;
	struct envelope e;
	struct request r;
	const char **fields[LINES] = { &e.method, &e.path, &e.query, &e.content_type, &e.content_length,
	    &e.authorization, &e.idempotency_key, &e.if_none_match, &e.accept_language, &e.origin,
	    &e.preflight };
	size_t n;

	memset(&e, 0, sizeof e);
	for (int i = 0; i < LINES; i++)
		*fields[i] = line(a, &s, end);
	n = request_open(&r, app, a, &out, &e);
	if (r.problem == OK)
		texts_are_good(&r);
	if (n > 0)
		request_body(&r, arena_dup(a, s, (size_t)(end - s)), (size_t)(end - s));
	route_serve(&r);
	reply_head(&r, &head);
	head_is_ours(head.s);
	MUST(out.len == 0 || json_parse(a, out.s, out.len, &fault) != NULL);
	MUST(!reply_has_body(&r) || out.len > 0);
	buf_free(&out);
	buf_free(&head);
}

FUZZ_TARGET(request)(const uint8_t *data, size_t n)
{
	struct app app = { .pool = POOLS, .conf = { .cors_origins = "loopback https://a.example" } };
	struct arena *a;

	if (n > INPUT_MAX)
		return 0;
	MUST((a = arena_new(MEMORY)) != NULL);
	ask(a, &app, (const char *)data, (const char *)data + n);
	log_request(NULL);
	arena_free(a);
	return 0;
}
