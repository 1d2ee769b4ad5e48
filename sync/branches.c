/*
 * branches.c - the till's branches into ours
 *
 * Only a complete feed takes branches off; an empty one is an error of the
 * till, not the end of the chain.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/feed.h"
#include "lib/shop/branch.h"
#include "lib/shop/hours.h"
#include "sync/feeds.h"

enum { BRANCHES_MAX = 20000, HOLD_MS = DB_HOLD_MS / 2 };

enum { KNOWN, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[KNOWN] = { .sql = "SELECT id FROM branch WHERE pos_branch_id = ?1" },
};
DB_STATEMENTS(sql);

struct named { int64_t id[BRANCHES_MAX]; size_t count; };

static const char *
text(const struct pos_row *row, enum pos_field f)
{
	return row->f[f].set ? row->f[f].text : NULL;
}

/* Hours that we do not understand are left out and said: better none than wrong. */
static const char *
hours(struct job *j, struct run *r, const struct pos_row *row)
{
	const char *json = text(row, POS_HOURS);
	char why[160];

	if (json == NULL || hours_check(j->arena, json, why) == 0)
		return json;
	log_warn("branch_hours", "branch=%s why=%s", row->key, why);
	snprintf(r->message, sizeof r->message, "branch %.60s: its hours were left out: %.160s",
	    row->key, why);
	return NULL;
}

/* A row that cannot be used: the till has the branch, so it stays. 0 or a db_status. */
static int
set_aside(struct job *j, struct run *r, const char *key, const char *why, struct named *seen)
{
	int rc = key == NULL ? 0 : db_find(j->db, &sql[KNOWN], "s", key);

	r->bad++;
	log_warn("row_aside", "feed=branches key=%s why=%s", key != NULL ? key : "-", why);
	if (rc == 1 && seen->count < BRANCHES_MAX)
		seen->id[seen->count++] = db_int(&sql[KNOWN], 0);
	db_done(&sql[KNOWN]);
	return rc < 0 ? rc : DB_OK;
}

static int
put_row(struct job *j, struct run *r, const struct pos_row *row, struct named *seen)
{
	struct branch_news news = {
		.key = row->key,
		.name = text(row, POS_NAME),
		.address = text(row, POS_ADDRESS),
		.phone = text(row, POS_PHONE),
		.hours = hours(j, r, row),
		.timezone = j->conf.default_timezone,
		.latitude = row->f[POS_LATITUDE].set ? row->f[POS_LATITUDE].real : NAN,
		.longitude = row->f[POS_LONGITUDE].set ? row->f[POS_LONGITUDE].real : NAN,
	};
	int64_t id = 0;
	int rc;

	r->seen++;
	if (news.name == NULL || seen->count == BRANCHES_MAX)
		return set_aside(j, r, row->key, news.name == NULL ? "\"no name\"" :
		    "\"too many branches\"", seen);
	if ((rc = branch_put(j->db, &news, clock_now(), &id)) < 0)
		return rc;
	seen->id[seen->count++] = id;
	*(rc == 2 ? &r->added : rc == 1 ? &r->changed : &r->unchanged) += 1;
	return DB_OK;
}

static int
put_page(struct job *j, struct run *r, struct feed *f, struct named *seen)
{
	const struct feed_aside *aside;
	const struct pos_row *row;
	int rc = db_begin(j->db);

	while (rc == DB_OK && (row = feed_row(f)) != NULL) {
		rc = put_row(j, r, row, seen);
		if (rc == DB_OK && db_hold_ms(j->db) >= HOLD_MS &&
		    (rc = db_end(j->db, 1)) == DB_OK)
			rc = db_begin(j->db);
	}
	if (db_in_transaction(j->db) && db_end(j->db, rc == DB_OK) != DB_OK)
		rc = DB_ERROR;
	while (rc == DB_OK && (aside = feed_aside(f)) != NULL) {
		r->seen++;
		rc = set_aside(j, r, aside->key, aside->why, seen);
	}
	arena_reset(j->arena);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Those that a complete feed did not name. 0 or a db_status. */
static int
retire(struct job *j, struct run *r, struct named *seen)
{
	int rc;

	qsort(seen->id, seen->count, sizeof *seen->id, by_id);
	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	if ((rc = branch_retire(j->db, seen->id, seen->count, clock_now())) >= 0) {
		r->gone = rc;
		rc = DB_OK;
	}
	return db_end(j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

/* The exit code; r->message says why when it is not EX_OK. */
static int
read_all(struct job *j, struct run *r, struct named *seen)
{
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){
		.what = FEED_BRANCHES, .bad_percent = (int)j->conf.sync_max_bad_percent });
	const struct feed_end *end;
	int more = 1, rc = DB_OK, code = EX_OK;

	if (f == NULL) {
		snprintf(r->message, sizeof r->message, "the profile lists no branches");
		return EX_CONFIG;
	}
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1)
		rc = put_page(j, r, f, seen);
	end = feed_end(f);
	if (rc == DB_OK && more == 0 && end->complete && seen->count > 0)
		rc = retire(j, r, seen);
	else if (more == -1)
		code = run_fail(r, end->outcome, end->message);
	else if (job_signalled())
		code = EX_TEMPFAIL;
	else if (seen->count == 0) {
		snprintf(r->message, sizeof r->message,
		    "the till names no branches: nothing is changed");
		code = EX_PROTOCOL;
	}
	if (rc != DB_OK) {
		snprintf(r->message, sizeof r->message, "%.400s", db_error(j->db));
		code = EX_TEMPFAIL;
	}
	feed_close(f);
	return code;
}

int
feed_branches(struct job *j, int is_full)
{
	struct named *seen = calloc(1, sizeof *seen);
	struct run r;
	int code;

	(void)is_full;	/* it always is: no till tells changes of branches only */
	if (seen == NULL || run_begin(j, &r, "branches", 1) != DB_OK) {
		free(seen);
		return EX_TEMPFAIL;
	}
	code = read_all(j, &r, seen);
	free(seen);
	return run_finish(j, &r, code);
}
