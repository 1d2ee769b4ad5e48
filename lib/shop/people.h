/*
 * people.h - accounts as those who run the shop see and change them
 *
 * Shared by /admin/users and pos-admin. Each change is audited in the caller's
 * transaction, and whoever loses a right loses his sessions with it. There is
 * always an admin left.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"
#include "lib/shop/user.h"

enum {
	PEOPLE_LIMIT = 100,	/* of a page */
	PEOPLE_TOTAL = 10000,	/* counted no further */
	PEOPLE_BRANCHES = 100	/* one person works for */
};

struct person {
	int64_t id, is_blocked, created_at, updated_at;
	const char *email, *name, *phone, *role, *locale;
	const char *branches;		/* JSON: "[1,2]" */
};

struct people_query {
	const char *search;		/* an e-mail's beginning (with @), a phone's, or words
					 * of the name; NULL = all, the newest first */
	const char *role;		/* NULL = any */
	int64_t branch_id;		/* staff of this branch; 0 = any */
	int blocked;			/* 1, 0, or -1 = any */
	int64_t offset, limit;
};
struct people_page { int64_t total; int is_capped; };

/* Up to q->limit of them into list (PEOPLE_LIMIT long), texts in the arena. The
 * number, or a db_status. A search by name looks at the newest 20,000. */
int people_list(struct db *, struct arena *, const struct people_query *, struct person *list,
    struct people_page *) __attribute__((warn_unused_result));
/* 1 found, 0 not, else a db_status. */
int people_find(struct db *, struct arena *, int64_t id, struct person *)
    __attribute__((warn_unused_result));
void people_json(struct buf *, const char *key, const struct person *);

/* What is to stand; by: who wants it (DB_NULL = the operator's shell). */
struct people_change {
	int64_t by, user_id, now;
	const char *role;		/* NULL = stays */
	const char *branches;		/* JSON list of ids; NULL = stay */
	int blocked;			/* 1, 0, or -1 = stays */
};
enum people_result {
	PEOPLE_NOBODY,			/* no such account */
	PEOPLE_DONE,
	PEOPLE_SELF,			/* nobody blocks or demotes himself */
	PEOPLE_LAST_ADMIN,
	PEOPLE_NO_BRANCH		/* one of the branches is not there */
};
/* A people_result (all but DONE: roll back), or a db_status. */
int people_change(struct db *, const struct people_change *) __attribute__((warn_unused_result));

/* A new account with its branches. DONE and *id, NOBODY = the e-mail is taken,
 * NO_BRANCH, or a db_status. */
int people_add(struct db *, const struct user_new *, const struct people_change *, int64_t *id)
    __attribute__((warn_unused_result));

/* A new password; all sessions end. As people_change. */
int people_set_password(struct db *, const struct people_change *, const char *hash)
    __attribute__((warn_unused_result));

#endif
