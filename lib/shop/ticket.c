/*
 * ticket.c - signed, short-lived, for one connection; see ticket.h
 *
 * 40 bytes (user, session, milliseconds, 16 random ones; numbers big-endian)
 * and the HMAC of them. Keys differ by purpose, so no ticket passes for a mark
 * or for anything else that the shop signs.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/ticket.h"

#define PURPOSE "ticket"
#define MARK_PURPOSE "ticket mark"
enum { BODY = 24 + TICKET_ID, WHOLE = BODY + SHA256_LEN, MARK_LEN = 16 };

static void
put_int(uint8_t *p, int64_t n)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
}

static int64_t
get_int(const uint8_t *p)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return (int64_t)n;
}

int
ticket_give(struct keyring *keys, int64_t user_id, int64_t session_id, char out[TICKET_TEXT])
{
	uint8_t bytes[WHOLE];

	put_int(bytes, user_id);
	put_int(bytes + 8, session_id);
	put_int(bytes + 16, clock_ms());
	crypt_random(bytes + 24, TICKET_ID);
	if (keyring_mac(keys, PURPOSE, bytes, BODY, bytes + BODY) == -1)
		return -1;
	return crypt_base64url(bytes, WHOLE, out, TICKET_TEXT) == TICKET_TEXT - 1 ? 0 : -1;
}

int
ticket_read(struct keyring *keys, const char *text, struct ticket *t)
{
	uint8_t bytes[WHOLE];

	if (strnlen(text, TICKET_TEXT) != TICKET_TEXT - 1 ||
	    crypt_unbase64url(text, TICKET_TEXT - 1, bytes, sizeof bytes) != WHOLE ||
	    !keyring_mac_is(keys, PURPOSE, bytes, BODY, bytes + BODY))
		return -1;
	t->user_id = get_int(bytes);
	t->session_id = get_int(bytes + 8);
	t->issued_ms = get_int(bytes + 16);
	memcpy(t->id, bytes + 24, TICKET_ID);
	return 0;
}

int
ticket_mark(struct keyring *keys, const struct ticket *t, char out[TICKET_MARK])
{
	uint8_t sum[SHA256_LEN];

	if (keyring_mac(keys, MARK_PURPOSE, t->id, TICKET_ID, sum) == -1)
		return -1;
	return crypt_base64url(sum, MARK_LEN, out, TICKET_MARK) == TICKET_MARK - 1 ? 0 : -1;
}

int
ticket_mark_is(struct keyring *keys, const struct ticket *t, const char *mark)
{
	uint8_t sums[KEYRING_MAX][SHA256_LEN], bytes[MARK_LEN];
	size_t count;
	int is = 0;

	if (strnlen(mark, TICKET_MARK) != TICKET_MARK - 1 ||
	    crypt_unbase64url(mark, TICKET_MARK - 1, bytes, sizeof bytes) != MARK_LEN)
		return 0;
	count = keyring_macs(keys, MARK_PURPOSE, t->id, TICKET_ID, sums);
	for (size_t i = 0; i < count; i++)
		is |= crypt_equal(sums[i], bytes, MARK_LEN);
	return is;
}
