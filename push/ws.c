/* ws.c - the handshake and the frames of WebSocket; see ws.h */
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "lib/base/crypt.h"
#include "push/ws.h"

enum { BAD = 400, UPGRADE_REQUIRED = 426, SWITCHING = 101, CONTROL_MAX = 125, KEY_TEXT = 24 };

/* ---- the handshake */

/* 16 bytes in base64 (RFC 6455 4.1). */
static int
is_key(const char *s)
{
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	return s != NULL && strlen(s) == KEY_TEXT && strspn(s, base64) == KEY_TEXT - 2 &&
	    strcmp(s + KEY_TEXT - 2, "==") == 0;
}

int
ws_wanted(const struct http_request *r)
{
	const char *const *h = r->header;

	if (h[HTTP_UPGRADE] == NULL || !http_has_word(h[HTTP_UPGRADE], "websocket") ||
	    h[HTTP_VERSION] == NULL || strcmp(h[HTTP_VERSION], "13") != 0)
		return UPGRADE_REQUIRED;
	if (h[HTTP_HOST] == NULL || h[HTTP_CONNECTION] == NULL ||
	    !http_has_word(h[HTTP_CONNECTION], "upgrade") || !is_key(h[HTTP_KEY]) ||
	    strcmp(r->method, "GET") != 0)
		return BAD;
	return SWITCHING;
}

