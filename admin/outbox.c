/*
 * outbox.c - outbox list, retry, resume: what is on its way to the till
 *
 * retry only puts an uncertain row back into the queue, to be looked for first;
 * the sender's rules still decide what happens to it. A refused order has
 * failed and was told so: it is ordered again, never sent again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"
#include "lib/base/clock.h"
#include "lib/shop/audit.h"
#include "lib/shop/outbox.h"

enum { LIST_STOPPED, LIST_DUE, LIST_CLAIMED, LIST_SENT, RETRY, QUEUED, STATEMENTS };

#define LIST_COLUMNS \
	"SELECT x.id, x.kind, x.state, x.attempts, x.created_at, o.number, o.status," \
	" o.branch_name, x.last_outcome, x.last_error FROM outbox x" \
	" LEFT JOIN orders o ON o.id = x.order_id"

static struct stmt sql[STATEMENTS] = {
	[LIST_STOPPED] = { .sql = LIST_COLUMNS
	    " WHERE x.state IN ('uncertain', 'refused', 'parked') ORDER BY x.state, x.id LIMIT 500" },
	[LIST_DUE] = { .sql = LIST_COLUMNS
	    " WHERE x.lane = 'pos' AND x.state = 'due' ORDER BY x.next_ms, x.id LIMIT 500" },
	[LIST_CLAIMED] = { .sql = LIST_COLUMNS
	    " WHERE x.state = 'claimed' AND x.lease_ms > 0 ORDER BY x.lease_ms LIMIT 500" },
	[LIST_SENT] = { .sql = LIST_COLUMNS " WHERE x.id > 0 ORDER BY x.id DESC LIMIT 500" },
	[RETRY] = { .sql =
	    "UPDATE outbox SET state = 'due', mode = CASE WHEN sent_at IS NULL THEN 'send'"
	    " ELSE 'find' END, attempts = 0, finds = 0, next_ms = ?2, lease_ms = NULL,"
	    " updated_at = ?3 WHERE id = ?1 AND state = 'uncertain'" },
	[QUEUED] = { .sql =
	    "UPDATE orders SET submission = 'queued', attention = NULL, updated_at = ?2"
	    " WHERE id = (SELECT order_id FROM outbox WHERE id = ?1) AND status = 'pending'" },
};
DB_STATEMENTS(sql);

static const char *
or_dash(const char *s)
{
	return s != NULL ? s : "-";
}

/* Print what one statement finds: the number of rows, or a db_status. */
static int
print_rows(struct db *db, struct stmt *s)
{
	char when[CLOCK_TEXT];
	int n = 0, rc = db_query(db, s, "");

	while (rc == DB_OK && (rc = db_row(db, s)) == 1) {
		clock_rfc3339(db_int(s, 4), when);
		printf("%lld  %s of order № %lld (%s) at %s: %s, %lld tries since %s; %s: %s\n",
		    (long long)db_int(s, 0), or_dash(db_text(s, 1)),
		    (long long)(db_is_null(s, 5) ? 0 : db_int(s, 5)), or_dash(db_text(s, 6)),
		    or_dash(db_text(s, 7)), or_dash(db_text(s, 2)), (long long)db_int(s, 3), when,
		    or_dash(db_text(s, 8)), or_dash(db_text(s, 9)));
		n++;
		rc = DB_OK;
	}
	return rc == DB_OK ? n : rc;
}

int
admin_outbox_list(struct admin *a)
{
	int all = a->argc == 1 && strcmp(a->argv[0], "--all") == 0, rc = 0, n = 0;
	struct db *db;

	if (a->argc > all)
		return admin_fail(EX_USAGE, "outbox list [--all]");
	if ((db = admin_open(a, DB_READER)) == NULL)
		return EX_CONFIG;
	for (int i = all ? LIST_SENT : LIST_STOPPED; i <= (all ? LIST_SENT : LIST_CLAIMED); i++) {
		if ((rc = print_rows(db, &sql[i])) < 0)
			break;
		n += rc;
	}
	if (rc < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	else if (n == 0)
		puts("nothing is on its way");
	db_close(db);
	return rc < 0 ? EX_IOERR : EX_OK;
}

int
admin_outbox_retry(struct admin *a)
{
	int64_t id = a->argc == 1 ? strtoll(a->argv[0], NULL, 10) : 0, now = clock_now();
	char object[AUDIT_OBJECT];
	struct db *db;
	int found = 0, rc;

	if (id <= 0)
		return admin_fail(EX_USAGE, "outbox retry ID; outbox list shows ids");
	if ((db = admin_open(a, DB_WRITER)) == NULL)
		return EX_CONFIG;
	if ((rc = db_begin(db)) == DB_OK) {
		rc = db_run(db, &sql[RETRY], "iii", id, clock_ms(), now);
		found = rc == DB_OK && db_changes(db) == 1;
		if (found && (rc = db_run(db, &sql[QUEUED], "ii", id, now)) == DB_OK)
			rc = audit_add(db, DB_NULL, "outbox.retry",
			    audit_object(object, "outbox", id), NULL);
		if (db_end(db, rc == DB_OK) != DB_OK)
			rc = DB_ERROR;
	}
	if (rc != DB_OK)
		admin_fail(EX_IOERR, "%s", db_error(db));
	db_close(db);
	if (rc != DB_OK)
		return EX_IOERR;
	if (!found)
		return admin_fail(EX_DATAERR, "row %lld is not uncertain: outbox list", (long long)id);
	printf("row %lld is due; pos-sender takes it\n", (long long)id);
	return EX_OK;
}

int
admin_outbox_resume(struct admin *a)
{
	struct db *db;
	int rc;

	if (a->argc != 0)
		return admin_fail(EX_USAGE, "outbox resume takes no words");
	if ((db = admin_open(a, DB_WRITER)) == NULL)
		return EX_CONFIG;
	if ((rc = db_begin(db)) == DB_OK) {
		if ((rc = lane_resume(db, "pos")) == DB_OK)
			rc = audit_add(db, DB_NULL, "lane.resume", "lane pos", NULL);
		if (db_end(db, rc == DB_OK) != DB_OK)
			rc = DB_ERROR;
	}
	if (rc != DB_OK)
		admin_fail(EX_IOERR, "%s", db_error(db));
	else
		puts("sending goes on");
	db_close(db);
	return rc == DB_OK ? EX_OK : EX_IOERR;
}
