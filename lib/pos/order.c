/*
 * order.c - what a cashier must see of an order, in one line
 *
 * Tills often have no field for the kind of order, the delivery fee or how
 * it is paid. The line says it in the words of the people at the counter,
 * whatever language the shopper reads.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/money.h"
#include "lib/pos/order.h"

/* Whole hryvnias without ",00": what a cashier would write by hand. */
static void
short_money(int64_t kopecks, char out[MONEY_TEXT])
{
	if (kopecks % 100 == 0)
		snprintf(out, MONEY_TEXT, "%" PRId64, kopecks / 100);
	else
		money_format(kopecks, out);
}

const char *
order_summary(struct arena *a, const struct pos_order *o)
{
	char fee[MONEY_TEXT], total[MONEY_TEXT];
	const char *pay = o->paid ? "оплачено" : "оплата при отриманні";

	short_money(o->fee, fee);
	short_money(o->total, total);
	if (o->type != NULL && strcmp(o->type, "delivery") == 0)
		return arena_printf(a, "ДОСТАВКА %s грн · разом %s · %s", fee, total, pay);
	return arena_printf(a, "САМОВИВІЗ · разом %s · %s", total, pay);
}
