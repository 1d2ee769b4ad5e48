/* cursor.c - a place in a list as a text; see cursor.h */
#include <string.h>

#include "lib/base/crypt.h"
#include "lib/base/cursor.h"

enum { CHECK = 8, HEAD = CHECK + 16, BYTES = HEAD + CURSOR_KEY };

static void
put_number(unsigned char *to, int64_t n)
{
	for (int i = 7; i >= 0; i--, n = (int64_t)((uint64_t)n >> 8))
		to[i] = (unsigned char)((uint64_t)n & 0xFF);
}

static int64_t
get_number(const unsigned char *from)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | from[i];
	return (int64_t)n;
}

/* What the first CHECK bytes must be, of the len behind them. */
static void
check(const unsigned char *bytes, size_t len, const char *about, unsigned char out[SHA256_LEN])
{
	unsigned char text[BYTES + SHA256_LEN];

	crypt_sha256(about, strlen(about), text);
	memcpy(text + SHA256_LEN, bytes, len);
	crypt_sha256(text, SHA256_LEN + len, out);
}

void
cursor_write(const struct cursor *c, const char *about, char out[CURSOR_TEXT])
{
	unsigned char bytes[BYTES], sum[SHA256_LEN];
	size_t len = c->len < CURSOR_KEY ? c->len : CURSOR_KEY;

	put_number(bytes + CHECK, c->id);
	put_number(bytes + CHECK + 8, c->number);
	memcpy(bytes + HEAD, c->key, len);
	check(bytes + CHECK, HEAD - CHECK + len, about, sum);
	memcpy(bytes, sum, CHECK);
	crypt_base64url(bytes, HEAD + len, out, CURSOR_TEXT);
}

int
cursor_read(struct cursor *c, const char *about, const char *text)
{
	unsigned char bytes[BYTES], sum[SHA256_LEN];
	long n = crypt_unbase64url(text, strlen(text), bytes, sizeof bytes);

	if (n < HEAD)
		return -1;
	check(bytes + CHECK, (size_t)n - CHECK, about, sum);
	if (memcmp(bytes, sum, CHECK) != 0)
		return -1;
	*c = (struct cursor){ .id = get_number(bytes + CHECK),
		.number = get_number(bytes + CHECK + 8), .len = (size_t)n - HEAD };
	memcpy(c->key, bytes + HEAD, c->len);
	return 0;
}
