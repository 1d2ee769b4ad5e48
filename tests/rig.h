/*
 * rig.h - the API in this process: a shop in a folder of its own, asked
 * without a web server
 *
 *	rig_begin();
 *	rig_seed();
 *	rig_login("anna");
 *	a = rig_call("POST", "/cart/add", "{\"product_id\":1,\"quantity\":2}");
 *	ck_assert_int_eq(a->status, 200);
 *	ck_assert_str_eq(rig_digits(a, "/cart/subtotal"), "240.00");
 *	rig_end();
 *
 * Everything between the parameters of FastCGI and the bytes of the answer is
 * the real thing. Whatever these functions return lives until rig_end(), and
 * what cannot be had fails the test. Link with $(RIG_LIBS).
 */
#ifndef RIG_H
#define RIG_H

#include <check.h>
#include <stdint.h>

#undef fail	/* Check's old name for ck_abort_msg; ours is in request.h */
#include "app/request.h"

/* When every rig begins: a Friday, 13:00 in Kyiv. clock_set() moves on. */
#define RIG_NOW INT64_C(1779444000)
#define RIG_PASSWORD "correct horse"

void rig_begin(void);	/* bcrypt cost 4, no rate limits, locks waited for 200 ms */
void rig_end(void);
struct app *rig_app(void);
void rig_set(const char *key, const char *value);	/* a setting, "ORDER_MAX_OPEN" */
void rig_memory(size_t limit);				/* what a request may take; 0 = as in a worker */

/* A connection does not outlive fork(): close before it, open in parent and child. */
void rig_close(void);
void rig_open(void);
/* SIGKILL ourselves where the nth SQL statement of the next request begins. */
void rig_die_at(int nth);

/* ---- asking */

struct rig_reply {
	int status;
	const char *head;		/* "Status: 200\r\n…\r\n\r\n" */
	const char *text;		/* "" when the answer has no body */
	size_t len;
	const struct json *json;	/* NULL when it has none */
	int statements;			/* SQL statements that were run for it */
};

/* What a client may tell; NULL = does not. path with its query, as it is typed. */
struct rig_ask {
	const char *method, *path, *body, *type, *length, *token;
	const char *key, *etag, *language, *origin, *preflight, *host, *cookies;
	const char *remote;		/* NULL: 192.0.2.7 */
	const char *const *all;		/* "HTTP_X_SIGNATURE=…", up to NULL */
};

const struct rig_reply *rig_send(const struct rig_ask *);
/* rig_record.c: for tests/exchanges.test. */
void rig_record(const struct rig_ask *, const struct rig_reply *);
/* As whoever logged in last; body NULL = none. */
const struct rig_reply *rig_call(const char *method, const char *path, const char *body);
const struct rig_reply *rig_call_key(const char *method, const char *path, const char *body,
    const char *idempotency_key);

/* Become this person, who is made when there is none: NAME@example.com, phone
 * +38067 and a number, RIG_PASSWORD. The user's id. */
int64_t rig_login(const char *name);
int64_t rig_login_as(const char *name, const char *role);	/* "customer" "staff" "admin" */
void rig_logout(void);
const char *rig_token(void);	/* of whoever logged in last */

/*
 * So many processes at once, each with a connection of its own, call
 * work(0), work(1) … ; they begin together. A failed check in one fails the
 * test and ends the others. What they get from the rig dies with them: count
 * in the database.
 */
enum { RIG_WORKERS = 64 };
void rig_parallel(int workers, void (*work)(int worker));

/* ---- looking at an answer, by JSON pointer */

const char *rig_header(const struct rig_reply *, const char *name);	/* NULL when absent */
int rig_has(const struct rig_reply *, const char *pointer);		/* present and not null */
const char *rig_text(const struct rig_reply *, const char *pointer);
const char *rig_digits(const struct rig_reply *, const char *pointer);	/* "99.00" */
int64_t rig_int(const struct rig_reply *, const char *pointer);
int rig_true(const struct rig_reply *, const char *pointer);
int rig_count(const struct rig_reply *, const char *pointer);		/* elements */

/* status, and the machine code of a refusal */
#define rig_ok(reply, status_) do { \
	const struct rig_reply *got_ = (reply); \
	ck_assert_msg(got_->status == (status_), "status %d: %s", got_->status, got_->text); \
} while (0)
#define rig_refused(reply, status_, code_) do { \
	const struct rig_reply *refused_ = (reply); \
	rig_ok(refused_, status_); \
	ck_assert_str_eq(rig_text(refused_, "/code"), code_); \
} while (0)

/* ---- the database, and what was logged */

const char *rig_log(void);			/* all lines since rig_begin() */

void rig_sql(const char *statement);		/* in a transaction of its own */
int64_t rig_sql_int(const char *query);		/* first column of the first row */
const char *rig_sql_text(const char *query);

/* Two branches, three categories, ten dishes: see rig_seed.c. */
void rig_seed(void);

#endif
