/* users.c - user add: a person with a role; the password never is an argument */
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
#include "lib/shop/audit.h"
#include "lib/shop/contact.h"
#include "lib/shop/user.h"

enum { LINE = 256, NAME_POINTS = 100, BRANCH_STATEMENT = 0, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BRANCH_STATEMENT] = { .sql =
	    "INSERT INTO staff_branch (user_id, branch_id) SELECT ?1, id FROM branch WHERE id = ?2" },
};
DB_STATEMENTS(sql);

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

/* In one transaction: the person, the branch, the audit row. An exit code. */
static int
add(struct db *db, const struct user_new *u, int64_t branch, int64_t *id)
{
	char object[AUDIT_OBJECT];
	int rc;

	if (db_begin(db) != DB_OK)
		return admin_fail(EX_TEMPFAIL, "the database is busy: %s", db_error(db));
	rc = user_add(db, u, clock_now(), id);
	if (rc == 1 && branch != 0) {
		rc = db_run(db, &sql[BRANCH_STATEMENT], "ii", *id, branch) == DB_OK ? 1 : DB_ERROR;
		if (rc == 1 && db_changes(db) == 0) {
			(void)!db_end(db, 0);
			return admin_fail(EX_DATAERR, "no branch %lld: pos-admin branch list",
			    (long long)branch);
		}
	}
	if (rc == 1 && audit_add(db, DB_NULL, "user.add", audit_object(object, "user", *id), NULL) !=
	    DB_OK)
		rc = DB_ERROR;
	if (db_end(db, rc == 1) != DB_OK || rc < 0)
		return admin_fail(EX_IOERR, "%s", db_error(db));
	return rc == 1 ? EX_OK : admin_fail(EX_DATAERR, "%s is registered already", u->email);
}

/* What is typed, checked. An exit code. */
static int
read_words(struct admin *a, struct user_new *u, char *email, char *phone, int64_t *branch)
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
	if (strcmp(u->role, "customer") != 0 && strcmp(u->role, "staff") != 0 &&
	    strcmp(u->role, "admin") != 0)
		return admin_fail(EX_DATAERR, "--role %s: customer, staff or admin", u->role);
	*branch = b != NULL ? strtoll(b, NULL, 10) : 0;
	if (b != NULL && *branch <= 0)
		return admin_fail(EX_DATAERR, "--branch %s: a branch's id is expected", b);
	return EX_OK;
}

int
admin_user_add(struct admin *a)
{
	char email[LINE], phone[CONTACT_PHONE_TEXT], password[LINE], hash[BCRYPT_TEXT];
	struct user_new u = { .locale = a->conf.default_language == 1 ? "en" : "uk",
		.password_hash = hash };
	int64_t branch = 0, id = 0;
	struct db *db;
	int rc;

	if ((rc = read_words(a, &u, email, phone, &branch)) != EX_OK)
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
	rc = add(db, &u, branch, &id);
	db_close(db);
	if (rc == EX_OK)
		printf("user %lld: %s, %s\n", (long long)id, u.email, u.role);
	return rc;
}
