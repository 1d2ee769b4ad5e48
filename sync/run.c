/* run.c - rows of sync_run, the summary, the progress bar; see run.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/shop/catalog.h"
#include "lib/shop/event.h"
#include "sync/run.h"

enum { BAR = 24, SHOW_MS = 100, MS = 1000, PAYLOAD = 160, JSON_LINE = 4096 };
enum { BEGIN, LAST, LAST_GOOD, END, KEEP_MARK, FORGET_MARK, MARK, MAKE_FULL, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BEGIN] = { .sql =
	    "INSERT INTO sync_run (feed, is_full, started_ms) VALUES (?1, ?2, ?3)" },
	[LAST] = { .sql =
	    "SELECT outcome FROM sync_run WHERE feed = ?1 AND outcome IS NOT NULL"
	    " ORDER BY id DESC LIMIT 1" },
	[LAST_GOOD] = { .sql =
	    "SELECT seen FROM sync_run WHERE feed = ?1 AND is_full = ?2 AND outcome = 'ok'"
	    " ORDER BY id DESC LIMIT 1" },
	[END] = { .sql =
	    "UPDATE sync_run SET finished_ms = ?2, outcome = ?3, seen = ?4, added = ?5,"
	    " changed = ?6, unchanged = ?7, gone = ?8, bad = ?9, message = ?10 WHERE id = ?1" },
	[KEEP_MARK] = { .sql =
	    "INSERT INTO sync_mark (feed, mark, run_id) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (feed, branch) DO UPDATE SET mark = excluded.mark,"
	    " run_id = excluded.run_id" },
	[FORGET_MARK] = { .sql = "DELETE FROM sync_mark WHERE feed = ?1" },
	[MAKE_FULL] = { .sql = "UPDATE sync_run SET is_full = 1 WHERE id = ?1" },
	[MARK] = { .sql = "SELECT mark FROM sync_mark WHERE feed = ?1 AND branch = ''" },
};
DB_STATEMENTS(sql);

int
run_fail(struct run *r, enum pos_outcome outcome, const char *message)
{
	snprintf(r->message, sizeof r->message, "%s%.400s",
	    outcome == POS_AUTH ? "the till refused our token (POS_TOKEN_FILE): " : "", message);
	return job_exit_code(outcome);
}

int
run_failing(struct job *j, const char *feed)
{
	int failing = 0;

	if (db_find(j->db, &sql[LAST], "s", feed) == 1)
		failing = strcmp(db_text(&sql[LAST], 0), "failed") == 0;
	db_done(&sql[LAST]);
	return failing;
}

int
run_begin(struct job *j, struct run *r, const char *feed, int is_full)
{
	int rc;

	*r = (struct run){ .feed = feed, .is_full = is_full, .started_ms = clock_ms(),
		.was_failing = run_failing(j, feed) };
	if (db_find(j->db, &sql[LAST_GOOD], "si", feed, (int64_t)is_full) == 1)
		r->expected = db_int(&sql[LAST_GOOD], 0);
	db_done(&sql[LAST_GOOD]);
	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	rc = db_run(j->db, &sql[BEGIN], "sii", feed, (int64_t)is_full, r->started_ms);
	r->id = db_last_id(j->db);
	return db_end(j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

/* --json: a line for programs, also away from a terminal. */
static void
print_json(const struct run *r, const char *outcome, int64_t ms)
{
	struct buf b = BUF_INIT(JSON_LINE);

	json_open(&b, NULL, '{');
	json_put_text(&b, "feed", r->feed);
	json_put_text(&b, "outcome", outcome);
	json_put_bool(&b, "full", r->is_full);
	json_put_int(&b, "run_id", r->id);
	json_put_int(&b, "seen", r->seen);
	json_put_int(&b, "new", r->added);
	json_put_int(&b, "changed", r->changed);
	json_put_int(&b, "unchanged", r->unchanged);
	json_put_int(&b, "off_sale", r->gone);
	json_put_int(&b, "set_aside", r->bad);
	json_put_int(&b, "ms", ms);
	if (*r->message != '\0')
		json_put_text(&b, "message", r->message);
	else
		json_put_null(&b, "message");
	json_close(&b, '}');
	puts(b.failed ? "{}" : b.s);
	fflush(stdout);
	buf_free(&b);
}

static void
summary(const struct job *j, const struct run *r, const char *outcome)
{
	int64_t ms = clock_ms() - r->started_ms;
	double took = (double)ms / MS;

	if (j->json)
		print_json(r, outcome, ms);
	job_say(j, "%s%s: %s: %lld seen, %lld new, %lld changed, %lld unchanged, %lld off sale, "
	    "%lld set aside, %.1f s%s%s\n", j->terminal ? "\r\033[K" : "", r->feed, outcome,
	    (long long)r->seen, (long long)r->added, (long long)r->changed,
	    (long long)r->unchanged, (long long)r->gone, (long long)r->bad, took,
	    *r->message != '\0' ? ": " : "", r->message);
	log_info("sync_run", "feed=%s run=%lld outcome=%s seen=%lld added=%lld changed=%lld "
	    "unchanged=%lld gone=%lld bad=%lld ms=%lld", r->feed, (long long)r->id, outcome,
	    (long long)r->seen, (long long)r->added, (long long)r->changed,
	    (long long)r->unchanged, (long long)r->gone, (long long)r->bad,
	    (long long)ms);
}

