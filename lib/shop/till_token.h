/*
 * till_token.h - a token that the till granted for a time, kept sealed
 *
 * Table pos_token: AES-256-GCM under a key derived from the key file, so that
 * neither the database nor a backup of it holds a token in clear. One for each
 * profile. It remembers from which first credential it descends: where that is
 * replaced in its file, what is kept here counts no longer.
 */
#ifndef TILL_TOKEN_H
#define TILL_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/db.h"

enum { TILL_TOKEN_TEXT = 4096 };

struct till_token {
	char token[TILL_TOKEN_TEXT], refresh_token[TILL_TOKEN_TEXT];
	int64_t granted_at, expires_at;		/* unix seconds; expires_at 0 = not known */
	int is_old_key;				/* sealed under a key that signs no more */
};

/* 1 read; 0 none, or none that descends from `first`, or none that can be opened;
 * else a db_status. key_file: a path. */
int till_token_read(struct db *, const char *key_file, const char *profile, const char *first,
    struct till_token *) __attribute__((warn_unused_result));

/* A transaction of its own; sealed before it begins. 0, DB_ERROR when it cannot be
 * sealed, or a db_status. */
int till_token_keep(struct db *, const char *key_file, const char *profile, const char *first,
    const struct till_token *) __attribute__((warn_unused_result));

#endif
