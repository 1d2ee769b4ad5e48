/* sse.c - server-sent events; see sse.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "push/sse.h"

void
sse_head(struct buf *b, const char *origin)
{
	buf_str(b, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	    "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\nConnection: close\r\n");
	if (origin != NULL)
		buf_printf(b, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n", origin);
	buf_printf(b, "\r\nretry: %d\n\n", SSE_RETRY_MS);
}

void
sse_message(struct buf *b, int64_t id, const char *mark, const char *text, size_t n)
{
	buf_str(b, "id: ");
	buf_int(b, id);
	if (mark != NULL) {
		buf_char(b, ':');
		buf_str(b, mark);
	}
	buf_str(b, "\ndata: ");
	for (size_t i = 0; i < n; i++)
		buf_char(b, text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
	buf_str(b, "\n\n");
}

void
sse_ping(struct buf *b)
{
	buf_str(b, ":\n\n");
}

void
sse_end(struct buf *b, int code)
{
	buf_printf(b, "event: closed\ndata: {\"type\":\"closed\",\"code\":%d}\n\n", code);
}

int
sse_last_id(const char *text, int64_t *id, const char **mark)
{
	size_t digits = strspn(text, "0123456789");

	*mark = NULL;
	if (digits == 0 || digits > 18)
		return -1;
	*id = strtoll(text, NULL, 10);
	if (text[digits] == ':')
		*mark = text + digits + 1;
	else if (text[digits] != '\0')
		return -1;
	return 0;
}
