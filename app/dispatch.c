/*
 * dispatch.c - all of one request, in one order, for every route
 *
 *	reading: route, token, limit, body, prepare, { session, apply }
 *	writing: route, token, limit, body, prepare, { session, replay, apply, record }
 *
 * Braces are a transaction. Nobody else begins one, nobody else replies.
 * prepare() may take its time (it hashes passwords), so it runs before the
 * lock is asked for; whoever has no valid token, not the role, or to have a
 * password hashed no living session, never gets that far.
 */
#include <string.h>
#include <strings.h>

#include "app/auth.h"
#include "app/limits.h"
#include "app/reply.h"
#include "app/replay.h"
#include "app/route.h"
#include "lib/base/log.h"

static const enum role least[] = {
	[ANYONE] = ROLE_NOBODY, [GUEST] = ROLE_NOBODY, [USER] = ROLE_CUSTOMER,
	[STAFF] = ROLE_STAFF, [ADMIN] = ROLE_ADMIN
};

/* "application/json", with parameters or without. */
static int
is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t n = sizeof json - 1;

	return type != NULL && strncasecmp(type, json, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static enum problem
read_body(struct request *r)
{
	struct json_fault fault = { 0 };

	if (!(r->route->flags & HAS_BODY))
		return OK;
	if (r->body_text == NULL)
		return fail_with(r, BAD_JSON, "\"reason\":\"the body is missing\"");
	if (!is_json(r->content_type))
		return fail(r, WRONG_MEDIA_TYPE);
	r->body = json_parse(r->arena, r->body_text, r->body_len, &fault);
	if (r->body == NULL)
		return fail_with(r, BAD_JSON, arena_printf(r->arena,
		    "\"reason\":\"%s\",\"line\":%d", fault.what, fault.line));
	if (json_type(r->body) != JSON_OBJECT)
		return fail_with(r, BAD_JSON, "\"reason\":\"an object is expected\"");
	return OK;
}

/* Does a token count here? Of a guest, when there is one. */
static int
wants_token(const struct request *r)
{
	return r->route->who == GUEST ? r->authorization != NULL : r->route->who != ANYONE;
}

/* The session lives and may do this; inside the transaction. */
static enum problem
admit(struct request *r)
{
	enum problem p;

	if (!wants_token(r))
		return OK;
	if ((p = auth_check_session(r)) != OK)
		return p;
	return r->role >= least[r->route->who] ? OK : fail(r, NOT_FOUND);
}

static enum problem
run(struct request *r, enum problem (*step)(struct request *))
{
	enum problem p = step == NULL ? OK : step(r);

	if (p != OK)
		return fail(r, p);
	return r->out->failed ? fail(r, INTERNAL) : OK;
}

static enum problem
serve_reading(struct request *r)
{
	const struct route *route = r->route;
	enum problem p;
	int status;

	if (!wants_token(r) && route->apply == NULL)
		return OK;
	if ((status = db_read_begin(r->app->db)) != 0)
		return fail_db(r, status);
	if ((p = admit(r)) == OK)
		p = run(r, route->apply);
	db_read_end(r->app->db);
	return p;
}

/*
 * What happens under the lock. *keep: it is to be committed. *stored: an
 * earlier request's answer was taken.
 */
static enum problem
write_locked(struct request *r, const struct replay *replay, int *keep, int *stored)
{
	enum problem p;

	*keep = *stored = 0;
	if ((p = admit(r)) != OK || (p = replay_find(r, replay, stored)) != OK)
		return p;
	if (*stored) {
		*keep = r->replay != NULL;
		return OK;
	}
	if ((p = run(r, r->route->apply)) != OK) {
		*keep = r->commit_refusal && problem_status(p) < 500;
		return p;
	}
	if ((p = replay_keep(r, replay)) == OK)
		*keep = 1;
	return p;
}

/*
 * Commit, and have it on disk before the reply leaves: now, or, where the loop
 * shares one sync among the requests at hand, before it lets them go.
 */
static int
end_writing(struct app *app, int keep, int stored)
{
	int status;

	if (app->shares_sync) {
		if (keep || stored)
			app->owes_sync = 1;
		return db_end_unsynced(app->db, keep);
	}
	status = db_end(app->db, keep);
	return status == 0 && stored && !keep ? db_sync(app->db) : status;
}

static enum problem
serve_writing(struct request *r)
{
	struct db *db = r->app->db;
	struct replay replay;
	int status, keep, stored;
	enum problem p;

	if ((p = replay_open(r, &replay)) != OK)
		return p;
	if ((status = db_begin(db)) != 0)
		return fail_db(r, status);
	p = write_locked(r, &replay, &keep, &stored);
	status = end_writing(r->app, keep, stored);
	return status == 0 ? p : fail_db(r, status);
}

/*
 * Routes for staff are as good as not there for others: whoever may not is
 * told so before anything of his is looked at. And nobody whose session is
 * over has a password hashed, or learns which one is right. Asked again in
 * the transaction.
 */
static enum problem
admit_early(struct request *r)
{
	enum problem p;
	int status;

	if (!wants_token(r) || (r->route->who < STAFF && r->route->pool != POOL_AUTH))
		return OK;
	if ((status = db_read_begin(r->app->db)) != 0)
		return fail_db(r, status);
	p = admit(r);
	db_read_end(r->app->db);
	return p;
}

/* Under the lock something turned out that takes its time to look at (a hash). */
static enum problem
write_once_more(struct request *r)
{
	enum problem (*redo)(struct request *) = r->redo;
	enum problem p;

	r->redo = NULL;
	r->problem = OK;
	r->status = 200;
	r->extra = NULL;
	r->fault_count = r->header_count = 0;
	buf_reset(r->out);
	return (p = run(r, redo)) == OK ? serve_writing(r) : p;
}

static enum problem
serve(struct request *r)
{
	enum problem p;

	if (wants_token(r) && (p = auth_check_token(r)) != OK)
		return p;
	if ((p = admit_early(r)) != OK)
		return p;
	if ((p = limit_check(r, r->route->limit)) != OK || (p = read_body(r)) != OK ||
	    (p = run(r, r->route->prepare)) != OK)
		return p;
	if (!(r->route->flags & WRITES))
		return serve_reading(r);
	p = serve_writing(r);
	return p != OK && r->redo != NULL ? write_once_more(r) : p;
}

/* The route, or NULL: the answer stands in r already, or its problem. */
static const struct route *
find(struct request *r)
{
	const struct route *route;
	char allow[ALLOW_TEXT];
	int status;

	route = route_find(r->method, r->path, r->param, &status, allow);
	if (route != NULL && r->app->pool != POOLS && route->pool != r->app->pool) {
		log_warn("wrong_pool", "method=%s path=%s", r->method, r->path);
		fail(r, NOT_FOUND);
		return NULL;
	}
	if (route != NULL)
		return route;
	if (status == 404) {
		fail(r, NOT_FOUND);
	} else if (strcmp(r->method, "OPTIONS") == 0) {
		reply_options(r, arena_str(r->arena, allow));
	} else {
		fail(r, METHOD_NOT_ALLOWED);
		request_header(r, "Allow", arena_str(r->arena, allow));
	}
	return NULL;
}

void
route_serve(struct request *r)
{
	if (r->problem == OK && (r->route = find(r)) != NULL) {
		enum problem p = serve(r);

		if (p != OK)
			r->problem = p;
	}
	if (r->problem == OK)
		return;
	reply_refuse(r);
	if (r->status >= 500)
		log_warn("refused", "method=%s path=%s status=%d code=%s", r->method, r->path,
		    r->status, problem_code(r->problem));
}
