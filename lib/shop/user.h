/*
 * user.h - people: customers and staff (G1, G2, G10)
 *
 * No function here hands out or compares a password; the hash leaves only
 * through user_find_login() and user_hash().
 */
#ifndef USER_H
#define USER_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/db.h"

struct user {
	int64_t id, is_blocked, created_at, updated_at;
	double latitude, longitude;	/* NaN = unknown */
	const char *email, *name, *phone, *address, *role, *locale;
};

/* 1 found, 0 not, else a db_status. Texts in arena. */
int user_find(struct db *, struct arena *, int64_t id, struct user *)
    __attribute__((warn_unused_result));
/* By e-mail (lower case). *id and *hash as they are stored. As user_find. */
int user_find_login(struct db *, struct arena *, const char *email, int64_t *id, const char **hash)
    __attribute__((warn_unused_result));

/* 1 added (*id), 0 the e-mail is taken, else a db_status. */
struct user_new { const char *email, *password_hash, *name, *phone, *role, *locale; };
int user_add(struct db *, const struct user_new *, int64_t now, int64_t *id)
    __attribute__((warn_unused_result));

/* What a person may change of himself: name, phone, locale, address with its
 * coordinates, and updated_at. 0 or a db_status. */
int user_save(struct db *, const struct user *) __attribute__((warn_unused_result));

/* The stored hash, as user_find_login() gives it. */
int user_hash(struct db *, struct arena *, int64_t id, const char **hash)
    __attribute__((warn_unused_result));
int user_set_password(struct db *, int64_t id, const char *hash, int64_t now)
    __attribute__((warn_unused_result));
/* The same password, hashed at another cost: no change that anybody made. */
int user_renew_hash(struct db *, int64_t id, const char *hash)
    __attribute__((warn_unused_result));

/* id email name phone address latitude longitude locale role created_at updated_at */
void user_json(struct buf *, const char *key, const struct user *);

#endif
