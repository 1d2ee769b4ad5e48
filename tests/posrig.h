/*
 * posrig.h - a till with a profile of the test's own, for check_call and
 * check_feed: tests/peer.h is at the other end
 */
#ifndef POSRIG_H
#define POSRIG_H

#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/call.h"
#include "tests/peer.h"
#include "tests/suite.h"
#include "tests/temp.h"

#define STEPS(...) (const struct peer_step[]){ __VA_ARGS__ }, \
	sizeof((const struct peer_step[]){ __VA_ARGS__ }) / sizeof(struct peer_step)
#define SAYS(text) { PEER_REPLY, text, 0 }

#define RIG_TOKEN "tok-12345678"

static struct arena *arena;
static struct pos *pos;
static int rig_waits, rig_waited_ms;	/* what pos_setup.wait was asked */
static int rig_gives_up;

static inline int
rig_wait(void *arg, int ms)
{
	(void)arg;
	rig_waits++;
	rig_waited_ms += ms;
	return rig_gives_up;
}

/* The profile's text with ' for " goes to a file; settings are base_url alone. */
static inline void
rig_profile(const char *parts)
{
	FILE *f = fopen(temp_path("p.json"), "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "{\"profile\":1,\"name\":\"t\",\"base\":\"{set.base_url}\",\"settings\":"
	    "{\"base_url\":\"x\"},");
	for (; *parts != '\0'; parts++)
		fputc(*parts == '\'' ? '"' : *parts, f);
	fprintf(f, "}");
	fclose(f);
}

/* Opens it against an address; steps of the peer are the caller's. */
static inline void
rig_open(const char *parts)
{
	static struct pos_pair base;
	char fault[POS_FAULT];
	struct pos_setup setup = { .profile = temp_path("p.json"), .token = RIG_TOKEN,
		.settings = &base, .setting_count = 1, .wait = rig_wait,
		.http = { .allow_http = 1, .connect_ms = 30000, .total_ms = 30000 } };

	arena = arena_new(8 << 20);
	rig_profile(parts);
	base = (struct pos_pair){ "base_url", peer_url() };
	rig_waits = rig_waited_ms = rig_gives_up = 0;
	pos = pos_open(&setup, fault);
	ck_assert_msg(pos != NULL, "%s", fault);
}

static inline void
rig_close(void)
{
	pos_close(pos);
	arena_free(arena);
	peer_stop();
	temp_remove();
}

/* Reply texts that must live as long as the peer's script. */
static inline const char *
rig_json(int status, const char *headers, const char *body)
{
	static char replies[16][4096];
	static int turn;
	char *out = replies[turn++ % 16];

	snprintf(out, sizeof replies[0], "%s", peer_json(status, headers, body));
	return out;
}

/* ---- a profile that most tests take, and an order for it */

#define AUTH "'auth':{'put':'header:Authorization','value':'Bearer {token}'},"
#define ERRORS "'error':{'when':'/error','code':['/error/code','/error'],'message':" \
	"['/error/message','/message'],'auth':['10'],'retry':['44'],'gone':['32']," \
	"'duplicate':['99']},"
#define ORDER "'order':{'retry':'key','create':{'call':'POST /orders','headers':{'Idempotency-Key':" \
	"'{order.key}'},'json':{'ref':'{order.ref}','total':'{order.total|major}'}," \
	"'id':'/id','status':'/status','total':{'at':'/total','as':'major'}}," \
	"'cancel':{'call':'POST /orders/{order.pos_id}/cancel'}," \
	"'status':{'call':'GET /orders/{order.pos_id}','value':'/status','map':{'new':'sent_to_pos'," \
	"'cooking':'processing','mute':null}}," \
	"'find':{'call':'GET /orders','query':{'ref':'{order.ref}'},'rows':'/orders','key':'/id'," \
	"'match':{'at':'/ref','is':'{order.ref}'}}}"

__attribute__((unused)) static struct pos_order order = { .key = "k-1", .ref = "R1", .type = "pickup", .total = 44050,
	.pos_id = "S/1", .customer = { .ref = "u1", .phone = "+380671234567" } };
__attribute__((unused)) static const struct pos_about about = { .order = &order, .customer = &order.customer };

#endif
