/*
 * replay.c - see replay.h
 *
 * The look-up runs under the write lock: of two requests with one key that
 * come at once, the second finds what the first has stored.
 */
#include <string.h>

#include "app/field.h"
#include "app/replay.h"
#include "app/route.h"
#include "lib/base/clock.h"

#define PURPOSE "idempotency"

enum { KEY_MAX = 255, DAY = 86400 };

enum { FIND, KEEP, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[FIND] = { .sql = "SELECT body_hmac, status, response FROM idempotency "
	    "WHERE user_id = ?1 AND route = ?2 AND key = ?3 AND created_at > ?4" },
	[KEEP] = { .sql = "INSERT INTO idempotency "
	    "(user_id, route, key, body_hmac, status, response, created_at) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
	    "ON CONFLICT (user_id, route, key) DO UPDATE SET body_hmac = excluded.body_hmac, "
	    "status = excluded.status, response = excluded.response, "
	    "created_at = excluded.created_at" },
};
DB_STATEMENTS(sql);

/* 1 to KEY_MAX visible ASCII characters. */
static int
is_key(const char *s)
{
	size_t n;

	for (n = 0; s[n] != '\0'; n++)
		if (n == KEY_MAX || s[n] < '!' || s[n] > '~')
			return 0;
	return n > 0;
}

enum problem
replay_open(struct request *r, struct replay *p)
{
	const char *body = r->replay_text != NULL ? r->replay_text : r->body_text;

	p->route = NULL;
	if (r->idempotency_key == NULL || !(r->route->flags & IDEMPOTENT))
		return OK;
	if (!is_key(r->idempotency_key)) {
		field_rule(r, "Idempotency-Key", RULE_LENGTH, (size_t)1, (size_t)KEY_MAX);
		return fail(r, BAD_REQUEST);
	}
	p->route = arena_printf(r->arena, "%s %s", r->route->method, r->route->pattern);
	/* The path too: its numbers say what the body is about. */
	p->text = arena_printf(r->arena, "%s\n%s", r->path, body == NULL ? "" : body);
	if (p->route == NULL || p->text == NULL ||
	    keyring_mac(r->app->keys, PURPOSE, p->text, strlen(p->text), p->hmac) == -1)
		return fail(r, INTERNAL);
	return OK;
}

/* The found record as this request's answer. */
static enum problem
answer(struct request *r, const struct replay *p)
{
	struct stmt *s = &sql[FIND];
	const void *hmac;
	const char *stored;
	size_t n;

	hmac = db_blob(s, 0, &n);
	if (n != sizeof p->hmac ||
	    !keyring_mac_is(r->app->keys, PURPOSE, p->text, strlen(p->text), hmac))
		return fail(r, KEY_REUSED);
	if ((stored = arena_str(r->arena, db_text(s, 2))) == NULL)
		return fail(r, INTERNAL);
	r->status = (int)db_int(s, 1);
	request_header(r, "Idempotency-Replayed", "true");
	if (r->replay != NULL)
		return r->replay(r, stored);
	buf_str(r->out, stored);
	return r->out->failed ? fail(r, INTERNAL) : OK;
}

enum problem
replay_find(struct request *r, const struct replay *p, int *stored)
{
	enum problem problem;
	int found;

	*stored = 0;
	if (p->route == NULL)
		return OK;
	found = db_find(r->app->db, &sql[FIND], "issi", r->user_id, p->route, r->idempotency_key,
	    clock_now() - REPLAY_DAYS * DAY);
	if (found < 0)
		return fail_db(r, found);
	if (found == 0)
		return OK;
	*stored = 1;
	problem = answer(r, p);
	db_done(&sql[FIND]);
	return problem;
}

enum problem
replay_keep(struct request *r, const struct replay *p)
{
	const char *text = r->replay_keep != NULL ? r->replay_keep : r->out->s;
	int status;

	if (p->route == NULL || r->status < 200 || r->status > 299)
		return OK;
	status = db_run(r->app->db, &sql[KEEP], "issbisi", r->user_id, p->route, r->idempotency_key,
	    p->hmac, sizeof p->hmac, (int64_t)r->status, text == NULL ? "" : text, clock_now());
	return status == 0 ? OK : fail_db(r, status);
}
