/* contact.h - e-mail addresses and phone numbers in the one form that is stored */
#ifndef CONTACT_H
#define CONTACT_H

enum { CONTACT_EMAIL_MAX = 254, CONTACT_PHONE_INPUT_MAX = 32, CONTACT_PHONE_TEXT = 40 };

/* Lower case in place. 0, or -1 when it is no address (RFC 5321 lengths, a
 * dot-atom of RFC 5322 before the @, a domain of two labels behind it). */
int contact_email(char *address) __attribute__((warn_unused_result));

/* E.164 into out (CONTACT_PHONE_TEXT bytes): 0XXXXXXXXX, 380…, +380… with
 * blanks and dashes, other countries with + and 8 to 15 digits. 0 or -1. */
int contact_phone(const char *typed, char *out) __attribute__((warn_unused_result));

#endif
