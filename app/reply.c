/*
 * reply.c - status line, headers, the JSON of a refusal, CORS
 *
 * Nothing that is told to one client stands in an answer that nginx may keep
 * for all (route flag CACHED): no request id, no origin. There CORS is "*":
 * such answers are public anyway, and read without credentials.
 */
#include <string.h>

#include "app/origin.h"
#include "app/reply.h"
#include "app/route.h"

#define ALLOW_HEADERS "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id"
#define EXPOSE_HEADERS "ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, " \
	"X-Request-Id"

static void
put(struct buf *b, const char *name, const char *value)
{
	buf_str(b, name);
	buf_lit(b, ": ");
	buf_str(b, value);
	buf_lit(b, "\r\n");
}

static void
put_int(struct buf *b, const char *name, int64_t value)
{
	buf_str(b, name);
	buf_lit(b, ": ");
	buf_int(b, value);
	buf_lit(b, "\r\n");
}

static const struct reason {
	int status;
	const char *words;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
	{ 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
	{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 409, "Conflict" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
	{ 500, "Internal Server Error" }, { 503, "Service Unavailable" },
};

/* nginx passes the words on as they are, and HTTP/1.1 wants the blank before them. */
static void
put_status(struct buf *b, int status)
{
	const char *words = "-";

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			words = reasons[i].words;
	buf_lit(b, "Status: ");
	buf_int(b, status);
	buf_char(b, ' ');
	buf_str(b, words);
	buf_lit(b, "\r\n");
}

void
reply_refuse(struct request *r)
{
	struct buf *b = r->out;

	r->status = problem_status(r->problem);
	buf_reset(b);
	json_open(b, NULL, '{');
	json_put_text(b, "error", problem_text(r->problem, r->language));
	json_put_text(b, "code", problem_code(r->problem));
	json_open(b, "fields", '{');
	for (size_t i = 0; i < r->fault_count; i++)
		json_put_text(b, r->faults[i].field, r->faults[i].text);
	json_close(b, '}');
	json_put_text(b, "request_id", r->id);
	if (r->extra != NULL) {
		buf_char(b, ',');
		buf_str(b, r->extra);
	}
	json_close(b, '}');
}

static int
is_kept(const struct request *r)
{
	return r->route != NULL && (r->route->flags & CACHED) && r->problem == OK;
}

static void
put_origin(const struct request *r, struct buf *b)
{
	const char *list = r->app->conf.cors_origins;

	if (list == NULL || *list == '\0')
		return;
	if (is_kept(r)) {
		buf_lit(b, "Access-Control-Allow-Origin: *\r\n"
		    "Access-Control-Expose-Headers: ETag, X-Request-Id\r\n");
		return;
	}
	buf_lit(b, "Vary: Origin\r\n");
	if (!origin_is_listed(list, r->origin))
		return;
	put(b, "Access-Control-Allow-Origin", r->origin);
	buf_lit(b, "Access-Control-Allow-Credentials: true\r\n"
	    "Access-Control-Expose-Headers: " EXPOSE_HEADERS "\r\n");
}

/* Structured lists (RFC 9651). Never in an answer that nginx keeps: it is one client's. */
static void
put_quotas(const struct request *r, struct buf *b)
{
	const struct quota *q = r->quotas;
	size_t n = is_kept(r) ? 0 : r->quota_count;

	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\";q=%lld;w=%lld", i == 0 ? "RateLimit-Policy: " : ", ",
		    q[i].name, (long long)q[i].burst, (long long)q[i].window_s);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\";r=%lld;t=%lld", i == 0 ? "\r\nRateLimit: " : ", ",
		    q[i].name, (long long)q[i].left, (long long)q[i].next_s);
	if (n > 0)
		buf_lit(b, "\r\n");
}

int
reply_has_body(const struct request *r)
{
	if (r->status == 204 || r->status == 304 || r->is_handed_over)
		return 0;
	return strcmp(r->method, "HEAD") != 0;
}

/* A refusal has no version, and is never kept for a replay. */
static int
is_of_success(const char *header)
{
	return strcmp(header, "ETag") == 0 || strcmp(header, "Idempotency-Replayed") == 0;
}

void
reply_head(const struct request *r, struct buf *b)
{
	put_status(b, r->status);
	if (is_kept(r))		/* by a browser too, which asks with its ETag each time */
		buf_lit(b, "Cache-Control: no-cache\r\n");
	else if (!r->is_handed_over)	/* nginx would carry it over into what it answers */
		buf_lit(b, "Cache-Control: no-store\r\n");
	buf_lit(b, "X-Content-Type-Options: nosniff\r\n");
	if (r->status != 204 && r->status != 304 && !r->is_handed_over) {
		put(b, "Content-Type", r->type != NULL && r->problem == OK ? r->type :
		    "application/json");
		put_int(b, "Content-Length", (int64_t)r->out->len);
	}
	put_origin(r, b);
	for (size_t i = 0; i < r->header_count; i++)
		if (r->problem == OK || !is_of_success(r->headers[i].name))
			put(b, r->headers[i].name, r->headers[i].value);
	put_quotas(r, b);
	if (r->status == 401)
		buf_lit(b, "WWW-Authenticate: Bearer\r\n");
	if (r->retry_after > 0)
		put_int(b, "Retry-After", r->retry_after);
	buf_lit(b, "\r\n");
}

void
reply_options(struct request *r, const char *allow)
{
	r->status = 204;
	request_header(r, "Allow", allow);
	if (r->preflight == NULL || !origin_is_listed(r->app->conf.cors_origins, r->origin))
		return;
	request_header(r, "Access-Control-Allow-Methods", allow);
	request_header(r, "Access-Control-Allow-Headers", ALLOW_HEADERS);
	request_header(r, "Access-Control-Max-Age", "600");
}
