/* names.c - keys as words; see names.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/log.h"
#include "sync/names.h"
#include "sync/seen.h"
#include "sync/take.h"

enum { WORD = 8192, BATCH = 100 };	/* the longest address of a picture, with room */

enum { FIND, ADD, SET, DROP, NEXT, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[FIND] = { .sql = "SELECT id, word FROM pos_word WHERE list = ?1 AND key = ?2" },
	[ADD] = { .sql = "INSERT INTO pos_word (list, key, word) VALUES (?1, ?2, ?3)" },
	[SET] = { .sql = "UPDATE pos_word SET word = ?2 WHERE id = ?1" },
	[DROP] = { .sql = "DELETE FROM pos_word WHERE id = ?1" },
	[NEXT] = { .sql =
	    "SELECT id FROM pos_word WHERE list = ?1 AND id > ?2 ORDER BY id LIMIT ?3" },
};
DB_STATEMENTS(sql);

struct names {
	struct job *j;
	const char *list;	/* as in pos_word and sync_mark */
	enum pos_field field;
	struct run run;		/* counts of this list, for the bar; no row of sync_run */
	struct seen seen;
	int changed;		/* a word is another one, or gone */
	char word[WORD];
};

/* In the transaction of the change, so that no run can miss it. */
static int
note_change(struct names *n)
{
	n->changed = 1;
	return run_forget_mark(n->j, "products");
}

/* 0 or a db_status; what stands already is not written. */
static int
put_word(struct names *n, const char *key, const char *word)
{
	struct stmt *s = &sql[FIND];
	int rc = db_find(n->j->db, s, "ss", n->list, key), same;
	int64_t id;

	if (rc < 0)
		return rc;
	if (rc == 0) {
		rc = db_run(n->j->db, &sql[ADD], "sss", n->list, key, word);
		id = db_last_id(n->j->db);
	} else {
		id = db_int(s, 0);
		same = strcmp(db_text(s, 1), word) == 0;
		db_done(s);
		rc = same ? DB_OK : db_run(n->j->db, &sql[SET], "is", id, word);
		if (rc == DB_OK && !same)
			rc = note_change(n);
	}
	if (rc == DB_OK && seen_add(&n->seen, id) == -1)
		rc = DB_ERROR;
	return rc;
}

static int
drop_word(struct names *n, const char *key)
{
	int rc = db_find(n->j->db, &sql[FIND], "ss", n->list, key);
	int64_t id = rc == 1 ? db_int(&sql[FIND], 0) : 0;

	db_done(&sql[FIND]);
	if (rc <= 0)
		return rc;
	rc = db_run(n->j->db, &sql[DROP], "i", id);
	return rc != DB_OK ? rc : note_change(n);
}

static int
put_row(void *arg, const struct pos_row *row)
{
	struct names *n = arg;
	const struct pos_cell *word = &row->f[n->field];

	if (row->f[POS_IS_GONE].number)
		return drop_word(n, row->key);
	return word->text == NULL ? DB_OK : put_word(n, row->key, word->text);
}

static int
set_aside(void *arg, const char *key, const char *why)
{
	struct names *n = arg;

	log_warn("row_aside", "feed=%s key=%s why=%s", n->list, key != NULL ? key : "-", why);
	return DB_OK;
}

/* Those that a complete list did not name. */
static int
drop_missing(struct names *n)
{
	int64_t ids[BATCH], after = 0;
	struct stmt *s = &sql[NEXT];
	int count, rc = DB_OK;

	do {
		count = 0;
		rc = db_query(n->j->db, s, "sii", n->list, after, (int64_t)BATCH);
		while (rc == DB_OK && count < BATCH && (rc = db_row(n->j->db, s)) == 1) {
			ids[count++] = db_int(s, 0);
			rc = DB_OK;
		}
		db_done(s);
		if (count > 0)
			after = ids[count - 1];
		for (int i = 0; i < count && rc == DB_OK; i++) {
			if (seen_has(&n->seen, ids[i]))
				continue;
			if ((rc = db_begin(n->j->db)) != DB_OK)
				return rc;
			rc = db_run(n->j->db, &sql[DROP], "i", ids[i]);
			if (rc == DB_OK)
				rc = note_change(n);
			if (db_end(n->j->db, rc == DB_OK) != DB_OK)
				rc = DB_ERROR;
		}
	} while (rc == DB_OK && count == BATCH);
	return rc;
}

/* It was read to its end: 0 or a db_status. */
static int
finish(struct names *n, const struct run *r, const struct feed_end *end)
{
	int rc = DB_OK;

	if (end->complete && end->aside == 0)
		rc = drop_missing(n);
	if (rc != DB_OK || *end->mark == '\0')
		return rc;
	if ((rc = db_begin(n->j->db)) != DB_OK)
		return rc;
	rc = run_keep_mark_of(n->j, r, n->list, end->mark);
	return db_end(n->j->db, rc == DB_OK) == DB_OK ? rc : DB_ERROR;
}

/* An exit code. */
static int
read_all(struct names *n, struct run *r, enum feed_what what, const char *since)
{
	struct job *j = n->j;
	const struct taker taker = { put_row, set_aside, n };
	struct feed *f = feed_open(till_pos(j->till), &(struct feed_ask){ .what = what,
		.since = since, .bad_percent = (int)j->conf.sync_max_bad_percent });
	int more = 1, rc = DB_OK, code = EX_TEMPFAIL;

	if (f == NULL)
		return EX_OSERR;
	while (rc == DB_OK && !job_signalled() && (more = feed_page(f)) == 1)
		rc = take_page(j, &n->run, f, &taker);
	if (rc == DB_OK && more == 0)
		code = finish(n, r, feed_end(f)) == DB_OK ? EX_OK : EX_TEMPFAIL;
	else if (rc == DB_OK && more == -1)
		code = run_fail(r, feed_end(f)->outcome, feed_end(f)->message);
	if (code == EX_TEMPFAIL && *r->message == '\0')
		snprintf(r->message, sizeof r->message, "%s: %.300s", n->list, db_error(j->db));
	feed_close(f);
	return code;
}

int
names_load(struct job *j, struct run *r, enum feed_what what, struct names **out)
{
	struct pos *pos = till_pos(j->till);
	const char *since = NULL;
	struct names *n;
	int code;

	if (!feed_has(pos, what))
		return EX_OK;
	if ((n = *out = calloc(1, sizeof *n)) == NULL)
		return EX_OSERR;
	n->j = j;
	n->list = what == FEED_CATEGORIES ? "categories" : "images";
	n->field = what == FEED_CATEGORIES ? POS_NAME : POS_URL;
	n->run = (struct run){ .feed = n->list, .started_ms = r->started_ms };
	if (!r->is_full && feed_can_since(pos, what))
		since = run_mark(j, n->list);
	code = read_all(n, r, what, since);
	if (code == EX_OK && n->changed && !r->is_full && run_make_full(j, r) != DB_OK)
		code = EX_TEMPFAIL;
	return code;
}

void
names_free(struct names *n)
{
	if (n != NULL)
		seen_free(&n->seen);
	free(n);
}

const char *
names_find(struct names *n, const char *key)
{
	const char *found = NULL;

	if (n == NULL || key == NULL)
		return key;
	if (db_find(n->j->db, &sql[FIND], "ss", n->list, key) == 1) {
		snprintf(n->word, sizeof n->word, "%s", db_text(&sql[FIND], 1));
		found = n->word;
	}
	db_done(&sql[FIND]);
	return found;
}
