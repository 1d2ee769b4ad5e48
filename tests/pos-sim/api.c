/*
 * api.c - the till's API: routes, token, Idempotency-Key, reading of input
 *
 * It speaks what profiles/generic.json expects of a till. A POST with an
 * Idempotency-Key that was answered with 2xx gets the same answer again and
 * changes nothing; with another body it is refused. Errors are
 * {"error":{"code":"…","message":"…","field":"…"}}.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/money.h"
#include "lib/base/utf8.h"
#include "tests/pos-sim/web.h"

enum { PUBLIC = 1, KEY_MOST = 128 };

static const struct route {
	const char *method, *pattern;	/* ":id" stands for one part */
	int flags;
	void (*handle)(struct request *);
} routes[] = {
	{ "GET", "/api/pos/branches", 0, branches_list },
	{ "GET", "/api/pos/products", 0, products_list },
	{ "GET", "/api/pos/clients", 0, clients_list },
	{ "POST", "/api/pos/clients", 0, client_create },
	{ "GET", "/api/pos/orders", 0, orders_list },
	{ "POST", "/api/pos/orders", 0, order_create },
	{ "GET", "/api/pos/orders/:id", 0, order_show },
	{ "POST", "/api/pos/orders/:id/cancel", 0, order_cancel },
	{ "POST", "/api/pos/orders/:id/payments", 0, payment_create },
	{ "POST", "/oauth/token", PUBLIC, oauth_token },
	{ "GET", "/img/:id", PUBLIC, product_picture },
};

enum { ANSWERED, ANSWER_KEEP, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[ANSWERED] = { "SELECT request, status, body FROM answer WHERE key = ?1", NULL },
	[ANSWER_KEEP] = { "INSERT INTO answer (key, request, status, body)"
	    " VALUES (?1, ?2, ?3, ?4)", NULL },
};

void
api_fail(struct request *r, int status, const char *code, const char *field,
    const char *fmt, ...)
{
	struct answer *a = r->answer;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	a->status = status;
	buf_reset(&a->body);
	json_open(&a->body, NULL, '{');
	json_open(&a->body, "error", '{');
	json_put_text(&a->body, "code", code);
	json_put_text(&a->body, "message", text);
	if (field != NULL)
		json_put_text(&a->body, "field", field);
	json_close(&a->body, '}');
	json_close(&a->body, '}');
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *
decoded(struct arena *a, const char *s, size_t n)
{
	char *out = arena_get(a, n + 1), *p = out;

	for (size_t i = 0; out != NULL && i < n; i++) {
		if (s[i] == '%' && i + 2 < n && hex_digit(s[i + 1]) >= 0 &&
		    hex_digit(s[i + 2]) >= 0) {
			*p++ = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
			i += 2;
		} else {
			*p++ = s[i] == '+' ? ' ' : s[i];
		}
	}
	return out;
}

const char *
api_param(struct request *r, const char *name)
{
	const char *s = r->query;
	size_t len = strlen(name), n;

	while (*s != '\0') {
		n = strcspn(s, "&");
		if (n > len && strncmp(s, name, len) == 0 && s[len] == '=')
			return decoded(r->arena, s + len + 1, n - len - 1);
		s += n + (s[n] == '&');
	}
	return NULL;
}

/* A whole number of 1 to most. */
static int
read_number(struct request *r, const char *name, int64_t most, int64_t *value)
{
	const char *text = api_param(r, name);
	int64_t n;

	if (text == NULL)
		return 0;
	if (decimal_parse(text, 0, &n) != 0 || n < 1 || n > most) {
		api_fail(r, 422, "invalid_parameter", name, "%s must be 1 to %lld", name,
		    (long long)most);
		return -1;
	}
	*value = n;
	return 0;
}

int
api_paging(struct request *r, int64_t most, int64_t *page, int64_t *limit)
{
	*page = 1;
	*limit = most < 50 ? most : 50;
	if (read_number(r, "page", 10000000, page) != 0)
		return -1;
	return read_number(r, "limit", most, limit);
}

int64_t
api_since(struct request *r)
{
	const char *text = api_param(r, "updated_since");
	int64_t seconds;

	if (text == NULL)
		return 0;
	if ((seconds = clock_parse_rfc3339(text)) < 0) {
		api_fail(r, 422, "invalid_parameter", "updated_since",
		    "updated_since must be a time like 2026-05-22T10:00:00Z");
		return -1;
	}
	return seconds * 1000;
}

const char *
api_text(struct request *r, const struct json *from, const char *name, size_t most,
    int required)
{
	const struct json *j = json_member(from, name);
	const char *text = json_text(j);

	if (json_type(j) == JSON_NULL && !required)
		return NULL;
	if (text == NULL || (required && *text == '\0') ||
	    utf8_length(text, strlen(text)) > most) {
		api_fail(r, 422, "invalid_field", name, "%s must be text of %d to %zu signs",
		    name, required, most);
		return NULL;
	}
	return text;
}

int
api_money(struct request *r, const struct json *from, const char *name, int64_t *kopecks)
{
	const struct json *j = json_member(from, name);
	const char *digits = json_digits(j);

	*kopecks = STORE_NULL;
	if (json_type(j) == JSON_NULL)
		return 0;
	if (digits == NULL || money_parse(digits, kopecks) != 0 || *kopecks < 0 ||
	    *kopecks > MONEY_MAX) {
		api_fail(r, 422, "invalid_field", name,
		    "%s must be a number from 0 with at most two decimals", name);
		return -1;
	}
	return 0;
}

/* 1 if the path fits; the ':' part goes into r->id. */
static int
fits(const char *pattern, struct request *r)
{
	const char *path = r->path, *part = pattern + strcspn(pattern, ":");
	size_t head = (size_t)(part - pattern), len;

	if (*part == '\0')
		return strcmp(pattern, path) == 0;
	if (strncmp(pattern, path, head) != 0)
		return 0;
	len = strcspn(path + head, "/");
	if (len == 0 || len >= ID_TEXT || strcmp(part + strcspn(part, "/"), path + head + len) != 0)
		return 0;
	memcpy(r->id, path + head, len);
	r->id[len] = '\0';
	return 1;
}

static const struct route *
find_route(struct request *r)
{
	int status = 404;

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!fits(routes[i].pattern, r))
			continue;
		if (strcmp(routes[i].method, r->method) == 0)
			return &routes[i];
		status = 405;
	}
	if (status == 404)
		api_fail(r, 404, "not_found", NULL, "no such address: %s", r->path);
	else
		api_fail(r, 405, "method_not_allowed", NULL, "%s is not for %s", r->path, r->method);
	return NULL;
}

