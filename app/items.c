/* items.c - lines of a cart as a client sends them */
#include "app/cart_store.h"
#include "app/field.h"
#include "app/items.h"

static void
read_wish(struct request *r, const struct json *from, struct items *items)
{
	struct wish *w = &items->list[items->count];

	r->field_at = arena_printf(r->arena, "items[%zu].", items->count);
	if (json_type(from) != JSON_OBJECT) {
		field_rule(r, "product_id", RULE_REQUIRED);
		return;
	}
	field_int(r, from, "product_id", FIELD_REQUIRED, 1, INT64_MAX, &w->product_id);
	field_int(r, from, "quantity", FIELD_REQUIRED, 1, QUANTITY_MAX, &w->quantity);
	for (size_t i = 0; i < items->count; i++)
		if (w->product_id != 0 && items->list[i].product_id == w->product_id)
			field_rule(r, "product_id", RULE_ONCE);
}

void
items_read(struct request *r, size_t most, struct items *items)
{
	const struct json *from = field_array(r, r->body, "items", FIELD_OPTIONAL, 0, most);

	*items = (struct items){ .is_told = from != NULL };
	if (from == NULL)
		return;
	items->list = arena_get(r->arena, (json_count(from) + 1) * sizeof *items->list);
	if (items->list == NULL) {
		fail(r, TOO_LARGE);
		return;
	}
	for (from = json_first(from); from != NULL; from = json_next(from)) {
		read_wish(r, from, items);
		items->count++;
	}
	r->field_at = NULL;
}
