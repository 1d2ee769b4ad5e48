/*
 * show.c - a till's rows for people, as one line of JSON each
 *
 * For pos-sync --sample and --dry-run: what the profile made of a reply, under
 * the names that the profile gives to its fields, so that both lie side by side.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/pos/feed.h"
#include "lib/pos/rules.h"

enum { COORDINATE_DIGITS = 6 };

static const char *const lists[FEEDS] = {
	[FEED_BRANCHES] = "branches", [FEED_CATEGORIES] = "categories",
	[FEED_IMAGES] = "images", [FEED_PRODUCTS] = "products", [FEED_STOCK] = "stock",
};

const char *
feed_name(enum feed_what what)
{
	return lists[what];
}

int
feed_by_name(const char *name)
{
	for (int i = 0; i < FEEDS; i++)
		if (strcmp(name, lists[i]) == 0)
			return i;
	return -1;
}

static void
show_keys(struct buf *out, const char *name, const struct pos_cell *c)
{
	json_open(out, name, '[');
	for (size_t i = 0; i < c->key_count; i++)
		json_put_text(out, NULL, c->keys[i]);
	json_close(out, ']');
}

static void
show_cell(struct buf *out, const struct field *field, const struct pos_cell *c)
{
	switch (field->kind) {
	case FIELD_MONEY:
		json_put_money(out, field->name, c->number);
		break;
	case FIELD_QTY:
		json_put_int(out, field->name, c->number);
		break;
	case FIELD_BOOL:
		json_put_bool(out, field->name, c->number != 0);
		break;
	case FIELD_REAL:
		json_put_real(out, field->name, c->real, COORDINATE_DIGITS);
		break;
	case FIELD_JSON:
		json_put_raw(out, field->name, c->text);
		break;
	case FIELD_KEYS:
		show_keys(out, field->name, c);
		break;
	default:
		json_put_text(out, field->name, c->text);
	}
}

static void
show_cells(struct buf *out, const struct pos_cell *cells)
{
	for (int i = 0; i < POS_FIELDS; i++)
		if (cells[i].set)
			show_cell(out, &profile_fields[i], &cells[i]);
}

static void
show_subs(struct buf *out, const char *name, const struct pos_sub *subs, size_t count)
{
	if (count == 0)
		return;
	json_open(out, name, '[');
	for (size_t i = 0; i < count; i++) {
		json_open(out, NULL, '{');
		json_put_text(out, "key", subs[i].key);
		show_cells(out, subs[i].f);
		json_close(out, '}');
	}
	json_close(out, ']');
}

void
feed_show(const struct pos_row *row, struct buf *out)
{
	json_open(out, NULL, '{');
	json_put_text(out, "key", row->key);
	if (row->branch != NULL)
		json_put_text(out, "branch", row->branch);
	show_cells(out, row->f);
	show_subs(out, "branches", row->branches, row->branch_count);
	show_subs(out, "depots", row->depots, row->depot_count);
	json_close(out, '}');
}
