/* fuzz_money.c - amounts from outside; the first byte chooses a scale */
#include <string.h>

#include "lib/base/money.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TARGET(money)(const uint8_t *data, size_t n)
{
	char text[256], again[MONEY_TEXT];
	int64_t kopecks, back, count;

	if (n == 0 || n > sizeof text)
		return 0;
	memcpy(text, data + 1, n - 1);
	text[n - 1] = '\0';
	if (money_parse(text, &kopecks) == 0) {
		MUST(kopecks >= -MONEY_MAX && kopecks <= MONEY_MAX);
		MUST(decimal_parse(text, 2, &back) == 0 && back == kopecks);
		money_format(kopecks, again);
		MUST(money_parse(again, &back) == 0 && back == kopecks);
		MUST(money_add(kopecks, -kopecks, &back) == 0 && back == 0);
	}
	if (decimal_parse(text, data[0] % 20, &count) == 0) {
		money_format(count, again);
		MUST(decimal_parse(again, 2, &back) == 0 && back == count);
	}
	return 0;
}
