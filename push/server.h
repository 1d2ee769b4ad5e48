/*
 * server.h - what the files of the server share: its clients and what they do
 *
 * client.c moves bytes and ends connections, greet.c reads the request and
 * lets in or refuses, tell.c makes messages of events, loop.c waits and keeps
 * time. One process, one thread, no lock; nothing here blocks but the
 * database, which is read in small bites.
 */
#ifndef PUSH_SERVER_H
#define PUSH_SERVER_H

#include "lib/base/buf.h"
#include "lib/shop/settings.h"
#include "push/access.h"
#include "push/follow.h"
#include "push/http.h"
#include "push/hub.h"
#include "push/ws.h"

enum {
	QUEUE_MAX = 256 * 1024,		/* unsent, then it is a slow reader */
	USER_MAX = 100,			/* connections of one user */
	REPLAY_MAX = 1000,		/* messages of the past; more is asked over REST */
	REPLAY_ROWS = 10000,		/* looked at for them */
	REPLAY_ROOM = 64 * 1024,	/* unsent, then the past waits */
	ASK_MS = 10000,			/* for the request to come */
	PING_MS = 25000,		/* dead after two of them */
	CLOSE_MS = 10000		/* for the last bytes to go */
};

enum client_state {
	ASKING,		/* its request is not whole */
	LISTENING,
	CLOSING,	/* goes when its last bytes have gone */
	GONE,		/* freed at the end of the round */
	CLIENT_STATES
};

enum client_kind { KIND_PLAIN, KIND_WS, KIND_SSE };	/* PLAIN: an answer and no more */

/* Is the past being told to it? It waits when it does not read fast enough. */
enum client_past { PAST_NONE, PAST_LISTED, PAST_WAITS };

/* One per connection: all that an idle one costs beside the kernel's. */
struct client {
	struct listener listener;	/* in the hub while LISTENING */
	int64_t session_id;
	int fd;
	uint8_t state, kind;
	uint8_t in_hub, past;
	uint8_t unanswered;		/* pings */
	uint8_t waits_out;		/* for room in the socket */
	uint16_t replayed;
	uint32_t looked;		/* rows, for what it missed */
	int64_t position;		/* told up to here, while the past is */
	int64_t due_ms;
	struct client *next, *prev;	/* of its state, the first is due first */
	struct client *next_past;
	struct buf out;			/* empty and without memory when idle */
	size_t sent;			/* of out */
	struct ws_input in;
	struct buf asked;		/* the request, while ASKING */
	char *mark;			/* of an SSE stream that came by ticket */
};

struct queue { struct client *first, *last; };

struct server {
	struct settings conf;
	struct db *db;
	struct access access;
	struct follow *follow;
	struct hub *hub;
	int listen_fd, epoll_fd;
	int accepting;			/* 0 while there is no room */
	size_t count, most;		/* connections: now, at most */
	struct queue queue[CLIENT_STATES];
	struct queue past;		/* PAST_LISTED, by next_past */
	struct buf text, frame, line;	/* scratch: a message, and framed for each kind */
	size_t watched;			/* place in the hub of who is looked at next */
	int64_t watched_version, watch_ms;
	int64_t let_in, refused, told, slow;	/* for the log */
};

/* client.c */
struct client *client_new(struct server *, int fd);	/* NULL: no room; fd is closed */
/* Send now what can be, keep the rest. A slow reader is closed. */
void client_send(struct server *, struct client *, const void *, size_t n);
void client_flush(struct server *, struct client *);
size_t client_unsent(const struct client *);
void client_set(struct server *, struct client *, enum client_state, int64_t due_ms);
/* End it in good order: WebSocket's close with this code, or the end of the stream. */
void client_close(struct server *, struct client *, int code);
void client_drop(struct server *, struct client *);	/* at once */
void client_readable(struct server *, struct client *);
void client_frames(struct server *, struct client *, const void *, size_t n);
void client_sweep(struct server *);			/* frees who is GONE */

/* greet.c: the bytes of a request */
void greet(struct server *, struct client *);

/* tell.c */
/* From now on, or for who is back from behind `since` (-1: no place of ours). */
void tell_hello(struct server *, struct client *, int64_t since, int is_back);
void tell_event(void *server, const struct follow_event *);
int tell_past(struct server *);		/* some of it; 1 when there is more */
void tell_past_to(struct server *, struct client *);	/* it reads again */
void tell_ping(struct server *, struct client *);
void tell_end(struct server *, struct client *, int code);	/* the last words */

/* loop.c: until SIGTERM; 0 or -1 with errno. */
int server_run(struct server *) __attribute__((warn_unused_result));

#endif