/* The board hears when a feed begins to fail, and when it is well again. */
static int
tell(struct job *j, const struct run *r, const char *outcome)
{
	struct buf b = BUF_INIT(PAYLOAD);
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_put_text(&b, "feed", r->feed);
	json_put_int(&b, "run_id", r->id);
	json_put_text(&b, "outcome", outcome);
	json_close(&b, '}');
	if (!b.failed)
		rc = event_add(j->db, DB_NULL, DB_NULL, "sync", b.s);
	buf_free(&b);
	return rc;
}

int
run_end(struct job *j, struct run *r, const char *outcome)
{
	int failed = strcmp(outcome, "failed") == 0, rc;

	summary(j, r, outcome);
	if (failed && (!r->was_failing || j->terminal || j->verbose))
		job_complain(j, "%s: %s", r->feed, r->message);
	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	rc = db_run(j->db, &sql[END], "iisiiiiiis", r->id, clock_ms(), outcome, r->seen, r->added,
	    r->changed, r->unchanged, r->gone, r->bad, *r->message != '\0' ? r->message : NULL);
	if (rc == DB_OK && failed != r->was_failing && strcmp(outcome, "yielded") != 0)
		rc = tell(j, r, outcome);
	if (rc == DB_OK)
		rc = catalog_tell_rest(j->db);
	return db_end(j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

int
run_finish(struct job *j, struct run *r, int code)
{
	const int stopped = code != EX_OK && job_signalled();

	if (stopped) {
		snprintf(r->message, sizeof r->message, "%s", job_is_late() ?
		    "not done within --deadline: the next run begins anew" :
		    "stopped by a signal");
		code = EX_TEMPFAIL;
	}
	if (r->choices > 0 && *r->message == '\0')
		snprintf(r->message, sizeof r->message, "not for sale, because a choice is needed "
		    "that cannot be ordered yet (%lld): %s%s", (long long)r->choices,
		    r->choice_names, r->named < r->choices ? ", …" : "");
	if (run_end(j, r, code == EX_OK ? "ok" : stopped ? "yielded" : "failed") == DB_OK)
		return code;
	log_warn("run_not_noted", "feed=%s why=%s", r->feed, db_error(j->db));
	return EX_TEMPFAIL;
}

void
run_show(const struct job *j, struct run *r)
{
	int64_t now = clock_ms(), took = now - r->started_ms, rate, left;
	char bar[BAR + 1];
	int filled;

	if (!j->terminal || j->quiet || now - r->shown_ms < SHOW_MS)
		return;
	r->shown_ms = now;
	rate = took > 0 ? r->seen * MS / took : 0;
	if (r->expected == 0) {
		printf("\r\033[K%s %lld  %lld/s", r->feed, (long long)r->seen, (long long)rate);
	} else {
		filled = r->seen >= r->expected ? BAR : (int)(r->seen * BAR / r->expected);
		memset(bar, '#', (size_t)filled);
		memset(bar + filled, '.', (size_t)(BAR - filled));
		bar[BAR] = '\0';
		left = rate > 0 && r->expected > r->seen ? (r->expected - r->seen) / rate : 0;
		printf("\r\033[K%s [%s] %lld of about %lld  %lld/s  %lld s left", r->feed, bar,
		    (long long)r->seen, (long long)r->expected, (long long)rate, (long long)left);
	}
	fflush(stdout);
}

int
run_forget_mark(struct job *j, const char *feed)
{
	return db_run(j->db, &sql[FORGET_MARK], "s", feed);
}

void
run_note_choice(struct run *r, const char *name)
{
	size_t at = strlen(r->choice_names), room = sizeof r->choice_names - at;

	r->bad++;
	r->choices++;
	if (strlen(name) + 2 >= room)
		return;
	snprintf(r->choice_names + at, room, "%s%s", at == 0 ? "" : ", ", name);
	r->named++;
}

int
run_make_full(struct job *j, struct run *r)
{
	int rc = db_begin(j->db);

	if (rc != DB_OK)
		return rc;
	r->is_full = 1;
	rc = db_run(j->db, &sql[MAKE_FULL], "i", r->id);
	return db_end(j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

int
run_keep_mark_of(struct job *j, const struct run *r, const char *feed, const char *mark)
{
	return db_run(j->db, &sql[KEEP_MARK], "ssi", feed, mark, r->id);
}

int
run_keep_mark(struct job *j, const struct run *r, const char *mark)
{
	return run_keep_mark_of(j, r, r->feed, mark);
}

int
run_finish_mark(struct job *j, const struct run *r, const char *mark)
{
	int rc;

	if (*mark == '\0')
		return DB_OK;
	if ((rc = db_begin(j->db)) != DB_OK)
		return rc;
	rc = run_keep_mark(j, r, mark);
	return db_end(j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

const char *
run_mark(struct job *j, const char *feed)
{
	const char *mark = NULL;

	if (db_find(j->db, &sql[MARK], "s", feed) == 1)
		mark = arena_str(j->arena, db_text(&sql[MARK], 0));
	db_done(&sql[MARK]);
	return mark;
}
