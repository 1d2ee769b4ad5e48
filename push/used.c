/*
 * used.c - which tickets were used; see used.h
 *
 * Two sets: what was used in this half minute and in the one before. Ids are
 * random, so their first bytes are the hash. A set doubles until it holds
 * USED_MAX; more in half a minute is not a shop but an attack.
 */
#include <stdlib.h>
#include <string.h>

#include "push/used.h"

enum { TURN_MS = 1000 * TICKET_LIFE_S, FIRST_ROOM = 64, USED_MAX = 1 << 18 };

struct id {
	uint8_t bytes[TICKET_ID];
	uint8_t is_there;
};

struct set {
	struct id *at;
	size_t room, count;	/* room: a power of two, at least twice the count */
};

struct used {
	struct set now, before;
	int64_t since_ms;
};

static size_t
hash(const uint8_t *id)
{
	size_t h;

	memcpy(&h, id, sizeof h);
	return h;
}

/* Where it stands, or the empty place where it would. */
static struct id *
place(const struct set *s, const uint8_t *id)
{
	size_t i = hash(id) & (s->room - 1);

	while (s->at[i].is_there && memcmp(s->at[i].bytes, id, TICKET_ID) != 0)
		i = (i + 1) & (s->room - 1);
	return &s->at[i];
}

static int
grow(struct set *s)
{
	struct set twice = { .room = s->room == 0 ? FIRST_ROOM : s->room * 2, .count = s->count };

	if (s->count >= USED_MAX || (twice.at = calloc(twice.room, sizeof *twice.at)) == NULL)
		return -1;
	for (size_t i = 0; i < s->room; i++)
		if (s->at[i].is_there)
			*place(&twice, s->at[i].bytes) = s->at[i];
	free(s->at);
	*s = twice;
	return 0;
}

/* After a clock that went back the ids stay for as long again. */
static void
turn(struct used *u, int64_t now_ms)
{
	int64_t age = now_ms - u->since_ms;

	if (age < 0)
		u->since_ms = now_ms;
	if (age < TURN_MS)
		return;
	free(u->before.at);
	u->before = u->now;
	u->now = (struct set){ 0 };
	u->since_ms = now_ms;
}

struct used *
used_new(int64_t now_ms)
{
	struct used *u = calloc(1, sizeof *u);

	if (u != NULL)
		u->since_ms = now_ms;
	return u;
}

void
used_free(struct used *u)
{
	if (u == NULL)
		return;
	free(u->now.at);
	free(u->before.at);
	free(u);
}

int
used_first(struct used *u, const uint8_t id[TICKET_ID], int64_t now_ms)
{
	struct id *at;

	turn(u, now_ms);
	if (u->before.room > 0 && place(&u->before, id)->is_there)
		return 0;
	if (u->now.count * 2 >= u->now.room && grow(&u->now) == -1)
		return 0;
	at = place(&u->now, id);
	if (at->is_there)
		return 0;
	memcpy(at->bytes, id, TICKET_ID);
	at->is_there = 1;
	u->now.count++;
	return 1;
}
