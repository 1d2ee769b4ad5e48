/*
 * catalog_tidy.c - the search index in one piece again; see catalog_tidy.h
 *
 * The whole index is written once: 75 bytes a dish, so some 75 MB where there
 * are a million. The daily run does it, behind the rows that it prunes.
 */
#include "lib/base/clock.h"
#include "lib/shop/catalog_tidy.h"

enum {
	PAGES = 64,		/* of 512 bytes, written by a step: about 1 ms */
	HOLD_MS = DB_HOLD_MS / 2,
	IDLE = 2		/* rows changed by a step that found nothing to do, and less */
};

enum { TRIGRAM, WORD, INDEXES };
static struct stmt sql[INDEXES] = {
	/* below 0: all pieces become one, however few they are */
	[TRIGRAM] = { .sql =
	    "INSERT INTO product_trigram (product_trigram, rank) VALUES ('merge', ?1)" },
	[WORD] = { .sql = "INSERT INTO product_word (product_word, rank) VALUES ('merge', ?1)" },
};
DB_STATEMENTS(sql);

/* One transaction. *more: there is something left. Steps, or a db_status. */
static int64_t
merge_some(struct db *db, int which, int *more)
{
	int64_t steps = 0, before;
	int rc = db_begin(db), ended;

	if (rc != DB_OK)
		return rc;
	do {
		before = db_total_changes(db);
		rc = db_run(db, &sql[which], "i", (int64_t)-PAGES);
		*more = rc == DB_OK && db_total_changes(db) - before >= IDLE;
		steps += *more;
	} while (*more && db_hold_ms(db) < HOLD_MS);
	ended = db_end(db, rc == DB_OK);
	return rc != DB_OK ? rc : ended != DB_OK ? ended : steps;
}

int64_t
catalog_tidy(struct db *db, int64_t most_ms)
{
	int64_t sum = 0, n, until = clock_mono_ms() + most_ms;
	int more = 0;

	for (int which = 0; which < INDEXES; which++) {
		do {
			if ((n = merge_some(db, which, &more)) < 0)
				return n;
			sum += n;
		} while (more && clock_mono_ms() < until);
	}
	return sum;
}
