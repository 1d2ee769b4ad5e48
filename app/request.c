/*
 * request.c - a request as it came, looked at before anything believes it
 *
 * After request_open() every text is valid UTF-8 without control bytes and
 * within its bound, or the request is refused. nginx checks some of this too,
 * but its DOCUMENT_URI is decoded and may hold anything.
 */
#include <string.h>

#include "app/field.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"

#define API "/api"	/* the same routes, for a PWA that has /orders itself */

enum {
	METHOD_MAX = 16, PATH_MAX_BYTES = 1024,
	TEXT_MAX = 4096,	/* a header or a query string; nginx stops at 8 KB a line */
	ID_MAX = 64,
	BUSY_RETRY_S = 1, STOPPED_RETRY_S = 60
};

enum problem
fail(struct request *r, enum problem p)
{
	r->problem = p;
	return p;
}

enum problem
fail_with(struct request *r, enum problem p, const char *extra)
{
	if (extra == NULL)
		return fail(r, INTERNAL);
	r->extra = extra;
	return fail(r, p);
}

enum problem
fail_showing(struct request *r, enum problem p)
{
	const char *extra = r->out->failed ? NULL : arena_dup(r->arena, r->out->s, r->out->len);

	buf_reset(r->out);
	return fail_with(r, p, extra);
}

enum problem
fail_db(struct request *r, int db_status)
{
	switch (db_status) {
	case DB_BUSY:
		r->retry_after = BUSY_RETRY_S;
		return fail(r, BUSY);
	case DB_FULL:
		r->retry_after = STOPPED_RETRY_S;
		return fail(r, WRITING_STOPPED);
	default:
		log_error("database", "method=%s path=%s error=%s", r->method, r->path,
		    db_error(r->app->db));
		return fail(r, INTERNAL);
	}
}

void
request_header(struct request *r, const char *name, const char *value)
{
	if (value == NULL || r->header_count == HEADERS_MAX ||
	    !utf8_printable(value, strlen(value), 0)) {
		log_error("header_left_out", "name=%s", name);
		return;
	}
	r->headers[r->header_count++] = (struct header){ name, value };
}

/* 1 when absent, or as good as the bytes may be. */
static int
is_text(const char *s, size_t max)
{
	size_t n;

	if (s == NULL)
		return 1;
	n = strnlen(s, max + 1);
	return n <= max && utf8_printable(s, n, 0);
}

static int
is_method(const char *s)
{
	size_t n = s == NULL ? 0 : strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return n > 0 && n <= METHOD_MAX && s[n] == '\0';
}

/* "HTTP_X_SIGNATURE=…" of "X-Signature": where its value begins, or NULL. */
static const char *
value_of(const char *pair, const char *name)
{
	static const char before[] = "HTTP_";
	char c;

	if (strncmp(pair, before, strlen(before)) != 0)
		return NULL;
	for (pair += strlen(before); *name != '\0'; pair++, name++) {
		c = *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') :
		    *name == '-' ? '_' : *name;
		if (*pair != c)
			return NULL;
	}
	return *pair == '=' ? pair + 1 : NULL;
}

const char *
request_told(const struct request *r, const char *name)
{
	const char *found = NULL, *value;

	for (const char *const *pair = r->all; pair != NULL && *pair != NULL; pair++) {
		if ((value = value_of(*pair, name)) == NULL)
			continue;
		if (found != NULL || !is_text(value, TEXT_MAX))
			return NULL;
		found = value;
	}
	return found;
}

