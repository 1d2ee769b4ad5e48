/* money.h - kopecks in an int64_t, checked; never a float */
#ifndef MONEY_H
#define MONEY_H

#include <stdint.h>

/* The most a price, line or order may be: 10,000,000.00. */
#define MONEY_MAX INT64_C(1000000000)

/*
 * "99", "99.5", "99.50", "-1.25", "1e2" is refused; more than two decimals
 * only when the rest are zeros. 0, or -1 when it is no such number or past
 * ±MONEY_MAX.
 */
int money_parse(const char *, int64_t *kopecks) __attribute__((warn_unused_result));

enum { MONEY_TEXT = 24 };
void money_format(int64_t kopecks, char out[MONEY_TEXT]);	/* "99.00" */

/* 0, or -1 past ±MONEY_MAX. */
int money_add(int64_t a, int64_t b, int64_t *sum) __attribute__((warn_unused_result));
int money_times(int64_t price, int64_t quantity, int64_t *total)
    __attribute__((warn_unused_result));

/*
 * Decimal text to an integer count of 10^-scale: "2.5", 3 → 2500. As
 * money_parse, but bounded by int64_t only; scale 0 to 18.
 */
int decimal_parse(const char *, int scale, int64_t *) __attribute__((warn_unused_result));

#endif
