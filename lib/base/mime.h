/*
 * mime.h - a mail as text: RFC 5322, in UTF-8 (RFC 2045, RFC 2047)
 *
 * Nothing that is put in can become a header: what holds a control character
 * or is no plain address is refused.
 */
#ifndef MIME_H
#define MIME_H

#include <stdint.h>

#include "lib/base/buf.h"

enum { MIME_ADDRESS = 256, MIME_NAME = 128 };

struct mime_mail {
	const char *from;	/* "shop@example.com" or "Shop <shop@example.com>" */
	const char *to;		/* "anna@example.com" */
	const char *subject;	/* one line, UTF-8 */
	const char *text;	/* plain, lines ended by \n */
	const char *id;		/* letters, digits, - and _: of Message-ID */
	int64_t date;		/* unix seconds */
};

/* "Name <address>" or "address" into its two parts. 0, or -1 when it is neither. */
int mime_split(const char *from, char name[MIME_NAME], char address[MIME_ADDRESS])
    __attribute__((warn_unused_result));

/* The whole message with CRLF. 0, or -1 when a part is refused or does not fit. */
int mime_write(struct buf *, const struct mime_mail *) __attribute__((warn_unused_result));

#endif
