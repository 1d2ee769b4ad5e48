/*
 * money.c - kopecks in an int64_t, checked; never a float
 *
 * Decimal text is read digit by digit, so 99.99 is 9999 and nothing near it.
 * The same reader serves kilometres and weights, with another scale.
 */
#include <ctype.h>
#include <stddef.h>

#include "lib/base/money.h"

enum { MAX_SCALE = 18 };	/* 10^18 is the last power within int64_t */

/* One more decimal digit; -1 when it does not fit any more. */
static int
push(int64_t *n, int digit)
{
	return __builtin_mul_overflow(*n, 10, n) ||
	    __builtin_add_overflow(*n, digit, n) ? -1 : 0;
}

/* Digits at *s onto *n; how many there were, or -1 for an overflow. */
static int
whole(const char **s, int64_t *n)
{
	int count = 0;

	for (; isdigit((unsigned char)**s); (*s)++) {
		if (push(n, **s - '0') == -1)
			return -1;
		count = 1;
	}
	return count;
}

/* The decimals: scale digits onto *n, missing ones as 0, further ones must be 0. */
static int
fraction(const char **s, int scale, int64_t *n)
{
	int given = 0, digit;

	for (; isdigit((unsigned char)**s); (*s)++) {
		digit = **s - '0';
		if (given < scale ? push(n, digit) == -1 : digit != 0)
			return -1;
		if (given < scale)
			given++;
	}
	for (; given < scale; given++)
		if (push(n, 0) == -1)
			return -1;
	return 0;
}

int
decimal_parse(const char *s, int scale, int64_t *out)
{
	int64_t n = 0;
	int minus;

	if (s == NULL || scale < 0 || scale > MAX_SCALE)
		return -1;
	if ((minus = *s == '-'))
		s++;
	if (whole(&s, &n) != 1)
		return -1;
	if (*s == '.' && !isdigit((unsigned char)*++s))
		return -1;
	if (fraction(&s, scale, &n) == -1 || *s != '\0')
		return -1;
	*out = minus ? -n : n;
	return 0;
}

static int
within(int64_t n)
{
	return n >= -MONEY_MAX && n <= MONEY_MAX;
}

int
money_parse(const char *s, int64_t *kopecks)
{
	int64_t n;

	if (decimal_parse(s, 2, &n) == -1 || !within(n))
		return -1;
	*kopecks = n;
	return 0;
}

void
money_format(int64_t kopecks, char out[MONEY_TEXT])
{
	uint64_t n = kopecks < 0 ? 0 - (uint64_t)kopecks : (uint64_t)kopecks;
	char text[MONEY_TEXT], *p = text + sizeof text;
	int digits = 0;

	while (digits < 3 || n > 0) {
		if (digits == 2)
			*--p = '.';
		*--p = (char)('0' + n % 10);
		n /= 10;
		digits++;
	}
	if (kopecks < 0)
		*--p = '-';
	while (p < text + sizeof text)
		*out++ = *p++;
	*out = '\0';
}

int
money_add(int64_t a, int64_t b, int64_t *sum)
{
	int64_t n;

	if (__builtin_add_overflow(a, b, &n) || !within(n))
		return -1;
	*sum = n;
	return 0;
}

int
money_times(int64_t price, int64_t quantity, int64_t *total)
{
	int64_t n;

	if (__builtin_mul_overflow(price, quantity, &n) || !within(n))
		return -1;
	*total = n;
	return 0;
}
