/*
 * dialect_verbs.c - what a test asks of a till that plays a vendor, and what it
 * tells it: which state an order is in there
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/store.h"

enum { ASKED, COMPLAINTS, MARK, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[ASKED] = { "SELECT method, path, query, body FROM asked WHERE ?1 IS NULL"
	    " OR substr(path, 1, length(?1)) = ?1"
	    " OR substr(method || ' ' || path, 1, length(?1)) = ?1 ORDER BY seq", NULL },
	[COMPLAINTS] = { "SELECT method, path, complaint, query, body FROM asked"
	    " WHERE complaint IS NOT NULL ORDER BY seq", NULL },
	/* a number stays one, anything else is text */
	[MARK] = { "UPDATE taken SET marks = json_set(marks, '$.' || ?2,"
	    " CASE WHEN json_valid(?3) THEN json(?3) ELSE ?3 END) WHERE id = ?1 OR seq = ?1", NULL },
};

int
verb_asked(const struct options *opt)
{
	struct store *s = store_open(opt->db);

	store_query(s, &sql[ASKED], "s", opt->on);
	while (store_row(s, &sql[ASKED]))
		printf("%s %s %s %s\n", store_text(&sql[ASKED], 0), store_text(&sql[ASKED], 1),
		    store_text(&sql[ASKED], 2), store_text(&sql[ASKED], 3));
	store_close(s);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int
verb_complaints(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	int any = 0;

	store_query(s, &sql[COMPLAINTS], "");
	while (store_row(s, &sql[COMPLAINTS])) {
		printf("%s %s: %s (%s %s)\n", store_text(&sql[COMPLAINTS], 0),
		    store_text(&sql[COMPLAINTS], 1), store_text(&sql[COMPLAINTS], 2),
		    store_text(&sql[COMPLAINTS], 3), store_text(&sql[COMPLAINTS], 4));
		any = 1;
	}
	store_close(s);
	return fflush(stdout) == 0 ? any : EX_IOERR;
}

int
verb_mark(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	int64_t changed;

	store_begin(s);
	store_run(s, &sql[MARK], "sss", opt->arg[0], opt->arg[1], opt->arg[2]);
	changed = store_changes(s);
	store_commit(s);
	store_close(s);
	if (changed == 0)
		refuse(EX_DATAERR, "no such order: %s", opt->arg[0]);
	return EX_OK;
}
