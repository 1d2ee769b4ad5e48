/*
 * hub.h - who listens to what
 *
 * A customer hears what is about him and what is about the shop's catalogue;
 * staff hears the branches it works for besides, an admin all of them. Knows
 * neither sockets nor SQL. What nobody said may be heard, nobody hears.
 */
#ifndef PUSH_HUB_H
#define PUSH_HUB_H

#include <stddef.h>
#include <stdint.h>

enum hub_role { HUB_CUSTOMER, HUB_STAFF, HUB_ADMIN };

/* Stands in who listens; filled before hub_add() but for what is the hub's own. */
struct listener {
	int64_t user_id;
	enum hub_role role;
	uint32_t branch_count;
	int64_t *branches;	/* where staff works, rising; freed by who made it */
	/* the hub's own */
	uint32_t place, staff_place;
	struct listener *next;	/* in the same bucket of users */
};

struct hub_event {
	int64_t user_id, branch_id;	/* DB_NULL = none */
	const char *type;
};

struct hub;
typedef void (*hub_call)(void *arg, struct listener *);

struct hub *hub_new(void);	/* NULL: out of memory */
void hub_free(struct hub *);

int hub_add(struct hub *, struct listener *) __attribute__((warn_unused_result));	/* 0 or -1 */
void hub_remove(struct hub *, struct listener *);
size_t hub_count(const struct hub *);
struct listener *hub_at(const struct hub *, size_t place);	/* 0 to count - 1 */

/* 1 when this one may hear it. */
int hub_hears(const struct listener *, const struct hub_event *);
/* call() for each who may; it must not add or remove. */
void hub_tell(const struct hub *, const struct hub_event *, hub_call, void *arg);
/* call() for each connection of a user; likewise. */
void hub_of_user(const struct hub *, int64_t user_id, hub_call, void *arg);

#endif
