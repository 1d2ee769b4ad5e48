/*
 * hub.c - who listens to what; see hub.h
 *
 * Three ways to find listeners, each as long as what it finds: all of them,
 * those of a user by hash, staff. Removing puts the last one into the gap.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/db.h"
#include "push/hub.h"

enum {
	TO_USER = 1, TO_BRANCH = 2, TO_ALL_STAFF = 4, TO_ALL = 8,
	FIRST_BUCKETS = 256
};

/* Who may hear an event, by its type. One that is not here: only whose it is. */
static const struct {
	const char *type;
	unsigned to;
} audience[] = {
	{ "notification", TO_USER },
	{ "order.status", TO_USER | TO_BRANCH },
	{ "order.placed", TO_BRANCH },
	{ "outbox", TO_BRANCH },
	{ "sync", TO_ALL_STAFF },
	{ "catalog", TO_ALL },
	{ "stock", TO_ALL },
	{ "branch", TO_ALL },
	{ "session.ended", 0 },		/* acted on, not told */
};

struct list {
	struct listener **at;
	size_t count, room;
};

struct hub {
	struct list all, staff;
	struct listener **bucket;
	size_t buckets;			/* a power of two */
};

static unsigned
audience_of(const char *type)
{
	for (size_t i = 0; i < sizeof audience / sizeof *audience; i++)
		if (strcmp(audience[i].type, type) == 0)
			return audience[i].to;
	return TO_USER;
}

/* ---- lists */

static int
make_room(struct list *l)
{
	size_t room = l->room == 0 ? 64 : l->room * 2;
	struct listener **at;

	if (l->count < l->room)
		return 0;
	if ((at = realloc(l->at, room * sizeof *at)) == NULL)
		return -1;
	l->at = at;
	l->room = room;
	return 0;
}

/* ---- users */

static size_t
bucket_of(const struct hub *h, int64_t user_id)
{
	return (size_t)((uint64_t)user_id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (h->buckets - 1);
}

/* Twice as many; staying as it is makes it slower, not wrong. */
static void
spread(struct hub *h)
{
	struct listener **old = h->bucket, *l, *next;
	size_t n = h->buckets, at;
	struct listener **bucket = calloc(n * 2, sizeof(struct listener *));

	if (bucket == NULL)
		return;
	h->bucket = bucket;
	h->buckets = n * 2;
	for (size_t i = 0; i < n; i++)
		for (l = old[i]; l != NULL; l = next) {
			next = l->next;
			at = bucket_of(h, l->user_id);
			l->next = bucket[at];
			bucket[at] = l;
		}
	free(old);
}

struct hub *
hub_new(void)
{
	struct hub *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->buckets = FIRST_BUCKETS;
	if ((h->bucket = calloc(h->buckets, sizeof(struct listener *))) == NULL) {
		free(h);
		return NULL;
	}
	return h;
}

void
hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	free(h->all.at);
	free(h->staff.at);
	free(h->bucket);
	free(h);
}

int
hub_add(struct hub *h, struct listener *l)
{
	size_t at;

	if (make_room(&h->all) == -1 || make_room(&h->staff) == -1)
		return -1;
	if (h->all.count >= h->buckets)
		spread(h);
	l->place = (uint32_t)h->all.count;
	h->all.at[h->all.count++] = l;
	if (l->role != HUB_CUSTOMER) {
		l->staff_place = (uint32_t)h->staff.count;
		h->staff.at[h->staff.count++] = l;
	}
	at = bucket_of(h, l->user_id);
	l->next = h->bucket[at];
	h->bucket[at] = l;
	return 0;
}

void
hub_remove(struct hub *h, struct listener *l)
{
	struct listener **at = &h->bucket[bucket_of(h, l->user_id)];
	struct listener *last = h->all.at[--h->all.count];

	h->all.at[l->place] = last;
	last->place = l->place;
	if (l->role != HUB_CUSTOMER) {
		last = h->staff.at[--h->staff.count];
		h->staff.at[l->staff_place] = last;
		last->staff_place = l->staff_place;
	}
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
}

size_t
hub_count(const struct hub *h)
{
	return h->all.count;
}

struct listener *
hub_at(const struct hub *h, size_t place)
{
	return h->all.at[place];
}

/* ---- telling */

static int
works_for(const struct listener *l, int64_t branch_id)
{
	if (l->role == HUB_ADMIN)
		return 1;
	if (l->role != HUB_STAFF)
		return 0;
	for (uint32_t i = 0; i < l->branch_count; i++)
		if (l->branches[i] == branch_id)
			return 1;
	return 0;
}

static int
is_his(const struct listener *l, const struct hub_event *e)
{
	return e->user_id != DB_NULL && e->user_id == l->user_id;
}

static int
is_for_staff(const struct listener *l, unsigned to, const struct hub_event *e)
{
	return ((to & TO_ALL_STAFF) != 0 && l->role != HUB_CUSTOMER) ||
	    ((to & TO_BRANCH) != 0 && works_for(l, e->branch_id));
}

int
hub_hears(const struct listener *l, const struct hub_event *e)
{
	unsigned to = audience_of(e->type);

	return (to & TO_ALL) != 0 || ((to & TO_USER) != 0 && is_his(l, e)) ||
	    is_for_staff(l, to, e);
}

void
hub_tell(const struct hub *h, const struct hub_event *e, hub_call call, void *arg)
{
	unsigned to = audience_of(e->type);
	struct listener *l;

	if ((to & TO_ALL) != 0) {
		for (size_t i = 0; i < h->all.count; i++)
			call(arg, h->all.at[i]);
		return;
	}
	if ((to & TO_USER) != 0 && e->user_id != DB_NULL)
		hub_of_user(h, e->user_id, call, arg);
	for (size_t i = 0; i < h->staff.count; i++) {
		l = h->staff.at[i];
		if (!((to & TO_USER) != 0 && is_his(l, e)) && is_for_staff(l, to, e))
			call(arg, l);
	}
}

void
hub_of_user(const struct hub *h, int64_t user_id, hub_call call, void *arg)
{
	struct listener *l, *next;

	for (l = h->bucket[bucket_of(h, user_id)]; l != NULL; l = next) {
		next = l->next;
		if (l->user_id == user_id)
			call(arg, l);
	}
}
