/* load.c - an order as the till's profile names it; see load.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "sync/load.h"

enum { ITEMS_MAX = 200, ADDRESS_MAX = 2048 };
enum { ORDER, ITEMS, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[ORDER] = { .sql =
	    "SELECT o.ref, o.number, o.order_type, b.pos_branch_id, o.notes, o.delivery_address,"
	    " o.delivery_fee, o.total_amount, o.pos_order_id, o.contact_name, o.contact_phone,"
	    " u.id, u.email, u.pos_client_id, o.created_at, o.status, o.cancel_requested_at,"
	    " EXISTS (SELECT 1 FROM outbox x WHERE x.order_id = o.id AND x.kind = 'order'"
	    " AND x.last_outcome = 'by_hand') FROM orders o"
	    " JOIN branch b ON b.id = o.branch_id JOIN users u ON u.id = o.user_id"
	    " WHERE o.id = ?1" },
	[ITEMS] = { .sql =
	    "SELECT pos_product_id, name, quantity, unit_price FROM order_item"
	    " WHERE order_id = ?1 ORDER BY id LIMIT 200" },
};
DB_STATEMENTS(sql);

/* One line for the courier: "вул. Хрещатик, 1, під'їзд 2, поверх 3, …". */
static const char *
address_line(struct arena *a, const char *json)
{
	static const struct { const char *name, *word; } parts[] = {
		{ "text", "" }, { "apartment", "кв. " }, { "entrance", "під'їзд " },
		{ "floor", "поверх " }, { "intercom", "домофон " }, { "comment", "" },
	};
	struct buf b = BUF_INIT(ADDRESS_MAX);
	struct json_fault fault;
	const struct json *j;
	const char *s;

	if (json == NULL || (j = json_parse(a, json, strlen(json), &fault)) == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		s = json_text(json_member(j, parts[i].name));
		if (s == NULL || *s == '\0')
			continue;
		buf_str(&b, b.len > 0 ? ", " : "");
		buf_str(&b, parts[i].word);
		buf_str(&b, s);
	}
	s = b.failed ? NULL : arena_str(a, b.s);
	buf_free(&b);
	return s;
}

static int
load_items(struct db *db, struct arena *a, int64_t id, struct pos_order *o)
{
	struct pos_item *list = arena_get(a, ITEMS_MAX * sizeof *list);
	struct stmt *s = &sql[ITEMS];
	int rc;

	if (list == NULL || (rc = db_query(db, s, "i", id)) != DB_OK)
		return DB_ERROR;
	while ((rc = db_row(db, s)) == 1) {
		list[o->item_count] = (struct pos_item){
			.key = arena_str(a, db_text(s, 0)), .name = arena_str(a, db_text(s, 1)),
			.qty = db_int(s, 2), .price = db_int(s, 3),
		};
		/* a line without its key would be left out of what is sent */
		if (list[o->item_count].key == NULL || list[o->item_count++].name == NULL) {
			db_done(s);
			return DB_ERROR;
		}
	}
	o->items = list;
	return rc == 0 ? 1 : rc;
}

int
load_order(struct db *db, struct arena *a, int64_t id, const char *key, struct loaded_order *l)
{
	struct stmt *s = &sql[ORDER];
	int rc = db_find(db, s, "i", id);

	if (rc != 1)
		return rc;
	*l = (struct loaded_order){ .id = id, .created_at = db_int(s, 14),
		.status = order_status_parse(db_text(s, 15)), .cancel_asked = !db_is_null(s, 16),
		.by_hand = db_int(s, 17) == 1 };
	l->pos = (struct pos_order){
		.key = key,
		.ref = arena_str(a, db_text(s, 0)),
		.number = arena_printf(a, "%lld", (long long)db_int(s, 1)),
		.type = arena_str(a, db_text(s, 2)),
		.branch = arena_str(a, db_text(s, 3)),
		.comment = arena_str(a, db_text(s, 4)),
		.address = arena_str(a, db_text(s, 5)),
		.fee = db_int(s, 6),
		.total = db_int(s, 7),
		.pos_id = arena_str(a, db_text(s, 8)),
		.customer = {
			.name = arena_str(a, db_text(s, 9)),
			.phone = arena_str(a, db_text(s, 10)),
			.ref = arena_printf(a, "%lld", (long long)db_int(s, 11)),
			.email = arena_str(a, db_text(s, 12)),
			.id = arena_str(a, db_text(s, 13)),
		},
	};
	db_done(s);
	l->pos.address_text = address_line(a, l->pos.address);
	return load_items(db, a, id, &l->pos);
}
