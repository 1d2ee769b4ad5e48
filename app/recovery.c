/*
 * recovery.c - a forgotten password
 *
 * Asking does the same for every address: one row is owed to the mail lane,
 * and whether there is an account is looked at by who makes the mail. So
 * neither words nor time tell a stranger anything.
 */
#include "app/account.h"
#include "app/guess.h"
#include "app/handlers.h"
#include "app/limits.h"
#include "app/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/mail.h"
#include "lib/shop/recovery.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"

enum { TOKEN_MAX = 128 };

enum problem
auth_forgot_prepare(struct request *r)
{
	const char *email = NULL;

	field_email(r, r->body, "email", &email);
	if (fields_end(r) != OK)
		return r->problem;
	r->work = (void *)(uintptr_t)email;
	return limit_check_alone(r, LIMIT_FORGOT, email);
}

/* Once in a worker's life: an operator who has no mail server knows it. */
static void
complain(void)
{
	static int told;

	if (!told)
		log_warn("mail_not_configured", "setting=SMTP_URL");
	told = 1;
}

enum problem
auth_forgot_apply(struct request *r)
{
	int rc = DB_OK;

	if (mail_is_on(&r->app->conf))
		rc = mail_owe_reset(r->app->db, r->work);
	else
		complain();
	if (rc != DB_OK)
		return fail_db(r, rc);
	json_open(r->out, NULL, '{');
	json_put_int(r->out, "expires_in", RECOVERY_S);
	json_close(r->out, '}');
	r->status = 202;
	return OK;
}

struct resetting {
	const char *token;
	char hash[BCRYPT_TEXT];
	int in_cookie;
};

/* OK and whose it is, or the one refusal for all that is wrong with a token. */
static enum problem
find(struct request *r, const struct resetting *s, int64_t *user_id)
{
	int rc = recovery_find(r->app->db, s->token, clock_now(), user_id);

	if (rc == 1)
		return OK;
	return rc < 0 ? fail_db(r, rc) : fail(r, RESET_TOKEN_INVALID);
}

enum problem
auth_reset_prepare(struct request *r)
{
	struct resetting *s = arena_get(r->arena, sizeof *s);
	const char *password;
	int64_t user_id;

	if (s == NULL)
		return fail(r, TOO_LARGE);
	r->work = s;
	field_text(r, r->body, "token", FIELD_REQUIRED, 1, TOKEN_MAX, &s->token);
	password = account_password(r, "new_password", PASSWORD_MIN, PASSWORD_MAX);
	if (tokens_wanted(r, 0, &s->in_cookie) != OK || fields_end(r) != OK ||
	    find(r, s, &user_id) != OK)
		return r->problem;
	return crypt_password_hash(password, (int)r->app->conf.bcrypt_cost, s->hash) == 0 ? OK
	    : fail(r, INTERNAL);
}

/* Who reads the mailbox is the owner: in, and everybody else is out. */
enum problem
auth_reset_apply(struct request *r)
{
	const struct resetting *s = r->work;
	struct db *db = r->app->db;
	int64_t id = 0, now = clock_now();
	struct user u;
	int rc;

	if (find(r, s, &id) != OK)
		return r->problem;
	if ((rc = user_find(db, r->arena, id, &u)) != 1)
		return fail_db(r, rc < 0 ? rc : DB_ERROR);
	if (u.is_blocked)
		return fail(r, ACCOUNT_BLOCKED);
	if ((rc = user_set_password(db, id, s->hash, now)) != DB_OK ||
	    (rc = recovery_end(db, id)) != DB_OK ||
	    (rc = session_end_others(db, id, 0, now)) != DB_OK)
		return fail_db(r, rc);
	if (tokens_answer_new(r, id, s->in_cookie) == OK)
		guess_know_device(r, u.email);
	return r->problem;
}
