/*
 * user_show.c - user show: all about one account, and whether it is linked to a
 * client of the till
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"
#include "lib/base/clock.h"

enum { ID, MAIL, NAME, PHONE, ROLE, LOCALE, BLOCKED, CREATED, CLIENT, MADE, STATE, OUTCOME, WHY };

#define COLUMNS \
	"SELECT u.id, u.email, u.name, u.phone, u.role, u.locale, u.is_blocked, u.created_at," \
	" u.pos_client_id, u.pos_client_made, x.state, x.last_outcome, x.last_error" \
	" FROM users u LEFT JOIN outbox x ON x.id = (SELECT max(y.id) FROM outbox y" \
	" WHERE y.user_id = u.id AND y.kind = 'client')"

enum { BY_ID, BY_MAIL, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BY_ID] = { .sql = COLUMNS " WHERE u.id = ?1" },
	[BY_MAIL] = { .sql = COLUMNS " WHERE u.email = lower(?1)" },
};
DB_STATEMENTS(sql);

static const char *
or_dash(const char *s)
{
	return s != NULL ? s : "-";
}

static void
print_link(struct stmt *s)
{
	if (!db_is_null(s, CLIENT))
		printf("client at the till           %s (%s)\n", db_text(s, CLIENT),
		    db_int(s, MADE) ? "made by us" : "found by what was typed");
	else if (db_is_null(s, STATE))
		puts("client at the till           - (none was owed: pos-sync --only clients)");
	else
		printf("client at the till           - (%s, %s: %s)\n", db_text(s, STATE),
		    or_dash(db_text(s, OUTCOME)), or_dash(db_text(s, WHY)));
}

static void
print_account(struct stmt *s)
{
	char when[CLOCK_TEXT];

	clock_rfc3339(db_int(s, CREATED), when);
	printf("id                           %s\n", db_text(s, ID));
	printf("e-mail                       %s\n", db_text(s, MAIL));
	printf("name                         %s\n", db_text(s, NAME));
	printf("phone                        %s\n", or_dash(db_text(s, PHONE)));
	printf("role                         %s\n", db_text(s, ROLE));
	printf("language                     %s\n", db_text(s, LOCALE));
	printf("blocked                      %s\n", db_int(s, BLOCKED) ? "yes" : "no");
	printf("registered                   %s\n", when);
	print_link(s);
}

int
admin_user_show(struct admin *a)
{
	const char *who = a->argc == 1 ? a->argv[0] : NULL;
	struct stmt *s = &sql[who != NULL && strchr(who, '@') == NULL ? BY_ID : BY_MAIL];
	struct db *db;
	int rc;

	if (who == NULL)
		return admin_fail(EX_USAGE, "user show ID|E-MAIL; user list shows them");
	if ((db = admin_open(a, DB_READER)) == NULL)
		return EX_CONFIG;
	rc = s == &sql[BY_ID] ? db_find(db, s, "i", (int64_t)strtoll(who, NULL, 10)) :
	    db_find(db, s, "s", who);
	if (rc == 1)
		print_account(s);
	else if (rc < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	db_done(s);
	db_close(db);
	if (rc == 0)
		return admin_fail(EX_DATAERR, "no account %s: pos-admin user list", who);
	return rc < 0 ? EX_IOERR : EX_OK;
}
