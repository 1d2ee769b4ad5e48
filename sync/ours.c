/* ours.c - our open branches by the till's keys; see ours.h */
#include <stdlib.h>
#include <string.h>

#include "sync/ours.h"

enum { BRANCHES, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BRANCHES] = { .sql =
	    "SELECT id, pos_branch_id FROM branch WHERE +is_active = 1 AND id > ?1"
	    " ORDER BY id LIMIT 2000" },
};
DB_STATEMENTS(sql);

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct our_branch *)a)->key, ((const struct our_branch *)b)->key);
}

int
ours_load(struct job *j, struct arena *arena, struct ours *o)
{
	struct stmt *s = &sql[BRANCHES];
	int rc = db_query(j->db, s, "i", INT64_C(0));

	o->count = 0;
	while (rc == DB_OK && o->count < OURS_MAX && (rc = db_row(j->db, s)) == 1) {
		o->list[o->count].id = db_int(s, 0);
		o->list[o->count].key = arena_str(arena, db_text(s, 1));
		rc = o->list[o->count++].key == NULL ? DB_ERROR : DB_OK;
	}
	db_done(s);
	qsort(o->list, o->count, sizeof *o->list, by_key);
	return rc;
}

const struct our_branch *
ours_find(const struct ours *o, const char *key)
{
	struct our_branch want = { .key = key };

	return bsearch(&want, o->list, o->count, sizeof *o->list, by_key);
}