int
ws_accept(const struct http_request *r, struct buf *out)
{
	char accept[WEBSOCKET_ACCEPT];

	if (crypt_websocket_accept(r->header[HTTP_KEY], accept) == -1)
		return -1;
	buf_printf(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	return out->failed ? -1 : 0;
}

/* ---- frames out */

static ssize_t
append(const uint8_t *data, size_t n, int flags, void *out)
{
	(void)flags;
	buf_add(out, (const char *)data, n);
	return (ssize_t)n;
}

/* A buffer takes all at once, so a frame is never half written. */
static void
put(struct buf *out, uint8_t opcode, const void *data, size_t n)
{
	const struct wslay_frame_callbacks calls = { .send_callback = append };
	struct wslay_frame_iocb frame = { .fin = 1, .opcode = opcode, .payload_length = n,
		.data = data, .data_length = n };
	wslay_frame_context_ptr ctx;

	if (wslay_frame_context_init(&ctx, &calls, out) != 0) {
		out->failed = 1;
		return;
	}
	if (wslay_frame_send(ctx, &frame) != (ssize_t)n)
		out->failed = 1;
	wslay_frame_context_free(ctx);
}

void
ws_text(struct buf *out, const char *text, size_t n)
{
	put(out, WSLAY_TEXT_FRAME, text, n);
}

void
ws_ping(struct buf *out)
{
	put(out, WSLAY_PING, NULL, 0);
}

void
ws_pong(struct buf *out, const void *data, size_t n)
{
	put(out, WSLAY_PONG, data, n);
}

void
ws_close(struct buf *out, int code)
{
	const uint8_t bytes[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	put(out, WSLAY_CONNECTION_CLOSE, bytes, sizeof bytes);
}

/* ---- frames in */

/*
 * Lives from the first byte of a frame to the last of one: 4 KB that an idle
 * client does not cost. Bytes given to wslay and bytes of whole frames are
 * counted; when they are as many, nothing of a frame is left in it.
 */
struct ws_frames {
	wslay_frame_context_ptr ctx;
	const uint8_t *next;
	size_t left;
	uint64_t given, whole;
	uint64_t got;			/* of the payload of this frame */
	uint8_t control[CONTROL_MAX];
};

static ssize_t
feed(uint8_t *to, size_t n, int flags, void *arg)
{
	struct ws_frames *f = arg;

	(void)flags;
	if (n > f->left)
		n = f->left;
	if (n == 0)
		return -1;
	memcpy(to, f->next, n);
	f->next += n;
	f->left -= n;
	f->given += n;
	return (ssize_t)n;
}

static struct ws_frames *
new_frames(void)
{
	const struct wslay_frame_callbacks calls = { .recv_callback = feed };
	struct ws_frames *f = calloc(1, sizeof *f);

	if (f != NULL && wslay_frame_context_init(&f->ctx, &calls, f) != 0) {
		free(f);
		f = NULL;
	}
	return f;
}

void
ws_input_free(struct ws_input *in)
{
	if (in->frames == NULL)
		return;
	wslay_frame_context_free(in->frames->ctx);
	free(in->frames);
	in->frames = NULL;
}

static int
is_control(const struct wslay_frame_iocb *f)
{
	return wslay_is_ctrl_frame(f->opcode);
}

/* What is wrong with a frame, as the code to close with; 0 = nothing. */
static int
check(const struct ws_input *in, const struct wslay_frame_iocb *f)
{
	if (!f->mask || f->rsv != 0)
		return WS_PROTOCOL;
	if (is_control(f))
		return f->opcode > WSLAY_PONG ? WS_PROTOCOL : 0;
	if (f->opcode > WSLAY_BINARY_FRAME)
		return WS_PROTOCOL;
	if ((f->opcode == WSLAY_CONTINUATION_FRAME) != (in->opcode != 0))
		return WS_PROTOCOL;
	return f->payload_length > WS_MESSAGE_MAX - (uint64_t)in->size ? WS_TOO_BIG : 0;
}

/* A piece of a message: all that is kept is how it begins. */
static void
keep(struct ws_input *in, const struct wslay_frame_iocb *f)
{
	for (size_t i = 0; i < f->data_length; i++, in->size++)
		if (in->size < sizeof in->start)
			in->start[in->size] = (char)f->data[i];
}

static int
end_control(const struct ws_frames *f, uint8_t opcode, ws_heard heard, void *arg)
{
	static const enum ws_word words[] = { WS_CLOSED, WS_PINGED, WS_PONGED };

	if (opcode == WSLAY_CONNECTION_CLOSE && f->got == 1)
		return WS_PROTOCOL;
	heard(arg, words[opcode - WSLAY_CONNECTION_CLOSE], f->control, (size_t)f->got);
	return 0;
}

static void
end_message(struct ws_input *in, ws_heard heard, void *arg)
{
	if (in->opcode == WSLAY_TEXT_FRAME && in->size == 4 && memcmp(in->start, "ping", 4) == 0)
		heard(arg, WS_SAID_PING, NULL, 0);
	in->opcode = 0;
	in->size = 0;
}

static uint64_t
size_of(const struct wslay_frame_iocb *f)
{
	uint64_t length = f->payload_length < 126 ? 0 : f->payload_length < 65536 ? 2 : 8;

	return 2 + length + 4 + f->payload_length;
}

/* One piece of a frame. 0, or the code to close with. */
static int
take(struct ws_input *in, const struct wslay_frame_iocb *piece, ws_heard heard, void *arg)
{
	struct ws_frames *f = in->frames;
	int code = f->got == 0 ? check(in, piece) : 0;

	if (code != 0)
		return code;
	if (is_control(piece))
		memcpy(f->control + f->got, piece->data, piece->data_length);
	else {
		if (piece->opcode != WSLAY_CONTINUATION_FRAME)
			in->opcode = piece->opcode;
		keep(in, piece);
	}
	f->got += piece->data_length;
	if (f->got < piece->payload_length)
		return 0;
	f->whole += size_of(piece);
	if (is_control(piece))
		code = end_control(f, piece->opcode, heard, arg);
	else if (piece->fin)
		end_message(in, heard, arg);
	f->got = 0;
	return code;
}

int
ws_read(struct ws_input *in, const void *bytes, size_t n, ws_heard heard, void *arg)
{
	struct wslay_frame_iocb piece;
	struct ws_frames *f;
	ssize_t rc;
	int code;

	if (in->frames == NULL && (in->frames = new_frames()) == NULL)
		return WS_GOING_AWAY;
	f = in->frames;
	f->next = bytes;
	f->left = n;
	for (;;) {
		memset(&piece, 0, sizeof piece);
		rc = wslay_frame_recv(f->ctx, &piece);
		if (rc < 0)
			break;
		if ((code = take(in, &piece, heard, arg)) != 0)
			return code;
	}
	if (rc != WSLAY_ERR_WANT_READ)
		return WS_PROTOCOL;
	if (f->given == f->whole)
		ws_input_free(in);
	return 0;
}
