/*
 * http.c - the little of HTTP that pos-push must read; see http.h
 *
 * A head is whole or refused. What is doubtful is refused: a bare line feed,
 * a folded line, a blank before the colon, a control byte, a header twice.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memmem */
#endif
#include <string.h>
#include <strings.h>

#include "push/http.h"

enum { BAD = 400, WRONG_METHOD = 405, TOO_LONG = 431 };

static const char *const names[HTTP_HEADERS] = {
	[HTTP_HOST] = "Host",
	[HTTP_ORIGIN] = "Origin",
	[HTTP_UPGRADE] = "Upgrade",
	[HTTP_CONNECTION] = "Connection",
	[HTTP_KEY] = "Sec-WebSocket-Key",
	[HTTP_VERSION] = "Sec-WebSocket-Version",
	[HTTP_AUTHORIZATION] = "Authorization",
	[HTTP_LAST_EVENT_ID] = "Last-Event-ID",
	[HTTP_REQUEST_ID] = "X-Request-Id",
};

static int
is_clean(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 127)
			return 0;
	return 1;
}

/* "GET /ws?ticket=… HTTP/1.1" */
static int
read_line(char *line, struct http_request *r)
{
	char *target = strchr(line, ' '), *version, *query;

	if (target == NULL || (version = strchr(target + 1, ' ')) == NULL ||
	    strcmp(version + 1, "HTTP/1.1") != 0)
		return BAD;
	*target++ = '\0';
	*version = '\0';
	if (strcmp(line, "GET") != 0 && strcmp(line, "OPTIONS") != 0)
		return WRONG_METHOD;
	if (*target != '/' || strpbrk(target, "\t#") != NULL)
		return BAD;
	r->method = line;
	r->path = target;
	r->query = "";
	if ((query = strchr(target, '?')) != NULL) {
		*query = '\0';
		r->query = query + 1;
	}
	return HTTP_OK;
}

static int
read_header(char *line, struct http_request *r)
{
	size_t name = strcspn(line, ": \t"), end;
	char *value;

	if (name == 0 || line[name] != ':')
		return BAD;
	line[name] = '\0';
	value = line + name + 1;
	value += strspn(value, " \t");
	end = strlen(value);
	while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
		value[--end] = '\0';
	for (int i = 0; i < HTTP_HEADERS; i++) {
		if (strcasecmp(line, names[i]) != 0)
			continue;
		if (r->header[i] != NULL)
			return BAD;
		r->header[i] = value;
	}
	return HTTP_OK;
}

/* A body is nobody's business here. */
static int
has_body(const char *line)
{
	return strncasecmp(line, "Transfer-Encoding:", 18) == 0 ||
	    (strncasecmp(line, "Content-Length:", 15) == 0 &&
	    strspn(line + 15, " \t0") != strlen(line + 15));
}

int
http_read(char *text, size_t n, struct http_request *r)
{
	char *end = memmem(text, n, "\r\n\r\n", 4), *line, *next;
	int rc;

	if (end == NULL)
		return n >= HTTP_MAX ? TOO_LONG : 0;
	*r = (struct http_request){ .size = (size_t)(end - text) + 4 };
	if (memchr(text, '\0', (size_t)(end - text)) != NULL)
		return BAD;
	end[2] = '\0';
	for (line = text; *line != '\0'; line = next) {
		next = strstr(line, "\r\n");
		*next = '\0';
		next += 2;
		if (!is_clean(line) || has_body(line))
			return BAD;
		rc = line == text ? read_line(line, r) : read_header(line, r);
		if (rc != HTTP_OK)
			return rc;
	}
	return r->path == NULL ? BAD : HTTP_OK;
}

int
http_value(const char *query, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), n;
	int found = 0;

	for (; *query != '\0'; query += n + (query[n] == '&')) {
		n = strcspn(query, "&");
		if (n <= len || strncmp(query, name, len) != 0 || query[len] != '=')
			continue;
		if (found || n - len > size)
			return 0;
		memcpy(out, query + len + 1, n - len - 1);
		out[n - len - 1] = '\0';
		found = 1;
	}
	return found;
}

int
http_has_word(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == len && strncasecmp(list, word, len) == 0)
			return 1;
	}
	return 0;
}
