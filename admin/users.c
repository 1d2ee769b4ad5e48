/*
 * users.c - accounts by the operator's hand; a password never is an argument
 *
 * Rules and audit are lib/shop/people's, which /admin/users shares.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "admin/command.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/utf8.h"
#include "lib/shop/contact.h"
#include "lib/shop/people.h"

enum { LINE = 256, NAME_POINTS = 100, MEMORY = 1 << 20, BRANCHES_TEXT = 1024, ID_DIGITS = 18 };

/* One line without its end; 0 or -1 when there is none or it is too long. */
static int
read_line(FILE *f, char *out)
{
	size_t n;

	if (fgets(out, LINE, f) == NULL)
		return -1;
	n = strcspn(out, "\r\n");
	if (out[n] == '\0' && n == LINE - 1)
		return -1;
	out[n] = '\0';
	return 0;
}

static int
ask_hidden(const char *prompt, char *out)
{
	struct termios old, quiet;
	int rc, is_terminal = tcgetattr(STDIN_FILENO, &old) == 0;

	if (is_terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs(prompt, stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	rc = read_line(stdin, out);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	return rc;
}

/* From the file, or typed (twice on a terminal). An exit code. */
static int
get_password(const char *file, char *out)
{
	char again[LINE];
	FILE *f;
	int rc;

	if (file != NULL) {
		if ((f = fopen(file, "re")) == NULL)
			return admin_fail(EX_NOINPUT, "%s: %s", file, strerror(errno));
		rc = read_line(f, out);
		fclose(f);
		return rc == 0 ? EX_OK : admin_fail(EX_DATAERR, "%s: no password in it", file);
	}
	if (ask_hidden("Password (8 to 72 bytes): ", out) == -1)
		return admin_fail(EX_DATAERR, "no password given");
	if (!isatty(STDIN_FILENO))
		return EX_OK;
	rc = ask_hidden("Once more: ", again) == 0 && strcmp(out, again) == 0;
	explicit_bzero(again, sizeof again);
	return rc ? EX_OK : admin_fail(EX_DATAERR, "the two passwords differ");
}

/* What came of it, in words. An exit code. */
static int
explain(struct db *db, int result, const char *who)
{
	switch (result) {
	case PEOPLE_DONE:
		return EX_OK;
	case PEOPLE_NOBODY:
		return admin_fail(EX_DATAERR, "no account %s: pos-admin user list", who);
	case PEOPLE_LAST_ADMIN:
		return admin_fail(EX_DATAERR, "%s is the last admin", who);
	case PEOPLE_NO_BRANCH:
		return admin_fail(EX_DATAERR, "no such branch: pos-admin branch list");
	default:
		return admin_fail(EX_IOERR, "%s", db_error(db));
	}
}

/* In one transaction: the person, the branches, the audit row. An exit code. */
static int
add(struct db *db, const struct user_new *u, const char *branches, int64_t *id)
{
	const struct people_change c = { .by = DB_NULL, .now = clock_now(), .blocked = -1,
		.branches = branches };
	int rc;

	if (db_begin(db) != DB_OK)
		return admin_fail(EX_TEMPFAIL, "the database is busy: %s", db_error(db));
	rc = people_add(db, u, &c, id);
	if (db_end(db, rc == PEOPLE_DONE) != DB_OK && rc == PEOPLE_DONE)
		rc = DB_ERROR;
	if (rc == PEOPLE_NOBODY)
		return admin_fail(EX_DATAERR, "%s is registered already", u->email);
	return explain(db, rc, u->email);
}

/* "1,2" as a JSON list. 0, or -1 for something else. */
static int
read_branches(const char *typed, char *out)
{
	size_t n = strlen(typed);

	if (n == 0 || n > BRANCHES_TEXT - 3 || strspn(typed, "0123456789,") != n ||
	    strstr(typed, ",,") != NULL || *typed == ',' || *typed == '0' ||
	    strstr(typed, ",0") != NULL || typed[n - 1] == ',')
		return -1;
	snprintf(out, BRANCHES_TEXT, "[%s]", typed);
	return 0;
}

static int
is_role(const char *role)
{
	return strcmp(role, "customer") == 0 || strcmp(role, "staff") == 0 ||
	    strcmp(role, "admin") == 0;
}

/* What is typed, checked. An exit code. */
static int
read_words(struct admin *a, struct user_new *u, char *email, char *phone, char *branches)
{
	const char *typed_phone = admin_option(a, "--phone"), *role = admin_option(a, "--role");
	const char *typed = admin_option(a, "--email"), *b = admin_option(a, "--branch");
	const char *bad = admin_unknown(a, 0,
	    "--email --name --role --phone --branch --password-file");

	if (bad != NULL)
		return admin_fail(EX_USAGE, "user add: %s is not an option, or has no value", bad);
	u->name = admin_option(a, "--name");
	if (typed == NULL || u->name == NULL)
		return admin_fail(EX_USAGE, "user add needs --email and --name");
	snprintf(email, LINE, "%s", typed);
	if (strlen(typed) >= LINE || contact_email(email) == -1)
		return admin_fail(EX_DATAERR, "--email %s: not an e-mail address", typed);
	if (*u->name == '\0' || !utf8_printable(u->name, strlen(u->name), 0) ||
	    utf8_length(u->name, strlen(u->name)) > NAME_POINTS)
		return admin_fail(EX_DATAERR, "--name: 1 to %d letters are expected", NAME_POINTS);
	if (typed_phone != NULL && contact_phone(typed_phone, phone) == -1)
		return admin_fail(EX_DATAERR, "--phone %s: expected as +380671234567", typed_phone);
	u->phone = typed_phone != NULL ? phone : NULL;
	u->email = email;
	u->role = role != NULL ? role : "customer";
	if (!is_role(u->role))
		return admin_fail(EX_DATAERR, "--role %s: customer, staff or admin", u->role);
	if (b != NULL && read_branches(b, branches) == -1)
		return admin_fail(EX_DATAERR, "--branch %s: ids of branches such as 1,2 are expected", b);
	return EX_OK;
}

int
admin_user_add(struct admin *a)
{
	char email[LINE], phone[CONTACT_PHONE_TEXT], password[LINE], hash[BCRYPT_TEXT];
	struct user_new u = { .locale = a->conf.default_language == 1 ? "en" : "uk",
		.password_hash = hash };
	char branches[BRANCHES_TEXT] = "";
	int64_t id = 0;
	struct db *db;
	int rc;

	if ((rc = read_words(a, &u, email, phone, branches)) != EX_OK)
		return rc;
	if ((rc = get_password(admin_option(a, "--password-file"), password)) != EX_OK)
		return rc;
	rc = crypt_password_hash(password, (int)a->conf.bcrypt_cost, hash);
	explicit_bzero(password, sizeof password);
	if (rc == -1)
		return admin_fail(EX_DATAERR, "a password has %d to %d bytes", PASSWORD_MIN,
		    PASSWORD_MAX);
	if ((db = admin_open(a, DB_WRITER)) == NULL)
		return EX_CONFIG;
	rc = add(db, &u, *branches != '\0' ? branches : NULL, &id);
	db_close(db);
	if (rc == EX_OK)
		printf("user %lld: %s, %s\n", (long long)id, u.email, u.role);
	return rc;
}

/* An id as it is typed; 0: it is none. */
static int64_t
read_id(const char *typed)
{
	size_t n = strspn(typed, "0123456789");

	return n > 0 && n <= ID_DIGITS && typed[n] == '\0' ? strtoll(typed, NULL, 10) : 0;
}

/* ---- list */

static void
print_person(const struct person *p)
{
	printf("%5lld  %-8s  %s, %s%s%s", (long long)p->id, p->role, p->email, p->name,
	    p->phone != NULL ? ", " : "", p->phone != NULL ? p->phone : "");
	if (strcmp(p->role, "staff") == 0)
		printf(", branches %s", p->branches);
	puts(p->is_blocked ? ", BLOCKED" : "");
}

/* All pages, up to what is counted. How many were printed, or a db_status. */
static int
print_all(struct db *db, struct people_query *q)
{
	struct person list[PEOPLE_LIMIT];
	struct people_page page;
	struct arena *a = arena_new(MEMORY);
	int n, printed = 0;

	if (a == NULL)
		return DB_ERROR;
	do {
		if ((n = people_list(db, a, q, list, &page)) < 0)
			break;
		for (int i = 0; i < n; i++)
			print_person(&list[i]);
		printed += n;
		q->offset += q->limit;
		arena_reset(a);
	} while (n == PEOPLE_LIMIT);
	arena_free(a);
	return n < 0 ? n : printed;
}

int
admin_user_list(struct admin *a)
{
	struct people_query q = { .role = admin_option(a, "--role"), .blocked = -1,
		.search = admin_option(a, "--search"), .limit = PEOPLE_LIMIT };
	const char *bad = admin_unknown(a, 0, "--role --search --branch");
	const char *branch = admin_option(a, "--branch");
	struct db *db;
	int n;

	if (bad != NULL)
		return admin_fail(EX_USAGE, "user list: %s is not an option, or has no value", bad);
	if (q.role != NULL && !is_role(q.role))
		return admin_fail(EX_DATAERR, "--role %s: customer, staff or admin", q.role);
	if (branch != NULL && (q.branch_id = read_id(branch)) == 0)
		return admin_fail(EX_DATAERR, "--branch %s: a branch's id is expected", branch);
	if ((db = admin_open(a, DB_READER)) == NULL)
		return EX_CONFIG;
	if ((n = print_all(db, &q)) < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	else if (n == 0)
		puts("nobody");
	db_close(db);
	return n < 0 ? EX_IOERR : EX_OK;
}

/* ---- role, block, unblock, password: of whom an id or an e-mail names */

/* The account's id, or 0; also for what is not in the database. */
static int64_t
find_who(struct db *db, const char *who)
{
	struct arena *a = arena_new(MEMORY);
	const char *hash;
	char email[LINE];
	int64_t id = read_id(who);

	if (a == NULL)
		return 0;
	if (strchr(who, '@') != NULL) {
		snprintf(email, sizeof email, "%s", who);
		if (contact_email(email) == -1 || user_find_login(db, a, email, &id, &hash) != 1)
			id = 0;
	}
	arena_free(a);
	return id;
}

/* hash NULL: the change; else a new password. An exit code. */
static int
change(struct admin *a, struct people_change *c, const char *hash)
{
	struct db *db = admin_open(a, DB_WRITER);
	int rc;

	if (db == NULL)
		return EX_CONFIG;
	c->by = DB_NULL;
	c->now = clock_now();
	if (db_begin(db) != DB_OK) {
		rc = admin_fail(EX_TEMPFAIL, "the database is busy: %s", db_error(db));
		db_close(db);
		return rc;
	}
	c->user_id = find_who(db, a->argv[0]);
	rc = hash != NULL ? people_set_password(db, c, hash) : people_change(db, c);
	if (db_end(db, rc == PEOPLE_DONE) != DB_OK && rc == PEOPLE_DONE)
		rc = DB_ERROR;
	rc = explain(db, rc, a->argv[0]);
	db_close(db);
	return rc;
}

int
admin_user_role(struct admin *a)
{
	struct people_change c = { .blocked = -1 };
	char branches[BRANCHES_TEXT];
	const char *typed;
	int rc;

	if (a->argc < 2 || admin_unknown(a, 2, "--branch") != NULL)
		return admin_fail(EX_USAGE, "user role: an id or e-mail and a role are expected");
	if (!is_role(a->argv[1]))
		return admin_fail(EX_DATAERR, "%s: customer, staff or admin", a->argv[1]);
	if ((typed = admin_option(a, "--branch")) != NULL) {
		if (read_branches(typed, branches) == -1)
			return admin_fail(EX_DATAERR, "--branch %s: ids of branches such as 1,2 are expected",
			    typed);
		c.branches = branches;
	}
	c.role = a->argv[1];
	if ((rc = change(a, &c, NULL)) == EX_OK)
		printf("%s: %s\n", a->argv[0], c.role);
	return rc;
}

static int
set_blocked(struct admin *a, int blocked)
{
	struct people_change c = { .blocked = blocked };
	const char *verb = blocked ? "block" : "unblock";
	int rc;

	if (a->argc != 1)
		return admin_fail(EX_USAGE, "user %s: an id or e-mail is expected", verb);
	if ((rc = change(a, &c, NULL)) == EX_OK)
		printf("%s: %sed\n", a->argv[0], verb);
	return rc;
}

int
admin_user_block(struct admin *a)
{
	return set_blocked(a, 1);
}

int
admin_user_unblock(struct admin *a)
{
	return set_blocked(a, 0);
}

int
admin_user_password(struct admin *a)
{
	struct people_change c = { .blocked = -1 };
	char password[LINE], hash[BCRYPT_TEXT];
	int rc;

	if (a->argc < 1 || admin_unknown(a, 1, "--password-file") != NULL)
		return admin_fail(EX_USAGE, "user password: an id or e-mail is expected");
	if ((rc = get_password(admin_option(a, "--password-file"), password)) != EX_OK)
		return rc;
	rc = crypt_password_hash(password, (int)a->conf.bcrypt_cost, hash);
	explicit_bzero(password, sizeof password);
	if (rc == -1)
		return admin_fail(EX_DATAERR, "a password has %d to %d bytes", PASSWORD_MIN,
		    PASSWORD_MAX);
	if ((rc = change(a, &c, hash)) == EX_OK)
		printf("%s: the password is set, and all sessions have ended\n", a->argv[0]);
	return rc;
}