/* Digits and letters only: it goes into logs and answers. */
static int
is_id(const char *s)
{
	size_t n = s == NULL ? 0 : strspn(s,
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");

	return n > 0 && n <= ID_MAX && s[n] == '\0';
}

/* Thousandths of "…;q=0.8", 1000 when none is told (RFC 9110 12.4.2). */
static int
weight(const char *s, size_t n)
{
	const char *q = memchr(s, ';', n), *end = s + n;
	int w = 0, unit = 1000;

	if (q == NULL)
		return unit;
	for (q++; q < end && *q == ' '; q++)
		;
	if (end - q < 3 || q[0] != 'q' || q[1] != '=')
		return unit;
	for (q += 2; q < end && unit > 0; q++) {
		if (*q == '.')
			continue;
		if (*q < '0' || *q > '9')
			break;
		w += (*q - '0') * unit;
		unit /= 10;
	}
	return w;
}

static int
speaks(const char *s, size_t n, const char *language)
{
	return n >= 2 && (s[0] | 0x20) == language[0] && (s[1] | 0x20) == language[1] &&
	    (n == 2 || s[2] == '-' || s[2] == ';' || s[2] == ' ');
}

/* The one of ours that the client likes best. Who names none, a program rather
 * than a browser, gets the guide's own English words (G6, G12). */
static enum language
language(const char *accept, enum language dflt)
{
	static const char *const names[LANGUAGES] = { [LANG_UK] = "uk", [LANG_EN] = "en" };
	enum language best = dflt;
	int most = 0, w;
	size_t n;

	if (accept == NULL || *accept == '\0')
		return LANG_EN;
	for (; *accept != '\0'; accept += n + (accept[n] == ',')) {
		while (*accept == ' ')
			accept++;
		n = strcspn(accept, ",");
		for (int l = 0; l < LANGUAGES; l++)
			if (speaks(accept, n, names[l]) && (w = weight(accept, n)) > most) {
				most = w;
				best = (enum language)l;
			}
	}
	return best;
}

/* The body's announced size; what is wrong with it is r->problem. */
static size_t
announced(struct request *r, const char *digits)
{
	size_t n = 0;

	if (digits == NULL)
		return 0;
	for (; *digits >= '0' && *digits <= '9'; digits++) {
		n = n * 10 + (size_t)(*digits - '0');
		if (n > BODY_MAX) {
			fail(r, TOO_LARGE);
			return 0;
		}
	}
	if (*digits != '\0')
		fail(r, BAD_REQUEST);
	return n;
}

static enum problem
look(struct request *r, const struct envelope *e)
{
	const char *texts[] = { e->query, e->content_type, e->remote, e->authorization,
	    e->idempotency_key, e->if_none_match, e->accept_language, e->origin, e->preflight,
	    e->host };

	if (!is_method(e->method) || e->path == NULL || e->path[0] != '/')
		return fail(r, BAD_REQUEST);
	if (!is_text(e->path, PATH_MAX_BYTES))
		return fail(r, BAD_ENCODING);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!is_text(texts[i], TEXT_MAX))
			return fail(r, BAD_ENCODING);
	return OK;
}

size_t
request_open(struct request *r, struct app *app, struct arena *arena, struct buf *out,
    const struct envelope *e)
{
	*r = (struct request){ .app = app, .arena = arena, .out = out, .status = 200,
	    .method = "-", .path = "-", .prefix = "", .limited = -1,
	    .id = is_id(e->id) ? e->id : "-",
	    .language = LANG_EN };
	log_request(r->id);
	buf_reset(out);
	if (look(r, e) != OK)
		return 0;
	r->method = e->method;
	r->prefix = strncmp(e->path, API "/", sizeof API) == 0 ? API : "";
	r->path = e->path + strlen(r->prefix);
	r->query = e->query;
	r->remote = e->remote == NULL ? "-" : e->remote;
	r->origin = e->origin;
	r->preflight = e->preflight;
	r->host = e->host;
	r->cookies = e->cookies;
	r->all = e->all;
	r->content_type = e->content_type;
	r->authorization = e->authorization;
	r->idempotency_key = e->idempotency_key;
	r->if_none_match = e->if_none_match;
	r->language = language(e->accept_language,
	    (enum language)app->conf.default_language);
	if (query_open(r) == -1) {
		fail(r, BAD_ENCODING);
		return 0;
	}
	return r->body_len = announced(r, e->content_length);
}

void
request_body(struct request *r, const char *text, size_t n)
{
	if (r->problem != OK)
		return;
	if (text == NULL)
		fail(r, INTERNAL);
	else if (n != r->body_len)
		fail(r, BAD_REQUEST);
	else if (n > 0)
		r->body_text = text;
}
