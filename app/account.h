/* account.h - what handlers of accounts share */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "app/request.h"

/* The text of a password as it was typed, min to max bytes: never trimmed, never
 * in a message. NULL or too long with its fault noted. */
const char *account_password(struct request *, const char *name, size_t min, size_t max);

#endif
