/* access.c - who may listen; see access.h */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/shop/session.h"
#include "push/access.h"

enum { WORKS };
static struct stmt sql[] = {
	[WORKS] = { .sql = "SELECT branch_id FROM staff_branch WHERE user_id = ?1"
	    " ORDER BY branch_id LIMIT ?2" },
};
DB_STATEMENTS(sql);

enum { AHEAD_MS = 2000 };	/* clocks of one machine, read in another order */

static enum hub_role
role_of(const char *name)
{
	if (strcmp(name, "admin") == 0)
		return HUB_ADMIN;
	return strcmp(name, "staff") == 0 ? HUB_STAFF : HUB_CUSTOMER;
}

/* How many, into list (STAFF_BRANCHES_MAX); else a db_status. */
static int
read_branches(struct db *db, int64_t user_id, int64_t *list)
{
	struct stmt *s = &sql[WORKS];
	int n = 0, rc = db_query(db, s, "ii", user_id, (int64_t)STAFF_BRANCHES_MAX);

	if (rc != DB_OK)
		return rc;
	while (n < STAFF_BRANCHES_MAX && (rc = db_row(db, s)) == 1)
		list[n++] = db_int(s, 0);
	db_done(s);
	return rc < 0 ? rc : n;
}

static int
keep_branches(struct listener *who, const int64_t *list, int n)
{
	if (n == 0)
		return 1;
	if ((who->branches = malloc((size_t)n * sizeof *list)) == NULL)
		return DB_ERROR;
	memcpy(who->branches, list, (size_t)n * sizeof *list);
	who->branch_count = (uint32_t)n;
	return 1;
}

/* 1 living; role and, into list, the branches of now. */
static int
look_up(struct access *a, int64_t session_id, struct listener *who, int64_t *list, int *n)
{
	struct session_user u;
	int rc = session_find(a->db, session_id, &u);

	*n = 0;
	if (rc != 1)
		return rc;
	if (u.is_blocked)
		return 0;
	who->user_id = u.user_id;
	who->role = role_of(u.role);
	if (who->role != HUB_STAFF)
		return 1;
	*n = read_branches(a->db, u.user_id, list);
	return *n < 0 ? *n : 1;
}

/*
 * After a clock that was set back to before our start, nobody could come in
 * until it is that late again. Who began longer ago than a ticket lives has met
 * all that are good by now, so then the start says nothing.
 */
static int
is_set_back(const struct access *a, int64_t now_ms)
{
	return now_ms < a->started_ms &&
	    clock_mono_ms() - a->began_mono_ms > 1000 * TICKET_LIFE_S + AHEAD_MS;
}

static int
is_fresh(const struct access *a, const struct ticket *t, int64_t now_ms)
{
	return (t->issued_ms >= a->started_ms || is_set_back(a, now_ms)) &&
	    t->issued_ms <= now_ms + AHEAD_MS && now_ms - t->issued_ms < 1000 * TICKET_LIFE_S;
}

/* A stream that goes on shows what it alone was told; else a ticket is good once. */
static int
ticket_lets_in(struct access *a, const struct pass *p, struct ticket *t)
{
	int64_t now_ms = clock_ms();

	if (ticket_read(a->keys, p->ticket, t) == -1)
		return 0;
	if (p->mark != NULL && ticket_mark_is(a->keys, t, p->mark))
		return 1;
	return is_fresh(a, t, now_ms) && used_first(a->used, t->id, now_ms);
}

static int
token_lets_in(struct access *a, const char *text, struct ticket *t)
{
	struct token token;

	arena_reset(a->arena);
	if (keyring_verify(a->keys, a->arena, text, clock_now(), &token) == -1)
		return 0;
	*t = (struct ticket){ .user_id = token.user_id, .session_id = token.session_id };
	return 1;
}

int
access_enter(struct access *a, const struct pass *p, struct ticket *t, int64_t *session_id,
    struct listener *who)
{
	int64_t list[STAFF_BRANCHES_MAX];
	int n, rc;

	if (p->ticket == NULL && p->token == NULL)
		return 0;
	rc = p->ticket != NULL ? ticket_lets_in(a, p, t) : token_lets_in(a, p->token, t);
	if (rc != 1)
		return 0;
	rc = look_up(a, t->session_id, who, list, &n);
	if (rc != 1 || who->user_id != t->user_id)
		return rc == 1 ? 0 : rc;
	*session_id = t->session_id;
	return keep_branches(who, list, n);
}

int
access_still(struct access *a, int64_t session_id, const struct listener *was)
{
	struct listener who = { 0 };
	int64_t list[STAFF_BRANCHES_MAX];
	int n, rc = look_up(a, session_id, &who, list, &n);

	if (rc != 1)
		return rc;
	return who.user_id == was->user_id && who.role == was->role &&
	    (uint32_t)n == was->branch_count &&
	    (n == 0 || memcmp(list, was->branches, (size_t)n * sizeof *list) == 0);
}
