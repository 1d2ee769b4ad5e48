/*
 * outbox.c - outbox list, show, retry, resolve, resume: what is on its way to
 * the till, and what a person says about it
 *
 * The rules are lib/shop/outbox_hand.c's, which the board asks too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"
#include "lib/base/clock.h"
#include "lib/shop/outbox_hand.h"

enum { NUMBER_MAX = 100 };	/* bytes of the till's number */
enum { LIST_STOPPED, LIST_DUE, LIST_CLAIMED, LIST_SENT, SHOW, STATEMENTS };

#define LIST_COLUMNS \
	"SELECT x.id, x.kind, x.state, x.attempts, x.created_at, o.number, o.status," \
	" o.branch_name, x.last_outcome, x.last_error, x.user_id FROM outbox x" \
	" LEFT JOIN orders o ON o.id = x.order_id"

static struct stmt sql[STATEMENTS] = {
	[LIST_STOPPED] = { .sql = LIST_COLUMNS
	    " WHERE x.state IN ('uncertain', 'refused', 'parked') ORDER BY x.state, x.id LIMIT 500" },
	[LIST_DUE] = { .sql = LIST_COLUMNS
	    " WHERE x.lane = 'pos' AND x.state = 'due' ORDER BY x.next_ms, x.id LIMIT 500" },
	[LIST_CLAIMED] = { .sql = LIST_COLUMNS
	    " WHERE x.state = 'claimed' AND x.lease_ms > 0 ORDER BY x.lease_ms LIMIT 500" },
	[LIST_SENT] = { .sql = LIST_COLUMNS " WHERE x.id > 0 ORDER BY x.id DESC LIMIT 500" },
	[SHOW] = { .sql =
	    "SELECT x.id, x.lane, x.kind, x.state, x.mode, x.attempts, x.finds, x.idempotency_key,"
	    " x.created_at, x.sent_at, x.next_ms / 1000, x.lease_ms / 1000, x.last_outcome,"
	    " x.last_error, o.id, o.number, o.status, o.branch_name, o.pos_order_id"
	    " FROM outbox x LEFT JOIN orders o ON o.id = x.order_id WHERE x.id = ?1" },
};
DB_STATEMENTS(sql);

static const char *
or_dash(const char *s)
{
	return s != NULL ? s : "-";
}

/* An order's, an account's (of a client), or nobody's. */
static void
print_whose(struct stmt *s)
{
	printf("%lld  %s of ", (long long)db_int(s, 0), or_dash(db_text(s, 1)));
	if (db_is_null(s, 5) && !db_is_null(s, 10))
		printf("account %lld: ", (long long)db_int(s, 10));
	else
		printf("order № %lld (%s) at %s: ", (long long)(db_is_null(s, 5) ? 0 : db_int(s, 5)),
		    or_dash(db_text(s, 6)), or_dash(db_text(s, 7)));
}

