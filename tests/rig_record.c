/*
 * rig_record.c - what the rig's tests asked and were answered, for the contract
 *
 * Where TILLBRIDGE_EXCHANGES names a folder, each program leaves a file there
 * with a JSON object a line, which tests/exchanges.test holds against
 * docs/openapi.yaml. The file begins anew with the program, not with each of
 * the processes that Check makes of it: they all append. A worker of one pool
 * answers 404 to what nginx never sends there; that is not recorded.
 */
#define _GNU_SOURCE	/* program_invocation_short_name */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/utf8.h"
#include "tests/rig.h"

enum { LINE_MAX = 5 * 1024 * 1024, OK_FROM = 200, OK_BELOW = 300 };

static int file = -1;

__attribute__((constructor)) static void
begin(void)
{
	const char *folder = getenv("TILLBRIDGE_EXCHANGES");
	char path[4096];

	if (folder == NULL || (mkdir(folder, 0777) == -1 && errno != EEXIST))
		return;
	snprintf(path, sizeof path, "%s/%s.jsonl", folder, program_invocation_short_name);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
}

static int
is_text(const char *s)
{
	return utf8_valid(s, strlen(s));
}

static void
put_head(struct buf *b, const char *head)
{
	const char *colon, *end;

	json_open(b, "headers", '{');
	for (; (end = strstr(head, "\r\n")) != NULL && end != head; head = end + 2) {
		char name[64], value[512];

		colon = strchr(head, ':');
		snprintf(name, sizeof name, "%.*s", (int)(colon - head), head);
		snprintf(value, sizeof value, "%.*s", (int)(end - colon - 2), colon + 2);
		for (char *c = name; *c != '\0'; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		if (strcmp(name, "status") != 0)
			json_put_text(b, name, value);
	}
	json_close(b, '}');
}

/* Of the request only what the contract speaks of when it was carried out. */
static void
put_request(struct buf *b, const struct rig_ask *ask, const struct rig_reply *a)
{
	json_put_text(b, "method", ask->method);
	json_put_text(b, "target", ask->path);
	json_open(b, "requestHeaders", '{');
	if (ask->token != NULL)
		json_put_text(b, "authorization", "Bearer");
	if (ask->key != NULL && is_text(ask->key))
		json_put_text(b, "idempotency-key", ask->key);
	json_close(b, '}');
	if (a->status >= OK_FROM && a->status < OK_BELOW && ask->body != NULL)
		json_put_text(b, "requestBody", ask->body);
}

void
rig_record(const struct rig_ask *ask, const struct rig_reply *a)
{
	struct buf b = BUF_INIT(LINE_MAX);

	if (file == -1 || rig_app()->pool != POOLS || !is_text(ask->method) || !is_text(ask->path))
		return;
	if (a->len > LINE_MAX / 2)	/* (of the same shape as a small one) */
		return;
	json_open(&b, NULL, '{');
	put_request(&b, ask, a);
	json_put_int(&b, "status", a->status);
	put_head(&b, a->head);
	json_put_text(&b, "body", a->text);
	json_close(&b, '}');
	buf_char(&b, '\n');
	ck_assert(!b.failed);
	ck_assert_int_eq(write(file, b.s, b.len), (int)b.len);
	buf_free(&b);
}