static int
authorized(const struct till *till, const struct request *r)
{
	static const char scheme[] = "Bearer ";
	const char *given = r->authorization;

	if (given == NULL || strncmp(given, scheme, strlen(scheme)) != 0)
		return 0;
	given += strlen(scheme);
	if (oauth_is_on(r->store))
		return oauth_knows(r->store, given);
	return *given != '\0' && (till->token == NULL || strcmp(given, till->token) == 0);
}

static int
read_body(struct request *r)
{
	struct json_fault fault;

	if (strcmp(r->method, "POST") != 0 || (r->body_len == 0 && r->id[0] != '\0'))
		return 0;
	if ((r->json = json_parse(r->arena, r->body, r->body_len, &fault)) == NULL) {
		api_fail(r, 400, "malformed", NULL, "line %d: %s", fault.line, fault.what);
		return -1;
	}
	if (json_type(r->json) == JSON_OBJECT)
		return 0;
	api_fail(r, 400, "malformed", NULL, "the body must be an object");
	return -1;
}

/* What makes two requests the same: NUL-terminated hex. */
static void
fingerprint(struct request *r, char hex[2 * SHA256_LEN + 1])
{
	struct buf all = BUF_INIT(1 << 20);
	uint8_t sum[SHA256_LEN];

	buf_str(&all, r->path);
	buf_char(&all, '\n');
	buf_add(&all, r->body, r->body_len);
	crypt_sha256(all.s, all.len, sum);
	crypt_hex(sum, sizeof sum, hex);
	buf_free(&all);
}

/* 1 when the key was used before: the answer is given. */
static int
replayed(struct request *r, const char *print)
{
	struct query *q = &sql[ANSWERED];
	int found = store_find(r->store, q, "s", r->key);

	if (found && strcmp(store_text(q, 0), print) != 0) {
		api_fail(r, 422, "idempotency_key_reused", NULL,
		    "this Idempotency-Key came with another body before");
	} else if (found) {
		r->answer->status = (int)store_int(q, 1);
		buf_str(&r->answer->body, store_text(q, 2));
		snprintf(r->answer->headers, sizeof r->answer->headers,
		    "Idempotency-Replayed: true\r\n");
	}
	store_done(q);
	return found;
}

static void
write_once(struct request *r, const struct route *route)
{
	char print[2 * SHA256_LEN + 1] = "";

	if (r->key != NULL && (strlen(r->key) > KEY_MOST ||
	    !utf8_printable(r->key, strlen(r->key), 0))) {
		api_fail(r, 400, "invalid_header", "Idempotency-Key",
		    "an Idempotency-Key has at most %d signs", KEY_MOST);
		return;
	}
	store_begin(r->store);
	if (r->key != NULL) {
		fingerprint(r, print);
		if (replayed(r, print)) {
			store_rollback(r->store);
			return;
		}
	}
	route->handle(r);
	if (r->answer->status / 100 != 2) {
		store_rollback(r->store);
		return;
	}
	if (r->key != NULL)
		store_run(r->store, &sql[ANSWER_KEEP], "ssis", r->key, print,
		    (int64_t)r->answer->status, r->answer->body.s);
	store_commit(r->store);
}

void
api_handle(const struct till *till, struct request *r)
{
	const struct route *route = find_route(r);

	if (route == NULL)
		return;
	if (!(route->flags & PUBLIC) && !authorized(till, r)) {
		api_fail(r, 401, "unauthorized", NULL, "a valid Bearer token is needed");
		return;
	}
	if (read_body(r) != 0)
		return;
	if (strcmp(r->method, "POST") == 0) {
		write_once(r, route);
		return;
	}
	store_read(r->store);
	route->handle(r);
	store_read_end(r->store);
}
