/* contact.c - e-mail addresses and phone numbers; see contact.h */
#include <stddef.h>
#include <string.h>

#include "lib/shop/contact.h"

enum {
	LOCAL_MAX = 64, LABEL_MAX = 63,		/* RFC 5321 4.5.3.1, RFC 1035 2.3.4 */
	UKRAINE_DIGITS = 12,			/* 380 and nine */
	PHONE_MIN_DIGITS = 8, PHONE_MAX_DIGITS = 15	/* E.164 6.1 */
};

/* RFC 5322 dot-atom: what real addresses have before their @. */
static int
is_local_part(const char *s, size_t n)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~";

	if (n == 0 || n > LOCAL_MAX || s[0] == '.' || s[n - 1] == '.')
		return 0;
	for (size_t i = 0; i < n; i++)
		if (strchr(plain, s[i]) == NULL && (s[i] != '.' || s[i + 1] == '.'))
			return 0;
	return 1;
}

/* Two labels at least, the last one no number (RFC 3696 2). */
static int
is_domain(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n;
	int labels = 0;

	for (;;) {
		n = strspn(s, plain);
		if (n == 0 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
			return 0;
		labels++;
		if (s[n] == '\0')
			return labels > 1 && strspn(s, "0123456789") < n;
		if (s[n] != '.')
			return 0;
		s += n + 1;
	}
}

int
contact_email(char *address)
{
	const char *at;

	if (strlen(address) > CONTACT_EMAIL_MAX)
		return -1;
	for (char *c = address; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	at = strchr(address, '@');
	if (at == NULL || !is_local_part(address, (size_t)(at - address)) || !is_domain(at + 1))
		return -1;
	return 0;
}

int
contact_phone(const char *s, char *out)
{
	char digits[CONTACT_PHONE_INPUT_MAX];
	size_t n = 0;
	int plus = *s == '+';

	for (s += plus; *s != '\0'; s++) {
		if (*s == ' ' || *s == '-')
			continue;
		if (*s < '0' || *s > '9' || n == sizeof digits)
			return -1;
		digits[n++] = *s;
	}
	*out++ = '+';
	if (!plus && n == UKRAINE_DIGITS - 2 && digits[0] == '0') {
		memcpy(out, "38", 2);
		out += 2;
	} else if (n < PHONE_MIN_DIGITS || n > PHONE_MAX_DIGITS || digits[0] == '0') {
		return -1;
	} else if (memcmp(digits, "380", 3) == 0 ? n != UKRAINE_DIGITS : !plus) {
		return -1;
	}
	memcpy(out, digits, n);
	out[n] = '\0';
	return 0;
}

