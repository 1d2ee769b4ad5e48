/*
 * ws.h - WebSocket (RFC 6455): the handshake and the frames
 *
 * Frames are read and written by wslay. A client of ours has nothing to say
 * but "ping": of a message only its kind, its length and its first bytes are
 * kept, and while no frame is half here nothing is kept at all.
 */
#ifndef PUSH_WS_H
#define PUSH_WS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "push/http.h"

enum {
	WS_MESSAGE_MAX = 4096,
	WS_GOING_AWAY = 1001, WS_PROTOCOL = 1002, WS_TOO_BIG = 1009,
	WS_DENIED = 4401,	/* no access, or no longer: ask for a new ticket */
	WS_SLOW = 4408		/* read too slowly: come back with since= */
};

/* 101 when the request is a handshake; else the status it is refused with (400, 426). */
int ws_wanted(const struct http_request *);
/* The head of the answer 101. 0 or -1. */
int ws_accept(const struct http_request *, struct buf *out) __attribute__((warn_unused_result));

/* Frames out; each is whole. */
void ws_text(struct buf *out, const char *text, size_t n);
void ws_ping(struct buf *out);
void ws_pong(struct buf *out, const void *data, size_t n);
void ws_close(struct buf *out, int code);

/* What a client said. */
enum ws_word { WS_SAID_PING, WS_PINGED, WS_PONGED, WS_CLOSED };
typedef void (*ws_heard)(void *arg, enum ws_word, const void *data, size_t n);

struct ws_input {
	struct ws_frames *frames;	/* NULL while no frame is half here */
	uint16_t size;			/* of the message so far */
	uint8_t opcode;			/* of the message; 0 = none begun */
	char start[5];
};

/* Bytes that came. 0, or the code to close with. */
int ws_read(struct ws_input *, const void *bytes, size_t n, ws_heard, void *arg);
void ws_input_free(struct ws_input *);

#endif
