/*
 * call.c - a call of the profile becomes a request, and bytes for the outbox
 *
 * Nothing here knows a secret: the profile's checker lets {token} and
 * {secret.x} stand in `auth` only, which is added when a request is sent.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/pos/engine.h"

enum { PATH_MAX_BYTES = 8 * 1024, HEADERS_MAX = 8 * 1024 };

static const char *
keep(struct arena *a, const struct buf *b)
{
	return b->failed ? NULL : arena_dup(a, b->len > 0 ? b->s : "", b->len);
}

static int
too_long(struct scope *c)
{
	snprintf(c->fault, sizeof c->fault, "the request is too long");
	return -1;
}

static int
build_path(struct scope *c, const struct call *call, const struct extras *e,
    struct pos_request *out)
{
	struct buf path = BUF_INIT(PATH_MAX_BYTES), query = BUF_INIT(PATH_MAX_BYTES);
	int rc = -1;

	if (template_path(c, call->path, &path) == -1)
		goto out;
	if ((call->query != NULL || (e != NULL && e->queries > 0)) &&
	    template_form(c, call->query, e == NULL ? NULL : e->query,
	    e == NULL ? 0 : e->queries, &query) == -1)
		goto out;
	if (query.len > 0)
		buf_printf(&path, "?%s", query.s);
	if (query.failed || (out->path = keep(c->arena, &path)) == NULL)
		too_long(c);
	else
		rc = 0;
out:
	buf_free(&path);
	buf_free(&query);
	return rc;
}

static int
build_body(struct scope *c, const struct call *call, const struct extras *e,
    struct pos_request *out)
{
	struct buf b = BUF_INIT(REQUEST_MAX);
	int rc = 0;

	if (call->json != NULL)
		rc = template_json(c, call->json, e == NULL ? NULL : e->json,
		    e == NULL ? 0 : e->jsons, &b);
	else if (call->form != NULL)
		rc = template_form(c, call->form, NULL, 0, &b);
	else
		return 0;
	if (rc == 0 && (out->body = keep(c->arena, &b)) == NULL)
		rc = too_long(c);
	out->body_len = b.len;
	buf_free(&b);
	return rc;
}

static int
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 1;
	return 0;
}

static int
put_headers(struct scope *c, const struct json *headers, struct buf *out)
{
	const char *value;
	int missing;

	for (const struct json *m = json_first(headers); m != NULL; m = json_next(m)) {
		if ((value = template_text(c, json_text(m), &missing)) == NULL)
			return -1;
		if (missing)
			continue;
		if (has_control(value)) {
			snprintf(c->fault, sizeof c->fault, "header %.60s holds control bytes",
			    json_name(m));
			return -1;
		}
		buf_printf(out, "%s: %s\n", json_name(m), value);
	}
	return 0;
}

static int
build_headers(struct scope *c, const struct profile *p, const struct call *call,
    struct pos_request *out)
{
	struct buf b = BUF_INIT(HEADERS_MAX);
	int rc = -1;

	buf_lit(&b, "Accept: application/json\n");
	if (call->json != NULL)
		buf_lit(&b, "Content-Type: application/json\n");
	else if (call->form != NULL)
		buf_lit(&b, "Content-Type: application/x-www-form-urlencoded\n");
	if (put_headers(c, p->headers, &b) == 0 && put_headers(c, call->headers, &b) == 0) {
		out->headers = keep(c->arena, &b);
		rc = out->headers == NULL ? too_long(c) : 0;
	}
	buf_free(&b);
	return rc;
}

int
call_build(const struct profile *p, struct scope *c, const struct call *call,
    const struct extras *e, struct pos_request *out)
{
	*out = (struct pos_request){ .method = call->method };
	if (build_path(c, call, e, out) == -1 || build_body(c, call, e, out) == -1)
		return -1;
	return build_headers(c, p, call, out);
}

static const char *
missing_step(enum pos_step step)
{
	static const char *const names[] = {
		[POS_ORDER_CREATE] = "order.create", [POS_ORDER_CANCEL] = "order.cancel",
		[POS_ORDER_STATUS] = "order.status", [POS_CUSTOMER_CREATE] = "customer.create",
		[POS_ORDER_FIND] = "order.find", [POS_CUSTOMER_FIND] = "customer.find",
		[POS_ORDER_THEN] = "order.then",
	};

	return names[step < POS_ORDER_THEN ? step : POS_ORDER_THEN];
}

int
pos_build(const struct pos *pos, enum pos_step step, const struct pos_about *about,
    struct arena *a, struct pos_request *out, char *fault)
{
	const struct call *call = profile_call(pos->profile, step);
	struct scope c = pos_scope(pos, a);

	c.order = about->order;
	c.customer = about->customer;
	c.window_from = about->window_from;
	c.window_to = about->window_to;
	if (call == NULL) {
		snprintf(fault, POS_FAULT, "the profile has no %s", missing_step(step));
		return -1;
	}
	if (call_build(pos->profile, &c, call, NULL, out) == -1) {
		snprintf(fault, POS_FAULT, "%s: %s", missing_step(step), c.fault);
		return -1;
	}
	return 0;
}

void
pos_freeze(const struct pos_request *q, struct buf *out)
{
	buf_printf(out, "%s %s\n%s\n", q->method, q->path, q->headers);
	if (q->body != NULL)
		buf_add(out, q->body, q->body_len);
}

/* The line up to \n, which becomes its end; NULL = there is none. */
static char *
line(char **at)
{
	char *s = *at, *end = strchr(s, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return s;
}

/*
 * An empty body and none are frozen alike; a Content-Type tells that there
 * was one.
 */
int
pos_thaw(struct arena *a, const char *bytes, size_t n, struct pos_request *out)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
	char *copy = arena_dup(a, bytes, n), *at = copy, *first, *blank;

	*out = (struct pos_request){ 0 };
	if (copy == NULL || (first = line(&at)) == NULL || (blank = strchr(first, ' ')) == NULL)
		return -1;
	*blank = '\0';
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(first, methods[i]) == 0)
			out->method = methods[i];
	out->path = blank + 1;
	if (out->method == NULL || out->path[0] != '/')
		return -1;
	out->headers = at;
	if (*at == '\n') {
		out->headers = "";
		at++;
	} else if ((blank = strstr(at, "\n\n")) == NULL) {
		return -1;
	} else {
		blank[1] = '\0';
		at = blank + 2;
	}
	out->body_len = n - (size_t)(at - copy);
	if (out->body_len > 0 || strstr(out->headers, "Content-Type: ") != NULL)
		out->body = at;
	return 0;
}