/* Print what one statement finds: the number of rows, or a db_status. */
static int
print_rows(struct db *db, struct stmt *s)
{
	char when[CLOCK_TEXT];
	int n = 0, rc = db_query(db, s, "");

	while (rc == DB_OK && (rc = db_row(db, s)) == 1) {
		clock_rfc3339(db_int(s, 4), when);
		print_whose(s);
		printf("%s, %lld tries since %s; %s: %s\n", or_dash(db_text(s, 2)),
		    (long long)db_int(s, 3), when, or_dash(db_text(s, 8)), or_dash(db_text(s, 9)));
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

/* "12", or -1. */
static int64_t
row_id(const char *word)
{
	char *end;
	int64_t id = strtoll(word, &end, 10);

	return *end == '\0' && id > 0 ? id : -1;
}

/* A line for each fact; times are UTC, "-" is nothing. */
static void
print_row(struct stmt *s)
{
	static const struct { const char *name; int is_time; } facts[] = {
		{ "id", 0 }, { "lane", 0 }, { "kind", 0 }, { "state", 0 }, { "mode", 0 },
		{ "tries", 0 }, { "looks that found nothing", 0 }, { "idempotency key", 0 },
		{ "owed since", 1 }, { "the till may have it since", 1 }, { "next try", 1 },
		{ "claimed until", 1 }, { "last outcome", 0 }, { "last error", 0 }, { "order", 0 },
		{ "number", 0 }, { "status", 0 }, { "branch", 0 }, { "number at the till", 0 },
	};
	char when[CLOCK_TEXT];

	for (int i = 0; i < (int)(sizeof facts / sizeof *facts); i++) {
		if (facts[i].is_time && !db_is_null(s, i))
			clock_rfc3339(db_int(s, i), when);
		printf("%-28s %s\n", facts[i].name, facts[i].is_time && !db_is_null(s, i) ? when
		    : or_dash(db_text(s, i)));
	}
}

int
admin_outbox_show(struct admin *a)
{
	int64_t id = a->argc == 1 ? row_id(a->argv[0]) : -1;
	struct db *db;
	int rc;

	if (id == -1)
		return admin_fail(EX_USAGE, "outbox show ID; outbox list shows ids");
	if ((db = admin_open(a, DB_READER)) == NULL)
		return EX_CONFIG;
	if ((rc = db_find(db, &sql[SHOW], "i", id)) == 1)
		print_row(&sql[SHOW]);
	else if (rc < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	db_done(&sql[SHOW]);
	db_close(db);
	if (rc == 0)
		return admin_fail(EX_DATAERR, "there is no row %lld: outbox list", (long long)id);
	return rc < 0 ? EX_IOERR : EX_OK;
}

/* ---- what a person says */

enum says { RETRY, FOUND, ABSENT, RESUME };

static const char *const said[] = {
	[RETRY] = "it is due; pos-sender takes it", [FOUND] = "it is at the till; nothing is sent",
	[ABSENT] = "it is sent again; pos-sender takes it", [RESUME] = "sending goes on",
};

static const struct { int code; const char *why; } answers[] = {
	[HAND_DONE] = { EX_OK, NULL },
	[HAND_IS_SO] = { EX_OK, "it is so already" },
	[HAND_NONE] = { EX_DATAERR, "there is no such row: outbox list" },
	[HAND_BUSY] = { EX_TEMPFAIL, "it is being sent at this moment: again in a minute" },
	[HAND_UNKNOWN] = { EX_DATAERR, "nobody knows whether the till has it: outbox resolve" },
	[HAND_AT_TILL] = { EX_DATAERR, "the till has it already: outbox show" },
	[HAND_OVER] = { EX_DATAERR, "it has ended, or is not about an order: outbox show" },
	[HAND_NO_STOCK] = { EX_DATAERR, "its portions are sold" },
};

static int
ask(struct db *db, enum says what, int64_t id, const char *number)
{
	switch (what) {
	case RETRY:
		return outbox_hand_retry(db, id, DB_NULL);
	case FOUND:
		return outbox_hand_found(db, id, number, DB_NULL);
	case ABSENT:
		return outbox_hand_absent(db, id, DB_NULL);
	default:
		return outbox_hand_resume(db, "pos", DB_NULL);
	}
}

static int
say(struct admin *a, enum says what, int64_t id, const char *number)
{
	struct db *db = admin_open(a, DB_WRITER);
	int rc;

	if (db == NULL)
		return EX_CONFIG;
	if ((rc = db_begin(db)) == DB_OK) {
		rc = ask(db, what, id, number);
		if (db_end(db, rc == HAND_DONE) != DB_OK)
			rc = DB_ERROR;
	}
	if (rc < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	db_close(db);
	if (rc < 0)
		return EX_IOERR;
	if (answers[rc].code != EX_OK)
		return admin_fail(answers[rc].code, "%s", answers[rc].why);
	puts(rc == HAND_DONE ? said[what] : answers[rc].why);
	return EX_OK;
}

int
admin_outbox_retry(struct admin *a)
{
	int64_t id = a->argc == 1 ? row_id(a->argv[0]) : -1;

	if (id == -1)
		return admin_fail(EX_USAGE, "outbox retry ID; outbox list shows ids");
	return say(a, RETRY, id, NULL);
}

int
admin_outbox_resolve(struct admin *a)
{
	int64_t id = a->argc > 0 ? row_id(a->argv[0]) : -1;
	int absent = a->argc == 2 && strcmp(a->argv[1], "--absent") == 0;
	int found = a->argc == 3 && strcmp(a->argv[1], "--found") == 0 && *a->argv[2] != '\0' &&
	    strlen(a->argv[2]) <= NUMBER_MAX;

	if (id == -1 || (!absent && !found))
		return admin_fail(EX_USAGE,
		    "outbox resolve ID --found NUMBER, or --absent; outbox list shows ids");
	return say(a, absent ? ABSENT : FOUND, id, absent ? NULL : a->argv[2]);
}

int
admin_outbox_resume(struct admin *a)
{
	if (a->argc != 0)
		return admin_fail(EX_USAGE, "outbox resume takes no words");
	return say(a, RESUME, 0, NULL);
}
