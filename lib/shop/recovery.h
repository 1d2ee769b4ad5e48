/*
 * recovery.h - the token that lets a person choose a new password
 *
 * It is derived from the key file when its mail is made, so that a mail can be
 * made again; only its SHA-256 is stored. Good for 30 minutes, and once.
 */
#ifndef RECOVERY_H
#define RECOVERY_H

#include <stdint.h>

#include "lib/base/db.h"
#include "lib/shop/keyring.h"

enum { RECOVERY_TEXT = 44, RECOVERY_S = 30 * 60 };

/* The token of a mail (its outbox row's own random key) for a user. 0 or -1. */
int recovery_token(struct keyring *, const char *key, int64_t user_id, char out[RECOVERY_TEXT])
    __attribute__((warn_unused_result));
/* It is good from now on; the caller's transaction. 0 or a db_status. */
int recovery_store(struct db *, int64_t user_id, const char *token, int64_t now)
    __attribute__((warn_unused_result));

/* Whose it is. 1, 0 (unknown, used, too old), else a db_status. */
int recovery_find(struct db *, const char *token, int64_t now, int64_t *user_id)
    __attribute__((warn_unused_result));
/* None of his is good any more. 0 or a db_status. */
int recovery_end(struct db *, int64_t user_id) __attribute__((warn_unused_result));

#endif
